"""From observations to evidence: joins and sums as Narwhals expressions, on DuckDB by default."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd

from attribution.curves import lag_edges
from attribution.evidence import Cells, Channel, Daily, Evidence, Floats, Intent, States, Unit
from attribution.leaving_out import LeftOut
from attribution.media import calendar_of, media_of
from attribution.mirroring import left_alone_by_responses
from attribution.observations import FitOptions, Observations
from attribution.own_accord import own_accord
from attribution.reach import Hits, Reach, entries_of, hits_of, numbered, reach_of
from attribution.stratify import Signal, Stratification, stratify
from attribution.timeline import NEVER, Timeline, lay_timeline
from campaigns.faults import Fault, RefusedError

__all__ = ["gather"]

Lazy = nw.LazyFrame[Any]

_DEFAULT_CARRY_OVER = 30

_CELL = ["unit", "channel_index", "worn", "bucket"]
_INTENT = ["channel_index", "bucket"]
_DAYS = ["new_days", "later_days"]

_NOTHING = 1e-9
"""Days that are no more than the rounding of sums."""


def gather(observations: Observations, options: FitOptions | None = None, left_out: LeftOut | None = None) -> Evidence:
    """Reduce observations to the sufficient statistics of the likelihood.

    Parameters
    ----------
    left_out
        Time of persons that the likelihood is not to look at, as tests speak of it; the counts of all responses stay.

    Raises
    ------
    RefusedError
        If the frames lack columns, hold nothing to explain, cover too few days, or a carry-over is no length of time.
    """
    options = options or FitOptions()
    timeline = lay_timeline(observations, options)
    channels = _channels(observations, timeline, options)
    targeting = [channel.name for channel in channels if channel.targeted]
    two_sided = left_alone_by_responses(timeline, targeting)
    channels = tuple(replace(channel, two_sided=channel.name in two_sided) for channel in channels)
    apart = None if left_out is None else timeline.engine.lay(left_out.table(timeline.opens))
    units = _units(timeline)
    reach = reach_of(timeline, channels, units)
    made, around = _time_at_work(timeline, reach)
    hits = hits_of(timeline, reach, channels)
    signal = _signal(channels, options)
    look = stratify(timeline, signal, options)
    regions = look.strata.regions
    in_window = _count(timeline.responses.filter(nw.col("t") >= timeline.opens))
    anonymous = _count(timeline.anonymous.filter(nw.col("t") >= timeline.opens))
    made_by_orders = _count(
        timeline.persons.filter("made_by_first", nw.col("entry") >= timeline.opens, nw.col("entry") < timeline.closes)
    )
    media = media_of(observations, timeline, regions, {channel.name for channel in channels})
    calendar = calendar_of(observations, timeline, regions)
    daily, arrived = _daily(timeline, units, channels), _arrived(timeline)

    def evidence_of(placed: Stratification, made: pd.DataFrame, around: pd.DataFrame) -> Evidence:
        cells, intent, strata = _cells(made, channels), _intent(around, channels), placed.strata
        states, linked = _states(placed, hits, cells, intent)
        quiet = ~np.isin(placed.response, states.response)
        np.add.at(strata.quiet, (placed.stratum[quiet], placed.day[quiet]), 1.0)
        return Evidence(
            goal=options.goal,
            window=timeline.window,
            channels=channels,
            units=units,
            cells=cells,
            intent=intent,
            strata=strata,
            states=states,
            media=media,
            calendar=calendar,
            daily=daily,
            responses=in_window + anonymous,
            first_responses=int((strata.phase[placed.stratum] == 0).sum()) + made_by_orders,
            unexposed=in_window + anonymous - len(placed.response),
            linked=linked,
            arrived=arrived,
            known_history=bool((strata.phase == 0).any()),
        )

    own = own_accord(evidence_of(look, made, around), look, hits)
    if apart is not None:
        made, around = _left(timeline, reach, made, around, apart)
    return evidence_of(stratify(timeline, signal, options, own, apart), made, around)


def _count(frame: Lazy) -> int:
    return int(frame.select(n=nw.len()).collect("pyarrow").item())


def _arrived(timeline: Timeline) -> Floats:
    """Count all responses of the goal by day of the window."""
    moments = nw.concat([timeline.responses.select("t"), timeline.anonymous.select("t")])
    counted = (
        moments.filter(nw.col("t") >= timeline.opens)
        .with_columns(day=nw.col("t").floor())
        .group_by("day")
        .agg(n=nw.len())
        .collect("pyarrow")
    )
    day = counted["day"].to_numpy().astype(np.int64) - int(timeline.opens)
    return np.bincount(day, counted["n"].to_numpy(), timeline.window.days).astype(float)


def _daily(timeline: Timeline, units: Sequence[Unit], channels: Sequence[Channel]) -> Daily:
    """Count contacts by day, for predicting responses by day."""
    table = (
        numbered(
            timeline, timeline.touches.filter(nw.col("channel").is_in([channel.name for channel in channels])), units
        )
        .join(timeline.persons.select("person", "new_until"), on="person", how="inner")
        .with_columns(
            unit=nw.when(nw.col("made")).then(nw.col("unit")).otherwise(-1),
            phase=(nw.col("t") >= nw.col("new_until")).cast(nw.Int64),
            day=nw.col("t").floor(),
        )
        .group_by("channel", "unit", "worn", "phase", "day")
        .agg(touches=nw.len())
        .collect("pyarrow")
        .sort("channel", "unit", "worn", "phase", "day")
    )
    columns = {name: table[name].to_numpy() for name in table.columns}
    index = {channel.name: row for row, channel in enumerate(channels)}
    return Daily(
        channel=np.array([index[name] for name in columns["channel"]], dtype=np.int64),
        unit=columns["unit"].astype(np.int64),
        ordinal=columns["worn"].astype(np.int64),
        phase=columns["phase"].astype(np.int64),
        day=columns["day"].astype(np.int64),
        touches=columns["touches"].astype(float),
        lead=int(timeline.opens),
    )


def _channels(observations: Observations, timeline: Timeline, options: FitOptions) -> tuple[Channel, ...]:
    facts = {row["channel"]: row for row in observations.lazy("channels").collect("pyarrow").iter_rows(named=True)}
    counted = (
        timeline.touches.with_columns(
            touch=nw.col("made").cast(nw.Int64),
            inside=(nw.col("made") & (nw.col("t") >= timeline.opens)).cast(nw.Int64),
        )
        .group_by("channel")
        .agg(nw.col("touch").sum().alias("touches"), nw.col("inside").sum(), n=nw.len())
        .collect("pyarrow")
        .sort("channel")
    )
    channels = []
    for row in counted.iter_rows(named=True):
        known = facts.get(row["channel"], {})
        carry_over = options.goal.carry_over_days or known.get("carry_over_days") or _DEFAULT_CARRY_OVER
        channels.append(
            Channel(
                name=row["channel"],
                edges=lag_edges(_carry_over(row["channel"], carry_over)),
                targeted=bool(known.get("targeted")),
                touches=int(row["touches"]),
                ghosts=int(row["n"] - row["touches"]),
                window_touches=int(row["inside"]),
            )
        )
    return tuple(channel for channel in channels if channel.touches)


def _signal(channels: Sequence[Channel], options: FitOptions) -> Signal:
    """Contacts of channels that target, within twice their carry-over: strata see as much beside it as of it."""
    targeted = [channel for channel in channels if channel.targeted]
    return Signal(
        both_sides=tuple(channel.name for channel in targeted if channel.two_sided),
        before=tuple(channel.name for channel in targeted if not channel.two_sided),
        days=max([options.intensity_days, *(2.0 * float(channel.edges[-1]) for channel in targeted)]),
    )


def _carry_over(channel: str, days: float) -> int:
    if days < 1:
        fault = Fault(0, "channels.carry_over_days", f"{days:g} for {channel}", "1 or more days")
        raise RefusedError("The observations cannot be used:", [fault])
    return int(days)


def _units(timeline: Timeline) -> tuple[Unit, ...]:
    counted = (
        timeline.touches.filter(nw.col("made"))
        .with_columns(inside=(nw.col("t") >= timeline.opens).cast(nw.Int64))
        .group_by("channel", "campaign", "ad")
        .agg(nw.col("inside").sum())
        .collect("pyarrow")
        .sort("channel", "campaign", "ad")
    )
    return tuple(
        Unit(row["channel"], row["campaign"], row["ad"], int(row["inside"])) for row in counted.iter_rows(named=True)
    )


def _time_at_work(timeline: Timeline, reach: Reach) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Sum the days that contacts spend at work while their person is at risk, and those in which their intent shows."""
    zero, inside = nw.lit(0.0), nw.col("t") >= nw.lit(timeline.opens)
    followed = nw.max_horizontal("begins", "entry")
    parts = _days_at_work(timeline, reach.after()).with_columns(
        new_projected=nw.when(inside)
        .then(nw.max_horizontal(zero, nw.min_horizontal(nw.col("ends"), _reached(timeline)) - followed))
        .otherwise(zero),
        later_projected=nw.when(inside)
        .then(nw.max_horizontal(zero, nw.col("ends") - nw.max_horizontal(followed, _reached(timeline))))
        .otherwise(zero),
    )
    made = _summed(parts.filter(nw.col("made")), _CELL, [*_DAYS, "new_projected", "later_projected"])
    return made, _summed(_days_at_work(timeline, reach.around(reach.after())), _INTENT, _DAYS)


def _left(
    timeline: Timeline, reach: Reach, made: pd.DataFrame, around: pd.DataFrame, left_out: Lazy
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Take the days that do not count from those of contacts at work."""
    parts = []
    for frame, whole, keys in (
        (reach.after().filter(nw.col("made")), made, _CELL),
        (reach.around(reach.after()), around, _INTENT),
    ):
        apart = _days_at_work(timeline, frame.join(left_out, on="person", how="inner"), within=True)
        both = whole.merge(_summed(apart, keys, _DAYS), on=keys, how="left", suffixes=("", "_apart"))
        for name in _DAYS:
            left = (both[name] - both.pop(f"{name}_apart").fillna(0.0)).clip(lower=0.0)
            both[name] = left.where(left > _NOTHING, 0.0)
        parts.append(both)
    return parts[0], parts[1]


def _summed(frame: Lazy, keys: list[str], names: list[str]) -> pd.DataFrame:
    sums = frame.group_by(*keys).agg(*(nw.col(name).sum() for name in names)).collect("pyarrow").sort(*keys)
    table: pd.DataFrame = sums.to_native().to_pandas()
    return table


def _cells(made: pd.DataFrame, channels: Sequence[Channel]) -> Cells:
    """Lay out the time of contacts at work, new persons first."""
    phases = [
        made.assign(phase=phase, days=made[f"{name}_days"], projected=made[f"{name}_projected"])
        for phase, name in enumerate(("new", "later"))
    ]
    frame = pd.concat(phases, ignore_index=True)
    frame = frame[(frame["days"] > 0) | (frame["projected"] > 0)]
    return Cells(
        unit=frame["unit"].to_numpy(np.int64),
        channel=frame["channel_index"].to_numpy(np.int64),
        ordinal=frame["worn"].to_numpy(np.int64),
        bucket=frame["bucket"].to_numpy(np.int64),
        phase=frame["phase"].to_numpy(np.int64),
        width=_widths(frame, channels),
        days=frame["days"].to_numpy(float),
        projected=frame["projected"].to_numpy(float),
    )


def _intent(around: pd.DataFrame, channels: Sequence[Channel]) -> Intent:
    return Intent(
        channel=around["channel_index"].to_numpy(np.int64),
        bucket=around["bucket"].to_numpy(np.int64),
        width=_widths(around, channels),
        days=(around["new_days"] + around["later_days"]).to_numpy(float),
    )


def _widths(frame: pd.DataFrame, channels: Sequence[Channel]) -> Floats:
    """Width of the lag bucket of each row, in days."""
    widths = [np.diff(channel.edges) for channel in channels]
    rows = zip(frame["channel_index"], frame["bucket"], strict=True)
    return np.array([widths[channel][bucket] for channel, bucket in rows], dtype=float)


def _days_at_work(timeline: Timeline, reach: Lazy, *, within: bool = False) -> Lazy:
    """Add the days of the window that a contact is at work before and after its person's first response.

    Parameters
    ----------
    within
        Count only those between ``out_from`` and ``out_until``.
    """
    zero, new_until = nw.lit(0.0), nw.col("new_until")
    begins = nw.max_horizontal("begins", "entry", nw.lit(timeline.opens), *(["out_from"] if within else []))
    ends = nw.min_horizontal("ends", nw.lit(timeline.closes), *(["out_until"] if within else []))
    return reach.with_columns(
        new_days=nw.max_horizontal(zero, nw.min_horizontal(ends, new_until) - begins),
        later_days=nw.max_horizontal(zero, ends - nw.max_horizontal(begins, new_until)),
    )


def _reached(timeline: Timeline) -> nw.Expr:
    """Until when a person is known to be new, without the end of the data standing in the way."""
    return nw.when(nw.col("new_until") >= timeline.closes).then(nw.lit(NEVER)).otherwise(nw.col("new_until"))


def _states(placed: Stratification, hits: Hits, cells: Cells, intent: Intent) -> tuple[States, int]:
    """Lay out, for every response that counts, the cells of the contacts around it; and how many have any at work."""
    where = pd.DataFrame({"stratum": placed.stratum, "day": placed.day}, index=placed.response)
    entries = entries_of(hits, cells, intent)
    entries["response"] = hits.answers["response"].to_numpy()[entries["place"]]
    entries = entries[entries["response"].isin(where.index)].sort_values(["response", "cell", "touch"], kind="stable")
    response, first, counts = np.unique(entries["response"].to_numpy(np.int64), return_index=True, return_counts=True)
    place = where.loc[response]
    stratum = place["stratum"].to_numpy(np.int64)
    states = States(
        response=response,
        stratum=stratum,
        day=place["day"].to_numpy(np.int64),
        phase=placed.strata.phase[stratum],
        starts=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        cell=entries["cell"].to_numpy(np.int64),
        row=hits.answers["row"].to_numpy(np.int64)[entries["place"].to_numpy()[first]],
        touch=entries["touch"].to_numpy(np.int64),
    )
    return states, int(entries.loc[entries["touch"] >= 0, "response"].nunique())
