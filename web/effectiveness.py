"""Effectiveness: the published report, its charts as files, and what to do before there is one."""

from __future__ import annotations

from flask import Blueprint, Response, abort, request, url_for

from campaigns.reporting.drawing import png, svg
from campaigns.reporting.figures import number
from campaigns.reporting.page import report_charts, report_page
from campaigns.store.holdings import holdings
from campaigns.terms import GOALS, Report
from web.pages import Choice, EffectivenessPage, FirstPage, Step
from web.published import DEFAULT
from web.runs import run_panel
from web.site import site

__all__ = ["blueprint"]

CHARTS = "/charts"

IMAGES = {"svg": "image/svg+xml", "png": "image/png"}

blueprint = Blueprint("effectiveness", __name__)

STEPS = (
    ("responses", "Orders", "what was bought, when and by whom", "customer_id, occurred_at, kind, value", "orders.csv"),
    ("spend", "Spend", "what each channel and campaign cost, day by day", "date, channel, cost", "spend.csv"),
    (
        "touches",
        "Sends or clicks",
        "whom you reached, when and how",
        "customer_id, occurred_at, channel, kind",
        "sends.csv",
    ),
)
"""The three files of a first answer: kind, name, what it tells, its columns, an example of a file's name."""


@blueprint.get("/")
@blueprint.get("/effectiveness")
def show() -> str:
    """Show the published report, or how to get to the first one."""
    goals = site().published.goals()
    goal = _goal(goals)
    report = site().published.report(goal)
    if report is None:
        return _first_page(goal).render()
    return EffectivenessPage(
        title="Effectiveness",
        content=site().published.content(report),
        run=run_panel(goal),
        charts=f"{CHARTS}/{goal}",
        download=url_for("effectiveness.download", goal=goal),
        goals=tuple(Choice(name, GOALS[name].plural.capitalize(), name == goal) for name in goals)
        if len(goals) > 1
        else (),
    ).render()


@blueprint.get("/effectiveness/report.html")
def download() -> Response:
    """Send the report as one file that needs no site."""
    report = _report_or_404(_goal(site().published.goals()))
    response = Response(report_page(report, zone=site().settings.zone), mimetype="text/html")
    return _as_file(response, f"effectiveness-{report.run.window.end}.html")


@blueprint.get(f"{CHARTS}/<goal>/<name>.<any(svg, png):kind>")
def chart(goal: str, name: str, kind: str) -> Response:
    """Send a chart of the published report as a file."""
    report = _report_or_404(goal)
    charts = report_charts(report)
    if name not in charts:
        abort(404)
    response = Response(svg(charts[name]) if kind == "svg" else png(charts[name]), mimetype=IMAGES[kind])
    return _as_file(response, f"{name}-{report.run.window.end}.{kind}")


def _goal(goals: tuple[str, ...]) -> str:
    """Give the goal that is asked for, or else the first that has a report."""
    goal = request.args.get("goal") or (goals[0] if goals else DEFAULT)
    if goal not in GOALS:
        abort(404)
    return goal


def _report_or_404(goal: str) -> Report:
    report = site().published.report(goal)
    if report is None:
        abort(404)
    return report


def _as_file(response: Response, name: str) -> Response:
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response


def _first_page(goal: str) -> FirstPage:
    """Say which of the three files are there, and what to do next."""
    stored = {holding.kind: holding.rows for holding in holdings(site().database)}
    steps = tuple(
        Step(
            name=name,
            what=what,
            columns=columns,
            command=f"touchstone import {kind} {file}",
            rows=_imported(stored.get(kind, 0)),
        )
        for kind, name, what, columns, file in STEPS
    )
    return FirstPage("First steps", steps, all(step.rows for step in steps), run_panel(goal))


def _imported(rows: int) -> str:
    """Say how much of a file is there; nothing where nothing is."""
    return f"{number(rows)} {'row' if rows == 1 else 'rows'} imported" if rows else ""
