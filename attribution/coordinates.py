"""Coordinates in which the posterior density is about round, so that a sampler walks it in few steps.

An ad's effect is told as so many spreads ``z`` from its channel's mean. Where data tell much of an ad, its ``z`` has to
move with the spread, and where they tell little, the effect itself would: either way a sampler gets stuck in a funnel.
Each ad is therefore told by ``spread ** share * z``, where the share is how much of what is known of it comes from data
(Papaspiliopoulos, Roberts and Sköld 2007, "A general framework for the parametrization of hierarchical models"). The
rest is linear: centred at the mode, rotated by the curvature there.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from scipy.optimize import minimize

from attribution.density import Density
from attribution.evidence import Floats

__all__ = ["Coordinates", "coordinates_of", "mode_of", "scales"]

_DIFFERENCE = 1e-4
_FLATTEST = 1e-2
_CLIMBS = 3
_NEAR = 0.1
"""Gain in log-density below which a search has arrived."""

LogDensity = Callable[[Floats], tuple[float, Floats]]


@dataclass(frozen=True)
class Between:
    """A density by the vector in which units are told between ``unit_z`` and effect.

    Parameters
    ----------
    shares
        How far each unit is told by its effect, not by its ``unit_z``; in ``[0, 1]``, shape ``(units,)``.
    units, spread
        Where in the vector ``unit_z`` and the logarithm of the spread stand.
    """

    density: Density
    shares: Floats
    units: slice
    spread: slice

    @classmethod
    def at(cls, density: Density, mode: Floats) -> Between:
        """Tell each unit by its effect as far as data tell of it at the mode, by the curvature along its ``unit_z``.

        Where ads have little effect, the mode has a spread far above what the data leave likely: the shares are those
        of a spread within its prior.
        """
        units, spread = density.place("unit_z"), density.place("spread")
        if units.start == units.stop:
            return cls(density, np.empty(0), units, spread)
        known = np.array([_curvature(density, mode, row)[row] for row in range(units.start, units.stop)])
        # The prior of ``unit_z`` is about standard normal: what is known beyond 1 comes from data.
        told = np.maximum(np.nan_to_num(known, nan=1.0) - 1.0, 0.0)
        usual = np.minimum(1.0, density.spread_sd / np.exp(mode[spread]))
        told = told * usual**2
        return cls(density, told / (1.0 + told), units, spread)

    def step(self, y: Floats) -> Floats:
        """By how much ``unit_z`` moves with what stands for it: the spread to the power of the negative share."""
        with np.errstate(over="ignore"):  # a search may look where the spread is next to nothing: there it ends
            return np.asarray(np.exp(-self.shares * y[self.spread]))

    def position(self, y: Floats) -> Floats:
        """Return the vector of the density."""
        position = y.copy()
        position[self.units] *= self.step(y)
        return position

    def __call__(self, y: Floats) -> tuple[float, Floats]:
        """Return the log-density, up to a constant, and its gradient, shape ``(dimensions,)``."""
        position = self.position(y)
        if not np.isfinite(position[self.units]).all():
            return -math.inf, np.zeros_like(y)
        value, gradient = self.density(position)
        gradient[self.units] *= self.step(y)
        gradient[self.spread] -= self.shares @ (y[self.units] * gradient[self.units]) + self.shares.sum()
        return value - float(self.shares.sum() * y[self.spread].sum()), gradient


@dataclass(frozen=True)
class Coordinates:
    """A density in coordinates ``z`` in which it is about standard normal.

    Parameters
    ----------
    between
        The density by a vector that is ``centre + rotation @ z``; shapes ``(dimensions,)`` and its square.
    """

    between: Between
    centre: Floats
    rotation: Floats

    def __call__(self, z: Floats) -> tuple[float, Floats]:
        """Return the log-density, up to a constant, and its gradient, shape ``(dimensions,)``."""
        value, gradient = self.between(self.centre + self.rotation @ z)
        return value, gradient @ self.rotation

    def values(self, z: Floats) -> dict[str, Floats]:
        """Return the model's variables."""
        return self.between.density.values(self.between.position(self.centre + self.rotation @ z))


def coordinates_of(density: Density) -> Coordinates:
    """Find coordinates in which the density is about round.

    The centre is the mode of the density itself: told by their effects, all ads alike would be likelier without bound.
    """
    mode = mode_of(density)
    between = Between.at(density, mode)
    centre = mode.copy()
    centre[between.units] /= between.step(mode)
    return Coordinates(between, centre, scales(between, centre))


def mode_of(density: Density) -> Floats:
    """Find the position of highest density, shape ``(dimensions,)``.

    Climbing in the coordinates of the density, a search can stop well short of the mode where parameters are nearly
    exchangeable: it is climbed again in coordinates in which it is round where the search before stopped.
    """
    mode = _climb(density, density.start, np.eye(density.dimensions))
    for _ in range(_CLIMBS):
        before, mode = mode, _climb(density, mode, scales(density, mode))
        if float(density(mode)[0] - density(before)[0]) < _NEAR:
            break
    return mode


def scales(density: LogDensity, mode: Floats) -> Floats:
    """Return the rotation that makes a density about round around its mode: ``mode + rotation @ z``.

    The curvature comes from differences of the gradient; directions flatter than the priors allow are cut off.
    """
    curvature = np.array([_curvature(density, mode, row) for row in range(len(mode))])
    # Where the density has no finite slope beside its mode, nothing is known of its width: the floor below serves.
    curvature = np.nan_to_num(0.5 * (curvature + curvature.T), posinf=0.0, neginf=0.0)
    values, vectors = np.linalg.eigh(curvature)
    return np.ascontiguousarray(vectors / np.sqrt(np.maximum(values, _FLATTEST)))


def _curvature(density: LogDensity, position: Floats, row: int) -> Floats:
    step = np.zeros(len(position))
    step[row] = _DIFFERENCE
    return np.asarray((density(position - step)[1] - density(position + step)[1]) / (2.0 * _DIFFERENCE))


def _climb(density: LogDensity, origin: Floats, rotation: Floats) -> Floats:
    def downhill(z: Floats) -> tuple[float, Floats]:
        value, gradient = density(origin + rotation @ z)
        return (-value, -(rotation.T @ gradient)) if math.isfinite(value) else (1e300, np.zeros_like(gradient))

    # What counts as no more progress is relative to the value, whose thousands say nothing.
    options = {"maxiter": 2000, "maxfun": 4000, "maxcor": 30, "ftol": 1e-12, "gtol": 1e-3}
    found = minimize(downhill, np.zeros(len(origin)), jac=True, method="L-BFGS-B", options=options)
    return np.asarray(origin + rotation @ found.x)
