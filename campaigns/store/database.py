"""The database: one engine, transactions that really exclude each other, Arrow in and out."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pyarrow as pa
from sqlalchemy import Engine, func, select
from sqlmodel import Session

from campaigns.settings import Settings
from campaigns.store import migrations
from campaigns.store.arrow import Query, read_table
from campaigns.store.connecting import create_engine, failures, reader

__all__ = ["Database", "open_database"]

LOCK = 0x6C6F6164
"""Number of the lock that exclusive transactions hold on PostgreSQL."""


class Database:
    """A Touchstone database on SQLite or PostgreSQL.

    Parameters
    ----------
    url
        ``sqlite:///FILE`` or ``postgresql+psycopg://USER@HOST/NAME`` (``postgresql://`` means the same).

    Raises
    ------
    TouchstoneError
        If the URL names no database that can be used. Whether it can be reached shows at its first use.
    """

    def __init__(self, url: str) -> None:
        self.engine: Engine = create_engine(url)
        self._reading = reader(self.engine)
        self._ready = False
        self._checking = threading.Lock()

    def __repr__(self) -> str:
        return f"Database({self.address!r})"

    @property
    def address(self) -> str:
        """The URL, without a password."""
        return self.engine.url.render_as_string(hide_password=True)

    @property
    def is_sqlite(self) -> bool:
        """Whether this is a SQLite file."""
        return self.engine.dialect.name == "sqlite"

    @contextmanager
    def transaction(self, *, exclusive: bool = False) -> Iterator[Session]:
        """Write: everything inside is stored together at the end, or nothing of it. Objects outlive the end.

        Parameters
        ----------
        exclusive
            Whether what is read inside must stay true until the end: no other exclusive transaction runs meanwhile.
            On SQLite, whose write lock is taken at the start, every transaction is; on PostgreSQL those that say so.

        Raises
        ------
        UnreadyError
            If the database has not been set up, or was set up by another version.
        TouchstoneError
            If it cannot be reached.
        """
        self._check_ready()
        with failures(self.engine), Session(self.engine, expire_on_commit=False) as session, session.begin():
            connection = session.connection()  # begins the transaction, which takes SQLite's lock
            if exclusive and not self.is_sqlite:
                connection.execute(select(func.pg_advisory_xact_lock(LOCK)))
            yield session

    @contextmanager
    def reading(self) -> Iterator[Session]:
        """Read: everything inside sees the database at one moment, and never waits for a writer nor makes one wait.

        Raises
        ------
        UnreadyError
            If the database has not been set up, or was set up by another version.
        TouchstoneError
            If it cannot be reached.
        """
        self._check_ready()
        with failures(self.engine), Session(self._reading, expire_on_commit=False) as session:
            yield session

    def arrow(self, statement: Query) -> pa.Table:
        """Read the rows of a query as an Arrow table, typed by the query's columns.

        See ``campaigns.store.arrow.read_table``.
        """
        with self.reading() as session:
            return read_table(session.connection(), statement)

    def migrate(self) -> None:
        """Bring the schema to this version of the code; safe to call from several processes at once."""
        with failures(self.engine):
            migrations.upgrade(self.engine)
        self._ready = False

    def is_current(self) -> bool:
        """Tell whether the schema is that of this version of the code."""
        with failures(self.engine), self._reading.connect() as connection:
            return migrations.revision_of(connection) == migrations.HEAD

    def dispose(self) -> None:
        """Close every idle connection."""
        self.engine.dispose()

    def _check_ready(self) -> None:
        if self._ready:
            return
        with self._checking, failures(self.engine), self._reading.connect() as connection:
            migrations.require_current(connection, self.address)
            self._ready = True


def open_database(settings: Settings) -> Database:
    """Open the database of an installation; it is reached, and checked, at its first use."""
    return Database(settings.database_url)
