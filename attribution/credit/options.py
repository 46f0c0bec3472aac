"""What the credit models can be told, checked at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from attribution.credit.positions import U_SHAPED, PositionWeights
from campaigns.faults import Fault, RefusedError

__all__ = ["ORDERS", "CreditOptions", "Game"]

Game = Literal["conversions", "rate"]

ORDERS = (1, 2, 3, 4)
"""Orders of the Markov model."""


@dataclass(frozen=True)
class CreditOptions:
    """Settings of the credit models.

    Parameters
    ----------
    order
        Order of the Markov model, 1 to 4.
    half_life
        Half-life of time decay: in days where the paths have times, in touches where they have not. None takes 7 days
        or 1 touch.
    position
        Shares of ``position_based``; U-shaped (40 / 20 / 40) unless told otherwise.
    custom
        Shares of a model of your own, reported as ``custom``; None leaves it out.
    direct
        Channels that ``last_non_direct`` passes over.
    shapley_game
        What a coalition is worth: see ``attribution.credit.shapley``.
    exact_up_to
        Largest number of units whose coalitions are enumerated in the game ``rate``, at most 20.
    permutations
        Orders sampled beyond that number, 4 or more.
    seed
        Seed of the sampled orders, 0 or more.

    Raises
    ------
    RefusedError
        With every option that cannot be used.
    """

    order: int = 1
    half_life: float | None = None
    position: PositionWeights = U_SHAPED
    custom: PositionWeights | None = None
    direct: frozenset[str] = frozenset({"direct", "(direct)"})
    shapley_game: Game = "conversions"
    exact_up_to: int = 12
    permutations: int = 1000
    seed: int = 0

    def __post_init__(self) -> None:
        shares = "shares from 0 to 1 that sum to 1"
        checks = (
            ("order", self.order in ORDERS, "a whole number from 1 to 4"),
            ("half_life", self.half_life is None or 0.0 < self.half_life < 1e9, "a number above 0"),
            ("position", self.position.is_usable, shares),
            ("custom", self.custom is None or self.custom.is_usable, shares),
            ("shapley_game", self.shapley_game in ("conversions", "rate"), "conversions or rate"),
            ("exact_up_to", 0 <= self.exact_up_to <= 20, "a whole number from 0 to 20"),
            ("permutations", self.permutations >= 4, "a whole number, 4 or more"),
            ("seed", self.seed >= 0, "a whole number, 0 or more"),
        )
        faults = [Fault(0, name, repr(getattr(self, name)), wanted) for name, good, wanted in checks if not good]
        if faults:
            raise RefusedError("These options of the credit models cannot be used:", faults, "Correct them.")
