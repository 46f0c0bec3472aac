"""Writing a simulated market to a folder, as files that ``touchstone import`` reads, with the truth beside them."""

from __future__ import annotations

import csv
import gzip
import io
import json
import shlex
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from attribution.simulate import Market, MarketSpec
from campaigns.faults import RefusedError
from campaigns.intake.formats import KINDS, Type

__all__ = ["TRUTH_FILE", "reproducing_command", "write_market"]

TRUTH_FILE = "truth.json"
SPEC_FILE = "market.toml"
README_FILE = "README.md"

COMPRESSED_FROM = 1_000
"""Rows from which a CSV file is compressed."""

COMMAND_OPTIONS = ("customers", "days", "seed")
"""Fields of a spec that are options of ``touchstone simulate``."""


def write_market(market: Market, folder: Path, *, overwrite: bool = False) -> tuple[Path, ...]:
    """Write a market to a folder: a file per kind, the truth, the spec and a README.

    The same market gives the same files, byte for byte (with the same versions of NumPy and Arrow).

    Parameters
    ----------
    folder
        Made if it does not exist.
    overwrite
        Whether to write into a folder that is not empty; files of the same names are replaced, others are left alone.

    Returns
    -------
    The files written, sorted.

    Raises
    ------
    RefusedError
        If the folder is not empty and ``overwrite`` is not set, or is a file.
    """
    if folder.exists() and not folder.is_dir():
        raise RefusedError(f"{folder} is a file.", remedy="Name a folder to write the market to.")
    if folder.is_dir() and not overwrite and any(folder.iterdir()):
        raise RefusedError(f"{folder} is not empty.", remedy="Name another folder, or ask to overwrite this one.")
    folder.mkdir(parents=True, exist_ok=True)
    contents = dict(_files(market))
    for name, content in contents.items():
        (folder / name).write_bytes(content)
    return tuple(sorted(folder / name for name in contents))


def reproducing_command(spec: MarketSpec) -> str:
    """Return what to type to make the market of this spec again, in a folder named ``market``."""
    changed = [f.name for f in fields(MarketSpec) if getattr(spec, f.name) != getattr(MarketSpec(), f.name)]
    if set(changed) <= set(COMMAND_OPTIONS):
        return "touchstone simulate market " + " ".join(f"--{name} {getattr(spec, name)}" for name in COMMAND_OPTIONS)
    asked = repr(spec).replace(repr(spec.starts_on), f'datetime.date.fromisoformat("{spec.starts_on}")')
    program = (
        "import datetime, pathlib; from attribution.simulate import *; from jobs.market import *; "
        f'write_market(simulate_market({asked}), pathlib.Path("market"))'
    )
    return shlex.join(["python", "-c", program])


def _files(market: Market) -> Iterator[tuple[str, bytes]]:
    rows: dict[str, int] = {}
    for kind, table in market.tables.items():
        if kind == "touches":
            name, content = f"{kind}.parquet", _parquet(table)
        else:
            content = _csv(table, kind)
            name = f"{kind}.csv"
            if table.num_rows >= COMPRESSED_FROM:
                name, content = f"{name}.gz", _gzip(content)
        rows[name] = table.num_rows
        yield name, content
    yield TRUTH_FILE, (json.dumps(market.truth, indent=1) + "\n").encode()
    yield SPEC_FILE, _spec(market).encode()
    yield README_FILE, _readme(market, rows).encode()


def _parquet(table: pa.Table) -> bytes:
    """Write Parquet as small as it gets: text in dictionaries, times as differences."""
    sink = io.BytesIO()
    text = [field.name for field in table.schema if pa.types.is_string(field.type) or pa.types.is_float64(field.type)]
    pq.write_table(
        table,
        sink,
        compression="zstd",
        compression_level=19,
        use_dictionary=text,
        column_encoding={"occurred_at": "DELTA_BINARY_PACKED"},
        coerce_timestamps="ms",
    )
    return sink.getvalue()


def _csv(table: pa.Table, kind: str) -> bytes:
    """Write CSV in the order of the contract's columns; nothing stands for missing."""
    columns = [column for column in KINDS[kind].all_columns if column.name in table.column_names]
    sink = io.StringIO(newline="")
    writer = csv.writer(sink, lineterminator="\n")
    writer.writerow(column.name for column in columns)
    writer.writerows(zip(*(_written(table[column.name], column.type) for column in columns), strict=True))
    return sink.getvalue().encode()


def _written(values: pa.ChunkedArray, kind: Type) -> list[Any]:
    """Return the values of a column as they stand in a CSV file."""
    if kind is Type.TIME:
        values = pc.strftime(values.cast(pa.timestamp("s", tz="UTC")), format="%Y-%m-%dT%H:%M:%SZ")
    written: list[Any] = values.to_pylist()
    if kind in (Type.MONEY, Type.NUMBER):
        form = ".2f" if kind is Type.MONEY else ".12g"
        return [None if value is None else format(value, form) for value in written]
    return written


def _gzip(content: bytes) -> bytes:
    return gzip.compress(content, compresslevel=9, mtime=0)


def _spec(market: Market) -> str:
    """Return the spec as TOML."""
    lines = [
        "# A simulated market. To make it again:",
        f"# {reproducing_command(market.spec)}",
        f"version = {market.truth['version']}",
        *(f"{name} = {json.dumps(value)}" for name, value in market.spec.as_dict().items()),
    ]
    return "\n".join(lines) + "\n"


def _readme(market: Market, rows: dict[str, int]) -> str:
    truth = market.truth
    listed = "\n".join(f"| `{name}` | {count:,} |" for name, count in rows.items())
    caused = "\n".join(
        f"| {name} | {one['incremental']:,} | {one['acquired']:,} | {one['spend']:,.0f} |"
        for name, one in truth["channels"].items()
    )
    asked = f"{market.spec.customers:,} customers, {market.spec.days} days, seed {market.spec.seed}"
    span = f"{truth['window']['start']} to {truth['window']['end']}"
    return f"""# A market with known truth

Made-up people and a made-up company: {asked}.
What every advertisement truly caused is in `{TRUTH_FILE}`; what was asked of the simulation is in `{SPEC_FILE}`.
To make it again:

```
{reproducing_command(market.spec)}
```

| file | rows |
|---|---|
{listed}

A touch of `display` stands for one day on which a person was shown the ad, so it costs more than an impression does.

## The truth

From {span}, after {market.spec.burn_in_days} days that only feed exposure:

- {truth["responses"]:,} orders, {truth["first_responses"]:,} of them a person's first;
- {truth["baseline"]:,} would have come anyway, the channels caused the others.

| channel | extra orders caused | new customers caused | spend (EUR) |
|---|---|---|---|
{caused}

New customers caused are the first orders less those there would have been without the channel.
"""
