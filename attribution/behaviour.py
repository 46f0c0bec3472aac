"""What was known of customers at any moment: the features by which their answers to contacts may differ. Pure arrays.

Everything is counted from events before the moment alone, so that a feature never knows what came of the contact.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

__all__ = ["Answers", "Behaviour", "Moments", "Scale", "Stream"]

Numbers = NDArray[np.float64]
Index = NDArray[np.int64]

MOST_SEGMENTS = 8
"""Segments told apart, the largest first."""

INTEREST_DAYS = 365.0
"""Days for which a declared interest holds."""

_SPAN = 1e6
"""Days that no data set covers: parts the times of one person from those of the next."""


@dataclass(frozen=True)
class Stream:
    """Events of persons, in order of person and time, with running sums.

    Parameters
    ----------
    key
        ``person * span + time``, ascending, shape ``(events,)``.
    sums
        Running sums of what each event carries, from 0, shape ``(events + 1,)``.
    """

    key: Numbers
    sums: Numbers

    @classmethod
    def of(cls, person: Index, time: Numbers, carried: Numbers | None = None) -> Stream:
        """Order events; each carries 1 unless told otherwise."""
        key = person * _SPAN + time
        order = np.argsort(key, kind="stable")
        carried = np.ones(len(key)) if carried is None else carried
        return cls(key[order], np.r_[0.0, np.cumsum(carried[order])])

    def between(self, person: Index, begins: Numbers, ends: Numbers) -> Numbers:
        """Sum what the events of each person carry after ``begins``, up to and with ``ends``."""
        low = np.searchsorted(self.key, person * _SPAN + begins, side="right")
        high = np.searchsorted(self.key, person * _SPAN + ends, side="right")
        return np.asarray(self.sums[np.maximum(high, low)] - self.sums[low])

    def before(self, person: Index, time: Numbers) -> Numbers:
        """Sum what the events of each person carry before a time."""
        low = np.searchsorted(self.key, person * _SPAN - _SPAN / 2)
        high = np.searchsorted(self.key, person * _SPAN + time, side="left")
        return np.asarray(self.sums[high] - self.sums[low])

    def last(self, person: Index, time: Numbers) -> Numbers:
        """Return the time of the last event of each person before a time, or nan."""
        if not len(self.key):
            return np.full(len(person), np.nan)
        place = np.searchsorted(self.key, person * _SPAN + time, side="left") - 1
        at = self.key[np.maximum(place, 0)] - person * _SPAN
        return np.where((place >= 0) & (at > -_SPAN / 2), at, np.nan)


@dataclass(frozen=True)
class Moments:
    """Persons at times: what features are asked of, shape ``(n,)`` each."""

    person: Index
    time: Numbers


@dataclass(frozen=True)
class Answers:
    """Contacts through one channel, and those of them that were answered by a step, a response or an order."""

    contacts: Stream
    answered: Stream

    def share(self, at: Moments, prior: float = 2.0) -> Numbers:
        """Return the share of earlier contacts answered, drawn towards everybody's; above 1 counts as 1."""
        made, answered = self.contacts.before(at.person, at.time), self.answered.before(at.person, at.time)
        everybody = min(self.answered.sums[-1] / max(self.contacts.sums[-1], 1.0), 1.0)
        return np.asarray(np.minimum((answered + prior * everybody) / (made + prior), 1.0))


@dataclass(frozen=True)
class Behaviour:
    """What customers did, and which segment they belong to.

    Parameters
    ----------
    segment
        Segment of each person by number, -1 for one that is not told apart, shape ``(persons,)``.
    segments
        How many are told apart.
    orders, values, first_of_product
        Responses; with the value each carries; and the first response of a person with each product.
    interests
        Interests declared.
    answers
        By channel.
    """

    segment: Index
    segments: int
    orders: Stream
    values: Stream
    first_of_product: Stream
    interests: Stream
    answers: dict[str, Answers]

    @property
    def names(self) -> tuple[str, ...]:
        """Names of the features, in their order."""
        told = ("responded before", "recency", "frequency", "value", "products owned", "declared interest")
        return (*(f"segment {place}" for place in range(self.segments)), *told, "past answers in this channel")

    def features(self, at: Moments, channel: str) -> Numbers:
        """Return what was known of each person at each moment, shape ``(n, features)``, not standardised."""
        person, time = at.person, at.time
        times = self.orders.before(person, time)
        ever = times > 0
        since = np.where(ever, time - np.nan_to_num(self.orders.last(person, time)), 0.0)
        mean = self.values.before(person, time) / np.maximum(times, 1.0)
        columns = [(self.segment[person] == place).astype(float) for place in range(self.segments)]
        columns += [
            ever.astype(float),
            np.log1p(np.maximum(since, 0.0)),
            np.log1p(times),
            np.log1p(np.maximum(mean, 0.0)),
            np.log1p(self.first_of_product.before(person, time)),
            (self.interests.between(person, time - INTEREST_DAYS, time - 1e-9) > 0).astype(float),
            self.answers[channel].share(at),
        ]
        return np.asarray(columns).T


@dataclass(frozen=True)
class Scale:
    """Mean and spread of features, to bring them to one scale."""

    mean: Numbers
    spread: Numbers

    @classmethod
    def of(cls, features: Numbers) -> Scale:
        """Measure features; one that never differs has the spread infinity, and so counts for nothing."""
        spread = features.std(axis=0)
        return cls(features.mean(axis=0), np.where(spread > 1e-9, spread, np.inf))

    def apply(self, features: Numbers) -> Numbers:
        """Bring features to the scale; none lies further out than four spreads."""
        return np.asarray(np.clip((features - self.mean) / self.spread, -4.0, 4.0))
