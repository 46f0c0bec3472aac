"""Which channels responses leave alone: told from the days around responses, and doubted where it cannot be told."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from attribution.mirroring import left_alone_by_responses
from attribution.observations import FitOptions
from attribution.timeline import lay_timeline

DAYS, PEOPLE = 150, 200
Times = list[float]


def told(new_book: Any, lives: Callable[[np.random.Generator], tuple[Times, Times]], people: int = PEOPLE) -> bool:
    """Whether a channel is left alone in a market of people whose contacts and responses ``lives`` draws."""
    rng = np.random.default_rng(4)
    book = new_book().response(None, 0.5).response(None, DAYS - 0.5)
    for person in range(1, people + 1):
        book.person(person, created=-5.0)
        contacts, responses = lives(rng)
        for day in contacts:
            if day < DAYS:
                book.touch(person, day, "display", "impression" if rng.random() < 0.8 else "ghost")
        for day in responses:
            if day < DAYS:
                book.response(person, day)
    timeline = lay_timeline(book.observations(), FitOptions())
    return left_alone_by_responses(timeline, ["display"]) == ("display",)


def some(rng: np.random.Generator, mean: float) -> Times:
    return [float(day) for day in rng.uniform(0.0, DAYS, rng.poisson(mean))]


def apart(rng: np.random.Generator) -> tuple[Times, Times]:
    return some(rng, 6.0), some(rng, 3.0)


def intent(rng: np.random.Generator) -> tuple[Times, Times]:
    """Contacts and responses come in the same month, in any order."""
    begins = float(rng.uniform(0.0, DAYS - 30.0))
    return [begins + 0.2 * day for day in some(rng, 4.0)], [begins + 0.2 * day for day in some(rng, 3.0)]


def effect(rng: np.random.Generator) -> tuple[Times, Times]:
    contacts = some(rng, 6.0)
    return contacts, [*some(rng, 1.0), *(day + 1.0 for day in contacts if rng.random() < 0.3)]


def suppressed(days: float) -> Callable[[np.random.Generator], tuple[Times, Times]]:
    def lives(rng: np.random.Generator) -> tuple[Times, Times]:
        contacts, responses = apart(rng)
        return [day for day in contacts if not any(0.0 < day - came < days for came in responses)], responses

    return lives


def followed_up(rng: np.random.Generator) -> tuple[Times, Times]:
    contacts, responses = apart(rng)
    return [*contacts, *(day + 2.0 for day in responses)], responses


@pytest.mark.parametrize("lives", [apart, intent, effect])
def test_what_comes_by_chance_by_intent_or_from_the_contacts_themselves_is_left_alone(
    new_book: Any, lives: Callable[[np.random.Generator], tuple[Times, Times]]
) -> None:
    assert told(new_book, lives)


@pytest.mark.parametrize("days", [5.0, 14.0, 30.0, 90.0])
def test_a_channel_that_buyers_are_taken_off_is_not(new_book: Any, days: float) -> None:
    assert not told(new_book, suppressed(days))


def test_a_channel_that_follows_buyers_up_is_not(new_book: Any) -> None:
    assert not told(new_book, followed_up)


def test_with_too_few_contacts_to_tell_nothing_is_assumed(new_book: Any) -> None:
    assert not told(new_book, apart, people=4)


def test_without_channels_or_people_there_is_nothing_to_tell(new_book: Any) -> None:
    timeline = lay_timeline(new_book().response(None, 0.5).response(None, 59.5).observations(), FitOptions())
    assert left_alone_by_responses(timeline, []) == ()
    assert left_alone_by_responses(timeline, ["display"]) == ()
