"""What a column and a file kind are; the kinds themselves stand in :mod:`campaigns.intake.formats`."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Literal

__all__ = [
    "IDENTIFIER_KINDS",
    "Column",
    "FileKind",
    "Type",
    "choice",
    "count",
    "date",
    "money",
    "number",
    "text",
    "time",
]

IDENTIFIER_KINDS = ("email", "phone", "cookie", "device", "loyalty", "postal", "crm")


class Type(StrEnum):
    """What a column holds, how it may be written and how it is stored."""

    TEXT = "text"
    TIME = "time"
    DATE = "date"
    INTEGER = "integer"
    NUMBER = "number"
    MONEY = "money"
    CHOICE = "choice"
    LIST = "list"

    @property
    def words(self) -> str:
        """How a value of this type is written, for people."""
        return {
            "text": "text",
            "time": "a time such as 2026-05-01T10:00:00+02:00 (without a zone: the configured one)",
            "date": "a date such as 2026-05-01",
            "integer": "a whole number",
            "number": "a number such as 0.25",
            "money": "an amount such as 12.50",
            "choice": "one of the choices",
            "list": "values separated by |",
        }[self.value]


@dataclass(frozen=True)
class Column:
    """One column of a file kind.

    Parameters
    ----------
    meaning
        What it says, for people.
    minimum, maximum
        Smallest and largest allowed value of a number or an amount (in major units), or None.
    past
        Whether a time or date after now is a fault.
    positive
        Whether zero is a fault as well as what lies below it.
    default
        What an empty value is read as; empty text leaves it empty.
    longest
        Most characters of a text. Keys of PostgreSQL's indexes end at 2,704 bytes, and a character takes up to four.
    """

    name: str
    type: Type
    meaning: str
    required: bool = False
    choices: tuple[str, ...] = ()
    minimum: float | None = None
    past: bool = False
    example: str = ""
    maximum: float | None = None
    positive: bool = False
    default: str = ""
    longest: int = 500


@dataclass(frozen=True)
class FileKind:
    """The contract of one kind of file.

    Parameters
    ----------
    identity
        ``required``: each row names a person; ``optional``: it may; ``account``: a person or an ``account_id`` is
        required; ``none``: the kind is not about persons.
    anonymous_with
        Columns any of which makes a row without a person acceptable (counted, not linked).
    key
        Columns that, with ``source``, make a row the same row when imported again. Where ``key_optional`` is true
        and the key is empty, a row is matched by its content and its occurrence number among equal rows.
    spans
        Pairs of columns of which the second may not lie before the first.
    day
        The column on whose day amounts in a foreign currency are converted; where it is empty, or the kind has none,
        the day of the import counts.
    attributes
        Whether any further column ``attr_NAME`` is kept.
    """

    name: str
    meaning: str
    columns: tuple[Column, ...]
    identity: Literal["required", "optional", "account", "none"] = "none"
    anonymous_with: tuple[str, ...] = ()
    key: tuple[str, ...] = ()
    key_optional: bool = False
    spans: tuple[tuple[str, str], ...] = ()
    attributes: bool = False
    day: str = ""

    @property
    def has_money(self) -> bool:
        """Whether any column is an amount, so that ``currency`` may be given."""
        return any(column.type is Type.MONEY for column in self.columns)

    @property
    def all_columns(self) -> tuple[Column, ...]:
        """Every column that a file of this kind may have: identity, its own, ``currency`` and ``source``."""
        shared = [_SOURCE]
        if self.has_money and "currency" not in {column.name for column in self.columns}:
            shared.insert(0, _CURRENCY)
        identity = (
            _IDENTITY if self.identity in ("required", "optional", "account") and self.name != "customers" else ()
        )
        own = {column.name for column in self.columns}
        return (*(column for column in identity if column.name not in own), *self.columns, *shared)

    def column(self, name: str) -> Column:
        """Return the column of this name.

        Raises
        ------
        KeyError
            If the kind has no such column.
        """
        for column in self.all_columns:
            if column.name == name:
                return column
        raise KeyError(name)


_SOURCE = Column("source", Type.TEXT, "where the row comes from; the file kind's own name if not given", example="shop")
_CURRENCY = Column(
    "currency",
    Type.TEXT,
    "ISO 4217 code of the row's amounts; the reporting currency if not given",
    example="EUR",
)
_IDENTITY = (
    Column("customer_id", Type.TEXT, "your own number of the person", example="C-1001"),
    Column(
        "identifier_kind",
        Type.CHOICE,
        "what the identifier is, if there is no customer_id",
        choices=IDENTIFIER_KINDS,
        example="email",
    ),
    Column("identifier", Type.TEXT, "the identifier itself", example="ada@example.com"),
)


def text(name: str, meaning: str, *, required: bool = False, example: str = "") -> Column:
    """Return a column of text."""
    return Column(name, Type.TEXT, meaning, required, example=example)


def choice(name: str, meaning: str, *choices: str, required: bool = False, example: str = "") -> Column:
    """Return a column of fixed choices."""
    return Column(name, Type.CHOICE, meaning, required, choices, example=example or choices[0])


def time(name: str, meaning: str, *, required: bool = False, past: bool = True) -> Column:
    """Return a column of times."""
    return Column(name, Type.TIME, meaning, required, past=past, example="2026-05-01T10:00:00+02:00")


def date(name: str, meaning: str, *, required: bool = False, past: bool = False) -> Column:
    """Return a column of dates."""
    return Column(name, Type.DATE, meaning, required, past=past, example="2026-05-01")


def money(name: str, meaning: str, *, required: bool = False, minimum: float | None = 0.0) -> Column:
    """Return a column of amounts."""
    return Column(name, Type.MONEY, meaning, required, minimum=minimum, example="12.50")


def count(name: str, meaning: str, *, required: bool = False) -> Column:
    """Return a column of whole numbers, 0 or more."""
    return Column(name, Type.INTEGER, meaning, required, minimum=0, example="3")


def number(name: str, meaning: str, *, required: bool = False, minimum: float | None = 0.0) -> Column:
    """Return a column of numbers."""
    return Column(name, Type.NUMBER, meaning, required, minimum=minimum, example="0.25")
