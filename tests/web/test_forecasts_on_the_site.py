"""Forecasts beside what came: on the page of the runs, on that of one run, and for programs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date

import pytest
from flask import Flask
from flask.testing import FlaskClient

from campaigns.access import Scope
from campaigns.store import api_keys, runs, users
from campaigns.store.forecasts import forecasts_of, settle_forecasts, store_forecasts
from campaigns.terms import Forecast, ForecastOutcome, Range
from web.forecasts import forecast_line

WEEK = Forecast(0, None, date(2026, 3, 3), date(2026, 3, 9), Range(240.4, 200.0, 280.0))


@pytest.fixture
def told(written_app: Flask) -> int:
    """A published run that expected something, all of it settled but the last."""
    with written_app.extensions["touchstone"].database.transaction() as session:
        number = runs.published(session, "order").id
        store_forecasts(session, number, [WEEK, replace(WEEK, channel="email"), replace(WEEK, channel="sms")])
        first, second, _ = forecasts_of(session, number)
        held = replace(first, came=251.0, outcome=ForecastOutcome.HELD)
        missed = replace(second, came=1_999.0, outcome=ForecastOutcome.MISSED)
        settle_forecasts(session, number, [held, missed])
    return int(number)


@pytest.mark.usefixtures("told")
def test_the_page_of_the_runs_shows_what_was_forecast_and_what_came(written_app: Flask) -> None:
    page = written_app.test_client().get("/runs").text
    assert "What was forecast, and what came: Orders" in page
    assert "All orders" in page
    assert "3 Mar to 9 Mar 2026" in page
    assert "200 to 280" in page
    assert ">251<" in page
    assert "came true" in page
    assert "caused by" not in page


def test_the_page_of_one_run_shows_its_channels_too(written_app: Flask, told: int) -> None:
    page = written_app.test_client().get(f"/runs/{told}").text
    assert "What it expected of the week after its data" in page
    assert "Orders caused by E-mail" in page
    assert "1,999" in page
    assert "missed" in page
    assert "not known yet" in page


def test_without_forecasts_neither_page_speaks_of_them(written_app: Flask) -> None:
    client = written_app.test_client()
    assert "What was forecast" not in client.get("/runs").text
    assert "What it expected" not in client.get("/runs/1").text


def test_a_forecast_whose_contacts_were_not_made_is_neither_good_nor_bad() -> None:
    line = forecast_line(replace(WEEK, came=1.0, outcome=ForecastOutcome.NOT_COMPARABLE), "order")
    assert (line.outcome, line.mood) == ("contacts were other than assumed", "")


def test_programs_read_the_forecasts_of_a_run(
    written_app: Flask, told: int, client_as: Callable[..., FlaskClient]
) -> None:
    with written_app.extensions["touchstone"].database.transaction() as session:
        user = users.by_email(session, "manager@example.com")
        key = api_keys.add(session, user, "test", [Scope.READ])[1]
    reader = client_as(None, written_app)
    answer = reader.get(f"/api/v1/runs/{told}", headers={"Authorization": f"Bearer {key}"})
    assert [(one["channel"], one["outcome"], one["came"]) for one in answer.json["forecasts"]] == [
        (None, "held", 251.0),
        ("email", "missed", 1_999.0),
        ("sms", None, None),
    ]
    assert answer.json["forecasts"][0]["expected"] == {"mean": 240.4, "p05": 200.0, "p95": 280.0}
