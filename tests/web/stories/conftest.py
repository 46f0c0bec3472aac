"""What the stories share: one furnished database, copied for each, and the site upon it."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from campaigns.store.database import Database
from campaigns.terms import Report
from tests.web.stories.firm import Firm, site_of
from tests.web.stories.market import furnish


@pytest.fixture(scope="session")
def furnished_file(tmp_path_factory: pytest.TempPathFactory, empty_sqlite: Path, report: Report) -> Path:
    """The firm's database, to be copied."""
    file = tmp_path_factory.mktemp("stories") / "firm.db"
    shutil.copyfile(empty_sqlite, file)
    database = Database(f"sqlite:///{file}")
    furnish(database, report)
    with database.engine.connect() as connection:
        connection.connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.dispose()
    return file


@pytest.fixture
def firm(
    request: pytest.FixtureRequest, furnished_file: Path, tmp_path: Path, page_as: Callable[..., Any]
) -> Iterator[Firm]:
    """The firm upon a database of the test's own."""
    shutil.copyfile(furnished_file, tmp_path / "firm.db")
    app = site_of(f"sqlite:///{tmp_path}/firm.db")
    database = app.extensions["touchstone"].database
    yield Firm(app, database, page_as, thorough=request.node.get_closest_marker("slow") is not None)
    database.dispose()


@pytest.fixture
def firm_on_postgresql(postgresql_schema_url: str, report: Report, page_as: Callable[..., Any]) -> Iterator[Firm]:
    """The firm upon PostgreSQL, in a schema of the test's own."""
    app = site_of(postgresql_schema_url)
    database = app.extensions["touchstone"].database
    database.migrate()
    furnish(database, report)
    yield Firm(app, database, page_as, thorough=True)
    database.dispose()
