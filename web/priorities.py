"""Priorities: whom to speak to next, through which channel, and why."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from math import ceil
from typing import Any

from flask import Blueprint, Response, abort, request, url_for

from campaigns.reporting.figures import about, days, moment, money, number
from campaigns.reporting.page import contact_line
from campaigns.reporting.sentences import channel_name, plan_quality, withheld_lines
from campaigns.store.priorities import ContactFilter, PlanHead, contact_page, every_contact, latest_plan_head
from campaigns.terms import PlannedContact
from web.pages import Choice, NoPlanPage, PrioritiesPage
from web.site import site

__all__ = ["blueprint"]

PER_PAGE = 50

NO_PROMOTION = "~"
"""What the filter calls contacts that carry no promotion; an empty value asks for all."""

COLUMNS = ("customer_id", "promotion", "channel", "on", "expected_value", "reason", "probability")

blueprint = Blueprint("priorities", __name__)


@blueprint.get("/priorities")
def show() -> str:
    """Show a page of the latest plan's contacts in their rank, or how to get a first plan."""
    here = site()
    head = latest_plan_head(here.database)
    if head is None:
        return NoPlanPage("Priorities").render()
    wanted = _wanted()
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
    shown = f"{number(offset + 1)} to {number(offset + len(found.contacts))} of {number(found.total)}."
    return PrioritiesPage(
        title="Priorities",
        headline=f"{number(head.contacts)} contacts for {days(head.starts_on, head.ends_on)}",
        quality=f"Worth about {worth}; {plan_quality(head.bound, head.gap)}.",
        made=f"Plan {head.id}, {head.state}, made {moment(head.created_at, here.settings.zone)}.",
        channels=_choices(head.channels, wanted.channel, "All channels"),
        promotions=_promotions(head, wanted),
        contacts=tuple(contact_line(contact, currency) for contact in found.contacts),
        first_rank=offset + 1,
        shown=shown if found.total else "No contact is like this.",
        previous=_address(page - 1) if page > 1 else "",
        following=_address(page + 1) if page < last else "",
        download=url_for("priorities.download", **_filters()),
        held_back=_held_back(head),
        withheld=tuple(withheld_lines(head.withheld)),
    ).render()


@blueprint.get("/priorities.csv")
def download() -> Response:
    """Send the filtered list as CSV, without the customers held back: what is sent from it must not reach them."""
    here = site()
    head = latest_plan_head(here.database)
    if head is None:
        abort(404)
    wanted = ContactFilter(**{**vars(_wanted()), "with_held_back": False})
    response = Response(_csv(every_contact(here.database, head.id, wanted)), mimetype="text/csv")
    response.headers["Content-Disposition"] = f'attachment; filename="priorities-{head.starts_on}.csv"'
    return response


def _wanted() -> ContactFilter:
    """Read the filters of this request."""
    promotion = request.args.get("promotion") or None
    none = promotion == NO_PROMOTION
    return ContactFilter(request.args.get("channel") or None, None if none else promotion, none)


def _filters() -> dict[str, Any]:
    """Give the filters of this request, as they stand in an address."""
    return {name: value for name in ("channel", "promotion") if (value := request.args.get(name))}


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
        Choice("", "All promotions", wanted.promotion is None and not wanted.without_promotion),
        *(
            Choice(NO_PROMOTION, f"No promotion ({number(count)})", wanted.without_promotion)
            if name is None
            else Choice(name, f"{name} ({number(count)})", name == wanted.promotion)
            for name, count in head.promotions
        ),
    )


def _held_back(head: PlanHead) -> str:
    if not head.held_back:
        return ""
    return (
        f"{number(head.held_back)} of these customers are held back at random, so that the plan measures itself; "
        "the file to send from leaves them out."
    )


def _csv(contacts: Iterator[PlannedContact]) -> Iterator[str]:
    """Write contacts as CSV, a few thousand at a time."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for contact in contacts:
        cells = (_plain(getattr(contact, column)) for column in COLUMNS)
        writer.writerow(cells)
        if text.tell() > 64 * 1024:
            yield text.getvalue()
            text.seek(0)
            text.truncate()
    yield text.getvalue()


def _plain(value: object) -> object:
    """Keep a spreadsheet from taking a text for a formula: a quote goes before ``=``, ``+``, ``-``, ``@``."""
    if isinstance(value, str) and value.startswith(("=", "+", "-", "@", "\t", "\r")):
        return f"'{value}"
    return "" if value is None else value
