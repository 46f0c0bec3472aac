from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path

import pyarrow as pa
import pytest
from pyarrow import parquet

from campaigns.faults import Fault
from campaigns.intake.checking import Checked, CheckOptions, schema_of
from campaigns.intake.files import take_in
from campaigns.intake.formats import KINDS
from campaigns.intake.reference import example_row, template

Take = Callable[..., Checked]
TOUCHES = "customer_id,occurred_at,channel,kind"


def faults(checked: Checked) -> list[tuple[int, str, str]]:
    return [(fault.line, fault.column, fault.found) for fault in checked.faults]


@pytest.mark.parametrize("kind", KINDS)
def test_the_example_row_of_every_kind_passes_its_own_check(take: Take, kind: str) -> None:
    checked = take(kind, template(KINDS[kind]))
    assert checked.faults == ()
    assert checked.table.num_rows == 1
    assert checked.table.schema == schema_of(KINDS[kind])
    for name in example_row(KINDS[kind]):
        assert checked.table.column(name).null_count == 0, name


def test_values_are_stored_as_their_types(take: Take) -> None:
    head = "customer_id,occurred_at,channel,kind,cost,campaign,outcome"
    checked = take("touches", f"{head}\nC-1,2026-05-01 10:00,Email,SEND, 0.05 ,,Not_Reached\n")
    (row,) = checked.table.to_pylist()
    assert row["occurred_at"] == datetime(2026, 5, 1, 7, tzinfo=UTC)
    assert (row["channel"], row["kind"], row["outcome"]) == ("email", "send", "not reached")
    assert (row["cost"], row["campaign"], row["identifier"]) == (5, None, None)


def test_source_is_always_filled(take: Take) -> None:
    text = f"{TOUCHES},source\nC-1,2026-05-01,email,send,\nC-2,2026-05-01,email,send,crm\n"
    assert take("touches", text).table.column("source").to_pylist() == ["touches", "crm"]
    assert take("touches", text, default_source="esp").table.column("source").to_pylist() == ["esp", "crm"]


def test_column_names_may_differ_in_case_and_spacing(take: Take) -> None:
    checked = take("touches", "Customer ID,Occurred-At,CHANNEL, kind \nC-1,2026-05-01,email,send\n")
    assert checked.faults == ()
    assert checked.table.num_rows == 1


def test_an_unknown_column_is_a_fault_with_the_nearest_known_name(take: Take) -> None:
    checked = take("touches", f"{TOUCHES},campain,zzz\nC-1,2026-05-01,email,send,x,y\n")
    assert faults(checked) == [(1, "campain", "an unknown column"), (1, "zzz", "an unknown column")]
    assert "did you mean campaign?" in checked.faults[0].expected
    assert "customer_id, identifier_kind" in checked.faults[1].expected
    assert checked.table.num_rows == 1
    assert not checked.unusable


def test_missing_columns_make_a_file_unusable_and_hide_no_other_fault(take: Take) -> None:
    checked = take("touches", "customer_id,kind,cost\nC-1,send,-1\n")
    assert faults(checked) == [
        (1, "occurred_at", "no such column"),
        (1, "channel", "no such column"),
        (2, "cost", "-1"),
    ]
    assert checked.unusable
    assert checked.table.num_rows == 0


def test_a_column_twice_in_two_spellings_is_a_fault(take: Take) -> None:
    checked = take("touches", f"{TOUCHES},Kind\nC-1,2026-05-01,email,send,send\n")
    assert (1, "Kind", "the column kind twice") in faults(checked)
    assert checked.unusable


def test_every_fault_of_a_file_is_found_at_once(take: Take) -> None:
    rows = [
        TOUCHES + ",cost,currency",
        "C-1,2026-05-01,email,send,1.00,",
        ",2026-05-01,email,send,1.00,",
        "C-2,never,email,send,1.00,",
        "C-3,2026-05-01,,shout,-2,",
        "C-4,2027-01-01,email,send,1.234,",
        "C-5,2026-05-01,email,send,abc,dollars",
        "C-6,2026-05-01,email,send,2.00,USD",
    ]
    checked = take("touches", "\n".join(rows))
    assert faults(checked) == [
        (3, "customer_id", "nothing"),
        (4, "occurred_at", "never"),
        (5, "channel", "nothing"),
        (5, "kind", "shout"),
        (5, "cost", "-2"),
        (6, "occurred_at", "2027-01-01"),
        (6, "cost", "1.234"),
        (7, "cost", "abc"),
        (7, "currency", "dollars"),
        (8, "currency", "USD on 2026-05-01"),
    ]
    assert [row.line for row in checked.rejected] == [3, 4, 5, 6, 7, 8]
    assert checked.rejected[2].row == {
        "customer_id": "C-3",
        "occurred_at": "2026-05-01",
        "kind": "shout",
        "cost": "-2",
    }
    assert [fault.column for fault in checked.rejected[2].faults] == ["channel", "kind", "cost"]
    assert checked.table.column("customer_id").to_pylist() == ["C-1"]


def test_a_row_that_cannot_be_read_has_that_one_fault(take: Take) -> None:
    checked = take("touches", f"{TOUCHES}\nC-1\nC-2,2026-05-01,email,send\n")
    assert faults(checked) == [(2, "", "1 value")]
    assert checked.table.num_rows == 1


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("C-1,,,", None),
        (",email,ada@example.com,", None),
        (",E-Mail,ada@example.com,", None),
        (",,ada@example.com,", "identifier_kind"),
        (",email,,", "identifier"),
        (",,,", "customer_id"),
        (",,,A-1", "customer_id"),
        (",fax,123,", "identifier_kind"),
    ],
)
def test_a_touch_names_a_person(take: Take, row: str, column: str | None) -> None:
    head = "customer_id,identifier_kind,identifier,campaign,occurred_at,channel,kind"
    text = f"{head}\n{row},2026-05-01,email,send\n".replace("E-Mail", "EMAIL")
    assert [fault.column for fault in take("touches", text).faults] == ([column] if column else [])


def test_a_response_may_stay_anonymous_with_a_code_or_a_promotion(take: Take) -> None:
    head = "customer_id,response_code,promotion,occurred_at,kind"
    text = (
        f"{head}\n,SPRING,,2026-05-01,order\n,,spring,2026-05-01,order\n,,,2026-05-01,order\nC-1,,,2026-05-01,order\n"
    )
    checked = take("responses", text)
    assert faults(checked) == [(4, "customer_id", "nothing")]
    assert "or the response_code, or the promotion" in checked.faults[0].expected


def test_an_opportunity_may_name_an_account_instead(take: Take) -> None:
    head = "opportunity_id,owner,stage,opened_on,account_id,customer_id"
    text = f"{head}\n1,dana,open,2026-05-01,A-1,\n2,dana,open,2026-05-01,,C-1\n3,dana,open,2026-05-01,,\n"
    assert faults(take("opportunities", text)) == [(4, "customer_id", "nothing")]


def test_both_ways_of_naming_a_person_are_noted(take: Take) -> None:
    head = "customer_id,identifier_kind,identifier,occurred_at,channel,kind"
    checked = take("touches", f"{head}\nC-1,email,a@example.com,2026-05-01,email,send\n")
    assert checked.faults == ()
    assert checked.notes == ("1 row with both a customer_id and an identifier: the customer_id counts",)


def test_the_future_begins_in_the_configured_zone(take: Take) -> None:
    late = {"now": datetime(2026, 6, 15, 22, 30, tzinfo=UTC)}  # already the 16th in Istanbul
    text = "date,channel,cost\n2026-06-16,tv,1\n2026-06-17,tv,1\n"
    checked = take("spend", text, **late)
    assert faults(checked) == [(3, "date", "2026-06-17")]
    assert "today is 2026-06-16" in checked.faults[0].expected


def test_what_sales_will_do_may_lie_in_the_future(take: Take) -> None:
    assert take("sales_activities", "owner,occurred_at,kind,account_id\ndana,2030-01-01,visit,A-1\n").faults == ()


def test_an_end_before_its_start_is_a_fault(take: Take) -> None:
    head = "promotion,name,starts_on,ends_on"
    checked = take("promotions", f"{head}\na,A,2026-05-02,2026-05-01\nb,B,2026-05-01,2026-05-01\nc,C,,2026-05-01\n")
    assert checked.faults == (Fault(2, "ends_on", "2026-05-01", "not before starts_on (2026-05-02)"),)


def test_numbers_stay_within_their_limits(take: Take) -> None:
    assert faults(take("rates", "date,currency,rate\n2026-05-01,USD,0\n")) == [(2, "rate", "0")]
    head = "experiment,channel,starts_on,ends_on,planned_treated_share"
    assert faults(take("experiments", f"{head}\na,tv,2026-05-01,2026-05-02,1.5\n")) == [
        (2, "planned_treated_share", "1.5")
    ]
    assert faults(take("channels", "channel,carry_over_days\ntv,-1\n")) == [(2, "carry_over_days", "-1")]


@pytest.mark.parametrize("text", ["inf", "nan", "1,5", "1e999", "0x10", "1_000", "€5", "--1"])
def test_what_is_no_number_is_a_fault(take: Take, text: str) -> None:
    checked = take("rates", f'date;currency;rate\n2026-05-01;USD;1\n2026-05-02;USD;"{text}"\n')
    assert faults(checked) == [(3, "rate", text)]


@pytest.mark.parametrize(
    ("text", "count"), [("3", 3), ("3.0", 3), ("+3", 3), ("3.5", None), ("1e3", None), ("9" * 19, None)]
)
def test_whole_numbers(take: Take, text: str, count: int | None) -> None:
    checked = take("spend", f"date,channel,cost,clicks\n2026-05-01,tv,1,{text}\n")
    assert [row["clicks"] for row in checked.table.to_pylist()] == ([] if count is None else [count])


def test_yes_and_no_may_be_written_in_many_ways(take: Take) -> None:
    cells = ["Yes", "TRUE", "1", "no", "False", "0", "Unknown", ""]
    rows = "".join(f"C-{number},{cell}\n" for number, cell in enumerate(cells))
    checked = take("customers", f"customer_id,consent_email\n{rows}")
    assert checked.table.column("consent_email").to_pylist() == ["yes"] * 3 + ["no"] * 3 + ["unknown", None]


def test_lists_lose_their_blanks(take: Take) -> None:
    checked = take("promotions", "promotion,name,channels,excludes\na,A, E-Mail | email||Mail,|\n")
    assert checked.table.select(["channels", "excludes"]).to_pylist() == [{"channels": "email|mail", "excludes": None}]


def test_text_that_a_database_cannot_keep_is_a_fault(take: Take) -> None:
    checked = take("touches", f"{TOUCHES},campaign\nC-1,2026-05-01,email,send,{'x' * 501}\n")
    assert [fault.column for fault in checked.faults] == ["campaign"]
    assert len(checked.faults[0].found) == 120
    nul = json.dumps({"customer_id": "C\0", "occurred_at": "2026-05-01", "channel": "email", "kind": "send"})
    assert [fault.column for fault in take("touches", nul, "file.jsonl").faults] == ["customer_id"]


def test_time_zones_exist_and_are_written_officially(take: Take) -> None:
    checked = take("customers", "customer_id,time_zone\nC-1,europe/istanbul\nC-2,Mars\nC-3,\n")
    assert faults(checked) == [(3, "time_zone", "Mars")]
    assert checked.table.column("time_zone").to_pylist() == ["Europe/Istanbul", None]


def test_attributes_are_kept_as_json(take: Take) -> None:
    checked = take("customers", "customer_id,attr_Age,attr_kids\nC-1,45-54,2\nC-2,,\n")
    assert checked.table.column("attributes").to_pylist() == ['{"age": "45-54", "kids": "2"}', None]
    assert [fault.found for fault in take("products", "product,attr_age\nP,1\n").faults] == ["an unknown column"]


def test_a_key_twice_in_a_file_is_a_fault_that_names_the_earlier_line(take: Take) -> None:
    checked = take("customers", "customer_id\nC-1\nC-2\nC-1\nC-1\n")
    assert checked.faults == (
        Fault(4, "customer_id", "C-1", "each customer_id once; line 2 has it already"),
        Fault(5, "customer_id", "C-1", "each customer_id once; line 2 has it already"),
    )
    assert checked.table.column("customer_id").to_pylist() == ["C-1", "C-2"]


def test_the_same_spend_twice_is_a_fault_and_no_silent_sum(take: Take) -> None:
    head = "date,channel,campaign,cost,cost_kind"
    rows = [
        "2026-05-01,E-mail,a,1,",
        "2026-05-01,email,a,2,Media",
        "2026-05-01,email,,2,",
        "2026-05-01,email,a,2,postage",
    ]
    checked = take("spend", "\n".join([head, *rows]))
    (fault,) = checked.faults
    assert (fault.line, fault.column) == (3, "")
    assert "line 2 has these already; add them up" in fault.expected
    assert checked.table.column("cost").to_pylist() == [100, 200, 200]
    assert checked.table.column("cost_kind").to_pylist() == ["media", "media", "postage"]


def test_the_same_key_from_two_sources_is_two_rows(take: Take) -> None:
    assert take("customers", "customer_id,source\nC-1,shop\nC-1,crm\n").faults == ()


def test_rows_without_their_optional_key_may_repeat(take: Take) -> None:
    row = "C-1,2026-05-01,email,send"
    assert take("touches", f"{TOUCHES},touch_id\n{row},\n{row},\n{row},T-1\n").faults == ()
    assert faults(take("touches", f"{TOUCHES},touch_id\n{row},T-1\n{row},T-1\n")) == [(3, "touch_id", "T-1")]


def test_a_channel_written_otherwise_is_noted_and_never_a_second_one(take: Take) -> None:
    rows = "".join(
        f"C-1,2026-05-01,{name},send\n" for name in ("email", "E-mail", "Door hanger", "door-hanger", "emial")
    )
    checked = take("touches", f"{TOUCHES}\n{rows}")
    assert checked.table.column("channel").to_pylist() == ["email", "email", "door hanger", "door hanger", "emial"]
    assert checked.notes == (
        'channel "E-mail" read as "email"',
        'channel "Door hanger" read as "door hanger"',
        'channel "door-hanger" read as "door hanger"',
        'channel "door hanger" is new',
        'channel "emial" is new; did you mean "email"?',
    )
    assert take("touches", f"{TOUCHES}\n{rows}", known_channels=frozenset({"Door Hanger", "emial"})).notes == (
        'channel "E-mail" read as "email"',
        'channel "Door hanger" read as "Door Hanger"',
        'channel "door-hanger" read as "Door Hanger"',
    )


def test_many_new_channels_are_counted_and_not_listed(take: Take) -> None:
    rows = "".join(f"C-1,2026-05-01,X{number},send\n" for number in range(50))
    assert take("touches", f"{TOUCHES}\n{rows}").notes[-1] == "and 80 more names of channels like these"


def test_parquet_types_are_taken_as_they_come(tmp_path: Path, options: CheckOptions) -> None:
    table = pa.table(
        {
            "customer_id": pa.array([1001.0, 1002.0]),
            "occurred_at": pa.array([datetime(2026, 5, 1, 10), datetime(2026, 5, 1, 11)], pa.timestamp("ns")),  # noqa: DTZ001
            "channel": pa.array(["Email", "Email"]).dictionary_encode(),
            "kind": pa.array([b"send", b"send"]),
            "campaign": pa.array([7, None]),
            "cost": pa.array([0.1 + 0.2, None]),
        }
    )
    parquet.write_table(table, tmp_path / "touches.parquet")
    checked = take_in(tmp_path / "touches.parquet", KINDS["touches"], options)
    assert checked.faults == ()
    first, second = checked.table.to_pylist()
    assert (first["customer_id"], first["campaign"], first["cost"]) == ("1001", "7", 30)
    assert first["occurred_at"] == datetime(2026, 5, 1, 7, tzinfo=UTC)
    assert (second["cost"], second["channel"]) == (None, "email")


def test_parquet_columns_of_a_wrong_type_are_faults_with_their_row(tmp_path: Path, options: CheckOptions) -> None:
    table = pa.table(
        {
            "date": [20260501, 20260502],
            "channel": ["tv", "tv"],
            "cost": [True, False],
            "clicks": [1.5, 2.0],
            "campaign": pa.array([b"\xff", b"ok"]),
        }
    )
    parquet.write_table(table, tmp_path / "spend.parquet")
    checked = take_in(tmp_path / "spend.parquet", KINDS["spend"], options)
    assert [(fault.line, fault.column) for fault in checked.faults] == [
        (1, "date"),
        (1, "cost"),
        (1, "campaign"),
        (1, "clicks"),
        (2, "date"),
        (2, "cost"),
    ]


def test_days_of_parquet_stay_days(tmp_path: Path, options: CheckOptions) -> None:
    parquet.write_table(pa.table({"date": [date(2026, 5, 1)], "channel": ["tv"], "cost": [1]}), tmp_path / "spend.pq")
    assert take_in(tmp_path / "spend.pq", KINDS["spend"], options).table.column("date").to_pylist() == [
        date(2026, 5, 1)
    ]


def test_the_digest_is_that_of_the_bytes(take: Take) -> None:
    text = f"{TOUCHES}\nC-1,2026-05-01,email,send\n"
    assert (
        take("touches", text).digest == take("touches", text, "other.csv").digest != take("touches", text + "\n").digest
    )


def test_options_need_a_present_with_a_zone(options: CheckOptions) -> None:
    with pytest.raises(ValueError, match="zone"):
        replace(options, now=datetime(2026, 5, 1))  # noqa: DTZ001
