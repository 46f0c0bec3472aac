"""What runs expected, and what came, is kept as it was told, on both databases."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

from campaigns.store import runs
from campaigns.store.database import Database
from campaigns.store.forecasts import (
    forecasts_of,
    latest_forecasts,
    settle_forecasts,
    standing_forecasts,
    store_forecasts,
)
from campaigns.store.tables import RunForecast
from campaigns.terms import Forecast, ForecastOutcome, Range


def told(run: int, channel: str | None = None) -> Forecast:
    return Forecast(run, channel, date(2026, 6, 1), date(2026, 6, 7), Range(1 / 3, 0.25, 0.5))


def run_with_forecasts(
    database: Database, goal: str = "order", state: runs.State = runs.State.PUBLISHED, channels: tuple[str, ...] = ()
) -> int:
    with database.transaction() as session:
        number = runs.request(session, goal)
        runs.claim(session)
        store_forecasts(session, number, [told(number), *(told(number, channel) for channel in channels)])
        runs.end(session, number, state)
    return number


def test_what_a_run_expected_is_read_as_it_was_told(database: Database) -> None:
    number = run_with_forecasts(database, channels=("email", "tv"))
    with database.reading() as session:
        assert forecasts_of(session, number) == (told(number), told(number, "email"), told(number, "tv"))
        assert forecasts_of(session, number + 1) == ()


def test_what_came_is_kept_once_with_the_run_that_found_it(database: Database) -> None:
    first = run_with_forecasts(database, channels=("email",))
    second = run_with_forecasts(database)
    held = replace(told(first), came=0.4, outcome=ForecastOutcome.HELD)
    with database.transaction() as session:
        settle_forecasts(session, second, [held])
    with database.transaction() as session:
        settle_forecasts(session, second, [replace(held, came=9.0, outcome=ForecastOutcome.MISSED)])
    with database.reading() as session:
        assert forecasts_of(session, first) == (held, told(first, "email"))
        assert session.get(RunForecast, (first, 0)).settled_by == second
        assert session.get(RunForecast, (first, 1)).settled_by is None
        assert forecasts_of(session, second) == (told(second),)


def test_channels_stand_until_they_are_settled_and_all_responses_for_good(database: Database) -> None:
    first = run_with_forecasts(database, channels=("email", "tv"))
    settled = [
        replace(told(first, channel), came=0.4, outcome=ForecastOutcome.NOT_COMPARABLE) for channel in (None, "email")
    ]
    with database.transaction() as session:
        settle_forecasts(session, first, settled)
    with database.reading() as session:
        assert standing_forecasts(session, "order") == (settled[0], told(first, "tv"))


def test_only_published_runs_of_the_goal_count(database: Database) -> None:
    run_with_forecasts(database, state=runs.State.REFUSED)
    run_with_forecasts(database, goal="lead")
    with database.reading() as session:
        assert standing_forecasts(session, "order") == ()
        assert latest_forecasts(session, "order") == ()
        assert len(latest_forecasts(session, "lead")) == 1


def test_the_latest_come_first_without_channels_and_no_more_than_wanted(database: Database) -> None:
    numbers = [run_with_forecasts(database, channels=("email",)) for _ in range(3)]
    with database.reading() as session:
        assert latest_forecasts(session, "order", limit=2) == (told(numbers[2]), told(numbers[1]))
