"""What one more contact in every window of a cap brings, held against the plan with that cap."""

import numpy as np
import pytest

from campaigns.planning import cap_prices as sampled
from campaigns.planning.caps import Cap
from campaigns.planning.composing import compose
from campaigns.planning.policy import ContactPolicy

CHANNELS = [
    {"channel": "email", "plannable": True, "consent": "none", "unit_cost": 0.1},
    {"channel": "call", "plannable": True, "consent": "none", "unit_cost": 1.0},
]


def company(market, people, **more):
    random = np.random.default_rng(3)
    rates = random.gamma(2.0, 0.02, (people, 2))
    return market.records(
        persons=[market.person(number) for number in range(1, people + 1)],
        channels=CHANNELS,
        promotions=[{"promotion": name, "margin": 30.0} for name in ("sale", "thanks")],
        scores=[
            {
                "person": number + 1,
                "channel": name,
                "extra_responses": float(rates[number, place]),
                "recent_touches": 0,
                "second": 0.6,
            }
            for number in range(people)
            for place, name in enumerate(("email", "call"))
        ],
        **more,
    )


def priced(records, policy, market):
    plan = compose(records, policy, market.wishes, price_caps=True).plan
    return {item.name: item.price for item in plan.constraints}, plan


def with_limits(email, everything):
    return ContactPolicy(caps=(Cap(email, 7, "email"), Cap(everything, 7)), hours_between=0)


def test_a_cap_carries_what_one_more_contact_in_its_windows_would_bring(market):
    records = company(market, 40)
    prices, plan = priced(records, with_limits(1, 2), market)
    one, both = (cap.words for cap in with_limits(1, 2).caps)
    wider = compose(records, with_limits(2, 2), market.wishes).plan
    assert prices[one] == pytest.approx(wider.expected_value - plan.expected_value, rel=1e-6)
    longer = compose(records, with_limits(1, 3), market.wishes).plan
    assert prices[both] == pytest.approx(longer.expected_value - plan.expected_value, abs=1e-3)
    assert prices[one] > 0.1


def test_a_cap_that_no_window_reaches_carries_nothing(market):
    prices, _ = priced(company(market, 10), with_limits(5, 9), market)
    assert set(prices.values()) == {0.0}


def test_contacts_that_the_history_closed_count_as_opened(market):
    before = market.at(-1)
    sent = [{"person": one, "channel": "email", "promotion": None, "occurred_at": before} for one in range(1, 9)]
    records = company(market, 8, contacts=sent)
    policy = ContactPolicy(caps=(Cap(1, 30, "email"),), hours_between=0)
    prices, plan = priced(records, policy, market)
    assert not any(contact.channel == "email" for contact in plan.contacts)
    wider = compose(records, ContactPolicy(caps=(Cap(2, 30, "email"),), hours_between=0), market.wishes).plan
    assert prices[policy.caps[0].words] == pytest.approx(wider.expected_value - plan.expected_value, rel=1e-6)


def test_a_sample_of_the_households_tells_the_price_for_all(market, monkeypatch):
    records = company(market, 600)
    exact, _ = priced(records, with_limits(1, 2), market)
    monkeypatch.setattr(sampled, "SAMPLE", 300)
    about, _ = priced(records, with_limits(1, 2), market)
    name = with_limits(1, 2).caps[0].words
    assert about[name] == pytest.approx(exact[name], rel=0.15)
    assert about[name] != exact[name]


def test_plans_that_are_only_compared_price_no_caps(market):
    plan = compose(company(market, 10), with_limits(1, 2), market.wishes).plan
    assert all(item.price == 0.0 for item in plan.constraints)
