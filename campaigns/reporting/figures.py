"""Numbers as people read them: rounded to what is known, with units, in the reader's locale."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import date, datetime, tzinfo

from babel.dates import format_date, format_datetime
from babel.numbers import format_currency, format_decimal

from campaigns.language import _, locale
from campaigns.terms import Cost, Range

__all__ = [
    "NOTHING",
    "about",
    "bounded",
    "chance",
    "cost_span",
    "day",
    "days",
    "moment",
    "money",
    "month",
    "number",
    "percent",
    "rounded",
    "span",
    "step_of",
]

NOTHING = "–"
"""What stands in a cell where there is no figure."""

SENSELESS = 20.0
"""Upper over lower end of a cost from which the upper end is as good as none."""

THIN = "\N{NO-BREAK SPACE}"


def step_of(width: float, smallest: float = 1.0) -> float:
    """Give the step to which a number with a likely range of this width is rounded.

    It is the power of ten at or below a fifth of the width, so that rounding moves neither the number nor the ends of
    its range by more than a tenth of the range: 540 to 740 is known to tens, 31.2 to 38.9 to ones.

    Parameters
    ----------
    width
        Upper end minus lower end of the range, not negative.
    smallest
        Smallest step that means anything: 1 for a count, 0.01 for money.
    """
    if not width > 0 or not math.isfinite(width):
        return smallest
    return max(smallest, 10.0 ** math.floor(math.log10(width / 5.0)))


def rounded(value: float, step: float) -> float:
    """Round to a multiple of ``step``; never minus zero."""
    return round(value / step) * step + 0.0


def number(value: float, step: float = 1.0) -> str:
    """Write a count, rounded to ``step``: ``4,683``."""
    decimals = max(0, -math.floor(math.log10(step))) if step < 1 else 0
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    return str(format_decimal(rounded(value, step), format=pattern, locale=locale()))


def money(value: float, currency: str, step: float = 1.0) -> str:
    """Write an amount with its currency: ``5,000 EUR``; cents only where the step is below one."""
    pattern = f"#,##0{'.00' if step < 1 else ''}{THIN}¤¤"
    return str(format_currency(rounded(value, step), currency, format=pattern, locale=locale(), currency_digits=False))


def about(value: float) -> float:
    """Give the step for a number known without a range: two significant digits."""
    return 10.0 ** (math.floor(math.log10(abs(value))) - 1) if value else 1.0


def span(of: Range) -> tuple[str, str, str]:
    """Write a range of counts as (middle, low end, high end), all three to the step its width allows."""
    step = step_of(of.p95 - of.p05)
    return number(of.mean, step), number(of.p05, step), number(of.p95, step)


def bounded(cost: Cost) -> Cost:
    """Take away an upper end that says nothing: one more than ``SENSELESS`` times the lower end."""
    if cost.p05 is None or cost.p95 is None or cost.p95 <= SENSELESS * cost.p05:
        return cost
    return replace(cost, p95=None)


def cost_span(of: Cost, currency: str) -> tuple[str, str, str]:
    """Write a range of costs as (middle, low end, high end); what does not exist is an empty text.

    Each has two significant digits, and none is finer than the middle: a cost is a ratio, and its upper end is far less
    well known than its lower one. Only where two digits would move the middle by more than a quarter of the range is
    the step that of a count. The middle carries the currency, the ends do not: ``("31 EUR", "26", "39")``.
    """
    of = bounded(of)
    known = [value for value in (of.median, of.p05, of.p95) if value is not None]
    finest = about(known[0]) if known else 1.0
    width = max(known) - min(known) if len(set(known)) > 1 else math.inf
    closest = step_of(width, smallest=0.01) if finest > width / 2 else math.inf

    def write(value: float | None) -> str:
        return "" if value is None else money(value, currency, max(0.01, min(max(about(value), finest), closest)))

    low, high = (write(end).removesuffix(f"{THIN}{currency}") for end in (of.p05, of.p95))
    return write(of.median), low, high


def percent(share: float, decimals: int = 0) -> str:
    """Write a share as a percentage, with the sign where the reader's language has it: ``64 %``, ``%64``."""
    pattern = "#,##0" + ("." + "0" * decimals if decimals else "")
    written = str(format_decimal(100.0 * share + 0.0, format=pattern, locale=locale()))
    return f"%{written}" if locale().percent_formats[None].pattern.startswith("%") else f"{written}{THIN}%"


def chance(probability: float) -> str:
    """Write a probability as people say it: nothing is ever 0 % or 100 % sure."""
    if probability < 0.01:
        return _("under %(share)s", share=percent(0.01))
    if probability > 0.99:
        return _("over %(share)s", share=percent(0.99))
    return percent(probability)


def day(of: date) -> str:
    """Write a day: ``3 Mar 2026``."""
    return str(format_date(of, "d MMM y", locale=locale()))


def days(start: date, end: date) -> str:
    """Write a stretch of days, both included: ``1 Jan to 3 Mar 2026``."""
    first = str(format_date(start, "d MMM", locale=locale())) if start.year == end.year else day(start)
    return day(start) if start == end else _("%(first)s to %(last)s", first=first, last=day(end))


def month(of: date) -> str:
    """Write a month: ``March 2026``."""
    return str(format_date(of, "LLLL y", locale=locale()))


def moment(of: datetime, zone: tzinfo) -> str:
    """Write a moment in the reader's zone: ``3 Mar 2026, 02:41``."""
    return str(format_datetime(of.astimezone(zone), "d MMM y, HH:mm", locale=locale()))
