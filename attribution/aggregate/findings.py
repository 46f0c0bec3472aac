"""What the posterior of a media mix model says: contributions, returns, curves, and whether to believe them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from attribution.aggregate.model import MixDesign, base_draws, lags_of, lift
from attribution.aggregate.panel import Panel
from attribution.curves import adstock_weights, saturation
from attribution.evidence import Floats
from attribution.sampling import Posterior, convergence
from campaigns.terms import Check, Range, Verdict

__all__ = ["Contribution", "CurvePoint", "MixFindings", "sum_up"]

STEP = 0.01
"""Relative change of spend by which the return of the next unit is measured."""

TOGETHER = 0.95
"""Correlation of two media's stocks from which only their sum can be told."""

NOTHING = 0.005
"""Share of the outcome below which a medium is said to do next to nothing."""

MULTIPLES = (0.0, 0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0)


@dataclass(frozen=True)
class CurvePoint:
    """What a medium would have contributed at so many times its spend."""

    multiple: float
    contribution: Range


@dataclass(frozen=True)
class Contribution:
    """What one medium did.

    Parameters
    ----------
    spend
        Over all periods and regions, in money.
    contribution
        Outcome that would not have come without it.
    share
        The same as a share of the whole outcome.
    per_spend, next_spend
        Outcome per unit of money on average, and of the last unit; None without spend.
    p_nothing
        Chance that it gave less than a two-hundredth of the outcome.
    curve
        Contribution at multiples of what was spent.
    """

    medium: str
    spend: float
    contribution: Range
    share: Range
    per_spend: Range | None
    next_spend: Range | None
    p_nothing: float
    curve: tuple[CurvePoint, ...]


@dataclass(frozen=True)
class MixFindings:
    """What a media mix model found.

    Parameters
    ----------
    outcome
        All of the outcome; ``base`` is what would have come without media.
    explained
        Share of the outcome's variance that the expectation reproduces.
    checks, verdict
        Whether the fit may be used.
    """

    outcome: float
    base: Range
    media: tuple[Contribution, ...]
    explained: float
    checks: tuple[Check, ...]
    verdict: Verdict
    notes: tuple[str, ...]


def sum_up(panel: Panel, design: MixDesign, posterior: Posterior, seed: int) -> MixFindings:
    """Sum the posterior of a media mix model up, draw by draw."""
    draws = _values(posterior)
    level = np.repeat(design.level, panel.periods)
    added = np.stack([lift(design, {name: value[d] for name, value in draws.items()}) for d in range(posterior.draws)])
    totals = added @ level  # (draws, media)
    noise = posterior.flat()["noise"]
    base = base_draws(design, added.sum(axis=1), noise, seed)
    expected = base + added.sum(axis=1)
    replicated = expected + noise[:, None] * np.random.default_rng(seed + 1).standard_normal(expected.shape)
    checks = tuple(_checks(panel, design, posterior, totals, replicated))
    order = (Verdict.PASS, Verdict.REVIEW, Verdict.FAIL)
    outcome = float(panel.outcome.sum())
    media = tuple(_contribution(panel, design, draws, totals[:, row], row) for row in range(len(panel.media)))
    residual = design.outcome - expected.mean(axis=0)
    return MixFindings(
        outcome=outcome,
        base=_range(base @ level),
        media=media,
        explained=float(1.0 - residual.var() / design.outcome.var()),
        checks=checks,
        verdict=max((check.verdict for check in checks), key=order.index),
        notes=tuple(_notes(panel, design, draws, media)),
    )


def _values(posterior: Posterior) -> dict[str, Floats]:
    flat = posterior.flat()
    values = {name: flat[name] for name in ("strength", "retention", "scale")}
    if "reach_z" in flat:
        values["reach"] = np.exp(flat["reach_sd"][..., None] * flat["reach_z"])
    return values


def _range(draws: Floats) -> Range:
    low, high = np.quantile(draws, (0.05, 0.95))
    return Range(float(draws.mean()), float(low), float(high))


def _contribution(
    panel: Panel, design: MixDesign, draws: Mapping[str, Floats], total: Floats, row: int
) -> Contribution:
    spend = float(panel.spend[row].sum())
    more = _scaled(design, draws, row, 1.0 + STEP)
    share = total / panel.outcome.sum()
    return Contribution(
        medium=panel.media[row],
        spend=spend,
        contribution=_range(total),
        share=_range(share),
        per_spend=_range(total / spend) if spend else None,
        next_spend=_range((more - total) / (STEP * spend)) if spend else None,
        p_nothing=float((share < NOTHING).mean()),
        curve=tuple(CurvePoint(multiple, _range(_scaled(design, draws, row, multiple))) for multiple in MULTIPLES),
    )


def _scaled(design: MixDesign, draws: Mapping[str, Floats], row: int, multiple: float) -> Floats:
    """Contribution of a medium at so many times its exposure, shape ``(draws,)``."""
    level = np.repeat(design.level, np.bincount(design.region))
    found = []
    for d in range(len(draws["strength"])):
        weights = adstock_weights(draws["retention"][d, row], design.lagged.shape[2])
        stock = multiple * (design.lagged[row] @ weights)
        added = draws["strength"][d, row] * saturation(stock, draws["scale"][d, row])
        reach = draws["reach"][d, row][design.region] if "reach" in draws else 1.0
        found.append(float((added * reach) @ level))
    return np.array(found)


def _checks(
    panel: Panel, design: MixDesign, posterior: Posterior, totals: Floats, replicated: Floats
) -> Iterator[Check]:
    chains = next(iter(posterior.values.values())).shape[0]
    judged = [convergence(totals[:, row].reshape(chains, -1)) for row in range(len(panel.media))]
    worst, fewest = max(r for r, _ in judged), min(e for _, e in judged)
    yield Check(
        "chains agree",
        worst,
        1.01,
        Verdict.PASS if worst <= 1.01 else Verdict.REVIEW if worst <= 1.05 else Verdict.FAIL,
        f"The chains agree on every contribution within {worst:.3f} (wanted: at most 1.01).",
    )
    yield Check(
        "enough draws",
        fewest,
        400.0,
        Verdict.PASS if fewest >= 400 else Verdict.REVIEW if fewest >= 100 else Verdict.FAIL,
        f"Every contribution rests on at least {fewest:,.0f} independent draws (wanted: 400).",
    )
    astray = posterior.divergences / posterior.draws
    yield Check(
        "no step went astray",
        float(posterior.divergences),
        0.0,
        Verdict.PASS if not astray else Verdict.REVIEW if astray <= 0.01 else Verdict.FAIL,
        f"{posterior.divergences} of {posterior.draws:,} steps of the sampler diverged (wanted: none).",
    )
    low, high = np.quantile(replicated, (0.05, 0.95), axis=0)
    inside = float(((low <= design.outcome) & (design.outcome <= high)).mean())
    yield Check(
        "periods look like the model",
        inside,
        0.8,
        Verdict.PASS if inside >= 0.8 else Verdict.REVIEW if inside >= 0.6 else Verdict.FAIL,
        f"{inside:.0%} of periods lie inside the range the model expects for nine in ten (wanted: at least 80 %).",
    )


def _notes(panel: Panel, design: MixDesign, draws: Mapping[str, Any], media: tuple[Contribution, ...]) -> Iterator[str]:
    yield (
        "Nothing was held back and no person was seen: these are estimates from how media and outcome moved together. "
        "A test by region would settle them."
    )
    weights = [adstock_weights(draws["retention"][:, row].mean(), lags_of(panel.days)) for row in range(len(media))]
    stocks = np.stack([design.lagged[row] @ weights[row] for row in range(len(media))])
    alike = np.corrcoef(stocks) if len(media) > 1 else np.eye(1)
    for row in range(len(media)):
        for other in range(row + 1, len(media)):
            if abs(alike[row, other]) >= TOGETHER:
                yield (
                    f"{panel.media[row]} and {panel.media[other]} move together (correlation {alike[row, other]:.2f}): "
                    "only their sum can be told, not which of the two did it."
                )
    for medium in media:
        if medium.p_nothing > 0.05:
            yield f"{medium.medium}: {medium.p_nothing:.0%} chance that it does next to nothing."
