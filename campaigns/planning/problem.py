"""What any solver of a plan gets, and what it gives back: pure arrays.

The greedy one is `campaigns.planning.planner.solve`; another may take its place as long as it keeps these two forms.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from campaigns.planning.facts import Candidates, Offer
from campaigns.planning.horizon import Index
from campaigns.planning.rules import RULES, Judgement, Question
from campaigns.planning.windows import Windows

__all__ = ["BEYOND", "FULL", "OUTRANKED", "REASONS", "Problem", "Scarce", "Solution", "pose"]

OUTRANKED = "another offer is worth more through this touch point"
FULL = "no capacity left on these days"
BEYOND = "beyond the number of contacts asked for"

REASONS: tuple[str, ...] = (*(rule.reason for rule in RULES), OUTRANKED, FULL, BEYOND)
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
    """

    chosen: Index
    day: Index
    stopped_by: NDArray[np.int8]
    fullest: tuple[int, ...]
    used: tuple[NDArray[np.float64], ...]

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
    question: Question, judgement: Judgement, scarce: tuple[Scarce, ...], *, limit: int | None = None, seed: int = 0
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
    )
