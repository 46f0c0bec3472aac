"""The markets on which the estimate is judged: frozen, and no setting was tuned to their seeds.

Whoever tunes uses seeds from 201 on (``python -m benchmarks.calibrate --tuning``): the same ten kinds of market with
other people.
"""

from __future__ import annotations

from collections.abc import Mapping

from attribution.simulate import MarketSpec

__all__ = ["JUDGED", "NOTHING", "TUNING"]

CUSTOMERS = 100_000


def _markets(first_seed: int) -> dict[str, MarketSpec]:
    def spec(number: int, **broken: object) -> MarketSpec:
        return MarketSpec(customers=CUSTOMERS, seed=first_seed + number, **broken)  # type: ignore[arg-type]

    return {
        "steady intent": spec(0),
        "steady intent, other people": spec(1),
        "steady intent, nobody held back": spec(2, ghost_share=0.0),
        "no targeting": spec(3, targeting=False),
        "no targeting, nobody held back": spec(4, targeting=False, ghost_share=0.0),
        "intent drifts": spec(5, intent="drifting"),
        "intent drifts, nobody held back": spec(6, intent="drifting", ghost_share=0.0),
        "buyers suppressed 30 days": spec(7, suppress_buyers_days=30),
        "buyers suppressed 14 days, nobody held back": spec(8, suppress_buyers_days=14, ghost_share=0.0),
        "drift and suppression": spec(9, intent="drifting", suppress_buyers_days=30),
    }


JUDGED: Mapping[str, MarketSpec] = _markets(101)
"""The ten markets of the verdict."""

TUNING: Mapping[str, MarketSpec] = _markets(201)
"""Markets of the same kinds, to tune on."""

NOTHING: Mapping[str, MarketSpec] = {
    "nothing works": MarketSpec(customers=CUSTOMERS, seed=111, no_effects=True),
    "nothing works, intent drifts": MarketSpec(customers=CUSTOMERS, seed=112, no_effects=True, intent="drifting"),
}
"""Markets in which no channel has any effect; they have a bar of their own."""
