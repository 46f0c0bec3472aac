"""The mail-merge file: letters and catalogues, each with its address and the offer's text."""

from __future__ import annotations

from collections.abc import Sequence

from campaigns.lists.recipient import ADDRESS, CONTACT, OFFER, Recipient, by_day
from campaigns.lists.rows import row_of
from campaigns.reporting.sheets import Field, Sheet

__all__ = ["mail_merge", "wants_letter"]

FIELDS = (
    *CONTACT,
    Field("channel", "letter or catalogue"),
    Field("on", "day to post it", "date"),
    *ADDRESS,
    Field("language", "language to write in"),
    *OFFER,
)


def wants_letter(one: Recipient) -> bool:
    """Tell whether a contact belongs on this list: its touch point needs the consent to letters."""
    return one.consent == "mail"


def mail_merge(recipients: Sequence[Recipient]) -> Sheet:
    """Return the contacts to be made by post; those without a whole address are left out."""
    ours = [one for one in by_day(recipients) if wants_letter(one) and one.can_be_written_to]
    return Sheet("Letters", FIELDS, [row_of(one) for one in ours])
