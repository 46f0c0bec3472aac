"""Credit of single responses: it sums to one, agrees with the totals, and follows paths."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np
import pandas as pd
import pytest

from attribution import shares as shares_module
from attribution.evidence import Evidence
from attribution.increment import increments
from attribution.sampling import Posterior
from attribution.shares import SMALL, Shares, paths_of, shares_of


@pytest.fixture(scope="module")
def shares(evidence: Evidence, posterior: Posterior) -> Shares:
    return shares_of(evidence, posterior)


def test_the_shares_of_each_response_sum_to_one(shares: Shares, evidence: Evidence) -> None:
    responses, touches = shares.responses.to_pandas(), shares.touches.to_pandas()
    assert len(responses) == len(evidence.states.row)
    given = touches.groupby("place")["share"].sum().reindex(range(len(responses)), fill_value=0.0)
    assert (given + responses["baseline"] + responses["rest"]).to_numpy() == pytest.approx(np.ones(len(responses)))
    assert (touches["share"] >= SMALL).all()
    assert (responses["rest"] < 1.0).all()


def test_ranges_are_in_order(shares: Shares) -> None:
    touches, responses = shares.touches.to_pandas(), shares.responses.to_pandas()
    assert (touches["p05"] <= touches["p95"]).all()
    assert (responses["baseline_p05"] <= responses["baseline_p95"]).all()
    assert touches[["p05", "p95"]].to_numpy().min() >= 0.0


def test_summed_up_by_channel_they_are_what_the_report_says_of_responses_with_contacts(
    shares: Shares, evidence: Evidence, posterior: Posterior
) -> None:
    summed = shares.touches.to_pandas().groupby("channel")["share"].sum()
    small = shares.responses["rest"].to_numpy().sum()
    for source in increments(evidence, posterior).channels:
        if source.channel not in evidence.media.names:
            assert summed[source.channel] == pytest.approx(source.expected.mean(), rel=0.15, abs=small + 1.0)


def test_a_touch_is_one_that_its_person_had_before(shares: Shares, observations: Any) -> None:
    touches, responses = shares.touches.to_pandas().dropna(subset=["touch"]), shares.responses.to_pandas()
    given, answers = observations.touches.to_pandas(), observations.responses.to_pandas()
    one = given.iloc[touches["touch"].astype(int)].reset_index(drop=True)
    two = answers.iloc[responses["row"].iloc[touches["place"]]].reset_index(drop=True)
    assert (one["person"] == two["person"]).all()
    assert (one["channel"] == touches["channel"].reset_index(drop=True)).all()
    assert (one["occurred_at"] <= two["occurred_at"]).all()


def test_a_channel_that_does_nothing_gets_nothing(evidence: Evidence, posterior: Posterior) -> None:
    name = evidence.channels[0].name
    found = shares_of(evidence, posterior, no_effect={name: 1.0}, draws=20).touches.to_pandas()
    assert name not in set(found["channel"])


def test_it_does_not_matter_how_many_are_worked_on_at_a_time(
    evidence: Evidence, posterior: Posterior, shares: Shares, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shares_module, "_AT_A_TIME", 80 * 3)
    again = shares_of(evidence, posterior)
    assert again.responses.to_pandas().to_numpy() == pytest.approx(shares.responses.to_pandas().to_numpy())
    assert again.touches.num_rows == shares.touches.num_rows


def test_paths_sum_up_their_responses(shares: Shares, evidence: Evidence, observations: Any) -> None:
    start = pd.Timestamp(evidence.window.start, tz="UTC")

    def days(table: Any) -> Any:
        return ((table["occurred_at"].to_pandas() - start) / pd.Timedelta(days=1)).to_numpy()

    paths = paths_of(evidence, shares, days(observations.touches), days(observations.responses), limit=1000)
    assert paths["responses"].sum() <= len(evidence.states.row)
    assert paths["responses"].is_monotonic_decreasing
    assert all(before != after for path in paths["channels"] for before, after in pairwise(path))
    for _, row in paths.iterrows():
        assert row["baseline"] + sum(row["credit"].values()) == pytest.approx(row["responses"])
    assert (paths["median_days"] >= 0.0).all()
