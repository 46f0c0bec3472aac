"""Who, what, which touch point, which day: the contacts that earn most within the rules, and what no plan can beat.

Prices of everything scarce come first (`campaigns.planning.pricing`), with capacities pooled over the days; then the
plan (`campaigns.planning.filling`), with every contact on a day of its own. Pure arrays; compiled code is loaded with
this module, so only what solves imports it.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from campaigns.planning.dual import Numbers, Priced
from campaigns.planning.filling import Filled, better, fill
from campaigns.planning.horizon import Index
from campaigns.planning.layout import Layout, Rows, lay_out
from campaigns.planning.pricing import fitted, lowest_bound
from campaigns.planning.problem import FULL, REASONS, Problem, Solution, Unmet

__all__ = ["solve", "upper_bound"]

NEARLY = 0.3
"""Share of least amounts missing up to which prices that ask for more of them are tried."""


MANY = 1_000_000
"""Candidates from which on one plan is made, and not the best of several."""

MORE = (0.001, 0.01, 0.03)
"""Shares by which more is wanted than there is, where a plan is made."""


def solve(problem: Problem) -> Solution:
    """Choose contacts, and prove how much better any other choice could be.

    The same problem, its seed included, gives the same plan. Where a least amount is not reached, the plan is the
    nearest found, and the bound is that of plans which reach as much of it.
    """
    layout = lay_out(problem)
    priced = lowest_bound(layout, problem.rivals, problem.seed)
    filled = _reaching(problem, layout, priced, _first(problem, layout, priced))
    unmet = _unmet(problem, layout, priced, filled)
    if unmet:
        layout = _lowered(layout, filled)
        priced = lowest_bound(layout, problem.rivals, problem.seed)
        again = fill(_eased(problem, filled), layout, priced)
        filled = again if again.short <= 1e-9 and again.value > filled.value else filled
    return _solution(problem, layout, priced, filled, unmet)


def _first(problem: Problem, layout: Layout, priced: Priced) -> Filled:
    """Make a plan from prices at which a little more is wanted than there is; of few contacts, the best of several."""
    if len(layout) > MANY:
        return fill(problem, layout, fitted(layout, problem.rivals, priced, MORE[0]))
    best = fill(problem, layout, priced)
    for more in MORE:
        ready = fitted(layout, problem.rivals, priced, more)
        priced = replace(priced, answer=ready.answer)
        best = better(best, fill(problem, layout, ready, shaken=False))
    return best


def _reaching(problem: Problem, layout: Layout, priced: Priced, filled: Filled) -> Filled:
    """Ask for a little more than the least amounts where the plan falls just short of them."""
    prices, more = priced.prices, 2.0
    while 0.0 < filled.short <= NEARLY and more <= 8.0:
        rows = layout.rows
        reached = np.asarray([filled.reached[number] if number >= 0 else 0.0 for number in rows.limit])
        room = np.where(rows.least, rows.room - more * np.maximum(-rows.room - reached, 0.0), rows.room)
        raised = lowest_bound(replace(layout, rows=replace(rows, room=room)), problem.rivals, problem.seed, prices)
        again = fill(problem, layout, raised)
        if again.short < filled.short:
            filled, prices = again, raised.prices
        more *= 2.0
    return filled


def upper_bound(problem: Problem) -> float:
    """Return a value that no plan under the same rules can beat, in major units.

    If least amounts cannot be met, so that there is no plan at all, it may be anything.
    """
    return lowest_bound(lay_out(problem), problem.rivals, problem.seed).demand.bound


def _unmet(problem: Problem, layout: Layout, priced: Priced, filled: Filled) -> tuple[Unmet, ...]:
    """Name the least amounts not reached, with the most that any plan could reach of each."""
    nothing = -float(layout.cost.sum()) if (layout.second > 0.0).any() else 0.0
    together = priced.demand.bound < min(nothing, float(np.minimum(layout.net, 0.0).sum())) - 1e-6
    missing = []
    for number, limit in enumerate(problem.limits):
        if limit.least is not None and filled.reached[number] < limit.least - 1e-9:
            reached = float(filled.reached[number])
            possible = max(_most_of(problem, layout, number), reached)
            missing.append(Unmet(limit.name, limit.least, reached, possible, together))
    return tuple(missing)


def _most_of(problem: Problem, layout: Layout, number: int) -> float:
    """Return what no plan under the other constraints can exceed of a limit's use."""
    use = problem.limits[number].use[layout.offer, layout.channel]
    rows = layout.rows
    others = ~((rows.limit == number) & rows.least)
    alone = replace(
        layout,
        net=use,
        gross=use,
        cost=np.zeros(len(layout)),
        second=np.where(layout.second > 0.0, 1.0, 0.0),
        rows=Rows(
            rows.use[others], rows.room[others], rows.limit[others], rows.least[others], rows.channel[others],
            rows.group[others],
        ),
    )  # fmt: skip
    return lowest_bound(alone, problem.rivals, problem.seed).demand.bound


def _lowered(layout: Layout, filled: Filled) -> Layout:
    """Lower the least amounts to what is reached."""
    rows = layout.rows
    reached = np.asarray([filled.reached[number] if number >= 0 else 0.0 for number in rows.limit])
    room = np.where(rows.least, np.maximum(rows.room, -reached), rows.room)
    return replace(layout, rows=replace(rows, room=room))


def _eased(problem: Problem, filled: Filled) -> Problem:
    limits = tuple(
        limit if limit.least is None else replace(limit, least=min(limit.least, float(reached)))
        for limit, reached in zip(problem.limits, filled.reached, strict=True)
    )
    return replace(problem, limits=limits)


def _solution(problem: Problem, layout: Layout, priced: Priced, filled: Filled, unmet: tuple[Unmet, ...]) -> Solution:
    chosen = np.flatnonzero(filled.day >= 0)
    chosen = chosen[np.lexsort((layout.row[chosen], -filled.worth[chosen]))]
    stopped_by = problem.judgement.stopped_by.copy()
    stopped_by[problem.judgement.open_days != 0] = REASONS.index(FULL)
    stopped_by[layout.row] = filled.why
    day = filled.day[chosen].astype(np.int64)
    channel = layout.channel[chosen].astype(np.int64)
    counts = np.zeros((problem.channels, problem.days))
    np.add.at(counts, (channel, day), 1.0)
    value = float(filled.worth.sum())
    rows = layout.rows
    limit_prices = np.zeros(len(problem.limits))
    for price, number, least in zip(priced.prices, rows.limit, rows.least, strict=True):
        if number >= 0:
            limit_prices[number] += -price if least else price
    return Solution(
        chosen=layout.row[chosen],
        day=day,
        stopped_by=stopped_by,
        fullest=_fullest(
            problem, layout.person[chosen].astype(np.int64), channel, layout.offer[chosen].astype(np.int64), day
        ),
        used=tuple(counts[item.channel] * item.per_contact for item in problem.scarce),
        worth=filled.worth[chosen],
        # The bound and the value of a plan that meets it are sums of the same numbers in another order.
        bound=max(priced.demand.bound, value),
        prices=_scarce_prices(problem, layout, priced.prices),
        reached=tuple(filled.reached.tolist()),
        limit_prices=tuple(limit_prices.tolist()),
        limit_price=float(priced.prices[rows.limit == -2].sum()),
        unmet=unmet,
    )


def _fullest(problem: Problem, person: Index, channel: Index, offer: Index, day: Index) -> tuple[int, ...]:
    """Return, per cap, the most contacts in any of its windows that holds one of this plan."""
    fullest = []
    for windows in problem.windows:
        ours = np.ones(len(person), bool) if windows.channel is None else channel == windows.channel
        if windows.offer is not None:
            ours &= offer == windows.offer
        group, on = windows.group[person[ours]], day[ours]
        groups, place = np.unique(group, return_inverse=True)
        counts = windows.counts[groups].astype(np.int64)
        held = np.zeros(counts.shape, bool)
        for later in range(windows.cap.days):
            np.add.at(counts, (place, on + later), 1)
            held[place, on + later] = True
        fullest.append(int(counts[held].max(initial=0)))
    return tuple(fullest)


def _scarce_prices(problem: Problem, layout: Layout, prices: Numbers) -> tuple[float, ...]:
    """Return what one more unit of each scarce thing would bring on the day on which it brings most.

    Of several things that one touch point uses, that which runs out first carries the price.
    """
    rows, found = layout.rows, []
    tightest: dict[int, tuple[float, int]] = {}
    for number, item in enumerate(problem.scarce):
        fits = float(np.maximum(np.floor(item.left / item.per_contact + 1e-9), 0.0).sum())
        if item.channel not in tightest or fits < tightest[item.channel][0]:
            tightest[item.channel] = fits, number
    for number, item in enumerate(problem.scarce):
        own = np.flatnonzero(rows.channel == item.channel)
        by_day = [
            sum(prices[row] for row in own if layout.groups[item.channel][rows.group[row]] >> day & 1)
            for day in range(problem.days)
        ]
        carries = tightest[item.channel][1] == number
        found.append(float(max(by_day)) / item.per_contact if carries else 0.0)
    return tuple(found)
