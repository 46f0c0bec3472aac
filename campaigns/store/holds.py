"""Owners' holds: sales keeps a person or an account to itself, for a reason and until a day."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any

from sqlalchemy import func, or_, select
from sqlmodel import Session, col

from campaigns.faults import Fault, RefusedError, TouchstoneError
from campaigns.planning.policy import ContactPolicy
from campaigns.store import tables
from campaigns.store.database import Database
from campaigns.store.plan_records import person_of

__all__ = [
    "Hold",
    "HoldWish",
    "hold_of",
    "holds",
    "holds_on",
    "place_hold",
    "place_hold_in",
    "release_hold",
    "release_hold_in",
]


@dataclass(frozen=True)
class HoldWish:
    """A hold that an owner wants.

    Parameters
    ----------
    owner
        Whose hold it is.
    reason
        Why; a hold without a reason does not exist.
    until
        Last day; nor does one without an end.
    customer_id, account_id
        Whom it holds: one of the two.
    starts_on
        First day; today if None.
    """

    owner: str
    reason: str
    until: date
    customer_id: str | None = None
    account_id: str | None = None
    starts_on: date | None = None


@dataclass(frozen=True)
class Hold:
    """A hold that was placed."""

    id: int
    owner: str
    reason: str
    customer_id: str | None
    account_id: str | None
    starts_on: date
    until: date
    placed_by: str
    placed_at: datetime
    released_at: datetime | None

    @property
    def words(self) -> str:
        """The hold as people read it."""
        whom = f"account {self.account_id}" if self.account_id else f"customer {self.customer_id}"
        return f"hold {self.id}: {self.owner} holds {whom} until {self.until} ({self.reason})"


def place_hold(
    database: Database, policy: ContactPolicy, wish: HoldWish, *, by: str, today: date, now: datetime | None = None
) -> Hold:
    """Place a hold.

    Raises
    ------
    RefusedError
        With everything that is wrong with it: no reason, no end, too long, too many of the owner's already, or nobody
        to hold.
    """
    with database.transaction(exclusive=True) as session:
        return place_hold_in(session, policy, wish, by=by, today=today, now=now)


def place_hold_in(
    session: Session, policy: ContactPolicy, wish: HoldWish, *, by: str, today: date, now: datetime | None = None
) -> Hold:
    """Place a hold inside a transaction that excludes others, as `place_hold` does."""
    first = wish.starts_on or today
    person = None if wish.customer_id is None else person_of(session, wish.customer_id)
    faults = [*_faults(wish, policy, first, today), *_unknown(session, wish, person)]
    held = _count(session, wish.owner, today)
    if held >= policy.holds_per_owner:
        expected = f"at most {policy.holds_per_owner} at a time (policy.holds_per_owner)"
        faults.append(Fault(0, "owner", f"{wish.owner} has {held} holds already", expected))
    if faults:
        raise RefusedError("This hold cannot be placed:", faults, "Correct it, or release another one.")
    row = tables.SalesHold(
        owner=wish.owner.strip(),
        reason=wish.reason.strip(),
        person_id=person,
        customer_id=wish.customer_id,
        account_id=wish.account_id,
        starts_on=first,
        until=wish.until,
        placed_at=now or datetime.now(UTC),
        placed_by=by,
    )
    session.add(row)
    session.flush()
    return _hold(row)


def release_hold(database: Database, hold_id: int, *, by: str, now: datetime | None = None) -> Hold:
    """Release a hold before its end.

    Raises
    ------
    TouchstoneError
        If there is no such hold, or it was released already.
    """
    with database.transaction(exclusive=True) as session:
        return release_hold_in(session, hold_id, by=by, now=now)


def release_hold_in(session: Session, hold_id: int, *, by: str, now: datetime | None = None) -> Hold:
    """Release a hold inside a transaction that excludes others, as `release_hold` does."""
    row = session.get(tables.SalesHold, hold_id)
    if row is None:
        raise TouchstoneError(f"There is no hold {hold_id}.", "List them with: touchstone hold --list")
    if row.released_at is not None:
        raise TouchstoneError(f"Hold {hold_id} was released on {row.released_at:%Y-%m-%d}.")
    row.released_at, row.released_by = now or datetime.now(UTC), by
    session.add(row)
    return _hold(row)


def hold_of(session: Session, hold_id: int) -> Hold | None:
    """Return a hold, or None if there is no such one."""
    row = session.get(tables.SalesHold, hold_id)
    return None if row is None else _hold(row)


def holds_on(session: Session, persons: Collection[int], accounts: Collection[str], today: date) -> tuple[Hold, ...]:
    """Return the holds on some persons and accounts that hold on this day or later, the newest first."""
    row = tables.SalesHold
    found = session.execute(
        select(row)
        .where(
            or_(col(row.person_id).in_(persons), col(row.account_id).in_(accounts)),
            col(row.released_at).is_(None),
            col(row.until) >= today,
        )
        .order_by(col(row.id).desc())
    )
    return tuple(map(_hold, found.scalars()))


def holds(database: Database, *, today: date | None = None, owner: str | None = None) -> tuple[Hold, ...]:
    """Return holds, the newest first.

    Parameters
    ----------
    today
        Only those that hold on this day or later, released ones aside; all that there ever were if None.
    owner
        Only those of this owner.
    """
    statement: Any = select(tables.SalesHold).order_by(col(tables.SalesHold.id).desc())
    if today is not None:
        statement = statement.where(col(tables.SalesHold.released_at).is_(None), col(tables.SalesHold.until) >= today)
    if owner is not None:
        statement = statement.where(col(tables.SalesHold.owner) == owner)
    with database.reading() as session:
        return tuple(_hold(row) for row in session.execute(statement).scalars())


def _faults(wish: HoldWish, policy: ContactPolicy, first: date, today: date) -> Iterator[Fault]:
    if not wish.owner.strip():
        yield Fault(0, "owner", "nobody", "whose hold it is")
    if not wish.reason.strip():
        yield Fault(0, "reason", "nothing", "why sales wants to be left alone with them")
    if (wish.customer_id is None) == (wish.account_id is None):
        yield Fault(0, "customer or account", "both or none", "one of the two")
    last = max(first, today) + timedelta(policy.hold_days - 1)
    if wish.until < first:
        yield Fault(0, "until", str(wish.until), f"a day not before {first}")
    elif wish.until < today:
        yield Fault(0, "until", str(wish.until), f"today ({today}) or later")
    elif wish.until > last:
        yield Fault(0, "until", str(wish.until), f"at most {policy.hold_days} days: {last} (policy.hold_days)")


def _unknown(session: Session, wish: HoldWish, person: int | None) -> Iterator[Fault]:
    if wish.customer_id is not None and person is None:
        yield Fault(0, "customer", wish.customer_id, "a customer number as the customers file writes it")
    if wish.account_id is not None:
        customer = tables.Customer
        count = session.execute(
            select(func.count()).select_from(customer).where(col(customer.account_id) == wish.account_id)
        ).scalar_one()
        if not count:
            yield Fault(0, "account", wish.account_id, "an account of the customers file")


def _count(session: Session, owner: str, today: date) -> int:
    row = tables.SalesHold
    statement = (
        select(func.count())
        .select_from(row)
        .where(col(row.owner) == owner.strip(), col(row.released_at).is_(None), col(row.until) >= today)
    )
    return int(session.execute(statement).scalar_one())


def _hold(row: tables.SalesHold) -> Hold:
    return Hold(
        row.id or 0,
        row.owner,
        row.reason,
        row.customer_id,
        row.account_id,
        row.starts_on,
        row.until,
        row.placed_by,
        row.placed_at,
        row.released_at,
    )
