"""Cells as text: what every parser starts from, whatever the file's own type was."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from campaigns.intake.kernels import Chunked, column_of, encoded, pc

__all__ = ["Mask", "Parsed", "as_text", "clean", "recode", "spelling"]

Mask: TypeAlias = npt.NDArray[np.bool_]
"""One flag per row."""


@dataclass(frozen=True)
class Parsed:
    """A column read as its type.

    Parameters
    ----------
    values
        One value per row; null where the cell is empty or cannot be read.
    bad
        Rows whose cell cannot be read, or None where all can.
    expected
        What such a cell should hold, in words.
    """

    values: Chunked
    bad: Mask | None
    expected: str


def clean(column: Chunked) -> Chunked:
    """Return a column with its blanks out of the way.

    Texts lose the spaces around them and an empty one becomes null, as does a number that is not a number; encoded
    texts stay encoded. Everything else is passed through.

    Raises
    ------
    pyarrow.ArrowInvalid
        If a text is not UTF-8.
    """
    kind = column.type
    if pa.types.is_dictionary(kind):
        return (
            _clean_encoded(column) if pa.types.is_string(kind.value_type) else clean(pc.cast(column, kind.value_type))
        )
    if pa.types.is_large_string(kind) or pa.types.is_string_view(kind) or _is_binary(kind):
        column = pc.cast(column, pa.string())
    if pa.types.is_string(column.type):
        for chunk in column.chunks:
            chunk.validate(full=True)
        trimmed = pc.utf8_trim_whitespace(column)
        lengths = pc.binary_length(trimmed)
        if pc.sum(lengths) == pc.sum(pc.binary_length(column)) and not pc.any(pc.equal(lengths, 0)).as_py():
            return column  # nothing to trim: the file's own memory serves
        return pc.if_else(pc.equal(trimmed, ""), pa.scalar(None, pa.string()), trimmed)
    if pa.types.is_floating(kind):
        numbers = pc.cast(column, pa.float64())
        return pc.if_else(pc.is_nan(numbers), pa.scalar(None, pa.float64()), numbers)
    if pa.types.is_null(kind):
        return pc.cast(column, pa.string())
    return column


def _is_binary(kind: pa.DataType) -> bool:
    return bool(pa.types.is_binary(kind) or pa.types.is_large_binary(kind) or pa.types.is_binary_view(kind))


def _clean_encoded(column: Chunked) -> Chunked:
    """Clean an encoded column by its distinct values."""
    array = encoded(column)
    texts = clean(column_of(array.dictionary)).combine_chunks()
    if texts.null_count:
        return column_of(texts.take(array.indices))
    return column_of(pa.DictionaryArray.from_arrays(array.indices, texts))


def as_text(column: Chunked) -> Chunked:
    """Return a column as text, as a person would write it: whole numbers without a point, lists joined by ``|``."""
    kind = column.type
    if pa.types.is_string(kind):
        return column
    if pa.types.is_dictionary(kind):
        return as_text(pc.cast(column, kind.value_type))
    if pa.types.is_floating(kind):
        return _digits(column)
    if pa.types.is_integer(kind) or pa.types.is_decimal(kind) or pa.types.is_boolean(kind):
        return pc.cast(column, pa.string())
    if pa.types.is_temporal(kind):
        return _moments(column)
    try:
        texts = [None if value is None else _written(value) for value in column.to_pylist()]
    except (ValueError, OverflowError, pa.ArrowException):  # something inside that Python has no value for
        return pc.if_else(pc.is_valid(column), "a nested value", pa.scalar(None, pa.string()))
    return column_of(pa.array(texts, pa.string()))


def _moments(column: Chunked) -> Chunked:
    """Return times, days and durations as text; what no calendar knows as its bare number."""
    kind = column.type
    zoned = pa.types.is_timestamp(kind) and kind.tz is not None
    try:
        texts = pc.cast(pc.cast(column, pa.timestamp(kind.unit)) if zoned else column, pa.string())
    except pa.ArrowException:
        return pc.cast(pc.cast(column, pa.int64()), pa.string())
    return pc.binary_join_element_wise(texts, "Z", "") if zoned else texts


def _digits(column: Chunked) -> Chunked:
    numbers = pc.cast(column, pa.float64())
    whole = pc.and_(pc.equal(pc.floor(numbers), numbers), pc.less(pc.abs(numbers), 2.0**53))
    whole = pc.fill_null(whole, False)
    integers = pc.cast(pc.if_else(whole, numbers, 0.0), pa.int64())
    return pc.if_else(whole, pc.cast(integers, pa.string()), pc.cast(numbers, pa.string()))


def _written(value: object) -> str:
    if isinstance(value, list) and any(isinstance(item, dict) for item in value):
        return json.dumps(value, ensure_ascii=False, default=str)
    if isinstance(value, list):
        return "|".join(str(item) for item in value if item is not None)
    if isinstance(value, dict):
        return json.dumps(value, ensure_ascii=False, default=str)
    return str(value)


def recode(column: Chunked, translate: Callable[[str], str | None]) -> tuple[Chunked, Mask | None]:
    """Translate every distinct text once.

    Parameters
    ----------
    column
        Texts, encoded or not.
    translate
        Gives the text to keep, or None where it cannot be read.

    Returns
    -------
    The translated texts, and the rows that cannot be read, if any.
    """
    array = encoded(column if pa.types.is_dictionary(column.type) else as_text(column))
    texts: list[str | None] = [translate(text) for text in array.dictionary.to_pylist()]
    values = pa.array(texts, pa.string()).take(array.indices)
    if None not in texts:
        return column_of(values), None
    bad: Mask = pc.and_(values.is_null(), array.indices.is_valid()).to_numpy(zero_copy_only=False)
    return column_of(values), bad if bad.any() else None


def spelling(text: str) -> str:
    """Return a word as compared: case, spaces, hyphens and underscores do not matter."""
    return " ".join(text.casefold().replace("_", " ").replace("-", " ").split())
