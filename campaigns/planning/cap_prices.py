"""What one more contact in every window of a cap would bring in all. Pure arrays; solves, so it loads compiled code.

Caps hold person by person, and a plan keeps them exactly, so that no single price belongs to one. What the marketer
asks is another thing: what would be earned if everybody could be spoken to once more in as many days? The rules are put
anew to the contacts of a sample of households with that cap one higher, everything scarce is priced anew, and the bound
then is held against the bound as the caps are, for the same households.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from campaigns.planning.horizon import Index
from campaigns.planning.layout import Layout, lay_out
from campaigns.planning.pricing import lowest_bound
from campaigns.planning.problem import Limit, Scarce, Solution, pose
from campaigns.planning.rules import Question, judge

__all__ = ["cap_prices"]

_Key = tuple[int, int, bool]
_Prices = dict[_Key, float]

SAMPLE = 10_000
"""Households that stand for all where there are more."""

LEAST = 5e-5
"""Share of the bound below which a difference may be rounding."""


def cap_prices(
    question: Question,
    solution: Solution,
    scarce: tuple[Scarce, ...],
    limits: tuple[Limit, ...],
    *,
    limit: int | None = None,
    seed: int = 0,
) -> tuple[float, ...]:
    """Return, for each of the question's windows, what a plan could earn more in all with one more contact in each.

    A cap that no window reaches brings nothing, and so does one that counts by offer: the bound does not heed those.

    Parameters
    ----------
    question
        What the plan was made of; values are its expected ones.
    solution
        The plan.
    scarce, limits, limit
        What the plan had to keep to besides the rules. Least amounts that it does not reach are lowered to what it
        reaches.
    seed
        Draws the households.
    """
    few, share = _of_some_households(question, seed)
    eased = tuple(
        one if one.least is None else replace(one, least=min(one.least, reached))
        for one, reached in zip(limits, solution.reached, strict=True)
    )

    def bound(asked: Question, start: _Prices) -> tuple[float, _Prices]:
        problem = pose(asked, judge(asked), scarce, limit=limit, seed=seed, limits=eased)
        layout = lay_out(problem)
        layout = replace(layout, rows=replace(layout.rows, room=layout.rows.room * share))
        keys = _keys(layout)
        begin = np.asarray([start.get(key, 0.0) for key in keys]) if start else None
        priced = lowest_bound(layout, problem.rivals, seed, begin)
        return priced.demand.bound, dict(zip(keys, priced.prices.tolist(), strict=True))

    now, prices = bound(few, {})
    found = []
    for place, windows in enumerate(question.windows):
        reached = max(solution.fullest[place], int(windows.counts.max(initial=0))) >= windows.cap.limit
        if windows.offer is not None or not reached or now <= 0.0:
            found.append(0.0)
            continue
        wider = replace(windows, cap=replace(windows.cap, limit=windows.cap.limit + 1))
        others = (*question.windows[:place], wider, *question.windows[place + 1 :])
        more = bound(replace(few, windows=others), prices)[0] - now
        found.append(more / share if more > LEAST * now else 0.0)
    return tuple(found)


def _keys(layout: Layout) -> list[_Key]:
    """Name each row, so that its price is found again where other days are open: touch point and days, or limit."""
    rows = layout.rows
    return [
        (channel, layout.groups[channel][group] if channel >= 0 else limit, bool(least))
        for channel, group, limit, least in zip(
            rows.channel.tolist(), rows.group.tolist(), rows.limit.tolist(), rows.least.tolist(), strict=True
        )
    ]


def _of_some_households(question: Question, seed: int) -> tuple[Question, float]:
    """Return the question about a sample of the households, and their share."""
    candidates = question.candidates
    home: Index = question.facts.household[candidates.person]
    homes = np.unique(home)
    if len(homes) <= SAMPLE:
        return question, 1.0
    taken = np.random.default_rng([seed, 4]).choice(homes, SAMPLE, replace=False)
    chosen = np.zeros(int(homes.max()) + 1, bool)
    chosen[taken] = True
    return replace(question, candidates=candidates.at(np.flatnonzero(chosen[home]))), SAMPLE / len(homes)
