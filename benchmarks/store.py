"""A million checked touches stored in a new SQLite file, stored again, and read back: seconds, memory, and the ratio to
``sqlite3`` alone inserting the same rows into a table without keys, references or indexes.
"""

from __future__ import annotations

import resource
import sqlite3
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from campaigns.intake.checking import schema_of
from campaigns.intake.formats import KINDS
from campaigns.store import observations
from campaigns.store.arrow import as_stored
from campaigns.store.database import Database
from campaigns.store.loading import load

TOUCHES = KINDS["touches"]


@dataclass(frozen=True)
class Figures:
    """What was measured: seconds each, and the highest memory of the process after the first import in MB."""

    rows: int
    stored: float
    stored_again: float
    read: float
    bare: float
    peak_mb: float


def touches(rows: int, people: int = 200_000, seed: int = 1) -> pa.Table:
    """Return checked touches of the last half year, with numbers of their own."""
    random = np.random.default_rng(seed)
    start = 1_767_225_600_000_000
    channel = np.array(["email", "display", "search", "social"])[random.integers(0, 4, rows)]
    told = {
        "customer_id": np.char.add("C-", random.integers(0, people, rows).astype(str)),
        "occurred_at": np.sort(start + random.integers(0, 180 * 86_400 * 10**6, rows)),
        "channel": channel,
        "kind": np.where(channel == "email", "send", "impression"),
        "campaign": np.char.add(channel, "-spring"),
        "ad": np.char.add(channel, random.integers(0, 4, rows).astype(str)),
        "cost": random.integers(0, 100, rows),
        "region": random.choice(["north", "south"], rows),
        "touch_id": np.char.add("T-", np.arange(rows).astype(str)),
        "source": np.full(rows, "shop"),
    }
    schema = schema_of(TOUCHES)
    empty = {field.name: pa.array([None] * rows, field.type) for field in schema if field.name not in told}
    columns = {name: pa.array(values).cast(schema.field(name).type) for name, values in told.items()}
    return pa.table({**columns, **empty}).select(schema.names)


def measure(rows: int = 1_000_000) -> Figures:
    """Store, store again and read back; and insert the same rows bare, in the same process."""
    table = touches(rows)
    with tempfile.TemporaryDirectory() as folder:
        database = Database(f"sqlite:///{folder}/store.db")
        database.migrate()
        stored = _seconds(lambda: load(database, TOUCHES, table, path="touches.parquet", digest=""))
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
        again = _seconds(lambda: load(database, TOUCHES, table, path="touches.parquet", digest=""))
        read = _seconds(lambda: observations.touches(database))
        database.dispose()
        bare = _seconds(lambda: _insert_bare(Path(folder) / "bare.db", table))
    return Figures(rows, stored, again, read, bare, peak)


def _insert_bare(file: Path, table: pa.Table) -> None:
    with sqlite3.connect(file, isolation_level=None) as connection:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = NORMAL")
        connection.execute(f"CREATE TABLE touches ({', '.join(table.column_names)})")
        connection.execute("BEGIN IMMEDIATE")
        places = ", ".join("?" for _ in table.column_names)
        for rows in as_stored(table):
            connection.executemany(f"INSERT INTO touches VALUES ({places})", rows)  # noqa: S608 - only marks
        connection.execute("COMMIT")


def _seconds(action: Callable[[], object]) -> float:
    begun = time.perf_counter()
    action()
    return time.perf_counter() - begun


if __name__ == "__main__":
    figures = measure()
    print(
        f"{figures.rows:,} touches stored in {figures.stored:.1f} s (peak {figures.peak_mb:,.0f} MB),"
        f" {figures.stored / figures.bare:.1f} times sqlite3 alone ({figures.bare:.1f} s);"
        f" stored again in {figures.stored_again:.1f} s, read back in {figures.read:.1f} s"
    )
