"""What the kinds of files are called on the screen."""

from __future__ import annotations

from collections.abc import Mapping

from campaigns.language import _, mark

__all__ = ["KINDS", "kind_words"]

KINDS: Mapping[str, str] = {
    "customers": mark("Customers"),
    "channels": mark("Channels"),
    "touches": mark("Sends, clicks and other contacts"),
    "responses": mark("Orders and other responses"),
    "spend": mark("Spend"),
    "promotions": mark("Promotions"),
    "products": mark("Products"),
    "opportunities": mark("Deals"),
    "leads": mark("Leads"),
    "sales_activities": mark("What sales does"),
    "cases": mark("Cases of the service"),
    "suppressions": mark("Who must not be contacted"),
    "calendar_events": mark("Calendar"),
    "capacities": mark("Capacities"),
    "rates": mark("Exchange rates"),
    "experiments": mark("Tests"),
    "assignments": mark("Who is in which test"),
}


def kind_words(kind: str) -> str:
    """Return what a kind of file is called."""
    return _(KINDS[kind]) if kind in KINDS else kind.replace("_", " ")
