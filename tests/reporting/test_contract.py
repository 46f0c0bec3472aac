import json

from campaigns.reporting.text import plan_json, report_json
from campaigns.terms import RULES, Plan, Report

EFFECT_KEYS = [
    "spend",
    "touches",
    "matched_share",
    "proof",
    "incremental",
    "acquired",
    "cac",
    "p_no_effect",
    "p_below_target",
    "marginal_cac",
    "claimed",
    "rules",
    "target",
    "cost_per_extra",
    "return_on_spend",
    "ad_spend_only",
]


def test_the_report_has_the_keys_of_the_contract(report: Report) -> None:
    written = report_json(report)
    assert list(written) == [
        "run",
        "baseline",
        "channels",
        "campaigns",
        "ads",
        "experiments",
        "next_tests",
        "changes",
        "responding",
        "record",
    ]
    assert list(written["run"]) == [
        "id",
        "finished_at",
        "verdict",
        "goal",
        "window",
        "responses",
        "first_responses",
        "linked_share",
    ]
    assert written["run"]["window"] == {"start": "2025-10-04", "end": "2026-03-02"}
    assert written["run"]["verdict"] == "review"
    assert list(written["baseline"]) == ["mean", "p05", "p95"]
    assert len(written["channels"]) == 7
    assert len(written["ads"]) == 24
    for channel in written["channels"]:
        assert list(channel) == ["channel", *EFFECT_KEYS]
        assert list(channel["rules"]) == list(RULES)
    for ad in written["ads"]:
        assert list(ad) == ["channel", "campaign", "ad", *EFFECT_KEYS, "beats"]


def test_numbers_are_whole_and_what_does_not_exist_is_null(report: Report) -> None:
    channels = {channel["channel"]: channel for channel in report_json(report)["channels"]}
    assert channels["display"]["incremental"] == {"mean": 213.6, "p05": 148.1, "p95": 281.9}
    assert channels["tv"]["cac"] is None
    assert channels["call"]["cac"] == {"median": 233.0, "p05": 101.0, "p95": None}
    assert channels["email"]["claimed"] is None
    assert channels["email"]["proof"] == "tested"


def test_the_report_and_the_plan_are_json_without_nan(report: Report, plan: Plan) -> None:
    for written in (report_json(report), plan_json(plan)):
        assert json.loads(json.dumps(written, allow_nan=False)) == written


def test_the_plan_has_the_keys_of_the_contract(plan: Plan) -> None:
    written = plan_json(plan)
    assert list(written) == ["plan", "contacts"]
    assert list(written["plan"]) == [
        "id",
        "starts_on",
        "ends_on",
        "expected_value",
        "bound",
        "gap",
        "constraints",
        "withheld",
    ]
    assert written["plan"]["constraints"][0] == {
        "name": "call: at most 40 a day",
        "limit": 280,
        "used": 280,
        "price": 3.8,
    }
    assert written["plan"]["withheld"] == {
        "no consent": 4_120,
        "contacted too often": 873,
        "sales is handling this": 41,
    }
    assert list(written["contacts"][0]) == [
        "customer_id",
        "promotion",
        "channel",
        "on",
        "expected_value",
        "reason",
        "probability",
        "ghost",
    ]
    assert written["contacts"][9]["ghost"] is True
    assert written["contacts"][2]["promotion"] is None
