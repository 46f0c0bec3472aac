"""What a contact is worth, part by part. Pure arrays; money in major units.

    value = extra responses * earned by each + margin kept - cost - risk of opting out

Each extra response earns the margin of the offer, and for somebody who never ordered the later margin that a first
order brings, less the share of orders that only came sooner. A relationship contact sells nothing: it keeps margin that
would be lost (`campaigns.planning.keeping`). The risk is the chance that the contact makes its customer opt out, times
that margin. What later contacts lose by wear-out is the solver's (`Candidates.second`).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from campaigns.planning.facts import Candidates, Offer
from campaigns.planning.horizon import Index
from campaigns.planning.keeping import Keeping, lasting_share
from campaigns.terms import ResponseModel

__all__ = ["RELATIONSHIP", "Scored", "thompson", "valued"]

Numbers = NDArray[np.float64]

RELATIONSHIP = "relationship"
"""The kind of promotion that keeps customers rather than selling to them."""


@dataclass(frozen=True)
class Scored:
    """Contacts to be valued, as columns of equal length: what they do and to whom.

    Parameters
    ----------
    person, offer, channel
        Positions in the facts.
    extra, error
        Extra responses and their standard error.
    second
        What a second contact keeps.
    """

    person: Index
    offer: Index
    channel: Index
    extra: Numbers
    error: Numbers
    second: Numbers


def valued(
    scored: Scored,
    offers: tuple[Offer, ...],
    channels: tuple[str, ...],
    unit_cost: Numbers,
    worth: Numbers,
    is_new: NDArray[np.bool_],
    model: ResponseModel | None,
    keeping: Keeping,
) -> Candidates:
    """Value contacts.

    Parameters
    ----------
    unit_cost
        By touch point.
    worth
        Margin that each person is to bring yet, nan where nothing is known of it, shape ``(people,)``.
    is_new
        Whose first order is still to come, shape ``(people,)``.
    model
        What the run learned of answers; without it nothing lasts less, keeps or risks anything.
    keeping
        What relationship contacts keep.
    """
    person, offer, channel = scored.person, scored.offer, scored.channel
    more, unsure = _of_promotions(model, offers, channels)
    difference = more[offer, channel]
    extra = np.where(difference == 0.0, scored.extra, np.maximum(scored.extra + difference, 0.0))
    error = np.hypot(scored.error, unsure[offer, channel])
    margin = np.asarray([one.margin for one in offers])
    known = np.nan_to_num(worth)
    keeps = np.asarray([one.kind == RELATIONSHIP for one in offers])[offer] & np.isfinite(worth)[person]
    keeps &= model is not None
    first = 0.0 if model is None or model.first_order_later is None else model.first_order_later
    later = np.where(is_new[person] & ~keeps, first, 0.0)
    earned = np.where(keeps, 0.0, lasting_share(model) * (margin[offer] + later))
    kept = np.where(keeps, keeping.margin(extra, margin[offer], known[person], is_new[person]), 0.0)
    risks = {} if model is None else {one.channel: one.opt_out_risk for one in model.channels}
    risk = np.asarray([risks.get(name, 0.0) for name in channels] or [0.0])[channel] * known[person]
    cost = unit_cost[channel] + risk
    return Candidates(
        person,
        offer,
        channel,
        extra,
        extra * earned + kept - cost,
        cost,
        scored.second,
        error,
        earned,
        later,
        kept,
        risk,
    )


def _of_promotions(
    model: ResponseModel | None, offers: tuple[Offer, ...], channels: tuple[str, ...]
) -> tuple[Numbers, Numbers]:
    """Return how contacts about each offer through each touch point differ, and the standard error of that."""
    more, unsure = np.zeros((len(offers), max(len(channels), 1))), np.zeros((len(offers), max(len(channels), 1)))
    places = {offer.promotion: place for place, offer in enumerate(offers)}
    for one in () if model is None else model.promotions:
        if one.promotion in places and one.channel in channels:
            at = places[one.promotion], channels.index(one.channel)
            more[at], unsure[at] = one.difference, one.error
    return more, unsure


def thompson(candidates: Candidates, people: NDArray[np.bool_], channels: int, seed: int) -> Candidates:
    """Draw what contacts would do from what is known of it, for some persons (Thompson, 1933, Biometrika 25).

    Parameters
    ----------
    people
        For whom, shape ``(people,)``; everybody else keeps the expected values.
    channels
        Number of touch points; one draw holds for all offers through one of them.
    """
    drawn = np.random.default_rng([seed, 2]).normal(size=(len(people), max(channels, 1)))
    away = candidates.error * drawn[candidates.person, candidates.channel] * people[candidates.person]
    return replace(candidates, extra=candidates.extra + away, value=candidates.value + away * candidates.earned)
