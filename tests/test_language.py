"""The language of what people read: catalogues, placeholders, numbers and dates."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import date
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from babel.messages.pofile import read_po
from markupsafe import Markup

from campaigns import language
from campaigns.language import CATALOGUES, DOMAIN, LANGUAGES, _, best_language, choose, ngettext, use
from campaigns.reporting.figures import chance, day, days, money, number, percent

NBSP = "\N{NO-BREAK SPACE}"

OTHERS = [code for code in LANGUAGES if code != language.ENGLISH]

PROJECT = Path(__file__).parents[1]


def catalogue(code: str) -> Catalog:
    with (CATALOGUES / code / "LC_MESSAGES" / f"{DOMAIN}.po").open("rb") as file:
        return read_po(file, locale=code, domain=DOMAIN)


def test_english_is_the_text_itself_with_its_values() -> None:
    assert _("Saved.") == "Saved."
    assert _("100 % sure") == "100 % sure"
    assert _("%(first)s to %(last)s", first="1 Jan", last="3 Mar") == "1 Jan to 3 Mar"
    assert ngettext("%(count)s order", "%(count)s orders", 1, count=1) == "1 order"
    assert ngettext("%(count)s order", "%(count)s orders", 0, count=0) == "0 orders"


def test_markup_makes_the_message_markup_and_everything_else_in_it_is_escaped() -> None:
    text = _("%(first)s to %(last)s", first=Markup("<b>1</b>"), last="<i>")
    assert isinstance(text, Markup)
    assert text == "<b>1</b> to &lt;i&gt;"


def test_another_language_holds_only_where_it_is_used() -> None:
    with use("tr"):
        assert chance(0.001) == "%1 altında"
        assert language.language() == "tr"
    assert chance(0.001) == f"under 1{NBSP}%"


def test_numbers_money_shares_and_days_are_written_as_the_language_writes_them() -> None:
    with use("tr"):
        assert number(4_683) == "4.683"
        assert number(3.14, 0.01) == "3,14"
        assert money(5_000, "EUR") == f"5.000{NBSP}EUR"
        assert percent(0.64) == "%64"
        assert day(date(2026, 3, 3)) == "3 Mar 2026"
        assert day(date(2026, 8, 3)) == "3 Ağu 2026"
        assert days(date(2026, 8, 3), date(2026, 8, 9)) == "3 Ağu – 9 Ağu 2026"


def test_a_language_that_is_not_there_is_refused() -> None:
    with pytest.raises(ValueError, match="'xx' is none of the languages en, tr"):
        choose("xx")


@pytest.mark.parametrize(
    ("wanted", "best"), [(["tr-TR", "en"], "tr"), (["de", "tr"], "tr"), (["de"], "en"), ([], "en"), (["en_GB"], "en")]
)
def test_the_first_wanted_language_that_is_there_is_chosen(wanted: list[str], best: str) -> None:
    assert best_language(wanted) == best


@pytest.mark.parametrize("code", OTHERS)
def test_every_translation_takes_the_same_values_as_its_message(code: str) -> None:
    translations = catalogue(code)
    wrong = [
        (message.id, str(error))
        for message in translations
        # without a place nothing is filled in: a percent sign in it is one
        if message.id and "%(" in str(message.id) and message.string and any(_strings(message.string))
        for error in message.check(translations)
    ]
    assert wrong == []
    for message in translations:
        if message.id and not message.pluralizable and message.string:
            assert _places(str(message.id)) == _places(str(message.string)), message.id


def _strings(strings: object) -> tuple[str, ...]:
    return (strings,) if isinstance(strings, str) else tuple(strings)  # type: ignore[arg-type]


def _places(text: str) -> set[str]:
    return set(re.findall(r"%\((\w+)\)s", text))


@pytest.fixture(scope="module")
def messages(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    """Every message that the source holds."""
    file = tmp_path_factory.mktemp("messages") / "touchstone.pot"
    command = [
        sys.executable,
        "-m",
        "babel.messages.frontend",
        "-q",
        "extract",
        "-F",
        "campaigns/translations/babel.ini",
    ]
    subprocess.run([*command, "-k", "mark", "-o", str(file), "."], cwd=PROJECT, check=True, capture_output=True)
    with file.open("rb") as written:
        return read_po(written)


def test_messages_are_found_in_code_and_templates(messages: Catalog) -> None:
    assert messages.get("%(first)s to %(last)s") is not None


def test_the_catalogues_hold_the_messages_of_the_source(messages: Catalog) -> None:
    wanted = {(message.context, message.id) for message in messages if message.id}
    for code in OTHERS:
        held = {(message.context, message.id) for message in catalogue(code) if message.id}
        assert wanted == held, "run: make translations"


@pytest.mark.parametrize("code", OTHERS)
def test_every_message_is_translated_for_certain(code: str) -> None:
    open_ones = [
        message.id
        for message in catalogue(code)
        if message.id and (message.fuzzy or not message.string or not all(_strings(message.string)))
    ]
    assert open_ones == [], f"fill campaigns/translations/{code}"
