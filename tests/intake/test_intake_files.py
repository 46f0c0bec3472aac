from __future__ import annotations

import csv
from collections.abc import Callable
from pathlib import Path

import pytest

from campaigns.faults import Fault, RefusedError, TouchstoneError
from campaigns.intake.checking import Checked
from campaigns.intake.files import faults_path, refuse, write_faults

Take = Callable[..., Checked]


def test_all_faults_are_listed_beside_the_file(tmp_path: Path) -> None:
    faults = [Fault(2, "cost", "a, b", "0 or more", "May"), Fault(0, "", "an empty file", "rows")]
    listed = write_faults(tmp_path / "spend.csv", faults)
    assert listed == faults_path(tmp_path / "spend.csv") == tmp_path / "spend.csv.faults.csv"
    with listed.open(newline="", encoding="utf-8") as file:
        assert list(csv.reader(file)) == [
            ["line", "column", "found", "expected", "sheet"],
            ["2", "cost", "a, b", "0 or more", "May"],
            ["", "", "an empty file", "rows", ""],
        ]


@pytest.mark.parametrize(
    ("found", "listed"),
    [("=HYPERLINK(1)", "'=HYPERLINK(1)"), ("@x", "'@x"), ("+x", "'+x"), ("-5", "-5"), ("+1,5", "+1,5"), ("x=1", "x=1")],
)
def test_no_fault_becomes_a_formula_in_a_spreadsheet(tmp_path: Path, found: str, listed: str) -> None:
    path = write_faults(tmp_path / "x.csv", [Fault(2, "cost", found, "a number")])
    with path.open(newline="", encoding="utf-8") as file:
        assert list(csv.reader(file))[1][2] == listed


def test_a_list_that_cannot_be_written_is_an_error_with_a_remedy(tmp_path: Path) -> None:
    with pytest.raises(TouchstoneError, match="cannot be listed") as caught:
        write_faults(tmp_path / "absent" / "x.csv", [])
    assert caught.value.remedy


def test_a_refusal_counts_and_carries_every_fault(take: Take) -> None:
    rows = "".join(f"C-{number},never,email,send\n" for number in range(30))
    checked = take("touches", f"customer_id,occurred_at,channel,kind\n{rows}C-1,2026-05-01,email,send\n")
    with pytest.raises(RefusedError) as caught:
        refuse(checked, Path("file.csv.faults.csv"))
    error = caught.value
    assert error.message == "file.csv was refused, and nothing of it stored: 30 faults in 30 of 31 rows."
    assert len(error.faults) == 30
    assert "--skip-faulty" in error.remedy
    assert "file.csv.faults.csv" in error.remedy
    assert "(and in 29 more lines)" in str(error)


def test_a_file_that_is_no_use_at_all_is_not_offered_for_skipping(take: Take) -> None:
    with pytest.raises(RefusedError) as caught:
        refuse(take("touches", ""))
    assert "--skip-faulty" not in caught.value.remedy
    assert "1 fault." in caught.value.message
