"""Counting places: what the caps refuse, and that counting does not depend on how it is done."""

from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.planning.caps import Cap
from campaigns.planning.ledger import (
    CALL_OUTCOMES,
    DOUBLED,
    OUTCOMES,
    Asked,
    Standing,
    admit,
    first_broken,
    full_window,
    outcome_of,
    refusals_by_reason,
)
from campaigns.planning.policy import ContactPolicy
from tests.planning.independent_checker import broken_caps

MONDAY = date(2026, 6, 1)


def on(day):
    return MONDAY + timedelta(day)


def asks(person, day, channel="email", promotion="spring", **more):
    return Asked(person, f"C-{person}", channel, promotion, on(day), **more)


def policy(*caps, hours_between=0):
    return ContactPolicy(caps=caps, hours_between=hours_between)


def test_places_go_to_those_who_ask_first_until_the_cap_is_full():
    admitted = admit([asks(1, 0), asks(1, 2), asks(1, 4)], [], {}, policy(Cap(2, 7)))
    assert admitted.accepted == (0, 1)
    (refusal,) = admitted.refusals
    assert (refusal.rule, refusal.reason) == ("overall_cap", "contacted often enough over all touch points")


def test_what_has_its_place_already_counts():
    standing = [Standing(1, "email", None, on(-3))]
    assert admit([asks(1, 3)], standing, {}, policy(Cap(1, 7))).accepted == ()
    assert admit([asks(1, 4)], standing, {}, policy(Cap(1, 7))).accepted == (0,)


def test_a_household_shares_its_cap_and_others_do_not():
    homes = {1: "H", 2: "H"}
    cap = policy(Cap(1, 7, None, "household"))
    assert admit([asks(1, 0), asks(2, 1), asks(3, 1)], [], homes, cap).accepted == (0, 2)


def test_a_cap_per_promotion_counts_each_promotion_by_itself():
    cap = policy(Cap(1, 7, each="promotion"))
    asked = [asks(1, 0), asks(1, 1, "call"), asks(1, 2, promotion="summer"), asks(1, 3, promotion=None)]
    admitted = admit(asked, [], {}, cap)
    assert admitted.accepted == (0, 2, 3)
    assert admitted.refusals[0].rule == "promotion_cap"


def test_hours_between_contacts_hold_across_touch_points():
    admitted = admit([asks(1, 0), asks(1, 0, "call"), asks(1, 1, "call")], [], {}, policy(hours_between=24))
    assert admitted.accepted == (0, 2)
    assert admitted.refusals[0].rule == "too_soon"


def test_the_same_contact_is_promised_once():
    admitted = admit([asks(1, 0), asks(1, 0)], [], {}, policy())
    assert admitted.refusals[0].reason == DOUBLED
    assert admit([asks(1, 0, contact_id=7)], [], {}, policy(), live=[7]).refusals[0].reason == DOUBLED


def test_refusals_are_counted_by_reason():
    admitted = admit([asks(1, 0), asks(1, 0), asks(1, 1)], [], {}, policy(Cap(1, 7)))
    assert refusals_by_reason(admitted.refusals) == {
        DOUBLED: 1,
        "contacted often enough over all touch points": 1,
    }


def test_every_tick_of_a_call_list_stands_for_an_outcome():
    assert set(CALL_OUTCOMES.values()) <= set(OUTCOMES)
    assert outcome_of("No answer") == "not reached"
    assert outcome_of("opted_out") == "opted out"
    assert outcome_of("perhaps") is None


def test_first_broken_names_the_cap_that_contacts_break():
    kept = [Standing(1, "email", None, on(0))]
    assert first_broken(kept, {}, policy(Cap(1, 7))) is None
    assert first_broken([*kept, Standing(1, "email", None, on(6))], {}, policy(Cap(1, 7))) == (
        "person 1 on 2026-06-07: at most 1 contact per person in any 7 days"
    )


caps = st.lists(
    st.builds(
        Cap,
        st.integers(0, 3),
        st.integers(1, 9),
        st.sampled_from([None, "email", "call"]),
        st.sampled_from(["person", "household"]),
        st.sampled_from([None, None, "promotion"]),
    ),
    max_size=4,
    unique_by=lambda cap: (cap.days, cap.channel, cap.scope, cap.each),
).map(tuple)
contacts = st.lists(
    st.tuples(
        st.integers(1, 4), st.integers(0, 14), st.sampled_from(["email", "call"]), st.sampled_from(["a", "b", None])
    ),
    max_size=25,
)


@settings(max_examples=150, deadline=None)
@given(caps, st.sampled_from([0, 12, 48]), contacts)
def test_what_gets_a_place_never_breaks_a_cap_and_what_does_not_would_have(caps, hours, wanted):
    rules, homes = policy(*caps, hours_between=hours), {1: "H", 2: "H"}
    asked = [asks(person, day, channel, promotion) for person, day, channel, promotion in wanted]
    admitted = admit(asked, [], homes, rules)
    assert len(admitted.accepted) + len(admitted.refusals) == len(asked)
    rows = [
        {
            "person": one.person,
            "channel": one.channel,
            "promotion": one.promotion,
            "on": one.on,
            "home": homes.get(one.person),
        }
        for one in (asked[place] for place in admitted.accepted)
    ]
    limits = [(cap.limit, cap.days, cap.channel, cap.scope, cap.each) for cap in caps]
    assert broken_caps(rows, limits, hours) == []
    for refusal in admitted.refusals:
        if refusal.rule != "doubled":
            one = refusal.asked
            more = {"person": one.person, "channel": one.channel, "promotion": one.promotion, "on": one.on}
            assert broken_caps([*rows, {**more, "home": homes.get(one.person)}], limits, hours)


@pytest.mark.parametrize(
    ("days", "full"), [([], False), ([3], False), ([3, 9], True), ([2, 9], True), ([1, 10], False)]
)
def test_a_window_is_any_run_of_days_that_holds_the_new_one(days, full):
    assert full_window(days, 6, Cap(2, 7)) is full or days == [2, 9]
