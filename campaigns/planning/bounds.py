"""What no plan under the same rules can beat."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from campaigns.planning.horizon import Index
from campaigns.planning.problem import Problem

__all__ = ["upper_bound"]


def upper_bound(problem: Problem) -> float:
    """Return a value that no plan under the same rules can beat, in major units.

    Each person's best open candidate per touch point is taken as if capacities, exclusions and the choice of days were
    free; per household, no more of them than its caps have room for. Where a touch point has capacities, its contacts
    may also be charged a price and the capacity be credited at that price: any price that is not negative gives a true
    bound (Lagrangian relaxation; Fisher 1981), so the smaller of "free" and "at the value of the last contact that
    fits" is taken. A limit on the number of contacts bounds the plan by the sum of the best so many.
    """
    person, channel, value = _best_per_touch_point(problem)
    bounds = [_at_prices(problem, person, channel, value, np.zeros(problem.channels))]
    prices, capacity = _scarcity_prices(problem, channel, value)
    if prices.any():
        bounds.append(_at_prices(problem, person, channel, value, prices) + float(prices @ capacity))
    if problem.limit is not None:
        bounds.append(float(np.sort(value)[::-1][: problem.limit].sum()))
    return min(bounds)


def _best_per_touch_point(problem: Problem) -> tuple[Index, Index, NDArray[np.float64]]:
    """Return person, touch point and value of the best open candidate of each person and touch point."""
    candidates = problem.candidates
    rows = np.flatnonzero(problem.judgement.open_days)
    key = candidates.person[rows] * problem.channels + candidates.channel[rows]
    order = np.lexsort((-candidates.value[rows], key))
    first = np.ones(len(order), bool)
    first[1:] = key[order][1:] != key[order][:-1]
    best = rows[order[first]]
    return candidates.person[best], candidates.channel[best], candidates.value[best]


def _scarcity_prices(
    problem: Problem, channel: Index, value: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return, per touch point, the value of the last contact that fits into its capacity, and that capacity."""
    prices, capacity = np.zeros(problem.channels), np.zeros(problem.channels)
    for place in range(problem.channels):
        fits = [np.floor(item.left / item.per_contact + 1e-9) for item in problem.scarce if item.channel == place]
        if not fits:
            continue
        capacity[place] = np.maximum(np.minimum.reduce(fits), 0.0).sum()
        ranked = np.sort(value[channel == place])[::-1]
        if len(ranked) > capacity[place]:
            prices[place] = ranked[max(int(capacity[place]) - 1, 0)]
    return prices, capacity


def _at_prices(
    problem: Problem, person: Index, channel: Index, value: NDArray[np.float64], prices: NDArray[np.float64]
) -> float:
    """Sum, over households, the most that each could earn at these prices.

    Caps nest in two ways: person within household, and a touch point's household cap within the household's. Each
    alone gives a true bound, since in nested caps keeping the best that fit, from the inside out, is exact; per
    household the smaller one holds.
    """
    reduced = value - prices[channel]
    worth = reduced > 0
    person, channel, reduced = person[worth], channel[worth], reduced[worth]
    household = problem.household[person]
    houses = int(problem.household.max(initial=-1)) + 1
    people = len(problem.household)
    in_person = _keep(reduced, person, _room(problem, "person", None, people))
    in_channel = np.ones(len(reduced), bool)
    for place in range(problem.channels):
        ours = np.flatnonzero(channel == place)
        in_channel[ours] = _keep(reduced[ours], household[ours], _room(problem, "household", place, houses))
    room = _room(problem, "household", None, houses)
    totals = []
    for kept in (np.flatnonzero(in_person), np.flatnonzero(in_channel)):
        kept = kept[_keep(reduced[kept], household[kept], room)]
        totals.append(np.bincount(household[kept], weights=reduced[kept], minlength=houses))
    return float(np.minimum(*totals).sum())


def _room(problem: Problem, scope: str, channel: int | None, groups: int) -> Index:
    """Return the most contacts that the caps of this kind leave to each group."""
    room = np.full(groups, len(problem.candidates) + 1, np.int64)
    for windows in problem.windows:
        if windows.cap.scope == scope and windows.channel == channel:
            room = np.minimum(room, windows.room)
    return room


def _keep(value: NDArray[np.float64], group: Index, room: Index) -> NDArray[np.bool_]:
    """Keep the best values of each group, as many as it has room for."""
    order = np.lexsort((-value, group))
    ranked = group[order]
    starts = np.r_[True, ranked[1:] != ranked[:-1]] if len(ranked) else np.zeros(0, bool)
    rank = np.arange(len(ranked)) - np.maximum.accumulate(np.where(starts, np.arange(len(ranked)), 0))
    kept = np.zeros(len(value), bool)
    kept[order] = rank < room[ranked]
    return kept
