"""What withheld and explored contacts cost, what they teach, and whether a plan did what it forecast. Pure arrays."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["FEW", "Decile", "Lesson", "exploration_cost", "forecast_against_outcome", "ghost_lesson", "months_until"]

Numbers = NDArray[np.float64]

FEW = 2000
"""Contacts a month below which a channel's effect takes long to learn, and the marketer is told how long."""


@dataclass(frozen=True)
class Lesson:
    """What withholding a share of contacts costs and teaches.

    Parameters
    ----------
    contacts
        Contacts of the plan through the channel.
    ghosts
        Expected number of them withheld.
    cost
        Expected value forgone, in money: what the withheld contacts would have earned net of their cost.
    error_before, error_after
        Standard error of the channel's effect per contact before, and after this plan's ghosts are in.
    months
        Months of such plans until the effect is known to half its size, or infinity.
    """

    contacts: int
    ghosts: float
    cost: float
    error_before: float
    error_after: float
    months: float

    @property
    def narrows(self) -> float:
        """Share by which the range of the effect narrows."""
        return 1.0 - self.error_after / self.error_before if self.error_before > 0 else 0.0

    @property
    def few(self) -> bool:
        """Whether there are so few contacts that learning takes long."""
        return self.contacts < FEW


def ghost_lesson(
    values: Numbers, share: float, base_rate: float, effect: float, error_before: float, plans_per_month: float = 1.0
) -> Lesson:
    """Reckon with a share of a channel's contacts withheld at random.

    Parameters
    ----------
    values
        Expected value of each contact that may be withheld, in money, shape ``(contacts,)``.
    share
        Share withheld, above 0 and below 1.
    base_rate
        Responses per customer within the carry-over without the contact, 0 to 1.
    effect
        Extra responses per contact, as known now.
    error_before
        Standard error of that.
    plans_per_month
        How many such plans a month has.

    Raises
    ------
    ValueError
        If a share or a rate is out of its range.
    """
    if not 0.0 < share < 1.0:
        raise ValueError(f"a share of {share} withholds nothing, or everything")
    if not (0.0 <= base_rate <= 1.0 and error_before > 0.0):
        raise ValueError("the base rate must lie in 0 to 1, and the error above 0")
    contacts = len(values)
    error = _error_of_difference(contacts, share, base_rate, effect)
    after = math.sqrt(1.0 / (1.0 / error_before**2 + (1.0 / error**2 if error < math.inf else 0.0)))
    months = months_until(abs(effect) / 2.0, contacts * plans_per_month, share, base_rate, effect, error_before)
    return Lesson(contacts, contacts * share, float(values.sum()) * share, error_before, after, months)


def _error_of_difference(contacts: float, share: float, base_rate: float, effect: float) -> float:
    """Return the standard error of sent minus withheld, for responses that are yes or no."""
    if contacts <= 0:
        return math.inf
    sent_rate = min(max(base_rate + effect, 0.0), 1.0)
    sent = sent_rate * (1.0 - sent_rate) / (contacts * (1.0 - share))
    withheld = base_rate * (1.0 - base_rate) / (contacts * share)
    floor = 1.0 / contacts**2
    return math.sqrt(max(sent + withheld, floor))


def months_until(
    error: float,
    contacts_per_month: float,
    share: float,
    base_rate: float,
    effect: float,
    error_before: float = math.inf,
) -> float:
    """Return the months until the standard error of an effect has come down to ``error``; 0 if it is there already."""
    if error_before <= error:
        return 0.0
    if error <= 0.0:
        return math.inf
    monthly = _error_of_difference(contacts_per_month, share, base_rate, effect)
    if monthly == math.inf:
        return math.inf
    wanted = 1.0 / error**2 - (0.0 if error_before == math.inf else 1.0 / error_before**2)
    return wanted * monthly**2


def exploration_cost(mean: Numbers, error: Numbers, drawn: NDArray[np.int64], cost: Numbers) -> tuple[float, float]:
    """Return what choosing by drawn values costs, and how much of the uncertainty it looks at.

    Parameters
    ----------
    mean, error
        Value of each option of each customer and its standard error, in money, shape ``(customers, options)``.
    drawn
        The option that each customer gets by drawn values, shape ``(customers,)``.
    cost
        Cost of each option, shape ``(options,)``; ``mean`` is before cost.

    Returns
    -------
    Expected value forgone against choosing by the means; and the mean standard error of the options drawn relative to
    that of the options best by the means: above 1, exploration looks where less is known.
    """
    if not len(drawn):
        return 0.0, 1.0
    net = mean - cost
    rows = np.arange(len(drawn))
    best = net.argmax(axis=1)
    looked, settled = error[rows, drawn].mean(), error[rows, best].mean()
    return float((net[rows, best] - net[rows, drawn]).sum()), float(looked / settled) if settled > 0 else 1.0


@dataclass(frozen=True)
class Decile:
    """Contacts of one tenth of a plan, by forecast: what was forecast and what came.

    Parameters
    ----------
    channel
        The channel.
    rank
        1 for the tenth with the highest forecast.
    contacts, ghosts
        Contacts sent and withheld.
    predicted
        Extra responses forecast per contact.
    observed
        Responses of those sent less those of the withheld, per contact, each weighted by its known chance; nan where
        nobody was withheld or nobody was sent.
    error
        Standard error of ``observed``.
    """

    channel: str
    rank: int
    contacts: int
    ghosts: int
    predicted: float
    observed: float
    error: float

    @property
    def agrees(self) -> bool | None:
        """Whether the forecast lies within the 90 % range of what came, or None if that is not known."""
        if not math.isfinite(self.error):
            return None
        return abs(self.predicted - self.observed) <= 1.645 * self.error


def forecast_against_outcome(
    channel: NDArray[np.str_], predicted: Numbers, chance: Numbers, sent: NDArray[np.bool_], response: Numbers,
    tenths: int = 10,
) -> tuple[Decile, ...]:  # fmt: skip
    """Compare forecast and observed extra responses by tenths of each channel, after a plan has closed.

    Parameters
    ----------
    channel
        Channel of each contact, shape ``(n,)``.
    predicted
        Extra responses forecast.
    chance
        The known chance with which each was to be sent; contacts that were certain to be sent (1) have no counterpart
        and are left out.
    sent
        Whether it was sent.
    response
        Responses within the carry-over.
    tenths
        Groups per channel.
    """
    found = []
    drawn = chance < 1.0
    for name in sorted(set(channel[drawn].tolist())):
        rows = np.flatnonzero(drawn & (channel == name))
        rows = rows[np.argsort(-predicted[rows], kind="stable")]
        for rank, group in enumerate(np.array_split(rows, tenths), start=1):
            if len(group):
                found.append(_decile(name, rank, predicted[group], chance[group], sent[group], response[group]))
    return tuple(found)


def _decile(
    name: str, rank: int, predicted: Numbers, chance: Numbers, sent: NDArray[np.bool_], response: Numbers
) -> Decile:
    """Weight each side by its chance (Hajek, 1971), so that unequal chances and sizes do no harm."""
    sides = []
    for ours, weight in ((sent, 1.0 / chance), (~sent, 1.0 / (1.0 - chance))):
        given = np.where(ours, weight, 0.0)
        total = given.sum()
        if ours.sum() < 2:
            sides.append((math.nan, math.nan))
            continue
        mean = float((given * response).sum() / total)
        spread = float(np.square(given * (response - mean)).sum() / total**2)
        sides.append((mean, max(spread, 0.25 / float(ours.sum()) ** 2)))
    (high, high_error), (low, low_error) = sides
    return Decile(
        name, rank, int(sent.sum()), int((~sent).sum()), float(predicted.mean()), high - low,
        math.sqrt(high_error + low_error),
    )  # fmt: skip
