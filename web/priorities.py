"""Priorities: whom to speak to next, through which channel, and why."""

from __future__ import annotations

from datetime import UTC, datetime
from math import ceil
from typing import Any

from flask import Blueprint, Response, abort, flash, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from campaigns.access import Role
from campaigns.language import _, mark, ngettext
from campaigns.reporting.figures import about, days, moment, money, number
from campaigns.reporting.result_sheets import contacts_sheet
from campaigns.reporting.sentences import channel_name, plan_quality, withheld_lines
from campaigns.reporting.sheets import csv_lines, xlsx_bytes
from campaigns.store import plan_requests
from campaigns.store.due import due_count, settle_due, standings
from campaigns.store.owners import owners
from campaigns.store.priorities import ContactFilter, PlanHead, contact_page, every_contact, latest_plan_head
from campaigns.store.suggesting import answer_suggestion_in, suggestion_of
from web.access import allow, visitor
from web.audit import audited
from web.downloads import TYPES
from web.pages.page import Choice
from web.pages.priorities import NoPlanPage, PrioritiesPage
from web.plan_words import STATES
from web.planner import panel_of
from web.priorities_words import contact_rows, outcomes, plan_step, suggestion_lines
from web.site import site

__all__ = ["blueprint"]

PER_PAGE = 50

NO_PROMOTION = "~"
"""What the filter calls contacts that carry no promotion; an empty value asks for all."""

DUE = "yes"
"""What the filter calls contacts that went out and wait for their outcome."""

FIELD = "outcome-"
"""How the fields of the form begin, before the number of the place."""

OUT = ("exported", "closed")
"""States of a plan whose lists went out."""

ANSWERED = {
    "taken up": mark("Yours to offer; marketing keeps silent."),
    "declined": mark("Noted: it will not be offered."),
    "given free": mark("Noted: marketing may make this offer."),
}
"""What an owner may say to a suggestion, and what is said back."""

blueprint = Blueprint("priorities", __name__)


@blueprint.get("/priorities")
@allow(Role.MARKETER, Role.MANAGER, Role.SALES)
def show() -> str:
    """Show a page of the latest plan's contacts in their rank, or how to get a first plan."""
    here = site()
    head = latest_plan_head(here.database)
    if head is None:
        return NoPlanPage(_("Priorities")).render()
    wanted = _wanted()
    mine = visitor().sees_own_accounts_only
    page = request.args.get("page", 1, type=int)
    if not 1 <= page <= max(1, ceil(head.contacts / PER_PAGE)):
        abort(404)
    offset = (page - 1) * PER_PAGE
    today = datetime.now(UTC).astimezone(here.settings.zone).date()
    total = head.count(wanted)
    found = contact_page(here.database, head.id, wanted, offset=offset, limit=PER_PAGE, total=total)
    last = max(1, ceil(found.total / PER_PAGE))
    if page > last:
        abort(404)
    currency = here.settings.currency
    with here.database.reading() as session:
        taken = plan_requests.latest_of_plan(session, head.id)
        panel = panel_of(session, taken, "priorities")
        stand = {} if head.state == "draft" else standings(session, found.numbers, today)
        due = due_count(session, head.id, today, wanted.owner) if head.state in OUT else 0
        suggestions, more = suggestion_lines(session, today, currency, wanted.owner)
    worth = money(head.expected_value, currency, about(head.expected_value))
    first, end = number(offset + 1), number(offset + len(found.contacts))
    shown = _("%(first)s to %(last)s of %(total)s.", first=first, last=end, total=number(found.total))
    return PrioritiesPage(
        title=_("Priorities"),
        headline=ngettext(
            "%(count)s contact for %(days)s",
            "%(count)s contacts for %(days)s",
            found.total if mine else head.contacts,
            count=number(found.total if mine else head.contacts),
            days=days(head.starts_on, head.ends_on),
        ),
        quality=""
        if mine
        else _("Worth about %(value)s; %(quality)s.", value=worth, quality=plan_quality(head.bound, head.gap)),
        made=_(
            "Plan %(number)s, %(state)s, made %(at)s.",
            number=head.id,
            state=_(STATES[head.state][0]),
            at=moment(head.created_at, here.settings.zone),
        ),
        channels=_choices(head.channels, wanted.channel, _("All channels")),
        promotions=_promotions(head, wanted),
        contacts=contact_rows(found, stand, currency, settles=head.state in OUT),
        first_rank=offset + 1,
        shown=shown if found.total else _("No contact is like this."),
        previous=_address(page - 1) if page > 1 else "",
        following=_address(page + 1) if page < last else "",
        downloads=(_download("xlsx"), _download("csv")),
        held_back="" if mine else _held_back(head),
        withheld=() if mine else tuple(withheld_lines(head.withheld)),
        owners=() if mine else _owners(wanted),
        dues=_dues(wanted, due) if head.state in OUT else (),
        plan=plan_step(head, taken),
        panel=panel,
        outcomes=outcomes(),
        here=_address(page),
        suggestions=suggestions,
        more_suggestions=more,
    ).render()


@blueprint.post("/priorities/settle")
@allow(Role.MARKETER, Role.SALES)
def settle() -> BaseResponse:
    """Note what came of contacts that went out, as somebody says."""
    said = {
        int(name.removeprefix(FIELD)): outcome
        for name, outcome in request.form.items()
        if name.startswith(FIELD) and name.removeprefix(FIELD).isdecimal() and outcome
    }
    who = visitor()
    with site().database.transaction(exclusive=True) as session:
        owner = who.owner if who.sees_own_accounts_only else None
        count = settle_due(session, said, datetime.now(UTC).astimezone(site().settings.zone).date(), owner=owner)
        if count:
            told = {str(number): outcome for number, outcome in said.items()}
            audited(session, "contacts settled", f"{count} contacts", after=told)
    flash(
        ngettext("Noted for %(count)s contact.", "Noted for %(count)s contacts.", count, count=number(count))
        if count
        else _("Nothing was chosen, so nothing was noted.")
    )
    return redirect(_back(), 303)


@blueprint.post("/priorities/suggestions/<int:suggestion_id>")
@allow(Role.SALES)
def answer(suggestion_id: int) -> BaseResponse:
    """Keep what an owner says to a suggestion: they make the offer, they do not, or marketing may make it."""
    how, who = request.form.get("how", ""), visitor()
    if how not in ANSWERED:
        abort(400)
    with site().database.transaction() as session:
        one = suggestion_of(session, suggestion_id)
        if one is None or not who.owner or one.owner != who.owner:
            abort(404)
        answer_suggestion_in(session, suggestion_id, how)
        audited(session, "suggestion answered", f"customer {one.customer_id}", after={"answer": how})
    flash(_(ANSWERED[how]))
    return redirect(_back(), 303)


def _back() -> str:
    """Return where the form stood: a page of this list, and nowhere else."""
    asked = request.form.get("back", "")
    return asked if asked.split("?")[0] == url_for("priorities.show") else url_for("priorities.show")


def _dues(wanted: ContactFilter, due: int) -> tuple[Choice, ...]:
    """Give the choices of the filter by what is known of the contacts."""
    return (
        Choice("", _("All"), wanted.due_until is None),
        Choice(DUE, _("Without an outcome (%(count)s)", count=number(due)), wanted.due_until is not None),
    )


@blueprint.get("/priorities.<any(csv, xlsx):kind>")
@allow(Role.MARKETER, Role.MANAGER, Role.SALES)
def download(kind: str) -> Response:
    """Send the filtered list as a file, without the customers held back: what is sent from it must not reach them."""
    here = site()
    head = latest_plan_head(here.database)
    if head is None:
        abort(404)
    wanted = ContactFilter(**{**vars(_wanted()), "with_held_back": False})
    sheet = contacts_sheet(every_contact(here.database, head.id, wanted), here.settings.currency)
    response = Response(csv_lines(sheet) if kind == "csv" else xlsx_bytes([sheet]), mimetype=TYPES[kind])
    response.headers["Content-Disposition"] = f'attachment; filename="priorities-{head.starts_on}.{kind}"'
    return response


def _wanted() -> ContactFilter:
    """Read the filters of this request."""
    promotion = request.args.get("promotion") or None
    none = promotion == NO_PROMOTION
    who = visitor()
    owner = who.owner if who.sees_own_accounts_only else request.args.get("owner") or None
    due = datetime.now(UTC).astimezone(site().settings.zone).date() if request.args.get("due") == DUE else None
    channel = request.args.get("channel") or None
    return ContactFilter(channel, None if none else promotion, none, owner=owner, due_until=due)


def _owners(wanted: ContactFilter) -> tuple[Choice, ...]:
    """Give the choices of the filter by owner; none where nobody owns anybody."""
    with site().database.reading() as session:
        names = owners(session)
    if not names:
        return ()
    everybody = Choice("", _("All owners"), wanted.owner is None)
    return (everybody, *(Choice(name, name, name == wanted.owner) for name in names))


def _filters() -> dict[str, Any]:
    """Give the filters of this request, as they stand in an address."""
    return {name: value for name in ("channel", "promotion", "owner", "due") if (value := request.args.get(name))}


def _download(kind: str) -> str:
    return url_for("priorities.download", kind=kind, **_filters())


def _address(page: int) -> str:
    return url_for("priorities.show", **_filters(), page=page)


def _choices(counts: tuple[tuple[str, int], ...], chosen: str | None, everything: str) -> tuple[Choice, ...]:
    """Give the choices of the channel filter, each with how many contacts it has."""
    return (
        Choice("", everything, chosen is None),
        *(Choice(name, f"{channel_name(name)} ({number(count)})", name == chosen) for name, count in counts),
    )


def _promotions(head: PlanHead, wanted: ContactFilter) -> tuple[Choice, ...]:
    """Give the choices of the promotion filter."""
    return (
        Choice("", _("All promotions"), wanted.promotion is None and not wanted.without_promotion),
        *(
            Choice(NO_PROMOTION, _("No promotion (%(count)s)", count=number(count)), wanted.without_promotion)
            if name is None
            else Choice(name, f"{name} ({number(count)})", name == wanted.promotion)
            for name, count in head.promotions
        ),
    )


def _held_back(head: PlanHead) -> str:
    if not head.held_back:
        return ""
    return _(
        "%(count)s of these customers are held back at random, so that the plan measures itself; "
        "the file to send from leaves them out.",
        count=number(head.held_back),
    )
