"""How much of a plan should keep customers, not sell to them: its value at each share of relationship contacts."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from campaigns.planning.aims import RELATIONSHIP, limits_of
from campaigns.planning.asking import Wishes, question_of
from campaigns.planning.gathering import scarce_of
from campaigns.planning.planner import solve
from campaigns.planning.policy import ContactPolicy
from campaigns.planning.problem import MIX, Limit, Problem, pose
from campaigns.planning.records import Records
from campaigns.planning.rules import judge

__all__ = ["SHARES", "Balance", "balance_curve", "balance_of"]

SHARES = (0.0, 0.1, 0.2, 0.3, 0.4, 0.5)


@dataclass(frozen=True)
class Balance:
    """The best plan found at one share of relationship contacts.

    Parameters
    ----------
    share
        The share asked for.
    reached
        The share in the plan.
    value, bound
        Its value, and what no plan with this share can beat, in major units.
    contacts
        Its contacts.
    met
        Whether the share could be kept.
    """

    share: float
    reached: float
    value: float
    bound: float
    contacts: int
    met: bool


def balance_curve(
    problem: Problem, relationship: NDArray[np.bool_], shares: Sequence[float] = SHARES
) -> tuple[Balance, ...]:
    """Solve a problem at several shares of relationship contacts.

    The plan without any wish about the share comes first in the reckoning: shares above its own are asked for as "at
    least", those below as "at most", so that the curve is highest at the share that pays best.

    Parameters
    ----------
    problem
        The problem; wishes about the balance among its limits are left out.
    relationship
        Whether each offer keeps customers, shape ``(offers,)``.
    shares
        Shares of all contacts, each 0 to 1.
    """
    free = replace(problem, limits=tuple(limit for limit in problem.limits if limit.reason != MIX))
    own = _balance(free, relationship, 0.0).reached
    return tuple(_balance(_held(free, relationship, share, own), relationship, share) for share in shares)


def balance_of(records: Records, policy: ContactPolicy, wishes: Wishes) -> tuple[Balance, ...]:
    """Weigh product against relationship contacts for a plan; nothing where there are not offers of both kinds.

    The share that the plan has by itself is among those of the curve.
    """
    question = question_of(records, policy, wishes)
    relationship = np.asarray([offer.kind == RELATIONSHIP for offer in question.facts.offers], bool)
    if not len(question.candidates) or relationship.all() or not relationship.any():
        return ()
    scarce, _ = scarce_of(records, policy, question.facts)
    limits = limits_of(wishes.aims, question.facts)
    problem = pose(question, judge(question), scarce, limit=wishes.limit, seed=wishes.seed, limits=limits)
    free = replace(problem, limits=tuple(limit for limit in problem.limits if limit.reason != MIX))
    own = math.floor(1000 * _balance(free, relationship, 0.0).reached) / 1000
    return balance_curve(problem, relationship, sorted({*SHARES, own}))


def _held(problem: Problem, relationship: NDArray[np.bool_], share: float, own: float) -> Problem:
    sign = 1.0 if share >= own else -1.0
    use = sign * (relationship.astype(float)[:, None] - share) * np.ones((1, problem.channels))
    limit = Limit(f"{share:.0%} relationship contacts", use, least=0.0, reason=MIX)
    return replace(problem, limits=(*problem.limits, limit))


def _balance(problem: Problem, relationship: NDArray[np.bool_], share: float) -> Balance:
    solution = solve(problem)
    kept = relationship[problem.candidates.offer[solution.chosen]]
    return Balance(
        share=share,
        reached=float(kept.mean()) if len(kept) else 0.0,
        value=solution.value,
        bound=solution.bound,
        contacts=len(kept),
        met=not solution.unmet,
    )
