"""Effects by customer: recovered where they differ, left alone where they do not, never worse than one arm for all."""

from __future__ import annotations

import numpy as np
import pytest

from attribution.policy_value import best_arm, held_back_value, policy_value, qini_curve
from attribution.uplift import Trial, fit_uplift

MARGIN, COST = np.asarray([30.0, 30.0]), np.asarray([0.2, 0.2])


def mailing(seed: int, spread: float, n: int = 20_000) -> tuple[Trial, np.ndarray]:
    """Draw a test of two mailings against none: effects of 1 and 0.8 %, which differ by ``spread`` times that."""
    rng = np.random.default_rng(seed)
    features = rng.normal(size=(n, 8))
    effect = np.c_[
        0.010 * (1 + spread * (features[:, 0] - features[:, 1])),
        0.008 * (1 + spread * (features[:, 2] + features[:, 1])),
    ]
    arm = rng.integers(-1, 2, n)
    base = 0.03 + 0.006 * np.tanh(features[:, 3])
    chance = np.clip(base + np.where(arm >= 0, effect[np.arange(n), arm], 0.0), 0, 1)
    response = (rng.random(n) < chance).astype(float)
    return Trial(features, arm, np.full((n, 2), 1 / 3), response), effect


def test_the_average_effect_of_each_arm_is_recovered_with_its_error():
    trial, effect = mailing(1, 0.0, 60_000)
    found = fit_uplift(trial)
    error = np.sqrt([found.covariance[0, 0], found.covariance[9, 9]])
    assert np.abs(found.mean[:, 0] - effect.mean(axis=0)) == pytest.approx(0, abs=3 * error.max())
    assert 0.001 < error.max() < 0.003


def test_where_customers_do_not_differ_none_are_told_apart():
    alike = [fit_uplift(mailing(seed, 0.0)[0]) for seed in range(10)]
    assert sum(model.differs for model in alike) <= 1
    mean, _ = alike[0].of(np.random.default_rng(0).normal(size=(5, 8)))
    assert np.ptp(mean, axis=0) == pytest.approx(0, abs=1e-9)


def test_where_customers_differ_a_lot_they_are_told_apart_and_the_error_is_honest():
    trial, _ = mailing(3, 1.5, 60_000)
    found = fit_uplift(trial)
    assert found.differs
    fresh, effect = mailing(4, 1.5, 5_000)
    mean, error = found.of(fresh.features)
    assert np.corrcoef(mean[:, 0], effect[:, 0])[0, 1] > 0.7
    assert 0.7 < (np.abs(mean - effect) < 1.645 * error).mean() < 0.995


def test_somebody_of_whom_nothing_is_known_gets_the_average():
    found = fit_uplift(mailing(3, 1.5, 60_000)[0])
    assert found.of(np.zeros((1, 8)))[0][0] == pytest.approx(found.mean[:, 0])


def test_what_attribution_knows_of_an_arm_counts_where_few_contacts_do():
    trial = mailing(5, 0.0, 300)[0]
    told = fit_uplift(trial, np.asarray([0.02, 0.01]), np.asarray([0.001, 0.001]))
    assert told.mean[:, 0] == pytest.approx([0.02, 0.01], abs=0.001)


@pytest.mark.parametrize("spread", [0.0, 0.3])
def test_the_policy_is_not_worse_than_the_best_single_arm_on_small_differences(spread):
    gains = [held_back_value(mailing(seed, spread)[0], MARGIN, COST, folds=3)[1] for seed in range(6)]
    together = sum(gain.mean for gain in gains)
    assert together >= -2.0 * np.sqrt(sum(gain.error**2 for gain in gains)) - 1e-9


def test_the_policy_beats_the_best_single_arm_where_customers_differ():
    gains = [held_back_value(mailing(seed, 2.0)[0], MARGIN, COST, folds=3)[1] for seed in range(4)]
    assert sum(gain.mean for gain in gains) > 2.0 * np.sqrt(sum(gain.error**2 for gain in gains))


def test_inverse_weighting_is_right_by_hand():
    trial = Trial(np.zeros((4, 1)), np.asarray([0, -1, 0, -1]), np.full((4, 1), 0.5), np.asarray([1.0, 0, 0, 1]))
    value, each = policy_value(trial, np.asarray([0, 0, -1, -1]), np.asarray([10.0]), np.asarray([1.0]))
    assert each.tolist() == [18.0, 0.0, 0.0, 20.0]
    assert value.mean == 9.5
    assert best_arm(trial, np.asarray([10.0]), np.asarray([1.0])) == -1


def test_a_policy_that_wants_the_impossible_is_refused():
    trial = Trial(np.zeros((1, 1)), np.asarray([-1]), np.zeros((1, 1)), np.zeros(1))
    with pytest.raises(ValueError, match="chance was 0"):
        policy_value(trial, np.zeros(1, np.int64), np.ones(1), np.ones(1))


def test_the_qini_curve_ends_at_the_average_effect_and_ranks_the_truth_above_chance():
    trial, effect = mailing(7, 3.0, 60_000)
    curve = qini_curve(trial, effect[:, 0])
    assert curve.extra[-1] == pytest.approx(0.01, abs=0.006)
    assert curve.coefficient > 2 * curve.error > 0
    blind = qini_curve(trial, np.random.default_rng(0).normal(size=60_000))
    assert abs(blind.coefficient) < 3 * blind.error


@pytest.mark.parametrize(
    ("wrong", "words"),
    [
        ({"response": np.asarray([np.nan])}, "finite"),
        ({"chance": np.asarray([[1.2]])}, "at most 1"),
        ({"chance": np.asarray([[0.0]])}, "whose chance was 0"),
        ({"features": np.zeros((2, 1))}, "one row per contact"),
    ],
)
def test_a_trial_that_cannot_be_is_refused(wrong, words):
    good = {"features": np.zeros((1, 1)), "arm": np.asarray([0]), "chance": np.ones((1, 1)) / 2, "response": np.ones(1)}
    with pytest.raises(ValueError, match=words):
        Trial(**{**good, **wrong})
