"""The set of paths that every rule model reads: one flat array of steps, and what each path ended in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cached_property
from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

__all__ = ["AdKey", "Floats", "Ints", "Paths", "Unit", "add_up", "channel_of"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]
Scalar = TypeVar("Scalar", bound=np.generic)


class AdKey(NamedTuple):
    """An ad within its campaign and channel; a campaign or ad that is not named is an empty string."""

    channel: str
    campaign: str
    ad: str


Unit = str | AdKey
"""What a step is a touch of: a channel by its name, or an ad."""


def channel_of(unit: Unit) -> str:
    """Return the channel of a unit."""
    return unit if isinstance(unit, str) else unit.channel


def add_up(weights: Floats, by: Ints, count: int) -> Floats:
    """Sum ``weights`` by the code beside each, 0 to ``count - 1``; shape ``(count,)``."""
    return np.asarray(np.bincount(by, weights=weights, minlength=count), dtype=np.float64)


@dataclass(frozen=True, eq=False)
class Paths:
    """Paths to a response, or to none: sequences of touches with what came of them.

    Path ``p`` is ``steps[offsets[p]:offsets[p + 1]]``, first touch first; no path is empty. Arrays are read-only.

    Parameters
    ----------
    units
        What the codes in ``steps`` stand for, sorted: channels, or ads.
    steps
        Unit of each touch, shape ``(steps,)``.
    offsets
        Where each path begins, and the end of the last, shape ``(paths + 1,)``.
    conversions
        Responses at the end of each path, shape ``(paths,)``, not negative.
    value
        What these responses were worth, shape ``(paths,)``, in the unit of the input.
    nulls
        How often the path ended without a response, shape ``(paths,)``, not negative.
    ages
        Days from each touch to the end of its path, shape ``(steps,)``; None where the input has no times.
    unassigned_conversions, unassigned_value
        Responses that no touch preceded: in no path, so no unit can be credited with them.
    """

    units: tuple[Unit, ...]
    steps: Ints
    offsets: Ints
    conversions: Floats
    value: Floats
    nulls: Floats
    ages: Floats | None = None
    unassigned_conversions: float = 0.0
    unassigned_value: float = 0.0

    def __post_init__(self) -> None:
        for array in (self.steps, self.offsets, self.conversions, self.value, self.nulls, self.ages):
            if array is not None:
                array.flags.writeable = False

    def __len__(self) -> int:
        """Return the number of paths."""
        return len(self.conversions)

    @cached_property
    def lengths(self) -> Ints:
        """Touches in each path, shape ``(paths,)``."""
        return np.diff(self.offsets)

    @property
    def total_conversions(self) -> float:
        """All responses, those that no touch preceded included."""
        return float(self.conversions.sum()) + self.unassigned_conversions

    @property
    def total_value(self) -> float:
        """Worth of all responses, those that no touch preceded included."""
        return float(self.value.sum()) + self.unassigned_value

    def spread(self, per_path: npt.NDArray[Scalar]) -> npt.NDArray[Scalar]:
        """Repeat a figure of each path, shape ``(paths,)``, at each of its steps, shape ``(steps,)``."""
        return np.repeat(per_path, self.lengths)

    def where(self, keep: npt.NDArray[np.bool_]) -> Paths:
        """Return the paths where ``keep``, shape ``(paths,)``, is true; the units stay."""
        if keep.all():
            return self
        steps = np.repeat(keep, self.lengths)
        return replace(
            self,
            steps=self.steps[steps],
            offsets=np.concatenate(([0], np.cumsum(self.lengths[keep]))),
            conversions=self.conversions[keep],
            value=self.value[keep],
            nulls=self.nulls[keep],
            ages=None if self.ages is None else self.ages[steps],
        )

    def renamed(self, name: Callable[[Unit], Unit]) -> Paths:
        """Return the same paths with each unit replaced by ``name(unit)``: ads by their channel, for example."""
        named = [name(unit) for unit in self.units]
        units = sorted(set(named))
        code = {unit: position for position, unit in enumerate(units)}
        lookup = np.array([code[unit] for unit in named], dtype=np.int64)
        return replace(self, units=tuple(units), steps=lookup[self.steps])

    def memberships(self) -> tuple[Ints, Ints]:
        """List each pair of a path and a unit that it touches, once.

        Returns
        -------
        paths, units
            Both of shape ``(pairs,)``, ordered by path, then by unit.
        """
        count = max(len(self.units), 1)
        pairs = np.unique(self.spread(np.arange(len(self))) * count + self.steps)
        return pairs // count, pairs % count
