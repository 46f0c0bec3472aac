"""From observations to evidence: joins and sums as Narwhals expressions, on DuckDB by default."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import reduce
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
import pyarrow as pa

from attribution.curves import lag_edges, ordinal_edges
from attribution.evidence import Cells, Channel, Daily, Evidence, Floats, Intent, States, Unit
from attribution.leaving_out import LeftOut
from attribution.media import calendar_of, media_of
from attribution.mirroring import left_alone_by_responses
from attribution.observations import FitOptions, Observations
from attribution.stratify import Stratification, stratify
from attribution.timeline import NEVER, Timeline, lay_timeline
from campaigns.faults import Fault, RefusedError

__all__ = ["gather"]

Lazy = nw.LazyFrame[Any]

_DEFAULT_CARRY_OVER = 30

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
    stratification = stratify(timeline, targeting, options, apart, two_sided)
    units = _units(timeline)
    reach = _reach(timeline, channels, units)
    around = _around(reach, channels)
    cells, intent, lookup = _exposure(timeline, reach, around, channels, apart)
    states, linked = _states(timeline, reach, around, stratification, lookup, intent, len(cells.unit))
    strata = stratification.strata
    quiet = ~np.isin(stratification.response, states.response)
    np.add.at(strata.quiet, (stratification.stratum[quiet], stratification.day[quiet]), 1.0)
    in_window = _count(timeline.responses.filter(nw.col("t") >= timeline.opens))
    anonymous = _count(timeline.anonymous.filter(nw.col("t") >= timeline.opens))
    at_risk = len(stratification.response)
    first = int((strata.phase[stratification.stratum] == 0).sum())
    made_by_orders = _count(
        timeline.persons.filter("made_by_first", nw.col("entry") >= timeline.opens, nw.col("entry") < timeline.closes)
    )
    return Evidence(
        goal=options.goal,
        window=timeline.window,
        channels=channels,
        units=units,
        cells=cells,
        intent=intent,
        strata=strata,
        states=states,
        media=media_of(observations, timeline, strata.regions, {channel.name for channel in channels}),
        calendar=calendar_of(observations, timeline, strata.regions),
        daily=_daily(timeline, units, channels),
        responses=in_window + anonymous,
        first_responses=first + made_by_orders,
        unexposed=in_window + anonymous - at_risk,
        linked=linked,
        arrived=_arrived(timeline),
        known_history=bool((strata.phase == 0).any()),
    )


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
        _numbered(
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


def _numbered(timeline: Timeline, touches: Lazy, units: Sequence[Unit]) -> Lazy:
    """Add to contacts the index of their unit (-1 where nothing of it was ever sent) and their wear-out bin."""
    table = pa.table(
        {
            "channel": [unit.channel for unit in units],
            "campaign": [unit.campaign for unit in units],
            "ad": [unit.ad for unit in units],
            "unit": np.arange(len(units)),
        }
    )
    over = ((nw.col("ordinal") >= edge).cast(nw.Int64) for edge in ordinal_edges())
    return touches.join(timeline.engine.lay(table), on=["channel", "campaign", "ad"], how="left").with_columns(
        unit=nw.col("unit").fill_null(-1), worn=reduce(lambda left, right: left + right, over)
    )


def _reach(timeline: Timeline, channels: Sequence[Channel], units: Sequence[Unit]) -> Lazy:
    """Contacts with their person's time at risk, unit, wear-out bin and, a row each, the lag buckets after them."""
    index = {channel.name: row for row, channel in enumerate(channels)}
    buckets = pa.table(
        {
            "channel": [channel.name for channel in channels for _ in range(channel.buckets)],
            "channel_index": np.array([index[c.name] for c in channels for _ in range(c.buckets)], dtype=np.int64),
            "bucket": np.array([bucket for c in channels for bucket in range(c.buckets)], dtype=np.int64),
            "after": np.concatenate([channel.edges[:-1] for channel in channels] or [np.empty(0)]),
            "until": np.concatenate([channel.edges[1:] for channel in channels] or [np.empty(0)]),
        }
    )
    return (
        _numbered(timeline, timeline.touches, units)
        .join(timeline.persons.select("person", "entry", "new_until"), on="person", how="inner")
        .join(timeline.engine.lay(buckets), on="channel", how="inner")
        .with_columns(begins=nw.col("t") + nw.col("after"), ends=nw.col("t") + nw.col("until"))
    )


def _around(reach: Lazy, channels: Sequence[Channel]) -> Lazy:
    """Lay out the times in which the intent behind would-be contacts shows: after them and, if two-sided, before."""
    told = [channel.name for channel in channels if channel.intent_told]
    two_sided = [channel.name for channel in channels if channel.two_sided]
    columns = ("person", "t", "channel", "channel_index", "bucket", "begins", "ends", "entry", "new_until")
    after = reach.filter(nw.col("channel").is_in(told)).select(*columns)
    before = (
        reach.filter(nw.col("channel").is_in(two_sided))
        .with_columns(begins=nw.col("t") - nw.col("until"), ends=nw.col("t") - nw.col("after"))
        .select(*columns)
    )
    return nw.concat([after, before])


def _exposure(
    timeline: Timeline, reach: Lazy, around: Lazy, channels: Sequence[Channel], left_out: Lazy | None = None
) -> tuple[Cells, Intent, pa.Table]:
    """Sum the days that contacts spend in each cell while their person is at risk."""
    zero = nw.lit(0.0)
    inside = nw.col("t") >= nw.lit(timeline.opens)
    followed = nw.max_horizontal("begins", "entry")
    parts = _days_at_work(timeline, reach).with_columns(
        new_projected=nw.when(inside)
        .then(nw.max_horizontal(zero, nw.min_horizontal(nw.col("ends"), _reached(timeline)) - followed))
        .otherwise(zero),
        later_projected=nw.when(inside)
        .then(nw.max_horizontal(zero, nw.col("ends") - nw.max_horizontal(followed, _reached(timeline))))
        .otherwise(zero),
    )
    sums = [nw.col(name).sum() for name in ("new_days", "later_days", "new_projected", "later_projected")]
    made = (
        parts.filter(nw.col("made"))
        .group_by("unit", "channel_index", "worn", "bucket")
        .agg(*sums)
        .collect("pyarrow")
        .sort("unit", "worn", "bucket")
        .to_native()
        .to_pandas()
    )
    withheld = (
        _days_at_work(timeline, around)
        .group_by("channel_index", "bucket")
        .agg(nw.col("new_days").sum(), nw.col("later_days").sum())
        .collect("pyarrow")
        .sort("channel_index", "bucket")
        .to_native()
        .to_pandas()
    )
    if left_out is not None:
        apart, apart_around = (
            _days_at_work(timeline, frame.join(left_out, on="person", how="inner"), within=True)
            for frame in (reach.filter(nw.col("made")), around)
        )
        made = _less(made, apart, ["unit", "channel_index", "worn", "bucket"])
        withheld = _less(withheld, apart_around, ["channel_index", "bucket"])
    widths = [np.diff(channel.edges) for channel in channels]

    def width(frame: Any) -> Floats:
        return np.array(
            [widths[c][b] for c, b in zip(frame["channel_index"], frame["bucket"], strict=True)], dtype=float
        )

    stacked = {phase: made.assign(phase=phase) for phase in (0, 1)}
    stacked[0] = stacked[0].assign(days=made["new_days"], projected=made["new_projected"])
    stacked[1] = stacked[1].assign(days=made["later_days"], projected=made["later_projected"])
    table = pa.concat_tables([pa.Table.from_pandas(stacked[phase], preserve_index=False) for phase in (0, 1)])
    frame = table.to_pandas()
    frame = frame[(frame["days"] > 0) | (frame["projected"] > 0)].reset_index(drop=True)
    cells = Cells(
        unit=frame["unit"].to_numpy(np.int64),
        channel=frame["channel_index"].to_numpy(np.int64),
        ordinal=frame["worn"].to_numpy(np.int64),
        bucket=frame["bucket"].to_numpy(np.int64),
        phase=frame["phase"].to_numpy(np.int64),
        width=width(frame),
        days=frame["days"].to_numpy(float),
        projected=frame["projected"].to_numpy(float),
    )
    intent = Intent(
        channel=withheld["channel_index"].to_numpy(np.int64),
        bucket=withheld["bucket"].to_numpy(np.int64),
        width=width(withheld),
        days=(withheld["new_days"] + withheld["later_days"]).to_numpy(float),
    )
    frame["cell"] = np.arange(len(frame), dtype=np.int64)
    lookup = frame[["unit", "worn", "bucket", "phase", "cell"]]
    return cells, intent, pa.Table.from_pandas(lookup, preserve_index=False)


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


def _less(sums: pd.DataFrame, apart: Lazy, keys: list[str]) -> pd.DataFrame:
    """Take days that are left out from the days summed up."""
    names = ["new_days", "later_days"]
    less = apart.group_by(*keys).agg(*(nw.col(name).sum() for name in names)).collect("pyarrow").to_native()
    both = sums.merge(less.to_pandas(), on=keys, how="left", suffixes=("", "_apart"))
    for name in names:
        left = (both[name] - both[f"{name}_apart"].fillna(0.0)).clip(lower=0.0)
        both[name] = left.where(left > _NOTHING, 0.0)
    return both.drop(columns=[f"{name}_apart" for name in names])


def _reached(timeline: Timeline) -> nw.Expr:
    """Until when a person is known to be new, without the end of the data standing in the way."""
    return nw.when(nw.col("new_until") >= timeline.closes).then(nw.lit(NEVER)).otherwise(nw.col("new_until"))


def _states(
    timeline: Timeline, reach: Lazy, around: Lazy, placed: Stratification, lookup: pa.Table, intent: Intent, cells: int
) -> tuple[States, int]:
    """Find, for every response at risk, the cells of the contacts around it, and how many have any at work."""
    phase = placed.strata.phase[placed.stratum]
    at_risk = pa.table({"response": placed.response, "phase": phase})
    engine = timeline.engine
    answers = engine.materialise(
        timeline.responses.select("response", "person", moment=nw.col("t"), answer=nw.col("row")).join(
            engine.lay(at_risk), on="response", how="inner"
        )
    )
    hit = (nw.col("begins") < nw.col("moment"), nw.col("moment") <= nw.col("ends"))
    effects = (
        answers.join(reach.filter(nw.col("made")), on="person", how="inner")
        .filter(*hit)
        .join(engine.lay(lookup), on=["unit", "worn", "bucket", "phase"], how="inner")
        .select("response", "answer", "cell", touch=nw.col("row"))
    )
    intent_rows = pa.table(
        {"channel_index": intent.channel, "bucket": intent.bucket, "cell": cells + np.arange(len(intent.channel))}
    )
    intents = (
        answers.join(around, on="person", how="inner")
        .filter(*hit)
        .join(engine.lay(intent_rows), on=["channel_index", "bucket"], how="inner")
        .select("response", "answer", "cell", touch=nw.lit(-1))
    )
    caused = effects.collect("pyarrow").to_native().to_pandas()
    entries = pd.concat([caused, intents.collect("pyarrow").to_native().to_pandas()], ignore_index=True)
    where = pd.DataFrame(
        {"response": placed.response, "stratum": placed.stratum, "day": placed.day, "phase": phase}
    ).set_index("response")
    entries = entries.sort_values(["response", "cell", "touch"], kind="stable")
    response, first, counts = np.unique(entries["response"].to_numpy(np.int64), return_index=True, return_counts=True)
    place = where.loc[response]
    states = States(
        response=response,
        stratum=place["stratum"].to_numpy(np.int64),
        day=place["day"].to_numpy(np.int64),
        phase=place["phase"].to_numpy(np.int64),
        starts=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        cell=entries["cell"].to_numpy(np.int64),
        row=entries["answer"].to_numpy(np.int64)[first],
        touch=entries["touch"].to_numpy(np.int64),
    )
    return states, int(caused["response"].nunique())
