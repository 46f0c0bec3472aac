"""What files tell of contacts that went out: outcomes of touches, opt-outs and addresses that bounced."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import and_, func, or_, select
from sqlmodel import Session, col

from campaigns.planning.ledger import OUTCOMES, WITHHELD
from campaigns.store import tables
from campaigns.store.aliases import aliases_of
from campaigns.store.database import Database
from campaigns.store.settling import Outcome, settle
from campaigns.store.standing import channel_that_counts, survivor
from campaigns.terms import GHOST

__all__ = ["settle_from_responses", "settle_from_touches"]

UTC_ZONE = ZoneInfo("UTC")

ANSWERED_WITHIN = {"opt_out": 30, "bounce": 7}
"""Days after a contact in which an opt-out or a bounce is taken for its outcome."""

MEANT = {"opt_out": "opted out", "bounce": "bounced"}


@dataclass(frozen=True)
class _Out:
    """A contact that went out and may be settled still."""

    id: int
    person: int
    channel: str
    on: date
    outcome: str | None


def settle_from_touches(database: Database, *, zone: ZoneInfo = UTC_ZONE, now: datetime | None = None) -> int:
    """Settle committed contacts by the outcomes of imported touches of their day; return how many were.

    A touch is of a contact's channel if both count as the same one, whatever the file calls it. Who is to be held back
    on a day still to come is not held back yet.
    """
    row, touch, identity = tables.Reservation, tables.Touch, tables.Identity
    with database.reading() as session:
        span = _span(session, ("committed",))
        if span is None:
            return 0
        counts = channel_that_counts(aliases_of(session))
        person: Any = survivor()
        found = session.execute(
            select(
                col(row.id),
                col(row.on),
                col(row.channel),
                col(touch.occurred_at),
                col(touch.outcome),
                col(touch.kind),
                *(col(getattr(touch, name)) for name in ("channel", "campaign", "ad", "response_code")),
            )
            .join(tables.Person, col(tables.Person.id) == col(row.person_id))
            .join(identity, col(identity.person_id) == person)
            .join(touch, col(touch.identity_id) == col(identity.id))
            .where(
                col(row.state) == "committed",
                col(touch.occurred_at) >= _midnight(span[0], zone),
                col(touch.occurred_at) < _midnight(span[1] + timedelta(1), zone),
                or_(
                    col(touch.outcome).is_not(None),
                    and_(col(touch.kind) == GHOST, col(touch.occurred_at) <= (now or datetime.now(UTC))),
                ),
            )
            # what was made outweighs what was to be held back
            .order_by(col(touch.kind) != GHOST, col(touch.occurred_at), col(touch.id))
        ).all()
    told = {
        number: Outcome(number, WITHHELD if kind == GHOST else outcome, at)
        for number, on, channel, at, outcome, kind, *name in found
        if at.astimezone(zone).date() == on and counts(*name) == counts(channel)
    }
    known = [one for one in told.values() if one.outcome in OUTCOMES]
    return settle(database, known, now=now) if known else 0


def settle_from_responses(database: Database, *, zone: ZoneInfo = UTC_ZONE, now: datetime | None = None) -> int:
    """Settle contacts by opt-outs and bounces that came soon after them; return how many were.

    Each is the outcome of the last contact before it through the same touch point, or through any where it names none.
    """
    response, identity = tables.Response, tables.Identity
    with database.reading() as session:
        span = _span(session, ("committed", "settled"))
        if span is None:
            return 0
        counts = channel_that_counts(aliases_of(session))
        out = _gone_out(session)
        answers = session.execute(
            select(col(identity.person_id), col(response.kind), col(response.channel), col(response.occurred_at))
            .join(response, col(response.identity_id) == col(identity.id))
            .where(
                col(response.kind).in_(MEANT),
                col(response.occurred_at) >= _midnight(span[0], zone),
            )
            .order_by(col(response.occurred_at), col(response.id))
        ).all()
    told: dict[int, Outcome] = {}
    for person, kind, channel, at in answers:
        day = at.astimezone(zone).date()
        contact = _answered(out.get(person, ()), kind, None if channel is None else counts(channel), day, counts)
        final = contact is not None and contact.id in told and told[contact.id].outcome == "opted out"
        if contact is not None and not final and contact.outcome != MEANT[kind]:
            told[contact.id] = Outcome(contact.id, MEANT[kind], at)
    return settle(database, list(told.values()), now=now) if told else 0


def _answered(contacts: Sequence[_Out], kind: str, channel: str | None, day: date, counts: Any) -> _Out | None:
    """Return the contact that an answer is about."""
    reach = timedelta(ANSWERED_WITHIN[kind])
    near = [
        one
        for one in contacts
        if one.on <= day <= one.on + reach
        and (channel is None or counts(one.channel) == channel)
        and one.outcome != "opted out"
    ]
    return max(near, key=lambda one: (one.on, one.id), default=None)


def _gone_out(session: Session) -> dict[int, list[_Out]]:
    row, person = tables.Reservation, survivor()
    found: dict[int, list[_Out]] = {}
    for number, who, channel, on, outcome in session.execute(
        select(col(row.id), person, col(row.channel), col(row.on), col(row.outcome))
        .join(tables.Person, col(tables.Person.id) == col(row.person_id))
        .where(col(row.state).in_(("committed", "settled")), col(row.ghost).is_(False))
    ):
        found.setdefault(who, []).append(_Out(number, who, channel, on, outcome))
    return found


def _span(session: Session, states: Sequence[str]) -> tuple[date, date] | None:
    """Return the first and the last day of contacts in some states, or None if there are none."""
    row = tables.Reservation
    first, last = session.execute(
        select(func.min(col(row.on)), func.max(col(row.on))).where(col(row.state).in_(states))
    ).one()
    return None if first is None else (first, last)


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
