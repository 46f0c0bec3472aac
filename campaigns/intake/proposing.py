"""Propose a mapping for a file that nobody knows: by the names of its columns and by what stands in them."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TypeAlias

import pyarrow as pa
from rapidfuzz import fuzz, process

from campaigns.intake.cells import as_text, spelling
from campaigns.intake.formats import KINDS, FileKind, Type
from campaigns.intake.kernels import pc
from campaigns.intake.mappings.days import USUAL
from campaigns.intake.mappings.figures import plain_number
from campaigns.intake.raw import Raw
from campaigns.intake.synonyms import WORDS

__all__ = ["FileColumn", "Proposal", "columns_of", "propose", "written"]

ALIKE = 84
"""Similarity of names, 0 to 100, from which two columns are taken for the same."""

SAMPLE = 300
PROPOSABLE = ("spend", "responses", "touches", "customers", "opportunities", "leads")
"""Kinds that are proposed, those first whose columns say most."""

ABOUT = "Made from the columns of a file."

_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
_DATES = {
    None: re.compile(r"\d{4}-\d{2}-\d{2}([T ].*)?"),
    "%d.%m.%Y": re.compile(r"\d{1,2}\.\d{1,2}\.\d{4}"),
    "%d.%m.%Y %H:%M": re.compile(r"\d{1,2}\.\d{1,2}\.\d{4} \d{1,2}:\d{2}"),
    "%d.%m.%Y %H:%M:%S": re.compile(r"\d{1,2}\.\d{1,2}\.\d{4} \d{1,2}:\d{2}:\d{2}"),
    USUAL: re.compile(r"\d{1,2}([/-])\d{1,2}\1\d{4}(,? .*)?"),
    "%Y%m%d": re.compile(r"(19|20)\d{6}"),
}
_NUMBER = re.compile(r"-?\d+(\.\d+)?")


@dataclass(frozen=True)
class FileColumn:
    """A column of the file: its name, and what its first values look like."""

    name: str
    texts: tuple[str, ...]

    def share(self, pattern: re.Pattern[str]) -> float:
        """Return the share of values that look like this."""
        return sum(bool(pattern.fullmatch(text)) for text in self.texts) / max(len(self.texts), 1)

    @property
    def is_email(self) -> bool:
        """Whether it holds e-mail addresses."""
        return self.share(_EMAIL) > 0.8

    @property
    def is_number(self) -> bool:
        """Whether it holds numbers, however they are written."""
        plain = [plain_number(text, ".") for text in self.texts]
        return bool(plain) and sum(bool(_NUMBER.fullmatch(text)) for text in plain) > 0.9 * len(plain)

    @property
    def date_form(self) -> str:
        """How its days or times are written: empty for ISO 8601, ``usual`` with slashes, ``?`` where they are none."""
        return next((form or "" for form, pattern in _DATES.items() if self.share(pattern) > 0.9), "?")

    def fits(self, kind: Type) -> bool:
        """Tell whether what stands in it can be read as a type."""
        if kind in (Type.TIME, Type.DATE):
            return self.date_form != "?"
        if kind in (Type.MONEY, Type.NUMBER, Type.INTEGER):
            return self.is_number
        return bool(self.texts)


_Match: TypeAlias = tuple[FileKind, dict[str, FileColumn | str], tuple[str, ...]]
"""A kind, what each of its columns is made from (a column, or the same text in every row), and the doubts."""


@dataclass(frozen=True)
class Proposal:
    """A mapping as TOML, and what is doubtful about it."""

    text: str
    doubts: tuple[str, ...]


def propose(raw: Raw) -> Proposal | None:
    """Propose how to read a file; None where no kind can be made of it.

    Parameters
    ----------
    raw
        The first rows of the file.
    """
    columns = columns_of(raw)
    tried = [made for name in PROPOSABLE if (made := _matched(KINDS[name], columns)) is not None]
    if not tried:
        return None
    kind, matched, doubts = max(tried, key=lambda one: len(one[1]))
    return Proposal(written(kind, matched, raw), doubts)


def columns_of(raw: Raw) -> list[FileColumn]:
    """Return the columns of a file, each with its first values that are not empty."""
    return [FileColumn(name, _texts(raw.table, place)) for place, name in enumerate(raw.table.column_names)]


def _texts(table: pa.Table, place: int) -> tuple[str, ...]:
    texts = pc.cast(as_text(table.column(place).slice(0, SAMPLE)), pa.string()).to_pylist()
    return tuple(text.strip() for text in texts if text and text.strip())


def _matched(
    kind: FileKind, columns: list[FileColumn]
) -> tuple[FileKind, dict[str, FileColumn | str], tuple[str, ...]] | None:
    """Find a column of the file for each column of a kind; None where one that it needs has none."""
    scores = sorted(
        (
            (_alike(target.name, column), target.required, target.name, place)
            for target in kind.all_columns
            for place, column in enumerate(columns)
            if column.fits(target.type)
        ),
        key=lambda one: (-one[0], not one[1]),
    )
    matched: dict[str, FileColumn | str] = {}
    taken: set[int] = set()
    for score, _, target, place in scores:
        if score >= ALIKE and target not in matched and place not in taken:
            matched[target] = columns[place]
            taken.add(place)
    doubts = _completed(kind, columns, matched, taken)
    needed = {column.name for column in kind.all_columns if column.required}
    if not needed <= set(matched):
        return None
    return kind, matched, doubts


def _alike(target: str, column: FileColumn) -> float:
    words = [target.replace("_", " "), *WORDS.get(target, ())]
    best = process.extractOne(spelling(column.name), words, scorer=fuzz.WRatio)
    whole = fuzz.ratio(spelling(column.name), best[0]) if best else 0
    return max(whole, (best[1] - 8 if best else 0))


def _completed(
    kind: FileKind, columns: list[FileColumn], matched: dict[str, FileColumn | str], taken: set[int]
) -> tuple[str, ...]:
    """Fill in what can be known without a column of the name: by contents, or the same in every row."""
    doubts = []
    for target in kind.all_columns:
        if target.name in matched or target.type not in (Type.TIME, Type.DATE) or not target.required:
            continue
        dates = [place for place, one in enumerate(columns) if place not in taken and one.date_form != "?"]
        if dates:
            matched[target.name] = columns[dates[0]]
            taken.add(dates[0])
            doubts.append(f"{target.name} is taken from {columns[dates[0]].name}, the only column left with days.")
    mails = [column for column in columns if column.is_email]
    if kind.name in ("responses", "touches") and "customer_id" not in matched:
        matched.pop("identifier", None)
        if mails:
            matched["identifier"], matched["identifier_kind"] = mails[0], "email"
    else:
        matched.pop("identifier", None)
    if kind.name == "customers" and "customer_id" not in matched and mails:
        matched["customer_id"] = mails[0]
        doubts.append("There is no number of the customer: the e-mail address stands for the person.")
    matched.pop("identifier_kind", None) if "identifier" not in matched else None
    if kind.name == "responses" and "kind" not in matched and "value" in matched:
        matched["kind"] = "order"
        doubts.append("Every row is taken as an order.")
    if kind.name == "spend" and "channel" not in matched and {"cost", "date"} <= set(matched):
        matched["channel"] = "other"
        doubts.append('No column names the channel: every row gets the channel "other"; write the right one.')
    return tuple(doubts)


def written(kind: FileKind, matched: Mapping[str, FileColumn | str], raw: Raw) -> str:
    """Write a mapping as TOML.

    Parameters
    ----------
    matched
        For each column of the kind the column of the file that it comes from, or the text that stands in every row.
    """
    types = {column.name: column.type for column in kind.all_columns}
    lines = [
        f"about = {_quoted(ABOUT)}",
        "",
        "[file]",
        'encoding = "windows-1254"',
        'decimal = "auto"',
    ]
    if raw.delimiter:
        lines.append(f"delimiter = {_quoted(raw.delimiter)}")
    lines += ["", f"[{kind.name}.columns]"]
    for target, origin in matched.items():
        if isinstance(origin, str):
            lines.append(f"{target} = {{ constant = {_quoted(origin)} }}")
        elif types[target] in (Type.TIME, Type.DATE) and origin.date_form not in ("", "?"):
            lines.append(f"{target} = {{ column = {_quoted(origin.name)}, format = {_quoted(origin.date_form)} }}")
        else:
            lines.append(f"{target} = {_quoted(origin.name)}")
    return "\n".join(lines) + "\n"


def _quoted(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\t", "\\t")
    return f'"{escaped}"'
