"""Contacts sent or withheld at random, out of the observations: what effects by customer are learned from.

The chance to be sent is the one that a plan drew by, where the touches tell it. Elsewhere it is that of the contact's
own draw: all contacts of one channel and campaign in one month, of which some were withheld. A draw without anybody
withheld, or with nobody sent, teaches nothing and is left out, and so is who was certain to be sent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from attribution.behaviour import MOST_SEGMENTS, Answers, Behaviour, Moments, Scale, Stream
from attribution.observations import FitOptions, Observations
from attribution.uplift import Trial
from campaigns.terms import CAUSES, GHOST, PAID_SEARCH, STEPS

__all__ = ["LATE_DAYS", "Drawn", "Past", "drawn_contacts", "read_past"]

Numbers = NDArray[np.float64]
Index = NDArray[np.int64]

LATE_DAYS = 60.0
"""Days over which orders that only came sooner are missed again."""

MOST = 1_000_000
"""Contacts looked at; of more, so many are drawn at random."""

LEAST = 30
"""Contacts withheld in a channel from which its customers can be told apart at all."""

_DAY = 86_400_000_000.0


@dataclass(frozen=True)
class Past:
    """The observations as arrays. Times in days since 1970 by the clock of the fit's zone.

    Parameters
    ----------
    persons
        The persons, in the order of the frame; everything else names them by position.
    touches
        ``person, t, channel, kind, sent, campaign, promotion, chance``, in order of time.
    responses
        ``person, t, kind, value, margin, product, channel, counts`` (whether it is a response of the goal).
    first, last
        First and last moment of the data.
    """

    persons: pd.DataFrame
    touches: pd.DataFrame
    responses: pd.DataFrame
    first: float
    last: float

    def behaviour(self, channels: Sequence[str]) -> Behaviour:
        """Lay out what customers did."""
        answered = self.responses[self.responses["counts"]]
        person, time = _ints(answered["person"]), answered["t"].to_numpy(float)
        owned = answered[answered["product"].notna()].drop_duplicates(["person", "product"])
        wants = self.responses[self.responses["kind"] == "interest"]
        named = self.persons["segment"]
        large = named.value_counts().index[:MOST_SEGMENTS]
        segment = named.map({name: place for place, name in enumerate(large)}).fillna(-1)
        return Behaviour(
            segment=_ints(segment),
            segments=len(large),
            orders=Stream.of(person, time),
            values=Stream.of(person, time, answered["value"].fillna(0.0).to_numpy(float)),
            first_of_product=Stream.of(_ints(owned["person"]), owned["t"].to_numpy(float)),
            interests=Stream.of(_ints(wants["person"]), wants["t"].to_numpy(float)),
            answers={name: self._answers(name) for name in channels},
        )

    def _answers(self, channel: str) -> Answers:
        own = self.touches[self.touches["channel"] == channel]
        made, steps = own[own["sent"]], own[own["kind"].isin(STEPS)]
        return Answers(
            Stream.of(_ints(made["person"]), made["t"].to_numpy(float)),
            Stream.of(_ints(steps["person"]), steps["t"].to_numpy(float)),
        )


@dataclass(frozen=True)
class Drawn:
    """Contacts sent or withheld at random, *n* of them.

    Parameters
    ----------
    channels
        The channels with enough withheld contacts: the arms.
    trial
        The contacts with the responses within the carry-over; each could only get its own channel.
    late
        Responses after the carry-over, up to 60 days, nan where the data end before, shape ``(n,)``.
    promotion
        What each was about, or None, shape ``(n,)``.
    person
        Position of each person, shape ``(n,)``.
    scale
        Scale of the features.
    held_back
        Contacts withheld, by channel.
    """

    channels: tuple[str, ...]
    trial: Trial
    late: Numbers
    promotion: NDArray[np.object_]
    person: Index
    scale: Scale
    held_back: Mapping[str, int]

    @property
    def own(self) -> Index:
        """Arm of each contact's channel, whether sent or not, shape ``(n,)``."""
        return np.asarray(self.trial.chance.argmax(axis=1), np.int64)


def read_past(observations: Observations, options: FitOptions) -> Past:
    """Read touches, responses and persons as arrays, those of unknown persons left out."""
    persons = _frame(observations, "persons", options).sort_values("person", kind="stable").reset_index(drop=True)
    place = pd.Series(np.arange(len(persons)), index=persons["person"])
    touches, responses = (_frame(observations, name, options) for name in ("touches", "responses"))
    tables = []
    for table in (touches, responses):
        table["t"] = _days(table["occurred_at"])
        table["person"] = table["person"].map(place)
        tables.append(table[table["person"].notna() & table["t"].notna()].sort_values("t", kind="stable"))
    touches, responses = tables
    search = (touches["kind"] == "click") & (touches["channel"] == PAID_SEARCH)
    touches["sent"] = touches["kind"].isin(list(CAUSES)) | search
    responses["counts"] = responses["kind"].isin(list(options.goal.kinds))
    for name in ("first_order_at", "created_at"):
        persons[name] = _days(persons[name])
    times = np.r_[touches["t"].to_numpy(float), responses["t"].to_numpy(float)]
    first, last = (float(times.min()), float(times.max())) if len(times) else (0.0, 0.0)
    return Past(persons, touches, responses, first, last)


def drawn_contacts(past: Past, behaviour: Behaviour, carry_over: Mapping[str, float], seed: int = 0) -> Drawn | None:
    """Lay out the contacts sent or withheld at random; None where hardly any was withheld.

    Parameters
    ----------
    carry_over
        Days in which a response counts, by channel; others are left out.
    """
    made = past.touches[(past.touches["sent"] | (past.touches["kind"] == GHOST))]
    made = made[made["channel"].isin(list(carry_over))]
    days = made["channel"].map(dict(carry_over)).to_numpy(float)
    made = made[made["t"].to_numpy(float) + days <= past.last].copy()
    made["month"] = (made["t"] // 30.0).astype(int)
    unknown = made["chance"].isna()
    cell = made[unknown].groupby(["channel", "campaign", "month"], dropna=False, sort=False)["sent"]
    made.loc[unknown, "chance"] = cell.transform("mean")
    made = made[(made["chance"] > 0.0) & (made["chance"] < 1.0)]
    withheld = made.loc[~made["sent"], "channel"].value_counts()
    counts = {str(name): int(count) for name, count in withheld.items()}
    channels = tuple(sorted(name for name, count in counts.items() if count >= LEAST))
    made = made[made["channel"].isin(channels)]
    if not channels:
        return None
    if len(made) > MOST:
        made = made.sample(MOST, random_state=seed).sort_values("t", kind="stable")
    at = Moments(_ints(made["person"]), made["t"].to_numpy(float))
    channel = made["channel"].to_numpy()
    own = np.searchsorted(np.asarray(channels), channel.astype(str))
    days = np.asarray([carry_over[name] for name in channels])[own]
    features = np.zeros((len(made), len(behaviour.names)))
    for name in channels:
        rows = channel == name
        features[rows] = behaviour.features(Moments(at.person[rows], at.time[rows]), name)
    scale = Scale.of(features)
    chance = np.zeros((len(made), len(channels)))
    chance[np.arange(len(made)), own] = made["chance"].to_numpy(float)
    sent = made["sent"].to_numpy(bool)
    ends = at.time + np.maximum(days, LATE_DAYS)
    late = behaviour.orders.between(at.person, at.time + days, ends)
    return Drawn(
        channels,
        Trial(
            scale.apply(features),
            np.where(sent, own, -1).astype(np.int64),
            chance,
            behaviour.orders.between(at.person, at.time, at.time + days),
        ),
        np.where(ends <= past.last, late, np.nan),
        made["promotion"].to_numpy(object),
        at.person,
        scale,
        {name: counts[name] for name in channels},
    )


def _frame(observations: Observations, name: str, options: FitOptions) -> pd.DataFrame:
    frame: pd.DataFrame = observations.lazy(name, options.zone).collect("pyarrow").to_native().to_pandas()
    return frame


def _days(column: pd.Series) -> Numbers:
    """Return times as days since 1970, nan where there is none."""
    times = pd.to_datetime(column).to_numpy("datetime64[us]")
    days = times.astype(np.int64) / _DAY
    return np.where(np.isnat(times), np.nan, days)


def _ints(column: pd.Series) -> Index:
    return np.asarray(column.to_numpy(), np.int64)
