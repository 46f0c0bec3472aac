"""The whole way on both databases: imported rows in, a stored plan and its explanation out."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path

import pyarrow as pa
import pytest
from sqlmodel import select

from campaigns.faults import RefusedError, TouchstoneError, UnreadyError
from campaigns.intake.checking import schema_of
from campaigns.intake.formats import KINDS
from campaigns.planning.caps import Cap
from campaigns.planning.drafting import draft_plan
from campaigns.planning.explaining import explain_customer
from campaigns.planning.policy import ContactPolicy
from campaigns.store import tables
from campaigns.store.loading import load
from campaigns.store.plans import latest_plan, plan_of

START = date(2026, 6, 1)
CONSENTS = {f"consent_{name}": "yes" for name in ("email", "phone", "sms", "mail", "ads")}


def at(day: int) -> datetime:
    return datetime(2026, 6, 1, 12, tzinfo=UTC) + timedelta(days=day)


def on(day: int) -> date:
    return START + timedelta(days=day)


def put(database, kind, *rows):
    rows = [{"source": kind, **row} for row in rows]
    table = pa.Table.from_pylist(rows, schema=schema_of(KINDS[kind]))
    load(database, KINDS[kind], table, path=Path(f"{kind}.csv"), digest=f"{kind}{rows}"[:60])


def customer(name, **more):
    return {"customer_id": name, **CONSENTS, **more}


def people(database):
    with database.reading() as session:
        found = session.exec(select(tables.Identity).where(tables.Identity.kind == "customer"))
        return {row.value: row.person_id for row in found}


def publish(database, scores):
    """Keep a published run with scores by (customer, channel)."""
    number = people(database)
    with database.transaction() as session:
        run = tables.Run(
            goal="order", state="published", requested_at=at(-1), finished_at=at(-1), verdict="pass", currency="EUR"
        )
        session.add(run)
        session.flush()
        for (name, channel), extra in scores.items():
            session.add(
                tables.Score(
                    run_id=run.id, person_id=number[name], channel=channel, extra_responses=extra, recent_touches=0
                )
            )
    return run.id


def small_company(database):
    put(
        database,
        "customers",
        customer("C-1", email="ada@example.com", household_id="H"),
        customer("C-2", household_id="H"),
        customer("C-3", consent_email="no"),
        customer("C-4", account_id="A"),
        customer("C-5", account_id="A"),
        customer("C-6", email="press@example.com"),
        customer("C-7"),
        customer("C-8", email="Press@Example.com "),
    )
    put(
        database,
        "promotions",
        {
            "promotion": "spring",
            "name": "Spring",
            "margin": 2500,
            "discount": 500,
            "product": "P-1",
            "response_code": "SPR",
        },
        {"promotion": "over", "name": "Over", "margin": 9900, "ends_on": on(-1)},
    )
    put(
        database,
        "touches",
        {"customer_id": "C-1", "occurred_at": at(-12), "channel": "email", "kind": "send"},
        {"customer_id": "C-1", "occurred_at": at(-2), "channel": "email", "kind": "open"},
        {"customer_id": "C-1", "occurred_at": at(-3), "channel": "call", "kind": "call", "outcome": "not reached"},
        {"customer_id": "C-2", "occurred_at": at(-3), "channel": "call", "kind": "ghost"},
    )
    put(
        database,
        "channels",
        {"channel": "email", "unit_cost": 10, "plannable": "yes", "consent": "email", "addressable": "yes"},
        {"channel": "call", "unit_cost": 100, "plannable": "yes", "consent": "phone", "addressable": "yes"},
    )
    put(
        database,
        "opportunities",
        {"opportunity_id": "D-1", "owner": "dana", "stage": "open", "opened_on": at(-9), "account_id": "A"},
    )
    put(
        database,
        "suppressions",
        {"identifier_kind": "email", "identifier": "press@example.com", "reason": "press"},
    )
    put(
        database,
        "responses",
        {"customer_id": "C-7", "occurred_at": at(-5), "kind": "decline", "response_code": "SPR"},
        {
            "customer_id": "C-1",
            "occurred_at": at(-50),
            "kind": "order",
            "value": 8000,
            "margin": 3000,
            "order_id": "O-1",
        },
    )
    names = [f"C-{number}" for number in range(1, 9)]
    return publish(
        database, {(name, channel): 0.05 for name in names for channel in ("email", "call")} | {("C-1", "call"): 0.2}
    )


@pytest.fixture
def company(sqlite_database):
    small_company(sqlite_database)
    return sqlite_database


@pytest.fixture
def company_on_both(database):
    small_company(database)
    return database


def test_a_plan_without_a_published_run_says_what_to_do(sqlite_database):
    with pytest.raises(UnreadyError, match="touchstone fit"):
        draft_plan(sqlite_database, starts_on=START)


def test_a_plan_without_any_score_says_what_to_do(sqlite_database):
    put(sqlite_database, "customers", customer("C-1"))
    put(sqlite_database, "promotions", {"promotion": "spring", "name": "Spring", "margin": 2500})
    publish(sqlite_database, {})
    with pytest.raises(UnreadyError, match="nobody to plan for"):
        draft_plan(sqlite_database, starts_on=START)


def test_a_plan_of_no_days_or_no_contacts_is_refused_with_both_faults(sqlite_database):
    with pytest.raises(RefusedError) as caught:
        draft_plan(sqlite_database, starts_on=START, days=0, limit=0)
    assert [fault.column for fault in caught.value.faults] == ["days", "limit"]


def test_a_plan_keeps_to_what_was_imported_and_counts_who_was_left_out(company_on_both):
    plan = draft_plan(company_on_both, starts_on=START)
    chosen = {(contact.customer_id, contact.channel) for contact in plan.contacts}
    # C-2 was held back from a call: that counts as one. C-3 said no to e-mail, and a call would only earn its cost.
    # C-4 and C-5 are being talked to by sales, C-6 and C-8 share a suppressed address, C-7 declined.
    assert chosen == {("C-1", "call"), ("C-1", "email"), ("C-2", "email")}
    assert plan.withheld == {
        "on the list of people never to contact": 4,
        "consent withdrawn": 1,
        "sales is handling this": 4,
        "declined this offer or product": 2,
        "contacted often enough through this touch point": 1,
        "would not earn more than it costs": 1,
    }
    assert plan.expected_value == pytest.approx((0.2 * 20 - 1) + 2 * (0.05 * 20 - 0.1))


def test_every_contact_says_why_in_words(company):
    plan = draft_plan(company, starts_on=START)
    reasons = {(contact.customer_id, contact.channel): contact.reason for contact in plan.contacts}
    assert (
        reasons["C-1", "email"]
        == "about 5.0 extra orders per 100 such contacts; last e-mail 12 days ago; consent given"
    )
    assert (
        reasons["C-1", "call"]
        == "about 20.0 extra orders per 100 such contacts; no call in the last 90 days; consent given"
    )


def test_the_plan_is_kept_and_read_again_as_it_was(company):
    assert latest_plan(company) is None
    plan = draft_plan(company, starts_on=START, limit=2, seed=4)
    assert plan.id > 0
    assert plan_of(company, plan.id) == latest_plan(company) == plan
    assert plan_of(company, plan.id + 1) is None
    assert len(plan.contacts) == 2
    assert plan.gap == pytest.approx(1 - plan.expected_value / plan.bound)


def test_a_draft_does_not_stand_in_the_way_of_the_next_one_and_an_approved_plan_does(company_on_both):
    policy = ContactPolicy(caps=(Cap(1, 30, "call"),))
    first = draft_plan(company_on_both, starts_on=START, policy=policy)
    again = draft_plan(company_on_both, starts_on=START, policy=policy)
    assert again.contacts == first.contacts
    with company_on_both.transaction() as session:
        reserved = session.exec(select(tables.PlannedContact).where(tables.PlannedContact.plan_id == again.id)).all()
        session.add_all(
            tables.Reservation(
                plan_id=again.id,
                contact_id=row.id,
                person_id=row.person_id,
                customer_id=row.customer_id,
                channel=row.channel,
                on=row.on,
                asked_by="ada",
                reserved_at=at(0),
            )
            for row in reserved
        )
    later = draft_plan(company_on_both, starts_on=on(7), policy=policy)
    assert {contact.channel for contact in later.contacts} == {"email"}
    with company_on_both.transaction() as session:
        session.get(tables.Plan, later.id).state = "cancelled"
    assert latest_plan(company_on_both) == again


def test_an_opt_out_at_a_shared_address_holds_for_everybody_there(company_on_both):
    put(company_on_both, "customers", customer("C-9", email=" ADA@example.com"))
    put(
        company_on_both,
        "responses",
        {
            "identifier_kind": "email",
            "identifier": "ada@example.com",
            "occurred_at": at(-1),
            "kind": "opt_out",
            "channel": "email",
        },
    )
    publish(company_on_both, {(name, "email"): 0.1 for name in ("C-1", "C-2", "C-9")})
    plan = draft_plan(company_on_both, starts_on=START)
    assert [contact.customer_id for contact in plan.contacts] == ["C-2"]
    assert plan.withheld == {"consent withdrawn": 2}


def test_a_suppression_that_has_run_out_and_a_closed_case_stop_nothing(company):
    put(
        company,
        "suppressions",
        {"identifier_kind": "customer", "identifier": "C-1", "reason": "legal", "until": on(-1)},
    )
    put(
        company,
        "cases",
        {
            "customer_id": "C-1",
            "case_id": "S-1",
            "opened_at": at(-9),
            "closed_at": at(-2),
            "reason": "late",
            "state": "closed",
        },
        {"customer_id": "C-2", "case_id": "S-2", "opened_at": at(-9), "reason": "late", "state": "open"},
    )
    plan = draft_plan(company, starts_on=START)
    assert "C-1" in {contact.customer_id for contact in plan.contacts}
    assert "C-2" not in {contact.customer_id for contact in plan.contacts}
    assert plan.withheld["service is handling an open case"] == 2


def test_purchases_complaints_activities_and_capacities_are_read(company_on_both):
    put(
        company_on_both,
        "responses",
        {
            "customer_id": "C-1",
            "occurred_at": at(-5),
            "kind": "order",
            "product": "P-1",
            "order_id": "O-2",
            "value": 100,
        },
        {"customer_id": "C-2", "occurred_at": at(-5), "kind": "complaint"},
    )
    put(
        company_on_both,
        "sales_activities",
        {"customer_id": "C-3", "owner": "dana", "kind": "visit", "occurred_at": at(2)},
    )
    plan = draft_plan(company_on_both, starts_on=START)
    assert plan.contacts == ()
    assert {reason: plan.withheld[reason] for reason in ("bought the product already", "complained recently")} == {
        "bought the product already": 2,
        "complained recently": 2,
    }
    assert plan.withheld["sales is handling this"] == 5


def test_capacities_show_in_the_plan_with_what_is_used(company):
    put(company, "capacities", *({"resource": "agent-hours", "date": on(day), "limit": 0.1} for day in range(2)))
    plan = draft_plan(company, starts_on=START)
    (hours,) = [item for item in plan.constraints if item.name == "agent-hours"]
    assert (hours.limit, hours.used, hours.price) == (pytest.approx(0.2), pytest.approx(0.1), 0.0)


def test_the_zone_decides_on_which_day_something_happened(sqlite_database):
    from zoneinfo import ZoneInfo

    small_company(sqlite_database)
    put(
        sqlite_database,
        "responses",
        {"customer_id": "C-1", "occurred_at": datetime(2026, 5, 31, 23, tzinfo=UTC), "kind": "complaint"},
    )
    policy = ContactPolicy(complaint_days=7)
    for zone, free in ((None, {on(6)}), (ZoneInfo("Europe/Istanbul"), set())):
        plan = draft_plan(sqlite_database, starts_on=START, policy=policy, zone=zone)
        assert {contact.on for contact in plan.contacts if contact.customer_id == "C-1"} == free


def test_an_explanation_gives_value_in_parts_every_rule_and_the_next_best(company):
    put(
        company,
        "promotions",
        {"promotion": "summer", "name": "Summer", "margin": 1500},
    )
    plan = draft_plan(company, starts_on=START)
    told = explain_customer(company, "C-1")
    assert told.plan_id == plan.id
    assert [(option.promotion, option.channel) for option in told.chosen] == [("spring", "call"), ("spring", "email")]
    best = told.chosen[0]
    assert best.value == pytest.approx(best.extra_responses * best.margin - best.unit_cost) == pytest.approx(3.0)
    assert told.next_best is not None
    assert (told.next_best.promotion, told.next_best.channel) == ("summer", "call")
    assert told.next_best.reasons[-1] == "another offer is worth more through this touch point"
    assert "Chosen: call about spring on 2026-06-01" in told.text
    assert "3.00 = 20.0 extra orders per 100 such contacts x margin 20.00 - cost 1.00" in told.text
    assert "As decided when the plan was made" in told.text


def test_an_explanation_names_every_rule_that_binds_and_the_sales_lock(company):
    put(company, "responses", {"customer_id": "C-4", "occurred_at": at(-5), "kind": "complaint"})
    draft_plan(company, starts_on=START)
    told = explain_customer(company, "C-4")
    assert told.chosen == ()
    assert told.next_best is None
    assert told.options[0].reasons == ("complained recently", "sales is handling this")
    (lock,) = told.locks
    assert (lock.owner, lock.reason, lock.until) == ("dana", "open deal", on(-9) + timedelta(days=179))
    assert "Sales is handling this: dana, open deal" in told.text


def test_an_explanation_says_what_the_plan_itself_used_up(company):
    plan = draft_plan(company, starts_on=START, limit=1)
    assert [contact.customer_id for contact in plan.contacts] == ["C-1"]
    told = explain_customer(company, "C-2", plan.id)
    email = next(option for option in told.options if option.channel == "email")
    assert email.reasons == ("beyond the number of contacts asked for",)
    assert told.next_best == email


def test_an_explanation_of_a_chosen_contact_says_what_has_changed_since(company):
    draft_plan(company, starts_on=START)
    put(company, "responses", {"customer_id": "C-1", "occurred_at": at(-1), "kind": "complaint"})
    assert "since then: complained recently" in explain_customer(company, "C-1").text


def test_explaining_what_is_not_there_says_so(sqlite_database):
    with pytest.raises(UnreadyError, match="no plan yet"):
        explain_customer(sqlite_database, "C-1")
    small_company(sqlite_database)
    draft_plan(sqlite_database, starts_on=START)
    with pytest.raises(TouchstoneError, match="no customer C-99"):
        explain_customer(sqlite_database, "C-99")
    with pytest.raises(UnreadyError, match="no plan 77"):
        explain_customer(sqlite_database, "C-1", 77)
