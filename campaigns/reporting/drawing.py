"""Charts as SVG and PNG: compiled by vl-convert, then made fit to stand inside a page.

A page under a strict content-security policy allows no inline style, no script and no address of another site, so the
SVG is checked to have none. Its colours become custom properties of the page, so that one drawing follows light, dark
and paper.
"""

from __future__ import annotations

import re
from dataclasses import asdict
from functools import lru_cache
from typing import Any
from xml.etree import ElementTree

import altair as alt
import vl_convert
from markupsafe import Markup

from campaigns.reporting.canvas import Chart
from campaigns.reporting.tokens import LIGHT

__all__ = ["COLOURS", "inline_svg", "png", "svg", "vega"]

_ELEMENTS = {"svg", "g", "path", "line", "text", "tspan", "rect", "defs", "linearGradient", "stop", "clipPath", "title"}

_DROPPED = {"class", "role", "pointer-events", "font-family", "version"}
"""Attributes that a drawing inside a page does not need: the page brings its own font, and the whole is one image."""

_UNWRITABLE = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""Characters that XML cannot hold, should one stand in a name."""

KEPT = 64
"""Drawings that are remembered: the page, its files and the report as one file show the same ones."""

COLOURS = {colour: name.replace("_", "-") for name, colour in asdict(LIGHT).items()}
"""The token of every colour that a drawing may have."""


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


def vega(chart: Chart) -> dict[str, Any]:
    """Compile a chart to Vega, as a page's own script draws it: without its title, on the page's ground.

    Raises
    ------
    ValueError
        If the chart cannot be compiled.
    """
    compiled: dict[str, Any] = vl_convert.vegalite_to_vega(_specification(_untitled(chart)))
    return compiled


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
    root = ElementTree.fromstring(_split_opacity(_compile(_untitled(chart))))  # noqa: S314 - we have just drawn it ourselves
    for element in root.iter():
        _fit(element, name)
    across, down = root.attrib["viewBox"].split()[2:]
    root.attrib.clear()
    root.attrib |= {
        "class": f"chart {shape}".strip(),
        "role": "img",
        "aria-label": label,
        "viewBox": f"0 0 {max(float(across), width):g} {down}",
    }
    return Markup(ElementTree.tostring(root, encoding="unicode"))  # noqa: S704 - nothing but the elements of _ELEMENTS


def _fit(element: ElementTree.Element, name: str) -> None:
    """Fit one element for a page, in place: no style, script or address, identifiers of its own, colours by token."""
    element.tag = element.tag.removeprefix("{http://www.w3.org/2000/svg}")
    if element.tag not in _ELEMENTS:
        raise ValueError(f"the chart {name!r} holds <{element.tag}>, which a page may not")
    for attribute, value in list(element.attrib.items()):
        if attribute in _DROPPED or attribute.startswith("aria-"):
            del element.attrib[attribute]
        elif attribute in {"style", "href"} or ":" in attribute or attribute.startswith(("on", "{")):
            raise ValueError(f"the chart {name!r} holds the attribute {attribute}, which a page may not")
        elif attribute == "id":
            element.attrib[attribute] = f"{name}-{value}"
        elif value.startswith("url(#"):
            element.attrib[attribute] = value.replace("url(#", f"url(#{name}-", 1)
        elif value.startswith("#"):
            element.attrib[attribute] = _as_property(value)
        else:
            element.attrib[attribute] = re.sub(r"-?\d+\.\d{2,}", lambda found: f"{float(found[0]):.1f}", value)


def _untitled(chart: Chart) -> Chart:
    """Leave the title out: the page has its own."""
    untitled = chart.copy(deep=False)
    untitled.title = alt.Undefined
    return untitled


def _specification(chart: Chart) -> str:
    """Write a chart as Vega-Lite; each part was checked when the chart was built."""
    return str(chart.to_json(validate=False, indent=None))


def _compile(chart: Chart) -> str:
    """Run Vega-Lite and Vega, or remember what they drew."""
    return _compiled(_specification(chart))


@lru_cache(maxsize=KEPT)
def _compiled(specification: str) -> str:
    """Run Vega-Lite and Vega, which takes some tenths of a second; nothing is fetched."""
    return _UNWRITABLE.sub("", vl_convert.vegalite_to_svg(specification, allowed_base_urls=[]))


def _split_opacity(drawn: str) -> str:
    """Write ``stop-color="#rrggbbaa"`` as a colour and an opacity, which every reader of SVG understands."""
    return re.sub(
        r'stop-color="(#[0-9a-f]{6})([0-9a-f]{2})"',
        lambda found: f'stop-color="{found[1]}" stop-opacity="{int(found[2], 16) / 255:.2f}"',
        drawn,
    )


def _as_property(colour: str) -> str:
    """Lead a colour back to its design token."""
    if colour not in COLOURS:
        raise ValueError(f"{colour} is no design token")
    return f"var(--{COLOURS[colour]})"
