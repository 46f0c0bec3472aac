"""A file under review: its columns as read so far, and everything found wrong with them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from itertools import repeat

import numpy as np

from campaigns.faults import Fault
from campaigns.intake.cells import Mask
from campaigns.intake.formats import FileKind
from campaigns.intake.kernels import Chunked
from campaigns.intake.raw import Finding, Raw, Rows
from campaigns.intake.rejected import Rejected, RejectedRows, texts_of

__all__ = ["Rejected", "Review"]

LONGEST_SHOWN = 120
NOTHING = "nothing"


class Review:
    """Collects what the rules find, row by row and column by column.

    Parameters
    ----------
    kind
        The contract.
    raw
        The file as read.
    places
        For each column of the contract that the file has, its position in ``raw.table``.

    Attributes
    ----------
    values
        The columns read so far, by name.
    attributes
        The columns beyond the contract that the kind keeps, by name.
    present
        For each column, the rows whose cell is not empty, readable or not.
    faulty
        Rows with at least one fault.
    """

    def __init__(self, kind: FileKind, raw: Raw, places: Mapping[str, int]) -> None:
        self.kind = kind
        self.raw = raw
        self.places = places
        self.rows = raw.table.num_rows
        self.values: dict[str, Chunked] = {}
        self.attributes: dict[str, Chunked] = {}
        self.present: dict[str, Mask] = {}
        self.faulty: Mask = np.zeros(self.rows, bool)
        self.notes: list[str] = list(raw.notes)
        self._found: list[Finding] = list(raw.findings)
        self._closed: Mask = np.zeros(self.rows, bool)
        self._flawed: dict[str, Mask] = {}
        for finding in raw.findings:
            self.faulty[finding.row] = True
            if finding.column:
                self._flawed.setdefault(finding.column, np.zeros(self.rows, bool))[finding.row] = True
            else:
                self._closed[finding.row] = True

    def report(
        self,
        rows: Mask | Rows,
        column: str,
        expected: str | Sequence[str],
        found: str | Sequence[str] | None = None,
    ) -> None:
        """Note the same kind of fault for several rows.

        Rows that could not be read, and cells that a mapping could not make, have their fault already and get no
        second one.

        Parameters
        ----------
        rows
            The rows, as a mask or as positions.
        column
            Name of the column, or an empty string for the row as a whole.
        expected
            What should stand there, for all rows or for each.
        found
            What stands there; as written in the file if not given.
        """
        places: Rows = np.flatnonzero(rows) if rows.dtype == bool else rows.astype(np.int64)
        if not len(places):
            return
        open_ = ~self._closed[places]
        if column in self._flawed:
            open_ &= ~self._flawed[column][places]
        texts = self.written(column, places[open_]) if found is None else _chosen(found, open_)
        wanted = _chosen(expected, open_)
        self._found += [
            Finding(row, column, text, words)
            for row, text, words in zip(places[open_].tolist(), texts, wanted, strict=False)
        ]
        self.faulty[places[open_]] = True

    def written(self, column: str, rows: Rows) -> list[str]:
        """Return what stands in a column of the file, as written; long texts are cut."""
        if column not in self.places:
            return [NOTHING] * len(rows)
        cells = self.raw.table.column(self.places[column]).take(rows)
        return [_shown(text) for text in texts_of(cells)]

    def lines(self, rows: Rows) -> list[int]:
        """Return the lines of rows."""
        return self.raw.line_of(np.asarray(rows, np.int64)).tolist() if len(rows) else []

    def faults(self) -> tuple[tuple[Fault, ...], RejectedRows]:
        """Return every fault in the order of the file, and the rows that have one."""
        order = {column.name: place for place, column in enumerate(self.kind.all_columns)}
        self._found.sort(key=lambda finding: (finding.row, order.get(finding.column, -1)))
        owners = np.array([finding.row for finding in self._found], np.int64)
        faults = tuple(
            Fault(
                finding.line or line,
                self._named(finding.column),
                finding.found,
                finding.expected,
                self.raw.sheet_at(finding.row),
            )
            for line, finding in zip(self.lines(owners), self._found, strict=True)
        )
        rows, first = np.unique(owners, return_index=True)
        return faults, RejectedRows(self.raw.table.take(rows), self.lines(rows), faults, first.tolist())

    def _named(self, column: str) -> str:
        """Return the name that the file itself has for a column."""
        origin = self.raw.origins.get(column, "")
        return f"{column} (from {origin})" if origin else column


def _chosen(texts: str | Sequence[str], rows: Mask) -> Iterable[str]:
    """Return the texts of the rows wanted; one text stands for all."""
    if isinstance(texts, str):
        return repeat(texts)
    return (text for text, wanted in zip(texts, rows, strict=True) if wanted)


def _shown(text: str) -> str:
    text = text.strip()
    if not text:
        return NOTHING
    return text if len(text) <= LONGEST_SHOWN else text[: LONGEST_SHOWN - 3] + "..."
