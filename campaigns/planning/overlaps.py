"""Who wants the same people: promotions among themselves, and marketing beside sales, with what it costs. Pure.

All of it is reckoned before a plan is approved, from what each contact would earn if nothing were scarce.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from campaigns.planning.horizon import Days, Index, between
from campaigns.planning.rules import RULES, Question, rule_index

__all__ = ["LockCost", "Overlap", "Suggestion", "lock_costs", "overlaps", "suggestions"]


@dataclass(frozen=True)
class Overlap:
    """Two promotions that compete for the same people.

    Parameters
    ----------
    one, other
        The promotions.
    people
        How many people could get either.
    alone
        How many could get the first, and how many the second.
    cost
        What is lost because those people cannot get both through the touch point that suits each best, in major units.
    """

    one: str
    other: str
    people: int
    alone: tuple[int, int]
    cost: float

    @property
    def words(self) -> str:
        """The overlap as people read it."""
        return (
            f"{self.one} and {self.other} compete for {self.people:,} people "
            f"({_share(self.people, min(self.alone))} of the smaller one's); that costs about {self.cost:,.0f}"
        )


@dataclass(frozen=True)
class LockCost:
    """What a sales lock keeps from happening in a plan.

    Parameters
    ----------
    people, contacts
        How many people it holds who could otherwise be contacted, and the contacts that they could get.
    value
        What the best contact with each of them would earn, in major units. Where two locks hold the same person, it
        counts in both.
    """

    owner: str
    reason: str
    starts_on: date
    until: date
    people: int
    contacts: int
    value: float


@dataclass(frozen=True)
class Suggestion:
    """A contact that a lock stopped, for the owner of the lock to make use of. Value in major units."""

    owner: str
    person: int
    customer_id: str
    promotion: str | None
    channel: str
    value: float
    lock_reason: str
    lock_until: date


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %" if whole else "none"


def overlaps(question: Question, open_days: Days) -> tuple[Overlap, ...]:
    """Reckon, for every two promotions, how many people could get either, and what that costs.

    Parameters
    ----------
    question
        The candidates of a plan.
    open_days
        Days left to each by the rules, shape ``(candidates,)``.

    Returns
    -------
    Pairs with at least one person in common, the costliest first. Per person the cost is the best contact of the one
    plus the best of the other, less the best that may stand side by side: through two touch points, or one alone where
    the promotions exclude each other.
    """
    facts = question.facts
    names = [offer.promotion for offer in facts.offers]
    best = {place: _best(question, open_days, place) for place, name in enumerate(names) if name is not None}
    found = []
    for one, other in combinations(best, 2):
        both = np.intersect1d(best[one][0], best[other][0], assume_unique=True)
        if not len(both):
            continue
        mine, theirs = _of(best[one], both), _of(best[other], both)
        apart = mine.max(axis=1) + theirs.max(axis=1)
        rivals = facts.offers[one].excludes_or_is_excluded_by(facts.offers[other])
        together = np.maximum(mine.max(axis=1), theirs.max(axis=1)) if rivals else _beside(mine, theirs)
        found.append(
            Overlap(
                str(names[one]),
                str(names[other]),
                len(both),
                (len(best[one][0]), len(best[other][0])),
                float((apart - together).sum()),
            )
        )
    return tuple(sorted(found, key=lambda pair: (-pair.cost, -pair.people, pair.one, pair.other)))


def _best(question: Question, open_days: Days, offer: int) -> tuple[Index, NDArray[np.float64]]:
    """Return the persons who could get an offer, ascending, and what each touch point would earn with them."""
    candidates = question.candidates
    rows = np.flatnonzero((candidates.offer == offer) & (open_days != 0) & (candidates.value > 0))
    people, place = np.unique(candidates.person[rows], return_inverse=True)
    worth = np.zeros((len(people), len(question.facts.touch_points)))
    np.maximum.at(worth, (place, candidates.channel[rows]), candidates.value[rows])
    return people, worth


def _of(best: tuple[Index, NDArray[np.float64]], people: Index) -> NDArray[np.float64]:
    return best[1][np.searchsorted(best[0], people)]


def _beside(mine: NDArray[np.float64], theirs: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the most that two promotions earn together through two different touch points, or one of them alone."""
    most: NDArray[np.float64] = np.maximum(mine.max(axis=1), theirs.max(axis=1))
    for channel in range(mine.shape[1]):
        others = np.delete(theirs, channel, axis=1)
        if others.shape[1]:
            most = np.maximum(most, mine[:, channel] + others.max(axis=1))
    return most


def _stopped_by_sales(question: Question) -> tuple[Index, Days]:
    """Return the candidates that only sales' locks keep from some day, and those days of each."""
    lock = rule_index("sales_lock")
    locked = RULES[lock].closed(question)
    rows = np.flatnonzero((locked != 0) & (question.candidates.value > 0))
    locked = locked[rows]
    theirs = replace(question, candidates=question.candidates.at(rows))
    free = np.full(len(rows), question.whole, np.uint64)
    for place, rule in enumerate(RULES):
        if place != lock:
            free &= ~rule.closed(theirs)
    days = free & locked
    only = (days != 0) & (free & ~locked == 0)
    return rows[only], days[only]


def lock_costs(question: Question) -> tuple[LockCost, ...]:
    """Reckon what each lock costs a plan, the costliest first."""
    facts, candidates, locks = question.facts, question.candidates, question.facts.locks
    rows, days = _stopped_by_sales(question)
    best: dict[int, float] = {}
    count: dict[int, int] = {}
    span: dict[int, int] = {}
    for row, closed in zip(rows.tolist(), days.tolist(), strict=True):
        person = int(candidates.person[row])
        best[person] = max(best.get(person, 0.0), float(candidates.value[row]))
        count[person] = count.get(person, 0) + 1
        span[person] = span.get(person, 0) | closed
    costs: dict[int, tuple[int, int, float]] = {}
    holding = between(locks.starts, locks.until, facts.days)
    for place in np.flatnonzero(holding).tolist():
        person, record = int(locks.person[place]), int(locks.record[place])
        if span.get(person, 0) & int(holding[place]):
            people, contacts, value = costs.get(record, (0, 0, 0.0))
            costs[record] = people + 1, contacts + count[person], value + best[person]
    first = {int(record): place for place, record in reversed(list(enumerate(locks.record.tolist())))}
    found = [
        LockCost(
            str(locks.owners[record]),
            str(locks.reasons[record]),
            facts.starts_on + timedelta(int(locks.starts[first[record]])),
            facts.starts_on + timedelta(int(locks.until[first[record]])),
            *cost,
        )
        for record, cost in costs.items()
    ]
    return tuple(sorted(found, key=lambda lock: (-lock.value, lock.owner, lock.reason)))


def suggestions(question: Question) -> tuple[Suggestion, ...]:
    """Offer the best contact with each locked person to the owner of each lock, the most valuable first."""
    return tuple(sorted(_suggested(question), key=lambda one: (-one.value, one.customer_id, one.owner)))


def _suggested(question: Question) -> Iterator[Suggestion]:
    facts, candidates, locks = question.facts, question.candidates, question.facts.locks
    rows, _ = _stopped_by_sales(question)
    order = rows[np.lexsort((-candidates.value[rows], candidates.person[rows]))]
    first = np.r_[True, np.diff(candidates.person[order]) != 0] if len(order) else np.zeros(0, bool)
    holding = between(locks.starts, locks.until, facts.days) != 0
    by_person: dict[int, list[int]] = {}
    for place in np.flatnonzero(holding).tolist():
        by_person.setdefault(int(locks.person[place]), []).append(place)
    for row in order[first].tolist():
        person = int(candidates.person[row])
        latest: dict[str, int] = {}
        for place in by_person.get(person, ()):
            owner = str(locks.owners[locks.record[place]])
            if owner not in latest or locks.until[place] > locks.until[latest[owner]]:
                latest[owner] = place
        for owner, place in latest.items():
            yield Suggestion(
                owner,
                int(facts.number[person]),
                str(facts.customer_id[person]),
                facts.offers[candidates.offer[row]].promotion,
                facts.touch_points[candidates.channel[row]].channel,
                float(candidates.value[row]),
                str(locks.reasons[locks.record[place]]),
                facts.starts_on + timedelta(int(locks.until[place])),
            )
