"""What a fit explains."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from campaigns.faults import Fault, RefusedError

__all__ = ["ACCOUNT", "COUNTS", "GOALS", "KINDS", "PERSON", "UNITS", "Goal"]

PERSON, ACCOUNT = UNITS = ("person", "account")
"""Who responds."""

ALL, FIRST = COUNTS = ("all", "first")
"""Which of a unit's responses count."""

KINDS = ("order", "lead", "signup", "redemption", "won", "interest")
"""Kinds of response that can be a goal."""


@dataclass(frozen=True)
class Goal:
    """What a fit explains.

    Parameters
    ----------
    name
        Name on the command line.
    kinds
        Kinds of response that count.
    singular, plural
        The goal's own noun on screen.
    carry_over_days
        Longest carry-over of any channel for this goal, in days; None leaves each channel its own.
    unit
        Who responds: each person, or an account with all of its people (``account``).
    count
        Whether all responses of a unit count, or only the first.
    """

    name: str
    kinds: tuple[str, ...]
    singular: str
    plural: str
    carry_over_days: int | None = None
    unit: str = PERSON
    count: str = ALL

    def __post_init__(self) -> None:
        faults = [
            Fault(0, f"goals.{self.name}.{name}", repr(found), expected)
            for name, found, good, expected in (
                ("kinds", self.kinds, bool(self.kinds), "one kind of response or more"),
                ("unit", self.unit, self.unit in UNITS, " or ".join(UNITS)),
                ("count", self.count, self.count in COUNTS, " or ".join(COUNTS)),
                (
                    "carry_over_days",
                    self.carry_over_days,
                    self.carry_over_days is None or 1 <= self.carry_over_days <= 730,
                    "1 to 730 days",
                ),
            )
            if not good
        ]
        if faults:
            raise RefusedError("This goal cannot be used:", faults, "Correct it and start again.")


GOALS: Mapping[str, Goal] = {
    goal.name: goal
    for goal in (
        Goal("order", ("order",), "order", "orders"),
        Goal("lead", ("lead",), "lead", "leads"),
        Goal("signup", ("signup",), "sign-up", "sign-ups"),
        Goal("won", ("won",), "deal won", "deals won", 180, ACCOUNT),
    )
}
