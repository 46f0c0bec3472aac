"""Evidence: exposure counted by hand, and what it may not depend on."""

from __future__ import annotations

from dataclasses import fields, is_dataclass, replace
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

import attribution.gather as gathering
from attribution.evidence import Evidence
from attribution.gather import gather
from attribution.observations import FitOptions
from campaigns.faults import RefusedError
from campaigns.terms import GOALS

OPTIONS = FitOptions(burn_in_days=20)
EMAIL, DISPLAY = "email", "display"


@pytest.fixture(scope="module")
def written(new_book: Any) -> Any:
    """Sixty days, window from day 20; every e-mail has an ad of its own, named after its person. All orders at noon."""
    book = new_book().response(None, 0.5).response(None, 59.5)
    for person in (1, 2, 3, 4, 6, 7):
        book.person(person, created=-10.0)
    book.person(5).person(8, created=-90.0, ordered=-60.0)
    book.touch(1, 25.5, ad="1")
    book.touch(2, 50.5, ad="2")
    book.touch(3, 18.5, ad="3")
    book.touch(4, 30.5, ad="4").response(4, 35.5)
    book.touch(5, 25.5, ad="5")
    book.touch(6, 25.5, DISPLAY, "impression", ad="d").touch(6, 40.5, DISPLAY, "ghost", ad="d").response(6, 41.5)
    book.response(7, 30.5).response(7, 15.5).response(8, 45.5).touch(8, 44.5, ad="8")
    book.touch(9, 33.5, ad="9").response(10, 47.5).response(4, 36.5, "lead")
    book.touch(1, 26.5, EMAIL, "open", ad="1").touch(1, 26.6, EMAIL, "click", ad="1").touch(1, 26.7, EMAIL, "visit")
    return book


@pytest.fixture(scope="module")
def found(written: Any) -> Evidence:
    return gather(written.observations(), OPTIONS)


def days(found: Evidence, ad: str, phase: int, column: str = "days") -> list[float]:
    """Exposure to an ad by lag bucket."""
    cells = found.cells
    unit = [unit.ad for unit in found.units].index(ad)
    total = np.zeros(5)
    rows = (cells.unit == unit) & (cells.phase == phase)
    np.add.at(total, cells.bucket[rows], getattr(cells, column)[rows])
    return [round(float(value), 9) for value in total]


class TestExposure:
    def test_a_contact_that_can_work_to_its_end_spends_the_width_of_each_bucket(self, found: Evidence) -> None:
        assert days(found, "1", 0) == [1.0, 2.0, 4.0, 7.0, 16.0]
        assert days(found, "1", 1) == [0.0] * 5

    def test_the_end_of_the_data_cuts_it_short_but_not_what_it_is_projected_to_do(self, found: Evidence) -> None:
        assert days(found, "2", 0) == [1.0, 2.0, 4.0, 2.5, 0.0]
        assert days(found, "2", 0, "projected") == [1.0, 2.0, 4.0, 7.0, 16.0]

    def test_of_a_contact_in_the_burn_in_only_what_lies_in_the_window_counts(self, found: Evidence) -> None:
        assert days(found, "3", 0) == [0.0, 1.5, 4.0, 7.0, 16.0]
        assert days(found, "3", 0, "projected") == [0.0] * 5

    def test_a_first_response_ends_exposure_as_a_new_customer(self, found: Evidence) -> None:
        assert days(found, "4", 0) == days(found, "4", 0, "projected") == [1.0, 2.0, 2.0, 0.0, 0.0]
        assert days(found, "4", 1) == [0.0, 0.0, 2.0, 7.0, 15.5]
        assert days(found, "4", 1, "projected") == [0.0, 0.0, 2.0, 7.0, 16.0]

    def test_who_may_have_responded_before_is_never_new(self, found: Evidence) -> None:
        assert days(found, "5", 0) == [0.0] * 5
        assert days(found, "5", 1) == [1.0, 2.0, 4.0, 7.0, 16.0]

    def test_who_ordered_before_the_data_is_a_returning_customer(self, found: Evidence) -> None:
        assert days(found, "8", 1) == [1.0, 2.0, 4.0, 7.0, 1.5]

    def test_who_is_known_by_the_contact_alone_is_exposed_to_it(self, found: Evidence) -> None:
        assert days(found, "9", 0) == [1.0, 2.0, 4.0, 7.0, 12.5]

    def test_ghosts_count_as_intent_and_not_as_effect(self, found: Evidence) -> None:
        assert days(found, "d", 0) == [1.0, 2.0, 4.0, 7.0, 2.0]  # until the order of day 41.5
        assert days(found, "d", 1) == [0.0, 0.0, 0.0, 0.0, 14.0]
        assert found.intent.days.tolist() == pytest.approx([2.0, 4.0, 8.0, 14.0, 21.5])
        assert {found.channels[row].name for row in found.intent.channel} == {DISPLAY}

    def test_widths_are_those_of_the_buckets(self, found: Evidence) -> None:
        assert found.cells.width.tolist() == np.array([1.0, 2.0, 4.0, 7.0, 16.0])[found.cells.bucket].tolist()


class TestBothSides:
    """Where responses leave a channel alone, the days before its contacts tell the intent around them too."""

    @pytest.fixture
    def both(self, written: Any, new_book: Any, monkeypatch: pytest.MonkeyPatch) -> Evidence:
        book = new_book()
        book.rows = {name: list(rows) for name, rows in written.rows.items()}
        monkeypatch.setattr(gathering, "left_alone_by_responses", lambda _timeline, targeting: tuple(targeting))
        book.channel(DISPLAY, targeted=True).touch(8, 47.0, DISPLAY, "impression", ad="late")
        return gather(book.observations(), OPTIONS)

    def test_days_before_contacts_count_as_those_after_them(self, both: Evidence) -> None:
        # Of person 6, contacted on days 25.5 and 40.5, and person 8, on day 47; the window is days 20 to 59.
        assert [channel.name for channel in both.channels if channel.two_sided] == [DISPLAY]
        assert both.intent.days.tolist() == pytest.approx([6.0, 12.0, 22.5, 34.0, 28.0 + 13.0])

    def test_effects_come_after_contacts_only(self, both: Evidence, found: Evidence) -> None:
        assert days(both, "d", 0) == days(found, "d", 0)
        assert both.linked == found.linked

    def test_a_response_before_a_contact_names_the_intent_and_no_effect_of_it(self, both: Evidence) -> None:
        row = list(both.states.day).index(45 - 20)
        cells = both.states.cell[both.states.starts[row] : both.states.starts[row + 1]]
        made = cells[cells < len(both.cells.unit)]
        assert [both.units[unit].ad for unit in both.cells.unit[made]] == ["8"]
        assert both.intent.bucket[cells[cells >= len(both.cells.unit)] - len(both.cells.unit)].tolist() == [1]


class TestResponses:
    def test_all_of_the_window_are_counted_and_those_of_nobody_at_risk_set_apart(self, found: Evidence) -> None:
        assert found.responses == 6  # persons 4, 6, 7 once, 8, 10 and nobody
        assert found.unexposed == 2  # 10, who is known only by it, and nobody
        assert found.by_day.sum() == 4

    def test_first_responses_are_those_of_people_known_to_be_new(self, found: Evidence) -> None:
        assert found.first_responses == 2  # of 4 and 6; 7 had ordered on day 15

    def test_each_state_names_the_contacts_at_work_just_before(self, found: Evidence) -> None:
        states, cells = found.states, found.cells
        said = {}
        for row, day in enumerate(states.day):
            names = []
            for cell in states.cell[states.starts[row] : states.starts[row + 1]]:
                if cell < len(cells.unit):
                    names.append(f"{found.units[cells.unit[cell]].ad}:{cells.bucket[cell]}/{cells.phase[cell]}")
                else:
                    names.append(f"intent:{found.intent.bucket[cell - len(cells.unit)]}")
            said[20 + int(day)] = sorted(names)
        assert said == {
            35: ["4:2/0"],
            41: ["d:4/0", "intent:0", "intent:4"],  # a day after the ghost is still within its first
            45: ["8:0/1"],
        }

    def test_the_rest_is_quiet(self, found: Evidence) -> None:
        stratum, day = np.nonzero(found.strata.quiet)
        assert (20 + day).tolist() == [30]
        assert found.strata.phase[stratum].tolist() == [1]

    def test_linked_are_those_that_a_contact_preceded(self, found: Evidence) -> None:
        assert found.linked == 3

    def test_a_response_that_only_a_ghost_preceded_is_not_linked(self, new_book: Any) -> None:
        book = new_book().response(None, 0.5).response(1, 59.5).person(1, created=-5.0)
        book.touch(1, 58.5, kind="ghost").touch(2, 30.5)
        found = gather(book.observations(), OPTIONS)
        assert (found.linked, len(found.states.response)) == (0, 1)

    def test_a_contact_at_the_very_time_of_a_response_did_not_cause_it(self, new_book: Any) -> None:
        book = new_book().response(None, 0.5).response(1, 40.5).response(None, 59.5).person(1, created=-5.0)
        found = gather(book.touch(1, 40.5).observations(), OPTIONS)
        assert len(found.states.response) == 0
        assert found.strata.quiet.sum() == 1


class TestChannels:
    def test_steps_are_no_contacts_but_the_click_on_a_paid_search_is(self, found: Evidence, new_book: Any) -> None:
        assert {channel.name: channel.touches for channel in found.channels} == {DISPLAY: 1, EMAIL: 7}
        book = new_book().response(None, 0.5).response(1, 59.5).person(1, created=-5.0)
        book.touch(1, 30.5, "search", "click").touch(1, 31.5, "email", "click").touch(1, 32.5, "search", "visit")
        assert [unit.channel for unit in gather(book.observations(), OPTIONS).units] == ["search"]

    def test_contacts_of_the_burn_in_are_told_from_those_of_the_window(self, found: Evidence) -> None:
        display, email = found.channels
        assert (email.touches, email.window_touches, email.ghosts) == (7, 6, 0)
        assert (display.touches, display.window_touches, display.ghosts) == (1, 1, 1)
        assert sum(unit.window_touches for unit in found.units) == 7

    def test_a_channel_of_which_nothing_was_ever_sent_has_no_effect_to_estimate(self, new_book: Any) -> None:
        book = new_book().response(None, 0.5).response(1, 59.5).person(1, created=-5.0).touch(1, 40.5, kind="ghost")
        found = gather(book.observations(), OPTIONS)
        assert (found.channels, found.units, len(found.cells.unit), len(found.intent.channel)) == ((), (), 0, 0)

    def test_a_carry_over_is_the_channels_own_unless_the_goal_says_otherwise(self, new_book: Any) -> None:
        book = new_book().response(None, 0.5).response(1, 59.5).person(1, created=-5.0)
        book.touch(1, 50.5).touch(1, 51.5, "mail", "mail").channel("email", carry_over_days=7).channel("mail")
        own = gather(book.observations(), OPTIONS).channels
        assert [channel.edges[-1] for channel in own] == [7.0, 30.0]
        goal = replace(GOALS["order"], carry_over_days=25)
        longer = gather(book.observations(), replace(OPTIONS, goal=goal))
        assert [channel.edges[-1] for channel in longer.channels] == [25.0, 25.0]
        assert longer.window.days == 35

    def test_a_carry_over_of_less_than_a_day_is_refused(self, new_book: Any) -> None:
        book = new_book().response(None, 0.5).response(1, 59.5).touch(1, 30.5).channel("email", carry_over_days=-3)
        with pytest.raises(RefusedError, match="found -3 for email; expected 1 or more days"):
            gather(book.observations(), OPTIONS)


class TestPoorData:
    def test_without_touches_and_spend_all_is_quiet(self, new_book: Any) -> None:
        book = new_book().response(None, 0.5).response(1, 40.5).response(None, 59.5).person(1, created=-5.0)
        found = gather(book.observations(), OPTIONS)
        assert (found.channels, found.media.names, found.linked) == ((), (), 0)
        assert (found.responses, found.strata.quiet.sum(), found.unexposed) == (2, 1.0, 1)

    def test_with_responses_of_nobody_alone_nobody_is_at_risk(self, new_book: Any) -> None:
        book = new_book().response(None, 0.5).response(None, 40.5).response(None, 59.5)
        found = gather(book.observations(), OPTIONS)
        assert (found.responses, found.unexposed, found.base_rate) == (2, 2, 0.0)
        assert not found.known_history

    def test_where_nobody_is_known_to_be_new_the_evidence_says_so(self, new_book: Any) -> None:
        book = new_book().response(None, 0.5).response(1, 40.5).response(None, 59.5).person(1).touch(1, 33.5)
        found = gather(book.observations(), OPTIONS)
        assert not found.known_history
        assert found.first_responses == 0


def assert_same(one: Any, other: Any, where: str = "evidence") -> None:
    """Compare two pieces of evidence down to the last array."""
    if is_dataclass(one):
        for field in fields(one):
            assert_same(getattr(one, field.name), getattr(other, field.name), f"{where}.{field.name}")
    elif isinstance(one, tuple):
        assert len(one) == len(other), where
        for row, (left, right) in enumerate(zip(one, other, strict=True)):
            assert_same(left, right, f"{where}[{row}]")
    elif isinstance(one, np.ndarray):
        assert one.shape == other.shape, where
        assert one == pytest.approx(other, rel=1e-12, abs=1e-9), where
    else:
        assert one == other, where


class TestWhatDoesNotMatter:
    def test_the_kind_of_frame(self, written: Any, found: Evidence, other_frames: Any) -> None:
        assert_same(found, gather(other_frames(written.tables()), OPTIONS))

    def test_the_order_of_rows(self, written: Any, found: Evidence) -> None:
        shuffled = gather(written.shuffled(1).observations(), OPTIONS)
        # All but the places themselves that responses and touches have among those given.
        unplaced = replace(shuffled.states, row=found.states.row, touch=found.states.touch)
        assert_same(found, replace(shuffled, states=unplaced))

    def test_text_names_of_persons(self, written: Any, found: Evidence) -> None:
        tables = written.tables()
        for name in ("touches", "responses", "persons"):
            table = tables[name]
            names = [None if person is None else f"C{person:02}" for person in table["person"].to_pylist()]
            tables[name] = table.set_column(table.schema.get_field_index("person"), "person", [names])
        assert_same(found, gather(type(written.observations())(**tables), OPTIONS))


def test_a_zone_east_of_greenwich_counts_from_its_own_midnights(written: Any, found: Evidence) -> None:
    tokyo = gather(written.observations(), replace(OPTIONS, zone=ZoneInfo("Asia/Tokyo")))  # 12:00 there is 21:00
    assert tokyo.window == found.window
    assert days(tokyo, "1", 0) == days(found, "1", 0)
    # The data end at midnight there, three eighths of a day sooner, and so does the burn-in.
    assert days(tokyo, "2", 0) == pytest.approx([1.0, 2.0, 4.0, 2.125, 0.0])
    assert days(tokyo, "3", 0) == pytest.approx([0.0, 1.875, 4.0, 7.0, 16.0])
