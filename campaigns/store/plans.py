"""Plans: kept and read again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import UTC, date, datetime
from typing import Any

import pyarrow as pa
from sqlalchemy import Table, func
from sqlalchemy import select as sqlalchemy_select
from sqlmodel import Session, col, select

from campaigns.store import tables
from campaigns.store.arrow import append, arrow_type
from campaigns.store.database import Database
from campaigns.terms import Plan, PlanConstraint, PlannedContact

__all__ = ["COUNTS", "StoredPlan", "contacts_of", "counts_of", "latest_plan", "plan_of", "store_plan", "stored_plan"]

COUNTS = "counts"
"""Where the views of a plan hold how many contacts it has by channel, promotion and whether they are held back: they
never change, and pages need not count them."""

CONTACTS: Table = tables.PlannedContact.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True)
class StoredPlan:
    """What is kept of a plan besides its contacts.

    Parameters
    ----------
    state
        draft, approved, exported, closed or cancelled.
    options
        What it was made with: ``policy``, ``days``, ``limit``, ``seed``, ``zone``, ``notes``.
    """

    id: int
    run_id: int | None
    starts_on: date
    ends_on: date
    created_at: datetime
    state: str
    options: dict[str, Any]
    withheld: dict[str, int]
    policy_version: int | None = None
    views: dict[str, Any] | None = None
    result: dict[str, Any] | None = None


def store_plan(
    session: Session,
    plan: Plan,
    persons: Sequence[int],
    *,
    run_id: int | None,
    options: dict[str, Any],
    state: str = "draft",
    policy_version: int | None = None,
    views: dict[str, Any] | None = None,
) -> int:
    """Keep a plan; return its number.

    Parameters
    ----------
    plan
        The plan; its own ``id`` is not looked at.
    persons
        Number of the person of each contact, in the order of ``plan.contacts``.
    run_id
        The run whose scores it rests on.
    options
        What it was made with; its ``notes`` become the plan's.
    policy_version
        Number of the saved policy that it was made with, or None.
    views
        What is to be seen of it before it is approved.
    """
    row = tables.Plan(
        run_id=run_id,
        starts_on=plan.starts_on,
        ends_on=plan.ends_on,
        created_at=datetime.now(UTC),
        state=state,
        expected_value=plan.expected_value,
        bound=plan.bound,
        gap=plan.gap,
        constraints=[asdict(constraint) for constraint in plan.constraints],
        withheld=dict(plan.withheld),
        options=options,
        policy_version_id=policy_version,
        views={**(views or {}), COUNTS: _counted(plan)},
    )
    session.add(row)
    session.flush()
    if row.id is None:
        raise RuntimeError("the database gave the plan no number")
    if len(persons) != len(plan.contacts):
        raise ValueError(f"{len(plan.contacts)} contacts need as many persons, not {len(persons)}")
    if plan.contacts:
        append(session.connection(), CONTACTS, _rows(plan, persons, row.id))
    return row.id


def latest_plan(database: Database) -> Plan | None:
    """Return the plan made last, cancelled ones aside, or None if there is none."""
    with database.reading() as session:
        row = session.exec(
            select(tables.Plan)
            .where(col(tables.Plan.state) != "cancelled")
            .order_by(col(tables.Plan.id).desc())
            .limit(1)
        ).first()
        return None if row is None else _plan(session, row)


def plan_of(database: Database, plan_id: int) -> Plan | None:
    """Return a plan by its number, or None if there is no such plan."""
    with database.reading() as session:
        row = session.get(tables.Plan, plan_id)
        return None if row is None else _plan(session, row)


def stored_plan(session: Session, plan_id: int | None) -> StoredPlan | None:
    """Return what is kept of a plan (by default the latest one that is not cancelled), without its contacts."""
    query = select(tables.Plan).order_by(col(tables.Plan.id).desc()).limit(1)
    if plan_id is None:
        query = query.where(col(tables.Plan.state) != "cancelled")
    else:
        query = query.where(col(tables.Plan.id) == plan_id)
    row = session.exec(query).first()
    if row is None or row.id is None:
        return None
    return StoredPlan(
        row.id,
        row.run_id,
        row.starts_on,
        row.ends_on,
        row.created_at,
        row.state,
        row.options,
        row.withheld,
        row.policy_version_id,
        row.views,
        row.result,
    )


def contacts_of(session: Session, plan_id: int, persons: Sequence[int]) -> list[tuple[int, PlannedContact]]:
    """Return the contacts that a plan proposes to some persons, each with the person's number."""
    rows = session.exec(
        select(tables.PlannedContact)
        .where(col(tables.PlannedContact.plan_id) == plan_id, col(tables.PlannedContact.person_id).in_(persons))
        .order_by(col(tables.PlannedContact.id))
    )
    return [(row.person_id, _contact(row)) for row in rows]


def counts_of(session: Session, plan: tables.Plan) -> list[tuple[str, str | None, bool, int]]:
    """Return how many contacts a plan has by (channel, promotion, held back), as it was stored with them.

    Plans of older versions are counted here.
    """
    held = (plan.views or {}).get(COUNTS)
    if held is not None:
        return [(channel, promotion, ghost, count) for channel, promotion, ghost, count in held]
    contact = tables.PlannedContact
    groups = (col(contact.channel), col(contact.promotion), col(contact.ghost))
    found = session.execute(
        sqlalchemy_select(*groups, func.count()).where(col(contact.plan_id) == plan.id).group_by(*groups)
    )
    return [(channel, promotion, bool(ghost), int(count)) for channel, promotion, ghost, count in found]


def _counted(plan: Plan) -> list[list[Any]]:
    counts = Counter((one.channel, one.promotion, one.ghost) for one in plan.contacts)
    return [[*group, count] for group, count in counts.items()]


def _rows(plan: Plan, persons: Sequence[int], plan_id: int) -> pa.Table:
    """Return the contacts as rows of their table."""
    columns: dict[str, Any] = {
        "plan_id": [plan_id] * len(persons),
        "person_id": persons,
        "state": ["proposed"] * len(persons),
        **{item.name: [getattr(contact, item.name) for contact in plan.contacts] for item in fields(PlannedContact)},
    }
    return pa.table({name: pa.array(values, arrow_type(CONTACTS.c[name])) for name, values in columns.items()})


def _plan(session: Session, row: tables.Plan) -> Plan:
    contacts = session.exec(
        select(tables.PlannedContact)
        .where(col(tables.PlannedContact.plan_id) == row.id)
        .order_by(col(tables.PlannedContact.id))
    )
    return Plan(
        id=row.id or 0,
        starts_on=row.starts_on,
        ends_on=row.ends_on,
        expected_value=row.expected_value,
        bound=row.bound,
        gap=row.gap,
        constraints=tuple(PlanConstraint(**constraint) for constraint in row.constraints),
        withheld=dict(row.withheld),
        contacts=tuple(_contact(contact) for contact in contacts),
        notes=tuple((row.options or {}).get("notes", ())),
    )


def _contact(row: tables.PlannedContact) -> PlannedContact:
    return PlannedContact(
        customer_id=row.customer_id,
        promotion=row.promotion,
        channel=row.channel,
        on=row.on,
        expected_value=row.expected_value,
        reason=row.reason,
        probability=row.probability,
        ghost=row.ghost,
        extra_responses=row.extra_responses,
    )
