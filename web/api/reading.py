"""What programs can read: the report, runs, the plan, contacts and customers."""

from __future__ import annotations

from typing import Any

from flask import jsonify
from flask.typing import ResponseReturnValue

from campaigns.access import Role, Scope
from campaigns.faults import TouchstoneError
from campaigns.reporting.contract import contact_json, forecast_json, report_json
from campaigns.settings import known_goals
from campaigns.store.customer_list import CustomerLine, customer_page
from campaigns.store.forecasts import forecasts_of
from campaigns.store.priorities import ContactFilter, contact_page, latest_plan_head
from campaigns.store.tables import Run
from jobs.runs import recent, record, stages
from web.access import visitor
from web.api.entry import blueprint, opens, problem, refuse_unknown, text, whole
from web.site import site

__all__ = ["run_json"]

MOST = 1_000
"""Rows of one answer."""

NO_REPORT = "There is no published report of this goal yet.", "Ask for a run: POST /api/v1/runs."


@blueprint.get("/report")
@opens(Scope.READ, Role.MARKETER, Role.MANAGER)
def report() -> ResponseReturnValue:
    """Answer with the published report of a goal."""
    found = _report()
    return problem(404, *NO_REPORT) if found is None else jsonify(found)


@blueprint.get("/channels")
@opens(Scope.READ, Role.MARKETER, Role.MANAGER)
def channels() -> ResponseReturnValue:
    """Answer with the channels of the published report."""
    found = _report()
    return problem(404, *NO_REPORT) if found is None else jsonify(run=found["run"], channels=found["channels"])


@blueprint.get("/ads")
@opens(Scope.READ, Role.MARKETER, Role.MANAGER)
def ads() -> ResponseReturnValue:
    """Answer with the ads of the published report, of one channel or campaign where they are named."""
    refuse_unknown("goal", "channel", "campaign", "limit", "offset")
    wanted = {name: value for name in ("channel", "campaign") if (value := text(name)) is not None}
    limit, offset = whole("limit", 100, 1, MOST), whole("offset", 0, 0, 10**8)
    found = _report("channel", "campaign", "limit", "offset")
    if found is None:
        return problem(404, *NO_REPORT)
    kept = [ad for ad in found["ads"] if all(ad[name] == value for name, value in wanted.items())]
    return jsonify(run=found["run"], total=len(kept), ads=kept[offset : offset + limit])


@blueprint.get("/runs")
@opens(Scope.READ, Role.MARKETER, Role.MANAGER)
def runs() -> ResponseReturnValue:
    """Answer with the runs asked for last."""
    refuse_unknown("limit")
    return jsonify(runs=[run_json(run) for run in recent(site().database, whole("limit", 20, 1, 200))])


@blueprint.get("/runs/<int:number>")
@opens(Scope.READ, Role.MARKETER, Role.MANAGER)
def run(number: int) -> ResponseReturnValue:
    """Answer with one run, its stages and its forecasts."""
    refuse_unknown()
    database = site().database
    try:
        found = record(database, min(number, 2**62))
    except TouchstoneError as error:
        return problem(404, error.message, error.remedy)
    passed = [
        {
            "stage": stage.stage,
            "started_at": stage.started_at.isoformat(),
            "finished_at": stage.finished_at.isoformat() if stage.finished_at else None,
            "message": stage.message,
        }
        for stage in stages(database, number)
    ]
    with database.reading() as session:
        expected = [forecast_json(one) for one in forecasts_of(session, int(found.id or 0))]
    return jsonify({**run_json(found), "stages": passed, "forecasts": expected})


@blueprint.get("/plan")
@opens(Scope.READ, Role.MARKETER, Role.MANAGER)
def plan() -> ResponseReturnValue:
    """Answer with the latest plan, without its contacts."""
    refuse_unknown()
    head = latest_plan_head(site().database)
    if head is None:
        return problem(404, "There is no plan yet.", "Make one: touchstone plan.")
    return jsonify(
        plan={
            "id": head.id,
            "state": head.state,
            "created_at": head.created_at.isoformat(),
            "starts_on": head.starts_on.isoformat(),
            "ends_on": head.ends_on.isoformat(),
            "expected_value": head.expected_value,
            "bound": head.bound,
            "gap": head.gap,
            "contacts": head.contacts,
            "held_back": head.held_back,
            "withheld": head.withheld,
        }
    )


@blueprint.get("/contacts")
@opens(Scope.READ, Role.MARKETER, Role.MANAGER)
def contacts() -> ResponseReturnValue:
    """Answer with contacts of the latest plan in their rank; those held back are left out unless they are asked for."""
    refuse_unknown("channel", "promotion", "held_back", "limit", "offset")
    limit, offset = whole("limit", 100, 1, MOST), whole("offset", 0, 0, 10**8)
    held_back = text("held_back", ("yes", "no")) == "yes"
    wanted = ContactFilter(text("channel"), text("promotion"), with_held_back=held_back)
    head = latest_plan_head(site().database)
    if head is None:
        return problem(404, "There is no plan yet.", "Make one: touchstone plan.")
    found = contact_page(site().database, head.id, wanted, offset=offset, limit=limit)
    return jsonify(plan=head.id, total=found.total, contacts=[contact_json(contact) for contact in found.contacts])


@blueprint.get("/customers")
@opens(Scope.READ)
def customers() -> ResponseReturnValue:
    """Answer with customers by number, those after ``after``; sales with those whose owner they are."""
    refuse_unknown("after", "limit", "customer_id")
    who = visitor()
    owner = who.owner if who.sees_own_accounts_only else None
    found = customer_page(
        site().database,
        after=text("after") or "",
        customer_id=text("customer_id"),
        owner=owner,
        limit=whole("limit", 100, 1, MOST),
    )
    return jsonify(customers=[_customer(line) for line in found])


@blueprint.get("/reconciliation")
@opens(Scope.READ, Role.MARKETER, Role.MANAGER)
def reconciliation() -> ResponseReturnValue:
    """Answer with what each source shows, what counts of it, and why the rest does not."""
    refuse_unknown("goal")
    goals = known_goals()
    goal = text("goal", tuple(goals)) or "order"
    here = site()
    # it reads every row, with DuckDB, which the pages of the site do without
    from campaigns.reconciliation import total
    from campaigns.reporting.reconciliation_sheets import reconciliation_document
    from campaigns.store.reconciling import reconciliation as reconciled

    found = here.published.report(goal)
    with here.database.reading() as database:
        periods = reconciled(database, here.settings.zone, None if found is None else found.run.window, goals[goal])
    linked = None if found is None else found.run.linked_share
    return jsonify(reconciliation_document(periods, total(periods), here.settings.currency, linked))


def run_json(run: Run) -> dict[str, Any]:
    """Give a line of the run ledger."""
    return {
        "id": run.id,
        "goal": run.goal,
        "state": run.state,
        "requested_at": run.requested_at.isoformat(),
        "requested_by": run.requested_by,
        "started_at": run.started_at.isoformat() if run.started_at else None,
        "finished_at": run.finished_at.isoformat() if run.finished_at else None,
        "stage": run.stage,
        "progress": run.progress,
        "message": run.message,
        "verdict": run.verdict,
    }


def _report(*parameters: str) -> dict[str, Any] | None:
    refuse_unknown("goal", *parameters)
    found = site().published.report(text("goal", tuple(site().goals)) or "order")
    return None if found is None else dict(report_json(found))


def _customer(line: CustomerLine) -> dict[str, Any]:
    return {
        "customer_id": line.customer_id,
        "segment": line.segment,
        "owner": line.owner,
        "territory": line.territory,
        "region": line.region,
        "country": line.country,
        "consent": dict(line.consent),
        "created_at": line.created_at.isoformat() if line.created_at else None,
        "first_order_at": line.first_order_at.isoformat() if line.first_order_at else None,
    }
