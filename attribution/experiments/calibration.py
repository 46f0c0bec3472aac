"""What tests say corrects what was merely observed, draw by draw.

The effect of a tested channel is ``real x apparent``: *apparent* is what the observational posterior says, *real* the
part of it that is effect and not the intent that contacts chase (the selection term of a tested channel) or, above 1,
what the strata took away. Given a draw of the apparent effects, the tests' likelihood depends on ``real`` alone, so its
conditional posterior is computed on a grid and sampled exactly; the draws themselves are weighted by how well the tests
agree with them once ``real`` is averaged over, and resampled.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

from attribution.allocation import rates_of
from attribution.baseline import baseline_of
from attribution.evidence import Evidence, Floats
from attribution.experiments.exposure import caused_by
from attribution.experiments.trials import Trial
from attribution.increment import REAL, draws_of_variables
from attribution.priors import Priors
from attribution.rates import design_of
from attribution.sampling import Posterior

__all__ = ["Calibrated", "calibrate", "log_prior", "predicted"]

_GRID = np.concatenate([np.linspace(0.0, 1.0, 81), np.linspace(1.0, 4.0, 61)[1:]])
_TIGHT = 18.0
_BROAD = 0.9


@dataclass(frozen=True)
class Calibrated:
    """The posterior after the tests.

    Parameters
    ----------
    posterior
        Draws, resampled, with the correction of tested channels as the variable ``real``.
    agreement
        Share of the draws that the tests leave standing, by channel: far below 1, test and observation contradict
        each other.
    """

    posterior: Posterior
    agreement: dict[str, float] = field(default_factory=dict)


def log_prior(real: Floats) -> Floats:
    """Log density of the part of an apparent effect that is real, where a test looks into it.

    A tenth of the belief is that observation is right but for a twentieth or so, either way; the rest that the truth
    may be anything from nothing to all of it, and with a fifth of that more than was seen: a test outranks
    observation.

    Parameters
    ----------
    real
        At least 0, any shape.
    """
    tight = (
        0.5 * _TIGHT * np.where(real <= 1.0, np.maximum(real, 1e-12) ** (_TIGHT - 1.0), np.exp(-_TIGHT * (real - 1.0)))
    )
    broad = np.where(real <= 1.0, 0.8, 0.2 * np.exp(-(real - 1.0)))
    return np.asarray(np.log((1.0 - _BROAD) * tight + _BROAD * broad))


def predicted(
    evidence: Evidence, posterior: Posterior, priors: Priors, trials: Sequence[Trial], rows: Iterable[int]
) -> Floats:
    """Responses that the contacts or media of each test appear to cause while measured.

    Returns
    -------
    Shape ``(draws, tests, 2)``: among the treated, and among the held back all the same.
    """
    design, baseline = design_of(evidence), baseline_of(evidence, priors)
    found = []
    for values in draws_of_variables(evidence, posterior, priors, rows):
        found.append([_of_one(trial, values, evidence, design, baseline) for trial in trials])
    return np.array(found, dtype=float).reshape(-1, len(trials), 2)


def _of_one(
    trial: Trial, values: dict[str, Any], evidence: Evidence, design: Any, baseline: Any
) -> tuple[float, float]:
    if trial.medium is not None:
        rates = rates_of(values, evidence, design, baseline)
        strata = evidence.strata
        lifted = rates.season * rates.lift[trial.medium] * trial.where
        return float((rates.base[:, None] * strata.person_days * lifted[strata.region]).sum()), 0.0
    treated = 0.0 if trial.treated is None else caused_by(trial.treated, values, design)
    spill = 0.0 if trial.spill is None else caused_by(trial.spill, values, design)
    return treated, spill


def calibrate(
    evidence: Evidence, posterior: Posterior, trials: Sequence[Trial], priors: Priors | None = None, seed: int = 0
) -> Calibrated:
    """Let sound tests correct the posterior.

    Parameters
    ----------
    trials
        Those to use; with none the posterior stays as it is.
    """
    names = [*(channel.name for channel in evidence.channels), *evidence.media.names]
    used = [trial for trial in trials if trial.test.channel in names]
    if not used:
        return Calibrated(posterior)
    rng = np.random.default_rng(seed)
    apparent = predicted(evidence, posterior, priors or Priors(), used, range(posterior.draws))
    real = np.ones((posterior.draws, len(names)))
    weight, agreement = np.zeros(posterior.draws), {}
    for row, name in enumerate(names):
        own = [place for place, trial in enumerate(used) if trial.test.channel == name]
        if own:
            real[:, row], evident = _real([used[place] for place in own], apparent[:, own], rng)
            weight += evident
            agreement[name] = _effective(evident) / posterior.draws
    chosen = _resampled(weight, next(iter(posterior.values.values())).shape[:2], rng)
    values = {
        name: draws.reshape(-1, *draws.shape[2:])[chosen].reshape(draws.shape)
        for name, draws in posterior.values.items()
    }
    shape = next(iter(posterior.values.values())).shape[:2]
    values[REAL] = real[chosen].reshape(*shape, len(names))
    return Calibrated(replace(posterior, values=values), agreement)


def _real(trials: Sequence[Trial], apparent: Floats, rng: np.random.Generator) -> tuple[Floats, Floats]:
    """Draw the real part of one channel's apparent effect for each draw, and tell how well each draw agrees.

    Returns
    -------
    The real part and the log of the tests' likelihood averaged over it, each of shape ``(draws,)``.
    """
    width = np.gradient(_GRID)
    log_density = np.broadcast_to(log_prior(_GRID) + np.log(width), (len(apparent), len(_GRID))).copy()
    for place, trial in enumerate(trials):
        treated = apparent[:, place, 0]
        spill = float(apparent[:, place, 1].mean() / max(treated.mean(), 1e-12))
        # The likelihood depends on the responses caused alone: computed along a line, then looked up.
        line = np.linspace(0.0, float(treated.max()) * _GRID[-1] + 1e-9, 600)
        log_density += np.interp(treated[:, None] * _GRID[None, :], line, trial.log_likelihood(line, spill))
    peak = log_density.max(axis=1, keepdims=True)
    mass = np.exp(log_density - peak)
    evident = np.log(mass.sum(axis=1)) + peak[:, 0]
    reached = np.cumsum(mass, axis=1) / mass.sum(axis=1, keepdims=True)
    place = (reached < rng.random((len(apparent), 1))).sum(axis=1).clip(0, len(_GRID) - 1)
    # Spread within the grid's cell, so that draws do not fall on a few values.
    jitter = (rng.random(len(apparent)) - 0.5) * width[place]
    return np.maximum(_GRID[place] + jitter, 0.0), evident


def _effective(log_weight: Floats) -> float:
    weight = np.exp(log_weight - log_weight.max())
    return float(weight.sum() ** 2 / (weight**2).sum())


def _resampled(log_weight: Floats, shape: tuple[int, ...], rng: np.random.Generator) -> np.ndarray:
    """Choose draws in proportion to their weight, evenly spaced (systematic resampling), chain by chain."""
    chains, draws = shape
    weight = np.exp(log_weight - log_weight.max()).reshape(chains, draws)
    chosen = []
    for chain in range(chains):
        reached = np.cumsum(weight[chain]) / weight[chain].sum()
        ticks = (np.arange(draws) + rng.random()) / draws
        chosen.append(chain * draws + np.searchsorted(reached, ticks).clip(0, draws - 1))
    return np.concatenate(chosen)
