"""Touches counted by name and day in one reading: what reconciliation and the joining of names look at.

Counting in the database would sort every touch by its texts first, on SQLite several times the work of reading them.
"""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute
from sqlalchemy import Connection, select

from campaigns.store.arrow import read_batches
from campaigns.store.merging import table_of
from campaigns.store.tables import Touch

__all__ = ["NAMES", "touch_sums"]

pc: Any = pyarrow.compute  # its type stubs lag behind the library

NAMES = ("source", "kind", "channel", "campaign", "ad")

KEYS = (*NAMES, "day", "day_utc")

_NOTHING = pa.schema(
    [
        *((name, pa.string()) for name in NAMES),
        *((name, pa.date32()) for name in ("day", "day_utc")),
        *((name, pa.int64()) for name in ("rows", "cost")),
    ]
)

TOGETHER = 2_000_000
"""Rows of sums that are held before they are summed again: it bounds memory, whatever the order of the touches."""


def touch_sums(connection: Connection, zone: ZoneInfo) -> pa.Table:
    """Count all touches, and what they cost.

    Parameters
    ----------
    zone
        Where days begin.

    Returns
    -------
    ``source, kind, channel, campaign, ad, day, day_utc, rows, cost``: ``day`` is local, ``day_utc`` that of UTC;
    ``cost`` is in minor units of the reporting currency, 0 where no touch says any.
    """
    touches = table_of(Touch)
    query: Any = select(*(touches.c[name] for name in (*NAMES, "occurred_at", "cost")))
    parts, pending = [_NOTHING.empty_table()], 0
    for batch in read_batches(connection, query):
        part = _counted(_daily(batch, zone))
        parts.append(part)
        pending += part.num_rows
        if pending > TOGETHER:
            parts, pending = [_counted(pa.concat_tables(parts))], 0
    return _counted(pa.concat_tables(parts))


def _daily(batch: pa.RecordBatch, zone: ZoneInfo) -> pa.Table:
    at = batch.column("occurred_at")
    local = pc.local_timestamp(pc.cast(at, pa.timestamp("us", zone.key)))
    columns: dict[str, Any] = {name: batch.column(name) for name in NAMES}
    columns["day"], columns["day_utc"] = pc.cast(local, pa.date32()), pc.cast(at, pa.date32())
    columns["rows"] = pa.repeat(pa.scalar(1, pa.int64()), batch.num_rows)
    columns["cost"] = pc.fill_null(batch.column("cost"), 0)
    return pa.table(columns)


def _counted(rows: pa.Table) -> pa.Table:
    found = rows.group_by(list(KEYS)).aggregate([("rows", "sum"), ("cost", "sum")])
    return found.rename_columns([name.removesuffix("_sum") for name in found.column_names]).select(_NOTHING.names)
