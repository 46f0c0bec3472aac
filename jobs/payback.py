"""What a new customer earns month by month, from the orders of those won early enough to be watched."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import TypeAlias
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from campaigns.reporting.background import Worth
from campaigns.terms import Window

Floats: TypeAlias = npt.NDArray[np.float64]

__all__ = ["FEWEST", "MONTH", "MONTHS", "worth_by_month"]

MONTH = 30
"""Days of a month of somebody's life as a customer."""

MONTHS = 12

FEWEST = 20
"""New customers below which a month is not shown: a few large orders would speak for all."""


def worth_by_month(
    persons: pa.Table, orders: pa.Table, window: Window, zone: ZoneInfo, *, margin_share: float, scale: int = 100
) -> Worth | None:
    """Add up what customers won in the window brought in their first, second ... month.

    A month counts those who have had all of it, so the earlier cohorts carry the later months; it ends with the month
    that fewer than ``FEWEST`` have had.

    Parameters
    ----------
    persons
        ``person, first_order_at``: the first order as the customers file has it, null where it has none.
    orders
        ``person, occurred_at, value, margin``: what counts, money in minor units; ``person`` is null for nobody known.
    margin_share
        Share of an order's value that is margin, where the order does not say.
    scale
        Minor units of one major unit.

    Returns
    -------
    Margin in major units, or None where fewer than ``FEWEST`` new customers have been watched for a month.
    """
    orders = orders.filter(pc.is_valid(orders["person"]))
    person = orders["person"].to_numpy()
    at = _days(orders["occurred_at"], zone)
    value, margin = (pc.cast(orders[name], pa.float64()).to_numpy() for name in ("value", "margin"))
    earned = np.nan_to_num(np.where(np.isnan(margin), value * margin_share, margin)) / scale
    people, place = np.unique(person, return_inverse=True)
    first = np.full(len(people), np.inf)
    np.minimum.at(first, place, at)
    first = np.minimum(first, _told(people, persons, zone))
    start, end = ((day - date(1970, 1, 1)).days for day in (window.start, window.end))
    new = (first >= start) & (first <= end)
    watched = np.where(new, end + 1 - first, 0.0)
    month = np.floor((at - first[place]) / MONTH)
    means: list[float] = []
    for number in range(MONTHS):
        whole = watched >= (number + 1) * MONTH
        if whole.sum() < FEWEST:
            break
        means.append(float(earned[whole[place] & (month == number)].sum() / whole.sum()))
    return Worth(tuple(means), int((watched >= MONTH).sum())) if means else None


def _days(moments: pa.ChunkedArray, zone: ZoneInfo) -> Floats:
    """Return local days since 1970, NaN where there is none; the offset is that of now, right to the hour."""
    offset = datetime.combine(datetime.now(UTC).date(), time(12), zone).utcoffset() or timedelta()
    seconds = pc.cast(pc.cast(moments, pa.timestamp("s", "UTC"), safe=False), pa.int64())
    filled: Floats = pc.cast(seconds, pa.float64()).to_numpy()
    return np.floor((filled + offset.total_seconds()) / 86_400)


def _told(people: npt.NDArray[np.int64], persons: pa.Table, zone: ZoneInfo) -> Floats:
    """Return the day of the first order that the customers file tells of each, infinite where it tells none."""
    known = persons.filter(pc.is_valid(persons["first_order_at"]))
    told = np.full(len(people), np.inf)
    if not known.num_rows or not len(people):
        return told
    number, day = known["person"].to_numpy(), _days(known["first_order_at"], zone)
    place = np.minimum(np.searchsorted(people, number), len(people) - 1)
    there = people[place] == number
    np.minimum.at(told, place[there], day[there])
    return told
