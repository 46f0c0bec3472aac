"""Take a file in: read it, map it, check it, and say what is wrong with it."""

from __future__ import annotations

import csv
import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path
from typing import NoReturn

from campaigns.faults import Fault, FaultyFileError, TouchstoneError
from campaigns.intake.checking import Checked, CheckOptions, check
from campaigns.intake.formats import FileKind
from campaigns.intake.mappings import Mapping, apply
from campaigns.intake.mappings.finding import expectation_of
from campaigns.intake.raw import Raw, counted
from campaigns.intake.reading import read

__all__ = ["digest_of", "faults_path", "from_raw", "read_faults", "refuse", "take_in", "write_faults"]

RATE = "a rate for"
"""How the expectation begins where a foreign amount has no exchange rate."""

_FORMULA = re.compile(r"[=@\t\r]|[+-](?![\d.,]*$)")


def take_in(path: Path, kind: FileKind, options: CheckOptions, mapping: Mapping | None = None) -> Checked:
    """Read a file, map it if asked to, and check it.

    Parameters
    ----------
    path
        A file in any format of :data:`campaigns.intake.reading.ENDINGS`.
    kind
        The file kind wanted.
    options
        The surroundings: zone, currency, the present, rates, known channels.
    mapping
        How a foreign export becomes the file kind. Other files it looks things up in lie beside ``path``.

    Returns
    -------
    The good rows, and every fault of the others. Nothing is raised for what a file holds; ``digest`` is that of the
    file's bytes alone, so the same file read by another mapping has the same one.
    """
    raw = read(path, expectation_of(mapping) if mapping is not None else None)
    return from_raw(raw, path, kind, options, mapping)


def from_raw(
    raw: Raw,
    path: Path,
    kind: FileKind,
    options: CheckOptions,
    mapping: Mapping | None = None,
    digest: str | None = None,
) -> Checked:
    """Map what was read of a file if asked to, and check it; a mapping may make several kinds of one reading."""
    if mapping is not None:
        raw = apply(mapping, raw, kind, path.parent, path.name)
    digest = digest_of(path) if digest is None else digest
    checked = check(raw, kind, options, path=path, digest=digest, mapping=mapping.name if mapping else "")
    part = mapping.parts.get(kind.name) if mapping is not None else None
    return replace(checked, restates=part.restates) if part is not None else checked


def digest_of(path: Path) -> str:
    """Return the SHA-256 of a file's bytes, empty if it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except OSError:  # the reader has said so already, as a fault
        return ""


def faults_path(path: Path) -> Path:
    """Return where the faults of a file are listed: beside it, as ``FILE.faults.csv``."""
    return path.with_name(f"{path.name}.faults.csv")


def write_faults(path: Path, faults: Iterable[Fault]) -> Path:
    """List every fault of a file in ``FILE.faults.csv`` (line, column, found, expected, sheet).

    Parameters
    ----------
    path
        The faulty file; the list is written beside it.

    Returns
    -------
    Where the list is.

    Raises
    ------
    TouchstoneError
        If it cannot be written.
    """
    listed = faults_path(path)
    try:
        with listed.open("w", encoding="utf-8", newline="") as file:
            writer = csv.writer(file)
            writer.writerow(("line", "column", "found", "expected", "sheet"))
            for fault in faults:
                told = (fault.column, fault.found, fault.expected, fault.sheet)
                writer.writerow((fault.line or "", *map(_harmless, told)))
    except OSError as error:
        message = f"The faults of {path.name} cannot be listed in {listed}: {error.strerror or error}."
        raise TouchstoneError(message, "Make the folder writable, or copy the file to one that is.") from error
    return listed


def read_faults(path: Path) -> Iterator[Fault]:
    """Yield the faults of a file from the list beside it; nothing where there is none."""
    listed = faults_path(path)
    if not listed.is_file():
        return
    with listed.open(encoding="utf-8", newline="") as file:
        for line, column, found, expected, sheet in islice(csv.reader(file), 1, None):
            yield Fault(int(line or 0), column, found, expected, sheet)


def _harmless(text: str) -> str:
    """Return text that a spreadsheet does not run as a formula; it comes from a file that nobody vouches for."""
    return f"'{text}" if _FORMULA.match(text) else text


def refuse(checked: Checked, listed: Path | None = None) -> NoReturn:
    """Refuse a file whole.

    Parameters
    ----------
    checked
        A file with faults.
    listed
        Where all of them are listed, if anywhere.

    Raises
    ------
    FaultyFileError
        Always.
    """
    by = f', read by the mapping "{checked.mapping}",' if checked.mapping else ""
    rows = len(checked.rejected)
    count = counted(len(checked.faults), "fault")
    if rows:
        count += f" in {rows:,} of {counted(rows + checked.table.num_rows)}"
    remedy = "Mend the file and import it again"
    if not checked.unusable:
        remedy += ", or take the good rows alone with --skip-faulty"
    remedy += f"; all faults are listed in {listed}." if listed else "."
    if any(fault.expected.startswith(RATE) for fault in checked.faults):
        remedy = f"Import exchange rates first: `touchstone import rates FILE` (date, currency, rate). {remedy}"
    if checked.hint:
        remedy = f"{checked.hint} {remedy}"
    message = f"{checked.path.name}{by} was refused, and nothing of it stored: {count}."
    raise FaultyFileError(message, checked.faults, remedy, usable=not checked.unusable)
