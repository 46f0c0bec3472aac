"""The charts of what a report is read beside: the trend over runs, and the response curves."""

from __future__ import annotations

import json
from collections.abc import Sequence

import altair as alt

from campaigns.language import _
from campaigns.reporting.canvas import ROOMY, WIDE, Chart, Frame, axis_title, data_of, dressed, key_of, titled
from campaigns.reporting.figures import day, money, span
from campaigns.reporting.lettering import shortened
from campaigns.reporting.lines import Summary
from campaigns.reporting.moving import Curve, points_of
from campaigns.reporting.naming import channel_name
from campaigns.reporting.sentences import caused
from campaigns.reporting.tokens import LIGHT
from campaigns.terms import Effect, Report

__all__ = ["DRAWN_CURVES", "channels_chart", "curves_chart", "trend_chart"]

HEIGHT = 190

PANEL = 150

DRAWN_CURVES = 9
"""Channels whose curves are drawn, those with the most money."""


def trend_chart(reports: Sequence[Report], summary: Summary, frame: Frame = WIDE) -> Chart:
    """Draw what each run found to be caused, with its likely range, over the days on which their data ended.

    Parameters
    ----------
    reports
        Oldest first, at least two.
    """
    rows = []
    for report in reports:
        found = caused(report)
        middle, low, high = span(found)
        rows.append(
            {
                "on": report.run.window.end.isoformat(),
                "low": found.p05,
                "middle": found.mean,
                "high": found.p95,
                "tip": f"{day(report.run.window.end)}: {middle} ({low} – {high})",
            }
        )
    plot = frame.plot + frame.labels + frame.values - 60
    axis = alt.Axis(format="%-d %b %y", labelOverlap=True, grid=False, tickCount=8 if plot > ROOMY else 3)
    x = alt.X("on:T", title=_("Last day of the data"), axis=axis)
    heading = _("Extra %(things)s caused", things=summary.things)
    y = alt.Y("low:Q", title=heading, axis=alt.Axis(format=",d", tickCount=5, grid=True), scale=alt.Scale(zero=True))
    base = alt.Chart(data_of(rows)).encode(x=x)
    layers = [
        base.mark_area(color=LIGHT.estimate, opacity=0.2).encode(y=y, y2="high:Q"),
        base.mark_rule(color=LIGHT.estimate, opacity=0.35, strokeWidth=5).encode(y=y, y2="high:Q", tooltip="tip:N"),
        base.mark_line(color=LIGHT.estimate, strokeWidth=2).encode(y=alt.Y("middle:Q", title=heading)),
        base.mark_point(color=LIGHT.estimate, filled=True, size=45, opacity=1).encode(
            y=alt.Y("middle:Q", title=heading), tooltip="tip:N"
        ),
    ]
    key = _("Line: our estimate in each run. Band: likely range (9 in 10).")
    title = titled(_("Extra %(things)s caused, run by run", things=summary.things), key, frame)
    return dressed(alt.layer(*layers).properties(width=plot, height=HEIGHT, title=title))


def channels_chart(reports: Sequence[Report], summary: Summary, frame: Frame = WIDE) -> Chart:
    """Draw what each run found each channel to cause, with its likely range: a panel for each channel.

    Parameters
    ----------
    reports
        Oldest first, at least two; the channels with the most effect in the last are drawn.
    """
    last = sorted(reports[-1].channels, key=lambda effect: -effect.incremental.mean)[:DRAWN_CURVES]
    panels = {effect.channel: key_of(place) for place, effect in enumerate(last)}
    rows = [
        {
            "panel": panels[effect.channel],
            "on": report.run.window.end.isoformat(),
            "low": effect.incremental.p05,
            "middle": effect.incremental.mean,
            "high": effect.incremental.p95,
            "tip": _moment_tip(report, effect),
        }
        for report in reports
        for effect in report.channels
        if effect.channel in panels
    ]
    columns = 3 if frame.plot > ROOMY else 1
    width = (frame.plot + frame.labels + frame.values - 70 * columns) // columns
    axis = alt.Axis(format="%b %y", labelOverlap=True, grid=False, tickCount=3)
    base = alt.Chart().encode(x=alt.X("on:T", title=_("Last day of the data"), axis=axis))
    heading = _("Extra %(things)s", things=summary.things)
    y = alt.Y("low:Q", title=heading, axis=alt.Axis(format=",d", tickCount=4, grid=True), scale=alt.Scale(zero=True))
    layers = [
        base.mark_area(color=LIGHT.estimate, opacity=0.2).encode(y=y, y2="high:Q"),
        base.mark_line(color=LIGHT.estimate, strokeWidth=2).encode(y=alt.Y("middle:Q"), tooltip="tip:N"),
        base.mark_point(color=LIGHT.estimate, filled=True, size=18, opacity=1).encode(y="middle:Q", tooltip="tip:N"),
    ]
    names = {panel: shortened(channel_name(channel), width) for channel, panel in panels.items()}
    header = alt.Header(
        title=None,
        labelExpr=f"{json.dumps(names)}[datum.value]",
        labelAnchor="start",
        labelFontWeight="bold",
        labelPadding=4,
        labelLimit=0,
    )
    drawn = (
        alt.layer(*layers, data=data_of(rows))
        .properties(width=width, height=PANEL)
        .facet(facet=alt.Facet("panel:N", header=header), columns=columns, spacing=26)
        .resolve_scale(x="shared", y="independent")
    )
    key = _("Line: our estimate in each run. Band: likely range (9 in 10).")
    title = titled(_("Extra %(things)s caused by each channel, run by run", things=summary.things), key, frame)
    return dressed(drawn.properties(title=title))


def _moment_tip(report: Report, effect: Effect) -> str:
    middle, low, high = span(effect.incremental)
    return f"{channel_name(effect.channel)}, {day(report.run.window.end)}: {middle} ({low} – {high})"


def curves_chart(curves: Sequence[Curve], summary: Summary, newcomers: bool, frame: Frame = WIDE) -> Chart:
    """Draw what each channel would win at other spends, with its likely range, and where its spend stands today.

    Parameters
    ----------
    curves
        At least one; those with the most money are drawn.
    newcomers
        Whether they count new customers, or else extra responses.
    """
    shown = sorted(curves, key=lambda curve: -curve.spend)[:DRAWN_CURVES]
    rows = [
        {
            "panel": key_of(place),
            "spend": point.spend,
            "low": point.won.p05,
            "middle": point.won.mean,
            "high": point.won.p95,
            "today": curve.spend if number == 12 else None,
            "tip": _tip(curve, point.spend, *span(point.won), summary),
        }
        for place, curve in enumerate(shown)
        for number, point in enumerate(points_of(curve))
    ]
    columns = 3 if frame.plot > ROOMY else 1
    width = (frame.plot + frame.labels + frame.values - 70 * columns) // columns
    heading = _("Spend, %(currency)s", currency=summary.currency)
    x = alt.X("spend:Q", title=axis_title(heading, summary.window, frame), axis=_money_axis())
    won = summary.newcomers if newcomers else _("extra %(things)s", things=summary.things)
    y = alt.Y("low:Q", title=won.capitalize(), axis=alt.Axis(format=",d", tickCount=4, grid=True))
    base = alt.Chart().encode(x=x)
    today = base.transform_filter("isValid(datum.today)")
    layers = [
        base.mark_area(color=LIGHT.estimate, opacity=0.2).encode(y=y, y2="high:Q"),
        base.mark_line(color=LIGHT.estimate, strokeWidth=2).encode(y=alt.Y("middle:Q"), tooltip="tip:N"),
        today.mark_rule(color=LIGHT.ink, strokeDash=[4, 3]).encode(x="spend:Q"),
        today.mark_point(color=LIGHT.ink, filled=True, size=60, opacity=1).encode(y="middle:Q", tooltip="tip:N"),
    ]
    names = {key_of(place): shortened(channel_name(curve.channel), width) for place, curve in enumerate(shown)}
    header = alt.Header(
        title=None,
        labelExpr=f"{json.dumps(names)}[datum.value]",
        labelAnchor="start",
        labelFontWeight="bold",
        labelPadding=4,
        labelLimit=0,
    )
    panels = (
        alt.layer(*layers, data=data_of(rows))
        .properties(width=width, height=PANEL)
        .facet(facet=alt.Facet("panel:N", header=header), columns=columns, spacing=26)
        .resolve_scale(x="independent", y="independent")
    )
    key = _("Line: our estimate. Band: likely range (9 in 10). Dot: where spend stands today.")
    title = titled(_("What more or less money would win, by channel"), key, frame)
    return dressed(panels.properties(title=title))


def _tip(curve: Curve, spend: float, middle: str, low: str, high: str, summary: Summary) -> str:
    return f"{channel_name(curve.channel)}, {money(spend, summary.currency)}: {middle} ({low} – {high})"


def _money_axis() -> alt.Axis:
    return alt.Axis(format=",d", tickCount=3, grid=True)
