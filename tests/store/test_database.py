"""Transactions exclude each other where they must, readers never wait, and every failure says what to do."""

import datetime as dt
import sqlite3
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from sqlalchemy import func, insert, text
from sqlmodel import select

from campaigns.faults import TouchstoneError, UnreadyError
from campaigns.settings import Settings
from campaigns.store.database import Database, open_database
from campaigns.store.migrations import HEAD
from campaigns.store.tables import Campaign, Person, Run

WRITERS = 16
NOW = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)


def names(database: Database) -> list[str]:
    with database.reading() as session:
        return sorted(session.exec(select(Campaign.campaign)))


def test_what_is_written_together_is_stored_together(database: Database):
    def fail_halfway() -> None:
        with database.transaction() as session:
            session.add(Campaign(channel="email", campaign="a"))
            session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail_halfway()
    assert names(database) == []

    with database.transaction() as session:
        session.add(Campaign(channel="email", campaign="a"))
        session.add(Campaign(channel="email", campaign="b"))
    assert names(database) == ["a", "b"]


def test_no_update_of_sixteen_writers_is_lost(database: Database):
    with database.transaction() as session:
        session.add(Run(goal="order", state="running", requested_at=NOW))

    def add_one(_: int) -> None:
        with database.transaction(exclusive=True) as session:
            run = session.exec(select(Run)).one()
            run.attempts += 1
            session.add(run)

    with ThreadPoolExecutor(WRITERS) as writers:
        list(writers.map(add_one, range(10 * WRITERS)))
    with database.reading() as session:
        assert session.exec(select(Run.attempts)).one() == 10 * WRITERS


def test_no_cap_is_broken_by_sixteen_writers(database: Database):
    cap = 5

    def take(number: int) -> bool:
        with database.transaction(exclusive=True) as session:
            used = session.exec(select(func.count()).where(Campaign.channel == f"c{number % 4}")).one()
            if used < cap:
                session.add(Campaign(channel=f"c{number % 4}", campaign=str(number)))
            return used < cap

    with ThreadPoolExecutor(WRITERS) as writers:
        taken = sum(writers.map(take, range(8 * WRITERS)))
    with database.reading() as session:
        used = session.exec(select(Campaign.channel, func.count()).group_by(Campaign.channel)).all()
    assert taken == 4 * cap
    assert sorted(used) == [(f"c{number}", cap) for number in range(4)]


def test_a_reader_sees_one_moment_while_others_write(database: Database):
    with database.transaction() as session:
        session.add(Campaign(channel="email", campaign="a"))
    with database.reading() as session:
        before = session.exec(select(func.count()).select_from(Campaign)).one()
        with database.transaction() as other:
            other.add(Campaign(channel="email", campaign="b"))
        after = session.exec(select(func.count()).select_from(Campaign)).one()

    assert (before, after) == (1, 1)
    assert names(database) == ["a", "b"]


def test_a_reader_does_not_wait_for_a_writer(database: Database):
    written, read = threading.Event(), threading.Event()

    def write() -> None:
        with database.transaction() as session:
            session.add(Campaign(channel="email", campaign="a"))
            session.flush()
            written.set()
            assert read.wait(20)

    with ThreadPoolExecutor(1) as writer:
        writing = writer.submit(write)
        assert written.wait(20)
        assert names(database) == []
        read.set()
        writing.result()
    assert names(database) == ["a"]


def test_a_reader_cannot_write(database: Database):
    told = r"(?i)read.?only|may not be written"
    with pytest.raises(Exception, match=told), database.reading() as session:
        session.execute(insert(Person))
    with database.transaction() as session:
        session.add(Person())


def test_foreign_keys_hold(database: Database):
    with pytest.raises(Exception, match=r"(?i)foreign key"), database.transaction() as session:
        session.add(Person(merged_into=99))


def test_objects_can_be_read_after_their_transaction(database: Database):
    with database.transaction() as session:
        campaign = Campaign(channel="email", campaign="a")
        session.add(campaign)

    assert (campaign.id, campaign.campaign) == (1, "a")


def test_sqlite_writes_ahead_and_checks_foreign_keys(sqlite_database: Database):
    with sqlite_database.engine.connect() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "foreign_keys", "busy_timeout")
        }
    assert found == {"journal_mode": "wal", "synchronous": 1, "foreign_keys": 1, "busy_timeout": 60_000}


def test_a_database_that_was_not_set_up_says_so(tmp_path: Path):
    database = Database(f"sqlite:///{tmp_path}/new.db")
    assert not database.is_current()
    with pytest.raises(UnreadyError, match="has not been set up: sqlite:///") as refusal, database.transaction():
        pass
    assert refusal.value.remedy == "Run `touchstone init`."
    database.migrate()
    assert database.is_current()
    with database.transaction():
        pass
    database.dispose()


def test_a_database_of_a_newer_version_is_left_alone(database: Database):
    with database.engine.begin() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    newer = Database(database.engine.url.render_as_string(hide_password=False))
    for use in (newer.migrate, lambda: newer.reading().__enter__()):
        with pytest.raises(TouchstoneError, match="A newer version of Touchstone has changed the database"):
            use()
    newer.dispose()
    with database.engine.begin() as connection:
        assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar_one() == "9999"
        connection.execute(text("UPDATE alembic_version SET version_num = :head"), {"head": HEAD})


def test_a_folder_that_does_not_exist_is_named(tmp_path: Path):
    database = Database(f"sqlite:///{tmp_path}/no/such/t.db")
    with pytest.raises(TouchstoneError, match=r"folder of the database does not exist: .*/no/such"):
        database.migrate()


def test_a_file_that_is_no_database_is_left_alone(tmp_path: Path):
    file = tmp_path / "notes.txt"
    file.write_text("these are notes, not a database\n" * 100)
    with pytest.raises(TouchstoneError, match=r"not a database: .*notes\.txt"):
        Database(f"sqlite:///{file}").migrate()
    assert file.read_text().startswith("these are notes")


def test_a_server_that_is_away_is_named_without_its_password():
    database = Database("postgresql://ada:secret@127.0.0.1:1/none")
    with pytest.raises(TouchstoneError, match=r"ada:\*\*\*@127.0.0.1:1") as refusal:
        database.is_current()
    assert "secret" not in str(refusal.value)
    assert "TOUCHSTONE_DATABASE_URL" in refusal.value.remedy


def test_a_writer_that_waits_too_long_says_who_is_in_the_way(sqlite_url: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr("campaigns.store.connecting.PATIENCE", 0.1)
    database = Database(sqlite_url)
    other = sqlite3.connect(sqlite_url.removeprefix("sqlite:///"), isolation_level=None)
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(TouchstoneError, match="Another process has been writing"), database.transaction():
        pass
    other.close()
    database.dispose()


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("mysql://x/y", "'mysql' are not supported"),
        ("sqlite://", "in memory cannot be shared"),
        ("sqlite:///:memory:", "in memory cannot be shared"),
        ("nonsense", "'nonsense' is not the URL of a database"),
    ],
)
def test_a_url_that_names_no_database_is_refused(url: str, told: str):
    with pytest.raises(TouchstoneError, match=told):
        Database(url)


def test_the_database_of_the_settings_is_opened_at_its_first_use(tmp_path: Path):
    database = open_database(Settings(database_url=f"sqlite:///{tmp_path}/t.db"))

    assert not (tmp_path / "t.db").exists()
    assert database.address == f"sqlite:///{tmp_path}/t.db"
