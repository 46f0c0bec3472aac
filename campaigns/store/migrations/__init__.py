"""The schema's history, run inside the process: it needs no ``alembic.ini`` and no folder to stand in."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sqlalchemy import Connection, Engine, inspect, text

from campaigns.faults import TouchstoneError, UnreadyError

if TYPE_CHECKING:
    from alembic.config import Config

__all__ = ["HEAD", "REVISIONS", "downgrade", "require_current", "revision_of", "upgrade"]

REVISIONS = tuple(sorted(file.name.split("_")[0] for file in (Path(__file__).parent / "versions").glob("[0-9]*.py")))
"""Every revision, the oldest first, by the names of their files: looking whether a database is current loads none."""

HEAD = REVISIONS[-1]

LOCK = 0x746F756368
"""Number of the lock that migrations hold on PostgreSQL."""

_THREAD = threading.Lock()
"""Held while Alembic runs: it keeps what it is at in module variables."""


def upgrade(engine: Engine) -> None:
    """Bring the schema to ``HEAD``; a second process that tries the same waits, and then finds it done.

    Raises
    ------
    TouchstoneError
        If a newer version of the code has changed the schema.
    """
    from alembic import command  # takes a fifth of a second to load, and only this needs it

    with _alone(engine) as (connection, config):
        _refuse_newer(revision_of(connection), engine.url.render_as_string(hide_password=True))
        command.upgrade(config, "head")


def downgrade(engine: Engine, revision: str = "base") -> None:
    """Take the schema back to an older revision; what that one has no place for is lost."""
    from alembic import command

    with _alone(engine) as (_, config):
        command.downgrade(config, revision)


def revision_of(connection: Connection) -> str | None:
    """Return the revision of the schema, or None where nothing has been set up."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    revision: str | None = connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one_or_none()
    return revision


def require_current(connection: Connection, address: str) -> None:
    """Refuse a database whose schema is not that of this version of the code.

    Raises
    ------
    UnreadyError
        If it has not been set up, or by an older version.
    TouchstoneError
        If a newer version of the code has changed it.
    """
    revision = revision_of(connection)
    _refuse_newer(revision, address)
    if revision is None:
        raise UnreadyError(f"The database has not been set up: {address}", "Run `touchstone init`.")
    if revision != HEAD:
        raise UnreadyError(
            f"The database is from an older version: {address}", "Make a backup, then run `touchstone init`."
        )


def _refuse_newer(revision: str | None, address: str) -> None:
    if revision is not None and revision not in REVISIONS:
        raise TouchstoneError(
            f"A newer version of Touchstone has changed the database: {address} (its revision is {revision!r}, this "
            f"version knows up to {HEAD!r}).",
            "Install the newer version.",
        )


@contextmanager
def _alone(engine: Engine) -> Iterator[tuple[Connection, Config]]:
    """Hold the schema in one transaction that nobody else is in."""
    from alembic.config import Config

    with _THREAD, engine.connect() as connection, _references_loose(connection), connection.begin():
        if engine.dialect.name == "postgresql":
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": LOCK})
        config = Config()
        config.set_main_option("script_location", "campaigns.store:migrations")
        config.attributes["connection"] = connection
        yield connection, config
        _refuse_broken_references(connection)


@contextmanager
def _references_loose(connection: Connection) -> Iterator[None]:
    """Let SQLite copy a table that others refer to: it changes a table by dropping it, once its copy stands.

    The setting has no effect inside a transaction, so it is made on the driver's connection before one begins.
    """
    driver: Any = connection.connection.driver_connection
    if connection.dialect.name != "sqlite":
        yield
        return
    driver.execute("PRAGMA foreign_keys = OFF")
    try:
        yield
    finally:
        driver.execute("PRAGMA foreign_keys = ON")


def _refuse_broken_references(connection: Connection) -> None:
    """Refuse to commit rows that refer to none.

    Raises
    ------
    TouchstoneError
        If there are any; nothing of the migration is kept then.
    """
    if connection.dialect.name != "sqlite":
        return
    broken = connection.execute(text("PRAGMA foreign_key_check")).all()
    if broken:
        tables = ", ".join(sorted({str(row[0]) for row in broken}))
        raise TouchstoneError(
            f"{len(broken)} rows of {tables} refer to rows that are not there; the database was left as it was.",
            "Restore a backup, or write to the maintainers with this message.",
        )
