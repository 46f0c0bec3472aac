"""What the planner is asked for from here: its state in words, and stopping it. It works in the scheduler's process."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flask import Blueprint, Response, flash, make_response, redirect, request, url_for
from sqlmodel import Session
from werkzeug.wrappers import Response as BaseResponse

from campaigns.access import Role
from campaigns.language import _, mark
from campaigns.planning.soundness import stale_note
from campaigns.reporting.figures import moment
from campaigns.store import plan_requests as ledger
from campaigns.store.plan_records import freshness
from campaigns.store.plan_requests import Kind, State
from campaigns.store.tables import PlanRequest
from web.access import allow
from web.audit import audited
from web.pages.plan import RequestPanel
from web.site import site

__all__ = ["blueprint", "panel_of", "stale_words", "under_way"]

blueprint = Blueprint("planner", __name__)

UNHEARD = timedelta(seconds=12)
"""Once something has waited for so long, nobody seems to be there to take it up."""

HEADLINES = {
    Kind.DRAFT: (mark("A plan was asked for"), mark("A plan is being made"), mark("The plan was not made")),
    Kind.COMPARE: (
        mark("A comparison was asked for"),
        mark("Plans are being compared"),
        mark("The plans were not compared"),
    ),
    Kind.PREVIEW: (
        mark("An estimate was asked for"),
        mark("The promotion is being reckoned with"),
        mark("The promotion could not be reckoned with"),
    ),
    Kind.APPROVE: (
        mark("Approval was asked for"),
        mark("The plan is being approved"),
        mark("The plan was not approved"),
    ),
    Kind.EXPORT: (
        mark("Export was asked for"),
        mark("The plan is being exported"),
        mark("The plan was not exported"),
    ),
    Kind.CANCEL: (
        mark("Cancelling was asked for"),
        mark("The plan is being cancelled"),
        mark("The plan was not cancelled"),
    ),
    Kind.CLOSE: (mark("Closing was asked for"), mark("The plan is being closed"), mark("The plan was not closed")),
}
"""What each kind of request is called while it waits, while it runs, and once it failed."""

STEPS = {
    "choosing contacts": mark("choosing contacts"),
    "stored": mark("stored"),
    "reading what is known": mark("reading what is known"),
    "making the plans": mark("making the plans"),
    "reckoning": mark("reckoning"),
    "looking at every contact once more": mark("looking at every contact once more"),
    "settling what came back": mark("settling what came back"),
    "weighing product against relationship contacts": mark("weighing product against relationship contacts"),
}

BACK = {Kind.DRAFT: "plan.show", Kind.COMPARE: "comparing.show"}


@blueprint.get("/planner/<int:number>")
@allow(Role.MARKETER, Role.MANAGER)
def state(number: int) -> Response:
    """Send the panel of a request; once it has ended, lead the open page to what came of it."""
    with site().database.reading() as session:
        found = ledger.find(session, number)
        panel = panel_of(session, found, request.args.get("back", ""))
    response = make_response(panel.render() if panel else "")
    if panel is None or not panel.active:
        if found.kind == Kind.DRAFT and found.plan_id is not None:
            response.headers["HX-Redirect"] = url_for("plan.show", number=found.plan_id)
        else:
            response.headers["HX-Refresh"] = "true"
    return response


@blueprint.post("/planner/<int:number>/cancel")
@allow(Role.MARKETER, Role.MANAGER)
def stop(number: int) -> BaseResponse:
    """Ask the planner to stop."""
    with site().database.transaction() as session:
        found = ledger.cancel(session, number)
        audited(session, "planner stopped", f"request {number}", after={"state": found.state})
        kind, key, plan = found.kind, str(found.options.get("promotion", "")), found.plan_id
    flash(_("Stopped. Nothing was stored."))
    if kind == Kind.PREVIEW:
        return redirect(url_for("promotions.by_key", key=key), 303)
    if kind in ledger.STEPS:
        return redirect(url_for("plan.show", number=plan), 303)
    return redirect(url_for(BACK[Kind(kind)]), 303)


def under_way(found: PlanRequest | None) -> bool:
    """Tell whether a request waits or runs."""
    return found is not None and found.state in ledger.OPEN


def panel_of(session: Session, found: PlanRequest | None, back: str = "") -> RequestPanel | None:
    """Put a request in words while it waits, runs, or after it failed; None where there is nothing to say."""
    if found is None or found.state in (State.DONE, State.CANCELLED):
        return None
    kind, now = Kind(found.kind), datetime.now(UTC)
    waits, runs, failed = HEADLINES[kind]
    at = moment(found.requested_at, site().settings.zone)
    if found.state == State.FAILED:
        detail = tuple(line for line in found.message.splitlines() if line)
        return RequestPanel(found.id or 0, "stopped", _(failed), detail, None, back, stoppable=False)
    if found.state == State.RUNNING:
        headline = _("%(what)s: %(step)s", what=_(runs), step=_(STEPS.get(found.message, mark("starting"))))
        told = _("You can leave this page; nothing is lost.")
        if found.heartbeat_at is not None and now - found.heartbeat_at > ledger.LOST_AFTER:
            told = _("Nothing was heard of it for minutes. `touchstone scheduler` takes it up again.")
        percent = round(100 * found.progress)
        return RequestPanel(found.id or 0, "running", headline, (told,), percent, back, stoppable=True)
    return RequestPanel(
        found.id or 0,
        "waiting",
        _("%(what)s, %(at)s", what=_(waits), at=at),
        (_waiting_words(session, now - found.requested_at),),
        None,
        back,
        stoppable=True,
    )


def _waiting_words(session: Session, since: timedelta) -> str:
    """Say what a request waits for."""
    if ledger.busy(session):
        return _("It begins as soon as the request before it is done.")
    if since > UNHEARD:
        return _(
            "Nobody has taken it up yet: no scheduler seems to be running. Start one with `touchstone scheduler`; "
            "what you asked for waits until then."
        )
    return _("It begins within seconds.")


def stale_words(run_id: int) -> str:
    """Say that the scores are older than the newest import, if they are."""
    began, imported = freshness(site().database, run_id)
    if stale_note(began, imported) is None or began is None or imported is None:
        return ""
    zone = site().settings.zone
    return _(
        "The scores are of %(began)s, older than the newest import of %(imported)s. Run now and draft a new plan, or "
        "approve in spite of it.",
        began=moment(began, zone),
        imported=moment(imported, zone),
    )
