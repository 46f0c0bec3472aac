"""What money bought: cost per new customer, per extra response and of the next customer, and which ad does better.

Each is a summary of draws, so that its range and the probability of no effect come with it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from attribution.evidence import Floats
from attribution.increment import Source, range_of
from campaigns.terms import Beat, Cost, Costs, Range

__all__ = ["beats", "cost_of", "costs_of", "p_better"]

RIVALS = 20
"""Ads of a channel, those with most contacts, that each ad is held against."""


def cost_of(spend: float, won: Floats) -> Cost | None:
    """Cost per customer won: median and 90 % interval; a bound at which nobody is won does not exist.

    Parameters
    ----------
    spend
        Money spent, in the unit of the cost.
    won
        Draws of the number won, shape ``(draws,)``.

    Returns
    -------
    None where nothing was spent or not even the best case wins anybody.
    """
    if spend <= 0.0:
        return None
    low, median, high = np.quantile(won, [0.05, 0.5, 0.95], method="inverted_cdf")

    def cost(number: float) -> float | None:
        return spend / float(number) if number > 1e-9 else None

    return Cost(cost(median), cost(high), cost(low)) if cost(high) is not None else None


def costs_of(source: Source, spend: float, target: float | None = None) -> Costs:
    """Hold what a channel, campaign or ad did against money spent.

    Parameters
    ----------
    spend
        Money spent in the window, in minor units.
    target
        What a new customer may cost, in minor units.

    Returns
    -------
    Costs in major units.
    """
    major = spend / 100.0
    below = float((source.projected * target >= spend).mean()) if target is not None and spend > 0.0 else None
    return Costs(
        spend=major,
        cac=cost_of(major, source.projected),
        cost_per_extra=cost_of(major, source.projected_extra),
        marginal_cac=cost_of(major, source.projected * np.maximum(source.elasticity, 0.0)),
        return_on_spend=_return(source, spend),
        p_below_target=below,
    )


def _return(source: Source, spend: float) -> Range | None:
    """Value of the extra responses for one unit of money."""
    if spend <= 0.0 or not source.value.any():
        return None
    returned = source.projected_extra * source.value / spend
    return range_of(returned, returned)


def p_better(one: Floats, other: Floats) -> float:
    """Probability that one does better than another, draw by draw; equals count half.

    Parameters
    ----------
    one, other
        Draws of what each achieved for the same means, shape ``(draws,)``: of one posterior, in the same order.
    """
    return float((one > other).mean() + 0.5 * (one == other).mean())


def beats(
    ads: Sequence[Source], spend: Mapping[tuple[str, str, str], float], contacts: Mapping[tuple[str, str, str], float]
) -> dict[tuple[str, str, str], tuple[Beat, ...]]:
    """Give, for each ad, the probability that it does better than each other ad of its channel.

    Parameters
    ----------
    spend, contacts
        Money and contacts of each ad in the window. Of two ads that both cost something, that one does better which
        wins more new customers for the same money; else the one that causes more extra responses per contact. Ads
        without contacts in the window are left out.
    """
    found = {}
    for channel in dict.fromkeys(source.channel for source in ads):
        own = [source for source in ads if source.channel == channel and contacts.get(_key(source), 0.0) > 0.0]
        own.sort(key=lambda source: -contacts[_key(source)])
        for source in own:
            rivals = [other for other in own[:RIVALS] if other is not source]
            found[_key(source)] = tuple(_beat(source, other, spend, contacts) for other in rivals)
    return found


def _beat(
    source: Source,
    other: Source,
    spend: Mapping[tuple[str, str, str], float],
    contacts: Mapping[tuple[str, str, str], float],
) -> Beat:
    one, two = _key(source), _key(other)
    if spend.get(one, 0.0) > 0.0 and spend.get(two, 0.0) > 0.0:
        better = p_better(source.projected / spend[one], other.projected / spend[two])
    else:
        better = p_better(source.projected_extra / contacts[one], other.projected_extra / contacts[two])
    return Beat(other.campaign or None, other.ad or None, better)


def _key(source: Source) -> tuple[str, str, str]:
    return source.channel, source.campaign or "", source.ad or ""
