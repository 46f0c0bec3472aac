"""The demo: the whole way in one command, in a folder of its own, as often as one likes."""

import json
import os
import subprocess
import sys
from datetime import date, timedelta
from pathlib import Path

import pandas as pd
import pytest
from click.testing import CliRunner

from attribution.simulate import MarketSpec, simulate_market
from campaigns.importing import files_of
from campaigns.intake.formats import Type
from campaigns.store.database import Database
from campaigns.store.holdings import holdings
from jobs import runs
from jobs.cli import main
from jobs.market import write_market
from jobs.moved_market import move_market, weeks_until
from jobs.pipeline import Compute


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A small simulated market, as files."""
    folder = tmp_path_factory.mktemp("demo") / "market"
    write_market(simulate_market(MarketSpec(customers=300, days=60, seed=3)), folder)
    return folder


def rows_of(database: Database) -> dict[str, int]:
    return {holding.kind: holding.rows for holding in holdings(database)}


def test_the_demo_goes_the_whole_way_and_may_be_run_again(
    market: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, computing: Compute
) -> None:
    monkeypatch.setattr("jobs.pipeline._compute", lambda: computing)
    monkeypatch.setenv("TOUCHSTONE_DATABASE_URL", "postgresql://nobody@nowhere/nothing")
    monkeypatch.chdir(tmp_path)
    database = Database(f"sqlite:///{tmp_path / 'look' / 'touchstone.db'}")
    stored = []
    for _ in range(2):
        result = CliRunner().invoke(main, ["demo", "--into", "look", "--market", str(market)], catch_exceptions=False)
        assert result.exit_code == 0, result.stderr
        assert "Beside the truth" in result.stdout
        assert "Left out, and why" in result.stdout
        assert "touchstone serve" in result.stdout
        assert "import: " in result.stderr
        stored.append(rows_of(database))
    assert stored[0] == stored[1]
    assert stored[0]["customers"] == 300
    assert [run.state for run in runs.recent(database)] == ["published", "published"]
    database.dispose()
    assert sorted(path.name for path in (tmp_path / "look").iterdir() if "touchstone.db" not in path.name) == [
        "report.html",
        "touchstone.toml",
    ]
    assert sorted(path.name for path in tmp_path.iterdir()) == ["look"]


@pytest.mark.parametrize("today", ["2026-01-02", "2026-11-22", "2031-02-28"])
def test_a_market_is_moved_by_whole_weeks_to_end_last_week(market: Path, tmp_path: Path, today: str) -> None:
    end = date.fromisoformat(json.loads((market / "truth.json").read_text())["window"]["end"])
    weeks = weeks_until(date.fromisoformat(today), end)
    truth = move_market(market, weeks, tmp_path)
    ends = date.fromisoformat(truth["window"]["end"])
    assert 1 <= (date.fromisoformat(today) - ends).days <= 7
    assert (ends - end) == timedelta(weeks=weeks)
    for kind, before in files_of(market):
        (after,) = (path for each, path in files_of(tmp_path) if each == kind)
        days = [column.name for column in kind.all_columns if column.type in (Type.DATE, Type.TIME)]
        was, now = (_frame(path) for path in (before, after))
        assert list(was.columns) == list(now.columns)
        assert was.drop(columns=days, errors="ignore").equals(now.drop(columns=days, errors="ignore"))
        for name in was.columns.intersection(days):
            first, then = (pd.to_datetime(frame[name], utc=True, format="ISO8601") for frame in (was, now))
            pd.testing.assert_series_equal(then - pd.Timedelta(weeks=weeks), first, check_dtype=False)


def _frame(path: Path) -> pd.DataFrame:
    if path.suffix == ".parquet":
        return pd.read_parquet(path)
    return pd.read_csv(path, dtype=str)


def test_a_fit_that_fails_its_checks_ends_the_demo_with_its_reason(
    market: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, failing: Compute
) -> None:
    monkeypatch.setattr("jobs.pipeline._compute", lambda: failing)
    monkeypatch.chdir(tmp_path)
    result = CliRunner().invoke(main, ["demo", "--market", str(market)], catch_exceptions=False)
    assert result.exit_code == 1
    assert "The chains disagree." in result.stderr


@pytest.mark.slow
def test_the_demo_of_a_fresh_machine_ends_well_and_shows_every_method_beside_the_truth(tmp_path: Path) -> None:
    environ = {name: value for name, value in os.environ.items() if not name.startswith("TOUCHSTONE_")}
    command = [sys.executable, "-c", "from jobs.cli import main; main()", "demo"]
    ended = subprocess.run(command, cwd=tmp_path, env=environ, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stderr
    assert "ads inside their likely range" in ended.stdout
    assert (tmp_path / "touchstone-demo" / "report.html").stat().st_size > 10_000
