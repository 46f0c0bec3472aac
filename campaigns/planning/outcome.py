"""What came of a plan beside what it promised. Pure."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import date
from typing import Any

import numpy as np

from campaigns.planning.learning import Decile, forecast_against_outcome

__all__ = ["LEAST_HELD_BACK", "Answer", "ChannelResult", "PlanResult", "result_of"]

LEAST_HELD_BACK = 30
"""Held-back contacts from which a comparison says anything."""


@dataclass(frozen=True)
class Answer:
    """What one contacted, or held-back, person did after a contact of a plan.

    Parameters
    ----------
    responses
        Orders within the days looked at.
    margin
        Their margin, in minor units, where it is known.
    extra
        Extra responses that the plan expected, or None where it kept none.
    probability
        The known chance with which the contact was to be sent.
    whole
        Whether all of the days looked at are over and known: what came of others cannot be told yet.
    """

    channel: str
    promotion: str | None
    ghost: bool
    outcome: str | None
    expected_value: float
    responses: int
    margin: int
    extra: float | None = None
    probability: float = 1.0
    whole: bool = True


@dataclass(frozen=True)
class ChannelResult:
    """What came of a plan's contacts through one touch point, or of all of them (``channel`` is ``all``).

    Parameters
    ----------
    sent, held_back
        Contacts that went out, and those withheld at random.
    outcomes
        What came back of those that went out, ``not known`` among them.
    responded, responded_held_back
        How many of each were followed by an order within the days looked at.
    extra, extra_se
        Extra orders caused by those that went out and their standard error, by comparison with the held-back, of both
        only those whose days are all known; None where too few of them were held back.
    forecast
        What those that went out were expected to earn, in major units of the reporting currency.
    observed
        What they earned, by the extra orders at the mean margin of the orders seen; None where ``extra`` is.
    """

    channel: str
    sent: int
    held_back: int
    outcomes: dict[str, int]
    responded: int
    responded_held_back: int
    extra: float | None
    extra_se: float | None
    forecast: float
    observed: float | None


@dataclass(frozen=True)
class PlanResult:
    """A closed plan: forecast against what came, by touch point and in all.

    Parameters
    ----------
    days
        Days after each contact that were looked at.
    unfinished
        Contacts of which not all of these days are known.
    known_until
        Last day of which orders are known, or None where none are.
    """

    days: int
    whole: ChannelResult
    channels: tuple[ChannelResult, ...]
    deciles: tuple[Decile, ...] = ()
    unfinished: int = 0
    known_until: date | None = None

    @property
    def words(self) -> str:
        """The result in a sentence or two."""
        return " ".join(part for part in (self._told, self._too_early) if part)

    @property
    def _too_early(self) -> str:
        if not self.unfinished:
            return ""
        if self.known_until is None:
            return "It was closed early: no order is known from the days after its contacts."
        return (
            f"It was closed early: orders are known until {self.known_until}, and the {self.days} days after "
            f"{self.unfinished:,} contacts are not over by then; these are not compared."
        )

    @property
    def _told(self) -> str:
        whole = self.whole
        if not whole.sent:
            return "Nothing went out."
        if whole.extra is None or whole.observed is None or whole.extra_se is None:
            told = f"{whole.responded:,} of {whole.sent:,} contacts were followed by an order within {self.days} days."
            if self.unfinished and whole.held_back >= LEAST_HELD_BACK:
                return f"{told} How many they caused cannot be said yet."
            return f"{told} How many they caused cannot be said: only {whole.held_back:,} were held back."
        reach = 1.645 * whole.extra_se
        return (
            f"{whole.sent:,} contacts caused about {whole.extra:,.0f} extra orders (likely "
            f"{whole.extra - reach:,.0f} to {whole.extra + reach:,.0f}), worth about {whole.observed:,.0f}; "
            f"{whole.forecast:,.0f} was expected."
        )

    def to_mapping(self) -> dict[str, Any]:
        """Return the result as it is kept with the plan."""
        deciles = [
            {**asdict(one), "agrees": one.agrees}
            | {name: None for name in ("observed", "error") if not math.isfinite(getattr(one, name))}
            for one in self.deciles
        ]
        until = None if self.known_until is None else self.known_until.isoformat()
        return {**asdict(self), "deciles": deciles, "known_until": until, "words": self.words}


def result_of(answers: Sequence[Answer], days: int, unit: int, known_until: date | None = None) -> PlanResult:
    """Compare what a plan's contacts were followed by with what followed those held back.

    Parameters
    ----------
    answers
        One per contact.
    days
        Days after each contact that were looked at.
    unit
        Minor units in a major one.
    known_until
        Last day of which orders are known.
    """
    names = sorted({answer.channel for answer in answers})
    parts = tuple(_result(name, [one for one in answers if one.channel == name], unit) for name in names)
    early = sum(not answer.whole for answer in answers)
    return PlanResult(days, _result("all", answers, unit), parts, _deciles(answers), early, known_until)


def _deciles(answers: Sequence[Answer]) -> tuple[Decile, ...]:
    """Hold forecast against outcome by tenths of each channel; only contacts that might have been withheld count."""
    told = [answer for answer in answers if answer.extra is not None and answer.whole]
    if not told:
        return ()
    return forecast_against_outcome(
        np.asarray([answer.channel for answer in told]),
        np.asarray([answer.extra for answer in told], float),
        np.asarray([answer.probability for answer in told], float),
        np.asarray([not answer.ghost for answer in told], bool),
        np.asarray([answer.responses for answer in told], float),
    )


def _result(channel: str, answers: Sequence[Answer], unit: int) -> ChannelResult:
    sent = [answer for answer in answers if not answer.ghost]
    held = [answer for answer in answers if answer.ghost]
    yes, no = (sum(answer.responses > 0 for answer in group) for group in (sent, held))
    orders = sum(answer.responses for answer in answers)
    mean = sum(answer.margin for answer in answers) / orders / unit if orders else 0.0
    extra, error = _caused(sent, held)
    return ChannelResult(
        channel,
        len(sent),
        len(held),
        dict(Counter(answer.outcome or "not known" for answer in sent)),
        yes,
        no,
        extra,
        error,
        math.fsum(answer.expected_value for answer in sent),
        None if extra is None else extra * mean,
    )


def _caused(sent: Sequence[Answer], held: Sequence[Answer]) -> tuple[float | None, float | None]:
    """Return the extra orders that contacts sent caused and their standard error, or None where nobody can tell."""
    with_end = [[answer.responses > 0 for answer in group if answer.whole] for group in (sent, held)]
    if len(with_end[1]) < LEAST_HELD_BACK or not with_end[0]:
        return None, None
    made, kept = (sum(group) / len(group) for group in with_end)
    variance = 0.0
    for group in with_end:
        # half an order more on each side, so that none at all does not look like certainty (Jeffreys)
        share = (sum(group) + 0.5) / (len(group) + 1)
        variance += share * (1 - share) / len(group)
    return (made - kept) * len(sent), len(sent) * math.sqrt(variance)
