"""What an import changed is told per source, month and channel: new rows, restated ones and those taken back."""

import datetime as dt
from typing import Any

import pyarrow as pa
import pytest

from campaigns.intake.checking import schema_of
from campaigns.intake.formats import KINDS
from campaigns.intake.left_out import schema_of as left_out_schema
from campaigns.store.changes import Change, changes_since
from campaigns.store.database import Database
from campaigns.store.loading import load

MAY, JUNE = dt.date(2026, 5, 1), dt.date(2026, 6, 1)
BEFORE = dt.datetime(2026, 1, 1, tzinfo=dt.UTC)


def imported(database: Database, kind: str, *rows: dict[str, Any], gone: tuple[dict[str, Any], ...] = ()) -> None:
    def table(schema: pa.Schema, listed: tuple[dict[str, Any], ...]) -> pa.Table:
        filled = [{name: {"source": "shop", **row}.get(name) for name in schema.names} for row in listed]
        return pa.Table.from_pylist(filled, schema=schema)

    left = table(left_out_schema(KINDS[kind]), gone)
    load(database, KINDS[kind], table(schema_of(KINDS[kind]), rows), path="p", digest="d", left_out=left)


def changes(database: Database, since: dt.datetime = BEFORE) -> tuple[Change, ...]:
    with database.reading() as session:
        return changes_since(session, since)


def spent(day: dt.date, cost: int, **told: Any) -> dict[str, Any]:
    return {"date": day, "channel": "search", "cost": cost, "cost_kind": "media", **told}


def order(number: str, **told: Any) -> dict[str, Any]:
    moment = dt.datetime(2026, 5, 3, 12, tzinfo=dt.UTC)
    return {"occurred_at": moment, "kind": "order", "response_id": number, "customer_id": "C", "value": 500, **told}


def test_a_first_import_adds_and_the_same_again_changes_nothing(database: Database):
    rows = [spent(MAY, 100), spent(MAY, 50, channel="tv"), spent(JUNE, 30)]
    imported(database, "spend", *rows)
    first = changes(database)
    imported(database, "spend", *rows)

    assert first == changes(database)
    assert first == (
        Change("spend", "shop", MAY, "search", 1, 0, 0, 0, 100),
        Change("spend", "shop", MAY, "tv", 1, 0, 0, 0, 50),
        Change("spend", "shop", JUNE, "search", 1, 0, 0, 0, 30),
    )


def test_a_restated_export_tells_what_each_month_was_before_and_is_now(database: Database):
    imported(database, "spend", spent(MAY, 100), spent(JUNE, 30), spent(JUNE, 7, source="other"))
    since = dt.datetime.now(dt.UTC)
    imported(database, "spend", spent(MAY, 120), spent(JUNE, 30), spent(JUNE, 5, campaign="new"))
    imported(database, "spend", spent(MAY, 90))

    (may, june) = changes(database, since)
    assert may == Change("spend", "shop", MAY, "search", 0, 2, 0, 100, 90)
    assert (may.difference, may.restated) == (-10, True)
    assert june == Change("spend", "shop", JUNE, "search", 1, 0, 0, 30, 35)
    assert not june.restated


def test_an_order_that_is_now_cancelled_is_told_as_removed(database: Database):
    imported(database, "responses", order("1"), order("2"), order("3"))
    since = dt.datetime.now(dt.UTC)
    cancelled = {"response_id": "2", "line": 3, "reason": "cancelled", "occurred_on": MAY, "value": 500, "whole": True}
    imported(database, "responses", order("1", value=400), order("3"), gone=(cancelled,))

    assert changes(database, since) == (Change("responses", "shop", MAY, None, 0, 1, 1, 1_500, 900),)


def test_a_row_that_moves_to_another_month_leaves_the_old_one(database: Database):
    imported(database, "responses", order("1"))
    since = dt.datetime.now(dt.UTC)
    imported(database, "responses", order("1", occurred_at=dt.datetime(2026, 6, 2, tzinfo=dt.UTC)))

    may, june = changes(database, since)
    assert (may.month, may.removed, may.difference) == (MAY, 1, -500)
    assert (june.month, june.replaced, june.difference) == (JUNE, 1, 500)


@pytest.mark.parametrize("kind", ["customers", "rates"])
def test_kinds_without_money_of_a_day_record_nothing(database: Database, kind: str):
    rows = {"customers": {"customer_id": "C-1"}, "rates": {"date": MAY, "currency": "USD", "rate": 0.9}}
    imported(database, kind, rows[kind])
    assert changes(database) == ()
