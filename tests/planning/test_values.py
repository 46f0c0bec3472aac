"""Values in their parts, values drawn to learn, and what a plan would teach."""

from __future__ import annotations

from dataclasses import replace

import pytest

from campaigns.planning.aims import Aims
from campaigns.planning.balancing import balance_of
from campaigns.planning.composing import compose
from campaigns.planning.explanation import options_kept
from campaigns.planning.outcome import Answer, result_of
from campaigns.planning.verdicts import packed, unpacked
from campaigns.terms import ChannelResponse, LearnedShare, PromotionResponse, ResponseModel

MODEL = ResponseModel(
    channels=(ChannelResponse("email", 5000, 500, 14, 0.06, 0.05, 0.01, opt_out_risk=0.001),),
    promotions=(PromotionResponse("email", "spring", 0.01, 0.002, 60),),
    pull_forward=LearnedShare(0.2, 0.05, learned=True),
    retention=LearnedShare(0.01, 0.005),
    first_order_later=30.0,
    notes=("Something is a guess.",),
)


def company(market, people=1, **more):
    numbers = range(1, people + 1)
    scores = [
        {
            "person": number, "channel": "email", "extra_responses": 0.05, "recent_touches": 0, "error": 0.03,
            "second": 0.5,
        }
        for number in numbers
    ]  # fmt: skip
    records = market.records(
        persons=[market.person(number) for number in numbers],
        scores=scores,
        worths=[{"person": number, "margin": 100.0, "is_new": False} for number in numbers],
        **more,
    )
    return replace(records, responding=MODEL)


def test_a_sale_is_worth_its_lasting_margin_less_cost_and_the_risk_of_opting_out(market):
    candidates = market.planned(company(market), market.at_ease).candidates
    assert candidates.extra[0] == pytest.approx(0.06)
    assert candidates.error[0] == pytest.approx((0.03**2 + 0.002**2) ** 0.5)
    assert candidates.value[0] == pytest.approx(0.06 * 0.8 * 20.0 - 0.1 - 0.001 * 100.0)
    assert candidates.second[0] == 0.5


def test_a_first_order_brings_later_margin_too(market):
    records = company(market)
    new = market.records(worths=[{"person": 1, "margin": 0.0, "is_new": True}])
    candidates = market.planned(replace(records, worths=new.worths), market.at_ease).candidates
    assert candidates.value[0] == pytest.approx(0.06 * 0.8 * (20.0 + 30.0) - 0.1)


def thanking(market, worth=100.0, *, is_new=False, **learned):
    """One customer who may be thanked, which sells nothing."""
    records = company(market, promotions=[{"promotion": "thanks", "kind": "relationship", "margin": 20.0}])
    worths = market.records(worths=[{"person": 1, "margin": worth, "is_new": is_new}]).worths
    return replace(records, worths=worths, order_margin=15.0, responding=replace(MODEL, **learned))


def test_a_relationship_contact_keeps_the_share_that_held_back_customers_tell_and_sells_nothing(market):
    records = thanking(market, retention=LearnedShare(0.01, 0.005, learned=True))
    candidates = market.planned(records, market.at_ease).candidates
    assert candidates.kept[0] == pytest.approx(0.01 * 100.0)
    assert candidates.value[0] == pytest.approx(1.0 - 0.1 - 0.1)
    composed = compose(records, market.at_ease, market.wishes)
    assert composed.plan.contacts[0].reason.startswith("keeps about 1.00 of later margin")
    assert any("keeps 1.0% of later margin, give or take 0.8%" in note for note in composed.notes)


def test_what_the_policy_says_of_relationship_contacts_holds_and_is_told_to_be_no_finding(market):
    policy = replace(market.at_ease, relationship_keeps=0.03)
    composed = compose(thanking(market), policy, market.wishes)
    assert composed.question.candidates.kept[0] == pytest.approx(0.03 * 100.0)
    assert any(
        "keeps 3.0% of a customer's later margin is what the policy says; no test" in one for one in composed.notes
    )
    told = compose(thanking(market, retention=LearnedShare(0.01, 0.005, learned=True)), policy, market.wishes)
    assert any("the policy says; held-back customers say 1.0%" in note for note in told.notes)


def test_without_either_a_relationship_contact_keeps_the_orders_that_contacts_cause(market):
    rich, leaving, new = (
        market.planned(records, market.at_ease).candidates
        for records in (thanking(market), thanking(market, 5.0), thanking(market, 0.0, is_new=True))
    )
    # extra orders that did not only come sooner, each with its margin and, where somebody seems to leave, what
    # somebody after a first order is worth more than they
    assert rich.kept[0] == pytest.approx(0.05 * 0.8 * 15.0)
    assert leaving.kept[0] == pytest.approx(0.05 * 0.8 * (15.0 + 30.0 - 5.0))
    assert (new.kept[0], new.earned[0]) == (0.0, 0.0)
    notes = compose(thanking(market, 5.0), market.at_ease, market.wishes).notes
    assert any(note.startswith("Hardly any relationship contact was held back") for note in notes)


def test_the_balance_of_product_and_relationship_contacts_pays_best_in_between(market):
    offers = [
        {"promotion": "thanks", "kind": "relationship", "excludes": "spring"}, {"promotion": "spring", "margin": 20.0}
    ]  # fmt: skip
    records = company(market, 40, promotions=offers)
    worths = [{"person": one, "margin": 5.0 if one <= 10 else 100.0, "is_new": False} for one in range(1, 41)]
    records = replace(records, worths=market.records(worths=worths).worths, order_margin=15.0)
    curve = balance_of(records, market.at_ease, market.wishes)
    best = max(curve, key=lambda point: point.value)
    assert best.share == pytest.approx(0.25)
    assert all(point.met for point in curve)
    assert curve[0].value < best.value > curve[-1].value


def test_without_a_response_model_nothing_is_kept_risked_or_pulled_forward(market):
    records = replace(company(market), responding=None)
    candidates = market.planned(records, market.at_ease).candidates
    assert candidates.value[0] == pytest.approx(0.05 * 20.0 - 0.1)


def test_every_part_of_a_value_is_told_and_adds_up(market):
    composed = compose(company(market), market.at_ease, market.wishes)
    verdicts, locks = unpacked(next(iter(packed(composed))).content, 1)
    option = options_kept(verdicts, locks)[0]
    told = option.extra_responses * option.lasting * (option.margin + option.later) + option.kept
    assert option.value == pytest.approx(told - option.unit_cost - option.risk)
    assert option.parts == (
        "0.76 = 6.0 extra orders per 100 such contacts x margin 20.00 x 80% that did not only come sooner "
        "- cost 0.10 - risk of opting out 0.10"
    )
    assert "Something is a guess." in composed.notes


def test_exploration_draws_values_for_some_and_tells_what_it_costs(market):
    offers = [
        {"promotion": name, "margin": margin, "excludes": "b" if name == "a" else "a"}
        for name, margin in (("a", 20.0), ("b", 19.0))
    ]
    records = company(market, 400, promotions=offers, channels=[
        {"channel": "email", "plannable": True, "consent": "email", "unit_cost": 0.7}])  # fmt: skip
    settled = compose(records, market.at_ease, market.wishes)
    aims = Aims(exploration=0.5, never_held_back=("C-1",))
    tried = compose(records, market.at_ease, replace(market.wishes, aims=aims))
    again = compose(records, market.at_ease, replace(market.wishes, aims=aims))
    assert tried.plan == again.plan
    assert tried.teaching["exploration"]["asked"]
    assert tried.teaching["exploration"]["cost"] > 0.0
    assert len(tried.plan.contacts) < len(settled.plan.contacts)
    assert tried.plan.expected_value == pytest.approx(
        settled.plan.expected_value - tried.teaching["exploration"]["cost"], rel=1e-6
    )
    assert any(contact.customer_id == "C-1" for contact in tried.plan.contacts)


def test_every_plan_proposes_to_hold_some_back_with_price_and_lesson(market):
    unsure = replace(MODEL, channels=(replace(MODEL.channels[0], error=0.05),))
    records = replace(company(market, 50), responding=unsure)
    told = compose(records, market.at_ease, market.wishes).teaching["ghosts"]
    assert (told["share"], told["asked"]) == (0.1, False)
    lesson = told["channels"][0]
    assert lesson["cost"] == pytest.approx(0.76 * 5.0)
    assert lesson["few"]
    assert "months of such plans" in lesson["words"]


def test_a_closed_plan_holds_forecast_against_outcome_by_tenths():
    answers = [
        Answer("email", None, place % 5 == 0, None, 1.0, int(place % 5 > 0 and place < 500), 2000, place / 1e4, 0.8)
        for place in range(1000)
    ]
    result = result_of(answers, 14, 100)
    assert [one.rank for one in result.deciles] == list(range(1, 11))
    assert result.deciles[0].observed == pytest.approx(0.0)
    assert result.deciles[-1].observed == pytest.approx(1.0)
    assert result.to_mapping()["deciles"][0]["agrees"] is False
