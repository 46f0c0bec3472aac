"""The life of a run: asked for once, claimed once, cancelled or handed back, with options that check themselves."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import update

from campaigns.faults import RefusedError, TouchstoneError, UnreadyError
from campaigns.store.database import Database
from campaigns.store.tables import Run
from jobs import runs
from jobs.options import RunOptions
from jobs.runs import State


def test_a_run_asked_for_twice_is_one_run(sqlite_database: Database) -> None:
    first = runs.request(sqlite_database, requested_by="the site", options=RunOptions(draws=100))
    assert runs.request(sqlite_database, requested_by="nightly") == first
    assert runs.request(sqlite_database, "lead") != first
    claimed = runs.claim(sqlite_database)
    assert claimed is not None
    assert (claimed.id, claimed.options, claimed.requested_by) == (first, RunOptions(draws=100), "the site")


def test_of_many_workers_one_gets_the_run(database: Database) -> None:
    runs.request(database)
    with ThreadPoolExecutor(8) as workers:
        claimed = list(workers.map(lambda _: runs.claim(database), range(16)))
    assert sum(run is not None for run in claimed) == 1


def test_what_starts_at_once_takes_on_the_run_that_waits_with_its_own_options(sqlite_database: Database) -> None:
    waiting = runs.request(sqlite_database, requested_by="nightly")
    started = runs.start(sqlite_database, requested_by="command line", options=RunOptions(seed=9))
    assert (started.id, started.options.seed) == (waiting, 9)
    assert runs.claim(sqlite_database) is None


def test_a_run_that_waits_is_cancelled_at_once_and_one_that_runs_at_its_next_beat(sqlite_database: Database) -> None:
    waiting = runs.request(sqlite_database)
    assert runs.cancel(sqlite_database, waiting).state == State.CANCELLED
    running = runs.start(sqlite_database)
    assert not runs.beat(sqlite_database, running, 0.5, "at it")
    assert runs.cancel(sqlite_database, running.id).state == State.RUNNING
    assert runs.beat(sqlite_database, running, 0.6, "at it")


def test_a_run_handed_back_waits_again_and_its_old_worker_can_change_nothing(sqlite_database: Database) -> None:
    old = runs.start(sqlite_database)
    runs.hand_back(sqlite_database, old)
    new = runs.claim(sqlite_database)
    assert new is not None
    assert (new.id, new.attempt) == (old.id, old.attempt + 1)
    assert runs.beat(sqlite_database, old, 0.9, "late")
    runs.end(sqlite_database, old, State.FAILED, "late")
    runs.hand_back(sqlite_database, old)
    with pytest.raises(runs.StoppedError):
        runs.enter_stage(sqlite_database, old, "sample")
    line = runs.record(sqlite_database, new.id)
    assert (line.state, line.message, line.progress) == ("running", "", 0.0)


def test_a_run_whose_worker_fell_silent_waits_again(sqlite_database: Database) -> None:
    run = runs.start(sqlite_database)
    assert runs.reclaim(sqlite_database) == []
    with sqlite_database.transaction() as session:
        session.exec(update(Run).values(heartbeat_at=datetime.now(UTC) - timedelta(hours=1)))
    assert [(lost.id, lost.state) for lost in runs.reclaim(sqlite_database)] == [(run.id, "requested")]


def test_a_worker_gets_only_a_run_that_was_claimed_for_it(sqlite_database: Database) -> None:
    with pytest.raises(UnreadyError):
        runs.claimed(sqlite_database, 1)
    number = runs.request(sqlite_database)
    with pytest.raises(TouchstoneError, match="requested, not claimed"):
        runs.claimed(sqlite_database, number)
    assert runs.claim(sqlite_database) == runs.claimed(sqlite_database, number)


def test_an_unknown_goal_is_refused(sqlite_database: Database) -> None:
    for ask in (runs.request, runs.start):
        with pytest.raises(RefusedError, match="glory"):
            ask(sqlite_database, "glory")


@pytest.mark.parametrize(
    "written", [{"chains": 0}, {"draws": 49}, {"seed": -1}, {"seed": 1.5}, {"chains": True}, {"draw": 500}], ids=str
)
def test_options_that_cannot_be_used_are_refused(written: dict[str, object]) -> None:
    with pytest.raises(RefusedError, match=next(iter(written))):
        RunOptions.from_mapping(written)


def test_all_faults_of_the_options_are_named_at_once() -> None:
    with pytest.raises(RefusedError) as refusal:
        RunOptions(chains=0, draws=0, seed=-1)
    assert [fault.column for fault in refusal.value.faults] == ["chains", "draws", "seed"]
