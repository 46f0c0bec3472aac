"""A problem laid out for compiled code: candidates by household, room of the caps, capacities by day, price classes.

A price class is an offer, a touch point and the *day groups* that hold all open days of a contact. A day group is
a set of days whose capacity is pooled: every day together, and the sets of days on which many contacts are confined.
Within a group the days are alike, which is why one price for it is enough; a contact confined to several nested groups
pays for each.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from campaigns.planning.horizon import Days, Index
from campaigns.planning.problem import Problem, Scarce

__all__ = ["Layout", "Rows", "day_capacity", "lay_out"]

GROUPS = 4
"""Day groups per touch point: all days, and the three most common sets of days to which contacts are confined."""

PLENTY = 30_000
"""More contacts than anybody gets in a plan."""

_SAMPLE = 50_000

Rooms = tuple[NDArray[np.int16], NDArray[np.int16], NDArray[np.int16]]


@dataclass(frozen=True)
class Rows:
    """Constraints over the plan as a whole, in the form ``use @ counts of classes <= room``.

    Parameters
    ----------
    use
        Shape ``(rows, classes)``.
    room
        Shape ``(rows,)``.
    limit
        The limit of the problem behind each row, -1 for capacities, -2 for the number of contacts asked for.
    least
        Whether the row is a least amount, with its signs turned.
    channel, group
        Touch point and day group of a capacity, -1 for others.
    """

    use: NDArray[np.float64]
    room: NDArray[np.float64]
    limit: Index
    least: NDArray[np.bool_]
    channel: Index
    group: Index


@dataclass(frozen=True)
class Layout:
    """Candidates that some day is left for, by household and person, *n* of them.

    Parameters
    ----------
    row
        Position of each in the problem.
    starts
        Where each household begins, shape ``(households + 1,)``.
    house
        The problem's number of each household, shape ``(households,)``.
    net, gross, cost, second, person, channel, offer, mask
        Columns of the candidates; ``mask`` holds the open days on which the touch point has capacity at all.
    price_class
        Class of each candidate.
    room, rooms
        Most contacts per household; per person; per person and touch point; per household and touch point.
    simple
        Whether a person's candidates conflict only by touch point.
    capacity
        Most contacts per touch point and day, shape ``(channels, days)``, -1 where there is no capacity to heed.
    groups
        Masks of the day groups per touch point.
    rows
        Constraints over the plan as a whole.
    """

    row: Index
    starts: Index
    house: Index
    net: NDArray[np.float64]
    gross: NDArray[np.float64]
    cost: NDArray[np.float64]
    second: NDArray[np.float64]
    person: NDArray[np.int32]
    channel: NDArray[np.int16]
    offer: NDArray[np.int16]
    mask: Days
    price_class: NDArray[np.int32]
    room: NDArray[np.int16]
    rooms: Rooms
    simple: bool
    capacity: Index
    groups: tuple[tuple[int, ...], ...]
    rows: Rows

    def __len__(self) -> int:
        return len(self.row)

    @property
    def houses(self) -> int:
        """Number of households with a candidate."""
        return len(self.house)


def day_capacity(scarce: tuple[Scarce, ...], channels: int, days: int) -> Index:
    """Return the most contacts per touch point and day, -1 where nothing scarce is used."""
    capacity = np.full((channels, days), -1, np.int64)
    for item in scarce:
        fits = np.maximum(np.floor(item.left / item.per_contact + 1e-9), 0.0).astype(np.int64)
        row = capacity[item.channel]
        capacity[item.channel] = np.where(row < 0, fits, np.minimum(row, fits))
    return capacity


def lay_out(problem: Problem) -> Layout:
    """Lay out a problem."""
    candidates = problem.candidates
    capacity = day_capacity(problem.scarce, problem.channels, problem.days)
    there = (capacity != 0) @ (np.uint64(1) << np.arange(problem.days, dtype=np.uint64))
    mask = problem.judgement.open_days & there[candidates.channel]
    row = np.flatnonzero(mask)
    home = problem.household[candidates.person[row]]
    if len(row) and (np.diff(home) < 0).any():
        order = np.lexsort((candidates.person[row], home))
        row, home = row[order], home[order]
    begins = np.flatnonzero(np.r_[True, home[1:] != home[:-1]]) if len(row) else np.zeros(0, np.int64)
    house = home[begins]
    mask, channel = mask[row], candidates.channel[row]
    groups = _day_groups(problem, capacity, mask, channel)
    confined = _confined(groups, mask, channel)
    offer, second = candidates.offer[row], candidates.second[row]
    price_class = (offer * problem.channels + channel) * (1 << GROUPS) + confined
    conflicts = bool(problem.rivals.any()) or bool((second > 0.0).any())
    room, rooms = _rooms(problem, house)
    return Layout(
        row=row,
        starts=np.r_[begins, len(row)],
        house=house,
        net=candidates.value[row],
        gross=candidates.value[row] + candidates.cost[row],
        cost=candidates.cost[row],
        second=second,
        person=candidates.person[row].astype(np.int32),
        channel=channel.astype(np.int16),
        offer=offer.astype(np.int16),
        mask=mask,
        price_class=price_class.astype(np.int32),
        room=room,
        rooms=rooms,
        simple=not conflicts,
        capacity=capacity,
        groups=groups,
        rows=_rows(problem, capacity, groups),
    )


def _day_groups(problem: Problem, capacity: Index, mask: Days, channel: Index) -> tuple[tuple[int, ...], ...]:
    """Return the day groups of each touch point: those of all days first, then the sets most contacts are confined to.

    Which sets are taken decides only how tight the bound is, so a sample of the candidates decides it.
    """
    step = max(len(mask) // _SAMPLE, 1)
    seen, through = mask[::step], channel[::step]
    groups: list[tuple[int, ...]] = []
    for place in range(problem.channels):
        if (capacity[place] < 0).all():
            groups.append(())
            continue
        whole = sum(1 << day for day in range(problem.days) if capacity[place, day] > 0)
        sets, often = np.unique(seen[through == place], return_counts=True)
        common = [int(found) for found in sets[np.argsort(-often, kind="stable")] if int(found) != whole]
        groups.append((whole, *common[: GROUPS - 1]))
    return tuple(groups)


def _confined(groups: tuple[tuple[int, ...], ...], mask: Days, channel: Index) -> Index:
    """Return, as bits, the day groups of its touch point that hold all days of each candidate."""
    bits = np.zeros(len(mask), np.int64)
    for place, sets in enumerate(groups):
        if not sets:
            continue
        ours = channel == place
        for at, days in enumerate(sets):
            bits |= np.where(ours & ((mask & ~np.uint64(days)) == 0), 1 << at, 0)
    return bits


def _rooms(problem: Problem, house: Index) -> tuple[NDArray[np.int16], Rooms]:
    """Return the most contacts that the caps leave, for households with candidates and for all persons."""
    people = len(problem.household)
    room = np.full(len(house), PLENTY, np.int64)
    by_person = np.full(people, PLENTY, np.int64)
    by_both = np.full((people, problem.channels), PLENTY, np.int16)
    by_touch = np.full((len(house), problem.channels), PLENTY, np.int16)
    for windows in problem.windows:
        if windows.offer is not None:
            continue  # leaves the bound a bound; the plan itself heeds it
        left = np.minimum(windows.room, PLENTY)
        if windows.cap.scope == "person" and windows.channel is None:
            by_person = np.minimum(by_person, left)
        elif windows.cap.scope == "person":
            by_both[:, windows.channel] = np.minimum(by_both[:, windows.channel], left)
        elif windows.channel is None:
            room = np.minimum(room, left[house])
        else:
            by_touch[:, windows.channel] = np.minimum(by_touch[:, windows.channel], left[house])
    return room.astype(np.int16), (by_person.astype(np.int16), by_both, by_touch)


def _rows(problem: Problem, capacity: Index, groups: tuple[tuple[int, ...], ...]) -> Rows:
    """Write capacities and limits as rows over classes."""
    offers = len(problem.rivals)
    shape = (offers, problem.channels, 1 << GROUPS)
    rows: list[tuple[NDArray[np.float64], float, int, bool, int, int]] = []
    bits = np.arange(1 << GROUPS)
    for place, sets in enumerate(groups):
        for at, days in enumerate(sets):
            use = np.zeros(shape)
            use[:, place, bits >> at & 1 == 1] = 1.0
            held = sum(int(capacity[place, day]) for day in range(problem.days) if days >> day & 1)
            rows.append((use, float(held), -1, False, place, at))
    for number, limit in enumerate(problem.limits):
        use = np.repeat(limit.use[:, :, None], 1 << GROUPS, axis=2)
        if limit.most is not None:
            rows.append((use, limit.most, number, False, -1, -1))
        if limit.least is not None:
            rows.append((-use, -limit.least, number, True, -1, -1))
    if problem.limit is not None:
        rows.append((np.ones(shape), float(problem.limit), -2, False, -1, -1))
    uses, room, limit_of, least, channel, group = zip(*rows, strict=True) if rows else ((), (), (), (), (), ())
    return Rows(
        np.asarray([use.ravel() for use in uses]).reshape(len(rows), offers * problem.channels * (1 << GROUPS)),
        np.asarray(room, np.float64),
        np.asarray(limit_of, np.int64),
        np.asarray(least, bool),
        np.asarray(channel, np.int64),
        np.asarray(group, np.int64),
    )
