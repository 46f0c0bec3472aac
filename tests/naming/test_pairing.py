"""Names of spend and of touches that probably mean the same are proposed; what has nothing in common is not."""

from datetime import date, timedelta

import pytest

from campaigns.naming.names import Name, folded, ids_of, words_of
from campaigns.naming.pairing import Activity, Pair, propose, unjoined

MAY = date(2026, 5, 1)


def days(first: int, last: int) -> frozenset[date]:
    return frozenset(MAY + timedelta(days=day) for day in range(first, last))


def activity(channel: str, campaign: str | None = None, ad: str | None = None, **told: object) -> Activity:
    values = {"rows": 10, "cost": 100, "days": days(0, 60), **told}
    return Activity(Name(channel, campaign, ad), **values)  # type: ignore[arg-type]


def pairs(spend: list[Activity], touches: list[Activity], media: tuple[str, ...] = ("tv",)) -> tuple[Pair, ...]:
    return propose(unjoined(spend, touches, media))


def test_marks_case_and_the_channels_own_name_do_not_matter():
    assert folded("Şehir İçi IŞIK ß") == "sehir ici isik ss"
    assert words_of(Name("search", "Google Ads Search - Brand TR2")) == ("brand", "tr", "2")
    assert words_of(Name("search", "Search")) == ("search",)


def test_long_numbers_are_ids_and_days_are_not():
    assert ids_of(Name("search", "Brand 20260501 (1234567890)")) == {"1234567890"}


@pytest.mark.parametrize(
    ("paid", "met"),
    [
        ("Search - Brand", "brand_tr"),
        ("Bahar İndirimi 2026", "bahar_indirimi_2026"),
        ("SPRING SALE | EU", "eu-spring-sale"),
        ("Performance 1234567890", "1234567890"),
    ],
)
def test_names_that_are_alike_or_share_an_id_are_proposed(paid: str, met: str):
    (pair,) = pairs([activity("search", paid, cost=500)], [activity("search", met, rows=7)])
    assert (pair.name, pair.meant, pair.cost, pair.touches) == (Name("search", paid), Name("search", met), 500, 7)
    assert pair.reasons


def test_the_same_days_alone_are_a_reason_unless_both_ran_all_the_time():
    always = activity("search", "always", days=days(0, 60))
    burst = activity("search", "K-17", days=days(10, 20))
    (pair,) = pairs([burst, always], [activity("search", "Mother's day", days=days(10, 20))])
    assert (pair.name.campaign, pair.score >= 0.6) == ("K-17", True)
    assert pairs([always], [activity("search", "Zeta")]) == ()


def test_each_name_is_in_one_pair_and_the_best_comes_first():
    found = pairs(
        [activity("search", "Brand TR"), activity("search", "Brand DE")],
        [activity("search", "brand_de"), activity("search", "brand_tr")],
    )
    assert {(pair.name.campaign, pair.meant.campaign) for pair in found} == {
        ("Brand TR", "brand_tr"), ("Brand DE", "brand_de")
    }  # fmt: skip
    assert len({pair.id for pair in found}) == 2


def test_channels_are_looked_at_before_their_campaigns_and_media_are_left_alone():
    spend = [activity("google ads", "brand", cost=900), activity("tv", cost=5_000)]
    touches = [activity("google", "brand"), activity("email", "news")]
    channel, campaign, _ad = unjoined(spend, touches, ("tv",))
    assert [each.name.channel for each in channel.spend] == ["google ads"]
    assert {each.name.channel for each in channel.touches} == {"google", "email"}
    assert [each.name for each in campaign.spend] == [Name("google ads", "brand")]
    assert pairs(spend, touches)[0].meant.channel == "google"


def test_a_channel_is_proposed_by_its_campaigns_where_its_name_says_nothing():
    spend = [activity("google ads", "Generic", cost=5), activity("google ads", "Search - Brand", cost=900)]
    found = pairs(spend, [activity("search", "generic"), activity("search", "brand"), activity("email", "news")])
    assert [(str(pair.name), str(pair.meant)) for pair in found] == [
        ("google ads", "search"),
        ("google ads / Generic", "search / generic"),
        ("google ads / Search - Brand", "search / brand"),
    ]
    assert found[0].reasons == ("2 of its campaigns seem to be there",)


def test_what_names_no_campaign_on_one_side_has_nothing_to_join_by():
    found = unjoined([activity("search", "brand", "1")], [activity("search")], ())
    assert [(each.spend, each.touches) for each in found] == [((), ()), ((), ()), ((), ())]


def test_ads_are_compared_within_a_campaign_that_joins():
    spend = [activity("search", "brand", "Mavi 1"), activity("search", "other", "x")]
    touches = [activity("search", "brand", "mavi_1"), activity("search", "elsewhere", "y")]
    (ad,) = [each for each in unjoined(spend, touches, ()) if each.level == "ad"]
    assert [each.name.ad for each in (*ad.spend, *ad.touches)] == ["Mavi 1", "mavi_1"]
