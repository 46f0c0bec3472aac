"""Files into the database: in the right order, checked against what is known, each in one transaction."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa

from campaigns.faults import TouchstoneError
from campaigns.intake.checking import Checked
from campaigns.intake.files import digest_of, from_raw, refuse, take_in, write_faults
from campaigns.intake.formats import KINDS, FileKind
from campaigns.intake.guessing import Guess, guess, guess_by, recognise
from campaigns.intake.mappings import Mapping, load_mapping
from campaigns.intake.mappings.finding import expectation_of
from campaigns.intake.mappings.loading import mapping_text, with_dates
from campaigns.intake.reading import ENDINGS, read
from campaigns.settings import Settings
from campaigns.store.coming_back import settle_from_responses, settle_from_touches
from campaigns.store.database import Database
from campaigns.store.loading import Loading, load, load_all
from campaigns.store.surroundings import surroundings

__all__ = [
    "ORDER",
    "Imported",
    "files_of",
    "guess_file",
    "import_export",
    "import_file",
    "import_holidays",
    "keep_mapping",
    "save_mapping",
]

FIRST = ("rates", "channels", "customers")
"""Kinds that others lean on: amounts on rates, spelling on channels, identities on customers."""

ORDER = (*FIRST, *(name for name in KINDS if name not in FIRST))
"""The order in which kinds are imported together."""

Tell = Callable[[str], None]
"""Is told what an import is at: ``reading``, ``checking``, ``storing``."""


def _untold(_stage: str) -> None:
    """Tell nobody."""


@dataclass(frozen=True)
class Imported:
    """What became of one file.

    Parameters
    ----------
    rows
        Good rows: added, replaced and unchanged ones.
    skipped
        Rows left out with their reason.
    notes
        What was read otherwise than it was written.
    faults_file
        Where the faults found are listed, or None.
    stored
        Whether anything was stored at all; not after a dry run.
    """

    path: Path
    kind: str
    rows: int
    added: int = 0
    replaced: int = 0
    unchanged: int = 0
    skipped: int = 0
    notes: tuple[str, ...] = ()
    faults_file: Path | None = None
    stored: bool = True

    def document(self) -> dict[str, object]:
        """As JSON has it."""
        shown = ("kind", "rows", "added", "replaced", "unchanged", "skipped", "stored")
        return {
            "file": str(self.path),
            **{name: getattr(self, name) for name in shown},
            "notes": list(self.notes),
            "faults_file": None if self.faults_file is None else str(self.faults_file),
        }

    def __str__(self) -> str:
        if not self.stored:
            return f"{self.path}: {self.rows:,} rows of {self.kind} are good; nothing was stored (dry run)"
        parts = [
            f"{count:,} {words}"
            for count, words in (
                (self.added, "added"),
                (self.replaced, "replaced"),
                (self.unchanged, "already there"),
                (self.skipped, "left out as faulty"),
            )
            if count
        ]
        return f"{self.path}: {self.rows:,} rows of {self.kind}" + (f" ({', '.join(parts)})" if parts else "")


def files_of(folder: Path) -> tuple[tuple[FileKind, Path], ...]:
    """Find the files of a folder that are named after their kind, in the order in which they are to be imported.

    ``touches.csv``, ``spend.xlsx`` and ``spend-2026.csv.gz`` are; other files are left alone.
    """
    found = []
    for name in ORDER:
        for path in sorted(folder.iterdir()):
            stem, dot, ending = path.name.partition(".")
            if stem.partition("-")[0] == name and f"{dot}{ending}".removesuffix(".gz") in ENDINGS and path.is_file():
                found.append((KINDS[name], path))
    return tuple(found)


def import_file(
    database: Database,
    settings: Settings,
    kind: FileKind,
    path: Path,
    *,
    mapping: str | None = None,
    source: str | None = None,
    skip_faulty: bool = False,
    dry_run: bool = False,
    dates: str = "",
    now: datetime | None = None,
    tell: Tell = _untold,
) -> Imported:
    """Check a file against its contract and store it.

    Parameters
    ----------
    mapping
        Name of the mapping that makes the columns of the kind.
    source
        ``source`` of rows that name none; the name of the kind if None.
    skip_faulty
        Whether the good rows of a file with faults are stored, and the others kept with their reason.
    dry_run
        Whether nothing is stored.
    dates
        ``day first`` or ``month first`` where a mapping meets dates such as 03/05/2026; told by the file if empty.
    now
        The present; the clock's by default.
    tell
        Is told what the import is at.

    Raises
    ------
    RefusedError
        With every fault, all of them listed in ``FILE.faults.csv``; nothing was stored. So too if the file as a whole
        is at fault, whatever ``skip_faulty`` says.
    TouchstoneError
        If there is no such mapping, or the database cannot be used.
    """
    read_by = _in_order(load_mapping(mapping, [Path(settings.mappings)]), dates) if mapping else None
    options = surroundings(database, settings, now=now or datetime.now(UTC), default_source=source)
    tell("reading")
    checked = take_in(path, kind, options, read_by)
    if checked.unusable and read_by is None:
        checked = replace(checked, hint=_hint(path, kind, settings))
    tell("storing")
    return _stored(database, settings, [checked], skip_faulty=skip_faulty, dry_run=dry_run)[0]


def import_export(
    database: Database,
    settings: Settings,
    path: Path,
    mapping: str | Mapping,
    *,
    kinds: Sequence[str] = (),
    source: str | None = None,
    skip_faulty: bool = False,
    dry_run: bool = False,
    dates: str = "",
    whole_days: bool = False,
    now: datetime | None = None,
    tell: Tell = _untold,
) -> tuple[Imported, ...]:
    """Read a foreign export once, and store every kind that its mapping makes of it: all of them or none.

    Parameters
    ----------
    mapping
        The mapping, or its name.
    kinds
        Only these of its kinds; all by default. A kind of which the export holds no row is passed over.
    whole_days
        Whether the export has everything of its source on its days: what is stored of their spend and is not in it is
        taken back.
    source, skip_faulty, dry_run, dates, now, tell
        As for :func:`import_file`.

    Raises
    ------
    RefusedError
        With every fault of every kind; nothing was stored.
    TouchstoneError
        If there is no such mapping, or the database cannot be used.
    """
    named = load_mapping(mapping, [Path(settings.mappings)]) if isinstance(mapping, str) else mapping
    read_by = _in_order(named, dates)
    options = surroundings(database, settings, now=now or datetime.now(UTC), default_source=source)
    tell("reading")
    raw, digest = read(path, expectation_of(read_by)), digest_of(path)
    tell("checking")
    wanted = [name for name in ORDER if name in (kinds or read_by.kinds)]
    made = [from_raw(raw, path, KINDS[name], options, read_by, digest) for name in wanted]
    del raw  # as big as the columns that were read; what is stored stands in what was made of them
    if whole_days:
        made = [replace(one, restates=("date",)) if one.kind.name == "spend" else one for one in made]
    bad = [one for one in made if one.faults]
    if bad and (not skip_faulty or all(one.unusable for one in made)):
        first = bad[0]
        faults = tuple(dict.fromkeys(fault for one in bad for fault in one.faults))
        rejected = [row for one in bad for row in one.rejected]
        whole = replace(first, faults=faults, rejected=rejected, unusable=any(one.unusable for one in bad))
        refuse(whole, _listed(whole)[0])
    held = [one for one in made if one.table.num_rows or one.rejected or one.left_out is not None]
    tell("storing")
    return _stored(database, settings, held, skip_faulty=skip_faulty, dry_run=dry_run)


def _stored(
    database: Database, settings: Settings, made: Sequence[Checked], *, skip_faulty: bool, dry_run: bool
) -> tuple[Imported, ...]:
    """Store what was checked, all of it or none."""
    told = []
    for checked in made:
        listed, notes = _listed(checked)
        if checked.faults and (checked.unusable or not skip_faulty):
            refuse(checked, listed)
        told.append((listed, notes))
    if dry_run:
        return tuple(
            Imported(
                one.path,
                one.kind.name,
                one.table.num_rows,
                skipped=len(one.rejected),
                notes=notes,
                faults_file=listed,
                stored=False,
            )
            for one, (listed, notes) in zip(made, told, strict=True)
        )
    loadings = [
        Loading(one.kind, one.table, one.path, one.digest, one.faults, one.rejected, one.left_out, one.restates)
        for one in made
    ]
    batches = load_all(database, loadings) if loadings else []
    settled = {one.kind.name: _settled(database, settings, one.kind.name) for one in made}
    return tuple(
        Imported(
            one.path,
            one.kind.name,
            batch.rows,
            batch.added,
            batch.replaced,
            batch.unchanged,
            batch.skipped,
            notes=(*notes, *batch.notes, *settled[one.kind.name]),
            faults_file=listed,
        )
        for one, batch, (listed, notes) in zip(made, batches, told, strict=True)
    )


def _settled(database: Database, settings: Settings, kind: str) -> tuple[str, ...]:
    """Settle the contacts of plans by what a file told of them."""
    settling = {"touches": settle_from_touches, "responses": settle_from_responses}.get(kind)
    count = settling(database, zone=settings.zone) if settling else 0
    return (f"{count:,} contacts of plans were settled by it",) if count else ()


def import_holidays(
    database: Database,
    settings: Settings,
    country: str,
    years: str | None = None,
    *,
    source: str | None = None,
    dry_run: bool = False,
    now: datetime | None = None,
) -> Imported:
    """Store the public holidays of a country as calendar events; storing them again replaces them.

    Parameters
    ----------
    country
        ISO 3166 code, ``TR`` or ``DE-BY``.
    years
        ``2026``, ``2025-2027`` or ``2024,2026``; the last, this and the next year if None.

    Raises
    ------
    RefusedError
        If there is no calendar of this country, or these are no years.
    """
    from campaigns.calendars.holidays import SOURCE, holiday_rows, years_of

    year = (now or datetime.now(UTC)).astimezone(settings.zone).year
    asked = years_of(years) if years else (year - 1, year, year + 1)
    rows = holiday_rows(country, asked)
    own = source or f"{SOURCE} {country.strip().upper()}"
    rows = rows.set_column(rows.column_names.index("source"), "source", pa.array([own] * rows.num_rows, pa.string()))
    path, kind = Path(own), KINDS["calendar_events"]
    if dry_run:
        return Imported(path, kind.name, rows.num_rows, stored=False)
    batch = load(database, kind, rows, path=path, digest="")
    return Imported(path, kind.name, batch.rows, batch.added, batch.replaced, batch.unchanged, batch.skipped)


def _hint(path: Path, kind: FileKind, settings: Settings) -> str:
    """Say what a file seems to be that lacks what its kind needs."""
    known = recognise(path, [Path(settings.mappings)])
    if known is None or (not known.mapping and kind.name in known.kinds):
        return ""
    if known.mapping:
        return (
            f"It looks like an export that is known: {known.title}. `touchstone import --guess {path}` shows how it "
            f"would be read, with the mapping {known.mapping}."
        )
    return f"It looks like a {known.title}: `touchstone import {known.kinds[0]} {path}`."


def guess_file(
    database: Database, settings: Settings, path: Path, now: datetime | None = None, dates: str = ""
) -> Guess:
    """Guess what a file is, with a preview of what would be stored, and store nothing (``dates``: as for an import)."""
    options = surroundings(database, settings, now=now or datetime.now(UTC), default_source=None)
    guessed = guess(path, options, [Path(settings.mappings)])
    if not dates or guessed.mapping is None:
        return guessed
    again = guess_by(path, options, _in_order(guessed.mapping, dates), guessed.text)
    return replace(again, candidates=guessed.candidates)


def _in_order(mapping: Mapping, dates: str) -> Mapping:
    return replace(mapping, shape=replace(mapping.shape, dates=dates)) if dates else mapping


def save_mapping(settings: Settings, guessed: Guess, name: str) -> Path:
    """Keep the mapping of a guess under a name of your own, in the folder of mappings.

    Raises
    ------
    TouchstoneError
        If the name is no name of a file, is taken, or nothing is to be saved.
    """
    if guessed.mapping is None:
        raise TouchstoneError(f"{guessed.path.name} needs no mapping, or none fits.", "Import it by its kind.")
    text = guessed.text or mapping_text(guessed.mapping.name, [Path(settings.mappings)])
    return keep_mapping(settings, name, with_dates(text, guessed.mapping.shape.dates))


def keep_mapping(settings: Settings, name: str, text: str) -> Path:
    """Keep a mapping, as TOML, under a name of your own, in the folder of mappings.

    Raises
    ------
    TouchstoneError
        If the name is no name of a file or is taken, or the folder cannot be written.
    """
    if not re.fullmatch(r"[a-z0-9][a-z0-9_-]*", name):
        raise TouchstoneError(
            f'"{name}" cannot be the name of a mapping.', "Use small letters, digits, - and _, as in my_google."
        )
    folder = Path(settings.mappings)
    file = folder / f"{name}.toml"
    if file.exists():
        raise TouchstoneError(f"There is a mapping {file} already.", "Choose another name, or remove that one.")
    try:
        folder.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")
    except OSError as error:
        raise TouchstoneError(f"{file} cannot be written: {error.strerror or error}.", "Make it writable.") from error
    return file


def _listed(checked: Checked) -> tuple[Path | None, tuple[str, ...]]:
    """List the faults beside the file; where that cannot be, say so and go on: the first are shown anyway."""
    if not checked.faults:
        return None, checked.notes
    try:
        return write_faults(checked.path, checked.faults), checked.notes
    except TouchstoneError as error:
        return None, (*checked.notes, str(error))
