"""One calendar per account for both teams: what was said and what is planned, day by day, clashes marked."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import Session, col

from campaigns.planning.policy import ContactPolicy
from campaigns.store import tables
from campaigns.store.database import Database
from campaigns.store.teams import locks_by_person
from campaigns.terms import CAUSES

__all__ = ["Entry", "account_calendar"]


@dataclass(frozen=True)
class Entry:
    """One thing on a day of an account's calendar.

    Parameters
    ----------
    team
        ``marketing``, ``sales`` or ``service``.
    what
        What happens, in words.
    who
        The customer it is about, or None for the account as a whole.
    owner
        The sales person behind it, or None.
    clash
        Whether marketing speaks on a day on which sales has the word.
    reservation_id
        Place in the ledger of a planned contact, for resolving a clash.
    """

    on: date
    team: str
    what: str
    who: str | None
    owner: str | None = None
    clash: bool = False
    reservation_id: int | None = None


def account_calendar(
    database: Database, policy: ContactPolicy, account_id: str, *, first: date, last: date, zone: ZoneInfo
) -> tuple[Entry, ...]:
    """Return what both teams did and will do with the people of an account from one day to another, by day."""
    with database.reading() as session:
        people = _people(session, account_id)
        entries = [
            *_planned(session, people, first, last),
            *_made(session, people, first, last, zone),
            *_sales(session, people, account_id, first, last, zone),
        ]
    days = (last - first).days + 1
    locks = locks_by_person(database, policy, today=first, days=days, zone=zone, persons=list(people))
    number = {name: person for person, name in people.items()}
    marked = [
        replace(entry, clash=True)
        if entry.reservation_id is not None
        and any(lock.starts_on <= entry.on <= lock.until for lock in locks.get(number.get(entry.who or "", -1), ()))
        else entry
        for entry in entries
    ]
    return tuple(sorted(marked, key=lambda entry: (entry.on, entry.team, entry.who or "", entry.what)))


def _people(session: Session, account_id: str) -> dict[int, str]:
    """Return the customers of an account, by person."""
    customer, identity = tables.Customer, tables.Identity
    rows = session.execute(
        select(col(identity.person_id), col(identity.value))
        .join(customer, col(customer.identity_id) == col(identity.id))
        .where(col(customer.account_id) == account_id, col(identity.kind) == "customer")
    )
    return {row[0]: row[1] for row in rows}


def _planned(session: Session, people: dict[int, str], first: date, last: date) -> Iterator[Entry]:
    row = tables.Reservation
    for one in session.execute(
        select(row).where(
            col(row.person_id).in_(people), col(row.on).between(first, last), col(row.state) != "released"
        )
    ).scalars():
        about = f" about {one.promotion}" if one.promotion else ""
        held = " (held back, to measure)" if one.ghost else ""
        state = {"reserved": "approved", "committed": "sent out"}.get(one.state, one.outcome or one.state)
        yield Entry(one.on, "marketing", f"{one.channel}{about}{held}: {state}", one.customer_id, reservation_id=one.id)


def _made(session: Session, people: dict[int, str], first: date, last: date, zone: ZoneInfo) -> Iterator[Entry]:
    touch, identity = tables.Touch, tables.Identity
    for person, channel, promotion, at in session.execute(
        select(col(identity.person_id), col(touch.channel), col(touch.promotion), col(touch.occurred_at))
        .join(identity, col(identity.id) == col(touch.identity_id))
        .where(
            col(identity.person_id).in_(people),
            col(touch.occurred_at) >= _begin(first, zone),
            col(touch.occurred_at) < _begin(last + timedelta(1), zone),
            col(touch.kind).in_(CAUSES),
            col(touch.kind) != "impression",
        )
    ):
        about = f" about {promotion}" if promotion else ""
        yield Entry(at.astimezone(zone).date(), "marketing", f"{channel}{about}: made", people[person])


def _sales(
    session: Session, people: dict[int, str], account_id: str, first: date, last: date, zone: ZoneInfo
) -> Iterator[Entry]:
    talk, hold, identity = tables.SalesActivity, tables.SalesHold, tables.Identity
    identities = {
        row[0]: row[1]
        for row in session.execute(
            select(col(identity.id), col(identity.person_id)).where(col(identity.person_id).in_(people))
        )
    }

    def about(table: Any) -> Any:
        return (col(table.account_id) == account_id) | col(table.identity_id).in_(identities)

    def name(row: Any) -> str | None:
        return people.get(identities.get(row.identity_id, -1))

    begin, end = _begin(first, zone), _begin(last + timedelta(1), zone)
    for one in session.execute(
        select(talk).where(about(talk), col(talk.occurred_at) >= begin, col(talk.occurred_at) < end)
    ).scalars():
        yield Entry(one.occurred_at.astimezone(zone).date(), "sales", one.kind, name(one), one.owner)
    deal = tables.Opportunity
    for sold in session.execute(select(deal).where(about(deal))).scalars():
        opened = sold.opened_on.astimezone(zone).date()
        closed = sold.closed_on.astimezone(zone).date() if sold.closed_on else None
        for day, words in (
            (opened, f"deal {sold.opportunity_id} opened"),
            (closed, f"deal {sold.opportunity_id} {sold.stage}"),
            (sold.expected_close_on if sold.stage == "open" else None, f"deal {sold.opportunity_id} expected to close"),
        ):
            if day is not None and first <= day <= last:
                yield Entry(day, "sales", words, name(sold), sold.owner)
    for held in session.execute(
        select(hold).where(
            (col(hold.account_id) == account_id) | col(hold.person_id).in_(people), col(hold.released_at).is_(None)
        )
    ).scalars():
        for day, words in ((held.starts_on, "hold begins"), (held.until, "hold ends")):
            if first <= day <= last:
                yield Entry(day, "sales", f"{words}: {held.reason}", held.customer_id, held.owner)


def _begin(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
