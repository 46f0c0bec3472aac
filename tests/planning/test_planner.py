import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.planning.caps import Cap
from campaigns.planning.planner import upper_bound
from campaigns.planning.policy import ContactPolicy
from campaigns.planning.problem import REASONS

EMAIL = {"channel": "email", "plannable": True, "consent": "email", "unit_cost": 0.1}
CALL = {"channel": "call", "plannable": True, "consent": "phone", "unit_cost": 1.0}
MAIL = {"channel": "mail", "plannable": True, "consent": "mail", "unit_cost": 0.5}
FREE = ContactPolicy(caps=())


def score(person, channel, extra):
    return {"person": person, "channel": channel, "extra_responses": extra, "recent_touches": 0}


def crowd(market, count, **more):
    return [market.person(number, **more) for number in range(1, count + 1)]


def test_a_contact_is_worth_its_extra_responses_times_the_margin_less_its_cost(market):
    planned = market.planned(
        market.records(
            channels=[EMAIL, CALL],
            promotions=[{"promotion": "spring", "margin": 30.0, "discount": 10.0}],
            scores=[score(1, "email", 0.05), score(1, "call", 0.2)],
        )
    )
    assert planned.value == pytest.approx(0.05 * 20 - 0.1 + 0.2 * 20 - 1.0)
    assert len(planned.chosen) == 2


def test_a_promotion_without_a_margin_earns_the_mean_margin_of_an_order(market):
    rows = [{"promotion": "spring", "discount": 2.0}]
    planned = market.planned(market.records(promotions=rows, order_margin=12.0, order_value=99.0))
    assert planned.value == pytest.approx(0.05 * 10 - 0.1)
    assert not planned.facts.offers[0].assumed
    planned = market.planned(market.records(promotions=rows, order_value=60.0))
    assert planned.value == pytest.approx(0.05 * (0.3 * 60 - 2) - 0.1)
    assert planned.facts.offers[0].assumed


def test_where_no_offer_runs_a_contact_is_about_no_particular_offer(market):
    over = [{"promotion": "winter", "margin": 20.0, "ends_on": market.on(-1)}]
    planned = market.planned(market.records(promotions=over, order_margin=12.0))
    assert [contact[:3] for contact in planned.chosen] == [(1, None, "email")]


def test_channels_that_cannot_be_planned_are_not(market):
    display = {"channel": "display", "plannable": False, "consent": "none", "unit_cost": 0.0}
    planned = market.planned(market.records(channels=[EMAIL, display]))
    assert {contact[2] for contact in planned.chosen} == {"email"}


def test_the_best_offer_wins_the_touch_point_and_the_other_is_said_to_be_outranked(market):
    rows = [{"promotion": "small", "margin": 10.0}, {"promotion": "big", "margin": 20.0}]
    planned = market.planned(market.records(promotions=rows))
    assert [contact[1] for contact in planned.chosen] == ["big"]
    assert planned.solution.withheld() == {"another offer is worth more through this touch point": 1}


def test_contacts_spread_evenly_over_the_days(market):
    planned = market.planned(market.records(persons=crowd(market, 70)))
    assert np.bincount([contact[3] for contact in planned.chosen]).tolist() == [10] * 7


def test_days_that_are_promised_already_are_spared(market):
    promised = [
        {"person": number, "channel": "email", "promotion": None, "on": market.on(0)} for number in range(1, 11)
    ]
    planned = market.planned(
        market.records(persons=crowd(market, 20), promised=promised), ContactPolicy(caps=(Cap(1, 7, "email"),))
    )
    assert np.bincount([contact[3] for contact in planned.chosen], minlength=7)[0] == 0


def test_a_person_hears_two_things_on_two_days_where_that_is_possible(market):
    planned = market.planned(
        market.records(
            persons=crowd(market, 30),
            channels=[EMAIL, CALL, MAIL],
            scores=[score(p, c, 0.1) for p in range(1, 31) for c in ("email", "call", "mail")],
        )
    )
    for _, contacts in itertools.groupby(sorted(planned.chosen), key=lambda contact: contact[0]):
        days = [contact[3] for contact in contacts]
        assert len(days) == len(set(days)) == 3


def test_agent_hours_limit_calls_per_day_and_the_best_go_first(market):
    capacities = [
        {"resource": "agent-hours", "date": market.on(day), "limit": hours} for day, hours in ((0, 0.2), (1, 0.35))
    ]
    scores = [score(number, "call", 0.1 + number / 100) for number in range(1, 11)]
    planned = market.planned(
        market.records(persons=crowd(market, 10), channels=[CALL], scores=scores, capacities=capacities)
    )
    assert sorted(contact[0] for contact in planned.chosen) == [6, 7, 8, 9, 10]
    assert np.bincount([contact[3] for contact in planned.chosen]).tolist() == [2, 3]
    assert planned.solution.withheld() == {"no capacity left on these days": 5}
    assert planned.solution.used[0].sum() == pytest.approx(0.5)


def test_capacity_promised_to_another_plan_is_gone(market):
    capacities = [{"resource": "call", "date": market.on(0), "limit": 2}]
    promised = [{"person": 9, "channel": "call", "promotion": None, "on": market.on(0)}]
    read = market.records(
        persons=crowd(market, 9),
        channels=[CALL],
        scores=[score(p, "call", 0.2) for p in range(1, 9)],
        capacities=capacities,
        promised=promised,
    )
    assert len(market.planned(read).chosen) == 1


def test_a_capacity_of_zero_leaves_everybody_out_and_says_so(market):
    capacities = [{"resource": "email", "date": market.on(day), "limit": 0} for day in range(7)]
    planned = market.planned(market.records(capacities=capacities))
    assert planned.chosen == []
    assert planned.solution.withheld() == {"no capacity left on these days": 1}


def test_a_resource_tied_to_no_touch_point_limits_nothing_and_is_named(market):
    planned = market.planned(market.records(capacities=[{"resource": "vans", "date": market.on(0), "limit": 0}]))
    assert planned.idle == ("vans",)
    assert len(planned.chosen) == 1


def test_the_plan_honours_the_caps_that_it_fills_itself(market):
    people = crowd(market, 4, household_id="H")
    policy = ContactPolicy(caps=(Cap(3, 7, None, "household"),))
    planned = market.planned(market.records(persons=people), policy)
    assert len(planned.chosen) == 3
    assert planned.solution.withheld() == {"the household was contacted often enough": 1}
    assert planned.solution.fullest[0] == 3


def test_offers_that_exclude_one_another_do_not_meet_in_one_plan(market):
    rows = [
        {"promotion": "spring", "margin": 20.0, "channels": "email", "excludes": "summer"},
        {"promotion": "summer", "margin": 20.0, "channels": "call"},
    ]
    planned = market.planned(
        market.records(channels=[EMAIL, CALL], promotions=rows, scores=[score(1, "email", 0.1), score(1, "call", 0.2)])
    )
    assert [contact[1] for contact in planned.chosen] == ["summer"]
    assert planned.solution.withheld()["has an offer that excludes this one"] == 1


@pytest.mark.parametrize("better", ["first", "second"])
def test_an_offer_comes_before_the_one_it_may_not_follow(market, better):
    extra = {"first": 0.1, "second": 0.1, better: 0.2}
    rows = [
        {"promotion": "first", "margin": 20.0, "channels": "email"},
        {"promotion": "second", "margin": 20.0, "channels": "call", "not_after": "first", "ends_on": market.on(4)},
    ]
    planned = market.planned(
        market.records(
            channels=[EMAIL, CALL],
            promotions=rows,
            scores=[score(1, "email", extra["first"]), score(1, "call", extra["second"])],
        )
    )
    days = {contact[1]: contact[3] for contact in planned.chosen}
    assert "second" not in days or "first" not in days or days["second"] < days["first"]


def test_only_as_many_contacts_as_asked_for_and_the_best_of_them(market):
    scores = [score(number, "email", number / 100) for number in range(1, 11)]
    planned = market.planned(market.records(persons=crowd(market, 10), scores=scores), limit=3)
    assert [contact[0] for contact in planned.chosen] == [10, 9, 8]
    assert planned.solution.withheld() == {"beyond the number of contacts asked for": 7}


def test_the_same_seed_gives_the_same_plan_and_another_seed_decides_ties_differently(market):
    read = market.records(persons=crowd(market, 40))
    plans = [market.planned(read, limit=10, seed=seed).chosen for seed in (5, 5, 6)]
    assert plans[0] == plans[1]
    assert {contact[0] for contact in plans[0]} != {contact[0] for contact in plans[2]}


def test_without_scarcity_the_bound_is_met_exactly(market):
    planned = market.planned(
        market.records(
            persons=crowd(market, 25),
            channels=[EMAIL, CALL],
            scores=[score(p, c, 0.1 + p / 1000) for p in range(1, 26) for c in ("email", "call")],
        )
    )
    assert upper_bound(planned.problem) == pytest.approx(planned.value)


def test_capacities_tighten_the_bound(market):
    capacities = [{"resource": "call", "date": market.on(day), "limit": 2} for day in range(6)]
    scores = [score(number, "call", 0.1 + number / 1000) for number in range(1, 101)]
    planned = market.planned(
        market.records(persons=crowd(market, 100), channels=[CALL], scores=scores, capacities=capacities)
    )
    assert len(planned.chosen) == 12
    assert upper_bound(planned.problem) == pytest.approx(planned.value)


def test_nobody_to_plan_for_gives_an_empty_plan(market):
    planned = market.planned(market.records(scores=[]))
    assert planned.chosen == []
    assert upper_bound(planned.problem) == 0.0


def best_by_trying_everything(planned) -> float:
    """Return the value of the best plan, found by trying every set of contacts on every day."""
    problem = planned.problem
    rows = [
        (row, day)
        for row in range(len(problem.candidates))
        for day in range(problem.days)
        if int(problem.judgement.open_days[row]) >> day & 1
    ]
    return _best(planned, rows, [], 0.0)


def _best(planned, rows, chosen, value) -> float:
    best = value
    for place, (row, day) in enumerate(rows):
        if _admissible(planned, [*chosen, (row, day)]):
            worth = value + float(planned.candidates.value[row])
            best = max(best, _best(planned, rows[place + 1 :], [*chosen, (row, day)], worth))
    return best


def _admissible(planned, chosen) -> bool:
    candidates, problem = planned.candidates, planned.problem
    touched = [(candidates.person[row], candidates.channel[row]) for row, _ in chosen]
    if len(touched) > len(set(touched)) or (problem.limit is not None and len(chosen) > problem.limit):
        return False
    for item in problem.scarce:
        used = np.bincount(
            [day for row, day in chosen if candidates.channel[row] == item.channel], minlength=problem.days
        )
        if (used * item.per_contact > item.left + 1e-6)[used > 0].any():
            return False
    for (one, day), (other, later) in itertools.permutations(chosen, 2):
        if candidates.person[one] == candidates.person[other]:
            pair = candidates.offer[one], candidates.offer[other]
            if problem.rivals[pair] or (problem.follows[pair] and day >= later):
                return False
    for windows in problem.windows:
        ours = [
            (windows.group[candidates.person[row]], day)
            for row, day in chosen
            if windows.channel in (None, candidates.channel[row])
        ]
        for group in {group for group, _ in ours}:
            added = np.bincount([day for own, day in ours if own == group], minlength=problem.days)
            for window in range(windows.counts.shape[1]):
                inside = sum(added[day] for day in range(problem.days) if window - windows.cap.days < day <= window)
                if inside and windows.counts[group, window] + inside > windows.cap.limit:
                    return False
    return True


small_scores = st.lists(st.integers(0, 30), min_size=6, max_size=6)


@settings(max_examples=40, deadline=None)
@given(
    extras=small_scores,
    margins=st.lists(st.integers(5, 30), min_size=1, max_size=2),
    homes=st.lists(st.sampled_from(["H", "I"]), min_size=3, max_size=3),
    caps=st.sampled_from(
        [
            (Cap(1, 2),),
            (Cap(2, 3, None, "household"),),
            (Cap(1, 3, "call", "household"), Cap(2, 2)),
            (Cap(1, 1, None, "household"), Cap(1, 2, "email")),
        ]
    ),
    hours=st.none() | st.lists(st.integers(0, 2), min_size=2, max_size=2),
    excluding=st.booleans(),
    limit=st.none() | st.integers(1, 3),
    history=st.lists(st.tuples(st.integers(1, 3), st.integers(-2, 2)), max_size=2),
)
def test_no_plan_of_a_tiny_market_beats_the_bound_and_the_greedy_one_is_among_them(
    market, extras, margins, homes, caps, hours, excluding, limit, history
):
    pairs = [(number, channel) for number in (1, 2, 3) for channel in ("email", "call")]
    read = market.records(
        persons=[market.person(number, household_id=home) for number, home in enumerate(homes, start=1)],
        channels=[EMAIL, CALL],
        promotions=[
            {
                "promotion": f"p{place}",
                "margin": float(margin),
                **({"excludes": "p0", "channels": "call"} if place and excluding else {}),
            }
            for place, margin in enumerate(margins)
        ],
        scores=[score(*pair, extra / 100) for pair, extra in zip(pairs, extras, strict=True)],
        capacities=[
            {"resource": "call", "date": market.on(day), "limit": left} for day, left in enumerate(hours or [])
        ],
        contacts=[
            {"person": number, "channel": "email", "promotion": None, "occurred_at": market.at(day)}
            for number, day in history
        ],
    )
    planned = market.planned(read, ContactPolicy(caps=caps), days=2, limit=limit)
    best = best_by_trying_everything(planned)
    bound = upper_bound(planned.problem)
    assert planned.value <= best + 1e-9
    assert best <= bound + 1e-9
    assert sum(planned.solution.withheld().values()) + len(planned.chosen) == len(planned.candidates)
    assert set(planned.solution.withheld()) <= set(REASONS)
