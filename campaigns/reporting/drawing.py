"""Charts as SVG and PNG: compiled by vl-convert, then made fit to stand inside a page.

A page under a strict content-security policy allows no inline style, no script and no address of another site, so the
SVG is checked to have none. Its colours become custom properties of the page, so that one drawing follows light, dark
and paper.
"""

from __future__ import annotations

import re
from dataclasses import asdict

import altair as alt
import vl_convert
from markupsafe import Markup, escape

from campaigns.reporting.charts import Chart
from campaigns.reporting.tokens import LIGHT

__all__ = ["inline_svg", "png", "svg"]

_FORBIDDEN = re.compile(r"\sstyle=|<script|<style|<image|<foreignObject|\son\w+=|href=", re.IGNORECASE)

_TOKENS = {colour: name.replace("_", "-") for name, colour in asdict(LIGHT).items()}


def svg(chart: Chart) -> str:
    """Compile a chart to a standing SVG file in the light palette, on its own ground.

    Raises
    ------
    ValueError
        If the chart cannot be compiled.
    """
    drawn = _compile(chart)
    ground = f'<rect width="100%" height="100%" fill="{LIGHT.surface}"/>'
    return re.sub(r"(<svg[^>]*>)", lambda head: head[1] + ground, _split_opacity(drawn), count=1)


def png(chart: Chart, scale: float = 2.0) -> bytes:
    """Compile a chart to a PNG image, ``scale`` pixels for each unit of the chart."""
    return bytes(vl_convert.svg_to_png(svg(chart), scale=scale))


def inline_svg(chart: Chart, name: str, label: str, shape: str = "", width: int = 0) -> Markup:
    """Compile a chart to an SVG element for a page, in the page's own colours and font.

    Parameters
    ----------
    chart
        Chart to draw; its title is left out, the page has its own.
    name
        Begins the identifiers inside, so that several charts can share a page.
    label
        What a screen reader says of it; the table behind the chart says the rest.
    shape
        Class that tells the page's stylesheet for which screens the chart is.
    width
        Least width in the chart's own pixels, so that charts below each other are drawn to one scale.
    """
    untitled = chart.copy(deep=False)
    untitled.title = alt.Undefined
    drawn = _split_opacity(_compile(untitled))
    drawn = re.sub(r'\s(?:role|class|aria-[a-z]+|pointer-events|font-family)="[^"]*"', "", drawn)
    drawn = re.sub(r"-?\d+\.\d{2,}", lambda found: f"{float(found[0]):.1f}", drawn)
    drawn = re.sub(r'\bid="(\w+)"', rf'id="{name}-\1"', drawn)
    drawn = re.sub(r"url\(#(\w+)\)", rf"url(#{name}-\1)", drawn)
    drawn = re.sub(r"#[0-9a-f]{6}\b", lambda found: _as_property(found[0]), drawn)
    size = re.search(r'viewBox="0 0 ([\d.]+) ([\d.]+)"', drawn)
    if _FORBIDDEN.search(drawn) or size is None:
        raise ValueError(f"the chart {name!r} came out as something a page may not hold")
    across = max(float(size[1]), width)
    head = f'<svg class="chart {shape}" role="img" aria-label="{escape(label)}" viewBox="0 0 {across:g} {size[2]}">'
    return Markup(re.sub(r"^<svg[^>]*>", lambda _: head, drawn, count=1))  # noqa: S704 - checked just above


def _compile(chart: Chart) -> str:
    """Run Vega-Lite and Vega; nothing is fetched."""
    return str(vl_convert.vegalite_to_svg(chart.to_dict(), allowed_base_urls=[]))


def _split_opacity(drawn: str) -> str:
    """Write ``stop-color="#rrggbbaa"`` as a colour and an opacity, which every reader of SVG understands."""
    return re.sub(
        r'stop-color="(#[0-9a-f]{6})([0-9a-f]{2})"',
        lambda found: f'stop-color="{found[1]}" stop-opacity="{int(found[2], 16) / 255:.2f}"',
        drawn,
    )


def _as_property(colour: str) -> str:
    """Lead a colour back to its design token."""
    if colour not in _TOKENS:
        raise ValueError(f"{colour} is no design token")
    return f"var(--{_TOKENS[colour]})"
