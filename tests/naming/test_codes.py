"""Codes survive being read out, typed and spaced; a wrong or exchanged sign is seen; links keep their page."""

import xml.etree.ElementTree as ElementTree
from urllib.parse import parse_qs, urlsplit

import pytest
from hypothesis import given
from hypothesis import strategies as st

from campaigns.faults import RefusedError
from campaigns.naming.codes import ALPHABET, code_of, is_code, match_keys, phone_code, phone_keys
from campaigns.naming.links import slug, tracked_link
from campaigns.naming.names import Name
from campaigns.naming.qr import qr_png, qr_svg

NUMBERS = st.integers(0, len(ALPHABET) ** 5 - 1)


@given(NUMBERS, st.integers(0, 5), st.sampled_from(ALPHABET))
def test_every_single_wrong_sign_is_seen(number: int, place: int, sign: str):
    code = code_of(number)
    assert is_code(code)
    wrong = code[:place] + sign + code[place + 1 :]
    assert is_code(wrong) == (wrong == code)


@given(NUMBERS, st.integers(0, 5), st.integers(0, 5))
def test_every_exchange_of_two_signs_is_seen(number: int, one: int, other: int):
    signs = list(code_of(number))
    signs[one], signs[other] = signs[other], signs[one]
    assert is_code("".join(signs)) == (signs[one] == signs[other])


@given(NUMBERS, NUMBERS)
def test_different_numbers_have_different_codes_of_one_length(one: int, other: int):
    assert (code_of(one) == code_of(other)) == (one == other)
    assert len(code_of(one)) == 6


def test_a_number_without_a_code_is_an_error():
    for number, length in ((-1, 6), (len(ALPHABET) ** 5, 6), (0, 3)):
        with pytest.raises(ValueError, match="has no code"):
            code_of(number, length)


def test_codes_are_looked_up_however_they_are_spaced_and_cased():
    assert match_keys(" spring-10 ") == match_keys("SPRING 10") == ("SPRING10",)


def test_a_phone_number_is_looked_up_with_and_without_its_country():
    number = phone_code("0212 123 45 67", "TR")
    assert number == phone_code("+90 (212) 123 45 67") == "+902121234567"
    for written in ("+90 (0)212 123 45 67", "0090 212 1234567", "0212 123 45 67", "212-123-45-67"):
        assert set(match_keys(written)) & set(phone_keys(number)), written
    for wrong in ("0212", "hello", "+1"):
        with pytest.raises(RefusedError):
            phone_code(wrong)


def test_a_link_keeps_its_page_and_says_what_it_was_made_for():
    made = tracked_link(
        "HTTPS://Shop.example.com/a?x=1&utm_source=old&y=#top",
        Name("e-mail", "Bahar İndirimi – %20", "Mavi/A"),
        "C477WW",
    )
    parts = urlsplit(made.address)
    assert (parts.scheme, parts.netloc, parts.path, parts.fragment) == ("https", "Shop.example.com", "/a", "top")
    assert parse_qs(parts.query, keep_blank_values=True) == {
        "x": ["1"], "y": [""], "utm_source": ["newsletter"], "utm_medium": ["email"],
        "utm_campaign": ["bahar_indirimi_20"], "utm_content": ["mavi_a_c477ww"], "utm_id": ["C477WW"],
    }  # fmt: skip
    assert tracked_link("http://x.com", Name("own thing", "c"), "C477WW").utm_source == "own_thing"


@pytest.mark.parametrize(
    "url",
    ["", "shop.example.com", "javascript:alert(1)", "http://", "https://user@x.com", "https://x.com/a b", "http://[x"],
)
def test_what_is_no_page_gets_no_link(url: str):
    with pytest.raises(RefusedError):
        tracked_link(url, Name("email", "c"), "C477WW")


def test_a_link_needs_a_campaign_and_stays_short():
    for name in (Name("email"), Name("email", "—"), Name("email", "c", "!")):
        with pytest.raises(RefusedError):
            tracked_link("https://x.com", name, "C477WW")
    with pytest.raises(RefusedError, match="link"):
        tracked_link(f"https://x.com/{'a' * 2_000}", Name("email", "c"), "C477WW")


@given(st.text(max_size=40))
def test_a_slug_needs_no_encoding_and_is_its_own_slug(text: str):
    found = slug(text)
    assert set(found) <= set("abcdefghijklmnopqrstuvwxyz0123456789_.-")
    assert slug(found) == found


def test_qr_codes_are_pictures_that_stand_alone():
    assert ElementTree.fromstring(qr_svg("https://x.com")).tag.endswith("svg")  # noqa: S314 - our own
    assert qr_png("https://x.com").startswith(b"\x89PNG")
