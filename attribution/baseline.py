"""Coordinates of the base rate and the calendar in which the sampler meets a round posterior.

The base rate is log-linear in segment, region, intensity, habit and calendar. Its Fisher information is known up to
the effects of touches, so the coefficients are written as ``centre + rotation @ z`` with ``z`` about standard normal
a posteriori: the sampler then needs few gradients per draw.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from attribution.evidence import Evidence, Floats
from attribution.priors import Priors

__all__ = ["Baseline", "baseline_of"]

_NEWTON_STEPS = 25


@dataclass(frozen=True)
class Baseline:
    """Design of the log-linear base rate.

    Parameters
    ----------
    names
        Name of each coefficient.
    strata
        Columns by stratum, shape ``(strata, p)``; the first is the constant.
    level
        Columns by region and day, shape ``(regions, days, q)``.
    offset
        Log of the mean rate, added to every log rate.
    prior_sd
        Prior standard deviation of each coefficient, shape ``(p + q,)``.
    centre
        Coefficients that fit best if nothing but the base rate were at work, shape ``(p + q,)``.
    rotation
        Shape ``(p + q, p + q)``: coefficients are ``centre + rotation @ z``.
    """

    names: tuple[str, ...]
    strata: Floats
    level: Floats
    offset: float
    prior_sd: Floats
    centre: Floats
    rotation: Floats


def baseline_of(evidence: Evidence, priors: Priors) -> Baseline:
    """Lay out the design and find centre and rotation by Newton's method on the Poisson regression."""
    strata = evidence.strata
    columns, names = [np.ones(len(strata.segment))], ["level"]
    weights = strata.person_days.sum(axis=1)
    for name, levels in (
        ("segment", strata.segment),
        ("region", strata.region),
        ("intensity", strata.intensity),
        ("history", strata.history),
    ):
        present = np.unique(levels)
        heaviest = max(present, key=lambda level: weights[levels == level].sum()) if len(present) else -1
        for level in present:
            if level != heaviest:
                columns.append((levels == level).astype(float))
                names.append(f"{name} {level}")
    by_stratum = np.column_stack(columns)
    calendar = evidence.calendar
    regions = len(strata.regions)
    basis = np.broadcast_to(calendar.basis, (regions, *calendar.basis.shape))
    by_level = np.concatenate([basis, calendar.events], axis=2)
    names += [f"calendar {column}" for column in range(calendar.basis.shape[1])]
    names += [f"event {name}" for name in calendar.event_names]
    prior_sd = np.array([priors.base_sd] * by_stratum.shape[1] + [priors.season_sd] * by_level.shape[2])
    offset = float(np.log(max(evidence.base_rate, 1e-12)))
    centre, information = _fit(evidence, by_stratum, by_level, offset, prior_sd)
    rotation = np.linalg.inv(np.linalg.cholesky(information)).T
    return Baseline(tuple(names), by_stratum, by_level, offset, prior_sd, centre, rotation)


def _fit(
    evidence: Evidence, by_stratum: Floats, by_level: Floats, offset: float, prior_sd: Floats
) -> tuple[Floats, Floats]:
    strata, states = evidence.strata, evidence.states
    counts = strata.quiet.copy()
    np.add.at(counts, (states.stratum, states.day), 1.0)
    p, q = by_stratum.shape[1], by_level.shape[2]
    coefficients = np.zeros(p + q)
    precision = np.diag(prior_sd**-2.0)
    information = precision
    for _ in range(_NEWTON_STEPS):
        information, gradient = precision.copy(), -precision @ coefficients
        for region in range(by_level.shape[0]):
            rows = strata.region == region
            design_s, design_d = by_stratum[rows], by_level[region]
            log_rate = (offset + design_s @ coefficients[:p])[:, None] + (design_d @ coefficients[p:])[None, :]
            expected = strata.person_days[rows] * np.exp(log_rate)
            excess = counts[rows] - expected
            gradient[:p] += design_s.T @ excess.sum(axis=1)
            gradient[p:] += design_d.T @ excess.sum(axis=0)
            information[:p, :p] += design_s.T @ (expected.sum(axis=1)[:, None] * design_s)
            information[p:, p:] += design_d.T @ (expected.sum(axis=0)[:, None] * design_d)
            cross = design_s.T @ expected @ design_d
            information[:p, p:] += cross
            information[p:, :p] += cross.T
        step = np.linalg.solve(information, gradient)
        # A step beyond two prior deviations comes from nearly empty levels: take it in parts.
        coefficients += step / max(1.0, float(np.max(np.abs(step) / (2.0 * prior_sd))))
        if float(gradient @ step) < 1e-8:
            break
    return coefficients, information
