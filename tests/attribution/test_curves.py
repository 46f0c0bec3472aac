"""Curves: zero input, by hand, their limits, arrays equal loops, an independent reference, and what always holds."""

from __future__ import annotations

import math

import numpy as np
import pytensor.tensor as pt
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import signal, stats

from attribution.curves import ORDINALS, adstock_weights, lag_edges, ordinal_edges, saturation, wear_out

carry_overs = st.integers(1, 400)
retentions = st.floats(0.01, 0.98)
stocks = st.floats(0.0, 1e3)
scales = st.floats(1e-2, 1e2)
exponents = st.floats(0.0, 3.0)


class TestLagEdges:
    def test_a_carry_over_of_no_days_is_refused(self) -> None:
        with pytest.raises(ValueError, match="at least one day, found 0"):
            lag_edges(0)

    @pytest.mark.parametrize(
        ("days", "edges"),
        [
            (1, [0, 1]),
            (2, [0, 1, 2]),
            (7, [0, 1, 3, 7]),
            (30, [0, 1, 3, 7, 14, 30]),
            (45, [0, 1, 3, 7, 14, 30, 45]),
            (60, [0, 3, 7, 14, 30, 60]),
            (180, [0, 3, 7, 14, 30, 60, 90, 135, 180]),
        ],
    )
    def test_edges_by_hand(self, days: int, edges: list[int]) -> None:
        assert lag_edges(days).tolist() == edges

    @given(carry_overs)
    def test_edges_rise_from_the_touch_to_the_end_of_the_carry_over(self, days: int) -> None:
        edges = lag_edges(days)
        assert (edges[0], edges[-1]) == (0.0, days)
        assert (np.diff(edges) > 0).all()

    @given(st.integers(1, 27))
    def test_buckets_widen_with_the_lag(self, tens: int) -> None:
        widths = np.diff(lag_edges(10 * tens))[:-1]  # the last is what is left
        assert (np.diff(widths) >= 0).all()


class TestWearOut:
    def test_no_touch_before_means_no_wear(self) -> None:
        assert wear_out(1.0, 0.7) == 1.0

    def test_an_exponent_of_zero_means_no_wear(self) -> None:
        assert (wear_out(ORDINALS, 0.0) == 1.0).all()

    def test_an_exponent_of_one_halves_with_every_doubling(self) -> None:
        assert wear_out(np.array([1.0, 2.0, 4.0, 8.0]), 1.0) == pytest.approx([1.0, 0.5, 0.25, 0.125])

    def test_it_goes_to_nothing(self) -> None:
        assert wear_out(1e9, 1.0) == pytest.approx(1e-9)

    def test_arrays_equal_loops(self) -> None:
        powers = np.array([0.0, 0.3, 1.2])
        every = wear_out(ORDINALS[None, :], powers[:, None])
        assert every.shape == (3, len(ORDINALS))
        for row, power in enumerate(powers):
            assert every[row] == pytest.approx([float(ordinal) ** -power for ordinal in ORDINALS])

    @given(st.floats(1.0, 1e4), exponents)
    def test_it_is_a_power_law(self, ordinal: float, exponent: float) -> None:
        assert wear_out(ordinal, exponent) == pytest.approx(math.pow(ordinal, -exponent))

    @given(st.floats(1.0, 1e3), st.floats(0.0, 1e3), exponents)
    def test_a_later_touch_never_does_more(self, ordinal: float, later: float, exponent: float) -> None:
        assert 0.0 < wear_out(ordinal + later, exponent) <= wear_out(ordinal, exponent) <= 1.0

    def test_every_bin_holds_its_typical_ordinal(self) -> None:
        edges = np.array(ordinal_edges())
        assert np.searchsorted(edges, ORDINALS, side="right").tolist() == list(range(len(ORDINALS)))


class TestAdstockWeights:
    def test_without_lags_nothing_is_carried(self) -> None:
        assert adstock_weights(0.5, 1).tolist() == [1.0]

    def test_by_hand(self) -> None:
        assert adstock_weights(0.5, 3) == pytest.approx(np.array([4.0, 2.0, 1.0]) / 7.0)

    def test_a_retention_near_nothing_keeps_all_on_the_day(self) -> None:
        assert adstock_weights(1e-12, 5) == pytest.approx([1.0, 0.0, 0.0, 0.0, 0.0], abs=1e-11)

    def test_a_retention_near_one_spreads_evenly(self) -> None:
        assert adstock_weights(1.0 - 1e-12, 5) == pytest.approx([0.2] * 5)

    def test_arrays_equal_loops(self) -> None:
        loop = [0.7**lag for lag in range(28)]
        assert adstock_weights(0.7, 28) == pytest.approx([weight / sum(loop) for weight in loop])

    def test_a_filter_with_one_pole_carries_the_same(self) -> None:
        exposure = np.zeros(200)
        exposure[0] = 1.0
        carried = signal.lfilter([0.4], [1.0, -0.6], exposure)  # Broadbent's adstock, endless
        weights = adstock_weights(0.6, 200)
        assert np.convolve(exposure, weights)[:200] == pytest.approx(carried, abs=1e-12)

    @given(retentions, st.integers(1, 60))
    def test_weights_sum_to_one_and_never_rise(self, retention: float, lags: int) -> None:
        weights = adstock_weights(retention, lags)
        assert weights.sum() == pytest.approx(1.0)
        assert (np.diff(weights) <= 0.0).all()


class TestSaturation:
    def test_nothing_gives_nothing(self) -> None:
        assert saturation(0.0, 2.0) == 0.0

    def test_a_stock_of_one_scale_reaches_63_per_cent(self) -> None:
        assert saturation(3.0, 3.0) == pytest.approx(0.6321205588)

    def test_it_begins_as_a_straight_line_and_ends_full(self) -> None:
        assert saturation(1e-6, 2.0) == pytest.approx(0.5e-6, rel=1e-5)
        assert saturation(1e3, 2.0) == 1.0

    def test_arrays_equal_loops(self) -> None:
        stock = np.linspace(0.0, 9.0, 12).reshape(3, 4)
        every = saturation(stock, 1.7)
        assert every.shape == (3, 4)
        assert every.ravel() == pytest.approx([1.0 - math.exp(-one / 1.7) for one in stock.ravel()])

    def test_the_exponential_distribution_says_the_same(self) -> None:
        stock = np.linspace(0.0, 5.0, 50)
        assert saturation(stock, 0.8) == pytest.approx(stats.expon(scale=0.8).cdf(stock))

    @given(stocks, stocks, scales)
    def test_more_never_does_less_and_the_next_does_no_more_than_the_last(
        self, stock: float, more: float, scale: float
    ) -> None:
        once, twice, thrice = (saturation(stock + step * more, scale) for step in (0, 1, 2))
        assert 0.0 <= once <= twice <= thrice <= 1.0
        assert thrice - twice <= twice - once + 1e-12


def test_a_graph_of_the_curves_gives_what_arrays_give() -> None:
    x = np.linspace(1.0, 9.0, 7)
    graph = pt.as_tensor_variable(x)
    assert wear_out(graph, 0.4, pt).eval() == pytest.approx(wear_out(x, 0.4))
    assert saturation(graph, 2.5, pt).eval() == pytest.approx(saturation(x, 2.5))
    assert adstock_weights(pt.as_tensor_variable(0.3), 9, pt).eval() == pytest.approx(adstock_weights(0.3, 9))
