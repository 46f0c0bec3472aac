from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.channels import WELL_KNOWN, _sound, canonical, likely_meant, terms_of

CONSENTS = {"email", "phone", "sms", "mail", "ads", "none"}


@pytest.mark.parametrize(
    ("written", "name"),
    [
        ("email", "email"),
        ("Email", "email"),
        ("e-mail", "email"),
        ("E Mail", "email"),
        (" E-MAIL ", "email"),
        ("Google Ads search", "search"),
        ("paid_search", "search"),
        ("Direct Mail", "mail"),
        ("In-Store", "store"),
        ("TV", "tv"),
        ("Out of home", "outdoor"),
        ("Ｅｍａｉｌ", "email"),
    ],
)
def test_every_way_of_writing_a_well_known_channel_is_that_channel(written: str, name: str) -> None:
    assert canonical(written) == name


def test_an_unknown_channel_is_kept_in_lower_case_with_single_spaces() -> None:
    assert canonical("  Door   Hanger ") == "door hanger"


def test_a_channel_in_use_wins_over_a_new_spelling_of_it() -> None:
    assert canonical("Door-Hanger", {"door hanger"}) == "door hanger"
    assert canonical("doorhanger", ["Door Hanger"]) == "Door Hanger"


def test_brands_stay_channels_of_their_own() -> None:
    assert {canonical(name) for name in ("Facebook Ads", "TikTok", "LinkedIn")} == {"facebook", "tiktok", "linkedin"}
    assert canonical("Google Ads") == "google ads"


def test_no_spelling_belongs_to_two_channels() -> None:
    owners: dict[str, str] = {}
    for terms in WELL_KNOWN.values():
        for spelling in (terms.channel, *terms.aliases):
            assert owners.setdefault(_sound(spelling), terms.channel) == terms.channel, spelling


def test_the_defaults_hold_together() -> None:
    for terms in WELL_KNOWN.values():
        assert canonical(terms.channel) == terms.channel
        assert terms.consent in CONSENTS
        assert terms.carry_over_days >= 1
        assert terms.addressable or not (terms.plannable or terms.targeted)
    assert WELL_KNOWN["mail"].carry_over_days == 90
    assert WELL_KNOWN["email"].carry_over_days == WELL_KNOWN["call"].carry_over_days == 30
    assert WELL_KNOWN["search"].targeted
    assert WELL_KNOWN["display"].targeted
    assert not WELL_KNOWN["tv"].addressable


def test_a_slip_is_hinted_at_and_never_read_as_another_channel() -> None:
    assert likely_meant("emial") == "email"
    assert canonical("emial") == "emial"
    assert likely_meant("carrier pigeon") is None


def test_an_unknown_channel_without_persons_is_a_medium() -> None:
    assert not terms_of("blimp", with_persons=False).addressable
    assert terms_of("door hanger", with_persons=True).addressable
    assert terms_of("email", with_persons=False) is WELL_KNOWN["email"]


@given(st.text(min_size=1), st.sets(st.text(min_size=1), max_size=3))
def test_a_canonical_name_is_its_own_canonical_name(name: str, known: set[str]) -> None:
    once = canonical(name, known)
    assert canonical(once, known | {once}) == once or once in known
