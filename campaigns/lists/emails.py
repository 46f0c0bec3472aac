"""The e-mail list: whom to write to, on which day, about what."""

from __future__ import annotations

from collections.abc import Sequence

from campaigns.lists.recipient import CONTACT, OFFER, Recipient, by_day
from campaigns.lists.rows import row_of
from campaigns.reporting.sheets import Field, Sheet

__all__ = ["email_list", "wants_email"]

FIELDS = (
    *CONTACT,
    Field("email", "address"),
    Field("first_name", "first name"),
    Field("last_name", "last name"),
    Field("language", "language to write in"),
    *OFFER,
    Field("on", "day to send it", "date"),
)


def wants_email(one: Recipient) -> bool:
    """Tell whether a contact belongs on this list: its touch point needs the consent to e-mail."""
    return one.consent == "email"


def email_list(recipients: Sequence[Recipient]) -> Sheet:
    """Return the contacts to be made by e-mail; those without an address are left out."""
    return Sheet(
        "E-mails", FIELDS, [row_of(one) for one in by_day(recipients) if wants_email(one) and one.can_be_mailed]
    )
