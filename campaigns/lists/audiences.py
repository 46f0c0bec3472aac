"""Lists for advertising platforms: Google Customer Match and Meta Custom Audiences."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from campaigns.language import _
from campaigns.lists.matching import (
    digest,
    google_email,
    google_name,
    meta_name,
    meta_phone,
    meta_place,
    meta_zip,
    plain_email,
)
from campaigns.lists.recipient import Recipient
from campaigns.reporting.sheets import Field, Sheet

__all__ = ["FEWEST", "audience", "google_customer_match", "meta_custom_audience", "too_few"]

FEWEST = 100
"""Below so many people platforms match too few to show anything, and single persons could be told."""

GOOGLE = (
    Field("Email", "SHA-256 of the address in small letters, at Gmail without dots before the @"),
    Field("Phone", "SHA-256 of the number as E.164"),
    Field("First Name", "SHA-256 of the first name in small letters"),
    Field("Last Name", "SHA-256 of the last name in small letters"),
    Field("Country", "ISO 3166 code, as it is: Google wants it in the clear"),
    Field("Zip", "postal code, as it is: Google wants it in the clear"),
)
META = (
    Field("email", "SHA-256 of the address in small letters"),
    Field("phone", "SHA-256 of the digits of the number, country code first"),
    Field("fn", "SHA-256 of the first name"),
    Field("ln", "SHA-256 of the last name"),
    Field("ct", "SHA-256 of the city"),
    Field("st", "SHA-256 of the region or state"),
    Field("zip", "SHA-256 of the postal code"),
    Field("country", "SHA-256 of the ISO 3166 code in small letters"),
)


def audience(recipients: Iterable[Recipient]) -> tuple[Recipient, ...]:
    """Return the people among contacts who agreed to targeted ads, each once, in the order of their numbers."""
    people = {one.person: one for one in sorted(recipients, key=lambda one: -one.contact) if one.ads_allowed}
    return tuple(people[person] for person in sorted(people))


def google_customer_match(people: Sequence[Recipient]) -> Sheet:
    """Return people as Google Ads takes them; whoever it could not match by anything is left out."""
    rows = (_google(one) for one in people)
    return Sheet("Google Customer Match", GOOGLE, [row for row in rows if _matched_by_google(row)])


def meta_custom_audience(people: Sequence[Recipient]) -> Sheet:
    """Return people as Meta takes them; whoever it could not match by an address or a number is left out."""
    rows = (_meta(one) for one in people)
    return Sheet("Meta Custom Audience", META, [row for row in rows if row["email"] or row["phone"]])


def too_few(count: int) -> str:
    """Return a warning if a list is shorter than platforms can use, or an empty string."""
    if count >= FEWEST:
        return ""
    return _(
        "Only %(count)s people: platforms need at least %(fewest)s, and in so short a list single persons show.",
        count=count,
        fewest=FEWEST,
    )


def _google(one: Recipient) -> dict[str, str]:
    return {
        "Email": digest(google_email(one.email)),
        "Phone": digest(one.number or ""),
        "First Name": digest(google_name(one.first_name)),
        "Last Name": digest(google_name(one.last_name)),
        "Country": one.country.upper(),
        "Zip": one.postcode.strip(),
    }


def _matched_by_google(row: dict[str, str]) -> bool:
    by_address = all(row[name] for name in ("First Name", "Last Name", "Country", "Zip"))
    return bool(row["Email"] or row["Phone"] or by_address)


def _meta(one: Recipient) -> dict[str, str]:
    return {
        "email": digest(plain_email(one.email)),
        "phone": digest(meta_phone(one.number)),
        "fn": digest(meta_name(one.first_name)),
        "ln": digest(meta_name(one.last_name)),
        "ct": digest(meta_place(one.city)),
        "st": digest(meta_place(one.region)),
        "zip": digest(meta_zip(one.postcode, one.country)),
        "country": digest(one.country.lower()),
    }
