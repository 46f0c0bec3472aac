import json
from dataclasses import replace

import pytest

from campaigns.faults import RefusedError
from campaigns.reporting.comparison import compare, coverage, credited, read_truth, share_error
from campaigns.reporting.sentences import METHODS
from campaigns.terms import Report


def test_the_error_is_the_mean_distance_as_a_share_of_all_responses() -> None:
    assert share_error({"a": 12.0, "b": 0.0}, {"a": 10.0, "b": 4.0}, 100.0) == pytest.approx((2 + 4) / 2 / 100)


def test_the_truth_itself_is_not_off(truth: dict[str, object]) -> None:
    known = read_truth(truth)
    assert share_error(known.channels, known.channels, known.responses) == 0.0


def test_a_channel_without_an_estimate_counts_as_nothing() -> None:
    assert share_error({}, {"a": 10.0, "b": 30.0}, 1_000.0) == pytest.approx(0.02)
    assert share_error({"a": 1.0}, {}, 10.0) == 0.0


def test_saying_that_nothing_works_is_off_by_the_mean_true_effect(report: Report, truth: dict[str, object]) -> None:
    compared = compare(report, read_truth(truth))
    known = read_truth(truth)
    assert compared.errors["zero"] == pytest.approx(sum(known.channels.values()) / 7 / 10_512)


def test_every_method_is_held_against_the_truth(report: Report, truth: dict[str, object]) -> None:
    compared = compare(report, read_truth(truth))
    assert set(compared.errors) == set(METHODS)
    by_hand = sum(abs(row.credited["last_touch"] - row.truth) for row in compared.rows) / 7 / 10_512
    assert compared.errors["last_touch"] == pytest.approx(by_hand)
    assert compared.errors["touchstone"] < 0.01 < compared.errors["last_touch"]
    assert [row.channel for row in compared.rows][:2] == ["search", "email"]


def test_coverage_counts_ads_inside_their_range_and_misses_the_others(report: Report, truth: dict[str, object]) -> None:
    known = read_truth(truth)
    assert coverage(report, known) == (23, 24)
    assert coverage(replace(report, ads=report.ads[1:]), known) == (23, 24)
    assert coverage(replace(report, ads=()), known) == (0, 24)


def test_a_method_nobody_knows_is_an_error(report: Report) -> None:
    assert credited(None, "touchstone") == 0.0
    with pytest.raises(KeyError):
        credited(report.channels[0], "gut feeling")


def test_a_truth_as_the_simulator_writes_it_is_read(truth: dict[str, object]) -> None:
    known = read_truth(json.loads(json.dumps(truth)))
    assert known.responses == 10_512
    assert known.channels["display"] == 209.0
    assert len(known.ads) == 24


def test_a_broken_truth_is_refused_with_every_fault() -> None:
    with pytest.raises(RefusedError) as refused:
        read_truth({"channels": {"tv": {"incremental": "much"}}, "ads": [{"channel": "tv"}]})
    assert {fault.column for fault in refused.value.faults} == {
        "responses",
        "baseline",
        "channels.tv.incremental",
        "ads[0].incremental",
    }
    with pytest.raises(RefusedError):
        read_truth({"responses": 0, "baseline": 0, "channels": {}, "ads": []})
    with pytest.raises(RefusedError):
        read_truth({"responses": 1, "baseline": 0, "channels": None, "ads": "none"})
