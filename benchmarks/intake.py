"""A million touches from Parquet: how long the check takes, and how much memory. Run: python benchmarks/intake.py."""

from __future__ import annotations

import multiprocessing
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
from pyarrow import parquet

from campaigns.intake.checking import Checked, CheckOptions
from campaigns.intake.files import take_in
from campaigns.intake.formats import KINDS

ROWS, CUSTOMERS, DAYS = 1_000_000, 200_000, 180
KIND_OF = {"email": "send", "sms": "sms", "mail": "mail", "call": "call", "display": "impression", "search": "click"}
OPTIONS = CheckOptions(ZoneInfo("Europe/Istanbul"), "EUR", datetime(2026, 6, 1, tzinfo=UTC))


@dataclass(frozen=True)
class Measured:
    """Rows handled, seconds taken, and the most memory the process held (``idle``: before it began), in MB."""

    rows: int
    seconds: float
    peak: float
    idle: float


def write_touches(path: Path, rows: int = ROWS, customers: int = CUSTOMERS, seed: int = 7) -> None:
    """Write touches as a warehouse would export them: every row with an id of its own, four ads per channel."""
    random = np.random.default_rng(seed)
    channel = random.integers(0, len(KIND_OF), rows)
    channels, kinds = np.array(list(KIND_OF), object), np.array(list(KIND_OF.values()), object)
    start = np.datetime64("2025-11-01T00:00:00", "us")
    times = start + random.integers(0, DAYS * 86_400, rows).astype("timedelta64[s]")
    ads = np.array([f"{name}-{number}" for name in KIND_OF for number in range(4)], object)
    table = pa.table(
        {
            "customer_id": pa.array([f"C-{number}" for number in random.integers(0, customers, rows)]),
            "occurred_at": pa.array(times).cast(pa.timestamp("us", "UTC")),
            "channel": pa.array(channels[channel]),
            "kind": pa.array(kinds[channel]),
            "campaign": pa.array(np.array(["spring", "summer"], object)[random.integers(0, 2, rows)]),
            "ad": pa.array(ads[channel * 4 + random.integers(0, 4, rows)]),
            "cost": pa.array(random.integers(0, 100, rows) / 100),
            "region": pa.array(np.array(["north", "south", "east", "west"], object)[random.integers(0, 4, rows)]),
            "touch_id": pa.array([f"T-{number}" for number in range(rows)]),
        }
    )
    parquet.write_table(table, path)


def check_touches(path: Path) -> Checked:
    """Check a file of touches."""
    return take_in(path, KINDS["touches"], OPTIONS)


def checked_rows(path: Path) -> int:
    """Check a file of touches, and count the good ones."""
    return check_touches(path).table.num_rows


def measured(work: Callable[..., int], *arguments: Any) -> Measured:
    """Do some work in a process of its own, so that nothing else counts.

    Parameters
    ----------
    work
        A function of a module, which returns the number of rows it handled.
    """
    context = multiprocessing.get_context("spawn")
    with context.Pool(1) as pool:
        return pool.apply(_measure, (work, arguments))


def _measure(work: Callable[..., int], arguments: tuple[Any, ...]) -> Measured:
    idle = _peak()
    begin = time.perf_counter()
    rows = work(*arguments)
    return Measured(rows, time.perf_counter() - begin, _peak(), idle)


def _peak() -> float:
    """Return the most memory this process has held, in MB (Linux counts it in KiB, macOS in bytes)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "touches.parquet"
        context = multiprocessing.get_context("spawn")
        with context.Pool(1) as pool:
            pool.apply(write_touches, (path,))
        result = measured(checked_rows, path)
    sys.stdout.write(
        f"intake: {result.rows:,} touches from Parquet checked in {result.seconds:.1f} s, "
        f"peak {result.peak:,.0f} MB ({result.peak - result.idle:,.0f} MB above idle)\n"
    )


if __name__ == "__main__":
    main()
