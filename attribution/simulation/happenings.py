"""What happened in a simulated market, in one value: the tables and the truth are both read off it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from attribution.simulation.contacts import Contacts
from attribution.simulation.nature import ADS, CHANNELS, TV
from attribution.simulation.people import NEVER, People
from attribution.simulation.process import Candidates, Lives
from attribution.simulation.season import Season
from attribution.simulation.spec import MarketSpec

__all__ = ["Happenings", "Orders", "ad_names", "cause_names", "customer_ids", "times"]

MICROSECONDS = 1_000_000
DAY_SECONDS = 86_400


@dataclass(frozen=True)
class Orders:
    """The orders in time order; every array has shape ``(orders,)``.

    Parameters
    ----------
    cause
        Position in ``CHANNELS``, ``BASELINE`` or ``TELEVISION``.
    contact
        Position of the contact that caused it, or -1.
    """

    person: NDArray[np.int64]
    time: NDArray[np.float64]
    cause: NDArray[np.int8]
    contact: NDArray[np.int64]
    is_first: NDArray[np.bool_]


@dataclass(frozen=True)
class Happenings:
    """A market that has been lived through.

    Parameters
    ----------
    effects
        First-touch effect per ad, shape ``(24,)``.
    silent_firsts
        First orders in the window had a channel been silent from its start on, by channel.
    """

    spec: MarketSpec
    people: People
    season: Season
    contacts: Contacts
    candidates: Candidates
    effects: NDArray[np.float64]
    lives: Lives
    silent_firsts: Mapping[str, int]

    @cached_property
    def orders(self) -> Orders:
        """The candidates that happened."""
        kept = np.flatnonzero(self.lives.happened)
        kept = kept[np.argsort(self.candidates.time[kept], kind="stable")]
        c = self.candidates
        return Orders(c.person[kept], c.time[kept], c.cause[kept], c.contact[kept], self.lives.is_first[kept])

    @cached_property
    def made(self) -> NDArray[np.bool_]:
        """Whether a would-be contact was really made: neither withheld nor suppressed; shape ``(contacts,)``."""
        made: NDArray[np.bool_] = self.lives.shown & ~self.contacts.ghost
        return made

    @cached_property
    def first_order(self) -> NDArray[np.float64]:
        """Day of each person's first order ever, ``NEVER`` without one; shape ``(persons,)``."""
        first = np.where(self.people.is_customer, self.people.first_order, NEVER)
        firsts = self.orders.is_first
        first[self.orders.person[firsts]] = self.orders.time[firsts]
        return first

    def in_window(self, time: NDArray[np.float64]) -> NDArray[np.bool_]:
        """Tell which times, in days since the start, lie in the reported window."""
        inside: NDArray[np.bool_] = (time >= self.spec.burn_in_days) & (time < self.spec.days)
        return inside

    def ad_of(self, contact: NDArray[np.int64]) -> NDArray[np.int64]:
        """Return the position in ``ADS`` of each contact, -1 where there is none."""
        return np.where(contact >= 0, self.contacts.ad[contact], -1)


def times(spec: MarketSpec, days: NDArray[np.float64]) -> pa.Array:
    """Turn days since the start into UTC timestamps of whole seconds; null at NaN and ``NEVER``."""
    missing = np.isnan(days) | (days >= NEVER)
    seconds = np.floor(np.where(missing, 0.0, days) * DAY_SECONDS).astype(np.int64)
    start = np.datetime64(spec.starts_on, "s").astype(np.int64)
    return pa.array((seconds + start) * MICROSECONDS, mask=missing).cast(pa.timestamp("us", tz="UTC"))


def customer_ids(spec: MarketSpec) -> pa.Array:
    """Return every customer number, in the order of the persons."""
    width = max(5, len(str(spec.customers)))
    return pa.array([f"C{number:0{width}d}" for number in range(1, spec.customers + 1)])


def cause_names(cause: NDArray[np.int8]) -> list[str]:
    """Return the name of each cause: a channel, television (``TELEVISION``) or ``baseline`` (``BASELINE``, -1)."""
    names = [*(channel.name for channel in CHANNELS), TV, "baseline"]
    return [names[i] for i in cause]


def ad_names(ad: NDArray[np.int64], part: str) -> pa.Array:
    """Return a field (``campaign``, ``ad`` or ``promotion``) of each ad; null where the position is -1."""
    values = pa.array([getattr(one, part) for one in ADS], pa.string())
    return values.take(pa.array(ad, mask=ad < 0))
