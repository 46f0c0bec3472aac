"""Guess what a file is: a known export, one of our own kinds, or columns that tell what they hold."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import pyarrow as pa

from campaigns.faults import Fault, grouped
from campaigns.intake.cells import spelling
from campaigns.intake.checking import CheckOptions
from campaigns.intake.expectation import Expectation
from campaigns.intake.files import from_raw
from campaigns.intake.formats import KINDS, FileKind, Type
from campaigns.intake.mappings.applying import order_of, wrong_report
from campaigns.intake.mappings.days import Order
from campaigns.intake.mappings.finding import expectation_of, find_columns, names_of
from campaigns.intake.mappings.loading import load_mapping, names, read_mapping
from campaigns.intake.mappings.terms import Mapping as Terms
from campaigns.intake.money import decimals
from campaigns.intake.proposing import propose
from campaigns.intake.raw import Raw
from campaigns.intake.reading import read

__all__ = ["Candidate", "Guess", "Preview", "guess", "guess_by", "head_of", "recognise"]

PREVIEWED = 10
"""Rows that a preview shows."""

SURE = 0.6
"""Score from which a candidate is taken without asking."""


@dataclass(frozen=True)
class Candidate:
    """What a file may be.

    Parameters
    ----------
    mapping
        Name of the mapping that reads it; empty for a file that has the columns of a kind already.
    title
        What people call it.
    kinds
        The file kinds that it makes.
    score
        From 0 to 1: how much of what such a file holds is there.
    """

    mapping: str
    title: str
    kinds: tuple[str, ...]
    score: float


@dataclass(frozen=True)
class Preview:
    """The first rows as they would be stored: the columns that hold anything, and their texts."""

    kind: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class Guess:
    """What a file seems to be.

    Parameters
    ----------
    candidates
        What it may be, the likeliest first.
    mapping
        The mapping to read it by; None where it needs none, or where nothing fits.
    text
        The mapping as TOML where it was made for this file; empty for a known one.
    kinds
        The file kinds to import it as; empty where nothing fits.
    preview
        For each kind the first rows.
    doubts
        What a person should look at before importing.
    notes
        What the mapping does with the first rows.
    refused
        Why it cannot be imported as it is, with what to do.
    either_way
        Whether its dates may be read with the day or with the month first, so that somebody must say which.
    """

    path: Path
    candidates: tuple[Candidate, ...] = ()
    mapping: Terms | None = None
    text: str = ""
    kinds: tuple[str, ...] = ()
    preview: tuple[Preview, ...] = ()
    doubts: tuple[str, ...] = ()
    notes: tuple[str, ...] = ()
    refused: tuple[Fault, ...] = field(default=())
    either_way: bool = False

    @property
    def title(self) -> str:
        """What the file seems to be, for people."""
        if self.mapping is not None and self.mapping.title:
            return self.mapping.title
        if self.candidates and not self.text:
            return self.candidates[0].title
        return f"a file of {self.kinds[0]}" if self.kinds else "a file that is not known"


def guess(path: Path, options: CheckOptions, folders: Iterable[Path] = ()) -> Guess:
    """Guess what a file is, from its first rows.

    Parameters
    ----------
    path
        The file.
    options
        The surroundings of a check, for the preview.
    folders
        Folders of mappings, searched before the shipped ones.

    Returns
    -------
    The likeliest reading, with a preview and every doubt. Nothing is raised for what a file holds.
    """
    mappings = _mappings(tuple(folders))
    raw = read(path, _any_of(mappings), head=True)
    if raw.faults:
        return Guess(path, refused=raw.faults)
    candidates = tuple(
        sorted((*_known(raw, mappings), *_plain(raw)), key=lambda one: (-one.score, one.mapping != "", one.mapping))
    )
    if not candidates or candidates[0].score < SURE:
        other = _other_report(raw, mappings)
        return Guess(path, candidates, refused=(other,)) if other else _proposed(path, raw, options, candidates)
    best = candidates[0]
    mapping = next((one for one in mappings if one.name == best.mapping), None)
    if mapping is not None:
        raw = read(path, expectation_of(mapping), head=True)
    return _looked_through(path, raw, options, candidates, mapping, best.kinds)


def guess_by(path: Path, options: CheckOptions, mapping: Terms, text: str = "") -> Guess:
    """Say how a file would be read by a mapping that somebody chose or made (``text``, as TOML) for it."""
    raw = read(path, expectation_of(mapping), head=True)
    if raw.faults:
        return Guess(path, mapping=mapping, text=text, refused=raw.faults)
    named = Candidate("" if text else mapping.name, mapping.title or mapping.name, mapping.kinds, 1.0)
    return _looked_through(path, raw, options, (named,), mapping, mapping.kinds, text)


def head_of(path: Path, folders: Iterable[Path] = ()) -> Raw:
    """Read the first rows of a file, below the header that looks most like one of an export or a kind."""
    return read(path, _any_of(_mappings(tuple(folders))), head=True)


def _mappings(folders: tuple[Path, ...]) -> tuple[Terms, ...]:
    return tuple(load_mapping(name, folders) for name in names(folders))


def _any_of(mappings: Sequence[Terms]) -> Expectation:
    """Return an expectation that knows a name if any mapping or kind does."""
    known = [expectation_of(mapping) for mapping in mappings]
    own = {spelling(column.name) for kind in KINDS.values() for column in kind.all_columns}
    for mapping in mappings:  # other reports of the platforms, too, whose header may stand below other lines
        marks = (name for refusal in mapping.refusals for name in refusal.marks)
        own |= {spelling(other) for name in marks for other in names_of(name, mapping.aliases)}
    return Expectation(
        lambda name: spelling(name) in own or any(one.known(name) for one in known), encoding="windows-1254"
    )


def _known(raw: Raw, mappings: Sequence[Terms]) -> list[Candidate]:
    """Return the mappings that read exports with such columns."""
    found = []
    for mapping in mappings:
        columns = [name for name in mapping.source_columns() if not name.startswith("#")]
        here = set(find_columns(raw, dict.fromkeys(columns, ""), columns, mapping.aliases).places)
        marks = mapping.marks or tuple(_needed(mapping))
        if marks and any(set(group) <= here for group in marks):
            score = 0.7 + 0.3 * len(here) / max(len(columns), 1)
            found.append(Candidate(mapping.name, mapping.title or mapping.name, mapping.kinds, round(score, 3)))
    return found


def _needed(mapping: Terms) -> Iterable[tuple[str, ...]]:
    """Return the columns that each part of a mapping without marks cannot do without."""
    for part in mapping.parts.values():
        needed = {name for rule in part.rules if not rule.optional for name in rule.sources if name[:1] != "#"}
        if len(needed) > 1:
            yield tuple(sorted(needed))


def _plain(raw: Raw) -> list[Candidate]:
    """Return the file kinds whose columns these are."""
    written = {spelling(name).replace(" ", "_") for name in raw.table.column_names}
    found = []
    for kind in KINDS.values():
        known = {column.name for column in kind.all_columns}
        here = {name for name in written if name in known or (kind.attributes and name.startswith("attr_"))}
        required = {column.name for column in kind.all_columns if column.required}
        if required <= here:
            share = len(here) / max(len(written), 1)
            found.append(Candidate("", f"file of {kind.name}", (kind.name,), round(share * (0.9 + _told(here)), 3)))
    return [one for one in found if one.score >= SURE]


def _told(here: set[str]) -> float:
    """Return a little for each column, so that of two kinds that fit the one with more of its columns wins."""
    return min(len(here), 100) / 1000


def _looked_through(
    path: Path,
    raw: Raw,
    options: CheckOptions,
    candidates: tuple[Candidate, ...],
    mapping: Terms | None,
    kinds: tuple[str, ...],
    text: str = "",
) -> Guess:
    """Read the first rows as they would be stored, and note what is doubtful."""
    wrong = wrong_report(mapping, raw) if mapping is not None else []
    if wrong:
        return Guess(path, candidates, mapping, text, kinds, refused=tuple(wrong))
    doubts = _rivals(candidates) + (_missing(mapping, raw) if mapping is not None else [])
    order = order_of(mapping, raw) if mapping is not None else Order()
    if order.open is not None and raw.partial:
        doubts.insert(0, _either_way(order.open))
    previews, refused, made, notes = [], [], [], []
    for name in kinds:
        checked = from_raw(raw, path, KINDS[name], options, mapping, digest="")
        if checked.unusable:
            refused += list(checked.faults)
            continue
        if checked.table.num_rows or checked.faults:
            made.append(name)
            previews.append(_preview(KINDS[name], checked.table, options))
        place = f"{name}: " if len(kinds) > 1 else ""
        doubts += [f"{place}{fault}" for fault in grouped(checked.faults)]
        notes += [f"{place}{note}" for note in checked.notes]
    return Guess(
        path,
        candidates,
        mapping,
        text,
        tuple(made),
        tuple(previews),
        tuple(dict.fromkeys(doubts)),
        tuple(dict.fromkeys(notes)),
        () if made else tuple(dict.fromkeys(refused)),
        either_way=order.open is not None,
    )


def _either_way(fault: Fault) -> str:
    return (
        f"In the first rows {fault.column} may be read with the day or with the month first ({fault.found}): if the "
        "rest of the file does not tell either, it is refused until somebody says which."
    )


def recognise(path: Path, folders: Iterable[Path] = ()) -> Candidate | None:
    """Return the known export, or the file kind, that a file looks like most; None where it looks like none."""
    mappings = _mappings(tuple(folders))
    raw = read(path, _any_of(mappings), head=True)
    found = [] if raw.faults else [*_known(raw, mappings), *_plain(raw)]
    return max(found, key=lambda one: one.score, default=None)


def _rivals(candidates: Sequence[Candidate]) -> list[str]:
    near = [one for one in candidates[1:] if candidates[0].score - one.score < 0.05]
    return [f"It may also be: {', '.join(one.title for one in near)}."] if near else []


def _missing(mapping: Terms, raw: Raw) -> list[str]:
    """Say which columns that a mapping could use are not there."""
    rules = [rule for part in mapping.parts.values() for one in (part, *part.also) for rule in one.rules]
    names_ = list(dict.fromkeys(name for rule in rules for name in rule.sources if name[:1] != "#" and "." not in name))
    here = find_columns(raw, dict.fromkeys(names_, ""), names_, mapping.aliases).places
    filled = {name for rule in rules if set(rule.sources) & set(here) for name in rule.sources}
    lacking = [name for name in names_ if name not in here and name not in filled]
    return [f"Not in the file, and left empty: {', '.join(lacking)}."] if lacking else []


def _preview(kind: FileKind, table: pa.Table, options: CheckOptions) -> Preview:
    head = table.slice(0, PREVIEWED)
    columns = [name for name in head.column_names if head.column(name).null_count < head.num_rows]
    types: Mapping[str, Type] = {column.name: column.type for column in kind.all_columns}
    rows = [
        tuple(_shown(row[name], types.get(name, Type.TEXT), options) for name in columns)
        for row in head.select(columns).to_pylist()
    ]
    return Preview(kind.name, tuple(columns), tuple(rows))


def _shown(value: object, kind: Type, options: CheckOptions) -> str:
    """Return a value as people read it; amounts in the reporting currency."""
    if value is None:
        return ""
    if kind is Type.MONEY and isinstance(value, int):
        places = decimals(options.currency)
        return f"{value / 10**places:.{places}f}"
    if kind is Type.TIME and hasattr(value, "astimezone"):
        return str(value.astimezone(options.zone).strftime("%Y-%m-%d %H:%M:%S"))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _other_report(raw: Raw, mappings: Sequence[Terms]) -> Fault | None:
    """Tell how to export the right report, where the file is another one of a platform that is known."""
    for mapping in mappings:
        for refusal in mapping.refusals:
            wanted = dict.fromkeys(refusal.marks, "")
            if wanted and len(find_columns(raw, wanted, wanted, mapping.aliases).places) == len(wanted):
                found = f"another report of the same platform ({', '.join(refusal.marks)})"
                return Fault(raw.header_line, "", found, refusal.because, raw.sheet)
    return None


def _proposed(path: Path, raw: Raw, options: CheckOptions, candidates: tuple[Candidate, ...]) -> Guess:
    """Propose a mapping for a file that nobody knows."""
    proposal = propose(raw)
    if proposal is None:
        expected = "an export that is known, or columns such as a day and an amount, or a person and a time"
        found = f"columns that tell nothing: {', '.join(raw.table.column_names[:12])}"
        return Guess(path, candidates, refused=(Fault(raw.header_line, "", found, expected),))
    mapping = read_mapping("proposed", proposal.text)
    told = _looked_through(path, raw, options, candidates, mapping, mapping.kinds, proposal.text)
    doubts = ("This export is not known: look at each column before you import it.", *proposal.doubts, *told.doubts)
    return replace(told, doubts=doubts)
