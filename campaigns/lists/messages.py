"""Text messages, chat and push messages, and every other touch point that has no list of its own."""

from __future__ import annotations

from collections.abc import Sequence

from campaigns.lists.recipient import CONTACT, OFFER, Recipient, by_day
from campaigns.lists.rows import row_of
from campaigns.reporting.sheets import Field, Sheet

__all__ = ["message_list", "wants_message"]

FIELDS = (
    *CONTACT,
    Field("channel", "touch point"),
    Field("phone", "telephone number, E.164"),
    Field("first_name", "first name"),
    Field("last_name", "last name"),
    Field("language", "language to write in"),
    *OFFER,
    Field("on", "day to send it", "date"),
)
ELSEWHERE = ("email", "mail", "phone")
"""Consents whose touch points have lists of their own."""


def wants_message(one: Recipient) -> bool:
    """Tell whether a contact belongs on this list."""
    return one.consent not in ELSEWHERE


def message_list(recipients: Sequence[Recipient]) -> Sheet:
    """Return the contacts of the other touch points; a text message needs a telephone number that could ring."""
    ours = [one for one in by_day(recipients) if wants_message(one) and (one.consent != "sms" or one.can_be_called)]
    return Sheet("Messages", FIELDS, [row_of(one) for one in ours])
