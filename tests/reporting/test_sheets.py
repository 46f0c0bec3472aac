"""Tables for spreadsheets have types and units, say what they hold, and run nothing."""

import csv
import io
from datetime import UTC, date, datetime

import openpyxl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.faults import Fault
from campaigns.reporting import sheets
from campaigns.reporting.result_sheets import faults_sheet, plan_sheet, report_sheet, report_sheets
from campaigns.reporting.sheets import Field, Sheet, csv_text, harmless, xlsx_bytes
from campaigns.terms import Plan, PlannedContact, Report

FIELDS = (
    Field("who", "whom it is about"),
    Field("cost", "what it cost", "money", "EUR"),
    Field("at", "when", "time"),
    Field("on", "which day", "date"),
    Field("ghost", "held back", "yes or no"),
)


def book(*written: Sheet) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(xlsx_bytes(written)))


@pytest.mark.parametrize("text", ["=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", " =1", "\t=1", "＝1", "\r=1", "-x"])
def test_what_a_spreadsheet_would_run_is_text(text: str):
    sheet = Sheet("x", (Field("who", ""),), [{"who": text}])
    assert harmless(text) == f"'{text}"
    (row,) = list(csv.DictReader(io.StringIO(csv_text(sheet), newline="")))
    assert row["who"].startswith("'")
    cell = book(sheet)["x"]["A2"]
    assert (cell.data_type, cell.value[0]) == ("s", "'")


@pytest.mark.parametrize("text", ["+90 212 123", "-3", "-1,5", "plain", "", "a=b", "x - y"])
def test_numbers_and_plain_words_stay(text: str):
    assert harmless(text) == text


@given(st.text())
def test_any_text_can_be_written(text: str):
    sheet = Sheet("x", (Field("who", ""),), [{"who": text}])
    (row,) = list(csv.DictReader(io.StringIO(csv_text(sheet), newline="")))
    assert row["who"].lstrip("'")[:1] not in ("=", "@") or row["who"][0] == "'"


def test_cells_have_types_and_the_last_sheet_says_what_the_columns_are():
    at = datetime(2026, 5, 1, 12, tzinfo=UTC)
    rows = [{"who": "Ada", "cost": 12.5, "at": at, "on": date(2026, 5, 1), "ghost": True}, {"who": "x\x00y"}]
    written = book(Sheet("Contacts", FIELDS, rows))
    first = [str(cell.value) for cell in written["Contacts"][2]]
    assert first == ["Ada", "12.5", "2026-05-01 12:00:00", "2026-05-01 00:00:00", "yes"]
    assert written["Contacts"]["B2"].number_format == "#,##0.00"
    assert written["Contacts"]["A3"].value == "x y"
    assert [cell.value for cell in written["Columns"][3]] == ["Contacts", "cost", "money", "EUR", "what it cost"]
    assert csv_text(Sheet("x", FIELDS, rows)).splitlines()[1] == "Ada,12.5,2026-05-01T12:00:00Z,2026-05-01,yes"


def test_more_rows_than_a_sheet_holds_go_on_in_the_next(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sheets, "ROWS", 2)
    written = book(Sheet("x", FIELDS[:1], ({"who": str(row)} for row in range(5))))
    assert written.sheetnames == ["x", "x 2", "x 3", "Columns"]
    assert [[cell.value for cell in written[name]["A"]] for name in written.sheetnames[:3]] == [
        ["who", "0", "1"], ["who", "2", "3"], ["who", "4"]
    ]  # fmt: skip


def test_every_column_of_the_report_says_what_it_is(report: Report):
    sheet = report_sheet(report)
    assert [field.name for field in sheet.fields if not field.meaning] == []
    assert {field.unit for field in sheet.fields if field.kind == "money"} == {report.currency}
    assert [row["level"] for row in sheet.rows][:2] == ["baseline", "channel"]
    assert {each.name for each in report_sheets(report)} >= {"Channels", "Ads"}


def test_a_plan_and_the_faults_of_a_file_are_sheets():
    contact = PlannedContact("C-1", None, "email", date(2026, 5, 1), 1.5, "=why", ghost=True)
    plan = Plan(1, date(2026, 5, 1), date(2026, 5, 7), 1.5, 1.5, 0.0, (), {}, (contact,))
    assert csv_text(plan_sheet(plan, "EUR")).splitlines()[1] == "C-1,,email,2026-05-01,1.5,'=why,1.0,yes"
    assert csv_text(faults_sheet([Fault(0, "", "a", "b")])).splitlines() == [
        "line,column,found,expected,sheet",
        ",,a,b,",
    ]
