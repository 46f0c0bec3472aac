"""Store a checked file: its rows, whom they belong to, and what was wrong with it, in one transaction."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow as pa
from sqlalchemy import Connection
from sqlmodel import Session

from campaigns.faults import Fault
from campaigns.intake.formats import FileKind
from campaigns.intake.left_out import schema_of as left_out_schema
from campaigns.intake.review import Rejected
from campaigns.store.arrow import append
from campaigns.store.changes import recorded
from campaigns.store.database import Database
from campaigns.store.identities import IDENTITY_COLUMNS, identities_of, in_normal_form, link_customers, link_orders
from campaigns.store.keys import row_keys
from campaigns.store.left_out import store_left_out
from campaigns.store.merging import Merged, merge, table_of
from campaigns.store.names import remember_names
from campaigns.store.restating import take_back_unnamed
from campaigns.store.summing import left_out_of, period_of
from campaigns.store.tables import IMPORTED, ImportBatch, ImportFault

__all__ = ["Batch", "Loading", "load", "load_all"]


@dataclass(frozen=True)
class Batch:
    """What one import did.

    Parameters
    ----------
    rows
        Good rows of the file: added, replaced or unchanged; one that a later row of the file repeats is unchanged.
    skipped
        Rows left out for their faults.
    notes
        What was decided about the rows, for people.
    """

    id: int
    rows: int
    added: int
    replaced: int
    unchanged: int
    skipped: int
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Loading:
    """What is to be stored of a checked file.

    Parameters
    ----------
    kind
        The contract that the file was checked against.
    table
        The good rows, as ``campaigns.intake.checking.Checked`` has them.
    path, digest
        Where the rows come from, and the SHA-256 of the file.
    faults, rejected
        What was wrong, and the rows left out for it.
    left_out
        What the file shows and that does not count (:func:`campaigns.intake.left_out.schema_of`), with its reasons.
    restates
        Columns of which the file tells everything: rows of its sources with the same values in them that are not in the
        file are taken back.
    """

    kind: FileKind
    table: pa.Table
    path: Path | str
    digest: str
    faults: Sequence[Fault] = ()
    rejected: Sequence[Rejected] = ()
    left_out: pa.Table | None = None
    restates: tuple[str, ...] = ()


def load(
    database: Database,
    checked_kind: FileKind,
    table: pa.Table,
    *,
    path: Path | str,
    digest: str,
    faults: Sequence[Fault] = (),
    rejected: Sequence[Rejected] = (),
    left_out: pa.Table | None = None,
) -> Batch:
    """Store the good rows of a checked file, with its faults; importing it again replaces, and never doubles.

    The parameters are those of :class:`Loading`.

    Returns
    -------
    What was added, replaced and left as it was. Either all of it is stored, or, where an error is raised, nothing.
    """
    (batch,) = load_all(database, [Loading(checked_kind, table, path, digest, faults, rejected, left_out)])
    return batch


def load_all(database: Database, loadings: Sequence[Loading]) -> list[Batch]:
    """Store several kinds that one file makes: all of them, or, where an error is raised, nothing.

    Parameters
    ----------
    loadings
        What to store, in the order in which one leans on another.
    """
    started = datetime.now(UTC)
    tables = [in_normal_form(one.table) for one in loadings]
    keys = [row_keys(one.kind, table) for one, table in zip(loadings, tables, strict=True)]
    with database.transaction(exclusive=True) as session:
        return [_load(session, *one, started) for one in zip(loadings, tables, keys, strict=True)]


def _load(session: Session, loading: Loading, table: pa.Table, keys: pa.Table, started: datetime) -> Batch:
    kind, connection = loading.kind, session.connection()
    batch = ImportBatch(
        kind=kind.name,
        source=_sources(kind, table),
        path=str(loading.path),
        digest=loading.digest,
        started_at=started,
        rows=table.num_rows,
        skipped=len(loading.rejected),
    )
    session.add(batch)
    session.flush()
    number = int(batch.id or 0)  # given by the flush
    left = loading.left_out if loading.left_out is not None else left_out_schema(kind).empty_table()
    sources = {*table.column("source").unique().to_pylist(), *left.column("source").unique().to_pylist()}
    kept = _named(table, keys)
    with recorded(connection, number, kind, sources):
        gone, others = take_back_unnamed(connection, kind, table, kept, loading.restates)
        merged, notes = _store(connection, kind, table, keys, number)
        taken_back = store_left_out(connection, number, loading.digest, kind, kept, in_normal_form(left))
    if gone:
        notes = (
            *notes,
            f"Rows stored before that this export does not have any more, and that were taken back: {gone:,}",
        )
    if others:
        notes = (
            *notes,
            f"Rows of the same days that this export does not name, as of other campaigns, and that stay: {others:,}",
        )
    if taken_back:
        notes = (*notes, f"{taken_back:,} rows stored before are now left out, and were taken back")
    _store_faults(connection, number, loading.faults, loading.rejected)
    batch.added, batch.replaced = merged.added, merged.replaced
    batch.unchanged = batch.rows - batch.added - batch.replaced
    batch.notes = list(notes)
    batch.first_day, batch.last_day = period_of(kind, table)
    batch.left_out = left_out_of(left)
    batch.finished_at = datetime.now(UTC)
    return Batch(number, batch.rows, batch.added, batch.replaced, batch.unchanged, batch.skipped, notes)


def _named(table: pa.Table, keys: pa.Table) -> pa.Table:
    """Return the source and the key of each row that is stored."""
    return keys.append_column("source", table.column("source").take(keys.column("position")))


def _sources(kind: FileKind, table: pa.Table) -> str:
    return ", ".join(sorted(table.column("source").unique().to_pylist())) or kind.name


def _store(
    connection: Connection, kind: FileKind, table: pa.Table, keys: pa.Table, batch_id: int
) -> tuple[Merged, tuple[str, ...]]:
    """Store the rows, each with its key and its person."""
    notes: tuple[str, ...] = ()
    if not table.num_rows:
        return Merged(0, 0), notes
    rows = table.drop_columns([name for name in IDENTITY_COLUMNS if name in table.column_names])
    if rows.num_columns < table.num_columns:
        identities = identities_of(connection, table)
        if kind.name == "customers":
            notes = link_customers(connection, table, identities)
        rows = rows.append_column("identity_id", identities)
    remember_names(connection, kind.name, rows)
    rows = rows.take(keys.column("position")).append_column("row_key", keys.column("row_key"))
    rows = rows.append_column("batch_id", pa.array(np.full(rows.num_rows, batch_id)))
    repeated = table.num_rows - rows.num_rows
    if repeated:
        notes = (*notes, f"{repeated:,} rows repeat a later row of the file, which counts")
    merged = merge(connection, table_of(IMPORTED[kind.name]), rows)
    if kind.name == "responses":
        notes = (*notes, *link_orders(connection, batch_id))
    return merged, notes


def _store_faults(connection: Connection, batch_id: int, faults: Sequence[Fault], rejected: Sequence[Rejected]) -> None:
    if not faults:
        return
    rows = {row.line: json.dumps(dict(row.row), ensure_ascii=False) for row in rejected}
    written = {
        "batch_id": pa.array(np.full(len(faults), batch_id)),
        "line": pa.array([fault.line for fault in faults], pa.int64()),
        "column": pa.array([fault.column for fault in faults], pa.string()),
        "found": pa.array([fault.found for fault in faults], pa.string()),
        "expected": pa.array([fault.expected for fault in faults], pa.string()),
        "row": pa.array([rows.get(fault.line) for fault in faults], pa.string()),
    }
    append(connection, ImportFault.__table__, pa.table(written))  # type: ignore[attr-defined]
