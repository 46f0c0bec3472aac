"""Databases for tests, set up and empty: a SQLite file for each test, a PostgreSQL schema for each session."""

import os
import shutil
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

import psycopg
import pytest
from sqlalchemy import make_url

from campaigns.language import ENGLISH, use
from campaigns.store.database import Database
from campaigns.store.tables import Record
from tests import sample_report

POSTGRESQL = os.environ.get("TOUCHSTONE_TEST_POSTGRESQL", "postgresql+psycopg://root@127.0.0.1:5432/test")


@pytest.fixture(autouse=True)
def in_english() -> Iterator[None]:
    """Begin every test in English: a site's client leaves behind the language of whom it spoke to last."""
    with use(ENGLISH):
        yield


@pytest.fixture(scope="session")
def sample() -> ModuleType:
    """A report and a plan to show, written by hand."""
    return sample_report


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


@contextmanager
def schema_url(server: str) -> Iterator[str]:
    """The URL of a new schema with nothing in it, dropped at the end."""
    schema = f"touchstone_{uuid.uuid4().hex}"
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute(f"CREATE SCHEMA {schema}")
        url = make_url(server).update_query_dict({"options": f"-csearch_path={schema}"})
        yield url.render_as_string(hide_password=False)
        connection.execute(f"DROP SCHEMA {schema} CASCADE")


@pytest.fixture
def postgresql_schema_url(postgresql_server: str) -> Iterator[str]:
    """The URL of a schema with nothing in it, dropped after the test."""
    with schema_url(postgresql_server) as url:
        yield url


@pytest.fixture(scope="session")
def postgresql_session(postgresql_server: str) -> Iterator[Database]:
    """A schema that has been set up; creating and dropping one takes half a second, so tests share it in turn."""
    with schema_url(postgresql_server) as url:
        database = Database(url)
        database.migrate()
        yield database
        database.dispose()


@pytest.fixture
def postgresql_database(postgresql_session: Database) -> Iterator[Database]:
    """The schema of this session, emptied after the test."""
    yield postgresql_session
    tables = list(reversed(Record.metadata.sorted_tables))
    emptied = [str(table.delete()) for table in tables]
    renumbered = [
        f"setval(pg_get_serial_sequence('{table.name}', 'id'), 1, false)" for table in tables if "id" in table.c
    ]
    # a test that left a transaction open fails here instead of waiting for ever
    script = ("SET LOCAL lock_timeout = '10s'", *emptied, f"SELECT {', '.join(renumbered)}")
    with postgresql_session.engine.begin() as connection:
        connection.exec_driver_sql(";".join(script))


@pytest.fixture
def sqlite_database(sqlite_url: str) -> Iterator[Database]:
    """One SQLite file, set up and empty."""
    database = Database(sqlite_url)
    yield database
    database.dispose()


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.database)])
def database(request: pytest.FixtureRequest) -> Database:
    """Both databases in turn, set up and empty."""
    return request.getfixturevalue(f"{request.param}_database")
