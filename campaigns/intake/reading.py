"""Read a file of any format that we take, by the ending of its name."""

from __future__ import annotations

import gzip
import re
import zlib
from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from campaigns.faults import Fault
from campaigns.intake.delimited import read_delimited
from campaigns.intake.kernels import Chunked, pc
from campaigns.intake.raw import Raw, broken, numbered
from campaigns.intake.records import read_json_lines, read_sheet

__all__ = ["ENDINGS", "read"]

PANDAS_INDEX = r"__index_level_\d+__"
"""Columns that pandas adds to Parquet for the labels of its rows; nobody wrote them."""

FEW_BYTES = 3
"""Bytes per value below which a text column of Parquet is read encoded."""


def read(path: Path) -> Raw:
    """Read a file as it stands.

    Parameters
    ----------
    path
        The file; the ending of its name tells the format (:data:`ENDINGS`, each text format also with ``.gz``).

    Returns
    -------
    The columns as read. A file that cannot be used at all (absent, damaged, empty, without rows, with a column name
    twice) has ``faults`` and no rows; nothing is raised.
    """
    name = path.name.lower()
    ending = next((ending for ending in ENDINGS if name.removesuffix(".gz").endswith(ending)), None)
    if ending is None:
        return broken(Fault(0, "", f"a file named {path.name}", "a name that ends in one of " + ", ".join(ENDINGS)))
    try:
        raw = _read_parquet(path) if ending in _PARQUET else _READERS[ending](_bytes(path))
    except FileNotFoundError:
        return broken(Fault(0, "", f"no file {path}", "a file that exists"))
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        return broken(Fault(0, "", f"packed data that cannot be unpacked ({error})", "a whole .gz file"))
    except OSError as error:
        return broken(Fault(0, "", f"a file that cannot be opened ({error.strerror or error})", "a readable file"))
    return raw if raw.faults else _with_sound_names(raw)


def _bytes(path: Path) -> bytes:
    data = path.read_bytes()
    return gzip.decompress(data) if data.startswith(b"\x1f\x8b") else data


def _read_parquet(path: Path) -> Raw:
    """Read Parquet; texts that repeat often stay encoded, which is smaller and quicker to check."""
    with path.open("rb"):
        pass  # so that a missing or forbidden file is told from a damaged one
    try:
        with parquet.ParquetFile(path) as file:
            repeating = _repeating(file)
        with parquet.ParquetFile(path, read_dictionary=repeating) as file:
            table = file.read()
        table.validate()
        table = table.select([name for name in table.column_names if not re.fullmatch(PANDAS_INDEX, name)])
    except (pa.ArrowException, OSError, ValueError) as error:
        found = f"data that is no Parquet file, or damaged ({str(error).splitlines()[0][:120]})"
        return broken(Fault(0, "", found, "a whole Parquet file"))
    return Raw(table, numbered(1))


def _repeating(file: parquet.ParquetFile) -> list[str]:
    """Return the text columns that take so few bytes per value that they must repeat a small set of texts."""
    texts = {field.name for field in file.schema_arrow if pa.types.is_string(field.type)}
    sizes: Counter[str] = Counter()
    for group in range(file.metadata.num_row_groups):
        for place in range(file.metadata.num_columns):
            chunk = file.metadata.row_group(group).column(place)
            sizes[chunk.path_in_schema] += chunk.total_uncompressed_size
    return [name for name in texts if sizes[name] < FEW_BYTES * file.metadata.num_rows]


def _with_sound_names(raw: Raw) -> Raw:
    """Drop columns that have neither a name nor a value; refuse other unnamed columns, doubled names and no rows."""
    table = raw.table
    bare = [place for place, name in enumerate(table.column_names) if not name.strip()]
    filled = [place for place in bare if not _is_blank(table.column(place))]
    if bare:
        table = table.select([place for place in range(table.num_columns) if place not in bare or place in filled])
    faults = [
        Fault(raw.header_line, "", f"values in column {place + 1}, which has no name", "a name for every column")
        for place in filled
    ]
    times = Counter(name for name in table.column_names if name.strip())
    faults += [
        Fault(raw.header_line, name, f"the column name {count} times", "each column name once")
        for name, count in times.items()
        if count > 1
    ]
    if not faults and table.num_columns == 0:
        faults.append(Fault(raw.header_line, "", "no column names", "a line of column names, then the rows"))
    if not faults and raw.table.num_rows == 0:
        faults.append(Fault(0, "", "column names and no rows", "at least one row"))
    return broken(*faults) if faults else replace(raw, table=table)


def _is_blank(column: Chunked) -> bool:
    if column.null_count == len(column):
        return True
    if not pa.types.is_string(column.type):
        return False
    blank = pc.equal(pc.utf8_trim_whitespace(column), "")
    return bool(np.all(pc.fill_null(blank, True).to_numpy()))


_PARQUET = (".parquet", ".pq")
_READERS: Mapping[str, Callable[[bytes], Raw]] = {
    **dict.fromkeys((".csv", ".tsv", ".txt"), read_delimited),
    **dict.fromkeys((".jsonl", ".ndjson", ".json"), read_json_lines),
    **dict.fromkeys((".xlsx", ".xlsm"), read_sheet),
}
ENDINGS = (*_READERS, *_PARQUET)
"""The endings of file names that we take."""
