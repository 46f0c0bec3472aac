"""Frozen value types that cross folders: the nouns of the field, with no behaviour that needs a database."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum

__all__ = [
    "CAUSES",
    "GOALS",
    "RULES",
    "STEPS",
    "Check",
    "Cost",
    "Effect",
    "Goal",
    "Plan",
    "PlanConstraint",
    "PlannedContact",
    "Proof",
    "Range",
    "Report",
    "RunSummary",
    "Verdict",
    "Window",
    "is_cause",
]

CAUSES = ("impression", "send", "mail", "call", "sms", "store")
"""Kinds of touch that we or a platform chose to make: only these carry an effect."""

STEPS = ("open", "click", "visit")
"""Kinds of touch that are the customer's own steps; they appear in journeys and rule models, never as causes."""

GHOST = "ghost"
"""A contact that would have been made and was withheld at random."""

PAID_SEARCH = "search"
"""The channel whose click stands for the ad shown."""

RULES = ("last_touch", "first_touch", "linear", "time_decay", "position_based", "markov", "shapley")
"""The rule models shown beside the estimate, in this order."""


def is_cause(channel: str, kind: str) -> bool:
    """Tell whether a touch of this kind in this channel can cause a response.

    The one step that counts is the paid-search click, which stands for the ad shown.
    """
    return kind in CAUSES or (kind == "click" and channel == PAID_SEARCH)


class Verdict(StrEnum):
    """Whether a fit may be published."""

    PASS = "pass"  # noqa: S105 - a verdict, not a password
    REVIEW = "review"
    FAIL = "fail"

    @property
    def words(self) -> str:
        """What people read."""
        return {
            "pass": "safe to use",
            "review": "use with care",
            "fail": "not published (the last good one still stands)",
        }[self.value]


class Proof(StrEnum):
    """What stands behind an estimate."""

    TESTED = "tested"
    ESTIMATED = "estimated"
    PRIOR = "prior"

    @property
    def words(self) -> str:
        """What people read."""
        return {
            "tested": "Measured by a test",
            "estimated": "Estimated, no test yet",
            "prior": "Guess from similar firms",
        }[self.value]


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
    """

    name: str
    kinds: tuple[str, ...]
    singular: str
    plural: str
    carry_over_days: int | None = None


GOALS: Mapping[str, Goal] = {
    goal.name: goal
    for goal in (
        Goal("order", ("order",), "order", "orders"),
        Goal("lead", ("lead",), "lead", "leads"),
        Goal("signup", ("signup",), "sign-up", "sign-ups"),
        Goal("won", ("won",), "deal won", "deals won", 180),
    )
}


@dataclass(frozen=True)
class Window:
    """The days a report covers, both included."""

    start: date
    end: date

    @property
    def days(self) -> int:
        """Number of days in the window."""
        return (self.end - self.start).days + 1


@dataclass(frozen=True)
class Range:
    """A posterior in three numbers: mean and the ends of the 90 % interval."""

    mean: float
    p05: float
    p95: float


@dataclass(frozen=True)
class Cost:
    """A cost per response; a bound that does not exist (no effect cannot be ruled out) is None."""

    median: float | None
    p05: float | None
    p95: float | None


@dataclass(frozen=True)
class Effect:
    """What one channel, or one ad, did in the window. Money in major units of the reporting currency.

    Parameters
    ----------
    spend
        Money spent in the window.
    touches
        Contacts made in the window that can cause a response (for a medium without persons: its units).
    matched_share
        Share of the platform's impressions that could be matched to persons, or None if it reported none.
    incremental
        Responses of the goal in the window that it caused; with the baseline these sum to all responses.
    acquired
        First responses with it, minus first responses had it been silent.
    cac
        Cost per new customer, or None where there is no spend or no new customer can be shown.
    p_no_effect
        Probability that it caused nothing.
    p_below_target
        Probability that the cost per new customer lies below the target, or None without a target or without spend.
    target
        Money per new customer that the promotions it carried allow (``target_cac``; over several, their mean by
        contacts), or None where they set none.
    marginal_cac
        Cost of the next customer.
    claimed
        Conversions that the platform claims for itself, or None.
    rules
        Responses credited by each rule model, by its name in ``RULES``.
    """

    channel: str
    spend: float
    touches: float
    proof: Proof
    incremental: Range
    acquired: Range
    p_no_effect: float
    campaign: str | None = None
    ad: str | None = None
    matched_share: float | None = None
    cac: Cost | None = None
    p_below_target: float | None = None
    target: float | None = None
    marginal_cac: Cost | None = None
    claimed: float | None = None
    rules: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Check:
    """One judgement on a fit: its number, its verdict and its sentence together."""

    name: str
    value: float
    threshold: float
    verdict: Verdict
    sentence: str


@dataclass(frozen=True)
class RunSummary:
    """The run behind a report.

    Parameters
    ----------
    id
        Number of the run; 0 outside a database.
    finished_at
        When it finished, UTC.
    responses, first_responses
        Responses of the goal in the window, and how many were a person's first.
    linked_share
        Share of responses with at least one touch inside the carry-over before them.
    """

    id: int
    finished_at: datetime
    verdict: Verdict
    goal: str
    window: Window
    responses: int
    first_responses: int
    linked_share: float


@dataclass(frozen=True)
class Report:
    """Everything the effectiveness report shows."""

    run: RunSummary
    currency: str
    baseline: Range
    channels: tuple[Effect, ...]
    ads: tuple[Effect, ...]
    checks: tuple[Check, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class PlannedContact:
    """One contact that the plan proposes, or withholds as a held-back customer (``ghost``)."""

    customer_id: str
    promotion: str | None
    channel: str
    on: date
    expected_value: float
    reason: str
    probability: float = 1.0
    ghost: bool = False


@dataclass(frozen=True)
class PlanConstraint:
    """A scarce thing, how much of it the plan uses and what one more unit would earn."""

    name: str
    limit: float
    used: float
    price: float


@dataclass(frozen=True)
class Plan:
    """Whom to contact in the coming days. Values in major units of the reporting currency.

    ``bound`` is a value that no plan under the same rules can beat, ``gap`` = (bound - value) / bound.
    ``withheld`` counts, by reason, the candidate contacts that were left out.
    """

    id: int
    starts_on: date
    ends_on: date
    expected_value: float
    bound: float
    gap: float
    constraints: tuple[PlanConstraint, ...]
    withheld: Mapping[str, int]
    contacts: tuple[PlannedContact, ...]
