"""How wide a name is when drawn, and what of it fits: names come in any script and length."""

from __future__ import annotations

import unicodedata

__all__ = ["across", "shortened"]

NARROW = frozenset("fijlrtI.,:;'|!()[]{}·- ")
BROAD = frozenset("mwMW@%&—…")

JOINERS = "\N{ZERO WIDTH JOINER}\N{VARIATION SELECTOR-16}"


def across(text: str) -> float:
    """Estimate the width of a text in pixels at 12 pixels of a plain sans-serif, a little generously."""
    return sum(map(_width, text))


def shortened(text: str, room: float) -> str:
    """Cut a text with an ellipsis to the room it has, in pixels, never inside a character; what fits stays whole."""
    if across(text) <= room:
        return text
    left, kept = room - _width("…"), ""
    for character in text:
        left -= _width(character)
        if left < 0:
            break
        kept += character
    return kept.rstrip(" " + JOINERS) + "…"


def _width(character: str) -> float:
    if unicodedata.combining(character) or character in JOINERS:
        return 0.0
    if unicodedata.east_asian_width(character) in "WF":
        return 14.0
    if character in NARROW:
        return 4.2
    if character in BROAD or character.isupper():
        return 9.4
    return 6.9
