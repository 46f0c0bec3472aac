"""The likelihood as a textbook has it, counted person by person, and a market of a few persons to count it on."""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from itertools import pairwise
from typing import Any

import numpy as np

from attribution.curves import lag_edges
from attribution.observations import FitOptions

CLOSES = 60
CHANNELS = {"display": 20, "email": 30, "mail": 70}
NEVER = math.inf


def write_market(book: Any, seed: int) -> Any:
    """Write sixty days of six persons, of whom all kinds of records are missing, and who are contacted all the time."""
    rng = np.random.default_rng(seed)

    def day(first: float = 0.0, last: float = CLOSES) -> float:
        return float(rng.uniform(first, last))

    book.response(None, 0.3).response(None, CLOSES - 0.4)
    book.person(1, segment="home", region="north", created=-50.0)
    book.person(2, segment="home", region="south", created=day(0, 30))
    book.person(3, segment="firm", region="north")
    book.person(4, segment=None, region=None, created=-80.0, ordered=-20.0)
    book.person(5, segment="home", region="north", created=-10.0, ordered=day(25, 40))
    book.person(6, segment="firm", region="south", created=day(30, 50))  # 7 is known by touches, 8 by responses alone
    for _ in range(90):
        channel = str(rng.choice(list(CHANNELS)))
        kind = {"display": "impression", "email": "send", "mail": "mail"}[channel]
        if channel != "mail" and rng.random() < 0.25:
            kind = "ghost"
        book.touch(int(rng.integers(1, 8)), day(), channel, kind, ad=str(rng.choice(["a", "b"])), campaign="c")
    for _ in range(25):
        book.response(int(rng.integers(1, 9)), day())
    busy = book.rows["touches"][0]
    at = (busy["occurred_at"] - book.at(0)).total_seconds() / 86_400
    book.response(busy["person"], at).response(3, 41.25).response(3, 41.25)
    book.touch(1, 33.0).touch(1, 33.0).touch(5, 59.9, "push", "ghost")
    for start in (3, 21, 40):
        for on in range(start, start + 5):
            book.bought(on, "tv", 700 + on, region="north").bought(on, "radio", 90 + on)
    book.event("sale", 35, 38, "north").event("snow", 50, 51)
    for channel, carry_over in CHANNELS.items():
        book.channel(channel, targeted=channel == "display", carry_over_days=carry_over)
    return book


@dataclass
class Contact:
    t: float
    channel: str
    ad: str
    made: bool
    ordinal: int = 0


@dataclass
class Person:
    segment: str = ""
    region: str = ""
    entry: float = NEVER
    new_until: float = NEVER
    returning_from: float = NEVER
    contacts: list[Contact] = field(default_factory=list)
    responses: list[float] = field(default_factory=list)


class Count:
    """The likelihood as a textbook has it: rates of each person, over the pieces of time on which they are constant."""

    def __init__(
        self, book: Any, options: FitOptions, edges: dict[str, Any], two_sided: set[str], own: list[float]
    ) -> None:
        self.book, self.options, self.edges, self.two_sided = book, options, edges, two_sided
        self.opens, self.closes = float(options.burn_in_days), float(CLOSES)
        self.clock = self._clock()
        self.persons = self._persons()
        self._number = {id(person): number for number, person in self.persons.items()}
        # They come in order of time, of persons at risk alone; how they are told is tested where it is done.
        at_risk = [(t, n) for n, person in self.persons.items() for t in person.responses if t > person.entry]
        self.own = {(n, t): chance for (t, n), chance in zip(sorted(at_risk), own, strict=True)}
        self.mean = {"contacts": self._mean_contacts(), "habit": self._mean_habit()}

    def _days(self, moment: datetime | None) -> float | None:
        return None if moment is None else (moment - self.book.at(0)).total_seconds() / 86_400

    def _clock(self) -> Callable[[float], float]:
        found = [self._days(row["occurred_at"]) for row in self.book.rows["responses"]]
        number = Counter(int((day % 1.0) * 24) for day in found)
        share = [(1 + number[hour]) / (24 + len(found)) for hour in range(24)]

        def told(day: float) -> float:
            hour = int((day % 1.0) * 24)
            return math.floor(day) + sum(share[:hour]) + ((day % 1.0) * 24 - hour) * share[hour]

        return told

    def _persons(self) -> dict[int, Person]:
        persons: dict[int, Person] = defaultdict(Person)
        listed: dict[int, Any] = {row["person"]: row for row in self.book.rows["persons"]}
        for number in listed:
            persons[number] = Person()
        for row in self.book.rows["touches"]:
            t = self.clock(self._days(row["occurred_at"]))
            contact = Contact(t, row["channel"], row["ad"], row["kind"] != "ghost")
            persons[row["person"]].contacts.append(contact)
        answered = defaultdict(list)
        for row in self.book.rows["responses"]:
            if row["person"] is not None:
                answered[row["person"]].append(self.clock(self._days(row["occurred_at"])))
        self.answered = {number: sorted(times) for number, times in answered.items()}
        for number, person in persons.items():
            row = listed.get(number)
            created, ordered = (self._days(row[name]) if row else None for name in ("created_at", "first_order_at"))
            times = self.answered.get(number, [])
            person.responses = [t + 1e-7 * times[:place].count(t) for place, t in enumerate(times)]
            if row:
                person.segment, person.region = row["segment"] or "", row["region"] or ""
            first = min([contact.t for contact in person.contacts], default=NEVER)
            listed_from = (0.0 if created is None else self.clock(created)) if row else NEVER
            person.entry = min(first, listed_from)
            came = [*person.responses, *([] if ordered is None else [self.clock(ordered)])]
            person.returning_from = min(came, default=NEVER)
            unknown = row is not None and created is None and ordered is None
            person.new_until = -NEVER if unknown else person.returning_from
            for contact in person.contacts:
                contact.ordinal = 1 + sum(
                    other.made and other.channel == contact.channel and contact.t - 30.0 <= other.t < contact.t
                    for other in person.contacts
                )
        return persons

    def counting(self, person: Person) -> list[tuple[float, float]]:
        """Times in which each contact of the channel that targets counts: on both sides of it, or after it."""
        length = self.options.intensity_days
        before = 0.5 * length if "display" in self.two_sided else 0.0
        return [(c.t - before, c.t - before + length) for c in person.contacts if c.channel == "display"]

    def _mean_contacts(self) -> list[float]:
        """By day; of what begins or ends on the day itself, half is taken."""

        def counts(begins: float, ends: float, day: int) -> float:
            first, last = max(math.floor(begins), 0), max(math.floor(ends), 0)
            return (first < day) + 0.5 * (first == day) - (last < day) - 0.5 * (last == day)

        times = [ends for person in self.persons.values() for ends in self.counting(person)]
        return [sum(counts(*ends, day) for ends in times) / self._persons_by(day) for day in range(CLOSES)]

    def _mean_habit(self) -> list[float]:
        kept = 0.5 ** (1.0 / self.options.habit_half_life_days)
        # Of persons who are not at risk too.
        all_times = [(t, self.own.get((n, t), 1.0)) for n, times in self.answered.items() for t in times]
        return [
            sum(own * kept ** (day - math.floor(t) - 0.5) for t, own in all_times if math.floor(t) < day)
            / self._persons_by(day)
            for day in range(CLOSES)
        ]

    def _persons_by(self, day: int) -> int:
        return max(sum(math.floor(max(person.entry, 0.0)) <= day for person in self.persons.values()), 1)

    def stratum(self, person: Person, moment: float) -> tuple[str, str, int, int]:
        day, a = math.floor(moment), self.options.shrinkage

        def bin_of(name: str, amount: float) -> int:
            ratio = math.log((amount + a) / (self.mean[name][day] + a))
            return int(np.searchsorted(self.edges[f"{name}_ratio"], ratio, side="right"))

        history = 0
        if moment >= person.new_until:
            history = 1
            if moment >= person.returning_from:
                half_life, number = self.options.habit_half_life_days, self._number[id(person)]
                answers = [t for t in person.responses if t < moment]
                habit = sum(self.own.get((number, t), 1.0) * 2.0 ** ((t - day) / half_life) for t in answers)
                history = 2 + bin_of("habit", habit)
        intensity = bin_of("contacts", sum(begins <= moment < ends for begins, ends in self.counting(person)))
        return person.segment, person.region, intensity, history

    def pieces(self, person: Person) -> Iterator[tuple[float, float]]:
        cuts = {max(person.entry, self.opens), self.closes, person.new_until, person.returning_from}
        cuts |= set(map(float, range(CLOSES))) | set(person.responses)
        cuts |= {end for ends in self.counting(person) for end in ends}
        for contact in person.contacts:
            cuts |= {contact.t + edge for edge in lag_edges(CHANNELS.get(contact.channel, 30))}
            cuts |= {contact.t - edge for edge in lag_edges(CHANNELS.get(contact.channel, 30))}
        times = sorted(cut for cut in cuts if max(person.entry, self.opens) <= cut <= self.closes)
        yield from ((begin, end) for begin, end in pairwise(times) if end > begin)

    def at_work(
        self, person: Person, begin: float, end: float, *, to_come: bool = False
    ) -> Iterator[tuple[Contact, int, float]]:
        """Contacts at work on a piece, or to come, each with its lag bucket and the width of that."""
        middle = 0.5 * (begin + end)
        for contact in person.contacts:
            edges = lag_edges(CHANNELS.get(contact.channel, 30))
            lag = contact.t - middle if to_come else middle - contact.t
            bucket = int(np.searchsorted(edges, lag)) - 1
            if 0 <= bucket < len(edges) - 1:
                yield contact, bucket, edges[bucket + 1] - edges[bucket]

    def log_likelihood(self, rate: Callable[[Person, float, float], float]) -> float:
        value = 0.0
        for person in self.persons.values():
            ends = {}
            for begin, end in self.pieces(person):
                ends[end] = here = rate(person, begin, end)
                value -= here * (end - begin)
            value += sum(math.log(ends[t]) for t in person.responses if t in ends)
        return value
