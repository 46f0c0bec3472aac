"""Each rule alone: what it closes, from when, until when, and for whom."""

from dataclasses import replace

import numpy as np
import pytest

from campaigns.planning.locks import Lock
from campaigns.planning.policy import Cap, ContactPolicy
from campaigns.planning.rules import RULES, judge, rule_index

EVERY = [0, 1, 2, 3, 4, 5, 6]
EMAIL = {"channel": "email", "plannable": True, "consent": "email", "unit_cost": 0.1}
CALL = {"channel": "call", "plannable": True, "consent": "phone", "unit_cost": 0.1}
PUSH = {"channel": "push", "plannable": True, "consent": "none", "unit_cost": 0.0}


def test_with_nothing_against_it_a_contact_is_open_on_every_day(market):
    planned = market.planned(market.records())
    assert planned.verdicts == ["open"]
    assert planned.open_days == [EVERY]


def test_rule_names_and_reasons_are_distinct_and_the_list_of_suppressions_comes_first():
    assert len({rule.name for rule in RULES}) == len({rule.reason for rule in RULES}) == len(RULES)
    assert rule_index("suppressed") == 0
    with pytest.raises(KeyError):
        rule_index("whim")


def test_a_suppressed_person_is_never_contacted(market):
    planned = market.planned(market.records(suppressions=[{"person": 1, "until": None}]))
    assert planned.verdicts == ["suppressed"]


def test_a_suppression_ends_after_its_last_day(market):
    planned = market.planned(market.records(suppressions=[{"person": 1, "until": market.on(2)}]))
    assert planned.open_days == [[3, 4, 5, 6]]


def test_of_two_suppressions_the_longer_holds(market):
    until = [{"person": 1, "until": market.on(5)}, {"person": 1, "until": market.on(-3)}]
    assert market.planned(market.records(suppressions=until)).open_days == [[6]]


def test_a_suppression_beats_every_other_reason(market):
    read = market.records(
        persons=[market.person(1, consent_email="no")],
        suppressions=[{"person": 1}],
        complaints=[{"person": 1, "occurred_at": market.at(-1)}],
        open_cases=[{"person": 1}],
    )
    assert market.planned(read).verdicts == ["suppressed"]


def test_somebody_without_a_customer_number_cannot_be_put_on_a_list(market):
    planned = market.planned(market.records(persons=[market.person(1, customer_id=None)]))
    assert planned.verdicts == ["unknown_customer"]


@pytest.mark.parametrize(
    ("written", "verdict"),
    [("yes", "open"), ("no", "consent_withdrawn"), ("unknown", "consent_missing"), (None, "consent_missing")],
)
def test_a_touch_point_needs_its_own_consent(market, written, verdict):
    read = market.records(persons=[market.person(1, consent_email=written)], channels=[CALL, EMAIL])
    assert market.planned(read).verdicts == ["open", verdict]


def test_a_touch_point_that_needs_no_consent_asks_for_none(market):
    read = market.records(persons=[market.person(1, consent_email=None, consent_ads="no")], channels=[PUSH])
    assert market.planned(read).verdicts == ["open"]


def test_consent_may_be_presumed_but_a_no_stays_a_no(market):
    read = market.records(persons=[market.person(1, consent_email=None), market.person(2, consent_email="no")])
    policy = ContactPolicy(consent_presumed=("email",))
    assert market.planned(read, policy).verdicts == ["open", "consent_withdrawn"]


def test_an_opt_out_withdraws_the_consent_of_its_touch_point_whatever_the_record_says(market):
    read = market.records(channels=[CALL, EMAIL], opt_outs=[{"person": 1, "channel": "email"}])
    assert market.planned(read).verdicts == ["open", "consent_withdrawn"]


@pytest.mark.parametrize("channel", [None, "web", "push"])
def test_an_opt_out_from_nothing_in_particular_withdraws_every_consent(market, channel):
    read = market.records(channels=[CALL, EMAIL, PUSH], opt_outs=[{"person": 1, "channel": channel}])
    assert market.planned(read).verdicts == ["consent_withdrawn", "consent_withdrawn", "open"]


def test_after_a_complaint_marketing_is_silent_for_the_days_set(market):
    read = market.records(complaints=[{"person": 1, "occurred_at": market.at(-8)}])
    assert market.planned(read, ContactPolicy(complaint_days=10)).open_days == [[2, 3, 4, 5, 6]]
    assert market.planned(read, ContactPolicy(complaint_days=30)).verdicts == ["complained"]
    assert market.planned(read, ContactPolicy(complaint_days=0)).open_days == [EVERY]


def test_days_begin_in_the_configured_zone(market):
    read = market.records(complaints=[{"person": 1, "occurred_at": market.at(-1, hour=23)}])
    policy = ContactPolicy(complaint_days=1)
    assert market.planned(read, policy).open_days == [EVERY]
    assert market.planned(read, policy, zone="Europe/Istanbul").open_days == [[1, 2, 3, 4, 5, 6]]


def test_while_a_case_is_open_only_service_speaks(market):
    assert market.planned(market.records(open_cases=[{"person": 1}])).verdicts == ["case_open"]


PEOPLE_OF_ACCOUNT = [("C-1", "A"), ("C-2", "A"), ("C-3", None)]


def company(market, **more):
    people = [
        market.person(number, account_id=account) for number, (_, account) in enumerate(PEOPLE_OF_ACCOUNT, start=1)
    ]
    return market.records(persons=people, **more)


def deal(market, **more):
    return {"owner": "dana", "stage": "open", "opened_on": market.at(-20), **more}


def test_an_open_deal_of_an_account_locks_everybody_in_it(market):
    planned = market.planned(company(market, opportunities=[deal(market, account_id="A")]))
    assert planned.verdicts == ["sales_lock", "sales_lock", "open"]


def test_an_open_deal_of_a_person_locks_the_account_unless_the_policy_says_person(market):
    read = company(market, opportunities=[deal(market, person=1)])
    assert market.planned(read).verdicts == ["sales_lock", "sales_lock", "open"]
    assert market.planned(read, ContactPolicy(lock_scope="person")).verdicts == ["sales_lock", "open", "open"]


def test_somebody_outside_any_account_can_be_locked(market):
    assert market.planned(company(market, opportunities=[deal(market, person=3)])).verdicts == [
        "open",
        "open",
        "sales_lock",
    ]


def test_a_deal_locks_until_some_days_after_its_expected_closing(market):
    read = market.records(opportunities=[deal(market, person=1, expected_close_on=market.on(-28))])
    planned = market.planned(read)
    assert planned.open_days == [[3, 4, 5, 6]]
    assert planned.facts.locks.of(0, market.start) == (Lock("dana", "open deal", market.on(-20), market.on(2)),)


def test_a_deal_nobody_expects_to_close_does_not_lock_for_ever(market):
    read = market.records(opportunities=[deal(market, person=1, opened_on=market.at(-200))])
    assert market.planned(read).verdicts == ["open"]


def test_a_lost_deal_locks_nothing(market):
    read = market.records(opportunities=[deal(market, person=1, stage="lost", closed_on=market.at(-1))])
    assert market.planned(read).verdicts == ["open"]


def test_after_a_win_marketing_cools_off(market):
    read = market.records(
        opportunities=[deal(market, person=1, stage="won", opened_on=market.at(-90), closed_on=market.at(-26))]
    )
    planned = market.planned(read)
    assert planned.open_days == [[4, 5, 6]]
    (lock,) = planned.facts.locks.of(0, market.start)
    assert lock.reason == "deal won on 2026-05-06"


def test_after_sales_spoke_to_them_it_keeps_the_word(market):
    read = market.records(activities=[{"person": 1, "owner": "dana", "kind": "call", "occurred_at": market.at(-10)}])
    planned = market.planned(read)
    assert planned.open_days == [[4, 5, 6]]
    assert planned.facts.locks.of(0, market.start)[0].reason == "call on 2026-05-22"


def test_a_booked_meeting_locks_the_days_before_and_after_it(market):
    meeting = {"person": 1, "owner": "dana", "kind": "meeting", "occurred_at": market.at(4)}
    planned = market.planned(market.records(activities=[meeting]), ContactPolicy(booked_days=2, activity_days=2))
    assert planned.open_days == [[0, 1, 6]]
    assert planned.facts.locks.of(0, market.start)[0].reason == "meeting booked for 2026-06-05"


def test_a_lock_without_a_reason_or_an_end_does_not_exist(market):
    with pytest.raises(ValueError, match="reason"):
        Lock("dana", "", market.on(0), market.on(1))
    with pytest.raises(ValueError, match="before its start"):
        Lock("dana", "open deal", market.on(0), market.on(-1))


def test_an_offer_goes_only_through_its_touch_points_whoever_proposes_it(market):
    read = market.records(
        channels=[CALL, EMAIL], promotions=[{"promotion": "spring", "margin": 20.0, "channels": "E-Mail|mail"}]
    )
    planned = market.planned(read)
    assert [contact[2] for contact in planned.chosen] == ["email"]
    assert len(planned.candidates) == 1
    by_call = replace(planned.candidates, channel=np.asarray([0]))
    judged = judge(replace(planned.question, candidates=by_call))
    assert RULES[judged.stopped_by[0]].name == "channel_barred"


def test_an_offer_is_made_only_while_it_runs(market):
    read = market.records(
        promotions=[
            {"promotion": "late", "margin": 20.0, "starts_on": market.on(5)},
            {"promotion": "mid", "margin": 20.0, "starts_on": market.on(1), "ends_on": market.on(2)},
        ]
    )
    assert market.planned(read).open_days == [[5, 6], [1, 2]]


def test_the_rule_that_closes_the_last_day_is_the_one_named(market):
    read = market.records(
        promotions=[{"promotion": "short", "margin": 20.0, "ends_on": market.on(2)}],
        complaints=[{"person": 1, "occurred_at": market.at(-5)}],
    )
    assert market.planned(read, ContactPolicy(complaint_days=7)).open_days == [[2]]
    assert market.planned(read, ContactPolicy(complaint_days=8)).verdicts == ["not_running"]
    assert market.planned(read, ContactPolicy(complaint_days=12)).verdicts == ["complained"]


KETTLE = [{"promotion": "kettle", "margin": 20.0, "product": "P-3"}, {"promotion": "other", "margin": 20.0}]


@pytest.mark.parametrize(("table", "rule"), [("purchases", "bought"), ("returns", "returned")])
def test_a_product_bought_or_returned_is_not_offered(market, table, rule):
    happened = [{"person": 1, "product": "P-3", "occurred_at": market.at(-300)}]
    read = market.records(promotions=KETTLE, **{table: happened})
    assert market.planned(read).verdicts == [rule, "open"]
    assert market.planned(read, ContactPolicy(**{f"{rule}_days": 300})).verdicts == ["open", "open"]


@pytest.mark.parametrize("said", [{"promotion": "kettle"}, {"product": "P-3"}])
def test_an_offer_or_product_declined_is_not_offered_again_soon(market, said):
    read = market.records(promotions=KETTLE, declines=[{"person": 1, "occurred_at": market.at(-88), **said}])
    assert market.planned(read).open_days == [[2, 3, 4, 5, 6], EVERY]


def test_a_decline_of_another_offer_stops_nothing(market):
    read = market.records(
        promotions=KETTLE, declines=[{"person": 1, "occurred_at": market.at(-1), "promotion": "gone"}]
    )
    assert market.planned(read).verdicts == ["open", "open"]


def heard(market, day, promotion, channel="call"):
    return {"person": 1, "channel": channel, "promotion": promotion, "occurred_at": market.at(day)}


@pytest.mark.parametrize("direction", ["spring excludes summer", "summer excludes spring"])
def test_offers_that_exclude_one_another_stay_apart_both_ways(market, direction):
    excluding, excluded = direction.split(" excludes ")
    rows = {name: {"promotion": name, "margin": 20.0} for name in ("spring", "summer")}
    rows[excluding]["excludes"] = f"{excluded}|another"
    read = market.records(promotions=list(rows.values()), contacts=[heard(market, -87, "summer")])
    assert market.planned(read).open_days == [[3, 4, 5, 6], EVERY]


def test_an_offer_that_is_no_longer_on_file_can_still_exclude(market):
    read = market.records(
        promotions=[{"promotion": "spring", "margin": 20.0, "excludes": "winter"}],
        contacts=[heard(market, -20, "winter")],
    )
    assert market.planned(read).verdicts == ["excluded"]


def test_an_offer_does_not_follow_the_one_it_may_not_come_after(market):
    rows = [{"promotion": "first", "margin": 20.0}, {"promotion": "second", "margin": 20.0, "not_after": "first"}]
    read = market.records(promotions=rows, contacts=[heard(market, -20, "first")])
    assert market.planned(read).verdicts == ["open", "not_after"]
    read = market.records(
        promotions=rows, promised=[{"person": 1, "channel": "call", "promotion": "second", "on": market.on(3)}]
    )
    assert market.planned(read).open_days == [[4, 5, 6], EVERY]
    read = market.records(
        promotions=rows, promised=[{"person": 1, "channel": "call", "promotion": "first", "on": market.on(3)}]
    )
    assert market.planned(read).open_days == [EVERY, [0, 1, 2]]


def test_a_cap_of_a_touch_point_holds_in_every_window(market):
    read = market.records(channels=[CALL, EMAIL], contacts=[heard(market, day, None, "email") for day in (-5, -2)])
    policy = replace(market.at_ease, caps=(Cap(2, 7, "email"),))
    assert market.planned(read, policy).open_days == [EVERY, [2, 3, 4, 5, 6]]


def test_a_window_counts_what_is_promised_for_later(market):
    promised = [{"person": 1, "channel": "email", "promotion": None, "on": market.on(9)}]
    policy = ContactPolicy(caps=(Cap(1, 5, "email"),))
    assert market.planned(market.records(promised=promised), policy).open_days == [[0, 1, 2, 3, 4]]


def test_a_promise_kept_on_its_day_counts_once(market):
    promised = [{"person": 1, "channel": "email", "promotion": None, "on": market.on(-1)}]
    read = market.records(promised=promised, contacts=[heard(market, -1, None, "email")])
    assert market.planned(read, ContactPolicy(caps=(Cap(2, 7, "email"),))).open_days == [EVERY]


def test_the_overall_cap_counts_every_touch_point(market):
    read = market.records(
        channels=[CALL, EMAIL], contacts=[heard(market, -1, None, channel) for channel in ("email", "call")]
    )
    planned = market.planned(read, ContactPolicy(caps=(Cap(2, 9),)))
    assert planned.verdicts == ["overall_cap", "overall_cap"]


def test_a_household_cap_counts_everybody_at_home(market):
    people = [
        market.person(1, household_id="H"),
        market.person(2, household_id="H"),
        market.person(3),
        market.person(4),
    ]
    read = market.records(persons=people, contacts=[heard(market, -1, None, "email")])
    planned = market.planned(read, ContactPolicy(caps=(Cap(1, 9, "email", "household"),)))
    assert planned.verdicts == ["household_cap", "household_cap", "open", "open"]


def test_a_cap_of_zero_forbids(market):
    assert market.planned(market.records(), ContactPolicy(caps=(Cap(0, 7, "email"),))).verdicts == ["channel_cap"]


@pytest.mark.parametrize("extra", [0.0, -0.1, 0.005, float("nan"), float("inf")])
def test_a_contact_that_would_not_earn_its_cost_is_left_out(market, extra):
    scores = [{"person": 1, "channel": "email", "extra_responses": extra, "recent_touches": 0}]
    assert market.planned(market.records(scores=scores)).verdicts == ["no_value"]
