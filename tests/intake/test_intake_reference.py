from __future__ import annotations

from pathlib import Path

import pytest

from campaigns.intake.formats import KINDS
from campaigns.intake.mappings import names
from campaigns.intake.reference import BEGIN, END, describe, file_kinds_page, mappings_list, template

ROOT = Path(__file__).parents[2]
REMEDY = "run: python -m campaigns.intake.reference"


def test_the_page_of_file_kinds_is_current() -> None:
    assert (ROOT / "docs/file-kinds.md").read_text("utf-8") == file_kinds_page(), REMEDY


def test_the_list_of_mappings_is_current() -> None:
    text = (ROOT / "docs/mappings.md").read_text("utf-8")
    assert text.split(BEGIN)[1].split(END)[0].strip() == mappings_list().strip(), REMEDY


@pytest.mark.parametrize("kind", KINDS)
def test_every_column_is_described_on_every_page(kind: str) -> None:
    page, helped = file_kinds_page(), describe(KINDS[kind])
    assert f"\n## {kind}\n" in page
    for column in KINDS[kind].all_columns:
        assert f"`{column.name}`" in page
        assert f"  {column.name}{'*' if column.required else ''} " in helped
        assert column.meaning in helped


@pytest.mark.parametrize("kind", KINDS)
def test_a_template_names_every_column_and_fills_the_required_ones(kind: str) -> None:
    header, row, end = template(KINDS[kind]).split("\n")
    assert header.split(",") == [column.name for column in KINDS[kind].all_columns]
    assert row
    assert end == ""


def test_every_shipped_mapping_is_listed() -> None:
    assert all(f"`{name}`" in mappings_list() for name in names())
