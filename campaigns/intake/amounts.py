"""Amounts of a file in one currency: minor units of the reporting one, or a fault that says why not."""

from __future__ import annotations

import re
from datetime import date, datetime
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from campaigns.intake.cells import Mask, recode
from campaigns.intake.formats import Type
from campaigns.intake.kernels import column_of, pc
from campaigns.intake.money import LARGEST_MINOR, Rates, decimals, minor_units
from campaigns.intake.review import Review
from campaigns.intake.times import local_days

__all__ = ["convert_amounts", "write_currencies"]

EPOCH = date(1970, 1, 1)


def write_currencies(review: Review) -> None:
    """Write every currency as ISO 4217 does, in capitals, and report what is no code."""
    review.values["currency"], bad = recode(review.values["currency"], _code)
    if bad is not None:
        review.report(bad, "currency", "an ISO 4217 code such as EUR")


def convert_amounts(review: Review, currency: str, rates: Rates, now: datetime, zone: ZoneInfo) -> None:
    """Turn every amount of a file into minor units of the reporting currency.

    Each row's own ``currency`` decides how many decimals its amounts may have; an amount in another currency than the
    reporting one is converted at the last known rate at or before the row's day.

    Parameters
    ----------
    review
        Its amounts are major units (float64) before, and minor units (int64) after; its currencies are written.
    currency
        The reporting currency.
    """
    columns = [column.name for column in review.kind.all_columns if column.type is Type.MONEY]
    if not columns:
        return
    codes, kinds = _currencies(review, currency)
    places = np.array([decimals(kind) for kind in kinds], np.int64)[codes]
    foreign = codes != 0
    factors = _factors(review, codes, kinds, columns, rates, now, zone) if foreign.any() else None
    for name in columns:
        values = review.values[name]
        if values.null_count == len(values):
            review.values[name] = pc.cast(values, pa.int64())
            continue
        there: Mask = pc.is_valid(values).to_numpy()
        minor, fine, large = minor_units(pc.fill_null(values, 0.0).to_numpy(), places)
        rows = np.flatnonzero(fine)
        words = [f"an amount with at most {places[row]} decimals ({kinds[codes[row]]})" for row in rows]
        review.report(rows, name, words)
        review.report(large & there, name, f"an amount below {LARGEST_MINOR // 100:,}")
        if factors is not None:
            minor = np.where(foreign, np.rint(minor * factors), minor).astype(np.int64)
        review.values[name] = column_of(pa.array(minor, pa.int64(), mask=~there))


def _currencies(review: Review, currency: str) -> tuple[npt.NDArray[np.int64], list[str]]:
    """Return each row's currency as a position in a list whose first is the reporting one."""
    values = review.values["currency"]
    if values.null_count == len(values):
        return np.zeros(review.rows, np.int64), [currency]
    kinds = [currency, *sorted(set(pc.unique(values).drop_null().to_pylist()) - {currency})]
    codes = pc.index_in(pc.fill_null(values, currency), pa.array(kinds, pa.string()))
    return codes.to_numpy().astype(np.int64), kinds


def _code(text: str) -> str | None:
    code = text.upper()
    return code if re.fullmatch(r"[A-Z]{3}", code) else None


def _factors(
    review: Review,
    codes: npt.NDArray[np.int64],
    kinds: list[str],
    columns: list[str],
    rates: Rates,
    now: datetime,
    zone: ZoneInfo,
) -> npt.NDArray[np.float64]:
    """Return what one minor unit of each row is worth in minor units of the reporting currency, 0 where unknown."""
    days = _days(review, now, zone)
    paid = np.zeros(review.rows, bool)
    for name in columns:
        paid |= pc.is_valid(review.values[name]).to_numpy()
    factors = np.ones(review.rows)
    for place, kind in enumerate(kinds[1:], start=1):
        rows = np.flatnonzero(codes == place)
        rate = rates.on(kind, days[rows])
        factors[rows] = np.nan_to_num(rate, nan=0.0) * 10.0 ** (decimals(kinds[0]) - decimals(kind))
        lost = rows[np.isnan(rate) & paid[rows]]
        found = [f"{kind} on {np.datetime64(int(days[row]), 'D')}" for row in lost]
        review.report(lost, "currency", f"a rate for {kind} on or before that day (import the rates kind)", found)
    return factors


def _days(review: Review, now: datetime, zone: ZoneInfo) -> npt.NDArray[np.int64]:
    """Return the day of each row, since 1970; the day of the import where the row has none."""
    today = (now.astimezone(zone).date() - EPOCH).days
    if not review.kind.day:
        return np.full(review.rows, today, np.int64)
    values = review.values[review.kind.day]
    there: Mask = pc.is_valid(values).to_numpy()
    width = pa.int32() if pa.types.is_date(values.type) else pa.int64()
    numbers = pc.fill_null(pc.cast(values, width), 0).to_numpy().astype(np.int64)
    days = numbers if pa.types.is_date(values.type) else local_days(numbers, zone)
    return np.where(there, days, today)
