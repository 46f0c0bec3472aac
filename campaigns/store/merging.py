"""Sets of rows into a table: temporary tables to join with, and rows merged by their key."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import pyarrow as pa
from sqlalchemy import BigInteger, Boolean, Column, Connection, Index, MetaData, String, Table, func, or_, select, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.schema import CreateTable, DropTable

from campaigns.store.arrow import append, as_stored, driver_of
from campaigns.store.tables import Record

__all__ = ["Merged", "merge", "staged", "table_of"]

CACHE = 64 * 1024
"""KiB of pages that SQLite keeps in memory while rows are merged; by default it keeps 2,000."""

MANY = 20_000
"""Rows from which on it may be quicker to build an index anew than to find each row's place in it."""


@dataclass(frozen=True)
class Merged:
    """How many rows were not there before, and how many were there and differed."""

    added: int
    replaced: int


def table_of(kind: type[Record]) -> Table:
    """Return the table of a kind of record, as SQLAlchemy's expressions need it."""
    table: Table = kind.__table__  # type: ignore[attr-defined]
    return table


def merge(connection: Connection, table: Table, data: pa.Table) -> Merged:
    """Store rows; where one of the same source and key is there and differs, it is replaced and keeps its ``id``.

    Parameters
    ----------
    connection
        A connection inside the transaction that stores the rows; nobody else may be adding rows to the table.
    table
        Table of an imported kind.
    data
        Rows with the columns of the table except ``id``, each source and key once; ordered by them, their place in
        the index of keys is found several times as fast.
    """
    before = connection.execute(select(func.coalesce(func.max(table.c.id), 0))).scalar_one()
    if connection.dialect.name == "sqlite":
        with _roomy(connection), _indexed_after(connection, table, data.num_rows, before):
            changed = _merge_sqlite(connection, table, data)
    else:
        changed = _merge_postgresql(connection, table, data)
    added = connection.execute(select(func.count()).where(table.c.id > before)).scalar_one()
    return Merged(added, changed - added)


@contextmanager
def staged(connection: Connection, name: str, data: pa.Table, unique: str | None = None) -> Iterator[Table]:
    """Put rows in a temporary table, to join with, for as long as the block lasts.

    Parameters
    ----------
    data
        Columns of int64, bool or string.
    unique
        Column in which no two rows are the same, if joins look rows up by it.
    """
    types: dict[pa.DataType, Any] = {pa.int64(): BigInteger(), pa.bool_(): Boolean(), pa.string(): String()}
    columns = [Column(field.name, types[field.type], primary_key=field.name == unique) for field in data.schema]
    with _temporary(connection, name, columns) as table:
        append(connection, table, data)
        if connection.dialect.name == "postgresql":
            connection.execute(text(f"ANALYZE {name}"))
        yield table


@contextmanager
def _temporary(connection: Connection, name: str, columns: list[Column[Any]]) -> Iterator[Table]:
    table = Table(name, MetaData(), *columns, prefixes=["TEMPORARY"])
    connection.execute(CreateTable(table))
    yield table
    connection.execute(DropTable(table))


def _merge_sqlite(connection: Connection, table: Table, data: pa.Table) -> int:
    """Merge row by row through the driver: a temporary table in between would cost as much again.

    Columns that are empty throughout are left out, which leaves them empty.
    """
    names = [column.name for column in table.c if column.name in data.column_names]  # in the order of an INSERT
    filled = data.select([name for name in names if data.column(name).null_count < data.num_rows])
    insert = sqlite.insert(table)
    statement = insert.on_conflict_do_update(
        index_elements=["source", "row_key"],
        set_=_replacing(table, insert.excluded),
        where=_differs(table, insert.excluded),
    )
    sql = str(statement.compile(dialect=connection.dialect, column_keys=filled.column_names))
    driver = driver_of(connection)
    return sum(driver.executemany(sql, rows).rowcount for rows in as_stored(filled))


def _merge_postgresql(connection: Connection, table: Table, data: pa.Table) -> int:
    columns = [Column(name, table.c[name].type) for name in data.column_names]
    with _temporary(connection, "staged_rows", columns) as rows:
        append(connection, rows, data)
        insert = postgresql.insert(table).from_select(data.column_names, select(rows))
        statement = insert.on_conflict_do_update(
            index_elements=["source", "row_key"],
            set_=_replacing(table, insert.excluded),
            where=_differs(table, insert.excluded),
        )
        return connection.execute(statement, execution_options={"preserve_rowcount": True}).rowcount


def _replacing(table: Table, new: Any) -> dict[str, Any]:
    return {column.name: new[column.name] for column in table.c if column.name not in ("id", "source", "row_key")}


def _differs(table: Table, new: Any) -> Any:
    told = [column for column in table.c if column.name not in ("id", "batch_id", "source", "row_key")]
    return or_(*(column.is_distinct_from(new[column.name]) for column in told))


@contextmanager
def _roomy(connection: Connection) -> Iterator[None]:
    """Let SQLite keep more pages in memory, so that the index of keys stays there."""
    before = connection.exec_driver_sql("PRAGMA cache_size").scalar_one()
    connection.exec_driver_sql(f"PRAGMA cache_size = -{CACHE}")
    try:
        yield
    finally:
        connection.exec_driver_sql(f"PRAGMA cache_size = {before}")


@contextmanager
def _indexed_after(connection: Connection, table: Table, rows: int, before: int) -> Iterator[None]:
    """Build the indexes after the rows where these are many compared with what is there.

    Readers keep the indexes they see: all this is inside the transaction.
    """
    indexes: list[Index] = sorted(table.indexes, key=str) if rows > max(MANY, before) else []
    for index in indexes:
        index.drop(connection)
    yield
    for index in indexes:
        index.create(connection)
