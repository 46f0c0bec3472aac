"""Numbers as people and platforms write them: which sign parts the decimals, and what else stands around."""

from __future__ import annotations

import re
from collections.abc import Iterable

from campaigns.intake.formats import Type

__all__ = ["decimal_sign", "plain_number"]

_AROUND = re.compile(
    r"^(?P<minus>[-\u2212]?)\s*(?:[A-Z]{3}|[$\u20ac\u00a3\u20ba\u00a5]|TL)?\s*(?P<sign>[-+\u2212]?)"
    r"(?P<digits>\d[\d.,'\u2019\s]*)\s*(?:[A-Z]{3}|[$\u20ac\u00a3\u20ba\u00a5%]|TL)?$"
)
_SPACES = re.compile(r"['\u2019\s]")
_GROUPS = re.compile(r"^\d{1,3}([.,]\d{3})+$")


def decimal_sign(texts: Iterable[str], otherwise: str = ".") -> str:
    """Tell which sign parts the decimals, from numbers of one file.

    A number with both signs tells by the last of them, one with a single sign if not exactly three digits follow it.

    Parameters
    ----------
    otherwise
        What is taken where no number tells, since none has decimals.
    """
    seen = {",": 0, ".": 0}
    for text in texts:
        digits = _SPACES.sub("", text).rstrip("%$\u20ac\u00a3\u20ba")
        signs = [sign for sign in digits if sign in seen]
        if not signs:
            continue
        after = len(digits) - digits.rfind(signs[-1]) - 1
        if len(set(signs)) == 2 or (len(signs) == 1 and after != 3):
            seen[signs[-1]] += 1
    return otherwise if seen[","] == seen["."] else max(seen, key=lambda sign: seen[sign])


def plain_number(text: str, sign: str) -> str:
    """Write a number with a point before the decimals and nothing else; what is no number stays as it is.

    Parameters
    ----------
    sign
        What parts the decimals in this file.
    """
    match = _AROUND.match(text.strip())
    if match is None:
        return text
    digits = _SPACES.sub("", match["digits"])
    minus = "-" if "-" in (match["minus"], match["sign"]) or "\u2212" in (match["minus"], match["sign"]) else ""
    signs = {mark for mark in digits if mark in ",."}
    if len(signs) == 2:
        last = max(signs, key=digits.rfind)
        whole, _, after = digits.rpartition(last)
        return f"{minus}{re.sub('[.,]', '', whole)}.{after}"
    if len(signs) == 1:
        (mark,) = signs
        if digits.count(mark) > 1 or (mark != sign and _GROUPS.match(digits)):
            return minus + digits.replace(mark, "") if _GROUPS.match(digits) else text
        return minus + digits.replace(mark, ".")
    return minus + digits


NUMBERS = (Type.NUMBER, Type.INTEGER, Type.MONEY)
"""Types of columns that hold numbers."""
