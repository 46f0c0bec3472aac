"""What a report is read beside: earlier runs, response curves, budgets and the shop's own count."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

from campaigns.language import _, ngettext
from campaigns.reconciliation import Reconciled, total
from campaigns.reporting.costing import Costing
from campaigns.reporting.figures import NOTHING, about, day, days, money, number, percent, span
from campaigns.reporting.moving import Curve
from campaigns.reporting.naming import channel_name, goal_of, newcomers, nouns
from campaigns.reporting.sentences import caused, cost_words
from campaigns.retelling import retold
from campaigns.terms import Cost, Range, Report

__all__ = [
    "Background",
    "Budget",
    "Comparison",
    "Moment",
    "Worth",
    "against_before",
    "against_budget",
    "change",
    "comparisons",
    "moments",
    "months_to_pay_back",
    "nearest",
    "trend",
]

NEAR = timedelta(days=10)
"""How far from a month or a year ago a run may lie to stand for it."""


@dataclass(frozen=True)
class Budget:
    """What promotions that ran in the period may spend, in major units.

    Parameters
    ----------
    promotions
        By their name.
    channels
        By the channel, of those promotions that name one channel alone.
    """

    promotions: Mapping[str, float]
    channels: Mapping[str, float] = field(default_factory=dict)

    @property
    def total(self) -> float:
        """All of them together."""
        return sum(self.promotions.values())


@dataclass(frozen=True)
class Worth:
    """What a new customer earns.

    Parameters
    ----------
    margin_by_month
        Margin per new customer in their first, second ... month, in major units.
    customers
        New customers that this rests on.
    """

    margin_by_month: tuple[float, ...]
    customers: int


@dataclass(frozen=True)
class Background:
    """What a report is read beside.

    Parameters
    ----------
    earlier
        Reports published before, oldest first, with their channels alone.
    curves
        How each paid channel's winnings answer its spend.
    wins_newcomers
        Whether the curves count new customers, or else extra responses.
    names
        Names of promotions by their key.
    budget, worth
        None where it is not known.
    periods
        What each source showed and what counts of it, by month, as the run summed it up.
    """

    earlier: tuple[Report, ...] = ()
    curves: tuple[Curve, ...] = ()
    wins_newcomers: bool = True
    names: Mapping[str, str] = field(default_factory=dict)
    budget: Budget | None = None
    worth: Worth | None = None
    periods: tuple[Reconciled, ...] = ()

    @property
    def reconciliation(self) -> tuple[str, ...]:
        """How the shop's count becomes ours, a sentence for each source of responses."""
        return tuple(each.sentence for each in total(self.periods) if each.kind == "responses")


@dataclass(frozen=True)
class Moment:
    """One run of the trend, in words."""

    on: str
    period: str
    extra: str
    extra_range: str
    spend: str
    notes: str


@dataclass(frozen=True)
class Comparison:
    """The report beside an earlier one, line by line in words: what, then, now, difference."""

    title: str
    rows: tuple[tuple[str, str, str, str], ...]


def trend(report: Report, background: Background) -> tuple[Report, ...]:
    """Give the reports of the trend, oldest first, this one last."""
    return (*(earlier for earlier in background.earlier if earlier.run.id != report.run.id), report)


def moments(reports: Sequence[Report]) -> tuple[Moment, ...]:
    """Write the runs of a trend in words, the newest first."""
    return tuple(map(_moment, reversed(reports)))


def _moment(report: Report) -> Moment:
    middle, low, high = span(caused(report))
    notes = list(map(retold, report.changes.reasons)) if report.changes else []
    spend = sum(effect.spend for effect in report.channels)
    return Moment(
        on=day(report.run.finished_at.date()),
        period=days(report.run.window.start, report.run.window.end),
        extra=middle,
        extra_range=_("%(low)s to %(high)s", low=low, high=high),
        spend=money(spend, report.currency) if spend else NOTHING,
        notes="; ".join(notes),
    )


def comparisons(report: Report, background: Background) -> tuple[Comparison, ...]:
    """Hold a report against a month and a year ago, as far as runs of those days are kept."""
    month = against_before(report, background.earlier, timedelta(days=30), _("A month ago"))
    year = against_before(report, background.earlier, timedelta(days=365), _("A year ago"))
    budget = against_budget(report, background.budget)
    return tuple(found for found in (month, year, budget) if found is not None)


def against_before(report: Report, earlier: Iterable[Report], ago: timedelta, title: str) -> Comparison | None:
    """Hold a report against the run whose data ended nearest to so long ago; None where none is near."""
    then = nearest(report, earlier, ago)
    if then is None:
        return None
    goal = goal_of(report.run)
    (newcomer, _many), (_one, things) = newcomers(goal), nouns(goal)
    rows = [
        (
            things,
            number(then.run.responses),
            number(report.run.responses),
            change(then.run.responses, report.run.responses),
        ),
        (_("extra %(things)s caused", things=things), *_ranges(caused(then), caused(report))),
        (_("spend"), *_sums(_spend(then), _spend(report), report.currency)),
    ]
    costs = _cost(then), _cost(report)
    if None not in costs:
        rows.append((_("cost per %(newcomer)s", newcomer=newcomer), *_sums(*costs, report.currency)))  # type: ignore[arg-type]
    window = days(then.run.window.start, then.run.window.end)
    return Comparison(_("%(when)s (%(period)s)", when=title, period=window), tuple(rows))


def nearest(report: Report, earlier: Iterable[Report], ago: timedelta) -> Report | None:
    """Return the run whose data ended nearest to so long ago; None where none is near."""
    wanted = report.run.window.end - ago
    near = [then for then in earlier if abs(then.run.window.end - wanted) <= NEAR]
    return min(near, key=lambda found: (abs(found.run.window.end - wanted), -found.run.id)) if near else None


def against_budget(report: Report, budget: Budget | None) -> Comparison | None:
    """Hold what was spent against the budgets of the promotions that ran; None where none has a budget."""
    if budget is None or not budget.promotions:
        return None
    spent = _spend(report)
    rows = [(_("spend"), *_sums(budget.total, spent, report.currency))]
    title = ngettext(
        "Budget of %(count)s promotion of these days",
        "Budgets of %(count)s promotions of these days",
        len(budget.promotions),
        count=number(len(budget.promotions)),
    )
    return Comparison(title, tuple(rows))


def months_to_pay_back(cost: Cost | None, worth: Worth | None) -> int | None:
    """Give the month in which a new customer has earned what it cost to win them; None where that is not seen."""
    if cost is None or cost.median is None or worth is None:
        return None
    earned = 0.0
    for month, margin in enumerate(worth.margin_by_month, start=1):
        earned += margin
        if earned >= cost.median:
            return month
    return None


def payback_rows(report: Report, worth: Worth) -> tuple[tuple[str, str, str], ...]:
    """Write channel, cost per new customer and payback for every channel with a cost."""
    rows = []
    for effect in report.channels:
        words = cost_words(effect.cac, report.currency)
        if not words:
            continue
        month = months_to_pay_back(effect.cac, worth)
        seen = len(worth.margin_by_month)
        if month is None:
            paid = ngettext("not within %(count)s month", "not within %(count)s months", seen, count=number(seen))
        else:
            paid = ngettext("within %(count)s month", "within %(count)s months", month, count=number(month))
        rows.append((channel_name(effect.channel), words, paid))
    return tuple(rows)


def costs_word(costing: Costing) -> str:
    """Say which costs count, in a sentence."""
    return _("Ad spend alone counts") if costing is Costing.ADS else _("All costs that were imported count")


def _spend(report: Report) -> float:
    return sum(effect.spend for effect in report.channels)


def _cost(report: Report) -> float | None:
    fresh, spend = sum(effect.acquired.mean for effect in report.channels), _spend(report)
    return spend / fresh if spend > 0 and fresh > 0 else None


def _sums(then: float, now: float, currency: str) -> tuple[str, str, str]:
    return (
        money(then, currency, about(then) if then < 1000 else 1.0),
        money(now, currency, about(now) if now < 1000 else 1.0),
        change(then, now),
    )


def _ranges(then: Range, now: Range) -> tuple[str, str, str]:
    cells = []
    for found in (then, now):
        middle, low, high = span(found)
        cells.append(_("%(middle)s (%(low)s to %(high)s)", middle=middle, low=low, high=high))
    overlapping = then.p05 <= now.p95 and now.p05 <= then.p95
    return cells[0], cells[1], _("within what is likely") if overlapping else change(then.mean, now.mean)


def change(then: float, now: float) -> str:
    """Write a change in per cent, with its sign."""
    if then <= 0:
        return NOTHING
    share = now / then - 1.0
    sign = "+" if share > 0.0005 else "−" if share < -0.0005 else "±"
    return f"{sign}{percent(abs(share), 0 if abs(share) >= 0.1 else 1)}"
