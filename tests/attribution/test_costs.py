"""What money bought, from draws by hand: costs by kind, returns, and which ad does better."""

from __future__ import annotations

import numpy as np
import pytest

from attribution.costs import beats, costs_of, p_better
from attribution.increment import Source

DRAWS = np.arange(1.0, 101.0)


def source(ad: str = "a", won: float = 1.0, value: float = 0.0, channel: str = "email") -> Source:
    """Build a source that wins 1 to 100 times ``won`` new customers and causes twice as many extra responses."""
    zeros = np.zeros(100)
    return Source(
        channel,
        "c",
        ad,
        caused=2.0 * won * DRAWS,
        expected=2.0 * won * DRAWS,
        first=won * DRAWS,
        acquired=won * DRAWS,
        acquired_expected=won * DRAWS,
        projected=won * DRAWS,
        projected_extra=2.0 * won * DRAWS,
        elasticity=zeros + 0.5,
        value=zeros + value,
    )


class TestCosts:
    def test_by_hand(self) -> None:
        costs = costs_of(source(), 100_000.0, target=2_500.0)
        assert costs.spend == 1_000.0
        assert costs.cac is not None
        assert costs.cost_per_extra is not None
        assert costs.marginal_cac is not None
        assert (costs.cac.median, costs.cost_per_extra.median, costs.marginal_cac.median) == (20.0, 10.0, 40.0)
        assert costs.p_below_target == pytest.approx(0.61)  # 40 customers and more cost at most 25 each

    def test_the_value_of_what_was_caused_is_held_against_what_was_spent(self) -> None:
        returned = costs_of(source(value=5_000.0), 100_000.0).return_on_spend
        assert returned is not None
        assert returned.mean == pytest.approx(2.0 * DRAWS.mean() * 50.0 / 1_000.0)

    def test_without_known_values_or_without_spend_there_is_no_return(self) -> None:
        assert costs_of(source(), 100_000.0).return_on_spend is None
        assert costs_of(source(value=5_000.0), 0.0).return_on_spend is None

    def test_without_spend_there_is_no_cost_and_no_target_to_beat(self) -> None:
        costs = costs_of(source(), 0.0, target=2_500.0)
        assert (costs.cac, costs.cost_per_extra, costs.marginal_cac, costs.p_below_target) == (None,) * 4


class TestWhichAdDoesBetter:
    def test_equals_share_the_chance(self) -> None:
        assert p_better(DRAWS, DRAWS) == 0.5
        assert p_better(DRAWS, DRAWS - 1.0) == 1.0

    def test_for_the_same_money_the_one_that_wins_more(self) -> None:
        ads = (source("a", won=1.0), source("b", won=1.5))
        keys = [("email", "c", "a"), ("email", "c", "b")]
        contacts = dict.fromkeys(keys, 10.0)
        found = beats(ads, dict(zip(keys, (100.0, 200.0), strict=True)), contacts)
        assert [(beat.campaign, beat.ad, beat.probability) for beat in found[keys[0]]] == [("c", "b", 1.0)]
        assert found[keys[1]][0].probability == 0.0

    def test_where_one_costs_nothing_the_one_that_causes_more_per_contact(self) -> None:
        ads = (source("a", won=1.0), source("b", won=1.5))
        contacts = {("email", "c", "a"): 10.0, ("email", "c", "b"): 20.0}
        found = beats(ads, {("email", "c", "a"): 100.0}, contacts)
        assert found["email", "c", "a"][0].probability == 1.0

    def test_ads_of_other_channels_and_ads_without_contacts_are_left_out(self) -> None:
        ads = (source("a"), source("b"), source("a", channel="mail"))
        found = beats(ads, {}, {("email", "c", "a"): 10.0, ("mail", "c", "a"): 10.0})
        assert found == {("email", "c", "a"): (), ("mail", "c", "a"): ()}
