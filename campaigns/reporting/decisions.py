"""The verdict on each channel and ad: More, Less, Test or Keep, and on what ground.

The rule, in the order in which it is asked. The *yardstick* of a cost per new customer is the target that the reader
sets; without one, the target that the promotions of the channel or ad set (with the chance of beating it); and where
those set none either, the average over all paid channels of the same report.

1. It rests on a guess from similar firms alone: **Test**.
2. It costs nothing: **Keep** where an effect is seen, **Test** where none is.
3. No new customer can be shown (at least an even chance of no effect, or no cost at the middle of the range): **Less**
   where even its best case (the lower end of the cost) is above the yardstick or an effect is all but ruled out,
   **Test** otherwise.
4. It beats the yardstick (chance at least 9 in 10, or the whole likely range below it): **More**, unless the *next*
   customer would cost more than the yardstick: **Keep**.
5. It misses the yardstick (chance at most 1 in 10, or the whole likely range above it): **Less**.
6. It could be either side: **Keep** where the range is narrow (its ends differ by at most 2.25 times, half as much
   again either way: close to the yardstick whichever it is), **Test** where it is wide.

A **Less** (3 and 5) becomes **Keep** where most of the extra orders come from people who already buy, and each extra
order, by a new customer or not, costs no more than the yardstick even at the upper end of its range: a cost per new
customer misjudges such a channel.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from campaigns.terms import Effect, Proof

__all__ = [
    "Action",
    "Basis",
    "Decision",
    "Ground",
    "Yardstick",
    "best_case",
    "decide",
    "held_against",
    "in_order_of_decision",
    "yardstick_of",
]

CONFIDENT = 0.9
"""Chance from which a side is taken."""

EVEN = 0.5
"""Chance of no effect from which no new customer can be shown."""

VISIBLE = 0.1
"""Chance of no effect below which an effect is seen."""

NARROW = 2.25
"""Upper over lower end of a range that is still close to the yardstick."""


class Action(StrEnum):
    """The verdict in one word, in the order in which a reader should meet them: what asks for a decision first."""

    MORE = "More"
    LESS = "Less"
    TEST = "Test"
    KEEP = "Keep"


class Ground(StrEnum):
    """Why a verdict was given; ``sentences.reason`` turns it into words."""

    GUESS = "guess"
    FREE = "free"
    FREE_UNSEEN = "free, unseen"
    NOTHING = "nothing"
    UNSEEN = "unseen"
    BELOW = "below"
    SATURATED = "saturated"
    ABOVE = "above"
    CLOSE = "close"
    WIDE = "wide"
    REPEAT = "repeat"


class Basis(StrEnum):
    """What a cost is held against."""

    TARGET = "target"
    PROMOTIONS = "promotions"
    AVERAGE = "average"


@dataclass(frozen=True)
class Yardstick:
    """What a cost per new customer is held against.

    Parameters
    ----------
    value
        Money per new customer: a target, or else the average over the paid channels; None where nobody was won.
    basis
        Whether that is the reader's target, the target that the promotions set, or the average.
    """

    value: float | None
    basis: Basis


@dataclass(frozen=True)
class Decision:
    """A verdict, its ground, and the chance of beating the yardstick where it is known."""

    action: Action
    ground: Ground
    chance: float | None = None


def yardstick_of(channels: Sequence[Effect], target: float | None = None) -> Yardstick:
    """Find what costs are held against in general: the target, or the average cost over the paid channels."""
    if target is not None:
        return Yardstick(target, Basis.TARGET)
    paid = [effect for effect in channels if effect.spend > 0]
    acquired = sum(effect.acquired.mean for effect in paid)
    average = sum(effect.spend for effect in paid) / acquired if acquired > 0 else None
    return Yardstick(average, Basis.AVERAGE)


def held_against(effect: Effect, yardstick: Yardstick) -> Yardstick:
    """Find what the cost of one channel or ad is held against: its promotions' own target comes before the average."""
    if yardstick.basis is Basis.AVERAGE and effect.target is not None:
        return Yardstick(effect.target, Basis.PROMOTIONS)
    return yardstick


def decide(effect: Effect, yardstick: Yardstick) -> Decision:
    """Give the verdict on one channel or ad by the rule at the head of this module."""
    if effect.proof is Proof.PRIOR:
        return Decision(Action.TEST, Ground.GUESS)
    if effect.spend <= 0:
        seen = effect.p_no_effect < VISIBLE and effect.incremental.p05 > 0
        return Decision(Action.KEEP, Ground.FREE) if seen else Decision(Action.TEST, Ground.FREE_UNSEEN)
    against = held_against(effect, yardstick)
    chance = effect.p_below_target if against.basis is Basis.PROMOTIONS else None
    limit = against.value
    best = best_case(effect)
    if effect.cac is None or effect.cac.median is None or effect.p_no_effect >= EVEN:
        too_dear = limit is not None and (best is None or best > limit)
        hopeless = effect.p_no_effect >= CONFIDENT or (chance is not None and chance <= 1 - CONFIDENT)
        if too_dear or hopeless:
            return _less(effect, limit, Ground.NOTHING, chance)
        return Decision(Action.TEST, Ground.UNSEEN, chance)
    worst = effect.cac.p95
    if chance is None:
        below = limit is not None and worst is not None and worst <= limit
        above = limit is not None and best is not None and best >= limit
    else:
        below, above = chance >= CONFIDENT, chance <= 1 - CONFIDENT
    if below:
        if limit is not None and _next_costs_more(effect, limit):
            return Decision(Action.KEEP, Ground.SATURATED, chance)
        return Decision(Action.MORE, Ground.BELOW, chance)
    if above:
        return _less(effect, limit, Ground.ABOVE, chance)
    narrow = best is not None and worst is not None and worst <= NARROW * best
    return Decision(Action.KEEP, Ground.CLOSE, chance) if narrow else Decision(Action.TEST, Ground.WIDE, chance)


def best_case(effect: Effect) -> float | None:
    """Give the lowest likely cost per new customer, or None where there is none."""
    if effect.cac is not None and effect.cac.p05 is not None:
        return effect.cac.p05
    return effect.spend / effect.acquired.p95 if effect.spend > 0 and effect.acquired.p95 > 0 else None


def in_order_of_decision(effects: Sequence[Effect], yardstick: Yardstick) -> list[Effect]:
    """Sort effects by what they ask for (More, Less, Test, Keep), and within that by the money at stake."""
    order = list(Action)
    return sorted(
        effects,
        key=lambda effect: (
            order.index(decide(effect, yardstick).action),
            -effect.spend,
            -effect.incremental.mean,
            effect.channel,
            effect.campaign or "",
            effect.ad or "",
        ),
    )


def _less(effect: Effect, limit: float | None, ground: Ground, chance: float | None) -> Decision:
    """Give Less, or Keep to what pays through people who already buy."""
    seen = effect.p_no_effect < VISIBLE and effect.incremental.p05 > 0
    mostly_repeat = effect.acquired.mean < 0.5 * effect.incremental.mean
    if seen and mostly_repeat and limit is not None and effect.spend / effect.incremental.p05 <= limit:
        return Decision(Action.KEEP, Ground.REPEAT, chance)
    return Decision(Action.LESS, ground, chance)


def _next_costs_more(effect: Effect, limit: float) -> bool:
    """Tell whether the next customer would cost more than the limit, or could not be had at all."""
    if effect.marginal_cac is None:
        return False
    return effect.marginal_cac.median is None or effect.marginal_cac.median > limit
