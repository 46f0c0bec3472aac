"""Ticked call lists come back: contacts settled, refusals kept, calls agreed upon put into sales' calendar."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from campaigns.faults import Fault, RefusedError
from campaigns.intake.checking import schema_of
from campaigns.intake.formats import KINDS
from campaigns.lists.ticked import Ticked
from campaigns.planning.ledger import CALL_OUTCOMES
from campaigns.store.database import Database
from campaigns.store.loading import Loading, load_all
from campaigns.store.settling import Outcome, Place, places_of, settle

__all__ = ["SOURCE", "CallsBack", "settle_calls"]

SOURCE = "call list"
"""Source of the rows that a ticked list makes: read again, the same list replaces them."""

NOON = time(12)


@dataclass(frozen=True)
class CallsBack:
    """What ticked lists brought: contacts settled, and what was kept besides."""

    settled: int
    declined: int
    opted_out: int
    call_backs: int
    wrong_numbers: int


def settle_calls(
    database: Database, ticks: Sequence[Ticked], *, zone: ZoneInfo, path: str = SOURCE, now: datetime | None = None
) -> CallsBack:
    """Settle the contacts of call lists by what was ticked.

    Each call becomes a touch with its outcome; "not interested now" a decline of the offer, "not interested ever" an
    opt-out of calls, a wrong number a bounce, and a time to call back a booked call of the agent's, which keeps
    marketing silent before it. The same list read again changes nothing.

    Parameters
    ----------
    zone
        Zone in which the days of contacts begin.
    path
        Where the list came from.

    Raises
    ------
    RefusedError
        If a contact was never exported, or is no call; then nothing is settled.
    """
    moment = now or datetime.now(UTC)
    with database.reading() as session:
        known = {place.id: place for place in places_of(session, [one.contact for one in ticks])}
    faults = [
        Fault(one.line, "contact", str(one.contact), "the number of a contact that was exported")
        for one in ticks
        if one.contact not in known or known[one.contact].state not in ("committed", "settled")
    ]
    if faults:
        raise RefusedError("This call list cannot be settled:", faults, "Nothing was settled. Correct it and retry.")
    made = [(one, known[one.contact], _made_at(known[one.contact], zone, moment)) for one in ticks]
    settled = settle(database, [Outcome(one.contact, CALL_OUTCOMES[one.outcome], at) for one, _, at in made], now=now)
    rows = {
        "touches": [_touch(one, place, at) for one, place, at in made],
        "responses": [row for one, place, at in made if (row := _response(one, place, at))],
        "sales_activities": [_booked(one, place) for one, place, _ in made if one.call_back_at],
    }
    load_all(database, [_loading(kind, found, path) for kind, found in rows.items() if found])
    told = [one.outcome for one in ticks]
    counts = (told.count(name) for name in ("not interested now", "not interested ever", "call back", "wrong number"))
    return CallsBack(settled, *counts)


def _made_at(place: Place, zone: ZoneInfo, now: datetime) -> datetime:
    """Return noon of the contact's day, or now where that is still to come."""
    return min(datetime.combine(place.on, NOON, zone).astimezone(UTC), now)


def _touch(one: Ticked, place: Place, at: datetime) -> dict[str, Any]:
    return {
        "customer_id": place.customer_id,
        "occurred_at": at,
        "channel": place.channel,
        "kind": "call",
        "promotion": place.promotion,
        "outcome": "reached" if CALL_OUTCOMES[one.outcome] in ("reached", "opted out") else "not reached",
        "touch_id": f"contact-{one.contact}",
    }


def _response(one: Ticked, place: Place, at: datetime) -> dict[str, Any] | None:
    kinds = {"not interested now": "decline", "not interested ever": "opt_out", "wrong number": "bounce"}
    if one.outcome not in kinds or (one.outcome == "not interested now" and place.promotion is None):
        return None
    return {
        "customer_id": place.customer_id,
        "occurred_at": at,
        "kind": kinds[one.outcome],
        "promotion": place.promotion,
        "channel": place.channel,
        "reason": one.reason or one.outcome,
        "response_id": f"contact-{one.contact}",
    }


def _booked(one: Ticked, place: Place) -> dict[str, Any]:
    return {
        "customer_id": place.customer_id,
        "owner": one.agent or SOURCE,
        "occurred_at": None if one.call_back_at is None else one.call_back_at.astimezone(UTC),
        "kind": "call",
        "activity_id": f"contact-{one.contact}",
    }


def _loading(kind: str, rows: Sequence[dict[str, Any]], path: str) -> Loading:
    table = pa.Table.from_pylist([{**row, "source": SOURCE} for row in rows], schema=schema_of(KINDS[kind]))
    return Loading(KINDS[kind], table, Path(path), "")
