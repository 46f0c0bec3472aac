"""Where the joins and sums of the evidence are computed: DuckDB in memory, or the Spark session that holds the events.

Both compute the same Narwhals expressions. What comes back from either are sufficient statistics, which are small.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import narwhals as nw
import pyarrow as pa

from campaigns.faults import Fault, RefusedError

__all__ = ["Engine", "engine_of", "on_spark"]

Lazy = nw.LazyFrame[Any]


@dataclass(frozen=True)
class Engine:
    """An engine of lazy frames.

    Parameters
    ----------
    session
        The Spark session; None stands for DuckDB in memory.
    """

    session: Any = None

    def lay(self, table: pa.Table) -> Lazy:
        """Lay a table of this process on the engine."""
        eager = nw.from_native(table, eager_only=True)
        laid: Lazy = eager.lazy("duckdb") if self.session is None else eager.lazy("pyspark", session=self.session)
        return laid

    def materialise(self, frame: Lazy) -> Lazy:
        """Compute a lazy frame once, so that what stands on it does not compute it again."""
        if self.session is None:
            return self.lay(frame.collect("pyarrow").to_native())
        kept: Lazy = nw.from_native(frame.to_native().persist())
        return kept


def engine_of(*frames: Any) -> Engine:
    """Return the engine on which frames lie: their Spark session if any of them is Spark's, else DuckDB."""
    for frame in frames:
        if nw.from_native(frame).implementation.is_pyspark():
            return Engine(frame.sparkSession)
    return Engine()


def on_spark(frame: Lazy, types: Mapping[str, pa.DataType], zone: ZoneInfo | None, *, number: bool) -> Lazy:
    """Give the columns of a frame of Spark the types that the evidence counts on, and its times the clock of a zone.

    Parameters
    ----------
    types
        Types of columns that hold nothing at all; the rest is text.
    zone
        Show times as a clock of this zone does; None leaves them as they are.
    number
        Whether to number the rows, in the order of their columns, as ``row``.

    Raises
    ------
    RefusedError
        If times are moments, and the session shows them by the clock of another zone.
    """
    schema = frame.collect_schema()
    changed = {}
    for name, kind in schema.items():
        column = nw.col(name)
        if kind == nw.Unknown:
            kind = nw.from_native(pa.table({name: pa.array([], types.get(name, pa.string()))})).schema[name]
            column = column.cast(kind)
        if name == "person" and (kind.is_integer() or kind.is_float()):
            column = column.cast(nw.Int64)
        if isinstance(kind, nw.Datetime) and zone is not None and kind.time_zone is not None:
            _refuse_other_zone(name, kind.time_zone, zone)
            column = column.dt.replace_time_zone(None)
        changed[name] = column
    placed = frame.select(**changed)
    return placed.with_row_index("row", order_by=list(schema)) if number else placed


def _refuse_other_zone(column: str, session: str, zone: ZoneInfo) -> None:
    """Refuse to tell the days of a zone by the clock of another: Spark shows moments by that of its session."""
    if session != zone.key:
        fault = Fault(0, column, f"the clock of {session}, the zone of the Spark session", f"that of {zone.key}")
        raise RefusedError(
            "Times on Spark cannot be told by the clock of the fit:",
            [fault],
            f'Set it before: spark.conf.set("spark.sql.session.timeZone", "{zone.key}").',
        )
