"""The form of a hold: whom, why, and until when."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Self

from wtforms import DateField, HiddenField, RadioField, StringField
from wtforms.validators import InputRequired, Length, Optional

from campaigns.access import Role
from campaigns.language import _, mark
from campaigns.reporting.figures import day
from campaigns.store.holds import Hold
from web.access import visitor
from web.forms import Form, named_apart
from web.pages.customers import HoldLine
from web.site import site

__all__ = ["HoldForm", "hold_line"]

USUAL = timedelta(days=14)


class HoldForm(Form):
    """A hold of sales; without a reason or a last day it does not exist."""

    scope = RadioField(mark("Whom"), validators=[InputRequired()])
    reason = StringField(
        mark("Why"),
        description=mark("Marketing reads it."),
        validators=[InputRequired(mark("Say why.")), Length(max=300)],
    )
    until = DateField(mark("Until"), validators=[InputRequired(mark("Say until when."))])
    owner = StringField(mark("For the owner"), validators=[Optional(), Length(max=200)])
    customer = HiddenField(validators=[Optional()])
    account = HiddenField(validators=[Optional()])

    @classmethod
    def for_customer(cls, customer_id: str, account_id: str, owner: str = "") -> Self:
        """Make the form on the page of a customer or an account; either may be empty."""
        form = cls(formdata=None)
        form.offer(customer_id, account_id)
        form.customer.data, form.account.data = customer_id, account_id
        form.scope.data = "account" if account_id else "customer"
        form.until.data = datetime.now(site().settings.zone).date() + USUAL
        form.owner.data = visitor().owner or owner
        named_apart(form, "hold")
        return form

    def offer(self, customer_id: str, account_id: str) -> None:
        """Say whom it may hold."""
        both = (("account", account_id, _("The whole account")), ("customer", customer_id, _("This customer alone")))
        self.scope.choices = [(name, words) for name, number, words in both if number]


def hold_line(held: Hold) -> HoldLine:
    """Write a hold in words; who placed it, or a manager, may release it."""
    mine = visitor().may(Role.MANAGER) or (visitor().may(Role.SALES) and held.owner == visitor().owner)
    whom = _("account %(account)s", account=held.account_id) if held.account_id else (held.customer_id or "")
    words = _("%(owner)s holds %(whom)s", owner=held.owner, whom=whom)
    return HoldLine(held.id, words, day(held.until), held.reason, mine)
