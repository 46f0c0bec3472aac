"""What the charts share: the room they have, rows with names, soft bars, and their dress."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import altair as alt

from campaigns.language import ENGLISH, language, locale
from campaigns.reporting.lettering import across, shortened
from campaigns.reporting.lines import Line
from campaigns.reporting.tokens import LIGHT, Palette

Chart = alt.LayerChart | alt.FacetChart

__all__ = [
    "NARROW",
    "WIDE",
    "Chart",
    "Frame",
    "axis_title",
    "counts",
    "data_of",
    "dressed",
    "fade",
    "key_of",
    "named",
    "rowed",
    "soft",
    "themed",
    "titled",
]

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


def key_of(place: int) -> str:
    """Give a row's key: unique where names are not, and sorting as the rows do."""
    return f"{place:05d}"


def data_of(rows: Sequence[Mapping[str, object]]) -> alt.Data:
    """Put rows into a chart as they are."""
    return alt.Data(values=list(rows))  # type: ignore[no-untyped-call]


def rowed(lines: Sequence[Line], frame: Frame) -> alt.Y:
    """Give the axis that names the lines, in their order."""
    return named([line.name for line in lines], frame)


def named(names: Sequence[str], frame: Frame, *, panels: bool = False) -> alt.Y:
    """Give the axis that names rows by their keys, however long or alike their names are.

    Every row has its place even where a layer leaves it out; in ``panels`` each panel has its own rows.
    """
    words = json.dumps({key_of(place): shortened(name, frame.labels - MARGIN) for place, name in enumerate(names)})
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
    keys = [key_of(place) for place in range(len(names))]
    return alt.Y("key:N", sort=None, axis=axis, scale=alt.Scale(domain=keys))


def axis_title(heading: str, window: str, frame: Frame) -> str | list[str]:
    """Give the title of an axis: what is counted, in which unit, over which days."""
    return f"{heading}, {window}" if frame.plot > ROOMY else [heading, window]


def counts(frame: Frame) -> alt.Axis:
    """Give an axis of plain numbers with as many ticks as there is room for."""
    return alt.Axis(format=",d", tickCount=8 if frame.plot > ROOMY else 4, grid=True)


def soft(base: alt.Chart, x: alt.X, colour: str, frame: Frame) -> list[alt.Chart]:
    """Draw likely ranges as bars that fade to both ends, a line at the estimate, and each row's ``tip`` on both."""
    height = frame.row * 0.5
    base = base.encode(tooltip="tip:N")
    return [
        base.mark_bar(color=fade(colour, 0.1, 0.85), height=height).encode(x=x, x2="low:Q"),
        base.mark_bar(color=fade(colour, 0.85, 0.1), height=height).encode(x=x, x2="high:Q"),
        base.mark_tick(thickness=2.5, size=height * 1.35, color=colour, opacity=1).encode(x=x),
    ]


def fade(colour: str, left: float, right: float) -> alt.Gradient:
    """Give a gradient in one colour from one opacity to another, left to right."""
    stops = [
        alt.GradientStop(offset=offset, color=f"{colour}{round(255 * opacity):02x}")
        for offset, opacity in ((0.0, left), (0.5, 0.45 * (left + right)), (1.0, right))
    ]
    return alt.Gradient(  # type: ignore[no-untyped-call]
        gradient="linear", stops=stops, x1=0, x2=1, y1=0, y2=0
    )


def titled(text: str, key: str, frame: Frame) -> alt.TitleParams:
    """Give a chart its title, and how to read it."""
    parts = [key] if frame.plot > ROOMY else key.replace(". ", ".\n").split("\n")
    return alt.TitleParams(text, subtitle=parts)


def themed(layers: Chart, frame: Frame, rows: int, title: alt.TitleParams) -> Chart:
    """Size a chart by its rows and dress it."""
    sized = layers.properties(width=frame.plot, height=max(rows, 1) * frame.row, title=title)
    return dressed(sized)


def dressed(chart: Chart, palette: Palette = LIGHT) -> Chart:
    """Dress a chart in the design tokens."""
    configured: Chart = chart.configure(
        locale=alt.Undefined if language() == ENGLISH else _figures(),
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
    return configured


def _figures() -> alt.Locale:
    """Give the reader's way to write numbers and dates on an axis, as Vega takes it."""
    here = locale()
    signs = here.number_symbols.get("latn", here.number_symbols)
    (months, short_months), (days, short_days) = (
        [
            [names["format"][width][number] for number in sorted(names["format"][width])]
            for width in ("wide", "abbreviated")
        ]
        for names in (here.months, here.days)
    )
    return alt.Locale(
        number=alt.NumberLocale(decimal=signs["decimal"], thousands=signs["group"], grouping=[3], currency=["", ""]),
        time=alt.TimeLocale(
            dateTime="%A, %e %B %Y %X",
            date="%d.%m.%Y",
            time="%H:%M:%S",
            periods=["", ""],
            months=months,
            shortMonths=short_months,
            # Babel's week begins on Monday, Vega's on Sunday
            days=[days[-1], *days[:-1]],
            shortDays=[short_days[-1], *short_days[:-1]],
        ),
    )
