"""The orders: an additive hazard in continuous time, simulated exactly by thinning.

Every order that could happen is drawn beforehand at the highest rate it could have, together with a uniform mark;
walking through a person's life in time order then keeps those whose mark lies under the rate that truly holds at that
moment. Running the same candidates again without those of one channel gives what would have happened had it been
silent, with common random numbers.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numba
import numpy as np
from numpy.typing import NDArray

from attribution.simulation.contacts import Contacts
from attribution.simulation.nature import (
    BASE_PER_DAY,
    CHANNELS,
    EFFECT_AFTER_FIRST,
    PERSONAL,
    REPEAT_FACTOR,
    SEGMENTS,
)
from attribution.simulation.people import BLOCK_DAYS, People
from attribution.simulation.season import Season, time_of_day
from attribution.simulation.spec import MarketSpec

__all__ = ["BASELINE", "TELEVISION", "Candidates", "Lives", "draw_candidates", "live"]

BASELINE = -1
"""Cause of an order that would have come anyway."""

TELEVISION = len(CHANNELS)
"""Cause of an order by television; below it stand the positions in ``CHANNELS``."""

SOONEST_DAYS = 1.0 / 1440.0
WEAR_DAYS = 30.0
NOBODY = -9


@dataclass(frozen=True)
class Candidates:
    """Orders that could happen, sorted by person and time; every array has shape ``(candidates,)``.

    Parameters
    ----------
    cause
        ``BASELINE``, ``TELEVISION`` or a position in ``CHANNELS``.
    contact
        Position of the contact that causes it, or -1.
    mark
        Uniform in ``[0, 1)``; the candidate happens if it lies under the thinning probability.
    """

    person: NDArray[np.int64]
    time: NDArray[np.float64]
    cause: NDArray[np.int8]
    contact: NDArray[np.int64]
    mark: NDArray[np.float64]


@dataclass(frozen=True)
class Lives:
    """What happened.

    Parameters
    ----------
    happened
        Whether a candidate became an order, shape ``(candidates,)``.
    is_first
        Whether it was the person's first order ever, shape ``(candidates,)``.
    shown
        Whether a would-be contact was made or withheld as a ghost, not suppressed; shape ``(contacts,)``.
    expected
        Extra orders to be expected of a contact given the person's state when it was made, over its whole
        carry-over; zero for ghosts; shape ``(contacts,)``.
    """

    happened: NDArray[np.bool_]
    is_first: NDArray[np.bool_]
    shown: NDArray[np.bool_]
    expected: NDArray[np.float64]


def draw_candidates(
    spec: MarketSpec,
    people: People,
    season: Season,
    contacts: Contacts,
    effects: NDArray[np.float64],
    rng: np.random.Generator,
) -> Candidates:
    """Draw every order that could happen.

    Parameters
    ----------
    effects
        First-touch effect per ad, shape ``(24,)``.

    Returns
    -------
    Candidates sorted by person and time, none before the person is known or after the end.
    """
    base = np.array([s.base for s in SEGMENTS])[people.segment] * BASE_PER_DAY * REPEAT_FACTOR
    flat = np.broadcast_to(season.factor, season.tv_lift.shape)
    streams = rng.spawn(3)
    parts = [
        _common(spec, people, base, flat, BASELINE, streams[0]),
        _common(spec, people, base, flat * season.tv_lift, TELEVISION, streams[1]),
        _of_contacts(people, contacts, effects, streams[2]),
    ]
    mark = np.concatenate([stream.random(len(part[0])) for stream, part in zip(streams, parts, strict=True)])
    person, time, cause, contact = (np.concatenate(part) for part in zip(*parts, strict=True))
    order = np.lexsort((time, person))
    candidates = Candidates(*(array[order] for array in (person, time, cause, contact, mark)))
    possible = (candidates.time > people.created[candidates.person]) & (candidates.time < spec.days)
    return Candidates(*(getattr(candidates, f.name)[possible] for f in fields(Candidates)))


def _common(
    spec: MarketSpec,
    people: People,
    base: NDArray[np.float64],
    daily: NDArray[np.float64],
    cause: int,
    rng: np.random.Generator,
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int8], NDArray[np.int64]]:
    """Draw candidates at ``base * intent * daily``; ``daily`` has shape ``(regions, days)``."""
    found: list[tuple[NDArray[np.int64], NDArray[np.float64]]] = []
    for block in range(people.intent.shape[1]):
        days = slice(block * BLOCK_DAYS, min((block + 1) * BLOCK_DAYS, spec.days))
        for region in range(daily.shape[0]):
            members = np.flatnonzero(people.region == region)
            weight = daily[region, days]
            total = weight.sum()
            if total == 0.0:
                continue
            person = np.repeat(members, rng.poisson(base[members] * people.intent[members, block] * total))
            day = days.start + rng.choice(len(weight), len(person), p=weight / total)
            found.append((person, day + time_of_day(len(person), rng)))
    person = np.concatenate([p for p, _ in found]) if found else np.empty(0, dtype=np.int64)
    time = np.concatenate([t for _, t in found]) if found else np.empty(0)
    return person, time, np.full(len(person), cause, dtype=np.int8), np.full(len(person), -1)


def _of_contacts(
    people: People, contacts: Contacts, effects: NDArray[np.float64], rng: np.random.Generator
) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int8], NDArray[np.int64]]:
    """Draw candidates that contacts could cause: Poisson many each, after gamma-shaped delays."""
    rate = effects[contacts.ad] * people.responsiveness[contacts.person] * contacts.reached
    contact = np.repeat(np.arange(len(rate)), rng.poisson(rate))
    channel = contacts.channel[contact]
    shape = np.array([c.delay_shape for c in CHANNELS])[channel]
    scale = np.array([c.delay_days / c.delay_shape for c in CHANNELS])[channel]
    time = contacts.time[contact] + SOONEST_DAYS + rng.gamma(shape, scale)
    return contacts.person[contact], time, channel, contact


def live(
    spec: MarketSpec,
    people: People,
    contacts: Contacts,
    candidates: Candidates,
    effects: NDArray[np.float64],
    silent: int | None = None,
) -> Lives:
    """Let every person live through the data once.

    Parameters
    ----------
    effects
        First-touch effect per ad, shape ``(24,)``.
    silent
        Cause whose orders do not happen from the start of the window on (what came before stays as it was), or None.

    Returns
    -------
    What happened; the same input gives the same lives.
    """
    strength = effects[contacts.ad] * people.responsiveness[contacts.person] * contacts.reached
    happened, is_first, shown, expected = _walk(
        people.is_customer,
        np.searchsorted(contacts.person, np.arange(people.count + 1)),
        contacts.time,
        contacts.channel,
        contacts.ghost,
        strength,
        np.array([c.wear for c in CHANNELS]),
        np.searchsorted(candidates.person, np.arange(people.count + 1)),
        candidates.time,
        candidates.cause,
        candidates.contact,
        candidates.mark,
        PERSONAL.index("display"),
        float(spec.suppress_buyers_days),
        NOBODY if silent is None else silent,
        float(spec.burn_in_days),
    )
    return Lives(happened, is_first, shown, expected)


@numba.njit(cache=True)  # type: ignore[untyped-decorator,unused-ignore]
def _walk(  # type: ignore[no-untyped-def]
    is_customer,
    contact_from,
    contact_time,
    contact_channel,
    contact_ghost,
    strength,
    wear,
    candidate_from,
    candidate_time,
    candidate_cause,
    candidate_contact,
    mark,
    display,
    suppress_days,
    silent,
    silent_from,
):
    happened = np.zeros(len(candidate_time), dtype=np.bool_)
    is_first = np.zeros(len(candidate_time), dtype=np.bool_)
    shown = np.ones(len(contact_time), dtype=np.bool_)
    worn = np.ones(len(contact_time))
    expected = np.zeros(len(contact_time))
    for person in range(len(is_customer)):
        customer = is_customer[person]
        last_order = -1e9
        at, contacts_end = contact_from[person], contact_from[person + 1]
        for c in range(candidate_from[person], candidate_from[person + 1] + 1):
            # One round beyond the last candidate takes in the contacts after it.
            final = c == candidate_from[person + 1]
            until = np.inf if final else candidate_time[c]
            while at < contacts_end and contact_time[at] < until:
                channel = contact_channel[at]
                if channel == display and contact_time[at] < last_order + suppress_days:
                    shown[at] = False
                elif not contact_ghost[at]:
                    rank = 1
                    for earlier in range(at - 1, contact_from[person] - 1, -1):
                        if contact_time[earlier] < contact_time[at] - WEAR_DAYS:
                            break
                        if contact_channel[earlier] == channel and shown[earlier] and not contact_ghost[earlier]:
                            rank += 1
                    worn[at] = rank ** -wear[channel]
                    expected[at] = strength[at] * worn[at] * (EFFECT_AFTER_FIRST if customer else 1.0)
                at += 1
            if final:
                break
            cause = candidate_cause[c]
            if cause == silent and candidate_time[c] >= silent_from:
                continue
            contact = candidate_contact[c]
            if contact < 0:
                chance = 1.0 if customer else 1.0 / REPEAT_FACTOR
            elif not shown[contact]:
                continue
            else:
                chance = worn[contact] * (EFFECT_AFTER_FIRST if customer else 1.0)
            if mark[c] < chance:
                happened[c] = True
                is_first[c] = not customer
                customer = True
                last_order = candidate_time[c]
    return happened, is_first, shown, expected
