"""The tables behind the charts of a report: headings, and rows in words."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from campaigns.language import _
from campaigns.reporting.background import moments
from campaigns.reporting.figures import NOTHING, money, span
from campaigns.reporting.lines import Line, Summary
from campaigns.reporting.moving import Curve, Floats, range_of
from campaigns.reporting.naming import channel_name
from campaigns.terms import Report

__all__ = ["cost_table", "curve_table", "extra_table", "trend_table"]


def extra_table(channels: Sequence[Line], summary: Summary) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Write what each channel caused beside what the last touch says."""
    headings = (_("Channel"), _("Extra %(things)s", things=summary.things), _("Likely"), _("Last touch says"))
    return headings, tuple((line.name, line.extra, line.extra_range, line.credited) for line in channels)


def cost_table(channels: Sequence[Line], summary: Summary) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Write what each channel spent and won, and what that costs."""
    headings = (
        _("Channel"),
        _("Spend"),
        _("%(newcomers)s caused", newcomers=summary.newcomers.capitalize()),
        _("Likely"),
        _("Cost of each"),
        _("Likely"),
        _("Target"),
        _("Chance it beats that"),
    )
    return headings, tuple(
        (c.name, c.spend, c.fresh, c.fresh_range, c.cost, c.cost_range or NOTHING, c.target, c.chance) for c in channels
    )


def trend_table(reports: Sequence[Report], summary: Summary) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Write the runs of a trend, the newest first."""
    headings = (
        _("Run of"),
        _("Period"),
        _("Extra %(things)s", things=summary.things),
        _("Likely"),
        _("Spend"),
        _("What changed"),
    )
    return headings, tuple(
        (told.on, told.period, told.extra, told.extra_range, told.spend, told.notes or NOTHING)
        for told in moments(reports)
    )


def curve_table(
    curves: Iterable[Curve], summary: Summary, newcomers: bool
) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Write what half, the same, half as much again and twice the spend would win."""
    won = summary.newcomers if newcomers else _("extra %(things)s", things=summary.things)
    headings = (
        _("Channel"),
        _("Spend today"),
        _("%(things)s with half of it", things=won.capitalize()),
        _("As it is"),
        _("Half as much again"),
        _("Twice as much"),
    )
    rows = []
    for curve in curves:
        cells = [channel_name(curve.channel), money(curve.spend, summary.currency)]
        for part in (0.5, 1.0, 1.5, 2.0):
            draws = curve.at(part * curve.spend)
            cells.append(_spanned(draws))
        rows.append(tuple(cells))
    return headings, tuple(rows)


def _spanned(draws: Floats) -> str:
    middle, low, high = span(range_of(draws))
    return _("%(middle)s (%(low)s to %(high)s)", middle=middle, low=low, high=high)
