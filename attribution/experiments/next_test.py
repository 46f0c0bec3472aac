"""Which test to run next: how much each would narrow what is known, and how many customers it needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from attribution.evidence import Floats
from campaigns.terms import NextTest

__all__ = ["Candidate", "next_tests"]

AIM = 1.0
"""Width of the 90 % range, as a multiple of the estimate, at which a channel counts as settled."""

LEAST_WEEKS = 4
"""How long a hold-back runs at least."""

MOST_HELD_BACK = 0.5
"""Share of the customers reached that may be held back."""


@dataclass(frozen=True)
class Candidate:
    """A channel that could be tested.

    Parameters
    ----------
    caused
        Draws of the responses it causes in the window, shape ``(draws,)``.
    reached
        Customers that it reaches in the window.
    days
        Days of the window.
    rate
        Responses per customer and day, all in all.
    carry_over
        Days over which a contact works.
    spend
        Money spent on it in the window, in major units.
    """

    channel: str
    caused: Floats
    reached: float
    days: int
    rate: float
    carry_over: float
    spend: float


def next_tests(candidates: Sequence[Candidate]) -> tuple[NextTest, ...]:
    """Rank the channels by the money whose use hangs on them and by how much a hold-back would narrow their range.

    A hold-back of ``n`` customers for some weeks measures the responses that the channel causes per customer with a
    variance of ``rate x time x (1 / n + 1 / (reached - n))``; beside what is known already, the range narrows to
    ``1 / sqrt(1 / known^2 + 1 / measured^2)``.

    Returns
    -------
    Channels whose range is wide, the most telling test first.
    """
    ranked = []
    for candidate in candidates:
        test = _test(candidate)
        if test is not None:
            ranked.append((test.stake * (test.width_now - test.width_then), test))
    ranked.sort(key=lambda pair: (-pair[0], pair[1].channel))
    return tuple(test for _, test in ranked)


def _test(candidate: Candidate) -> NextTest | None:
    if candidate.reached < 2.0 or candidate.rate <= 0.0:
        return None
    weeks = max(LEAST_WEEKS, int(np.ceil(candidate.carry_over / 7.0)))
    mean = float(candidate.caused.mean())
    low, high = np.quantile(candidate.caused, [0.05, 0.95])
    # What cannot be told from nothing is held against its upper end: a test must be able to rule that out.
    against = max(mean, 0.5 * float(high), 1e-9)
    now = float(high - low) / against
    if now <= AIM:
        return None
    measured_now = 0.5 * float(high - low) / 1.645
    aim = 0.5 * AIM * against / 1.645
    # What a test must bring, so that both together reach the aim.
    needed = 1.0 / np.sqrt(max(1.0 / aim**2 - 1.0 / measured_now**2, 1e-12))
    customers = _customers(candidate, needed, 7.0 * weeks)
    most = MOST_HELD_BACK * candidate.reached
    held = min(customers, most)
    noise = _noise(candidate, held, 7.0 * weeks)
    then = 2.0 * 1.645 / np.sqrt(1.0 / measured_now**2 + 1.0 / noise**2) / against
    settles = customers <= most
    number = _rounded(held)
    told = f"Holding back {number:,} customers for {weeks} weeks would "
    sentence = (
        f"{told}settle it."
        if settles
        else f"{told}narrow the range to {then / now:.0%} of what it is; more than half of those it reaches would be "
        "needed to settle it."
    )
    return NextTest(candidate.channel, number if settles else None, weeks, now, then, candidate.spend, sentence)


def _noise(candidate: Candidate, held: float, days: float) -> float:
    """Give the standard error of what a channel causes in the window, as a hold-back of so many customers has it."""
    rest = max(candidate.reached - held, 1.0)
    variance = candidate.rate * days * (1.0 / max(held, 1.0) + 1.0 / rest)
    # Per customer over the test, carried over to all that it reaches over the window.
    return float(np.sqrt(variance) * candidate.reached * candidate.days / days)


def _customers(candidate: Candidate, noise: float, days: float) -> float:
    """Give the customers to hold back for a standard error; endless where not even half would do."""
    per_customer = noise * days / (candidate.reached * candidate.days)
    inverse = per_customer**2 / (candidate.rate * days) - 1.0 / candidate.reached
    return 1.0 / inverse if inverse > 0.0 else float("inf")


def _rounded(number: float) -> int:
    """Round up to two figures: nobody holds back 3,127 customers."""
    if not np.isfinite(number) or number < 1.0:
        return max(1, int(np.nan_to_num(number, posinf=0.0)))
    step = 10 ** max(int(np.floor(np.log10(number))) - 1, 0)
    return int(np.ceil(number / step) * step)
