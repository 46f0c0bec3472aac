"""What a fit looks at: plain frames of touches, responses, persons and the rest, checked before anything expensive."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import narwhals as nw
import pyarrow as pa
import pyarrow.compute as pc

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

_TYPES = (
    dict.fromkeys(("occurred_at", "created_at", "first_order_at"), pa.timestamp("us"))
    | dict.fromkeys(("date", "starts_on", "ends_on"), pa.date32())
    | dict.fromkeys(("cost", "impressions", "clicks", "units", "claimed_conversions", "target_cac"), pa.float64())
    | {"person": pa.int64(), "targeted": pa.bool_(), "carry_over_days": pa.int64()}
)
"""Types of columns that hold nothing at all; the rest is text."""


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

    def lazy(self, name: str, zone: ZoneInfo | None = None) -> nw.LazyFrame[Any]:
        """Return one of the frames on DuckDB, with the contract's columns only.

        All frames go through Arrow. Relations of two DuckDB connections cannot be joined; pandas turns whole numbers
        with a gap into fractions; and what DuckDB makes of a time with a zone depends on the zone of the machine.

        Parameters
        ----------
        zone
            Show times as a clock of this zone does: those with a zone become local times without one, and those
            without a zone are local already. None leaves times as they are.
        """
        frame = nw.from_native(getattr(self, name)).select(*_COLUMNS[name])
        if isinstance(frame, nw.LazyFrame):
            frame = frame.collect("pyarrow")
        table = frame.to_arrow()
        columns = {column: _typed(table[column], column, zone) for column in _COLUMNS[name]}
        lazy: nw.LazyFrame[Any] = nw.from_native(pa.table(columns)).lazy("duckdb")
        return lazy


def _typed(values: Any, column: str, zone: ZoneInfo | None) -> Any:
    """Give a column the type of its kind where its frame leaves that open, and its times the clock of ``zone``."""
    if pa.types.is_dictionary(values.type):
        values = pc.cast(values, values.type.value_type)
    if pa.types.is_null(values.type):
        values = pc.cast(values, _TYPES.get(column, pa.string()))
    if column == "person" and (pa.types.is_integer(values.type) or pa.types.is_floating(values.type)):
        values = pc.cast(values, pa.int64())
    if zone is not None and pa.types.is_timestamp(values.type) and values.type.tz is not None:
        values = pc.local_timestamp(pc.cast(values, pa.timestamp("us", zone.key), safe=False))
    return values


@dataclass(frozen=True)
class FitOptions:
    """What a fit decides before it looks at the data.

    Parameters
    ----------
    goal
        What counts as a response.
    zone
        Zone whose clock tells when days begin. Where the clock is put back, an hour is seen twice.
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
