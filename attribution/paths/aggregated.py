"""Aggregated paths: a row per path with how often it converted, what that was worth and how often it did not."""

from __future__ import annotations

import math
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from attribution.paths.path_set import Floats, Paths, add_up
from campaigns.faults import Fault, RefusedError

__all__ = ["PATH_COLUMNS", "SEPARATOR", "parse_paths"]

PATH_COLUMNS = ("path", "total_conversions", "total_conversion_value", "total_null")
"""Columns of an aggregated export, in the order usual for it."""

SEPARATOR = " > "
"""What stands between two touches of a path; spaces around it do not matter."""

_HEADER = 2
"""Line of the first row in a file whose header is line 1."""

_REMEDY = "Correct these lines and try again; nothing was computed."


def parse_paths(frame: Any, *, separator: str = SEPARATOR) -> Paths:
    """Read aggregated paths and add up those that are the same.

    Parameters
    ----------
    frame
        Columns ``path`` (channels in time order), ``total_conversions``, ``total_conversion_value`` and
        ``total_null``, each number finite and not negative; pandas, Arrow, Polars or a DuckDB relation. Further
        columns are not read.
    separator
        What stands between two channels of a path. Spaces around it are ignored, so ``a>b`` is ``a > b``.

    Returns
    -------
    The distinct paths, ordered by where each first appears, without times (``ages`` is None).

    Raises
    ------
    RefusedError
        With every fault of the input: a missing column, no rows, an empty path or step, a number that is missing,
        not finite or negative, value where nothing converted. Lines count from the header, which is line 1.
    """
    opened = nw.from_native(frame)
    missing = [name for name in PATH_COLUMNS if name not in opened.collect_schema().names()]
    if missing:
        faults = [Fault(0, name, "no such column", f"a column {name}") for name in missing]
        raise RefusedError("These paths cannot be used:", faults, "Add the columns; write 0 where there is nothing.")
    rows = opened.select(*PATH_COLUMNS)
    eager = rows.collect("pyarrow") if isinstance(rows, nw.LazyFrame) else rows
    if not len(eager):
        fault = Fault(0, "", "no rows", "at least one path")
        raise RefusedError("These paths cannot be used:", [fault], "Export the paths again and try with that file.")
    faults = []
    conversions, value, nulls = (_numbers(eager[name], faults) for name in PATH_COLUMNS[1:])
    _worthless(conversions, value, faults)
    words, offsets, row_of = _split(_text(eager["path"]), separator.strip(), faults)
    if faults:
        raise RefusedError("These paths cannot be used:", sorted(faults), _REMEDY)
    return _added_up(words, offsets, row_of, conversions, value, nulls)


def _text(column: nw.Series[Any]) -> Any:
    """Read a column as text, whatever it holds; nothing as an empty string."""
    if column.dtype == nw.String:
        text: Any = column.to_arrow()
        return text.cast(pa.large_string()).fill_null("")
    return pa.array(["" if _is_nothing(found) else str(found) for found in column.to_list()], pa.large_string())


def _is_nothing(found: Any) -> bool:
    return pd.isna(found) is True or found == ""


def _numbers(column: nw.Series[Any], faults: list[Fault]) -> Floats:
    """Read a column of numbers, whatever it holds, and note each that is none."""
    if column.dtype.is_numeric():
        numbers = np.asarray(column.cast(nw.Float64).to_numpy(), dtype=np.float64)
    else:
        numbers = np.array([_number(found) for found in column.to_list()], dtype=np.float64)
    for row in np.flatnonzero(~(np.isfinite(numbers) & (numbers >= 0.0))):
        found = column[int(row)]
        shown = "nothing" if _is_nothing(found) else str(found)
        faults.append(Fault(int(row) + _HEADER, column.name, shown, "a number, 0 or more"))
    return numbers


def _number(found: object) -> float:
    try:
        return float(str(found))
    except ValueError:
        return math.nan


def _worthless(conversions: Floats, value: Floats, faults: list[Fault]) -> None:
    for row in np.flatnonzero((conversions == 0.0) & (value > 0.0)):
        faults.append(
            Fault(int(row) + _HEADER, "total_conversion_value", f"{value[row]:g}", "0 where nothing converted")
        )


def _split(column: Any, separator: str, faults: list[Fault]) -> tuple[Any, Any, Any]:
    """Split each distinct spelling once.

    Returns
    -------
    words, offsets, row_of
        The trimmed steps of all spellings, where each spelling begins, and the spelling of each row.
    """
    spelled = column.dictionary_encode()
    split: Any = pc.split_pattern(spelled.dictionary, separator)
    words: Any = pc.utf8_trim_whitespace(split.flatten())
    blank = np.flatnonzero(pc.equal(words, pa.scalar("", words.type)).to_numpy(zero_copy_only=False))
    if len(blank):
        offsets = split.offsets.to_numpy()
        empty = set((np.searchsorted(offsets, blank, side="right") - 1).tolist())
        for row, spelling in enumerate(spelled.indices.to_pylist()):
            if spelling in empty:
                text = spelled.dictionary[spelling].as_py().strip()
                wanted = f"channels separated by {separator!r}, none of them empty"
                faults.append(Fault(row + _HEADER, "path", text or "nothing", wanted))
    return words, split.offsets, spelled.indices


def _added_up(words: Any, offsets: Any, row_of: Any, conversions: Floats, value: Floats, nulls: Floats) -> Paths:
    coded = words.dictionary_encode()
    names = np.array(coded.dictionary.to_pylist(), dtype=object)
    order = np.argsort(names, kind="stable")
    rank = np.empty(len(names), dtype=np.int64)
    rank[order] = np.arange(len(names))
    # Two spellings of one path differ in spaces only: joined again from their coded steps they are equal.
    codes: Any = pa.ListArray.from_arrays(offsets, coded.indices.cast(pa.string()))
    paths: Any = pc.binary_join(codes, " ")
    joined = paths.dictionary_encode()
    path_of = joined.indices.to_numpy()[row_of.to_numpy()]
    count = len(joined.dictionary)
    _, first = np.unique(joined.indices.to_numpy(), return_index=True)
    starts = offsets.to_numpy().astype(np.int64)
    lengths = np.diff(starts)[first]
    ends = np.concatenate(([0], np.cumsum(lengths)))
    within = np.arange(ends[-1]) - np.repeat(ends[:-1], lengths)
    return Paths(
        units=tuple(names[order].tolist()),
        steps=rank[coded.indices.to_numpy()][np.repeat(starts[first], lengths) + within],
        offsets=ends,
        conversions=add_up(conversions, path_of, count),
        value=add_up(value, path_of, count),
        nulls=add_up(nulls, path_of, count),
    )
