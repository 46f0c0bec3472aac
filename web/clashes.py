"""Clashes between marketing and sales: this week's, open and resolved, and resolved with one click."""

from __future__ import annotations

from datetime import datetime

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from campaigns.access import Role
from campaigns.language import _, mark, ngettext
from campaigns.planning.clashes import Clash
from campaigns.reporting.figures import day, number
from campaigns.reporting.naming import channel_name
from campaigns.retelling import dated
from campaigns.settings import policy_table
from campaigns.store.accounts import owns_account
from campaigns.store.background import promotion_names
from campaigns.store.finding import owns
from campaigns.store.policies import policy_in_use
from campaigns.store.tables import Reservation
from web.access import allow, visitor
from web.audit import audited
from web.pages.clashes import ClashesPage, ClashLine, WeekLine
from web.site import site

__all__ = ["WAY_WORDS", "blueprint", "ways_of"]

DAYS = 7

WEEKS = 8

SHOWN = 200
"""Clashes on the page at most."""

WAY_WORDS = {
    "marketing yields": (mark("Leave them to sales"), mark("left to sales")),
    "sales yields": (mark("Let marketing speak"), mark("marketing may speak")),
}
"""The ways of resolving a clash: as a button, and once it is done."""

blueprint = Blueprint("clashes", __name__)


@blueprint.get("/clashes")
@allow(Role.MARKETER, Role.MANAGER, Role.SALES)
def show() -> str:
    """Show the clashes of the coming week, and how many were avoided in the weeks before."""
    from campaigns.store.teams import clashes, clashes_avoided  # loads Arrow, which only these pages need

    here, who = site(), visitor()
    zone = here.settings.zone
    today = datetime.now(zone).date()
    policy = policy_in_use(here.database, policy_table()).policy
    found = clashes(here.database, policy, today=today, zone=zone, days=DAYS)
    if who.sees_own_accounts_only:
        found = tuple(clash for clash in found if _is_mine(clash))
    with here.database.reading() as session:
        names = promotion_names(session)
    standing = [clash for clash in found if clash.open]
    settled = [clash for clash in found if not clash.open]
    return ClashesPage(
        title=_("Clashes"),
        headline=_headline(len(standing)),
        lead=_("Contacts that marketing promised for the next seven days to people with whom sales has the word."),
        open=tuple(_line(clash, names) for clash in standing[:SHOWN]),
        resolved=tuple(_line(clash, names) for clash in settled[:SHOWN]),
        weeks=tuple(
            WeekLine(
                _("%(first)s and the six days after", first=day(week.week)),
                number(week.held_back),
                number(week.resolved),
                number(week.avoided),
            )
            for week in clashes_avoided(here.database, zone=zone)[:WEEKS]
        ),
    ).render()


@blueprint.post("/clashes/<int:reservation_id>")
@allow(Role.MARKETER, Role.MANAGER, Role.SALES)
def resolve(reservation_id: int) -> ResponseReturnValue:
    """Resolve a clash: one side yields."""
    from campaigns.store.teams import resolve_clash_in

    how, who = request.form.get("how", ""), visitor()
    if how not in dict(ways_of()):
        abort(403, _("Your role does not settle a clash like this."))
    with site().database.transaction(exclusive=True) as session:
        place = session.get(Reservation, reservation_id)
        if place is None or (who.sees_own_accounts_only and not owns(session, who.owner, place.person_id)):
            abort(404)
        resolve_clash_in(session, reservation_id, how, by=who.name)
        after = {"how": how, "channel": place.channel, "on": place.on.isoformat()}
        audited(session, "clash resolved", f"customer {place.customer_id}", after=after)
    flash(_("The clash is settled: %(how)s.", how=_(WAY_WORDS[how][1])))
    account = request.form.get("account")
    where = url_for("accounts.show", account_id=account) if account else url_for("clashes.show")
    return redirect(where, 303)


def ways_of() -> tuple[tuple[str, str], ...]:
    """Return the ways in which the visitor may resolve a clash: each team may yield, a manager decides for both."""
    allowed = {
        "marketing yields": visitor().may(Role.MARKETER, Role.MANAGER),
        "sales yields": visitor().may(Role.SALES, Role.MANAGER),
    }
    return tuple((way, _(WAY_WORDS[way][0])) for way, may in allowed.items() if may)


def _is_mine(clash: Clash) -> bool:
    owner = visitor().owner
    if clash.lock.owner == owner:
        return bool(owner)
    with site().database.reading() as session:
        account = clash.contact.account_id
        return owns(session, owner, clash.contact.person) or (
            account is not None and owns_account(session, owner, account)
        )


def _headline(count: int) -> str:
    if not count:
        return _("No open clash this week")
    return ngettext(
        "%(count)s open clash between marketing and sales",
        "%(count)s open clashes between marketing and sales",
        count,
        count=number(count),
    )


def _line(clash: Clash, names: dict[str, str]) -> ClashLine:
    contact, lock = clash.contact, clash.lock
    offer = names.get(contact.promotion or "", contact.promotion or "") or _("no particular offer")
    return ClashLine(
        id=contact.reservation_id,
        on=day(contact.on),
        customer=contact.customer_id,
        address=url_for("customers.one", customer_id=contact.customer_id),
        account=contact.account_id or "",
        account_address=url_for("accounts.show", account_id=contact.account_id) if contact.account_id else "",
        what=_("%(channel)s about %(offer)s", channel=channel_name(contact.channel), offer=offer),
        lock=_(
            "%(owner)s: %(reason)s, until %(day)s", owner=lock.owner, reason=dated(lock.reason), day=day(lock.until)
        ),
        how=_(WAY_WORDS[clash.how][1]) if clash.how in WAY_WORDS else "",
        ways=ways_of() if clash.open else (),
    )
