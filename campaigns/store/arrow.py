"""Arrow in and out of the database: one schema per table, derived from its columns, with casts both ways.

Python's own ``sqlite3`` moves the rows on SQLite, COPY moves them on PostgreSQL.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.csv as arrow_csv
from sqlalchemy import JSON, BigInteger, Connection, FromClause, Select, Table, cast, extract, select, types
from sqlalchemy.sql.elements import ColumnElement

from campaigns.store.tables.columns import UtcTime

__all__ = ["Query", "append", "arrow_type", "as_stored", "driver_of", "read_batches", "read_table", "schema_of"]

Query: TypeAlias = Select[*tuple[Any, ...]]
"""A query, whatever the types of its columns."""

FETCHED = 500
"""Rows fetched at a time: fewer than the 700 new objects that set off Python's garbage collector, which otherwise takes
as long as the rest."""

GATHERED = 64
"""Fetches that make a batch."""

WRITTEN = 50_000
"""Rows written at a time."""

TYPES = (
    (UtcTime, pa.timestamp("us", "UTC")),
    (types.Boolean, pa.bool_()),
    (types.Integer, pa.int64()),
    (types.Float, pa.float64()),
    (types.Date, pa.date32()),
    (JSON, pa.string()),
    (types.String, pa.string()),
)
"""Arrow type of each column type, the first that fits."""


def arrow_type(column: ColumnElement[Any]) -> pa.DataType:
    """Return the Arrow type of a column; times are ``timestamp('us', 'UTC')``, JSON is its text.

    Raises
    ------
    TypeError
        If Arrow is not the way for columns of this type (the draws' bytes).
    """
    kind = column.type
    if isinstance(kind, types.TypeDecorator) and not isinstance(kind, UtcTime):
        kind = kind.impl_instance
    for known, arrow in TYPES:
        if isinstance(kind, known):
            return arrow
    raise TypeError(f"no Arrow type for {column.type!r}, the type of {column}")


def schema_of(rows: FromClause | Query) -> pa.Schema:
    """Return the Arrow schema of a table, or of what a query gives."""
    columns = rows.selected_columns if isinstance(rows, Select) else rows.c
    return pa.schema([pa.field(str(column.key), arrow_type(column)) for column in columns])


def read_table(connection: Connection, statement: Query) -> pa.Table:
    """Read what a query gives as an Arrow table.

    Parameters
    ----------
    connection
        An open connection; the rows are those of its transaction.
    statement
        The query; its columns name and type those of the table.
    """
    return pa.Table.from_batches(read_batches(connection, statement), schema_of(statement))


def read_batches(connection: Connection, statement: Query) -> Iterator[pa.RecordBatch]:
    """Read what a query gives batch by batch, so that memory does not grow with the number of rows."""
    if connection.dialect.name == "sqlite":
        return _fetched(connection, statement)
    return _copied_out(connection, statement)


def append(connection: Connection, table: Table, data: pa.Table) -> None:
    """Add rows to a table.

    Parameters
    ----------
    connection
        A connection inside the transaction that stores the rows.
    table
        The table; columns that ``data`` does not have are left to the database.
    data
        Columns named as the table's, of the types of ``schema_of(table)``.
    """
    columns = [column for column in table.c if column.name in data.column_names]  # in the order of an INSERT
    data = data.select([column.name for column in columns]).cast(
        pa.schema([pa.field(column.key, arrow_type(column)) for column in columns])
    )
    if connection.dialect.name == "sqlite":
        sql = str(table.insert().compile(dialect=connection.dialect, column_keys=data.column_names))
        driver = driver_of(connection)
        for rows in as_stored(data):
            driver.executemany(sql, rows)
    else:
        _copy_in(connection, table, data)


def as_stored(data: pa.Table) -> Iterator[Iterable[tuple[Any, ...]]]:
    """Give the rows of Arrow data as SQLite stores them, some at a time."""
    for batch in data.to_batches(max_chunksize=WRITTEN):
        yield zip(*(_to_sqlite(column).to_pylist() for column in batch.columns), strict=True)


def _to_sqlite(column: pa.Array[Any]) -> pa.Array[Any]:
    if pa.types.is_timestamp(column.type) or pa.types.is_boolean(column.type):
        return column.cast(pa.int64())
    if pa.types.is_date(column.type):
        return column.cast(pa.string())
    return column


def _from_sqlite(values: Sequence[Any], arrow: pa.DataType) -> pa.Array[Any]:
    if pa.types.is_timestamp(arrow) or pa.types.is_boolean(arrow):
        return pa.array(values, pa.int64()).cast(arrow)
    if pa.types.is_date(arrow):
        return pa.array(values, pa.string()).cast(arrow)
    return pa.array(values, arrow)


def _fetched(connection: Connection, statement: Query) -> Iterator[pa.RecordBatch]:
    """Fetch from the driver's own cursor: SQLAlchemy's rows would take several times as long."""
    schema = schema_of(statement)
    with connection.execute(statement) as result:
        cursor: Any = result.cursor
        while fetched := list(islice(_fetches(cursor, schema), GATHERED)):
            yield pa.concat_batches(fetched)


def _fetches(cursor: Any, schema: pa.Schema) -> Iterator[pa.RecordBatch]:
    while rows := cursor.fetchmany(FETCHED):
        columns = [
            _from_sqlite(values, field.type) for values, field in zip(zip(*rows, strict=True), schema, strict=True)
        ]
        yield pa.RecordBatch.from_arrays(columns, schema=schema)


def _copied_out(connection: Connection, statement: Query) -> Iterator[pa.RecordBatch]:
    """Copy as CSV, which Arrow parses faster than Python could decode rows; times travel as microseconds."""
    schema = schema_of(statement)
    rows = statement.subquery("copied")
    plain = select(*(_microseconds(column) if isinstance(column.type, UtcTime) else column for column in rows.c))
    compiled = plain.compile(dialect=connection.dialect, compile_kwargs={"literal_binds": True})
    sql = str(compiled).replace("%%", "%")  # doubled for the driver, which undoes it only in queries with parameters
    names = [str(position) for position in range(len(schema))]
    wire = {
        name: pa.int64() if pa.types.is_timestamp(field.type) else field.type
        for name, field in zip(names, schema, strict=True)
    }
    with driver_of(connection).cursor() as cursor, cursor.copy(f"COPY ({sql}) TO STDOUT (FORMAT csv)") as copy:
        stream = io.BufferedReader(_Copied(copy), 1 << 20)
        if not stream.peek(1):
            return
        reader = arrow_csv.open_csv(
            stream,
            read_options=arrow_csv.ReadOptions(column_names=names),
            parse_options=arrow_csv.ParseOptions(newlines_in_values=True),
            convert_options=arrow_csv.ConvertOptions(
                column_types=wire,
                null_values=[""],
                true_values=["t"],
                false_values=["f"],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
            ),
        )
        for batch in reader:
            columns = [column.cast(field.type) for column, field in zip(batch.columns, schema, strict=True)]
            yield pa.RecordBatch.from_arrays(columns, schema=schema)


def _microseconds(column: ColumnElement[Any]) -> ColumnElement[int]:
    return cast(extract("epoch", column) * 1_000_000, BigInteger)


class _Copied(io.RawIOBase):
    """The bytes of a COPY, as a file to read."""

    def __init__(self, copy: Any) -> None:
        self._chunks = iter(copy)
        self._left = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        while not self._left:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._left = memoryview(chunk)
        taken = min(len(buffer), len(self._left))
        buffer[:taken] = self._left[:taken]
        self._left = self._left[taken:]
        return taken


def _copy_in(connection: Connection, table: Table, data: pa.Table) -> None:
    preparer = connection.dialect.identifier_preparer
    columns = ", ".join(preparer.quote(name) for name in data.column_names)
    sql = f"COPY {preparer.format_table(table)} ({columns}) FROM STDIN (FORMAT csv)"
    options = arrow_csv.WriteOptions(include_header=False, quoting_style="needed")
    with driver_of(connection).cursor() as cursor, cursor.copy(sql) as copy:
        for batch in data.to_batches(max_chunksize=WRITTEN):
            text = io.BytesIO()
            arrow_csv.write_csv(batch, text, options)
            copy.write(text.getvalue())


def driver_of(connection: Connection) -> Any:
    """Return the driver's own connection, inside the same transaction."""
    return connection.connection.driver_connection
