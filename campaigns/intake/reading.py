"""Read a file of any format that we take, by the ending of its name."""

from __future__ import annotations

import gzip
import re
import zipfile
import zlib
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from pathlib import Path, PurePosixPath
from typing import TypeAlias

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from campaigns.faults import Fault
from campaigns.intake.delimited import AstrayError, read_delimited
from campaigns.intake.expectation import ENOUGH, Expectation
from campaigns.intake.kernels import Chunked, pc
from campaigns.intake.opening import LARGEST, RATIO, TooLargeError, chunks_of, opened, oversize
from campaigns.intake.raw import Raw, broken, lines_after, numbered
from campaigns.intake.records import read_json_lines, read_sheet

__all__ = ["ENDINGS", "ending_of", "read"]

PANDAS_INDEX = r"__index_level_\d+__"
"""Columns that pandas adds to Parquet for the labels of its rows; nobody wrote them."""

WHOLE_BYTES = 16 << 20
"""Bytes of a file above which only the columns that its mapping reads are kept in memory."""

HEAD_BYTES, HEAD_ROWS = 400_000, 2_000
"""How much of a file is enough to know it by."""

Part: TypeAlias = Callable[[Iterator[bytes]], Iterator[bytes]]
"""What is read of a stream."""

OLD_BOOKS = (".xls", ".xlsb", ".ods", ".numbers")
"""Workbooks that we do not take, and that spreadsheet programs save as one that we do."""

FEW_BYTES = 3
"""Bytes per value below which a text column of Parquet is read encoded."""


def read(path: Path, expected: Expectation | None = None, *, head: bool = False) -> Raw:
    """Read a file as it stands.

    Parameters
    ----------
    path
        The file; the ending of its name tells the format (:data:`ENDINGS`, each text format also with ``.gz``).
    expected
        What a mapping knows of it: the header may then stand below other lines, in any sheet, in any encoding.
    head
        Whether the first rows are enough: some hundred kilobytes of text, or some thousand rows.

    Returns
    -------
    The columns as read. A file that cannot be used at all (absent, damaged, empty, too large once unpacked, without
    rows, with a column name twice) has ``faults`` and no rows; nothing is raised.
    """
    ending = ending_of(path.name)
    if ending is None:
        return broken(Fault(0, "", f"a file named {path.name}", _other_form(path)))
    try:
        if expected is not None and path.stat().st_size > WHOLE_BYTES:
            expected = replace(expected, narrow=True)
        top = _Top() if head else None
        raw = _read(path, ending, expected, top or _all)
        if top is not None and top.cut:
            raw = replace(raw, partial=True)
    except FileNotFoundError:
        return broken(Fault(0, "", f"no file {path}", "a file that exists"))
    except TooLargeError as error:
        expectation = (
            f"at most {LARGEST >> 20:,} MB, at most {RATIO} times what the file takes; export a shorter period"
        )
        return broken(Fault(0, "", f"a packed file that holds {error}", expectation))
    except zipfile.BadZipFile as error:
        return broken(Fault(0, "", f"a ZIP file that cannot be read ({error})", "a whole .zip file"))
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        return broken(Fault(0, "", f"packed data that cannot be unpacked ({error})", "a whole .gz file"))
    except OSError as error:
        return broken(Fault(0, "", f"a file that cannot be opened ({error.strerror or error})", "a readable file"))
    return raw if raw.faults else _with_sound_names(raw)


def _other_form(path: Path) -> str:
    """Say what a file of a form that we do not take should be instead."""
    if path.suffix.lower() in OLD_BOOKS:
        return "an .xlsx workbook or a .csv: open it in a spreadsheet program and save it as one of these"
    return "a name that ends in one of " + ", ".join(ENDINGS)


def ending_of(name: str) -> str | None:
    """Return the ending of a file name that we take, without ``.gz``, or None."""
    plain = name.lower().removesuffix(".gz")
    return next((ending for ending in ENDINGS if plain.endswith(ending)), None)


def _all(chunks: Iterator[bytes]) -> Iterator[bytes]:
    return chunks


class _Top:
    """Gives the first lines of a stream alone, and remembers whether anything was cut off."""

    def __init__(self) -> None:
        self.cut = False

    def __call__(self, chunks: Iterator[bytes]) -> Iterator[bytes]:
        first = next(chunks, b"")
        if len(first) <= HEAD_BYTES:
            yield first
            return
        self.cut = True
        end = first.rfind(b"\n", 0, HEAD_BYTES) + 1
        # In UTF-16 half a letter follows the line end.
        yield first[: (end or HEAD_BYTES) + (first[end : end + 1] == b"\0")]


def _read(path: Path, ending: str, expected: Expectation | None, part: Part = _all) -> Raw:
    if ending in _PARQUET:
        raw = _read_parquet(path)
        return _first_rows(raw, part)
    if ending in _SHEETS:
        return read_sheet(path, expected, None if part is _all else HEAD_ROWS)
    if ending == _ZIP:
        return _read_zip(path, expected, part)
    stream, packed = opened(path)
    with stream:
        try:
            return _READERS[ending](part(chunks_of(stream, packed)), expected)
        except AstrayError:
            stream.seek(0)
            return read_delimited(chunks_of(stream, packed), expected, at_once=True)


def _first_rows(raw: Raw, part: Part) -> Raw:
    if part is _all or raw.table.num_rows <= HEAD_ROWS:
        return raw
    return replace(raw, table=raw.table.slice(0, HEAD_ROWS), partial=True)


def _read_zip(path: Path, expected: Expectation | None, part: Part) -> Raw:
    """Read the files inside a ZIP as one: their columns by name, each row knowing its file."""
    with path.open("rb"):
        pass  # so that a missing or forbidden file is told from a damaged one
    too_large = oversize(path)
    if too_large is not None:
        return broken(too_large)
    parts: list[tuple[str, str, Raw]] = []
    others: list[str] = []
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            name = PurePosixPath(info.filename).name
            if info.is_dir() or info.filename.startswith("__MACOSX/") or not name:
                continue
            ending = ending_of(name)
            if ending is None or ending not in _READERS or name.lower().endswith(".gz"):
                others.append(name)
                continue
            raw = _read_member(archive, info, ending, expected, part)
            if expected is not None and not raw.faults and expected.score(raw.table.column_names) < ENOUGH:
                others.append(name)
            else:
                parts.append((name, info.filename, raw))
    if not parts:
        inside = f" but {', '.join(others[:5])}" if others else ""
        words = "a ZIP file with " + ", ".join(_READERS) + " files inside"
        return broken(Fault(0, "", f"a ZIP file with nothing to read in it{inside}", words))
    notes = (f"left alone in the ZIP: {', '.join(others)}",) if others else ()
    return _united(parts, notes)


def _read_member(
    archive: zipfile.ZipFile, info: zipfile.ZipInfo, ending: str, expected: Expectation | None, part: Part
) -> Raw:
    with archive.open(info) as member:
        try:
            return _READERS[ending](part(chunks_of(member, info.compress_size)), expected)
        except AstrayError:
            pass
    with archive.open(info) as member:
        return read_delimited(chunks_of(member, info.compress_size), expected, at_once=True)


def _united(parts: list[tuple[str, str, Raw]], notes: tuple[str, ...]) -> Raw:
    """Put the files of a ZIP together; one that only has a header is no fault among others."""
    faults = [
        replace(fault, sheet=name)
        for name, _, raw in parts
        for fault in (raw.faults or _with_sound_names(raw, 0).faults)
    ]
    if faults:
        return broken(*faults)
    tables, lines, findings, sheets, before = [], [], [], [], 0
    for name, path, raw in parts:
        table = _with_sound_names(raw, 0).table
        count = table.num_rows
        tables.append(table.append_column("#file", pa.array([path] * count, pa.string())))
        lines.append(raw.line_of(np.arange(count, dtype=np.int64)))
        findings += [replace(finding, row=finding.row + before) for finding in raw.findings]
        sheets += [name] * count
        before += count
    table = pa.concat_tables(tables, promote_options="default")
    first = parts[0][2]
    return Raw(
        table,
        lines_after(np.concatenate(lines)),
        first.header_line,
        findings=tuple(findings),
        notes=(*notes, *dict.fromkeys(note for *_, raw in parts for note in raw.notes)),
        delimiter=first.delimiter,
        sheet_of=tuple(sheets),
        partial=any(raw.partial for *_, raw in parts),
    )


def _read_parquet(path: Path) -> Raw:
    """Read Parquet; texts that repeat often stay encoded, which is smaller and quicker to check."""
    with path.open("rb"):
        pass  # so that a missing or forbidden file is told from a damaged one
    try:
        with parquet.ParquetFile(path) as file:
            repeating = _repeating(file)
        with parquet.ParquetFile(path, read_dictionary=repeating) as file:
            table = file.read()
        table.validate()
        table = table.select([name for name in table.column_names if not re.fullmatch(PANDAS_INDEX, name)])
    except (pa.ArrowException, OSError, ValueError) as error:
        found = f"data that is no Parquet file, or damaged ({str(error).splitlines()[0][:120]})"
        return broken(Fault(0, "", found, "a whole Parquet file"))
    return Raw(table, numbered(1))


def _repeating(file: parquet.ParquetFile) -> list[str]:
    """Return the text columns that take so few bytes per value that they must repeat a small set of texts."""
    texts = {field.name for field in file.schema_arrow if pa.types.is_string(field.type)}
    sizes: Counter[str] = Counter()
    for group in range(file.metadata.num_row_groups):
        for place in range(file.metadata.num_columns):
            chunk = file.metadata.row_group(group).column(place)
            sizes[chunk.path_in_schema] += chunk.total_uncompressed_size
    return [name for name in texts if sizes[name] < FEW_BYTES * file.metadata.num_rows]


def _with_sound_names(raw: Raw, least: int = 1) -> Raw:
    """Drop columns that have neither a name nor a value; refuse other unnamed columns, doubled names and no rows."""
    table = raw.table
    bare = [place for place, name in enumerate(table.column_names) if not name.strip()]
    filled = [place for place in bare if not _is_blank(table.column(place))]
    if bare:
        table = table.select([place for place in range(table.num_columns) if place not in bare or place in filled])
    faults = [
        Fault(raw.header_line, "", f"values in column {place + 1}, which has no name", "a name for every column")
        for place in filled
    ]
    times = Counter(name for name in table.column_names if name.strip())
    faults += [
        Fault(raw.header_line, name, f"the column name {count} times", "each column name once")
        for name, count in times.items()
        if count > 1
    ]
    if not faults and table.num_columns == 0:
        faults.append(Fault(raw.header_line, "", "no column names", "a line of column names, then the rows"))
    if not faults and raw.table.num_rows < least:
        expected = "at least one row below them: export a period in which something happened"
        faults.append(Fault(raw.header_line, "", "column names and no rows", expected))
    return broken(*faults) if faults else replace(raw, table=table)


def _is_blank(column: Chunked) -> bool:
    if column.null_count == len(column):
        return True
    if pa.types.is_dictionary(column.type):
        return _is_blank(pc.unique(pc.cast(column, column.type.value_type)))
    if not pa.types.is_string(column.type):
        return False
    blank = pc.equal(pc.utf8_trim_whitespace(column), "")
    return bool(np.all(pc.fill_null(blank, True).to_numpy(zero_copy_only=False)))


_PARQUET = (".parquet", ".pq")
_SHEETS = (".xlsx", ".xlsm")
_ZIP = ".zip"
_READERS: Mapping[str, Callable[[Iterator[bytes], Expectation | None], Raw]] = {
    **dict.fromkeys((".csv", ".tsv", ".txt"), read_delimited),
    **dict.fromkeys((".jsonl", ".ndjson", ".json"), read_json_lines),
}
ENDINGS = (*_READERS, *_SHEETS, *_PARQUET, _ZIP)
"""The endings of file names that we take."""
