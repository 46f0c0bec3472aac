"""Evidence: all that the likelihood needs to know of the data; none of it grows with people who never respond."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from campaigns.terms import Goal, Window

__all__ = ["Calendar", "Cells", "Channel", "Daily", "Evidence", "Intent", "Media", "States", "Strata", "Unit"]

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True)
class Channel:
    """An addressable channel as the model sees it.

    Parameters
    ----------
    edges
        Lag bucket edges in days, shape ``(buckets + 1,)``.
    targeted
        Whether it seeks out people who are about to respond.
    touches, ghosts
        Contacts made and contacts withheld at random, over all the data.
    window_touches
        Contacts made inside the window.
    two_sided
        Whether it targets and its contacts come as often after responses as before them, so that responses before a
        contact tell the intent around it.
    """

    name: str
    edges: Floats
    targeted: bool
    touches: int
    ghosts: int
    window_touches: int
    two_sided: bool = False

    @property
    def has_ghosts(self) -> bool:
        """Whether contacts were withheld at random, so that the effect can be told from intent."""
        return self.ghosts > 0

    @property
    def intent_told(self) -> bool:
        """Whether the data tell its effect from the intent that it chases."""
        return self.has_ghosts or self.two_sided

    @property
    def buckets(self) -> int:
        """Number of lag buckets."""
        return len(self.edges) - 1


@dataclass(frozen=True)
class Unit:
    """The smallest thing whose effect is estimated: an ad, or a campaign or channel where no ad is named."""

    channel: str
    campaign: str
    ad: str
    window_touches: int


@dataclass(frozen=True)
class Cells:
    """Exposure by unit, wear-out bin, lag bucket and phase; all arrays of shape ``(cells,)``.

    Parameters
    ----------
    unit
        Index of the unit.
    channel
        Index of the unit's channel.
    ordinal
        Wear-out bin.
    bucket
        Lag bucket within the channel.
    phase
        0 while a person has not responded before, 1 afterwards or where that is unknown.
    width
        Days of the lag bucket.
    days
        Summed days that touches spent in the cell inside the window while their person was at risk.
    projected
        The same for touches made inside the window, followed beyond its end.
    """

    unit: Ints
    channel: Ints
    ordinal: Ints
    bucket: Ints
    phase: Ints
    width: Floats
    days: Floats
    projected: Floats


@dataclass(frozen=True)
class Intent:
    """Exposure around would-be contacts (real or ghost) of channels whose intent is told, by lag; arrays ``(cells,)``.

    Of two-sided channels the days before contacts are in it too, in the bucket of as many days after.
    """

    channel: Ints
    bucket: Ints
    width: Floats
    days: Floats


@dataclass(frozen=True)
class Strata:
    """Groups of person-days that share a base rate.

    Parameters
    ----------
    segments, regions
        Names of the levels.
    segment, region, intensity, history
        Level of each stratum, shape ``(strata,)``; history 0 is new, 1 unknown, 2 and above returning by habit.
    person_days
        Summed days at risk, shape ``(strata, days)``.
    quiet
        Responses with no cell of exposure or intent at work, shape ``(strata, days)``.
    """

    segments: tuple[str, ...]
    regions: tuple[str, ...]
    segment: Ints
    region: Ints
    intensity: Ints
    history: Ints
    person_days: Floats
    quiet: Floats

    @property
    def phase(self) -> Ints:
        """Phase of each stratum: 0 new, 1 otherwise."""
        return (self.history > 0).astype(np.int64)


@dataclass(frozen=True)
class States:
    """One row per response in the window with a contact at work or, of a two-sided channel, to come; ``(states,)``.

    Parameters
    ----------
    response
        Row of the response among those given.
    stratum, day, phase
        Where it fell.
    starts
        Start of its entries in ``cell``, shape ``(states + 1,)``.
    cell
        Cells of its touches; from ``len(cells)`` on they are cells of intent.
    row
        Place of the response among those given.
    touch
        Place of each entry's touch among those given, as long as ``cell``; -1 for cells of intent.
    """

    response: Ints
    stratum: Ints
    day: Ints
    phase: Ints
    starts: Ints
    cell: Ints
    row: Ints
    touch: Ints


@dataclass(frozen=True)
class Daily:
    """Contacts by unit, wear-out bin, phase and day, from the first day of the data on; arrays ``(rows,)``.

    The unit is -1 where they were withheld.
    """

    channel: Ints
    unit: Ints
    ordinal: Ints
    phase: Ints
    day: Ints
    touches: Floats
    lead: int


@dataclass(frozen=True)
class Media:
    """Media without person-level touches.

    Parameters
    ----------
    names
        Names of the media.
    exposure
        Exposure per medium, region and day, the days before the window first; shape ``(media, regions, lead + days)``;
        scaled so that its mean over the days with any is 1.
    lead
        Days before the window.
    units
        Units per medium inside the window, as bought.
    merged
        Names of media bought by region that count as reaching everybody, since no customer has a region.
    unplaced
        Names of media left out: bought for regions in which no customer is known.
    unmatched
        By the name of a medium, the channel whose impressions without known persons it is.
    """

    names: tuple[str, ...]
    exposure: Floats
    lead: int
    units: Floats
    merged: tuple[str, ...] = ()
    unplaced: tuple[str, ...] = ()
    unmatched: Mapping[str, str] = field(default_factory=dict)

    @property
    def channels(self) -> tuple[str, ...]:
        """The channel that each medium belongs to: itself, or that whose unmatched part it is."""
        return tuple(self.unmatched.get(name, name) for name in self.names)


@dataclass(frozen=True)
class Calendar:
    """What moves everybody: days of the week, the slow level and named events.

    Parameters
    ----------
    basis
        Smooth and weekly terms, shape ``(days, terms)``, each column of mean zero.
    event_names
        Names of the events that touch the window.
    events
        Whether an event runs, shape ``(regions, days, events)``, minus its mean.
    """

    basis: Floats
    event_names: tuple[str, ...]
    events: Floats


@dataclass(frozen=True)
class Evidence:
    """The sufficient statistics of the exact likelihood.

    Parameters
    ----------
    responses, first_responses
        Responses of the goal in the window, and those that were a person's first; people whose record was made by
        their first response itself count too.
    unexposed
        Responses of people not at risk (known only through the response itself, or anonymous): all baseline.
    linked
        Responses with at least one touch within the carry-over.
    arrived
        Responses of the goal on each day of the window, those of people not at risk too, shape ``(days,)``.
    known_history
        Whether any person is known to be new, so that first responses can be told at all.
    """

    goal: Goal
    window: Window
    channels: tuple[Channel, ...]
    units: tuple[Unit, ...]
    cells: Cells
    intent: Intent
    strata: Strata
    states: States
    media: Media
    calendar: Calendar
    daily: Daily
    responses: int
    first_responses: int
    unexposed: int
    linked: int
    arrived: Floats
    known_history: bool

    @property
    def by_day(self) -> Floats:
        """Responses of people at risk on each day of the window, shape ``(days,)``."""
        counts = self.strata.quiet.sum(axis=0)
        return np.asarray(counts + np.bincount(self.states.day, minlength=len(counts)))

    @property
    def first_at_risk(self) -> int:
        """First responses of people who were at risk before."""
        quiet = self.strata.quiet[self.strata.phase == 0].sum()
        return int(quiet + (self.states.phase == 0).sum())

    @property
    def base_rate(self) -> float:
        """Responses per person and day at risk; of half a response where none came, as nothing has no scale."""
        days = float(self.strata.person_days.sum())
        return max(self.responses - self.unexposed, 0.5) / days if days else 0.0
