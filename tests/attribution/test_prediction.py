"""What the model expects of each day."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from attribution.allocation import rates_of
from attribution.baseline import baseline_of
from attribution.coordinates import mode_of
from attribution.density import density_of
from attribution.evidence import Evidence
from attribution.gather import gather
from attribution.increment import draws_of_variables
from attribution.observations import FitOptions
from attribution.prediction import inside_by_channel, predict_days
from attribution.priors import Priors
from attribution.rates import design_of, lag_shares
from attribution.sampling import Posterior


def integral(evidence: Evidence, posterior: Posterior) -> float:
    """Responses that the likelihood expects in the window, averaged over the draws."""
    design, baseline = design_of(evidence), baseline_of(evidence, Priors())
    strata, total = evidence.strata, []
    for one in draws_of_variables(evidence, posterior, Priors(), range(posterior.draws)):
        rates = rates_of(one, evidence, design, baseline)
        level = (rates.season * (1.0 + rates.lift.sum(axis=0)))[strata.region]
        exposure = np.concatenate([evidence.cells.days, evidence.intent.days])
        total.append((rates.base[:, None] * strata.person_days * level).sum() + exposure @ rates.cells)
    return float(np.mean(total))


def test_all_days_together_are_what_the_likelihood_expects(evidence: Evidence, posterior: Posterior) -> None:
    draws = np.concatenate([predict_days(evidence, posterior, seed=seed) for seed in range(30)])
    expected = integral(evidence, posterior)
    # Who responded or joined within the carry-over is followed a little too far.
    assert draws.sum(axis=1).mean() == pytest.approx(expected, rel=0.03)


def test_intent_that_contacts_chase_is_expected_too(evidence: Evidence, posterior: Posterior) -> None:
    values = dict(posterior.values)
    values["intent_share"] = np.full_like(values["intent_share"], 0.6)
    chasing = Posterior(values, 0, 0.0)
    draws = np.concatenate([predict_days(evidence, chasing, seed=seed) for seed in range(30)])
    assert draws.sum(axis=1).mean() == pytest.approx(integral(evidence, chasing), rel=0.03)


def test_a_contact_is_felt_on_the_days_after_it_by_the_shares_of_its_buckets(
    new_book: Any, draw_posterior: Any
) -> None:
    book = new_book().response(None, 0.5).response(1, 59.0).person(1, created=59.0).person(2, created=-5.0)
    for _ in range(400):
        book.touch(2, 30.5)
    found = gather(book.observations(), FitOptions(burn_in_days=20))
    posterior = draw_posterior(found, chains=1, draws=1)
    one = next(draws_of_variables(found, posterior, Priors(), [0]))
    shares = lag_shares(one["lag_logits"])[0]
    rates = rates_of(one, found, design_of(found), baseline_of(found, Priors()))
    base = (rates.base[:, None] * found.strata.person_days * rates.season[found.strata.region]).sum(axis=0)
    draws = np.concatenate([predict_days(found, posterior, seed=seed) for seed in range(1500)])
    caused = draws.mean(axis=0) - base
    assert caused[:10] == pytest.approx(0.0, abs=0.03)
    per_day = 400.0 * one["effect"][0] * shares / np.array([1.0, 2.0, 4.0, 7.0, 16.0])
    expected = [0.5 * per_day[0], 0.5 * (per_day[0] + per_day[1]), per_day[1], 0.5 * (per_day[1] + per_day[2])]
    assert caused[10:14] == pytest.approx(expected, rel=0.08, abs=0.03)


def test_as_many_draws_are_made_as_are_wanted_and_there(evidence: Evidence, posterior: Posterior) -> None:
    assert predict_days(evidence, posterior).shape == (80, evidence.window.days)
    assert predict_days(evidence, posterior, draws=7).shape == (7, evidence.window.days)
    assert (predict_days(evidence, posterior, seed=3) == predict_days(evidence, posterior, seed=3)).all()


def test_every_channel_and_medium_has_its_share_of_weeks_inside(evidence: Evidence, posterior: Posterior) -> None:
    shares = inside_by_channel(evidence, posterior)
    assert set(shares) == {*(channel.name for channel in evidence.channels), *evidence.media.names}
    assert all(0.0 <= share <= 1.0 for share in shares.values())


def test_a_channel_that_stopped_working_half_way_has_weeks_outside(new_book: Any) -> None:
    def told(works_until: float) -> float:
        book = new_book().response(None, 0.5).response(1, 90.0)
        for person in range(1, 1200):
            day = 20.5 + person % 60
            book.person(person, created=-5.0).touch(person, day)
            if day < works_until and person % 2:
                book.response(person, day + 0.6)
        found = gather(book.observations(), FitOptions(burn_in_days=20))
        density = density_of(found)
        mode = density.values(mode_of(density)).items()
        values = {name: np.broadcast_to(value, (1, 100, *value.shape)) for name, value in mode}
        return inside_by_channel(found, Posterior(values, 0, 0.0))["email"]

    assert told(works_until=99.0) > 0.8
    assert told(works_until=50.0) < 0.6
