"""Prices under which the bound is low, and prices to make a plan from.

The bound is convex in the prices, and every demand at some prices gives a plane under it. For up to some ten thousand
households it is lowered by such cutting planes, in a box that moves with the best prices so far (boxstep; Marsten,
Hogan and Blankenship, 1975). Of many households the demand answers to prices almost smoothly: there a sample is priced
first, how its demand answers to each price is measured, and everybody is priced by a few Newton steps with that answer,
which learns from every step (BFGS). Any prices give a true bound, so a sample can cost closeness, never truth.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import linprog

from campaigns.planning.dual import Dual, Numbers, Priced, some_houses, workers
from campaigns.planning.layout import Layout

__all__ = ["fitted", "lowest_bound"]

FEW = 5000
"""Households up to which cutting planes begin from nothing."""

SAMPLES = (2500, 30_000)
"""Households of the samples that the first prices come from."""

_STEPS = 12
_CLOSE = 1e-6
_EXACT = 2e-6
_NUDGE = 0.02


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
    with workers() as pool:
        whole = Dual(layout, rivals, 1.0, pool)
        if not len(whole.room):
            return Priced(np.zeros(0), whole.demand(np.zeros(0)))
        prices = np.zeros(len(whole.room)) if start is None else start * whole.scale
        if layout.houses <= FEW:
            found = _by_cuts(whole, prices)
        else:
            found = _by_samples(whole, prices, np.random.default_rng(seed), pool, warm=start is not None)
    return replace(found, prices=found.prices / whole.scale)


def fitted(layout: Layout, rivals: NDArray[np.bool_], priced: Priced, more: float) -> Priced:
    """Return prices near the best at which demand is a little above what there is, to make a plan from.

    What is wanted too much is dropped from a plan where it loses next to nothing, while what is left over costs its
    price. The bound at these prices is a bound too, but not the lowest.

    Parameters
    ----------
    priced
        The best prices.
    more
        The share by which demand is to be above what there is.
    """
    if not (len(priced.prices) and len(layout)):
        return priced
    with workers() as pool:
        whole = Dual(layout, rivals, 1.0, pool)
        begun = replace(priced, prices=priced.prices * whole.scale)
        answer = _answer(whole, begun.prices) if priced.answer is None else priced.answer
        found = _by_steps(whole, begun, answer, whole.room + more * np.abs(whole.room) * _upwards(layout))
    return replace(found, prices=found.prices / whole.scale)


def _upwards(layout: Layout) -> Numbers:
    """Return the sign of what more demand is, by row: a least amount is written with its signs turned."""
    return np.where(layout.rows.least, -1.0, 1.0)


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


def _by_samples(
    whole: Dual, start: Numbers, rng: np.random.Generator, pool: ThreadPoolExecutor, *, warm: bool
) -> Priced:
    """Lower the bound on samples of growing size, and then on everybody."""
    prices = start
    if not warm:
        prices = _until_demand_fits(_sample(whole, SAMPLES[0], rng, pool), start)
    sample = _sample(whole, SAMPLES[1], rng, pool)
    best = _by_cuts(sample, prices, reach=0.05, close=2e-5)
    if sample is whole:
        return best
    answer = _answer(sample, best.prices) * (whole.layout.houses / sample.layout.houses)
    return _by_steps(whole, Priced(best.prices, whole.demand(best.prices)), answer, whole.room)


def _sample(whole: Dual, count: int, rng: np.random.Generator, pool: ThreadPoolExecutor) -> Dual:
    houses = whole.layout.houses
    if houses <= count:
        return whole
    return Dual(some_houses(whole.layout, count, rng), whole.rivals, count / houses, pool)


def _by_cuts(dual: Dual, start: Numbers, reach: float = 1.0, most: int = 200, close: float = _EXACT) -> Priced:
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


def _answer(dual: Dual, prices: Numbers) -> Numbers:
    """Measure by how much the use of each row falls where the price of each rises, shape ``(rows, rows)``."""
    found = np.zeros((len(prices), len(prices)))
    for row, price in enumerate(prices.tolist()):
        nudge = _NUDGE * max(price, 0.5 * dual.value)
        above, below = prices.copy(), prices.copy()
        above[row], below[row] = price + nudge, max(price - nudge, 0.0)
        found[row] = (dual.demand(below).used - dual.demand(above).used) / (above[row] - below[row])
    # Households that choose best answer symmetrically, and never buy more of what grows dearer.
    sizes, ways = np.linalg.eigh((found + found.T) / 2.0)
    least = max(1e-3 * float(sizes.max(initial=0.0)), 1e-6 * dual.layout.houses / dual.value)
    answer: Numbers = (ways * np.maximum(sizes, least)) @ ways.T
    return answer


def _by_steps(dual: Dual, start: Priced, answer: Numbers, room: Numbers) -> Priced:
    """Lower the bound that holds with so much room by Newton steps, damped where one did not lower it.

    Parameters
    ----------
    start
        Prices, and the demand of these households at them.
    answer
        By how much their use falls where prices rise; it learns from every step.
    room
        Shape ``(rows,)``, scaled as that of ``dual``.
    """
    best, damping = start, 0.0
    height = best.demand.bound + float(best.prices @ (room - dual.room))
    for _ in range(_STEPS):
        slope = room - best.demand.used
        damped = answer + damping * np.diag(np.diag(answer))
        step = _lowest_of_quadratic(slope, damped, -best.prices, dual.highest - best.prices)
        hoped = -float(slope @ step + 0.5 * step @ damped @ step)
        if hoped <= _CLOSE * max(abs(height), dual.value):
            break
        prices = np.clip(best.prices + step, 0.0, dual.highest)
        demand = dual.demand(prices)
        answer = _learned(answer, prices - best.prices, best.demand.used - demand.used)
        now = demand.bound + float(prices @ (room - dual.room))
        if now < height:
            best, height, damping = Priced(prices, demand), now, damping / 4.0
        else:
            damping = max(4.0 * damping, 1.0)
    return replace(best, answer=answer)


def _learned(answer: Numbers, step: Numbers, fallen: Numbers) -> Numbers:
    """Make the answer agree with the last step (BFGS)."""
    along = answer @ step
    if float(step @ fallen) <= 1e-9 * float(step @ along):
        return answer
    return answer - np.outer(along, along) / float(step @ along) + np.outer(fallen, fallen) / float(step @ fallen)


def _lowest_of_quadratic(slope: Numbers, curve: Numbers, low: Numbers, high: Numbers) -> Numbers:
    """Return the lowest point of ``slope @ x + x @ curve @ x / 2`` in a box, coordinate by coordinate."""
    point = np.zeros(len(slope))
    for _ in range(500):
        before = point.copy()
        for place in range(len(point)):
            away = (slope[place] + curve[place] @ point) / curve[place, place]
            point[place] = min(max(point[place] - away, low[place]), high[place])
        if np.abs(point - before).max() <= 1e-9 * (1e-9 + np.abs(point).max()):
            break
    return point
