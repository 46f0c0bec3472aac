"""Today: what changed, what needs a decision, whom to speak to next, the last run, and how fresh the data are."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from flask import Blueprint, url_for

from campaigns.access import Role
from campaigns.language import _, ngettext
from campaigns.reporting.decisions import Action
from campaigns.reporting.figures import days, moment, number
from campaigns.reporting.kinds import kind_words
from campaigns.reporting.lines import Line
from campaigns.reporting.page import ContactLine, contact_line
from campaigns.store.background import promotion_names
from campaigns.store.freshness import Freshness, freshness
from campaigns.store.priorities import first_contacts
from web.access import allow, visitor
from web.pages.today import FreshLine, TodayPage
from web.published import DEFAULT, Shown
from web.runs import run_panel
from web.site import site

__all__ = ["blueprint"]

CONTACTS = 8

DECISIONS = 6

CALLERS = (Role.MARKETER, Role.MANAGER, Role.SALES)
"""Who may open the priorities."""

STALE = timedelta(days=3)
"""Age from which a source that was imported before is called old."""

blueprint = Blueprint("today", __name__)


@blueprint.get("/today")
@allow()
def show() -> str:
    """Show what there is to know and to do this morning."""
    office = visitor().may(Role.MARKETER, Role.MANAGER)
    goal = next(iter(site().published.goals()), DEFAULT) if office else DEFAULT
    shown = site().published.shown(goal) if office else None
    decisions = _decisions(shown)
    headline, contacts = _contacts()
    changes = None if shown is None else shown.report.changes
    with site().database.reading() as session:
        fresh = freshness(session)
    return TodayPage(
        title=_("Today"),
        headline=_headline(shown, decisions, office),
        lead="" if shown is None else site().published.content(shown).summary.headline,
        run=run_panel(goal) if office else None,
        changed=() if changes is None else changes.reasons,
        since="" if changes is None else moment(changes.since, site().settings.zone),
        decisions=decisions,
        report=url_for("effectiveness.show", goal=goal) if office else "",
        contacts=contacts,
        contacts_headline=headline,
        priorities=url_for("priorities.show") if visitor().may(*CALLERS) else "",
        fresh=tuple(_fresh(found, datetime.now(UTC)) for found in fresh),
    ).render()


def _decisions(shown: Shown | None) -> tuple[Line, ...]:
    """Give the channels that ask for a decision, in the order of the report."""
    if shown is None:
        return ()
    lines = (row.line for row in site().published.content(shown).rows)
    return tuple(line for line in lines if line.action is not Action.KEEP)[:DECISIONS]


def _headline(shown: Shown | None, decisions: tuple[Line, ...], office: bool) -> str:
    if not office:
        return _("Whom to speak to today")
    if shown is None:
        return _("There is no report yet")
    if not decisions:
        return _("Nothing needs a decision today")
    return ngettext(
        "%(count)s channel needs a decision",
        "%(count)s channels need a decision",
        len(decisions),
        count=number(len(decisions)),
    )


def _contacts() -> tuple[str, tuple[ContactLine, ...]]:
    """Give the first contacts of the latest plan, and what it holds."""
    here = site()
    found = None if visitor().sees_own_accounts_only else first_contacts(here.database, CONTACTS)
    if found is None:
        return "", ()
    window, contacts = found
    headline = _("The first of the plan for %(days)s", days=days(window.start, window.end))
    with here.database.reading() as session:
        names = promotion_names(session)
    told = (replace(one, promotion=names.get(one.promotion or "", one.promotion)) for one in contacts)
    return headline, tuple(contact_line(contact, here.settings.currency) for contact in told)


def _fresh(found: Freshness, now: datetime) -> FreshLine:
    """Write how fresh a source is; one that is imported again and again and then was not is old."""
    age = now - found.last_at
    brought = ngettext("%(count)s row", "%(count)s rows", found.rows, count=number(found.rows))
    if found.skipped:
        brought += ", " + _("%(count)s left out", count=number(found.skipped))
    return FreshLine(
        kind=kind_words(found.kind),
        source=found.source,
        last=moment(found.last_at, site().settings.zone),
        ago=_age(age),
        brought=brought,
        stale=age > STALE and found.imports > 1,
    )


def _age(age: timedelta) -> str:
    hours = int(age.total_seconds() // 3600)
    if hours < 1:
        return _("within the last hour")
    if hours < 48:
        return ngettext("%(count)s hour ago", "%(count)s hours ago", hours, count=number(hours))
    return ngettext("%(count)s day ago", "%(count)s days ago", hours // 24, count=number(hours // 24))
