"""Marketing and sales beside each other: who owns a customer, and clashes with how they were resolved."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
from sqlalchemy import func, select
from sqlmodel import Session, col

from campaigns.faults import Fault, RefusedError, TouchstoneError
from campaigns.planning.clashes import WAYS, Clash, Promised, clashes_of, week_of
from campaigns.planning.locks import Lock, locks_of
from campaigns.planning.ownership import Ownership, owner_of_relationship
from campaigns.planning.policy import ContactPolicy
from campaigns.store import tables
from campaigns.store.database import Database
from campaigns.store.ledger import release
from campaigns.store.outgoing import put_contacts
from campaigns.store.plan_life import mark_contacts
from campaigns.store.plan_records import PublishedRun, Reading, circle_of, person_of, sales_records
from campaigns.store.settling import places_of
from campaigns.store.stages import stages
from campaigns.store.standing import ASKED_AT_ONCE, only

__all__ = [
    "WeekOfClashes",
    "clashes",
    "clashes_avoided",
    "locks_by_person",
    "owner_of",
    "resolve_clash",
    "resolve_clash_in",
]

COUNTING = ("approved", "exported", "closed")
"""States of a plan whose avoided clashes are counted: a draft that was thrown away avoided nothing."""


@dataclass(frozen=True)
class WeekOfClashes:
    """Clashes that did not happen in a week (from Monday), because a lock held the contact back or one side yielded."""

    week: date
    held_back: int
    resolved: int

    @property
    def avoided(self) -> int:
        """Both together."""
        return self.held_back + self.resolved


def locks_by_person(
    database: Database,
    policy: ContactPolicy,
    *,
    today: date,
    days: int,
    zone: ZoneInfo,
    persons: Collection[int] | None = None,
) -> dict[int, tuple[Lock, ...]]:
    """Return the sales locks of the coming days, by person."""
    reading = Reading(PublishedRun(0, "order", "EUR"), policy, today, zone, persons)
    known, records = sales_records(database, reading)
    locks = locks_of(known, records, policy, today, zone)
    number = np.sort(np.asarray(known["person"], np.int64))
    last = today + timedelta(days - 1)
    found: dict[int, list[Lock]] = {}
    for place in np.unique(locks.person).tolist():
        mine = [lock for lock in locks.of(place, today) if lock.starts_on <= last and lock.until >= today]
        if mine:
            found[int(number[place])] = list(dict.fromkeys(mine))
    return {person: tuple(mine) for person, mine in found.items()}


def owner_of(database: Database, policy: ContactPolicy, customer_id: str, *, today: date, zone: ZoneInfo) -> Ownership:
    """Say who owns a customer now, marketing or sales, at which stage, and why.

    Raises
    ------
    TouchstoneError
        If there is no such customer.
    """
    with database.reading() as session:
        person = person_of(session, customer_id)
        if person is None:
            raise TouchstoneError(
                f"There is no customer {customer_id}.", "Give the customer number as your customers file writes it."
            )
        circle = circle_of(session, person)
        bare = stages(session, today, [person])["stage"].to_pylist()
        owner, territory = _on_record(session, person)
    held = locks_by_person(database, policy, today=today, days=1, zone=zone, persons=circle)
    return owner_of_relationship(customer_id, bare[0], held.get(person, ()), policy, owner=owner, territory=territory)


def _on_record(session: Session, person: int) -> tuple[str | None, str | None]:
    """Return the owner and the territory of a person that files told last."""
    customer, identity = tables.Customer, tables.Identity
    owner = territory = None
    for row in session.execute(
        select(col(customer.owner), col(customer.territory))
        .join(identity, col(identity.id) == col(customer.identity_id))
        .where(col(identity.person_id) == person)
        .order_by(col(customer.batch_id), col(customer.id))
    ):
        owner, territory = row[0] or owner, row[1] or territory
    return owner, territory


def clashes(
    database: Database, policy: ContactPolicy, *, today: date, zone: ZoneInfo, days: int = 7
) -> tuple[Clash, ...]:
    """Return the clashes of the coming days, resolved ones among them, by day."""
    row, people = tables.Reservation, tables.Person
    customer, identity = tables.Customer, tables.Identity
    person: Any = func.coalesce(col(people.merged_into), col(row.person_id))
    resolution = tables.ClashResolution
    with database.reading() as session:
        resolved: dict[int, str] = {
            found[0]: found[1] for found in session.execute(select(col(resolution.reservation_id), col(resolution.how)))
        }
        rows = session.execute(
            select(
                col(row.id),
                person,
                col(row.customer_id),
                col(row.channel),
                col(row.promotion),
                col(row.on),
                col(row.state),
            )
            .join(people, col(people.id) == col(row.person_id))
            .where(col(row.on).between(today, today + timedelta(days - 1)), col(row.ghost).is_(False))
        ).all()
        rows = [found for found in rows if found[6] in ("reserved", "committed") or found[0] in resolved]
        concerned = {found[1] for found in rows}
        at_accounts: Any = (
            select(col(identity.person_id), col(customer.account_id))
            .join(customer, col(customer.identity_id) == col(identity.id))
            .where(col(customer.account_id).is_not(None))
            .order_by(col(customer.batch_id), col(customer.id))
        )
        accounts: dict[int, str] = {
            found[0]: found[1] for found in session.execute(only(at_accounts, col(identity.person_id), concerned))
        }
        few = len(concerned) <= ASKED_AT_ONCE and len(set(accounts.values())) <= ASKED_AT_ONCE
        persons = concerned | _members(session, set(accounts.values())) if few else None
    promised = [Promised(found[0], found[1], found[2], accounts.get(found[1]), *found[3:6]) for found in rows]
    if not promised:
        return ()
    locks = locks_by_person(database, policy, today=today, days=days, zone=zone, persons=persons)
    return clashes_of(promised, locks, resolved)


def _members(session: Session, accounts: Collection[str]) -> set[int]:
    """Return everybody of some accounts: a deal with one of them locks them all."""
    customer, identity = tables.Customer, tables.Identity
    statement = (
        select(col(identity.person_id))
        .join(customer, col(customer.identity_id) == col(identity.id))
        .where(col(customer.account_id).in_(accounts))
    )
    return set(session.execute(statement).scalars())


def resolve_clash(
    database: Database, reservation_id: int, how: str, *, by: str, note: str = "", now: datetime | None = None
) -> None:
    """Resolve a clash: marketing yields (the contact gives its place back), or sales yields (it will be made).

    Raises
    ------
    RefusedError
        If it is resolved already, the contact has no place any more, or no such way is known.
    """
    with database.transaction(exclusive=True) as session:
        resolve_clash_in(session, reservation_id, how, by=by, note=note, now=now)


def resolve_clash_in(
    session: Session, reservation_id: int, how: str, *, by: str, note: str = "", now: datetime | None = None
) -> None:
    """Resolve a clash inside a transaction that excludes others, as `resolve_clash` does."""
    moment = now or datetime.now(UTC)
    table = tables.ClashResolution
    place = session.get(tables.Reservation, reservation_id)
    done = session.execute(select(table).where(col(table.reservation_id) == reservation_id)).scalar_one_or_none()
    faults = []
    if how not in WAYS:
        faults.append(Fault(0, "how", repr(how), " or ".join(WAYS)))
    if place is None or (place.state not in ("reserved", "committed") and done is None):
        faults.append(Fault(0, "contact", str(reservation_id), "a contact that has its place"))
    if done is not None:
        faults.append(Fault(0, "contact", f"resolved on {done.at:%Y-%m-%d}: {done.how}", "an open clash"))
    if faults:
        raise RefusedError("This clash cannot be resolved:", faults)
    if how == "marketing yields":
        _yield(session, reservation_id, moment)
    session.add(table(reservation_id=reservation_id, how=how, by=by, at=moment, note=note))


def _yield(session: Session, reservation_id: int, now: datetime) -> None:
    """Give a contact's place back, and tell other programs that heard of it."""
    (place,) = places_of(session, [reservation_id])
    release(session, ids=[reservation_id], now=now)
    if place.plan_id is not None:
        mark_contacts(session, place.plan_id, "released", [] if place.contact_id is None else [place.contact_id])
        if place.state == "committed":
            put_contacts(session, "contacts.released", place.plan_id, [place], now=now)


def clashes_avoided(database: Database, *, zone: ZoneInfo) -> tuple[WeekOfClashes, ...]:
    """Count clashes avoided per week, the newest first: contacts that locks held back, and clashes resolved."""
    plan, offered, resolution = tables.Plan, tables.SalesSuggestion, tables.ClashResolution
    with database.reading() as session:
        held = session.execute(
            select(col(plan.starts_on), func.count(func.distinct(col(offered.person_id))))
            .join(offered, col(offered.plan_id) == col(plan.id))
            .where(col(plan.state).in_(COUNTING))
            .group_by(col(plan.id), col(plan.starts_on))
        ).all()
        resolved: Sequence[datetime] = session.execute(select(col(resolution.at))).scalars().all()
    by_lock: Counter[date] = Counter()
    for starts_on, count in held:
        by_lock[week_of(starts_on)] += count
    by_hand = Counter(week_of(at.astimezone(zone).date()) for at in resolved)
    weeks = sorted({*by_lock, *by_hand}, reverse=True)
    return tuple(WeekOfClashes(week, by_lock[week], by_hand[week]) for week in weeks)
