"""What an uploaded file seems to be: a guess, the wish of somebody, or a mapping made by hand, for the page to show."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from campaigns.faults import TouchstoneError
from campaigns.intake.formats import KINDS
from campaigns.intake.guessing import Guess, guess, guess_by, head_of
from campaigns.intake.mappings.loading import load_mapping, mapping_text, names, read_mapping, with_dates
from campaigns.intake.proposing import FileColumn, columns_of, written
from campaigns.settings import Settings
from campaigns.store.database import Database
from campaigns.store.surroundings import surroundings

__all__ = ["Look", "look_at", "look_by", "look_by_hand", "look_in_order", "titles"]

EXAMPLES = 3
"""Values of a column of the file that the form of columns shows."""

DOUBTS = 12
"""Doubts that are shown."""


@dataclass(frozen=True)
class Look:
    """How a file would be read.

    Parameters
    ----------
    mapping
        Name of the mapping; empty where it needs none or where it was made for this file.
    text
        The mapping made for this file, as TOML.
    document
        What the page shows, as JSON holds it: ``title``, ``known``, ``kinds``, ``previews``, ``doubts``, ``notes``,
        ``either_way``, ``refused``, ``columns``.
    """

    mapping: str
    text: str
    document: Mapping[str, Any]


def look_at(database: Database, settings: Settings, path: Path) -> Look:
    """Guess what a file is."""
    return _look(settings, path, guess(path, _options(database, settings), _folders(settings)))


def look_by(database: Database, settings: Settings, path: Path, mapping: str) -> Look:
    """Read the first rows of a file by a mapping that somebody chose.

    Raises
    ------
    TouchstoneError
        If there is no such mapping.
    """
    terms = load_mapping(mapping, _folders(settings))
    return _look(settings, path, guess_by(path, _options(database, settings), terms))


def look_in_order(database: Database, settings: Settings, path: Path, mapping: str, text: str, order: str) -> Look:
    """Read the first rows of a file with the day or with the month first in dates that may mean either.

    Parameters
    ----------
    mapping, text
        The mapping that reads it: by name, or as TOML where it was made for this file.
    order
        ``day first`` or ``month first``.
    """
    told = with_dates(text or mapping_text(mapping, _folders(settings)), order)
    terms = read_mapping(mapping or "made for this file", told)
    return _look(settings, path, guess_by(path, _options(database, settings), terms, told))


def look_by_hand(
    database: Database, settings: Settings, path: Path, kind: str, columns: Mapping[str, str], fixed: Mapping[str, str]
) -> Look:
    """Read the first rows of a file by the columns that somebody chose.

    Parameters
    ----------
    kind
        The file kind to make of it.
    columns
        For columns of the kind the column of the file.
    fixed
        For columns of the kind the text that stands in every row; a column of the file goes before it.

    Raises
    ------
    TouchstoneError
        If nothing was chosen, or a column is none of the file.
    """
    raw = head_of(path, _folders(settings))
    here = {column.name: column for column in columns_of(raw)}
    strange = [name for name in columns.values() if name not in here]
    if raw.faults or strange or not (columns or fixed):
        raise TouchstoneError(
            "The file cannot be read by these columns.", "Choose for each of ours a column that the file has."
        )
    chosen: dict[str, FileColumn | str] = {**fixed, **{ours: here[theirs] for ours, theirs in columns.items()}}
    known = {column.name for column in KINDS[kind].all_columns}
    if "identifier" in chosen and "identifier_kind" in known and "identifier_kind" not in chosen:
        chosen["identifier_kind"] = "email"
    text = written(KINDS[kind], {ours: chosen[ours] for ours in known if ours in chosen}, raw)
    terms = read_mapping("made by hand", text)
    return _look(settings, path, guess_by(path, _options(database, settings), terms, text))


def titles(settings: Settings) -> list[tuple[str, str]]:
    """Return all mappings by name, each with what people call it; a faulty one has no title."""
    found = []
    for name in names(_folders(settings)):
        try:
            found.append((name, load_mapping(name, _folders(settings)).title or name))
        except TouchstoneError:
            found.append((name, name))
    return sorted(found, key=lambda one: one[1].casefold())


def _look(settings: Settings, path: Path, guessed: Guess) -> Look:
    raw = head_of(path, _folders(settings))
    document = {
        "title": guessed.title,
        "known": bool(guessed.mapping.title if guessed.mapping is not None and guessed.text else guessed.candidates),
        "kinds": list(guessed.kinds),
        "previews": [
            {"kind": one.kind, "columns": list(one.columns), "rows": [list(row) for row in one.rows]}
            for one in guessed.preview
        ],
        "doubts": list(guessed.doubts[:DOUBTS]),
        "notes": list(guessed.notes),
        "either_way": guessed.either_way,
        "refused": [str(fault) for fault in guessed.refused[:DOUBTS]],
        "columns": [[column.name, list(dict.fromkeys(column.texts))[:EXAMPLES]] for column in columns_of(raw)],
    }
    mapping = guessed.mapping.name if guessed.mapping is not None and not guessed.text else ""
    return Look(mapping, guessed.text, document)


def _options(database: Database, settings: Settings) -> Any:
    return surroundings(database, settings, now=datetime.now(UTC), default_source=None)


def _folders(settings: Settings) -> tuple[Path, ...]:
    return (Path(settings.mappings),)
