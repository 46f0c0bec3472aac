"""What a fit looks at: plain frames of touches, responses, persons and the rest, checked before anything expensive."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import narwhals as nw
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from attribution.engine import Engine, engine_of, on_spark
from campaigns.faults import Fault, RefusedError
from campaigns.terms import GOALS, Goal

__all__ = ["FitOptions", "Observations", "columns_of"]

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

_TESTS = {
    "experiments": (
        "experiment",
        "channel",
        "campaign",
        "ad",
        "goal",
        "starts_on",
        "ends_on",
        "measured_until",
        "planned_treated_share",
        "treated_n",
        "treated_responses",
        "control_n",
        "control_responses",
        "touches_per_treated",
        "lift",
        "lift_se",
        "region",
    ),
    "assignments": ("person", "experiment", "arm", "assigned_at"),
}
"""Frames that may be left out, where there were no tests."""

_OPTIONAL: dict[str, dict[str, Any]] = {
    "touches": {"chance": None},
    "persons": {"listed": True},
    "responses": {"value": None, "margin": None, "product": None, "channel": None},
    "spend": {"cost_kind": "media"},
    "events": {"kind": "other"},
    "channels": {"unit_cost": None},
    "promotions": {"kind": "product"},
}
"""Columns that a frame may leave out, each with what that means."""

_COUNTED = ("touches", "responses")
"""Frames whose rows are numbered in the order in which they are given, so that results can point at them."""

_TYPES = (
    dict.fromkeys(("occurred_at", "created_at", "first_order_at", "assigned_at"), pa.timestamp("us"))
    | dict.fromkeys(("date", "starts_on", "ends_on", "measured_until"), pa.date32())
    | dict.fromkeys(
        ("cost", "impressions", "clicks", "units", "claimed_conversions", "target_cac", "value", "margin", "unit_cost"),
        pa.float64(),
    )
    | dict.fromkeys(_TESTS["experiments"][8:16], pa.float64())
    | {
        "chance": pa.float64(),
        "person": pa.int64(),
        "targeted": pa.bool_(),
        "listed": pa.bool_(),
        "carry_over_days": pa.int64(),
    }
)
"""Types of columns that hold nothing at all; the rest is text."""


@dataclass(frozen=True)
class Observations:
    """Frames that a fit reads: pandas, Arrow, Polars or DuckDB relations alike.

    Parameters
    ----------
    touches
        ``person, occurred_at, channel, kind, campaign, ad, promotion, cost``: a row per contact, steps and ghosts
        included; ``cost`` in minor units. Where it is given, ``chance``: that with which a contact was to be sent
        rather than withheld, null where it was not drawn by a known one.
    responses
        ``person, occurred_at, kind``: a row per response; ``person`` may be null. Where it is given, ``value`` and
        ``margin`` in minor units, ``product`` and the ``channel`` it came in by.
    persons
        ``person, segment, region, created_at, first_order_at``: a row per known person; and, where it is given,
        ``listed``: whether a list of customers speaks of them (true for all by default), or only their contacts and
        responses do.
    spend
        ``date, channel, campaign, ad, region, cost, impressions, clicks, units, claimed_conversions``; ``cost`` in
        minor units; where it is given, ``cost_kind`` (``media`` by default).
    channels
        ``channel, targeted, carry_over_days``; where it is given, ``unit_cost`` of a contact in minor units.
    events
        ``name, starts_on, ends_on, region``: what moves everybody's responses and is no ad.
    promotions
        ``promotion, target_cac``: the most a new customer may cost, in minor units; where it is given, ``kind``
        (``product`` by default, or ``relationship``).
    experiments
        ``experiment, channel, campaign, ad, goal, starts_on, ends_on, measured_until, planned_treated_share,
        treated_n, treated_responses, control_n, control_responses, touches_per_treated, lift, lift_se, region``:
        tests, with their results where these are known by a summary; ``region`` is separated by ``|``.
    assignments
        ``person, experiment, arm, assigned_at``: who was in which arm of a test.
    """

    touches: Any
    responses: Any
    persons: Any
    spend: Any
    channels: Any
    events: Any
    promotions: Any
    experiments: Any = None
    assignments: Any = None

    def __post_init__(self) -> None:
        faults = [
            Fault(0, f"{name}.{column}", "no such column", "the column " + column)
            for name, wanted in (_COLUMNS | _TESTS).items()
            if getattr(self, name) is not None
            for column in sorted(set(wanted) - set(nw.from_native(getattr(self, name)).collect_schema().names()))
        ]
        if faults:
            raise RefusedError("The observations cannot be used:", faults, "Add the columns; values may be null.")

    @property
    def engine(self) -> Engine:
        """Where the frames are joined: on the Spark session that holds any of them, else on DuckDB."""
        return engine_of(*(getattr(self, name) for name in _COLUMNS))

    def lazy(self, name: str, zone: ZoneInfo | None = None) -> nw.LazyFrame[Any]:
        """Return one of the frames on the engine, with the contract's columns only.

        Frames of Spark stay there. All others go through Arrow: relations of two DuckDB connections cannot be joined;
        pandas turns whole numbers with a gap into fractions; and what DuckDB makes of a time with a zone depends on the
        zone of the machine.

        Parameters
        ----------
        zone
            Show times as a clock of this zone does: those with a zone become local times without one, and those
            without a zone are local already. None leaves times as they are.
        """
        given_frame = getattr(self, name)
        if given_frame is None:
            given_frame = pa.table({column: pa.nulls(0, _TYPES.get(column, pa.string())) for column in _TESTS[name]})
        frame = nw.from_native(given_frame)
        there = set(frame.collect_schema().names())
        given = [column for column in columns_of(name) if column in there]
        missing = {column: nw.lit(what) for column, what in _OPTIONAL.get(name, {}).items() if column not in there}
        frame = frame.select(*given, **missing)
        if frame.implementation.is_pyspark():
            return on_spark(frame, _TYPES, zone, number=name in _COUNTED)
        if isinstance(frame, nw.LazyFrame):
            frame = frame.collect("pyarrow")
        table = frame.to_arrow()
        columns = {column: _typed(table[column], column, zone) for column in columns_of(name)}
        if name in _COUNTED:
            columns["row"] = pa.array(np.arange(table.num_rows, dtype=np.int64))
        return self.engine.lay(pa.table(columns))


def columns_of(name: str, *, needed: bool = False) -> tuple[str, ...]:
    """Return the columns of one of the frames; unless only ``needed`` ones, those too that it may leave out."""
    wanted = (_COLUMNS | _TESTS)[name]
    return wanted if needed else (*wanted, *_OPTIONAL.get(name, {}))


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


_FEWEST_HABIT_BINS = 5


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
    intensity_days
        Contacts of targeted channels within so many days tell how intensely a person is targeted: half of them on
        either side where responses leave the contacts alone, else all of them before. At least twice the carry-over.
    habit_half_life_days
        How fast an earlier response fades in the habit strata of those who responded before. With 60 days and five
        bins, people who buy every week were told from others too coarsely for letters that go to those who buy most:
        see the Complete Journey in the README.
    shrinkage
        Pseudo-count ``a`` of the strata's shrunk intensity.
    intensity_bins, habit_bins
        Number of strata by intensity, and the most by habit.
    habit_bin_responses
        One bin of habit for so many responses, at least five and at most ``habit_bins``.
    wear_out_days
        Touches of a channel within so many days before wear one another out.
    """

    goal: Goal = field(default_factory=lambda: GOALS["order"])
    zone: ZoneInfo = field(default_factory=lambda: ZoneInfo("UTC"))
    starts_on: date | None = None
    ends_on: date | None = None
    burn_in_days: int = 30
    intensity_days: float = 60.0
    habit_half_life_days: float = 120.0
    shrinkage: float = 0.5
    intensity_bins: int = 8
    habit_bins: int = 24
    habit_bin_responses: int = 1_500
    wear_out_days: float = 30.0

    def __post_init__(self) -> None:
        faults = [
            Fault(0, name, repr(getattr(self, name)), "a number above 0")
            for name in (
                "intensity_days",
                "habit_half_life_days",
                "shrinkage",
                "intensity_bins",
                "habit_bins",
                "habit_bin_responses",
                "wear_out_days",
            )
            if not getattr(self, name) > 0
        ]
        if self.burn_in_days < 0:
            faults.append(Fault(0, "burn_in_days", repr(self.burn_in_days), "a number of days, 0 or more"))
        if faults:
            raise RefusedError("The options of the fit cannot be used:", faults)

    def habit_bins_for(self, responses: int) -> int:
        """Return how many bins of habit so many responses can fill."""
        return min(self.habit_bins, max(_FEWEST_HABIT_BINS, responses // self.habit_bin_responses))

    @property
    def burn_in(self) -> int:
        """Days of burn-in: at least the goal's own carry-over."""
        return max(self.burn_in_days, self.goal.carry_over_days or 0)
