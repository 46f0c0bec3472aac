"""What is ranked in a simulation-based calibration: every parameter, and what a report would tell of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from attribution.allocation import Rates, rates_of
from attribution.baseline import baseline_of
from attribution.evidence import Evidence, Floats
from attribution.increment import draws_of_variables
from attribution.rates import design_of, lag_shares, unit_effects
from attribution.sampling import Posterior
from benchmarks.calibrate.small_layout import PRIORS

__all__ = ["quantities_of"]

PLAIN = ("spread", "intent_concentration")
BY_CHANNEL = ("apparent", "exponent", "delay", "later")
BY_MEDIUM = ("strength", "retention", "scale", "shape")


def quantities_of(evidence: Evidence, values: Mapping[str, Floats], fitted: Evidence) -> dict[str, Floats]:
    """Work out each quantity for draws of the model's variables.

    Parameters
    ----------
    evidence
        The evidence with its responses, whose likelihood is one of the quantities.
    values
        By variable: draws, shape ``(draws, ...)``.
    fitted
        The evidence by whose coordinates ``base_z`` is told.

    Returns
    -------
    By name: shape ``(draws,)``.
    """
    design, baseline = design_of(evidence), baseline_of(fitted, PRIORS)
    channels, media = [channel.name for channel in evidence.channels], evidence.media.names
    suspects = (*design.ghost_channels, *design.intent_channels)
    coefficients = baseline.centre + values["base_z"] @ baseline.rotation.T
    found = {f"base: {name}": coefficients[:, column] for column, name in enumerate(baseline.names)}
    found |= {name: values[name] for name in PLAIN}
    found |= {f"{name}: {channel}": values[name][:, row] for name in BY_CHANNEL for row, channel in enumerate(channels)}
    found |= {f"{name}: {medium}": values[name][:, row] for name in BY_MEDIUM for row, medium in enumerate(media)}
    for place, row in enumerate(suspects):
        found[f"intent_share: {channels[row]}"] = values["intent_share"][:, place]
    for place, row in enumerate(design.ghost_channels):
        found[f"intent_delay: {channels[row]}"] = values["intent_delay"][:, place]
    posterior = Posterior({name: np.asarray(value)[None] for name, value in values.items()}, 0, 0.0)
    told = [
        _told(variables, evidence, rates_of(variables, evidence, design, baseline), design)
        for variables in draws_of_variables(evidence, posterior, PRIORS, range(len(coefficients)))
    ]
    return found | {name: np.array([one[name] for one in told]) for name in told[0]}


def _told(values: Mapping[str, Any], evidence: Evidence, rates: Rates, design: Any) -> dict[str, float]:
    """Give what one draw means: effects of ads, responses caused, the early share, and the log-likelihood."""
    cells, count = evidence.cells, len(evidence.cells.unit)
    caused = np.bincount(cells.channel, cells.days * rates.cells[:count], len(evidence.channels))
    early = lag_shares(values["lag_logits"])[:, 0]
    effects = unit_effects(values, design)
    strata = evidence.strata
    base = np.zeros((len(strata.regions), evidence.window.days))
    np.add.at(base, strata.region, rates.base[:, None] * strata.person_days)
    told = {f"effect: {unit.channel} {unit.ad}": effects[row] for row, unit in enumerate(evidence.units)}
    for row, channel in enumerate(evidence.channels):
        told[f"caused: {channel.name}"] = caused[row]
        told[f"first day's share: {channel.name}"] = early[row]
    for row, medium in enumerate(evidence.media.names):
        told[f"caused: {medium}"] = (base * rates.season * rates.lift[row]).sum()
    return {**told, "log-likelihood": _log_likelihood(evidence, rates)}


def _log_likelihood(evidence: Evidence, rates: Rates) -> float:
    """Sum the log rates at the responses, less the rates over the time at risk, in plain arrays."""
    strata, states = evidence.strata, evidence.states
    level = (rates.season * (1.0 + rates.lift.sum(axis=0)))[strata.region]
    own = rates.base[:, None] * level
    added = np.concatenate([[0.0], np.cumsum(rates.cells[states.cell])])
    at_work = added[states.starts[1:]] - added[states.starts[:-1]]
    exposed = np.concatenate([evidence.cells.days, evidence.intent.days])
    return float(
        np.log(own[states.stratum, states.day] + at_work).sum()
        + (strata.quiet * np.log(own)).sum()
        - (strata.person_days * own).sum()
        - (exposed * rates.cells).sum()
    )
