"""A file as it was read, before anything in it is believed."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import TypeAlias
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from campaigns.faults import Fault

__all__ = ["Finding", "LeftRows", "LineOf", "Raw", "Rows", "broken", "counted", "lines_after", "numbered"]

Rows: TypeAlias = npt.NDArray[np.int64]
"""Row positions, counted from 0."""

LineOf: TypeAlias = Callable[[Rows], Rows]
"""From row positions to lines of the file."""


@dataclass(frozen=True, slots=True)
class Finding:
    """One thing wrong with one row, before its line and the column's name in the file are looked up.

    An empty ``column`` means the whole row; then nothing else is said of it. ``line`` is given where it is not the line
    of the row: a row that a mapping made of several lines may be wrong in any of them.
    """

    row: int
    column: str
    found: str
    expected: str
    line: int | None = None


@dataclass(frozen=True)
class LeftRows:
    """Rows, or amounts of rows, that a mapping leaves out.

    Parameters
    ----------
    table
        The columns made of each row, the amount being what does not count.
    reasons, whole, lines, rows
        For each: why; whether the row as such does not count; its line; the row as written (JSON) where it
        does not count at all.
    """

    table: pa.Table
    reasons: tuple[str, ...]
    whole: tuple[bool, ...]
    lines: tuple[int, ...]
    rows: tuple[str | None, ...]


@dataclass(frozen=True)
class Raw:
    """What stands in a file.

    Parameters
    ----------
    table
        Columns named as in the file, each text or of the file's own type, all rows.
    line_of
        Lines of the file for row positions. Rows of Parquet have no lines: there the first row is 1.
    header_line
        Line of the column names, or 0 where the format has none.
    faults
        What makes the file unusable as a whole.
    findings
        Rows that could not be read as they stand; they keep their place in ``table``.
    origins
        Where a mapping made the columns: for each, the columns of the source file behind it.
    zone
        Zone of times without one, where a mapping knows better than the settings.
    delimiter
        What parts the values of a text file.
    sheet
        The sheet of a workbook, or the file inside a ZIP, that the rows come from.
    sheet_of
        For each row the sheet or the file inside a ZIP, where there are several.
    left
        What a mapping left out of the file, with the reasons.
    partial
        Whether only the first rows of the file were read.
    """

    table: pa.Table
    line_of: LineOf
    header_line: int = 0
    faults: tuple[Fault, ...] = ()
    findings: tuple[Finding, ...] = ()
    origins: Mapping[str, str] = field(default_factory=dict)
    zone: ZoneInfo | None = None
    notes: tuple[str, ...] = ()
    delimiter: str = ""
    sheet: str = ""
    sheet_of: tuple[str, ...] = ()
    left: LeftRows | None = None
    partial: bool = False

    def sheet_at(self, row: int) -> str:
        """Return the sheet, or the file inside a ZIP, of a row."""
        return self.sheet_of[row] if self.sheet_of else self.sheet


def numbered(first: int) -> LineOf:
    """Return the lines of rows that follow one another without a gap, the first on line ``first``."""

    def line_of(rows: Rows) -> Rows:
        return rows + first

    return line_of


def lines_after(lines: Rows) -> LineOf:
    """Return the lines of rows whose lines are known one by one."""

    def line_of(rows: Rows) -> Rows:
        return lines[rows]

    return line_of


def counted(number: int, noun: str = "row") -> str:
    """Return a number with its noun: 1 row, 2,000 rows."""
    return f"{number:,} {noun}" + ("" if number == 1 else "s")


def broken(*faults: Fault) -> Raw:
    """Return what is left of a file that cannot be used: its faults."""
    return Raw(pa.table({}), numbered(1), faults=faults)
