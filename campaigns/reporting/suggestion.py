"""Moving money, in words: which move to show first, and what a move would do."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from campaigns.language import _
from campaigns.reporting.figures import chance, money, number, rounded, step_of
from campaigns.reporting.moving import Curve, Move
from campaigns.reporting.naming import name_in_a_sentence

__all__ = ["MoveWords", "Suggestion", "move_words", "suggest"]


@dataclass(frozen=True)
class Suggestion:
    """A move worth looking at: channels from which and to which, and how much."""

    source: str
    target: str
    amount: float


@dataclass(frozen=True)
class MoveWords:
    """What a move does, in words.

    Parameters
    ----------
    headline
        The move itself: ``Move 5,000 EUR from Display to Search``.
    gain, likely, worse
        ``+22 new customers``, ``likely +6 to +41``, ``chance of being worse: 4 %``.
    caution
        What to bear in mind; empty where there is nothing.
    """

    headline: str
    gain: str
    likely: str
    worse: str
    caution: str

    @property
    def sentence(self) -> str:
        """All of it in one sentence."""
        return f"{self.headline}: {self.gain}, {self.likely}; {self.worse}. {self.caution}".strip()


def suggest(curves: Sequence[Curve]) -> Suggestion | None:
    """Suggest a move from where the next unit of money wins least to where it wins most; None with fewer than two.

    The amount is a tenth of all spend, half of the source's or as much as the target has, whichever is least, to one
    significant digit.
    """
    if len(curves) < 2:
        return None
    ranked = sorted(curves, key=lambda curve: (_next(curve), curve.channel))
    total = sum(curve.spend for curve in curves)
    source, target = ranked[0], ranked[-1]
    amount = min(0.1 * total, 0.5 * source.spend, target.spend)
    step = 10.0 ** math.floor(math.log10(amount))
    return Suggestion(source.channel, target.channel, max(step, math.floor(amount / step) * step))


def move_words(move: Move, currency: str, things: str) -> MoveWords:
    """Write a move in words.

    Parameters
    ----------
    things
        What is won: new customers, or extra orders.
    """
    found = move.gained
    step = step_of(found.p95 - found.p05)
    caution = ""
    if move.beyond:
        caution = _(
            "%(channel)s would get more than twice of what it ever had: nothing like it was seen, so test it first.",
            channel=name_in_a_sentence(move.target),
        )
    return MoveWords(
        headline=_(
            "Move %(amount)s from %(source)s to %(target)s",
            amount=money(move.amount, currency),
            source=name_in_a_sentence(move.source),
            target=name_in_a_sentence(move.target),
        ),
        gain=f"{_signed(found.mean, step)} {things}",
        likely=_("likely %(low)s to %(high)s", low=_signed(found.p05, step), high=_signed(found.p95, step)),
        worse=_("chance of being worse: %(chance)s", chance=chance(move.p_worse)),
        caution=caution,
    )


def _next(curve: Curve) -> float:
    """Give what the next unit of money wins, on average over the draws."""
    return float((curve.won * curve.elasticity.clip(0.0, 1.0)).mean()) / curve.spend


def _signed(value: float, step: float) -> str:
    """Write a number with its sign; nothing has none."""
    near = rounded(value, step)
    return f"{'+' if near > 0 else '−' if near < 0 else ''}{number(abs(near), step)}"
