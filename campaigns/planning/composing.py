"""From records to a plan in the company's words: numbers, reasons, what was left out and what was scarce. Pure.

The price of a constraint is what one more unit of it would bring; that of a contact cap, what one more contact in each
of its windows would bring in all.
"""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
from numpy.typing import NDArray

from campaigns.faults import UnreadyError
from campaigns.people.consent import CONSENTS, Consent
from campaigns.planning.aims import limits_of, spared
from campaigns.planning.asking import (
    UTC_ZONE,
    Composed,
    Wishes,
    check_wishes,
    contact_words,
    per_hundred,
    question_of,
)
from campaigns.planning.cap_prices import cap_prices
from campaigns.planning.caps import Cap
from campaigns.planning.facts import Facts, TouchPoint
from campaigns.planning.flipping import amount
from campaigns.planning.gathering import scarce_of
from campaigns.planning.keeping import keeping_of
from campaigns.planning.planner import solve
from campaigns.planning.policy import ContactPolicy
from campaigns.planning.problem import BUDGET, MIX, Limit, Problem, Solution, Unmet, pose
from campaigns.planning.records import Records
from campaigns.planning.rules import Question, judge
from campaigns.planning.teaching import teaching
from campaigns.planning.valuing import RELATIONSHIP, thompson
from campaigns.terms import Plan, PlanConstraint, PlannedContact

__all__ = [
    "UTC_ZONE",
    "Composed",
    "Wishes",
    "check_wishes",
    "compose",
    "contact_words",
    "per_hundred",
    "question_of",
    "unmet_words",
    "worth_by_means",
]


def compose(records: Records, policy: ContactPolicy, wishes: Wishes, *, price_caps: bool = False) -> Composed:
    """Make the plan that earns most within the policy.

    With ``price_caps`` it is reckoned what one more contact in the windows of each cap would bring; without, caps carry
    the price 0.

    Raises
    ------
    UnreadyError
        If nobody has a score in a channel that can be planned, or nothing says what a response earns.
    """
    expected = question_of(records, policy, wishes)
    question = _explored(expected, wishes)
    if not len(question.candidates):
        raise UnreadyError(
            "There is nobody to plan for: no score belongs to a touch point that a plan may use.",
            "Import a channels file that says plannable = yes, or touches of e-mail, letters or calls, and fit again.",
        )
    judgement = judge(question)
    scarce, idle = scarce_of(records, policy, question.facts)
    limits = limits_of(wishes.aims, question.facts)
    problem = pose(question, judgement, scarce, limit=wishes.limit, seed=wishes.seed, limits=limits)
    solution = solve(problem)
    caps = (0.0,) * len(problem.windows)
    if price_caps:
        caps = cap_prices(expected, solution, scarce, limits, limit=wishes.limit, seed=wishes.seed)
    worth = solution.worth if question is expected else worth_by_means(solution, expected, question)
    price = 0.0
    if question is not expected:
        # What the plan by expected values earns, less what this one does by the same values.
        settled = replace(problem, candidates=expected.candidates, judgement=judge(expected))
        price = max(solve(settled).value - float(worth.sum()), 0.0)
    plan = Plan(
        id=0,
        starts_on=wishes.starts_on,
        ends_on=wishes.ends_on,
        expected_value=math.fsum(worth),
        bound=solution.bound,
        gap=solution.gap,
        constraints=_constraints(problem, solution, caps),
        withheld=solution.withheld(),
        contacts=_held_back(_contacts(expected, solution, worth), wishes, question.facts),
    )
    persons = question.facts.number[question.candidates.person[solution.chosen]]
    taught = teaching(plan, expected, problem, records, wishes, price)
    learned = () if records.responding is None else records.responding.notes
    keeps = [keeping_of(records, policy).words] if _keeps_customers(question) else []
    notes = (*_notes(question.facts, idle), *keeps, *learned, *(unmet_words(unmet) for unmet in solution.unmet))
    return Composed(plan, tuple(persons.tolist()), notes, expected, judgement, solution, taught)


def _explored(question: Question, wishes: Wishes) -> Question:
    """Draw values for a share of the persons, named accounts aside, so that the plan goes on learning."""
    share = wishes.aims.exploration
    if not share:
        return question
    facts = question.facts
    some = np.random.default_rng([wishes.seed, 3]).random(facts.people) < share
    some &= ~spared(wishes.aims, facts)
    drawn = thompson(question.candidates, some, len(facts.touch_points), wishes.seed)
    return replace(question, candidates=drawn)


def worth_by_means(solution: Solution, expected: Question, drawn: Question) -> NDArray[np.float64]:
    """Return what each chosen contact adds by expected values, where it was chosen by drawn ones."""
    chosen, means, values = solution.chosen, expected.candidates, drawn.candidates
    gross = values.value[chosen] + values.cost[chosen]
    faded = np.where(gross > 1e-12, (solution.worth + values.cost[chosen]) / np.maximum(gross, 1e-12), 1.0)
    away: NDArray[np.float64] = means.value[chosen] - values.value[chosen]
    return solution.worth + np.clip(faded, 0.0, 1.0) * away


def _keeps_customers(question: Question) -> bool:
    """Tell whether there are offers that keep customers, and something is known of what these are worth."""
    return any(offer.kind == RELATIONSHIP for offer in question.facts.offers) and bool(question.candidates.kept.any())


def _notes(facts: Facts, idle: tuple[str, ...]) -> list[str]:
    notes = [
        f"The capacity of {name} limits nothing: say in [policy.resources] which touch point uses it." for name in idle
    ]
    if any(offer.assumed for offer in facts.offers):
        notes.append("No order and no promotion has a margin: a share of the mean order value was taken.")
    if facts.offers[0].promotion is None:
        notes.append("No offer runs on these days: the contacts are about no particular offer.")
    return notes


def _constraints(problem: Problem, solution: Solution, cap_worths: tuple[float, ...]) -> tuple[PlanConstraint, ...]:
    capacities = [
        PlanConstraint(
            item.name,
            float(np.maximum(item.left, 0.0).sum()),
            float(used.sum()),
            price,
            "capacity",
            {"resource": item.name},
        )
        for item, used, price in zip(problem.scarce, solution.used, solution.prices, strict=True)
    ]
    caps = [
        PlanConstraint(windows.cap.words, float(windows.cap.limit), float(used), worth, "cap", _of_cap(windows.cap))
        for windows, used, worth in zip(problem.windows, solution.fullest, cap_worths, strict=True)
    ]
    asked = (
        []
        if problem.limit is None
        else [
            PlanConstraint(
                "contacts asked for", float(problem.limit), float(len(solution.chosen)), solution.limit_price, "number"
            )
        ]
    )
    return (*capacities, *_limits(problem, solution), *caps, *asked)


def _limits(problem: Problem, solution: Solution) -> list[PlanConstraint]:
    """List budgets, volumes and the balance; a least amount costs what its price says, with a minus."""
    found = []
    for limit, used, price in zip(problem.limits, solution.reached, solution.limit_prices, strict=True):
        if limit.most is not None:
            found.append(PlanConstraint(limit.name, limit.most, used, max(price, 0.0), *_of_limit(limit, "most")))
        if limit.least is not None:
            name = limit.name if limit.reason == MIX else f"{limit.name}, at least"
            found.append(PlanConstraint(name, limit.least, used, min(price, 0.0), *_of_limit(limit, "least")))
    return found


def _of_limit(limit: Limit, bound: str) -> tuple[str, dict[str, Any]]:
    """Say in terms what a limit is."""
    if limit.reason == BUDGET:
        return "budget", {} if limit.promotion is None else {"promotion": limit.promotion}
    if limit.reason == MIX:
        return "share", {"share": limit.share, "bound": "most" if limit.ceiling else "least"}
    return "volume", {"promotion": limit.promotion, "bound": bound}


def _of_cap(cap: Cap) -> dict[str, Any]:
    return {"channel": cap.channel, "days": cap.days, "scope": cap.scope, "each": cap.each}


def unmet_words(unmet: Unmet) -> str:
    """Say that a least amount is not reached, by how much, and whether any plan could."""
    reached = f"{unmet.name}: {unmet.wanted:,.0f} wanted, {unmet.reached:,.0f} in the plan"
    if unmet.name.endswith("relationship contacts"):
        reached = f"{unmet.name}: not reached"
    if unmet.proven:
        return f"{reached}. No plan within these rules can meet it; this is the nearest one found."
    return f"{reached}. This is the nearest plan found."


def _contacts(question: Question, solution: Solution, worths: NDArray[np.float64]) -> tuple[PlannedContact, ...]:
    facts, candidates = question.facts, question.candidates
    last = _last_contacts(facts)
    memory = question.policy.longest_window
    consent = [_consent_words(question, point) for point in facts.touch_points]
    contacts = []
    for row, day, worth in zip(solution.chosen.tolist(), solution.day.tolist(), worths.tolist(), strict=True):
        person, channel = int(candidates.person[row]), int(candidates.channel[row])
        offer, point = facts.offers[candidates.offer[row]], facts.touch_points[channel]
        words = [
            _purpose(question, row),
            _since_words(contact_words(point.channel), last.get((person, channel)), memory),
            consent[channel][person],
            *(["margin assumed"] if offer.assumed else []),
        ]
        contacts.append(
            PlannedContact(
                customer_id=str(facts.customer_id[person]),
                promotion=offer.promotion,
                channel=point.channel,
                on=facts.starts_on + timedelta(day),
                expected_value=worth,
                reason="; ".join(words),
                extra_responses=float(candidates.extra[row]),
            )
        )
    return tuple(contacts)


def _purpose(question: Question, row: int) -> str:
    """Say what a contact is for: extra orders, or margin kept."""
    candidates = question.candidates
    if candidates.kept[row] > 0.0:
        return f"keeps about {amount(float(candidates.kept[row]))} of later margin"
    return f"about {per_hundred(float(candidates.extra[row]))} extra orders per 100 such contacts"


def _held_back(contacts: tuple[PlannedContact, ...], wishes: Wishes, facts: Facts) -> tuple[PlannedContact, ...]:
    """Withhold a share of the contacts at random; each carries the chance with which it was to be sent."""
    share = wishes.aims.ghosts
    if not share:
        return contacts
    drawn = np.random.default_rng([wishes.seed, 1]).random(len(contacts))
    named = frozenset(facts.customer_id[spared(wishes.aims, facts)].tolist())
    return tuple(
        contact
        if contact.customer_id in named
        else replace(contact, probability=1.0 - share, ghost=bool(chance < share))
        for contact, chance in zip(contacts, drawn.tolist(), strict=True)
    )


def _since_words(name: str, day: int | None, memory: int) -> str:
    if day is None:
        return f"no {name} in the last {memory} days"
    if day >= 0:
        return f"{name} already on these days"
    return f"last {name} {-day} day{'s' if day < -1 else ''} ago"


def _last_contacts(facts: Facts) -> dict[tuple[int, int], int]:
    """Return the day of the latest contact of each person through each touch point."""
    history = facts.contacts
    order = np.argsort(history.day, kind="stable")
    keys = zip(history.person[order].tolist(), history.channel[order].tolist(), strict=True)
    return dict(zip(keys, history.day[order].tolist(), strict=True))


def _consent_words(question: Question, point: TouchPoint) -> list[str]:
    if point.consent not in CONSENTS:
        return ["no consent needed"] * question.facts.people
    known = question.facts.consent[:, CONSENTS.index(point.consent)]
    return ["consent given" if code == Consent.GIVEN else "consent presumed" for code in known.tolist()]
