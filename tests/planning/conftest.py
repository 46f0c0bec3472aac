"""A small company to plan for, written row by row."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest

from campaigns.planning.composing import Wishes
from campaigns.planning.facts import Candidates, Facts
from campaigns.planning.gathering import candidates_of, gather, scarce_of
from campaigns.planning.planner import solve
from campaigns.planning.policy import ContactPolicy
from campaigns.planning.problem import Problem, Solution, pose
from campaigns.planning.quiet import QuietTime
from campaigns.planning.records import SCHEMAS, Records
from campaigns.planning.rules import RULES, Question, judge, rolling_windows

START = date(2026, 6, 1)
AT_EASE = ContactPolicy(
    hours_between=0, quiet=QuietTime(begins="00:00", ends="00:00", days=(), holidays=False, staffed=())
)
"""The default policy without quiet time or waiting hours, so that tests see one rule at a time."""

CONSENTS = {f"consent_{name}": "yes" for name in ("email", "phone", "sms", "mail", "ads")}


def at(day: int, hour: int = 12) -> datetime:
    """Return a moment on a day counted from the plan's first."""
    return datetime(START.year, START.month, START.day, hour, tzinfo=UTC) + timedelta(days=day)


def on(day: int) -> date:
    """Return a day counted from the plan's first."""
    return START + timedelta(days=day)


def person(number: int, **more: Any) -> dict[str, Any]:
    """Return somebody who consents to everything."""
    return {"person": number, "customer_id": f"C-{number}", **CONSENTS, **more}


def records(**tables: Any) -> Records:
    """Write records: one person with a score of 0.05 for e-mail and an offer that earns 20, unless told otherwise."""
    tables.setdefault("persons", [person(1)])
    tables.setdefault("channels", [{"channel": "email", "plannable": True, "consent": "email", "unit_cost": 0.1}])
    tables.setdefault("promotions", [{"promotion": "spring", "margin": 20.0}])
    tables.setdefault(
        "scores",
        [
            {"person": row["person"], "channel": channel["channel"], "extra_responses": 0.05, "recent_touches": 0}
            for row in tables["persons"]
            for channel in tables["channels"]
        ],
    )
    amounts = {name: tables.pop(name, None) for name in ("order_margin", "order_value")}
    if unknown := set(tables) - set(SCHEMAS):
        raise KeyError(f"no such table: {unknown}")
    for name, rows in tables.items():
        if stray := {key for row in rows for key in row} - set(SCHEMAS[name].names):
            raise KeyError(f"{name} has no column {stray}")
    read = {name: pa.Table.from_pylist(tables.get(name, []), schema=schema) for name, schema in SCHEMAS.items()}
    return Records(**read, **amounts)


class Planned:
    """Everything that planning from some records gives, step by step."""

    def __init__(
        self,
        read: Records,
        policy: ContactPolicy | None = None,
        *,
        days: int = 7,
        limit: int | None = None,
        seed: int = 0,
        zone: str = "UTC",
    ) -> None:
        policy = AT_EASE if policy is None else policy
        self.facts: Facts = gather(read, policy, starts_on=START, days=days, zone=ZoneInfo(zone))
        self.candidates: Candidates = candidates_of(read, policy, self.facts)
        self.question = Question(self.facts, policy, rolling_windows(self.facts, policy), self.candidates)
        self.judgement = judge(self.question)
        self.scarce, self.idle = scarce_of(read, policy, self.facts)
        self.problem: Problem = pose(self.question, self.judgement, self.scarce, limit=limit, seed=seed)
        self.solution: Solution = solve(self.problem)

    @property
    def verdicts(self) -> list[str]:
        """Name of the rule that stopped each candidate, or 'open'."""
        return ["open" if rule < 0 else RULES[rule].name for rule in self.judgement.stopped_by]

    @property
    def open_days(self) -> list[list[int]]:
        """Days left to each candidate."""
        return [[day for day in range(63) if int(mask) >> day & 1] for mask in self.judgement.open_days]

    @property
    def chosen(self) -> list[tuple[int, str | None, str, int]]:
        """Number of the person, offer, touch point and day of each contact."""
        return [
            (
                int(self.facts.number[self.candidates.person[row]]),
                self.facts.offers[self.candidates.offer[row]].promotion,
                self.facts.touch_points[self.candidates.channel[row]].channel,
                int(day),
            )
            for row, day in zip(self.solution.chosen, self.solution.day, strict=True)
        ]

    @property
    def value(self) -> float:
        """Expected value of the plan."""
        return float(np.sum(self.candidates.value[self.solution.chosen]))


class SmallMarket:
    """What the tests write their records with."""

    start = START
    at_ease = AT_EASE
    wishes = Wishes(START)
    at = staticmethod(at)
    on = staticmethod(on)
    person = staticmethod(person)
    records = staticmethod(records)
    planned: Callable[..., Planned] = staticmethod(lambda *args, **more: Planned(*args, **more))


@pytest.fixture(scope="session")
def market() -> SmallMarket:
    """Return the means to write records and to plan from them."""
    return SmallMarket()
