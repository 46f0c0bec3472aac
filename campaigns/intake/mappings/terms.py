"""What a mapping says, as plain values; ``docs/mappings.md`` explains each word with an example."""

from __future__ import annotations

import re
from collections import abc
from dataclasses import dataclass, field
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

__all__ = [
    "AUTO",
    "FILE_NAME",
    "FIRST_COLUMN",
    "Case",
    "Condition",
    "FileLookup",
    "Leaving",
    "Mapping",
    "Netted",
    "Part",
    "Refusal",
    "Rule",
    "Shape",
    "Split",
    "Take",
]

AUTO = "auto"
"""As ``decimal``: the signs in numbers are found out from the numbers of the file."""

FIRST_COLUMN = "#1"
"""Name by which a mapping means the first column of a file, whatever it is called."""

FILE_NAME = "#file"
"""Name by which a mapping means the name of the file, or of the file inside a ZIP."""

Take: TypeAlias = Literal["sum", "first", "count", "min", "max"]
"""How the rows of a group become one value."""

_PLACE = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True)
class Condition:
    """A question to one column of the source, answered per row; case and spacing do not matter.

    Exactly one of ``any_of``, ``none_of``, ``starts``, ``contains`` and ``filled`` is set. An empty cell is in no list.
    """

    column: str
    any_of: tuple[str, ...] | None = None
    none_of: tuple[str, ...] | None = None
    filled: bool | None = None
    starts: tuple[str, ...] | None = None
    contains: tuple[str, ...] | None = None

    @property
    def words(self) -> str:
        """The condition, for people."""
        if self.filled is not None:
            return f"{self.column} is {'filled' if self.filled else 'empty'}"
        if self.any_of is not None:
            return f"{self.column} is {' or '.join(self.any_of)}"
        if self.starts is not None:
            return f"{self.column} starts with {' or '.join(self.starts)}"
        if self.contains is not None:
            return f"{self.column} contains {' or '.join(self.contains)}"
        return f"{self.column} is not {' or '.join(self.none_of or ())}"


@dataclass(frozen=True)
class Case:
    """What a value becomes where a condition holds: a constant, or what stands in another column."""

    condition: Condition
    then: str | None = None
    then_column: str | None = None


@dataclass(frozen=True)
class Leaving:
    """Rows that do not count, and the reason under which they are kept for reconciliation.

    Parameters
    ----------
    reason
        Empty for rows that are not of this kind, or no longer: nothing is kept of them, and what an earlier export
        made of them is taken back.
    stored
        Whether the row is stored all the same, as something that does not count (a cancelled order as a return).
    """

    reason: str
    conditions: tuple[Condition, ...]
    stored: bool = False


@dataclass(frozen=True)
class Netted:
    """An amount that the source shows within its value and that ours leaves out, with its reason."""

    reason: str
    rule: Rule


@dataclass(frozen=True)
class Refusal:
    """What shows that a file is the wrong report, and how to export the right one.

    Exactly one of ``without`` (none of these columns is there), ``differ`` (two columns that must agree in each row)
    and ``marks`` (columns of another report of the same platform, by which a file that nothing reads is known) is set.
    """

    because: str
    without: tuple[str, ...] = ()
    differ: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()


@dataclass(frozen=True)
class Split:
    """One row to many: a row for each of the values that stand in one column, parted by a sign."""

    column: str
    by: str = ";"


@dataclass(frozen=True)
class Shape:
    """How the file itself is written, where it is not found out.

    Parameters
    ----------
    encoding
        How text that is not UTF-8 or UTF-16 is encoded.
    delimiter
        What parts the values; found out if empty.
    sheet
        Name of the sheet of a workbook; the first that has the header if empty.
    fill_down
        Columns in which an empty cell means the value above.
    decimal, thousands
        Signs in numbers, for all columns that do not say otherwise; ``auto`` finds them out.
    dates
        ``day first`` or ``month first`` in dates such as 03/05/2026; found out from the file's own dates if empty.
    """

    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    fill_down: tuple[str, ...] = ()
    decimal: str = "."
    thousands: str = ""
    dates: str = ""


@dataclass(frozen=True)
class FileLookup:
    """A table in another file beside the data file: ``value`` for ``key``."""

    file: str
    key: str
    value: str


@dataclass(frozen=True)
class Rule:
    """How one column of a file kind is made.

    Exactly one of ``column``, ``header``, ``constant``, ``template``, ``add`` and ``cases`` is where the value comes
    from (a count needs none of them); the rest is done to it, in the order of the fields.

    Parameters
    ----------
    target
        The column of the file kind.
    column
        The source column taken as it is.
    json
        Path of names, parted by points, into the JSON text or the nested value of ``column``. ``[key=source]`` is the
        entry of a list whose ``key`` is ``source``, ``*`` the first filled value.
    header
        What stands in the place of ``*`` in the name of this column; beside ``column``, where that is empty.
    match
        Only what this pattern (a regular expression with one group) takes out of the text; where it does not fit,
        nothing, or with ``keep_others`` the text as it is.
    split
        Only the first of several values that are parted by this sign.
    lower
        Whether the text is written in small letters, for addresses that stand for their persons.
    constant
        The same value in every row.
    template
        Text with ``{column}`` places. Empty cells leave their place empty; where all are empty the value is too.
    add, subtract
        Source columns added up and taken off. An empty cell counts as nothing; where all are empty the value is too.
    cases
        The first case whose condition holds gives the value; ``otherwise`` where none does.
    lookup, lookup_file
        What each value is replaced by. One that is not there becomes ``otherwise`` if that is given, stays if
        ``keep_others``, and is a fault if not.
    format
        How a time or date is written (``%d.%m.%Y``; several ways may be told), or ``unix``, ``unix_ms`` or ``unix_us``
        for seconds, milliseconds or microseconds since 1970. What is ISO 8601 is read all the same. Where both
        ``%d/%m/%Y`` and ``%m/%d/%Y`` are told, the dates of the file must show which of them holds.
    decimal, thousands
        Signs in numbers, where they are not a point and nothing.
    take
        How the rows of a group become one value.
    round
        Decimals kept, for amounts that the source writes finer than the currency is.
    optional
        Whether the source may lack the column.
    """

    target: str
    column: str | None = None
    json: str | None = None
    header: str | None = None
    constant: str | None = None
    template: str | None = None
    add: tuple[str, ...] = ()
    subtract: tuple[str, ...] = ()
    cases: tuple[Case, ...] = ()
    lookup: abc.Mapping[str, str] | None = None
    lookup_file: FileLookup | None = None
    otherwise: str | None = None
    keep_others: bool = False
    match: str | None = None
    split: str | None = None
    lower: bool = False
    format: tuple[str, ...] = ()
    decimal: str = ""
    thousands: str = ""
    take: Take | None = None
    round: int | None = None
    optional: bool = False

    @property
    def sources(self) -> tuple[str, ...]:
        """The source columns that it reads."""
        case_columns = (name for case in self.cases for name in (case.condition.column, case.then_column) if name)
        single = tuple(name for name in (self.column, self.header) if name is not None)
        return tuple(dict.fromkeys((*single, *self.places, *self.add, *self.subtract, *case_columns)))

    @property
    def places(self) -> tuple[str, ...]:
        """The columns named in the template."""
        return tuple(_PLACE.findall(self.template or ""))


@dataclass(frozen=True)
class Part:
    """How rows of one file kind are made from the source.

    Parameters
    ----------
    rules
        One for each column made.
    where
        Conditions that a source row must meet, all of them.
    group_by
        Source columns whose equal values put rows into one group; each group gives one row.
    leaving
        Rows that do not count, with their reasons. Rows that miss a condition of ``where`` are not of this kind at all,
        and are only counted.
    netted
        Amounts within the value that the source shows, and not within ours.
    shown
        The value that the source itself shows of a row; what the amount column is made from if None.
    split
        One row to many.
    also
        Further ways in which a row of the source makes a row of the kind.
    restates
        Columns of the kind of which an export tells everything: of what is stored of its source with the same values
        in them, only what is in the file stays.
    """

    kind: str
    rules: tuple[Rule, ...]
    where: tuple[Condition, ...] = ()
    group_by: tuple[str, ...] = ()
    leaving: tuple[Leaving, ...] = ()
    netted: tuple[Netted, ...] = ()
    shown: Rule | None = None
    split: Split | None = None
    also: tuple[Part, ...] = ()
    restates: tuple[str, ...] = ()

    def source_columns(self) -> tuple[str, ...]:
        """Return the source columns that it reads."""
        rules = (*self.rules, *(netted.rule for netted in self.netted), *((self.shown,) if self.shown else ()))
        conditions = (*self.where, *(condition for one in self.leaving for condition in one.conditions))
        names = (
            *(name for rule in rules for name in rule.sources),
            *(condition.column for condition in conditions),
            *self.group_by,
            *((self.split.column,) if self.split else ()),
            *(name for part in self.also for name in part.source_columns()),
        )
        return tuple(dict.fromkeys(names))


@dataclass(frozen=True)
class Mapping:
    """A named way to read a foreign export.

    Parameters
    ----------
    parts
        One for each file kind that the export holds.
    zone
        Zone of times without one, or None for the configured zone.
    empty
        Texts that mean nothing, besides an empty cell.
    aliases
        Other names of a column, in other languages or with ``*`` for a part that varies.
    shape
        How the file itself is written.
    refusals
        What shows that it is the wrong report.
    marks
        Columns that only this export has, all together: by them it is recognised. Empty for the files of one house.
    title
        What people call the export.
    """

    name: str
    about: str
    parts: abc.Mapping[str, Part]
    zone: ZoneInfo | None = None
    empty: tuple[str, ...] = field(default=())
    aliases: abc.Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    shape: Shape = field(default_factory=Shape)
    refusals: tuple[Refusal, ...] = ()
    marks: tuple[tuple[str, ...], ...] = ()
    title: str = ""

    @property
    def kinds(self) -> tuple[str, ...]:
        """The file kinds that it makes."""
        return tuple(self.parts)

    def source_columns(self) -> tuple[str, ...]:
        """Return every source column that it names anywhere."""
        names: dict[str, None] = dict.fromkeys(name for group in self.marks for name in group)
        for part in self.parts.values():
            names.update(dict.fromkeys(part.source_columns()))
        for refusal in self.refusals:
            names.update(dict.fromkeys((*refusal.without, *refusal.differ)))
        return tuple(name for name in names if name not in (FIRST_COLUMN, FILE_NAME))
