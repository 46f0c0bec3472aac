"""Exposure strata: person-days grouped by segment, region, how intensely a person is targeted around them, and habit.

Counts decay with time. Of contacts that responses may move, and of responses, a stratum looks only at what happened
before its time (it is *predictable*), so that it never learns from the response it is to explain. Contacts that
responses leave alone tell nothing of them but intent, and count on both sides alike.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import narwhals as nw
import numpy as np
import pyarrow as pa

from attribution.evidence import Floats, Ints, Strata
from attribution.observations import FitOptions
from attribution.timeline import Timeline

__all__ = ["Stratification", "stratify"]

Lazy = nw.LazyFrame[Any]

_LABELS = ["segment", "region", "intensity", "history"]

_RESOLUTION = 20.0  # steps per unit of log intensity, in the histogram from which bin edges are read


@dataclass(frozen=True)
class Stratification:
    """Strata, and the stratum, day and phase of every response of a person at risk.

    Parameters
    ----------
    response
        Number of each such response, shape ``(n,)``.
    stratum, day
        Where it fell, shape ``(n,)``.
    """

    strata: Strata
    response: Ints
    stratum: Ints
    day: Ints


@dataclass(frozen=True)
class _Signal:
    """Contacts that tell how intensely a person is targeted: those that count afterwards, and those that do before."""

    past: Lazy
    ahead: Lazy


def stratify(
    timeline: Timeline,
    targeting: Sequence[str],
    options: FitOptions,
    left_out: Lazy | None = None,
    two_sided: Collection[str] = (),
) -> Stratification:
    """Group the person-days of the window into strata.

    Parameters
    ----------
    targeting
        Channels whose would-be contacts (ghosts included) measure how intensely a person is targeted.
    left_out
        ``person, out_from, out_until``: time at risk, and the responses in it, that do not count. The strata stay what
        they are.
    two_sided
        Those of them that responses do not move: their contacts count before them as much as after them, and at once.
    """
    signal = _signal(timeline, targeting, set(two_sided), options)
    spells = timeline.engine.materialise(_spells(timeline, signal, options))
    means = _mean_intensity(timeline, signal, options)
    days = timeline.engine.lay(means)
    rated = _rated(spells.with_columns(day=nw.col("from").floor()).join(days, on="day", how="inner"), options)
    habit_bins = options.habit_bins_for(_count(timeline.responses.filter(nw.col("t") >= timeline.opens)))
    edges_touch = _edges(rated, "touch_ratio", options.intensity_bins)
    edges_habit = _edges(rated.filter(nw.col("returning")), "habit_ratio", habit_bins)
    by_day = _rated(
        spells.join(days, how="cross")
        .filter(nw.col("day") < nw.col("to"), nw.col("day") + 1.0 > nw.col("from"))
        .with_columns(spent=nw.min_horizontal("to", nw.col("day") + 1.0) - nw.max_horizontal("from", "day")),
        options,
    )
    grid = _summed(by_day, edges_touch, edges_habit)
    if left_out is not None:
        inside = by_day.join(left_out, on="person", how="inner").with_columns(
            spent=nw.min_horizontal("to", nw.col("day") + 1.0, "out_until")
            - nw.max_horizontal("from", "day", "out_from")
        )
        grid = _without(grid, _summed(inside.filter(nw.col("spent") > 0.0), edges_touch, edges_habit))
    placed = (
        _binned(
            _rated(
                timeline.responses.filter(nw.col("t") >= timeline.opens)
                .join(spells, on="person", how="inner")
                .filter(nw.col("from") < nw.col("t"), nw.col("t") <= nw.col("to"))
                .with_columns(day=nw.col("t").floor())
                .join(days, on="day", how="inner"),
                options,
            ),
            edges_touch,
            edges_habit,
        )
        .select("response", "segment", "region", "intensity", "history", "day")
        .collect("pyarrow")
        .to_native()
    )
    if left_out is not None:
        apart = timeline.responses.join(left_out, on="person", how="inner").filter(
            nw.col("t") > nw.col("out_from"), nw.col("t") <= nw.col("out_until")
        )
        numbers = apart.select("response").collect("pyarrow")["response"].to_numpy()
        placed = placed.filter(~np.isin(placed["response"].to_numpy(), numbers))
    return _assemble(grid, placed, timeline)


def _summed(by_day: Lazy, edges_touch: Floats, edges_habit: Floats) -> pa.Table:
    """Add up the time that spells spend in each stratum on each day."""
    binned = _binned(by_day, edges_touch, edges_habit)
    return binned.group_by(*_LABELS, "day").agg(days=nw.col("spent").sum()).collect("pyarrow").to_native()


def _without(grid: pa.Table, apart: pa.Table) -> pa.Table:
    """Take the time in one grid from that in another, which keeps all its rows."""
    frame = grid.to_pandas().merge(apart.to_pandas(), on=[*_LABELS, "day"], how="left", suffixes=("", "_apart"))
    frame["days"] = (frame["days"] - frame["days_apart"].fillna(0.0)).clip(lower=0.0)
    return pa.Table.from_pandas(frame.drop(columns="days_apart"), preserve_index=False)


def _count(frame: Lazy) -> int:
    return int(frame.select(n=nw.len()).collect("pyarrow").item())


def _signal(timeline: Timeline, targeting: Sequence[str], two_sided: set[str], options: FitOptions) -> _Signal:
    """Would-be contacts of the channels that target, each at the time from which (or until which) it counts."""
    moved = [channel for channel in targeting if channel not in two_sided]
    touches = timeline.touches.select("person", "t", "channel")
    ahead = touches.filter(nw.col("channel").is_in([channel for channel in targeting if channel in two_sided]))
    settled = touches.filter(nw.col("channel").is_in(moved)).with_columns(t=nw.col("t") + options.settling_days)
    past = nw.concat([ahead, settled.filter(nw.col("t") < timeline.closes)])
    return _Signal(past.select("person", "t"), ahead.select("person", "t"))


def _spells(timeline: Timeline, signal: _Signal, options: FitOptions) -> Lazy:
    """Cut each person's time at risk where a targeted contact or a response changes the stratum."""
    zero = nw.lit(0.0)
    past = signal.past.select("person", "t", touch=_growth(options.half_life_days), coming=zero, habit=zero)
    ahead = signal.ahead.select("person", "t", touch=zero, coming=_growth(-options.half_life_days), habit=zero)
    answers = timeline.responses.select(
        "person", "t", touch=zero, coming=zero, habit=_growth(options.habit_half_life_days)
    )
    entries = timeline.persons.select("person", t=nw.col("entry"), touch=zero, coming=zero, habit=zero)
    ends_new = timeline.persons.filter(nw.col("new_until") > 0.0, nw.col("new_until") < timeline.closes).select(
        "person", t=nw.col("new_until"), touch=zero, coming=zero, habit=zero
    )
    # One event per moment: in which order the events of a moment come is not told.
    events = (
        nw.concat([past, ahead, answers, entries, ends_new])
        .group_by("person", "t")
        .agg(nw.col("touch").sum(), nw.col("coming").sum(), nw.col("habit").sum())
    )
    return (
        events.with_columns(
            touch=nw.col("touch").cum_sum().over("person", order_by="t"),
            # From the end backwards: a sum less what is gone of it would lose its digits.
            left=nw.col("coming").cum_sum(reverse=True).over("person", order_by="t"),
            habit=nw.col("habit").cum_sum().over("person", order_by="t"),
            next=nw.col("t").shift(-1).over("person", order_by="t"),
        )
        .join(timeline.persons, on="person", how="inner")
        .with_columns(
            nw.max_horizontal("t", "entry", nw.lit(timeline.opens)).alias("from"),
            nw.min_horizontal(nw.col("next").fill_null(timeline.closes), nw.lit(timeline.closes)).alias("to"),
            coming=nw.col("left") - nw.col("coming"),
        )
        .filter(nw.col("to") > nw.col("from"))
        .with_columns(
            new=nw.col("from") < nw.col("new_until"),
            returning=nw.col("from") >= nw.col("returning_from"),
        )
        .select("person", "segment", "region", "from", "to", "touch", "coming", "habit", "new", "returning")
    )


def _growth(half_life: float) -> nw.Expr:
    growth: nw.Expr = (nw.col("t") * (np.log(2.0) / half_life)).exp()
    return growth


def _mean_intensity(timeline: Timeline, signal: _Signal, options: FitOptions) -> pa.Table:
    """Mean decayed count of contacts, and of responses, per person at risk by each day."""
    last = int(timeline.closes)
    persons = _daily(timeline.persons.select(t=nw.max_horizontal("entry", nw.lit(0.0))), last).cumsum()
    half_life = options.half_life_days
    # What is to come is what has come, seen from the end; the contacts of the day itself are half of either.
    coming = _stock(_daily(signal.ahead, last)[::-1], half_life)[::-1] + _daily(signal.ahead, last)
    stocks = {
        "touch": _stock(_daily(signal.past, last), half_life) + coming,
        "habit": _stock(_daily(timeline.responses, last), options.habit_half_life_days),
    }
    means = {f"mean_{name}": stock / np.maximum(persons, 1.0) for name, stock in stocks.items()}
    return pa.table({"day": np.arange(last, dtype=float), **means})


def _stock(daily: Floats, half_life: float) -> Floats:
    """Sum of what came before each day, decayed, shape ``(days,)``."""
    kept = 0.5 ** (1.0 / half_life)
    stock = np.zeros(len(daily))
    for day in range(1, len(daily)):
        stock[day] = kept * stock[day - 1] + daily[day - 1] * np.sqrt(kept)
    return stock


def _daily(frame: Lazy, days: int) -> Floats:
    counted = frame.filter(nw.col("t") < days).with_columns(day=nw.col("t").floor()).group_by("day").agg(n=nw.len())
    table = counted.collect("pyarrow").to_native()
    daily = np.zeros(days)
    daily[np.asarray(table["day"]).astype(int)] = np.asarray(table["n"])
    return daily


def _rated(spells: Lazy, options: FitOptions) -> Lazy:
    """Add the shrunk log intensity and habit of a spell on ``day``, relative to the mean of that day."""
    a = options.shrinkage

    def decayed(count: str, half_life: float) -> nw.Expr:
        faded: nw.Expr = nw.col(count) * (nw.col("day") * (-np.log(2.0) / half_life)).exp()
        return faded

    touch = decayed("touch", options.half_life_days) + decayed("coming", -options.half_life_days)
    habit = decayed("habit", options.habit_half_life_days)
    return spells.with_columns(
        touch_ratio=((touch + a) / (nw.col("mean_touch") + a)).log(),
        habit_ratio=((habit + a) / (nw.col("mean_habit") + a)).log(),
    )


def _edges(rated: Lazy, column: str, bins: int) -> Floats:
    """Inner edges of ``bins`` groups of about equal person-time; fewer where many share one value."""
    table = (
        rated.with_columns(step=(nw.col(column) * _RESOLUTION).floor(), spent=nw.col("to") - nw.col("from"))
        .group_by("step")
        .agg(spent=nw.col("spent").sum())
        .collect("pyarrow")
        .to_native()
    )
    step, spent = np.asarray(table["step"], dtype=float), np.asarray(table["spent"], dtype=float)
    if not len(step):
        return np.empty(0)
    order = np.argsort(step)
    share = np.cumsum(spent[order]) / spent.sum()
    wanted = np.arange(1, bins) / bins
    inner = np.minimum(np.searchsorted(share, wanted), len(order) - 2) if len(order) > 1 else np.empty(0, int)
    return np.unique(step[order][inner] + 1.0) / _RESOLUTION


def _binned(rated: Lazy, edges_touch: Floats, edges_habit: Floats) -> Lazy:
    def bin_of(column: str, edges: Floats) -> nw.Expr:
        over = ((nw.col(column) >= float(edge)).cast(nw.Int64) for edge in edges)
        return reduce(lambda left, right: left + right, over, nw.lit(0))

    return rated.with_columns(
        intensity=bin_of("touch_ratio", edges_touch),
        history=nw.when(nw.col("new"))
        .then(0)
        .otherwise(nw.when(nw.col("returning")).then(bin_of("habit_ratio", edges_habit) + 2).otherwise(1)),
    )


def _assemble(grid: pa.Table, placed: pa.Table, timeline: Timeline) -> Stratification:
    frame = grid.to_pandas()
    keys = frame[_LABELS].drop_duplicates().sort_values(_LABELS).reset_index(drop=True)
    keys["stratum"] = np.arange(len(keys))
    opens, days = int(timeline.opens), int(timeline.closes - timeline.opens)
    frame = frame.merge(keys, on=_LABELS)
    person_days = np.zeros((len(keys), days))
    person_days[frame["stratum"], frame["day"].astype(int) - opens] = frame["days"]
    found = placed.to_pandas().merge(keys, on=_LABELS, how="left")
    segments = tuple(sorted(keys["segment"].unique()))
    regions = tuple(sorted(keys["region"].unique()))
    strata = Strata(
        segments=segments,
        regions=regions,
        segment=np.searchsorted(segments, keys["segment"]).astype(np.int64),
        region=np.searchsorted(regions, keys["region"]).astype(np.int64),
        intensity=keys["intensity"].to_numpy(np.int64),
        history=keys["history"].to_numpy(np.int64),
        person_days=person_days,
        quiet=np.zeros_like(person_days),
    )
    return Stratification(
        strata=strata,
        response=found["response"].to_numpy(np.int64),
        stratum=found["stratum"].to_numpy(np.int64),
        day=found["day"].to_numpy().astype(np.int64) - opens,
    )
