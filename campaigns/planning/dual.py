"""Prices of what is scarce, and the bound they prove.

Capacities, budgets and volumes tie millions of contacts together. Given a price each, households fall apart, and what
they can earn at most at these prices, plus the scarce amounts at the same prices, cannot be beaten by any plan
(Lagrangian relaxation; Fisher, 1981, Management Science 27). That sum is convex in the prices, and every demand at some
prices gives a plane under it. It is lowered by such cutting planes, in a box that moves with the best prices so far
(boxstep; Marsten, Hogan and Blankenship, 1975). For many households the box starts small, around
prices found on a sample: there prices first move until demand about fits, and then by cutting planes too. Any prices
give a true bound, so a sample can cost closeness, never truth.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

from campaigns.planning.choosing import choose
from campaigns.planning.horizon import Index
from campaigns.planning.layout import Layout

__all__ = ["Demand", "Dual", "Priced", "fitted", "lowest_bound", "some_houses"]

Numbers = NDArray[np.float64]

FEW = 5000
"""Households up to which cutting planes are used."""

SAMPLES = (2500, 30_000)
"""Households of the samples that the first prices come from."""

_CHUNKS = 32
_CLOSE = 2e-6
_FITTING = 7
"""Steps until demand fits."""
_ANSWER, _MORE = 2.5, 1.004
"""By how many times the missing share of demand a price comes down, and the demand aimed at, as a share of the room."""
_DROPPED = 0.05
"""What dropping what is wanted too much costs, as a share of its price."""


@dataclass(frozen=True)
class Demand:
    """What households want at given prices.

    Parameters
    ----------
    bound
        What no plan can beat.
    used
        Use of each row, shape ``(rows,)``.
    picked
        Whether each candidate is wanted.
    """

    bound: float
    used: Numbers
    picked: NDArray[np.int8]


@dataclass(frozen=True)
class Priced:
    """The best prices found, per row of the layout, and the demand at them."""

    prices: Numbers
    demand: Demand


class Dual:
    """The bound as a function of the prices, over the households of a layout. Rows are scaled to money per contact."""

    def __init__(self, layout: Layout, rivals: NDArray[np.bool_], share: float, pool: ThreadPoolExecutor) -> None:
        self.layout, self.rivals, self._pool = layout, rivals, pool
        use = layout.rows.use
        size = np.abs(use).sum(axis=1) / np.maximum((use != 0).sum(axis=1), 1)
        self.scale = np.where(size > 0, size, 1.0)
        self.use = use / self.scale[:, None]
        self.room = layout.rows.room * share / self.scale
        net = layout.net
        self.value = float(net[net > 0].mean()) if (net > 0).any() else 1.0
        self.highest = 1000.0 * float(layout.gross.max(initial=1e-9))
        chunks = _CHUNKS if layout.houses > 20 * _CHUNKS else 1
        self._edges = np.linspace(0, layout.houses, chunks + 1).astype(int)

    def demand(self, prices: Numbers) -> Demand:
        """Let every household choose at these prices."""
        layout = self.layout
        by_class = prices @ self.use if len(prices) else np.zeros(self.use.shape[1])
        picked = np.zeros(len(layout), np.int8)

        def work(chunk: int) -> tuple[float, Index]:
            counts = np.zeros(self.use.shape[1], np.int64)
            bound = choose(
                self._edges[chunk], self._edges[chunk + 1], layout.simple, layout.starts, layout.net, layout.gross,
                layout.second, layout.price_class, layout.person, layout.channel, layout.offer, layout.room,
                layout.rooms, self.rivals, by_class, counts, picked,
            )  # fmt: skip
            return bound, counts

        parts = list(self._pool.map(work, range(len(self._edges) - 1)))
        bound = float(np.sum([part[0] for part in parts])) + float(prices @ self.room)
        return Demand(bound, self.use @ np.sum([part[1] for part in parts], axis=0), picked)


def some_houses(layout: Layout, count: int, rng: np.random.Generator) -> Layout:
    """Return the layout of so many households drawn at random."""
    taken = np.sort(rng.choice(layout.houses, count, replace=False))
    sizes = np.diff(layout.starts)[taken]
    at = np.repeat(layout.starts[taken] - np.r_[0, np.cumsum(sizes)[:-1]], sizes) + np.arange(sizes.sum())
    by_person, by_both, by_touch = layout.rooms
    columns = ("row", "net", "gross", "cost", "second", "person", "channel", "offer", "mask", "price_class")
    return replace(
        layout,
        starts=np.r_[0, np.cumsum(sizes)],
        house=layout.house[taken],
        room=layout.room[taken],
        rooms=(by_person, by_both, by_touch[taken]),
        **{name: getattr(layout, name)[at] for name in columns},
    )


@contextmanager
def _workers() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(max_workers=os.cpu_count() or 1) as pool:
        yield pool


def lowest_bound(layout: Layout, rivals: NDArray[np.bool_], seed: int = 0, start: Numbers | None = None) -> Priced:
    """Return prices under which the bound is as low as found, in money per unit of each row.

    Parameters
    ----------
    layout
        The problem.
    rivals
        Pairs of offers that one person may not both get, shape ``(offers, offers)``.
    seed
        Draws the samples.
    start
        Prices to begin with, in money per unit, or None.
    """
    with _workers() as pool:
        whole = Dual(layout, rivals, 1.0, pool)
        if not len(whole.room):
            return Priced(np.zeros(0), whole.demand(np.zeros(0)))
        prices = np.zeros(len(whole.room)) if start is None else start * whole.scale
        if layout.houses <= FEW:
            found = _by_cuts(whole, prices)
        else:
            found = _by_samples(whole, prices, np.random.default_rng(seed), pool, warm=start is not None)
    return Priced(found.prices / whole.scale, found.demand)


def fitted(layout: Layout, rivals: NDArray[np.bool_], priced: Priced) -> Priced:
    """Return prices near the best at which demand uses up what has a price, to make a plan from.

    Of many households, the best prices leave some of it over, which costs the plan its price, while what is wanted too
    much is dropped where it loses next to nothing. So prices of what is left over come down until it is wanted. The
    bound at these prices is a bound too, but not the lowest.
    """
    if layout.houses <= FEW or not len(priced.prices):
        return priced
    with _workers() as pool:
        dual = Dual(layout, rivals, 1.0, pool)
        now = Priced(priced.prices * dual.scale, priced.demand)
        best, lowest = now, np.inf
        for _ in range(_FITTING):
            room = np.where(layout.rows.least, np.inf, np.maximum(dual.room, 1e-9))
            wanted = np.where((now.prices > 0.0) & np.isfinite(room), now.demand.used / room, 1.0)
            left = float((now.prices * np.where(np.isfinite(room), room, 0.0)) @ np.maximum(1.0 - wanted, 0.0))
            excess = float(now.prices @ np.maximum(now.demand.used - dual.room, 0.0))
            if left + _DROPPED * excess < lowest:
                best, lowest = now, left + _DROPPED * excess
            if left <= 1e-4 * abs(now.demand.bound):
                break
            prices = now.prices * (1.0 - np.clip(_ANSWER * (_MORE - wanted), 0.0, 0.2))
            prices = np.where(wanted < 1.0 - 1e-3, prices, now.prices)
            now = Priced(prices, dual.demand(prices))
        return Priced(best.prices / dual.scale, best.demand)


def _by_cuts(dual: Dual, start: Numbers, reach: float = 1.0, most: int = 200, close: float = _CLOSE) -> Priced:
    """Lower the bound by cutting planes: the best prices by the cuts so far, in a box around the best so far."""
    best = Priced(start, dual.demand(start))
    cuts, heights = [dual.room - best.demand.used], [best.demand.bound - (dual.room - best.demand.used) @ start]
    reach *= dual.value
    for _ in range(most):
        low, high = np.maximum(best.prices - reach, 0.0), np.minimum(best.prices + reach, dual.highest)
        model = linprog(
            np.r_[np.zeros(len(start)), 1.0],
            A_ub=np.c_[np.asarray(cuts), -np.ones(len(cuts))],
            b_ub=-np.asarray(heights),
            bounds=[*zip(low, high, strict=True), (None, None)],
        )
        if not model.success:
            break
        prices = np.clip(model.x[:-1], low, high)
        if best.demand.bound - model.x[-1] <= close * max(abs(best.demand.bound), dual.value):
            if not _at_edge(prices, low, high, dual.highest):
                break
            reach *= 4.0
            continue
        demand = dual.demand(prices)
        slope = dual.room - demand.used
        cuts.append(slope)
        heights.append(demand.bound - slope @ prices)
        if demand.bound < best.demand.bound:
            best = Priced(prices, demand)
            reach *= 2.0
        else:
            reach = max(reach / 2.0, 1e-3 * dual.value)
    return best


def _at_edge(prices: Numbers, low: Numbers, high: Numbers, highest: float) -> bool:
    """Tell whether the box, and not the range of prices, holds a price."""
    above = (prices >= high - 1e-12) & (high < highest)
    below = (prices <= low + 1e-12) & (low > 0.0)
    return bool((above | below).any())


def _by_samples(
    whole: Dual, start: Numbers, rng: np.random.Generator, pool: ThreadPoolExecutor, *, warm: bool
) -> Priced:
    """Lower the bound on samples of growing size, and then on everybody."""
    prices = start
    if not warm:
        prices = _until_demand_fits(_sample(whole, SAMPLES[0], rng, pool), start)
    sample = _sample(whole, SAMPLES[1], rng, pool)
    if sample is whole:
        return _by_cuts(whole, prices, reach=0.05, close=2e-5)
    prices = _by_cuts(sample, prices, reach=0.05, close=2e-5).prices
    return _by_cuts(whole, prices, reach=0.006, most=10, close=1e-4)


def _sample(whole: Dual, count: int, rng: np.random.Generator, pool: ThreadPoolExecutor) -> Dual:
    houses = whole.layout.houses
    if houses <= count:
        return whole
    return Dual(some_houses(whole.layout, count, rng), whole.rivals, count / houses, pool)


def _until_demand_fits(dual: Dual, start: Numbers, steps: int = 90) -> Numbers:
    """Raise prices of what is wanted too much and lower the others, in steps that shrink; average the last ones."""
    prices, late = start.copy(), []
    for step in range(steps):
        used = dual.demand(prices).used
        size = np.maximum(np.maximum(np.abs(dual.room), np.abs(used)), 1e-3 * dual.layout.houses)
        length = dual.value * 0.4 * (0.01 / 0.4) ** (step / (steps - 1))
        prices = np.clip(prices - length * np.clip(5.0 * (dual.room - used) / size, -1.0, 1.0), 0.0, dual.highest)
        if step >= steps * 3 // 4:
            late.append(prices)
    return np.asarray(np.mean(late, axis=0))
