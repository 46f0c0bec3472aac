"""What a promotion is expected to bring before it begins: extra orders with their likely range, cost and worth. Pure.

The best contact that the rules leave with each person, the most valuable first, until the budget is spent. What is
scarce besides (hours of agents, days, the other promotions) is not looked at: a plan does that.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["Prospect", "Spread", "prospect_of"]

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Spread:
    """How far an effect may lie from its estimate: both ends of its likely range as shares of the estimate."""

    low: float
    high: float


@dataclass(frozen=True)
class Prospect:
    """What a promotion would bring. Money in major units.

    Parameters
    ----------
    people
        Whom it could reach within the rules, with something to gain.
    contacts
        Contacts that the budget pays, one for each person.
    extra, extra_low, extra_high
        Extra orders caused, and their likely range (9 in 10).
    cost, worth
        What the contacts cost, and what the extra orders earn less that cost.
    channels
        Contacts by touch point.
    budget_spent
        Whether the budget ended it.
    """

    people: int
    contacts: int
    extra: float
    extra_low: float
    extra_high: float
    cost: float
    worth: float
    channels: dict[str, int]
    budget_spent: bool

    @property
    def cost_per_order(self) -> float | None:
        """Cost of one extra order, or None where none is expected."""
        return self.cost / self.extra if self.extra > 0 else None

    def to_mapping(self) -> dict[str, Any]:
        """Return it as it is kept."""
        return asdict(self)


def prospect_of(
    person: NDArray[np.int64],
    channel: NDArray[np.int64],
    extra: Numbers,
    value: Numbers,
    cost: Numbers,
    names: tuple[str, ...],
    spreads: Mapping[str, Spread],
    budget: float | None = None,
) -> Prospect:
    """Reckon what a promotion would bring.

    Parameters
    ----------
    person, channel, extra, value, cost
        The contacts that the rules leave: position of the person and of the touch point, extra orders, value and cost
        in major units, each of shape ``(contacts,)``.
    names
        Names of the touch points.
    spreads
        How sure the effect of each touch point is; one that is missing counts as sure. Touch points are taken as
        independent of one another, the contacts through one of them as sharing its error.
    budget
        The most that the contacts may cost, or None.
    """
    rows = np.flatnonzero(value > 0)
    order = rows[np.lexsort((rows, -value[rows], person[rows]))]
    best = order[np.r_[True, np.diff(person[order]) != 0]] if len(order) else order
    ranked = best[np.argsort(-value[best], kind="stable")]
    paid = ranked if budget is None else ranked[np.cumsum(cost[ranked]) <= budget + 1e-9]
    by_channel = np.bincount(channel[paid], weights=extra[paid], minlength=len(names))
    counts = np.bincount(channel[paid], minlength=len(names))
    below = above = 0.0
    for name, mean in zip(names, by_channel.tolist(), strict=True):
        spread = spreads.get(name, Spread(1.0, 1.0))
        below += (mean * (1.0 - spread.low)) ** 2
        above += (mean * (spread.high - 1.0)) ** 2
    middle = float(by_channel.sum())
    return Prospect(
        people=len(best),
        contacts=len(paid),
        extra=middle,
        extra_low=max(middle - math.sqrt(below), 0.0),
        extra_high=middle + math.sqrt(above),
        cost=float(cost[paid].sum()),
        worth=float(value[paid].sum()),
        channels={name: int(count) for name, count in zip(names, counts.tolist(), strict=True) if count},
        budget_spent=len(paid) < len(ranked),
    )
