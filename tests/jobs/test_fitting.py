"""The part of a run that computes: one short real fit from end to end, and poor data all the way to a report."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from types import ModuleType
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from attribution.observations import Observations
from attribution.simulate import Market, MarketSpec, simulate_market
from campaigns.store.results import DrawKey
from campaigns.terms import (
    GOALS,
    RULES,
    Effect,
    Forecast,
    ForecastOutcome,
    Proof,
    Range,
    Report,
    TrackRecord,
    Verdict,
)
from jobs.fitting import compute
from jobs.options import RunOptions
from jobs.pipeline import STAGES, Fitted, Task
from jobs.runs import StoppedError

MEDIA = {"tv"}
TASK = Task(GOALS["order"], ZoneInfo("UTC"), "EUR", RunOptions(chains=2, draws=100, seed=1))
DUE = Forecast(4, None, date(2026, 3, 11), date(2026, 3, 17), Range(50.0, -1e3, 1e6))
"""Of a week within the window, which nobody has held against what came."""
MISSED = Forecast(3, None, date(2025, 2, 4), date(2025, 2, 10), DUE.expected, came=1.0, outcome=ForecastOutcome.MISSED)


@pytest.fixture(scope="module")
def market() -> Market:
    return simulate_market(MarketSpec(customers=1500, days=90, seed=3))


@pytest.fixture(scope="module")
def observations(market: Market, hand: ModuleType) -> Observations:
    return hand.observations_of(market)  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def told() -> list[tuple[str, float, str]]:
    """What a fit says of its progress."""
    return []


@pytest.fixture(scope="module")
def fitted(observations: Observations, told: list[tuple[str, float, str]]) -> Fitted:
    def on_progress(stage: str, share: float, message: str) -> None:
        told.append((stage, share, message))

    task = replace(TASK, forecasts=(DUE, MISSED))
    return compute(observations, task, on_progress=on_progress, is_cancelled=lambda: False)


@pytest.fixture(scope="module")
def report(fitted: Fitted) -> Report:
    return fitted.report


def test_it_expects_something_of_the_week_after_its_data(fitted: Fitted) -> None:
    run, (first, *others) = fitted.report.run, fitted.forecasts
    assert (first.channel, first.starts_on) == (None, run.window.end + timedelta(days=1))
    assert first.expected.p05 <= 7.0 * run.responses / run.window.days <= first.expected.p95
    assert [one.channel for one in others] == [effect.channel for effect in fitted.report.channels]


def test_it_settles_earlier_forecasts_and_is_judged_by_them(fitted: Fitted) -> None:
    assert [(one.run, one.outcome) for one in fitted.settled] == [(4, ForecastOutcome.HELD)]
    assert fitted.report.record == TrackRecord(2, 1, MISSED.starts_on, honest=True)
    (check,) = (check for check in fitted.report.checks if check.name == "earlier forecasts came true")
    assert (check.value, check.verdict) == (0.5, Verdict.PASS)


class TestARealFit:
    def test_channels_and_baseline_add_up_to_all_responses(self, report: Report) -> None:
        total = report.baseline.mean + sum(effect.incremental.mean for effect in report.channels)
        assert total == pytest.approx(report.run.responses)
        assert report.baseline.mean > 0.0

    @pytest.mark.parametrize("column", ["incremental", "acquired"])
    def test_the_ads_of_a_channel_add_up_to_it(self, report: Report, column: str) -> None:
        for channel in report.channels:
            ads = [getattr(ad, column).mean for ad in report.ads if ad.channel == channel.channel]
            if ads:
                assert sum(ads) == pytest.approx(getattr(channel, column).mean)

    def test_it_counts_what_the_market_truly_held(self, report: Report, market: Market) -> None:
        run, truth = report.run, market.truth
        assert (run.responses, run.first_responses) == (truth["responses"], truth["first_responses"])
        assert {effect.channel for effect in report.channels} == set(truth["channels"])
        assert len(report.ads) == len(truth["ads"])
        for effect in report.channels:
            true = truth["channels"][effect.channel]
            assert effect.spend == pytest.approx(true["spend"], rel=0.001)
            assert effect.touches == pytest.approx(true["touches"], rel=0.001)

    def test_its_ranges_are_in_order_and_within_what_came(self, report: Report) -> None:
        for effect in (*report.channels, *report.ads):
            for one in (effect.incremental, effect.acquired):
                assert 0.0 <= one.p05 <= one.p95 <= report.run.responses
            assert effect.acquired.mean <= effect.incremental.mean
            assert 0.0 <= effect.p_no_effect <= 1.0
            if effect.matched_share is not None:
                assert 0.0 < effect.matched_share <= 1.0

    def test_costs_follow_from_spend_and_the_draws_kept(self, report: Report, fitted: Fitted) -> None:
        for effect in (*report.channels, *report.ads):
            won = fitted.draws[DrawKey("projected", effect.channel, effect.campaign, effect.ad)]
            assert (effect.cac is None) == (effect.spend == 0.0 or np.quantile(won, 0.95) == 0.0)
            if effect.cac is not None and effect.cac.median is not None:
                assert effect.cac.median == pytest.approx(effect.spend / np.quantile(won, 0.5, method="inverted_cdf"))

    def test_the_next_customer_costs_what_the_slope_of_each_draw_says(self, report: Report, fitted: Fitted) -> None:
        seen = set()
        for effect in (*report.channels, *report.ads):
            if effect.cac is None or effect.cac.median is None:
                continue
            key = DrawKey("projected", effect.channel, effect.campaign, effect.ad)
            slope = fitted.draws[key._replace(series="elasticity")]
            gained = np.quantile(fitted.draws[key] * slope, 0.5, method="inverted_cdf")
            assert effect.marginal_cac is not None
            assert effect.marginal_cac.median == pytest.approx(effect.spend / gained)
            seen.add(effect.channel)
            # Contacts with persons only ever tire; what all see may need repeating before it works at all.
            if effect.channel not in MEDIA:
                assert slope.max() <= 1.0
                assert effect.marginal_cac.median >= effect.cac.median
        assert seen - MEDIA

    def test_the_draws_kept_are_those_of_the_report(self, report: Report, fitted: Fitted) -> None:
        series = ("incremental", "acquired", "projected", "extra", "elasticity")
        expected = {DrawKey("baseline")} | {
            DrawKey(name, effect.channel, effect.campaign, effect.ad)
            for name in series
            for effect in (*report.channels, *report.campaigns, *report.ads)
        }
        assert set(fitted.draws) == expected
        assert {len(draws) for draws in fitted.draws.values()} == {200}
        assert fitted.draws[DrawKey("baseline")].mean() == pytest.approx(report.baseline.mean)
        for effect in report.channels:
            assert fitted.draws[DrawKey("incremental", effect.channel)].mean() == pytest.approx(effect.incremental.mean)

    def test_the_rules_stand_beside_it_and_divide_what_touches_preceded(self, report: Report) -> None:
        for effect in (*report.channels, *report.ads):
            assert tuple(effect.rules) == RULES
        for rule in RULES:
            credited = sum(effect.rules[rule] for effect in report.channels)
            assert 0.0 < credited <= report.run.responses + 1e-6

    def test_what_stands_behind_each_channel_is_said(self, report: Report) -> None:
        proof = {effect.channel: effect.proof for effect in report.channels}
        assert {proof[name] for name in ("email", "mail", "display")} == {Proof.TESTED}
        assert {proof[name] for name in ("search", "tv")} == {Proof.ESTIMATED}
        assert any(note.startswith("search seeks out people who are about to buy") for note in report.notes)

    def test_every_check_has_its_say_and_the_worst_is_the_verdict(self, report: Report) -> None:
        order = [Verdict.PASS, Verdict.REVIEW, Verdict.FAIL]
        assert len(report.checks) == 6  # that of earlier forecasts among them
        assert report.run.verdict is max((check.verdict for check in report.checks), key=order.index)
        days = {check.name: check for check in report.checks}["days look like the model"]
        assert days.verdict is Verdict.PASS

    def test_every_customer_has_a_score_in_every_channel(
        self, fitted: Fitted, observations: Observations, report: Report
    ) -> None:
        scores = fitted.scores
        assert scores is not None
        channels = {effect.channel for effect in report.channels} - {"tv"}
        assert scores.num_rows == len(channels) * observations.persons.num_rows
        extra = scores["extra_responses"].to_numpy()
        assert np.isfinite(extra).all()
        assert (extra >= 0.0).all()
        assert 0.0 < extra.max() < 1.0

    def test_it_tells_its_stages_in_their_order(self, fitted: Fitted, told: list[tuple[str, float, str]]) -> None:
        del fitted
        stages = [stage for stage, _, _ in told]
        assert list(dict.fromkeys(stages)) == [name for name in STAGES if name not in ("read", "publish")]
        assert all(0.0 <= share <= 1.0 and message for _, share, message in told)

    def test_it_finished_just_now_and_has_no_number_yet(self, report: Report) -> None:
        assert report.run.id == 0
        assert abs((datetime.now(UTC) - report.run.finished_at).total_seconds()) < 600.0
        assert report.currency == "EUR"


@pytest.fixture
def book(hand: ModuleType) -> Any:
    """Sixty days with three persons known to be new and two orders."""
    book = hand.Book().response(None, 0.5).response(None, 59.5).response(1, 40.5).response(2, 50.5)
    for person in (1, 2, 3):
        book.person(person, created=-5.0)
    return book


def test_a_fit_that_is_stopped_goes_no_further(book: Any) -> None:
    stages = []

    def on_progress(stage: str, share: float, message: str) -> None:
        del share, message
        stages.append(stage)
        if stage == "compile":
            raise StoppedError("stopped on request")

    with pytest.raises(StoppedError):
        compute(book.observations(), TASK, on_progress=on_progress, is_cancelled=lambda: False)
    assert stages == ["evidence", "compile"]


def assert_sound(report: Report) -> None:
    total = report.baseline.mean + sum(effect.incremental.mean for effect in report.channels)
    assert total == pytest.approx(report.run.responses)
    for effect in (*report.channels, *report.ads):
        for one in (effect.incremental, effect.acquired):
            assert all(math.isfinite(value) for value in (one.mean, one.p05, one.p95))
    for check in report.checks:
        assert math.isfinite(check.value), check


def by_channel(report: Report) -> dict[str, Effect]:
    return {effect.channel: effect for effect in report.channels}


class TestPoorData:
    def test_with_neither_channels_nor_media_all_would_have_come_anyway(self, book: Any, summed_up: Any) -> None:
        fitted = summed_up(book.bought(3, "tv", 100))  # long before the window
        assert_sound(fitted.report)
        assert fitted.report.channels == ()
        assert fitted.report.baseline.mean == 3.0
        assert (fitted.settled, fitted.report.record) == ((), None)
        assert fitted.scores.num_rows == 0

    def test_with_a_medium_alone(self, book: Any, summed_up: Any) -> None:
        fitted = summed_up(book.bought(40, "tv", 5000, claimed_conversions=9.0))
        assert_sound(fitted.report)
        tv = by_channel(fitted.report)["tv"]
        assert (tv.spend, tv.touches, tv.claimed, tv.matched_share) == (50.0, 5000.0, 9.0, None)

    def test_with_ads_that_have_no_names(self, book: Any, summed_up: Any) -> None:
        book.touch(1, 38.5, campaign=None, ad=None, cost=30).touch(3, 45.5, campaign="c", ad=None)
        fitted = summed_up(book)
        assert_sound(fitted.report)
        assert [(ad.campaign, ad.ad, ad.touches) for ad in fitted.report.ads] == [(None, None, 1.0), ("c", None, 1.0)]
        assert by_channel(fitted.report)["email"].spend == pytest.approx(0.3)

    def test_with_next_to_no_responses_in_reach_an_estimate_is_a_guess(self, book: Any, summed_up: Any) -> None:
        book.touch(1, 38.5).touch(3, 45.5, kind="ghost")
        book.touch(3, 2.5, "mail", "mail").channel("mail", carry_over_days=7)  # silent long before the window
        report = summed_up(book).report
        assert_sound(report)
        found = by_channel(report)
        assert (found["email"].proof, found["mail"].proof) == (Proof.PRIOR, Proof.PRIOR)
        assert (found["mail"].touches, found["mail"].incremental.mean, found["mail"].cac) == (0.0, 0.0, None)

    def test_with_customers_whose_history_is_unknown_no_cost_is_shown_and_it_is_said_why(
        self, book: Any, summed_up: Any
    ) -> None:
        for row in book.rows["persons"]:
            row["created_at"] = None
        report = summed_up(book.touch(1, 38.5, cost=500)).report
        assert_sound(report)
        assert report.run.first_responses == 0
        email = by_channel(report)["email"]
        assert (email.cac, email.acquired.mean) == (None, 0.0)
        assert any(note.startswith("Nobody is known to be new") for note in report.notes)

    def test_with_responses_of_nobody_alone(self, hand: ModuleType, summed_up: Any) -> None:
        report = summed_up(hand.Book().response(None, 0.5).response(None, 59.5).touch(1, 20.5)).report
        assert_sound(report)
        assert report.run.linked_share == 0.0
        assert any("came from people known only through them" in note for note in report.notes)
