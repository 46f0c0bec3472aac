"""Read a column as the type that its contract names: all rows at once, and single ones only where that fails."""

from __future__ import annotations

from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from campaigns.intake.cells import Mask, Parsed, as_text, clean, recode, spelling
from campaigns.intake.formats import Column, Type
from campaigns.intake.kernels import Chunked, column_of, nulls, pc
from campaigns.intake.times import INSTANT, parse_dates, parse_times

__all__ = ["STORED", "parse", "parse_numbers"]

STORED: dict[Type, pa.DataType] = {
    Type.TEXT: pa.string(),
    Type.CHOICE: pa.string(),
    Type.LIST: pa.string(),
    Type.TIME: INSTANT,
    Type.DATE: pa.date32(),
    Type.INTEGER: pa.int64(),
    Type.NUMBER: pa.float64(),
    Type.MONEY: pa.int64(),
}
"""The Arrow type of each column type in a checked table."""

LARGEST_COUNT = 2.0**53
_NUMBER = r"^[+-]?(\d+\.?\d*|\.\d+)([eE][+-]?\d+)?$"
_COUNT = r"^[+-]?\d{1,19}(\.0*)?$"
_YES = {"y", "true", "t", "1", "on"}
_NO = {"n", "false", "f", "0", "off"}


def parse(column: Column, cells: Chunked, zone: ZoneInfo) -> Parsed:
    """Read a column.

    Parameters
    ----------
    column
        Its contract.
    cells
        What the file holds, of any Arrow type.
    zone
        Zone of times without one.

    Returns
    -------
    Values of the type :data:`STORED` says; amounts alone are still major units in the row's own currency (float64).
    """
    unreadable: Mask | None = None
    try:
        cells = clean(cells)
    except pa.ArrowInvalid:
        cells, unreadable = _decoded(cells)
    except pa.ArrowNotImplementedError:
        cells = as_text(cells)
    parsed = _parse_clean(column, cells, zone)
    if unreadable is None:
        return parsed
    return Parsed(parsed.values, unreadable if parsed.bad is None else unreadable | parsed.bad, "text in UTF-8")


def _parse_clean(column: Column, cells: Chunked, zone: ZoneInfo) -> Parsed:
    match column.type:
        case Type.TIME:
            return parse_times(cells, zone)
        case Type.DATE:
            return parse_dates(cells)
        case Type.INTEGER:
            return _parse_counts(cells)
        case Type.NUMBER | Type.MONEY:
            return parse_numbers(cells, column.type.words)
        case Type.CHOICE:
            return _parse_choice(cells, column.choices)
        case Type.LIST:
            return _parse_text(recode(as_text(cells), _joined)[0], column.longest)
        case Type.TEXT:
            return _parse_text(cells, column.longest)


def _decoded(cells: Chunked) -> tuple[Chunked, Mask]:
    """Return texts of which some are not UTF-8, those as null, and which they are."""
    plain = pc.cast(cells, cells.type.value_type) if pa.types.is_dictionary(cells.type) else cells
    raw = pc.cast(plain, pa.large_binary()).to_pylist()
    texts = [None if cell is None else cell.decode("utf-8", "replace") for cell in raw]
    bad = np.array([text is not None and text.encode() != cell for text, cell in zip(texts, raw, strict=True)])
    return clean(column_of(pa.array(texts, pa.string(), mask=bad))), bad


def _joined(text: str) -> str | None:
    return "|".join(item for item in (part.strip() for part in text.split("|")) if item) or None


def _parse_text(cells: Chunked, longest: int) -> Parsed:
    """Keep text as it is, but none that a database cannot keep."""
    texts = pc.cast(as_text(cells), pa.string())
    wrong = pc.or_(pc.greater(pc.utf8_length(texts), longest), pc.match_substring(texts, "\0"))
    if not pc.any(wrong).as_py():
        return Parsed(texts, None, "")
    bad: Mask = pc.fill_null(wrong, False).to_numpy()
    values = pc.if_else(wrong, pa.scalar(None, pa.string()), texts)
    return Parsed(values, bad, f"at most {longest:,} characters, none of them a zero byte")


def _parse_choice(cells: Chunked, choices: tuple[str, ...]) -> Parsed:
    known = {spelling(choice): choice for choice in choices}
    if {"yes", "no"} <= set(choices):
        known = {**dict.fromkeys(_YES, "yes"), **dict.fromkeys(_NO, "no"), **known}
    values, bad = recode(cells, lambda text: known.get(spelling(text)))
    return Parsed(values, bad, "one of " + ", ".join(choices))


def parse_numbers(cells: Chunked, expected: str) -> Parsed:
    """Read finite decimal numbers, with a point before the decimals and nothing between the thousands."""
    kind = cells.type
    if pa.types.is_string(kind) or pa.types.is_dictionary(kind):
        texts = pc.cast(cells, pa.string())
        try:
            numbers = pc.cast(texts, pa.float64())
        except pa.ArrowInvalid:  # some text is no number: find which
            shaped = pc.match_substring_regex(texts, _NUMBER)
            numbers = pc.cast(pc.if_else(shaped, texts, pa.scalar(None, pa.string())), pa.float64())
    elif pa.types.is_integer(kind) or pa.types.is_floating(kind) or pa.types.is_decimal(kind):
        texts, numbers = cells, pc.cast(cells, pa.float64(), safe=False)
    else:
        return _none(cells, pa.float64(), expected)
    finite = pc.if_else(pc.is_finite(numbers), numbers, pa.scalar(None, pa.float64()))
    return Parsed(finite, _lost(texts, finite), expected)


def _parse_counts(cells: Chunked) -> Parsed:
    """Read whole numbers; "3.0" is one, as sheets and pandas write it where others are missing."""
    expected = Type.INTEGER.words
    kind = cells.type
    if pa.types.is_boolean(kind):
        return _none(cells, pa.int64(), expected)
    if pa.types.is_string(kind) or pa.types.is_dictionary(kind):
        texts = pc.cast(cells, pa.string())
        shaped = pc.match_substring_regex(texts, _COUNT)
        numbers = parse_numbers(pc.if_else(shaped, texts, pa.scalar(None, pa.string())), expected).values
    else:
        texts, numbers = cells, parse_numbers(cells, expected).values
    whole = pc.and_(pc.equal(pc.floor(numbers), numbers), pc.less_equal(pc.abs(numbers), LARGEST_COUNT))
    counts = pc.cast(pc.if_else(whole, numbers, pa.scalar(None, pa.float64())), pa.int64())
    return Parsed(counts, _lost(texts, counts), expected)


def _lost(before: Chunked, after: Chunked) -> Mask | None:
    """Return the rows that held something and do so no longer."""
    if before.null_count == after.null_count:
        return None
    bad: Mask = pc.and_(pc.is_valid(before), pc.is_null(after)).to_numpy()
    return bad


def _none(cells: Chunked, kind: pa.DataType, expected: str) -> Parsed:
    filled: Mask = pc.is_valid(cells).to_numpy()
    return Parsed(nulls(len(cells), kind), filled if filled.any() else None, expected)
