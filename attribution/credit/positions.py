"""Rules that share a path's responses out by where, or when, each touch stands in it.

Every function here takes paths and returns a weight per step, shape ``(steps,)``, in ``[0, 1]``; the weights of a path
sum to 1 (``participation`` excepted).
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from attribution.paths import Paths, channel_of
from attribution.paths.path_set import Floats, Ints

__all__ = [
    "INVERSE_J",
    "J_SHAPED",
    "U_SHAPED",
    "W_SHAPED",
    "PositionWeights",
    "first_touch",
    "last_non_direct",
    "last_touch",
    "linear",
    "participation",
    "position_based",
    "time_decay",
]


@dataclass(frozen=True)
class PositionWeights:
    """How a position-based rule divides a response: so much to the first touch, the last, the middle one and the rest.

    The parts that a short path does not have are left out and the others scaled up to 1: with two touches 40 / 20 / 40
    becomes 50 / 50 and 20 / 20 / 60 becomes 25 / 75; a single touch takes all.

    Parameters
    ----------
    first, last
        Shares of the first and of the last touch, each in ``[0, 1]``.
    middle
        Share of the one touch in the middle (of an even number of touches, the earlier of the two).
    rest
        Share that the remaining touches divide equally among themselves.
    """

    first: float
    last: float
    middle: float = 0.0
    rest: float = 0.0

    @property
    def is_usable(self) -> bool:
        """Whether the shares lie in ``[0, 1]`` and sum to 1."""
        shares = (self.first, self.last, self.middle, self.rest)
        return all(0.0 <= share <= 1.0 for share in shares) and abs(sum(shares) - 1.0) < 1e-9


U_SHAPED = PositionWeights(first=0.4, last=0.4, rest=0.2)
"""40 / 20 / 40: the position-based model of Google Analytics (until 2023)."""

J_SHAPED = PositionWeights(first=0.2, last=0.6, rest=0.2)
"""20 / 20 / 60: the J curve of Adobe Analytics (Attribution IQ)."""

INVERSE_J = PositionWeights(first=0.6, last=0.2, rest=0.2)
"""60 / 20 / 20: the inverse J of Adobe Analytics (Attribution IQ)."""

W_SHAPED = PositionWeights(first=0.3, last=0.3, middle=0.3, rest=0.1)
"""30 / 30 / 30 / 10: the W shape of business-to-business marketing. There the middle touch is the one that made the
lead; paths do not say which that was, so the touch in the middle of the path stands for it."""


def last_touch(paths: Paths) -> Floats:
    """Give all to the last touch."""
    return _at(paths, paths.offsets[1:] - 1)


def first_touch(paths: Paths) -> Floats:
    """Give all to the first touch."""
    return _at(paths, paths.offsets[:-1])


def last_non_direct(paths: Paths, direct: Collection[str]) -> Floats:
    """Give all to the last touch whose channel is not ``direct``; to the last touch where all of them are."""
    is_direct = np.array([channel_of(unit) in direct for unit in paths.units], dtype=bool)
    rows = np.arange(len(paths.steps))
    candidates = np.where(is_direct[paths.steps], -1, rows)
    last = np.maximum.reduceat(candidates, paths.offsets[:-1]) if len(paths) else np.empty(0, dtype=np.int64)
    return _at(paths, np.where(last < 0, paths.offsets[1:] - 1, last))


def linear(paths: Paths) -> Floats:
    """Give every touch the same; a channel that touches twice takes two shares."""
    return 1.0 / paths.spread(paths.lengths)


def time_decay(paths: Paths, half_life: float) -> Floats:
    """Give each touch half of what one a half-life later has.

    Parameters
    ----------
    half_life
        In days before the response where the paths have times (``ages``). Aggregated paths have none: there the clock
        is the position, and the half-life counts touches before the last one.

    References
    ----------
    The time decay model of Google Analytics (until 2023), with a half-life of seven days.
    """
    if paths.ages is None:
        age = (paths.spread(paths.offsets[1:]) - 1 - np.arange(len(paths.steps))).astype(np.float64)
    else:
        age = paths.ages
    # Counted from the youngest touch of each path, so that no path underflows to zero weight.
    youngest = np.minimum.reduceat(age, paths.offsets[:-1]) if len(paths) else np.empty(0)
    weight = np.exp2(-(age - paths.spread(youngest)) / half_life)
    return _to_one(paths, weight)


def position_based(paths: Paths, shares: PositionWeights) -> Floats:
    """Give the first, the middle, the last and the remaining touches their shares (see ``PositionWeights``)."""
    lengths = paths.lengths
    first, last = paths.offsets[:-1], paths.offsets[1:] - 1
    has_middle = (lengths >= 3) & (shares.middle > 0.0)
    named = 1 + (lengths >= 2) + has_middle
    remaining = lengths - named
    weight = paths.spread(shares.rest / np.maximum(remaining, 1))
    weight[(first + (lengths - 1) // 2)[has_middle]] = shares.middle
    weight[last] = shares.last
    weight[first] = shares.first
    # Shares that give nothing to any touch that the path has (all to the rest, of two touches) fall back to equal ones.
    empty = np.add.reduceat(weight, first) <= 0.0 if len(paths) else np.empty(0, dtype=bool)
    weight[paths.spread(empty)] = 1.0
    return _to_one(paths, weight)


def participation(paths: Paths) -> Floats:
    """Give every unit in the path the whole of it, once; the credits of all units sum to more than the responses."""
    rows = np.arange(len(paths.steps))
    pair = paths.spread(np.arange(len(paths))) * max(len(paths.units), 1) + paths.steps
    _, first = np.unique(pair, return_index=True)
    return np.isin(rows, first, assume_unique=True).astype(np.float64)


def _at(paths: Paths, rows: Ints) -> Floats:
    weight = np.zeros(len(paths.steps))
    weight[rows] = 1.0
    return weight


def _to_one(paths: Paths, weight: Floats) -> Floats:
    if not len(paths):
        return weight
    whole: Floats = np.add.reduceat(weight, paths.offsets[:-1])
    return weight / paths.spread(whole)
