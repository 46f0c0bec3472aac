"""The migrations make what the tables say, on both databases, from anywhere, and for several processes at once."""

import re
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import inspect, text

from campaigns.store import migrations
from campaigns.store.database import Database
from campaigns.store.tables import Record


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.database)])
def empty(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Database]:
    """A database in which nothing has been set up."""
    url = f"sqlite:///{tmp_path}/empty.db"
    if request.param == "postgresql":
        url = request.getfixturevalue("postgresql_schema_url")
    database = Database(url)
    yield database
    database.dispose()


def differences(database: Database) -> list[object]:
    with database.engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        return list(compare_metadata(context, Record.metadata))


def test_the_migrations_make_what_the_tables_say_and_take_it_away_again(empty: Database):
    empty.migrate()
    assert differences(empty) == []

    migrations.downgrade(empty.engine)
    with empty.engine.connect() as connection:
        assert inspect(connection).get_table_names() == ["alembic_version"]
    assert not empty.is_current()

    empty.migrate()
    assert differences(empty) == []
    assert empty.is_current()


def test_effects_of_an_older_version_are_kept_and_have_no_target(empty: Database):
    empty.migrate()
    migrations.downgrade(empty.engine, "0001")
    with empty.engine.begin() as connection:
        assert "target" not in {column["name"] for column in inspect(connection).get_columns("effects")}
        connection.execute(
            text(
                "INSERT INTO runs (id, goal, state, requested_at, requested_by, attempts, stage, progress, message,"
                " cancel_requested, notes, options, versions)"
                " VALUES (1, 'order', 'published', :at, '', 1, '', 1, '', :no, '[]', '{}', '{}')"
            ),
            {"at": 0 if empty.is_sqlite else datetime(2026, 1, 1, tzinfo=UTC), "no": False},
        )
        connection.execute(
            text(
                "INSERT INTO effects (id, run_id, level, position, channel, incremental_mean, incremental_p05,"
                " incremental_p95, has_cac, has_marginal_cac, p_below_target, rules)"
                " VALUES (1, 1, 'channel', 0, 'email', 3, 2, 4, :no, :no, 0.75, '{}')"
            ),
            {"no": False},
        )

    def kept(columns: str) -> list[tuple[object, ...]]:
        with empty.engine.connect() as connection:
            return [tuple(row) for row in connection.execute(text(f"SELECT {columns} FROM effects"))]  # noqa: S608

    empty.migrate()
    assert kept("channel, p_below_target, target") == [("email", 0.75, None)]
    with empty.engine.begin() as connection:
        connection.execute(text("UPDATE effects SET target = 42.5"))
    migrations.downgrade(empty.engine, "0001")
    assert kept("channel, p_below_target") == [("email", 0.75)]
    empty.migrate()
    assert differences(empty) == []


def test_two_processes_may_migrate_at_once(empty: Database):
    url = empty.engine.url.render_as_string(hide_password=False)
    code = (
        "import sys; from campaigns.store.database import Database;"
        "database = Database(sys.argv[1]); database.migrate(); database.dispose()"
    )
    processes = [
        subprocess.Popen([sys.executable, "-W", "error", "-c", code, url], stderr=subprocess.PIPE, text=True)
        for _ in range(2)
    ]
    told = [process.communicate(timeout=60)[1] for process in processes]

    assert ([process.returncode for process in processes], told) == ([0, 0], ["", ""])
    assert empty.is_current()
    assert differences(empty) == []


def test_the_revisions_listed_are_those_there_are():
    config = Config()
    config.set_main_option("script_location", "campaigns.store:migrations")
    scripts = ScriptDirectory.from_config(config)

    assert [script.revision for script in scripts.walk_revisions()] == list(reversed(migrations.REVISIONS))
    assert scripts.get_current_head() == migrations.HEAD


def test_the_migrations_import_nothing_of_ours():
    """They say what the tables were then, not what they are now."""
    for script in Path(migrations.__file__).parent.glob("versions/*.py"):
        assert not re.search(r"import (campaigns|sqlmodel)|from (campaigns|sqlmodel)", script.read_text()), script.name


def test_a_table_that_others_refer_to_is_changed_without_losing_its_rows(empty: Database):
    """SQLite changes a table by dropping it: rows that refer to it must survive that, and still find what they mean."""
    empty.migrate()
    migrations.downgrade(empty.engine, "0002")
    moment = 0 if empty.is_sqlite else datetime(2026, 1, 1, tzinfo=UTC)
    with empty.engine.begin() as connection:
        described = inspect(connection)
        for table in ("people", "plans", "planned_contacts"):
            columns = [column for column in described.get_columns(table) if not column["nullable"]]
            values = {column["name"]: _something(column, moment, empty.is_sqlite) for column in columns}
            names = ", ".join(f'"{name}"' for name in values)
            marks = ", ".join(f":{name}" for name in values)
            connection.execute(text(f"INSERT INTO {table} ({names}) VALUES ({marks})"), values)  # noqa: S608
    empty.migrate()
    with empty.engine.connect() as connection:
        joined = connection.execute(text("SELECT p.id FROM plans p JOIN planned_contacts c ON c.plan_id = p.id"))
        assert [row.id for row in joined] == [1]


def _something(column: dict[str, object], moment: object, sqlite: bool) -> object:
    """Return a value that a column takes: what it is does not matter here."""
    name, kind = str(column["name"]), str(column["type"]).upper()
    if name in ("id", "plan_id", "person_id"):
        return 1
    if "DATE" in kind and "TIME" not in kind:
        return "2026-01-01" if sqlite else moment
    if "TIME" in kind:
        return moment
    if "BOOL" in kind:
        return False
    return "{}" if "JSON" in kind else "x" if "CHAR" in kind or "TEXT" in kind else 1
