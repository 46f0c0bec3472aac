"""A plan's life: approved, exported, settled, closed or cancelled; compared, overlapping, explained."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from campaigns.faults import RefusedError, UnreadyError
from campaigns.planning.caps import Cap
from campaigns.planning.comparing import compare, read_change
from campaigns.planning.composing import Wishes
from campaigns.planning.drafting import draft_plan
from campaigns.planning.explaining import explain_customer
from campaigns.planning.living import approve_plan, cancel_plan, close_plan, export_plan
from campaigns.planning.policy import ContactPolicy
from campaigns.planning.quiet import QuietTime
from campaigns.store import tables
from campaigns.store.coming_back import settle_from_touches
from campaigns.store.holds import HoldWish, holds, place_hold, release_hold
from campaigns.store.plan_life import events_of
from campaigns.store.plan_records import Reading, latest_run, read_records
from campaigns.store.plans import plan_of, stored_plan
from campaigns.store.policies import policy_history, policy_in_use, save_policy
from campaigns.store.settling import Outcome, places, settle
from campaigns.store.suggesting import answer_suggestion, suggestions_for
from campaigns.store.teams import clashes, clashes_avoided, owner_of, resolve_clash
from tests.planning.independent_checker import Checker
from tests.planning.test_drafting import START, at, on, put, small_company
from tests.planning.written_once import opened, written

EASY = ContactPolicy(hours_between=0, quiet=QuietTime(begins="00:00", ends="00:00", days=(), holidays=False))
BEFORE = START - timedelta(1)


@pytest.fixture(scope="session")
def company_file(tmp_path_factory, empty_sqlite):
    """A file with the small company in it: tests copy it, which is quicker than importing it each time."""
    return written(tmp_path_factory.mktemp("company") / "company.db", empty_sqlite, small_company)


@pytest.fixture
def company(company_file, tmp_path):
    with opened(company_file, tmp_path) as database:
        yield database


def drafting(database):
    draft_plan(database, starts_on=START, policy=EASY)


def exporting(database):
    approve_plan(database, 1, by="ada", today=BEFORE, old_scores=True)
    export_plan(database, 1, by="ada", today=BEFORE)


@pytest.fixture(scope="session")
def drafted_file(tmp_path_factory, company_file):
    return written(tmp_path_factory.mktemp("drafted") / "company.db", company_file, drafting)


@pytest.fixture(scope="session")
def exported_file(tmp_path_factory, drafted_file):
    return written(tmp_path_factory.mktemp("exported") / "company.db", drafted_file, exporting)


@pytest.fixture
def drafted(drafted_file, tmp_path):
    """The small company and its drafted plan."""
    with opened(drafted_file, tmp_path) as database:
        yield database, plan_of(database, 1)


@pytest.fixture
def exported(exported_file, tmp_path):
    """The small company and its exported plan."""
    with opened(exported_file, tmp_path) as database:
        yield database, plan_of(database, 1)


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=[pytest.mark.database, pytest.mark.slow])])
def company_on_both(request):
    """The small company on each database in turn; importing it anew, as PostgreSQL needs it, takes its time."""
    if request.param == "sqlite":
        return request.getfixturevalue("company")
    database = request.getfixturevalue("postgresql_database")
    small_company(database)
    return database


def approve(database, plan, **more):
    return approve_plan(database, plan.id, by="ada", today=BEFORE, old_scores=True, **more)


def ledger_of(database, plan):
    with database.reading() as session:
        return places(session, plan_id=plan.id)


def state_of(database, plan):
    with database.reading() as session:
        return stored_plan(session, plan.id).state


def test_a_plan_lives_from_draft_to_close(company_on_both):
    company = company_on_both
    plan = draft_plan(company, starts_on=START, policy=EASY)
    done = approve(company, plan)
    assert (done.reserved, done.refusals) == (3, ())
    assert {place.state for place in ledger_of(company, plan)} == {"reserved"}
    assert export_plan(company, plan.id, by="ada", today=BEFORE).committed == 3
    call = next(place for place in ledger_of(company, plan) if place.channel == "call")
    settle(company, [Outcome(call.id, "not reached")])
    put(
        company,
        "responses",
        {"customer_id": "C-2", "occurred_at": at(7), "kind": "order", "margin": 1000, "order_id": "O-9"},
    )
    result = close_plan(company, plan.id, by="ada")
    assert (result.whole.sent, result.whole.held_back, result.whole.responded) == (3, 0, 1)
    assert result.whole.forecast == pytest.approx(plan.expected_value)
    assert result.whole.extra is None
    assert "1 of 3 contacts were followed by an order" in result.words
    assert state_of(company, plan) == "closed"
    assert [event.event for event in events_of(company, plan.id)] == ["drafted", "approved", "exported", "closed"]
    checker = Checker(company.engine.url.render_as_string(hide_password=False), channels={"email", "call"})
    assert (
        checker.doubled()
        == checker.caps([(cap.limit, cap.days, cap.channel, cap.scope, cap.each) for cap in EASY.caps])
        == []
    )
    assert checker.persons({"email": "email", "call": "phone"}) == []


def test_what_changed_since_the_draft_is_refused_contact_by_contact(company_on_both):
    company = company_on_both
    plan = draft_plan(company, starts_on=START, policy=EASY)
    put(company, "responses", {"customer_id": "C-2", "occurred_at": at(-1), "kind": "opt_out", "channel": "email"})
    done = approve(company, plan)
    assert done.reserved == 2
    assert done.reasons == {"consent withdrawn": 1}
    (approved,) = [event for event in events_of(company, plan.id) if event.event == "approved"]
    assert approved.details["refusals"][0]["customer_id"] == "C-2"
    put(company, "responses", {"customer_id": "C-1", "occurred_at": at(-1), "kind": "complaint"})
    gone = export_plan(company, plan.id, by="ada", today=BEFORE)
    assert (gone.committed, [refusal.rule for refusal in gone.refusals]) == (0, ["complained", "complained"])
    assert {place.state for place in ledger_of(company, plan)} == {"released"}


def test_of_two_plans_for_the_same_people_the_second_gets_no_place(drafted):
    company, first = drafted
    second = draft_plan(company, starts_on=START, policy=EASY)
    assert approve(company, first).reserved == 3
    again = approve(company, second)
    assert again.reserved == 0
    assert len(again.refusals) == 3
    assert cancel_plan(company, first.id, by="ada", today=BEFORE) == 3
    third = draft_plan(company, starts_on=START, policy=EASY)
    assert approve(company, third).reserved == 3


def test_steps_in_the_wrong_order_are_refused_and_change_nothing(drafted):
    company, plan = drafted
    with pytest.raises(RefusedError, match="plan 1 is draft"):
        export_plan(company, plan.id, by="ada", today=BEFORE)
    with pytest.raises(UnreadyError, match="no plan 9"):
        approve_plan(company, 9, by="ada", today=BEFORE)
    approve(company, plan)
    with pytest.raises(RefusedError, match="plan 1 is approved"):
        approve(company, plan)
    with pytest.raises(RefusedError, match="one that is exported"):
        close_plan(company, plan.id, by="ada")


def test_old_scores_and_past_days_are_refused_before_anything_is_reserved(drafted):
    company, plan = drafted
    assert any(note.startswith("The scores are of") for note in plan.notes)
    with pytest.raises(RefusedError) as caught:
        approve_plan(company, plan.id, by="ada", today=on(20))
    assert [fault.column for fault in caught.value.faults] == ["plan", "scores"]
    assert ledger_of(company, plan) == []


def test_cancelling_an_exported_plan_gives_back_only_what_is_still_to_come(exported):
    company, plan = exported
    last = max(place.on for place in ledger_of(company, plan))
    assert cancel_plan(company, plan.id, by="ada", today=last) == 0
    assert state_of(company, plan) == "cancelled"


def test_touches_that_come_back_settle_what_was_exported(exported):
    company, plan = exported
    call = next(place for place in ledger_of(company, plan) if place.channel == "call")
    made = datetime(call.on.year, call.on.month, call.on.day, 10, tzinfo=UTC)
    touch = {"customer_id": "C-1", "occurred_at": made, "channel": "call", "kind": "call", "outcome": "not reached"}
    put(company, "touches", touch)
    assert settle_from_touches(company) == 1
    settled = next(place for place in ledger_of(company, plan) if place.channel == "call")
    assert (settled.state, settled.outcome, settled.keeps_place) == ("settled", "not reached", False)
    assert settle_from_touches(company) == 0


def test_notes_and_policy_version_are_kept_with_the_plan(company):
    saved = save_policy(company, EASY, by="ada", note="first", now=at(-2))
    plan = draft_plan(company, starts_on=START, policy=policy_in_use(company, {}))
    assert "Made with policy version 1, saved by ada on 2026-05-30." in plan.notes
    assert plan_of(company, plan.id) == plan
    with company.reading() as session:
        assert stored_plan(session, plan.id).policy_version == saved.id


def test_the_version_saved_last_holds_as_a_whole_until_the_word_is_given_back(company):
    assert policy_in_use(company, {"win_days": 3}).policy.win_days == 3
    save_policy(company, replace(EASY, win_days=9), by="ada")
    used = policy_in_use(company, {"win_days": 3})
    assert (used.policy.win_days, used.version) == (9, 1)
    assert "not looked at" in used.words
    save_policy(company, None, by="ben", note="back to the file")
    assert policy_in_use(company, {"win_days": 3}).policy.win_days == 3
    assert [one.saved_by for one in policy_history(company)] == ["ben", "ada"]
    with pytest.raises(RefusedError, match="who saves it"):
        save_policy(company, EASY, by=" ")


def hold_on(database, policy=EASY, **more):
    wish = HoldWish(**{"owner": "dana", "reason": "talks", "until": on(9), "customer_id": "C-1", **more})
    return place_hold(database, policy, wish, by="dana", today=BEFORE)


def test_a_hold_locks_is_limited_and_can_be_released(company_on_both):
    company = company_on_both
    assert {"C-1", "C-2"} == {one.customer_id for one in draft_plan(company, starts_on=START, policy=EASY).contacts}
    held = hold_on(company)
    plan = draft_plan(company, starts_on=START, policy=EASY)
    assert {one.customer_id for one in plan.contacts} == {"C-2"}
    told = explain_customer(company, "C-1")
    assert told.locks[0].reason == "held: talks"
    assert "dana gives them free, or the day is after 2026-06-10" in told.text
    with pytest.raises(RefusedError, match="1 holds already"):
        hold_on(company, replace(EASY, holds_per_owner=1), customer_id="C-2")
    release_hold(company, held.id, by="dana")
    assert holds(company, today=BEFORE) == ()
    assert {one.customer_id for one in draft_plan(company, starts_on=START, policy=EASY).contacts} == {"C-1", "C-2"}


def test_a_hold_without_reason_end_or_anybody_to_hold_names_every_fault(company):
    with pytest.raises(RefusedError) as caught:
        hold_on(company, reason=" ", until=on(400), customer_id="C-99")
    assert [fault.column for fault in caught.value.faults] == ["reason", "until", "customer"]
    assert holds(company) == ()


def test_what_locks_cost_is_told_and_the_contact_is_offered_to_the_owner(drafted):
    company, plan = drafted
    with company.reading() as session:
        views = stored_plan(session, plan.id).views
    (lock,) = views["locks"]
    assert (lock["owner"], lock["people"], lock["value"]) == ("dana", 2, pytest.approx(1.8))
    offered = suggestions_for(company, owner="dana")
    assert {(one.customer_id, one.promotion, one.channel) for one in offered} == {
        ("C-4", "spring", "email"),
        ("C-5", "spring", "email"),
    }
    answer_suggestion(company, offered[0].id, "taken up")
    assert suggestions_for(company, owner="dana")[0].state == "taken up"
    with pytest.raises(RefusedError, match="offered or taken up"):
        answer_suggestion(company, offered[0].id, "whatever")


def test_promotions_that_compete_for_the_same_people_are_named_with_the_cost(company):
    put(company, "promotions", {"promotion": "summer", "name": "Summer", "margin": 1500})
    plan = draft_plan(company, starts_on=START, policy=EASY)
    with company.reading() as session:
        (pair,) = stored_plan(session, plan.id).views["overlaps"]
    assert (pair["one"], pair["other"], pair["people"]) == ("spring", "summer", 2)
    # C-2 may only be mailed: the lesser offer's 0.05 x 15 - 0.1 is lost. C-1 loses it on the better touch point.
    assert pair["cost"] == pytest.approx((0.05 * 15 - 0.1) + (3.0 + 2.0 - (3.0 + 0.65)))


def test_a_hold_after_the_approval_is_a_clash_that_one_side_resolves(company_on_both):
    company = company_on_both
    plan = draft_plan(company, starts_on=START, policy=EASY)
    approve(company, plan)
    zone = Wishes(START).zone
    assert clashes(company, EASY, today=START, zone=zone) == ()
    hold_on(company)
    found = clashes(company, EASY, today=START, zone=zone)
    assert {clash.contact.customer_id for clash in found} == {"C-1"}
    assert all(clash.open for clash in found)
    resolve_clash(company, found[0].contact.reservation_id, "marketing yields", by="ada", now=at(0))
    resolve_clash(company, found[1].contact.reservation_id, "sales yields", by="dana", now=at(0))
    assert {clash.how for clash in clashes(company, EASY, today=START, zone=zone)} == {
        "marketing yields",
        "sales yields",
    }
    with pytest.raises(RefusedError, match="an open clash"):
        resolve_clash(company, found[0].contact.reservation_id, "sales yields", by="dana")
    assert export_plan(company, plan.id, by="ada", today=BEFORE).committed == 2
    (week,) = clashes_avoided(company, zone=zone)
    assert (week.week, week.held_back, week.resolved, week.avoided) == (START, 2, 2, 4)


def test_who_owns_a_customer_follows_deals_and_the_responsibility_table(company):
    zone = Wishes(START).zone
    assert owner_of(company, EASY, "C-4", today=START, zone=zone).owner == "dana"
    assert owner_of(company, EASY, "C-4", today=START, zone=zone).stage == "open deal"
    mine = owner_of(company, EASY, "C-1", today=START, zone=zone)
    assert (mine.team, mine.stage) == ("marketing", "customer")
    teams = replace(EASY, teams={**EASY.teams, "open deal": "both"})
    assert owner_of(company, teams, "C-4", today=START, zone=zone).team == "marketing"


def records_of(database, policy=EASY):
    with database.reading() as session:
        run = latest_run(session)
    return read_records(database, Reading(run, policy, START, Wishes(START).zone))


def test_what_if_is_told_side_by_side_with_who_gains_and_who_loses(company):
    rows = [{"resource": "agent-hours", "date": on(day), "limit": 0.1} for day in range(7)]
    put(company, "capacities", *rows)
    changes = [read_change(text) for text in ("budget -50%", "agents +1", "cap email 0")]
    compared = compare(records_of(company), EASY, Wishes(START), changes)
    base, budget, agents, cap = compared.sides
    assert (base.contacts, base.name) == (3, "as it is")
    assert budget.cost <= base.cost / 2 + 1e-9
    assert budget.value < base.value
    assert agents.value == pytest.approx(base.value)
    assert cap.channels == {"call": 1}
    assert (cap.gained, cap.lost) == (0, 1)
    assert {shift.customer_id for shift in cap.losers} == {"C-1", "C-2"}


@pytest.mark.parametrize("text", ["more of everything", "budget"])
def test_a_change_that_cannot_be_read_is_refused(text):
    with pytest.raises(RefusedError, match="agents \\+1"):
        read_change(text)


def test_a_change_that_nothing_answers_to_is_refused_by_name(company):
    changes = [read_change("vans +1"), read_change("cap fax 3")]
    records = records_of(company)
    with pytest.raises(RefusedError) as caught:
        compare(records, EASY, Wishes(START), changes)
    assert len(caught.value.faults) == 2


def test_an_explanation_is_kept_for_good_and_says_what_would_turn_it_round(drafted):
    company, plan = drafted
    put(company, "promotions", {"promotion": "spring", "name": "Spring", "margin": 900, "source": "promotions"})
    told = explain_customer(company, "C-1", plan.id)
    assert told.chosen[0].margin == 20.0
    assert "stays as long as an extra order earns at least 5.00 (now 20.00)" in told.chosen[0].flip
    assert "-0.00" not in told.text
    refused = explain_customer(company, "C-3", plan.id)
    assert refused.smallest_change is not None
    assert refused.smallest_change.flip == "It would be made if they consent to it again."
    call = next(option for option in refused.options if option.channel == "call")
    assert call.flip == "It would be made if an extra order earned more than 20.00 (now 20.00)."
    with company.transaction() as session:
        assert session.exec(select(tables.PlanVerdicts)).first() is not None


def test_with_nobody_to_contact_the_plan_says_so(company):
    policy = replace(EASY, caps=(Cap(0, 7),))
    plan = draft_plan(company, starts_on=START, policy=policy)
    assert plan.notes[0] == "No customer may be contacted on these days: see what left them out."
    with pytest.raises(RefusedError, match="no contacts"):
        approve(company, plan)
