"""Earlier forecasts held against what came."""

from __future__ import annotations

from datetime import date, timedelta

import pytest

from attribution.scoreboard import check_of, track_record
from campaigns.terms import Forecast, ForecastOutcome, Range, TrackRecord, Verdict

FIRST = date(2026, 5, 4)


def told(*outcomes: ForecastOutcome | None, every: int = 7) -> list[Forecast]:
    """Forecasts of weeks, one after another."""
    return [
        Forecast(
            run,
            None,
            FIRST + timedelta(days=every * run),
            FIRST + timedelta(days=every * run + 6),
            Range(15.0, 10.0, 20.0),
            None if outcome is None else 15.0,
            outcome,
        )
        for run, outcome in enumerate(outcomes)
    ]


HELD, MISSED, OTHER = ForecastOutcome.HELD, ForecastOutcome.MISSED, ForecastOutcome.NOT_COMPARABLE


def test_thirty_seven_of_forty_is_what_ranges_of_nine_in_ten_promise() -> None:
    assert track_record(told(*[HELD] * 37, *[MISSED] * 3)) == TrackRecord(40, 37, FIRST, honest=True)


def test_twenty_five_of_forty_is_not() -> None:
    found = track_record(told(*[HELD] * 25, *[MISSED] * 15))
    assert found is not None
    assert not found.honest


def test_what_has_not_come_yet_or_is_not_comparable_is_not_counted() -> None:
    assert track_record(told(HELD, MISSED, OTHER, None)) == TrackRecord(2, 1, FIRST, honest=True)


def test_of_forecasts_that_share_a_day_only_the_latest_counts() -> None:
    daily = told(*[MISSED] * 7, HELD, *[MISSED] * 6, HELD, every=1)
    assert track_record(daily) == TrackRecord(3, 2, FIRST, honest=True)


def test_only_the_latest_are_looked_back_at() -> None:
    found = track_record(told(*[MISSED] * 50, *[HELD] * 40))
    assert found == TrackRecord(40, 40, FIRST + timedelta(days=350), honest=False)


def test_what_channels_were_to_cause_is_not_counted() -> None:
    of_channel = [Forecast(1, "email", FIRST, FIRST, Range(1.0, 0.0, 2.0), 9.0, MISSED)]
    assert track_record([*told(HELD), *of_channel]) == TrackRecord(1, 1, FIRST, honest=True)


def test_without_forecasts_there_is_nothing_to_say() -> None:
    assert track_record([]) is None
    assert check_of(None) == ()


@pytest.mark.parametrize(("missed", "verdict"), [(1, Verdict.PASS), (5, Verdict.REVIEW)])
def test_a_fit_is_judged_by_what_became_of_earlier_forecasts_and_never_kept_back_for_it(
    missed: int, verdict: Verdict
) -> None:
    (check,) = check_of(track_record(told(*[HELD] * (12 - missed), *[MISSED] * missed)))
    assert check.verdict is verdict
    assert check.value == pytest.approx((12 - missed) / 12)
    assert check.sentence == (
        f"Of 12 forecasts made since May 2026, {12 - missed} came true within their range (wanted: about nine in ten)."
    )
