"""The chance with which each contact of a plan was to be sent, beside the touches that a fit reads.

A held-back contact is compared with those of the same plan and touch point that were sent. These come back in files,
with names of campaigns that the plan never knew, so they are found by person, touch point and day, and carry the chance
that the plan drew: nothing about it is estimated.
"""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute
from numpy.typing import NDArray
from sqlalchemy import func, select
from sqlmodel import Session, col

from campaigns.naming.aliases import renamed
from campaigns.store import tables
from campaigns.store.aliases import aliases_of
from campaigns.store.arrow import read_table
from campaigns.store.database import Database
from campaigns.store.held_back import HELD_BACK, key_of
from campaigns.store.standing import survivor
from campaigns.terms import CAUSES

__all__ = ["ENOUGH", "NEAR", "with_chances"]

NEAR = 3
"""Days by which a contact may go out earlier or later than planned and still be that contact."""

ENOUGH = 0.5
"""Share of a plan's contacts through a touch point that files must tell of before its held-back ones teach anything."""

LONG = 100_000
"""More days than any two contacts lie apart."""

Index = NDArray[np.int64]
pc: Any = pyarrow.compute  # its type stubs lag behind the library


def with_chances(database: Database, touches: pa.Table, zone: ZoneInfo) -> pa.Table:
    """Add to touches the chance with which each was to be sent, as its plan drew it.

    What was sent is about the offer of the plan where its file names none. Held-back contacts without counterpart,
    because files tell of too few of the plan's contacts through this touch point (`ENOUGH`) or of none as late, are
    left out: on their own they teach nothing.

    Parameters
    ----------
    touches
        What `campaigns.store.observations.touches` returns.
    zone
        The zone in which days begin.

    Returns
    -------
    The touches with the column ``chance``: above 0, at most 1, and null for those of no plan.
    """
    with database.reading() as session:
        places = _places(session)
        written = _written(session)
    chance = np.full(touches.num_rows, np.nan)
    if not places.num_rows:
        return touches.append_column("chance", pa.array(chance, from_pandas=True))
    found = _found(touches, places, written, zone)
    kept = _taught(places, found)
    rows = found[kept]
    chance[rows] = np.asarray(places["probability"], float)[kept]
    offer = np.full(touches.num_rows, -1, np.int64)
    offer[rows] = np.flatnonzero(kept)
    told = places["promotion"].combine_chunks().take(pa.array(offer, mask=offer < 0))
    at = touches.column_names.index("promotion")
    filled = pc.coalesce(touches["promotion"].combine_chunks(), told)
    ours = np.isin(np.asarray(touches["id"]), np.asarray(list(written.values()), np.int64))
    return (
        touches.set_column(at, touches.schema.field(at), filled)
        .append_column("chance", pa.array(chance, from_pandas=True))
        .filter(pa.array(~(ours & np.isnan(chance))))
    )


def _places(session: Session) -> pa.Table:
    """Return the contacts of plans that went out or were held back, with the chance that each was to be sent."""
    row, contact = tables.Reservation, tables.PlannedContact
    person: Any = survivor()
    statement: Any = (
        select(
            col(row.id),
            person.label("person"),
            *(col(getattr(row, name)) for name in ("channel", "promotion", "on", "plan_id", "ghost")),
            col(contact.probability),
        )
        .join(tables.Person, col(tables.Person.id) == col(row.person_id))
        .join(contact, col(contact.id) == col(row.contact_id))
        .where(
            col(row.state).in_(("committed", "settled")),
            # who was to be held back and heard from us all the same is no comparison
            col(row.ghost).is_(False) | (func.coalesce(col(row.outcome), "withheld") == "withheld"),
        )
        .order_by(col(row.id))
    )
    return renamed(read_table(session.connection(), statement), aliases_of(session))


def _written(session: Session) -> dict[str, int]:
    """Return the touches that stand for held-back contacts, by their keys."""
    touch = tables.Touch
    rows = session.execute(select(col(touch.row_key), col(touch.id)).where(col(touch.source) == HELD_BACK))
    return {key: number for key, number in rows if number is not None}


def _found(touches: pa.Table, places: pa.Table, written: dict[str, int], zone: ZoneInfo) -> Index:
    """Return the row of the touch that each place has become, or -1, shape ``(places,)``."""
    ghost = np.asarray(places["ghost"])
    keys: Any = [written.get(key_of(number), -1) for number in places["id"].to_pylist()]
    found = _integers(
        pc.fill_null(pc.index_in(pa.array(keys, pa.int64()), value_set=touches["id"].combine_chunks()), -1)
    )
    found[~ghost] = -1
    names = pa.array(sorted(set(places["channel"].to_pylist())), pa.string())
    channel = _integers(pc.fill_null(pc.index_in(touches["channel"], value_set=names), -1))
    sent = np.asarray(pc.is_in(touches["kind"], value_set=pa.array(list(CAUSES)))) & (channel >= 0)
    rows = np.flatnonzero(sent)
    local = pc.local_timestamp(pc.cast(touches["occurred_at"], pa.timestamp("us", zone.key)))
    day = _integers(pc.cast(pc.cast(local, pa.date32()), pa.int32()))
    made = (_integers(touches["person"])[rows] * len(names) + channel[rows]) * LONG + day[rows]
    order = np.argsort(made, kind="stable")
    wanted = _integers(pc.index_in(places["channel"], value_set=names))
    due = (_integers(places["person"]) * len(names) + wanted) * LONG + _days(places["on"])
    asked = np.flatnonzero(~ghost)
    at, apart = _nearest(made[order], due[asked])
    near = apart <= NEAR
    # of two places that a touch could be, it is the nearer
    closest = np.argsort(apart[near], kind="stable")
    _, first = np.unique(at[near][closest], return_index=True)
    taken = np.flatnonzero(near)[closest][first]
    found[asked[taken]] = rows[order][at[taken]]
    return found


def _nearest(made: Index, due: Index) -> tuple[Index, Index]:
    """Return the position of the nearest of some sorted numbers to each of others, and how far away it is."""
    if not len(made):
        return np.zeros(len(due), np.int64), np.full(len(due), LONG)
    after = np.clip(np.searchsorted(made, due), 0, len(made) - 1)
    before = np.maximum(after - 1, 0)
    nearer = np.where(np.abs(made[before] - due) < np.abs(made[after] - due), before, after)
    return nearer, np.abs(made[nearer] - due)


def _taught(places: pa.Table, found: Index) -> NDArray[np.bool_]:
    """Tell which places teach: those that became touches, in plans and touch points of which files tell enough."""
    ghost, day = np.asarray(places["ghost"]), _days(places["on"])
    names = sorted(set(places["channel"].to_pylist()))
    channel = _integers(pc.index_in(places["channel"], value_set=pa.array(names, pa.string())))
    draws, draw = np.unique(_integers(places["plan_id"]) * len(names) + channel, return_inverse=True)
    came = ~ghost & (found >= 0)
    last = np.full(len(draws), -LONG, np.int64)
    np.maximum.at(last, draw[came], day[came])
    due = ~ghost & (day <= last[draw])
    share = np.bincount(draw[came], minlength=len(draws)) / np.maximum(np.bincount(draw[due], minlength=len(draws)), 1)
    kept: NDArray[np.bool_] = (found >= 0) & (day <= last[draw]) & (share[draw] >= ENOUGH)
    return kept


def _days(column: Any) -> Index:
    return _integers(pc.cast(column, pa.int32()))


def _integers(column: Any) -> Index:
    return np.array(column, np.int64)
