"""What an import held, in short: its first and last day, and what it left out for which reason."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pyarrow as pa
import pyarrow.compute

from campaigns.intake.formats import FileKind
from campaigns.intake.left_out import day_column

__all__ = ["left_out_of", "period_of"]

pc: Any = pyarrow.compute  # its type stubs lag behind the library


def period_of(kind: FileKind, table: pa.Table) -> tuple[dt.date | None, dt.date | None]:
    """Return the first and the last day of the rows of a file, in UTC; None where they have none."""
    name = day_column(kind)
    if not name or name not in table.column_names or not table.num_rows:
        return None, None
    ends = pc.min_max(table.column(name)).as_py()
    return _day(ends["min"]), _day(ends["max"])


def left_out_of(left: pa.Table) -> dict[str, list[int]]:
    """Return for each reason how many rows do not count at all, and how much of the value does not."""
    left = left.filter(pc.not_equal(left.column("reason"), ""))  # an empty reason: not of this kind at all
    if not left.num_rows:
        return {}
    summed = (
        left.select(["reason", "value"])
        .append_column("rows", pc.cast(left.column("whole"), pa.int64()))
        .group_by("reason")
        .aggregate([("rows", "sum"), ("value", "sum")])
    )
    return {row["reason"]: [row["rows_sum"] or 0, row["value_sum"] or 0] for row in summed.to_pylist()}


def _day(at: dt.date | dt.datetime | None) -> dt.date | None:
    return at.date() if isinstance(at, dt.datetime) else at
