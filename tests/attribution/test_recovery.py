"""Known truth: what the estimate says of simulated markets, held against what truly happened there."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest

from attribution.credit import rule_credits
from attribution.density import density_of
from attribution.diagnosis import diagnose
from attribution.evidence import Evidence
from attribution.gather import gather
from attribution.increment import Increments, Source, increments, range_of
from attribution.prediction import predict_days
from attribution.sampling import ROUND, Posterior, sample
from attribution.simulate import Market, MarketSpec, simulate_market

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Recovered:
    """A market, and what was estimated of it."""

    market: Market
    evidence: Evidence
    posterior: Posterior
    found: Increments
    last_touch: dict[str, float]

    @property
    def truth(self) -> dict[str, float]:
        return {name: true["incremental"] for name, true in self.market.truth["channels"].items()}

    def share_error(self, estimated: dict[str, float]) -> float:
        """Mean over the channels of the error of their share of all responses."""
        responses = self.market.truth["responses"]
        return float(np.mean([abs(estimated.get(name, 0.0) - true) / responses for name, true in self.truth.items()]))

    @property
    def estimated(self) -> dict[str, float]:
        return {source.channel: float(source.expected.mean()) for source in self.found.channels}


def recover(spec: MarketSpec, read_market: Callable[[Market], Any]) -> Recovered:
    market = simulate_market(spec)
    observations = read_market(market)
    evidence = gather(observations)
    posterior = sample(density_of(evidence), replace(ROUND, chains=2, seed=1))
    orders = observations.responses.filter(np.asarray(observations.responses["kind"]) == "order")
    rules = rule_credits(
        observations.touches, orders.select(["person", "occurred_at"]), lookback_days=30.0, window=evidence.window
    )
    last_touch = {name: rules.of_channel(name)["last_touch"] for name in market.truth["channels"]}
    return Recovered(market, evidence, posterior, increments(evidence, posterior), last_touch)


def inside(source: Source, truth: float) -> bool:
    estimate = range_of(source.expected, source.caused)
    return estimate.p05 <= truth <= estimate.p95


@pytest.fixture(scope="module")
def sample_market(read_market: Any) -> Recovered:
    """The market of the sample data."""
    return recover(MarketSpec(), read_market)


class TestTheSampleMarket:
    def test_the_evidence_counts_what_truly_came(self, sample_market: Recovered) -> None:
        truth, evidence = sample_market.market.truth, sample_market.evidence
        assert (evidence.responses, evidence.first_responses) == (truth["responses"], truth["first_responses"])

    def test_the_shares_of_the_channels_are_right_within_a_hundredth(self, sample_market: Recovered) -> None:
        assert sample_market.share_error(sample_market.estimated) <= 0.010

    def test_at_least_twenty_of_twenty_four_ads_lie_inside_their_ranges(self, sample_market: Recovered) -> None:
        truth = {(ad["channel"], ad["campaign"], ad["ad"]): ad for ad in sample_market.market.truth["ads"]}
        ads = sample_market.found.ads
        assert len(ads) == 24
        covered = [inside(ad, truth[ad.channel, ad.campaign, ad.ad]["incremental"]) for ad in ads]
        assert sum(covered) >= 20

    def test_first_orders_won_are_right_within_a_quarter_where_there_are_many(self, sample_market: Recovered) -> None:
        truth, media = sample_market.market.truth, sample_market.evidence.media.names
        for source in sample_market.found.channels:
            true = truth["channels"][source.channel]["acquired"]
            if true >= 0.05 * truth["first_responses"] and source.channel not in media:
                assert source.acquired_expected.mean() == pytest.approx(true, rel=0.25), source.channel

    def test_first_orders_won_by_television_are_within_its_range_which_is_wide(self, sample_market: Recovered) -> None:
        """Six regions and a handful of flights tell no more."""
        (tv,) = (source for source in sample_market.found.channels if source.channel == "tv")
        low, high = np.quantile(tv.acquired, [0.05, 0.95])
        assert low <= sample_market.market.truth["channels"]["tv"]["acquired"] <= high
        assert high > 1.5 * low

    def test_it_beats_the_last_touch_tenfold(self, sample_market: Recovered) -> None:
        last_touch = sample_market.share_error(sample_market.last_touch)
        assert sample_market.share_error(sample_market.estimated) < last_touch / 10.0

    def test_its_days_look_like_the_model(self, sample_market: Recovered) -> None:
        evidence, posterior = sample_market.evidence, sample_market.posterior
        predicted = predict_days(evidence, posterior)
        checks = {c.name: c for c in diagnose(sample_market.found, posterior, evidence.by_day, predicted)}
        assert checks["days look like the model"].value >= 0.8
        assert checks["chains agree"].value <= 1.05
        assert predicted.sum(axis=1).mean() == pytest.approx(evidence.by_day.sum(), rel=0.05)


def test_where_nothing_works_no_channel_is_credited_with_more_than_a_hundredth(read_market: Any) -> None:
    recovered = recover(MarketSpec(no_effects=True), read_market)
    assert sum(recovered.truth.values()) == 0
    for name, responses in recovered.estimated.items():
        assert responses <= 0.01 * recovered.market.truth["responses"], name


def test_where_buyers_are_suppressed_and_intent_drifts_the_error_is_a_quarter_of_the_last_touchs(
    read_market: Any,
) -> None:
    recovered = recover(MarketSpec(intent="drifting", suppress_buyers_days=30), read_market)
    assert recovered.share_error(recovered.estimated) < recovered.share_error(recovered.last_touch) / 4.0
