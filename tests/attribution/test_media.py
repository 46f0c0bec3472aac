"""Media and the calendar: exposure by region and day, and what moves everybody."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest

from attribution.evidence import Calendar, Media
from attribution.media import LAGS, calendar_of, media_of
from attribution.observations import FitOptions
from attribution.timeline import Timeline, lay_timeline

REGIONS = ("north", "south")


@pytest.fixture(scope="module")
def timeline(new_book: Any) -> Timeline:
    """Sixty days from a Monday, window from day 30."""
    book = new_book().response(None, 0.5).response(None, 59.5)
    return lay_timeline(book.observations(), FitOptions())


def laid(book: Any, timeline: Timeline, with_persons: set[str] | None = None) -> Media:
    return media_of(book.observations(), timeline, REGIONS, with_persons or set())


class TestMedia:
    def test_what_was_bought_for_a_region_reaches_that_and_what_for_none_reaches_all(
        self, book: Any, timeline: Timeline
    ) -> None:
        book.bought(35, "tv", 300, region="north").bought(36, "tv", 100).bought(36, "tv", 200, region="south")
        found = laid(book, timeline)
        assert found.names == ("tv",)
        exposure = found.exposure[0, :, found.lead + 5 : found.lead + 7]
        assert exposure * 200.0 == pytest.approx(np.array([[300.0, 100.0], [0.0, 300.0]]) * 200.0 / (700.0 / 3.0))

    def test_the_mean_over_days_with_any_is_one(self, book: Any, timeline: Timeline) -> None:
        for day in (35, 36, 50):
            book.bought(day, "tv", 100 * day, region="south")
        exposure = laid(book, timeline).exposure
        assert exposure[exposure > 0.0].mean() == pytest.approx(1.0)

    def test_the_weeks_before_the_window_lead_in_and_no_more(self, book: Any, timeline: Timeline) -> None:
        found = laid(book.bought(1, "tv", 100).bought(2, "tv", 200).bought(40, "tv", 50), timeline)
        assert found.lead == LAGS == 28
        assert found.exposure.shape == (1, 2, 58)
        assert np.flatnonzero(found.exposure[0, 0]).tolist() == [0, 38]
        assert found.units.tolist() == [50.0]

    def test_units_outrank_impressions_and_these_outrank_money(self, book: Any, timeline: Timeline) -> None:
        book.bought(40, "radio", 100, impressions=7).bought(41, "tv", 100, impressions=5, units=1.5)
        book.bought(42, "tv", 100, impressions=5).bought(43, "print", 80)
        found = laid(book, timeline)
        assert dict(zip(found.names, found.units, strict=True)) == {"print": 80.0, "radio": 7.0, "tv": 1.5}

    def test_a_channel_with_touches_is_no_medium(self, book: Any, timeline: Timeline) -> None:
        assert laid(book.bought(40, "email", 100).bought(40, "tv", 100), timeline, {"email"}).names == ("tv",)

    def test_what_ran_outside_the_window_alone_is_left_out(self, book: Any, timeline: Timeline) -> None:
        found = laid(book.bought(5, "tv", 100).bought(75, "radio", 100), timeline)
        assert found.names == ()
        assert found.exposure.shape == (0, 2, 58)

    def test_money_given_back_reached_nobody(self, book: Any, timeline: Timeline) -> None:
        found = laid(book.bought(40, "tv", 100).bought(41, "tv", -60).bought(42, "radio", -10), timeline)
        assert found.names == ("tv",)
        assert found.exposure.min() == 0.0
        assert found.units.tolist() == [100.0]

    def test_bought_by_region_where_no_customer_has_one_it_reaches_all_and_that_is_told(
        self, book: Any, timeline: Timeline
    ) -> None:
        book.bought(40, "tv", 100, region="north").bought(40, "tv", 300, region="south").bought(42, "radio", 100)
        media = media_of(book.observations(), timeline, [""], set())
        tv = media.exposure[media.names.index("tv"), 0]
        assert tv[tv > 0].tolist() == [1.0]
        assert (media.merged, media.unplaced) == (("tv",), ())

    def test_bought_for_regions_that_no_customer_has_it_is_named_as_left_out(
        self, book: Any, timeline: Timeline
    ) -> None:
        media = media_of(book.bought(40, "tv", 100, region="North").observations(), timeline, ["north", "south"], set())
        assert (media.names, media.merged, media.unplaced) == ((), (), ("tv",))

    def test_without_spend_there_are_none(self, book: Any, timeline: Timeline) -> None:
        assert laid(book, timeline).names == ()


def calendar(book: Any, timeline: Timeline) -> Calendar:
    return calendar_of(book.observations(), timeline, REGIONS)


class TestCalendar:
    def test_an_event_runs_from_its_first_day_to_its_last_where_it_is(self, book: Any, timeline: Timeline) -> None:
        found = calendar(book.event("sale", 33, 34).event("snow", 40, 40, "south"), timeline)
        assert found.event_names == ("sale", "snow")
        runs = found.events - found.events.min(axis=(0, 1))
        assert [np.flatnonzero(runs[region, :, 0] > 0.5).tolist() for region in (0, 1)] == [[3, 4], [3, 4]]
        assert [np.flatnonzero(runs[region, :, 1] > 0.5).tolist() for region in (0, 1)] == [[], [10]]

    def test_an_event_that_comes_back_is_one_event(self, book: Any, timeline: Timeline) -> None:
        found = calendar(book.event("sale", 33, 33).event("sale", 50, 50), timeline)
        assert found.event_names == ("sale",)
        assert np.ptp(found.events) == pytest.approx(1.0)

    def test_what_never_or_always_runs_tells_nothing(self, book: Any, timeline: Timeline) -> None:
        found = calendar(book.event("before", 3, 9).event("all along", 0, 90), timeline)
        assert found.event_names == ()
        assert found.events.shape == (2, 30, 0)

    def test_every_term_has_mean_zero_so_that_the_base_rate_holds_the_level(
        self, book: Any, timeline: Timeline
    ) -> None:
        found = calendar(book.event("sale", 33, 38, "north"), timeline)
        assert found.basis.mean(axis=0) == pytest.approx(0.0, abs=1e-12)
        assert found.events.mean(axis=(0, 1)) == pytest.approx(0.0, abs=1e-12)

    def test_any_weekly_pattern_and_any_straight_line_can_be_drawn(self, book: Any, timeline: Timeline) -> None:
        basis = calendar(book, timeline).basis
        day = np.arange(30.0)
        weekly = np.array([3.0, 1.0, 4.0, 1.0, 5.0, 9.0, 2.0])[(day.astype(int) + 2) % 7]  # day 30 is a Wednesday
        for wanted in (weekly, day, weekly + 0.3 * day):
            centred = wanted - wanted.mean()
            drawn = basis @ np.linalg.lstsq(basis, centred, rcond=None)[0]
            assert drawn == pytest.approx(centred, abs=1e-9)

    def test_no_term_repeats_the_others(self, book: Any, timeline: Timeline) -> None:
        basis = calendar(book, timeline).basis
        assert np.linalg.matrix_rank(basis) == basis.shape[1]

    @pytest.mark.parametrize("days", [1, 4, 5, 13, 14, 100])
    def test_windows_of_any_length_have_a_calendar(self, book: Any, timeline: Timeline, days: int) -> None:
        window = replace(timeline.window, end=timeline.window.start + timedelta(days=days - 1))
        basis = calendar(book, replace(timeline, window=window)).basis
        assert len(basis) == days
        assert np.isfinite(basis).all()
        assert np.linalg.matrix_rank(basis) == basis.shape[1] < max(days, 2)


class TestWhatAPlatformShowedToPersonsUnknown:
    def shown(self, book: Any, day: int, impressions: int, contacts: int, channel: str = "display") -> None:
        kind = {"clicks": impressions} if channel == "search" else {"impressions": impressions}
        book.bought(day, channel, 100, **kind)
        for person in range(contacts):
            book.touch(person + 1, day + 0.5, channel, "click" if channel == "search" else "impression")

    def test_impressions_without_persons_are_a_medium_of_the_channel(self, book: Any) -> None:
        book.response(None, 0.5).response(None, 59.5)
        self.shown(book, 40, impressions=10, contacts=4)
        self.shown(book, 41, impressions=10, contacts=1)
        timeline = lay_timeline(book.observations(), FitOptions())
        found = laid(book, timeline, {"display"})
        assert found.names == ("display, unmatched",)
        assert found.channels == ("display",)
        assert found.units.tolist() == [15.0]
        layer = found.exposure[0, 0]
        assert layer[found.lead + 10] / layer[found.lead + 11] == pytest.approx(6.0 / 9.0)

    def test_where_most_have_persons_the_rest_is_taken_to_be_like_them(self, book: Any) -> None:
        book.response(None, 0.5).response(None, 59.5)
        self.shown(book, 40, impressions=10, contacts=8)
        timeline = lay_timeline(book.observations(), FitOptions())
        assert laid(book, timeline, {"display"}).names == ()

    def test_of_paid_search_the_clicks_are_counted(self, book: Any) -> None:
        book.response(None, 0.5).response(None, 59.5)
        self.shown(book, 40, impressions=9, contacts=3, channel="search")
        timeline = lay_timeline(book.observations(), FitOptions())
        assert laid(book, timeline, {"search"}).units == pytest.approx([6.0])
