"""Arrow's compute kernels as they are: the published type stubs lag behind the library and refuse valid calls."""

from __future__ import annotations

from typing import Any, TypeAlias

import pyarrow as pa
import pyarrow.compute

__all__ = ["Chunked", "column_of", "encoded", "nulls", "pc"]

Chunked: TypeAlias = Any
"""A ``pyarrow.ChunkedArray``: a column of a table."""

pc: Any = pyarrow.compute


def column_of(array: Any) -> Chunked:
    """Return an array as a column."""
    return pa.chunked_array([array])


def encoded(column: Chunked) -> Any:
    """Return a column of texts as one array of indices into its distinct texts."""
    if not pa.types.is_dictionary(column.type):
        column = pc.dictionary_encode(column)
    if not len(column):
        kind = column.type
        return pa.DictionaryArray.from_arrays(pa.array([], kind.index_type), pa.array([], kind.value_type))
    whole = column.unify_dictionaries().combine_chunks()
    return whole.chunk(0) if isinstance(whole, pa.ChunkedArray) else whole


def nulls(size: int, kind: pa.DataType) -> Chunked:
    """Return a column of nothing."""
    arrow: Any = pa
    return column_of(arrow.nulls(size, kind))
