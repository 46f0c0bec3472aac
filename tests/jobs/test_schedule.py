"""The schedule, as the process that it is: it works off what was asked for, forgets no night, and ends quickly."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import psutil
import pytest
from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler

from campaigns.settings import PREFIX, Settings
from campaigns.store.database import Database
from campaigns.store.tables import Run
from jobs import runs, schedule

PATIENCE_SECONDS = 60.0
"""How long a busy machine may take; nothing waits so long unless it is broken."""

TOUCHSTONE = (sys.executable, "-c", "from jobs.cli import main; main()")

ENDLESS = """
import sys, time
from campaigns.settings import Settings
from campaigns.store.database import open_database
from jobs import runs
from jobs.pipeline import carry_out

def endless(_observations, _task, *, on_progress, is_cancelled):
    while True:
        on_progress("sample", 0.5, "still at it")
        time.sleep(0.1)

settings = Settings.from_environ()
database = open_database(settings)
carry_out(database, settings, runs.claimed(database, int(sys.argv[1])), compute=endless)
"""

WITH_WORKER = """
import sys
import jobs.schedule
from jobs.cli import main
jobs.schedule.WORKER = (sys.executable, sys.argv.pop(1))
main(["scheduler", *sys.argv[1:]])
"""


def environ(database: Database, **settings: str) -> dict[str, str]:
    """This process's environment with the settings of this database."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(PREFIX)}
    url = database.engine.url.render_as_string(hide_password=False)
    return {**kept, f"{PREFIX}DATABASE_URL": url, **{f"{PREFIX}{name}": value for name, value in settings.items()}}


@contextmanager
def running(*command: str, folder: Path, environ: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """A process of the test's own, which is gone afterwards."""
    process = subprocess.Popen(command, cwd=folder, env=environ, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        if process.poll() is None:
            process.kill()
        process.communicate()


def until(holds: Callable[[], bool], process: subprocess.Popen[str]) -> None:
    """Wait until something holds; a process that ends before that fails the test with what it said."""
    end = time.monotonic() + PATIENCE_SECONDS
    while not holds():
        assert process.poll() is None, process.stderr and process.stderr.read()
        assert time.monotonic() < end, "waited too long"
        time.sleep(0.05)


def state_of(database: Database, run_id: int) -> str:
    return runs.record(database, run_id).state


def test_a_run_that_is_asked_for_is_claimed_and_finished_and_sigterm_ends_the_schedule_within_seconds(
    sqlite_database: Database, tmp_path: Path
) -> None:
    with running(*TOUCHSTONE, "scheduler", folder=tmp_path, environ=environ(sqlite_database)) as process:
        number = runs.request(sqlite_database, requested_by="a test")
        until(lambda: state_of(sqlite_database, number) == "failed", process)
        process.send_signal(signal.SIGTERM)
        said = process.communicate(timeout=10)[1]
    assert process.returncode == 0, said
    line = runs.record(sqlite_database, number)
    assert "no orders to explain" in line.message
    assert line.started_at is not None
    assert "asked for by a test" in said
    assert "scheduler ended" in said


@pytest.mark.slow
def test_sigterm_in_the_middle_of_a_run_ends_its_process_and_hands_the_run_back(
    filled: Database, tmp_path: Path
) -> None:
    (tmp_path / "endless.py").write_text(ENDLESS)
    command = (sys.executable, "-c", WITH_WORKER, str(tmp_path / "endless.py"))
    with running(*command, folder=tmp_path, environ=environ(filled)) as process:
        number = runs.request(filled)
        until(lambda: runs.record(filled, number).stage == "sample", process)
        workers = psutil.Process(process.pid).children()
        assert len(workers) == 1
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=10)
    assert process.returncode == 0
    assert not workers[0].is_running()
    line = runs.record(filled, number)
    assert (line.state, line.attempts) == ("requested", 1)
    assert runs.claim(filled) is not None


@pytest.mark.slow
def test_a_run_that_is_cancelled_stops_and_the_schedule_goes_on(filled: Database, tmp_path: Path) -> None:
    (tmp_path / "endless.py").write_text(ENDLESS)
    command = (sys.executable, "-c", WITH_WORKER, str(tmp_path / "endless.py"), "--once")
    number = runs.request(filled)
    with running(*command, folder=tmp_path, environ=environ(filled)) as process:
        until(lambda: runs.record(filled, number).stage == "sample", process)
        runs.cancel(filled, number)
        process.communicate(timeout=PATIENCE_SECONDS)
    assert process.returncode == 1
    assert state_of(filled, number) == "cancelled"


def test_a_worker_that_dies_leaves_a_failed_run_with_its_reason(filled: Database, tmp_path: Path) -> None:
    (tmp_path / "dying.py").write_text("import os\nos._exit(9)\n")
    command = (sys.executable, "-c", WITH_WORKER, str(tmp_path / "dying.py"), "--once")
    number = runs.request(filled)
    with running(*command, folder=tmp_path, environ=environ(filled)) as process:
        said = process.communicate(timeout=PATIENCE_SECONDS)[1]
    assert process.returncode == 1, said
    line = runs.record(filled, number)
    assert (line.state, "status 9" in line.message) == ("failed", True)


def test_once_does_what_is_due_and_then_nothing_until_the_next_night(sqlite_database: Database, tmp_path: Path) -> None:
    def once() -> tuple[int, str]:
        command = (*TOUCHSTONE, "scheduler", "--once")
        with running(*command, folder=tmp_path, environ=environ(sqlite_database)) as process:
            said = process.communicate(timeout=PATIENCE_SECONDS)[1]
        return process.returncode, said

    status, said = once()
    assert status == 1, said
    line = runs.latest(sqlite_database)
    assert line is not None
    assert (line.id, line.state, line.requested_by) == (1, "failed", "nightly")
    status, said = once()
    assert (status, "nothing is due" in said) == (0, True)


@pytest.mark.parametrize(
    ("asked_at", "now", "due"),
    [
        (None, "2026-06-10T12:00+00:00", True),
        ("2026-06-10T01:00+00:00", "2026-06-10T12:00+00:00", False),
        ("2026-06-09T23:00+00:00", "2026-06-10T12:00+00:00", True),
        ("2026-06-09T23:00+00:00", "2026-06-09T23:20+00:00", False),
        ("2026-06-09T00:00+00:00", "2026-06-09T23:20+00:00", False),
    ],
)
def test_a_night_is_due_from_its_moment_in_the_configured_zone_until_a_run_is_asked_for(
    sqlite_database: Database, asked_at: str | None, now: str, due: bool
) -> None:
    settings = Settings(time_zone="Europe/Istanbul", nightly_at="02:30")  # 23:30 UTC of the day before
    if asked_at:
        with sqlite_database.transaction() as session:
            session.add(Run(goal="order", state="published", requested_at=datetime.fromisoformat(asked_at)))
    assert schedule._is_due(sqlite_database, settings, datetime.fromisoformat(now)) is due


def test_the_night_asks_for_every_goal_that_was_ever_published(
    sqlite_database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TOUCHSTONE_DATABASE_URL", str(sqlite_database.engine.url))
    with sqlite_database.transaction() as session:
        for goal in ("order", "lead"):
            session.add(Run(goal=goal, state="published", requested_at=datetime.now(UTC)))
        session.add(Run(goal="won", state="failed", requested_at=datetime.now(UTC)))
    schedule.ask_for_tonight()
    schedule.ask_for_tonight()
    waiting = [run.goal for run in runs.recent(sqlite_database) if run.state == "requested"]
    assert sorted(waiting) == ["lead", "order"]


@pytest.mark.parametrize(("late_by", "made_up_for"), [(timedelta(hours=2), True), (timedelta(hours=30), False)])
def test_a_night_that_passed_while_the_machine_was_off_is_made_up_for_unless_it_is_long_past(
    database: Database, monkeypatch: pytest.MonkeyPatch, late_by: timedelta, made_up_for: bool
) -> None:
    monkeypatch.setenv("TOUCHSTONE_DATABASE_URL", database.engine.url.render_as_string(hide_password=False))
    soon = datetime.now(UTC) + timedelta(minutes=30)  # so that no other night passed lately, whatever the hour
    settings = Settings(nightly_at=f"{soon:%H:%M}")
    with schedule._nightly(database, settings):
        pass
    store = SQLAlchemyJobStore(engine=database.engine)
    store.start(BackgroundScheduler(timezone="UTC"), "default")
    job = store.lookup_job(schedule.NIGHTLY)
    job._modify(next_run_time=datetime.now(UTC) - late_by)
    store.update_job(job)
    with schedule._nightly(database, settings):
        for _ in range(100 if made_up_for else 10):
            time.sleep(0.05)
            if runs.latest(database) is not None:
                break
    last = runs.latest(database)
    assert (last is not None and last.requested_by == schedule.NIGHTLY) is made_up_for


def test_another_time_of_night_replaces_the_one_in_the_database(sqlite_database: Database) -> None:
    hours = []
    for settings in (Settings(), Settings(nightly_at="05:15", time_zone="Europe/Istanbul")):
        with schedule._nightly(sqlite_database, settings):
            store = SQLAlchemyJobStore(engine=sqlite_database.engine)
            reader = BackgroundScheduler(jobstores={"default": store})
            reader.start(paused=True)
            job = reader.get_job(schedule.NIGHTLY)
            reader.shutdown()
            hours.append(job.next_run_time.strftime("%H:%M %Z"))
    assert hours == ["02:30 UTC", "05:15 +03"]
