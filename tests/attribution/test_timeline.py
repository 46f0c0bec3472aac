"""The clock of a fit: which events count, when they fell, and who was at risk from when on."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
import pandas as pd
import pytest

from attribution.observations import FitOptions, Observations
from attribution.timeline import Timeline, lay_timeline
from campaigns.faults import RefusedError
from campaigns.terms import GOALS

OPTIONS = FitOptions(burn_in_days=10)


@pytest.fixture
def book(new_book: Any) -> Any:
    """Forty days of data, told by two anonymous orders at noon: on all clocks here noon is noon."""
    return new_book().response(None, 0.5).response(None, 39.5)


def touches(book: Any, options: FitOptions = OPTIONS) -> pd.DataFrame:
    return frame(lay_timeline(book.observations(), options).touches).sort_values(["person", "t", "channel"])


def persons(book: Any, options: FitOptions = OPTIONS) -> pd.DataFrame:
    return frame(lay_timeline(book.observations(), options).persons).set_index("person").sort_index()


def responses(book: Any, options: FitOptions = OPTIONS) -> pd.DataFrame:
    return frame(lay_timeline(book.observations(), options).responses).sort_values("response")


def frame(lazy: Any) -> pd.DataFrame:
    return lazy.collect("pyarrow").to_native().to_pandas()


class TestWhichDays:
    def test_the_data_begin_and_end_with_what_happened(self, book: Any) -> None:
        timeline = lay_timeline(book.touch(1, 44.2).observations(), OPTIONS)
        assert (timeline.first_day, timeline.last_day) == (date(2026, 1, 5), date(2026, 2, 18))
        assert (timeline.opens, timeline.closes) == (10.0, 45.0)

    def test_the_window_starts_after_the_burn_in(self, book: Any) -> None:
        window = lay_timeline(book.observations(), OPTIONS).window
        assert (window.start, window.end, window.days) == (date(2026, 1, 15), date(2026, 2, 13), 30)

    def test_a_goal_with_a_longer_carry_over_burns_in_for_as_long(self, new_book: Any) -> None:
        book = new_book().response(None, 0.5, "won").response(None, 199.5, "won")
        timeline = lay_timeline(book.observations(), replace(OPTIONS, goal=GOALS["won"]))
        assert timeline.opens == 180.0

    def test_days_can_be_left_out_at_both_ends(self, book: Any) -> None:
        book.touch(1, 3.0).touch(1, 8.0).response(1, 12.5).response(1, 35.5)
        options = replace(OPTIONS, starts_on=book.on(5), ends_on=book.on(30))
        timeline = lay_timeline(book.observations(), options)
        assert (timeline.opens, timeline.closes) == (10.0, 26.0)
        assert frame(timeline.touches)["t"].tolist() == pytest.approx([3.0])
        assert frame(timeline.responses)["t"].tolist() == pytest.approx([7.5])

    def test_too_few_days_are_refused_with_what_was_found(self, new_book: Any) -> None:
        book = new_book().response(None, 0.5).response(None, 9.5)
        with pytest.raises(RefusedError, match=r"10 days of data, 2026-01-05 to 2026-01-14; expected more than 10"):
            lay_timeline(book.observations(), OPTIONS)

    def test_one_day_more_than_the_burn_in_is_enough(self, new_book: Any) -> None:
        book = new_book().response(None, 0.5).response(None, 10.5)
        assert lay_timeline(book.observations(), OPTIONS).window.days == 1


class TestWhereResponsesAreRecorded:
    @staticmethod
    def recorded(book: Any, first: int, last: int) -> Any:
        for day in range(first, last + 1):
            book.response(None, day + 0.5)
        return book

    def test_the_window_opens_with_the_first_response_where_contacts_reach_further_back(self, new_book: Any) -> None:
        book = self.recorded(new_book().touch(1, 0.5), 40, 90)
        timeline = lay_timeline(book.observations(), OPTIONS)
        assert (timeline.opens, timeline.closes) == (40.0, 91.0)
        assert frame(timeline.touches)["t"].tolist() == pytest.approx([0.5])

    def test_the_window_closes_with_the_last_response_where_contacts_reach_further_on(self, new_book: Any) -> None:
        book = self.recorded(new_book(), 0, 60).touch(1, 50.5).touch(1, 80.5)
        timeline = lay_timeline(book.observations(), OPTIONS)
        assert (timeline.opens, timeline.closes) == (10.0, 61.0)
        assert frame(timeline.touches)["t"].tolist() == pytest.approx([50.5])

    def test_a_silence_that_chance_explains_belongs_to_the_window(self, new_book: Any) -> None:
        book = self.recorded(new_book().touch(1, 0.5), 7, 60).touch(1, 67.5)
        timeline = lay_timeline(book.observations(), OPTIONS)
        assert (timeline.opens, timeline.closes) == (10.0, 68.0)

    def test_a_few_responses_tell_nothing_of_a_silence(self, new_book: Any) -> None:
        book = self.recorded(new_book().touch(1, 0.5), 40, 60)
        assert lay_timeline(book.observations(), OPTIONS).opens == 10.0


class TestWhichEvents:
    def test_contacts_of_persons_are_causes_ghosts_and_the_click_on_a_paid_search(self, book: Any) -> None:
        for kind in ("impression", "send", "mail", "call", "sms", "store", "ghost", "open", "click", "visit"):
            book.touch(1, 12.0, "email", kind)
        book.touch(2, 12.0, "search", "click").touch(2, 13.0, "search", "visit").touch(None, 12.0)
        found = touches(book)
        assert found[found["person"] == 1]["made"].value_counts().to_dict() == {True: 6, False: 1}
        assert found[found["person"] == 2]["channel"].tolist() == ["search"]
        assert len(found) == 8

    def test_responses_of_the_goal_count_and_those_of_nobody_are_kept_apart(self, book: Any) -> None:
        book.response(1, 12.5).response(1, 14.5, "lead").response(2, 16.5, "decline")
        timeline = lay_timeline(book.observations(), OPTIONS)
        assert sorted(frame(timeline.anonymous)["t"]) == pytest.approx([0.5, 39.5])
        assert frame(timeline.responses)[["person", "t"]].to_numpy().tolist() == [[1, pytest.approx(12.5)]]

    def test_an_ad_or_campaign_without_a_name_is_one_of_its_own(self, book: Any) -> None:
        found = touches(book.touch(1, 12.0, ad=None, campaign=None))
        assert found[["campaign", "ad"]].to_numpy().tolist() == [["", ""]]


class TestWhen:
    def test_two_responses_of_a_person_are_never_at_the_same_time(self, book: Any) -> None:
        found = responses(book.response(1, 12.5).response(1, 12.5).response(2, 12.5).response(1, 12.5))
        own = found[found["person"] == 1]["t"].to_numpy()
        assert (np.diff(np.sort(own)) > 0).all()
        assert found["t"].tolist() == pytest.approx([12.5] * 4, abs=1e-6)
        assert found["response"].tolist() == [0, 1, 2, 3]

    def test_responses_dated_by_day_alone_came_at_noon(self, new_book: Any) -> None:
        book = new_book().response(None, 0.0).response(1, 20.0).response(2, 25.0)
        assert responses(book)["t"].tolist() == pytest.approx([20.5, 25.5])

    def test_one_response_with_a_time_of_day_tells_that_midnight_means_midnight(self, new_book: Any) -> None:
        book = new_book().response(None, 0.25).response(1, 20.0).response(2, 25.0)
        assert responses(book)["t"].tolist() == pytest.approx([20.0, 25.0])

    def test_on_the_clock_of_the_fit_the_same_share_of_responses_comes_in_every_hour(self, observations: Any) -> None:
        # Thousands of responses would come evenly; here one more in each hour keeps the empty ones from vanishing.
        hours = observations.responses.filter(np.asarray(observations.responses["kind"]) == "order")["occurred_at"]
        hours = hours.to_pandas().dt.hour.to_numpy()
        found = frame(lay_timeline(observations, FitOptions()).responses)["t"].to_numpy()
        share = (1.0 + np.bincount(hours, minlength=24)) / (24.0 + len(hours))
        edges = np.concatenate([[0.0], np.cumsum(share)])
        assert np.histogram(found % 1.0, edges)[0].tolist() == np.bincount(hours, minlength=24).tolist()

    def test_the_clock_keeps_the_order_of_events_and_their_day(self, new_book: Any) -> None:
        rng = np.random.default_rng(5)
        days = np.sort(rng.uniform(0.0, 40.0, 200))
        book = new_book().response(None, 0.1).response(None, 39.9)
        for day in days:
            book.touch(1, float(day))
            book.response(None, float(int(day) + rng.choice([0.3, 0.35, 0.8])))
        found = touches(book)["t"].to_numpy()
        assert (np.diff(found) > 0.0).all()
        assert np.floor(found).tolist() == np.floor(days).tolist()
        assert np.abs(found - days).max() > 0.1

    def test_days_begin_at_midnight_of_the_zone(self, new_book: Any) -> None:
        # 22:30 in London is 00:30 of the next day in Kyiv, where the data then begin a day later too.
        book = new_book().response(None, 0.9375).response(None, 39.9375).touch(1, 20.9375)
        zone = ZoneInfo("Europe/Kyiv")
        timeline = lay_timeline(book.observations(), replace(OPTIONS, zone=zone))
        assert timeline.first_day == date(2026, 1, 6)
        assert frame(timeline.touches)["t"].to_numpy() // 1.0 == [20.0]

    def test_days_stay_days_where_the_clock_is_put_forward(self, new_book: Any) -> None:
        zone = ZoneInfo("Europe/Berlin")  # put forward on 29 March, day 83
        book = new_book()
        for person, day in enumerate((0, 50, 82, 83, 84, 90)):
            midnight = datetime(2026, 1, 5, tzinfo=zone) + timedelta(days=day)  # days of the calendar
            row = {"person": person, "occurred_at": midnight.astimezone(UTC), "kind": "order"}
            book.rows["responses"].append(row)
        found = responses(book, replace(OPTIONS, zone=zone))
        assert found["t"].tolist() == pytest.approx([0.5, 50.5, 82.5, 83.5, 84.5, 90.5])

    @pytest.fixture
    def far_machine(self) -> Iterator[None]:
        duckdb.sql("SET TimeZone = 'America/New_York'")  # what DuckDB takes from the machine it runs on
        yield
        duckdb.sql("RESET TimeZone")

    def test_the_zone_of_the_machine_changes_nothing(self, book: Any, request: pytest.FixtureRequest) -> None:
        book.response(None, 119.5)  # New York puts its clock forward on 8 March, day 62
        for day in (20.1, 61.2, 63.9, 80.5):
            book.touch(1, day)
        here = touches(book)["t"].tolist()
        request.getfixturevalue("far_machine")
        assert touches(book)["t"].tolist() == here == pytest.approx([20.1, 61.2, 63.9, 80.5])


@pytest.fixture(scope="module")
def ordinals(new_book: Any) -> dict[int, list[int]]:
    book = new_book().response(None, 0.5).response(None, 39.5)
    book.touch(1, 2.0).touch(1, 12.0).touch(1, 31.9).touch(1, 32.1).touch(1, 32.2)
    book.touch(2, 2.0).touch(2, 32.0)
    book.touch(3, 11.0, "mail", "mail").touch(3, 11.5, kind="ghost").touch(3, 12.0)
    book.touch(4, 12.0, ad="x").touch(4, 13.0, ad="y")
    book.touch(5, 12.0).touch(5, 13.0).touch(5, 13.0)
    found = touches(book)
    return {person: rows["ordinal"].tolist() for person, rows in found.groupby("person")}


class TestOrdinals:
    def test_a_touch_is_numbered_among_those_of_its_channel_in_the_thirty_days_before(self, ordinals: Any) -> None:
        assert ordinals[1] == [1, 2, 3, 3, 4]  # on day 32.1 the touch of day 2 is forgotten: wear-out recovers

    def test_thirty_days_before_still_counts(self, ordinals: Any) -> None:
        assert ordinals[2] == [1, 2]

    def test_other_persons_channels_and_ghosts_wear_nothing_out(self, ordinals: Any) -> None:
        assert ordinals[3] == [1, 1, 1]

    def test_another_ad_of_the_channel_does(self, ordinals: Any) -> None:
        assert ordinals[4] == [1, 2]

    def test_two_at_the_same_time_have_the_same_number(self, ordinals: Any) -> None:
        assert ordinals[5] == [1, 2, 2]

    def test_how_long_touches_wear_one_another_out_is_an_option(self, book: Any) -> None:
        found = touches(book.touch(1, 12.0).touch(1, 20.0), replace(OPTIONS, wear_out_days=7.0))
        assert found["ordinal"].tolist() == [1, 1]


@pytest.fixture(scope="module")
def people(new_book: Any) -> pd.DataFrame:
    book = new_book().response(None, 0.5).response(None, 39.5)
    book.person(1, created=-100.0, segment="home", region="north").response(1, 20.5).response(1, 30.5)
    book.person(2, created=15.25, ordered=-20.0).response(2, 20.5)
    book.person(3, created=15.25).touch(3, 12.25)
    book.touch(4, 20.25).response(4, 25.5)
    book.person(5).response(5, 20.5)
    book.person(6)
    book.response(7, 20.5)
    book.person(8, listed=False).response(8, 20.5)
    book.person(9, listed=False).response(9, 20.5).touch(9, 25.25)
    book.person(10, created=20.25).response(10, 20.5)
    book.person(11, created=20.25).response(11, 20.5).touch(11, 12.25)
    book.person(12, created=10.25).response(12, 20.5)
    book.person(13, created=2.25, ordered=20.0).response(13, 20.5)
    return persons(book)


class TestAtRisk:
    def test_a_person_is_at_risk_from_when_they_were_first_known(self, people: pd.DataFrame) -> None:
        assert people.loc[[1, 2, 3, 4], "entry"].tolist() == pytest.approx([-100.0, 15.25, 12.25, 20.25])

    def test_a_listed_person_without_a_date_was_there_all_along(self, people: pd.DataFrame) -> None:
        assert people.loc[[5, 6], "entry"].tolist() == [0.0, 0.0]

    def test_who_is_known_only_through_a_response_is_not_at_risk(self, people: pd.DataFrame) -> None:
        assert set(people.index) == {1, 2, 3, 4, 5, 6, 9, 10, 11, 12, 13}

    def test_who_is_contacted_after_a_response_made_them_known_is_at_risk_from_the_contact_on(
        self, people: pd.DataFrame
    ) -> None:
        assert people.loc[9, ["entry", "new_until"]].tolist() == pytest.approx([25.25, 20.5])

    def test_a_record_made_at_the_checkout_was_made_by_the_response(self, people: pd.DataFrame) -> None:
        assert people.loc[[10, 12], "entry"].tolist() == pytest.approx([20.5, 10.25])
        assert people.loc[[10, 11, 12], "made_by_first"].tolist() == [True, False, False]

    def test_a_contact_before_the_checkout_is_a_record_of_its_own(self, people: pd.DataFrame) -> None:
        assert people.loc[11, ["entry", "new_until"]].tolist() == pytest.approx([12.25, 20.5])

    def test_a_first_order_told_by_its_day_is_the_first_response_of_that_day(self, people: pd.DataFrame) -> None:
        assert people.loc[13, "new_until"] == pytest.approx(20.5)

    def test_a_person_is_new_until_their_first_response(self, people: pd.DataFrame) -> None:
        assert people.loc[1, ["new_until", "returning_from"]].tolist() == pytest.approx([20.5, 20.5])

    def test_a_first_order_before_the_data_makes_a_returning_customer(self, people: pd.DataFrame) -> None:
        assert people.loc[2, ["new_until", "returning_from"]].tolist() == pytest.approx([-20.0, -20.0])

    def test_who_never_responds_stays_new(self, people: pd.DataFrame) -> None:
        assert people.loc[3, "new_until"] > 1e5

    def test_who_is_known_by_touches_alone_is_new_as_far_as_the_data_show(self, people: pd.DataFrame) -> None:
        assert people.loc[4, "new_until"] == pytest.approx(25.5)

    def test_a_customer_whose_history_is_unknown_is_not_new_but_returns_after_a_response(
        self, people: pd.DataFrame
    ) -> None:
        assert people.loc[[5, 6], "new_until"].max() < -1e5
        assert people.loc[5, "returning_from"] == pytest.approx(20.5)
        assert people.loc[6, "returning_from"] > 1e5

    def test_segment_and_region_may_be_unknown(self, people: pd.DataFrame) -> None:
        assert people.loc[[1, 2], ["segment", "region"]].to_numpy().tolist() == [["home", "north"], ["", ""]]


class TestRefusals:
    def test_without_responses_of_the_goal_there_is_nothing_to_fit(self, new_book: Any) -> None:
        book = new_book().touch(1, 0.5).touch(1, 39.5).response(1, 20.5, "lead")
        with pytest.raises(RefusedError, match="nothing to fit for the goal 'order'"):
            lay_timeline(book.observations(), OPTIONS)

    def test_without_touches_the_rest_is_laid_out(self, book: Any) -> None:
        timeline = lay_timeline(book.response(1, 20.5).observations(), OPTIONS)
        assert isinstance(timeline, Timeline)
        assert frame(timeline.touches).empty

    def test_rows_that_would_be_lost_or_counted_twice_are_all_named(self, book: Any) -> None:
        book.touch(1, None).touch(1, 12.0, None).response(1, None).person(2).person(2).person(None)
        with pytest.raises(RefusedError) as refusal:
            lay_timeline(book.observations(), OPTIONS)
        assert [(fault.column, fault.found) for fault in refusal.value.faults] == [
            ("touches.occurred_at", "nothing in 1 rows"),
            ("touches.channel", "nothing in 1 rows"),
            ("responses.occurred_at", "nothing in 1 rows"),
            ("persons.person", "nothing in 1 rows"),
            ("persons.person", "1 persons in more than one row"),
        ]

    def test_steps_without_a_time_concern_no_fit(self, book: Any) -> None:
        assert touches(book.touch(1, None, "email", "open").touch(1, 12.0))["t"].tolist() == pytest.approx([12.0])

    def test_missing_columns_are_all_named_at_once(self, book: Any) -> None:
        tables = book.tables()
        tables["touches"] = tables["touches"].drop_columns(["kind", "cost"])
        tables["persons"] = tables["persons"].drop_columns(["segment"])
        with pytest.raises(RefusedError) as refusal:
            Observations(**tables)
        assert [fault.column for fault in refusal.value.faults] == ["touches.cost", "touches.kind", "persons.segment"]

    def test_options_that_make_no_sense_are_all_named_at_once(self) -> None:
        with pytest.raises(RefusedError) as refusal:
            FitOptions(intensity_days=0.0, shrinkage=-1.0, habit_bins=0, burn_in_days=-1, wear_out_days=float("nan"))
        named = {fault.column for fault in refusal.value.faults}
        assert named == {"intensity_days", "shrinkage", "habit_bins", "burn_in_days", "wear_out_days"}
