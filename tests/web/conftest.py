"""What the tests of the site share: a database with a published run and a plan, and a client of a site upon it."""

from __future__ import annotations

import importlib.util
import shutil
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType

import pytest
from flask import Flask
from flask.testing import FlaskClient

from campaigns.settings import Settings
from campaigns.store import runs
from campaigns.store.database import Database
from campaigns.store.plans import store_plan
from campaigns.store.results import publish
from campaigns.store.tables import Person
from campaigns.terms import Plan, Report
from web.app import create_app


@pytest.fixture(scope="session")
def sample() -> ModuleType:
    file = Path(__file__).parents[1] / "sample_report.py"
    spec = importlib.util.spec_from_file_location("sample_report", file)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def report(sample: ModuleType) -> Report:
    return sample.sample_report()  # type: ignore[no-any-return]


@pytest.fixture(scope="session")
def plan(sample: ModuleType) -> Plan:
    return sample.sample_plan(130)  # type: ignore[no-any-return]


def fill(database: Database, report: Report, plan: Plan) -> None:
    """Publish a report as a run would, and draft a plan upon it."""
    with database.transaction() as session:
        session.add_all(Person(id=number + 1) for number in range(len(plan.contacts)))
        run_id = runs.request(session, "order", requested_by="test", now=datetime(2026, 3, 3, 1, 30, tzinfo=UTC))
        runs.claim(session, run_id)
        publish(session, run_id, report, {})
        runs.end(session, run_id, runs.State.PUBLISHED, now=report.run.finished_at)
        store_plan(session, plan, list(range(1, len(plan.contacts) + 1)), run_id=run_id, options={})


def _filled(folders: pytest.TempPathFactory, empty: Path, report: Report, plan: Plan) -> Path:
    file = folders.mktemp("web") / "published.db"
    shutil.copyfile(empty, file)
    database = Database(f"sqlite:///{file}")
    fill(database, report, plan)
    with database.engine.connect() as connection:
        connection.connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.dispose()
    return file


@pytest.fixture(scope="session")
def published_file(tmp_path_factory: pytest.TempPathFactory, empty_sqlite: Path, report: Report, plan: Plan) -> Path:
    """A database with a published run and a plan."""
    return _filled(tmp_path_factory, empty_sqlite, report, plan)


@pytest.fixture(scope="session")
def small_file(tmp_path_factory: pytest.TempPathFactory, empty_sqlite: Path, report: Report, plan: Plan) -> Path:
    """The same with three channels and no ads, which is drawn in no time; tests that write copy it."""
    return _filled(tmp_path_factory, empty_sqlite, replace(report, channels=report.channels[:3], ads=()), plan)


@pytest.fixture(scope="session")
def published_app(published_file: Path) -> Iterator[Flask]:
    """A site with a report and a plan, to read from."""
    app = site_on(f"sqlite:///{published_file}")
    yield app
    app.extensions["touchstone"].database.dispose()


@pytest.fixture
def client(published_app: Flask) -> FlaskClient:
    """A visitor of the site with a report and a plan."""
    return published_app.test_client()


@pytest.fixture
def empty_app(sqlite_url: str) -> Iterator[Flask]:
    """A site upon a database that was set up, with nothing in it."""
    app = site_on(sqlite_url)
    yield app
    app.extensions["touchstone"].database.dispose()


@pytest.fixture
def written_app(small_file: Path, tmp_path: Path) -> Iterator[Flask]:
    """A site with a report and a plan of the test's own, to write to."""
    file = tmp_path / "touchstone.db"
    shutil.copyfile(small_file, file)
    app = site_on(f"sqlite:///{file}")
    yield app
    app.extensions["touchstone"].database.dispose()


def site_on(url: str) -> Flask:
    return create_app(Settings(database_url=url, time_zone="Europe/Istanbul", currency="EUR"))
