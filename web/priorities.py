"""Priorities: whom to speak to next, through which channel, and why."""

from __future__ import annotations

from math import ceil
from typing import Any

from flask import Blueprint, Response, abort, request, url_for

from campaigns.access import Role
from campaigns.language import _, mark, ngettext
from campaigns.reporting.figures import about, days, moment, money, number
from campaigns.reporting.page import contact_line
from campaigns.reporting.result_sheets import contacts_sheet
from campaigns.reporting.sentences import channel_name, plan_quality, withheld_lines
from campaigns.reporting.sheets import csv_lines, xlsx_bytes
from campaigns.store.owners import owners
from campaigns.store.priorities import ContactFilter, PlanHead, contact_page, every_contact, latest_plan_head
from web.access import allow, visitor
from web.downloads import TYPES
from web.pages.page import Choice
from web.pages.priorities import NoPlanPage, PrioritiesPage
from web.site import site

__all__ = ["blueprint"]

PER_PAGE = 50

NO_PROMOTION = "~"
"""What the filter calls contacts that carry no promotion; an empty value asks for all."""

STATE_WORDS = {
    "draft": mark("draft"),
    "approved": mark("approved"),
    "exported": mark("exported"),
    "closed": mark("closed"),
    "cancelled": mark("cancelled"),
}
"""What has become of a plan, in words."""

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
    found = contact_page(here.database, head.id, wanted, offset=offset, limit=PER_PAGE)
    last = max(1, ceil(found.total / PER_PAGE))
    if page > last:
        abort(404)
    currency = here.settings.currency
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
            state=_(STATE_WORDS.get(head.state, head.state)),
            at=moment(head.created_at, here.settings.zone),
        ),
        channels=_choices(head.channels, wanted.channel, _("All channels")),
        promotions=_promotions(head, wanted),
        contacts=tuple(contact_line(contact, currency) for contact in found.contacts),
        first_rank=offset + 1,
        shown=shown if found.total else _("No contact is like this."),
        previous=_address(page - 1) if page > 1 else "",
        following=_address(page + 1) if page < last else "",
        downloads=(_download("xlsx"), _download("csv")),
        held_back="" if mine else _held_back(head),
        withheld=() if mine else tuple(withheld_lines(head.withheld)),
        owners=() if mine else _owners(wanted),
    ).render()


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
    return ContactFilter(request.args.get("channel") or None, None if none else promotion, none, owner=owner)


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
    return {name: value for name in ("channel", "promotion", "owner") if (value := request.args.get(name))}


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
