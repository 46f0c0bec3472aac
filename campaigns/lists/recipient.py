"""One contact of an exported plan, with all that a list may say of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from functools import cached_property

import phonenumbers

from campaigns.language import _
from campaigns.reporting.sheets import Field

__all__ = ["ADDRESS", "ADDRESSES", "CONTACT", "OFFER", "Offer", "Recipient", "by_day", "e164"]

ADDRESSES = {"email": "email", "phone": "phone", "street": "postal"}
"""What reaches people, by the column of the customers file that tells it."""


@dataclass(frozen=True)
class Offer:
    """What is offered: its key, its name for people, its text, and the code that an answer comes with."""

    promotion: str
    name: str
    text: str = ""
    code: str = ""
    ends_on: date | None = None


@dataclass(frozen=True)
class Recipient:
    """A contact that is to be made.

    Parameters
    ----------
    contact
        Its number in the ledger: what comes back is told by it.
    person
        Number of the person in the database.
    consent
        The consent that the touch point needs: ``email``, ``phone``, ``sms``, ``mail``, ``ads`` or ``none``.
    offer
        What to speak of, or None for a contact about no offer.
    owner
        Who owns the customer in sales, or an empty string.
    ads_allowed
        Whether the person agreed to targeted ads.
    value
        Extra margin that the contact is expected to earn, in major units.
    elsewhere
        Kinds of address (``email``, ``phone``, ``postal``) of which none at all is kept here: those of this person are
        then looked up by the customer number, in the system that has them.
    """

    contact: int
    plan_id: int
    person: int
    customer_id: str
    channel: str
    consent: str
    on: date
    offer: Offer | None = None
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    phone: str = ""
    street: str = ""
    postcode: str = ""
    city: str = ""
    region: str = ""
    country: str = ""
    language: str = ""
    owner: str = ""
    account_id: str = ""
    ads_allowed: bool = False
    value: float = 0.0
    elsewhere: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """First and last name, or the customer number where neither is known."""
        return " ".join(part for part in (self.first_name, self.last_name) if part) or self.customer_id

    @cached_property
    def number(self) -> str | None:
        """The telephone number as E.164, or None if there is none that could ring."""
        return e164(self.phone, self.country)

    @property
    def can_be_called(self) -> bool:
        """Whether there is a number that could ring, or all numbers are kept elsewhere."""
        return self.number is not None or "phone" in self.elsewhere

    @property
    def can_be_mailed(self) -> bool:
        """Whether there is an e-mail address, or all of them are kept elsewhere."""
        return bool(self.email) or "email" in self.elsewhere

    @property
    def can_be_written_to(self) -> bool:
        """Whether a letter would arrive: street and place are known, and a name to put above them."""
        known = self.street and (self.city or self.postcode) and (self.first_name or self.last_name)
        return bool(known) or "postal" in self.elsewhere

    @property
    def sentence(self) -> str:
        """One sentence to say on the telephone."""
        if self.offer is None:
            return _("Ask %(name)s whether everything is well and whether we can help.", name=self.name)
        said = {"name": self.name, "offer": self.offer.name}
        if not self.offer.text:
            return _("Tell %(name)s about %(offer)s.", **said)
        return _("Tell %(name)s about %(offer)s: %(text)s", **said, text=self.offer.text)


def e164(phone: str, country: str = "") -> str | None:
    """Return a telephone number as ITU-T E.164 has it (``+905321234567``), or None if it cannot be one.

    Parameters
    ----------
    phone
        As written; a national number needs the country.
    country
        ISO 3166 code.
    """
    try:
        parsed = phonenumbers.parse(phone, country.upper() or None)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(parsed):
        return None
    return str(phonenumbers.format_number(parsed, phonenumbers.PhoneNumberFormat.E164))


def by_day(recipients: Iterable[Recipient]) -> list[Recipient]:
    """Return contacts by their day, and within a day the most valuable first."""
    return sorted(recipients, key=lambda one: (one.on, -one.value, one.contact))


CONTACT = (
    Field("contact", "number of the contact; keep it, what comes back is told by it", "whole"),
    Field("plan", "number of the plan", "whole"),
    Field("customer_id", "the company's own number of the person"),
)
OFFER = (
    Field("promotion", "key of the offer"),
    Field("offer", "name of the offer"),
    Field("text", "what to say of it"),
    Field("code", "the code that an answer comes with"),
)
ADDRESS = (
    Field("first_name", "first name"),
    Field("last_name", "last name"),
    Field("street", "street and number"),
    Field("postcode", "postal code"),
    Field("city", "city"),
    Field("region", "region or state"),
    Field("country", "ISO 3166 code of the country"),
)
