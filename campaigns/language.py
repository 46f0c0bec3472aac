"""The language of what people read: messages through gettext catalogues, numbers and dates in the reader's locale.

English is the language of the source: a message is its own English text, with ``%(name)s`` where a value goes.
``campaigns/translations/LANGUAGE/LC_MESSAGES/touchstone.po`` holds another language; the files are read as they are at
the first use, so nothing has to be compiled. ``make translations`` gathers new messages into them.

>>> from campaigns.language import _, ngettext, use
>>> _("Saved.")
'Saved.'
>>> with use("tr"):
...     ngettext("%(count)s order", "%(count)s orders", 3, count=3)
'3 sipariş'

Three rules. A message is written out where it is used, never put together from pieces: other languages order them
otherwise. A text in a module's constant is wrapped in ``mark`` there, and in ``_`` where it is shown. In a function
that calls ``_``, no loop variable may be called ``_``.
"""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar, Token
from functools import cache
from gettext import GNUTranslations, NullTranslations
from pathlib import Path

from babel import Locale
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from markupsafe import Markup

__all__ = [
    "CATALOGUES",
    "DOMAIN",
    "ENGLISH",
    "LANGUAGES",
    "_",
    "best_language",
    "choose",
    "kept_messages",
    "language",
    "locale",
    "mark",
    "ngettext",
    "pgettext",
    "use",
]

DOMAIN = "touchstone"

CATALOGUES = Path(__file__).parent / "translations"

ENGLISH = "en"

LANGUAGES = {ENGLISH: "English", "tr": "Türkçe"}
"""The languages there are, by their code, each under its own name."""

_CHOSEN: ContextVar[str] = ContextVar("touchstone_language", default=ENGLISH)


def language() -> str:
    """Return the code of the reader's language."""
    return _CHOSEN.get()


def locale() -> Locale:
    """Return the reader's locale, for numbers, dates and money."""
    return _locale(_CHOSEN.get())


def choose(code: str) -> Token[str]:
    """Make ``code`` the language of what this thread or task writes from now on.

    Raises
    ------
    ValueError
        If it is none of ``LANGUAGES``.
    """
    if code not in LANGUAGES:
        raise ValueError(f"{code!r} is none of the languages {', '.join(LANGUAGES)}")
    return _CHOSEN.set(code)


@contextmanager
def use(code: str) -> Iterator[None]:
    """Write what is inside in the language ``code``; before and after it is whatever it was.

    Raises
    ------
    ValueError
        If it is none of ``LANGUAGES``.
    """
    token = choose(code)
    try:
        yield
    finally:
        _CHOSEN.reset(token)


def best_language(wanted: Iterable[str]) -> str:
    """Return the first language that is both wanted and there, or English.

    Parameters
    ----------
    wanted
        Language tags, the dearest first, such as ``tr-TR`` (from ``Accept-Language``).
    """
    for tag in wanted:
        code = tag.replace("_", "-").split("-")[0].lower()
        if code in LANGUAGES:
            return code
    return ENGLISH


def _(message: str, /, **values: object) -> str:
    """Write a message in the reader's language.

    Parameters
    ----------
    message
        The English text, with ``%(name)s`` for each value. Only where there are values, a percent sign is ``%%``.
    values
        What goes into it. Where one is markup, so is the whole; all else is escaped.
    """
    return _filled(_catalogue(_CHOSEN.get()).gettext(message) if message else "", values)


def ngettext(singular: str, plural: str, number: float, /, **values: object) -> str:
    """Write a message that counts: ``ngettext("%(count)s order", "%(count)s orders", n, count=figures.number(n))``."""
    counted = int(number) if number == int(number) else 2
    return _filled(_catalogue(_CHOSEN.get()).ngettext(singular, plural, counted), values)


def pgettext(context: str, message: str, /, **values: object) -> str:
    """Write a message whose English has several meanings, told apart by ``context``: ``pgettext("verb", "Test")``."""
    return _filled(_catalogue(_CHOSEN.get()).pgettext(context, message), values)


def mark(message: str) -> str:
    """Mark a text for translation where it stands in a constant; it is shown through ``_`` later."""
    return message


def _filled(text: str, values: dict[str, object]) -> str:
    if not values:
        return text
    if any(hasattr(value, "__html__") for value in values.values()):
        return Markup.escape(text) % values
    return text % values


@cache
def _locale(code: str) -> Locale:
    return Locale.parse(code)


def kept_messages(code: str, context: str) -> dict[str, str]:
    """Return the messages of one context, and all that count something, with their translations.

    ``campaigns.retelling`` tells by them what was kept in English.

    Parameters
    ----------
    code
        A language other than English.
    context
        As ``pgettext`` has it.
    """
    told: dict[str, str] = {}
    for message in _written(code):
        if not message.string or message.fuzzy:
            continue
        if message.pluralizable:
            told.update(zip(map(str, message.id), map(str, message.string), strict=False))
        elif message.context == context:
            told[str(message.id)] = str(message.string)
    return told


@cache
def _catalogue(code: str) -> NullTranslations:
    """Read the catalogue of a language; messages whose translation is marked as doubtful stay English."""
    if code == ENGLISH:
        return NullTranslations()
    compiled = io.BytesIO()
    write_mo(compiled, _written(code))
    compiled.seek(0)
    return GNUTranslations(compiled)


@cache
def _written(code: str) -> Catalog:
    with (CATALOGUES / code / "LC_MESSAGES" / f"{DOMAIN}.po").open("rb") as file:
        return read_po(file, locale=code, domain=DOMAIN)
