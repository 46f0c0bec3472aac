"""Workbooks are read as far as needed: neither all texts nor all rows where the first ones are enough."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Sequence
from pathlib import Path

import pytest

from campaigns.intake import reading, workbook
from campaigns.intake.expectation import Expectation
from campaigns.intake.reading import read

MAIN = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
OFFICE = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"


def book(texts: Sequence[str], rows: int) -> bytes:
    """Return a workbook as Excel writes one, its texts apart from its cells: the first two are its header.

    Parameters
    ----------
    texts
        The items of ``sharedStrings.xml``.
    rows
        Rows below the header, each with a text of its own and a number.
    """
    cells = [(0, 1), *((2 + number, None) for number in range(rows))]
    lines = "".join(
        f'<row r="{line}"><c r="A{line}" t="s"><v>{first}</v></c>'
        + (f'<c r="B{line}"><v>{line}</v></c>' if second is None else f'<c r="B{line}" t="s"><v>{second}</v></c>')
        + "</row>"
        for line, (first, second) in enumerate(cells, start=1)
    )
    overrides = "".join(
        f'<Override PartName="/xl/{part}.xml" ContentType="{TYPE}.{kind}+xml"/>'
        for part, kind in (
            ("workbook", "sheet.main"),
            ("worksheets/sheet1", "worksheet"),
            ("sharedStrings", "sharedStrings"),
        )
    )
    parts = {
        "[Content_Types].xml": f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" '
        f'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>{overrides}</Types>',
        "_rels/.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1" '
        f'Type="{OFFICE}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'<workbook {MAIN} xmlns:r="{OFFICE}"><sheets><sheet name="One" sheetId="1" r:id="r1"/>'
        "</sheets></workbook>",
        "xl/_rels/workbook.xml.rels": f'<Relationships xmlns="{PACKAGE}/relationships"><Relationship Id="r1" '
        f'Type="{OFFICE}/worksheet" Target="worksheets/sheet1.xml"/></Relationships>',
        "xl/worksheets/sheet1.xml": f"<worksheet {MAIN}><sheetData>{lines}</sheetData></worksheet>",
        "xl/sharedStrings.xml": f"<sst {MAIN}>{''.join(f'<si>{text}</si>' for text in texts)}</sst>",
    }
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as sink:
        for name, text in parts.items():
            sink.writestr(name, text)
    return stream.getvalue()


def named(count: int) -> list[str]:
    return ["<t>campaign</t>", "<t>cost</t>", *(f"<t>campaign {number}</t>" for number in range(count))]


def test_the_first_rows_of_a_long_workbook_need_neither_its_other_rows_nor_its_other_texts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    kept: list[int] = []
    first = workbook._Texts.__getitem__

    def counted(texts: workbook._Texts, place: int) -> str:
        text = first(texts, place)
        kept.append(len(texts._read))
        return text

    monkeypatch.setattr(reading, "HEAD_ROWS", 20)
    monkeypatch.setattr(workbook._Texts, "__getitem__", counted)
    path = tmp_path / "long.xlsx"
    path.write_bytes(book(named(3_000), 3_000))
    raw = read(path, head=True)
    assert (raw.partial, raw.table.num_rows) == (True, 20)
    assert max(kept) < 100
    whole = read(path)
    assert (whole.partial, whole.table.num_rows) == (False, 3_000)
    assert whole.table.column("campaign")[2_999].as_py() == "campaign 2999"


def test_a_text_in_several_looks_is_one_text_without_how_it_is_pronounced(tmp_path: Path) -> None:
    runs = "<r><rPr><b/></rPr><t>camp</t></r><r><t>aign 0</t></r><rPh sb='0' eb='1'><t>kampen</t></rPh>"
    path = tmp_path / "rich.xlsx"
    path.write_bytes(book([*named(0), runs, "<t>campaign 1</t>"], 2))
    assert read(path).table.column("campaign").to_pylist() == ["campaign 0", "campaign 1"]


def test_a_cell_that_names_a_text_that_is_not_there_is_a_damaged_workbook(tmp_path: Path) -> None:
    path = tmp_path / "damaged.xlsx"
    path.write_bytes(book(named(1), 2))
    (fault,) = read(path).faults
    assert "a workbook that cannot be read" in fault.found


def test_of_a_big_workbook_only_the_columns_that_are_read_stay(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "WHOLE_BYTES", 100)
    path = tmp_path / "big.xlsx"
    path.write_bytes(book(named(30), 30))
    raw = read(path, Expectation(lambda name: name == "cost"))
    assert raw.table.column_names == ["campaign", "cost"]
    raw = read(path, Expectation(lambda name: name == "campaign"))
    assert raw.table.column_names == ["campaign"]
    assert raw.table.num_rows == 30
