"""A simulated market as files."""

from __future__ import annotations

import csv
import gzip
import json
import shlex
import tomllib
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow.parquet as pq
import pytest

from attribution.simulate import Market, MarketSpec, simulate_market
from campaigns.faults import RefusedError
from campaigns.intake.checking import CheckOptions
from campaigns.intake.files import take_in
from campaigns.intake.formats import KINDS
from jobs.market import TRUTH_FILE, reproducing_command, write_market

SPEC = MarketSpec(customers=1_500, days=60, seed=4)
SAMPLE = Path(__file__).parents[2] / "sample_data"


@pytest.fixture(scope="module")
def market() -> Market:
    return simulate_market(SPEC)


def read(path: Path) -> list[dict[str, str]]:
    text = gzip.decompress(path.read_bytes()) if path.suffix == ".gz" else path.read_bytes()
    return list(csv.DictReader(text.decode().splitlines()))


def contents(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_each_kind_is_one_file_in_the_columns_of_its_contract(market: Market, tmp_path: Path) -> None:
    written = write_market(market, tmp_path / "made")
    assert {path.name for path in written} == set(contents(tmp_path / "made"))
    kinds = {path.name.split(".")[0]: path for path in written}
    for kind, table in market.tables.items():
        if kind == "touches":
            assert pq.read_table(kinds[kind]).num_rows == table.num_rows
            continue
        rows = read(kinds[kind])
        assert len(rows) == table.num_rows
        assert [name for name in rows[0] if name not in {column.name for column in KINDS[kind].all_columns}] == []
    assert json.loads((tmp_path / "made" / TRUTH_FILE).read_text()) == market.truth


def test_values_are_written_as_the_contract_says(market: Market, tmp_path: Path) -> None:
    write_market(market, tmp_path)
    order = next(row for row in read(tmp_path / "responses.csv") if row["kind"] == "order")
    known = next(row for row in market.tables["responses"].to_pylist() if row["order_id"] == order["order_id"])
    assert order["occurred_at"] == known["occurred_at"].strftime("%Y-%m-%dT%H:%M:%SZ")
    assert float(order["value"]) == known["value"]
    assert order["promotion"] == ""
    touches = pq.read_table(tmp_path / "touches.parquet").to_pylist()
    assert touches == market.tables["touches"].to_pylist()


def test_the_same_spec_gives_the_same_bytes(market: Market, tmp_path: Path) -> None:
    write_market(market, tmp_path / "one")
    write_market(simulate_market(SPEC), tmp_path / "two")
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_a_folder_that_is_not_empty_is_refused_unless_told(market: Market, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("precious")
    (tmp_path / "truth.json").write_text("old")
    with pytest.raises(RefusedError, match="not empty"):
        write_market(market, tmp_path)
    assert set(contents(tmp_path)) == {"mine.txt", "truth.json"}
    write_market(market, tmp_path, overwrite=True)
    assert (tmp_path / "mine.txt").read_text() == "precious"
    assert json.loads((tmp_path / "truth.json").read_text()) == market.truth


def test_a_file_in_the_place_of_the_folder_is_refused(market: Market, tmp_path: Path) -> None:
    (tmp_path / "market").write_text("a file")
    with pytest.raises(RefusedError, match="is a file"):
        write_market(market, tmp_path / "market", overwrite=True)


def test_the_spec_stands_in_the_folder(market: Market, tmp_path: Path) -> None:
    write_market(market, tmp_path)
    told = tomllib.loads((tmp_path / "market.toml").read_text())
    assert told.pop("version") == market.truth["version"]
    assert told == SPEC.as_dict()
    assert reproducing_command(SPEC) in (tmp_path / "README.md").read_text()


def test_the_command_that_makes_it_again_names_what_was_asked(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert reproducing_command(SPEC) == "touchstone simulate market --customers 1500 --days 60 --seed 4"
    odd = replace(SPEC, intent="drifting", ghost_share=0.2)
    program = shlex.split(reproducing_command(odd))
    assert program[:2] == ["python", "-c"]
    monkeypatch.chdir(tmp_path)
    exec(program[2], {})  # noqa: S102 - our own text, as a person would type it
    assert tomllib.loads((tmp_path / "market" / "market.toml").read_text())["intent"] == "drifting"


def test_the_sample_market_is_what_the_default_spec_gives(tmp_path: Path) -> None:
    write_market(simulate_market(MarketSpec()), tmp_path)
    made, kept = contents(tmp_path), contents(SAMPLE)
    assert set(made) == set(kept)
    assert json.loads(made[TRUTH_FILE]) == json.loads(kept[TRUTH_FILE])
    for name in set(made) - {"touches.parquet", TRUTH_FILE}:
        read_back = gzip.decompress if name.endswith(".gz") else bytes
        assert read_back(made[name]) == read_back(kept[name]), name
    assert pq.read_table(tmp_path / "touches.parquet").equals(pq.read_table(SAMPLE / "touches.parquet"))


def test_every_file_of_the_sample_market_is_taken_in_without_a_fault() -> None:
    options = CheckOptions(zone=ZoneInfo("UTC"), currency="EUR", now=datetime(2026, 11, 1, tzinfo=UTC))
    files = [path for path in sorted(SAMPLE.iterdir()) if path.name.split(".")[0] in KINDS]
    assert len(files) == 12
    for path in files:
        checked = take_in(path, KINDS[path.name.split(".")[0]], options)
        assert checked.faults == (), path.name
        assert checked.notes == (), path.name


def test_the_sample_market_stays_small() -> None:
    assert sum(len(content) for content in contents(SAMPLE).values()) <= 4_000_000
