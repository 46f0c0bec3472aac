"""Runs: asking for a new one, and its state while it is under way. The model runs in the scheduler's process."""

from __future__ import annotations

from datetime import UTC, datetime, tzinfo

from flask import Blueprint, Response, abort, flash, make_response, redirect, request, url_for
from werkzeug.wrappers import Response as BaseResponse

from campaigns.access import Role, staff_name
from campaigns.language import _, mark
from campaigns.reporting.figures import NOTHING, moment
from campaigns.reporting.figures import number as figure
from campaigns.retelling import retold
from campaigns.store.forecasts import forecasts_of
from campaigns.store.run_plots import checks_of, plot_of, plots_of
from campaigns.store.runs import LOST_AFTER
from campaigns.store.tables import Run, RunStage
from jobs.runs import State, cancel, latest, recent, record, stages
from jobs.runs import request as request_run
from web.access import allow, visitor
from web.audit import audited
from web.forecasts import forecast_line, forecasts_by_goal
from web.pages.page import Choice
from web.pages.runs import CheckLine, RunLine, RunPage, RunPanel, RunsPage, StageLine
from web.site import site

__all__ = ["blueprint", "describe", "run_panel"]

ORDER = "order"

SHOWN = 50
"""Runs in the list."""

KEPT = mark("The last good report, if there is one, still stands.")

FREE = mark("It starts as soon as the scheduler is free. If none runs, start one with `touchstone scheduler`.")

SILENT = mark("Nothing was heard of it since %(heard)s. `touchstone scheduler` takes it up again.")

WAITING = (State.REQUESTED, State.RUNNING)

STATE_WORDS = {
    State.REQUESTED: mark("waiting"),
    State.RUNNING: mark("under way"),
    State.PUBLISHED: mark("published"),
    State.REFUSED: mark("not published"),
    State.FAILED: mark("failed"),
    State.CANCELLED: mark("stopped"),
}

VERDICT_WORDS = {"pass": mark("sound"), "review": mark("use with care"), "fail": mark("not sound")}

STAGE_WORDS = {
    "gathering": mark("gathering the data"),
    "compiling": mark("setting up"),
    "sampling": mark("calculating"),
    "diagnosis": mark("checking itself"),
    "publishing": mark("publishing"),
}
"""Stages that have plainer words than their name."""

blueprint = Blueprint("runs", __name__)


@blueprint.get("/runs")
@allow(Role.MARKETER, Role.MANAGER)
def show() -> str:
    """Show the runs asked for last, and what is under way."""
    here = site()
    found = recent(here.database, SHOWN)
    goals = tuple(dict.fromkeys(run.goal for run in found)) or (ORDER,)
    return RunsPage(
        title=_("Runs"),
        panels=tuple(run_panel(goal) for goal in goals),
        runs=tuple(_line(run, here.settings.zone) for run in found),
        goals=tuple(Choice(name, _(goal.plural).capitalize(), name == ORDER) for name, goal in here.goals.items()),
        forecasts=forecasts_by_goal(here.database, goals),
    ).render()


@blueprint.get("/runs/<int:number>")
@allow(Role.MARKETER, Role.MANAGER)
def show_one(number: int) -> str:
    """Show one run: its log, its checks in words, and how it sampled."""
    here = site()
    run = record(here.database, number)
    zone = here.settings.zone
    with here.database.reading() as database:
        checks, plots = checks_of(database, number), plots_of(database, number)
        expected = forecasts_of(database, number)
    return RunPage(
        title=_("Run %(number)s", number=number),
        run=_line(run, zone),
        panel=describe(run.goal, run, zone, datetime.now(UTC)) if run.state in WAITING else None,
        stages=tuple(_stage(stage, zone) for stage in stages(here.database, number)),
        checks=tuple(
            CheckLine(_(VERDICT_WORDS[check.verdict]), check.verdict, retold(check.sentence)) for check in checks
        ),
        plots=plots,
        forecasts=tuple(forecast_line(one, run.goal) for one in expected),
        options=tuple((name, str(value)) for name, value in {**run.options, **run.versions}.items()),
    ).render()


@blueprint.get("/runs/<int:number>/plots/<name>.svg")
@allow(Role.MARKETER, Role.MANAGER)
def plot(number: int, name: str) -> Response:
    """Send a plot that the run drew of how it sampled."""
    with site().database.reading() as database:
        svg = plot_of(database, number, name)
    if svg is None:
        abort(404)
    response = Response(svg, mimetype="image/svg+xml")
    # the drawing brings styles of its own; nothing else in it may act
    response.headers["Content-Security-Policy"] = "default-src 'none'; style-src 'unsafe-inline'; sandbox"
    return response


@blueprint.post("/runs")
@allow(Role.MARKETER, Role.MANAGER)
def ask() -> BaseResponse:
    """Ask for a new run; who asks while one waits gets that one."""
    goal = request.form.get("goal", ORDER)
    number = request_run(site().database, goal, requested_by=visitor().name)
    with site().database.transaction() as database:
        audited(database, "run asked for", f"run {number}", after={"goal": goal})
    if request.form.get("back") == "runs":
        return redirect(url_for("runs.show"), 303)
    return redirect(url_for("effectiveness.show", goal=goal, _anchor="run"), 303)


@blueprint.post("/runs/<int:number>/cancel")
@allow(Role.MARKETER, Role.MANAGER)
def stop(number: int) -> BaseResponse:
    """Ask a run to stop: at once if it waits, within seconds if it runs."""
    run = cancel(site().database, number)
    with site().database.transaction() as database:
        audited(database, "run stopped", f"run {number}", after={"state": run.state})
    if run.state == State.CANCELLED:
        flash(_("Run %(number)s is stopped.", number=number))
    elif run.state == State.RUNNING:
        flash(_("Run %(number)s stops within seconds.", number=number))
    else:
        flash(_("Run %(number)s had ended already.", number=number), "refused")
    return redirect(url_for("runs.show"), 303)


@blueprint.get("/runs/state")
@allow(Role.MARKETER, Role.MANAGER)
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
        return RunPanel(goal, "idle", _("No run yet"), _("A run works out what your advertising caused."), None)
    at = moment(last.finished_at or last.requested_at, zone)
    match last.state:
        case State.REQUESTED:
            detail = _(
                "It starts as soon as the scheduler is free. If none runs, start one with `touchstone scheduler`."
            )
            return RunPanel(goal, "waiting", _("A new run was asked for, %(at)s", at=at), detail, None)
        case State.RUNNING:
            percent = round(100 * min(max(last.progress, 0.0), 1.0))
            detail = _("You can leave this page; it stays as it is until the new report is ready.")
            if last.heartbeat_at is not None and now - last.heartbeat_at > LOST_AFTER:
                heard = moment(last.heartbeat_at, zone)
                detail = _(
                    "Nothing was heard of it since %(heard)s. `touchstone scheduler` takes it up again.", heard=heard
                )
            stage = _stage_words(last.stage) if last.stage else _("starting")
            return RunPanel(goal, "running", _("A new run is under way: %(stage)s", stage=stage), detail, percent)
        case State.PUBLISHED:
            return RunPanel(goal, "idle", _("Last run: %(at)s", at=at), "", None)
        case State.CANCELLED:
            return RunPanel(goal, "stopped", _("The last run was stopped, %(at)s", at=at), _(KEPT), None)
        case _:
            detail = f"{_sentence(last.message)} {_(KEPT)}".strip()
            return RunPanel(goal, "stopped", _("The last run was not published, %(at)s", at=at), detail, None)


def _line(run: Run, zone: tzinfo) -> RunLine:
    """Write a line of the ledger in words."""
    taken = (run.finished_at - run.started_at).total_seconds() / 60 if run.finished_at and run.started_at else None
    state = State(run.state)
    return RunLine(
        id=int(run.id or 0),
        goal=_(site().goals[run.goal].plural).capitalize() if run.goal in site().goals else run.goal,
        asked=moment(run.requested_at, zone),
        who=staff_name(run.requested_by),
        state=_(STATE_WORDS[state]),
        mood="good" if state == State.PUBLISHED else "bad" if state in (State.FAILED, State.REFUSED) else "",
        verdict=_(VERDICT_WORDS[run.verdict]) if run.verdict in VERDICT_WORDS else "",
        message=_sentence(run.message),
        minutes=NOTHING if taken is None else _("%(minutes)s min", minutes=figure(taken, 0.1 if taken < 10 else 1)),
        percent=round(100 * min(max(run.progress, 0.0), 1.0)) if state == State.RUNNING else None,
        stoppable=state in WAITING and not run.cancel_requested,
    )


def _stage(stage: RunStage, zone: tzinfo) -> StageLine:
    seconds = (stage.finished_at - stage.started_at).total_seconds() if stage.finished_at else None
    took = NOTHING if seconds is None else _("%(seconds)s s", seconds=figure(seconds, 0.1 if seconds < 10 else 1))
    return StageLine(_stage_words(stage.stage), moment(stage.started_at, zone), took, retold(stage.message))


def _stage_words(stage: str) -> str:
    return _(STAGE_WORDS[stage]) if stage in STAGE_WORDS else retold(stage)


def _sentence(text: str) -> str:
    """Write a note of the ledger as a sentence."""
    text = retold(text)
    return text[:1].upper() + text[1:] + ("" if not text or text.endswith((".", "!", "?")) else ".")
