"""Quiet time, hours between contacts, purposes of consent, caps per promotion, further locks, what contradicts."""

from dataclasses import replace
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from campaigns.faults import SettingsError
from campaigns.planning.caps import Cap
from campaigns.planning.handover import Lead, business_hours, due_at, steps_due
from campaigns.planning.policy import ContactPolicy
from campaigns.planning.quiet import Place, QuietTime, decent_hours, holiday_of
from campaigns.planning.responsibility import DEFAULT_TEAMS, HandoverRules
from campaigns.planning.soundness import check_policy, examine, policy_findings, stale_note

EVERY = [0, 1, 2, 3, 4, 5, 6]
CALL = {"channel": "call", "plannable": True, "consent": "phone", "unit_cost": 0.1}
EMAIL = {"channel": "email", "plannable": True, "consent": "email", "unit_cost": 0.1}
BERLIN = ZoneInfo("Europe/Berlin")


def test_nobody_is_called_on_a_quiet_day_or_on_a_holiday_where_they_live(market):
    people = [market.person(1, country="DE"), market.person(2, country="TR")]
    policy = ContactPolicy(hours_between=0)
    planned = market.planned(market.records(persons=people, channels=[CALL]), policy)
    # 2026-06-07 is a Sunday; Thursday 2026-06-04 is a holiday in parts of Germany only
    assert planned.open_days == [[0, 1, 2, 3, 4, 5]] * 2
    bavarian = market.records(persons=[market.person(1, country="DE", region="BY")], channels=[CALL])
    assert market.planned(bavarian, policy).open_days == [[0, 1, 2, 4, 5]]


def test_a_letter_or_an_e_mail_waits_until_it_is_opened(market):
    assert market.planned(market.records(channels=[EMAIL]), ContactPolicy(hours_between=0)).open_days == [EVERY]


def test_where_our_office_hours_are_their_night_nobody_is_called(market):
    people = [market.person(1, time_zone="Pacific/Honolulu"), market.person(2, time_zone="Europe/Lisbon")]
    policy = replace(market.at_ease, quiet=QuietTime(days=(), holidays=False))
    planned = market.planned(market.records(persons=people, channels=[CALL]), policy, zone="Europe/Berlin")
    assert planned.verdicts == ["quiet", "open"]


def test_the_decent_hours_are_those_when_the_office_is_open_and_they_are_awake():
    quiet = QuietTime(days=(), holidays=False)
    hours = decent_hours(quiet, "call", Place("America/New_York"), date(2026, 6, 1), "Europe/Berlin")
    assert hours == (datetime(2026, 6, 1, 13, tzinfo=UTC), datetime(2026, 6, 1, 16, tzinfo=UTC))
    assert holiday_of("TR", "", date(2026, 4, 23)) is not None
    assert holiday_of("XX", "", date(2026, 4, 23)) is None


def test_hours_between_contacts_are_counted_from_the_moment_of_the_last_one(market):
    late = {"person": 1, "channel": "email", "promotion": None, "occurred_at": market.at(-1, hour=22)}
    early = {**late, "occurred_at": market.at(-1, hour=8)}
    policy = replace(market.at_ease, hours_between=12, quiet=QuietTime(ends="09:00", days=(), holidays=False))
    assert market.planned(market.records(contacts=[late]), policy).open_days == [[1, 2, 3, 4, 5, 6]]
    assert market.planned(market.records(contacts=[early]), policy).open_days == [EVERY]
    day_apart = replace(policy, hours_between=48)
    assert market.planned(market.records(contacts=[late]), day_apart).open_days == [[2, 3, 4, 5, 6]]
    assert "too_soon" in market.planned(market.records(contacts=[late]), day_apart, days=1).verdicts


def test_two_contacts_of_a_plan_stay_as_far_apart_as_the_policy_says(market):
    read = market.records(channels=[CALL, EMAIL])
    chosen = market.planned(read, replace(market.at_ease, caps=(), hours_between=72)).chosen
    days = sorted(contact[3] for contact in chosen)
    assert len(days) == 2
    assert days[1] - days[0] >= 3


def test_a_cap_per_promotion_leaves_other_promotions_alone(market):
    rows = [{"promotion": "spring", "margin": 20.0}, {"promotion": "summer", "margin": 20.0}]
    heard = {"person": 1, "channel": "call", "promotion": "spring", "occurred_at": market.at(-2)}
    policy = replace(market.at_ease, caps=(Cap(1, 30, each="promotion"),))
    planned = market.planned(market.records(promotions=rows, contacts=[heard]), policy)
    assert planned.verdicts == ["promotion_cap", "open"]
    assert policy.caps[0].words == "at most 1 contact about the same promotion per person in any 30 days"


def service(market, **more):
    return market.records(promotions=[{"promotion": "news", "kind": "relationship", "margin": 20.0}], **more)


@pytest.mark.parametrize("table", ["complaints", "open_cases"])
def test_service_may_speak_after_a_complaint_or_with_an_open_case_where_the_policy_says_so(market, table):
    rows = [{"person": 1, "occurred_at": market.at(-1)}] if table == "complaints" else [{"person": 1}]
    assert market.planned(service(market, **{table: rows})).verdicts != ["open"]
    policy = replace(market.at_ease, relationship_is="service")
    assert market.planned(service(market, **{table: rows}), policy).verdicts == ["open"]


def test_consent_may_be_given_for_service_and_not_for_marketing(market):
    people = [market.person(number, consent_email=None) for number in (1, 2, 3)]
    people[2]["consent_email"] = "no"
    given = [{"person": number, "consent": "email", "written": "yes"} for number in (1, 3)]
    policy = replace(market.at_ease, relationship_is="service")
    planned = market.planned(service(market, persons=people, purposes=given), policy)
    assert planned.verdicts == ["open", "consent_missing", "consent_withdrawn"]
    assert market.planned(market.records(persons=people, purposes=given), policy).verdicts[0] == "consent_missing"


@pytest.mark.parametrize(
    ("table", "row", "days"),
    [
        ("holds", {"reason": "talks", "starts_on": -3, "until": 2}, [3, 4, 5, 6]),
        ("renewals", {"on": 3}, [4, 5, 6]),
    ],
)
def test_holds_and_renewals_lock_until_their_day(market, table, row, days):
    row = {name: market.on(value) if isinstance(value, int) else value for name, value in row.items()}
    planned = market.planned(market.records(**{table: [{"person": 1, "owner": "dana", **row}]}))
    assert planned.open_days == [days]


def test_who_was_handed_to_sales_is_locked_for_the_days_set(market):
    handed = [{"person": 1, "owner": "dana", "handed_at": market.at(-12)}]
    assert market.planned(market.records(handovers=handed)).open_days == [[2, 3, 4, 5, 6]]


def test_locks_follow_the_responsibility_table(market):
    deal = {"person": 1, "owner": "dana", "stage": "open", "opened_on": market.at(-9)}
    policy = replace(market.at_ease, teams={**DEFAULT_TEAMS, "open deal": "both", "prospect": "sales"})
    assert market.planned(market.records(opportunities=[deal]), policy).verdicts == ["open"]
    stage = [{"person": 1, "stage": "prospect"}]
    assert market.planned(market.records(stages=stage), policy).verdicts == ["open"]
    owned = market.records(persons=[market.person(1, owner="dana")], stages=stage)
    assert market.planned(owned, policy).verdicts == ["sales_lock"]


RULES = HandoverRules(country="DE", managers={"dana": "max"})


def friday(hour, minute=0):
    return datetime(2026, 5, 22, hour, minute, tzinfo=BERLIN)


def test_the_clock_of_a_lead_runs_in_business_hours_only():
    # Saturday and Sunday do not count, nor does Whit Monday, 25 May 2026
    assert due_at(RULES, friday(15), 8, BERLIN) == datetime(2026, 5, 26, 15, tzinfo=BERLIN)
    assert business_hours(RULES, friday(15), datetime(2026, 5, 26, 15, tzinfo=BERLIN), BERLIN) == 8
    assert business_hours(RULES, friday(15), friday(14), BERLIN) == 0
    assert due_at(RULES, friday(5), 1, BERLIN) == friday(10)


def test_the_clock_alerts_owner_then_manager_then_offers_back_but_never_from_an_open_deal():
    lead = Lead("handover:1", "C-1", None, "dana", friday(9))
    steps = lambda day, one=lead: [step.to for step in steps_due(RULES, one, day, BERLIN)]  # noqa: E731
    assert steps(friday(16)) == []
    assert steps(friday(17)) == ["dana"]
    assert steps(datetime(2026, 5, 26, 17, tzinfo=BERLIN)) == ["dana", "max"]
    late = datetime(2026, 5, 27, 17, tzinfo=BERLIN)
    assert steps(late) == ["dana", "max", "marketing"]
    assert steps(late, replace(lead, has_open_deal=True)) == ["dana", "max"]
    assert steps(late, replace(lead, followed_up_at=friday(10))) == []


def test_rules_that_contradict_one_another_are_all_named():
    policy = ContactPolicy(
        caps=(Cap(2, 2, "email"),), hours_between=96, quiet=QuietTime(begins="09:00", ends="18:00", days=())
    )
    found = policy_findings(policy)
    assert [fault.column for fault in found.stops] == ["policy.quiet", "policy.caps[1]"]
    with pytest.raises(SettingsError) as caught:
        ContactPolicy.from_mapping(
            {"quiet": {"begins": "25:00", "day": 1}, "teams": {"friend": "us"}, "hours_between": -1}
        )
    assert len(caught.value.faults) == 4
    assert check_policy(ContactPolicy()) == ()


def test_a_limit_that_never_matters_is_a_caution():
    assert "never matters" in check_policy(ContactPolicy(caps=(Cap(3, 7), Cap(2, 30))))[0]


def test_what_is_wrong_with_the_offers_is_named_before_anything_is_planned(market):
    rows = [
        {"promotion": "a", "margin": 20.0, "starts_on": market.on(3), "ends_on": market.on(1)},
        {"promotion": "b", "margin": 20.0, "not_after": "c"},
        {"promotion": "c", "margin": float("nan"), "not_after": "b", "excludes": "c"},
        {"promotion": "d", "margin": 5.0, "discount": 5.0, "channels": "fax"},
        {"promotion": "e"},
        {"promotion": "f", "margin": 20.0, "channels": "email"},
    ]
    read = market.records(
        promotions=rows,
        capacities=[{"resource": "agent-hours", "date": market.on(1), "limit": 0.0}],
        scores=[{"person": 1, "channel": "email", "extra_responses": float("nan"), "recent_touches": 0}],
        order_value=50.0,
    )
    found = examine(read, ContactPolicy(caps=(Cap(0, 7, "email"),)), market.wishes)
    assert [fault.column for fault in found.stops] == [
        "promotions.ends_on",
        "promotions.margin",
        "scores",
        "promotions.not_after",
        "promotions.excludes",
        "policy.caps",
    ]
    told = " ".join(found.cautions)
    for words in (
        "d earns nothing",
        "e has no margin",
        "agent-hours is 0",
        "d reaches nobody",
        "1 scores are not numbers",
    ):
        assert words in told


def test_scores_older_than_the_newest_import_are_called_so():
    scored, imported = datetime(2026, 6, 1, tzinfo=UTC), datetime(2026, 6, 2, tzinfo=UTC)
    assert "older than the newest import" in stale_note(scored, imported)
    assert stale_note(imported, scored) is None
    assert stale_note(None, imported) is None
