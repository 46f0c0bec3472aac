"""What a new plan changed for a few persons: their contacts in the plan before a moment, and in the one after."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlmodel import Session, col

from campaigns.store import tables

__all__ = ["PlanChange", "Planned", "plan_change", "planned_for"]

MOST = 500
"""Contacts read at most."""


@dataclass(frozen=True)
class Planned:
    """One contact of a plan, without its money."""

    customer_id: str
    channel: str
    promotion: str | None
    on: date
    ghost: bool


@dataclass(frozen=True)
class PlanChange:
    """Two plans, as far as some persons are concerned.

    Parameters
    ----------
    before, after
        Numbers of the last plan made before the moment and of the latest made after it; None where there is none.
    gone, added, kept
        Contacts that only the plan before had, that only the one after has, and that both have; without a plan after
        the moment everything is ``kept``.
    """

    before: int | None
    after: int | None
    gone: tuple[Planned, ...]
    added: tuple[Planned, ...]
    kept: tuple[Planned, ...]


def plan_change(session: Session, persons: Collection[int], since: datetime) -> PlanChange:
    """Compare the contacts of persons in the last plan made before a moment with those in the latest made after it."""
    before = _plan(session, col(tables.Plan.created_at) < since)
    after = _plan(session, col(tables.Plan.created_at) >= since)
    old = planned_for(session, before, persons) if before is not None else ()
    if after is None:
        return PlanChange(before, None, (), (), old)
    new = planned_for(session, after, persons)
    return PlanChange(
        before,
        after,
        tuple(one for one in old if one not in new),
        tuple(one for one in new if one not in old),
        tuple(one for one in new if one in old),
    )


def planned_for(session: Session, plan_id: int, persons: Collection[int]) -> tuple[Planned, ...]:
    """Return the contacts that a plan has for some persons, by day."""
    row = tables.PlannedContact
    found = session.execute(
        select(row)
        .where(col(row.person_id).in_(persons), col(row.plan_id) == plan_id)
        .order_by(col(row.on), col(row.id))
        .limit(MOST)
    ).scalars()
    return tuple(Planned(one.customer_id, one.channel, one.promotion, one.on, one.ghost) for one in found)


def _plan(session: Session, condition: object) -> int | None:
    row = tables.Plan
    return session.execute(
        select(col(row.id)).where(condition, col(row.state) != "cancelled").order_by(col(row.id).desc()).limit(1)  # type: ignore[arg-type]
    ).scalar_one_or_none()
