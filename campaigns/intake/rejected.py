"""Rows that were not accepted, kept as they were written."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import overload

import pyarrow as pa

from campaigns.faults import Fault
from campaigns.intake.cells import as_text
from campaigns.intake.kernels import Chunked, pc

__all__ = ["Rejected", "RejectedRows", "texts_of"]

ROWS_AT_ONCE = 10_000


@dataclass(frozen=True)
class Rejected:
    """A row that was not accepted: where it stood, what it held (as written, empty cells left out) and why."""

    line: int
    row: Mapping[str, str]
    faults: tuple[Fault, ...]


class RejectedRows(Sequence[Rejected]):
    """Rejected rows in the order of the file.

    They stay Arrow columns and are spelled out when they are looked at: a million rows with one mistake each is what
    a wrong format of a date looks like, and most often only their faults are wanted.

    Parameters
    ----------
    table
        The rows as read.
    lines
        The line of each.
    faults
        All faults of the rows, row by row.
    first
        Where in ``faults`` those of each row begin.
    """

    def __init__(self, table: pa.Table, lines: Sequence[int], faults: Sequence[Fault], first: Sequence[int]) -> None:
        self._table = table
        self._lines = lines
        self._faults = faults
        self._bounds = (*first, len(faults))

    def __len__(self) -> int:
        return len(self._lines)

    def __iter__(self) -> Iterator[Rejected]:
        for begin in range(0, len(self), ROWS_AT_ONCE):
            yield from self._spelled(begin, min(begin + ROWS_AT_ONCE, len(self)))

    @overload
    def __getitem__(self, place: int) -> Rejected: ...

    @overload
    def __getitem__(self, place: slice) -> tuple[Rejected, ...]: ...

    def __getitem__(self, place: int | slice) -> Rejected | tuple[Rejected, ...]:
        if isinstance(place, slice):
            return tuple(self[number] for number in range(*place.indices(len(self))))
        place = range(len(self))[place]
        (row,) = self._spelled(place, place + 1)
        return row

    def _spelled(self, begin: int, end: int) -> Iterator[Rejected]:
        names = self._table.column_names
        columns = [texts_of(self._table.column(place).slice(begin, end - begin)) for place in range(len(names))]
        for number, cells in enumerate(zip(*columns, strict=True), start=begin):
            row = {name: cell for name, cell in zip(names, cells, strict=True) if cell}
            yield Rejected(
                self._lines[number], row, tuple(self._faults[self._bounds[number] : self._bounds[number + 1]])
            )


def texts_of(cells: Chunked) -> list[str]:
    """Return cells as text, whatever bytes they hold; empty ones as empty text."""
    if pa.types.is_dictionary(cells.type):
        cells = pc.cast(cells, cells.type.value_type)
    if pa.types.is_string(cells.type) or pa.types.is_binary(cells.type):
        return [(cell or b"").decode("utf-8", "replace") for cell in pc.cast(cells, pa.binary()).to_pylist()]
    return [text or "" for text in as_text(cells).to_pylist()]
