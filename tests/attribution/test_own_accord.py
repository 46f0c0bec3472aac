"""How likely responses came of their own accord: where contacts work, where they do not, and where little is known."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from attribution import gather as gathering
from attribution.evidence import Evidence
from attribution.gather import gather
from attribution.observations import Observations
from attribution.own_accord import own_accord
from attribution.reach import Hits
from attribution.stratify import Stratification

DAYS = 120


@pytest.fixture(scope="module")
def looked(observations: Observations) -> tuple[Evidence, Stratification, Hits, Any]:
    """What a first look at the simulated market has, and what it tells."""
    return look(observations)


def look(observations: Observations) -> tuple[Evidence, Stratification, Hits, Any]:
    found: list[Any] = []

    def kept(evidence: Evidence, placed: Stratification, hits: Hits) -> Any:
        table = own_accord(evidence, placed, hits)
        found.extend((evidence, placed, hits, table))
        return table

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(gathering, "own_accord", kept)
        gather(observations)
    return found[0], found[1], found[2], found[3].to_pandas().set_index("response")["own"]


def test_every_response_of_a_person_at_risk_has_a_chance(looked: Any) -> None:
    _, placed, hits, own = looked
    assert own.index.tolist() == hits.answers["response"].tolist()
    assert np.isin(placed.response, own.index).all()
    assert own.between(0.0, 1.0).all()


def test_one_with_no_contact_at_work_came_of_its_own_accord(looked: Any) -> None:
    _, _, hits, own = looked
    with_contact = np.zeros(len(hits.answers), dtype=bool)
    with_contact[hits.after["place"]] = True
    assert (own[~with_contact] == 1.0).all()
    assert 0.1 < own[with_contact].mean() < 0.9


def test_those_that_contacts_caused_are_told_from_those_that_came_anyway(new_book: Any) -> None:
    """A hundred people get a mail and order the day after, as nobody else does; thirty order with none."""
    book = new_book().response(None, 0.5).response(None, DAYS - 0.5)
    rng = np.random.default_rng(4)
    for person in range(1, 601):
        book.person(person, created=-5.0)
    for person in range(1, 101):
        day = float(rng.uniform(35.0, 100.0))
        book.touch(person, day, "mail", "mail", ad="letter", campaign="spring").response(person, day + 0.5)
    for person in range(101, 131):
        book.response(person, float(rng.uniform(35.0, 115.0)))
    _, _, hits, own = look(book.observations())
    caused = np.unique(hits.after["place"])
    assert len(caused) >= 100
    assert own.iloc[caused].mean() < 0.4
    assert (own.drop(own.index[caused]) == 1.0).all()


def test_what_is_not_sure_to_be_an_effect_is_left_to_the_people(new_book: Any) -> None:
    """People who get mails all the time order no more often than before: hardly anything is taken from their habit."""
    book = new_book().response(None, 0.5).response(None, DAYS - 0.5)
    rng = np.random.default_rng(5)
    for person in range(1, 201):
        book.person(person, created=-5.0)
        for _ in range(2):
            book.response(person, float(rng.uniform(1.0, DAYS - 1.0)))
        if person % 2:
            book.touch(person, float(rng.uniform(10.0, 110.0)), "mail", "mail", ad="letter", campaign="spring")
    assert look(book.observations())[3].mean() > 0.97


def test_without_contacts_all_came_of_their_own_accord(new_book: Any) -> None:
    book = new_book().response(None, 0.5).response(None, DAYS - 0.5).person(1, created=0.0).response(1, 50.5)
    assert (look(book.observations())[3] == 1.0).all()
