"""The command line: what it accepts, how it refuses, what it writes."""

import json
import os
import re
import subprocess
import sys
import tomllib
from collections.abc import Callable
from dataclasses import fields
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from campaigns.settings import PREFIX, Settings
from jobs.cli import main
from jobs.commands.setting_up import write_settings_file

Run = Callable[..., Result]

GOOD = "occurred_at,kind,customer_id,value\n2026-01-01T10:00:00Z,order,C1,10\n2026-01-02T10:00:00Z,order,C2,20\n"
FAULTY = "occurred_at,kind,customer_id\n2026-01-01T10:00:00Z,ordr,C1\n2026-01-02T10:00:00Z,order,C2\n"


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty folder to work in, with no settings of this machine."""
    monkeypatch.chdir(tmp_path)
    for name in list(os.environ):
        if name.startswith(PREFIX):
            monkeypatch.delenv(name)
    return tmp_path


@pytest.fixture
def run(place: Path) -> Run:
    """Runs ``touchstone`` in ``place`` with these words; an unforeseen error fails the test with its traceback."""

    def run(*words: str | Path) -> Result:
        assert Path.cwd() == place
        return CliRunner().invoke(main, [str(word) for word in words], catch_exceptions=False)

    return run


@pytest.fixture
def ready(place: Path, empty_sqlite: Path) -> Path:
    """The folder, with a database that has been set up."""
    (place / "touchstone.db").write_bytes(empty_sqlite.read_bytes())
    return place


def every_command(group: click.Group, path: tuple[str, ...] = ()) -> list[tuple[str, ...]]:
    found = []
    for name, command in group.commands.items():
        deeper = isinstance(command, click.Group)
        found += every_command(command, (*path, name)) if deeper else [(*path, name)]
    return found


def test_all_commands_of_the_contract_exist_in_their_order() -> None:
    contract = (
        "demo init simulate import fit report credit plan explain policy hold teams webhooks serve scheduler doctor "
        "links export"
    )
    assert main.list_commands(click.Context(main)) == contract.split()


@pytest.mark.parametrize("words", every_command(main), ids=" ".join)
def test_help_of_every_command_shows_an_example_of_that_command(run: Run, words: tuple[str, ...]) -> None:
    result = run(*words, "--help")
    assert result.exit_code == 0
    examples = result.stdout.partition("Example")[2]
    assert f"touchstone {' '.join(words)}" in examples


@pytest.mark.parametrize("words", ["import", "fit", "report", "credit", "plan", "explain", "doctor"])
def test_what_prints_a_result_can_print_json(run: Run, words: str) -> None:
    assert "--json" in run(words, "--help").stdout


@pytest.mark.parametrize(
    "words",
    [
        ("no-such-command",),
        ("import",),
        ("import", "responses"),
        ("import", "no-such-kind", "file.csv"),
        ("import", "responses", "no-such-file.csv"),
        ("import", "--all", "."),
        ("fit", "--goal", "glory"),
        ("export", "report", "report.pdf"),
        ("credit", "no-such-file.csv"),
        ("plan", "--days", "0"),
    ],
    ids=" ".join,
)
def test_wrong_usage_ends_with_status_two_and_a_word_on_standard_error(run: Run, words: tuple[str, ...]) -> None:
    result = run(*words)
    assert result.exit_code == 2
    assert result.stderr
    assert not result.stdout


@pytest.mark.parametrize(
    "words",
    [("report",), ("plan",), ("fit",), ("explain", "C1"), ("import", "responses", "f.csv"), ("scheduler", "--once")],
    ids=" ".join,
)
def test_a_database_that_was_never_set_up_is_refused_with_what_to_do(
    run: Run, place: Path, words: tuple[str, ...]
) -> None:
    (place / "f.csv").write_text(GOOD)
    result = run(*words)
    assert result.exit_code == 1
    assert "touchstone init" in result.stderr
    assert not result.stdout


def test_unusable_settings_are_refused_all_at_once(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TOUCHSTONE_TIME_ZONE", "Mars/Olympus")
    monkeypatch.setenv("TOUCHSTONE_CURRENCY", "euros")
    result = run("init")
    assert result.exit_code == 1
    assert "Mars/Olympus" in result.stderr
    assert "euros" in result.stderr


def test_an_error_that_nobody_foresaw_keeps_its_traceback(place: Path) -> None:
    script = "import jobs.commands.setting_up as s, jobs.cli as c\ns.Settings = None\nc.main(['init'])"
    ended = subprocess.run([sys.executable, "-c", script], cwd=place, capture_output=True, text=True, check=False)
    assert ended.returncode == 1
    assert "Traceback" in ended.stderr


def test_init_makes_the_database_and_a_settings_file_and_may_be_run_again(run: Run, place: Path) -> None:
    first = run("init")
    assert first.exit_code == 0
    assert "Wrote touchstone.toml" in first.stdout
    (place / "touchstone.toml").write_text('currency = "TRY"\n')
    second = run("init")
    assert second.exit_code == 0
    assert "Kept touchstone.toml" in second.stdout
    assert (place / "touchstone.toml").read_text() == 'currency = "TRY"\n'
    assert run("import", "--dry-run", "responses", _file(place, GOOD)).exit_code == 0


def test_the_settings_file_that_init_writes_names_every_setting_at_its_default_and_a_new_key(tmp_path: Path) -> None:
    file = write_settings_file(tmp_path)
    assert file is not None
    text = file.read_text("utf-8")
    written = tomllib.loads("\n".join(line.removeprefix("# ") for line in text.splitlines() if " = " in line))
    key = written.pop("secret_key")
    assert re.fullmatch("[0-9a-f]{64}", key)
    assert written == {field.name: field.default for field in fields(Settings) if field.name != "secret_key"}
    assert tomllib.loads(text) == {"secret_key": key}
    assert file.stat().st_mode & 0o077 == 0


def test_importing_the_same_file_twice_adds_nothing(run: Run, ready: Path) -> None:
    file = _file(ready, GOOD)
    first, second = (json.loads(run("import", "responses", file, "--json").stdout)["files"][0] for _ in range(2))
    assert (first["rows"], first["added"], first["unchanged"]) == (2, 2, 0)
    assert (second["rows"], second["added"], second["unchanged"]) == (2, 0, 2)


def test_a_faulty_file_is_refused_whole_and_all_its_faults_are_listed_beside_it(run: Run, ready: Path) -> None:
    rows = "".join(f"2026-01-01T10:00:00Z,ordr,C{number}\n" for number in range(50))
    file = _file(ready, "occurred_at,kind,customer_id\n" + rows)
    result = run("import", "responses", file)
    assert result.exit_code == 1
    assert not result.stdout
    assert result.stderr.count("found ordr") == 1
    assert "(and in 49 more lines)" in result.stderr
    listed = (ready / "orders.csv.faults.csv").read_text().splitlines()
    assert listed[0] == "line,column,found,expected,sheet"
    assert len(listed) == 51
    assert run("import", "responses", _file(ready, GOOD), "--dry-run").stdout == ""
    held = {one["name"]: one["sentence"] for one in json.loads(run("doctor", "--json").stdout)["findings"]}
    assert held["responses"].startswith("none yet")


def test_skip_faulty_stores_the_good_rows(run: Run, ready: Path) -> None:
    result = run("import", "responses", _file(ready, FAULTY), "--skip-faulty", "--json")
    assert result.exit_code == 0
    one = json.loads(result.stdout)["files"][0]
    assert (one["added"], one["skipped"]) == (1, 1)
    assert Path(one["faults_file"]).is_file()


def test_a_dry_run_stores_nothing(run: Run, ready: Path) -> None:
    file = _file(ready, GOOD)
    assert run("import", "responses", file, "--dry-run").exit_code == 0
    assert json.loads(run("import", "responses", file, "--json").stdout)["files"][0]["added"] == 2


def test_of_several_files_the_good_ones_are_stored_and_the_refusal_shows_in_the_status(run: Run, ready: Path) -> None:
    good, bad = _file(ready, GOOD, "good.csv"), _file(ready, FAULTY, "bad.csv")
    result = run("import", "responses", bad, good, "--json")
    assert result.exit_code == 1
    stored, refused = json.loads(result.stdout)["files"]
    assert (stored["file"], stored["added"]) == (str(good), 2)
    assert (refused["file"], refused["faults"][0]["found"]) == (str(bad), "ordr")


def test_a_faulty_file_in_a_folder_that_cannot_be_written_is_refused_all_the_same(run: Run, ready: Path) -> None:
    # A folder in the place of the list bars it for every user, root too.
    file = _file(ready, FAULTY)
    (ready / "orders.csv.faults.csv").mkdir()
    result = run("import", "responses", file)
    assert result.exit_code == 1
    assert "found ordr" in result.stderr


def test_a_folder_is_imported_in_the_order_that_rates_and_channels_need(run: Run, ready: Path) -> None:
    folder = ready / "files"
    folder.mkdir()
    _file(folder, "date,channel,cost,currency\n2026-01-02,tv,10,USD\n", "spend-january.csv")
    _file(folder, "date,currency,rate\n2026-01-01,USD,0.5\n", "rates.csv")
    _file(folder, "nothing to see", "notes.csv")
    result = run("import", "--all", folder, "--json")
    assert result.exit_code == 0, result.stderr
    assert [one["kind"] for one in json.loads(result.stdout)["files"]] == ["rates", "spend"]


def test_columns_lists_what_a_kind_may_hold(run: Run) -> None:
    result = run("import", "--columns", "spend")
    assert result.exit_code == 0
    for word in ("date*", "cost_kind", "media | agency", "claimed_value", "currency", "source"):
        assert word in result.stdout


def test_credit_adds_up_paths_that_repeat(run: Run, place: Path) -> None:
    text = "path,total_conversions,total_conversion_value,total_null\na > b,1,10,2\na > b,1,10,0\nb,1,5,1\n"
    result = run("credit", _file(place, text), "--json")
    assert result.exit_code == 0
    document = json.loads(result.stdout)
    assert (document["conversions"], document["value"]) == (3, 25)
    last = {row["channel"]: row["last_touch"]["conversions"] for row in document["channels"]}
    assert last == {"a": 0, "b": 3}
    assert "Markov" in run("credit", _file(place, text)).stdout


def test_credit_refuses_a_file_that_holds_no_paths(run: Run, place: Path) -> None:
    result = run("credit", _file(place, GOOD))
    assert result.exit_code == 1
    assert "total_conversions" in result.stderr


def test_simulate_writes_a_market_that_imports_without_a_fault(run: Run, ready: Path) -> None:
    assert run("simulate", "market", "--customers", "200", "--days", "60", "--seed", "3").exit_code == 0
    assert (ready / "market" / "truth.json").is_file()
    again = run("simulate", "market", "--customers", "200", "--days", "60")
    assert again.exit_code == 1
    assert "not empty" in again.stderr
    result = run("import", "--all", "market", "--json")
    assert result.exit_code == 0, result.stderr
    assert {"customers", "touches", "responses", "spend"} <= {one["kind"] for one in json.loads(result.stdout)["files"]}


def test_doctor_says_what_is_missing_and_what_to_do(run: Run) -> None:
    before = run("doctor", "--json")
    assert before.exit_code == 1
    graded = {one["name"]: one for one in json.loads(before.stdout)["findings"]}
    assert graded["database"]["grade"] == "bad"
    assert "touchstone init" in graded["database"]["remedy"]
    run("init")
    after = run("doctor")
    assert after.exit_code == 1
    assert "touchstone import touches FILE" in after.stdout


@pytest.mark.usefixtures("ready")
def test_results_that_do_not_exist_yet_are_refused_with_what_to_do(run: Run) -> None:
    for words in (("report",), ("export", "report", "report.csv"), ("plan",)):
        result = run(*words)
        assert result.exit_code == 1, words
        assert "touchstone fit" in result.stderr


def _file(folder: Path, text: str, name: str = "orders.csv") -> Path:
    path = folder / name
    path.write_text(text)
    return path
