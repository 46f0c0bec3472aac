from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from campaigns.reporting.background import Worth
from campaigns.terms import Window
from jobs.payback import worth_by_month

WINDOW = Window(date(2026, 1, 1), date(2026, 3, 31))
START = datetime(2026, 1, 1, 12, tzinfo=UTC)


def orders(rows: list[tuple[int | None, int, int, int | None]]) -> pa.Table:
    """Orders of (person, day of the window, value, margin)."""
    person, day, value, margin = zip(*rows, strict=True)
    return pa.table(
        {
            "person": pa.array(person, pa.int64()),
            "occurred_at": pa.chunked_array(
                [pa.array([START + timedelta(days=each) for each in day], pa.timestamp("us", "UTC"))]
            ),
            "value": pa.array(value, pa.int64()),
            "margin": pa.array(margin, pa.int64()),
        }
    )


def persons(known: dict[int, datetime]) -> pa.Table:
    return pa.table(
        {
            "person": pa.array(list(known), pa.int64()),
            "first_order_at": pa.chunked_array([pa.array(list(known.values()), pa.timestamp("us", "UTC"))]),
        }
    )


def earned(
    rows: list[tuple[int | None, int, int, int | None]], known: dict[int, datetime] | None = None
) -> Worth | None:
    return worth_by_month(persons(known or {}), orders(rows), WINDOW, ZoneInfo("UTC"), margin_share=0.5)


def test_margin_of_the_first_months_is_a_mean_over_all_new_customers_also_those_who_bought_no_more() -> None:
    first = [(number, 0, 1000, None) for number in range(20)]
    again = [(number, 40, 3000, 400) for number in range(10)]
    worth = earned([*first, *again])
    assert worth is not None
    assert worth.customers == 20
    assert worth.margin_by_month == pytest.approx((5.0, 2.0, 0.0))


def test_a_month_counts_only_those_who_have_had_all_of_it() -> None:
    early = [(number, 0, 1000, None) for number in range(20)]
    late = [(100 + number, 50, 9000, None) for number in range(20)]
    worth = earned([*early, *late])
    assert worth is not None
    assert worth.margin_by_month == pytest.approx((25.0, 0.0, 0.0))
    assert worth.customers == 40


def test_nobody_counts_as_new_whose_first_order_the_customers_file_has_before_the_window() -> None:
    rows = [(number, 0, 1000, None) for number in range(40)]
    worth = earned(rows, {number: START - timedelta(days=400) for number in range(20)})
    assert worth is not None
    assert worth.customers == 20


def test_too_few_new_customers_and_orders_of_nobody_known_tell_nothing() -> None:
    assert earned([(number, 0, 1000, None) for number in range(19)]) is None
    assert earned([(None, 0, 1000, None)] * 30) is None
