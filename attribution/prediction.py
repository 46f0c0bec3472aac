"""What the model expects of each day, to hold against what came."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from attribution.allocation import rates_of
from attribution.baseline import baseline_of
from attribution.evidence import Evidence, Floats
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
    days = evidence.window.days
    total = np.zeros(days)
    if not evidence.units:
        return total
    daily = evidence.daily
    channel = design.unit_channel[daily.unit]
    force = unit_effects(values, design)[daily.unit] * wear_by_bin(values, design)[channel, daily.ordinal]
    if "later" in values:
        force = force * np.where(daily.phase == 1, values["later"][channel], 1.0)
    shares = lag_shares(values["lag_logits"])
    for row, item in enumerate(evidence.channels):
        here = channel == row
        touched = np.bincount(daily.day[here], (daily.touches * force)[here], daily.lead + days)
        reached = np.concatenate([[0.0], np.cumsum(shares[row, : item.buckets])])
        lags = np.arange(int(item.edges[-1]) + 2)
        after = np.interp(lags + 0.5, item.edges, reached) - np.interp(lags - 0.5, item.edges, reached)
        total += np.convolve(touched, after)[daily.lead : daily.lead + days]
    return total
