"""A fit beside tests: the people of a test are left out of what is observed, unless it turns out too small."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest

from attribution.evidence import Evidence
from attribution.gather import gather
from attribution.observations import FitOptions, Observations
from attribution.priors import Priors
from attribution.sampling import Posterior
from attribution.simulate import MarketSpec, simulate_market
from campaigns.terms import Soundness
from jobs import testing


@pytest.fixture(scope="module")
def observations(hand: ModuleType) -> Observations:
    return hand.observations_of(simulate_market(MarketSpec(customers=1500, days=90, seed=3)))  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def evidence(observations: Observations) -> Evidence:
    return gather(observations)


def of_a_region(observations: Observations, evidence: Evidence, lift: float, noise: float) -> Observations:
    """Tell a test of the first medium in the first region."""
    start = evidence.window.start + timedelta(days=10)
    row = {
        "experiment": "x",
        "channel": evidence.media.names[0],
        "starts_on": start,
        "ends_on": start + timedelta(days=34),
        "lift": lift,
        "lift_se": noise,
        "region": evidence.strata.regions[0],
    }
    others = ("campaign", "ad", "goal", "measured_until", "planned_treated_share", "touches_per_treated")
    counts = ("treated_n", "treated_responses", "control_n", "control_responses")
    return replace(observations, experiments=pd.DataFrame([row | dict.fromkeys((*others, *counts))]))


def held(observations: Observations, evidence: Evidence, hand: Any) -> tuple[testing.Tested, list[Evidence]]:
    given: list[Evidence] = []

    def draw(part: Evidence) -> Posterior:
        given.append(part)
        return hand.plausible_draws(part)  # type: ignore[no-any-return]

    return testing.held_against_tests(observations, evidence, FitOptions(), Priors(), 1, draw), given


def test_without_tests_all_is_observed(observations: Observations, evidence: Evidence, hand: Any) -> None:
    tested, given = held(observations, evidence, hand)
    assert given == [evidence]
    assert tested.findings == ()


def test_the_region_of_a_test_is_left_out_while_it_was_measured(
    observations: Observations, evidence: Evidence, hand: Any
) -> None:
    tested, (part,) = held(of_a_region(observations, evidence, 1.0, 0.01), evidence, hand)
    assert tested.findings[0].soundness is Soundness.SOUND
    there = evidence.strata.region == 0
    days = part.strata.person_days
    assert days[there, 10:45].sum() == pytest.approx(0.0, abs=1e-6)
    assert np.allclose(days[there, :10], evidence.strata.person_days[there, :10])
    assert np.allclose(days[~there], evidence.strata.person_days[~there])
    assert part.by_day[10:45].sum() < evidence.by_day[10:45].sum()
    assert "real" in tested.calibrated.posterior.flat()


def test_the_people_of_a_test_that_is_too_small_are_put_back(
    observations: Observations, evidence: Evidence, hand: Any
) -> None:
    tested, given = held(of_a_region(observations, evidence, 1.0, 10_000.0), evidence, hand)
    assert len(given) == 2
    assert given[0].by_day.sum() < evidence.by_day.sum()
    assert given[1] is evidence
    assert tested.findings[0].soundness is Soundness.ADVISORY
    assert tested.findings[0].sentences[0].startswith("It was too small to tell")
    assert "real" not in tested.calibrated.posterior.flat()
