"""Customers: found, one on one screen, and what came of speaking to them."""

from __future__ import annotations

from datetime import UTC, datetime

from babel.core import get_global
from flask import Blueprint, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from campaigns.access import Role
from campaigns.faults import RefusedError
from campaigns.language import _, ngettext
from campaigns.people.searching import read_search
from campaigns.reporting.figures import number
from campaigns.retelling import retold
from campaigns.store.finding import Found, customers_of, find_customers, number_of, owns
from campaigns.store.following_up import TALKED, talked
from campaigns.store.plan_records import person_of
from campaigns.store.telling import Told, tell
from web.access import allow, visitor
from web.audit import audited
from web.customer_page import customer_page, customer_state
from web.outcome_form import OutcomeForm, promotions_offered
from web.pages.customers import CustomersPage, FoundLine
from web.site import site

__all__ = ["blueprint", "person_or_404"]

SHOWN = 20
"""Customers of one search."""

blueprint = Blueprint("customers", __name__)


@blueprint.get("/customers")
@allow()
def show() -> ResponseReturnValue:
    """Show the customers that are looked for; where it can be only one, go there."""
    query = " ".join(request.args.get("q", "").split())
    who = visitor()
    mine = who.owner if who.sees_own_accounts_only else None
    with site().database.reading() as session:
        if query:
            wanted = read_search(query, _region())
            found = find_customers(session, wanted, owner=mine, limit=SHOWN + 1)
        else:
            found = customers_of(session, who.owner, SHOWN + 1)
    if query and len(found) == 1 and found[0].customer_id.casefold() == query.casefold():
        return redirect(url_for("customers.one", customer_id=found[0].customer_id), 303)
    return CustomersPage(
        title=_("Customers"),
        headline=_("Customers"),
        lead=_("Found by name, e-mail, telephone, customer number or account."),
        query=query,
        found=tuple(map(_line, found[:SHOWN])),
        shown=_shown(query, len(found)),
    ).render()


@blueprint.get("/customers/by-person/<int:person>")
@allow()
def person(person: int) -> ResponseReturnValue:
    """Go to the customer that a person is."""
    with site().database.reading() as session:
        found = number_of(session, person)
    return abort(404) if found is None else redirect(url_for("customers.one", customer_id=found), 303)


@blueprint.get("/customers/<path:customer_id>")
@allow()
def one(customer_id: str) -> str:
    """Show a customer on one screen."""
    return customer_page(person_or_404(customer_id), customer_id).render()


@blueprint.post("/outcomes/<path:customer_id>")
@allow()
def log(customer_id: str) -> ResponseReturnValue:
    """Keep what came of speaking to a customer; it is in the next plan."""
    person, here, who = person_or_404(customer_id), site(), visitor()
    with here.database.reading() as session:
        form = OutcomeForm.offering(promotions_offered(session))
    if not form.validate_on_submit():
        return _again(person, customer_id, form)
    told = Told(
        customer_id,
        form.what.data,
        form.once.data,
        form.promotion.data or None,
        form.channel.data,
        form.reason.data or "",
        form.call_back(here.settings.zone),
    )
    try:
        with here.database.transaction(exclusive=True) as session:
            owner = who.owner or who.name
            logged = tell(session, told, by=owner, now=datetime.now(UTC), zone=here.settings.zone)
            if logged.new:
                after = {"outcome": told.what, "promotion": told.promotion, "reason": told.reason or None}
                audited(session, "outcome logged", customer_id, after=after)
                if who.may(Role.SALES) and who.owner and told.what in TALKED:
                    talked(session, person, who.owner, now=datetime.now(UTC), zone=here.settings.zone)
    except RefusedError as refused:
        form.what.errors = (*form.what.errors, retold(str(refused.faults[0].expected)))
        return _again(person, customer_id, form)
    words = _("Logged. The next plan heeds it.") if logged.new else _("This was logged already.")
    if "HX-Request" in request.headers:
        return customer_state(person, customer_id, logged=words).render()
    flash(words)
    return redirect(url_for("customers.one", customer_id=customer_id), 303)


def person_or_404(customer_id: str) -> int:
    """Return the person of a customer whom the visitor may see; sales sees its own alone."""
    who = visitor()
    with site().database.reading() as session:
        found = person_of(session, customer_id)
        if found is None or (who.sees_own_accounts_only and not owns(session, who.owner, found)):
            abort(404, _("There is no such customer, or they are another owner's."))
    return found


def _again(person: int, customer_id: str, form: OutcomeForm) -> ResponseReturnValue:
    """Show the form once more with its faults; htmx changes a page only by an answer without an error."""
    if "HX-Request" in request.headers:
        return customer_state(person, customer_id, form=form).render()
    return customer_page(person, customer_id, form=form).render(), 422


def _region() -> str:
    """Return the country in which telephone numbers are dialled: that of the installation's zone."""
    return str(get_global("zone_territories").get(site().settings.zone.key, ""))


def _line(found: Found) -> FoundLine:
    reached = ", ".join(part for part in (found.email, found.phone) if part)
    address = url_for("customers.one", customer_id=found.customer_id)
    return FoundLine(address, found.customer_id, found.name, reached, found.account_id, found.segment, found.owner)


def _shown(query: str, count: int) -> str:
    if count > SHOWN:
        return _("The first %(count)s. Write more of the name to see fewer.", count=number(SHOWN))
    if count:
        return ngettext("%(count)s customer", "%(count)s customers", count, count=number(count))
    if query:
        hint = _("Nobody is found. Names are found by their beginning, everything else as it was written.")
        if visitor().sees_own_accounts_only:
            hint += " " + _("You see the customers and accounts whose owner you are.")
        return hint
    if visitor().sees_own_accounts_only and not visitor().owner:
        return _("No account is yours yet: an administrator names the owner you are under Settings, Users.")
    return ""
