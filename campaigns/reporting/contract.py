"""The report and the plan as JSON, by contract: full numbers, and null where there is none."""

from __future__ import annotations

from campaigns.terms import RULES, Cost, Effect, Plan, Range, Report

__all__ = ["plan_json", "report_json"]


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
        "ads": [
            {"channel": effect.channel, "campaign": effect.campaign, "ad": effect.ad, **_effect(effect)}
            for effect in report.ads
        ],
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
        "contacts": [
            {
                "customer_id": contact.customer_id,
                "promotion": contact.promotion,
                "channel": contact.channel,
                "on": contact.on.isoformat(),
                "expected_value": contact.expected_value,
                "reason": contact.reason,
                "probability": contact.probability,
                "ghost": contact.ghost,
            }
            for contact in plan.contacts
        ],
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
    }


def _range(of: Range) -> dict[str, float]:
    return {"mean": of.mean, "p05": of.p05, "p95": of.p95}


def _cost(of: Cost | None) -> dict[str, float | None] | None:
    return None if of is None else {"median": of.median, "p05": of.p05, "p95": of.p95}
