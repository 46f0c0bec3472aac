"""Make one column of a file kind, row by row of the source, as a rule of a mapping says."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from campaigns.intake.cells import Mask, as_text, recode, spelling
from campaigns.intake.formats import Type
from campaigns.intake.kernels import Chunked, column_of, pc
from campaigns.intake.mappings.days import ordered
from campaigns.intake.mappings.figures import plain_number
from campaigns.intake.mappings.paths import value_at
from campaigns.intake.mappings.source import Source
from campaigns.intake.mappings.terms import AUTO, Rule
from campaigns.intake.parsing import parse_numbers
from campaigns.intake.raw import Rows
from campaigns.queries import answer

__all__ = ["Flaw", "Made", "make", "numbers_of"]

SHOWN_CHOICES = 12
SHOWN_FORMS = 4
UNIX = {"unix": 1_000_000, "unix_ms": 1_000, "unix_us": 1}
UNIX_WORDS = {"unix": "seconds", "unix_ms": "milliseconds", "unix_us": "microseconds"}
ISO = re.compile(r"^\d{4}-\d{2}-\d{2}(?:[T ].*)?$")
MIDNIGHT = datetime.min.time()


@dataclass(frozen=True)
class Flaw:
    """Rows of the source whose value cannot be made, with what stands there and what should."""

    rows: Rows
    found: tuple[str, ...]
    expected: str


@dataclass(frozen=True)
class Made:
    """A column made, null where it could not be, and why it could not."""

    values: Chunked
    flaws: tuple[Flaw, ...] = ()


def make(rule: Rule, source: Source, kind: Type, table: Mapping[str, str] | None) -> Made:
    """Make a column.

    Parameters
    ----------
    rule
        How.
    kind
        Type of the column it is for.
    table
        Values of the rule's lookup in a file, if it has one.
    """
    flaws: list[Flaw] = []
    values = _origin(rule, source, flaws)
    if rule.match is not None:
        values = _matched(values, re.compile(rule.match), keep=rule.keep_others)
    if rule.split is not None:
        values = _first_item(values, rule.split)
    if rule.lower:
        values = pc.utf8_lower(pc.cast(as_text(values), pa.string()))
    if rule.lookup is not None:
        values = _looked_up(values, {spelling(key): value for key, value in rule.lookup.items()}, rule, flaws)
    elif table is not None:
        values = _looked_up(values, table, rule, flaws)
    if rule.format:
        values = _formatted(values, ordered(rule.format, source.order), flaws)
    if (rule.decimal, rule.thousands) != (".", ""):
        values = _with_points(values, rule, source.decimal)
    if rule.round is not None and rule.take != "sum":
        numbers = numbers_of(values, kind, flaws)
        values = column_of(pa.array(np.round(numbers, rule.round), from_pandas=True))
    return Made(values, tuple(flaws))


def numbers_of(values: Chunked, kind: Type, flaws: list[Flaw]) -> npt.NDArray[np.float64]:
    """Read numbers, NaN where there is none; what cannot be read is a flaw."""
    parsed = parse_numbers(values, kind.words)
    _note(flaws, parsed.bad, values, parsed.expected)
    numbers: npt.NDArray[np.float64] = pc.fill_null(parsed.values, np.nan).to_numpy()
    return numbers


def _origin(rule: Rule, source: Source, flaws: list[Flaw]) -> Chunked:
    if rule.json is not None and rule.column is not None:
        return _inside(source.texts(rule.column), rule.json, flaws)
    if rule.column is not None and rule.header is not None:
        captured = pa.scalar(source.captured.get(rule.header) or None, pa.string())
        return pc.coalesce(source.texts(rule.column), captured)
    if rule.column is not None:
        return source.cells(rule.column)
    if rule.header is not None:
        return source.constant(source.captured.get(rule.header))
    if rule.constant is not None:
        return column_of(pa.array(np.full(source.count, rule.constant, dtype=object), pa.string()))
    if rule.template is not None:
        return _template(rule, source)
    if rule.cases:
        return _first_case(rule, source)
    if rule.add or rule.subtract:
        return _added(rule, source, flaws)
    return column_of(pa.array(np.ones(source.count, np.int64)))


def _template(rule: Rule, source: Source) -> Chunked:
    text = rule.template or ""
    columns = [source.texts(name) for name in rule.places]
    pieces: list[object] = []
    for name, column in zip(rule.places, columns, strict=True):
        before, _, text = text.partition("{" + name + "}")
        pieces += [pa.scalar(before), column]
    pieces.append(pa.scalar(text))
    if not columns:
        return column_of(pa.array(np.full(source.count, rule.template, dtype=object), pa.string()))
    joined = pc.binary_join_element_wise(*pieces, "", null_handling="replace")
    filled = np.logical_or.reduce([pc.is_valid(column).to_numpy() for column in columns])
    return pc.if_else(pa.array(filled), joined, pa.scalar(None, pa.string()))


def _first_case(rule: Rule, source: Source) -> Chunked:
    values = column_of(pa.array(np.full(source.count, rule.otherwise, dtype=object), pa.string()))
    for case in reversed(rule.cases):
        value = (
            pa.scalar(case.then or None, pa.string()) if case.then_column is None else source.texts(case.then_column)
        )
        values = pc.if_else(pa.array(source.holds(case.condition)), value, values)
    return values


def _added(rule: Rule, source: Source, flaws: list[Flaw]) -> Chunked:
    total = np.zeros(source.count)
    filled = np.zeros(source.count, bool)
    for sign, names in ((1.0, rule.add), (-1.0, rule.subtract)):
        for name in names:
            numbers = numbers_of(_with_points(source.cells(name), rule, source.decimal), Type.MONEY, flaws)
            filled |= ~np.isnan(numbers)
            total += sign * np.nan_to_num(numbers)
    # Floats of decimals leave a crumb behind; a millionth is far below any currency's last place.
    return column_of(pa.array(np.round(total, 6), mask=~filled))


def _inside(texts: Chunked, path: str, flaws: list[Flaw]) -> Chunked:
    """Return what stands under a path of names in JSON text; in a list an entry may be missing."""
    values, bad = recode(texts, lambda text: value_at(text, path))
    if "[" not in path:
        _note(flaws, bad, texts, f"JSON with a value under {path}")
    return values


def _matched(values: Chunked, pattern: re.Pattern[str], *, keep: bool) -> Chunked:
    """Return what a pattern takes out of each text; one that it does not fit stays, or goes."""

    def one(text: str) -> str | None:
        match = pattern.search(text)
        return (match[1] or None) if match else text if keep else None

    return recode(pc.cast(as_text(values), pa.string()), one)[0]


def _first_item(values: Chunked, sign: str) -> Chunked:
    """Return the first of several values that are parted by a sign."""
    texts = pc.cast(as_text(values), pa.string())
    items, _ = recode(texts, lambda text: next(filter(None, map(str.strip, text.split(sign))), None))
    return items


def _looked_up(values: Chunked, table: Mapping[str, str], rule: Rule, flaws: list[Flaw]) -> Chunked:
    texts = pc.cast(as_text(values), pa.string())
    inline = rule.lookup is not None

    def one(text: str) -> str | None:
        other = text if rule.keep_others else rule.otherwise
        return table.get(spelling(text) if inline else text, other) or None

    found, bad = recode(texts, one)
    choices = list(rule.lookup or ())
    words = ", ".join(choices[:SHOWN_CHOICES]) + (", ..." if len(choices) > SHOWN_CHOICES else "")
    file = rule.lookup_file
    if rule.otherwise is None:
        _note(flaws, bad, texts, f"a value of {file.key} in {file.file}" if file else f"one of {words}")
    if rule.otherwise:
        found = pc.fill_null(found, rule.otherwise)
    return found


def _formatted(values: Chunked, forms: tuple[str, ...], flaws: list[Flaw]) -> Chunked:
    """Read times or dates written in forms of their own; what the file itself knows as a time stays one."""
    form = forms[0]
    if form in UNIX and not pa.types.is_temporal(values.type):
        words = f"{UNIX_WORDS[form]} since 1970"
        parsed = parse_numbers(values, words)
        numbers = pc.fill_null(parsed.values, np.nan).to_numpy() * UNIX[form]
        far = ~np.isnan(numbers) & (np.abs(numbers) > 2.0**62)
        bad = far if parsed.bad is None else far | parsed.bad
        _note(flaws, bad, values, words)
        gone = far | np.isnan(numbers)
        micros = np.where(gone, 0.0, numbers).astype(np.int64)
        return (
            column_of(pa.array(micros, pa.int64(), mask=gone)).cast(pa.timestamp("us")).cast(pa.timestamp("us", "UTC"))
        )
    if pa.types.is_temporal(values.type):
        return values
    texts = pc.cast(as_text(values), pa.string())
    distinct = pc.unique(texts).drop_null()
    if not any(one.startswith("%Y") for one in forms):  # then what looks like ISO 8601 can be nothing else
        distinct = distinct.filter(pc.invert(pc.match_substring_regex(distinct, ISO.pattern)))
        if not len(distinct):
            return texts
    written = dict(_iso(distinct, forms))
    told, bad = recode(texts, lambda text: written.get(text, text if ISO.match(text) else None))
    words = " or ".join(forms[:SHOWN_FORMS]) + (", ..." if len(forms) > SHOWN_FORMS else "")
    _note(flaws, bad, texts, f"a time or date written as {words}")
    return told


def _iso(texts: Chunked, forms: tuple[str, ...]) -> list[tuple[str, str | None]]:
    """Write times and dates the way we read them; what is written so already stays, and none is what fits no form."""
    listed = ", ".join("'" + one.replace("'", "''") + "'" for one in forms)
    query = f"SELECT text, try_strptime(text, [{listed}]) AS time FROM written"  # noqa: S608 - quoted above
    read = answer(query, written=pa.table({"text": texts}))
    zone = "Z" if read.schema.field("time").type.tz else ""
    return [
        (text, text if time is None and ISO.match(text) else None if time is None else _moment(time, zone))
        for text, time in zip(read.column("text").to_pylist(), read.column("time").to_pylist(), strict=True)
    ]


def _moment(time: datetime, zone: str) -> str:
    plain = time.replace(tzinfo=None)
    return f"{plain:%Y-%m-%d}" if not zone and plain.time() == MIDNIGHT else f"{plain.isoformat(sep=' ')}{zone}"


def _with_points(values: Chunked, rule: Rule, decimal: str) -> Chunked:
    """Write numbers the way we read them: no sign between thousands, a point before the decimals."""
    if not (pa.types.is_string(values.type) or pa.types.is_dictionary(values.type)):
        return values
    if rule.decimal == AUTO:
        return recode(values, lambda text: plain_number(text, decimal))[0]
    texts = pc.cast(values, pa.string())
    if rule.thousands:
        texts = pc.replace_substring(texts, rule.thousands, "")
    return texts if rule.decimal == "." else pc.replace_substring(texts, rule.decimal, ".")


def _note(flaws: list[Flaw], bad: Mask | None, values: Chunked, expected: str) -> None:
    rows = np.flatnonzero(bad) if bad is not None else np.zeros(0, np.int64)
    if len(rows):
        found = tuple(as_text(values.take(rows)).to_pylist())
        flaws.append(Flaw(rows, found, expected))
