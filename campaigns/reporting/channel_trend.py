"""The trend of each channel: run by run, and beside a month ago, a year ago and its budget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from campaigns.language import _
from campaigns.reporting.background import Background, change, nearest
from campaigns.reporting.figures import NOTHING, day, days, money, span
from campaigns.reporting.lines import Summary
from campaigns.reporting.naming import channel_name
from campaigns.retelling import retold
from campaigns.terms import Effect, Range, Report

__all__ = ["ChannelMoment", "channel_moments", "channel_table", "effect_in"]

AGO = (timedelta(days=30), timedelta(days=365))


@dataclass(frozen=True)
class ChannelMoment:
    """One run as it found a channel, in words; ``notes`` say what changed since the run before."""

    on: str
    period: str
    extra: str
    extra_range: str
    spend: str
    notes: tuple[str, ...]


def effect_in(report: Report, channel: str) -> Effect | None:
    """Return what a report says of a channel; None where it does not know it."""
    return next((effect for effect in report.channels if effect.channel == channel), None)


def channel_moments(reports: Sequence[Report], channel: str) -> tuple[ChannelMoment, ...]:
    """Write what each run of a trend found of a channel, the newest first, without runs that did not know it."""
    found = []
    for report in reversed(reports):
        effect = effect_in(report, channel)
        if effect is None:
            continue
        middle, low, high = span(effect.incremental)
        found.append(
            ChannelMoment(
                on=day(report.run.finished_at.date()),
                period=days(report.run.window.start, report.run.window.end),
                extra=middle,
                extra_range=_("%(low)s to %(high)s", low=low, high=high),
                spend=money(effect.spend, report.currency) if effect.spend else NOTHING,
                notes=tuple(map(retold, report.changes.reasons)) if report.changes else (),
            )
        )
    return tuple(found)


def channel_table(
    report: Report, background: Background, summary: Summary
) -> tuple[tuple[str, ...], tuple[tuple[str, ...], ...]]:
    """Hold each channel against a month and a year ago, and its spend against its budget: headings, and rows in words.

    What there is no run, or no budget, for is a dash. A budget is a channel's where a promotion of these days names
    that channel alone.
    """
    then = [nearest(report, background.earlier, ago) for ago in AGO]
    budgets = background.budget.channels if background.budget else {}
    headings = (
        _("Channel"),
        _("Extra %(things)s", things=summary.things),
        _("A month ago"),
        _("Difference"),
        _("A year ago"),
        _("Difference"),
        _("Spend"),
        _("Budget"),
    )
    rows = []
    for effect in report.channels:
        cells = [channel_name(effect.channel), _ranged(effect.incremental)]
        for before in then:
            old = None if before is None else effect_in(before, effect.channel)
            cells += [NOTHING, NOTHING] if old is None else [_ranged(old.incremental), _differs(old, effect)]
        spend = money(effect.spend, report.currency) if effect.spend else NOTHING
        budget = budgets.get(effect.channel)
        cells += [spend, NOTHING if budget is None else money(budget, report.currency)]
        rows.append(tuple(cells))
    return headings, tuple(rows)


def _differs(then: Effect, now: Effect) -> str:
    one, other = then.incremental, now.incremental
    if one.p05 <= other.p95 and other.p05 <= one.p95:
        return _("within what is likely")
    return change(one.mean, other.mean)


def _ranged(found: Range) -> str:
    middle, low, high = span(found)
    return _("%(middle)s (%(low)s to %(high)s)", middle=middle, low=low, high=high)
