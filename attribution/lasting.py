"""What of an effect lasts: orders that only came sooner, and margin that relationship contacts keep. Pure arrays."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from attribution.uplift import Trial, expected_response
from campaigns.terms import LearnedShare

__all__ = ["PULL_FORWARD", "RETENTION", "average_effect", "kept_margin", "promotion_differences", "pull_forward"]

Numbers = NDArray[np.float64]

PULL_FORWARD = (1.5, 8.5)
"""Beta prior of the share of extra responses that only came sooner: 15 %, rarely above 35 %. A guess."""

RETENTION = LearnedShare(0.005, 0.005)
"""Prior of the share of a customer's later margin that one relationship contact keeps. A guess, by which nothing is
planned: it only holds estimates from few held-back contacts in."""

LEAST = 30
"""Contacts withheld from which a promotion is told apart."""


def average_effect(trial: Trial, response: Numbers) -> tuple[Numbers, Numbers]:
    """Estimate each arm's average effect on some response: sent less withheld, weighted by the known chance.

    Returns
    -------
    Means and standard errors, shape ``(arms,)``; an arm without contacts has 0 and infinity.
    """
    whole = Trial(trial.features, trial.arm, trial.chance, response)
    left = response - expected_response(whole)
    away = (trial.arm[:, None] == np.arange(trial.chance.shape[1])) - trial.chance
    weight = np.square(away).sum(axis=0)
    mean = (away * left[:, None]).sum(axis=0) / np.maximum(weight, 1e-12)
    unexplained = left[:, None] - away * mean
    spread = np.square(away * unexplained).sum(axis=0)
    error = np.sqrt(np.maximum(spread, 1e-12)) / np.maximum(weight, 1e-12)
    return np.where(weight > 0, mean, 0.0), np.where(weight > 0, error, np.inf)


def pull_forward(
    early: float, early_error: float, late: float, late_error: float, prior: tuple[float, float] = PULL_FORWARD
) -> LearnedShare:
    """Estimate the share of extra responses that only came sooner.

    Orders that came sooner are missed later: of an effect ``e`` within the carry-over, ``-share * e`` follows in the
    days after it. With ``e`` unknown, ``late + share * early`` is normal around 0 whatever it is.

    Parameters
    ----------
    early, early_error
        Extra responses within the carry-over, and their standard error.
    late, late_error
        The same from then to 60 days.
    prior
        Beta distribution of the share.

    Returns
    -------
    Posterior mean and standard deviation; ``learned`` if the comparison narrowed the range by a tenth.
    """
    share: Numbers = np.asarray((np.arange(1000) + 0.5) / 1000.0, np.float64)
    log_prior = (prior[0] - 1.0) * np.log(share) + (prior[1] - 1.0) * np.log1p(-share)
    before = _mean_and_spread(share, log_prior)
    if not (np.isfinite([early, early_error, late, late_error]).all() and early_error > 0.0 and late_error > 0.0):
        return LearnedShare(*before)
    variance = late_error**2 + np.square(share * early_error)
    log_density = log_prior - 0.5 * np.log(variance) - 0.5 * np.square(late + share * early) / variance
    mean, spread = _mean_and_spread(share, log_density)
    return LearnedShare(mean, spread, spread < 0.9 * before[1])


def _mean_and_spread(at: Numbers, log_density: Numbers) -> tuple[float, float]:
    weight = np.exp(log_density - log_density.max())
    weight /= weight.sum()
    mean = float(weight @ at)
    return mean, float(np.sqrt(weight @ np.square(at - mean)))


def kept_margin(effect: float, error: float, share_of_one: float, prior: LearnedShare = RETENTION) -> LearnedShare:
    """Estimate the share of later margin that a relationship contact keeps.

    Parameters
    ----------
    effect, error
        Extra responses over 60 days of contacts sent against withheld, and their standard error.
    share_of_one
        What one response is of a customer's later margin.
    prior
        What is thought before.
    """
    if not (np.isfinite([effect, error, share_of_one]).all() and error > 0.0 and share_of_one > 0.0):
        return prior
    seen, precision = effect * share_of_one, 1.0 / (error * share_of_one) ** 2
    before = 1.0 / prior.error**2
    spread = float((before + precision) ** -0.5)
    mean = (before * prior.mean + precision * seen) / (before + precision)
    return LearnedShare(float(max(mean, 0.0)), spread, spread < 0.9 * prior.error)


def promotion_differences(
    trial: Trial, promotion: NDArray[np.object_], left: Numbers, noise: float
) -> Mapping[tuple[int, str], tuple[float, float, int]]:
    """Estimate how contacts about each promotion differ from their channel's, drawn towards no difference.

    The spread between promotions is estimated from all of them (DerSimonian and Laird, 1986, Controlled Clinical
    Trials 7); where they differ by no more than chance, none differs.

    Parameters
    ----------
    trial
        Contacts that could each get one arm only.
    promotion
        What each was about, or None.
    left
        Response less what is expected of it, its effect by customer included, shape ``(n,)``.
    noise
        Standard deviation of a response.

    Returns
    -------
    Difference, standard error and contacts withheld, by arm and promotion.
    """
    arm = trial.chance.argmax(axis=1)
    away = (trial.arm >= 0) - trial.chance[np.arange(len(arm)), arm]
    found: dict[tuple[int, str], tuple[float, float, int]] = {}
    for one in np.unique(arm):
        names, means, variances, counts = [], [], [], []
        for name in sorted({str(each) for each in promotion[arm == one] if isinstance(each, str)}):
            rows = (arm == one) & (promotion == name)
            withheld = int((trial.arm[rows] < 0).sum())
            weight = float(np.square(away[rows]).sum())
            if withheld < LEAST or weight <= 0.0:
                continue
            names.append(name)
            means.append(float((away[rows] * left[rows]).sum()) / weight)
            variances.append(noise**2 / weight)
            counts.append(withheld)
        for name, values in zip(names, _drawn_together(np.asarray(means), np.asarray(variances)), strict=True):
            found[int(one), name] = (*values, counts[names.index(name)])
    return found


def _drawn_together(mean: Numbers, variance: Numbers) -> list[tuple[float, float]]:
    if len(mean) < 2:
        return [(0.0, 0.0) for _ in variance]
    weight = 1.0 / variance
    centre = float(weight @ mean / weight.sum())
    excess = float(weight @ np.square(mean - centre)) - (len(mean) - 1)
    between = max(excess / float(weight.sum() - np.square(weight).sum() / weight.sum()), 0.0)
    shrink = between / (between + variance)
    return [
        (float(one), float(other))
        for one, other in zip(shrink * (mean - centre), np.sqrt(shrink * variance), strict=True)
    ]
