"""From draws to what people ask: sums that hold draw by draw, ranges, and costs whose bounds may not exist."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from attribution.costs import cost_of
from attribution.evidence import Evidence
from attribution.gather import gather
from attribution.increment import Increments, Source, density_at_zero, increments, range_of
from attribution.observations import FitOptions
from attribution.priors import Priors, effect_scale
from attribution.sampling import Posterior

draws_won = st.lists(st.floats(0.0, 1e4), min_size=20, max_size=200).map(np.array)


@pytest.fixture(scope="module")
def found(evidence: Evidence, posterior: Posterior) -> Increments:
    return increments(evidence, posterior, seed=5)


class TestSums:
    def test_channels_and_baseline_are_all_responses_in_every_draw(self, found: Increments, evidence: Evidence) -> None:
        expected = found.baseline + sum(source.expected for source in found.channels)
        counted = found.baseline_counted + sum(source.caused for source in found.channels)
        assert expected == pytest.approx(np.full(80, evidence.responses))
        assert (counted == evidence.responses).all()

    @pytest.mark.parametrize("name", ["expected", "caused", "first", "acquired", "acquired_expected", "projected"])
    def test_the_ads_of_a_channel_are_the_channel_in_every_draw(self, found: Increments, name: str) -> None:
        with_ads = {source.channel for source in found.ads}
        assert len(with_ads) == 6
        for channel in found.channels:
            if channel.channel in with_ads:
                ads = sum(getattr(source, name) for source in found.ads if source.channel == channel.channel)
                assert ads == pytest.approx(getattr(channel, name), abs=1e-9)

    def test_channels_come_before_media_and_every_ad_is_there(self, found: Increments, evidence: Evidence) -> None:
        assert [source.channel for source in found.channels] == [
            *(channel.name for channel in evidence.channels), "tv"
        ]  # fmt: skip
        assert [(s.channel, s.campaign, s.ad) for s in found.ads] == [
            (unit.channel, unit.campaign, unit.ad) for unit in evidence.units
        ]

    def test_first_responses_are_some_of_all_and_those_won_some_of_these(self, found: Increments) -> None:
        for source in (*found.channels, *found.ads):
            assert (source.first <= source.expected + 1e-9).all()
            assert (source.acquired_expected <= source.first + 1e-9).all()
            assert (source.acquired <= source.caused + 1e-9).all()
            assert (source.projected >= 0.0).all()

    def test_what_is_caused_is_counted_in_whole_responses(self, found: Increments) -> None:
        for source in (*found.channels, *found.ads):
            assert (source.caused == np.round(source.caused)).all()

    def test_draws_stand_chain_by_chain(self, found: Increments, posterior: Posterior) -> None:
        assert (found.chains, len(found.baseline)) == (2, posterior.draws)

    def test_the_same_seed_gives_the_same(self, evidence: Evidence, posterior: Posterior, found: Increments) -> None:
        again = increments(evidence, posterior, seed=5)
        other = increments(evidence, posterior, seed=6)
        assert (again.baseline_counted == found.baseline_counted).all()
        assert (other.baseline_counted != found.baseline_counted).any()


class TestNoEffect:
    def test_where_draws_pile_up_at_zero_there_may_be_none_and_where_they_do_not_there_is_one(
        self, evidence: Evidence, draw_posterior: Any
    ) -> None:
        drawn = draw_posterior(evidence, draws=200, seed=2)
        rng = np.random.default_rng(0)
        apparent = drawn.values["apparent"].copy()
        tiny = 0.05 * effect_scale(evidence, Priors())
        apparent[..., 0] = np.abs(rng.normal(0.0, tiny[0], apparent.shape[:2]))
        values = {**drawn.values, "apparent": apparent}
        priors = Priors(no_effect=0.5)
        found = increments(evidence, replace(drawn, values=values), priors)
        name, other = (channel.name for channel in evidence.channels[:2])
        assert found.no_effect[name] > 0.85
        assert found.no_effect[other] < 0.05
        # In draws in which it does nothing, all that it would have had is the baseline's.
        silent = found.channels[0].expected == 0.0
        assert silent.mean() == pytest.approx(found.no_effect[name], abs=0.1)
        assert found.channels[0].p_no_effect >= silent.mean()

    def test_a_density_that_falls_from_zero_is_known_to_the_tenth(self) -> None:
        draws = np.abs(np.random.default_rng(1).normal(0.0, 2.0, 20_000))
        assert density_at_zero(draws) == pytest.approx(2.0 * stats.norm.pdf(0.0) / 2.0, rel=0.05)

    def test_a_density_that_is_flat_at_zero_is_known_to_the_tenth(self) -> None:
        assert density_at_zero(np.random.default_rng(1).uniform(0.0, 5.0, 20_000)) == pytest.approx(0.2, rel=0.1)

    def test_far_from_zero_there_is_none(self) -> None:
        assert density_at_zero(np.random.default_rng(1).normal(50.0, 1.0, 1000)) == 0.0

    @pytest.mark.parametrize("value", [0.3, 0.0])
    def test_a_quantity_that_never_varies_has_no_density(self, value: float) -> None:
        assert density_at_zero(np.full(50, value)) == 0.0

    def test_a_quantity_that_hardly_ever_varies_has_a_finite_one(self) -> None:
        draws = np.full(1000, 0.5)
        draws[3] = 0.7
        assert math.isfinite(density_at_zero(draws))


class TestPoorData:
    @pytest.fixture
    def plain(self, new_book: Any) -> Any:
        book = new_book().response(None, 0.5).response(None, 59.5).response(1, 40.5).response(2, 50.5)
        for person in (1, 2, 3):
            book.person(person, created=-5.0)
        return book

    def summed(self, book: Any, draw_posterior: Any) -> Increments:
        bare = gather(book.observations(), FitOptions(burn_in_days=20))
        return increments(bare, draw_posterior(bare))

    def test_without_channels_and_media_all_would_have_come_anyway(self, plain: Any, draw_posterior: Any) -> None:
        found = self.summed(plain, draw_posterior)
        assert (found.channels, found.ads, dict(found.no_effect)) == ((), (), {})
        assert (found.baseline == 3.0).all()
        assert (found.baseline_counted == 3.0).all()

    def test_a_medium_alone_shares_with_the_baseline(self, plain: Any, draw_posterior: Any) -> None:
        found = self.summed(plain.bought(40, "tv", 100), draw_posterior)
        assert [source.channel for source in found.channels] == ["tv"]
        assert found.baseline + found.channels[0].expected == pytest.approx(np.full(80, 3.0))

    def test_a_channel_that_fell_silent_before_the_window_caused_and_wins_nobody(
        self, plain: Any, draw_posterior: Any
    ) -> None:
        plain.touch(3, 2.5, "mail", "mail").channel("mail", carry_over_days=7).touch(1, 38.5)
        found = {source.channel: source for source in self.summed(plain, draw_posterior).channels}
        assert not found["mail"].expected.any()
        assert not found["mail"].projected.any()
        assert found["email"].expected.any()


class TestRanges:
    def test_the_mean_is_of_what_is_expected_and_the_ends_of_what_is_counted(self) -> None:
        found = range_of(np.array([2.0, 4.0]), np.arange(101.0))
        assert (found.mean, found.p05, found.p95) == (3.0, 5.0, 95.0)

    def test_the_chance_of_no_effect_is_that_of_less_than_half_a_response(self) -> None:
        zeros = np.zeros(4)
        source = Source("x", None, None, zeros, np.array([0.0, 0.4, 0.5, 9.0]), *[zeros] * 7)
        assert source.p_no_effect == 0.5


class TestCosts:
    def test_by_hand(self) -> None:
        found = cost_of(1000.0, np.arange(1.0, 101.0))
        assert found is not None
        assert (found.median, found.p05, found.p95) == (20.0, pytest.approx(1000.0 / 95.0), 200.0)

    def test_without_spend_there_is_no_cost(self) -> None:
        assert cost_of(0.0, np.full(50, 3.0)) is None

    def test_where_not_even_the_best_case_wins_anybody_there_is_none(self) -> None:
        won = np.zeros(100)
        won[:4] = 5.0
        assert cost_of(100.0, won) is None

    def test_a_bound_at_which_nobody_is_won_does_not_exist(self) -> None:
        won = np.concatenate([np.zeros(20), np.full(80, 4.0)])
        found = cost_of(100.0, won)
        assert found is not None
        assert (found.median, found.p05, found.p95) == (25.0, 25.0, None)

    def test_nor_does_a_median_where_nobody_is_won_more_often_than_not(self) -> None:
        won = np.concatenate([np.zeros(60), np.full(40, 4.0)])
        found = cost_of(100.0, won)
        assert found is not None
        assert (found.median, found.p05, found.p95) == (None, 25.0, None)

    @given(draws_won, st.floats(0.01, 1e6))
    def test_bounds_are_in_order_and_the_dearer_ones_vanish_first(self, won: np.ndarray, spend: float) -> None:
        found = cost_of(spend, won)
        if found is None:
            assert np.quantile(won, 0.95, method="inverted_cdf") <= 1e-9
            return
        bounds = [found.p05, found.median, found.p95]
        known = [bound for bound in bounds if bound is not None]
        assert bounds[: len(known)] == known
        assert known == sorted(known)

    @given(draws_won, st.floats(0.01, 1e3), st.floats(1.0, 100.0))
    def test_twice_the_spend_costs_twice_as_much(self, won: np.ndarray, spend: float, times: float) -> None:
        once, more = cost_of(spend, won), cost_of(times * spend, won)
        assert (once is None) == (more is None)
        if once is not None and more is not None and once.p05 is not None:
            assert more.p05 == pytest.approx(times * once.p05)


def test_the_unmatched_part_of_a_channel_counts_for_the_channel_and_none_of_its_ads(
    evidence: Evidence, draw_posterior: Any
) -> None:
    name = evidence.media.names[0]
    owner = evidence.channels[0].name
    apart = increments(evidence, draw_posterior(evidence), Priors(), 1)
    joined = replace(evidence, media=replace(evidence.media, unmatched={name: owner}))
    together = increments(joined, draw_posterior(joined), Priors(), 1)
    by_name = {source.channel: source for source in apart.channels}
    assert name not in {source.channel for source in together.channels}
    whole = next(source for source in together.channels if source.channel == owner)
    assert whole.expected == pytest.approx(by_name[owner].expected + by_name[name].expected)
    assert [source.expected.sum() for source in together.ads] == [source.expected.sum() for source in apart.ads]
    assert together.baseline == pytest.approx(apart.baseline)
