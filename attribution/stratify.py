"""Exposure strata: person-days grouped by segment, region, how intensely a person is targeted around them, and habit.

How many targeted contacts lie within so many days says all that a steady rate of contacts tells of the time in between:
where in it they lie says nothing more of intent. What responses do around a contact is then its effect, or intent that
moves. Contacts that responses leave alone count on both sides of a day; of those that responses may move, and of
responses, a stratum looks only at what came before (it is *predictable*), so that it never learns from the response it
is to explain. A response counts towards habit as far as it came of its own accord.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import reduce
from typing import Any

import narwhals as nw
import numpy as np
import pyarrow as pa

from attribution.evidence import Floats, Ints, Strata
from attribution.observations import FitOptions
from attribution.timeline import Timeline

__all__ = ["Signal", "Stratification", "stratify"]

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
class Signal:
    """Which would-be contacts (ghosts included) tell how intensely a person is targeted.

    Parameters
    ----------
    both_sides
        Channels that responses leave alone: a contact counts for half of ``days`` on either side of it.
    before
        Channels that responses may move: a contact counts for ``days`` after it.
    days
        Length of the time in which contacts are counted.
    """

    both_sides: tuple[str, ...] = ()
    before: tuple[str, ...] = ()
    days: float = 60.0


def stratify(
    timeline: Timeline,
    signal: Signal,
    options: FitOptions,
    own: pa.Table | None = None,
    left_out: Lazy | None = None,
) -> Stratification:
    """Group the person-days of the window into strata.

    Parameters
    ----------
    own
        How likely each response came of its own accord: ``response, own``; surely by default.
    left_out
        ``person, out_from, out_until``: time at risk, and the responses in it, that do not count. The strata stay what
        they are.
    """
    laid = _lay(timeline, signal, own, options)
    by_day = _rated(
        laid.spells.join(laid.days, how="cross")
        .filter(nw.col("day") < nw.col("to"), nw.col("day") + 1.0 > nw.col("from"))
        .with_columns(spent=nw.min_horizontal("to", nw.col("day") + 1.0) - nw.max_horizontal("from", "day")),
        options,
    )
    grid = _summed(_binned(by_day, laid), "day")
    if left_out is not None:
        inside = by_day.join(left_out, on="person", how="inner").with_columns(
            spent=nw.min_horizontal("to", nw.col("day") + 1.0, "out_until")
            - nw.max_horizontal("from", "day", "out_from")
        )
        grid = _without(grid, _summed(_binned(inside.filter(nw.col("spent") > 0.0), laid), "day"))
    placed = _placed(timeline, laid, options)
    if left_out is not None:
        apart = timeline.responses.join(left_out, on="person", how="inner").filter(
            nw.col("t") > nw.col("out_from"), nw.col("t") <= nw.col("out_until")
        )
        numbers = apart.select("response").collect("pyarrow")["response"].to_numpy()
        placed = placed.filter(~np.isin(placed["response"].to_numpy(), numbers))
    return _assemble(grid, placed, timeline)


@dataclass(frozen=True)
class _Laid:
    """Time at risk in stretches, the means of each day, and the inner edges of the bins."""

    spells: Lazy
    days: Lazy
    contacts_edges: Floats
    habit_edges: Floats


def _lay(timeline: Timeline, signal: Signal, own: pa.Table | None, options: FitOptions) -> _Laid:
    answers = timeline.responses.select("response", "person", "t").with_columns(own=nw.lit(1.0))
    if own is not None:
        answers = timeline.engine.materialise(
            answers.drop("own")
            .join(timeline.engine.lay(own), on="response", how="left")
            .with_columns(nw.col("own").fill_null(1.0))
        )
    spells = timeline.engine.materialise(_spells(timeline, signal, answers, options))
    days = timeline.engine.lay(_means(timeline, signal, answers, options))
    dated = spells.with_columns(day=nw.col("from").floor(), spent=nw.col("to") - nw.col("from"))
    rated = _rated(dated.join(days, on="day", how="inner"), options)
    habit_bins = options.habit_bins_for(_count(timeline.responses.filter(nw.col("t") >= timeline.opens)))
    # In groups of equal time, all who are contacted most would fall into one.
    by_contacts = rated.with_columns(amount=nw.col("spent") * nw.col("contacts_ratio"))
    returning = rated.filter(nw.col("returning")).with_columns(amount=nw.col("spent"))
    return _Laid(
        spells,
        days,
        _edges(by_contacts, "contacts_ratio", options.intensity_bins),
        _edges(returning, "habit_ratio", habit_bins),
    )


def _placed(timeline: Timeline, laid: _Laid, options: FitOptions) -> pa.Table:
    """Find the stratum and the day of each response of the window."""
    answers = (
        timeline.responses.filter(nw.col("t") >= timeline.opens)
        .join(laid.spells, on="person", how="inner")
        .filter(nw.col("from") < nw.col("t"), nw.col("t") <= nw.col("to"))
        .with_columns(day=nw.col("t").floor())
        .join(laid.days, on="day", how="inner")
    )
    binned = _binned(_rated(answers, options), laid)
    return binned.select("response", *_LABELS, "day").collect("pyarrow").to_native()


def _summed(binned: Lazy, *by: str) -> pa.Table:
    """Add up the time spent in each stratum."""
    return binned.group_by(*_LABELS, *by).agg(days=nw.col("spent").sum()).collect("pyarrow").to_native()


def _without(grid: pa.Table, apart: pa.Table) -> pa.Table:
    """Take the time in one grid from that in another, which keeps all its rows."""
    frame = grid.to_pandas().merge(apart.to_pandas(), on=[*_LABELS, "day"], how="left", suffixes=("", "_apart"))
    frame["days"] = (frame["days"] - frame["days_apart"].fillna(0.0)).clip(lower=0.0)
    return pa.Table.from_pandas(frame.drop(columns="days_apart"), preserve_index=False)


def _count(frame: Lazy) -> int:
    return int(frame.select(n=nw.len()).collect("pyarrow").item())


def _contacts(timeline: Timeline, signal: Signal) -> Lazy:
    """Contacts that count, from ``begins`` until ``ends``."""
    touches, time = timeline.touches, nw.col("t")
    sides = touches.filter(nw.col("channel").is_in(list(signal.both_sides)))
    after = touches.filter(nw.col("channel").is_in(list(signal.before)))
    return nw.concat(
        [
            sides.select("person", begins=time - 0.5 * signal.days, ends=time + 0.5 * signal.days),
            after.select("person", begins=time, ends=time + signal.days),
        ]
    )


def _spells(timeline: Timeline, signal: Signal, answers: Lazy, options: FitOptions) -> Lazy:
    """Cut each person's time at risk where a contact begins or ceases to count, and where they responded."""
    contacts, nothing = _contacts(timeline, signal), nw.lit(0.0)
    changes = [
        contacts.select("person", t=nw.col("begins"), contacts=nothing + 1.0, habit=nothing),
        contacts.select("person", t=nw.col("ends"), contacts=nothing - 1.0, habit=nothing),
        answers.select("person", "t", contacts=nothing, habit=_growth(options.habit_half_life_days) * nw.col("own")),
        timeline.persons.select("person", t=nw.col("entry"), contacts=nothing, habit=nothing),
        timeline.persons.filter(nw.col("new_until") > 0.0).select(
            "person", t=nw.col("new_until"), contacts=nothing, habit=nothing
        ),
    ]
    # One change per moment: in which order those of a moment come is not told.
    moments = (
        nw.concat(changes)
        .filter(nw.col("t") < timeline.closes)
        .group_by("person", "t")
        .agg(nw.col("contacts").sum(), nw.col("habit").sum())
    )
    return (
        moments.with_columns(
            contacts=nw.col("contacts").cum_sum().over("person", order_by="t"),
            habit=nw.col("habit").cum_sum().over("person", order_by="t"),
            next=nw.col("t").shift(-1).over("person", order_by="t"),
        )
        .join(timeline.persons, on="person", how="inner")
        .with_columns(
            nw.max_horizontal("t", "entry", nw.lit(timeline.opens)).alias("from"),
            nw.min_horizontal(nw.col("next").fill_null(timeline.closes), nw.lit(timeline.closes)).alias("to"),
        )
        .filter(nw.col("to") > nw.col("from"))
        .with_columns(
            new=nw.col("from") < nw.col("new_until"),
            returning=nw.col("from") >= nw.col("returning_from"),
        )
        .select("person", "segment", "region", "from", "to", "contacts", "habit", "new", "returning")
    )


def _growth(half_life: float) -> nw.Expr:
    growth: nw.Expr = (nw.col("t") * (np.log(2.0) / half_life)).exp()
    return growth


def _means(timeline: Timeline, signal: Signal, answers: Lazy, options: FitOptions) -> pa.Table:
    """Mean count of contacts, and mean habit, per person at risk by each day; and what habits have faded to by then."""
    last = int(timeline.closes)
    persons = _daily(timeline.persons.select(t=nw.max_horizontal("entry", nw.lit(0.0))), last).cumsum()
    contacts = _contacts(timeline, signal)
    begun = _daily(contacts.select(t=nw.max_horizontal("begins", nw.lit(0.0))), last)
    ended = _daily(contacts.select(t=nw.max_horizontal("ends", nw.lit(0.0))), last)
    stocks = {
        "contacts": (begun - ended).cumsum() - 0.5 * (begun - ended),
        "habit": _stock(_daily(answers, last, nw.col("own").sum()), options.habit_half_life_days),
    }
    means = {f"mean_{name}": stock / np.maximum(persons, 1.0) for name, stock in stocks.items()}
    day = np.arange(last, dtype=float)
    return pa.table({"day": day, "faded": 0.5 ** (day / options.habit_half_life_days), **means})


def _stock(daily: Floats, half_life: float) -> Floats:
    """Sum of what came before each day, decayed, shape ``(days,)``."""
    kept = 0.5 ** (1.0 / half_life)
    stock = np.zeros(len(daily))
    for day in range(1, len(daily)):
        stock[day] = kept * stock[day - 1] + daily[day - 1] * np.sqrt(kept)
    return stock


def _daily(frame: Lazy, days: int, amount: nw.Expr | None = None) -> Floats:
    """Count, or add up the amount given, by day, shape ``(days,)``."""
    dated = frame.filter(nw.col("t") < days).with_columns(day=nw.col("t").floor())
    table = dated.group_by("day").agg(n=nw.len() if amount is None else amount).collect("pyarrow").to_native()
    daily = np.zeros(days)
    daily[np.asarray(table["day"]).astype(int)] = np.asarray(table["n"])
    return daily


def _rated(spells: Lazy, options: FitOptions) -> Lazy:
    """Add contacts and habit of a spell on ``day``, shrunk and relative to the mean of that day."""
    a = options.shrinkage
    return spells.with_columns(
        contacts_ratio=(nw.col("contacts") + a) / (nw.col("mean_contacts") + a),
        habit_ratio=(nw.col("habit") * nw.col("faded") + a) / (nw.col("mean_habit") + a),
    )


def _edges(rated: Lazy, column: str, bins: int) -> Floats:
    """Inner edges, of the logarithm, of groups of about equal ``amount``; fewer where many share one value."""
    table = (
        rated.with_columns(step=(nw.col(column).log() * _RESOLUTION).floor())
        .group_by("step")
        .agg(nw.col("amount").sum())
        .collect("pyarrow")
        .to_native()
    )
    step, amount = np.asarray(table["step"], dtype=float), np.asarray(table["amount"], dtype=float)
    if not len(step):
        return np.empty(0)
    order = np.argsort(step)
    share = np.cumsum(amount[order]) / amount.sum()
    wanted = np.arange(1, bins) / bins
    inner = np.minimum(np.searchsorted(share, wanted), len(order) - 2) if len(order) > 1 else np.empty(0, int)
    return np.unique(step[order][inner] + 1.0) / _RESOLUTION


def _binned(rated: Lazy, laid: _Laid) -> Lazy:
    def bin_of(column: str, edges: Floats) -> nw.Expr:
        over = ((nw.col(column) >= math.exp(edge)).cast(nw.Int64) for edge in edges)
        return reduce(lambda left, right: left + right, over, nw.lit(0))

    habit = bin_of("habit_ratio", laid.habit_edges)
    return rated.with_columns(
        intensity=bin_of("contacts_ratio", laid.contacts_edges),
        history=nw.when(nw.col("new")).then(0).otherwise(nw.when(nw.col("returning")).then(habit + 2).otherwise(1)),
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
