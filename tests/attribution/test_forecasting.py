"""What is expected of the days after the data, and how it is held against what came."""

from __future__ import annotations

import dataclasses
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from attribution.density import density_of
from attribution.evidence import Evidence
from attribution.forecasting import (
    AHEAD,
    BEFORE,
    Doings,
    Outlook,
    doings_by_day,
    forecast,
    known_by_now,
    outlook_of,
    restlessness,
    settle,
)
from attribution.gather import gather
from attribution.increment import Increments, increments
from attribution.observations import FitOptions, Observations
from attribution.sampling import Posterior, SamplingOptions, sample
from attribution.simulate import MarketSpec, simulate_market
from campaigns.terms import Forecast, ForecastOutcome, Range


@pytest.fixture(scope="module")
def found(evidence: Evidence, posterior: Posterior) -> Increments:
    return increments(evidence, posterior)


@pytest.fixture(scope="module")
def quiet_ahead(evidence: Evidence) -> Outlook:
    return Outlook(np.zeros((len(evidence.strata.regions), AHEAD, len(evidence.calendar.event_names))))


def in_week(evidence: Evidence, first_day: int, expected: Range, channel: str | None = None) -> Forecast:
    start = evidence.window.start + timedelta(days=first_day)
    return Forecast(3, channel, start, start + timedelta(days=6), expected)


class TestTheEvidence:
    def test_all_responses_are_counted_by_day(self, evidence: Evidence) -> None:
        assert evidence.arrived.shape == (evidence.window.days,)
        assert evidence.arrived.sum() == evidence.responses
        assert (evidence.arrived >= evidence.by_day).all()

    def test_responses_without_a_person_are_among_them(self, new_book: Any) -> None:
        book = new_book().response(None, 0.5).response(None, 40.2).response(None, 59.5).person(1, created=0.0)
        arrived = gather(book.touch(1, 39.0).response(1, 40.9).observations()).arrived
        assert arrived[10] == 2.0
        assert arrived.sum() == 3.0


class TestRestlessness:
    def test_a_level_that_moves_by_chance_alone_does_not_move(self) -> None:
        daily = np.random.default_rng(1).poisson(500.0, 7 * 40).astype(float)
        spread, weeks = restlessness(daily) or (np.nan, 0)
        assert spread < 0.01
        assert weeks == 36

    def test_moves_of_a_tenth_from_week_to_week_are_seen(self) -> None:
        rng = np.random.default_rng(2)
        level = np.repeat(500.0 * np.exp(rng.normal(0.0, 0.1, 50)), 7)
        spread, _ = restlessness(rng.poisson(level).astype(float)) or (np.nan, 0)
        assert spread == pytest.approx(0.1 * np.sqrt(1.25), rel=0.25)

    def test_too_few_weeks_tell_nothing(self) -> None:
        assert restlessness(np.ones(7 * 7)) is None
        assert restlessness(np.ones(7 * 8)) is not None


class TestTheForecast:
    def test_all_responses_come_first_then_each_channel_of_the_report(
        self, evidence: Evidence, posterior: Posterior, found: Increments, quiet_ahead: Outlook
    ) -> None:
        told = forecast(evidence, posterior, found, quiet_ahead)
        assert [one.channel for one in told] == [None, *(source.channel for source in found.channels)]
        assert {(one.starts_on, one.ends_on) for one in told} == {
            (evidence.window.end + timedelta(days=1), evidence.window.end + timedelta(days=AHEAD))
        }
        assert all(one.expected.p05 <= one.expected.mean <= one.expected.p95 for one in told)

    def test_an_event_ahead_moves_it_by_what_the_event_does(
        self, evidence: Evidence, posterior: Posterior, found: Increments, quiet_ahead: Outlook
    ) -> None:
        assert evidence.calendar.event_names
        loud = Outlook(np.ones_like(quiet_ahead.events))
        strong = dict(posterior.values)
        from attribution.baseline import baseline_of
        from attribution.priors import Priors

        baseline = baseline_of(evidence, Priors())
        coefficients = np.zeros(len(baseline.names))
        coefficients[-len(evidence.calendar.event_names) :] = np.log(3.0)
        strong["base_z"] = np.broadcast_to(
            np.linalg.solve(baseline.rotation, coefficients - baseline.centre), posterior.values["base_z"].shape
        )
        doubled = dataclasses.replace(posterior, values=strong)
        before, after = (forecast(evidence, doubled, found, outlook)[0] for outlook in (quiet_ahead, loud))
        assert after.expected.mean > 1.5 * before.expected.mean

    def test_events_ahead_are_read_by_name_and_region(self, evidence: Evidence, observations: Observations) -> None:
        name = evidence.calendar.event_names[0]
        start = evidence.window.end + timedelta(days=2)
        import pyarrow as pa

        row = {"name": name, "starts_on": start, "ends_on": start, "region": None}
        events = pa.concat_tables([observations.events, pa.Table.from_pylist([row], observations.events.schema)])
        ahead = outlook_of(dataclasses.replace(observations, events=events), evidence).events
        expected = np.zeros_like(ahead)
        expected[:, 1, 0] = 1.0
        assert (ahead == expected).all()

    def test_a_window_too_short_to_know_the_level_gives_none(self, new_book: Any, draw_posterior: Any) -> None:
        book = new_book().response(None, 0.5).person(1, created=0.0).touch(1, 40.0).response(1, 40.5)
        short = gather(book.response(None, 69.5).observations())
        drawn = draw_posterior(short)
        outlook = Outlook(np.zeros((1, AHEAD, 0)))
        assert forecast(short, drawn, increments(short, drawn), outlook) == ()


class TestSettling:
    def test_what_channels_do_by_day_adds_up_to_the_report(
        self, evidence: Evidence, posterior: Posterior, found: Increments
    ) -> None:
        doings = doings_by_day(evidence, posterior, found)
        for daily in (doings.credited, doings.expected):
            assert set(daily) == {source.channel for source in found.channels}
            for source in found.channels:
                assert daily[source.channel].sum() == pytest.approx(source.expected.mean(), abs=1e-6)

    @pytest.mark.parametrize(("off", "outcome"), [(0.0, ForecastOutcome.HELD), (50.0, ForecastOutcome.MISSED)])
    def test_a_week_that_lies_in_the_window_is_held_against_what_came(
        self, evidence: Evidence, off: float, outcome: ForecastOutcome
    ) -> None:
        came = float(evidence.arrived[BEFORE : BEFORE + 7].sum())
        middle = came + off
        week = in_week(evidence, BEFORE, Range(middle, middle - 20.0, middle + 20.0))
        (settled,) = settle([week], evidence, Doings({}, {}))
        assert (settled.came, settled.outcome) == (came, outcome)

    def test_what_is_not_past_yet_or_lies_too_far_back_waits(self, evidence: Evidence) -> None:
        late = in_week(evidence, evidence.window.days - 6, Range(1.0, 0.0, 2.0))
        early = in_week(evidence, BEFORE - 1, Range(1.0, 0.0, 2.0))
        assert settle([late, early], evidence, Doings({}, {})) == ()

    def test_where_other_contacts_were_made_it_says_nothing(self, evidence: Evidence) -> None:
        """A channel that brought ten responses a day falls silent in the week of the forecast."""
        as_before = np.full(evidence.window.days, 10.0)
        silent = as_before.copy()
        silent[BEFORE : BEFORE + 7] = 0.0
        came = float(evidence.arrived[BEFORE : BEFORE + 7].sum())
        week = in_week(evidence, BEFORE, Range(came, came - 60.0, came + 60.0))
        outcomes = [
            settle([week], evidence, Doings({"email": as_before}, {"email": expected}))[0].outcome
            for expected in (as_before, silent)
        ]
        assert outcomes == [ForecastOutcome.HELD, ForecastOutcome.NOT_COMPARABLE]

    def test_a_channel_is_held_against_what_it_is_credited_with(self, evidence: Evidence) -> None:
        days = evidence.window.days
        doings = Doings({"email": np.full(days, 2.0)}, {"email": np.full(days, 2.5)})
        (settled,) = settle([in_week(evidence, BEFORE, Range(14.0, 0.0, 40.0), "email")], evidence, doings)
        assert settled.came == pytest.approx(14.0)
        assert settle([in_week(evidence, BEFORE, Range(1.0, 0.0, 2.0), "gone")], evidence, doings) == ()

    def test_what_was_just_settled_takes_the_place_of_what_was_not(self, evidence: Evidence) -> None:
        week = in_week(evidence, BEFORE, Range(1.0, 0.0, 2.0))
        settled = dataclasses.replace(week, came=1.0, outcome=ForecastOutcome.HELD)
        other = in_week(evidence, BEFORE, Range(1.0, 0.0, 2.0), "email")
        assert known_by_now([week, other], [settled]) == (settled, other)


@pytest.mark.slow
def test_nine_forecasts_in_ten_come_true(read_market: Any) -> None:
    """Fit markets up to a day and forecast the week after it: 23 of 30 or fewer would be chance, one time in forty."""
    held, told = 0, 0
    for seed in range(10):
        market = read_market(simulate_market(MarketSpec(customers=4_000, days=180, seed=300 + seed)))
        whole = gather(market)
        for back in (7, 21, 35):
            until = whole.window.end - timedelta(days=back)
            evidence = gather(market, FitOptions(ends_on=until))
            posterior = sample(density_of(evidence), SamplingOptions(chains=2, warm_up=200, draws=100, seed=seed))
            found = increments(evidence, posterior)
            week = forecast(evidence, posterior, found, outlook_of(market, evidence))[0]
            start = (week.starts_on - whole.window.start).days
            came = whole.arrived[start : start + AHEAD].sum()
            held += week.expected.p05 <= came <= week.expected.p95
            told += 1
    assert told == 30
    assert held >= 24
