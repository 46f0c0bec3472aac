"""Connections: how each database is opened, how its transactions begin, and what its failures mean."""

from __future__ import annotations

import sqlite3
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import sqlalchemy
from sqlalchemy import URL, Connection, Engine, event, make_url
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.exc import ArgumentError, DBAPIError

from campaigns.faults import TouchstoneError

__all__ = ["create_engine", "failures", "reader"]

PATIENCE = 60.0
"""Seconds that a writer waits for the one before it; a large import holds the lock for several."""

WAL_KEPT = 64 * 2**20
"""Bytes of write-ahead log that SQLite keeps after a large import; the rest of the file is given back."""


def create_engine(url: str) -> Engine:
    """Create the engine of a database; its transactions may write.

    Raises
    ------
    TouchstoneError
        If the URL names no database that can be used.
    """
    parsed = _parsed(url)
    if parsed.get_backend_name() == "sqlite":
        # Waiting is for the lock, not for a connection: a file has as many as there are threads
        engine = sqlalchemy.create_engine(parsed, connect_args={"timeout": PATIENCE}, max_overflow=-1)
        event.listen(engine, "connect", _prepare_sqlite)
        event.listen(engine, "begin", _begin_sqlite)
    else:
        engine = sqlalchemy.create_engine(parsed, pool_pre_ping=True, pool_timeout=PATIENCE)
    event.listen(engine, "handle_error", _explain)
    return engine


def reader(engine: Engine) -> Engine:
    """Return the same engine for reading: each transaction sees one moment, takes no lock and cannot write."""
    if engine.dialect.name == "sqlite":
        return engine.execution_options(touchstone_reads=True)
    return engine.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)


@contextmanager
def failures(engine: Engine) -> Iterator[None]:
    """Turn a failure of the database that people can mend into a ``TouchstoneError``, whichever call meets it."""
    try:
        yield
    except Exception as error:
        explained = _explained(engine.url, error.orig if isinstance(error, DBAPIError) else error)
        if explained is None:
            raise
        raise explained from error


def _parsed(url: str) -> URL:
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise TouchstoneError(
            f"{url!r} is not the URL of a database.",
            "Write sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME.",
        ) from error
    backend = parsed.get_backend_name()
    if backend == "sqlite":
        if parsed.database in (None, "", ":memory:"):
            raise TouchstoneError(
                "A SQLite database in memory cannot be shared between connections.", "Write sqlite:///FILE."
            )
        return parsed
    if backend == "postgresql":
        return parsed.set(drivername="postgresql+psycopg")
    raise TouchstoneError(
        f"Databases of the kind {backend!r} are not supported.",
        "Write sqlite:///FILE or postgresql+psycopg://USER@HOST/NAME.",
    )


def _prepare_sqlite(connection: sqlite3.Connection, _record: Any) -> None:
    """Set up a new connection.

    The driver must not begin transactions by itself (``_begin_sqlite`` does, and says which kind).
    """
    connection.isolation_level = None
    _write_ahead(connection)
    connection.execute("PRAGMA synchronous = NORMAL")
    connection.execute("PRAGMA foreign_keys = ON")
    connection.execute(f"PRAGMA journal_size_limit = {WAL_KEPT}")


def _write_ahead(connection: sqlite3.Connection) -> None:
    """Put the file in write-ahead mode, where readers and the writer do not block each other.

    The mode stays with the file. While several processes open a new file at once, SQLite answers "locked" at once
    instead of waiting, so this waits for it.
    """
    deadline = time.monotonic() + PATIENCE
    while True:
        try:
            connection.execute("PRAGMA journal_mode = WAL")
        except sqlite3.OperationalError as error:
            if "locked" not in str(error) or time.monotonic() > deadline:
                raise
            time.sleep(0.01)
        else:
            return


def _begin_sqlite(connection: Connection) -> None:
    """Begin a transaction, with the write lock unless it only reads.

    A transaction that begins to write after it has read may find that another wrote in between; SQLite then fails it
    however long it waits. Taking the lock first makes writers wait for each other instead.
    """
    reads = connection.get_execution_options().get("touchstone_reads", False)
    connection.exec_driver_sql(f"PRAGMA query_only = {'ON' if reads else 'OFF'}")
    connection.exec_driver_sql("BEGIN" if reads else "BEGIN IMMEDIATE")


def _explain(context: ExceptionContext) -> None:
    """Replace what the driver raised while connecting; inside transactions ``failures`` does."""
    if context.connection is None and context.engine is not None:
        explained = _explained(context.engine.url, context.original_exception)
        if explained is not None:
            raise explained from context.original_exception


def _explained(url: URL, error: BaseException | None) -> TouchstoneError | None:
    """Say what a driver's error means and what to do, or None if it is not one that people can mend."""
    if isinstance(error, sqlite3.DatabaseError):
        return _explained_sqlite(Path(url.database or ""), error)
    if error is not None and type(error).__module__.startswith("psycopg"):
        return _explained_postgresql(url, error)
    return None


def _explained_sqlite(file: Path, error: sqlite3.DatabaseError) -> TouchstoneError | None:
    text = str(error)
    if "unable to open database file" in text:
        if not file.absolute().parent.is_dir():
            return TouchstoneError(
                f"The folder of the database does not exist: {file.absolute().parent}",
                "Create it, or set TOUCHSTONE_DATABASE_URL to another place.",
            )
        return TouchstoneError(f"The database cannot be opened: {file}", "Check that you may read and write it.")
    if "file is not a database" in text:
        return TouchstoneError(f"This file is not a database: {file}", "Set TOUCHSTONE_DATABASE_URL to another file.")
    if "malformed" in text:
        return TouchstoneError(f"The database is damaged: {file}", "Restore it from a backup.")
    if "readonly database" in text:
        return TouchstoneError(f"The database may not be written: {file}", "Check the rights of the file and folder.")
    if "disk is full" in text:
        return TouchstoneError(f"The disk of the database is full: {file}", "Make room and try again.")
    if "database is locked" in text:
        return TouchstoneError(
            f"Another process has been writing to the database for {PATIENCE:.0f} seconds: {file}",
            "Wait until it has finished and try again.",
        )
    return None


def _explained_postgresql(url: URL, error: BaseException) -> TouchstoneError | None:
    import psycopg  # only where PostgreSQL is used: SQLite needs no driver

    if not isinstance(error, psycopg.OperationalError):
        return None
    place = url.render_as_string(hide_password=True)
    state = error.sqlstate or ""
    if state.startswith("40"):  # serialization failure or deadlock
        return TouchstoneError("Another process changed the same rows at the same time.", "Try again.")
    if state.startswith("53"):  # disk full, out of memory, too many connections
        return TouchstoneError(f"The database server has no room: {error}".rstrip(), "Ask who runs it: " + place)
    return TouchstoneError(
        f"The database server cannot be used ({place}): {str(error).strip()}",
        "Check that it runs, and TOUCHSTONE_DATABASE_URL.",
    )
