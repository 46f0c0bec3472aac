"""How good earlier forecasts were: of the ranges that were told, how many contained what came."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from scipy import stats

__all__ = ["Forecast", "Scoreboard", "scoreboard"]

LAST = 40
"""Forecasts looked back at."""

_DOUBT = 0.05


@dataclass(frozen=True)
class Forecast:
    """A range that was told before the fact, with what came; None while it is not known yet.

    Parameters
    ----------
    told_on
        Anything that sorts by time: the number of the run, or its date.
    low, high
        Ends of the range.
    came
        What came.
    """

    told_on: int
    low: float
    high: float
    came: float | None = None

    @property
    def contained(self) -> bool:
        """Whether what came lies in the range."""
        return self.came is not None and self.low <= self.came <= self.high


@dataclass(frozen=True)
class Scoreboard:
    """Of so many ranges, so many contained what came.

    Parameters
    ----------
    ranges, contained
        Settled forecasts looked back at, and those of them that were right.
    honest
        False once so few (or, of ranges far too wide, so many) would be right by chance less than one time in twenty.
    """

    ranges: int
    contained: int
    honest: bool


def scoreboard(forecasts: Sequence[Forecast], level: float = 0.9, last: int = LAST) -> Scoreboard:
    """Count the latest settled forecasts and those that contained what came.

    Parameters
    ----------
    level
        Share of the ranges that should contain what comes, in ``(0, 1)``.
    last
        How many forecasts to look back at, the latest told first.

    Returns
    -------
    The counts, judged by a two-sided binomial test at 5 %: forecasts of one run are not independent of each other, so
    that the judgement is rather too strict.
    """
    settled = sorted((one for one in forecasts if one.came is not None), key=lambda one: one.told_on)[-last:]
    contained = sum(one.contained for one in settled)
    honest = not settled or float(stats.binomtest(contained, len(settled), level).pvalue) >= _DOUBT
    return Scoreboard(len(settled), contained, honest)
