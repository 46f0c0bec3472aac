"""What moving money from one channel to another would do, by the draws that a run stored; pure arithmetic.

Around today's spend each draw has its own response curve: what money wins grows with spend to the power of the draw's
elasticity (per cent more won for one per cent more money), and stands at what was won where spend stands today. Money
of the kind that one contact after another costs goes to people who had more contacts already, and that is how the model
lets the effect of contacts wear out.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from campaigns.terms import Range

__all__ = ["FAR_BEYOND", "Curve", "CurvePoint", "Floats", "Move", "move_money", "points_of", "range_of"]

FAR_BEYOND = 2.0
"""Multiple of today's spend beyond which nothing like it was ever seen."""

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Curve:
    """How a channel's winnings answer its spend, draw by draw.

    Parameters
    ----------
    channel
        Whose they are.
    spend
        Money spent in the period, above 0.
    won
        Draws of what that money won, shape ``(draws,)``, not negative.
    elasticity
        Draws of how many per cent more one per cent more money wins, shape ``(draws,)``; taken as in [0, 1].

    Raises
    ------
    ValueError
        If nothing was spent, or the draws do not belong together.
    """

    channel: str
    spend: float
    won: Floats
    elasticity: Floats

    def __post_init__(self) -> None:
        if not self.spend > 0.0:
            raise ValueError(f"a curve needs spend above 0, not {self.spend:g}")
        if self.won.ndim != 1 or self.won.shape != self.elasticity.shape or not len(self.won):
            raise ValueError(f"draws of shapes {self.won.shape} and {self.elasticity.shape} make no curve")

    def at(self, spend: float) -> Floats:
        """Give the draws of what ``spend`` would win, shape ``(draws,)``; nothing is won without spend."""
        if spend <= 0.0:
            return np.zeros_like(self.won)
        power = np.clip(self.elasticity, 0.0, 1.0)
        return np.asarray(np.maximum(self.won, 0.0) * (spend / self.spend) ** power)


@dataclass(frozen=True)
class Move:
    """What moving money does.

    Parameters
    ----------
    source, target
        Channels from which and to which it moves.
    amount
        Money that moves.
    gained
        What is won in all, less what was won before.
    p_worse
        Chance that less is won than before.
    beyond
        Whether the target would get more than ``FAR_BEYOND`` times what it ever had.
    """

    source: str
    target: str
    amount: float
    gained: Range
    p_worse: float
    beyond: bool


@dataclass(frozen=True)
class CurvePoint:
    """One point of a response curve: what a spend wins, with its likely range."""

    spend: float
    won: Range


def move_money(source: Curve, target: Curve, amount: float) -> Move:
    """Work out what moving ``amount`` from ``source`` to ``target`` does, over draws of one run in one order.

    Raises
    ------
    ValueError
        If the amount is not above 0 or more than the source has, or both channels are the same.
    """
    if not 0.0 < amount <= source.spend:
        raise ValueError(f"{amount:g} cannot be moved from a spend of {source.spend:g}")
    if source.channel == target.channel:
        raise ValueError("money moves from one channel to another")
    before = source.at(source.spend) + target.at(target.spend)
    after = source.at(source.spend - amount) + target.at(target.spend + amount)
    gained = after - before
    return Move(
        source=source.channel,
        target=target.channel,
        amount=amount,
        gained=range_of(gained),
        p_worse=float((gained < 0.0).mean()),
        beyond=target.spend + amount > FAR_BEYOND * target.spend,
    )


def points_of(curve: Curve, furthest: float = FAR_BEYOND, steps: int = 24) -> tuple[CurvePoint, ...]:
    """Give points of a curve from no spend to ``furthest`` times today's, ``steps`` + 1 of them, evenly apart."""
    spends = np.linspace(0.0, furthest * curve.spend, steps + 1)
    return tuple(CurvePoint(float(spend), range_of(curve.at(float(spend)))) for spend in spends)


def range_of(draws: Floats) -> Range:
    """Sum draws up: their mean and the middle 90 %."""
    low, high = np.quantile(draws, [0.05, 0.95])
    return Range(float(draws.mean()), float(low), float(high))
