"""Response codes that people can read, type and say on the phone: short, without look-alikes, with a check sign."""

from __future__ import annotations

import re
import unicodedata

import phonenumbers

from campaigns.faults import Fault, RefusedError

__all__ = ["ALPHABET", "check_sign", "code_of", "is_code", "match_keys", "phone_code", "phone_keys"]

ALPHABET = "CDFGHJKMNPRTVWXY347"
"""The signs of a code. Left out are look-alikes (0 O Q, 1 I L, 2 Z, 5 S, 6, 8 B, 9, U) and vowels, so
that no code is a word. There are 19 of them, a prime number, which the check sign needs."""

SHORTEST = 4
LONGEST = 16


def code_of(number: int, length: int = 6) -> str:
    """Return the code of a number, its last sign being the check sign.

    Parameters
    ----------
    number
        From 0 to ``19 ** (length - 1) - 1``; different numbers have different codes.
    length
        Signs of the code, 4 to 16. Six signs make 2.4 million codes.

    Raises
    ------
    ValueError
        If the number has no code of this length.
    """
    if not SHORTEST <= length <= LONGEST or not 0 <= number < len(ALPHABET) ** (length - 1):
        raise ValueError(f"{number} has no code of {length} signs")
    signs = []
    for _place in range(length - 1):
        number, sign = divmod(number, len(ALPHABET))
        signs.append(ALPHABET[sign])
    body = "".join(reversed(signs))
    return body + check_sign(body)


def check_sign(body: str) -> str:
    """Return the sign that makes a code right: with it, the signs weighted by their place add up to a multiple of 19.

    Weights that differ, modulo a prime number, find every single wrong sign and every exchange of two signs.

    Parameters
    ----------
    body
        Signs of :data:`ALPHABET`, at most 15.
    """
    total = sum(weight * ALPHABET.index(sign) for weight, sign in enumerate(body, start=2))
    return ALPHABET[-total % len(ALPHABET)]


def is_code(text: str) -> bool:
    """Tell whether a text is a code made here, however it is spaced and cased."""
    code = match_keys(text)[0]
    if not SHORTEST <= len(code) <= LONGEST or set(code) - set(ALPHABET):
        return False
    return check_sign(code[:-1]) == code[-1]


def match_keys(text: str) -> tuple[str, ...]:
    """Return the forms under which a code is looked up, the fullest first.

    Case, spaces, hyphens and points do not matter. A phone number is looked up by its digits, with its country's code
    and without it.
    """
    plain = unicodedata.normalize("NFKC", text).strip()
    if not re.fullmatch(r"[+\d\s()/.-]+", plain) or len(re.sub(r"\D", "", plain)) < 7:
        return (re.sub(r"[\s._-]+", "", plain).upper(),)
    digits = re.sub(r"\D", "", re.sub(r"^\s*(\+|00)", "", plain).replace("(0)", ""))
    return tuple(dict.fromkeys((digits, digits.lstrip("0"))))


def phone_code(text: str, region: str | None = None) -> str:
    """Return a phone number in its international form, as it is kept: ``+902121234567``.

    Parameters
    ----------
    text
        The number as people write it.
    region
        ISO 3166 code of the country whose national way of writing it is, where it names no country.

    Raises
    ------
    RefusedError
        If it is no phone number.
    """
    try:
        number = phonenumbers.parse(text, region)
    except phonenumbers.NumberParseException:
        number = None
    if number is None or not phonenumbers.is_possible_number(number):
        fault = Fault(0, "phone", repr(text), "a phone number with its country, such as +90 212 123 45 67")
        raise RefusedError("This phone number cannot be used:", [fault])
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def phone_keys(code: str) -> tuple[str, ...]:
    """Return the forms under which a number in its international form is met: whole, and as it is dialled at home."""
    number = phonenumbers.parse(code)
    return (match_keys(code)[0], phonenumbers.national_significant_number(number))
