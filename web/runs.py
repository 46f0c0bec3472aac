"""Runs: asking for a new one, and its state while it is under way. The model runs in the scheduler's process."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

from flask import Blueprint, Response, make_response, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from campaigns.reporting.figures import moment
from campaigns.store.runs import LOST_AFTER
from campaigns.store.tables import Run
from jobs.runs import State, latest
from jobs.runs import request as request_run
from web.pages import RunPanel
from web.site import site

__all__ = ["blueprint", "describe", "run_panel"]

KEPT = "The last good report, if there is one, still stands."

blueprint = Blueprint("runs", __name__)


@blueprint.post("/runs")
def ask() -> BaseResponse:
    """Ask for a new run; who asks while one waits gets that one."""
    goal = request.form.get("goal", "order")
    request_run(site().database, goal, requested_by="the site")
    return redirect(url_for("effectiveness.show", goal=goal, _anchor="run"), 303)


@blueprint.get("/runs/state")
def state() -> Response:
    """Send the panel of the last run; once it has ended, have the open page load itself anew."""
    panel = run_panel(request.args.get("goal", "order"))
    response = make_response(panel.render())
    if not panel.active and "HX-Request" in request.headers:
        response.headers["HX-Refresh"] = "true"
    return response


def run_panel(goal: str) -> RunPanel:
    """Describe the last run of a goal, for the panel."""
    here = site()
    return describe(goal, latest(here.database, goal), here.settings.zone, datetime.now(UTC))


def describe(goal: str, last: Run | None, zone: tzinfo, now: datetime) -> RunPanel:
    """Put the state of a goal's last run in words.

    Parameters
    ----------
    last
        Its line in the ledger, or None before the first run.
    zone
        Zone in which moments are written.
    now
        The present, by which a run that runs is known to be alive.
    """
    if last is None:
        return RunPanel(goal, "idle", "No run yet", "A run works out what your advertising caused.", None)
    at = moment(last.finished_at or last.requested_at, zone)
    match last.state:
        case State.REQUESTED:
            detail = "It starts as soon as the scheduler is free. If none runs, start one with `touchstone scheduler`."
            return RunPanel(goal, "waiting", f"A new run was asked for, {at}", detail, None)
        case State.RUNNING:
            percent = round(100 * min(max(last.progress, 0.0), 1.0))
            detail = "You can leave this page; it stays as it is until the new report is ready."
            if last.heartbeat_at is not None and now - last.heartbeat_at > LOST_AFTER:
                heard = moment(last.heartbeat_at, zone)
                detail = f"Nothing was heard of it since {heard}. `touchstone scheduler` takes it up again."
            return RunPanel(goal, "running", f"A new run is under way: {last.stage or 'starting'}", detail, percent)
        case State.PUBLISHED:
            return RunPanel(goal, "idle", f"Last run: {at}", "", None)
        case State.CANCELLED:
            return RunPanel(goal, "stopped", f"The last run was stopped, {at}", KEPT, None)
        case _:
            detail = f"{_sentence(last.message)} {KEPT}".strip()
            return RunPanel(goal, "stopped", f"The last run was not published, {at}", detail, None)


def _sentence(text: str) -> str:
    """Write a note of the ledger as a sentence."""
    return text[:1].upper() + text[1:] + ("" if not text or text.endswith((".", "!", "?")) else ".")
