"""Who, what, which touch point, which day: choose the contacts that earn most within the rules. Pure arrays.

A person gets at most one contact per touch point in a plan, because how much a second one would lose to wear-out is not
in the scores; contacts through different touch points are valued as if they added up.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from campaigns.planning.filling import CapsInUse, DaysInUse
from campaigns.planning.problem import BEYOND, FULL, OUTRANKED, REASONS, Problem, Solution
from campaigns.planning.rules import rule_index

__all__ = ["solve"]


def solve(problem: Problem) -> Solution:
    """Choose contacts, best value first, each on the least loaded day that rules, caps and capacities leave open.

    Candidates of equal value come in an order drawn with the problem's seed: the same problem gives the same plan.
    """
    candidates, judgement = problem.candidates, problem.judgement
    stopped_by = judgement.stopped_by.copy()
    draw = np.random.default_rng(problem.seed).permutation(len(candidates))
    order = np.lexsort((draw, -candidates.value))
    order = order[judgement.open_days[order] != 0]
    caps, days = CapsInUse(problem), DaysInUse(problem)
    rivals, follows = problem.rivals, problem.follows
    clashing = bool(rivals.any() or follows.any())
    outranked, full, beyond = (REASONS.index(reason) for reason in (OUTRANKED, FULL, BEYOND))
    taken = bytearray(len(problem.household) * problem.channels)
    busy: dict[int, int] = {}
    heard: dict[int, list[tuple[int, int]]] = {}
    chosen: list[int] = []
    chosen_days: list[int] = []
    rows = zip(
        order.tolist(),
        candidates.person[order].tolist(),
        candidates.channel[order].tolist(),
        candidates.offer[order].tolist(),
        judgement.open_days[order].tolist(),
        strict=True,
    )
    for row, person, channel, offer, open_days in rows:
        place = person * problem.channels + channel
        if taken[place]:
            stopped_by[row] = outranked
            continue
        if problem.limit is not None and len(chosen) >= problem.limit:
            stopped_by[row] = beyond
            continue
        mask = open_days
        if clashing and person in heard:
            mask, rule = _left_beside(heard[person], offer, mask, rivals, follows)
            if not mask:
                stopped_by[row] = rule
                continue
        mask, rule = caps.left(person, channel, mask)
        if not mask:
            stopped_by[row] = rule
            continue
        mask = days.left(channel, mask)
        if not mask:
            stopped_by[row] = full
            continue
        day = days.emptiest(channel, mask, busy.get(person, 0))
        taken[place] = 1
        busy[person] = busy.get(person, 0) | 1 << day
        heard.setdefault(person, []).append((offer, day))
        caps.add(person, channel, day)
        days.add(channel, day)
        chosen.append(row)
        chosen_days.append(day)
    return Solution(
        np.asarray(chosen, np.int64),
        np.asarray(chosen_days, np.int64),
        stopped_by,
        tuple(caps.fullest),
        days.used(problem),
    )


def _left_beside(
    heard: list[tuple[int, int]],
    offer: int,
    mask: int,
    rivals: NDArray[np.bool_],
    follows: NDArray[np.bool_],
) -> tuple[int, int]:
    """Return the days of a mask on which an offer may stand beside the ones already chosen for a person."""
    for other, day in heard:
        if rivals[offer, other]:
            return 0, rule_index("excluded")
        if follows[offer, other]:
            mask &= (1 << day) - 1
        if follows[other, offer]:
            mask &= ~((1 << day + 1) - 1)
        if not mask:
            return 0, rule_index("not_after")
    return mask, -1
