"""Budgets, volumes, the balance, ghosts: from wishes to the plan in words."""

from dataclasses import replace

import numpy as np
import pytest

from campaigns.faults import RefusedError
from campaigns.planning.aims import Aims, Volume, limits_of, read_volumes
from campaigns.planning.balancing import balance_curve
from campaigns.planning.composing import Wishes, compose
from campaigns.planning.planner import solve
from campaigns.planning.policy import ContactPolicy
from campaigns.planning.problem import pose

FREE = ContactPolicy(caps=())
EMAIL = {"channel": "email", "plannable": True, "consent": "email", "unit_cost": 0.1}


def company(market, **more):
    """Ten customers whose e-mails are worth 1 to 10 cents over cost, about two promotions."""
    people = [market.person(number) for number in range(1, 11)]
    promotions = [
        {"promotion": "sale", "margin": 20.0, "channels": "email", **more},
        {"promotion": "thanks", "margin": 16.0, "channels": "email", "kind": "relationship"},
    ]
    scores = [
        {"person": number, "channel": "email", "extra_responses": 0.02 + number / 1000, "recent_touches": 0}
        for number in range(1, 11)
    ]
    return market.records(persons=people, channels=[EMAIL], promotions=promotions, scores=scores)


def composed(market, read, **aims):
    return compose(read, FREE, Wishes(market.start, aims=Aims(**aims))).plan


def constraint(plan, name):
    return next(item for item in plan.constraints if item.name == name)


def test_a_budget_holds_and_its_price_is_what_one_more_unit_of_money_brings(market):
    read = company(market)
    plan = composed(market, read, budget=0.5)
    assert len(plan.contacts) == 5
    budget = constraint(plan, "budget")
    assert budget.used == pytest.approx(0.5)
    more = composed(market, read, budget=0.6)
    assert (more.expected_value - plan.expected_value) / 0.1 <= budget.price + 1e-6
    less = composed(market, read, budget=0.4)
    assert (plan.expected_value - less.expected_value) / 0.1 >= budget.price - 1e-6
    assert plan.withheld["the budget is spent"] >= 5


def test_a_promotion_keeps_to_the_budget_of_its_own_file(market):
    plan = composed(market, company(market, budget=0.2))
    assert sum(contact.promotion == "sale" for contact in plan.contacts) == 2
    assert constraint(plan, "budget of sale").price > 0


def test_volumes_hold_and_a_least_one_costs_something(market):
    plan = composed(market, company(market), volumes={"thanks": Volume(4, 6)})
    assert sum(contact.promotion == "thanks" for contact in plan.contacts) == 4
    assert constraint(plan, "contacts about thanks, at least").price < 0
    assert plan.gap == pytest.approx(0.0, abs=1e-6)


def test_a_least_volume_beyond_reach_is_named_with_the_nearest_plan(market):
    found = compose(company(market), FREE, Wishes(market.start, aims=Aims(volumes={"thanks": Volume(14)})))
    assert sum(contact.promotion == "thanks" for contact in found.plan.contacts) == 10
    assert any("14 wanted, 10 in the plan. No plan within these rules can meet it" in note for note in found.notes)
    assert found.plan.bound >= found.plan.expected_value


def test_a_share_of_relationship_contacts_holds(market):
    plan = composed(market, company(market), least_relationship=0.3)
    assert sum(contact.promotion == "thanks" for contact in plan.contacts) == 3
    assert len(plan.contacts) == 10


def test_the_balance_curve_is_highest_at_the_share_that_pays_best(market):
    planned = market.planned(company(market), FREE)
    kept = np.asarray([offer.kind == "relationship" for offer in planned.facts.offers])
    curve = balance_curve(planned.problem, kept)
    assert [round(point.reached, 2) for point in curve] == [0.0, 0.1, 0.2, 0.3, 0.4, 0.5]
    values = [point.value for point in curve]
    assert values == sorted(values, reverse=True)
    assert all(point.met and point.bound >= point.value - 1e-9 for point in curve)


def test_a_second_contact_through_a_touch_point_is_worth_less_than_the_first(market):
    from dataclasses import replace

    planned = market.planned(company(market), FREE)
    candidates = replace(planned.candidates, second=np.full(len(planned.candidates), 0.75))
    problem = replace(planned.problem, candidates=candidates)
    solution = solve(problem)
    assert len(solution.chosen) == 20
    gross = candidates.value + candidates.cost
    sale = planned.facts.offers[0].promotion == "sale"
    first = candidates.offer == (0 if sale else 1)
    assert solution.value == pytest.approx(gross[first].sum() + 0.75 * gross[~first].sum() - 20 * 0.1)


def test_ghosts_are_drawn_at_the_known_chance_and_never_from_named_customers(market):
    read = company(market)
    plan = composed(market, read, ghosts=0.5, never_held_back=("C-3",))
    again = composed(market, read, ghosts=0.5, never_held_back=("C-3",))
    assert plan == again
    assert 0 < sum(contact.ghost for contact in plan.contacts) < 10
    by_name = {contact.customer_id: contact for contact in plan.contacts}
    assert (by_name["C-3"].ghost, by_name["C-3"].probability) == (False, 1.0)
    assert {contact.probability for contact in plan.contacts if contact.customer_id != "C-3"} == {0.5}
    assert plan.expected_value == composed(market, read).expected_value


def test_what_cannot_be_wished_for_is_refused_with_every_fault():
    with pytest.raises(RefusedError) as caught:
        Aims(budget=float("nan"), volumes={"a": Volume(5, 2)}, least_relationship=1.5, ghosts=0.9)
    assert [fault.column for fault in caught.value.faults] == [
        "budget",
        "volume of a",
        "least share of relationship contacts",
        "ghosts",
    ]


def test_an_aim_about_a_promotion_that_does_not_run_is_refused(market):
    facts = market.planned(company(market), FREE).facts
    with pytest.raises(RefusedError, match="winter"):
        limits_of(Aims(budgets={"winter": 5.0}), facts)


def test_named_accounts_and_whom_the_policy_or_the_plan_lists_are_never_held_back_nor_tried_out(market):
    people = [
        market.person(
            number, account_id=f"A-{number}" if number <= 30 else None, owner="dana" if number <= 20 else None
        )
        for number in range(1, 61)
    ]
    records = market.records(persons=people)
    policy = replace(market.at_ease, never_held_back=("A-25", "C-40"))
    wishes = replace(market.wishes, aims=Aims(ghosts=0.5, exploration=0.5, never_held_back=("C-41",)))
    composed = compose(records, policy, wishes)
    certain = {contact.customer_id for contact in composed.plan.contacts if contact.probability == 1.0}
    assert certain == {*(f"C-{number}" for number in range(1, 21)), "C-25", "C-40", "C-41"}
    assert not any(contact.ghost for contact in composed.plan.contacts if contact.customer_id in certain)
    assert sum(contact.ghost for contact in composed.plan.contacts) > 5
    lesson = composed.teaching["ghosts"]["channels"][0]
    assert lesson["contacts"] == 60 - len(certain)


def test_aims_are_read_back_as_they_were_kept():
    aims = Aims(5.0, {"a": 2.0}, {"a": Volume(1, None)}, 0.2, None, 0.1, ("C-1",))
    assert Aims.from_mapping(aims.to_mapping()) == aims
    assert Aims.from_mapping({}) == Aims()


def test_a_limit_must_be_finite(market):
    planned = market.planned(company(market), FREE)
    from campaigns.planning.problem import Limit

    with pytest.raises(ValueError, match="finite"):
        Limit("budget", np.full((2, 1), np.nan), most=1.0)
    assert pose(planned.question, planned.judgement, ()).limits == ()


def test_volumes_are_read_as_people_write_them():
    assert read_volumes(["spring=500-2000", "a=b=5-", "c=-9"]) == {
        "spring": Volume(500, 2000),
        "a=b": Volume(5, None),
        "c": Volume(None, 9),
    }
    with pytest.raises(RefusedError) as caught:
        read_volumes(["spring", "=1-2", "spring=x-2", "spring=-"])
    assert len(caught.value.faults) == 4
