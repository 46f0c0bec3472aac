"""A normal distribution at the mode in place of sampling: coarse beside zero, and some ten times as fast."""

from __future__ import annotations

import numpy as np

from attribution.coordinates import coordinates_of
from attribution.density import Density
from attribution.sampling import Posterior

__all__ = ["approximated"]

CHAINS, DRAWS = 4, 150


def approximated(density: Density, seed: int) -> Posterior:
    """Draw from the normal distribution that has the mode of a density and its curvature there.

    Its draws are independent of one another: what is told of chains says nothing.
    """
    coordinates = coordinates_of(density)
    steps = np.random.default_rng(seed).normal(size=(CHAINS * DRAWS, density.dimensions))
    drawn = [coordinates.values(step) for step in steps]
    values = {name: np.stack([one[name] for one in drawn]) for name in drawn[0]}
    return Posterior(
        {name: value.reshape(CHAINS, DRAWS, *value.shape[1:]) for name, value in values.items()},
        divergences=0,
        steps=0.0,
    )
