"""The charts of the report: what was caused, what a new customer costs, ad by ad, and every method beside the truth.

A range is a bar with soft ends: darkest at the estimate, fading to both ends of the likely range. Each chart is a
Vega-Lite specification built by Altair from the lines of the report; ``drawing.py`` turns it into SVG or PNG.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace

import altair as alt

from campaigns.language import _
from campaigns.reporting.canvas import (
    WIDE,
    Chart,
    Frame,
    axis_title,
    counts,
    data_of,
    dressed,
    fade,
    key_of,
    named,
    rowed,
    soft,
    themed,
    titled,
)
from campaigns.reporting.comparison import Comparison
from campaigns.reporting.figures import bounded, percent
from campaigns.reporting.lettering import shortened
from campaigns.reporting.lines import Line, Summary
from campaigns.reporting.naming import METHODS
from campaigns.reporting.tokens import LIGHT
from campaigns.terms import Cost

__all__ = ["ads_chart", "cost_chart", "error_chart", "extra_chart"]

SHOWN_ADS = 40
"""Ads drawn at most; the table behind the chart has them all."""

FAR = 6.0
"""Multiple of the yardstick at which the axis of costs ends."""

ROW_WITH_LIMIT = 42
"""Height of a row, in pixels, that also holds the words of its own target."""


def extra_chart(
    lines: Sequence[Line], summary: Summary, frame: Frame = WIDE, *, truth: Mapping[str, float] | None = None
) -> Chart:
    """Draw the extra responses that each channel caused, beside what last click says of it.

    Parameters
    ----------
    lines
        One per channel, in the order in which they are drawn.
    truth
        Responses truly caused by channel, on a simulated market.
    """
    annotated = frame.values > 0
    frame = replace(frame, plot=frame.plot + frame.values, values=0).fitted([line.name for line in lines])
    rows = [
        {
            "key": key_of(place),
            "low": line.effect.incremental.p05,
            "middle": line.effect.incremental.mean,
            "high": line.effect.incremental.p95,
            "last": line.effect.rules.get("last_touch"),
            "said": _("last touch %(count)s", count=line.credited),
            "tip": f"{line.name}: {line.finding}. {line.last_click}".strip(),
            "truth": None if truth is None else truth.get(line.effect.channel),
        }
        for place, line in enumerate(lines)
    ]
    widest = max([1.0, *(value for row in rows for name in ("high", "last", "truth") if (value := row[name]))])
    for row in rows:
        row["far"] = row["last"] is not None and row["last"] - row["high"] > 0.3 * widest  # type: ignore[operator]
    x = alt.X("middle:Q", title=axis_title(_extra(summary), summary.window, frame), axis=counts(frame))
    base = alt.Chart(data_of(rows)).encode(y=rowed(lines, frame))
    said = base.transform_filter("isValid(datum.last)")
    layers = [
        said.mark_rule(color=LIGHT.other, strokeDash=[2, 3], opacity=0.8).encode(x="middle:Q", x2="last:Q"),
        *soft(base, x, LIGHT.estimate, frame),
        said.mark_point(shape="diamond", size=70, filled=False, color=LIGHT.other, strokeWidth=2, opacity=1).encode(
            x="last:Q"
        ),
    ]
    if annotated:
        far = said.transform_filter("datum.far")
        layers.append(far.mark_text(align="right", dx=-10, dy=-8, color=LIGHT.other).encode(x="last:Q", text="said:N"))
    if truth is not None:
        known = base.transform_filter("isValid(datum.truth)")
        layers.append(
            known.mark_tick(thickness=3, size=frame.row * 0.85, color=LIGHT.truth, opacity=1).encode(x="truth:Q")
        )
    key = _("Soft bar: likely range (9 in 10). Line: our estimate. Diamond: what last touch says.")
    if truth:
        key += " " + _("Black: the truth.")
    title = titled(_("Extra %(things)s caused, by channel", things=summary.things), key, frame)
    return themed(alt.layer(*layers), frame, len(rows), title)


def cost_chart(lines: Sequence[Line], summary: Summary, frame: Frame = WIDE) -> Chart:
    """Draw what a new customer costs by channel, with its likely range, against its target or the average."""
    paid = [line for line in lines if line.effect.spend > 0]
    alike = len({line.against for line in paid}) < 2
    bars = frame.fitted([line.name for line in paid])
    frame = bars if alike else replace(bars, row=ROW_WITH_LIMIT)
    costs = [None if line.effect.cac is None else bounded(line.effect.cac) for line in paid]
    far = _far_end(costs, max((line.limit for line in paid if line.limit is not None), default=None))
    rows = [
        {
            "key": key_of(place),
            "text": _cost_words(line),
            "tip": f"{line.name}: {_cost_words(line)}. {line.against}".strip(". "),
            "beside": _beside(line.limit, far),
            **_cost_row(cost, far),
        }
        for place, (line, cost) in enumerate(zip(paid, costs, strict=True))
    ]
    heading = _("%(currency)s per %(newcomer)s", currency=summary.currency, newcomer=summary.newcomer)
    scale = alt.Scale(domain=[0, far], nice=False)
    x = alt.X("middle:Q", title=axis_title(heading, summary.window, frame), axis=counts(frame), scale=scale)
    base = alt.Chart(data_of(rows)).encode(y=rowed(paid, frame))
    known = base.transform_filter("isValid(datum.low)")
    endless = known.transform_filter("datum.endless")
    layers = [
        *soft(known.transform_filter("!datum.endless"), x, LIGHT.estimate, bars),
        endless.mark_bar(color=fade(LIGHT.estimate, 0.75, 0.05), height=bars.row * 0.5).encode(
            x=alt.X("low:Q", scale=scale), x2="high:Q"
        ),
        known.transform_filter("datum.beyond")
        .mark_point(shape="triangle-right", size=45, filled=True, color=LIGHT.estimate, opacity=1)
        .encode(x=alt.X("high:Q", scale=scale)),
        base.transform_filter("!isValid(datum.low)")
        .mark_text(align="left", dx=6, color=LIGHT.muted)
        .encode(x=alt.X("beside:Q", scale=scale), text=alt.value(summary.nothing_to_show)),
    ]
    if frame.values:
        words = base.transform_filter("isValid(datum.low)").mark_text(align="left", dx=12, color=LIGHT.ink)
        layers.append(words.encode(x=alt.value(frame.plot), text="text:N"))
    at = alt.X("limit:Q", scale=scale)
    layers += _one_limit(paid, at) if alike else _limits(paid, at, far, frame)
    key = _("Soft bar: likely range (9 in 10). Line: our estimate. Triangle: it goes on to the right.")
    if not alike:
        key += " " + _("Dashes: its target, or the average.")
    title = titled(_("What a %(newcomer)s costs, by channel", newcomer=summary.newcomer), key, frame)
    return themed(alt.layer(*layers), frame, len(rows), title)


def ads_chart(lines: Sequence[Line], summary: Summary, frame: Frame = WIDE) -> Chart:
    """Draw the extra responses that each ad caused, under the name of its channel; at most ``SHOWN_ADS`` of them."""
    shown = sorted(range(len(lines)), key=lambda place: -lines[place].effect.incremental.mean)[:SHOWN_ADS]
    lines = [lines[place] for place in sorted(shown)]
    frame = frame.fitted([line.name for line in lines], row=22)
    names = {line.effect.channel: line.channel for line in lines}
    channels = list(names)
    rows = [
        {
            "key": key_of(place),
            "panel": key_of(channels.index(line.effect.channel)),
            "low": line.effect.incremental.p05,
            "middle": line.effect.incremental.mean,
            "high": line.effect.incremental.p95,
            "text": f"{line.extra} ({line.extra_range})",
            "tip": f"{line.name}: {line.finding}",
        }
        for place, line in enumerate(lines)
    ]
    x = alt.X("middle:Q", title=axis_title(_extra(summary), summary.window, frame), axis=counts(frame))
    base = alt.Chart().encode(y=named([line.name for line in lines], frame, panels=True))
    layers = soft(base, x, LIGHT.estimate, frame)
    if frame.values:
        text = base.mark_text(align="left", dx=12, color=LIGHT.ink)
        layers.append(text.encode(x=alt.value(frame.plot), text="text:N"))
    words = {key_of(place): shortened(names[channel], frame.plot) for place, channel in enumerate(channels)}
    header = alt.Header(
        title=None,
        labelExpr=f"{json.dumps(words)}[datum.value]",
        labelOrient="top",
        labelAnchor="start",
        labelFontWeight="bold",
        labelPadding=2,
        labelLimit=0,
    )
    panels = (
        alt.layer(*layers, data=data_of(rows))
        .properties(width=frame.plot, height=alt.Step(frame.row))
        .facet(row=alt.Row("panel:N", header=header), spacing=14)
        .resolve_scale(y="independent")
    )
    key = _("Soft bar: likely range (9 in 10). Line: our estimate.")
    title = titled(_("Extra %(things)s caused, by ad", things=summary.things), key, frame)
    return dressed(panels.properties(title=title))


def error_chart(compared: Comparison, summary: Summary, frame: Frame = WIDE) -> Chart:
    """Draw how far each method is off the truth of a simulated market."""
    methods = [_(words) for words in METHODS.values()]
    frame = replace(frame, plot=frame.plot - 20).fitted(methods)
    rows = [
        {"key": key_of(place), "error": compared.errors[method], "text": percent(compared.errors[method], 2)}
        for place, method in enumerate(METHODS)
    ]
    heading = _("Off by, share of all %(things)s", things=summary.things)
    axis = alt.Axis(format=".0%", tickCount=4, grid=True)
    colour = alt.condition(f"datum.key == '{key_of(0)}'", alt.value(LIGHT.estimate), alt.value(LIGHT.other))
    base = alt.Chart(data_of(rows)).encode(y=named(methods, frame), x=alt.X("error:Q", title=heading, axis=axis))
    layers = [
        base.mark_bar(height=frame.row * 0.5).encode(color=colour),
        base.mark_text(align="left", dx=6, color=LIGHT.ink).encode(text="text:N"),
    ]
    key = _("Mean over the channels, as a share of all %(things)s", things=summary.things)
    title = titled(_("How far each method is from the truth"), key, frame)
    return themed(alt.layer(*layers), frame, len(rows), title)


def _extra(summary: Summary) -> str:
    """Give the heading of an axis of what was caused."""
    return _("Extra %(things)s caused", things=summary.things)


def _one_limit(lines: Sequence[Line], at: alt.X) -> list[alt.Chart]:
    """Draw what all costs are held against: one line through all rows, with its words above them."""
    first = [line for line in lines[:1] if line.limit is not None]
    base = alt.Chart(data_of([{"limit": line.limit, "words": line.against} for line in first]))
    words = base.mark_text(align="left", baseline="bottom", dx=4, dy=-3, color=LIGHT.ink, fontWeight="bold")
    return [
        base.mark_rule(color=LIGHT.ink, strokeDash=[5, 4], strokeWidth=1.5).encode(x=at),
        words.encode(x=at, y=alt.value(0), text="words:N"),
    ]


def _limits(lines: Sequence[Line], at: alt.X, far: float, frame: Frame) -> list[alt.Chart]:
    """Draw what each cost is held against: a line in its row, with words where it is another than in the row above."""
    above = ["", *(line.against for line in lines)]
    rows = [
        {"key": key_of(place), "limit": line.limit, "words": "" if line.against == above[place] else line.against}
        for place, line in enumerate(lines)
        if line.limit is not None
    ]
    top, bottom = rowed(lines, frame), alt.Y2("key:N", bandPosition=1)
    top["bandPosition"] = 0
    base = alt.Chart(data_of(rows)).encode(x=at, y=top)
    dash = 0.9 * frame.row / 7  # a row without its gap, so that its line begins and ends with a dash
    layers = [base.mark_rule(color=LIGHT.ink, strokeDash=[dash, dash], strokeWidth=1.5).encode(y2=bottom)]
    small = base.encode(text="words:N", size=alt.value(10))
    right, left = (small.transform_filter(f"datum.limit {side} {far / 2}") for side in ("<=", ">"))
    layers.append(right.mark_text(align="left", baseline="top", dx=4, dy=-2, color=LIGHT.ink, fontWeight="bold"))
    layers.append(left.mark_text(align="right", baseline="top", dx=-4, dy=-2, color=LIGHT.ink, fontWeight="bold"))
    return layers


def _beside(limit: float | None, far: float) -> float:
    """Find where words stand in a row without a bar: right of the limit if there is room, else at the left."""
    return limit if limit is not None and limit < 0.5 * far else 0.0


def _far_end(costs: Sequence[Cost | None], limit: float | None) -> float:
    """Find where the axis of costs ends: at the largest cost known, or ``FAR`` yardsticks, whichever comes first."""
    ends = [end for cost in costs if cost is not None for end in (cost.p05, cost.median, cost.p95) if end is not None]
    largest = 1.05 * max(ends, default=limit or 1.0)
    return largest if not limit else max(1.25 * limit, min(largest, FAR * limit))


def _cost_row(cost: Cost | None, far: float) -> dict[str, object]:
    """Give a bar for a cost, cut where the axis ends; it has no low end where nothing can be shown.

    ``endless`` has no upper end, or not even its middle on the axis; ``beyond`` goes on where the axis ends.
    """
    if cost is None or cost.median is None or cost.p05 is None:
        return {"low": None, "middle": None, "high": None, "endless": False, "beyond": False}
    beyond = cost.p95 is None or cost.p95 > far
    return {
        "low": min(cost.p05, 0.97 * far),
        "middle": min(cost.median, far),
        "high": far if cost.p95 is None or beyond else cost.p95,
        "endless": cost.p95 is None or cost.median > far,
        "beyond": beyond,
    }


def _cost_words(line: Line) -> str:
    """Write a cost with its range beside its bar."""
    return f"{line.cost} ({line.cost_range})" if line.cost_range else line.cost
