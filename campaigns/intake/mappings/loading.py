"""Read a mapping from TOML, with every mistake in it at once."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from difflib import get_close_matches
from pathlib import Path
from zoneinfo import ZoneInfo, available_timezones

from campaigns.faults import Fault, RefusedError, TouchstoneError
from campaigns.intake.formats import KINDS
from campaigns.intake.mappings.parts import PartReader
from campaigns.intake.mappings.terms import Mapping

__all__ = ["SHIPPED", "load_mapping", "mapping_text", "names", "read_mapping", "with_dates"]

SHIPPED = Path(__file__).parent
"""Folder of the mappings that come with the product."""

ENTRIES = ("about", "title", "zone", "empty", "marks", "file", "names", "refuse")
"""What a mapping says besides its file kinds."""


def names(folders: Iterable[Path] = ()) -> tuple[str, ...]:
    """Return the names of all mappings: those in the folders and the shipped ones."""
    return tuple(sorted({file.stem for folder in (*folders, SHIPPED) for file in folder.glob("*.toml")}))


def load_mapping(name: str, folders: Iterable[Path] = ()) -> Mapping:
    """Find and read a mapping.

    Parameters
    ----------
    name
        Its name: the name of its file without ``.toml``.
    folders
        Where to look before the shipped ones.

    Raises
    ------
    TouchstoneError
        If there is no such mapping.
    RefusedError
        If there are mistakes in it, with all of them.
    """
    return read_mapping(name, mapping_text(name, folders))


def mapping_text(name: str, folders: Iterable[Path] = ()) -> str:
    """Return a mapping as it is written.

    Raises
    ------
    TouchstoneError
        If there is no such mapping.
    """
    folders = tuple(folders)
    known = names(folders)
    for folder in (*folders, SHIPPED):
        file = folder / f"{name}.toml"
        if name in known and file.is_file():
            return file.read_text("utf-8")
    close = get_close_matches(name, known, n=1)
    hint = f'Did you mean "{close[0]}"?' if close else f"There are: {', '.join(known)}."
    raise TouchstoneError(f'There is no mapping "{name}".', hint)


def with_dates(text: str, order: str) -> str:
    """Write into a mapping whether the day or the month comes first in dates such as 03/05/2026."""
    entry = f'dates = "{order}"'
    if not order:
        return text
    if tomllib.loads(text).get("file", {}).get("dates"):
        return re.sub(r"(?m)^dates = .*$", entry, text, count=1)
    told = re.sub(r"(?m)^\[file\]\s*$", f"[file]\n{entry}", text, count=1)
    return told if told != text else f"{text.rstrip()}\n\n[file]\n{entry}\n"


def read_mapping(name: str, text: str) -> Mapping:
    """Read a mapping from the text of its file.

    Raises
    ------
    RefusedError
        With every mistake; the column of each fault is the path of the entry, such as ``spend.columns.cost.take``.
    """
    try:
        written = tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise _refused(name, [Fault(0, f"{name}.toml", str(error), "valid TOML")]) from error
    reader = PartReader()
    about, title = reader.text(written, "", "about") or "", reader.text(written, "", "title") or ""
    zone = reader.text(written, "", "zone")
    if zone is not None and zone not in available_timezones():
        reader.fault("zone", zone, "an IANA zone such as Europe/Istanbul")
        zone = None
    empty = reader.texts(written, "", "empty")
    shape, aliases = reader.file_shape(written), reader.aliases(written)
    refusals, marks = reader.refusals(written), reader.marks(written)
    parts = {}
    for key, value in written.items():
        if key in KINDS and isinstance(value, dict):
            parts[key] = reader.part(KINDS[key], value, shape)
        elif key in KINDS and isinstance(value, list) and (part := reader.parts(KINDS[key], value, shape)) is not None:
            parts[key] = part
        elif key not in ENTRIES:
            reader.fault(key, "an unknown entry", f"{', '.join(ENTRIES)}, or a file kind: {', '.join(KINDS)}")
    if not parts:
        reader.fault("", "no file kind", f"a table named like one of: {', '.join(KINDS)}")
    if reader.faults:
        raise _refused(name, reader.faults)
    zone_info = ZoneInfo(zone) if zone else None
    return Mapping(name, about, parts, zone_info, empty, aliases, shape, refusals, marks, title)


def _refused(name: str, faults: list[Fault]) -> RefusedError:
    return RefusedError(f'The mapping "{name}" cannot be used:', faults, "Mend it and try again; see docs/mappings.md.")
