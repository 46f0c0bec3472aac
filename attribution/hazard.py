"""The hazard model as a PyMC model: the definition that reads best. Nothing here samples.

:mod:`attribution.density` is the same density by hand, which needs no compiling; fits sample that one.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pymc as pm
import pytensor.tensor as pt

from attribution.baseline import baseline_of
from attribution.evidence import Evidence
from attribution.fused import LogLikelihood
from attribution.layout import Parameters, pack
from attribution.priors import Priors, effect_scale, intent_against
from attribution.rates import Design, design_of, lag_logits
from attribution.statistics import statistics

__all__ = ["build_model"]


def build_model(evidence: Evidence, priors: Priors | None = None) -> pm.Model:
    """Build the additive hazard with exposure strata on the evidence.

    Parameters
    ----------
    evidence
        Sufficient statistics of :func:`attribution.gather.gather`.
    priors
        What is believed beforehand.

    Returns
    -------
    The model, unsampled. Its variables are those that :mod:`attribution.rates` takes; all dimensions are named.
    """
    priors = priors or Priors()
    design = design_of(evidence)
    baseline = baseline_of(evidence, priors)
    coords = {
        "base_term": baseline.names,
        "channel": [channel.name for channel in evidence.channels],
        "unit": ["/".join((unit.channel, unit.campaign, unit.ad)) for unit in evidence.units],
        "bucket": np.arange(design.bucket_mask.shape[1]),
        "ghost_channel": [evidence.channels[index].name for index in design.ghost_channels],
        "suspect_channel": [
            evidence.channels[index].name for index in (*design.ghost_channels, *design.intent_channels)
        ],
        "medium": list(evidence.media.names),
    }
    with pm.Model(coords=coords) as model:
        base_z = pm.Flat("base_z", dims="base_term")
        coefficients = baseline.centre + pt.dot(baseline.rotation, base_z)
        pm.Potential("base_prior", -0.5 * pt.sum((coefficients / baseline.prior_sd) ** 2))
        parameters = Parameters(
            base_z=base_z,
            **_effect_variables(evidence, priors, design),
            **_media_variables(evidence, priors),
        )
        data = pack(statistics(evidence, design, baseline))
        inputs = [pm.Data(name, array) for name, array in data._asdict().items()]
        pm.Potential("likelihood", LogLikelihood()(*parameters, *inputs)[0])
    return model


def _effect_variables(evidence: Evidence, priors: Priors, design: Design) -> dict[str, Any]:
    """Variables of the touches; those that the evidence cannot speak of are fixed and not sampled."""
    scale = effect_scale(evidence, priors)
    channels, buckets = design.bucket_mask.shape
    values: dict[str, Any] = {
        "effect": np.empty(0),
        "spread": np.zeros(()),
        "unit_z": np.empty(0),
        "exponent": np.empty(0),
        "lag_logits": np.empty((0, buckets)),
        "later": np.ones(channels),
        "intent": np.empty(0),
        "intent_logits": np.empty((0, buckets)),
    }
    if channels:
        values["effect"] = pm.HalfStudentT("apparent", nu=priors.effect_tail, sigma=scale, dims="channel")
        values["spread"] = pm.HalfNormal("spread", priors.spread_sd)
        values["unit_z"] = pm.StudentT("unit_z", nu=priors.spread_tail, mu=0.0, sigma=1.0, dims="unit")
        values["exponent"] = pm.HalfNormal("exponent", priors.wear_out_sd, dims="channel")
        carry_over = np.array([channel.edges[-1] for channel in evidence.channels])
        expected_delay = np.log(priors.delay_share * carry_over)
        delay = pm.LogNormal("delay", expected_delay, priors.delay_sd, dims="channel")
        lag_z = pm.Normal("lag_z", 0.0, 1.0, dims=("channel", "bucket"))
        values["lag_logits"] = lag_logits(delay, priors.lag_sd * lag_z, design, np.arange(channels), pt)
    if design.both_phases:
        values["later"] = pm.LogNormal("later", 0.0, priors.later_sd, dims="channel")
    suspects = (*design.ghost_channels, *design.intent_channels)
    if suspects:
        concentration = pm.LogNormal("intent_concentration", np.log(priors.intent_against), priors.intent_sd)
        against = intent_against(evidence, priors, suspects)
        share = pm.Beta("intent_share", 1.0, concentration * against, dims="suspect_channel")
        # The apparent effect of a channel with ghosts is divided by the likelihood. Of a targeted channel without, the
        # likelihood sees the sum only: its share goes from prior to report, and widens the interval there.
        ghosts = len(design.ghost_channels)
        if ghosts:
            rows = np.array(design.ghost_channels)
            apparent = values["effect"]
            values["intent"] = apparent[rows] * share[:ghosts]
            values["effect"] = pt.set_subtensor(apparent[rows], apparent[rows] * (1.0 - share[:ghosts]))
            expected_delay = np.log(priors.intent_delay_share * carry_over[rows])
            intent_delay = pm.LogNormal("intent_delay", expected_delay, priors.delay_sd, dims="ghost_channel")
            values["intent_logits"] = lag_logits(intent_delay, 0.0, design, rows, pt)
    return values


def _media_variables(evidence: Evidence, priors: Priors) -> dict[str, Any]:
    if not evidence.media.names:
        return {name: np.empty(0) for name in ("strength", "retention", "scale", "shape")}
    return {
        "strength": pm.HalfNormal("strength", priors.medium_sd, dims="medium"),
        "retention": pm.Beta("retention", 3.0, 3.0, dims="medium"),
        "scale": pm.LogNormal("scale", 0.0, 0.7, dims="medium"),
        "shape": pm.LogNormal("shape", 0.0, priors.shape_sd, dims="medium"),
    }
