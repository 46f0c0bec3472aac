"""Which contacts have a place in the caps: made, or standing in the ledger."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, or_, select
from sqlmodel import Session, col

from campaigns.naming.aliases import Aliases
from campaigns.naming.names import Name
from campaigns.planning.ledger import Standing
from campaigns.planning.policy import ContactPolicy
from campaigns.store import observations, tables
from campaigns.store.aliases import aliases_of
from campaigns.terms import GHOST

__all__ = [
    "ASKED_AT_ONCE",
    "LIVE",
    "channel_that_counts",
    "households_of",
    "members_of",
    "only",
    "parts",
    "standing_of",
    "survivor",
    "survivors",
]

ASKED_AT_ONCE = 5_000
"""Persons whose history is looked up by number; for more of them it is read whole."""

LIVE = ("reserved", "committed", "settled")
"""States in which a contact may have its place."""

CONTACTS = ("send", "mail", "call", "sms", "store", GHOST)
REACHED_NOBODY = ("not reached", "bounced")


def households_of(session: Session, persons: Collection[int]) -> dict[int, str]:
    """Return the household of each person who has one; where several sources speak, the last that says something."""
    customer, identity = tables.Customer, tables.Identity
    statement: Any = (
        select(col(identity.person_id), col(customer.household_id))
        .join(customer, col(customer.identity_id) == col(identity.id))
        .where(col(customer.household_id).is_not(None))
        .order_by(col(customer.batch_id), col(customer.id))
    )
    return {row[0]: row[1] for row in session.execute(only(statement, col(identity.person_id), persons))}


def members_of(session: Session, households: Collection[str]) -> set[int]:
    """Return everybody who lives, or by some source lives, in one of these households."""
    customer, identity = tables.Customer, tables.Identity
    statement: Any = select(col(identity.person_id)).join(customer, col(customer.identity_id) == col(identity.id))
    if len(households) <= ASKED_AT_ONCE:
        statement = statement.where(col(customer.household_id).in_(households))
    else:
        statement = statement.where(col(customer.household_id).is_not(None))
    return set(session.execute(statement).scalars())


def standing_of(
    session: Session, persons: Collection[int], policy: ContactPolicy, days: Sequence[date], zone: ZoneInfo
) -> list[Standing]:
    """Return the contacts of persons that have a place near some days; a promise kept on its day counts once."""
    reach = timedelta(max([policy.gap_days, *(cap.days for cap in policy.caps)], default=0))
    first, last = min(days) - reach, max(days) + reach
    made = _made(session, persons, first, last, zone)
    kept = {(contact.person, contact.channel, contact.on) for contact in made}
    row = tables.Reservation
    person: Any = survivor()
    statement: Any = (
        select(person, col(row.channel), col(row.promotion), col(row.on))
        .join(tables.Person, col(tables.Person.id) == col(row.person_id))
        .where(col(row.state).in_(LIVE), col(row.keeps_place), col(row.on).between(first, last))
    )
    counts = channel_that_counts(aliases_of(session))
    promised = [
        Standing(who, counts(channel), promotion, on)
        for who, channel, promotion, on in session.execute(only(statement, person, persons))
    ]
    return [*made, *(one for one in promised if (one.person, one.channel, one.on) not in kept)]


def _made(session: Session, persons: Collection[int], first: date, last: date, zone: ZoneInfo) -> list[Standing]:
    touch, identity = tables.Touch, tables.Identity
    begin = datetime.combine(first, time(), zone).astimezone(UTC)
    end = datetime.combine(last + timedelta(1), time(), zone).astimezone(UTC)
    statement: Any = (
        select(
            col(identity.person_id),
            col(touch.promotion),
            col(touch.occurred_at),
            *(col(getattr(touch, name)) for name in ("channel", "campaign", "ad", "response_code")),
        )
        .join(touch, col(touch.identity_id) == col(identity.id))
        .where(
            col(touch.occurred_at) >= begin,
            col(touch.occurred_at) < end,
            col(touch.kind).in_(CONTACTS),
            or_(col(touch.outcome).is_(None), col(touch.outcome).not_in(REACHED_NOBODY)),
        )
    )
    plannable, counts = observations.plannable(session), channel_that_counts(aliases_of(session))
    return [
        Standing(person, channel, promotion, at.astimezone(zone).date())
        for person, promotion, at, *name in session.execute(only(statement, col(identity.person_id), persons))
        if (channel := counts(*name)) in plannable
    ]


def channel_that_counts(aliases: Aliases) -> Callable[..., str]:
    """Return what tells the channel that counts for a contact, by channel, campaign, ad and code as written."""

    @cache
    def counts(channel: str, campaign: str | None = None, ad: str | None = None, code: str | None = None) -> str:
        return aliases.of_contact(Name(channel, campaign, ad), code).channel if aliases else channel

    return counts


def survivor() -> Any:
    """Return the number of the person that a reservation's person has turned out to be."""
    return func.coalesce(col(tables.Person.merged_into), col(tables.Reservation.person_id))


def survivors(session: Session, persons: Collection[int]) -> dict[int, int]:
    """Return, of persons who turned out to be others, who they are."""
    table = tables.Person
    statement: Any = select(col(table.id), col(table.merged_into)).where(col(table.merged_into).is_not(None))
    return {row[0]: row[1] for row in session.execute(only(statement, col(table.id), persons))}


def only(statement: Any, person: Any, persons: Collection[int]) -> Any:
    """Look only at some persons, as long as they are few enough to be listed."""
    return statement.where(person.in_(persons)) if len(persons) <= ASKED_AT_ONCE else statement


def parts(ids: Sequence[int]) -> Iterator[Sequence[int]]:
    """Give numbers some at a time, as many as a query may list."""
    for first in range(0, len(ids), ASKED_AT_ONCE):
        yield ids[first : first + ASKED_AT_ONCE]
