"""Promotions as the site shows, makes and changes them. Amounts in minor units of the reporting currency."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import and_, case, func, or_, select
from sqlmodel import Session, col

from campaigns.faults import UnreadyError
from campaigns.store.plan_records import ENTERED
from campaigns.store.plans import counts_of
from campaigns.store.tables import ImportBatch, Plan, Promotion

__all__ = ["add", "change", "count", "find", "found", "keys", "listed", "planned_contacts"]


def listed(
    session: Session, today: date, state: str = "all", *, offset: int = 0, limit: int | None = None
) -> list[Promotion]:
    """Return promotions, those that run first, then those to come and those that ended; of two with one key the later.

    Parameters
    ----------
    state
        ``running``, ``coming``, ``ended`` or ``all``.
    """
    row = Promotion
    query = select(row).where(col(row.id).in_(_latest()), _in_state(state, today))
    running = _in_state("running", today)
    coming = _in_state("coming", today)
    query = query.order_by(running.desc(), coming.desc(), col(row.ends_on).desc(), col(row.promotion)).offset(offset)
    return list(session.execute(query if limit is None else query.limit(limit)).scalars())


def count(session: Session, today: date) -> dict[str, int]:
    """Count the promotions by state, and ``all`` of them."""
    row = Promotion
    states = ("running", "coming", "ended")
    sums = [func.coalesce(func.sum(case((_in_state(state, today), 1), else_=0)), 0) for state in states]
    counted = session.execute(select(*sums, func.count()).select_from(row).where(col(row.id).in_(_latest()))).one()
    return {state: int(number) for state, number in zip((*states, "all"), counted, strict=True)}


def keys(session: Session) -> tuple[str, ...]:
    """Return the keys of all promotions, in alphabetical order."""
    key = col(Promotion.promotion)
    return tuple(session.execute(select(key).distinct().order_by(key)).scalars())


def find(session: Session, promotion: str) -> Promotion:
    """Return a promotion by its key.

    Raises
    ------
    UnreadyError
        If there is no such promotion.
    """
    one = found(session, promotion)
    if one is None:
        raise UnreadyError(f"There is no promotion {promotion}.", "See which there are on the page Promotions.")
    return one


def found(session: Session, promotion: str) -> Promotion | None:
    """Return a promotion by its key, or None; of two with one key the one that a plan holds to."""
    row = Promotion
    query = select(row).where(col(row.promotion) == promotion).order_by(col(row.batch_id).desc(), col(row.id).desc())
    one: Promotion | None = session.execute(query.limit(1)).scalar_one_or_none()
    return one


def add(session: Session, values: Mapping[str, Any]) -> Promotion:
    """Store a promotion that was written on the site; its batch says so."""
    now = datetime.now(UTC)
    batch = ImportBatch(
        kind="promotions",
        source=ENTERED,
        path=ENTERED,
        digest="",
        started_at=now,
        finished_at=now,
        rows=1,
        added=1,
    )
    session.add(batch)
    session.flush()
    one = Promotion(batch_id=batch.id or 0, source=ENTERED, row_key=values["promotion"], **values)
    session.add(one)
    session.flush()
    return one


def change(session: Session, promotion: str, values: Mapping[str, Any]) -> Promotion:
    """Change a promotion; its key and where it came from stay."""
    one = find(session, promotion)
    for name, value in values.items():
        setattr(one, name, value)
    session.add(one)
    session.flush()
    return one


def planned_contacts(session: Session, plan_id: int) -> dict[str, int]:
    """Count the contacts of a plan by promotion."""
    plan = session.get(Plan, plan_id)
    found: dict[str, int] = {}
    for _channel, promotion, _ghost, count in counts_of(session, plan) if plan is not None else ():
        if promotion is not None:
            found[promotion] = found.get(promotion, 0) + count
    return found


def _latest() -> Any:
    """Return the query of the row that holds for each key; a later batch has the higher row, but for changed ones."""
    row = Promotion
    place = (
        func.row_number()
        .over(partition_by=col(row.promotion), order_by=[col(row.batch_id).desc(), col(row.id).desc()])
        .label("place")
    )
    ranked = select(col(row.id).label("id"), place).subquery()
    return select(ranked.c.id).where(ranked.c.place == 1)


def _in_state(state: str, today: date) -> Any:
    row = Promotion
    begun = or_(col(row.starts_on).is_(None), col(row.starts_on) <= today)
    over = and_(col(row.ends_on).is_not(None), col(row.ends_on) < today)
    if state == "running":
        return and_(begun, ~over)
    if state == "coming":
        return and_(~begun, ~over)
    return over if state == "ended" else col(row.id) > 0
