"""From records to a plan in the company's words: numbers, reasons, what was left out and what was scarce. Pure.

The price of a constraint is 0 here: the greedy solver has no prices. They come with the optimizer.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from datetime import date, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from campaigns.faults import Fault, RefusedError, UnreadyError
from campaigns.people.consent import CONSENTS, Consent
from campaigns.planning.bounds import upper_bound
from campaigns.planning.facts import Facts, TouchPoint
from campaigns.planning.gathering import candidates_of, gather, scarce_of
from campaigns.planning.horizon import MOST_DAYS
from campaigns.planning.planner import solve
from campaigns.planning.policy import ContactPolicy
from campaigns.planning.problem import Problem, Solution, pose
from campaigns.planning.records import Records
from campaigns.planning.rules import Question, judge, rolling_windows
from campaigns.terms import Plan, PlanConstraint, PlannedContact

__all__ = ["Composed", "Wishes", "check_wishes", "compose", "contact_words", "per_hundred", "question_of"]

UTC_ZONE = ZoneInfo("UTC")

_NAMES = {
    "email": "e-mail",
    "sms": "text message",
    "mail": "letter",
    "push": "push message",
    "messaging": "chat message",
}


@dataclass(frozen=True)
class Wishes:
    """What plan is wanted.

    Parameters
    ----------
    starts_on
        First day.
    days
        Length, 1 to 63.
    limit
        The most contacts wanted, or None.
    seed
        Decides between contacts of equal value.
    zone
        The zone in which days begin.
    """

    starts_on: date
    days: int = 7
    limit: int | None = None
    seed: int = 0
    zone: ZoneInfo = UTC_ZONE

    @property
    def ends_on(self) -> date:
        """Last day."""
        return self.starts_on + timedelta(self.days - 1)


@dataclass(frozen=True)
class Composed:
    """A plan that is not stored yet.

    Parameters
    ----------
    plan
        The plan, with number 0.
    persons
        Number of the person of each contact, in the plan's order.
    notes
        What the reader should know besides.
    """

    plan: Plan
    persons: tuple[int, ...]
    notes: tuple[str, ...]


def check_wishes(wishes: Wishes) -> None:
    """Check what is wanted before anything is read.

    Raises
    ------
    RefusedError
        With everything that cannot be.
    """
    faults = []
    if not 1 <= wishes.days <= MOST_DAYS:
        faults.append(Fault(0, "days", str(wishes.days), f"a number of days from 1 to {MOST_DAYS}"))
    if wishes.limit is not None and wishes.limit < 1:
        faults.append(Fault(0, "limit", str(wishes.limit), "a number of contacts, at least 1"))
    if faults:
        raise RefusedError("Such a plan cannot be made:", faults, "Ask again with other numbers.")


def question_of(records: Records, policy: ContactPolicy, wishes: Wishes) -> Question:
    """Lay out facts, caps and candidates for the rules.

    Raises
    ------
    UnreadyError
        If there is nobody to plan for, or nothing says what a response earns.
    """
    facts = gather(records, policy, starts_on=wishes.starts_on, days=wishes.days, zone=wishes.zone)
    return Question(facts, policy, rolling_windows(facts, policy), candidates_of(records, facts))


def compose(records: Records, policy: ContactPolicy, wishes: Wishes) -> Composed:
    """Make the plan that earns most within the policy.

    Raises
    ------
    UnreadyError
        If nobody has a score in a channel that can be planned, or nothing says what a response earns.
    """
    question = question_of(records, policy, wishes)
    if not len(question.candidates):
        raise UnreadyError(
            "There is nobody to plan for: no score belongs to a touch point that a plan may use.",
            "Import a channels file that says plannable = yes, or touches of e-mail, letters or calls, and fit again.",
        )
    judgement = judge(question)
    scarce, idle = scarce_of(records, policy, question.facts)
    problem = pose(question, judgement, scarce, limit=wishes.limit, seed=wishes.seed)
    solution = solve(problem)
    value = math.fsum(question.candidates.value[solution.chosen])
    # The bound and the value of a plan that meets it are sums of the same numbers in another order.
    bound = max(upper_bound(problem), value)
    plan = Plan(
        id=0,
        starts_on=wishes.starts_on,
        ends_on=wishes.ends_on,
        expected_value=value,
        bound=bound,
        gap=(bound - value) / bound if bound > 0 else 0.0,
        constraints=_constraints(problem, solution),
        withheld=solution.withheld(),
        contacts=_contacts(question, solution),
    )
    persons = question.facts.number[question.candidates.person[solution.chosen]]
    return Composed(plan, tuple(persons.tolist()), tuple(_notes(question.facts, idle)))


def contact_words(channel: str) -> str:
    """Name a contact through a touch point: ``email`` is e-mail, ``mail`` is letter."""
    return _NAMES.get(channel, channel.replace("_", " "))


def _notes(facts: Facts, idle: tuple[str, ...]) -> list[str]:
    notes = [
        f"The capacity of {name} limits nothing: say in [policy.resources] which touch point uses it." for name in idle
    ]
    if any(offer.assumed for offer in facts.offers):
        notes.append("No order and no promotion has a margin: a share of the mean order value was taken.")
    if facts.offers[0].promotion is None:
        notes.append("No offer runs on these days: the contacts are about no particular offer.")
    return notes


def _constraints(problem: Problem, solution: Solution) -> tuple[PlanConstraint, ...]:
    capacities = [
        PlanConstraint(item.name, float(np.maximum(item.left, 0.0).sum()), float(used.sum()), 0.0)
        for item, used in zip(problem.scarce, solution.used, strict=True)
    ]
    caps = [
        PlanConstraint(windows.cap.words, float(windows.cap.limit), float(used), 0.0)
        for windows, used in zip(problem.windows, solution.fullest, strict=True)
    ]
    asked = (
        []
        if problem.limit is None
        else [PlanConstraint("contacts asked for", float(problem.limit), float(len(solution.chosen)), 0.0)]
    )
    return (*capacities, *caps, *asked)


def _contacts(question: Question, solution: Solution) -> tuple[PlannedContact, ...]:
    facts, candidates = question.facts, question.candidates
    last = _last_contacts(facts)
    memory = question.policy.longest_window
    consent = [_consent_words(question, point) for point in facts.touch_points]
    contacts = []
    for row, day in zip(solution.chosen.tolist(), solution.day.tolist(), strict=True):
        person, channel = int(candidates.person[row]), int(candidates.channel[row])
        offer, point = facts.offers[candidates.offer[row]], facts.touch_points[channel]
        words = [
            f"about {per_hundred(float(candidates.extra[row]))} extra orders per 100 such contacts",
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
                expected_value=float(candidates.value[row]),
                reason="; ".join(words),
            )
        )
    return tuple(contacts)


def per_hundred(extra: float) -> str:
    """Write extra responses per hundred contacts, rounded to what is known."""
    share = 100.0 * extra
    return f"{share:,.1f}" if share >= 0.95 else f"{share:.1g}"


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
