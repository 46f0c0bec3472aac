"""From prices to a plan that keeps everything: households' choices admitted best first, and what is left filled up."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from campaigns.planning.admitting import admit
from campaigns.planning.dual import Priced
from campaigns.planning.horizon import Index
from campaigns.planning.layout import Layout
from campaigns.planning.problem import BEYOND, FULL, OUTRANKED, REASONS, Problem
from campaigns.planning.rules import rule_index
from campaigns.planning.windows import Windows

__all__ = ["Filled", "better", "fill"]

Numbers = NDArray[np.float64]

SMALL = 20_000
"""Candidates up to which several orders are tried."""

TRIES = 24

SPARE = (0.003, 0.015)
"""Shares of what is scarce that is spared for least amounts which the households' choices just miss."""

_MANY = 2_000_000
"""Candidates from which on those far below their price are no longer put in order."""


@dataclass(frozen=True)
class Filled:
    """A plan over a layout.

    Parameters
    ----------
    day
        Day of each candidate, -1 if not in the plan.
    why
        Position in `REASONS` of what stood against each candidate, -1 for those in the plan.
    reached
        Use of each limit of the problem.
    worth
        What each candidate in the plan adds in its order; 0 for others.
    short
        How much is missing from least amounts, as a sum of shares of them.
    """

    day: NDArray[np.int8]
    why: NDArray[np.int8]
    reached: Numbers
    worth: Numbers
    short: float

    @property
    def value(self) -> float:
        """Value of the plan."""
        return float(self.worth.sum())


def fill(problem: Problem, layout: Layout, priced: Priced, *, shaken: bool = True) -> Filled:
    """Make the best plan found at these prices.

    The households' choices come first, those confined to few days before the others, best reduced value first; what
    serves a least amount that is not reached comes before everything. Then whatever still fits and earns something is
    added. For small problems other orders are tried too, if ``shaken``: without heed to days, without prices, and with
    reduced values shaken at random.
    """
    by_class = priced.prices @ layout.rows.use if len(priced.prices) else np.zeros(layout.rows.use.shape[1])
    net = layout.net
    reduced = net - by_class[layout.price_class]
    rng = np.random.default_rng(problem.seed)
    picked = priced.demand.picked.astype(bool)
    serving = _serving(problem, layout)
    guarded = _guarded(layout, priced)
    best = _try(problem, layout, reduced, _trimmed(layout, reduced, picked, guarded), serving, rng)
    for spare in SPARE:
        if best.short > 0.0:
            spared = _trimmed(layout, reduced, picked, guarded, spare)
            best = better(best, _try(problem, layout, reduced, spared, serving, rng))
    if best.short > 0.0:
        best = better(best, _try(problem, layout, reduced, picked, serving, rng, insist=True))
    if not (shaken and 0 < len(layout) <= SMALL):
        return best
    everybody = np.ones(len(layout), bool)
    best = better(best, _try(problem, layout, reduced, everybody, serving, rng, by_days=False, insist=True))
    best = better(best, _try(problem, layout, net, everybody, serving, rng, by_days=False, insist=True))
    spread = float(net.std()) or 1.0
    tries = min(TRIES, max(int(2e5 / max(len(layout), 1)), 2))
    for attempt in range(tries):
        moved = reduced + rng.normal(0.0, (0.02, 0.1, 0.4)[attempt % 3] * spread, len(layout))
        first = picked if attempt % 2 else everybody
        best = better(
            best, _try(problem, layout, moved, first, serving, rng, by_days=attempt % 4 < 2, insist=attempt % 3 == 0)
        )
    return best


def _guarded(layout: Layout, priced: Priced) -> NDArray[np.bool_]:
    """Tell which candidates serve a least amount that costs something, of which there are none to spare."""
    dear = layout.rows.least & (priced.prices > 0.0)
    serving = np.any(layout.rows.use[dear] < 0.0, axis=0)
    return np.asarray(serving[layout.price_class])


def _trimmed(
    layout: Layout, reduced: Numbers, picked: NDArray[np.bool_], guarded: NDArray[np.bool_], spare: float = 0.0
) -> NDArray[np.bool_]:
    """Drop, where households want more than there is, what loses least per unit of what is missing."""
    kept = picked.copy()
    for use, room, least in zip(layout.rows.use, layout.rows.room, layout.rows.least, strict=True):
        rows = np.flatnonzero(kept)
        each = use[layout.price_class[rows]]
        over = float(each.sum()) - room * (1.0 - spare)
        if least or over <= 0.0:
            continue
        users = np.flatnonzero((each > 0.0) & ~guarded[rows])
        if float(each[users].sum()) < over:
            users = np.flatnonzero(each > 0.0)
        order = users[np.argsort(reduced[rows[users]] / each[users], kind="stable")]
        enough = int(np.searchsorted(np.cumsum(each[order]), over)) + 1
        kept[rows[order[:enough]]] = False
    return kept


def better(one: Filled, other: Filled) -> Filled:
    """Return the plan that misses less of least amounts, of two alike in this that which is worth more."""
    if other.short < one.short - 1e-12:
        return other
    return other if other.short <= one.short + 1e-12 and other.value > one.value + 1e-9 else one


def _serving(problem: Problem, layout: Layout) -> NDArray[np.bool_]:
    """Tell which candidates help to reach a least amount."""
    serving = np.zeros(len(layout), bool)
    for limit in problem.limits:
        if limit.least is not None:
            serving |= limit.use[layout.offer, layout.channel] > 0
    return serving


def _try(
    problem: Problem,
    layout: Layout,
    merit: Numbers,
    first: NDArray[np.bool_],
    serving: NDArray[np.bool_],
    rng: np.random.Generator,
    *,
    by_days: bool = True,
    insist: bool = False,
) -> Filled:
    """Fill a plan: those to come first, then all, each by merit; what serves least amounts goes before its likes.

    ``insist`` lets everything that serves least amounts go before all others.
    """
    growing = _Growing(problem, layout)
    if serving.any():
        ahead = np.where(first, merit.max() - merit.min() + 1.0, 0.0)
        rows = np.flatnonzero(serving if insist else serving & first)
        growing.admit(_ordered(rows, merit + ahead, rng), needed_only=True)
    begin = np.flatnonzero(first)
    order = _ordered(begin, merit, rng)
    if by_days:
        alone = layout.capacity[layout.channel[order]].max(axis=1, initial=-1) >= 0
        narrow = np.where(alone, np.bitwise_count(layout.mask[order]), 64)
        order = order[np.argsort(narrow, kind="stable")] if len(order) and narrow.min() < narrow.max() else order
    growing.admit(order)
    if serving.any() and not insist:
        rows = np.flatnonzero(serving & (growing.day < 0))
        growing.admit(_ordered(rows, merit, rng), needed_only=True, shares=False)
    growing.admit(_remaining(merit, growing, rng))
    if any(limit.least is not None and (limit.use < 0).any() for limit in problem.limits):
        growing.admit(_remaining(merit, growing, rng))
    return growing.result()


def _remaining(merit: Numbers, growing: _Growing, rng: np.random.Generator) -> Index:
    """Return what is not in the plan, in order of merit; of very many, those far below their price in no order."""
    out = np.flatnonzero(growing.day < 0)
    if len(out) < _MANY:
        return _ordered(out, merit, rng)
    close = merit[out] > np.partition(merit[out][:: max(len(out) // 100_000, 1)], -5000)[-5000]
    order: Index = np.r_[_ordered(out[close], merit, rng), out[~close]]
    return order


def _ordered(rows: Index, merit: Numbers, rng: np.random.Generator) -> Index:
    """Order rows by merit, best first, those alike by chance."""
    drawn = rng.permutation(rows)
    order: Index = drawn[np.argsort(-merit[drawn], kind="stable")]
    return order


class _Growing:
    """A plan in the making, as the arrays that the compiled part writes to."""

    def __init__(self, problem: Problem, layout: Layout) -> None:
        self._problem, self._layout = problem, layout
        people = len(problem.household)
        size = len(layout)
        self.day = np.full(size, -1, np.int8)
        self._why = np.full(size, -1, np.int8)
        self._house = problem.household[layout.person]
        self._touched = np.zeros((people, problem.channels), np.int8)
        self._busy = np.zeros(people, np.uint64)
        self._head = np.full(people, -1, np.int64)
        self._following = np.full(size, -1, np.int64)
        self._left = layout.capacity.copy()
        scarce = layout.capacity >= 0
        self._step = np.where(scarce, 1.0 / np.maximum(layout.capacity, 1), 1.0)
        self._load = np.where(scarce, 0.0, problem.promised.astype(float))
        self._caps, self._counts = _flat(problem.windows)
        self._cap_codes = np.asarray([rule_index(item.rule) for item in problem.windows], np.int64)
        limits = problem.limits
        self._use = np.asarray([limit.use for limit in limits], np.float64).reshape(
            len(limits), len(problem.rivals), problem.channels
        )
        self._used = np.zeros(len(limits))
        self._least = np.asarray([-np.inf if limit.least is None else limit.least for limit in limits], np.float64)
        self._most = np.asarray([np.inf if limit.most is None else limit.most for limit in limits], np.float64)
        self._mixed = (self._use < 0).any(axis=(1, 2)) & np.isfinite(self._least)
        self._limit_codes = np.asarray([REASONS.index(limit.reason) for limit in limits], np.int64)
        self._room = np.asarray([size + 1 if problem.limit is None else problem.limit], np.int64)
        own = (REASONS.index(reason) for reason in (OUTRANKED, FULL, BEYOND))
        self._codes = (*own, *(rule_index(name) for name in ("excluded", "not_after", "no_value")))

    def admit(self, order: Index, *, needed_only: bool = False, shares: bool = True) -> None:
        """Take in what fits, in this order; ``shares`` says whether what a share lives on counts as needed."""
        layout, problem = self._layout, self._problem
        mixed = self._mixed if shares else np.zeros_like(self._mixed)
        admit(
            order, needed_only, layout.gross, layout.cost, layout.second, layout.person, self._house, layout.channel,
            layout.offer, layout.mask, self.day, self._why, self._touched, self._busy, self._head, self._following,
            self._left, self._load, self._step, self._caps, self._counts, self._cap_codes, problem.rivals,
            problem.follows, self._use, self._used, self._least, self._most, mixed, self._limit_codes,
            self._room, self._codes,
        )  # fmt: skip

    def result(self) -> Filled:
        """Return the plan as it stands."""
        missing = np.maximum(self._least - self._used, 0.0)
        short = np.where(missing > 1e-9, missing / np.maximum(np.abs(self._least), 1.0), 0.0)
        worth = _worth(self._layout, np.flatnonzero(self.day >= 0))
        return Filled(self.day, self._why, self._used, worth, float(short.sum()))


def _worth(layout: Layout, chosen: Index) -> Numbers:
    """Return what each chosen candidate adds, the better ones of a person and touch point counted first."""
    worth = np.zeros(len(layout))
    order = chosen[np.lexsort((-layout.gross[chosen], layout.channel[chosen], layout.person[chosen]))]
    person, channel = layout.person[order], layout.channel[order]
    begins = np.r_[True, (person[1:] != person[:-1]) | (channel[1:] != channel[:-1])] if len(order) else []
    place = np.arange(len(order))
    rank = place - np.maximum.accumulate(np.where(begins, place, 0)) if len(order) else place
    worth[order] = layout.gross[order] * layout.second[order] ** rank - layout.cost[order]
    return worth


def _flat(windows: tuple[Windows, ...]) -> tuple[tuple[Index, ...], NDArray[np.int16]]:
    """Lay the windows of all caps end to end: offset, columns, width, limit, touch point and offer (or -1), scope."""
    sizes = [item.counts.size for item in windows]
    caps = (
        np.r_[0, np.cumsum(sizes)[:-1]].astype(np.int64) if sizes else np.zeros(0, np.int64),
        np.asarray([item.counts.shape[1] for item in windows], np.int64),
        np.asarray([item.cap.days for item in windows], np.int64),
        np.asarray([item.cap.limit for item in windows], np.int64),
        np.asarray([-1 if item.channel is None else item.channel for item in windows], np.int64),
        np.asarray([-1 if item.offer is None else item.offer for item in windows], np.int64),
        np.asarray([0 if item.cap.scope == "person" else 1 for item in windows], np.int64),
    )
    counts = np.concatenate([item.counts.ravel() for item in windows]) if windows else np.zeros(0, np.int16)
    return caps, counts
