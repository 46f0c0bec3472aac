"""The contacts that are planned or arise: before anybody is suppressed, ghosts included."""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from attribution.simulation.nature import (
    ADS,
    CAMPAIGNS,
    CHANNELS,
    CONSENTS,
    PERSONAL,
    SALE_SHARE,
    TARGETED_PER_DAY,
    TARGETING,
    CampaignRule,
)
from attribution.simulation.people import BLOCK_DAYS, People
from attribution.simulation.season import Season, time_of_day
from attribution.simulation.spec import MarketSpec

__all__ = ["Contacts", "draw_contacts"]


@dataclass(frozen=True)
class Contacts:
    """Would-be contacts sorted by person and time; every array has shape ``(contacts,)``.

    Parameters
    ----------
    person
        Position of the person.
    time
        Days since the start of the data.
    channel, ad
        Positions in ``CHANNELS`` and ``ADS``.
    ghost
        Whether it was withheld at random.
    reached
        Whether it reached the person (a contact that did not does nothing).
    """

    person: NDArray[np.int64]
    time: NDArray[np.float64]
    channel: NDArray[np.int8]
    ad: NDArray[np.int8]
    ghost: NDArray[np.bool_]
    reached: NDArray[np.bool_]


def draw_contacts(spec: MarketSpec, people: People, season: Season, rng: np.random.Generator) -> Contacts:
    """Draw every would-be contact of a market.

    Parameters
    ----------
    spec
        Days and ghost share.
    people
        Whom to contact; consent and the list of those never contacted are respected, and nobody is contacted before
        being known.
    season
        Its own sale is announced by e-mail the day before.
    rng
        Source of randomness.

    Returns
    -------
    Contacts sorted by person and time.
    """
    drawn: list[tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int8]]] = []
    for rule in CAMPAIGNS:
        drawn += [_wave(rule, day, rule.share, people, rng) for day in _wave_days(rule, spec, season)]
    announcement = next(rule for rule in CAMPAIGNS if rule.campaign == "offers")
    everyone = CampaignRule("email", "offers", 1, 0, announcement.hour, (0, 1, 2, 3), SALE_SHARE)
    drawn.append(_wave(everyone, season.sale.first_day - 1, SALE_SHARE, people, rng))
    drawn += [_targeted(channel, spec, people, rng) for channel in TARGETED_PER_DAY]
    person, time, ad = (np.concatenate(parts) for parts in zip(*drawn, strict=True))
    channel = (ad // 4).astype(np.int8)
    ghosting = np.array([c.ghosts for c in CHANNELS])[channel]
    ghost = ghosting & (rng.random(len(person)) < spec.ghost_share)
    reached = rng.random(len(person)) < np.array([c.reach for c in CHANNELS])[channel]
    contacts = Contacts(person, time, channel, ad, ghost, reached & ~ghost)
    order = np.lexsort((time, person))
    return Contacts(**{f.name: getattr(contacts, f.name)[order] for f in fields(Contacts)})


def _wave_days(rule: CampaignRule, spec: MarketSpec, season: Season) -> list[int]:
    """Days on which a campaign goes out: calls on no Sunday, no offer beside the announcement of the sale."""
    days = list(range(rule.first_day, spec.days, rule.every_days))
    if rule.channel == "call":
        return [day for day in days if (spec.starts_on.weekday() + day) % 7 < 5]
    if rule.campaign == "offers":
        return [day for day in days if abs(day - season.sale.first_day + 1) > 4]
    return days


def _permitted(channel: str, people: People) -> NDArray[np.bool_]:
    needed = CHANNELS[PERSONAL.index(channel)].consent
    if not needed:
        return np.ones(people.count, dtype=bool)  # a search is the person's own doing
    allowed: NDArray[np.bool_] = (people.consent[:, CONSENTS.index(needed)] == 1) & ~people.barred
    return allowed


def _wave(
    rule: CampaignRule, day: int, share: float, people: People, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int8]]:
    """Send one wave of a campaign to a random share of the eligible, each with one of its two ads at random."""
    eligible = _permitted(rule.channel, people) & np.isin(people.segment, rule.segments) & (people.created < day)
    if rule.channel == "email":
        eligible &= people.opt_out > day + 1
    person = np.flatnonzero(eligible & (rng.random(people.count) < share))
    spread_hours = 8.0 if rule.channel == "call" else 0.75
    time = day + (rule.hour + spread_hours * rng.random(len(person))) / 24.0
    ads = [i for i, ad in enumerate(ADS) if (ad.channel, ad.campaign) == (rule.channel, rule.campaign)]
    return person, time, rng.choice(np.array(ads, dtype=np.int8), len(person))


def _targeted(
    channel: str, spec: MarketSpec, people: People, rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int8]]:
    """Draw the contacts of a channel that follows the latent intent."""
    blocks = people.intent.shape[1]
    length = np.minimum(BLOCK_DAYS, spec.days - BLOCK_DAYS * np.arange(blocks))
    rate = TARGETED_PER_DAY[channel] * people.intent ** (TARGETING[channel] if spec.targeting else 0.0) * length
    rate[~_permitted(channel, people)] = 0.0
    cell = np.repeat(np.arange(rate.size), rng.poisson(rate).ravel())
    person, block = cell // blocks, cell % blocks
    day = BLOCK_DAYS * block + np.floor(length[block] * rng.random(len(cell)))
    time = day + time_of_day(len(cell), rng)
    ads = np.array([i for i, ad in enumerate(ADS) if ad.channel == channel], dtype=np.int8)
    ad = rng.choice(ads, len(cell), p=(0.35, 0.25, 0.25, 0.15))
    known = time > people.created[person]
    return person[known], time[known], ad[known]
