"""Rolling windows: how many contacts every run of W days that touches the plan holds already."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from campaigns.planning.horizon import Days, Index, between
from campaigns.planning.policy import Cap

__all__ = ["Windows", "count_windows", "rule_of"]


@dataclass(frozen=True)
class Windows:
    """The windows of one cap.

    A cap of W days and a plan of D days meet in D + W - 1 windows; window *s* covers days s - W + 1 to s.

    Parameters
    ----------
    cap
        The cap.
    group
        For each person, the group (person or household) whose contacts are counted, shape ``(people,)``.
    counts
        Contacts known before this plan, shape ``(groups, D + W - 1)``.
    days
        Length of the plan, D.
    channel
        Position of the touch point that the cap is about, or None for all.
    offer
        Position of the offer that the cap is about, or None for all.
    rule
        Name of the rule that a full window is counted under; see `rule_of`.
    """

    cap: Cap
    group: Index
    counts: NDArray[np.int16]
    days: int
    channel: int | None = None
    offer: int | None = None
    rule: str = "overall_cap"

    def counts_for(self, channel: int, offer: int) -> bool:
        """Tell whether a contact through a touch point about an offer has its place in these windows."""
        return self.channel in (None, channel) and self.offer in (None, offer)

    @cached_property
    def spans(self) -> Days:
        """The plan's days in each window, shape ``(D + W - 1,)``."""
        last = np.arange(self.counts.shape[1])
        return between(last - self.cap.days + 1, last, self.days)

    @cached_property
    def closed(self) -> Days:
        """Days on which one more contact would break the cap, shape ``(groups,)``: those inside any full window."""
        mask = np.zeros(len(self.counts), np.uint64)
        for window, span in enumerate(self.spans):
            mask[self.counts[:, window] >= self.cap.limit] |= span
        return mask

    @cached_property
    def room(self) -> Index:
        """The most contacts that the plan could still add to each group, shape ``(groups,)``.

        Windows laid end to end cover the plan, so their free places bound it; where one window covers the whole plan,
        the fullest such window does.
        """
        width = self.cap.days
        if width >= self.days:
            held = self.counts[:, self.days - 1 : width].max(axis=1)
            room: Index = np.maximum(self.cap.limit - held.astype(np.int64), 0)
            return room
        ends = np.arange(width - 1, self.days + width - 1, width)
        free: Index = np.maximum(self.cap.limit - self.counts[:, ends].astype(np.int64), 0)
        return np.asarray(free.sum(axis=1), np.int64)


def rule_of(cap: Cap) -> str:
    """Return the name of the rule that a cap is counted under."""
    if cap.scope == "household":
        return "household_cap"
    if cap.each is not None:
        return "promotion_cap"
    return "overall_cap" if cap.channel is None else "channel_cap"


def count_windows(
    cap: Cap,
    group: Index,
    person: Index,
    day: Index,
    days: int,
    channel: int | None = None,
    offer: int | None = None,
    rule: str | None = None,
) -> Windows:
    """Count contacts in the windows of a cap.

    Parameters
    ----------
    cap
        The cap.
    group
        Group of each person, shape ``(people,)``, numbered from 0 without gaps.
    person, day
        The contacts that the cap counts, of the past and promised ones, shape ``(contacts,)``.
    days
        Length of the plan.
    channel, offer
        Positions of the touch point and the offer that the cap is about, or None for all.
    rule
        Name of the rule; by default that of the cap.
    """
    width = cap.days
    groups = int(group.max(initial=-1)) + 1
    reach = days + 2 * (width - 1)
    place = day + width - 1
    near = (place >= 0) & (place < reach)
    flat = group[person[near]] * reach + place[near]
    daily = np.bincount(flat, minlength=groups * reach).reshape(groups, reach)
    running = np.zeros((groups, reach + 1), np.int32)
    np.cumsum(daily, axis=1, out=running[:, 1:])
    counts = running[:, width:] - running[:, : reach - width + 1]
    return Windows(cap, group, counts.astype(np.int16), days, channel, offer, rule or rule_of(cap))
