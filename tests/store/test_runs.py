"""The run ledger: one waits, one claims, nothing is lost and nothing is done twice."""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor

import pytest

from campaigns.faults import TouchstoneError, UnreadyError
from campaigns.store import runs
from campaigns.store.database import Database
from campaigns.store.runs import State
from campaigns.store.tables import Run

NOON = dt.datetime(2026, 6, 1, 12, tzinfo=dt.UTC)


def minutes(count: float) -> dt.datetime:
    return NOON + dt.timedelta(minutes=count)


def requested(database: Database, goal: str = "order", at: dt.datetime = NOON) -> int:
    with database.transaction() as session:
        return runs.request(session, goal, requested_by="ada", options={"draws": 500}, now=at)


def claimed(database: Database, at: dt.datetime = NOON) -> Run | None:
    with database.transaction() as session:
        return runs.claim(session, now=at)


def found(database: Database, run_id: int) -> Run:
    with database.reading() as session:
        return runs.find(session, run_id)


def test_who_asks_while_a_run_of_the_goal_waits_gets_that_run(database: Database):
    first = requested(database)
    assert requested(database) == first
    assert requested(database, "lead") != first

    claimed(database)
    assert requested(database) != first


def test_a_run_is_as_it_was_asked_for(database: Database):
    run = found(database, requested(database))

    assert (run.goal, run.state, run.requested_by, run.requested_at) == ("order", State.REQUESTED, "ada", NOON)
    assert (run.options, run.attempts, run.cancel_requested, run.notes) == ({"draws": 500}, 0, False, [])


def test_the_run_that_waited_longest_is_claimed_first(database: Database):
    late = requested(database, "lead", minutes(2))
    early = requested(database, "order", minutes(1))

    order = [run.id for run in (claimed(database, minutes(3)), claimed(database, minutes(3))) if run]
    assert order == [early, late]
    assert claimed(database) is None
    run = found(database, early)
    assert (run.state, run.started_at, run.heartbeat_at, run.attempts) == (State.RUNNING, minutes(3), minutes(3), 1)


def test_a_run_is_claimed_by_number_only_while_it_waits(database: Database):
    run_id = requested(database)
    with database.transaction() as session:
        assert runs.claim(session, run_id + 1) is None
        assert runs.claim(session, run_id) is not None
        assert runs.claim(session, run_id) is None


def test_exactly_one_of_many_claimers_wins_each_run(database: Database):
    asked = {requested(database, goal) for goal in ("order", "lead", "signup")}
    with ThreadPoolExecutor(16) as workers:
        won = [run.id for run in workers.map(lambda _: claimed(database), range(32)) if run]

    assert len(won) == len(asked)
    assert set(won) == asked


def test_of_many_who_ask_at_once_all_get_the_same_run(database: Database):
    with ThreadPoolExecutor(16) as workers:
        assert len(set(workers.map(lambda _: requested(database), range(32)))) == 1


def test_a_heartbeat_tells_how_far_a_run_is_and_whether_to_stop(database: Database):
    run_id = requested(database)
    claimed(database)
    with database.transaction() as session:
        assert runs.heartbeat(session, run_id, 0.4, "sampling", now=minutes(1)) is False
    run = found(database, run_id)
    assert (run.progress, run.message, run.heartbeat_at) == (0.4, "sampling", minutes(1))

    with database.transaction() as session:
        runs.request_cancel(session, run_id)
        assert runs.cancel_requested(session, run_id) is True
        assert runs.heartbeat(session, run_id) is True
    assert found(database, run_id).progress == 0.4


def test_a_waiting_run_is_cancelled_at_once(database: Database):
    run_id = requested(database)
    with database.transaction() as session:
        runs.request_cancel(session, run_id, now=minutes(1))

    run = found(database, run_id)
    assert (run.state, run.finished_at) == (State.CANCELLED, minutes(1))
    assert claimed(database) is None


def test_cancelling_a_run_that_has_ended_changes_nothing(database: Database):
    run_id = requested(database)
    claimed(database)
    with database.transaction() as session:
        runs.end(session, run_id, State.FAILED, "no orders", now=minutes(1))
        runs.request_cancel(session, run_id, now=minutes(2))

    run = found(database, run_id)
    assert (run.state, run.message, run.finished_at, run.cancel_requested) == (
        State.FAILED,
        "no orders",
        minutes(1),
        False,
    )


def test_stages_are_logged_and_each_ends_where_the_next_begins(database: Database):
    run_id = requested(database)
    claimed(database)
    with database.transaction() as session:
        runs.enter_stage(session, run_id, "read", "reading", now=minutes(1))
        runs.enter_stage(session, run_id, "sample", now=minutes(2))
        runs.end(session, run_id, State.PUBLISHED, now=minutes(5))
    with database.reading() as session:
        logged = [(row.stage, row.started_at, row.finished_at, row.message) for row in runs.stages(session, run_id)]

    assert logged == [
        ("read", minutes(1), minutes(2), "reading"),
        ("sample", minutes(2), minutes(5), ""),
    ]
    run = found(database, run_id)
    assert (run.state, run.stage, run.progress, run.finished_at) == (State.PUBLISHED, "sample", 1.0, minutes(5))


def test_a_run_ends_once(database: Database):
    run_id = requested(database)
    claimed(database)
    with database.transaction() as session:
        runs.end(session, run_id, State.CANCELLED)
    with pytest.raises(TouchstoneError, match=f"Run {run_id} has ended already"), database.transaction() as session:
        runs.end(session, run_id, State.PUBLISHED)
    with pytest.raises(ValueError, match="does not end as running"), database.transaction() as session:
        runs.end(session, run_id, State.RUNNING)


def test_a_run_whose_worker_died_waits_again_and_fails_the_second_time(database: Database):
    run_id = requested(database)
    claimed(database)
    with database.transaction() as session:
        assert runs.reclaim(session, now=minutes(1)) == []
        lost = runs.reclaim(session, now=minutes(3))
        assert [(run.id, run.state) for run in lost] == [(run_id, State.REQUESTED)]
    again = claimed(database, minutes(4))
    assert again is not None
    assert (again.id, again.attempts) == (run_id, 2)

    with database.transaction() as session:
        lost = runs.reclaim(session, now=minutes(9))
        assert [(run.id, run.state) for run in lost] == [(run_id, State.FAILED)]
    assert "ended without a word, 2 times" in found(database, run_id).message


def test_a_worker_taken_for_dead_is_told_to_stop(database: Database):
    run_id = requested(database)
    claimed(database)
    with database.transaction() as session:
        runs.reclaim(session, now=minutes(3))
        assert runs.heartbeat(session, run_id, 0.9, now=minutes(3)) is True
    assert found(database, run_id).progress == 0.0


def test_a_run_handed_back_gives_way_to_a_later_request(database: Database):
    first = requested(database)
    claimed(database)
    second = requested(database, at=minutes(1))
    with database.transaction() as session:
        runs.hand_back(session, first)

    assert found(database, first).state == State.CANCELLED
    assert found(database, second).state == State.REQUESTED


def test_a_run_handed_back_after_it_was_asked_to_stop_is_cancelled(database: Database):
    run_id = requested(database)
    claimed(database)
    with database.transaction() as session:
        runs.request_cancel(session, run_id)
        runs.hand_back(session, run_id)
    assert found(database, run_id).state == State.CANCELLED


def test_the_ledger_lists_the_latest_first_and_knows_what_was_published(database: Database):
    first = requested(database)
    claimed(database)
    with database.transaction() as session:
        runs.end(session, first, State.PUBLISHED, now=minutes(1))
    second = requested(database)
    lead = requested(database, "lead")
    with database.reading() as session:
        assert [run.id for run in runs.recent(session)] == [lead, second, first]
        assert [run.id for run in runs.recent(session, 1)] == [lead]
        assert [run.id for run in (runs.latest(session), runs.latest(session, "order")) if run] == [lead, second]
        published = runs.published(session, "order")
        assert published is not None
        assert published.id == first
        assert runs.published(session, "lead") is None
        assert runs.published_goals(session) == ("order",)


def test_a_run_that_does_not_exist_says_so(database: Database):
    with pytest.raises(UnreadyError, match="There is no run 7"), database.reading() as session:
        runs.find(session, 7)
