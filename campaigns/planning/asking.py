"""What plan is asked for, and the words of its contacts: everything about a plan that needs no solver. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from campaigns.faults import Fault, RefusedError
from campaigns.language import mark
from campaigns.planning.aims import Aims
from campaigns.planning.gathering import candidates_of, gather
from campaigns.planning.horizon import MOST_DAYS
from campaigns.planning.policy import ContactPolicy
from campaigns.planning.problem import Solution
from campaigns.planning.records import Records
from campaigns.planning.rules import Judgement, Question, rolling_windows
from campaigns.terms import Plan

__all__ = ["UTC_ZONE", "Composed", "Wishes", "check_wishes", "contact_words", "per_hundred", "question_of"]

UTC_ZONE = ZoneInfo("UTC")

_NAMES = {
    "email": mark("e-mail"),
    "sms": mark("text message"),
    "mail": mark("letter"),
    "call": mark("call"),
    "push": mark("push message"),
    "messaging": mark("chat message"),
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
    aims
        Budgets, volumes, the balance, and what the plan should teach.
    """

    starts_on: date
    days: int = 7
    limit: int | None = None
    seed: int = 0
    zone: ZoneInfo = UTC_ZONE
    aims: Aims = field(default_factory=Aims)

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
    question, judgement, solution
        What was asked and answered, for the views of a plan: overlaps, what locks cost, why each contact was left out.
    teaching
        What holding back and trying out cost and teach (`campaigns.planning.teaching`).
    """

    plan: Plan
    persons: tuple[int, ...]
    notes: tuple[str, ...]
    question: Question
    judgement: Judgement
    solution: Solution
    teaching: Mapping[str, Any] = field(default_factory=dict)


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
    return Question(facts, policy, rolling_windows(facts, policy), candidates_of(records, policy, facts))


def contact_words(channel: str) -> str:
    """Name a contact through a touch point: ``email`` is e-mail, ``mail`` is letter."""
    return _NAMES.get(channel, channel.replace("_", " "))


def per_hundred(extra: float) -> str:
    """Write extra responses per hundred contacts, rounded to what is known."""
    share = 100.0 * extra
    return f"{share:,.1f}" if share >= 0.95 else f"{share:.1g}"
