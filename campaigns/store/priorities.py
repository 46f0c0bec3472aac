"""The contacts of a plan as people look through them: ranked, filtered and a page at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import ColumnElement, false, func, select
from sqlmodel import col

from campaigns.store import tables
from campaigns.store.database import Database
from campaigns.store.due import due_contacts
from campaigns.store.finding import owned_persons
from campaigns.store.plans import counts_of
from campaigns.terms import PlannedContact, Window

__all__ = [
    "ContactFilter",
    "ContactPage",
    "PlanHead",
    "contact_page",
    "every_contact",
    "first_contacts",
    "latest_plan_head",
]

CHUNK = 5_000
"""Rows read at a time when all contacts are wanted."""


@dataclass(frozen=True)
class PlanHead:
    """A plan without its contacts. Values in major units of the reporting currency.

    Parameters
    ----------
    channels, promotions
        How many of its contacts each has, commonest first; those without a promotion stand under None.
    held_back
        How many of its contacts are withheld at random to measure the rest.
    groups
        How many contacts there are by (channel, promotion, held back).
    """

    id: int
    run_id: int | None
    state: str
    created_at: datetime
    starts_on: date
    ends_on: date
    expected_value: float
    bound: float
    gap: float
    withheld: dict[str, int]
    contacts: int
    held_back: int
    channels: tuple[tuple[str, int], ...]
    promotions: tuple[tuple[str | None, int], ...]
    groups: tuple[tuple[str, str | None, bool, int], ...]

    def count(self, wanted: ContactFilter) -> int | None:
        """Return how many contacts are wanted; None where that needs a look at each."""
        if wanted.owner is not None or wanted.due_until is not None:
            return None
        promotion = None if wanted.without_promotion else wanted.promotion
        any_promotion = promotion is None and not wanted.without_promotion
        return sum(
            count
            for channel, name, ghost, count in self.groups
            if wanted.channel in (None, channel)
            and (any_promotion or name == promotion)
            and (wanted.with_held_back or not ghost)
        )


@dataclass(frozen=True)
class ContactFilter:
    """Which contacts are wanted; None asks for all.

    Parameters
    ----------
    without_promotion
        Only contacts that carry no promotion; ``promotion`` is then not looked at.
    with_held_back
        Whether contacts withheld at random are among them.
    owner
        Only contacts of customers who are theirs; an empty name owns nobody.
    due_until
        Only contacts that went out until this day and of which nothing is known.
    """

    channel: str | None = None
    promotion: str | None = None
    without_promotion: bool = False
    with_held_back: bool = True
    owner: str | None = None
    due_until: date | None = None


@dataclass(frozen=True)
class ContactPage:
    """Some of a plan's contacts in their rank with their numbers, and how many there are in all."""

    total: int
    contacts: tuple[PlannedContact, ...]
    numbers: tuple[int, ...]


def latest_plan_head(database: Database) -> PlanHead | None:
    """Return the plan made last, cancelled ones aside, or None if there is none."""
    with database.reading() as session:
        plan = session.execute(
            select(tables.Plan)
            .where(col(tables.Plan.state) != "cancelled")
            .order_by(col(tables.Plan.id).desc())
            .limit(1)
        ).scalar_one_or_none()
        if plan is None or plan.id is None:
            return None
        groups = counts_of(session, plan)
    channels: dict[str, int] = {}
    promotions: dict[str | None, int] = {}
    for channel, promotion, _, count in groups:
        channels[channel] = channels.get(channel, 0) + count
        promotions[promotion] = promotions.get(promotion, 0) + count
    return PlanHead(
        id=plan.id,
        run_id=plan.run_id,
        state=plan.state,
        created_at=plan.created_at,
        starts_on=plan.starts_on,
        ends_on=plan.ends_on,
        expected_value=plan.expected_value,
        bound=plan.bound,
        gap=plan.gap,
        withheld=dict(plan.withheld),
        contacts=sum(channels.values()),
        held_back=sum(count for _, _, ghost, count in groups if ghost),
        channels=tuple(sorted(channels.items(), key=lambda item: (-item[1], item[0]))),
        promotions=tuple(sorted(promotions.items(), key=lambda item: (-item[1], item[0] or ""))),
        groups=tuple(groups),
    )


def contact_page(
    database: Database,
    plan_id: int,
    wanted: ContactFilter,
    *,
    offset: int = 0,
    limit: int = 50,
    total: int | None = None,
) -> ContactPage:
    """Return the wanted contacts of a plan from rank ``offset`` (from 0), at most ``limit`` of them.

    ``total`` is how many there are in all, where that is known; else they are counted.
    """
    conditions = _conditions(plan_id, wanted)
    with database.reading() as session:
        if total is None:
            counted = select(func.count()).select_from(tables.PlannedContact).where(*conditions)
            total = session.execute(counted).scalar_one()
        rows = (
            session.execute(
                select(tables.PlannedContact)
                .where(*conditions)
                .order_by(col(tables.PlannedContact.id))
                .offset(offset)
                .limit(limit)
            )
            .scalars()
            .all()
        )
        return ContactPage(total, tuple(map(_contact, rows)), tuple(row.id or 0 for row in rows))


def first_contacts(database: Database, limit: int) -> tuple[Window, tuple[PlannedContact, ...]] | None:
    """Return the days of the plan made last and its first contacts, counting nothing; None without a plan."""
    plan, contact = tables.Plan, tables.PlannedContact
    with database.reading() as session:
        latest = session.execute(
            select(plan).where(col(plan.state) != "cancelled").order_by(col(plan.id).desc()).limit(1)
        ).scalar_one_or_none()
        if latest is None:
            return None
        rows = session.execute(
            select(contact).where(col(contact.plan_id) == latest.id).order_by(col(contact.id)).limit(limit)
        ).scalars()
        return Window(latest.starts_on, latest.ends_on), tuple(map(_contact, rows))


def every_contact(database: Database, plan_id: int, wanted: ContactFilter) -> Iterator[PlannedContact]:
    """Give all the wanted contacts of a plan in their rank, a few thousand in memory at a time."""
    after = 0
    while True:
        with database.reading() as session:
            rows = session.execute(
                select(tables.PlannedContact)
                .where(*_conditions(plan_id, wanted), col(tables.PlannedContact.id) > after)
                .order_by(col(tables.PlannedContact.id))
                .limit(CHUNK)
            ).scalars()
            found = list(rows)
        yield from map(_contact, found)
        if len(found) < CHUNK:
            return
        after = found[-1].id or after


def _conditions(plan_id: int, wanted: ContactFilter) -> list[ColumnElement[bool]]:
    contact = tables.PlannedContact
    conditions = [col(contact.plan_id) == plan_id]
    if wanted.channel is not None:
        conditions.append(col(contact.channel) == wanted.channel)
    if wanted.without_promotion:
        conditions.append(col(contact.promotion).is_(None))
    elif wanted.promotion is not None:
        conditions.append(col(contact.promotion) == wanted.promotion)
    if not wanted.with_held_back:
        conditions.append(col(contact.ghost).is_(False))
    if wanted.owner is not None:
        conditions.append(col(contact.person_id).in_(owned_persons(wanted.owner)) if wanted.owner else false())
    if wanted.due_until is not None:
        conditions.append(due_contacts(plan_id, wanted.due_until))
    return conditions


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
