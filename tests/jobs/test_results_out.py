"""What was found, as people and programs get it: report, exports, plan and explanation on the command line."""

import csv
import io
import json
import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import openpyxl
import pytest
from click.testing import CliRunner, Result
from pyarrow import parquet

from campaigns.importing import import_file
from campaigns.intake.formats import KINDS
from campaigns.settings import PREFIX, Settings
from campaigns.store.database import Database
from campaigns.store.results import DrawKey
from jobs.cli import main
from jobs.pipeline import Compute, run_fit
from jobs.tables_out import draws_parquet

Run = Callable[..., Result]

CUSTOMERS = "customer_id,consent_email\nC1,yes\nC2,yes\nC3,no\n"


@pytest.fixture
def published(filled: Database, settings: Settings, computing: Compute, tmp_path: Path) -> int:
    """The number of a published run; the database is ``touchstone.db`` in ``tmp_path``."""
    path = tmp_path / "customers.csv"
    path.write_text(CUSTOMERS)
    import_file(filled, settings, KINDS["customers"], path)
    return run_fit(filled, settings, compute=computing).run_id


@pytest.fixture
def run(published: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Run:
    """Runs ``touchstone`` where a run is published."""
    assert published == 1
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.startswith(PREFIX):
            monkeypatch.delenv(name)
    return lambda *words: CliRunner().invoke(main, words, catch_exceptions=False)


def test_report_is_a_table_for_people(run: Run) -> None:
    result = run("report")
    assert result.exit_code == 0
    assert "safe to use" in result.stdout


def test_report_as_json_is_the_contract_and_nothing_else(run: Run) -> None:
    document = json.loads(run("report", "--json").stdout)
    added = {"campaigns", "experiments", "next_tests", "changes", "responding", "record"}
    assert set(document) == {"run", "baseline", "channels", "ads"} | added
    assert (document["run"]["id"], document["run"]["verdict"], document["run"]["responses"]) == (1, "pass", 2)
    assert document["channels"][0]["channel"] == "email"


def test_report_as_a_page_is_written_to_the_file(run: Run, tmp_path: Path) -> None:
    result = run("report", "--html", "out/report.html")
    assert (result.exit_code, result.stdout) == (0, "")
    assert "<html" in (tmp_path / "out" / "report.html").read_text()


def test_a_page_that_cannot_be_written_is_refused(run: Run, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("")
    result = run("report", "--html", "taken/report.html")
    assert result.exit_code == 1
    assert "cannot be written" in result.stderr


def test_a_run_that_does_not_exist_has_no_report(run: Run) -> None:
    assert run("report", "--run", "1", "--json").exit_code == 0
    result = run("report", "--run", "99")
    assert result.exit_code == 1
    assert "run 99" in result.stderr


def test_a_truth_that_is_none_is_refused(run: Run, tmp_path: Path) -> None:
    for text in ("not json", "[]", "{}"):
        (tmp_path / "truth.json").write_text(text)
        result = run("report", "--truth", "truth.json")
        assert result.exit_code == 1, text
        assert "touchstone simulate" in result.stderr


def test_the_report_goes_to_csv_json_and_a_workbook_with_the_same_figures(run: Run, tmp_path: Path) -> None:
    for ending in ("csv", "json", "xlsx"):
        assert run("export", "report", f"report.{ending}").exit_code == 0
    document = json.loads((tmp_path / "report.json").read_text())
    assert document == json.loads(run("report", "--json").stdout)
    rows = list(csv.DictReader(io.StringIO((tmp_path / "report.csv").read_text())))
    assert [row["level"] for row in rows] == ["baseline", "channel"]
    assert float(rows[0]["incremental_mean"]) == document["baseline"]["mean"]
    assert rows[1]["channel"] == "email"
    sheet = openpyxl.load_workbook(tmp_path / "report.xlsx")["Channels"]
    header, first = sheet.values
    assert dict(zip(header, first, strict=True))["touches"] == document["channels"][0]["touches"]


def test_draws_go_to_parquet_a_row_per_draw(run: Run, tmp_path: Path) -> None:
    assert run("export", "draws", "draws.parquet").exit_code == 0
    table = parquet.read_table(tmp_path / "draws.parquet")
    assert table.num_rows == 10
    assert table["series"].unique().to_pylist() == ["incremental"]
    assert table["draw"].to_pylist() == list(range(10))
    for ending in ("csv", "xlsx"):
        assert run("export", "draws", f"draws.{ending}").exit_code == 0
    written = list(csv.DictReader(io.StringIO((tmp_path / "draws.csv").read_text())))
    assert [float(row["value"]) for row in written] == table["value"].to_pylist()
    assert openpyxl.load_workbook(tmp_path / "draws.xlsx")["Draws"].max_row == 11


def test_draws_of_a_curve_name_their_point() -> None:
    curve = np.arange(6, dtype=np.float32).reshape(2, 3)
    written = draws_parquet({DrawKey("curve:tv"): curve, DrawKey("cac", "tv"): np.array([7.0])})
    rows = parquet.read_table(io.BytesIO(written)).to_pylist()
    found = [(row["draw"], row["point"], row["value"]) for row in rows]
    assert found[:4] == [(0, 0, 0), (0, 1, 1), (0, 2, 2), (1, 0, 3)]
    assert (rows[6]["series"], *found[6]) == ("cac", 0, None, 7)
    assert parquet.read_table(io.BytesIO(draws_parquet({}))).num_rows == 0


def test_a_plan_is_drafted_shown_as_the_contract_says_and_exported(run: Run, tmp_path: Path) -> None:
    result = run("plan", "--starts-on", "2026-02-02", "--json", "--csv", "plan.csv")
    assert result.exit_code == 0, result.stderr
    document = json.loads(result.stdout)
    assert set(document) == {"plan", "contacts"}
    assert (document["plan"]["starts_on"], document["plan"]["ends_on"]) == ("2026-02-02", "2026-02-08")
    assert run("export", "plan", "again.csv").exit_code == 0
    assert (tmp_path / "again.csv").read_text() == (tmp_path / "plan.csv").read_text()
    assert (tmp_path / "plan.csv").read_text().splitlines()[0] == (
        "customer_id,promotion,channel,on,expected_value,reason,probability,ghost"
    )
    assert run("export", "plan", "again.xlsx").exit_code == 0
    book = openpyxl.load_workbook(tmp_path / "again.xlsx")
    assert (book.sheetnames, book["Contacts"].max_row) == (["Contacts", "Columns"], 1 + len(document["contacts"]))
    assert run("export", "plan", "again.json").exit_code == 0
    assert json.loads((tmp_path / "again.json").read_text()) == document


def test_explain_says_what_is_known_of_one_customer(run: Run) -> None:
    assert run("plan", "--starts-on", "2026-02-02", "--json").exit_code == 0
    document = json.loads(run("explain", "C1", "--json").stdout)
    assert (document["customer_id"], document["starts_on"]) == ("C1", "2026-02-02")
    assert "C1 in plan 1" in run("explain", "C1").stdout
    unknown = run("explain", "nobody")
    assert unknown.exit_code == 1
    assert "nobody" in unknown.stderr


def test_doctor_grades_the_last_run(run: Run) -> None:
    graded = {one["name"]: one for one in json.loads(run("doctor", "--json").stdout)["findings"]}
    assert graded["last run"]["grade"] == "good"
    assert "run 1 (order) published" in graded["last run"]["sentence"]
