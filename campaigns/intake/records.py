"""Read what comes record by record: JSON Lines and XLSX."""

from __future__ import annotations

import itertools
import json
from collections.abc import Collection, Generator, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa

from campaigns.faults import Fault
from campaigns.intake.cells import spelling
from campaigns.intake.expectation import LOOKED_AT, Expectation, best_header
from campaigns.intake.opening import MARK, oversize
from campaigns.intake.raw import Finding, Raw, broken, counted, lines_after

__all__ = ["read_json_lines", "read_sheet"]

ROWS_AT_ONCE = 50_000
SHEET_ERRORS = frozenset({"#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!", "#SPILL!", "#CALC!"})


class _Records:
    """Collects records into text columns, in batches, so that memory holds few Python objects at a time."""

    def __init__(self, names: Iterable[str] = (), expected: Expectation | None = None) -> None:
        self._known = expected.known if expected is not None and expected.narrow else None
        self.names: dict[str, None] = dict.fromkeys(names)
        self.lines: list[int] = []
        self.findings: list[Finding] = []
        self._pending: list[Mapping[str, str | None]] = []
        self._tables: list[pa.Table] = []

    def add(self, line: int, record: Mapping[str, str | None]) -> None:
        """Take a record; names not met before become columns."""
        if self._known is not None:
            record = {name: value for name, value in record.items() if self._known(name)}
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


def read_json_lines(chunks: Iterator[bytes], expected: Expectation | None = None) -> Raw:
    """Read JSON Lines: one object per line, each value kept as written.

    Numbers keep their digits, lists are joined by ``|``, blank lines are skipped, and a line that is no object is a
    finding.
    """
    records = _Records((), expected)
    for line, data in enumerate(_lines(chunks), start=1):
        try:
            written = data.decode("utf-8").strip()
        except UnicodeDecodeError as error:
            byte = data[error.start]
            return broken(Fault(line, "", f"the byte {byte:#04x}, which is not UTF-8", "text in UTF-8"))
        if written:
            _take(records, line, written)
    if not records.lines:
        return broken(Fault(0, "", "an empty file", "one JSON object per line"))
    return records.finish(0)


def _lines(chunks: Iterator[bytes]) -> Iterator[bytes]:
    """Yield the lines of a file, without its mark."""
    held = next(chunks, b"").removeprefix(MARK)
    for chunk in chunks:
        *whole, held = (held + chunk).split(b"\n")
        yield from whole
    yield from held.split(b"\n")


def _take(records: _Records, line: int, written: str) -> None:
    """Take one line."""
    try:
        record = _decoder.decode(written)
        if not isinstance(record, dict):
            records.spoil(line, _shortened(written), "one JSON object per line")
            return
        row = {name.strip(): _text(value) for name, value in record.items()}
        "".join((*row, *filter(None, row.values()))).encode()
    except _TwiceError as error:
        records.spoil(line, f"the name {error} twice", "each name once per object")
    except UnicodeEncodeError:
        records.spoil(line, "half of a surrogate pair", "text in UTF-8")
    except (ValueError, RecursionError) as error:
        records.spoil(line, f"{_shortened(written)} ({_shortened(str(error))})", "one JSON object per line")
    else:
        records.add(line, row)


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


def read_sheet(path: Path, expected: Expectation | None = None, most: int | None = None) -> Raw:
    """Read a sheet of an XLSX workbook row by row.

    Parameters
    ----------
    expected
        What a mapping knows of the workbook: without it, the first sheet is read and its first row that is not blank
        holds the column names; with it, the sheet that it names, or whose first rows hold most of the names it knows.
    most
        Rows that are enough; all of them if None.
    """
    from campaigns.intake.workbook import opened_book  # it takes longer to load than most files to read

    try:
        too_large = oversize(path, book=True)
        if too_large is not None:
            return broken(too_large)
        with opened_book(path) as book:
            return _from_book(book, expected, most)
    except OSError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever the parser trips over, the workbook is what is damaged
        found = f"a workbook that cannot be read ({type(error).__name__}: {_shortened(str(error))})"
        return broken(Fault(0, "", found, "an XLSX workbook"))


def _from_book(book: Any, expected: Expectation | None, most: int | None) -> Raw:
    sheets = book.worksheets
    sheet, (header_line, header) = _chosen_sheet(sheets, expected)
    if not header:
        return broken(Fault(0, "", "an empty sheet", "a row of column names, then the rows"))
    names = [_cell(cell).strip() for cell in header]
    while names and not names[-1]:
        names.pop()
    places = [str(place) for place in range(len(names))]
    known = expected.known if expected is not None and expected.narrow else None
    wanted = {place: name for place, name in zip(places, names, strict=True) if known is None or known(name)}
    if places:
        wanted = {places[0]: names[0], **wanted}  # the first column tells totals from rows
    records = _Records(wanted)
    partial = False
    rows = _sheet_rows(sheet)
    for line, cells in rows:
        if line > header_line:
            if partial := most is not None and len(records.lines) == most:
                break
            _take_cells(records, line, cells, places, wanted)
    rows.close()
    others = len(sheets) - 1
    which = f'only the sheet "{sheet.title}"' if sheet is not sheets[0] else f'only the first sheet, "{sheet.title}",'
    notes = (f"{which} was read; {others} more left alone",) if others else ()
    raw = records.finish(header_line, notes)
    return replace(
        raw, table=raw.table.rename_columns(list(wanted.values())), sheet=sheet.title if others else "", partial=partial
    )


def _sheet_rows(sheet: Any) -> Generator[tuple[int, tuple[object, ...]], None, None]:
    """Yield the rows that are not blank, with their lines."""
    for line, cells in enumerate(sheet.iter_rows(values_only=True), start=1):
        if any(cell is not None and str(cell).strip() for cell in cells):
            yield line, cells


def _chosen_sheet(sheets: Any, expected: Expectation | None) -> tuple[Any, tuple[int, tuple[object, ...]]]:
    """Return the sheet to read, and the line and the cells of its header; no cells where it is empty."""
    if expected is not None and expected.sheet:
        sheets = [sheet for sheet in sheets if spelling(sheet.title) == spelling(expected.sheet)] or sheets
    chosen: tuple[Any, tuple[int, tuple[object, ...]]] = (sheets[0], (0, ()))
    most = -1
    for sheet in sheets if expected is not None else sheets[:1]:
        top = list(itertools.islice(_sheet_rows(sheet), LOOKED_AT))
        if top:
            header, score = best_header([(row, [_cell(cell) for cell in row[1]]) for row in top], expected)
            if score > most:
                chosen, most = (sheet, header), score
    return chosen


def _take_cells(
    records: _Records, line: int, cells: tuple[object, ...], places: list[str], wanted: Collection[str]
) -> None:
    texts = [_cell(cell) for cell in cells]
    wrong = next((text for text in texts if text in SHEET_ERRORS), None)
    if wrong is not None:
        records.spoil(line, wrong, "a value, not an error of the sheet")
    elif any(texts[len(places) :]):
        records.spoil(line, counted(len(texts), "value"), f"{len(places)} values, one for each column name")
    else:
        told = zip(places, texts, strict=False)
        records.add(line, {place: text for place, text in told if place in wanted})


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
