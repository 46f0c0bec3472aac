"""Accounts: the calendar that marketing and sales share, the same for both."""

from __future__ import annotations

from datetime import date, datetime, timedelta
from itertools import groupby

from flask import Blueprint, abort, request, url_for

from campaigns.access import Role
from campaigns.language import _, mark, ngettext
from campaigns.reporting.figures import day, number
from campaigns.retelling import retold
from campaigns.settings import policy_table
from campaigns.store.accounts import account_is_known, members_of_account, owns_account
from campaigns.store.holds import holds_on
from campaigns.store.policies import policy_in_use
from web.access import allow, visitor
from web.clashes import ways_of
from web.hold_form import HoldForm, hold_line
from web.pages.clashes import AccountPage, DayLine, EntryLine
from web.site import site

__all__ = ["blueprint"]

BEFORE, AFTER = timedelta(days=14), timedelta(days=27)
"""Days of the calendar before and after the one it is opened at."""

TEAMS = {"marketing": mark("Marketing"), "sales": mark("Sales"), "service": mark("Service")}

PEOPLE = 50
"""People of an account that are named."""

blueprint = Blueprint("accounts", __name__)


@blueprint.get("/accounts/<path:account_id>")
@allow(Role.MARKETER, Role.MANAGER, Role.SALES)
def show(account_id: str) -> str:
    """Show what both teams did and will do with an account, day by day, clashes marked."""
    from campaigns.store.account_calendar import Entry, account_calendar  # loads Arrow, which only this page needs

    here, who = site(), visitor()
    zone = here.settings.zone
    today = datetime.now(zone).date()
    with here.database.reading() as session:
        known = account_is_known(session, account_id)
        if not known or (who.sees_own_accounts_only and not owns_account(session, who.owner, account_id)):
            abort(404, _("There is no such account, or it is another owner's."))
        people = members_of_account(session, account_id)
        held = holds_on(session, list(people), [account_id], today)
    middle = _day_asked_for() or today
    first, last = middle - BEFORE, middle + AFTER
    policy = policy_in_use(here.database, policy_table()).policy
    entries = account_calendar(here.database, policy, account_id, first=first, last=last, zone=zone)
    ways = ways_of()

    def line(entry: Entry) -> EntryLine:
        return EntryLine(
            team=_(TEAMS[entry.team]),
            mood=entry.team,
            what=retold(entry.what),
            who=entry.who or "",
            address=url_for("customers.one", customer_id=entry.who) if entry.who else "",
            owner=entry.owner or "",
            clash=entry.clash,
            id=entry.reservation_id,
            ways=ways if entry.clash and entry.on >= today else (),
        )

    days = [DayLine(on, day(on), on == today, tuple(map(line, found))) for on, found in groupby(entries, _on)]
    count = len(people)
    holding = who.may(Role.SALES, Role.MANAGER)
    return AccountPage(
        title=_("Account %(account)s", account=account_id),
        account=account_id,
        lead=ngettext("%(count)s person", "%(count)s people", count, count=number(count)),
        people=tuple(
            (name or number_, url_for("customers.one", customer_id=number_))
            for number_, name in list(people.values())[:PEOPLE]
        ),
        days=tuple(days),
        earlier=url_for("accounts.show", account_id=account_id, on=(middle - BEFORE - AFTER).isoformat()),
        later=url_for("accounts.show", account_id=account_id, on=(middle + BEFORE + AFTER).isoformat()),
        holds=tuple(map(hold_line, held)),
        hold=HoldForm.for_customer("", account_id) if holding else None,
    ).render()


def _on(entry: object) -> date:
    on: date = entry.on  # type: ignore[attr-defined]
    return on


def _day_asked_for() -> date | None:
    try:
        found = date.fromisoformat(request.args.get("on", ""))
    except ValueError:
        return None
    return found if 2000 <= found.year <= 2100 else None
