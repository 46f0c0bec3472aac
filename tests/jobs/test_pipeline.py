"""The one sequence of a run, on both databases: what is stored, what stays published, and how runs end otherwise."""

import time
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlmodel import select

from campaigns.faults import RefusedError, UnreadyError
from campaigns.settings import Settings
from campaigns.store.database import Database
from campaigns.store.forecasts import forecasts_of
from campaigns.store.results import draws_of, published_report, report_of
from campaigns.store.tables import Score
from campaigns.terms import Forecast, ForecastOutcome, Range
from jobs import runs
from jobs.options import RunOptions
from jobs.pipeline import STAGES, Compute, Fitted, carry_out, run_fit
from jobs.pulse import Pulse
from jobs.runs import State


def test_a_run_that_passes_is_published_with_all_that_it_found(
    both_filled: Database, settings: Settings, computing: Compute
) -> None:
    options = RunOptions(chains=3, draws=200, seed=5)
    outcome = run_fit(both_filled, settings, requested_by="a test", options=options, compute=computing)
    assert outcome.state is State.PUBLISHED
    report = published_report(both_filled)
    assert report == outcome.report
    assert (report.run.id, report.run.responses, report.currency) == (outcome.run_id, 2, "EUR")
    assert list(draws_of(both_filled, outcome.run_id)) == [("incremental", "email", None, None)]
    with both_filled.reading() as session:
        assert len(session.exec(select(Score).where(Score.run_id == outcome.run_id)).all()) == 2
    line = runs.record(both_filled, outcome.run_id)
    assert (line.state, line.progress, line.verdict, line.requested_by) == ("published", 1.0, "pass", "a test")
    assert line.options == {"chains": 3, "draws": 200, "seed": 5}
    assert {"python", "touchstone", "pymc", "nutpie"} <= set(line.versions)


WEEK = Forecast(0, None, date(2026, 2, 1), date(2026, 2, 7), Range(3.0, 1.0, 5.0))


def test_a_published_run_keeps_its_forecasts_and_a_later_one_is_given_them_and_settles_them(
    both_filled: Database, settings: Settings, computing: Compute
) -> None:
    given: list[tuple[Forecast, ...]] = []

    def foretelling(observations: Any, task: Any, **options: Any) -> Fitted:
        given.append(task.forecasts)
        settled = tuple(replace(one, came=4.0, outcome=ForecastOutcome.HELD) for one in task.forecasts)
        return replace(computing(observations, task, **options), forecasts=(WEEK,), settled=settled)

    numbers = [run_fit(both_filled, settings, compute=foretelling).run_id for _ in range(2)]
    stored = replace(WEEK, run=numbers[0])
    assert given == [(), (stored,)]
    with both_filled.reading() as session:
        assert forecasts_of(session, numbers[0]) == (replace(stored, came=4.0, outcome=ForecastOutcome.HELD),)
        assert forecasts_of(session, numbers[1]) == (replace(WEEK, run=numbers[1]),)


def test_a_refused_run_tells_and_settles_nothing(
    filled: Database, settings: Settings, computing: Compute, failing: Compute
) -> None:
    def foretelling(*args: Any, **options: Any) -> Fitted:
        return replace(computing(*args, **options), forecasts=(WEEK,))

    def refused(observations: Any, task: Any, **options: Any) -> Fitted:
        settled = tuple(replace(one, came=4.0, outcome=ForecastOutcome.HELD) for one in task.forecasts)
        return replace(failing(observations, task, **options), forecasts=(WEEK,), settled=settled)

    first = run_fit(filled, settings, compute=foretelling).run_id
    second = run_fit(filled, settings, compute=refused).run_id
    with filled.reading() as session:
        assert forecasts_of(session, first) == (replace(WEEK, run=first),)
        assert forecasts_of(session, second) == ()


def test_the_ledger_has_every_stage_in_order_with_its_times(
    filled: Database, settings: Settings, computing: Compute
) -> None:
    outcome = run_fit(filled, settings, compute=computing)
    stages = runs.stages(filled, outcome.run_id)
    assert [stage.stage for stage in stages] == list(STAGES)
    assert all(stage.finished_at is not None and stage.finished_at >= stage.started_at for stage in stages)
    assert list(outcome.seconds) == list(STAGES)


def test_progress_never_falls_and_ends_at_the_whole(filled: Database, settings: Settings, computing: Compute) -> None:
    told: list[tuple[str, float]] = []
    run_fit(filled, settings, compute=computing, progress=lambda stage, share, _message: told.append((stage, share)))
    shares = [share for _, share in told]
    assert shares == sorted(shares)
    assert shares[0] == 0.0
    assert shares[-1] == pytest.approx(1.0)
    assert sum(STAGES.values()) == pytest.approx(1.0)


def test_a_run_whose_checks_fail_is_kept_with_its_reason_and_the_last_good_one_stays_published(
    both_filled: Database, settings: Settings, computing: Compute, failing: Compute
) -> None:
    good = run_fit(both_filled, settings, compute=computing)
    bad = run_fit(both_filled, settings, compute=failing)
    assert (bad.state, bad.published, bad.message) == (State.REFUSED, False, "The chains disagree.")
    published = published_report(both_filled)
    assert published is not None
    assert published.run.id == good.run_id
    assert report_of(both_filled, bad.run_id) == bad.report
    assert runs.record(both_filled, bad.run_id).message == "The chains disagree."
    with both_filled.reading() as session:
        assert {score.run_id for score in session.exec(select(Score))} == {good.run_id}


def test_an_error_marks_the_run_failed_with_its_reason_and_is_raised_as_it_is(
    filled: Database, settings: Settings, computing: Compute
) -> None:
    good = run_fit(filled, settings, compute=computing)

    def broken(*_args: Any, **_options: Any) -> Fitted:
        raise ZeroDivisionError("no people at risk")

    with pytest.raises(ZeroDivisionError):
        run_fit(filled, settings, compute=broken)
    last = runs.latest(filled)
    assert last is not None
    assert (last.state, last.message) == ("failed", "ZeroDivisionError: no people at risk")
    assert last.finished_at is not None
    published = published_report(filled)
    assert published is not None
    assert published.run.id == good.run_id


def test_an_error_while_publishing_stores_nothing_of_the_run(
    both_filled: Database, settings: Settings, computing: Compute
) -> None:
    def misfit(*args: Any, **options: Any) -> Fitted:
        fitted = computing(*args, **options)
        return Fitted(fitted.report, fitted.draws, fitted.scores.drop_columns(["channel"]))  # type: ignore[union-attr]

    with pytest.raises(KeyError):
        run_fit(both_filled, settings, compute=misfit)
    last = runs.latest(both_filled)
    assert last is not None
    assert last.state == "failed"
    assert report_of(both_filled, int(last.id or 0)) is None
    assert draws_of(both_filled, int(last.id or 0)) == {}


def test_ctrl_c_marks_the_run_cancelled(filled: Database, settings: Settings) -> None:
    def interrupted(*_args: Any, **_options: Any) -> Fitted:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        run_fit(filled, settings, compute=interrupted)
    last = runs.latest(filled)
    assert last is not None
    assert (last.state, last.message) == ("cancelled", "stopped by hand")


def test_a_run_that_is_asked_to_stop_stops_at_its_next_report_and_publishes_nothing(
    filled: Database, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("jobs.pulse.BEAT_SECONDS", 0.05)

    def endless(*_args: Any, on_progress: Any, **_options: Any) -> Fitted:
        last = runs.latest(filled)
        assert last is not None
        runs.cancel(filled, int(last.id or 0))
        for _ in range(200):
            on_progress("sample", 0.5, "still at it")
            time.sleep(0.02)
        raise AssertionError("nobody stopped it")

    outcome = run_fit(filled, settings, compute=endless)
    assert (outcome.state, outcome.report) == (State.CANCELLED, None)
    assert runs.record(filled, outcome.run_id).state == "cancelled"
    assert published_report(filled) is None


def test_a_request_to_stop_that_comes_just_before_publishing_is_honoured(
    both_filled: Database, settings: Settings, computing: Compute
) -> None:
    def late(*args: Any, **options: Any) -> Fitted:
        fitted = computing(*args, **options)
        last = runs.latest(both_filled)
        assert last is not None
        runs.cancel(both_filled, int(last.id or 0))
        return fitted

    assert run_fit(both_filled, settings, compute=late).state is State.CANCELLED
    assert published_report(both_filled) is None


def test_a_worker_taken_for_dead_does_not_publish_over_the_one_that_took_its_run(
    both_filled: Database, settings: Settings, computing: Compute
) -> None:
    def asleep(*args: Any, **options: Any) -> Fitted:
        fitted = computing(*args, **options)
        runs.hand_back(both_filled, mine)
        assert runs.claim(both_filled) is not None
        return fitted

    mine = runs.start(both_filled)
    outcome = carry_out(both_filled, settings, mine, compute=asleep)
    assert outcome.state is State.CANCELLED
    line = runs.record(both_filled, mine.id)
    assert (line.state, line.attempts) == ("running", 2)
    assert published_report(both_filled) is None


def test_the_heart_beats_while_a_stage_is_silent(filled: Database) -> None:
    run = runs.start(filled)
    before = runs.record(filled, run.id).heartbeat_at
    with Pulse(filled, run, seconds=0.02) as pulse:
        pulse.tell(0.4, "compiling")
        for _ in range(200):
            time.sleep(0.02)
            line = runs.record(filled, run.id)
            if line.progress:
                break
    assert (line.progress, line.message) == (0.4, "compiling")
    assert before is not None
    assert line.heartbeat_at is not None
    assert line.heartbeat_at > before


def test_a_heart_that_cannot_beat_is_heard_by_the_run(filled: Database, monkeypatch: pytest.MonkeyPatch) -> None:
    def lost(*_args: object) -> bool:
        raise ConnectionError("the database is gone")

    run = runs.start(filled)
    monkeypatch.setattr(runs, "beat", lost)
    with Pulse(filled, run, seconds=0.01) as pulse:
        time.sleep(0.1)
        with pytest.raises(ConnectionError):
            pulse.is_cancelled()


def test_a_database_without_responses_is_refused_and_the_ledger_says_so(
    sqlite_database: Database, settings: Settings, computing: Compute
) -> None:
    with pytest.raises(UnreadyError, match="no orders to explain"):
        run_fit(sqlite_database, settings, compute=computing)
    last = runs.latest(sqlite_database)
    assert last is not None
    assert last.state == "failed"
    assert "touchstone import" in last.message


def test_a_goal_without_responses_of_its_kind_is_refused(
    filled: Database, settings: Settings, computing: Compute
) -> None:
    with pytest.raises(UnreadyError, match="no sign-ups to explain"):
        run_fit(filled, settings, goal="signup", compute=computing)
    assert run_fit(filled, settings, goal="lead", compute=computing).published


def test_an_unknown_goal_is_refused_before_anything_is_written(sqlite_database: Database, settings: Settings) -> None:
    with pytest.raises(RefusedError, match="order"):
        run_fit(sqlite_database, settings, goal="glory")
    assert runs.latest(sqlite_database) is None
