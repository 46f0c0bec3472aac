"""Databases for tests: a SQLite file and a PostgreSQL schema of the test's own, both set up and empty."""

import os
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import make_url

from campaigns.store.database import Database

POSTGRESQL = os.environ.get("TOUCHSTONE_TEST_POSTGRESQL", "postgresql+psycopg://root@127.0.0.1:5432/test")


@pytest.fixture(scope="session")
def empty_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file that has been set up: tests copy it, which is quicker than setting one up each."""
    file = tmp_path_factory.mktemp("sqlite") / "empty.db"
    database = Database(f"sqlite:///{file}")
    database.migrate()
    with database.engine.connect() as connection:
        connection.connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.dispose()
    return file


@pytest.fixture(scope="session")
def postgresql_server() -> str:
    """The URL of a PostgreSQL server that answers; tests that need one skip where none does."""
    server = make_url(POSTGRESQL).set(drivername="postgresql")
    try:
        psycopg.connect(server.render_as_string(hide_password=False), connect_timeout=3).close()
    except psycopg.OperationalError as error:
        pytest.skip(f"no PostgreSQL answers at {server.render_as_string()}: {str(error).splitlines()[0]}")
    return server.render_as_string(hide_password=False)


@pytest.fixture
def sqlite_url(tmp_path: Path, empty_sqlite: Path) -> str:
    file = tmp_path / "touchstone.db"
    shutil.copyfile(empty_sqlite, file)
    return f"sqlite:///{file}"


@pytest.fixture
def postgresql_schema_url(postgresql_server: str) -> Iterator[str]:
    """The URL of a schema with nothing in it, dropped after the test."""
    schema = f"touchstone_{uuid.uuid4().hex}"
    with psycopg.connect(postgresql_server, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {schema}")
        yield (
            make_url(postgresql_server)
            .update_query_dict({"options": f"-csearch_path={schema}"})
            .render_as_string(hide_password=False)
        )
        connection.execute(f"DROP SCHEMA {schema} CASCADE")


@pytest.fixture
def sqlite_database(sqlite_url: str) -> Iterator[Database]:
    """One SQLite file, set up and empty."""
    database = Database(sqlite_url)
    yield database
    database.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.database)])
def database(request: pytest.FixtureRequest) -> Iterator[Database]:
    """Both databases in turn, set up and empty."""
    if request.param == "sqlite":
        yield request.getfixturevalue("sqlite_database")
        return
    database = Database(request.getfixturevalue("postgresql_schema_url"))
    database.migrate()
    yield database
    database.dispose()
