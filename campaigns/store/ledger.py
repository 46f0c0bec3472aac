"""The ledger: places in the caps reserved, committed and released, each in one transaction.

Whoever asks, the caps are counted once more inside the transaction, against every contact that was made and every place
that is taken. On SQLite a writer holds the database's write lock; on PostgreSQL it holds a lock per household, or, for
many persons, the lock that imports hold, so that nothing is made or promised beside it meanwhile.
"""

from __future__ import annotations

import zlib
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, insert, select, update
from sqlmodel import Session, col

from campaigns.planning.ledger import Asked, Refusal, admit
from campaigns.planning.policy import ContactPolicy
from campaigns.store import tables
from campaigns.store.database import LOCK, Database
from campaigns.store.held_back import take_back
from campaigns.store.standing import LIVE, households_of, members_of, parts, standing_of, survivors

__all__ = ["Booked", "commit", "holding", "release", "reserve", "reserve_in"]

UTC_ZONE = ZoneInfo("UTC")

MANY = 64
"""Persons from which one lock for all is taken in place of one per household."""

SPACE = 0x6C656467
"""First half of the numbers of the locks on households."""


@dataclass(frozen=True)
class Booked:
    """What came of asking for places.

    Parameters
    ----------
    ids
        Number of each reservation made, in the order of what was asked.
    accepted
        The contacts that got a place.
    refusals
        Those that did not, each with its reason.
    """

    ids: tuple[int, ...]
    accepted: tuple[Asked, ...]
    refusals: tuple[Refusal, ...]


def reserve(
    database: Database,
    asked: Sequence[Asked],
    policy: ContactPolicy,
    *,
    asked_by: str,
    zone: ZoneInfo = UTC_ZONE,
    plan_id: int | None = None,
    now: datetime | None = None,
) -> Booked:
    """Reserve places for contacts, those that no cap refuses, in one transaction.

    Parameters
    ----------
    asked
        The contacts, the most wanted first.
    policy
        The caps.
    asked_by
        Who asks.
    zone
        The zone in which days begin.
    plan_id
        The plan they belong to, or None.
    """
    if not asked:
        return Booked((), (), ())
    with holding(database, {contact.person for contact in asked}) as session:
        return reserve_in(session, asked, policy, asked_by=asked_by, zone=zone, plan_id=plan_id, now=now)


def reserve_in(
    session: Session,
    asked: Sequence[Asked],
    policy: ContactPolicy,
    *,
    asked_by: str,
    zone: ZoneInfo = UTC_ZONE,
    plan_id: int | None = None,
    now: datetime | None = None,
) -> Booked:
    """Reserve inside a transaction that already excludes others (`holding`)."""
    gone = survivors(session, {contact.person for contact in asked})
    asked = [replace(contact, person=gone.get(contact.person, contact.person)) for contact in asked]
    persons = {contact.person for contact in asked}
    homes = households_of(session, persons)
    circle = persons | members_of(session, set(homes.values()))
    homes = households_of(session, circle)
    standing = standing_of(session, circle, policy, [contact.on for contact in asked], zone)
    admitted = admit(asked, standing, homes, policy, live=_live_contacts(session, plan_id))
    moment = now or datetime.now(UTC)
    rows = [
        {
            **{name: getattr(asked[place], name) for name in ("customer_id", "channel", "promotion", "on", "ghost")},
            "contact_id": asked[place].contact_id,
            "person_id": asked[place].person,
            "household": homes.get(asked[place].person),
            "plan_id": plan_id,
            "state": "reserved",
            "keeps_place": True,
            "asked_by": asked_by,
            "reserved_at": moment,
        }
        for place in admitted.accepted
    ]
    ids: tuple[int, ...] = ()
    if rows:
        table = tables.Reservation
        statement = insert(table).returning(col(table.id), sort_by_parameter_order=True)
        ids = tuple(session.execute(statement, rows).scalars())
    return Booked(ids, tuple(asked[place] for place in admitted.accepted), admitted.refusals)


def commit(session: Session, *, plan_id: int | None = None, ids: Collection[int] = (), now: datetime) -> int:
    """Commit reserved places (a list with them went out); return how many were."""
    return _move(session, plan_id, ids, ("reserved",), {"state": "committed", "committed_at": now})


def release(
    session: Session,
    *,
    plan_id: int | None = None,
    ids: Collection[int] = (),
    from_day: date | None = None,
    states: Sequence[str] = ("reserved", "committed"),
    now: datetime,
) -> int:
    """Give places back; return how many were. Held-back contacts among them are forgotten: they are none any more.

    Parameters
    ----------
    from_day
        Only contacts of this day and later, or all if None.
    """
    released = {"state": "released", "released_at": now}
    held_back = _held_back(session, plan_id, ids, states, from_day)
    count = _move(session, plan_id, ids, states, released, from_day)
    take_back(session, held_back)
    return count


@contextmanager
def holding(database: Database, persons: Collection[int]) -> Iterator[Session]:
    """Write while nobody else makes or promises contacts with these persons, nor with their households."""
    if database.is_sqlite or len(persons) > MANY:
        with database.transaction(exclusive=True) as session:
            yield session
        return
    with database.transaction() as session:
        session.execute(select(func.pg_advisory_xact_lock_shared(LOCK)))
        for key in sorted(_lock_keys(session, persons)):
            session.execute(select(func.pg_advisory_xact_lock(SPACE, key)))
        yield session


def _lock_keys(session: Session, persons: Collection[int]) -> set[int]:
    """Return the numbers of the locks on the households of persons; of two that share one, each waits for the other."""
    gone = survivors(session, persons)
    now = {gone.get(person, person) for person in persons}
    homes = households_of(session, now)
    names = {homes.get(person, f"\n{person}") for person in now}
    return {zlib.crc32(name.encode()) - 2**31 for name in names}


def _live_contacts(session: Session, plan_id: int | None) -> list[int]:
    if plan_id is None:
        return []
    table = tables.Reservation
    statement = select(col(table.contact_id)).where(col(table.plan_id) == plan_id, col(table.state).in_(LIVE))
    return [number for number in session.execute(statement).scalars() if number is not None]


def _held_back(
    session: Session, plan_id: int | None, ids: Collection[int], states: Sequence[str], from_day: date | None
) -> list[int]:
    """Return the held-back contacts among the places of a plan, or among some numbers."""
    table = tables.Reservation
    statement: Any = select(col(table.id)).where(col(table.state).in_(states), col(table.ghost))
    if from_day is not None:
        statement = statement.where(col(table.on) >= from_day)
    if plan_id is not None:
        return list(session.execute(statement.where(col(table.plan_id) == plan_id)).scalars())
    return [
        number
        for part in parts(sorted(ids))
        for number in session.execute(statement.where(col(table.id).in_(part))).scalars()
    ]


def _move(
    session: Session,
    plan_id: int | None,
    ids: Collection[int],
    states: Sequence[str],
    values: dict[str, Any],
    from_day: date | None = None,
) -> int:
    """Change the state of places of a plan, or of some numbers, that are in one of these states."""
    table = tables.Reservation
    statement = update(table).where(col(table.state).in_(states)).values(**values)
    if from_day is not None:
        statement = statement.where(col(table.on) >= from_day)
    if plan_id is not None:
        moved: Any = session.execute(statement.where(col(table.plan_id) == plan_id))
        return int(moved.rowcount)
    count = 0
    for part in parts(sorted(ids)):
        moved = session.execute(statement.where(col(table.id).in_(part)))
        count += int(moved.rowcount)
    return count
