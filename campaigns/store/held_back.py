"""Customers held back from a contact of a plan: kept as touches of the kind ``ghost``, so that fits learn from them.

A ghost is written when its plan is exported, in the same transaction, once; and taken back with its place in the
ledger. What a fit makes of it is decided when it is read (`campaigns.store.chances`).
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete, insert, select
from sqlmodel import Session, col

from campaigns.people.identity import CUSTOMER
from campaigns.store import tables
from campaigns.store.standing import parts
from campaigns.terms import GHOST

__all__ = ["HELD_BACK", "NOON", "keep_held_back", "key_of", "take_back"]

HELD_BACK = "plan"
"""Source of the touches that stand for contacts which a plan held back."""

NOON = time(12)
"""The time of day, by the company's clock, at which a contact counts of which only the day is known."""


def key_of(reservation: int) -> str:
    """Return the key of the touch that stands for a held-back contact of the ledger."""
    return f"contact-{reservation}"


def keep_held_back(session: Session, plan_id: int, *, zone: ZoneInfo, now: datetime) -> int:
    """Write the held-back contacts that a plan has committed as ghosts, at noon of their day; return how many are new.

    Parameters
    ----------
    zone
        The zone in which the plan's days begin.
    now
        When it is exported.
    """
    place, identity, touch = tables.Reservation, tables.Identity, tables.Touch
    rows = session.execute(
        select(col(place.id), col(identity.id), col(place.channel), col(place.promotion), col(place.on))
        .join(identity, (col(identity.kind) == CUSTOMER) & (col(identity.value) == col(place.customer_id)))
        .where(col(place.plan_id) == plan_id, col(place.state) == "committed", col(place.ghost))
        .order_by(col(place.id))
    ).all()
    there: set[str] = set()
    for part in parts([row[0] for row in rows]):
        keys = [key_of(number) for number in part]
        found = select(col(touch.row_key)).where(col(touch.source) == HELD_BACK, col(touch.row_key).in_(keys))
        there |= set(session.execute(found).scalars())
    new = [row for row in rows if key_of(row[0]) not in there]
    if not new:
        return 0
    batch = _batch(session, plan_id, [row[4] for row in new], now)
    told = [
        {
            "batch_id": batch,
            "source": HELD_BACK,
            "row_key": key_of(number),
            "touch_id": key_of(number),
            "identity_id": who,
            "occurred_at": datetime.combine(on, NOON, zone).astimezone(UTC),
            "channel": channel,
            "kind": GHOST,
            "promotion": promotion,
        }
        for number, who, channel, promotion, on in new
    ]
    session.execute(insert(touch), told)
    return len(new)


def take_back(session: Session, reservations: Collection[int]) -> int:
    """Forget the ghosts of places in the ledger, held-back or not; return how many there were."""
    touch, count = tables.Touch, 0
    for part in parts(sorted(reservations)):
        keys = [key_of(number) for number in part]
        gone: Any = session.execute(
            delete(touch).where(col(touch.source) == HELD_BACK, col(touch.kind) == GHOST, col(touch.row_key).in_(keys))
        )
        count += int(gone.rowcount)
    return count


def _batch(session: Session, plan_id: int, days: Collection[date], now: datetime) -> int:
    batch = tables.ImportBatch(
        kind="touches",
        source=HELD_BACK,
        path=f"plan {plan_id}",
        digest=f"held back by plan {plan_id}",
        started_at=now,
        finished_at=now,
        rows=len(days),
        added=len(days),
        first_day=min(days),
        last_day=max(days),
    )
    session.add(batch)
    session.flush()
    return batch.id or 0
