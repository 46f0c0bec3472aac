"""The documents: every command, setting and file kind is in them, and what is generated is current."""

import re
import tomllib
from dataclasses import Field, fields
from pathlib import Path

import pytest

from campaigns.intake.formats import KINDS
from campaigns.settings import PREFIX, Settings
from jobs.cli import main
from jobs.reference import cli_page, setting_meanings

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
DOCUMENTS = sorted((*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md")))
LOCKS = ("requirements.lock", "requirements-pymc6.lock")
TARGETS = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))


def test_the_page_of_the_command_line_is_current() -> None:
    assert (ROOT / "docs" / "cli.md").read_text("utf-8") == cli_page(main), "run: make docs"


def test_every_setting_has_a_meaning() -> None:
    meanings = setting_meanings()
    assert set(meanings) == {field.name for field in fields(Settings)}
    assert all(meanings.values())


@pytest.mark.parametrize("name", list(main.commands))
def test_every_command_is_in_the_readme(name: str) -> None:
    assert f"| `{name}` |" in README


@pytest.mark.parametrize("field", fields(Settings), ids=lambda field: field.name)
def test_every_setting_is_in_the_readme_with_its_default(field: Field[object]) -> None:
    row = next((line for line in README.splitlines() if f"`{PREFIX}{field.name.upper()}`" in line), "")
    assert f"| `{field.name}` |" in row
    assert field.default == "" or f"`{_written(field.default)}`" in row


@pytest.mark.parametrize("kind", list(KINDS))
def test_every_file_kind_is_in_the_readme(kind: str) -> None:
    assert f"`{kind}`" in README.partition("### The kinds of file")[2].partition("\n## ")[0]


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_what_a_document_links_to_exists(document: Path) -> None:
    links = re.findall(r"\]\(([^)#]+)(?:#[^)]*)?\)", document.read_text("utf-8"))
    assert [link for link in links if "://" not in link and not (document.parent / link).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.name)
def test_what_a_document_tells_to_type_exists(document: Path) -> None:
    text = document.read_text("utf-8")
    typed = re.findall(r"(?:^|`|&& |: )(?:\.venv/bin/)?(make|touchstone) ([a-z][a-z-]*)", text, re.MULTILINE)
    assert {word for tool, word in typed if tool == "make"} <= TARGETS
    assert {word for tool, word in typed if tool == "touchstone"} <= set(main.commands)


def test_make_has_what_a_fresh_machine_needs() -> None:
    assert {"demo", "test", "test-all", "check", "serve", "bench", "lock", "help"} <= TARGETS


@pytest.mark.parametrize("lock", LOCKS)
def test_a_lock_pins_every_dependency_to_one_exact_version_and_names_no_host(lock: str) -> None:
    lines = (ROOT / lock).read_text("utf-8").splitlines()
    pins = [line for line in lines if line and not line.lstrip().startswith("#")]
    assert [line for line in pins if not re.fullmatch(r"[a-z0-9][a-z0-9._-]*==[^ ;]+( ;.*)?", line)] == []
    assert not any("://" in line for line in lines)
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
    wanted = [*project["project"]["dependencies"], *project["dependency-groups"]["dev"]]
    pinned = {line.partition("==")[0] for line in pins}
    assert {re.match(r"[a-z0-9-]+", name).group() for name in wanted} <= pinned


def test_the_locks_differ_in_the_generation_of_pymc() -> None:
    generations = [re.search(r"^pymc==(\d+)", (ROOT / lock).read_text("utf-8"), re.MULTILINE) for lock in LOCKS]
    assert [found and found.group(1) for found in generations] == ["5", "6"]


def _written(value: object) -> str:
    """A value as it stands in touchstone.toml."""
    return str(value).lower() if isinstance(value, bool) else str(value)
