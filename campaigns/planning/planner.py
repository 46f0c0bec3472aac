"""Who, what, which touch point, which day: choose the contacts that earn most within the rules. Pure arrays.

A person gets at most one contact per touch point in a plan, because how much a second one would lose to wear-out is not
in the scores; contacts through different touch points are valued as if they added up.
"""

from __future__ import annotations

import numpy as np

from campaigns.planning.filling import CapsInUse, DaysInUse
from campaigns.planning.problem import BEYOND, FULL, OUTRANKED, REASONS, Problem, Solution
from campaigns.planning.rules import rule_index

__all__ = ["solve"]

_OUTRANKED, _FULL, _BEYOND = (REASONS.index(reason) for reason in (OUTRANKED, FULL, BEYOND))


def solve(problem: Problem) -> Solution:
    """Choose contacts, best value first, each on the least loaded day that rules, caps and capacities leave open.

    Candidates of equal value come in an order drawn with the problem's seed: the same problem gives the same plan.
    """
    candidates, judgement = problem.candidates, problem.judgement
    stopped_by = judgement.stopped_by.copy()
    draw = np.random.default_rng(problem.seed).permutation(len(candidates))
    order = np.lexsort((draw, -candidates.value))
    order = order[judgement.open_days[order] != 0]
    growing = _Growing(problem)
    chosen: list[int] = []
    days: list[int] = []
    columns = (order, candidates.person[order], candidates.channel[order], candidates.offer[order])
    masks = judgement.open_days[order]
    for row, person, channel, offer, mask in zip(*(column.tolist() for column in (*columns, masks)), strict=True):
        day, reason = growing.place(person, channel, offer, mask)
        if reason >= 0:
            stopped_by[row] = reason
            continue
        growing.add(person, channel, offer, day)
        chosen.append(row)
        days.append(day)
    return Solution(
        np.asarray(chosen, np.int64),
        np.asarray(days, np.int64),
        stopped_by,
        tuple(growing.caps.fullest),
        growing.days.used(problem),
    )


class _Growing:
    """A plan in the making: what it has taken up, and so what may still be added."""

    def __init__(self, problem: Problem) -> None:
        self.caps = CapsInUse(problem)
        self.days = DaysInUse(problem)
        self._problem = problem
        self._clashing = bool(problem.rivals.any() or problem.follows.any())
        self._left = len(problem.candidates) if problem.limit is None else problem.limit
        self._taken = bytearray(len(problem.household) * problem.channels)
        self._busy: dict[int, int] = {}
        self._heard: dict[int, list[tuple[int, int]]] = {}

    def place(self, person: int, channel: int, offer: int, mask: int) -> tuple[int, int]:
        """Return the best day of a mask for a contact and -1, or -1 and the reason why there is none."""
        if self._taken[person * self._problem.channels + channel]:
            return -1, _OUTRANKED
        if not self._left:
            return -1, _BEYOND
        if self._clashing and person in self._heard:
            mask, reason = self._beside(person, offer, mask)
            if not mask:
                return -1, reason
        mask, reason = self.caps.left(person, channel, mask)
        if not mask:
            return -1, reason
        mask = self.days.left(channel, mask)
        if not mask:
            return -1, _FULL
        return self.days.emptiest(channel, mask, self._busy.get(person, 0)), -1

    def add(self, person: int, channel: int, offer: int, day: int) -> None:
        """Take a contact into the plan."""
        self._left -= 1
        self._taken[person * self._problem.channels + channel] = 1
        self._busy[person] = self._busy.get(person, 0) | 1 << day
        self._heard.setdefault(person, []).append((offer, day))
        self.caps.add(person, channel, day)
        self.days.add(channel, day)

    def _beside(self, person: int, offer: int, mask: int) -> tuple[int, int]:
        """Return the days of a mask on which an offer may stand beside the person's others, or the rule against it."""
        rivals, follows = self._problem.rivals, self._problem.follows
        for other, day in self._heard[person]:
            if rivals[offer, other]:
                return 0, rule_index("excluded")
            if follows[offer, other]:
                mask &= (1 << day) - 1
            if follows[other, offer]:
                mask &= ~((1 << day + 1) - 1)
            if not mask:
                return 0, rule_index("not_after")
        return mask, -1
