"""Coordinates of the base rate: the best fit without any effect, and a round posterior around it."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from attribution.baseline import Baseline, baseline_of
from attribution.evidence import Evidence, Floats
from attribution.gather import gather
from attribution.observations import FitOptions
from attribution.priors import Priors


@pytest.fixture(scope="module")
def baseline(evidence: Evidence) -> Baseline:
    return baseline_of(evidence, Priors())


def log_posterior(coefficients: Floats, baseline: Baseline, evidence: Evidence) -> float:
    """Poisson regression of the responses on strata and days, with the prior."""
    strata, states = evidence.strata, evidence.states
    counts = strata.quiet.copy()
    np.add.at(counts, (states.stratum, states.day), 1.0)
    split = baseline.strata.shape[1]
    log_rate = baseline.offset + (baseline.strata @ coefficients[:split])[:, None]
    log_rate = log_rate + (baseline.level @ coefficients[split:])[strata.region]
    value = (counts * log_rate).sum() - (strata.person_days * np.exp(log_rate)).sum()
    return float(value - 0.5 * ((coefficients / baseline.prior_sd) ** 2).sum())


def test_nothing_fits_better_than_the_centre(baseline: Baseline, evidence: Evidence) -> None:
    best = log_posterior(baseline.centre, baseline, evidence)
    for row in range(len(baseline.names)):
        for step in (-0.02, 0.02):
            moved = baseline.centre.copy()
            moved[row] += step
            assert log_posterior(moved, baseline, evidence) < best, baseline.names[row]


def test_around_the_centre_the_posterior_is_round(baseline: Baseline, evidence: Evidence) -> None:
    best = log_posterior(baseline.centre, baseline, evidence)
    rng = np.random.default_rng(1)
    for _ in range(30):
        z = rng.normal(size=len(baseline.names))
        z *= 0.05 / np.linalg.norm(z)
        fall = best - log_posterior(baseline.centre + baseline.rotation @ z, baseline, evidence)
        assert fall == pytest.approx(0.5 * z @ z, rel=0.05)


def test_at_the_centre_as_many_responses_are_expected_as_came(baseline: Baseline, evidence: Evidence) -> None:
    split = baseline.strata.shape[1]
    base = np.exp(baseline.offset + baseline.strata @ baseline.centre[:split])
    level = np.exp(baseline.level @ baseline.centre[split:])[evidence.strata.region]
    expected = (base[:, None] * level * evidence.strata.person_days).sum()
    assert expected == pytest.approx(evidence.by_day.sum(), rel=0.01)


def test_every_coefficient_has_a_name_of_its_own_and_the_commonest_levels_have_none(
    baseline: Baseline, evidence: Evidence
) -> None:
    assert len(set(baseline.names)) == len(baseline.names) == len(baseline.centre)
    assert baseline.names[0] == "level"
    for name, levels in (("segment", evidence.strata.segment), ("history", evidence.strata.history)):
        named = [other for other in baseline.names if other.startswith(name + " ")]
        assert len(named) == len(np.unique(levels)) - 1


def test_an_event_may_have_the_name_of_a_level(evidence: Evidence, baseline: Baseline) -> None:
    days = evidence.window.days
    regions = len(evidence.strata.regions)
    events = np.zeros((regions, days, 2))
    events[:, 3, 0] = events[:, 9, 1] = 1.0
    calendar = replace(evidence.calendar, event_names=("level", "region 0"), events=events - events.mean(axis=(0, 1)))
    found = baseline_of(replace(evidence, calendar=calendar), Priors())
    assert len(set(found.names)) == len(found.names)
    assert np.isfinite(found.rotation).all()
    assert len(found.names) >= len(baseline.names)


def test_where_nobody_is_at_risk_the_prior_stands(new_book: Any) -> None:
    book = new_book().response(None, 0.5).response(None, 40.5).response(None, 59.5)
    found = baseline_of(gather(book.observations(), FitOptions(burn_in_days=20)), Priors())
    assert found.centre == pytest.approx(0.0)
    assert found.rotation == pytest.approx(np.diag(found.prior_sd))


def test_levels_that_hardly_anybody_has_do_not_run_away(new_book: Any) -> None:
    book = new_book().response(None, 0.5).response(None, 59.5)
    for person in range(1, 20):
        book.person(person, segment="many", created=-5.0)
    book.person(20, segment="one", created=57.0).response(20, 59.0).response(3, 40.5)
    found = baseline_of(gather(book.observations(), FitOptions(burn_in_days=20)), Priors())
    assert np.abs(found.centre / found.prior_sd).max() < 4.0
