"""Pages of the sources: what was imported, files that wait, and one uploaded file with how it would be read."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from web.pages.page import Choice, Page, Part

__all__ = [
    "ColumnLine",
    "ImportLine",
    "ImportPage",
    "OursLine",
    "PreviewTable",
    "SourceLine",
    "SourcesPage",
    "UploadLine",
    "UploadPage",
    "UploadsPart",
]


@dataclass(frozen=True)
class UploadLine:
    """One uploaded file in a line.

    Parameters
    ----------
    what
        What it seems to be and makes.
    state, mood
        Where it stands, in words and as ``waiting``, ``running``, ``good`` or ``bad``.
    told
        What it stored, or what is wrong.
    percent
        Progress of its import, or None.
    ready
        Whether it can be imported as it is.
    """

    id: int
    name: str
    size: str
    what: str
    state: str
    mood: str
    told: tuple[str, ...]
    percent: int | None
    ready: bool
    ended: bool


@dataclass(frozen=True)
class UploadsPart(Part):
    """The place to drop files, and the files that wait or were imported just now; also sent on its own.

    Parameters
    ----------
    back
        The page on which it stands: ``sources`` or ``first``.
    limit
        How large a file may be, in words.
    """

    template: ClassVar[str] = "uploads.html"

    back: str
    may: bool
    limit: str
    uploads: tuple[UploadLine, ...]

    @property
    def active(self) -> bool:
        """Whether an import is under way."""
        return any(line.mood == "running" for line in self.uploads)

    @property
    def ready(self) -> int:
        """How many files can be imported as they are."""
        return sum(line.ready for line in self.uploads)


@dataclass(frozen=True)
class SourceLine:
    """One kind of file from one source: what its imports brought."""

    kind: str
    source: str
    rows: str
    period: str
    last: str
    number: int
    faults: str
    left_out: tuple[str, ...]


@dataclass(frozen=True)
class SourcesPage(Page):
    """What was imported so far, and where the next files go."""

    template: ClassVar[str] = "sources.html"
    section: ClassVar[str] = "sources"

    headline: str
    uploads: UploadsPart
    sources: tuple[SourceLine, ...]

    @property
    def live(self) -> bool:
        """Whether an import is under way."""
        return self.uploads.active


@dataclass(frozen=True)
class ImportLine:
    """One import of a file."""

    number: int
    at: str
    file: str
    counts: str


@dataclass(frozen=True)
class ImportPage(Page):
    """One import: what it stored, what was wrong, what it left out, and those before it."""

    template: ClassVar[str] = "import.html"
    section: ClassVar[str] = "sources"

    line: ImportLine
    what: str
    source: str
    faults: int
    notes: tuple[str, ...]
    left_out: tuple[str, ...]
    others: tuple[ImportLine, ...]


@dataclass(frozen=True)
class PreviewTable:
    """The first rows of a kind as they would be stored."""

    kind: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class ColumnLine:
    """A column of the file: its name, and examples of what stands in it."""

    name: str
    examples: str


@dataclass(frozen=True)
class OursLine:
    """One of our columns in the form of columns: what it means, and what was chosen for it."""

    name: str
    meaning: str
    required: bool
    chosen: str
    fixed: str


@dataclass(frozen=True)
class UploadPage(Page):
    """One uploaded file.

    Parameters
    ----------
    line
        The file and where it stands.
    open
        Whether it can still be read otherwise, imported or thrown away.
    usable
        Whether its good rows can be taken alone, after it was refused.
    faults, more, count
        The first faults, how many more kinds of them there are, and how many faults in all.
    text
        The mapping made for this file.
    mappings, kinds
        Mappings and kinds to choose from.
    ours
        The columns of the kind that is being mapped by hand; empty where none is.
    either_way
        Whether somebody must say if the day or the month comes first in its dates.
    """

    template: ClassVar[str] = "upload.html"
    section: ClassVar[str] = "sources"

    line: UploadLine
    open: bool
    usable: bool
    refused: tuple[str, ...]
    faults: tuple[str, ...]
    more: int
    count: int
    previews: tuple[PreviewTable, ...]
    doubts: tuple[str, ...]
    notes: tuple[str, ...]
    columns: tuple[ColumnLine, ...]
    text: str
    mappings: tuple[Choice, ...]
    kinds: tuple[Choice, ...]
    kind: str
    ours: tuple[OursLine, ...]
    either_way: bool = False

    @property
    def live(self) -> bool:
        """Whether it is being imported."""
        return self.line.mood == "running"
