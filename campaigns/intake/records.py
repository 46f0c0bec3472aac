"""Read what comes record by record: JSON Lines and XLSX."""

from __future__ import annotations

import io
import json
import warnings
from collections.abc import Iterable, Mapping
from dataclasses import replace
from datetime import date, datetime, time
from typing import Any

import numpy as np
import pyarrow as pa

from campaigns.faults import Fault
from campaigns.intake.raw import Finding, Raw, broken, counted, lines_after

__all__ = ["read_json_lines", "read_sheet"]

ROWS_AT_ONCE = 50_000
SHEET_ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#CALC!"})


class _Records:
    """Collects records into text columns, in batches, so that memory holds few Python objects at a time."""

    def __init__(self, names: Iterable[str] = ()) -> None:
        self.names: dict[str, None] = dict.fromkeys(names)
        self.lines: list[int] = []
        self.findings: list[Finding] = []
        self._pending: list[Mapping[str, str | None]] = []
        self._tables: list[pa.Table] = []

    def add(self, line: int, record: Mapping[str, str | None]) -> None:
        """Take a record; names not met before become columns."""
        self.names.update(dict.fromkeys(record))
        self.lines.append(line)
        self._pending.append(record)
        if len(self._pending) == ROWS_AT_ONCE:
            self._flush()

    def spoil(self, line: int, found: str, expected: str) -> None:
        """Keep the place of a record that cannot be read."""
        self.findings.append(Finding(len(self.lines), "", found, expected))
        self.add(line, {})

    def _flush(self) -> None:
        rows, self._pending = self._pending, []
        columns = {name: pa.array([row.get(name) for row in rows], pa.string()) for name in self.names}
        self._tables.append(pa.table(columns) if columns else pa.table({"": pa.nulls(len(rows), pa.string())}))

    def finish(self, header_line: int, notes: tuple[str, ...] = ()) -> Raw:
        """Return everything collected."""
        self._flush()
        table = pa.concat_tables(self._tables, promote_options="default")
        return Raw(
            table.select(list(self.names)) if self.names else table,
            lines_after(np.array(self.lines, np.int64)),
            header_line,
            findings=tuple(self.findings),
            notes=notes,
        )


def read_json_lines(data: bytes) -> Raw:
    """Read JSON Lines: one object per line, each value kept as written.

    Numbers keep their digits, lists are joined by ``|``, blank lines are skipped, and a line that is no object is a
    finding.
    """
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        return broken(Fault(line, "", f"the byte {data[error.start]:#04x}, which is not UTF-8", "text in UTF-8"))
    records = _Records()
    for line, written in enumerate(io.StringIO(text), start=1):
        if not written.strip():
            continue
        try:
            record = _decoder.decode(written.strip())
            if not isinstance(record, dict):
                records.spoil(line, _shortened(written.strip()), "one JSON object per line")
                continue
            row = {name.strip(): _text(value) for name, value in record.items()}
            "".join((*row, *filter(None, row.values()))).encode()
        except _TwiceError as error:
            records.spoil(line, f"the name {error} twice", "each name once per object")
        except UnicodeEncodeError:
            records.spoil(line, "half of a surrogate pair", "text in UTF-8")
        except (ValueError, RecursionError) as error:
            records.spoil(line, f"{_shortened(written.strip())} ({_shortened(str(error))})", "one JSON object per line")
        else:
            records.add(line, row)
    if not records.lines:
        return broken(Fault(0, "", "an empty file", "one JSON object per line"))
    return records.finish(0)


class _TwiceError(ValueError):
    """An object names the same thing twice."""


def _once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    record = dict(pairs)
    if len(record) < len(pairs):
        names = [name for name, _ in pairs]
        raise _TwiceError(next(name for name in names if names.count(name) > 1))
    return record


_decoder = json.JSONDecoder(parse_float=str, parse_int=str, parse_constant=str, object_pairs_hook=_once)


def _text(value: object) -> str | None:
    """Return the text of a JSON value, digits as written."""
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list) and not any(isinstance(item, dict | list) for item in value):
        return "|".join(filter(None, map(_text, value)))
    return json.dumps(value, ensure_ascii=False)


def _shortened(text: str) -> str:
    return text if len(text) <= 60 else text[:57] + "..."


def read_sheet(data: bytes) -> Raw:
    """Read the first sheet of an XLSX workbook; its first row that is not blank holds the column names."""
    import openpyxl  # here, since it takes longer to load than most files to read, and few are workbooks

    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # styles and extensions that openpyxl does not know; values are read
            book = openpyxl.load_workbook(io.BytesIO(data), read_only=True, data_only=True)
            sheet = book.worksheets[0]
            sheet.reset_dimensions()
            rows = [
                (line, cells)
                for line, cells in enumerate(sheet.iter_rows(values_only=True), start=1)
                if any(cell is not None and str(cell).strip() for cell in cells)
            ]
    except Exception as error:  # noqa: BLE001 - whatever the parser trips over, the workbook is what is damaged
        found = f"a workbook that cannot be read ({type(error).__name__}: {_shortened(str(error))})"
        return broken(Fault(0, "", found, "an XLSX workbook"))
    if not rows:
        return broken(Fault(0, "", "an empty sheet", "a row of column names, then the rows"))
    (header_line, header), *below = rows
    names = [_cell(cell).strip() for cell in header]
    while names and not names[-1]:
        names.pop()
    places = [str(place) for place in range(len(names))]
    records = _Records(places)
    for line, cells in below:
        texts = [_cell(cell) for cell in cells]
        wrong = next((text for text in texts if text in SHEET_ERRORS), None)
        if wrong is not None:
            records.spoil(line, wrong, "a value, not an error of the sheet")
        elif any(texts[len(names) :]):
            records.spoil(line, counted(len(texts), "value"), f"{len(names)} values, one for each column name")
        else:
            records.add(line, dict(zip(places, texts, strict=False)))
    others = len(book.worksheets) - 1
    notes = (f'only the first sheet, "{sheet.title}", was read; {others} more left alone',) if others else ()
    raw = records.finish(header_line, notes)
    return replace(raw, table=raw.table.rename_columns(names))


def _cell(value: object) -> str:
    """Return the text of a cell: whole numbers without a point, a day at midnight as a date."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time(0) else value.isoformat(sep=" ")
    if isinstance(value, date | time):
        return value.isoformat()
    return str(value)
