"""How the effect of a contact varies from customer to customer, from contacts sent or withheld at random. Pure arrays.

With the chance of every arm known, ``response - expected response`` is linear in ``arm - its chance`` times the effect
at this customer (Robinson, 1988, Econometrica 56; Nie and Wager, 2021, Biometrika 108). The effect is an arm's average
plus differences by features; the differences have a common part over arms and one of each arm's own, both normal around
zero with variances that the marginal likelihood chooses. Where it does not prefer differences by a clear margin there
are none: on small tests the pattern that fits best is mostly noise, and a plan that follows it earns less than the best
single arm for all.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.linalg import cho_factor, cho_solve
from scipy.optimize import minimize

__all__ = ["Trial", "Uplift", "expected_response", "fit_uplift"]

Numbers = NDArray[np.float64]

CLEAR = 3.0
"""Gain in log marginal likelihood from which differences between customers are believed (20 to 1)."""

_FOLDS = 5
_CHUNK = 100_000


@dataclass(frozen=True)
class Trial:
    """Contacts whose arm was drawn at random, *n* of them.

    Parameters
    ----------
    features
        What was known of the customer before, standardised, 0 where unknown, shape ``(n, features)``.
    arm
        Arm sent, -1 for none (a ghost), shape ``(n,)``.
    chance
        Chance of each arm, shape ``(n, arms)``; 0 for arms that this customer could not get.
    response
        Responses afterwards, shape ``(n,)``.
    """

    features: Numbers
    arm: NDArray[np.int64]
    chance: Numbers
    response: Numbers

    def __post_init__(self) -> None:
        n = len(self.arm)
        if not (self.features.shape[0] == self.chance.shape[0] == len(self.response) == n):
            raise ValueError("features, arms, chances and responses must have one row per contact")
        if not (np.isfinite(self.features).all() and np.isfinite(self.response).all()):
            raise ValueError("features and responses must be finite numbers")
        total = self.chance.sum(axis=1)
        if n and ((self.chance < 0).any() or (total > 1 + 1e-9).any()):
            raise ValueError("chances must not be negative, and add up to at most 1")
        got = self.arm >= 0
        if (self.chance[got, self.arm[got]] <= 0).any():
            raise ValueError("an arm was sent whose chance was 0")

    def part(self, rows: NDArray[np.bool_] | NDArray[np.int64]) -> Trial:
        """Return some of the contacts."""
        return Trial(self.features[rows], self.arm[rows], self.chance[rows], self.response[rows])


@dataclass(frozen=True)
class Uplift:
    """The effect of each arm on a customer: posterior of its coefficients.

    Parameters
    ----------
    mean
        Effect at the average customer and its differences by feature, shape ``(arms, 1 + features)``.
    covariance
        Of the coefficients, arm after arm, shape ``(arms * (1 + features),) * 2``.
    common, own
        Standard deviations of the differences: the part common to all arms, and each arm's own; 0 where there are none.
    gain
        Log marginal likelihood of differences against none.
    noise
        Standard deviation of a response around what is expected of it.
    contacts
        Contacts behind the estimate.
    """

    mean: Numbers
    covariance: Numbers
    common: float
    own: float
    gain: float
    noise: float
    contacts: int

    @property
    def differs(self) -> bool:
        """Whether customers are told apart."""
        return bool(self.common > 0.0 or self.own > 0.0)

    def of(self, features: Numbers) -> tuple[Numbers, Numbers]:
        """Return posterior mean and standard error of the effect of each arm on each customer.

        Parameters
        ----------
        features
            Shape ``(customers, features)``, on the scale of the trial; a customer of whom only the segment is known
            has 0 in the other columns and so gets the segment's effect.

        Returns
        -------
        Two arrays of shape ``(customers, arms)``.
        """
        arms, width = self.mean.shape
        mean = self.mean[:, 0] + features @ self.mean[:, 1:].T
        error = np.empty_like(mean)
        for arm in range(arms):
            at = slice(arm * width, (arm + 1) * width)
            covariance = self.covariance[at, at]
            for begin in range(0, len(features), _CHUNK):
                rows = features[begin : begin + _CHUNK]
                known = np.c_[np.ones(len(rows)), rows]
                variance = np.einsum("ij,ij->i", known @ covariance, known)
                error[begin : begin + _CHUNK, arm] = np.sqrt(np.maximum(variance, 0.0))
        return mean, error

    def differences(self, features: Numbers, arm: int) -> tuple[Numbers, Numbers]:
        """Return how far the effect of an arm on each customer lies from its average, and the standard error of that.

        Parameters
        ----------
        features
            Shape ``(customers, features)``, on the scale of the trial.

        Returns
        -------
        Two arrays of shape ``(customers,)``.
        """
        width = self.mean.shape[1]
        at = slice(arm * width + 1, (arm + 1) * width)
        covariance = self.covariance[at, at]
        variance = np.empty(len(features))
        for begin in range(0, len(features), _CHUNK):
            rows = features[begin : begin + _CHUNK]
            variance[begin : begin + _CHUNK] = np.einsum("ij,ij->i", rows @ covariance, rows)
        return features @ self.mean[arm, 1:], np.sqrt(np.maximum(variance, 0.0))


def expected_response(trial: Trial, penalty: float = 10.0) -> Numbers:
    """Predict each response from the features alone, by ridge regression on the other folds, shape ``(n,)``."""
    rows = np.c_[np.ones(len(trial.arm)), trial.features, trial.chance]
    fold = np.random.default_rng(0).integers(_FOLDS, size=len(rows))
    grams = [
        (rows[fold == one].T @ rows[fold == one], rows[fold == one].T @ trial.response[fold == one])
        for one in range(_FOLDS)
    ]
    whole, sums = (np.sum([gram[part] for gram in grams], axis=0) for part in (0, 1))
    ridge = penalty * np.eye(rows.shape[1])
    ridge[0, 0] = 1e-6
    predicted = np.empty(len(rows))
    for one, (gram, own) in enumerate(grams):
        coefficients = np.linalg.solve(whole - gram + ridge, sums - own)
        predicted[fold == one] = rows[fold == one] @ coefficients
    return predicted


def fit_uplift(trial: Trial, average: Numbers | None = None, error: Numbers | None = None) -> Uplift:
    """Estimate the effect of each arm by customer.

    Parameters
    ----------
    trial
        The randomised contacts.
    average, error
        What is known of each arm's average effect from elsewhere (the attribution posterior): mean and standard error,
        shape ``(arms,)``. By default nothing is.
    """
    arms, width = trial.chance.shape[1], trial.features.shape[1] + 1
    left = trial.response - expected_response(trial)
    gram, sums = _moments(trial, left)
    noise = float(np.sqrt(left @ left / max(len(left) - width, 1))) or 1e-9
    scale = np.sqrt(np.maximum(np.diag(gram)[::width], 1e-12)).max() or 1.0
    centre = np.zeros((arms, width))
    wide = np.full(arms, (1e3 * noise / scale) ** 2 + 1.0)
    if average is not None:
        centre[:, 0] = average
        wide = np.square(np.ones(arms) if error is None else error)
    sums = sums - gram @ centre.ravel()
    posterior = _Posterior(gram / noise**2, sums / noise**2, wide, arms, width)
    alone = posterior.evidence(0.0, 0.0)
    unit = noise / scale
    best, found = alone, (0.0, 0.0)
    if width > 1:
        for start in ((0.0, -4.0), (-2.0, -2.0)):
            tried = minimize(
                lambda at: -posterior.evidence(float(unit * np.exp(at[0])), float(unit * np.exp(at[1]))),
                start,
                method="Nelder-Mead",
                options={"maxiter": 80, "xatol": 0.05, "fatol": 0.02},
            )
            if -tried.fun > best:
                best, found = -float(tried.fun), (unit * np.exp(tried.x[0]), unit * np.exp(tried.x[1]))
    gain = best - alone
    common, own = found if gain >= CLEAR else (0.0, 0.0)
    mean, covariance = posterior.solve(float(common), float(own))
    return Uplift(
        centre + mean.reshape(arms, width), covariance, float(common), float(own), gain, noise, len(trial.arm)
    )


def _moments(trial: Trial, left: Numbers) -> tuple[Numbers, Numbers]:
    """Return Gram matrix and sums of ``arm - chance`` times ``1, features``."""
    arms, width = trial.chance.shape[1], trial.features.shape[1] + 1
    gram, sums = np.zeros((arms * width,) * 2), np.zeros(arms * width)
    for begin in range(0, len(left), _CHUNK):
        rows = slice(begin, begin + _CHUNK)
        away = (trial.arm[rows, None] == np.arange(arms)) - trial.chance[rows]
        known = np.c_[np.ones(len(away)), trial.features[rows]]
        design = (away[:, :, None] * known[:, None, :]).reshape(len(away), -1)
        gram += design.T @ design
        sums += design.T @ left[rows]
    return gram, sums


@dataclass(frozen=True)
class _Posterior:
    """The normal linear model by its moments, both divided by the noise variance."""

    gram: Numbers
    sums: Numbers
    wide: Numbers
    arms: int
    width: int

    def _prior_root(self, common: float, own: float) -> Numbers:
        """Return a root of the prior covariance: ``root @ root.T`` is the covariance."""
        averages = np.arange(self.arms) * self.width
        of_average = np.zeros((self.arms * self.width, self.arms))
        of_average[averages, np.arange(self.arms)] = np.sqrt(self.wide)
        if common == 0.0 and own == 0.0:
            return of_average
        between = np.c_[np.full(self.arms, common), own * np.eye(self.arms)]
        of_differences = np.kron(between, np.eye(self.width)[:, 1:])
        return np.asarray(np.c_[of_average, of_differences])

    def _system(self, common: float, own: float) -> tuple[Numbers, tuple[Numbers, bool]]:
        root = self._prior_root(common, own)
        factor = cho_factor(np.eye(root.shape[1]) + root.T @ self.gram @ root)
        return root, factor

    def evidence(self, common: float, own: float) -> float:
        """Return the log marginal likelihood up to a constant."""
        root, factor = self._system(common, own)
        pulled = root.T @ self.sums
        return float(0.5 * pulled @ cho_solve(factor, pulled) - np.log(np.diag(factor[0])).sum())

    def solve(self, common: float, own: float) -> tuple[Numbers, Numbers]:
        """Return mean and covariance of the coefficients, as deviations from their prior mean."""
        root, factor = self._system(common, own)
        covariance = root @ cho_solve(factor, root.T)
        return covariance @ self.sums, covariance
