"""What answered a code is counted once, with or without a person, whatever way the code is written."""

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa

from campaigns.intake.checking import schema_of
from campaigns.intake.formats import KINDS
from campaigns.naming.names import Name
from campaigns.reporting.answer_sheets import answer_sentences, answers_sheet
from campaigns.store.answers import Answers, answers_of
from campaigns.store.codes import keep_coupon, keep_phone, made_codes
from campaigns.store.database import Database
from campaigns.store.gaps import gaps_of
from campaigns.store.loading import load
from campaigns.store.reconciling import reconciliation
from campaigns.terms import Effect, Goal, Proof, Range, Report, RunSummary, Verdict, Window

UTC = ZoneInfo("UTC")
MAY = dt.datetime(2026, 5, 1, 10, tzinfo=dt.UTC)


def imported(database: Database, kind: str, *rows: dict[str, Any]) -> None:
    schema = schema_of(KINDS[kind])
    filled = [{name: {"source": "shop", **row}.get(name) for name in schema.names} for row in rows]
    load(database, KINDS[kind], pa.Table.from_pylist(filled, schema=schema), path="p", digest="d")


def test_answers_are_counted_once_per_order_with_and_without_a_person(database: Database):
    tv, leaflet = Name("tv", "spot"), Name("print", "may")
    with database.transaction(exclusive=True) as session:
        keep_phone(session, "0212 123 45 67", tv, "spot-1", region="TR", now=MAY)
        keep_coupon(session, leaflet, "spring", "MAY5", now=MAY)
    order: dict[str, Any] = {"occurred_at": MAY, "kind": "order", "value": 1_000}
    imported(
        database,
        "responses",
        {**order, "response_code": "0212 1234567"},
        {**order, "response_code": "+90 (212) 123 45 67"},
        {**order, "order_id": "1", "customer_id": "C"},
        {**order, "order_id": "1", "kind": "redemption", "value": None, "response_code": "may-5"},
        {**order, "order_id": "2", "customer_id": "C", "promotion": "summer"},
        {**order, "order_id": "3", "customer_id": "C"},
        {**order, "kind": "lead", "response_code": "MAY5"},
        {**order, "response_code": "own code", "occurred_at": MAY + dt.timedelta(days=40)},
    )
    with database.reading() as session:
        found = answers_of(session, UTC)
        in_may = answers_of(session, UTC, Window(dt.date(2026, 5, 1), dt.date(2026, 5, 31)))
        sheet = answers_sheet(made_codes(session), found, "EUR")

    assert set(found) == {
        Answers("+902121234567", "spot-1", tv, 2, 2, 2_000),
        Answers("MAY5", "spring", leaflet, 1, 0, 1_000),
        Answers(None, "summer", None, 1, 0, 1_000),
        Answers("own code", None, None, 1, 1, 1_000),
    }
    assert len(in_may) == 3
    rows = {row["code"]: row for row in sheet.rows}
    assert (rows["+902121234567"]["responses"], rows["+902121234567"]["carrier"]) == (2, "phone")
    assert (rows["MAY5"]["channel"], rows["MAY5"]["value"], rows["own code"]["responses"]) == ("print", 10.0, 1)


def test_a_goal_of_the_house_is_counted_too(database: Database):
    enquiry = Goal("enquiry", ("lead", "interest"), "enquiry", "enquiries")
    used = Goal("used", ("redemption",), "coupon used", "coupons used")
    told: dict[str, Any] = {"occurred_at": MAY, "response_code": "MAY5"}
    imported(
        database,
        "responses",
        {**told, "kind": "lead"},
        {**told, "kind": "interest", "customer_id": "C"},
        {**told, "kind": "order", "value": 500, "order_id": "1"},
        {**told, "kind": "redemption", "order_id": "1"},
        {**told, "kind": "redemption", "order_id": "2"},
    )
    with database.reading() as session:
        assert [(each.responses, each.anonymous) for each in answers_of(session, UTC, goal=enquiry)] == [(2, 1)]
        assert [(each.responses, each.value) for each in answers_of(session, UTC, goal=used)] == [(2, 0)]
        assert [(each.responses, each.value) for each in answers_of(session, UTC)] == [(1, 500)]
        sorted_out = {each.kind: each for each in reconciliation(session, UTC, goal=used)}
        assert sorted_out["responses"].uses.rows == 2
        assert {each.reason for each in sorted_out["responses"].differences} == {"other kind"}
        assert gaps_of(session, enquiry).responses == 2


def test_answers_are_told_beside_the_estimate():
    nothing = Range(10.0, 4.0, 16.0)
    effect = Effect("tv", 0.0, 0.0, Proof.ESTIMATED, nothing, nothing, 0.1)
    window = Window(dt.date(2026, 5, 1), dt.date(2026, 5, 31))
    run = RunSummary(1, MAY, Verdict.PASS, "order", window, 9, 9, 0.5)
    answers = [
        Answers("+902121234567", None, Name("tv"), 12, 12, 0),
        Answers("MAY5", None, Name("print"), 3, 0, 0),
        Answers("X", "spring", None, 5, 2, 0),
    ]
    assert answer_sentences(answers, Report(run, "EUR", nothing, (effect,), ())) == (
        "print: 3 answered a code; nothing is estimated of it",
        "tv: 12 answered a code; 4 to 16 extra estimated",
        "spring: 5 answered it, 2 of them by nobody known",
    )
