"""The form by which an outcome is logged in two clicks: what came of it, and the button."""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any, Self
from zoneinfo import ZoneInfo

from sqlmodel import Session
from wtforms import DateTimeLocalField, HiddenField, RadioField, SelectField, StringField
from wtforms.validators import InputRequired, Length, Optional, Regexp, ValidationError

from campaigns.language import _, mark
from campaigns.reporting.naming import channel_name
from campaigns.store.background import promotion_names
from campaigns.store.telling import CALL
from web.customer_words import OUTCOMES
from web.forms import Form, offered

__all__ = ["OutcomeForm", "promotions_offered"]

CHANNELS = (CALL, "store", "email", "sms", "mail")
"""How somebody may have spoken to a customer."""


class OutcomeForm(Form):
    """What came of speaking to a customer; ``once`` keeps a second press from logging it twice."""

    what = RadioField(
        mark("What came of it?"), choices=offered(OUTCOMES), validators=[InputRequired(mark("Choose what came of it."))]
    )
    promotion = SelectField(mark("About"), validators=[Optional()])
    channel = SelectField(mark("How"), default=CALL)
    reason = StringField(mark("In their words"), validators=[Optional(), Length(max=500)])
    call_back_at = DateTimeLocalField(mark("Call back at"), format="%Y-%m-%dT%H:%M", validators=[Optional()])
    once = HiddenField(validators=[InputRequired(), Regexp(r"^[0-9a-f]{16}$")])

    @classmethod
    def offering(cls, promotions: Sequence[tuple[str, str]], chosen: str | None = None, **told: Any) -> Self:
        """Make the form with the offers it may be about.

        Parameters
        ----------
        promotions
            (key, name) of each.
        chosen
            The one chosen at first: the offer of the next contact.
        """
        form = cls(**told) if told else cls()
        form.promotion.choices = [("", _("No particular offer")), *promotions]
        form.channel.choices = [(channel, channel_name(channel)) for channel in CHANNELS]
        if "formdata" in told or not form.is_submitted():
            form.promotion.data = chosen or ""
        if not form.once.data:
            form.once.data = secrets.token_hex(8)
        return form

    def validate_call_back_at(self, field: Any) -> None:
        """Ask for the time of a call back."""
        if self.what.data == "call back" and field.data is None:
            raise ValidationError(_("Say when to call back."))

    def call_back(self, zone: ZoneInfo) -> datetime | None:
        """Return the moment of the call back."""
        at = self.call_back_at.data
        return at.replace(tzinfo=zone).astimezone(UTC) if at is not None and self.what.data == "call back" else None


def promotions_offered(session: Session) -> list[tuple[str, str]]:
    """Return the offers that something may be about, by name."""
    return sorted(promotion_names(session).items(), key=lambda item: item[1])
