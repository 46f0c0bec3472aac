"""Files into the database: in the right order, checked against what is known, each in one transaction."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from campaigns.faults import TouchstoneError
from campaigns.intake.checking import Checked
from campaigns.intake.files import refuse, take_in, write_faults
from campaigns.intake.formats import KINDS, FileKind
from campaigns.intake.mappings import load_mapping
from campaigns.intake.reading import ENDINGS
from campaigns.settings import Settings
from campaigns.store.database import Database
from campaigns.store.loading import load
from campaigns.store.surroundings import surroundings

__all__ = ["ORDER", "Imported", "files_of", "import_file"]

FIRST = ("rates", "channels", "customers")
"""Kinds that others lean on: amounts on rates, spelling on channels, identities on customers."""

ORDER = (*FIRST, *(name for name in KINDS if name not in FIRST))
"""The order in which kinds are imported together."""


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
    now: datetime | None = None,
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
    now
        The present; the clock's by default.

    Raises
    ------
    RefusedError
        With every fault, all of them listed in ``FILE.faults.csv``; nothing was stored. So too if the file as a whole
        is at fault, whatever ``skip_faulty`` says.
    TouchstoneError
        If there is no such mapping, or the database cannot be used.
    """
    options = surroundings(database, settings, now=now or datetime.now(UTC), default_source=source)
    read_by = load_mapping(mapping, [Path(settings.mappings)]) if mapping else None
    checked = take_in(path, kind, options, read_by)
    listed, notes = _listed(checked)
    if checked.faults and (checked.unusable or not skip_faulty):
        refuse(checked, listed)
    if dry_run:
        rows, left_out = checked.table.num_rows, len(checked.rejected)
        return Imported(path, kind.name, rows, skipped=left_out, notes=notes, faults_file=listed, stored=False)
    batch = load(
        database,
        kind,
        checked.table,
        path=path,
        digest=checked.digest,
        faults=checked.faults,
        rejected=checked.rejected,
    )
    counts = (batch.rows, batch.added, batch.replaced, batch.unchanged, batch.skipped)
    return Imported(path, kind.name, *counts, notes=(*notes, *batch.notes), faults_file=listed)


def _listed(checked: Checked) -> tuple[Path | None, tuple[str, ...]]:
    """List the faults beside the file; where that cannot be, say so and go on: the first are shown anyway."""
    if not checked.faults:
        return None, checked.notes
    try:
        return write_faults(checked.path, checked.faults), checked.notes
    except TouchstoneError as error:
        return None, (*checked.notes, str(error))
