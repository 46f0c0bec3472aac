"""Tests, changes, facts and further costs as JSON, out of values and back."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict
from datetime import date, datetime
from typing import Any

from campaigns.terms import (
    Beat,
    Changes,
    ChannelResponse,
    Cost,
    Costs,
    DataFacts,
    Effect,
    ExperimentFinding,
    LearnedShare,
    NextTest,
    PolicyValue,
    PromotionResponse,
    Range,
    Report,
    ResponseModel,
    Soundness,
    TestKind,
    TrackRecord,
)

__all__ = ["costs_of", "costs_stored", "findings_of", "findings_stored", "responding_of"]


def costs_stored(effect: Effect) -> dict[str, Any]:
    """Give the further costs of an effect, and what it beats, as plain values."""
    return {
        "cost_per_extra": _plain(effect.cost_per_extra),
        "return_on_spend": _plain(effect.return_on_spend),
        "ad_spend_only": _plain(effect.ad_spend_only),
        "beats": [_plain(beat) for beat in effect.beats],
    }


def costs_of(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Read back what :func:`costs_stored` gave, as arguments of an effect; a run of an older version has none."""
    only = stored.get("ad_spend_only")
    return {
        "cost_per_extra": _cost(stored.get("cost_per_extra")),
        "return_on_spend": _range(stored.get("return_on_spend")),
        "ad_spend_only": None if only is None else _costs(only),
        "beats": tuple(Beat(**beat) for beat in stored.get("beats", ())),
    }


def findings_stored(report: Report) -> dict[str, Any]:
    """Give the tests, the changes, the facts and the track record of a report as plain values."""
    return {
        "experiments": [_plain(finding) for finding in report.experiments],
        "next_tests": [_plain(test) for test in report.next_tests],
        "changes": _plain(report.changes),
        "facts": _plain(report.facts),
        "responding": _plain(report.responding),
        "record": _plain(report.record),
    }


def findings_of(stored: Mapping[str, Any]) -> dict[str, Any]:
    """Read back what :func:`findings_stored` gave, as arguments of a report."""
    changes, facts = stored.get("changes"), stored.get("facts")
    return {
        "experiments": tuple(_experiment(finding) for finding in stored.get("experiments", ())),
        "next_tests": tuple(NextTest(**test) for test in stored.get("next_tests", ())),
        "changes": None if changes is None else _changes(changes),
        "facts": None if facts is None else DataFacts(**facts),
        "responding": responding_of(stored),
        "record": _record(stored.get("record")),
    }


def responding_of(stored: Mapping[str, Any]) -> ResponseModel | None:
    """Read back how customers answer to contacts; None in a run that did not ask."""
    told = stored.get("responding")
    if told is None:
        return None
    policy = told["policy"]
    return ResponseModel(
        channels=tuple(
            ChannelResponse(**{**one, "qini_share": tuple(one["qini_share"]), "qini_extra": tuple(one["qini_extra"])})
            for one in told["channels"]
        ),
        promotions=tuple(PromotionResponse(**one) for one in told["promotions"]),
        policy=None if policy is None else PolicyValue(**policy),
        pull_forward=LearnedShare(**told["pull_forward"]),
        retention=LearnedShare(**told["retention"]),
        first_order_later=told["first_order_later"],
        worth_words=told["worth_words"],
        notes=tuple(told["notes"]),
    )


def _plain(value: Any) -> Any:
    """Turn a value into what JSON knows; a driver may not know NumPy's numbers."""
    if hasattr(value, "__dataclass_fields__"):
        return {name: _plain(each) for name, each in asdict(value).items()}
    if isinstance(value, Mapping):
        return {str(name): _plain(each) for name, each in value.items()}
    if isinstance(value, (tuple, list)):
        return [_plain(each) for each in value]
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return value.item() if hasattr(value, "item") else value


def _cost(told: Mapping[str, Any] | None) -> Cost | None:
    return None if told is None else Cost(**told)


def _range(told: Mapping[str, Any] | None) -> Range | None:
    return None if told is None else Range(**told)


def _costs(told: Mapping[str, Any]) -> Costs:
    costs = {name: _cost(told[name]) for name in ("cac", "cost_per_extra", "marginal_cac")}
    return Costs(
        spend=told["spend"],
        return_on_spend=_range(told["return_on_spend"]),
        p_below_target=told["p_below_target"],
        **costs,
    )


def _experiment(told: Mapping[str, Any]) -> ExperimentFinding:
    read: dict[str, Any] = {
        **told,
        "kind": TestKind(told["kind"]),
        "soundness": Soundness(told["soundness"]),
        "starts_on": date.fromisoformat(told["starts_on"]),
        "ends_on": date.fromisoformat(told["ends_on"]),
        "sentences": tuple(told["sentences"]),
        "measured": _range(told["measured"]),
        "estimated": _range(told["estimated"]),
    }
    return ExperimentFinding(**read)


def _record(told: Mapping[str, Any] | None) -> TrackRecord | None:
    return None if told is None else TrackRecord(**{**told, "since": date.fromisoformat(told["since"])})


def _changes(told: Mapping[str, Any]) -> Changes:
    return Changes(told["since_run"], datetime.fromisoformat(told["since"]), tuple(told["reasons"]))
