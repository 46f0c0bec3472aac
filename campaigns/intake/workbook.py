"""Open an XLSX workbook without reading it whole: neither its texts, which stand apart from its cells, nor its rows."""

from __future__ import annotations

import warnings
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import iterparse

from openpyxl.reader.excel import ExcelReader
from openpyxl.worksheet._read_only import ReadOnlyWorksheet
from openpyxl.xml.constants import SHARED_STRINGS, SHEET_MAIN_NS

__all__ = ["opened_book"]

ITEM, RUN, TEXT = (f"{{{SHEET_MAIN_NS}}}{name}" for name in ("si", "r", "t"))


class _Texts:
    """The texts of a workbook, each read when a cell asks for it, with those before it."""

    def __init__(self, texts: Iterator[str]) -> None:
        self._coming = texts
        self._read: list[str] = []

    def __getitem__(self, place: int) -> str:
        while len(self._read) <= place:
            text = next(self._coming, None)
            if text is None:
                raise ValueError(f"text {place} of {len(self._read)}")
            self._read.append(text)
        return self._read[place]


class _Sheet(ReadOnlyWorksheet):  # type: ignore[misc]  # openpyxl has no types
    def _get_size(self) -> None:
        """Do without: where a file does not say it, every row would have to be read; where it does, it may be wrong."""


class _Reader(ExcelReader):  # type: ignore[misc]  # openpyxl has no types
    coming: Generator[str, None, None] | None = None

    def read_strings(self) -> None:
        """Read no text yet."""
        found = self.package.find(SHARED_STRINGS)
        if found is not None:
            self.coming = self._texts(found.PartName[1:])
            self.shared_strings = _Texts(self.coming)

    def read_worksheets(self) -> None:
        """Read no row yet; charts are left alone."""
        for sheet, relation in self.parser.find_sheets():
            if relation.target in self.valid_files and "chartsheet" not in relation.Type:
                self.wb._sheets.append(_Sheet(self.wb, sheet.name, relation.target, self.shared_strings))

    def _texts(self, name: str) -> Generator[str, None, None]:
        with self.archive.open(name) as source:
            events = iterparse(source, ("start", "end"))  # noqa: S314 - of bounded size
            _, root = next(events)
            for event, element in events:
                if event == "end" and element.tag == ITEM:
                    # A text may come in runs of different looks; how it is pronounced (rPh) is no part of it.
                    parts = (*element.findall(TEXT), *element.findall(f"{RUN}/{TEXT}"))
                    yield "".join(part.text or "" for part in parts)
                    root.clear()


@contextmanager
def opened_book(path: Path) -> Iterator[Any]:
    """Open a workbook for reading row by row; what formulas came to when it was saved stands for them.

    Raises
    ------
    Exception
        Whatever the parser trips over in a file that is no workbook, or a damaged one.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # styles and extensions that openpyxl does not know; values are read
        reader = _Reader(path, read_only=True, data_only=True)
        try:
            reader.read()
            yield reader.wb
        finally:
            if reader.coming is not None:
                reader.coming.close()
            reader.archive.close()
