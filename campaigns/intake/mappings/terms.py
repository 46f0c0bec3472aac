"""What a mapping says, as plain values; ``docs/mappings.md`` explains each word with an example."""

from __future__ import annotations

import re
from collections import abc
from dataclasses import dataclass, field
from typing import Literal, TypeAlias
from zoneinfo import ZoneInfo

__all__ = ["Case", "Condition", "FileLookup", "Mapping", "Part", "Rule", "Take"]

Take: TypeAlias = Literal["sum", "first", "count", "min", "max"]
"""How the rows of a group become one value."""

_PLACE = re.compile(r"\{([^{}]+)\}")


@dataclass(frozen=True)
class Condition:
    """A question to one column of the source, answered per row; case and spacing do not matter.

    Exactly one of ``any_of``, ``none_of`` and ``filled`` is set. An empty cell is in no list.
    """

    column: str
    any_of: tuple[str, ...] | None = None
    none_of: tuple[str, ...] | None = None
    filled: bool | None = None

    @property
    def words(self) -> str:
        """The condition, for people."""
        if self.filled is not None:
            return f"{self.column} is {'filled' if self.filled else 'empty'}"
        if self.any_of is not None:
            return f"{self.column} is {' or '.join(self.any_of)}"
        return f"{self.column} is not {' or '.join(self.none_of or ())}"


@dataclass(frozen=True)
class Case:
    """What a value becomes where a condition holds: a constant, or what stands in another column."""

    condition: Condition
    then: str | None = None
    then_column: str | None = None


@dataclass(frozen=True)
class FileLookup:
    """A table in another file beside the data file: ``value`` for ``key``."""

    file: str
    key: str
    value: str


@dataclass(frozen=True)
class Rule:
    """How one column of a file kind is made.

    Exactly one of ``column``, ``constant``, ``template``, ``add`` and ``cases`` is where the value comes from (a count
    needs none of them); the rest is done to it, in the order of the fields.

    Parameters
    ----------
    target
        The column of the file kind.
    column
        The source column taken as it is.
    json
        Path of names, parted by points, into the JSON text of ``column``.
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
        How a time or date is written (``%d.%m.%Y``), or ``unix`` or ``unix_ms`` for seconds or milliseconds since 1970.
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
    constant: str | None = None
    template: str | None = None
    add: tuple[str, ...] = ()
    subtract: tuple[str, ...] = ()
    cases: tuple[Case, ...] = ()
    lookup: abc.Mapping[str, str] | None = None
    lookup_file: FileLookup | None = None
    otherwise: str | None = None
    keep_others: bool = False
    format: str | None = None
    decimal: str = "."
    thousands: str = ""
    take: Take | None = None
    round: int | None = None
    optional: bool = False

    @property
    def sources(self) -> tuple[str, ...]:
        """The source columns that it reads."""
        case_columns = (name for case in self.cases for name in (case.condition.column, case.then_column) if name)
        single = (self.column,) if self.column is not None else ()
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
    """

    kind: str
    rules: tuple[Rule, ...]
    where: tuple[Condition, ...] = ()
    group_by: tuple[str, ...] = ()


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
    """

    name: str
    about: str
    parts: abc.Mapping[str, Part]
    zone: ZoneInfo | None = None
    empty: tuple[str, ...] = field(default=())

    @property
    def kinds(self) -> tuple[str, ...]:
        """The file kinds that it makes."""
        return tuple(self.parts)
