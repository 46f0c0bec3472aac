"""The Shapley value: each unit's average contribution over all orders in which the units could have been switched on.

Which game is played decides everything. Two are in use, and both are here:

``conversions`` (the default)
    A coalition is worth the conversions of the paths whose units all belong to it. This is the game of Zhao, Mahboobi
    and Bagheri (2018), of the common open-source implementations and of most worked examples. It is a sum of unanimity
    games, one per path, so its Shapley value has a closed form: every path is divided equally among its *distinct*
    units. It is exact for any number of units, never negative and sums to the conversions. Paths that did not convert
    play no part in it, nor do order and repetition.

``rate``
    A coalition is worth the conversion *rate* of the paths whose units all belong to it, 0 where there are none; the
    rates of Shao and Li (2011) and of Dalessandro, Perlich, Stitelman and Provost (2012), and what Google's data-driven
    model compared. Credits are scaled by the number of paths, so that they sum to the conversions. It uses the paths
    that did not convert, and pays for that: adding a unit may lower the rate, so credits can be negative, and a unit
    seen on a handful of paths can be credited with far more than these. Exact by enumeration up to
    ``exact_up_to`` units, sampled beyond.

References
----------
Shapley (1953), "A value for n-person games".
Zhao, Mahboobi and Bagheri (2018), "Shapley value methods for attribution modeling in online advertising",
arXiv:1804.05327, equation of the simplified formula.
Shao and Li (2011), "Data-driven multi-touch attribution models", KDD.
Dalessandro, Perlich, Stitelman and Provost (2012), "Causally motivated attribution for online advertising", ADKDD.
Castro, Gomez and Tejada (2009), "Polynomial calculation of the Shapley value based on sampling".
"""

from __future__ import annotations

from dataclasses import dataclass
from math import factorial

import numpy as np
import numpy.typing as npt

from attribution.paths import Paths
from attribution.paths.path_set import Floats, add_up

__all__ = ["ShapleyValue", "of_conversions", "of_rate"]


@dataclass(frozen=True, eq=False)
class ShapleyValue:
    """Credits of each unit, all arrays of shape ``(units,)``.

    Parameters
    ----------
    conversions, value
        What each unit is credited with; they sum to the conversions and the value of all paths.
    conversions_error, value_error
        Standard errors of these where they were sampled; None where they are exact.
    """

    conversions: Floats
    value: Floats
    conversions_error: Floats | None = None
    value_error: Floats | None = None


def of_conversions(paths: Paths) -> ShapleyValue:
    """Divide every path equally among its distinct units: the Shapley value of the game ``conversions``."""
    path, unit = paths.memberships()
    distinct = np.bincount(path, minlength=len(paths))
    credited = [add_up((worth / distinct)[path], unit, len(paths.units)) for worth in (paths.conversions, paths.value)]
    return ShapleyValue(*credited)


def of_rate(paths: Paths, *, exact_up_to: int = 12, permutations: int = 1000, seed: int = 0) -> ShapleyValue:
    """Compute the Shapley value of the game ``rate``.

    Parameters
    ----------
    exact_up_to
        Largest number of units whose coalitions are all enumerated; ``2 ** exact_up_to`` of them.
    permutations
        Orders to sample beyond it, 4 or more; each is paired with its reverse, which evens out much of the noise.
    seed
        Seed of the sampled orders.
    """
    if len(paths.units) <= exact_up_to:
        return _enumerated(paths)
    return _sampled(paths, permutations, seed)


def _ends(paths: Paths) -> npt.NDArray[np.float64]:
    """Conversions, value and number of each path, shape ``(paths, 3)``."""
    return np.column_stack((paths.conversions, paths.value, paths.conversions + paths.nulls))


def _rates(ends: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """Conversions and value per path; 0 where there is no path."""
    number = ends[..., 2:]
    return np.divide(ends[..., :2], number, out=np.zeros_like(ends[..., :2]), where=number > 0.0)


def _enumerated(paths: Paths) -> ShapleyValue:
    units = len(paths.units)
    coalitions = np.arange(1 << units)
    mask = np.bitwise_or.reduceat(1 << paths.steps, paths.offsets[:-1]) if len(paths) else np.empty(0, dtype=np.int64)
    ends = np.column_stack([add_up(end, mask, len(coalitions)) for end in _ends(paths).T])
    for unit in range(units):  # sums over the subsets of every coalition, one unit at a time
        halves = ends.reshape(-1, 2, 1 << unit, 3)
        halves[:, 1] += halves[:, 0]
    worth = _rates(ends)
    size = np.bitwise_count(coalitions).astype(np.int64)
    share = np.array([factorial(s) * factorial(units - s - 1) / factorial(units) for s in range(units)])
    gained = np.zeros((units, 2))
    for unit in range(units):
        without = coalitions[(coalitions >> unit) & 1 == 0]
        gained[unit] = share[size[without]] @ (worth[without | (1 << unit)] - worth[without])
    gained *= ends[-1, 2]
    return ShapleyValue(gained[:, 0], gained[:, 1])


def _sampled(paths: Paths, permutations: int, seed: int) -> ShapleyValue:
    """Average the gains over sampled orders; the spread over pairs of an order and its reverse gives the error."""
    units = len(paths.units)
    ends = _ends(paths)
    total = ends[:, 2].sum()
    pairs = permutations // 2
    random = np.random.default_rng(seed)
    mean = np.zeros((units, 2))
    squares = np.zeros((units, 2))
    for pair in range(1, pairs + 1):
        order = random.permutation(units)
        gained = total * (_gains(paths, ends, order) + _gains(paths, ends, order[::-1])) / 2.0
        step = gained - mean
        mean += step / pair
        squares += step * (gained - mean)
    error = np.sqrt(squares / (pairs - 1) / pairs)
    return ShapleyValue(mean[:, 0], mean[:, 1], error[:, 0], error[:, 1])


def _gains(paths: Paths, ends: npt.NDArray[np.float64], order: npt.NDArray[np.int64]) -> npt.NDArray[np.float64]:
    """How much each unit raises the rate when units join in this order, shape ``(units, 2)``."""
    joins = np.empty(len(order), dtype=np.int64)
    joins[order] = np.arange(len(order))
    # A path belongs to the coalition from the moment the last of its units joined.
    complete = np.maximum.reduceat(joins[paths.steps], paths.offsets[:-1])
    added = np.column_stack([add_up(end, complete, len(order)) for end in ends.T])
    worth = _rates(added.cumsum(axis=0))
    return np.diff(worth, axis=0, prepend=0.0)[joins]
