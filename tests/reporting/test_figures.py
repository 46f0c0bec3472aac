import math
from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.reporting.figures import (
    bounded,
    chance,
    cost_span,
    day,
    days,
    moment,
    money,
    number,
    percent,
    rounded,
    span,
    step_of,
)
from campaigns.terms import Cost, Range

NBSP = "\N{NO-BREAK SPACE}"


@pytest.mark.parametrize(("width", "step"), [(200, 10), (60, 10), (49, 1), (4_900, 100), (0, 1), (0.3, 1), (50, 10)])
def test_the_step_is_the_power_of_ten_below_a_fifth_of_the_width(width: float, step: float) -> None:
    assert step_of(width) == step


@given(st.floats(0.01, 1e7), st.floats(0, 1e7))
def test_rounding_never_moves_an_end_by_more_than_a_tenth_of_the_range_or_half_a_response(
    width: float, low: float
) -> None:
    step = step_of(width)
    assert abs(rounded(low, step) - low) <= max(width / 10, 0.5) * (1 + 1e-9) + 1e-6


def test_a_range_is_written_to_the_step_its_width_allows() -> None:
    assert span(Range(638.7, 541.2, 739.9)) == ("640", "540", "740")
    assert span(Range(30.4, 0.3, 57.1)) == ("30", "0", "60")
    assert span(Range(4_683, 4_683, 4_683)) == ("4,683", "4,683", "4,683")


def test_a_number_never_reads_minus_zero() -> None:
    assert number(-0.2) == "0"
    assert number(-3.0, 10) == "0"
    assert percent(-0.0) == f"0{NBSP}%"


def test_money_carries_its_currency_and_cents_only_where_they_are_known() -> None:
    assert money(5_000, "EUR") == f"5,000{NBSP}EUR"
    assert money(3.456, "TRY", 0.1) == f"3.50{NBSP}TRY"


def test_a_cost_has_two_digits_and_none_is_finer_than_the_middle() -> None:
    assert cost_span(Cost(31.5, 27.5, 36.8), "EUR") == (f"32{NBSP}EUR", "28", "37")
    assert cost_span(Cost(154.8, 94.2, 1_230.5), "EUR") == (f"150{NBSP}EUR", "90", "1,200")
    assert cost_span(Cost(12.2, 8.9, 18.0), "EUR") == (f"12{NBSP}EUR", "9", "18")
    assert cost_span(Cost(121.97, 101.9, 147.4), "EUR") == (f"120{NBSP}EUR", "100", "150")
    assert cost_span(Cost(12.7, 10.9, 15.1), "EUR") == (f"13{NBSP}EUR", "11", "15")


def test_a_cost_known_closely_keeps_its_digits() -> None:
    assert cost_span(Cost(1_031, 1_012, 1_048), "EUR") == (f"1,031{NBSP}EUR", "1,012", "1,048")


def test_an_end_that_does_not_exist_is_empty() -> None:
    assert cost_span(Cost(233.0, 101.0, None), "EUR")[1:] == ("100", "")
    assert cost_span(Cost(None, None, None), "EUR") == ("", "", "")


def test_an_upper_end_that_says_nothing_is_left_out() -> None:
    assert cost_span(Cost(154.8, 61.0, 9_400_000.0), "EUR")[1:] == ("60", "")
    assert bounded(Cost(154.8, 61.0, 1_200.0)).p95 == 1_200.0
    assert bounded(Cost(154.8, None, 1_200.0)).p95 == 1_200.0


def test_a_chance_is_never_certain() -> None:
    assert chance(0.0) == f"under 1{NBSP}%"
    assert chance(1.0) == f"over 99{NBSP}%"
    assert chance(0.36) == f"36{NBSP}%"


def test_days_and_moments_read_in_the_readers_zone() -> None:
    assert day(date(2026, 3, 3)) == "3 Mar 2026"
    assert days(date(2026, 3, 3), date(2026, 3, 3)) == "3 Mar 2026"
    assert days(date(2026, 1, 1), date(2026, 3, 3)) == "1 Jan to 3 Mar 2026"
    assert days(date(2025, 12, 1), date(2026, 3, 3)) == "1 Dec 2025 to 3 Mar 2026"
    assert moment(datetime(2026, 3, 2, 23, 30, tzinfo=UTC), ZoneInfo("Europe/Istanbul")) == "3 Mar 2026, 02:30"


def test_a_width_that_is_no_number_falls_back_to_the_smallest_step() -> None:
    assert step_of(math.inf) == 1.0
    assert step_of(math.nan) == 1.0
