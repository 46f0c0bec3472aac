"""The charts of the report: what was caused, what a new customer costs, ad by ad, and every method beside the truth.

A range is a bar with soft ends: darkest at the estimate, fading to both ends of the likely range. Each chart is a
Vega-Lite specification built by Altair from the lines of the report; ``drawing.py`` turns it into SVG or PNG.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import altair as alt

from campaigns.reporting.comparison import Comparison
from campaigns.reporting.figures import bounded, percent
from campaigns.reporting.lettering import across, shortened
from campaigns.reporting.lines import Line, Summary
from campaigns.reporting.sentences import METHODS
from campaigns.reporting.tokens import LIGHT, Palette
from campaigns.terms import Cost

Chart = alt.LayerChart | alt.FacetChart

__all__ = ["NARROW", "WIDE", "Chart", "Frame", "ads_chart", "cost_chart", "error_chart", "extra_chart"]

SHOWN_ADS = 40
"""Ads drawn at most; the table behind the chart has them all."""

FAR = 6.0
"""Multiple of the yardstick at which the axis of costs ends."""

MARGIN = 18
"""Pixels of the room for names that stay empty."""

ROOMY = 400
"""Width of a plot, in pixels, from which its words fit on one line."""

FONT = "Liberation Sans"
"""The font in which text is measured; pages show it in their own."""


@dataclass(frozen=True)
class Frame:
    """The room a chart has.

    Parameters
    ----------
    plot, labels, values
        Widths in pixels: of the plot, of the names to its left, and of the figures to its right (0 leaves them out).
    row
        Height of a row in pixels.
    """

    plot: int
    labels: int
    values: int
    row: int = 30

    @property
    def total(self) -> int:
        """Width of the whole chart in pixels, its margins included."""
        return self.plot + self.labels + self.values + 20

    def fitted(self, names: Sequence[str], row: int | None = None) -> Frame:
        """Give the plot what the names do not need; the whole keeps its width."""
        labels = min(self.labels, MARGIN + math.ceil(max(map(across, names), default=0)))
        return replace(self, plot=self.plot + self.labels - labels, labels=labels, row=row or self.row)


WIDE = Frame(plot=540, labels=160, values=150)
NARROW = Frame(plot=222, labels=112, values=0)


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
            "key": _key(place),
            "low": line.effect.incremental.p05,
            "middle": line.effect.incremental.mean,
            "high": line.effect.incremental.p95,
            "last": line.effect.rules.get("last_touch"),
            "said": f"last click {line.credited}",
            "truth": None if truth is None else truth.get(line.effect.channel),
        }
        for place, line in enumerate(lines)
    ]
    widest = max([1.0, *(value for row in rows for name in ("high", "last", "truth") if (value := row[name]))])
    for row in rows:
        row["far"] = row["last"] is not None and row["last"] - row["high"] > 0.3 * widest  # type: ignore[operator]
    x = alt.X(
        "middle:Q", title=_axis(f"Extra {summary.goal.plural} caused", summary.window, frame), axis=_counts(frame)
    )
    rowed = _rowed(lines, frame)
    data = _data(rows)
    base = alt.Chart(data).encode(y=rowed)
    said = base.transform_filter("isValid(datum.last)")
    layers = [
        said.mark_rule(color=LIGHT.other, strokeDash=[2, 3], opacity=0.8).encode(x="middle:Q", x2="last:Q"),
        *_soft(base, x, LIGHT.estimate, frame),
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
    key = "Soft bar: likely range (9 in 10). Line: our estimate. Diamond: what last click says."
    title = _title(
        f"Extra {summary.goal.plural} caused, by channel", key + (" Black: the truth." if truth else ""), frame
    )
    return _themed(alt.layer(*layers), frame, len(rows), title)


def cost_chart(lines: Sequence[Line], summary: Summary, frame: Frame = WIDE) -> Chart:
    """Draw what a new customer costs by channel, with its likely range, against the target or the average."""
    paid = [line for line in lines if line.effect.spend > 0]
    frame = frame.fitted([line.name for line in paid])
    limit = summary.yardstick.value
    costs = [None if line.effect.cac is None else bounded(line.effect.cac) for line in paid]
    far = _far_end(costs, limit)
    beside = limit if limit is not None and limit < 0.5 * far else 0.0
    rows = [
        {"key": _key(place), "text": _cost_words(line), "beside": beside, **_cost_row(cost, far)}
        for place, (line, cost) in enumerate(zip(paid, costs, strict=True))
    ]
    heading = f"{summary.currency} per {summary.newcomer} (all costs)"
    scale = alt.Scale(domain=[0, far], nice=False)
    x = alt.X("middle:Q", title=_axis(heading, summary.window, frame), axis=_counts(frame), scale=scale)
    base = alt.Chart(_data(rows)).encode(y=_rowed(paid, frame))
    known = base.transform_filter("isValid(datum.low)")
    endless = known.transform_filter("datum.endless")
    layers = [
        *_soft(known.transform_filter("!datum.endless"), x, LIGHT.estimate, frame),
        endless.mark_bar(color=_fade(LIGHT.estimate, 0.75, 0.05), height=frame.row * 0.5).encode(
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
    if limit is not None and limit <= far:
        line = alt.Chart(_data([{"limit": limit, "words": summary.yardstick_words}]))
        layers += [
            line.mark_rule(color=LIGHT.ink, strokeDash=[5, 4], strokeWidth=1.5).encode(x=alt.X("limit:Q", scale=scale)),
            line.mark_text(align="left", baseline="bottom", dx=4, dy=-3, color=LIGHT.ink, fontWeight="bold").encode(
                x=alt.X("limit:Q", scale=scale), y=alt.value(0), text="words:N"
            ),
        ]
    key = "Soft bar: likely range (9 in 10). Line: our estimate. Triangle: it goes on to the right."
    title = _title(f"What a {summary.newcomer} costs, by channel", key, frame)
    return _themed(alt.layer(*layers), frame, len(rows), title)


def ads_chart(lines: Sequence[Line], summary: Summary, frame: Frame = WIDE) -> Chart:
    """Draw the extra responses that each ad caused, under the name of its channel; at most ``SHOWN_ADS`` of them."""
    shown = sorted(range(len(lines)), key=lambda place: -lines[place].effect.incremental.mean)[:SHOWN_ADS]
    lines = [lines[place] for place in sorted(shown)]
    frame = frame.fitted([line.name for line in lines], row=22)
    names = {line.effect.channel: line.channel for line in lines}
    channels = list(names)
    rows = [
        {
            "key": _key(place),
            "panel": _key(channels.index(line.effect.channel)),
            "low": line.effect.incremental.p05,
            "middle": line.effect.incremental.mean,
            "high": line.effect.incremental.p95,
            "text": f"{line.extra} ({line.extra_range})",
        }
        for place, line in enumerate(lines)
    ]
    x = alt.X(
        "middle:Q", title=_axis(f"Extra {summary.goal.plural} caused", summary.window, frame), axis=_counts(frame)
    )
    base = alt.Chart().encode(y=_named([line.name for line in lines], frame, panels=True))
    layers = _soft(base, x, LIGHT.estimate, frame)
    if frame.values:
        text = base.mark_text(align="left", dx=12, color=LIGHT.ink)
        layers.append(text.encode(x=alt.value(frame.plot), text="text:N"))
    words = {_key(place): shortened(names[channel], frame.plot) for place, channel in enumerate(channels)}
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
        alt.layer(*layers, data=_data(rows))
        .properties(width=frame.plot, height=alt.Step(frame.row))
        .facet(row=alt.Row("panel:N", header=header), spacing=14)
        .resolve_scale(y="independent")
    )
    key = "Soft bar: likely range (9 in 10). Line: our estimate."
    return _config(panels.properties(title=_title(f"Extra {summary.goal.plural} caused, by ad", key, frame)))


def error_chart(compared: Comparison, summary: Summary, frame: Frame = WIDE) -> Chart:
    """Draw how far each method is off the truth of a simulated market."""
    frame = replace(frame, plot=frame.plot - 20).fitted(list(METHODS.values()))
    rows = [
        {"key": _key(place), "error": compared.errors[method], "text": percent(compared.errors[method], 2)}
        for place, method in enumerate(METHODS)
    ]
    heading = f"Off by, share of all {summary.goal.plural}"
    axis = alt.Axis(format=".0%", tickCount=4, grid=True)
    colour = alt.condition(f"datum.key == '{_key(0)}'", alt.value(LIGHT.estimate), alt.value(LIGHT.other))
    base = alt.Chart(_data(rows)).encode(
        y=_named(list(METHODS.values()), frame), x=alt.X("error:Q", title=heading, axis=axis)
    )
    layers = [
        base.mark_bar(height=frame.row * 0.5).encode(color=colour),
        base.mark_text(align="left", dx=6, color=LIGHT.ink).encode(text="text:N"),
    ]
    title = _title(
        "How far each method is from the truth", f"Mean over the channels, as a {heading.lower()[8:]}", frame
    )
    return _themed(alt.layer(*layers), frame, len(rows), title)


def _key(place: int) -> str:
    """Give a row's key: unique where names are not, and sorting as the rows do."""
    return f"{place:05d}"


def _data(rows: Sequence[Mapping[str, object]]) -> alt.Data:
    """Put rows into a chart as they are."""
    return alt.Data(values=list(rows))  # type: ignore[no-untyped-call]


def _rowed(lines: Sequence[Line], frame: Frame) -> alt.Y:
    """Give the axis that names the lines, in their order."""
    return _named([line.name for line in lines], frame)


def _named(names: Sequence[str], frame: Frame, *, panels: bool = False) -> alt.Y:
    """Give the axis that names rows by their keys, however long or alike their names are.

    Every row has its place even where a layer leaves it out; in ``panels`` each panel has its own rows.
    """
    words = json.dumps({_key(place): shortened(name, frame.labels - MARGIN) for place, name in enumerate(names)})
    axis = alt.Axis(
        labelExpr=f"{words}[datum.value]",
        labelLimit=0,
        minExtent=frame.labels,
        maxExtent=frame.labels,
        labelPadding=8,
        title=None,
        grid=False,
    )
    if panels:
        return alt.Y("key:N", sort=None, axis=axis)
    keys = [_key(place) for place in range(len(names))]
    return alt.Y("key:N", sort=None, axis=axis, scale=alt.Scale(domain=keys))


def _axis(heading: str, window: str, frame: Frame) -> str | list[str]:
    """Give the title of an axis: what is counted, in which unit, over which days."""
    return f"{heading}, {window}" if frame.plot > ROOMY else [heading, window]


def _counts(frame: Frame) -> alt.Axis:
    """Give an axis of plain numbers with as many ticks as there is room for."""
    return alt.Axis(format=",d", tickCount=8 if frame.plot > ROOMY else 4, grid=True)


def _soft(base: alt.Chart, x: alt.X, colour: str, frame: Frame) -> list[alt.Chart]:
    """Draw likely ranges as bars that fade to both ends, and a line at the estimate."""
    height = frame.row * 0.5
    return [
        base.mark_bar(color=_fade(colour, 0.1, 0.85), height=height).encode(x=x, x2="low:Q"),
        base.mark_bar(color=_fade(colour, 0.85, 0.1), height=height).encode(x=x, x2="high:Q"),
        base.mark_tick(thickness=2.5, size=height * 1.35, color=colour, opacity=1).encode(x=x),
    ]


def _fade(colour: str, left: float, right: float) -> alt.Gradient:
    """Give a gradient in one colour from one opacity to another, left to right."""
    stops = [
        alt.GradientStop(offset=offset, color=f"{colour}{round(255 * opacity):02x}")
        for offset, opacity in ((0.0, left), (0.5, 0.45 * (left + right)), (1.0, right))
    ]
    return alt.Gradient(  # type: ignore[no-untyped-call]
        gradient="linear", stops=stops, x1=0, x2=1, y1=0, y2=0
    )


def _far_end(costs: Sequence[Cost | None], limit: float | None) -> float:
    """Find where the axis of costs ends: at the largest cost known, or ``FAR`` yardsticks, whichever comes first."""
    ends = [end for cost in costs if cost is not None for end in (cost.p05, cost.median, cost.p95) if end is not None]
    largest = 1.05 * max(ends, default=limit or 1.0)
    return largest if limit is None else max(1.25 * limit, min(largest, FAR * limit))


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


def _title(text: str, key: str, frame: Frame) -> alt.TitleParams:
    """Give a chart its title, and how to read it."""
    parts = [key] if frame.plot > ROOMY else key.replace(". ", ".\n").split("\n")
    return alt.TitleParams(text, subtitle=parts)


def _themed(layers: Chart, frame: Frame, rows: int, title: alt.TitleParams) -> Chart:
    """Size a chart by its rows and dress it."""
    sized = layers.properties(width=frame.plot, height=max(rows, 1) * frame.row, title=title)
    return _config(sized)


def _config(chart: Chart, palette: Palette = LIGHT) -> Chart:
    """Dress a chart in the design tokens."""
    dressed: Chart = chart.configure(
        background="transparent",
        font=FONT,
        padding={"left": 4, "top": 4, "right": 8, "bottom": 4},
        view=alt.ViewConfig(stroke=None),
        axis=alt.AxisConfig(
            domain=False,
            ticks=False,
            gridColor=palette.line,
            labelColor=palette.ink,
            titleColor=palette.muted,
            labelFontSize=12,
            titleFontSize=12,
            titleFontWeight="normal",
            titlePadding=10,
        ),
        text=alt.MarkConfig(fontSize=12),
        header=alt.HeaderConfig(labelColor=palette.ink, labelFontSize=13),
        title=alt.TitleConfig(
            anchor="start",
            frame="bounds",
            color=palette.ink,
            fontSize=15,
            fontWeight="bold",
            subtitleColor=palette.muted,
            subtitleFontSize=12,
            offset=16,
        ),
    )
    return dressed
