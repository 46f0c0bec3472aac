"""The first steps: which of the three files of a first answer are there, and what to do next."""

from __future__ import annotations

from campaigns.language import _, mark, ngettext
from campaigns.reporting.figures import number
from campaigns.store.holdings import holdings
from campaigns.store.joins import joins_of
from web.pages.effectiveness import FirstPage, Step
from web.runs import run_panel
from web.site import site
from web.uploads_part import uploads_part

__all__ = ["first_page"]

STEPS = (
    (
        "responses",
        mark("Orders"),
        mark("what was bought, when and by whom"),
        "customer_id, occurred_at, kind, value",
        mark("the orders of Shopify, or a list of orders"),
        "orders.csv",
    ),
    (
        "spend",
        mark("Spend"),
        mark("what each channel and campaign cost, day by day"),
        "date, channel, cost",
        mark("reports by day of Google Ads and Meta Ads, or your agency's list of costs"),
        "spend.csv",
    ),
    (
        "touches",
        mark("Sends or clicks"),
        mark("whom you reached, when and how"),
        "customer_id, occurred_at, channel, kind",
        mark("the activity of Mailchimp, the events of Google Analytics, calls, letters"),
        "sends.csv",
    ),
)
"""The three files of a first answer: kind, name, what it tells, its columns, usual exports, a file's name."""


def first_page(goal: str) -> FirstPage:
    """Say which of the three files are there, and what to do next."""
    stored = {holding.kind: holding.rows for holding in holdings(site().database)}
    steps = tuple(
        Step(
            name=_(name),
            what=_(what),
            columns=columns,
            exports=_(exports),
            command=f"touchstone import {kind} {file}",
            rows=_imported(stored.get(kind, 0)),
        )
        for kind, name, what, columns, exports, file in STEPS
    )
    ready = all(step.rows for step in steps)
    return FirstPage(
        title=_("First steps"),
        steps=steps,
        ready=ready,
        pairs=_pairs() if ready else 0,
        uploads=uploads_part("first"),
        run=run_panel(goal),
    )


def _pairs() -> int:
    """Count the names of spend that probably mean names of touches."""
    with site().database.reading() as session:
        return len(joins_of(session).pairs)


def _imported(rows: int) -> str:
    """Say how much of a file is there; nothing where nothing is."""
    return ngettext("%(count)s row imported", "%(count)s rows imported", rows, count=number(rows)) if rows else ""
