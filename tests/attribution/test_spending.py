"""What was spent, shown, claimed and aimed at, by hand."""

from __future__ import annotations

from typing import Any
from zoneinfo import ZoneInfo

import pytest

from attribution.spending import Outlay, Outlays, outlays_of
from campaigns.terms import Window

SPENT_OFTEN = range(10, 20)


@pytest.fixture(scope="module")
def window(new_book: Any) -> Window:
    """Days 10 to 19."""
    book = new_book()
    return Window(book.on(10), book.on(19))


def outlays(book: Any, window: Window) -> Outlays:
    return outlays_of(book.observations(), window)


class TestMoney:
    def test_all_kinds_of_cost_count_from_the_first_day_to_the_last(self, book: Any, window: Window) -> None:
        for day, cost in ((9, 1), (10, 20), (19, 300), (20, 4000)):
            book.bought(day, "tv", cost)
        book.bought(12, "tv", 50_000, region="north")
        assert outlays(book, window).channels == {"tv": Outlay(cost=50_320.0, ad_spend=50_320.0)}

    def test_touches_count_from_midnight_to_midnight(self, book: Any, window: Window) -> None:
        for day, cost in ((9.999, 1), (10.0, 20), (19.999, 300), (20.0, 4000)):
            book.touch(1, day, cost=cost)
        assert outlays(book, window).channels["email"].cost == 320.0

    def test_midnight_is_that_of_the_zone(self, book: Any, window: Window) -> None:
        for day, cost in ((9.7, 1), (10.2, 20), (19.2, 300), (19.7, 4000)):
            book.touch(1, day, cost=cost)
        far = outlays_of(book.observations(), window, ZoneInfo("Asia/Tokyo"))  # its day began 15:00 the day before
        assert far.channels["email"].cost == 321.0

    def test_spend_rows_outrank_the_costs_of_touches_of_their_channel_and_day(self, book: Any, window: Window) -> None:
        book.touch(1, 12.5, cost=30).touch(1, 13.5, cost=40).touch(1, 12.5, "mail", "mail", cost=500)
        found = outlays(book.bought(12, "email", 1000), window)
        assert {name: outlay.cost for name, outlay in found.channels.items()} == {"email": 1040.0, "mail": 500.0}

    def test_a_spend_row_of_nothing_says_that_nothing_was_spent(self, book: Any, window: Window) -> None:
        found = outlays(book.touch(1, 12.5, cost=30).bought(12, "email", 0), window)
        assert found.channels["email"].cost == 0.0

    def test_neither_ghosts_nor_steps_cost_anything_but_a_click_on_a_paid_search_does(
        self, book: Any, window: Window
    ) -> None:
        book.touch(1, 12.5, kind="ghost", cost=1).touch(1, 12.5, kind="open", cost=2).touch(
            1, 12.5, kind="click", cost=4
        )
        book.touch(1, 12.5, "search", "click", cost=8).touch(1, 12.5, "search", "visit", cost=16)
        assert {name: outlay.cost for name, outlay in outlays(book, window).channels.items()} == {"search": 8.0}

    def test_without_spend_or_costs_there_are_contacts_that_cost_nothing(self, book: Any, window: Window) -> None:
        assert outlays(book, window) == Outlays()
        assert outlays(book.touch(1, 12.5), window).channels == {"email": Outlay()}


class TestKindsOfCost:
    def test_ad_spend_is_counted_by_itself_too(self, book: Any, window: Window) -> None:
        book.bought(12, "tv", 100).bought(12, "tv", 50, cost_kind="agency").bought(13, "tv", 7, cost_kind="media")
        assert outlays(book, window).channels["tv"] == Outlay(cost=157.0, ad_spend=107.0)

    def test_what_an_agency_costs_does_not_outrank_the_costs_of_touches_but_postage_does(
        self, book: Any, window: Window
    ) -> None:
        book.touch(1, 12.5, "mail", "mail", cost=30).bought(12, "mail", 1000, cost_kind="agency")
        assert outlays(book, window).channels["mail"] == Outlay(cost=1030.0, ad_spend=30.0)
        book.bought(12, "mail", 80, cost_kind="postage")
        assert outlays(book, window).channels["mail"] == Outlay(cost=1080.0, ad_spend=0.0)


class TestCampaigns:
    def test_the_campaigns_of_a_channel_cost_what_the_channel_does(self, book: Any, window: Window) -> None:
        for day in SPENT_OFTEN:
            book.touch(day, day + 0.5, ad=str(day % 3), campaign=str(day % 2), cost=day)
            book.bought(day, "email", 100 * day, campaign=str(day % 3), cost_kind="agency")
        found = outlays(book, window)
        assert sum(outlay.cost for outlay in found.campaigns.values()) == pytest.approx(found.channels["email"].cost)
        assert set(found.campaigns) == {("email", "0"), ("email", "1")}

    def test_what_is_claimed_for_a_campaign_is_its_own(self, book: Any, window: Window) -> None:
        book.touch(1, 12.5).bought(12, "email", 80, campaign="c", claimed_conversions=9.0, impressions=50)
        assert outlays(book, window).campaigns["email", "c"] == Outlay(80.0, 80.0, shown=50.0, claimed=9.0)

    def test_its_target_is_that_of_the_promotions_it_carries(self, book: Any, window: Window) -> None:
        book.promotion("P", 4000).touch(1, 12.5, promotion="P").touch(1, 12.5, campaign="d")
        found = outlays(book, window).campaigns
        assert found["email", "c"].target == 4000.0
        assert ("email", "d") not in found or found["email", "d"].target is None


class TestDifferences:
    def test_a_difference_of_more_than_a_twentieth_is_said(self, book: Any, window: Window) -> None:
        book.touch(1, 12.5, cost=80).bought(12, "email", 100)
        assert outlays(book, window).notes == (
            "email: the costs of single touches add up to 80% of the spend rows of the same days; the spend rows are "
            "used.",
        )

    def test_a_smaller_one_is_not(self, book: Any, window: Window) -> None:
        assert outlays(book.touch(1, 12.5, cost=96).bought(12, "email", 100), window).notes == ()

    def test_days_without_touches_are_not_compared(self, book: Any, window: Window) -> None:
        for day in SPENT_OFTEN:
            book.bought(day, "email", 100)
        assert outlays(book.touch(1, 12.5, cost=100), window).notes == ()


class TestAds:
    def test_what_names_an_ad_is_its_own(self, book: Any, window: Window) -> None:
        book.touch(1, 12.5, ad="x", cost=7).touch(1, 13.5, ad="y", cost=11)
        found = outlays(book.bought(14, "email", 100, campaign="c", ad="x"), window)
        assert {key: outlay.cost for key, outlay in found.ads.items()} == {
            ("email", "c", "x"): 107.0,
            ("email", "c", "y"): 11.0,
        }

    def test_what_names_none_is_shared_by_contacts_within_the_campaign_or_else_the_channel(
        self, book: Any, window: Window
    ) -> None:
        for campaign, ad, contacts in (("c", "x", 3), ("c", "y", 1), ("d", "z", 4)):
            for _ in range(contacts):
                book.touch(1, 12.5, campaign=campaign, ad=ad)
        book.bought(12, "email", 80).bought(12, "email", 40, campaign="c").bought(12, "email", 8, campaign="d", ad="?")
        found = outlays(book, window)
        assert {key[2]: outlay.cost for key, outlay in found.ads.items()} == {"x": 60.0, "y": 20.0, "z": 48.0}

    def test_the_ads_of_a_channel_with_contacts_cost_what_the_channel_does(self, book: Any, window: Window) -> None:
        for day in SPENT_OFTEN:
            book.touch(day, day + 0.5, ad=str(day % 3), campaign=str(day % 2), cost=day)
            book.bought(day + 3, "email", 100 * day, ad=str(day % 4), campaign=str(day % 3))
        found = outlays(book, window)
        assert sum(outlay.cost for outlay in found.ads.values()) == pytest.approx(found.channels["email"].cost)

    def test_what_is_claimed_for_a_channel_says_nothing_of_its_ads(self, book: Any, window: Window) -> None:
        book.touch(1, 12.5, ad="x").bought(12, "email", 80, claimed_conversions=9.0, impressions=50)
        found = outlays(book, window)
        assert (found.channels["email"].claimed, found.channels["email"].shown) == (9.0, 50.0)
        assert found.ads["email", "c", "x"] == Outlay(cost=80.0, ad_spend=80.0)

    def test_a_medium_has_no_ads_with_contacts_to_share_among(self, book: Any, window: Window) -> None:
        assert outlays(book.bought(12, "tv", 80), window).ads == {}


class TestReach:
    def test_impressions_are_what_was_shown_and_clicks_where_search_is_paid(self, book: Any, window: Window) -> None:
        book.bought(12, "display", 1, impressions=1000, clicks=3).bought(13, "display", 1, impressions=500)
        book.bought(12, "search", 1, impressions=1000, clicks=30)
        found = outlays(book, window).channels
        assert (found["display"].shown, found["search"].shown) == (1500.0, 30.0)

    def test_what_nobody_reported_is_not_nothing(self, book: Any, window: Window) -> None:
        found = outlays(book.bought(12, "tv", 1).bought(12, "radio", 1, claimed_conversions=0.0), window).channels
        assert (found["tv"].shown, found["tv"].claimed, found["radio"].claimed) == (None, None, 0.0)

    def test_claims_of_the_window_add_up(self, book: Any, window: Window) -> None:
        for day, claimed in ((9, 100.0), (10, 2.0), (11, 3.5)):
            book.bought(day, "display", 1, claimed_conversions=claimed)
        assert outlays(book, window).channels["display"].claimed == 5.5


class TestTargets:
    def test_a_target_is_the_mean_over_contacts_that_carry_a_promotion_with_one(
        self, book: Any, window: Window
    ) -> None:
        book.promotion("P", 4000).promotion("Q", 1000).promotion("R", None)
        for day, ad, promotion in (
            (12.5, "x", "P"), (13.5, "x", "P"), (14.5, "y", "Q"), (14.5, "y", "R"), (15.5, "y", None), (9.5, "x", "Q"),
        ):  # fmt: skip
            book.touch(1, day, ad=ad, promotion=promotion)
        found = outlays(book, window)
        assert found.channels["email"].target == pytest.approx(3000.0)
        assert found.ads["email", "c", "x"].target == 4000.0
        assert found.ads["email", "c", "y"].target == 1000.0

    def test_without_promotions_there_is_none(self, book: Any, window: Window) -> None:
        assert outlays(book.touch(1, 12.5, cost=3), window).channels["email"].target is None
