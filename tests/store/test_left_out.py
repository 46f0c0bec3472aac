"""What an import leaves out is kept with its reason, never twice, and takes back what was stored before."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pyarrow as pa
from sqlmodel import select

from campaigns.intake import left_out
from campaigns.intake.checking import schema_of
from campaigns.intake.formats import KINDS
from campaigns.store.database import Database
from campaigns.store.left_out import left_out_rows, left_out_sums
from campaigns.store.loading import Batch, load
from campaigns.store.tables import Response

MAY = dt.datetime(2026, 5, 1, 10, tzinfo=dt.UTC)
ORDERS = KINDS["responses"]


def imported(database: Database, kept: list[str], left: list[dict[str, Any]]) -> Batch:
    """Import orders of these numbers, and leave others out."""
    rows = [
        {"source": "shop", "occurred_at": MAY, "kind": "order", "response_id": name, "customer_id": "C-1"}
        for name in kept
    ]
    table = pa.Table.from_pylist(
        [{name: row.get(name) for name in schema_of(ORDERS).names} for row in rows], schema=schema_of(ORDERS)
    )
    schema = left_out.schema_of(ORDERS)
    told = {"source": "shop", "line": 2, "occurred_on": MAY.date(), "value": 900, "whole": True}
    gone = [{name: {**told, **row}.get(name) for name in schema.names} for row in left]
    return load(database, ORDERS, table, path="o.csv", digest="d", left_out=pa.Table.from_pylist(gone, schema=schema))


def sums(database: Database) -> list[tuple[str, dt.date | None, int, int]]:
    with database.reading() as session:
        return [(one.reason, one.month, one.rows, one.value) for one in left_out_sums(session)]


def test_what_is_left_out_is_counted_per_reason_and_month_and_importing_again_counts_it_once(database: Database):
    left = [
        {"response_id": "2", "reason": "test"},
        {"response_id": "1", "reason": "refunded", "whole": False, "value": 250},
        {"reason": "total", "value": 5_000, "whole": False},
    ]
    for _ in range(2):
        imported(database, ["1"], left)
    may = dt.date(2026, 5, 1)
    assert sums(database) == [("refunded", may, 0, 250), ("test", may, 1, 900)]


def test_an_order_left_out_later_is_taken_back_and_one_taken_later_is_no_longer_left_out(database: Database):
    imported(database, ["1", "2"], [{"response_id": "3", "reason": "test"}])
    batch = imported(database, ["3"], [{"response_id": "2", "reason": "test"}])

    with database.reading() as session:
        assert sorted(str(key) for key in session.scalars(select(Response.response_id))) == ["1", "3"]
        assert [row["row_key"] for row in left_out_rows(session)] == ["2"]
    assert batch.notes == ("1 rows stored before are now left out, and were taken back",)


def test_rows_that_count_otherwise_stay_although_they_are_named_as_left_out(database: Database):
    imported(database, ["1"], [{"response_id": "1", "reason": "cancelled"}])
    with database.reading() as session:
        assert session.scalars(select(Response.response_id)).all() == ["1"]
        assert len(list(left_out_rows(session, kind="responses", reason="cancelled", first=MAY.date()))) == 1
        assert list(left_out_rows(session, last=dt.date(2026, 4, 30))) == []
