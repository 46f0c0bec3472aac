"""What became of earlier forecasts, in words and for programs."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest

from campaigns.language import use
from campaigns.reporting.contract import forecast_json, report_json
from campaigns.reporting.lines import summarise
from campaigns.reporting.sentences import track_record
from campaigns.terms import Forecast, ForecastOutcome, Range, Report, TrackRecord

RECORD = TrackRecord(12, 11, date(2026, 5, 4), honest=True)


@pytest.mark.parametrize(
    ("record", "told"),
    [
        (None, ""),
        (RECORD, "Of 12 forecasts made since May 2026, 11 came true within their range."),
        (TrackRecord(1, 1, date(2026, 5, 4), True), "Of 1 forecast made since May 2026, 1 came true within its range."),
    ],
)
def test_the_report_says_how_many_forecasts_came_true(record: TrackRecord | None, told: str, report: Report) -> None:
    assert track_record(record) == told
    assert summarise(replace(report, record=record)).record == told


def test_it_says_so_in_turkish() -> None:
    with use("tr"):
        told = track_record(RECORD)
    assert "Mayıs 2026" in told
    assert "12" in told
    assert "forecasts" not in told


def test_programs_get_the_counts(report: Report) -> None:
    assert report_json(report)["record"] is None
    assert report_json(replace(report, record=RECORD))["record"] == {
        "forecasts": 12,
        "held": 11,
        "since": "2026-05-04",
        "honest": True,
    }


def test_programs_get_each_forecast_of_a_run() -> None:
    week = Forecast(3, None, date(2026, 5, 4), date(2026, 5, 10), Range(15.0, 10.0, 20.0))
    assert forecast_json(week) == {
        "run": 3,
        "channel": None,
        "starts_on": "2026-05-04",
        "ends_on": "2026-05-10",
        "expected": {"mean": 15.0, "p05": 10.0, "p95": 20.0},
        "came": None,
        "outcome": None,
    }
    assert forecast_json(replace(week, came=1.0, outcome=ForecastOutcome.MISSED))["outcome"] == "missed"
