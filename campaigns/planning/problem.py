"""What any solver of a plan gets, and what it gives back: pure arrays.

The one in use is `campaigns.planning.planner.solve`; another may take its place as long as it keeps these two forms.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from campaigns.planning.facts import Candidates, Offer
from campaigns.planning.horizon import Index
from campaigns.planning.rules import RULES, Judgement, Question
from campaigns.planning.windows import Windows

__all__ = [
    "BEYOND",
    "BUDGET",
    "FULL",
    "MIX",
    "OUTRANKED",
    "REASONS",
    "VOLUME",
    "Limit",
    "Problem",
    "Scarce",
    "Solution",
    "Unmet",
    "pose",
]

OUTRANKED = "another offer is worth more through this touch point"
FULL = "no capacity left on these days"
BEYOND = "beyond the number of contacts asked for"
BUDGET = "the budget is spent"
VOLUME = "the promotion has its volume"
MIX = "kept the balance of product and relationship contacts"

REASONS: tuple[str, ...] = (*(rule.reason for rule in RULES), OUTRANKED, FULL, BEYOND, BUDGET, VOLUME, MIX)
"""Why a candidate was left out: the rules in order of severity, then what the plan itself used up."""


@dataclass(frozen=True)
class Scarce:
    """Something that contacts through one touch point use up.

    Parameters
    ----------
    name
        Name of the resource.
    channel
        Position of the touch point.
    per_contact
        How much one contact uses.
    left
        How much is left on each day of the plan, shape ``(days,)``.
    """

    name: str
    channel: int
    per_contact: float
    left: NDArray[np.float64]


@dataclass(frozen=True)
class Limit:
    """A bound on the plan as a whole: a budget, the volume of a promotion, a share of relationship contacts.

    Parameters
    ----------
    name
        What people read.
    use
        How much one contact about an offer through a touch point uses, shape ``(offers, touch points)``. A share
        ``s`` of relationship contacts is ``least = 0`` with ``1 - s`` for those and ``-s`` for the others.
    least, most
        Bounds on the sum over the plan, in the unit; None for none.
    unit
        The unit of ``use``, for the price: one more of it is worth the price.
    reason
        One of `REASONS`: why contacts are left out when it binds.
    promotion, share
        The promotion that it is about, and the share of relationship contacts that it asks for; None for others.
    ceiling
        Whether it keeps that share from growing, not from falling.
    """

    name: str
    use: NDArray[np.float64]
    least: float | None = None
    most: float | None = None
    unit: str = "contact"
    reason: str = VOLUME
    promotion: str | None = None
    share: float | None = None
    ceiling: bool = False

    def __post_init__(self) -> None:
        bounds = [bound for bound in (self.least, self.most) if bound is not None]
        if not np.isfinite([*bounds, *self.use.ravel()]).all():
            raise ValueError(f"{self.name}: bounds and uses must be finite numbers")
        if self.reason not in REASONS:
            raise ValueError(f"{self.name}: no such reason: {self.reason}")


@dataclass(frozen=True)
class Unmet:
    """A least amount that the plan does not reach.

    Parameters
    ----------
    name
        The limit.
    wanted, reached
        In its unit.
    possible
        What no plan under the same rules can exceed; below ``wanted`` it proves that no plan can meet the limit.
    together
        Whether it is certain that no plan meets all limits, even if each alone could be met.
    """

    name: str
    wanted: float
    reached: float
    possible: float
    together: bool = False

    @property
    def proven(self) -> bool:
        """Whether it is certain that no plan can meet it beside the other limits."""
        return self.together or self.possible < self.wanted - 1e-6


@dataclass(frozen=True)
class Problem:
    """What is asked of a solver.

    Parameters
    ----------
    candidates
        Every candidate, *n* of them.
    judgement
        What the rules say of each.
    windows
        The rolling caps with what is known already.
    household
        Household of each person, shape ``(people,)``.
    channels
        Number of touch points.
    promised
        Contacts known already per touch point and day of the plan, shape ``(channels, days)``.
    scarce
        What contacts use up.
    rivals
        Whether two offers exclude one another, shape ``(offers, offers)``, symmetric.
    follows
        Whether the first offer may not follow the second, shape ``(offers, offers)``.
    days
        Length of the plan.
    limit
        The most contacts wanted, or None.
    seed
        Decides between candidates of equal value.
    limits
        Bounds on the plan as a whole.
    """

    candidates: Candidates
    judgement: Judgement
    windows: tuple[Windows, ...]
    household: Index
    channels: int
    promised: Index
    scarce: tuple[Scarce, ...]
    rivals: NDArray[np.bool_]
    follows: NDArray[np.bool_]
    days: int
    limit: int | None = None
    seed: int = 0
    limits: tuple[Limit, ...] = ()


@dataclass(frozen=True)
class Solution:
    """Chosen contacts, and why the others were not.

    Parameters
    ----------
    chosen
        Positions of the chosen candidates, best value first.
    day
        Day of each, aligned with ``chosen``.
    stopped_by
        Position in `REASONS` for each candidate, -1 for the chosen.
    fullest
        Per cap of the problem, the most contacts in any of its windows that holds one of this plan.
    used
        Per scarce thing, what the plan uses on each day.
    worth
        What each chosen contact adds in its order, in major units, aligned with ``chosen``: the second contact
        through a touch point is worth less than the first. Their sum is the value of the plan.
    bound
        What no plan under the same rules can beat, at the least amounts that could be met.
    prices
        Per scarce thing, what one more unit of it would bring.
    reached
        Per limit of the problem, what the plan uses.
    limit_prices
        Per limit, what one more unit of ``most`` would bring, or minus what one more unit of ``least`` would cost.
    limit_price
        What one more contact than asked for would bring.
    unmet
        Least amounts that the plan does not reach.
    """

    chosen: Index
    day: Index
    stopped_by: NDArray[np.int8]
    fullest: tuple[int, ...]
    used: tuple[NDArray[np.float64], ...]
    worth: NDArray[np.float64]
    bound: float
    prices: tuple[float, ...]
    reached: tuple[float, ...] = ()
    limit_prices: tuple[float, ...] = ()
    limit_price: float = 0.0
    unmet: tuple[Unmet, ...] = ()

    @property
    def value(self) -> float:
        """Value of the plan in major units."""
        return math.fsum(self.worth)

    @property
    def gap(self) -> float:
        """How far the plan may lie below the best, as a share of the bound.

        Where least amounts make every plan a loss, it is a share of what the bound loses.
        """
        away = max(self.bound - self.value, 0.0)
        return away / abs(self.bound) if abs(self.bound) > 1e-9 else float(away > 1e-9)

    def withheld(self) -> dict[str, int]:
        """Count the candidates left out, by reason, in order of severity."""
        counts = np.bincount(self.stopped_by[self.stopped_by >= 0], minlength=len(REASONS))
        return {reason: int(count) for reason, count in zip(REASONS, counts, strict=True) if count}


def _clashes(offers: tuple[Offer, ...]) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which offers exclude one another, and which may not follow which, each of shape ``(offers, offers)``."""
    size = (len(offers), len(offers))
    rivals, follows = np.zeros(size, bool), np.zeros(size, bool)
    for row, one in enumerate(offers):
        for column, other in enumerate(offers):
            rivals[row, column] = one.excludes_or_is_excluded_by(other)
            follows[row, column] = one.may_not_follow(other)
    return rivals, follows


def pose(
    question: Question,
    judgement: Judgement,
    scarce: tuple[Scarce, ...],
    *,
    limit: int | None = None,
    seed: int = 0,
    limits: tuple[Limit, ...] = (),
) -> Problem:
    """Put the question of a plan to a solver."""
    facts = question.facts
    rivals, follows = _clashes(facts.offers)
    promised = np.zeros((len(facts.touch_points), facts.days), np.int64)
    history = facts.contacts
    inside = (history.day >= 0) & (history.day < facts.days) & (history.channel >= 0)
    np.add.at(promised, (history.channel[inside], history.day[inside]), 1)
    return Problem(
        question.candidates,
        judgement,
        question.windows,
        facts.household,
        len(facts.touch_points),
        promised,
        scarce,
        rivals,
        follows,
        facts.days,
        limit,
        seed,
        limits,
    )
