"""Design tokens: the one source of colour, type and space for the page, the site and the charts.

Colours are told apart by blue and orange, which every kind of colour blindness keeps apart, and never by colour alone.
Text on its ground reaches a contrast of at least 4.5 to 1 in both palettes; a test computes it.
"""

from __future__ import annotations

import re
from dataclasses import asdict, dataclass

__all__ = ["DARK", "LIGHT", "SCALES", "Palette", "contrast", "custom_properties"]


@dataclass(frozen=True)
class Palette:
    """Colours of one appearance, as ``#rrggbb``; no two are equal, so that a chart's colours can be led back to them.

    Parameters
    ----------
    page, surface, raised
        Grounds: behind everything, behind a card or table, behind a heading row.
    ink, muted
        Text, and text that matters less.
    line, edge
        Hairlines, and edges of what can be pressed.
    link, focus
        Links, and the ring around what has the keyboard.
    gold
        The streak on the stone.
    estimate, other, truth
        In charts: what we find, what last click says, and the truth of a simulated market.
    more, less, test, keep, each with its ``_ground``
        The verdicts.
    """

    page: str
    surface: str
    raised: str
    ink: str
    muted: str
    line: str
    edge: str
    link: str
    focus: str
    gold: str
    estimate: str
    other: str
    truth: str
    more: str
    more_ground: str
    less: str
    less_ground: str
    test: str
    test_ground: str
    keep: str
    keep_ground: str


LIGHT = Palette(
    page="#f6f5f1",
    surface="#ffffff",
    raised="#f0eee8",
    ink="#1b2026",
    muted="#5a626c",
    line="#dfdcd4",
    edge="#8b9098",
    link="#1a559b",
    focus="#0b6bcb",
    gold="#c98f10",
    estimate="#1f62ad",
    other="#b4520b",
    truth="#101418",
    more="#14593c",
    more_ground="#dcefe5",
    less="#8c2f0d",
    less_ground="#fae2d8",
    test="#573092",
    test_ground="#ebe4f7",
    keep="#3c434c",
    keep_ground="#e6e7ea",
)

DARK = Palette(
    page="#14171b",
    surface="#1c2026",
    raised="#252a31",
    ink="#eceae5",
    muted="#a8aeb7",
    line="#363c45",
    edge="#747c87",
    link="#8dbdf5",
    focus="#6cb2ff",
    gold="#e3b341",
    estimate="#78b1f2",
    other="#f2a35c",
    truth="#fbfaf8",
    more="#a5e3c4",
    more_ground="#173b2b",
    less="#ffc0a6",
    less_ground="#4a2315",
    test="#d5c2f8",
    test_ground="#36264f",
    keep="#d3d6db",
    keep_ground="#363c46",
)

SCALES = {
    "font": 'system-ui, -apple-system, "Segoe UI", Roboto, "Helvetica Neue", Arial, "Liberation Sans", sans-serif',
    "text": "1rem",
    "small": "0.875rem",
    "large": "1.375rem",
    "title": "clamp(1.5rem, 1.15rem + 1.6vw, 2.125rem)",
    "space": "1rem",
    "radius": "10px",
    "measure": "68ch",
    "wide": "74rem",
}
"""Type and space, the same in both appearances."""


def custom_properties() -> str:
    """Give the tokens as CSS custom properties: light, dark where the reader prefers it, always light on paper."""
    return (
        f":root {{ color-scheme: light dark; {_declarations(SCALES)} {_declarations(asdict(LIGHT))} }}\n"
        f"@media screen and (prefers-color-scheme: dark) {{ :root {{ {_declarations(asdict(DARK))} }} }}\n"
    )


def contrast(one: str, other: str) -> float:
    """Give the contrast of two colours as WCAG 2 defines it, from 1 to 21."""
    lighter, darker = sorted((_luminance(one), _luminance(other)), reverse=True)
    return (lighter + 0.05) / (darker + 0.05)


def _declarations(values: dict[str, str]) -> str:
    return " ".join(f"--{name.replace('_', '-')}: {value};" for name, value in values.items())


def _luminance(colour: str) -> float:
    """Give the relative luminance of ``#rrggbb``."""
    parts = re.fullmatch(r"#(..)(..)(..)", colour)
    if parts is None:
        raise ValueError(f"{colour!r} is not written as #rrggbb")
    channels = [int(part, 16) / 255 for part in parts.groups()]
    linear = [part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in channels]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
