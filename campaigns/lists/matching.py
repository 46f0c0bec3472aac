"""How advertising platforms want to see who somebody is: each field in its form, and SHA-256 where they ask for it.

The forms are those of the platforms' own help pages: Google Ads, "Format your customer data file" (answer 7659867) and
"About the customer matching process" (7474263), and "Prepare user data"; Meta, "How to format a customer list"
and "Customer information parameters".
"""

from __future__ import annotations

import hashlib
import re
import unicodedata

__all__ = ["digest", "google_email", "google_name", "meta_name", "meta_phone", "meta_place", "meta_zip", "plain_email"]

_SPACES = re.compile(r"\s+")
_GMAIL = ("gmail.com", "googlemail.com")


def digest(value: str) -> str:
    """Return the SHA-256 of a value in UTF-8, in small hexadecimal; nothing for nothing."""
    return hashlib.sha256(value.encode()).hexdigest() if value else ""


def plain_email(address: str) -> str:
    """Return an address without spaces, in small letters; nothing for what is no address."""
    plain = _SPACES.sub("", address).lower()
    name, _at, domain = plain.partition("@")
    return plain if name and "." in domain else ""


def google_email(address: str) -> str:
    """Return an address as Google hashes it: in its own domains the dots before the @ do not count."""
    plain = plain_email(address)
    name, _at, domain = plain.partition("@")
    return f"{name.replace('.', '')}@{domain}" if domain in _GMAIL else plain


def google_name(name: str) -> str:
    """Return a name without spaces around it, in small letters."""
    return _SPACES.sub(" ", unicodedata.normalize("NFC", name)).strip().lower()


def meta_name(name: str) -> str:
    """Return a name in small letters without punctuation; letters keep their marks."""
    return _SPACES.sub(" ", _letters(name, keep=" ")).strip()


def meta_place(name: str) -> str:
    """Return a city or a region in small letters, without punctuation and spaces."""
    return _letters(name)


def meta_phone(number: str | None) -> str:
    """Return an E.164 number as digits alone, the country code first."""
    return (number or "").removeprefix("+")


def meta_zip(code: str, country: str) -> str:
    """Return a postal code in small letters without spaces and hyphens; of the United States its first five digits."""
    plain = _letters(code)
    return plain[:5] if country.upper() == "US" else plain


def _letters(text: str, keep: str = "") -> str:
    """Return letters and digits in small letters; what stands between them goes, but for the spaces kept."""
    plain = unicodedata.normalize("NFC", text).lower()
    return "".join(sign for sign in plain if sign.isalnum() or unicodedata.category(sign) == "Mn" or sign in keep)
