"""All that the effectiveness report shows, in words and drawings: what the site, the page and the paper share."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, tzinfo
from itertools import groupby

from markupsafe import Markup

from campaigns.language import _, ngettext
from campaigns.reporting.background import (
    Background,
    Comparison,
    Moment,
    comparisons,
    costs_word,
    moments,
    payback_rows,
    trend,
)
from campaigns.reporting.background_charts import channels_chart, curves_chart, trend_chart
from campaigns.reporting.bars import FADES, bar_of_cost, bar_of_extra, far_of_costs
from campaigns.reporting.canvas import NARROW, WIDE, Chart, Frame
from campaigns.reporting.channel_trend import channel_table
from campaigns.reporting.charts import ads_chart, cost_chart, error_chart, extra_chart
from campaigns.reporting.comparison import Comparison as TruthComparison
from campaigns.reporting.comparison import compare, read_truth
from campaigns.reporting.content_tables import cost_table, curve_table, extra_table, trend_table
from campaigns.reporting.costing import Costing, counting
from campaigns.reporting.drawing import inline_svg
from campaigns.reporting.figures import moment, number, percent
from campaigns.reporting.lines import Line, Summary, ad_lines, campaign_lines, channel_lines, summarise
from campaigns.reporting.naming import METHODS, channel_name
from campaigns.terms import Effect, Report

__all__ = [
    "SHOWN_ADS",
    "AdGroup",
    "ChannelRow",
    "Figure",
    "ReportContent",
    "TruthContent",
    "report_charts",
    "report_content",
]

SPOKEN = 12
"""Lines of a chart that its label reads out."""

SHOWN_ADS = 200
"""Ads listed at most, those with the most money first; the export has them all."""

OPENED = 12
"""Campaigns and ads that a channel's row opens to, of each; a page of its own has them all."""


@dataclass(frozen=True)
class Figure:
    """A chart as it stands in a page, drawn for wide and for narrow screens, with the table behind it.

    Parameters
    ----------
    name
        Name in addresses and identifiers.
    title, key
        What it shows, and how to read it.
    headings, rows
        The table behind it, in words; the first column names the row.
    """

    name: str
    title: str
    key: str
    wide: Markup
    narrow: Markup
    headings: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]


@dataclass(frozen=True)
class AdGroup:
    """The ads of one channel."""

    channel: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class ChannelRow:
    """One channel with its bars, and what its row opens to.

    Parameters
    ----------
    extra_bar, cost_bar
        Its likely ranges as small bars; the second is empty where no cost can be shown.
    opens
        What opens, in words; empty where there is nothing below the channel.
    campaigns, ads
        The campaigns and ads with the most money.
    more
        How many of them are left out, in words; empty where none is.
    """

    line: Line
    extra_bar: Markup
    cost_bar: Markup
    opens: str
    campaigns: tuple[Line, ...]
    ads: tuple[Line, ...]
    more: str


@dataclass(frozen=True)
class TruthContent:
    """Every method beside the truth of a simulated market, in words."""

    methods: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    errors: tuple[str, ...]
    covered: str
    figure: Figure


@dataclass(frozen=True)
class ReportContent:
    """All that the report shows, in words and drawings; what ``parts.html`` is rendered from.

    Parameters
    ----------
    costs_count
        Which costs count, as the beginning of a sentence.
    fades
        The soft ends that the bars of the rows refer to.
    trend
        The chart of earlier runs; None at the first run.
    by_channel
        The same for each channel, with a table that holds each against a month ago, a year ago and its budget.
    moments
        The runs of the trend, the newest first.
    comparisons
        The report beside earlier ones and budgets.
    curves
        The chart of response curves; None where no channel has spend.
    payback
        Channel, cost and payback; empty where what a new customer earns is not known.
    changed
        What changed since the run before, each a phrase; empty where there is none.
    reconciliation
        How the shop's count becomes ours, in sentences.
    """

    summary: Summary
    costs_count: str
    fades: Markup
    rows: tuple[ChannelRow, ...]
    ads: tuple[AdGroup, ...]
    ads_left_out: str
    figures: tuple[Figure, ...]
    ads_figure: Figure | None
    trend: Figure | None
    by_channel: Figure | None
    moments: tuple[Moment, ...]
    comparisons: tuple[Comparison, ...]
    curves: Figure | None
    payback: tuple[tuple[str, str, str], ...]
    changed: tuple[str, ...]
    reconciliation: tuple[str, ...]
    finished: str
    truth: TruthContent | None


def report_content(
    report: Report,
    truth: Mapping[str, object] | None = None,
    *,
    target: float | None = None,
    zone: tzinfo = UTC,
    background: Background | None = None,
    costing: Costing = Costing.ALL,
) -> ReportContent:
    """Gather all that the report shows; draws the charts, which takes most of the time (about a second when cold)."""
    background = background or Background()
    report = counting(report, costing)
    names = background.names
    summary, channels = summarise(report, target), channel_lines(report, target, names)
    shown = _shown(report)
    campaigns, ads = campaign_lines(shown, target, names), ad_lines(shown, target, names)
    compared = None if truth is None else compare(report, read_truth(truth))
    listed = _with_most_money(ads, SHOWN_ADS)
    charts = report_charts(report, truth, target=target, background=background)
    narrow = report_charts(report, truth, target=target, background=background, frame=NARROW)
    tables = {
        "extra": (_spoken(channels), *extra_table(channels, summary)),
        "cost": ("", *cost_table(channels, summary)),
        "ads": (_spoken(listed), (), ()),
        "trend": ("", *trend_table(trend(report, background), summary)),
        "channels": ("", *channel_table(report, background, summary)),
        "curves": ("", *curve_table(background.curves, summary, background.wins_newcomers)),
    }

    def figure(name: str) -> Figure:
        spoken, headings, rows = tables.get(name, ("", (), ()))
        return _figure(charts[name], narrow[name], name, spoken, headings, rows)

    return ReportContent(
        summary=summary,
        costs_count=costs_word(costing),
        fades=FADES,
        rows=_rows(report, channels, campaigns, ads),
        ads=tuple(AdGroup(name, tuple(group)) for name, group in groupby(listed, key=lambda line: line.channel)),
        ads_left_out=_left_out(len(report.ads) - len(listed)),
        figures=tuple(figure(name) for name in ("extra", "cost") if name in charts),
        ads_figure=figure("ads") if "ads" in charts else None,
        trend=figure("trend") if "trend" in charts else None,
        by_channel=figure("channels") if "channels" in charts else None,
        moments=moments(trend(report, background)) if "trend" in charts else (),
        comparisons=comparisons(report, background),
        curves=figure("curves") if "curves" in charts else None,
        payback=payback_rows(report, background.worth) if background.worth else (),
        changed=report.changes.reasons if report.changes else (),
        reconciliation=background.reconciliation,
        finished=moment(report.run.finished_at, zone),
        truth=None if compared is None else _truth_content(compared, figure("errors")),
    )


def report_charts(
    report: Report,
    truth: Mapping[str, object] | None = None,
    *,
    target: float | None = None,
    background: Background | None = None,
    frame: Frame = WIDE,
) -> dict[str, Chart]:
    """Build the charts of a report by name.

    ``extra``; ``cost`` if money was spent; ``ads`` if there are any; ``trend`` and ``channels`` after a second run;
    ``curves`` with response curves; ``errors`` with a truth.
    """
    background = background or Background()
    names = background.names
    summary, channels = summarise(report, target), channel_lines(report, target, names)
    ads = ad_lines(_shown(report), target, names)
    known = None if truth is None else read_truth(truth)
    charts: dict[str, Chart] = {
        "extra": extra_chart(channels, summary, frame, truth=None if known is None else known.channels)
    }
    if summary.paid and summary.known_new:
        charts["cost"] = cost_chart(channels, summary, frame)
    if ads:
        charts["ads"] = ads_chart(ads, summary, frame)
    reports = trend(report, background)
    if len(reports) > 1:
        charts["trend"] = trend_chart(reports, summary, frame)
        charts["channels"] = channels_chart(reports, summary, frame)
    if background.curves:
        charts["curves"] = curves_chart(background.curves, summary, background.wins_newcomers, frame)
    if known is not None:
        charts["errors"] = error_chart(compare(report, known), summary, frame)
    return charts


def _shown(report: Report) -> Report:
    """Leave out campaigns and ads that no part of the report shows: there may be very many."""
    keep = {
        *_richest(report.ads, SHOWN_ADS),
        *sorted(range(len(report.ads)), key=lambda place: -report.ads[place].incremental.mean)[:SHOWN_ADS],
    }
    for channel in report.channels:
        keep |= set(_richest(report.ads, OPENED, channel.channel))
    campaigns = {place for channel in report.channels for place in _richest(report.campaigns, OPENED, channel.channel)}
    return replace(
        report,
        ads=tuple(report.ads[place] for place in sorted(keep)),
        campaigns=tuple(report.campaigns[place] for place in sorted(campaigns)),
    )


def _richest(effects: Sequence[Effect], count: int, channel: str | None = None) -> list[int]:
    """Find the places of the effects with the most money, of one channel or of all."""
    places = (place for place, effect in enumerate(effects) if channel is None or effect.channel == channel)
    return sorted(places, key=lambda place: -effects[place].spend)[:count]


def _rows(
    report: Report, channels: Sequence[Line], campaigns: Sequence[Line], ads: Sequence[Line]
) -> tuple[ChannelRow, ...]:
    """Give every channel its bars and what its row opens to."""
    far_extra = max([1.0, *(line.effect.incremental.p95 for line in channels)])
    far_cost = far_of_costs(tuple(channels))
    below: dict[str, tuple[list[Line], list[Line]]] = {}
    for place, lines in enumerate((campaigns, ads)):
        for line in lines:
            below.setdefault(line.effect.channel, ([], []))[place].append(line)
    counted = Counter(effect.channel for effect in report.campaigns)
    counted_ads = Counter(effect.channel for effect in report.ads)
    rows = []
    for line in channels:
        own, parts = below.get(line.effect.channel, ([], []))
        shown, shown_ads = _with_most_money(own, OPENED), _with_most_money(parts, OPENED)
        all_own, all_parts = counted[line.effect.channel], counted_ads[line.effect.channel]
        rows.append(
            ChannelRow(
                line=line,
                extra_bar=bar_of_extra(line, far_extra),
                cost_bar=bar_of_cost(line, far_cost),
                opens=_opens(all_own, all_parts),
                campaigns=tuple(shown),
                ads=tuple(shown_ads),
                more=_more(all_own - len(shown) + all_parts - len(shown_ads)),
            )
        )
    return tuple(rows)


def _opens(campaigns: int, ads: int) -> str:
    """Say what a channel's row opens to."""
    parts = []
    if campaigns:
        parts.append(ngettext("%(count)s campaign", "%(count)s campaigns", campaigns, count=number(campaigns)))
    if ads:
        parts.append(ngettext("%(count)s ad", "%(count)s ads", ads, count=number(ads)))
    return ", ".join(parts)


def _more(count: int) -> str:
    return ngettext("and %(count)s more", "and %(count)s more", count, count=number(count)) if count > 0 else ""


def _left_out(count: int) -> str:
    if count <= 0:
        return ""
    return ngettext(
        "%(count)s ad with less money is left out.",
        "%(count)s ads with less money are left out.",
        count,
        count=number(count),
    )


def _figure(
    wide: Chart, narrow: Chart, name: str, spoken: str, headings: tuple[str, ...], rows: tuple[tuple[str, ...], ...]
) -> Figure:
    """Draw a chart for both kinds of screen; its title and key become text of the page."""
    title, key = str(wide.title.text), " ".join(wide.title.subtitle)
    label = f"{title}. {spoken}" if spoken else title
    return Figure(
        name=name,
        title=title,
        key=key,
        wide=inline_svg(wide, f"{name}-wide", label, "wide", WIDE.total),
        narrow=inline_svg(narrow, f"{name}-narrow", label, "narrow", NARROW.total),
        headings=headings,
        rows=rows,
    )


def _spoken(lines: Sequence[Line]) -> str:
    """Say in words what a chart of extra responses shows, for those who hear it; long ones stop after a dozen."""
    said = "; ".join(f"{line.name}: {line.finding}" for line in lines[:SPOKEN])
    if len(lines) <= SPOKEN:
        return f"{said}."
    return _("%(said)s; and %(count)s more in the table.", said=said, count=number(len(lines) - SPOKEN))


def _with_most_money(lines: Sequence[Line], count: int) -> list[Line]:
    """Keep the lines with the most money, in the order they came."""
    kept = sorted(range(len(lines)), key=lambda place: -lines[place].effect.spend)[:count]
    return [lines[place] for place in sorted(kept)]


def _truth_content(compared: TruthComparison, figure: Figure) -> TruthContent:
    """Write the comparison in words."""
    covered = ""
    if compared.ads:
        covered = _(
            "%(inside)s of %(ads)s ads inside their likely range.",
            inside=number(compared.ads_inside),
            ads=number(compared.ads),
        )
    return TruthContent(
        methods=tuple(map(_, METHODS.values())),
        rows=tuple(
            (channel_name(row.channel), number(row.truth), *(number(row.credited[method]) for method in METHODS))
            for row in compared.rows
        ),
        errors=tuple(percent(compared.errors[method], 2) for method in METHODS),
        covered=covered,
        figure=figure,
    )
