"""What imports left out and why: stored with each import, counted per month, and to be had row by row."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute
from sqlalchemy import Connection, case, delete, exists, extract, func, select, tuple_
from sqlmodel import Session, col

from campaigns.intake.formats import FileKind
from campaigns.intake.left_out import EXTRA
from campaigns.store.arrow import append, read_batches
from campaigns.store.keys import keys_of
from campaigns.store.merging import staged, table_of
from campaigns.store.tables import IMPORTED, ImportBatch, LeftOut

__all__ = ["LeftOutSum", "left_out_rows", "left_out_sums", "store_left_out"]

pc: Any = pyarrow.compute  # its type stubs lag behind the library

TOTAL = "total"


@dataclass(frozen=True)
class LeftOutSum:
    """How much of a source was left out for one reason in one month.

    Parameters
    ----------
    month
        Its first day, or None where the rows have no day.
    rows
        Rows that do not count at all.
    value
        What does not count of the values, in minor units of the reporting currency.
    """

    kind: str
    source: str
    reason: str
    month: dt.date | None
    rows: int
    value: int


def store_left_out(
    connection: Connection, batch_id: int, digest: str, kind: FileKind, kept: pa.Table, left: pa.Table
) -> int:
    """Store what an import left out, in the transaction that stores its rows.

    Whatever was left out before of the rows that this import mentions is forgotten, and rows stored before that are now
    left out whole are taken back.

    Parameters
    ----------
    digest
        SHA-256 of the file; what it left out before without a key is forgotten, too.
    kept
        Columns ``source`` and ``row_key`` of the rows that the import stored.
    left
        What was left out: :func:`campaigns.intake.left_out.schema_of`.

    Returns
    -------
    How many rows stored before were taken back.
    """
    keys = keys_of(kind, left.drop_columns(list(EXTRA))) if left.num_rows else pa.chunked_array([], pa.string())
    named = pa.table({"source": left.column("source"), "row_key": keys})
    _forget_file(connection, kind, digest)
    _forget(connection, kind, pa.concat_tables([kept.select(["source", "row_key"]), named]))
    taken_back = _take_back(connection, kind, kept, named.filter(left.column("whole"))) if left.num_rows else 0
    told = pc.not_equal(left.column("reason"), "")  # of rows that are not of this kind nothing is kept
    left, keys = left.filter(told), keys.filter(told)
    if left.num_rows:
        count = left.num_rows
        rows = {
            "batch_id": pa.array(np.full(count, batch_id)),
            "kind": pa.array([kind.name] * count, pa.string()),
            "row_key": keys,
            **{name: left.column(name) for name in ("source", "currency", *EXTRA) if name in left.column_names},
        }
        append(connection, LeftOut.__table__, pa.table(rows))  # type: ignore[attr-defined]
    return taken_back


def _forget_file(connection: Connection, kind: FileKind, digest: str) -> None:
    earlier = select(col(ImportBatch.id)).where(col(ImportBatch.digest) == digest, col(ImportBatch.kind) == kind.name)
    table = LeftOut.__table__  # type: ignore[attr-defined]
    connection.execute(delete(table).where(table.c.row_key.is_(None), table.c.batch_id.in_(earlier)))


def _forget(connection: Connection, kind: FileKind, mentioned: pa.Table) -> None:
    """Forget what was left out before of the rows mentioned."""
    table = LeftOut.__table__  # type: ignore[attr-defined]
    if not mentioned.num_rows or not connection.execute(select(exists().where(table.c.kind == kind.name))).scalar_one():
        return
    with staged(connection, "mentioned_rows", mentioned) as rows:
        these = tuple_(table.c.source, table.c.row_key).in_(select(rows.c.source, rows.c.row_key))
        connection.execute(delete(table).where(table.c.kind == kind.name, these))


def _take_back(connection: Connection, kind: FileKind, kept: pa.Table, gone: pa.Table) -> int:
    """Take back rows stored before that are now left out; return how many there were."""
    stays = set(zip(kept.column("source").to_pylist(), kept.column("row_key").to_pylist(), strict=True))
    pairs = set(zip(gone.column("source").to_pylist(), gone.column("row_key").to_pylist(), strict=True)) - stays
    leaving = sorted(pair for pair in pairs if pair[1] is not None)
    if not leaving:
        return 0
    stored = table_of(IMPORTED[kind.name])
    columns = dict(zip(("source", "row_key"), map(list, zip(*leaving, strict=True)), strict=True))
    with staged(connection, "gone_rows", pa.table(columns)) as rows:
        these = tuple_(stored.c.source, stored.c.row_key).in_(select(rows.c.source, rows.c.row_key))
        return connection.execute(delete(stored).where(these)).rowcount


def left_out_sums(session: Session, source: str | None = None) -> tuple[LeftOutSum, ...]:
    """Return what was left out, per kind, source, reason and month; total lines of the files are not among it."""
    day = col(LeftOut.occurred_on)
    year, month = extract("year", day), extract("month", day)
    query = (
        select(
            col(LeftOut.kind),
            col(LeftOut.source),
            col(LeftOut.reason),
            year,
            month,
            func.sum(case((col(LeftOut.whole), 1), else_=0)),
            func.coalesce(func.sum(col(LeftOut.value)), 0),
        )
        .where(col(LeftOut.reason) != TOTAL)
        .group_by(col(LeftOut.kind), col(LeftOut.source), col(LeftOut.reason), year, month)
        .order_by(col(LeftOut.kind), col(LeftOut.source), year, month, col(LeftOut.reason))
    )
    if source is not None:
        query = query.where(col(LeftOut.source) == source)
    return tuple(
        LeftOutSum(kind, of, reason, None if y is None else dt.date(int(y), int(m), 1), int(rows), int(value))
        for kind, of, reason, y, m, rows, value in session.execute(query)
    )


def left_out_rows(
    session: Session,
    kind: str | None = None,
    source: str | None = None,
    reason: str | None = None,
    first: dt.date | None = None,
    last: dt.date | None = None,
) -> Iterator[dict[str, Any]]:
    """Yield what was left out row by row, as written in its file, with the reason; both days are included."""
    table = LeftOut.__table__  # type: ignore[attr-defined]
    query = select(table).order_by(table.c.batch_id, table.c.line, table.c.id)
    for column, wanted in ((table.c.kind, kind), (table.c.source, source), (table.c.reason, reason)):
        if wanted is not None:
            query = query.where(column == wanted)
    if first is not None:
        query = query.where(table.c.occurred_on >= first)
    if last is not None:
        query = query.where(table.c.occurred_on <= last)
    for batch in read_batches(session.connection(), query):
        yield from batch.to_pylist()
