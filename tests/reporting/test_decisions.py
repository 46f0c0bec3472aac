from dataclasses import replace

import pytest

from campaigns.reporting.decisions import (
    Action,
    Basis,
    Ground,
    Yardstick,
    decide,
    held_against,
    in_order_of_decision,
    yardstick_of,
)
from campaigns.terms import Cost, Effect, Proof, Range, Report

TARGET = Yardstick(40.0, Basis.TARGET)
AVERAGE = Yardstick(40.0, Basis.AVERAGE)

CHEAP = Effect(
    channel="email",
    spend=1_000.0,
    touches=10_000,
    proof=Proof.ESTIMATED,
    incremental=Range(100.0, 80.0, 120.0),
    acquired=Range(90.0, 70.0, 110.0),
    p_no_effect=0.0,
    cac=Cost(11.0, 9.0, 14.0),
    p_below_target=0.99,
    target=60.0,
)


def with_cost(median: float, low: float, high: float | None, chance: float | None = None) -> Effect:
    """An effect of this cost; every extra order costs as much as a new customer."""
    extra = Range(1_000.0 / median, 1_000.0 / (high or 1e9), 1_000.0 / low)
    return replace(CHEAP, cac=Cost(median, low, high), p_below_target=chance, incremental=extra, acquired=extra)


def test_a_cost_that_beats_the_target_asks_for_more() -> None:
    decision = decide(CHEAP, TARGET)
    assert (decision.action, decision.ground, decision.chance) == (Action.MORE, Ground.BELOW, None)


def test_a_good_chance_of_beating_the_promotions_targets_asks_for_more() -> None:
    assert held_against(CHEAP, AVERAGE) == Yardstick(60.0, Basis.PROMOTIONS)
    assert held_against(CHEAP, TARGET) == TARGET
    decision = decide(replace(CHEAP, cac=Cost(45.0, 41.0, 62.0)), AVERAGE)
    assert (decision.action, decision.ground, decision.chance) == (Action.MORE, Ground.BELOW, 0.99)


def test_the_readers_own_target_comes_before_those_of_the_promotions() -> None:
    dear = replace(with_cost(150.0, 110.0, 230.0), p_below_target=0.99)
    assert decide(dear, AVERAGE).action is Action.MORE
    assert (decide(dear, TARGET).action, decide(dear, TARGET).chance) == (Action.LESS, None)


def test_the_next_customer_is_held_against_the_promotions_target_too() -> None:
    assert decide(replace(CHEAP, marginal_cac=Cost(59.0, 50.0, 70.0)), AVERAGE).action is Action.MORE
    assert decide(replace(CHEAP, marginal_cac=Cost(61.0, 50.0, 70.0)), AVERAGE).ground is Ground.SATURATED
    assert decide(replace(CHEAP, marginal_cac=Cost(59.0, 50.0, 70.0)), TARGET).ground is Ground.SATURATED


def test_a_best_case_below_the_promotions_target_is_tested_and_above_it_asks_for_less() -> None:
    unseen = replace(CHEAP, p_no_effect=0.6, cac=None, p_below_target=0.2, acquired=Range(5.0, 0.0, 20.0))
    assert decide(unseen, AVERAGE).ground is Ground.UNSEEN
    assert decide(replace(unseen, target=49.0), AVERAGE).ground is Ground.NOTHING


@pytest.mark.parametrize("next_one", [Cost(55.0, 45.0, 70.0), Cost(None, None, None)])
def test_a_good_average_with_a_dear_next_customer_is_kept(next_one: Cost) -> None:
    assert decide(replace(CHEAP, marginal_cac=next_one), TARGET).ground is Ground.SATURATED
    assert decide(replace(CHEAP, marginal_cac=next_one), TARGET).action is Action.KEEP


def test_a_next_customer_below_the_target_still_asks_for_more() -> None:
    assert decide(replace(CHEAP, marginal_cac=Cost(39.0, 30.0, 50.0)), TARGET).action is Action.MORE


def test_a_cost_that_misses_the_target_asks_for_less() -> None:
    for yardstick in (TARGET, AVERAGE):  # the average gives way to the target of 60 that the promotions set
        decision = decide(with_cost(150.0, 110.0, 230.0, chance=0.001), yardstick)
        assert (decision.action, decision.ground) == (Action.LESS, Ground.ABOVE)


def test_a_narrow_range_across_the_target_is_kept_and_a_wide_one_tested() -> None:
    assert decide(with_cost(38.0, 30.0, 60.0, chance=0.6), TARGET).action is Action.KEEP
    assert decide(with_cost(38.0, 20.0, 60.0, chance=0.6), TARGET).action is Action.TEST


def test_a_range_without_upper_end_that_may_beat_the_target_is_tested() -> None:
    assert decide(with_cost(60.0, 25.0, None, chance=0.3), TARGET).ground is Ground.WIDE


def test_without_a_chance_the_whole_range_must_be_on_one_side() -> None:
    assert decide(with_cost(30.0, 20.0, 39.9), TARGET).action is Action.MORE
    assert decide(with_cost(60.0, 40.1, 90.0), TARGET).action is Action.LESS
    assert decide(with_cost(60.0, 39.0, 70.0), TARGET).action is Action.KEEP


def test_spend_without_effect_asks_for_less_when_even_the_best_case_is_too_dear() -> None:
    idle = replace(CHEAP, p_no_effect=0.6, cac=None, p_below_target=None, acquired=Range(2.0, 0.0, 10.0))
    assert decide(idle, TARGET).ground is Ground.NOTHING
    assert decide(idle, TARGET).action is Action.LESS


def test_spend_without_visible_effect_is_tested_when_the_best_case_would_pay() -> None:
    unseen = replace(CHEAP, p_no_effect=0.6, cac=None, p_below_target=None, acquired=Range(20.0, 0.0, 60.0))
    assert (decide(unseen, TARGET).action, decide(unseen, TARGET).ground) == (Action.TEST, Ground.UNSEEN)


def test_an_effect_all_but_ruled_out_asks_for_less_whatever_its_best_case() -> None:
    idle = replace(CHEAP, p_no_effect=0.95, cac=None, p_below_target=None, acquired=Range(20.0, 0.0, 60.0))
    assert decide(idle, TARGET).action is Action.LESS


def test_a_channel_that_moves_people_who_already_buy_is_not_cut_for_its_cost_per_new_customer() -> None:
    loyal = replace(
        CHEAP,
        incremental=Range(500.0, 400.0, 600.0),
        acquired=Range(4.0, 1.0, 8.0),
        cac=Cost(250.0, 125.0, 900.0),
        p_below_target=0.0,
    )
    assert (decide(loyal, TARGET).action, decide(loyal, TARGET).ground) == (Action.KEEP, Ground.REPEAT)
    dear = replace(loyal, spend=30_000.0)
    assert decide(dear, TARGET).action is Action.LESS
    winning = replace(loyal, acquired=Range(260.0, 200.0, 320.0))
    assert decide(winning, TARGET).action is Action.LESS


def test_a_guess_is_always_tested_first() -> None:
    assert decide(replace(CHEAP, proof=Proof.PRIOR), TARGET).action is Action.TEST


def test_what_costs_nothing_is_kept_when_it_works_and_tested_when_nobody_can_tell() -> None:
    free = replace(CHEAP, spend=0.0, cac=None, p_below_target=None)
    assert decide(free, TARGET).action is Action.KEEP
    assert decide(replace(free, p_no_effect=0.4), TARGET).action is Action.TEST


def test_without_a_target_costs_are_held_against_the_average_of_the_paid_channels() -> None:
    dear = replace(with_cost(100.0, 80.0, 130.0), channel="tv", spend=3_000.0, acquired=Range(30.0, 23.0, 38.0))
    dear, plain = (replace(effect, p_below_target=None, target=None) for effect in (dear, CHEAP))
    free = replace(plain, channel="letter", spend=0.0, acquired=Range(1e6, 1e6, 1e6))
    yardstick = yardstick_of([plain, dear, free])
    assert yardstick == Yardstick(pytest.approx(4_000 / 120), Basis.AVERAGE)
    assert decide(plain, yardstick).action is Action.MORE
    assert decide(dear, yardstick).action is Action.LESS


def test_a_channel_whose_promotions_have_no_target_is_held_against_the_average() -> None:
    untargeted = replace(with_cost(50.0, 44.0, 58.0), channel="tv", spend=5_000.0, target=None)
    yardstick = yardstick_of([CHEAP, untargeted])
    assert held_against(untargeted, yardstick).basis is Basis.AVERAGE
    assert decide(untargeted, yardstick).chance is None
    assert decide(CHEAP, yardstick).chance == 0.99


def test_no_spend_and_nobody_won_leaves_no_yardstick_and_no_error() -> None:
    nobody = Range(0.0, 0.0, 0.0)
    idle = replace(CHEAP, cac=None, p_below_target=None, target=None, p_no_effect=0.7, acquired=nobody)
    yardstick = yardstick_of([idle])
    assert yardstick.value is None
    assert decide(idle, yardstick).action is Action.TEST


def test_effects_are_sorted_by_what_to_decide_then_by_the_money_at_stake(report: Report, target: float) -> None:
    yardstick = yardstick_of(report.channels, target)
    ordered = in_order_of_decision(report.channels, yardstick)
    assert [effect.channel for effect in ordered] == ["search", "email", "tv", "display", "call", "sms", "mail"]
    actions = [decide(effect, yardstick).action for effect in ordered]
    assert actions == sorted(actions, key=list(Action).index)
