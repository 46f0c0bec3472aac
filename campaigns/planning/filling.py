"""What a plan has used up so far: rolling caps per person and household, capacities per day."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from campaigns.planning.problem import Problem
from campaigns.planning.rules import rule_index
from campaigns.planning.windows import Windows

__all__ = ["CapsInUse", "DaysInUse"]

_ROUNDING = 1e-9
"""Room for rounding when shares of a resource are subtracted from it one by one."""


class CapsInUse:
    """The rolling caps as the plan fills them: which days are closed to whom, after every contact added."""

    def __init__(self, problem: Problem) -> None:
        windows = self._windows = problem.windows
        self._group = [item.group.tolist() for item in windows]
        self._closed = [item.closed.tolist() for item in windows]
        self._spans = [item.spans.tolist() for item in windows]
        self._filled: list[dict[int, list[int]]] = [{} for _ in windows]
        self._of_channel = [
            [place for place, item in enumerate(windows) if item.channel in (None, channel)]
            for channel in range(problem.channels)
        ]
        self._rule = [_rule_of(item) for item in windows]
        self.fullest = [0] * len(windows)

    def left(self, person: int, channel: int, mask: int) -> tuple[int, int]:
        """Return the days of a mask that are still open, and the rule that closed the last one (or -1)."""
        for place in self._of_channel[channel]:
            mask &= ~self._closed[place][self._group[place][person]]
            if not mask:
                return 0, self._rule[place]
        return mask, -1

    def add(self, person: int, channel: int, day: int) -> None:
        """Count a contact."""
        for place in self._of_channel[channel]:
            windows = self._windows[place]
            group = self._group[place][person]
            filled = self._filled[place].get(group)
            if filled is None:
                filled = self._filled[place][group] = windows.counts[group].tolist()
            for window in range(day, day + windows.cap.days):
                filled[window] += 1
                if filled[window] >= windows.cap.limit:
                    self._closed[place][group] |= self._spans[place][window]
            self.fullest[place] = max(self.fullest[place], *filled[day : day + windows.cap.days])


def _rule_of(windows: Windows) -> int:
    if windows.cap.scope == "household":
        return rule_index("household_cap")
    return rule_index("overall_cap" if windows.cap.channel is None else "channel_cap")


class DaysInUse:
    """What is left of each day: capacities where there are any, else only the wish to spread contacts evenly."""

    def __init__(self, problem: Problem) -> None:
        self._needs: list[list[int]] = [[] for _ in range(problem.channels)]
        self._left = [(item.left + _ROUNDING).tolist() for item in problem.scarce]
        self._use = [item.per_contact for item in problem.scarce]
        self._load = problem.promised.astype(float)
        step = np.ones((problem.channels, problem.days))
        for place, item in enumerate(problem.scarce):
            self._needs[item.channel].append(place)
            share = item.per_contact / np.maximum(item.left, item.per_contact)
            first = len(self._needs[item.channel]) == 1
            step[item.channel] = share if first else np.maximum(step[item.channel], share)
            self._load[item.channel] = 0.0
        self._step = step.tolist()
        self._count = np.zeros(step.shape, np.int64).tolist()
        self._load_of = self._load.tolist()

    def left(self, channel: int, mask: int) -> int:
        """Return the days of a mask with capacity for one more contact."""
        for place in self._needs[channel]:
            left, use = self._left[place], self._use[place]
            mask = sum(1 << day for day in range(len(left)) if mask >> day & 1 and left[day] >= use)
        return mask

    def emptiest(self, channel: int, mask: int, busy: int) -> int:
        """Return the least loaded day of a mask, one on which the person hears nothing else if there is such a day."""
        mask = mask & ~busy or mask
        load = self._load_of[channel]
        best, least = -1, float("inf")
        day = 0
        while mask:
            if mask & 1 and load[day] < least:
                best, least = day, load[day]
            mask >>= 1
            day += 1
        return best

    def add(self, channel: int, day: int) -> None:
        """Use up what a contact needs."""
        for place in self._needs[channel]:
            self._left[place][day] -= self._use[place]
        self._load_of[channel][day] += self._step[channel][day]
        self._count[channel][day] += 1

    def used(self, problem: Problem) -> tuple[NDArray[np.float64], ...]:
        """Return what was used of each scarce thing on each day."""
        return tuple(np.asarray(self._count[item.channel]) * item.per_contact for item in problem.scarce)
