"""Strata: what they look at, that they never look ahead, and that they hold all the time at risk."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

import numpy as np
import pyarrow as pa
import pytest

from attribution import stratify as module
from attribution.evidence import Evidence
from attribution.observations import FitOptions
from attribution.stratify import Signal, Stratification, stratify
from attribution.timeline import lay_timeline

OPTIONS = FitOptions(burn_in_days=10, intensity_bins=4, habit_bins=3)
FINE = {"contacts_ratio": np.arange(-3.0, 3.0, 0.25), "habit_ratio": np.arange(-3.0, 3.0, 0.25)}


def placed(found: Stratification) -> list[tuple[str, str, int, int, int]]:
    """Stratum and day of each response, by its number."""
    strata, order = found.strata, np.argsort(found.response)
    return [
        (
            strata.segments[strata.segment[row]],
            strata.regions[strata.region[row]],
            int(strata.intensity[row]),
            int(strata.history[row]),
            int(day),
        )
        for row, day in zip(found.stratum[order], found.day[order], strict=True)
    ]


LOOKING_BACK = Signal(before=("display",), days=20.0)
BOTH_SIDES = Signal(both_sides=("display",), days=20.0)


def stratified(
    book: Any, options: FitOptions = OPTIONS, signal: Signal = LOOKING_BACK, own: Mapping[int, float] | None = None
) -> Stratification:
    timeline = lay_timeline(book.observations(), options)
    chances = pa.table({"response": [*own], "own": [*own.values()]}) if own else None
    return stratify(timeline, signal, options, chances)


@pytest.fixture
def fixed_edges(monkeypatch: pytest.MonkeyPatch) -> None:
    """The edges of the bins are read from all the data; what a person's stratum depends on is told with them held."""
    monkeypatch.setattr(module, "_edges", lambda _rated, column, _bins: FINE[column])


SHOWN = {
    "nothing": [],
    "shown": [(20.5, "display", "impression")],
    "withheld": [(20.5, "display", "ghost")],
    "just now": [(30.4, "display", "impression")],
    "both": [(20.5, "display", "impression"), (21.5, "display", "ghost")],
    "others": [(20.5, "email", "send"), (20.6, "display", "click"), (20.7, "display", "visit")],
    "afterwards": [(31.5, "display", "impression")],
    "too long ago": [(10.4, "display", "impression")],
    "long ago": [(10.6, "display", "impression")],
}


@pytest.fixture
def intensity(new_book: Any, fixed_edges: None) -> dict[str, int]:
    """Intensity at the order on day 30.5 of people to whom different things happened."""
    del fixed_edges
    book = new_book().response(None, 0.5).response(None, 39.5)
    for person, touches in enumerate(SHOWN.values()):
        book.person(person, created=-5.0).response(person, 30.5)
        for day, channel, kind in touches:
            book.touch(person, day, channel, kind)
    return dict(zip(SHOWN, [row[2] for row in placed(stratified(book))], strict=True))


def test_the_strata_count_contacts_of_channels_that_target_ghosts_included(intensity: dict[str, int]) -> None:
    assert intensity["nothing"] < intensity["shown"] == intensity["withheld"] < intensity["both"]


@pytest.mark.parametrize("what", ["others", "afterwards", "too long ago"])
def test_the_strata_look_at_nothing_else(intensity: dict[str, int], what: str) -> None:
    assert intensity[what] == intensity["nothing"]


@pytest.mark.parametrize("when", ["just now", "long ago"])
def test_where_in_the_time_looked_at_a_contact_lies_makes_no_difference(intensity: dict[str, int], when: str) -> None:
    assert intensity[when] == intensity["shown"]


class TestBothSides:
    """Contacts of a channel that responses leave alone count before them as much as after."""

    @pytest.fixture
    def strata(self, new_book: Any, fixed_edges: None) -> dict[str, tuple[int, ...]]:
        """Intensity at orders on days 25.5, 30.5 and 35.5 of people contacted on different days."""
        del fixed_edges
        shown = {"nothing": [], "between": [30.4], "early": [15.6], "twice": [21.5, 39.5], "late": [45.4]}
        book = new_book().response(None, 0.5).response(None, 39.5 + 20.0)
        for person, days in enumerate(shown.values(), start=1):
            book.person(person, created=-5.0).response(person, 25.5).response(person, 30.5).response(person, 35.5)
            for day in days:
                book.touch(person, day, "display", "impression")
        found = [row[2] for row in placed(stratified(book, signal=BOTH_SIDES))]
        return {name: tuple(found[row :: len(shown)]) for row, name in enumerate(shown)}  # numbered in order of time

    def test_a_contact_counts_as_much_before_it_as_after(self, strata: dict[str, tuple[int, ...]]) -> None:
        before, at, after = strata["between"]
        assert strata["nothing"][0] < before == at == after

    def test_contacts_on_both_sides_add_up(self, strata: dict[str, tuple[int, ...]]) -> None:
        assert strata["twice"][1] > strata["between"][1] > strata["nothing"][1]

    def test_what_is_further_off_than_half_the_time_does_not_count(self, strata: dict[str, tuple[int, ...]]) -> None:
        counted, nothing = strata["between"], strata["nothing"]
        assert strata["early"] == (counted[0], *nothing[1:])
        assert strata["late"] == (*nothing[:2], counted[2])


class TestPredictability:
    def test_a_stratum_is_the_same_whatever_comes_after(self, new_book: Any, fixed_edges: None) -> None:
        del fixed_edges
        rng = np.random.default_rng(8)
        book = new_book().response(None, 0.5)
        for person in range(1, 31):
            created = None if person % 7 == 0 else float(rng.uniform(-20.0, 20.0))
            book.person(person, segment=f"s{person % 2}", created=created)
            for _ in range(rng.poisson(6)):
                book.touch(person, float(rng.uniform(0.0, 60.0)), "display", str(rng.choice(["impression", "ghost"])))
            for _ in range(rng.poisson(2)):
                book.response(person, float(rng.integers(0, 60)) + 0.5)  # noon: all clocks agree
        whole = placed(stratified(book.response(None, 59.5)))
        for day in (25, 40, 50):
            known = new_book()
            known.rows = {
                name: [row for row in rows if row.get("occurred_at", book.at(0)) <= book.at(day + 0.5)]
                for name, rows in book.rows.items()
            }
            before = placed(stratified(known.response(None, day + 0.5)))
            assert 5 < len(before) < len(whole)
            assert before == whole[: len(before)]


class TestHistory:
    @pytest.fixture
    def history(self, new_book: Any) -> list[int]:
        """History at each of the orders of three persons: new, unknown, and one who ordered before."""
        book = new_book().response(None, 0.5).response(None, 39.5)
        book.person(1, created=-5.0).response(1, 20.5).response(1, 30.5)
        book.person(2).response(2, 21.5).response(2, 31.5)
        book.person(3, created=-90.0, ordered=-30.0).response(3, 22.5)
        return [history for _, _, _, history, _ in placed(stratified(book))]

    def test_new_unknown_and_returning_are_told_apart(self, history: list[int]) -> None:
        first = history[:3]
        assert first[:2] == [0, 1]
        assert first[2] >= 2
        assert min(history[3:]) >= 2

    def test_a_habit_of_ordering_is_told_from_one_order_long_ago(self, new_book: Any, fixed_edges: None) -> None:
        del fixed_edges
        book = new_book().response(None, 0.5).response(None, 39.5).person(1).person(2)
        for day in (15.5, 17.5, 19.5, 30.5):
            book.response(1, day)
        found = placed(stratified(book.response(2, 2.5).response(2, 30.5)))
        often, seldom = (row[3] for row in found[-2:])
        assert often > seldom >= 2

    def test_what_contacts_caused_is_no_habit(self, new_book: Any, fixed_edges: None) -> None:
        del fixed_edges
        book = new_book().response(None, 0.5).response(None, 39.5)
        for person in (1, 2, 3):
            book.person(person).response(person, 15.5 + person).response(person, 25.5 + person)
        found = placed(stratified(book, own={0: 1.0, 1: 0.5, 2: 0.0}))  # numbered in order of time
        of_its_own, doubtful, caused = (row[3] for row in found[3:])
        assert of_its_own > doubtful > caused >= 2


class TestPersonDays:
    def test_all_the_time_at_risk_is_in_some_stratum_on_its_own_day(self, new_book: Any) -> None:
        book = new_book().response(None, 0.5).response(None, 39.5)
        book.person(1, created=-5.0).person(2, created=15.25).person(3).response(3, 20.5).touch(3, 12.5, "display")
        found = stratified(book.touch(4, 38.5, "display"))
        by_day = found.strata.person_days.sum(axis=0)
        expected = np.full(30, 2.0)
        expected[5:] += 1.0
        expected[5] -= 0.25
        expected[28:] += [0.5, 1.0]
        assert by_day == pytest.approx(expected)

    def test_those_contacted_most_are_told_from_those_contacted_often(self, evidence: Evidence) -> None:
        strata = evidence.strata
        share = np.bincount(strata.intensity, strata.person_days.sum(axis=1))
        share = share / share.sum()
        assert 4 <= len(share) <= 8
        assert share[-1] < 0.5 / len(share)  # of bins of equal time, the last would hold them all

    def test_one_bin_of_each_leaves_segment_region_and_history(self, new_book: Any) -> None:
        book = new_book().response(None, 0.5).response(None, 39.5).person(1, segment="a").person(2, segment="b")
        for day in (12.5, 14.5, 21.5):
            book.touch(1, day, "display").response(2, day)
        strata = stratified(book, replace(OPTIONS, intensity_bins=1, habit_bins=1)).strata
        assert set(strata.intensity) == {0}
        assert sorted(strata.history.tolist()) == [1, 1, 2]

    def test_without_a_channel_that_targets_all_have_one_intensity(self, new_book: Any) -> None:
        book = new_book().response(None, 0.5).response(None, 39.5).person(1).person(2, created=3.0)
        strata = stratified(book.touch(1, 20.5).response(2, 22.5), signal=Signal()).strata
        assert set(strata.intensity) == {0}

    def test_responses_fall_where_there_is_time_at_risk(self, evidence: Evidence) -> None:
        strata, states = evidence.strata, evidence.states
        counts = strata.quiet.copy()
        np.add.at(counts, (states.stratum, states.day), 1.0)
        assert (strata.person_days[counts > 0] > 0.0).all()
