"""In which order day and month stand in dates such as 03/05/2026: what the dates of a file themselves tell of it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import pyarrow as pa

from campaigns.faults import Fault
from campaigns.intake.cells import as_text, clean
from campaigns.intake.day_order import DAY_FIRST, MONTH_FIRST
from campaigns.intake.kernels import Chunked, pc
from campaigns.intake.mappings.finding import Found
from campaigns.intake.mappings.terms import FILE_NAME, FIRST_COLUMN, Mapping, Rule
from campaigns.intake.raw import Raw

__all__ = [
    "USUAL",
    "USUAL_FORMS",
    "Order",
    "open_columns",
    "ordered",
    "told_order",
]

USUAL = "usual"
"""As ``format``: every way in :data:`USUAL_FORMS`."""

_CLOCKS = ("", " %H:%M", ", %H:%M", " %H:%M:%S", ", %H:%M:%S", " %I:%M %p", ", %I:%M %p", " %I:%M:%S %p")
USUAL_FORMS = (
    *(f"{day}{clock}" for day in ("%d.%m.%Y", "%d/%m/%Y", "%m/%d/%Y", "%d-%m-%Y", "%m-%d-%Y") for clock in _CLOCKS),
    *("%b %d, %Y", "%B %d, %Y", "%d %b %Y", "%d %B %Y", "%b %d, %Y, %I:%M %p", "%b %d, %Y %I:%M %p"),
)
"""How platforms and spreadsheets write days and times, besides ISO 8601."""

_FORM = re.compile(r"%([dm])([/-])%([dm])(\2.*)")
_WRITTEN = re.compile(r"(\d{1,2})([/-])(\d{1,2})\2\d{4}(?:\D.*)?")

CHOOSE = (
    "dates that tell days from months; say which comes first: --dates day-first or --dates month-first on the command "
    "line, Dates on the page of the file, or dates in the table [file] of the mapping"
)


@dataclass(frozen=True)
class Order:
    """In which order day and month stand.

    Parameters
    ----------
    order
        :data:`DAY_FIRST`, :data:`MONTH_FIRST`, or empty where no date of the file needs it, or none tells it.
    open
        The fault where dates may be read in either way, and mean different days.
    faults
        Dates of one file that contradict each other.
    """

    order: str = ""
    open: Fault | None = None
    faults: tuple[Fault, ...] = ()


def ordered(forms: Sequence[str], order: str) -> tuple[str, ...]:
    """Return the forms left once it is known in which order day and month stand; those of one order alone stay."""
    first = {DAY_FIRST: "d", MONTH_FIRST: "m"}.get(order)
    if first is None:
        return tuple(forms)
    return tuple(form for form in forms if not _is_open(form, forms) or _FORM.fullmatch(form)[1] == first)  # type: ignore[index]


def _is_open(form: str, forms: Iterable[str]) -> bool:
    """Tell whether a form stands beside the same with day and month exchanged."""
    match = _FORM.fullmatch(form)
    return match is not None and f"%{match[3]}{match[2]}%{match[1]}{match[4]}" in forms


def told_order(mapping: Mapping, raw: Raw, found: Found, names: Iterable[str]) -> Order:
    """Find out in which order day and month stand, from every date of the file that may be written either way.

    A day above 12 in any of them tells; dates that are the same day in both readings need no telling. One file is
    written in one way throughout, so that one column tells of the others.

    Parameters
    ----------
    found
        Where the columns stand that the mapping reads.
    names
        The columns that hold such dates: :func:`open_columns`.
    """
    if mapping.shape.dates:
        return Order(mapping.shape.dates)
    seen: dict[str, tuple[str, str]] = {}  # for each order, a date that shows it, with its column
    doubtful: tuple[str, str] | None = None
    for name in names:
        if name not in found.places:
            continue
        for text in _texts(found.table.column(found.places[name])):
            match = _WRITTEN.fullmatch(text)
            if match is None:
                continue
            first, second = int(match[1]), int(match[3])
            if first > 12 >= second:
                seen.setdefault(DAY_FIRST, (name, text))
            elif second > 12 >= first:
                seen.setdefault(MONTH_FIRST, (name, text))
            elif first != second and doubtful is None:
                doubtful = (name, text)
    if len(seen) == 2:
        faults = tuple(
            _fault(raw, found, *seen[one], f"dates in one order; others of this file have the {words}")
            for one, words in ((DAY_FIRST, "month first"), (MONTH_FIRST, "day first"))
        )
        return Order(faults=faults)
    if seen:
        return Order(next(iter(seen)))
    return Order(open=None if doubtful is None else _fault(raw, found, *doubtful, CHOOSE, either=True))


def open_columns(mapping: Mapping) -> tuple[str, ...]:
    """Return the columns of the source from which dates are made that may be written either way."""
    names: dict[str, None] = {}
    for part in mapping.parts.values():
        for rule in (rule for one in (part, *part.also) for rule in one.rules):
            if any(_is_open(form, rule.format) for form in rule.format):
                names.update(dict.fromkeys(_sources(rule)))
    return tuple(name for name in names if name not in (FIRST_COLUMN, FILE_NAME))


def _sources(rule: Rule) -> tuple[str, ...]:
    return tuple(name for name in (rule.column, *(case.then_column for case in rule.cases)) if name is not None)


def _texts(column: Chunked) -> list[str]:
    """Return the distinct texts of a column; one of the file's own times has none."""
    if pa.types.is_temporal(column.type):
        return []
    try:
        return list(pc.unique(pc.cast(as_text(clean(column)), pa.string())).drop_null().to_pylist())
    except pa.ArrowInvalid:  # bytes that are no text: said where the column is read
        return []


def _fault(raw: Raw, found: Found, name: str, text: str, expected: str, *, either: bool = False) -> Fault:
    texts = pc.cast(as_text(clean(found.table.column(found.places[name]))), pa.string())
    row = int(pc.index(texts, pa.scalar(text, pa.string())).as_py())
    line = int(raw.line_of(pc.cast(pa.array([row]), pa.int64()).to_numpy())[0])
    words = f"{text}, which may be the day before the month or after it" if either else text
    return Fault(line, found.headers.get(name, name), words, expected, raw.sheet_at(row))
