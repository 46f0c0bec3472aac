"""What happens to a plan after it was drafted: events, states, and what came of its contacts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select, update
from sqlmodel import Session, col

from campaigns.planning.ledger import Asked
from campaigns.planning.outcome import Answer
from campaigns.store import tables
from campaigns.store.database import Database
from campaigns.store.held_back import HELD_BACK
from campaigns.terms import PlannedContact

__all__ = [
    "Event",
    "asked_of",
    "events_of",
    "going_out",
    "known_until",
    "mark_contacts",
    "plan_row",
    "planned",
    "record_event",
    "reservations_of",
    "responses_after",
    "yielded_by_sales",
]


CONTACT_STATES = ("proposed", "reserved", "refused", "committed", "released")


@dataclass(frozen=True)
class Event:
    """Something that happened to a plan, and who did it."""

    at: datetime
    by: str
    event: str
    details: dict[str, Any]


def record_event(session: Session, plan_id: int, event: str, *, by: str, details: dict[str, Any] | None = None) -> None:
    """Write down what happened to a plan."""
    session.add(tables.PlanEvent(plan_id=plan_id, at=datetime.now(UTC), by=by, event=event, details=details or {}))


def events_of(database: Database, plan_id: int) -> tuple[Event, ...]:
    """Return what happened to a plan, in order."""
    row = tables.PlanEvent
    with database.reading() as session:
        rows = session.execute(select(row).where(col(row.plan_id) == plan_id).order_by(col(row.id))).scalars()
        return tuple(Event(one.at, one.by, one.event, one.details) for one in rows)


def plan_row(session: Session, plan_id: int) -> tables.Plan | None:
    """Return a plan's row, to be changed inside the transaction."""
    return session.get(tables.Plan, plan_id)


def planned(session: Session, plan_id: int, states: Sequence[str]) -> list[tuple[int, int, PlannedContact]]:
    """Return number, person and content of a plan's contacts in some states, in their rank."""
    row = tables.PlannedContact
    found = session.execute(
        select(row).where(col(row.plan_id) == plan_id, col(row.state).in_(states)).order_by(col(row.id))
    ).scalars()
    return [
        (
            one.id or 0,
            one.person_id,
            PlannedContact(
                one.customer_id,
                one.promotion,
                one.channel,
                one.on,
                one.expected_value,
                one.reason,
                one.probability,
                one.ghost,
                one.extra_responses,
            ),
        )
        for one in found
    ]


def going_out(session: Session, plan_id: int, state: str) -> list[PlannedContact]:
    """Return the contacts of a plan that are to be made, in their rank, held-back ones aside.

    Of a draft that is all it proposes; once it is approved, those alone that hold a place in the ledger.

    Parameters
    ----------
    state
        State of the plan.
    """
    contacts = planned(session, plan_id, CONTACT_STATES)
    if state != "draft":
        place = tables.Reservation
        held = session.execute(
            select(col(place.contact_id)).where(col(place.plan_id) == plan_id, col(place.state) != "released")
        )
        live = set(held.scalars())
        contacts = [one for one in contacts if one[0] in live]
    return [contact for _number, _person, contact in contacts if not contact.ghost]


def asked_of(number: int, person: int, contact: PlannedContact) -> Asked:
    """Return a planned contact as the ledger is asked for it."""
    return Asked(person, contact.customer_id, contact.channel, contact.promotion, contact.on, contact.ghost, number)


def mark_contacts(session: Session, plan_id: int, state: str, numbers: Sequence[int]) -> None:
    """Set the state of some of a plan's contacts."""
    row = tables.PlannedContact
    for first in range(0, len(numbers), 5_000):
        session.execute(
            update(row)
            .where(col(row.plan_id) == plan_id, col(row.id).in_(numbers[first : first + 5_000]))
            .values(state=state)
        )


def reservations_of(session: Session, plan_id: int, contacts: Sequence[int | None]) -> list[int]:
    """Return the numbers of the live places of some of a plan's contacts."""
    row, wanted = tables.Reservation, set(contacts)
    found = session.execute(
        select(col(row.id), col(row.contact_id)).where(col(row.plan_id) == plan_id, col(row.state) != "released")
    )
    return [number for number, contact in found if contact in wanted and number is not None]


def yielded_by_sales(session: Session, plan_id: int) -> set[int]:
    """Return the contacts of a plan that sales lets be made in spite of its locks."""
    row, resolution = tables.Reservation, tables.ClashResolution
    found = session.execute(
        select(col(row.contact_id))
        .join(resolution, col(resolution.reservation_id) == col(row.id))
        .where(col(row.plan_id) == plan_id, col(resolution.how) == "sales yields")
    ).scalars()
    return {number for number in found if number is not None}


def known_until(session: Session, zone: ZoneInfo) -> date | None:
    """Return the last day of which files tell, or None where none tell of any."""
    response, touch = tables.Response, tables.Touch
    moments = (
        session.execute(select(func.max(col(response.occurred_at)))).scalar_one(),
        session.execute(select(func.max(col(touch.occurred_at))).where(col(touch.source) != HELD_BACK)).scalar_one(),
    )
    return max((one.astimezone(zone).date() for one in moments if one is not None), default=None)


def responses_after(
    session: Session, plan_id: int, days: int, zone: ZoneInfo, kind: str = "order", until: date | None = None
) -> list[Answer]:
    """Return, for each contact of a plan that went out or was held back, what its person did in the days after it.

    Parameters
    ----------
    until
        Last day of which orders are known; None knows none.
    """
    place, contact, people = tables.Reservation, tables.PlannedContact, tables.Person
    identity, response = tables.Identity, tables.Response
    person: Any = func.coalesce(col(people.merged_into), col(place.person_id))
    rows = session.execute(
        select(
            person,
            col(place.channel),
            col(place.promotion),
            col(place.on),
            col(place.ghost),
            col(place.outcome),
            col(contact.expected_value),
            col(contact.extra_responses),
            col(contact.probability),
        )
        .join(people, col(people.id) == col(place.person_id))
        .join(contact, col(contact.id) == col(place.contact_id))
        .where(col(place.plan_id) == plan_id, col(place.state).in_(("committed", "settled")))
    ).all()
    if not rows:
        return []
    begin = _midnight(min(row[3] for row in rows), zone)
    end = _midnight(max(row[3] for row in rows) + timedelta(days), zone)
    answered: dict[int, list[tuple[datetime, int]]] = {}
    for who, when, margin in session.execute(
        select(col(identity.person_id), col(response.occurred_at), col(response.margin))
        .join(response, col(response.identity_id) == col(identity.id))
        .where(col(response.kind) == kind, col(response.occurred_at) >= begin, col(response.occurred_at) < end)
    ):
        answered.setdefault(who, []).append((when, margin or 0))
    found = []
    for who, channel, promotion, on, ghost, outcome, value, extra, probability in rows:
        first, last = _midnight(on, zone), _midnight(on + timedelta(days), zone)
        own = [margin for when, margin in answered.get(who, ()) if first <= when < last]
        whole = until is not None and on + timedelta(days - 1) <= until
        found.append(Answer(channel, promotion, ghost, outcome, value, len(own), sum(own), extra, probability, whole))
    return found


def _midnight(day: date, zone: ZoneInfo) -> datetime:
    return datetime.combine(day, time(), zone).astimezone(UTC)
