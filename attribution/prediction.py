"""What the model expects of each day, to hold against what came."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from attribution.allocation import rates_of
from attribution.baseline import baseline_of
from attribution.evidence import Channel, Evidence, Floats, Ints
from attribution.increment import draws_of_variables
from attribution.priors import Priors
from attribution.rates import Design, design_of, lag_shares, unit_effects, wear_by_bin
from attribution.sampling import Posterior

__all__ = ["predict_days"]


def predict_days(
    evidence: Evidence, posterior: Posterior, priors: Priors | None = None, draws: int = 200, seed: int = 0
) -> Floats:
    """Draw the responses of each day of the window anew.

    The effect of contacts is followed day by day without regard to who left the risk set in between, which
    overstates it by the few who did.

    Parameters
    ----------
    draws
        Number of draws, spread evenly over the posterior.

    Returns
    -------
    Responses of people at risk by day, shape ``(draws, days)``.
    """
    priors = priors or Priors()
    rng = np.random.default_rng(seed)
    design, baseline = design_of(evidence), baseline_of(evidence, priors)
    chosen = np.linspace(0, posterior.draws - 1, min(draws, posterior.draws)).astype(int)
    strata = evidence.strata
    predicted = []
    for values in draws_of_variables(evidence, posterior, priors, chosen):
        rates = rates_of(values, evidence, design, baseline)
        level = rates.season * (1.0 + rates.lift.sum(axis=0))
        expected = np.einsum("s,sd,sd->d", rates.base, strata.person_days, level[strata.region])
        predicted.append(rng.poisson(expected + _from_touches(values, evidence, design)))
    return np.array(predicted, dtype=float)


def _from_touches(values: Mapping[str, Any], evidence: Evidence, design: Design) -> Floats:
    """Add up by day what contacts cause and, where contacts were withheld, the intent that they chased."""
    days, daily = evidence.window.days, evidence.daily
    total = np.zeros(days)
    if not evidence.units:
        return total
    made = daily.unit >= 0
    force = np.where(made, unit_effects(values, design)[daily.unit], 0.0)
    force = force * wear_by_bin(values, design)[daily.channel, daily.ordinal]
    if "later" in values:
        force = force * np.where(daily.phase == 1, values["later"][daily.channel], 1.0)
    shares = lag_shares(values["lag_logits"])
    for row, channel in enumerate(evidence.channels):
        here = daily.channel == row
        total += _spread((daily.touches * force)[here], shares[row], channel, daily.day[here], daily.lead, days)
    if "intent" in values:
        shares = lag_shares(values["intent_logits"])
        for place, row in enumerate(design.ghost_channels):
            here = daily.channel == row
            begun = daily.touches[here] * values["intent"][place]
            total += _spread(begun, shares[place], evidence.channels[row], daily.day[here], daily.lead, days)
    return total


def _spread(begun: Floats, shares: Floats, channel: Channel, day: Ints, lead: int, days: int) -> Floats:
    """Spread what begins in the middle of some days over the days after, by the shares of the lag buckets."""
    per_day = np.bincount(day, begun, lead + days)
    reached = np.concatenate([[0.0], np.cumsum(shares[: channel.buckets])])
    lags = np.arange(int(channel.edges[-1]) + 2)
    after = np.interp(lags + 0.5, channel.edges, reached) - np.interp(lags - 0.5, channel.edges, reached)
    return np.asarray(np.convolve(per_day, after)[lead : lead + days])
