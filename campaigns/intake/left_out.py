"""What a file shows and that does not count: the columns in which it is handed on."""

from __future__ import annotations

from collections.abc import Mapping
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from campaigns.intake.formats import FileKind, Type
from campaigns.intake.kernels import Chunked, pc
from campaigns.intake.parsing import STORED
from campaigns.intake.raw import LeftRows
from campaigns.intake.times import local_days

__all__ = ["AMOUNTS", "EXTRA", "day_column", "left_table", "schema_of"]

AMOUNTS = {"responses": "value", "spend": "cost", "touches": "cost", "opportunities": "value", "cases": "cost"}
"""The column of each kind that a reconciliation adds up."""

EXTRA = {
    "line": pa.int64(),
    "reason": pa.string(),
    "occurred_on": pa.date32(),
    "value": pa.int64(),
    "whole": pa.bool_(),
    "row": pa.string(),
}
"""What is told of each row besides its key; ``value`` in minor units of the reporting currency."""


def schema_of(kind: FileKind) -> pa.Schema:
    """Return the Arrow schema of what a file of a kind leaves out: the columns of its key, and :data:`EXTRA`."""
    names = dict.fromkeys((*kind.key, "source", *(("currency",) if kind.has_money else ())))
    types = {column.name: column.type for column in kind.all_columns}
    fields = [pa.field(name, STORED[types[name]]) for name in names if name not in EXTRA]
    return pa.schema([*fields, *(pa.field(name, kind_) for name, kind_ in EXTRA.items())])


def day_column(kind: FileKind) -> str:
    """Return the column that says when a row of a kind happened, or an empty text."""
    if kind.day:
        return kind.day
    return next((column.name for column in kind.columns if column.type in (Type.TIME, Type.DATE)), "")


def left_table(kind: FileKind, values: Mapping[str, Chunked], left: LeftRows, zone: ZoneInfo) -> pa.Table:
    """Put together what a file leaves out.

    Parameters
    ----------
    values
        The columns of the kind, typed as it stores them.
    left
        The reasons and the lines.
    zone
        Where days begin.
    """
    amount = AMOUNTS.get(kind.name)
    told = {
        "line": pa.array(left.lines, pa.int64()),
        "reason": pa.array(left.reasons, pa.string()),
        "occurred_on": _days(values[day_column(kind)], zone) if day_column(kind) else None,
        "value": values[amount] if amount else None,
        "whole": pa.array(left.whole, pa.bool_()),
        "row": pa.array(left.rows, pa.string()),
    }
    schema = schema_of(kind)
    count = len(left.lines)
    empty = {field.name: pa.nulls(count, field.type) for field in schema}
    known = {name: values[name] for name in schema.names if name not in EXTRA}
    return pa.table({**empty, **known, **{name: value for name, value in told.items() if value is not None}}).cast(
        schema
    )


def _days(values: Chunked, zone: ZoneInfo) -> Chunked:
    if pa.types.is_date(values.type):
        return values
    there = pc.is_valid(values).to_numpy()
    instants = pc.fill_null(pc.cast(values, pa.int64()), 0).to_numpy().astype(np.int64)
    return pa.array(local_days(instants, zone).astype(np.int32), pa.int32(), mask=~there).cast(pa.date32())
