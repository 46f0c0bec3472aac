"""What is wrong with a plan's rules, offers, capacities or scores is said plainly, before anything is reserved."""

import math
from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlmodel import select

from campaigns.faults import RefusedError
from campaigns.planning.caps import Cap
from campaigns.planning.composing import compose
from campaigns.planning.drafting import NOBODY, draft_plan
from campaigns.planning.living import approve_plan
from campaigns.planning.policy import ContactPolicy
from campaigns.planning.quiet import WEEKDAYS, QuietTime
from campaigns.planning.soundness import check_policy, examine, old_data_note
from campaigns.store import tables
from campaigns.store.settling import places
from tests.planning.test_drafting import START, customer, publish, put


def findings(market, policy=None, **tables_of):
    return examine(market.records(**tables_of), policy or market.at_ease, market.wishes)


def stops(market, **tables_of):
    return [(fault.column, fault.found) for fault in findings(market, **tables_of).stops]


@pytest.mark.parametrize(
    ("policy", "column"),
    [
        (ContactPolicy(quiet=QuietTime(days=WEEKDAYS)), "policy.quiet.days"),
        (ContactPolicy(quiet=QuietTime(begins="00:00", ends="24:00")), "policy.quiet"),
        (ContactPolicy(quiet=QuietTime(begins="08:00", ends="19:00")), "policy.quiet"),
        (ContactPolicy(caps=(Cap(2, 7), Cap(0, 7, None, "household"))), "policy.caps[1]"),
        (ContactPolicy(caps=(Cap(3, 2),), hours_between=72), "policy.caps[1]"),
    ],
)
def test_rules_that_contradict_one_another_are_named(policy, column):
    with pytest.raises(RefusedError, match="contradict") as caught:
        check_policy(policy)
    assert column in [fault.column for fault in caught.value.faults]


def test_an_offer_that_ends_before_it_starts_stops_the_plan(market):
    offer = {"promotion": "spring", "margin": 20.0, "starts_on": market.on(5), "ends_on": market.on(4)}
    assert stops(market, promotions=[offer]) == [
        ("promotions.ends_on", "spring ends on 2026-06-05, before it starts on 2026-06-06")
    ]


@pytest.mark.parametrize("name", ["margin", "discount", "budget"])
@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_amounts_that_are_no_numbers_stop_the_plan(market, name, value):
    assert stops(market, promotions=[{"promotion": "spring", "margin": 20.0, name: value}]) == [
        (f"promotions.{name}", f"{value} for spring")
    ]


@pytest.mark.parametrize("limit", [math.nan, -3.0, None])
def test_capacities_that_are_no_amounts_stop_the_plan(market, limit):
    capacity = {"resource": "agent-hours", "date": market.on(0), "limit": limit}
    assert stops(market, capacities=[capacity]) == [("capacities.limit", f"{limit} for agent-hours on 2026-06-01")]


def test_a_cost_below_nothing_stops_the_plan(market):
    channel = {"channel": "email", "plannable": True, "consent": "email", "unit_cost": -1.0}
    assert stops(market, channels=[channel]) == [("channels.unit_cost", "-1.0 for email")]


def test_scores_that_are_no_numbers_are_left_out_and_without_any_that_is_there_is_no_plan(market):
    people = [market.person(number) for number in (1, 2, 3)]

    def scored(*values):
        rows = [
            {"person": number, "channel": "email", "extra_responses": value, "recent_touches": 0}
            for number, value in enumerate(values, start=1)
        ]
        return market.records(persons=people, scores=rows)

    some = scored(0.05, math.inf, math.nan)
    found = examine(some, market.at_ease, market.wishes)
    assert (found.stops, found.cautions) == (
        (),
        ("2 scores are not numbers: their contacts are left out. Fit again to mend them.",),
    )
    plan = compose(some, market.at_ease, market.wishes).plan
    assert [contact.customer_id for contact in plan.contacts] == ["C-1"]
    assert math.isfinite(plan.expected_value + plan.bound)
    none = examine(scored(math.nan, math.inf, -math.inf), market.at_ease, market.wishes)
    assert [(fault.column, fault.found) for fault in none.stops] == [("scores", "none of 3 is a number")]


def test_an_offer_without_margin_or_that_earns_nothing_is_said(market):
    offers = [{"promotion": "spring"}, {"promotion": "loss", "margin": 5.0, "discount": 9.0}]
    records = market.records(promotions=offers, order_margin=12.0)
    assert examine(records, market.at_ease, market.wishes).cautions == (
        "spring has no margin: the mean margin of an order is taken.",
        "loss earns nothing: its margin of 5.00 less the discount of 9.00 is not above 0.",
    )
    plan = compose(records, market.at_ease, market.wishes).plan
    assert {contact.promotion for contact in plan.contacts} == {"spring"}


def test_capacities_of_zero_and_days_that_no_row_speaks_of_are_told_apart(market):
    rows = [
        *({"resource": "email", "date": market.on(day), "limit": 0.0} for day in range(7)),
        {"resource": "letters", "date": market.on(40), "limit": 500.0},
    ]
    zero, silent = findings(market, capacities=rows).cautions
    assert zero.startswith("The capacity of email is 0 on every day from 2026-06-01 to 2026-06-07")
    assert silent.startswith("No row of capacities tells how much letters there is from 2026-06-01 to 2026-06-07")


def test_offers_that_no_touch_point_carries_and_caps_that_forbid_one_are_said(market):
    fax = {"promotion": "fax", "margin": 20.0, "channels": "fax"}
    assert "reaches nobody" in findings(market, promotions=[fax]).cautions[0]
    forbidden = replace(market.at_ease, caps=(Cap(0, 7, "email"),))
    mailed = {"promotion": "spring", "margin": 20.0, "channels": "email"}
    (fault,) = findings(market, forbidden, promotions=[mailed]).stops
    assert fault.found == "spring may use only email, of which the policy allows none"


def test_where_nobody_may_be_contacted_the_draft_says_so_and_reserves_nothing(sqlite_database):
    database = sqlite_database
    put(database, "customers", customer("C-1", consent_email="no"))
    put(database, "channels", {"channel": "email", "unit_cost": 10, "plannable": "yes", "consent": "email"})
    put(database, "promotions", {"promotion": "spring", "name": "Spring", "margin": 2500})
    publish(database, {("C-1", "email"): 0.1})
    plan = draft_plan(database, starts_on=START)
    assert (plan.contacts, plan.notes[0]) == ((), NOBODY)
    assert plan.withheld == {"consent withdrawn": 1}
    with pytest.raises(RefusedError) as caught:
        approve_plan(database, plan.id, by="ada", today=START - timedelta(1), old_scores=True)
    assert [(fault.column, fault.found) for fault in caught.value.faults] == [("plan", "no contacts")]
    with database.reading() as session:
        assert places(session) == []


def test_a_plan_that_cannot_be_leaves_nothing_behind(sqlite_database):
    database = sqlite_database
    put(database, "customers", customer("C-1"))
    put(database, "channels", {"channel": "email", "unit_cost": 10, "plannable": "yes", "consent": "email"})
    put(database, "promotions", {"promotion": "a", "name": "A", "margin": 2500, "not_after": "b"})
    put(database, "promotions", {"promotion": "b", "name": "B", "margin": 2500, "not_after": "a"})
    publish(database, {("C-1", "email"): 0.1})
    with pytest.raises(RefusedError, match="This plan cannot be made"):
        draft_plan(database, starts_on=START)
    with database.reading() as session:
        assert list(session.exec(select(tables.Plan))) == []


def test_data_that_end_long_before_the_plan_are_said():
    begins = date(2026, 7, 20)
    assert old_data_note(date(2026, 7, 10), begins) is None
    assert old_data_note(None, begins) is None
    assert old_data_note(date(2026, 7, 3), begins) == (
        "What files tell ends on 2026-07-03, 17 days before this plan begins: "
        "orders, contacts and opt-outs since then are not heeded."
    )
