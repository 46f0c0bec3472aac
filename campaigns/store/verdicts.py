"""Why plans treat people as they do: kept with the plan for good, read person by person."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import select
from sqlmodel import Session, col

from campaigns.planning.locks import Lock
from campaigns.planning.verdicts import Block, Verdict, unpacked
from campaigns.store import tables

__all__ = ["keep_verdicts", "verdicts_of"]


def keep_verdicts(session: Session, plan_id: int, blocks: Iterable[Block]) -> None:
    """Keep the verdicts of a plan."""
    session.add_all(
        tables.PlanVerdicts(plan_id=plan_id, first_person=block.first, last_person=block.last, content=block.content)
        for block in blocks
    )


def verdicts_of(session: Session, plan_id: int, person: int) -> tuple[tuple[Verdict, ...], tuple[Lock, ...]] | None:
    """Return what a plan decided on a person, and the sales locks at the time, or None if the plan kept nothing.

    A person about whom no contact could be thought of has no verdicts.
    """
    row = tables.PlanVerdicts
    first = session.execute(select(col(row.id)).where(col(row.plan_id) == plan_id).limit(1)).scalar_one_or_none()
    if first is None:
        return None
    content = session.execute(
        select(col(row.content))
        .where(col(row.plan_id) == plan_id, col(row.first_person) <= person, col(row.last_person) >= person)
        .limit(1)
    ).scalar_one_or_none()
    return ((), ()) if content is None else unpacked(content, person)
