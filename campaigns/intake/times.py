"""Read times and dates: ISO 8601 at Arrow's speed, in a zone where they name none."""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, timedelta
from typing import TypeAlias
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from campaigns.intake.cells import Mask, Parsed
from campaigns.intake.kernels import Chunked, column_of, encoded, nulls, pc

__all__ = ["INSTANT", "Instants", "local_days", "parse_dates", "parse_times", "utc_from_local"]

Instants: TypeAlias = npt.NDArray[np.int64]
"""Microseconds since 1970; in UTC or by the clock on the wall, as the name says."""

INSTANT = pa.timestamp("us", "UTC")
"""How every time is kept."""

TIME_WORDS = "a time such as 2026-05-01T10:00:00+02:00, from 1900 on"
DATE_WORDS = "a date such as 2026-05-01, from 1900 on"

SECOND = 1_000_000
DAY = 86_400 * SECOND
EPOCH = date(1970, 1, 1)
# Years before 1900 are empty fields in disguise (0001, 1899 in sheets); 9999-12-31 means "for good", and stays valid.
FIRST_DAY, LAST_DAY = (date(1900, 1, 1) - EPOCH).days, (date(9999, 12, 31) - EPOCH).days
UNITS = {"s": SECOND, "ms": 1_000, "us": 1}

_TIME = re.compile(
    r"(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}(?::?\d{2}(?::?\d{2})?)?)(?:[.,](\d+))?)?"
    r"(?: ?(Z|UTC|GMT|[+-]\d{2}(?::?\d{2})?))?",
    re.IGNORECASE,
)


def parse_times(column: Chunked, zone: ZoneInfo) -> Parsed:
    """Read times.

    Parameters
    ----------
    column
        Cleaned texts, or an Arrow timestamp or date.
    zone
        Where a time names no zone, this is its zone. An hour that the clocks skip is read as if they had not been
        changed yet; of an hour that comes twice the first is meant.

    Returns
    -------
    Timestamps in UTC, to the microsecond; of a finer time the rest is dropped.
    """
    kind = column.type
    if pa.types.is_string(kind) or pa.types.is_dictionary(kind):
        return _times_of_text(column, zone)
    if pa.types.is_timestamp(kind):
        instants, valid = _instants(column)
        if kind.tz is None:
            instants = utc_from_local(instants, zone)
        return _times(instants, valid, _filled(column))
    if pa.types.is_date(kind):
        instants, valid = _instants(pc.cast(column, pa.timestamp("s")))
        return _times(utc_from_local(instants, zone), valid, _filled(column))
    return _nothing(column, INSTANT, TIME_WORDS)


def parse_dates(column: Chunked) -> Parsed:
    """Read dates.

    A time is taken as its day only at midnight, whatever its zone: of any other hour it is unclear which day is meant.

    Parameters
    ----------
    column
        Cleaned texts, or an Arrow date or timestamp.
    """
    kind = column.type
    if pa.types.is_string(kind) or pa.types.is_dictionary(kind):
        return _dates_of_text(column)
    if pa.types.is_date(kind):
        days = pc.cast(pc.cast(column, pa.date32()), pa.int32())
        return _dates(_numbers(days), _filled(column), _filled(column))
    if pa.types.is_timestamp(kind):
        instants, valid = _instants(column)
        if kind.tz is not None:
            instants = _local_from_utc(instants, ZoneInfo(kind.tz)) if _is_named(kind.tz) else instants
        return _dates(instants // DAY, valid & (instants % DAY == 0), _filled(column))
    return _nothing(column, pa.date32(), DATE_WORDS)


def utc_from_local(local: Instants, zone: ZoneInfo) -> Instants:
    """Return the instants at which the clocks of a zone showed these times.

    Parameters
    ----------
    local
        Microseconds since 1970-01-01 00:00 by the clock on the wall, shape ``(n,)``.
    """
    return local - _offsets(local, zone, from_utc=False)


def local_days(instants: Instants, zone: ZoneInfo) -> npt.NDArray[np.int64]:
    """Return the days since 1970 on which instants (microseconds, UTC) fall in a zone."""
    return _local_from_utc(instants, zone) // DAY


def _local_from_utc(instants: Instants, zone: ZoneInfo) -> Instants:
    return instants + _offsets(instants, zone, from_utc=True)


def _offsets(instants: Instants, zone: ZoneInfo, *, from_utc: bool) -> Instants:
    """Return what the clocks are ahead of UTC, in microseconds.

    Zone rules are asked once per day, and once per distinct time on the few days on which the clocks change.
    """

    def ahead(instant: int) -> int:
        seconds = min(max(instant // SECOND, FIRST_DAY * 86_400), LAST_DAY * 86_400)
        moment = datetime(1970, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
        shown = moment.astimezone(zone) if from_utc else moment.replace(tzinfo=zone)
        return round((shown.utcoffset() or timedelta()).total_seconds()) * SECOND

    days, place = np.unique(instants // DAY, return_inverse=True)
    at_begin = np.array([ahead(int(day) * DAY) for day in days], np.int64)
    at_end = np.array([ahead(int(day + 1) * DAY - SECOND) for day in days], np.int64)
    offsets = at_begin[place]
    for changing in np.flatnonzero(at_begin != at_end):
        rows = np.flatnonzero(place == changing)
        seconds, position = np.unique(instants[rows] // SECOND, return_inverse=True)
        offsets[rows] = np.array([ahead(int(second) * SECOND) for second in seconds], np.int64)[position]
    return offsets


def _times_of_text(column: Chunked, zone: ZoneInfo) -> Parsed:
    texts = pc.cast(column, pa.string())
    for kind in (pa.timestamp("us"), INSTANT):
        try:
            stamps = pc.cast(texts, kind)
        except pa.ArrowInvalid:  # one text is written otherwise: try the next way, at last text by text
            continue
        instants, valid = _instants(stamps)
        return _times(instants if kind == INSTANT else utc_from_local(instants, zone), valid, _filled(texts))
    array = encoded(texts)
    read = [_read_time(text) for text in array.dictionary.to_pylist()]
    instants = np.array([instant for instant, _, _ in read] or [0], np.int64)
    zoned = np.array([zoned for _, zoned, _ in read] or [False])
    good = np.array([good for _, _, good in read] or [False])
    instants = np.where(zoned, instants, utc_from_local(instants, zone))
    filled = _filled(texts)
    place = _numbers(array.indices)
    return _times(instants[place], good[place] & filled, filled)


def _read_time(text: str) -> tuple[int, bool, bool]:
    """Return microseconds since 1970 (in UTC if a zone is named), whether one is, and whether the text is a time."""
    match = _TIME.fullmatch(text)
    if match is None:
        return 0, False, False
    day, clock, fraction, zone = match.groups()
    clock = (clock or "00") + (f".{fraction[:6]:0<6}" if fraction else "")
    if zone is not None:
        zone = "+00:00" if zone.upper() in ("Z", "UTC", "GMT") else zone
    try:
        moment = datetime.fromisoformat(f"{day}T{clock}{zone or ''}")
        known = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
        instant = (known - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1)
    except (ValueError, OverflowError):
        return 0, False, False
    return instant, moment.tzinfo is not None, True


def _dates_of_text(column: Chunked) -> Parsed:
    texts = pc.cast(column, pa.string())
    filled = _filled(texts)
    try:
        days = pc.cast(pc.cast(texts, pa.date32()), pa.int32())
    except pa.ArrowInvalid:  # one text is written otherwise: read them one by one
        array = encoded(texts)
        read = [_read_day(text) for text in array.dictionary.to_pylist()]
        place = _numbers(array.indices)
        good = np.array([day is not None for day in read] or [False])[place] & filled
        return _dates(np.array([day or 0 for day in read] or [0], np.int64)[place], good, filled)
    return _dates(_numbers(days), filled, filled)


def _read_day(text: str) -> int | None:
    """Return the day that a text shows, as days since 1970, if its time of day is midnight."""
    match = _TIME.fullmatch(text)
    if match is None or (match[2] or "").strip("0:") or (match[3] or "").strip("0"):
        return None
    try:
        return (date.fromisoformat(match[1]) - EPOCH).days
    except ValueError:
        return None


def _instants(column: Chunked) -> tuple[Instants, Mask]:
    """Return timestamps as microseconds, and which of them are there and lie in a year we take."""
    unit = column.type.unit
    numbers = _numbers(pc.cast(column, pa.int64()))
    filled = _filled(column)
    if unit == "ns":
        numbers = numbers // 1_000
    else:
        # Compared before it is multiplied: a damaged number would run over 64 bits and look like a time.
        most = (LAST_DAY + 1) * DAY // UNITS[unit]
        fits = (numbers <= most) & (numbers >= -most)
        numbers, filled = np.where(fits, numbers, 0) * UNITS[unit], filled & fits
    return np.where(filled, numbers, 0), filled


def _times(instants: Instants, good: Mask, filled: Mask) -> Parsed:
    """Return instants as a column; what is no time, or lies outside the years we take, is bad."""
    good = good & (instants >= FIRST_DAY * DAY) & (instants < (LAST_DAY - 1) * DAY)
    bad = filled & ~good
    values = column_of(pa.array(instants, pa.int64(), mask=~good)).cast(pa.timestamp("us")).cast(INSTANT)
    return Parsed(values, bad if bad.any() else None, TIME_WORDS)


def _dates(days: npt.NDArray[np.int64], good: Mask, filled: Mask) -> Parsed:
    good = good & (days >= FIRST_DAY) & (days <= LAST_DAY)
    bad = filled & ~good
    values = column_of(pa.array(np.where(good, days, 0).astype(np.int32), pa.int32(), mask=~good)).cast(pa.date32())
    return Parsed(values, bad if bad.any() else None, DATE_WORDS)


def _nothing(column: Chunked, kind: pa.DataType, expected: str) -> Parsed:
    filled = _filled(column)
    return Parsed(nulls(len(column), kind), filled if filled.any() else None, expected)


def _filled(column: Chunked) -> Mask:
    mask: Mask = pc.is_valid(column).to_numpy()
    return mask


def _numbers(column: Chunked) -> npt.NDArray[np.int64]:
    """Return whole numbers as NumPy has them, with 0 for nulls."""
    numbers: npt.NDArray[np.int64] = pc.fill_null(pc.cast(column, pa.int64()), 0).to_numpy(zero_copy_only=False)
    return numbers


def _is_named(zone: str) -> bool:
    """Tell whether a zone has a name; Parquet also knows bare offsets such as +02:00."""
    return not re.fullmatch(r"[+-]\d{2}:?\d{2}", zone)
