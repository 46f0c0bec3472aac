"""What came back: exported contacts settled by their outcomes."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import select, update
from sqlmodel import Session, col

from campaigns.faults import Fault, RefusedError
from campaigns.planning.ledger import OUTCOMES, WITHHELD
from campaigns.store import tables
from campaigns.store.database import Database
from campaigns.store.held_back import take_back
from campaigns.store.standing import parts

__all__ = ["Outcome", "Place", "places", "places_of", "settle", "settle_in"]


@dataclass(frozen=True)
class Outcome:
    """What came of a committed contact: one of `campaigns.planning.ledger.OUTCOMES`."""

    reservation_id: int
    outcome: str
    at: datetime | None = None


@dataclass(frozen=True)
class Place:
    """A row of the ledger."""

    id: int
    plan_id: int | None
    contact_id: int | None
    person: int
    customer_id: str
    channel: str
    promotion: str | None
    on: date
    ghost: bool
    state: str
    keeps_place: bool
    outcome: str | None
    asked_by: str


def settle(database: Database, outcomes: Sequence[Outcome], *, now: datetime | None = None) -> int:
    """Settle committed contacts by what came of them; return how many were. A later outcome replaces an earlier one.

    Raises
    ------
    RefusedError
        If an outcome is none of those known, or a contact was never committed; then nothing is settled.
    """
    with database.transaction() as session:
        return settle_in(session, outcomes, now=now)


def settle_in(session: Session, outcomes: Sequence[Outcome], *, now: datetime | None = None) -> int:
    """Settle inside a transaction, as `settle` does; what it raises has to end that transaction."""
    moment = now or datetime.now(UTC)
    faults = [
        Fault(place, "outcome", repr(one.outcome), "one of " + ", ".join(OUTCOMES))
        for place, one in enumerate(outcomes, start=1)
        if one.outcome not in OUTCOMES
    ]
    table = tables.Reservation
    known: dict[int, str] = {}
    for part in parts([one.reservation_id for one in outcomes]):
        found = session.execute(select(col(table.id), col(table.state)).where(col(table.id).in_(part)))
        known |= {number: state for number, state in found if number is not None}
    faults += [
        Fault(
            place,
            "contact",
            f"{one.reservation_id} ({known.get(one.reservation_id, 'unknown')})",
            "an exported one",
        )
        for place, one in enumerate(outcomes, start=1)
        if known.get(one.reservation_id) not in ("committed", "settled")
    ]
    if faults:
        raise RefusedError("What came back cannot be settled:", faults, "Nothing was settled. Correct it and retry.")
    # who was to be held back and was contacted all the same is no held-back customer
    take_back(session, [one.reservation_id for one in outcomes if one.outcome != WITHHELD])
    for one in outcomes:
        session.execute(
            update(table)
            .where(col(table.id) == one.reservation_id)
            .values(
                state="settled", outcome=one.outcome, keeps_place=OUTCOMES[one.outcome], settled_at=one.at or moment
            )
        )
    return len({one.reservation_id for one in outcomes})


def places(session: Session, *, plan_id: int | None = None, persons: Collection[int] | None = None) -> list[Place]:
    """Return rows of the ledger, of a plan or of some persons, released ones among them."""
    table = tables.Reservation
    statement: Any = select(table).order_by(col(table.id))
    if plan_id is not None:
        statement = statement.where(col(table.plan_id) == plan_id)
    if persons is not None:
        statement = statement.where(col(table.person_id).in_(persons))
    return [_place(row) for row in session.execute(statement).scalars()]


def places_of(session: Session, ids: Sequence[int]) -> list[Place]:
    """Return rows of the ledger by their numbers; those that are not there are passed over."""
    table = tables.Reservation
    return [
        _place(row)
        for part in parts(sorted(set(ids)))
        for row in session.execute(select(table).where(col(table.id).in_(part))).scalars()
    ]


def _place(row: Any) -> Place:
    return Place(
        row.id,
        row.plan_id,
        row.contact_id,
        row.person_id,
        row.customer_id,
        row.channel,
        row.promotion,
        row.on,
        row.ghost,
        row.state,
        row.keeps_place,
        row.outcome,
        row.asked_by,
    )
