"""What runs expected of the days after them, held against what came."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum

from campaigns.terms.figures import Range

__all__ = ["Forecast", "ForecastOutcome", "TrackRecord"]


class ForecastOutcome(StrEnum):
    """What became of a forecast."""

    HELD = "held"
    MISSED = "missed"
    NOT_COMPARABLE = "not_comparable"
    """Contacts were other than the forecast took for granted, by so much that it says nothing of them."""


@dataclass(frozen=True)
class Forecast:
    """Responses that a run expected of the days after its data, were people contacted as in the weeks before.

    Parameters
    ----------
    run
        Number of the run that told it; 0 before it is stored.
    channel
        Channel that is to cause them, or None for all responses together, whatever brings them.
    starts_on, ends_on
        First and last of the days meant.
    expected
        Mean and 90 % interval of the number.
    came
        The number that came (of a channel: that a later run credits it with), or None while it is not known.
    outcome
        What became of it, or None while that is not known.
    """

    run: int
    channel: str | None
    starts_on: date
    ends_on: date
    expected: Range
    came: float | None = None
    outcome: ForecastOutcome | None = None


@dataclass(frozen=True)
class TrackRecord:
    """Of so many forecasts of all responses, so many came true within their range.

    Parameters
    ----------
    forecasts, held
        Forecasts looked back at, no two of which share a day, and those of them that came true.
    since
        First day of the earliest of them.
    honest
        False where so few of them (or, of ranges far too wide, so many) would come true by chance less than one time in
        twenty.
    """

    forecasts: int
    held: int
    since: date
    honest: bool
