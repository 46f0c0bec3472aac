"""The days of a plan as the bits of one number, so that a rule over days is one bitwise operation on an array.

Day 0 is the first day of the plan; days before it are negative. Bit *d* of a mask stands for day *d*.
"""

from __future__ import annotations

from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import ArrayLike, NDArray

__all__ = ["FOREVER", "MOST_DAYS", "NEVER", "Days", "Index", "between", "day_numbers", "every_day", "listed"]

MOST_DAYS = 63
"""The longest plan, in days."""

NEVER = -1_000_000
"""A day long before every plan."""

FOREVER = 1_000_000
"""A day long after every plan."""

Days = NDArray[np.uint64]
"""Masks of days."""

Index = NDArray[np.int64]
"""Positions, or day numbers."""


def every_day(days: int) -> np.uint64:
    """Return the mask with each of the plan's days set.

    Raises
    ------
    ValueError
        If a plan cannot be that long.
    """
    if not 1 <= days <= MOST_DAYS:
        raise ValueError(f"a plan covers 1 to {MOST_DAYS} days, not {days}")
    return np.uint64((1 << days) - 1)


def between(first: ArrayLike, last: ArrayLike, days: int) -> Days:
    """Return the masks of the plan's days from ``first`` to ``last``, both included.

    Parameters
    ----------
    first, last
        Day numbers of any size, broadcast against each other.
    days
        Length of the plan.

    Returns
    -------
    Masks in the broadcast shape; 0 where no day of the plan lies between.
    """
    low = np.clip(np.asarray(first, np.int64), 0, days).astype(np.uint64)
    high = np.clip(np.asarray(last, np.int64) + 1, 0, days).astype(np.uint64)
    one = np.uint64(1)
    upto = np.left_shift(one, high) - one
    before = np.left_shift(one, low) - one
    return np.where(high > low, upto & ~before, np.uint64(0))


def listed(mask: int) -> list[int]:
    """Return the days that a mask sets, in order."""
    return [day for day in range(mask.bit_length()) if mask >> day & 1]


def day_numbers(column: Any, starts_on: date, zone: ZoneInfo, missing: int = NEVER) -> Index:
    """Turn a column of dates, or of points in time, into day numbers.

    Parameters
    ----------
    column
        Arrow array of ``date32`` or of ``timestamp`` in UTC, length *n*.
    starts_on
        Day 0.
    zone
        The zone in which days begin and end.
    missing
        The number of a missing day.

    Returns
    -------
    Day numbers, shape ``(n,)``.
    """
    column = column.combine_chunks() if isinstance(column, pa.ChunkedArray) else column
    if pa.types.is_null(column.type):
        return np.full(len(column), missing, np.int64)
    if pa.types.is_timestamp(column.type):
        local = pc.local_timestamp(column.cast(pa.timestamp("us", zone.key)))
        column = pc.floor_temporal(local, unit="day").cast(pa.date32())
    numbers = column.cast(pa.int32()).cast(pa.int64())
    origin = (starts_on - date(1970, 1, 1)).days
    shifted = pc.subtract(numbers, origin)
    return np.asarray(pc.fill_null(shifted, missing).to_numpy(zero_copy_only=False), np.int64)
