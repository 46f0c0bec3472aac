"""How people write whom they look for: a number, an address, a telephone, a name. Pure."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass

import phonenumbers

from campaigns.people.identity import normalise

__all__ = ["Wanted", "read_search"]

LONGEST = 200
"""Characters of a search that are looked at."""

FEWEST_DIGITS = 6
"""Digits from which a text is tried as a telephone number."""


@dataclass(frozen=True)
class Wanted:
    """What somebody may have meant.

    Parameters
    ----------
    numbers
        Forms of a customer's or an account's number.
    email
        An address, whole or its beginning, as addresses are kept; empty for none.
    phones
        Every form under which the telephone number may be kept.
    words
        Words of a name, each in the ways of writing that are looked up.
    """

    numbers: tuple[str, ...] = ()
    email: str = ""
    phones: tuple[str, ...] = ()
    words: tuple[tuple[str, ...], ...] = ()


def read_search(text: str, region: str = "") -> Wanted:
    """Read what somebody typed into the search.

    Parameters
    ----------
    text
        As typed.
    region
        ISO 3166 code of the country in which a telephone number without a country is dialled; empty for none.
    """
    plain = " ".join(unicodedata.normalize("NFKC", text[:LONGEST]).split())
    if not plain:
        return Wanted()
    return Wanted(
        numbers=tuple(dict.fromkeys((plain, plain.upper()))),
        email=normalise("email", plain) if "@" in plain else "",
        phones=_phones(plain, region),
        words=tuple(map(_spellings, plain.replace(",", " ").split())) if "@" not in plain else (),
    )


def _phones(text: str, region: str) -> tuple[str, ...]:
    """Return the forms of a telephone number: as written, with its country, and as dialled at home."""
    if sum(map(str.isdigit, text)) < FEWEST_DIGITS or any(map(str.isalpha, text)):
        return ()
    forms = [normalise("phone", text)]
    try:
        number = phonenumbers.parse(text, region or None)
    except phonenumbers.NumberParseException:
        return tuple(forms)
    if phonenumbers.is_possible_number(number):
        whole = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
        home = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)
        forms += [whole, whole[1:], normalise("phone", home), phonenumbers.national_significant_number(number)]
    return tuple(dict.fromkeys(forms))


def _spellings(word: str) -> tuple[str, ...]:
    """Return a word as typed, and with great and small letters as names have them; a Turkish ``i`` also as ``İ``."""
    small = word.lower()
    first = word[:1]
    spelled = [word, small[:1].upper() + small[1:], small, word.upper()]
    if first in "iİıI":
        spelled += ["İ" + small[1:], "I" + small[1:]]
    return tuple(dict.fromkeys(spelled))
