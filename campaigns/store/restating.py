"""Exports that tell everything of a day: what an earlier one said of it, and the new one does not, is taken back."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pyarrow as pa
import pyarrow.compute
from sqlalchemy import Connection, delete, select

from campaigns.intake.formats import FileKind
from campaigns.queries import answer
from campaigns.store.arrow import read_table
from campaigns.store.merging import staged, table_of
from campaigns.store.tables import IMPORTED

__all__ = ["take_back_unnamed"]

pc: Any = pyarrow.compute  # its type stubs lag behind the library


def take_back_unnamed(
    connection: Connection, kind: FileKind, table: pa.Table, kept: pa.Table, names: Sequence[str]
) -> tuple[int, int]:
    """Take back the rows stored before that an export should name, and does not.

    A report by ad replaces that of the campaign as a whole, and an ad that a platform merged into another is counted
    once: both tell everything of the campaign on that day. To be called before the new rows are stored.

    Parameters
    ----------
    table
        The new rows: ``source`` and the columns of the kind.
    kept
        Columns ``source`` and ``row_key`` of these rows.
    names
        Columns of which the export tells everything; without any, nothing is taken back.

    Returns
    -------
    How many rows were taken back; and how many of the same sources and days stay, as the export says nothing of them.
    """
    if not names or not table.num_rows:
        return 0, 0
    stored = table_of(IMPORTED[kind.name])
    query: Any = select(stored.c.id, stored.c.source, stored.c.row_key, *(stored.c[name] for name in names)).where(
        stored.c.source.in_(table.column("source").unique().to_pylist())
    )
    if "date" in names:
        span = pc.min_max(table.column("date")).as_py()
        query = query.where(stored.c.date.between(span["min"], span["max"]))
    before = read_table(connection, query)
    if not before.num_rows:
        return 0, 0
    gone = _unnamed(before, table.select(["source", *names]), kept, names)
    if gone.num_rows:
        with staged(connection, "unnamed_rows", gone) as rows:
            connection.execute(delete(stored).where(stored.c.id.in_(select(rows.c.id))))
    stays = before.num_rows - gone.num_rows - _again(before, kept)
    return int(gone.num_rows), stays if "date" in names else 0


def _again(before: pa.Table, kept: pa.Table) -> int:
    """Return how many of the rows stored before are named by the export."""
    joined = before.select(["source", "row_key"]).join(
        kept.select(["source", "row_key"]), ["source", "row_key"], join_type="left semi"
    )
    return int(joined.num_rows)


def _unnamed(before: pa.Table, told: pa.Table, kept: pa.Table, names: Sequence[str]) -> pa.Table:
    """Return the ids of rows whose place the new rows tell of, but not the rows themselves."""
    same = " AND ".join(f'told."{name}" IS NOT DISTINCT FROM before."{name}"' for name in ("source", *names))
    found = answer(
        f"""
        SELECT id FROM before
        WHERE EXISTS (SELECT 1 FROM (SELECT DISTINCT * FROM told) AS told WHERE {same})
            AND (source, row_key) NOT IN (SELECT source, row_key FROM kept)
        """,  # noqa: S608 - the names are the contract's own
        before=before,
        told=told,
        kept=kept.select(["source", "row_key"]),
    )
    return found.cast(pa.schema([("id", pa.int64())]))
