"""The report and the plan as JSON, by contract: full numbers, and null where there is none."""

from __future__ import annotations

from campaigns.reporting.answering import answering_json
from campaigns.terms import (
    RULES,
    Cost,
    Costs,
    Effect,
    ExperimentFinding,
    Forecast,
    NextTest,
    Plan,
    PlannedContact,
    Range,
    Report,
)

__all__ = ["contact_json", "forecast_json", "plan_json", "report_json"]


def report_json(report: Report) -> dict[str, object]:
    """Give the content of ``touchstone report --json``; money in major units of the reporting currency."""
    run = report.run
    return {
        "run": {
            "id": run.id,
            "finished_at": run.finished_at.isoformat(),
            "verdict": run.verdict.value,
            "goal": run.goal,
            "window": {"start": run.window.start.isoformat(), "end": run.window.end.isoformat()},
            "responses": run.responses,
            "first_responses": run.first_responses,
            "linked_share": run.linked_share,
        },
        "baseline": _range(report.baseline),
        "channels": [{"channel": effect.channel, **_effect(effect)} for effect in report.channels],
        "campaigns": [
            {"channel": effect.channel, "campaign": effect.campaign, **_effect(effect)} for effect in report.campaigns
        ],
        "ads": [
            {
                "channel": effect.channel,
                "campaign": effect.campaign,
                "ad": effect.ad,
                **_effect(effect),
                "beats": [
                    {"campaign": beat.campaign, "ad": beat.ad, "probability": beat.probability} for beat in effect.beats
                ],
            }
            for effect in report.ads
        ],
        "experiments": [_experiment(finding) for finding in report.experiments],
        "next_tests": [_next_test(test) for test in report.next_tests],
        "changes": None
        if report.changes is None
        else {
            "since_run": report.changes.since_run,
            "since": report.changes.since.isoformat(),
            "reasons": list(report.changes.reasons),
        },
        "responding": answering_json(report.responding),
        "record": None
        if report.record is None
        else {
            "forecasts": report.record.forecasts,
            "held": report.record.held,
            "since": report.record.since.isoformat(),
            "honest": report.record.honest,
        },
    }


def forecast_json(forecast: Forecast) -> dict[str, object]:
    """Give a forecast, and what came of it."""
    return {
        "run": forecast.run,
        "channel": forecast.channel,
        "starts_on": forecast.starts_on.isoformat(),
        "ends_on": forecast.ends_on.isoformat(),
        "expected": _range(forecast.expected),
        "came": forecast.came,
        "outcome": None if forecast.outcome is None else forecast.outcome.value,
    }


def plan_json(plan: Plan) -> dict[str, object]:
    """Give the content of ``touchstone plan --json``; values in major units of the reporting currency."""
    return {
        "plan": {
            "id": plan.id,
            "starts_on": plan.starts_on.isoformat(),
            "ends_on": plan.ends_on.isoformat(),
            "expected_value": plan.expected_value,
            "bound": plan.bound,
            "gap": plan.gap,
            "constraints": [
                {"name": scarce.name, "limit": scarce.limit, "used": scarce.used, "price": scarce.price}
                for scarce in plan.constraints
            ],
            "withheld": dict(plan.withheld),
        },
        "contacts": [contact_json(contact) for contact in plan.contacts],
    }


def contact_json(contact: PlannedContact) -> dict[str, object]:
    """Give one contact of a plan; its value in major units of the reporting currency."""
    return {
        "customer_id": contact.customer_id,
        "promotion": contact.promotion,
        "channel": contact.channel,
        "on": contact.on.isoformat(),
        "expected_value": contact.expected_value,
        "reason": contact.reason,
        "probability": contact.probability,
        "ghost": contact.ghost,
    }


def _effect(effect: Effect) -> dict[str, object]:
    """Give what channels and ads have alike."""
    return {
        "spend": effect.spend,
        "touches": effect.touches,
        "matched_share": effect.matched_share,
        "proof": effect.proof.value,
        "incremental": _range(effect.incremental),
        "acquired": _range(effect.acquired),
        "cac": _cost(effect.cac),
        "p_no_effect": effect.p_no_effect,
        "p_below_target": effect.p_below_target,
        "marginal_cac": _cost(effect.marginal_cac),
        "claimed": effect.claimed,
        "rules": {rule: effect.rules.get(rule) for rule in RULES},
        "target": effect.target,
        "cost_per_extra": _cost(effect.cost_per_extra),
        "return_on_spend": _range_or_none(effect.return_on_spend),
        "ad_spend_only": None if effect.ad_spend_only is None else _costs(effect.ad_spend_only),
    }


def _costs(costs: Costs) -> dict[str, object]:
    return {
        "spend": costs.spend,
        "cac": _cost(costs.cac),
        "cost_per_extra": _cost(costs.cost_per_extra),
        "marginal_cac": _cost(costs.marginal_cac),
        "return_on_spend": _range_or_none(costs.return_on_spend),
        "p_below_target": costs.p_below_target,
    }


def _experiment(finding: ExperimentFinding) -> dict[str, object]:
    return {
        "experiment": finding.experiment,
        "channel": finding.channel,
        "campaign": finding.campaign,
        "ad": finding.ad,
        "kind": finding.kind.value,
        "starts_on": finding.starts_on.isoformat(),
        "ends_on": finding.ends_on.isoformat(),
        "soundness": finding.soundness.value,
        "sentences": list(finding.sentences),
        "measured": _range_or_none(finding.measured),
        "estimated": _range_or_none(finding.estimated),
        "treated": finding.treated,
        "control": finding.control,
    }


def _next_test(test: NextTest) -> dict[str, object]:
    return {
        "channel": test.channel,
        "customers": test.customers,
        "weeks": test.weeks,
        "width_now": test.width_now,
        "width_then": test.width_then,
        "stake": test.stake,
        "sentence": test.sentence,
    }


def _range(of: Range) -> dict[str, float]:
    return {"mean": of.mean, "p05": of.p05, "p95": of.p95}


def _range_or_none(of: Range | None) -> dict[str, float] | None:
    return None if of is None else _range(of)


def _cost(of: Cost | None) -> dict[str, float | None] | None:
    return None if of is None else {"median": of.median, "p05": of.p05, "p95": of.p95}
