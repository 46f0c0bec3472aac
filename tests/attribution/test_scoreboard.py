"""Earlier forecasts held against what came."""

from __future__ import annotations

from attribution.scoreboard import Forecast, Scoreboard, scoreboard


def told(right: int, wrong: int) -> list[Forecast]:
    return [Forecast(run, 10.0, 20.0, 15.0 if run < right else 25.0) for run in range(right + wrong)]


def test_thirty_seven_of_forty_is_what_ranges_of_nine_in_ten_promise() -> None:
    found = scoreboard(told(37, 3))
    assert found == Scoreboard(40, 37, honest=True)


def test_twenty_five_of_forty_is_not() -> None:
    assert not scoreboard(told(25, 15)).honest


def test_what_has_not_come_yet_is_not_counted() -> None:
    assert scoreboard([*told(9, 1), Forecast(99, 0.0, 1.0)]).ranges == 10


def test_only_the_latest_are_looked_back_at() -> None:
    early = [Forecast(run, 10.0, 20.0, 25.0) for run in range(-50, 0)]
    assert scoreboard([*told(40, 0), *early]).contained == 40


def test_the_ends_of_a_range_belong_to_it() -> None:
    assert scoreboard([Forecast(1, 10.0, 20.0, 10.0), Forecast(2, 10.0, 20.0, 20.0)]).contained == 2


def test_without_forecasts_there_is_nothing_to_say() -> None:
    assert scoreboard([]) == Scoreboard(0, 0, honest=True)
