"""What a fit looks at: plain frames of touches, responses, persons and the rest, checked before anything expensive."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import narwhals as nw

from campaigns.faults import Fault, RefusedError
from campaigns.terms import GOALS, Goal

__all__ = ["FitOptions", "Observations"]

_COLUMNS = {
    "touches": ("person", "occurred_at", "channel", "kind", "campaign", "ad", "promotion", "cost"),
    "responses": ("person", "occurred_at", "kind"),
    "persons": ("person", "segment", "region", "created_at", "first_order_at"),
    "spend": (
        "date",
        "channel",
        "campaign",
        "ad",
        "region",
        "cost",
        "impressions",
        "clicks",
        "units",
        "claimed_conversions",
    ),
    "channels": ("channel", "targeted", "carry_over_days"),
    "events": ("name", "starts_on", "ends_on", "region"),
    "promotions": ("promotion", "target_cac"),
}


@dataclass(frozen=True)
class Observations:
    """Frames that a fit reads: pandas, Arrow, Polars or DuckDB relations alike.

    Parameters
    ----------
    touches
        ``person, occurred_at, channel, kind, campaign, ad, promotion, cost``: a row per contact, steps and ghosts
        included; ``cost`` in minor units.
    responses
        ``person, occurred_at, kind``: a row per response; ``person`` may be null.
    persons
        ``person, segment, region, created_at, first_order_at``: a row per known person.
    spend
        ``date, channel, campaign, ad, region, cost, impressions, clicks, units, claimed_conversions``; ``cost`` in
        minor units.
    channels
        ``channel, targeted, carry_over_days``.
    events
        ``name, starts_on, ends_on, region``: what moves everybody's responses and is no ad.
    promotions
        ``promotion, target_cac``: the most a new customer may cost, in minor units.
    """

    touches: Any
    responses: Any
    persons: Any
    spend: Any
    channels: Any
    events: Any
    promotions: Any

    def __post_init__(self) -> None:
        faults = [
            Fault(0, f"{name}.{column}", "no such column", "the column " + column)
            for name, wanted in _COLUMNS.items()
            for column in sorted(set(wanted) - set(nw.from_native(getattr(self, name)).collect_schema().names()))
        ]
        if faults:
            raise RefusedError("The observations cannot be used:", faults, "Add the columns; values may be null.")

    def lazy(self, name: str) -> nw.LazyFrame[Any]:
        """Return one of the frames, lazily, with the contract's columns only; eager frames run on DuckDB."""
        frame = nw.from_native(getattr(self, name))
        if isinstance(frame, nw.DataFrame):
            frame = frame.select(*_COLUMNS[name]).lazy("duckdb")
        wanted: nw.LazyFrame[Any] = frame.select(*_COLUMNS[name])
        return wanted


@dataclass(frozen=True)
class FitOptions:
    """What a fit decides before it looks at the data.

    Parameters
    ----------
    goal
        What counts as a response.
    zone
        Zone in which days begin. Days have 24 hours from the first midnight on, so that after a change of the clock
        they begin an hour off.
    starts_on, ends_on
        First and last day of the data to use; None takes all of it.
    burn_in_days
        Days at the start that feed exposure and strata, not responses.
    half_life_days
        How fast a targeted contact fades in the exposure strata.
    settling_days
        A targeted contact counts towards the intensity of its person only so many days later. Counting it at once
        hands part of its own effect to the stratum it lifts its person into (display came out a third too low in
        simulated markets), counting it after a week leaves intent unseen (a third too high).
    habit_half_life_days
        How fast an earlier response fades in the habit strata of those who responded before.
    shrinkage
        Pseudo-count ``a`` of the strata's shrunk intensity.
    intensity_bins, habit_bins
        Number of strata by intensity and by habit.
    wear_out_days
        Touches of a channel within so many days before wear one another out.
    """

    goal: Goal = field(default_factory=lambda: GOALS["order"])
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    starts_on: date | None = None
    ends_on: date | None = None
    burn_in_days: int = 30
    half_life_days: float = 20.0
    settling_days: float = 3.0
    habit_half_life_days: float = 60.0
    shrinkage: float = 0.5
    intensity_bins: int = 8
    habit_bins: int = 5
    wear_out_days: float = 30.0

    def __post_init__(self) -> None:
        faults = [
            Fault(0, name, repr(getattr(self, name)), "a number above 0")
            for name in (
                "half_life_days",
                "habit_half_life_days",
                "shrinkage",
                "intensity_bins",
                "habit_bins",
                "wear_out_days",
            )
            if not getattr(self, name) > 0
        ]
        faults += [
            Fault(0, name, repr(getattr(self, name)), "a number of days, 0 or more")
            for name in ("burn_in_days", "settling_days")
            if getattr(self, name) < 0
        ]
        if faults:
            raise RefusedError("The options of the fit cannot be used:", faults)

    @property
    def burn_in(self) -> int:
        """Days of burn-in: at least the goal's own carry-over."""
        return max(self.burn_in_days, self.goal.carry_over_days or 0)
