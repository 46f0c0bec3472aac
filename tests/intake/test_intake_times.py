# ruff: noqa: DTZ001 - times by the clock on the wall are what is tested here
from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.intake.times import INSTANT, local_days, parse_dates, parse_times, utc_from_local

ISTANBUL, NEW_YORK, LORD_HOWE = (
    ZoneInfo(name) for name in ("Europe/Istanbul", "America/New_York", "Australia/Lord_Howe")
)
EPOCH = datetime(1970, 1, 1)


def texts(*cells: str | None) -> pa.ChunkedArray:
    return pa.chunked_array([pa.array(cells, pa.string())])


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("2026-05-01T10:00:00+02:00", datetime(2026, 5, 1, 8, tzinfo=UTC)),
        ("2026-05-01T10:00:00Z", datetime(2026, 5, 1, 10, tzinfo=UTC)),
        ("2026-05-01 10:00:00 UTC", datetime(2026, 5, 1, 10, tzinfo=UTC)),
        ("2026-05-01 10:00:00.5+0200", datetime(2026, 5, 1, 8, 0, 0, 500_000, tzinfo=UTC)),
        ("2026-05-01 10:00", datetime(2026, 5, 1, 7, tzinfo=UTC)),
        ("2026-05-01T10:00:00", datetime(2026, 5, 1, 7, tzinfo=UTC)),
        ("2026-05-01", datetime(2026, 4, 30, 21, tzinfo=UTC)),
        ("2026-05-01T10:00:00.123456789", datetime(2026, 5, 1, 7, 0, 0, 123_456, tzinfo=UTC)),
    ],
)
def test_a_time_is_read_in_its_zone_or_in_the_configured_one(text: str, instant: datetime) -> None:
    alone = parse_times(texts(text), ISTANBUL)
    among_others = parse_times(texts(text, "rubbish", "2026-01-01", "2026-01-01T00:00Z"), ISTANBUL)

    assert alone.values.type == INSTANT
    assert alone.values.to_pylist() == [instant]
    assert among_others.values[0].as_py() == instant


@pytest.mark.parametrize(
    "text",
    [
        "yesterday",
        "01.05.2026",
        "2026-13-01",
        "2026-02-30",
        "2026-05-01T25:00",
        "20260501",
        "1899-12-30",
        "0001-01-01",
        "1",
    ],
)
def test_what_is_no_time_is_bad(text: str) -> None:
    parsed = parse_times(texts(text, "2026-05-01"), ISTANBUL)

    assert parsed.bad is not None
    assert parsed.bad.tolist() == [True, False]
    assert parsed.values.null_count == 1


def test_empty_cells_are_neither_times_nor_bad() -> None:
    assert parse_times(texts(None, "2026-05-01"), ISTANBUL).bad is None
    assert parse_dates(texts(None, None)).bad is None


def test_the_hour_that_comes_twice_is_its_first_and_the_skipped_one_goes_on() -> None:
    twice, skipped = "2026-11-01T01:30:00", "2026-03-08T02:30:00"
    parsed = parse_times(texts(twice, skipped), NEW_YORK)
    assert parsed.values.to_pylist() == [
        datetime(2026, 11, 1, 5, 30, tzinfo=UTC),
        datetime(2026, 3, 8, 7, 30, tzinfo=UTC),
    ]


def test_parquet_times_keep_their_instant_and_wall_clocks_get_the_zone() -> None:
    wall = pa.chunked_array([pa.array([datetime(2026, 5, 1, 10)], pa.timestamp("ns"))])
    known = wall.cast(pa.timestamp("ms")).cast(pa.timestamp("ms", "America/New_York"))
    days = pa.chunked_array([pa.array([date(2026, 5, 1)])])

    assert parse_times(wall, ISTANBUL).values.to_pylist() == [datetime(2026, 5, 1, 7, tzinfo=UTC)]
    assert parse_times(known, ISTANBUL).values.to_pylist() == [datetime(2026, 5, 1, 10, tzinfo=UTC)]
    assert parse_times(days, ISTANBUL).values.to_pylist() == [datetime(2026, 4, 30, 21, tzinfo=UTC)]


def test_a_damaged_parquet_time_is_bad_and_not_wrapped_around() -> None:
    wild = pa.chunked_array([pa.array([2**62, -(2**63), 0], pa.int64())]).cast(pa.timestamp("s"))
    parsed = parse_times(wild, ISTANBUL)
    assert parsed.bad is not None
    assert parsed.bad.tolist() == [True, True, False]


def test_a_number_is_no_time() -> None:
    parsed = parse_times(pa.chunked_array([[20260501, None]]), ISTANBUL)
    assert parsed.bad is not None
    assert parsed.bad.tolist() == [True, False]


@pytest.mark.parametrize(
    ("text", "day"),
    [
        ("2026-05-01", date(2026, 5, 1)),
        ("2026-05-01 00:00:00", date(2026, 5, 1)),
        ("2026-05-01T00:00:00Z", date(2026, 5, 1)),
        ("9999-12-31", date(9999, 12, 31)),
        ("2026-05-01T10:00:00", None),
        ("2026-02-29", None),
        ("1.5.2026", None),
        ("1800-01-01", None),
    ],
)
def test_a_date_is_a_day_or_a_midnight(text: str, day: date | None) -> None:
    alone, among_others = parse_dates(texts(text)), parse_dates(texts(text, "rubbish"))

    assert alone.values.to_pylist() == [day]
    assert among_others.values[0].as_py() == day
    assert (alone.bad is None) == (day is not None)


def test_a_parquet_time_is_a_date_only_at_midnight() -> None:
    stamps = pa.chunked_array([pa.array([datetime(2026, 5, 1), datetime(2026, 5, 1, 9)], pa.timestamp("us"))])
    assert parse_dates(stamps).values.to_pylist() == [date(2026, 5, 1), None]
    assert parse_dates(stamps.cast(pa.timestamp("us", "UTC"))).values.to_pylist() == [date(2026, 5, 1), None]


@given(
    st.lists(st.datetimes(datetime(1950, 1, 1), datetime(2100, 1, 1)), min_size=1, max_size=20),
    st.sampled_from([ISTANBUL, NEW_YORK, LORD_HOWE, ZoneInfo("UTC")]),
)
def test_zones_are_applied_as_python_applies_them(moments: list[datetime], zone: ZoneInfo) -> None:
    local = np.array([(moment - EPOCH) // timedelta(microseconds=1) for moment in moments], np.int64)
    expected = [moment.replace(tzinfo=zone).astimezone(UTC) for moment in moments]

    instants = utc_from_local(local, zone)

    known = [(moment - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) for moment in expected]
    assert instants.tolist() == known
    days = [(moment.astimezone(zone).date() - date(1970, 1, 1)).days for moment in expected]
    assert local_days(instants, zone).tolist() == days


@given(st.datetimes(datetime(1900, 1, 2), datetime(2200, 1, 1)), st.sampled_from(["", "Z", "+02:00", "-0330", "+05"]))
def test_a_time_means_the_same_whatever_stands_beside_it(moment: datetime, zone: str) -> None:
    text = moment.isoformat() + zone
    alone = parse_times(texts(text), NEW_YORK).values[0].as_py()
    assert alone is not None
    assert parse_times(texts(text, "x"), NEW_YORK).values[0].as_py() == alone
