"""Targets: what a new customer may cost where promotions set nothing."""

from __future__ import annotations

from collections.abc import Mapping

from sqlmodel import Session, select

from campaigns.store.tables import Target

__all__ = ["set_targets", "targets"]


def targets(session: Session) -> dict[str, int]:
    """Return the target of each goal that has one, in minor units of the reporting currency."""
    return {target.goal: target.cost for target in session.exec(select(Target)).all()}


def set_targets(session: Session, wanted: Mapping[str, int | None]) -> None:
    """Set the targets of goals, in minor units; None takes one away, goals not named stay as they are."""
    for goal, cost in wanted.items():
        held = session.get(Target, goal)
        if cost is None and held is not None:
            session.delete(held)
        elif cost is not None:
            session.merge(Target(goal=goal, cost=cost))
