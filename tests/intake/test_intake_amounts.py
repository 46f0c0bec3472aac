from __future__ import annotations

from collections.abc import Callable
from datetime import date

import numpy as np
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.intake.checking import Checked
from campaigns.intake.money import LARGEST_MINOR, Rates, decimals, minor_units

Take = Callable[..., Checked]

RATES = pa.table(
    {
        "date": pa.array([date(2026, 5, 10), date(2026, 5, 1), date(2026, 5, 1)]),
        "currency": ["USD", "USD", "JPY"],
        "rate": [0.5, 0.9, 0.006],
    }
)


def spend(*rows: str) -> str:
    return "\n".join(["date,channel,campaign,cost,currency", *(f"{row}" for row in rows)])


def test_amounts_become_minor_units_of_the_reporting_currency(take: Take) -> None:
    text = spend("2026-05-01,tv,a,12.5,", "2026-05-01,tv,b,12.50,EUR", "2026-05-01,tv,c,7,eur")
    assert take("spend", text).table.column("cost").to_pylist() == [1250, 1250, 700]
    assert take("spend", text.replace("12.50", "12").replace("12.5", "12"), currency="JPY", rates=None).faults


@pytest.mark.parametrize(
    ("currency", "text", "minor"), [("JPY", "100", 100), ("KWD", "1.234", 1234), ("EUR", "1.20", 120)]
)
def test_each_currency_has_its_own_decimals(take: Take, currency: str, text: str, minor: int) -> None:
    assert take("spend", spend(f"2026-05-01,tv,,{text},"), currency=currency).table.column("cost").to_pylist() == [
        minor
    ]


@pytest.mark.parametrize(
    ("currency", "text"), [("JPY", "100.5"), ("EUR", "0.001"), ("KWD", "1.2345"), ("EUR", "0.000011")]
)
def test_more_decimals_than_the_currency_has_are_a_fault(take: Take, currency: str, text: str) -> None:
    (fault,) = take("spend", spend(f"2026-05-01,tv,,{text},"), currency=currency).faults
    assert (fault.column, fault.found) == ("cost", text)
    assert f"at most {decimals(currency)} decimals ({currency})" in fault.expected


def test_trailing_zeros_and_the_crumbs_of_floats_are_no_decimals(take: Take) -> None:
    text = spend("2026-05-01,tv,a,12.5000,", "2026-05-01,tv,b,0.30000000000000004,")
    assert take("spend", text).table.column("cost").to_pylist() == [1250, 30]


def test_a_foreign_amount_is_converted_at_the_last_rate_before_its_day(take: Take) -> None:
    text = spend(
        "2026-05-01,tv,a,10,USD", "2026-05-09,tv,b,10,usd", "2026-05-10,tv,c,10,USD", "2026-06-01,tv,d,1000,JPY"
    )
    checked = take("spend", text, rates=RATES)
    assert checked.faults == ()
    assert checked.table.column("cost").to_pylist() == [900, 900, 500, 600]
    assert checked.table.column("currency").to_pylist() == ["USD", "USD", "USD", "JPY"]


def test_rates_themselves_name_currencies_in_capitals(take: Take) -> None:
    checked = take("rates", "date,currency,rate\n2026-05-01,usd,0.9\n2026-05-01,dollars,0.9\n")
    assert checked.table.column("currency").to_pylist() == ["USD"]
    assert [(fault.line, fault.column) for fault in checked.faults] == [(3, "currency")]


def test_without_a_rate_the_currency_and_the_day_are_named(take: Take) -> None:
    checked = take(
        "spend", spend("2026-04-30,tv,a,10,USD", "2026-05-01,tv,b,10,CHF", "2026-05-01,tv,c,1,EUR"), rates=RATES
    )
    assert [(fault.line, fault.column, fault.found) for fault in checked.faults] == [
        (2, "currency", "USD on 2026-04-30"),
        (3, "currency", "CHF on 2026-05-01"),
    ]
    assert checked.table.column("cost").to_pylist() == [100]


def test_the_day_of_a_time_is_that_of_the_zone(take: Take) -> None:
    head = "customer_id,occurred_at,kind,value,currency"
    text = f"{head}\nC-1,2026-05-09T22:30:00Z,order,10,USD\n"  # already the 10th in Istanbul
    assert take("responses", text, rates=RATES).table.column("value").to_pylist() == [500]


def test_what_has_no_day_is_converted_today(take: Take) -> None:
    text = "product,price,currency\nP-1,10,USD\n"
    assert take("products", text, rates=RATES).table.column("price").to_pylist() == [500]


def test_a_row_without_amounts_needs_no_rate(take: Take) -> None:
    text = "customer_id,occurred_at,kind,value,currency\nC-1,2026-05-01,interest,,GBP\n"
    assert take("responses", text).faults == ()


def test_a_return_may_be_negative_and_a_cost_may_not(take: Take) -> None:
    head = "customer_id,occurred_at,kind,value"
    assert take("responses", f"{head}\nC-1,2026-05-01,return,-5\n").table.column("value").to_pylist() == [-500]
    (fault,) = take("spend", spend("2026-05-01,tv,,-5,")).faults
    assert (fault.found, fault.expected) == ("-5", "0 or more")


def test_an_amount_beyond_reason_is_a_fault(take: Take) -> None:
    (fault,) = take("spend", spend("2026-05-01,tv,,1e15,")).faults
    assert "below 10,000,000,000,000" in fault.expected


def test_no_rates_are_no_rate() -> None:
    assert np.isnan(Rates.from_table(None).on("USD", np.array([20_000]))).all()


@given(st.integers(-LARGEST_MINOR, LARGEST_MINOR), st.sampled_from([0, 2, 3, 4]))
def test_every_amount_that_can_be_written_is_read_exactly(minor: int, places: int) -> None:
    written = f"{'-' if minor < 0 else ''}{abs(minor) // 10**places}.{abs(minor) % 10**places:0{places or 1}d}"
    amounts = np.array([float(written if places else minor)])
    whole, fine, large = minor_units(amounts, np.array([places]))
    assert (whole.tolist(), fine.any(), large.any()) == ([minor], False, False)


@given(st.integers(0, 10**9), st.integers(1, 99))
def test_a_finer_amount_is_never_rounded_silently(minor: int, more: int) -> None:
    _, fine, _ = minor_units(np.array([float(f"{minor // 100}.{minor % 100:02d}{more:02d}")]), np.array([2]))
    assert fine.tolist() == [True]
