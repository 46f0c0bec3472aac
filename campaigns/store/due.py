"""What became of a plan's contacts one by one: which have gone out and wait for somebody to say what came of them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, func, select
from sqlmodel import Session, col

from campaigns.faults import Fault, RefusedError
from campaigns.planning.ledger import OUTCOMES, WITHHELD
from campaigns.store import tables
from campaigns.store.finding import owned_persons
from campaigns.store.settling import Outcome, places_of, settle_in

__all__ = ["SAID", "Standing", "due_contacts", "due_count", "settle_due", "standings"]

SAID = tuple(name for name in OUTCOMES if name != WITHHELD)
"""What a person may say came of a contact."""


@dataclass(frozen=True)
class Standing:
    """Where one planned contact stands.

    Parameters
    ----------
    place
        Number of its row in the ledger; None where it has no place.
    state
        proposed, reserved, refused, committed, settled or released.
    outcome
        What came of it, one of ``campaigns.planning.ledger.OUTCOMES``; None where nothing is known yet.
    due
        Whether it went out until today and nothing is known of it.
    """

    place: int | None
    state: str
    outcome: str | None = None
    due: bool = False


def due_contacts(plan_id: int, today: date) -> ColumnElement[bool]:
    """Return the condition that a planned contact went out until a day and nothing is known of it."""
    row = tables.Reservation
    waiting = select(col(row.contact_id)).where(*_waiting(plan_id, today))
    return col(tables.PlannedContact.id).in_(waiting)


def due_count(session: Session, plan_id: int, today: date, owner: str | None = None) -> int:
    """Count the contacts of a plan that wait for their outcome; of an owner's customers only, where one is named."""
    row = tables.Reservation
    query = select(func.count()).select_from(row).where(*_waiting(plan_id, today))
    if owner is not None:
        query = query.where(col(row.person_id).in_(owned_persons(owner)))
    return int(session.execute(query).scalar_one())


def _waiting(plan_id: int, today: date) -> list[Any]:
    row = tables.Reservation
    return [
        col(row.plan_id) == plan_id,
        col(row.state) == "committed",
        col(row.on) <= today,
        col(row.ghost).is_(False),
        col(row.outcome).is_(None),
    ]


def standings(session: Session, contacts: Sequence[int], today: date) -> dict[int, Standing]:
    """Return where some planned contacts stand, by their numbers."""
    contact, row = tables.PlannedContact, tables.Reservation
    found = session.execute(
        select(
            col(contact.id),
            col(contact.state),
            col(row.id),
            col(row.state),
            col(row.outcome),
            col(row.ghost),
            col(row.on),
        )
        .join(row, (col(row.contact_id) == col(contact.id)) & (col(row.state) != "released"), isouter=True)
        .where(col(contact.id).in_(contacts))
    )
    return {
        number: Standing(
            place,
            state if held is None else held,
            outcome,
            due=held == "committed" and outcome is None and not ghost and on <= today,
        )
        for number, state, place, held, outcome, ghost, on in found
        if number is not None
    }


def settle_due(session: Session, said: Mapping[int, str], today: date, *, owner: str | None = None) -> int:
    """Settle contacts that went out by what a person says came of them; return how many were.

    Parameters
    ----------
    said
        One of ``SAID`` by the number of the place in the ledger.
    today
        Nobody can know yet what came of later contacts.
    owner
        Whose customers they have to be; anybody's if None.

    Raises
    ------
    RefusedError
        If one is of a later day, held back, not the owner's, or not to be settled; nothing is settled then.
    """
    places = {place.id: place for place in places_of(session, list(said))}
    mine = None if owner is None else set(session.execute(_of_owner(list(said), owner)).scalars())
    faults = []
    for number, outcome in said.items():
        place = places.get(number)
        if outcome not in SAID:
            faults.append(Fault(0, "outcome", repr(outcome), "one of " + ", ".join(SAID)))
        elif place is None or (mine is not None and number not in mine):
            faults.append(Fault(0, "contact", str(number), "one that is yours"))
        elif place.ghost or place.on > today:
            faults.append(Fault(0, "contact", f"{place.customer_id} on {place.on}", f"one made until {today}"))
    if faults:
        raise RefusedError("What came of these contacts cannot be noted:", faults, "Nothing was noted.")
    return settle_in(session, [Outcome(number, outcome) for number, outcome in said.items()])


def _of_owner(numbers: Sequence[int], owner: str) -> Any:
    row = tables.Reservation
    return select(col(row.id)).where(col(row.id).in_(numbers), col(row.person_id).in_(owned_persons(owner)))
