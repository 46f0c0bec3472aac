"""A plan day by day: its contacts by channel, what else is promised then, and what there is of scarce things."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlalchemy import func, select
from sqlmodel import Session, col

from campaigns.store.tables import Capacity, Plan, PlannedContact, Reservation

__all__ = ["PlanDays", "capacities_on", "days_of", "plans_listed", "promised_beside"]


@dataclass(frozen=True)
class PlanDays:
    """Contacts of a plan by channel and day, those sent and those held back, and how many people they are with."""

    sent: dict[tuple[str, date], int]
    held_back: dict[tuple[str, date], int]
    people: int

    @property
    def contacts(self) -> int:
        """All of them."""
        return sum(self.sent.values()) + sum(self.held_back.values())


def days_of(session: Session, plan_id: int) -> PlanDays:
    """Count the contacts of a plan by channel and day."""
    row = PlannedContact
    counted = session.execute(
        select(col(row.channel), col(row.on), col(row.ghost), func.count())
        .where(col(row.plan_id) == plan_id)
        .group_by(col(row.channel), col(row.on), col(row.ghost))
    ).all()
    people = session.execute(
        select(func.count(func.distinct(col(row.person_id)))).where(col(row.plan_id) == plan_id)
    ).scalar_one()
    return PlanDays(
        {(channel, on): number for channel, on, ghost, number in counted if not ghost},
        {(channel, on): number for channel, on, ghost, number in counted if ghost},
        int(people),
    )


def promised_beside(session: Session, plan_id: int, first: date, last: date) -> dict[tuple[str, date], int]:
    """Count the contacts that other plans have promised, by channel and day; held-back ones need nobody's time."""
    row = Reservation
    found = session.execute(
        select(col(row.channel), col(row.on), func.count())
        .where(
            col(row.on).between(first, last),
            col(row.state) != "released",
            col(row.ghost).is_(False),
            func.coalesce(col(row.plan_id), 0) != plan_id,
        )
        .group_by(col(row.channel), col(row.on))
    )
    return {(channel, on): number for channel, on, number in found}


def capacities_on(session: Session, first: date, last: date) -> dict[str, dict[date, float]]:
    """Return what there is of each scarce thing on each day of which something is known."""
    row = Capacity
    found: dict[str, dict[date, float]] = {}
    for name, on, limit in session.execute(
        select(col(row.resource), col(row.date), func.sum(col(row.limit)))
        .where(col(row.date).between(first, last))
        .group_by(col(row.resource), col(row.date))
    ):
        found.setdefault(name, {})[on] = float(limit)
    return found


def plans_listed(session: Session, limit: int = 12) -> list[tuple[int, date, date, str]]:
    """Return number, days and state of the plans made last, the latest first."""
    row = Plan
    query = select(col(row.id), col(row.starts_on), col(row.ends_on), col(row.state)).order_by(col(row.id).desc())
    return [(number or 0, first, last, state) for number, first, last, state in session.execute(query.limit(limit))]
