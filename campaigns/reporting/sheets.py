"""Tables for spreadsheets: CSV, and workbooks whose cells have types and units and that say what each column is.

Everything that the product offers as a table goes through here, so that no text in it is ever run as a formula.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import chain, islice
from typing import Any, Literal, TypeAlias

from campaigns.language import _

__all__ = ["Field", "Kind", "Sheet", "csv_lines", "csv_text", "harmless", "xlsx_bytes"]

Kind: TypeAlias = Literal["text", "whole", "number", "money", "share", "date", "time", "yes or no"]

Row: TypeAlias = Mapping[str, Any]

FORMATS: Mapping[Kind, str] = {
    "whole": "#,##0",
    "number": "#,##0.00",
    "money": "#,##0.00",
    "share": "0.0%",
    "date": "yyyy-mm-dd",
    "time": "yyyy-mm-dd hh:mm:ss",
}
"""How a spreadsheet shows each kind; text as it is."""

ROWS = 1_048_575
"""Rows that a sheet holds below its header."""

CHARACTERS = 32_767
"""Characters that a cell of a workbook holds; what is longer is cut, in CSV too."""

_FORMULA = re.compile(r"\s*[=@＝＠|%]|[\t\r\n]|\s*[+\-＋－](?!\s*[\d.,\s]*$)")
_CONTROLS = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff\ufffe\uffff]")


@dataclass(frozen=True)
class Field:
    """A column: its name, what it says, what it holds and in what unit.

    Parameters
    ----------
    kind
        ``share`` is a number from 0 to 1; ``money`` is in major units; a ``time`` has its zone, and is written in UTC.
    """

    name: str
    meaning: str
    kind: Kind = "text"
    unit: str = ""


@dataclass(frozen=True)
class Sheet:
    """Rows with the columns that they have; rows may be an iterator, which is used up once.

    Parameters
    ----------
    name
        Its name in a workbook, at most 31 characters.
    rows
        By the names of the fields; what a row lacks is empty.
    """

    name: str
    fields: Sequence[Field]
    rows: Iterable[Row]


def harmless(text: str) -> str:
    """Return text that no spreadsheet runs as a formula: an apostrophe before what looks like one.

    Numbers keep their sign: ``-3``, ``+90 212`` and ``-1,5`` are no formulas.
    """
    return f"'{text}" if _FORMULA.match(text) else text


def csv_text(sheet: Sheet) -> str:
    """Return a sheet as CSV, with a header."""
    return "".join(csv_lines(sheet))


def csv_lines(sheet: Sheet) -> Iterator[str]:
    """Yield a sheet as CSV piece by piece, so that memory does not grow with it."""
    sink = io.StringIO(newline="")
    writer = csv.writer(sink, lineterminator="\n")
    writer.writerow([field.name for field in sheet.fields])
    rows = iter(sheet.rows)
    while True:
        some = list(islice(rows, 1_000))
        writer.writerows([_written(row.get(field.name)) for field in sheet.fields] for row in some)
        yield sink.getvalue()
        if not some:
            return
        sink.seek(0)
        sink.truncate()


def xlsx_bytes(sheets: Sequence[Sheet]) -> bytes:
    """Return a workbook: each sheet with its header, typed cells and a filter, and one that says what the columns are.

    A sheet of more rows than a workbook allows goes on in the next.
    """
    from openpyxl import Workbook  # here: it takes a fifth of a second to load

    book = Workbook(write_only=True)
    for sheet in sheets:
        rows = iter(sheet.rows)
        number = 1
        following = _fill(book, sheet, sheet.name, rows)
        while following is not None:
            number += 1
            following = _fill(book, sheet, f"{sheet.name[:27]} {number}", chain([following], rows))
    columns = _columns_of(sheets)
    _fill(book, columns, columns.name, iter(columns.rows))
    sink = io.BytesIO()
    book.save(sink)
    return sink.getvalue()


def _columns_of(sheets: Sequence[Sheet]) -> Sheet:
    fields = (
        Field("sheet", _("the sheet")),
        Field("column", _("the column")),
        Field("holds", _("what it holds")),
        Field("unit", _("its unit")),
        Field("meaning", _("what it says")),
    )
    rows = [
        {"sheet": sheet.name, "column": field.name, "holds": field.kind, "unit": field.unit, "meaning": field.meaning}
        for sheet in sheets
        for field in sheet.fields
    ]
    return Sheet(_("Columns"), fields, rows)


def _fill(book: Any, sheet: Sheet, title: str, rows: Iterator[Row]) -> Row | None:
    """Write one sheet; return the first row that found no place in it, or None."""
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.styles import Font
    from openpyxl.utils import get_column_letter

    page = book.create_sheet(re.sub(r"[\[\]:*?/\\]", " ", title)[:31])
    page.freeze_panes = "A2"
    for place, field in enumerate(sheet.fields, start=1):
        wide = 60 if field.name in ("meaning", "reason", "row", "expected", "found") else 12
        page.column_dimensions[get_column_letter(place)].width = max(wide, min(len(field.name) + 3, 40))
    header = []
    for field in sheet.fields:
        cell = WriteOnlyCell(page, value=_text(field.name))
        cell.font = Font(bold=True)
        header.append(cell)
    page.append(header)
    count = 0
    for row in islice(rows, ROWS):
        page.append([_cell(page, row.get(field.name), field) for field in sheet.fields])
        count += 1
    if sheet.fields:
        page.auto_filter.ref = f"A1:{get_column_letter(len(sheet.fields))}{count + 1}"
    return next(rows, None) if count == ROWS else None


def _cell(page: Any, value: Any, field: Field) -> Any:
    from openpyxl.cell import WriteOnlyCell

    if value is None:
        return None
    if isinstance(value, bool):
        return _yes_or_no(value)
    if field.kind == "text" or isinstance(value, str):
        cell = WriteOnlyCell(page, value=_text(value))
        cell.data_type = "s"
        return cell
    if isinstance(value, datetime):
        value = value.astimezone(UTC).replace(tzinfo=None, microsecond=0)
    cell = WriteOnlyCell(page, value=value)
    cell.number_format = FORMATS.get(field.kind, "General")
    return cell


def _text(value: object) -> str:
    # A lone carriage return ends a line for some readers of CSV, and is none that a workbook may hold.
    plain = str(value).replace("\r\n", "\n").replace("\r", "\n")
    return harmless(_CONTROLS.sub(" ", plain))[:CHARACTERS]


def _written(value: Any) -> Any:
    if value is None:
        return ""
    if isinstance(value, bool):
        return _yes_or_no(value)
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    return _text(value) if isinstance(value, str) else value


def _yes_or_no(value: bool) -> str:
    return "yes" if value else "no"
