"""What a mapping knows of a file before it is read: which names its header may hold, and how its text is written."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import TypeVar

__all__ = ["Expectation", "best_header"]

LOOKED_AT = 60
"""Lines among which the header is looked for."""

ENOUGH = 2
"""Names that a line must hold to be a header below other lines."""

Line = TypeVar("Line")


@dataclass(frozen=True)
class Expectation:
    """What to look for in a file.

    Parameters
    ----------
    known
        Whether a column name is one that the mapping reads; by it the header is found below other lines.
    encoding, delimiter, sheet
        As ``Shape`` of a mapping has them; empty where they are to be found out.
    narrow
        Whether only known columns are kept in memory, as of big files.
    """

    known: Callable[[str], bool]
    encoding: str = ""
    delimiter: str = ""
    sheet: str = ""
    narrow: bool = False

    def score(self, names: Iterable[str]) -> int:
        """Return how many of the names are known."""
        return sum(map(self.known, {name.strip() for name in names if name.strip()}))


def best_header(lines: Sequence[tuple[Line, Sequence[str]]], expected: Expectation | None) -> tuple[Line, int]:
    """Return the line that is the header, and how many known names it holds: the first line unless another has more.

    Parameters
    ----------
    lines
        Lines that are not blank, each with the names that it would give; at least one.
    """
    if expected is None:
        return lines[0][0], 0
    scores = [expected.score(names) for _, names in lines[:LOOKED_AT]]
    best = max(scores)
    return (lines[scores.index(best)][0], best) if best >= ENOUGH else (lines[0][0], scores[0])
