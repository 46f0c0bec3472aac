"""Dates with slashes are read by what the file itself tells of them, and never by a guess."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest

from campaigns.intake.checking import Checked, CheckOptions
from campaigns.intake.day_order import DAY_FIRST, MONTH_FIRST
from campaigns.intake.files import take_in
from campaigns.intake.formats import KINDS
from campaigns.intake.guessing import guess
from campaigns.intake.mappings import load_mapping
from campaigns.intake.mappings.days import USUAL_FORMS, ordered
from campaigns.intake.mappings.loading import names, read_mapping

HEADER = "Opportunity ID,Stage,Amount,Close Date,Closed,Won,Created Date,Opportunity Owner,Account Name\n"
Take = Callable[..., Checked]


def deals(*dates: tuple[str, str]) -> str:
    """A Salesforce report of deals, created and closed on these days."""
    lines = (
        f'006{place},Closed Won,10,"{closed}",1,1,"{made}",Dana,Acme\n' for place, (made, closed) in enumerate(dates)
    )
    return HEADER + "".join(lines)


@pytest.fixture
def read(tmp_path: Path, options: CheckOptions) -> Take:
    """Take in a report of deals, in the order that somebody says if any."""

    def read(text: str, dates: str = "") -> Checked:
        path = tmp_path / "report.csv"
        path.write_text(text, "utf-8")
        mapping = load_mapping("salesforce_opportunities")
        chosen = replace(mapping, shape=replace(mapping.shape, dates=dates))
        return take_in(path, KINDS["opportunities"], options, chosen)

    return read


def days(checked: Checked, options: CheckOptions) -> list[tuple[date, date]]:
    assert checked.faults == ()
    return [
        (row["opened_on"].astimezone(options.zone).date(), row["closed_on"].astimezone(options.zone).date())
        for row in checked.table.to_pylist()
    ]


@pytest.mark.parametrize(
    ("written", "meant"),
    [
        ((("1/5/2026", "3/5/2026"), ("2/5/2026", "13/5/2026")), ((1, 5), (3, 5), (2, 5), (13, 5))),
        ((("5/1/2026", "5/3/2026"), ("5/2/2026", "5/13/2026")), ((1, 5), (3, 5), (2, 5), (13, 5))),
        ((("01-05-2026", "03-05-2026"), ("02-05-2026", "13-05-2026")), ((1, 5), (3, 5), (2, 5), (13, 5))),
    ],
    ids=["day first", "month first", "dashes"],
)
def test_one_day_above_twelve_in_any_column_tells_of_all(
    read: Take, options: CheckOptions, written: tuple[tuple[str, str], ...], meant: tuple[tuple[int, int], ...]
) -> None:
    told = [day for pair in days(read(deals(*written)), options) for day in pair]
    assert [(day.day, day.month) for day in told] == list(meant)


def test_times_of_day_are_read_in_the_same_order(read: Take, options: CheckOptions) -> None:
    british = deals(("01/05/2026, 10:00", "13/05/2026 18:30"))
    american = deals(("5/1/2026, 10:00 AM", "5/13/2026 6:30 PM"))
    assert days(read(british), options) == days(read(american), options) == [(date(2026, 5, 1), date(2026, 5, 13))]


def test_dates_that_may_be_either_are_refused_with_what_to_say(read: Take) -> None:
    checked = read(deals(("5/5/2026", "6/6/2026"), ("1/5/2026", "3/5/2026")))
    assert checked.unusable
    (fault,) = checked.faults
    assert (fault.line, fault.column) == (3, "Created Date")
    assert fault.found.startswith("1/5/2026, which may be")
    assert "--dates day-first or --dates month-first" in fault.expected


@pytest.mark.parametrize(("order", "month"), [(DAY_FIRST, 5), (MONTH_FIRST, 1)])
def test_somebody_may_say_which_it_is(read: Take, options: CheckOptions, order: str, month: int) -> None:
    (pair,) = days(read(deals(("1/5/2026", "1/5/2026")), order), options)
    assert pair[0].month == month


def test_dates_that_are_the_same_in_both_readings_need_nobody(read: Take, options: CheckOptions) -> None:
    assert days(read(deals(("5/5/2026", "6/6/2026"))), options) == [(date(2026, 5, 5), date(2026, 6, 6))]


def test_dates_that_contradict_each_other_are_refused_and_both_are_named(read: Take) -> None:
    checked = read(deals(("13/5/2026", "14/5/2026"), ("5/13/2026", "5/14/2026")))
    assert [(fault.line, fault.found) for fault in checked.faults] == [(2, "13/5/2026"), (3, "5/13/2026")]
    assert checked.unusable


def test_an_order_that_somebody_said_and_a_date_denies_is_a_fault_of_that_date(read: Take) -> None:
    checked = read(deals(("13/5/2026", "14/5/2026")), MONTH_FIRST)
    assert {(fault.line, fault.found) for fault in checked.faults} == {(2, "13/5/2026"), (2, "14/5/2026")}


def test_first_rows_that_do_not_tell_are_a_doubt_and_the_whole_file_decides(
    read: Take, tmp_path: Path, options: CheckOptions
) -> None:
    many = deals(*((f"{1 + place % 4}/5/2026", "6/5/2026") for place in range(10_000)), ("1/5/2026", "13/5/2026"))
    (tmp_path / "long.csv").write_text(many, "utf-8")
    guessed = guess(tmp_path / "long.csv", options)
    assert guessed.kinds == ("opportunities",)
    assert guessed.either_way
    assert "may be read with the day or with the month first" in guessed.doubts[0]
    assert {day.month for pair in days(read(many), options) for day in pair} == {5}


def test_a_file_that_nobody_knows_is_not_guessed_at_either(tmp_path: Path, options: CheckOptions) -> None:
    path = tmp_path / "agency.csv"
    path.write_text("Datum;Kanal;Kosten\n01/05/2026;TV;10,50\n02/05/2026;TV;11,50\n", "utf-8")
    guessed = guess(path, options)
    assert guessed.kinds == ()
    assert guessed.either_way
    assert "--dates" in str(guessed.refused[0])
    path.write_text("Datum;Kanal;Kosten\n01/05/2026;TV;10,50\n20/05/2026;TV;11,50\n", "utf-8")
    assert guess(path, options).preview[0].rows[0][0] == "2026-05-01"


def test_every_shipped_mapping_that_reads_one_order_reads_the_other_too() -> None:
    for name in names(()):
        mapping = load_mapping(name)
        for part in mapping.parts.values():
            for rule in part.rules:
                slashed = {form for form in rule.format if form in USUAL_FORMS and "/" in form}
                assert {form[:5] for form in slashed} in (set(), {"%d/%m", "%m/%d"}), (name, rule.target)


def test_an_order_that_a_mapping_names_alone_is_kept() -> None:
    forms = ("%d/%m/%Y", "%d.%m.%Y")
    assert ordered(forms, MONTH_FIRST) == forms
    assert ordered(("%d/%m/%Y", "%m/%d/%Y"), MONTH_FIRST) == ("%m/%d/%Y",)
    with pytest.raises(Exception, match=r"file\.dates.*day first or month first"):
        read_mapping("x", '[file]\ndates = "both"\n[spend.columns]\ndate = "D"\nchannel = "C"\ncost = "K"\n')
