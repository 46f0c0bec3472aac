"""What comes along with an import: help is quick, and the run ledger brings the site no model and no scheduler."""

import subprocess
import sys

import pytest

MODELS = {"pymc", "arviz", "nutpie", "pytensor", "numba", "attribution", "jobs.fitting"}


def loaded_by(script: str) -> set[str]:
    """The modules that a new interpreter holds after this script."""
    ended = subprocess.run(
        [sys.executable, "-c", f"{script}\nimport sys\nprint('LOADED', *sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    return set(ended.stdout.partition("LOADED ")[2].split())


@pytest.mark.parametrize("words", [["--help"], ["fit", "--help"], ["import", "--columns", "touches"]], ids=" ".join)
def test_help_loads_nothing_heavy(words: list[str]) -> None:
    loaded = loaded_by(f"from jobs.cli import main\nmain({words!r}, standalone_mode=False)")
    heavy = {"numpy", "pandas", "pyarrow", "duckdb", "sqlalchemy", "sqlmodel", "flask", "apscheduler", "rich", "altair"}
    assert "click" in loaded
    assert loaded & (heavy | MODELS) == set()


def test_the_run_ledger_brings_neither_a_model_nor_the_scheduler() -> None:
    loaded = loaded_by("import jobs.runs")
    assert "sqlmodel" in loaded
    assert loaded & (MODELS | {"apscheduler", "jobs.pipeline", "jobs.schedule", "jobs.cli"}) == set()


def test_the_scheduler_holds_no_model_itself() -> None:
    assert loaded_by("import jobs.schedule") & MODELS == set()


def test_a_run_loads_its_model_only_when_it_computes() -> None:
    assert loaded_by("import jobs.pipeline") & MODELS == set()
