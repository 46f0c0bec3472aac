"""The pages in Turkish: no English is left on them, and figures are written as Turkish writes them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator

import pytest
from babel.messages.pofile import read_po
from flask.testing import FlaskClient

from campaigns.language import CATALOGUES, DOMAIN, ENGLISH, use

TURKISH = {"Accept-Language": "tr-TR,tr;q=0.9"}

PAGES = ("/today", "/priorities", "/effectiveness", "/experiments", "/sources", "/runs", "/settings/policy", "/plan")


@pytest.fixture(autouse=True)
def afterwards_english() -> Iterator[None]:
    """A page chooses the language of its thread, which is this one; the next test begins in English again."""
    with use(ENGLISH):
        yield


@pytest.fixture(scope="module")
def english() -> list[str]:
    """Every message of three words or more that stands on a page as it is."""
    with (CATALOGUES / "tr" / "LC_MESSAGES" / f"{DOMAIN}.po").open("rb") as file:
        texts = [str(message.id) for message in read_po(file, locale="tr") if message.id and not message.pluralizable]
    return [text for text in texts if text.count(" ") >= 2 and "%(" not in text]


def words(page: str) -> str:
    """Leave the words of a page: without its tags, scripts and entities."""
    bare = re.sub(r"<(script|style)\b.*?</\1>|<[^>]+>", " ", page, flags=re.DOTALL)
    return re.sub(r"\s+", " ", bare.replace("&#39;", "'").replace("&#34;", '"'))


@pytest.mark.parametrize("address", PAGES)
def test_no_english_sentence_is_left_on_a_page(
    client_as: Callable[..., FlaskClient], english: list[str], address: str
) -> None:
    answer = client_as("administrator").get(address, headers=TURKISH, follow_redirects=True)
    assert answer.status_code == 200
    page = answer.get_data(as_text=True)
    assert '<html lang="tr">' in page
    text = words(page)
    assert [sentence for sentence in english if sentence in text] == []


def test_figures_money_and_days_are_written_as_turkish_writes_them(client_as: Callable[..., FlaskClient]) -> None:
    answer = client_as("manager").get("/effectiveness", headers=TURKISH, follow_redirects=True)
    text = words(answer.get_data(as_text=True))
    assert "zaten gelecekti" in text.lower()
    assert re.search(r"\d{1,3}\.\d{3}\s(EUR|TRY)", text), "thousands are parted by a point"
    assert re.search(r"%\d", text), "the sign of a share stands before it"
    assert re.search(r"\d{1,2} (Oca|Şub|Mar|Nis|May|Haz|Tem|Ağu|Eyl|Eki|Kas|Ara) 20\d\d", text)
    assert not re.search(r"\d,\d{3}\b", text), "no thousands are parted by a comma"
