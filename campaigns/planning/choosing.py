"""The best contacts of each household at given prices: compiled, exact, household by household.

Per household the candidates that earn more than their price are searched depth first, best first, with the sum of the
next best ones as bound. Where nothing conflicts the first leaf is the best one and the search ends there, so that the
cost is that of sorting a few numbers. Only modules that solve import this one: it loads Numba.
"""

from __future__ import annotations

import numba
import numpy as np

__all__ = ["choose"]

NODES = 4000
"""Steps of the search per household; past them its relaxed bound stands in, which keeps the bound a bound."""

_compiled = numba.njit(cache=True, nogil=True)


@_compiled
def _order(values, rows, size):  # type: ignore[no-untyped-def]
    """Sort a few values in place, largest first, and their rows with them; equal ones keep their order."""
    for place in range(1, size):
        value, row = values[place], rows[place]
        at = place
        while at > 0 and values[at - 1] < value:
            values[at], rows[at] = values[at - 1], rows[at - 1]
            at -= 1
        values[at], rows[at] = value, row


@_compiled
def _faded(gross, second, chosen, count, row, person, channel):  # type: ignore[no-untyped-def]
    """Return what a row adds to those chosen through its touch point, in gross value, each after the better ones."""
    keeps, before = second[row], 0
    lost = 0.0
    for place in range(count):
        other = chosen[place]
        if person[other] != person[row] or channel[other] != channel[row]:
            continue
        if gross[other] >= gross[row]:
            before += 1
            continue
        rank = 0
        for beside in range(count):
            ahead = chosen[beside]
            same = person[ahead] == person[row] and channel[ahead] == channel[row]
            if same and (gross[ahead] > gross[other] or (gross[ahead] == gross[other] and beside < place)):
                rank += 1
        lost += gross[other] * keeps**rank * (1.0 - keeps)
    return gross[row] * keeps**before - lost


@_compiled
def _fits(row, chosen, count, person, channel, offer, second, rooms, house, rivals):  # type: ignore[no-untyped-def]
    """Tell whether a row may stand beside those chosen in its household."""
    of_person, of_touch, of_both = 0, 0, 0
    for place in range(count):
        other = chosen[place]
        same_touch = channel[other] == channel[row]
        of_touch += same_touch
        if person[other] == person[row]:
            of_person += 1
            of_both += same_touch
            if rivals[offer[row], offer[other]] or (offer[row] == offer[other] and same_touch):
                return False
    if of_both and second[row] <= 0.0:
        return False
    by_person, by_both, by_touch = rooms
    return (
        of_person < by_person[person[row]]
        and of_both < by_both[person[row], channel[row]]
        and of_touch < by_touch[house, channel[row]]
    )


@_compiled
def choose(  # type: ignore[no-untyped-def]
    first, last, simple, starts, net, gross, second, price_class, person, channel, offer,
    room, rooms, rivals, prices, counts, picked,
):  # fmt: skip
    """Choose for the households from ``first`` to ``last``.

    Parameters
    ----------
    first, last
        Range of households; their candidates lie at ``starts[first]`` to ``starts[last]``.
    simple
        Whether one contact per person and touch point is all that matters besides numbers of contacts: then only the
        best of each is looked at.
    net, gross, second
        Value, value before cost, and what a second contact keeps, by candidate.
    price_class, prices
        Class of each candidate, and price of each class.
    person, channel, offer
        By candidate.
    room, rooms
        Most contacts per household; and per person, per person and touch point, per household and touch point.
    rivals
        Pairs of offers that one person may not both get.
    counts
        Chosen contacts per class, written, shape ``(classes,)``.
    picked
        Whether each candidate is chosen, written.

    Returns
    -------
    The sum of what no choice of the households can beat at these prices.
    """
    widest = 1
    for house in range(first, last):
        widest = max(widest, starts[house + 1] - starts[house])
    reduced = np.empty(widest, np.float64)
    rows = np.empty(widest, np.int64)
    ahead = np.empty(widest + 1, np.float64)
    chosen = np.empty(widest, np.int64)
    places = np.empty(widest, np.int64)
    worth = np.empty(widest, np.float64)
    best = np.empty(widest, np.int64)
    slots = np.full(rooms[2].shape[1], -1, np.int64)
    bound = 0.0
    for house in range(first, last):
        size, whose = 0, -1
        most = room[house]
        for row in range(starts[house], starts[house + 1]):
            picked[row] = 0
            value = net[row] - prices[price_class[row]]
            if value <= 0.0:
                continue
            if simple:
                if person[row] != whose:
                    slots[:] = -1
                    whose = person[row]
                slot = slots[channel[row]]
                if slot >= 0:
                    if value > reduced[slot]:
                        reduced[slot], rows[slot] = value, row
                    continue
                slots[channel[row]] = size
            reduced[size], rows[size] = value, row
            size += 1
        if size == 0 or most <= 0:
            continue
        _order(reduced, rows, size)
        ahead[0] = 0.0
        for place in range(size):
            ahead[place + 1] = ahead[place] + reduced[place]
        top, best_size, count, now, place, steps = 0.0, 0, 0, 0.0, 0, 0
        while steps < NODES:
            steps += 1
            reach = min(size, place + most - count)
            if place < size and now + ahead[reach] - ahead[place] > top + 1e-12 * ahead[size]:
                row = rows[place]
                if _fits(row, chosen, count, person, channel, offer, second, rooms, house, rivals):
                    places[count], worth[count] = place, now
                    gain = reduced[place]
                    if not simple and second[row] > 0.0:
                        gain += _faded(gross, second, chosen, count, row, person, channel) - gross[row]
                    now += gain
                    chosen[count] = row
                    count += 1
                    if now > top:
                        top, best_size = now, count
                        for member in range(count):
                            best[member] = chosen[member]
                place += 1
            elif count == 0:
                break
            else:
                count -= 1
                place, now = places[count] + 1, worth[count]
        # What the search may have left out for being no better than by rounding still counts.
        bound += top + 1e-12 * ahead[size] if steps < NODES else ahead[min(size, most)]
        for member in range(best_size):
            picked[best[member]] = 1
            counts[price_class[best[member]]] += 1
    return bound
