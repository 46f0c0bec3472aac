"""Random companies, and a checker that knows nothing of masks: it reads the records and the list of contacts."""

from __future__ import annotations

from collections import Counter
from datetime import timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.planning.caps import Cap, Resource
from campaigns.planning.planner import upper_bound
from campaigns.planning.policy import ContactPolicy

PEOPLE = range(1, 7)
NEEDS = {"email": "email", "call": "phone", "push": "none"}
OFFERS = ("alpha", "beta", "gamma")
OWN = {"alpha": ("email", "email|push"), "beta": ("call", "call|email"), "gamma": ("push", "push|call")}
PRODUCTS = ("kettle", "mug")
DAYS = 7

who = st.sampled_from(PEOPLE)
when = st.integers(-20, 6)
maybe_offer = st.none() | st.sampled_from((*OFFERS, "old"))
yes_no = st.sampled_from(["yes", "yes", "yes", "no", None])
account = st.sampled_from([None, "A", "B"])
policies = st.builds(
    ContactPolicy,
    caps=st.lists(
        st.builds(
            Cap,
            limit=st.integers(0, 3),
            days=st.integers(1, 20),
            channel=st.sampled_from([None, "email", "call"]),
            scope=st.sampled_from(["person", "household"]),
        ),
        max_size=3,
        unique_by=lambda cap: (cap.days, cap.channel, cap.scope),
    ).map(tuple),
    consent_presumed=st.sampled_from([(), ("phone",)]),
    complaint_days=st.integers(0, 40),
    declined_days=st.integers(0, 40),
    bought_days=st.integers(0, 40),
    returned_days=st.integers(0, 40),
    exclusion_days=st.integers(63, 80),
    lock_scope=st.sampled_from(["person", "account"]),
    deal_days=st.integers(0, 40),
    overdue_days=st.integers(0, 10),
    win_days=st.integers(0, 40),
    activity_days=st.integers(0, 10),
    booked_days=st.integers(0, 5),
    resources=st.just((Resource("agent-hours", "call", 0.5),)),
)


def few(rows, most=2):
    return st.lists(rows, max_size=most)


@st.composite
def companies(draw, market):
    day, moment = market.on, market.at
    happened = st.fixed_dictionaries({"person": who, "occurred_at": when.map(moment)})
    about = st.fixed_dictionaries(
        {"person": who, "occurred_at": when.map(moment), "product": st.sampled_from(PRODUCTS)}
    )
    deal = st.fixed_dictionaries(
        {
            "person": st.none() | who,
            "account_id": account,
            "owner": st.just("dana"),
            "stage": st.sampled_from(["open", "won", "lost"]),
            "opened_on": st.integers(-40, -1).map(moment),
            "closed_on": st.none() | st.integers(-20, -1).map(moment),
            "expected_close_on": st.none() | st.integers(-20, 5).map(day),
        }
    )
    talk = st.fixed_dictionaries(
        {
            "person": st.none() | who,
            "account_id": account,
            "owner": st.just("dana"),
            "kind": st.just("call"),
            "occurred_at": when.map(moment),
        }
    )
    contact = {"person": who, "channel": st.sampled_from(list(NEEDS)), "promotion": maybe_offer}
    persons = [
        market.person(
            number,
            household_id=draw(st.sampled_from([None, "H", "I"])),
            account_id=draw(account),
            consent_email=draw(yes_no),
            consent_phone=draw(yes_no),
            customer_id=draw(st.sampled_from([f"C-{number}"] * 5 + [None])),
        )
        for number in PEOPLE
    ]
    promotions = [
        {
            "promotion": name,
            "margin": draw(st.sampled_from([5.0, 20.0, 40.0])),
            "discount": draw(st.sampled_from([None, 4.0])),
            "product": draw(st.sampled_from([None, *PRODUCTS])),
            "starts_on": draw(st.none() | st.integers(-9, 9).map(day)),
            "ends_on": draw(st.none() | st.integers(0, 9).map(day)),
            "channels": draw(st.sampled_from([None, *OWN[name]])),
            "excludes": draw(st.sampled_from([None, "beta", "old|alpha"])),
            "not_after": draw(st.sampled_from([None, "alpha", "old"])),
        }
        for name in OFFERS
    ]
    scores = [
        {"person": number, "channel": channel, "extra_responses": draw(st.integers(-1, 9)) / 40, "recent_touches": 0}
        for number in PEOPLE
        for channel in NEEDS
        if draw(st.integers(0, 5))
    ]
    return market.records(
        persons=persons,
        channels=[
            {"channel": channel, "plannable": True, "consent": consent, "unit_cost": cost}
            for (channel, consent), cost in zip(NEEDS.items(), (0.0, 1.0, 0.1), strict=True)
        ],
        promotions=promotions,
        scores=scores,
        contacts=draw(few(st.fixed_dictionaries({**contact, "occurred_at": st.integers(-90, 6).map(moment)}), 8)),
        promised=draw(few(st.fixed_dictionaries({**contact, "on": when.map(day)}), 4)),
        opt_outs=draw(
            few(st.fixed_dictionaries({"person": who, "channel": st.sampled_from(["email", "call", None])}), 1)
        ),
        suppressions=draw(few(st.fixed_dictionaries({"person": who, "until": st.none() | when.map(day)}), 1)),
        complaints=draw(few(happened)),
        declines=draw(
            few(
                st.fixed_dictionaries(
                    {
                        "person": who,
                        "occurred_at": when.map(moment),
                        "promotion": maybe_offer,
                        "product": st.none() | st.sampled_from(PRODUCTS),
                    }
                )
            )
        ),
        purchases=draw(few(about)),
        returns=draw(few(about)),
        open_cases=draw(few(st.fixed_dictionaries({"person": who}), 1)),
        opportunities=draw(few(deal)),
        activities=draw(few(talk)),
        capacities=draw(
            few(
                st.fixed_dictionaries(
                    {
                        "resource": st.sampled_from(["agent-hours", "email"]),
                        "date": st.integers(0, 6).map(day),
                        "limit": st.integers(0, 3).map(float),
                    }
                ),
                4,
            )
        ),
        order_value=50.0,
    )


def complaints_about(records, policy, plan, market) -> list[str]:
    """Return every broken rule of a list of contacts (person, offer, touch point, day)."""
    rows = {
        name: getattr(records, name).to_pylist()
        for name in records.__dataclass_fields__
        if not name.startswith("order_") and getattr(records, name) is not None
    }
    people = {row["person"]: row for row in rows["persons"]}
    offers = {row["promotion"]: row for row in rows["promotions"]}
    count = lambda day: (day - market.start).days  # noqa: E731
    made = {(row["person"], row["channel"], count(row["occurred_at"].date())): 0 for row in rows["contacts"]}
    known = [
        (row["person"], row["promotion"], row["channel"], count(row["occurred_at"].date())) for row in rows["contacts"]
    ]
    known += [
        (row["person"], row["promotion"], row["channel"], count(row["on"]))
        for row in rows["promised"]
        if (row["person"], row["channel"], count(row["on"])) not in made
    ]
    broken = []
    for person, offer, channel, day in plan:
        on = market.start + timedelta(days=day)
        of = lambda name, person=person: [row for row in rows[name] if row["person"] == person]  # noqa: E731
        since = lambda row, day=day: day - count(row["occurred_at"].date())  # noqa: E731
        told = offers.get(offer) or {}
        if people[person]["customer_id"] is None:
            broken.append("no customer number")
        if any(row["until"] is None or on <= row["until"] for row in of("suppressions")):
            broken.append("suppressed")
        kind = NEEDS[channel]
        if kind != "none":
            said = people[person][f"consent_{kind}"]
            if said == "no" or (said is None and kind not in policy.consent_presumed):
                broken.append("consent")
            if any(row["channel"] in (channel, None) for row in of("opt_outs")):
                broken.append("opted out")
        if any(0 <= since(row) < policy.complaint_days for row in of("complaints")):
            broken.append("complained")
        if of("open_cases"):
            broken.append("open case")
        if told.get("channels") and channel not in told["channels"].split("|"):
            broken.append("touch point not allowed")
        if (told.get("starts_on") and on < told["starts_on"]) or (told.get("ends_on") and on > told["ends_on"]):
            broken.append("not running")
        for table, days in (("purchases", policy.bought_days), ("returns", policy.returned_days)):
            if any(told.get("product") == row["product"] and 0 <= since(row) < days for row in of(table)):
                broken.append(table)
        for row in of("declines"):
            same = (offer is not None and row["promotion"] == offer) or (
                row["product"] is not None and row["product"] == told.get("product")
            )
            if same and 0 <= since(row) < policy.declined_days:
                broken.append("declined")
        broken += _locked(rows, people, policy, person, day, count)
        beside = [entry for entry in [*known, *plan] if entry[0] == person and entry != (person, offer, channel, day)]
        for _, other, _, its_day in beside:
            if abs(day - its_day) >= policy.exclusion_days or other is None or offer is None:
                continue
            if other in (told.get("excludes") or "").split("|") or offer in (
                offers.get(other, {}).get("excludes") or ""
            ).split("|"):
                broken.append(f"{offer} and {other} exclude one another")
            if told.get("not_after") == other and its_day <= day:
                broken.append(f"{offer} after {other}")
    for cap in policy.caps:
        broken += _overfull(cap, people, known, plan)
    return broken


def _locked(rows, people, policy, person, day, count):
    account_of = {number: row["account_id"] for number, row in people.items()}
    for row in [*rows["opportunities"], *rows["activities"]]:
        account = row["account_id"]
        if account is None and row["person"] is not None and policy.lock_scope == "account":
            account = account_of[row["person"]]
        if not (row["person"] == person or (account is not None and account == account_of[person])):
            continue
        if "stage" not in row:
            talk = count(row["occurred_at"].date())
            first = talk - policy.booked_days if talk >= 0 else talk
            last = talk + policy.activity_days - 1
            last = max(last, talk) if talk >= 0 else last
        elif row["stage"] == "open":
            first = count(row["opened_on"].date())
            due = row["expected_close_on"]
            last = first + policy.deal_days - 1 if due is None else count(due) + policy.overdue_days
        elif row["stage"] == "won":
            first = count((row["closed_on"] or row["opened_on"]).date())
            last = first + policy.win_days - 1
        else:
            continue
        if first <= day <= last:
            yield "sales lock"


def _overfull(cap, people, known, plan):
    def home(person):
        return (people[person]["household_id"] or person) if cap.scope == "household" else person

    counted = [(home(row[0]), row[-1]) for row in known if cap.channel in (None, row[2])]
    added = [(home(row[0]), row[-1]) for row in plan if cap.channel in (None, row[2])]
    for group, day in added:
        for first in range(day - cap.days + 1, day + 1):
            inside = sum(own == group and first <= its_day < first + cap.days for own, its_day in [*counted, *added])
            if inside > cap.limit:
                yield f"cap of {cap}: {inside} from day {first}"


plans = given(data=st.data(), policy=policies, limit=st.none() | st.integers(1, 8), seed=st.integers(0, 3))


@settings(max_examples=30, deadline=None)
@plans
def test_no_plan_breaks_a_rule_and_every_candidate_is_accounted_for(market, data, policy, limit, seed):
    hold_to_every_rule(market, data, policy, limit, seed)


@pytest.mark.slow
@settings(max_examples=400, deadline=None)
@plans
def test_of_hundreds_of_plans_none_breaks_a_rule(market, data, policy, limit, seed):
    hold_to_every_rule(market, data, policy, limit, seed)


def hold_to_every_rule(market, data, policy, limit, seed):
    records = data.draw(companies(market))
    planned = market.planned(records, policy, days=DAYS, limit=limit, seed=seed)
    plan = planned.chosen
    assert complaints_about(records, policy, plan, market) == []
    assert max(Counter((row[0], row[2]) for row in plan).values(), default=0) <= 1
    assert limit is None or len(plan) <= limit
    for name, channel, use in (("agent-hours", "call", 0.5), ("email", "email", 1.0)):
        rows = [row for row in records.capacities.to_pylist() if row["resource"] == name]
        for day in range(DAYS):
            ours = sum(row[2] == channel and row[3] == day for row in plan)
            there = sum(row["limit"] for row in rows if row["date"] == market.on(day))
            assert not rows or not ours or ours * use <= there + 1e-6
    assert sum(planned.solution.withheld().values()) + len(plan) == len(planned.candidates)
    assert planned.value <= upper_bound(planned.problem) + 1e-9 * max(1.0, planned.value)
    assert market.planned(records, policy, days=DAYS, limit=limit, seed=seed).chosen == plan
