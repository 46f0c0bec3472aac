"""What a plan would teach and what that costs: contacts held back at random, and values drawn for some customers. Pure.

Both are proposed with every plan, also where nobody asked for them, so that the marketer sees the price before saying
yes.
"""

from __future__ import annotations

import math
from dataclasses import asdict
from typing import Any

import numpy as np

from campaigns.planning.aims import SUGGESTED, spared
from campaigns.planning.asking import Wishes, contact_words
from campaigns.planning.learning import Lesson, exploration_cost, ghost_lesson
from campaigns.planning.problem import Problem
from campaigns.planning.records import Records
from campaigns.planning.rules import Question
from campaigns.planning.valuing import thompson
from campaigns.terms import ChannelResponse, Plan

__all__ = ["teaching"]

LOOKED_AT = 5_000
"""Customers on whom the price of drawing values is reckoned; of more, so many stand for all."""

MONTH = 30.0


def teaching(
    plan: Plan, question: Question, problem: Problem, records: Records, wishes: Wishes, price: float
) -> dict[str, Any]:
    """Reckon what holding back and drawing values cost and teach, at the shares asked for or suggested.

    Parameters
    ----------
    plan
        The plan.
    question
        The question with expected values.
    price
        What the plan earns less for the values drawn in it; 0 where none were.

    Returns
    -------
    Plain values, as they are kept with the plan: ``ghosts`` and ``exploration``, each with ``share``, ``asked``,
    ``cost`` and ``words``; ``ghosts`` with a lesson per channel.
    """
    ghosts = _ghosts(plan, question, records, wishes)
    return {"ghosts": ghosts, "exploration": _exploration(question, problem, wishes, price)}


def _ghosts(plan: Plan, question: Question, records: Records, wishes: Wishes) -> dict[str, Any]:
    asked = wishes.aims.ghosts
    share = asked or SUGGESTED
    known = {} if records.responding is None else {one.channel: one for one in records.responding.channels}
    named = set(question.facts.customer_id[spared(wishes.aims, question.facts)].tolist())
    by_channel: dict[str, list[tuple[float, float]]] = {}
    for contact in plan.contacts:
        if contact.customer_id not in named:
            seen = (contact.expected_value, contact.extra_responses or 0.0)
            by_channel.setdefault(contact.channel, []).append(seen)
    channels, cost = [], 0.0
    for name, contacts in sorted(by_channel.items()):
        values, extra = np.asarray(contacts).T
        lesson = _lesson(values, float(extra.mean()), share, known.get(name), MONTH / wishes.days)
        cost += lesson.cost
        channels.append({"channel": name, **_finite(asdict(lesson)), "few": lesson.few, "words": _words(name, lesson)})
    words = f"Holding back {share:.0%} of the contacts at random would cost about {cost:,.0f}."
    return {"share": share, "asked": bool(asked), "cost": cost, "channels": channels, "words": words}


def _lesson(
    values: np.ndarray, extra: float, share: float, known: ChannelResponse | None, plans_per_month: float
) -> Lesson:
    """Price one channel; where nothing is known of it, its effect is taken to be as uncertain as it is large."""
    base = 0.05 if known is None else min(max(known.base_rate, 0.0), 1.0)
    error = max(abs(extra), 1e-4) if known is None else max(known.error, 1e-6)
    return ghost_lesson(values, share, base, extra, error, plans_per_month)


def _finite(told: dict[str, Any]) -> dict[str, Any]:
    return {
        name: None if isinstance(value, float) and not math.isfinite(value) else value for name, value in told.items()
    }


def _words(channel: str, lesson: Lesson) -> str:
    told = (
        f"{contact_words(channel)}: about {lesson.ghosts:,.0f} of {lesson.contacts:,} held back, for about "
        f"{lesson.cost:,.0f}; the range of its effect narrows by {lesson.narrows:.0%}"
    )
    if lesson.few and 0.0 < lesson.months < math.inf:
        return f"{told}. So few contacts teach slowly: about {max(lesson.months, 1.0):,.0f} months of such plans."
    return f"{told}."


def _exploration(question: Question, problem: Problem, wishes: Wishes, price: float) -> dict[str, Any]:
    asked = wishes.aims.exploration
    share = asked or SUGGESTED
    cost, looks = _drawn_instead(question, problem, wishes, share)
    cost = price if asked else cost
    words = f"Trying out other contacts for {share:.0%} of the customers "
    words += f"costs about {cost:,.0f}" if asked else f"would cost about {cost:,.0f} at most"
    words += f"; it looks where {looks:.1f} times as much is unknown." if looks > 1.05 else "."
    return {"share": share, "asked": bool(asked), "cost": cost, "looks": looks, "words": words}


def _drawn_instead(question: Question, problem: Problem, wishes: Wishes, share: float) -> tuple[float, float]:
    """Reckon, before capacities, what the best drawn contact of some customers is worth less than their best."""
    candidates, facts = question.candidates, question.facts
    rows = np.flatnonzero(problem.judgement.open_days != 0)
    persons, place = np.unique(candidates.person[rows], return_inverse=True)
    if not len(persons):
        return 0.0, 1.0
    step = max(len(persons) // LOOKED_AT, 1)
    kept = place % step == 0
    rows, place = rows[kept], place[kept] // step
    drawn = thompson(candidates, np.ones(facts.people, bool), len(facts.touch_points), wishes.seed)
    options = len(facts.offers) * max(len(facts.touch_points), 1)
    at = candidates.offer[rows] * max(len(facts.touch_points), 1) + candidates.channel[rows]
    size = (int(place.max(initial=0)) + 1, options + 1)
    mean, values, error = np.full(size, -np.inf), np.full(size, -np.inf), np.zeros(size)
    mean[:, -1] = values[:, -1] = 0.0  # no contact at all
    mean[place, at], values[place, at] = candidates.value[rows], drawn.value[rows]
    error[place, at] = candidates.error[rows] * candidates.earned[rows]
    cost, looks = exploration_cost(mean, error, values.argmax(axis=1), np.zeros(options + 1))
    return cost * share * len(persons) / len(mean), looks
