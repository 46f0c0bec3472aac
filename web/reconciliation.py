"""What each source shows, what we use of it, and every reason for the difference; with a file to take along."""

from __future__ import annotations

from dataclasses import asdict

from babel.dates import format_date
from flask import Blueprint, Response, abort, request

from campaigns.access import Role
from campaigns.language import _, locale, mark
from campaigns.reconciliation import Amounts, Reconciled, linked_sentence, reason_words, total
from campaigns.reporting.figures import moment, money, number
from campaigns.reporting.reconciliation_sheets import reconciliation_sheet, unused_sheet
from campaigns.reporting.sheets import csv_text, xlsx_bytes
from campaigns.store.reconciling import reconciliation, unused_rows
from campaigns.store.summaries import reconciliation_kept
from campaigns.terms import Goal, Report
from web.access import allow
from web.downloads import TYPES
from web.pages.joining import PeriodLine, ReconciliationPage
from web.published import DEFAULT
from web.site import site

__all__ = ["blueprint"]

blueprint = Blueprint("reconciliation", __name__)

KINDS = {
    "responses": mark("Orders and other responses"),
    "spend": mark("Spend"),
    "touches": mark("Touches"),
    "opportunities": mark("Deals"),
}


@blueprint.get("/sources/reconciliation")
@allow(Role.MARKETER, Role.MANAGER)
def show() -> str:
    """Show what sources show and what counts."""
    goal = _goal()
    report = site().published.report(goal.name)
    periods = _periods(report, goal)
    totals = total(periods)
    zone = site().settings.zone
    orders = next((each for each in totals if each.kind == "responses"), None)
    linked = (linked_sentence(report.run.linked_share),) if report else ()
    as_of = (_("As of the run of %(at)s.", at=moment(report.run.finished_at, zone)),) if report else ()
    others = (f"{_(KINDS[each.kind])}: {each.sentence}" for each in totals if each is not orders)
    return ReconciliationPage(
        title=_("Reconciliation"),
        headline=orders.sentence if orders else _("Nothing has been imported yet"),
        sentences=(*others, *linked, *as_of),
        periods=tuple(_line(each) for each in periods),
    ).render()


@blueprint.get("/sources/reconciliation.<any(csv, xlsx):kind>")
@allow(Role.MARKETER, Role.MANAGER)
def file(kind: str) -> Response:
    """Send it as a file; the workbook has every row that does not count."""
    goal, settings = _goal(), site().settings
    report = site().published.report(goal.name)
    sheet = reconciliation_sheet(_periods(report, goal), settings.currency)
    if kind == "csv":
        written: str | bytes = csv_text(sheet)
    else:
        window = report.run.window if report else None
        with site().database.reading() as session:
            rows = map(asdict, unused_rows(session, settings.zone, window, goal))
            written = xlsx_bytes([sheet, unused_sheet(rows, settings.currency)])
    response = Response(written, mimetype=TYPES[kind])
    response.headers["Content-Disposition"] = f'attachment; filename="reconciliation.{kind}"'
    return response


def _periods(report: Report | None, goal: Goal) -> tuple[Reconciled, ...]:
    """Return what the last run summed up; before there is one, it is summed up here."""
    window = report.run.window if report else None
    with site().database.reading() as session:
        kept = reconciliation_kept(session, report.run.id) if report else None
        return reconciliation(session, site().settings.zone, window, goal) if kept is None else kept


def _goal() -> Goal:
    """Return the goal asked for, a usual one or one of the installation's own; else the first that has a report."""
    goals = site().goals
    asked = request.args.get("goal") or next(iter(site().published.goals()), DEFAULT)
    return goals.get(asked) or abort(404)


def _line(each: Reconciled) -> PeriodLine:
    amount = each.uses.cost if each.kind in ("spend", "touches") else each.uses.value
    return PeriodLine(
        _(KINDS[each.kind]),
        each.source,
        format_date(each.month, "LLLL yyyy", locale=locale()) if each.month else _("day not known"),
        _counted(each.shows),
        _counted(each.uses),
        money(amount / 100, site().settings.currency),
        tuple(
            f"{reason_words(difference.reason)}: {_difference(difference.amounts)}" for difference in each.differences
        ),
    )


def _counted(amounts: Amounts) -> str:
    return number(amounts.orders or amounts.rows)


def _difference(amounts: Amounts) -> str:
    if amounts.rows:
        return number(amounts.rows)
    return money((amounts.value or amounts.cost) / 100, site().settings.currency)
