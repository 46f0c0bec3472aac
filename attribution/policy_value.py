"""What a policy of contacting would have earned, on contacts drawn at random and not used to make it. Pure."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from attribution.uplift import Trial, fit_uplift

__all__ = ["Measured", "Qini", "best_arm", "held_back_value", "policy_value", "qini_curve"]

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Measured:
    """A mean with its standard error."""

    mean: float
    error: float


@dataclass(frozen=True)
class Qini:
    """Extra responses when the most promising share of customers is contacted.

    Parameters
    ----------
    share
        Share of customers contacted, shape ``(points,)``, 0 to 1.
    extra
        Extra responses per customer of all, shape ``(points,)``.
    coefficient
        Area between the curve and the straight line of contacting as many at random; above 0 is better than chance.
    error
        Its standard error.
    """

    share: Numbers
    extra: Numbers
    coefficient: float
    error: float


def policy_value(trial: Trial, wanted: NDArray[np.int64], margin: Numbers, cost: Numbers) -> tuple[Measured, Numbers]:
    """Measure a policy by inverse-propensity weighting (Horvitz and Thompson, 1952).

    Parameters
    ----------
    trial
        Randomised contacts that played no part in making the policy.
    wanted
        The arm it would choose for each, -1 for none, shape ``(n,)``.
    margin, cost
        What a response earns and a contact costs, by arm, shape ``(arms,)``; without a contact a response earns the
        mean margin.

    Returns
    -------
    Value per customer, and each contact's share of it, shape ``(n,)``: two policies on the same contacts are compared
    by the differences of these.
    """
    chance = np.c_[trial.chance, np.maximum(1.0 - trial.chance.sum(axis=1), 0.0)]
    earned = np.r_[margin, margin.mean()][trial.arm] * trial.response - np.r_[cost, 0.0][trial.arm]
    taken = chance[np.arange(len(wanted)), wanted]
    if (taken <= 0).any():
        raise ValueError("the policy wants an arm whose chance was 0")
    each = np.where(wanted == trial.arm, earned / taken, 0.0)
    return Measured(float(each.mean()), float(each.std(ddof=1) / np.sqrt(len(each)))), each


def best_arm(trial: Trial, margin: Numbers, cost: Numbers) -> int:
    """Return the arm, -1 for none, that earns most if everybody gets it."""
    arms = range(-1, trial.chance.shape[1])
    possible = [arm for arm in arms if arm < 0 or (trial.chance[:, arm] > 0).all()]
    values = [policy_value(trial, np.full(len(trial.arm), arm, np.int64), margin, cost)[0].mean for arm in possible]
    return possible[int(np.argmax(values))]


def held_back_value(
    trial: Trial, margin: Numbers, cost: Numbers, folds: int = 5, seed: int = 0
) -> tuple[Measured, Measured]:
    """Measure the policy that the effects by customer suggest, each customer by a model that never saw them.

    Returns
    -------
    Its value per customer, and how much more that is than the best single arm for everybody (chosen on the same other
    folds), both in money with standard errors.
    """
    fold = np.random.default_rng(seed).integers(folds, size=len(trial.arm))
    wanted = np.empty(len(fold), np.int64)
    single = np.empty(len(fold), np.int64)
    for one in range(folds):
        inside = fold == one
        model = fit_uplift(trial.part(~inside))
        wanted[inside] = _best(model.of(trial.features[inside])[0] * margin - cost, trial.chance[inside])
        alike = np.broadcast_to(model.mean[:, 0] * margin - cost, (int(inside.sum()), len(margin)))
        single[inside] = _best(alike, trial.chance[inside])
    value, each = policy_value(trial, wanted, margin, cost)
    difference = each - policy_value(trial, single, margin, cost)[1]
    return value, Measured(float(difference.mean()), float(difference.std(ddof=1) / np.sqrt(len(difference))))


def _best(worth: Numbers, chance: Numbers) -> NDArray[np.int64]:
    """Return the arm worth most among those that each customer could get, -1 for none."""
    nothing = np.where(chance.sum(axis=1) < 1.0 - 1e-9, 0.0, -np.inf)
    best = np.c_[np.where(chance > 0.0, worth, -np.inf), nothing].argmax(axis=1)
    return np.where(best == worth.shape[1], -1, best)


def qini_curve(trial: Trial, predicted: Numbers, arm: int = 0, points: int = 20) -> Qini:
    """Draw the Qini curve of one arm against none, with known chances (Radcliffe, 2007).

    Parameters
    ----------
    trial
        Randomised contacts that played no part in the prediction.
    predicted
        Predicted effect of the arm by customer, shape ``(n,)``.
    arm
        The arm; customers who got another one, or could not get this one, are left out.
    points
        Steps of the curve.
    """
    chance = trial.chance[:, arm]
    none = np.maximum(1.0 - trial.chance.sum(axis=1), 0.0)
    rows = np.flatnonzero(((trial.arm == arm) | (trial.arm < 0)) & (chance > 0) & (none > 0))
    order = rows[np.argsort(-predicted[rows], kind="stable")]
    sent = trial.arm[order] == arm
    among = chance[order] / (chance[order] + none[order])
    each = trial.response[order] * np.where(sent, 1.0 / among, -1.0 / (1.0 - among))
    share = np.linspace(0.0, 1.0, points + 1)
    upto = np.round(share * len(order)).astype(int)
    extra = np.r_[0.0, np.cumsum(each)][upto] / max(len(order), 1)
    # Each contact counts with the share of the curve that it lies under, less its part of the straight line.
    weight = 1.0 - (np.arange(len(order)) + 0.5) / max(len(order), 1) - 0.5
    parts = each * weight
    error = float(parts.std(ddof=1) / np.sqrt(len(parts))) if len(parts) > 1 else float("nan")
    return Qini(share, extra, float(parts.mean()) if len(parts) else 0.0, error)
