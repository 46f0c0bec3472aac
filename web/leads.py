"""Leads in the hands of sales: handed over, followed up, and offered back when nobody speaks to them."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField, SelectField, StringField
from wtforms.validators import InputRequired, Length

from campaigns.access import Role
from campaigns.faults import RefusedError, TouchstoneError
from campaigns.language import _, mark, ngettext
from campaigns.planning.handover import Lead, business_hours, steps_due
from campaigns.reporting.figures import moment, number
from campaigns.retelling import retold
from campaigns.settings import policy_table
from campaigns.store.following_up import follow_up_in
from campaigns.store.handovers import HandoverWish, hand_over, leads_waiting, take_back
from campaigns.store.owners import owners
from campaigns.store.policies import policy_in_use
from web.access import allow, visitor
from web.audit import audited
from web.forms import Form, named_apart
from web.pages.leads import LeadLine, LeadsPage
from web.site import site

__all__ = ["HandoverForm", "blueprint"]

blueprint = Blueprint("leads", __name__)

SHOWN = 200
"""Leads on the page at most, those that have waited longest first."""

STATES = {
    "": (mark("in time"), ""),
    "owner": (mark("the owner was reminded"), "care"),
    "manager": (mark("the manager was told"), "care"),
    "offer back": (mark("offered back to marketing"), "bad"),
}
"""How far the clock of a lead is, in words, and how they look."""


class HandoverForm(Form):
    """To whom in sales a customer is handed over, and why."""

    customer = HiddenField(validators=[InputRequired()])
    owner = SelectField(mark("To whom"), validators=[InputRequired(mark("Say to whom."))], validate_choice=False)
    reason = StringField(
        mark("What they asked for"),
        description=mark("Sales reads it."),
        validators=[InputRequired(mark("Say what they asked for.")), Length(max=300)],
    )

    @classmethod
    def offering(cls, named: tuple[str, ...], customer_id: str, owner: str = "") -> HandoverForm | None:
        """Make the form of a customer's page; None where nobody works in sales."""
        if not named:
            return None
        form = cls(formdata=None)
        form.owner.choices = [(name, name) for name in named]
        form.customer.data, form.owner.data = customer_id, owner or named[0]
        named_apart(form, "handover")
        return form


@blueprint.get("/leads")
@allow(Role.MARKETER, Role.MANAGER, Role.SALES)
def show() -> str:
    """Show the leads that wait to be spoken to, those first that have waited longest."""
    here, who = site(), visitor()
    now = datetime.now(UTC)
    found = leads_waiting(here.database, now=now)
    if who.sees_own_accounts_only:
        found = tuple(lead for lead in found if lead.owner == who.owner)
    waiting = sorted(found, key=lambda lead: lead.handed_at)
    return LeadsPage(
        title=_("Leads"),
        headline=ngettext(
            "%(count)s lead waits to be spoken to",
            "%(count)s leads wait to be spoken to",
            len(waiting),
            count=number(len(waiting)),
        )
        if waiting
        else _("No lead waits"),
        lines=tuple(_line(lead, now) for lead in waiting[:SHOWN]),
        more=number(len(waiting) - SHOWN) if len(waiting) > SHOWN else "",
    ).render()


@blueprint.post("/leads")
@allow(Role.MARKETER, Role.MANAGER)
def give() -> ResponseReturnValue:
    """Hand a customer over to sales."""
    form = HandoverForm()
    with site().database.reading() as session:
        form.owner.choices = [(name, name) for name in owners(session)]
    customer = form.customer.data or ""
    if not form.validate_on_submit() or form.owner.data not in dict(form.owner.choices):
        flash(_("Nothing was handed over: say to whom, and what they asked for."), "refused")
    else:
        wish = HandoverWish(customer, form.owner.data, form.reason.data)
        try:
            made = hand_over(site().database, wish, by=visitor().name)
        except RefusedError as refused:
            said = "; ".join(retold(f"{fault.found}") for fault in refused.faults)
            flash(_("Nothing was handed over: %(why)s.", why=said), "refused")
        else:
            with site().database.transaction() as session:
                after = {"owner": wish.owner, "reason": wish.reason}
                audited(session, "lead handed over", f"customer {customer}", after=after)
            flash(_("%(owner)s has this lead now; marketing keeps silent.", owner=wish.owner))
            return redirect(url_for("leads.show", _anchor=f"handover-{made}"), 303)
    return redirect(url_for("customers.one", customer_id=customer) if customer else url_for("leads.show"), 303)


@blueprint.post("/leads/followed-up")
@allow(Role.SALES, Role.MANAGER)
def followed_up() -> ResponseReturnValue:
    """Say that somebody has spoken to a lead: its clock stops."""
    who, key = visitor(), request.form.get("lead", "")
    owner = who.owner if who.sees_own_accounts_only else None
    try:
        with site().database.transaction(exclusive=True) as session:
            whom = follow_up_in(session, key, owner=owner, now=datetime.now(UTC), zone=site().settings.zone)
            audited(session, "lead followed up", key)
    except TouchstoneError:
        abort(404, _("There is no such lead, or it is another owner's."))
    flash(_("%(whom)s was followed up; the clock has stopped.", whom=whom))
    return redirect(url_for("leads.show"), 303)


@blueprint.post("/leads/<int:handover_id>/take-back")
@allow(Role.MARKETER, Role.MANAGER)
def take(handover_id: int) -> ResponseReturnValue:
    """Take back a lead that the clock offers to marketing."""
    here = site()
    policy = policy_in_use(here.database, policy_table()).policy
    take_back(here.database, handover_id, policy, by=visitor().name, zone=here.settings.zone)
    with here.database.transaction() as session:
        audited(session, "lead taken back", f"handover {handover_id}")
    flash(_("Marketing may speak to them again."))
    return redirect(url_for("leads.show"), 303)


def _line(lead: Lead, now: datetime) -> LeadLine:
    here, who = site(), visitor()
    rules = policy_in_use(here.database, policy_table()).policy.handover
    zone = here.settings.zone
    waited = int(business_hours(rules, lead.handed_at, now, zone))
    due = steps_due(rules, lead, now, zone)
    step = due[-1].step if due else ""
    words, mood = STATES[step]
    kind, _colon, handed = lead.key.partition(":")
    offered = step == "offer back" and kind == "handover"
    return LeadLine(
        anchor=lead.key.replace(":", "-"),
        key=lead.key,
        whom=lead.customer_id or _("Account %(account)s", account=lead.account_id),
        address=url_for("customers.one", customer_id=lead.customer_id)
        if lead.customer_id
        else url_for("accounts.show", account_id=lead.account_id),
        owner=lead.owner,
        since=moment(lead.handed_at, zone),
        waited=ngettext("%(count)s business hour", "%(count)s business hours", waited, count=number(waited)),
        state=_(words),
        mood=mood,
        may_follow_up=who.may(Role.MANAGER) or (who.may(Role.SALES) and lead.owner == who.owner),
        take_back=url_for("leads.take", handover_id=int(handed))
        if offered and who.may(Role.MARKETER, Role.MANAGER)
        else "",
    )
