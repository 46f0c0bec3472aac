"""Touches counted in one reading: by local day and by that of UTC, whatever the order, however many at a time."""

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest

from campaigns.store import touch_sums as module
from campaigns.store.touch_sums import touch_sums
from tests.planning.test_drafting import customer, put

ISTANBUL = ZoneInfo("Europe/Istanbul")
LATE = datetime(2026, 1, 5, 22, 30, tzinfo=UTC)  # half past one of the next day in Istanbul
NOON = datetime(2026, 1, 5, 9, tzinfo=UTC)


def sums(database, zone=ISTANBUL):
    with database.reading() as session:
        rows = touch_sums(session.connection(), zone).to_pylist()
    return sorted(rows, key=lambda row: (row["channel"], row["day"], row["campaign"] or ""))


def filled(database):
    put(database, "customers", customer("C-1"))
    sent = {"customer_id": "C-1", "channel": "email", "kind": "send", "campaign": "spring"}
    put(
        database,
        "touches",
        {**sent, "occurred_at": NOON, "cost": 5},
        {**sent, "occurred_at": LATE},
        {**sent, "occurred_at": NOON, "cost": 7},
        {"customer_id": "C-1", "channel": "display", "kind": "impression", "occurred_at": NOON},
    )


def test_touches_are_counted_by_name_and_day_with_what_they_cost(database):
    filled(database)
    names = {"source": "touches", "ad": None}
    email = {**names, "channel": "email", "kind": "send", "campaign": "spring", "day_utc": date(2026, 1, 5)}
    assert sums(database) == [
        {**email, "channel": "display", "kind": "impression", "campaign": None, "day": date(2026, 1, 5)}
        | {"rows": 1, "cost": 0},
        {**email, "day": date(2026, 1, 5), "rows": 2, "cost": 12},
        {**email, "day": date(2026, 1, 6), "rows": 1, "cost": 0},
    ]
    assert [row["rows"] for row in sums(database, ZoneInfo("UTC"))] == [1, 3]


def test_sums_of_parts_are_the_sums_of_the_whole(sqlite_database, monkeypatch):
    filled(sqlite_database)
    whole = sums(sqlite_database)
    monkeypatch.setattr("campaigns.store.arrow.FETCHED", 1)
    monkeypatch.setattr("campaigns.store.arrow.GATHERED", 1)
    monkeypatch.setattr(module, "TOGETHER", 1)
    assert sums(sqlite_database) == whole


@pytest.mark.parametrize("zone", ["UTC", "Europe/Istanbul"])
def test_without_touches_there_are_no_sums(sqlite_database, zone):
    assert sums(sqlite_database, ZoneInfo(zone)) == []
