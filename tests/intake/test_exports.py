"""Each platform's export, in its own shape, becomes what it says; and is recognised by its columns alone."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pyarrow import parquet

from campaigns.intake.checking import Checked, CheckOptions
from campaigns.intake.files import refuse, take_in
from campaigns.intake.formats import KINDS
from campaigns.intake.guessing import guess
from campaigns.intake.mappings import load_mapping
from tests.platforms.golden import EXPORTS, GA4_EVENTS, GOOGLE, HUBSPOT_DEALS, META, SHOPIFY

Read = Callable[..., Checked]


@pytest.fixture
def read(tmp_path: Path, options: CheckOptions) -> Read:
    """Take in one of the exports, or a changed one, as a kind."""

    def read(name: str, kind: str, content: bytes | None = None, file: str = "") -> Checked:
        mapping, named, data = EXPORTS[name]
        path = tmp_path / (file or named)
        path.write_bytes(data if content is None else content)
        return take_in(path, KINDS[kind], options, load_mapping(mapping))

    return read


def rows(checked: Checked, *columns: str) -> list[tuple[Any, ...]]:
    assert checked.faults == ()
    return [tuple(row.values()) for row in checked.table.select(list(columns)).to_pylist()]


def left(checked: Checked) -> list[tuple[str, int, bool]]:
    assert checked.left_out is not None
    return [(row["reason"], row["value"], row["whole"]) for row in checked.left_out.to_pylist()]


@pytest.mark.parametrize("name", EXPORTS)
def test_every_export_is_recognised_by_its_columns(name: str, tmp_path: Path, options: CheckOptions) -> None:
    mapping, file, data = EXPORTS[name]
    (tmp_path / file).write_bytes(data)
    guessed = guess(tmp_path / file, options)
    assert guessed.refused == ()
    assert guessed.candidates[0].mapping == mapping
    assert {preview.kind for preview in guessed.preview} == set(guessed.kinds)
    assert all(preview.rows for preview in guessed.preview)


@pytest.mark.parametrize("name", ["google", "google german", "google turkish"])
def test_a_google_ads_report_is_read_alike_in_every_language_encoding_and_way_of_writing_numbers(
    read: Read, name: str
) -> None:
    checked = read(name, "spend")
    columns = ("date", "channel", "campaign", "ad", "cost", "impressions", "clicks", "claimed_conversions")
    assert rows(checked, *columns, "claimed_value", "currency") == [
        (date(2026, 5, 1), "search", "Search - Brand", "Brand", 123_450, 12_000, 345, 4.5, 105_025, "EUR"),
        (date(2026, 5, 1), "display", "Banner", "Wide", 1_000, None, 7, 0.0, 0, "EUR"),
        (date(2026, 5, 2), "search", "Search - Brand", "Brand", 525, 100, 2, 1.0, 2_000, "EUR"),
    ]
    assert left(checked)[0] == ("total", 124_975, True)


def test_a_google_ads_report_without_days_is_refused_with_how_to_export_it(read: Read) -> None:
    text = "\n".join(line.partition(",")[2] for line in GOOGLE.splitlines()[2:5])
    checked = read("google", "spend", text.encode())
    (fault,) = checked.faults
    assert (fault.column, fault.found) == ("Day", "no such column")
    assert "Time > Day" in fault.expected
    assert checked.unusable


@pytest.mark.parametrize("name", ["meta", "meta turkish"])
def test_a_meta_ads_export_is_read_with_the_currency_in_its_header(read: Read, name: str) -> None:
    checked = read(name, "spend")
    columns = ("date", "channel", "campaign", "ad", "cost", "clicks", "claimed_conversions", "claimed_value")
    assert rows(checked, *columns, "currency") == [
        (date(2026, 5, 1), "facebook", "Spring", "Women / Blue", 1_025, 4, 1.0, 5_000, "EUR"),
        (date(2026, 5, 2), "facebook", "Spring", "Women / Blue", 2_025, 8, 2.0, 10_000, "EUR"),
    ]


def test_a_meta_ads_export_that_is_not_daily_is_refused_with_how_to_export_it(read: Read) -> None:
    checked = read("meta", "spend", META.replace("2026-05-02,2026-05-02,", "2026-05-01,2026-05-31,").encode())
    (fault,) = checked.faults
    assert (fault.line, fault.column) == (4, "Reporting starts and Reporting ends")
    assert fault.found == "2026-05-01 to 2026-05-31"
    assert "By time > Day" in fault.expected


def test_money_in_another_currency_needs_rates_and_the_refusal_says_so(read: Read) -> None:
    checked = read("meta", "spend", META.replace("(EUR)", "(TRY)").encode())
    assert checked.faults[0].found == "TRY on 2026-05-01"
    with pytest.raises(Exception, match="touchstone import rates FILE"):
        refuse(checked)


def test_shopify_orders_are_one_response_each_net_of_what_does_not_count(read: Read) -> None:
    checked = read("shopify", "responses")
    columns = ("response_id", "order_id", "kind", "value", "identifier", "response_code", "reason")
    assert rows(checked, *columns) == [
        ("#1001", "5001", "order", 10_000, "ada@example.com", "SPRING10", None),
        ("#1002", "5002", "order", 3_000, "bob@example.com", None, None),
        ("#1003", "5003", "return", -1_070, "ada@example.com", None, "refunded"),
        ("#1004", "5004", "return", 3_000, "cem@example.com", None, "cancelled"),
        ("#1006", "5006", "order", 1_000, None, "FLYER", None),
    ]
    assert checked.table.column("occurred_at")[0].as_py() == datetime(2026, 5, 1, 8, tzinfo=UTC)


def test_what_a_shopify_export_shows_is_what_counts_and_what_is_left_out_to_the_cent(read: Read) -> None:
    checked = read("shopify", "responses")
    shown = sum((12_400, 6_450, 4_070, 4_070, 119, 1_190))
    used = sum(row["value"] for row in checked.table.to_pylist() if row["kind"] == "order")
    assert used + sum(value for _, value, _ in left(checked)) == shown
    assert sorted(reason for reason, _, whole in left(checked) if whole) == ["cancelled", "refunded", "test"]
    assert ("refunded", 2_000, False) in left(checked)
    assert checked.left_out is not None
    first = checked.left_out.to_pylist()[0]
    assert (first["occurred_on"], first["response_id"], first["line"]) == (date(2026, 5, 3), "#1003", 5)
    assert '"Name": "#1003"' in first["row"]


def test_shopify_orders_tell_who_the_customers_are(read: Read) -> None:
    assert rows(read("shopify", "customers"), "customer_id", "email", "consent_email") == [
        ("ada@example.com", "ada@example.com", "yes"),
        ("bob@example.com", "bob@example.com", "no"),
        ("cem@example.com", "cem@example.com", "yes"),
        ("dev@example.com", "dev@example.com", "no"),
    ]


def test_a_shopify_export_without_totals_is_refused_with_how_to_export_it(read: Read) -> None:
    checked = read("shopify", "responses", SHOPIFY.replace("Total,", "Sum,").encode())
    assert [fault.column for fault in checked.faults] == ["Total"]
    assert "Orders > Export" in checked.faults[0].expected


def test_a_mailchimp_audience_gives_the_people_their_consent_and_who_left_or_bounces(read: Read) -> None:
    assert rows(read("mailchimp", "customers"), "customer_id", "first_name", "consent_email") == [
        ("ada@example.com", "Ada", "yes"),
        ("bob@example.com", "Bob", "no"),
        ("cem@example.com", "Cem", "no"),
    ]
    responses = read("mailchimp", "responses")
    assert rows(responses, "kind", "identifier", "occurred_at") == [
        ("opt_out", "bob@example.com", datetime(2026, 5, 2, 10, tzinfo=UTC)),
        ("bounce", "cem@example.com", datetime(2026, 5, 3, 10, tzinfo=UTC)),
    ]


def test_mailchimp_activity_gives_sends_and_the_steps_after_them(read: Read) -> None:
    touches = read("mailchimp activity", "touches")
    assert rows(touches, "kind", "identifier", "campaign") == [
        ("send", "ada@example.com", "Spring"),
        ("open", "ada@example.com", "Spring"),
        ("click", "ada@example.com", "Spring"),
    ]
    assert rows(read("mailchimp activity", "responses"), "kind", "identifier") == [("bounce", "bob@example.com")]


@pytest.mark.parametrize("form", ["jsonl", "parquet"])
def test_ga4_events_give_visits_by_the_source_of_their_session_and_orders_by_their_number(
    read: Read, tmp_path: Path, form: str
) -> None:
    path = tmp_path / "events.parquet"
    parquet.write_table(pa.Table.from_pylist(GA4_EVENTS), path)
    data = path.read_bytes() if form == "parquet" else None
    touches = read("ga4", "touches", data, f"events.{form}")
    assert rows(touches, "occurred_at", "channel", "kind", "campaign", "customer_id", "identifier") == [
        (datetime(2026, 5, 1, 10, tzinfo=UTC), "email", "visit", "spring", None, "1.1"),
        (datetime(2026, 5, 1, 10, 1, 40, tzinfo=UTC), "search", "click", "brand_tr", "C-2", "2.2"),
    ]
    orders = read("ga4", "responses", data, f"events.{form}")
    assert rows(orders, "occurred_at", "order_id", "response_id", "value", "currency") == [
        (datetime(2026, 5, 1, 10, 3, 20, 500_000, tzinfo=UTC), "5001", "5001", 10_000, "EUR")
    ]
    assert left(orders) == [("without order number", 700, True)]


@pytest.mark.parametrize("name", ["hubspot deals", "hubspot deals xlsx"])
def test_hubspot_deals_close_only_when_they_are_won_or_lost(read: Read, name: str) -> None:
    columns = ("opportunity_id", "stage", "closed_on", "value", "owner", "customer_id", "account_id")
    assert rows(read(name, "opportunities"), *columns) == [
        ("9001", "won", datetime(2026, 5, 10, 7, tzinfo=UTC), 150_000, "Dana D", "101", "7"),
        ("9002", "open", None, None, "nobody", None, "7"),
        ("9003", "lost", datetime(2026, 5, 11, 7, tzinfo=UTC), 2_000, "Dana D", "103", None),
    ]
    assert HUBSPOT_DEALS[1][7] == "101;102"


def test_hubspot_contacts_give_people_and_leads_and_activities(read: Read) -> None:
    assert rows(read("hubspot contacts", "customers"), "customer_id", "email") == [
        ("101", "ada@example.com"),
        ("102", "bob@example.com"),
    ]
    assert rows(read("hubspot contacts", "leads"), "lead_id", "customer_id") == [("102", "102")]
    assert rows(read("hubspot activities", "sales_activities"), "activity_id", "kind", "owner", "customer_id") == [
        ("501", "Call", "Dana D", "101"),
        ("502", "Meeting", "Emre E", "102"),
    ]


@pytest.mark.parametrize("name", ["salesforce", "salesforce report"])
def test_a_salesforce_close_date_is_a_forecast_until_the_opportunity_is_closed(read: Read, name: str) -> None:
    checked = read(name, "opportunities")
    columns = ("opportunity_id", "stage", "expected_close_on", "value")
    assert rows(checked, *columns) == [
        ("006A", "won", None, 150_000),
        ("006B", "open", date(2026, 12, 31), 70_000),
        ("006C", "lost", None, 2_000),
    ]
    closed = checked.table.column("closed_on").to_pylist()
    assert [None if day is None else day.date() for day in closed] == [date(2026, 5, 9), None, date(2026, 5, 10)]


def test_being_a_campaign_member_is_no_contact(read: Read) -> None:
    columns = ("customer_id", "channel", "kind", "campaign")
    assert rows(read("salesforce members", "touches"), *columns) == [
        ("003A", "email", "send", "Spring"),
        ("003B", "email", "send", "Spring"),
        ("003A", "mail", "mail", "Letters"),
    ]
    assert rows(read("salesforce members", "responses"), "customer_id", "kind") == [("003B", "interest")]


def test_salesforce_leads_tasks_and_cases(read: Read) -> None:
    assert rows(read("salesforce leads", "leads"), "lead_id", "lead_source") == [("00Q1", "Fair"), ("00Q2", "Web")]
    tasks = read("salesforce tasks", "sales_activities")
    assert rows(tasks, "activity_id", "kind", "customer_id") == [("00T1", "Call", "003A"), ("00T2", "Task", "003B")]
    cases = read("salesforce cases", "cases")
    assert rows(cases, "case_id", "state", "reason", "customer_id", "identifier") == [
        ("00001", "closed", "late delivery", "003A", None),
        ("00002", "open", "not said", None, "bob@example.com"),
    ]


def test_mautic_gives_contacts_sends_opens_and_bounces(read: Read) -> None:
    assert rows(read("mautic contacts", "customers"), "customer_id") == [("ada@example.com",)]
    assert rows(read("mautic stats", "touches"), "touch_id", "kind", "outcome") == [
        ("send-11", "send", "delivered"),
        ("send-12", "send", "bounced"),
        ("open-11", "open", None),
    ]
    assert rows(read("mautic stats", "responses"), "kind", "identifier") == [("bounce", "bob@example.com")]


@pytest.mark.parametrize(
    ("text", "line", "how"),
    [
        ("Transaction ID,Name,Kind,Gateway,Created At,Status,Amount\n1,#1,sale,x,y,z,1\n", 1, "Orders > Export"),
        ("Search term,Cost,Impr.,Clicks\nx,1,1,1\n", 1, "add the column Campaign"),
        ("Email Address,First Name,Opens\na@b.de,A,3\n", 1, "take granular_activity"),
        ("# Traffic\n# ----\n\nSession default channel group,Sessions\nDirect,10\n", 4, "events_YYYYMMDD"),
    ],
    ids=["shopify transactions", "search terms", "opens added up", "ga4 report"],
)
def test_another_report_of_a_platform_is_told_from_a_file_that_nobody_knows(
    tmp_path: Path, options: CheckOptions, text: str, line: int, how: str
) -> None:
    (tmp_path / "report.csv").write_text(text, "utf-8")
    guessed = guess(tmp_path / "report.csv", options)
    assert guessed.kinds == ()
    assert (guessed.refused[0].line, how in guessed.refused[0].expected) == (line, True)


@pytest.mark.parametrize(
    ("name", "data", "told"),
    [
        ("report.xls", b"\xd0\xcf\x11\xe0", "save it as"),
        ("report.csv", b"Day,Campaign,Cost,Clicks\n", "export a period in which something happened"),
    ],
)
def test_what_cannot_be_read_says_what_to_do(
    tmp_path: Path, options: CheckOptions, name: str, data: bytes, told: str
) -> None:
    (tmp_path / name).write_bytes(data)
    assert told in guess(tmp_path / name, options).refused[0].expected


def test_faults_inside_a_zip_name_the_file(read: Read, options: CheckOptions) -> None:
    early = replace(options, now=datetime(2026, 5, 2, 12, tzinfo=UTC))
    mapping, _, _ = EXPORTS["mailchimp"]
    checked = read("mailchimp", "responses")
    late = take_in(checked.path, KINDS["responses"], early, load_mapping(mapping))
    assert [fault.sheet for fault in late.faults] == ["cleaned_email_audience_export_7a2c6d2f3b.csv"]
    assert str(late.faults[0]).startswith("cleaned_email_audience_export_7a2c6d2f3b.csv, line 2, occurred_at")


def test_meta_exports_tell_purchases_from_other_results_and_the_currency_from_its_column(read: Read) -> None:
    columns = ("campaign", "cost", "claimed_conversions", "currency")
    assert rows(read("meta currency", "spend"), *columns) == [
        ("Spring", 1_025, 1.0, "EUR"),
        ("Spring", 2_025, 2.0, "EUR"),
        ("Leads", 100, None, "EUR"),
    ]
    assert rows(read("meta german", "spend"), *columns) == [
        ("Spring", 1_025, 1.0, "EUR"),
        ("Spring", 2_025, 2.0, "EUR"),
    ]


def test_mailchimps_granular_activity_is_named_by_its_files(read: Read) -> None:
    assert rows(read("mailchimp granular", "touches"), "kind", "identifier", "campaign") == [
        ("open", "ada@example.com", "spring-letter"),
        ("open", "bob@example.com", "spring-letter"),
        ("click", "ada@example.com", "spring-letter"),
    ]


def test_an_export_of_calls_alone_tells_that_they_are_calls(read: Read) -> None:
    assert rows(read("hubspot calls", "sales_activities"), "kind", "owner") == [("call", "Dana D"), ("call", "Dana D")]


def test_a_lead_that_became_a_customer_was_a_lead(read: Read) -> None:
    header = "Record ID,First Name,Email,Lifecycle Stage,Create Date,Became a Lead Date\n"
    text = header + "1,Ada,a@example.com,Customer,2026-05-01 10:00,\n2,Bob,b@example.com,Customer,2026-05-01 10:00,"
    assert rows(read("hubspot contacts", "leads", f"{text}2026-05-02 10:00\n".encode()), "lead_id") == [("2",)]


def test_a_salesforce_report_of_leads_names_the_people(read: Read) -> None:
    header = "Lead ID,First Name,Last Name,Lead Owner,Lead Source,Create Date,Email\n"
    text = f"{header}00Q1,Ada,L,Dana,Fair,13/05/2026,a@b.de\n"
    assert rows(read("salesforce leads", "customers", text.encode()), "first_name", "last_name") == [("Ada", "L")]
