"""The foreign file behind a mapping: its columns by the names that the mapping uses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pyarrow as pa

from campaigns.faults import Fault
from campaigns.intake.cells import Mask, as_text, clean, recode, spelling
from campaigns.intake.kernels import Chunked, column_of, nulls, pc
from campaigns.intake.mappings.finding import find_columns
from campaigns.intake.mappings.terms import FILE_NAME, FIRST_COLUMN, Condition, FileLookup
from campaigns.intake.raw import Rows
from campaigns.intake.reading import ENDINGS, read

__all__ = ["Source", "read_lookup"]


@dataclass(frozen=True)
class Source:
    """Some rows of a foreign file.

    Parameters
    ----------
    table
        The file as read.
    places
        Where each column that the mapping names stands; one that the file may lack is left out.
    empty
        Texts that mean nothing.
    rows
        The rows wanted, or None for all.
    captured
        For a column found by a pattern, what stands in the place of its ``*``.
    file
        Name of the file.
    decimal
        What parts the decimals in this file, where the mapping leaves it open.
    order
        Whether the day or the month comes first in dates that may be written either way; empty where none is.
    replaced
        Columns whose values are others than those of the file, one per row wanted.
    """

    table: pa.Table
    places: Mapping[str, int]
    empty: tuple[str, ...]
    rows: Rows | None = None
    captured: Mapping[str, str] = field(default_factory=dict)
    file: str = ""
    decimal: str = "."
    order: str = ""
    replaced: Mapping[str, Chunked] = field(default_factory=dict)

    @property
    def count(self) -> int:
        """Number of rows."""
        return self.table.num_rows if self.rows is None else len(self.rows)

    def cells(self, name: str) -> Chunked:
        """Return a column in the file's own type, blanks as null."""
        if name in self.replaced:
            return self.replaced[name]
        if name == FILE_NAME:
            if FILE_NAME not in self.table.column_names:
                return self.constant(self.file)
            column = self.table.column(FILE_NAME)  # inside a ZIP
        elif name in self.places or (name == FIRST_COLUMN and self.table.num_columns):
            column = self.table.column(self.places.get(name, 0))
        else:
            return nulls(self.count, pa.string())
        if self.rows is not None:
            column = column.take(self.rows)
        try:
            cells = clean(column)
        except pa.ArrowInvalid:  # not UTF-8: passed on as it is, so that the check names the rows
            return column
        if self.empty and (pa.types.is_string(cells.type) or pa.types.is_dictionary(cells.type)):
            blank = set(self.empty)
            cells, _ = recode(cells, lambda text: None if text in blank else text)
        return cells

    def constant(self, text: str | None) -> Chunked:
        """Return the same text in every row."""
        return column_of(pa.array(np.full(self.count, text or None, dtype=object), pa.string()))

    def texts(self, name: str) -> Chunked:
        """Return a column as text, blanks as null."""
        try:
            return pc.cast(as_text(self.cells(name)), pa.string())
        except pa.ArrowInvalid:
            raw = pc.cast(self.cells(name), pa.binary()).to_pylist()
            return pa.chunked_array([[None if cell is None else cell.decode("utf-8", "replace") for cell in raw]])

    def holds(self, condition: Condition) -> Mask:
        """Tell for each row whether a condition holds."""
        texts = self.texts(condition.column)
        filled: Mask = pc.is_valid(texts).to_numpy()
        if condition.filled is not None:
            return filled if condition.filled else ~filled
        if condition.starts is not None or condition.contains is not None:
            return self._part_holds(condition, texts)
        wanted = {spelling(text) for text in condition.any_of or condition.none_of or ()}
        _, other = recode(texts, lambda text: text if spelling(text) in wanted else None)
        among: Mask = filled if other is None else filled & ~other
        return among if condition.any_of is not None else ~among

    def _part_holds(self, condition: Condition, texts: Chunked) -> Mask:
        words = tuple(spelling(text) for text in condition.starts or condition.contains or ())

        def one(text: str) -> str | None:
            found = spelling(text)
            held = found.startswith(words) if condition.starts else any(word in found for word in words)
            return text if held else None

        _, other = recode(texts, one)
        filled: Mask = pc.is_valid(texts).to_numpy()
        return filled if other is None else filled & ~other


def read_lookup(lookup: FileLookup, folder: Path) -> tuple[dict[str, str], list[Fault]]:
    """Read a table of values from a file beside the data file.

    The name may leave the ending out: then the first file with an ending that we read is taken.
    """
    candidates = [folder / lookup.file]
    if not any(lookup.file.lower().removesuffix(".gz").endswith(ending) for ending in ENDINGS):
        candidates = [folder / f"{lookup.file}{ending}{packed}" for ending in ENDINGS for packed in ("", ".gz")]
    path = next((path for path in candidates if path.is_file()), None)
    if path is None:
        expected = f"the file {lookup.file} beside the data file, which tells {lookup.value} for {lookup.key}"
        return {}, [Fault(0, "", f"no file {lookup.file} in {folder}", expected)]
    raw = read(path)
    if raw.faults:
        return {}, [
            Fault(fault.line, fault.column, f"{path.name}: {fault.found}", fault.expected) for fault in raw.faults
        ]
    wanted = dict.fromkeys((lookup.key, lookup.value), f"the lookup in {path.name}")
    found = find_columns(raw, wanted, ())
    faults = found.faults
    if faults:
        return {}, faults
    source = Source(raw.table, found.places, ())
    keys, values = (source.texts(name).to_pylist() for name in (lookup.key, lookup.value))
    table: dict[str, str] = {}
    lines = raw.line_of(np.arange(raw.table.num_rows, dtype=np.int64)).tolist()
    for key, value, line in zip(keys, values, lines, strict=True):
        if key is None or value is None:
            continue
        if table.setdefault(key, value) != value:
            again = f"{path.name}: {key} for the second time, with another {lookup.value}"
            faults.append(Fault(line, lookup.key, again, f"each {lookup.key} once"))
    return table, faults
