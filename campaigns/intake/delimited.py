"""Read CSV: with any usual delimiter, quick through Arrow where the file is plain, with care where it is not."""

from __future__ import annotations

import csv
import io
import itertools
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import IO, cast

import numpy as np
import pyarrow as pa
from pyarrow import csv as arrow_csv

from campaigns.faults import Fault
from campaigns.intake.expectation import LOOKED_AT, Expectation, best_header
from campaigns.intake.kernels import pc
from campaigns.intake.opening import MARK, as_utf8, whole
from campaigns.intake.raw import Finding, Raw, Rows, broken, counted, lines_after, numbered

__all__ = ["AstrayError", "read_delimited"]

DELIMITERS = (",", ";", "\t", "|")
HEAD_BYTES = 1 << 20
BLOCK_BYTES = 1 << 24
PIECE_BYTES = 1 << 24
SAMPLE = 10_000
NEVER_CLOSED = "a quote that is never closed"
ROWS_AT_ONCE = 50_000
NEW_LINE, CARRIAGE_RETURN, QUOTE = b'\n\r"'


@dataclass(frozen=True)
class _Header:
    """The column names, what parts them, their line, and the byte and the line at which the rows begin.

    ``base`` is the number of lines of the file before the piece of it that is looked at.
    """

    names: tuple[str, ...]
    delimiter: str
    line: int
    body: int
    body_line: int
    base: int = 0


def read_delimited(chunks: Iterator[bytes], expected: Expectation | None = None, *, at_once: bool = False) -> Raw:
    """Read CSV text.

    Parameters
    ----------
    chunks
        The bytes of the file, unpacked, piece by piece; memory holds the rows read and one piece.
    expected
        What a mapping knows of the file.
    at_once
        Whether the file is read as one piece, however big it is.

    Returns
    -------
    Every column as text, under the names of the header. A row with too few or too many values is a finding; a blank
    row is no row.

    Raises
    ------
    AstrayError
        If quotes inside unquoted values hide where rows end, so that the file must be read at once.
    """
    text, encoding = as_utf8(chunks, expected.encoding if expected else "")
    pieces = iter([(whole(text), True)]) if at_once else _pieces(text)
    data, last = next(pieces)
    zero = data.find(b"\0")
    if zero >= 0:
        return broken(Fault(data.count(b"\n", 0, zero) + 1, "", "a zero byte", "plain text in UTF-8"))
    header = _header(data, expected)
    if header is None:
        return broken(Fault(0, "", "an empty file", "a line of column names, then the rows"))
    raw = _read(data, header) if last else _read_pieces(data, header, pieces, expected)
    notes = (f"read as text in {encoding}",) if encoding and encoding != "utf-16" else ()
    return raw if raw.faults else replace(raw, delimiter=header.delimiter, notes=notes)


def _read(data: bytes, header: _Header) -> Raw:
    return _quick(data, header) or _careful(data, header)


def _pieces(chunks: Iterator[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Yield pieces of some size that end where a row ends, and whether each is the last."""
    held = b""
    for chunk in chunks:
        held += chunk
        if len(held) < PIECE_BYTES:
            continue
        cut = _row_end(held)
        if cut:
            yield held[:cut], False
            held = held[cut:]
    yield held, True


def _row_end(data: bytes) -> int:
    """Return the byte after the last line end that parts two rows, or 0 where there is none."""
    cut = data.rfind(b"\n") + 1
    while cut and data.count(b'"', 0, cut) % 2:
        cut = data.rfind(b"\n", 0, cut - 1) + 1
    return cut


def _read_pieces(
    data: bytes, header: _Header, pieces: Iterator[tuple[bytes, bool]], expected: Expectation | None
) -> Raw:
    """Read a big file piece by piece; of each only what is wanted stays, and texts that repeat stay encoded."""
    parts: list[Raw] = []
    narrow = _Narrow(header.names, expected)
    lines = 0
    for piece, last in itertools.chain([(data, False)], pieces):
        here = header if not parts else replace(header, body=0, body_line=lines + 1, base=lines)
        if parts and not piece.strip():
            break
        zero = piece.find(b"\0")
        if zero >= 0:
            line = lines + piece.count(b"\n", 0, zero) + 1
            return broken(Fault(line, "", "a zero byte", "plain text in UTF-8"))
        raw = _read(piece, here)
        if raw.faults:
            return raw
        if not last and any(finding.found == NEVER_CLOSED for finding in raw.findings):
            raise AstrayError
        lines += piece.count(b"\n")
        parts.append(replace(raw, table=narrow.of(raw.table)))
    return _joined(parts, header)


class AstrayError(Exception):
    """A piece does not end where a row does: quotes inside unquoted values have misled us."""


class _Narrow:
    """Keeps of each piece what is wanted, in one form throughout."""

    def __init__(self, names: tuple[str, ...], expected: Expectation | None) -> None:
        wanted = expected if expected is not None and expected.narrow else None
        self.places = [place for place, name in enumerate(names) if wanted is None or place == 0 or wanted.known(name)]
        self.encoded: list[bool] | None = None

    def of(self, table: pa.Table) -> pa.Table:
        """Return what is wanted of a piece."""
        columns = [table.column(place) for place in self.places]
        if self.encoded is None:
            sample = [column.slice(0, SAMPLE) for column in columns]
            self.encoded = [len(pc.unique(column)) < len(column) / 2 for column in sample]
        told = [
            pc.dictionary_encode(column) if encode else column
            for column, encode in zip(columns, self.encoded, strict=True)
        ]
        return pa.Table.from_arrays(told, names=[table.column_names[place] for place in self.places])


def _joined(parts: list[Raw], header: _Header) -> Raw:
    """Put the pieces of a file together."""
    starts = np.cumsum([0, *(part.table.num_rows for part in parts)])
    lines = [part.line_of(np.arange(part.table.num_rows, dtype=np.int64)) for part in parts]
    findings = [
        replace(finding, row=finding.row + int(start))
        for part, start in zip(parts, starts[:-1], strict=True)
        for finding in part.findings
    ]
    table = pa.concat_tables([part.table for part in parts])
    return Raw(table, lines_after(np.concatenate(lines)), header.line, findings=tuple(findings))


def _header(data: bytes, expected: Expectation | None) -> _Header | None:
    """Take the header apart, or return None where every line is blank."""
    start = len(MARK) if data.startswith(MARK) else 0
    head = data[start : start + HEAD_BYTES].decode("utf-8", "surrogateescape")
    stream = io.StringIO(head, newline="")
    line, begin = 1, 0
    lines: list[tuple[tuple[int, int, str, str], list[str]]] = []
    for text in stream:
        if text.strip():
            sign = (expected.delimiter if expected else "") or _delimiter(text)
            lines.append(((line, begin, text, sign), _names(text, sign) if expected else []))
            if expected is None or len(lines) == LOOKED_AT:
                break
        line, begin = line + 1, stream.tell()
    if not lines:
        return None
    (line, begin, text, delimiter), _ = best_header(lines, expected)
    stream.seek(begin)
    reader = csv.reader(stream, delimiter=delimiter)
    try:
        names = next(reader)
    except csv.Error:  # one endless name: taken as it stands, and refused as an unknown column
        names = [text]
    body = start + len(head[: stream.tell()].encode("utf-8", "surrogateescape"))
    printable = (name.encode("utf-8", "replace").decode("utf-8").strip() for name in names)
    return _Header(tuple(printable), delimiter, line, body, line + reader.line_num)


def _names(text: str, delimiter: str) -> list[str]:
    """Return the names that a line would give."""
    try:
        return next(csv.reader([text], delimiter=delimiter), [])
    except csv.Error:
        return []


def _delimiter(header: str) -> str:
    """Return the delimiter that parts the header into the most names; quoted ones do not count."""
    outside = "".join(header.split('"')[::2])
    return max(DELIMITERS, key=lambda sign: (outside.count(sign), -DELIMITERS.index(sign)))


def _quick(data: bytes, header: _Header) -> Raw | None:
    """Read through Arrow, or return None where the file has something that wants care."""
    body = header.body
    empties = b"\n" + header.delimiter.encode() * (len(header.names) - 1)
    if (
        body >= len(data)
        or data.count(b"\r") != data.count(b"\r\n")
        or (len(empties) > 1 and data.find(empties, max(body - 1, 0)) >= 0)
    ):
        return None
    quotes = data.count(b'"', body)
    if quotes % 2:
        return None
    places = [str(place) for place in range(len(header.names))]
    stream = cast("IO[bytes]", pa.BufferReader(pa.py_buffer(memoryview(data)[body:])))
    try:
        table = arrow_csv.read_csv(
            stream,
            read_options=arrow_csv.ReadOptions(column_names=places, block_size=BLOCK_BYTES),
            parse_options=arrow_csv.ParseOptions(delimiter=header.delimiter, newlines_in_values=quotes > 0),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(places, pa.string()), strings_can_be_null=False
            ),
        )
    except pa.ArrowInvalid:  # ragged rows, stray bytes: the careful reader says which and where
        return None
    table = table.rename_columns(list(header.names))
    if not quotes and not any(data.find(gap, max(body - 1, 0)) >= 0 for gap in (b"\n\n", b"\n\r\n")):
        return Raw(table, numbered(header.body_line), header.line)
    lines = _lines(data, header)
    return Raw(table, lines_after(lines), header.line) if len(lines) == table.num_rows else None


def _lines(data: bytes, header: _Header) -> Rows:
    """Return the line on which each row begins.

    A line end parts two rows where the quotes before it pair up. (Quotes inside an unquoted value break this rule;
    the count of rows then differs from Arrow's, and the caller turns to the careful reader.)
    """
    text = np.frombuffer(data, np.uint8)
    ends: list[Rows] = []
    parts: list[np.ndarray] = []
    quotes = 0
    for begin in range(header.body, len(text), BLOCK_BYTES):
        block = text[begin : begin + BLOCK_BYTES]
        end = np.flatnonzero(block == NEW_LINE)
        odd = (np.cumsum(block == QUOTE, dtype=np.uint8) + np.uint8(quotes)) & 1
        ends.append(end + begin)
        parts.append(odd[end] == 0)
        quotes = int(odd[-1])
    line_ends = np.concatenate(ends)
    row_ends = np.flatnonzero(np.concatenate(parts))
    first_lines = np.concatenate([[0], row_ends + 1])
    begins = np.concatenate([[header.body], line_ends[row_ends] + 1])
    stops = np.concatenate([line_ends[row_ends], [len(text)]])
    length = stops - begins
    blank = (length == 0) | ((length == 1) & (text[np.minimum(begins, len(text) - 1)] == CARRIAGE_RETURN))
    lines: Rows = (first_lines[~blank] + header.body_line).astype(np.int64)
    return lines


def _careful(data: bytes, header: _Header) -> Raw:
    """Read row by row, and say of each row that cannot be read what is wrong with it."""
    try:
        text = data[len(MARK) if data.startswith(MARK) else 0 :].decode("utf-8")
    except UnicodeDecodeError as error:
        place = error.start + (len(MARK) if data.startswith(MARK) else 0)
        line = header.base + data.count(b"\n", 0, place) + 1
        return broken(Fault(line, "", f"the byte {data[place]:#04x}, which is not UTF-8", "text in UTF-8"))
    width = len(header.names)
    batches: list[pa.RecordBatch] = []
    pending: list[list[str]] = []
    lines: list[int] = []
    findings: list[Finding] = []
    try:
        for line, row in _rows(text, header):
            if not any(map(str.strip, row)):
                continue
            if any(map(str.strip, row[width:])) or len(row) < width:
                found = counted(len(row), "value")
                findings.append(Finding(len(lines), "", found, f"{width} values, one for each column name"))
            pending.append((row + [""] * width)[:width])
            lines.append(line)
            if len(pending) == ROWS_AT_ONCE:
                batches.append(_batch(pending, width))
                pending = []
    except csv.Error as error:
        expected = "values of ordinary length (perhaps a quote is never closed)"
        return broken(Fault((lines or [header.line])[-1] + 1, "", f"text that is no CSV: {error}", expected))
    batches.append(_batch(pending, width))
    if lines and _never_closed(text, header.delimiter, lines[-1] - header.base):
        expected = "a closing quote"
        findings = [finding for finding in findings if finding.row != len(lines) - 1]
        findings.append(Finding(len(lines) - 1, "", NEVER_CLOSED, expected))
    table = pa.Table.from_batches(batches).rename_columns(list(header.names))
    return Raw(table, lines_after(np.array(lines, np.int64)), header.line, findings=tuple(findings))


def _rows(text: str, header: _Header) -> Iterator[tuple[int, list[str]]]:
    """Yield the rows below the header, each with the line on which it begins."""
    stream = io.StringIO(text, newline="")
    for _ in range(header.body_line - 1 - header.base):
        stream.readline()
    reader = csv.reader(stream, delimiter=header.delimiter)
    line = header.body_line
    for row in reader:
        yield line, row
        line = header.body_line + reader.line_num


def _batch(rows: list[list[str]], width: int) -> pa.RecordBatch:
    columns = zip(*rows, strict=True) if rows else ((),) * width
    names = [str(place) for place in range(width)]
    return pa.RecordBatch.from_arrays([pa.array(column, pa.string()) for column in columns], names=names)


def _never_closed(text: str, delimiter: str, line: int) -> bool:
    """Tell whether the text ends inside a quoted value that began in the row on this line."""
    stream = io.StringIO(text, newline="")
    for _ in range(line - 1):
        stream.readline()
    try:
        for _ in csv.reader(stream, delimiter=delimiter, strict=True):
            pass
    except csv.Error as error:
        return "end of data" in str(error)
    return False
