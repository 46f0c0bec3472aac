"""Ghosts and exploration: their price, what they teach, and forecast against outcome."""

from __future__ import annotations

import math

import numpy as np
import pytest

from campaigns.planning.learning import exploration_cost, forecast_against_outcome, ghost_lesson, months_until


def test_ghosts_cost_what_the_withheld_contacts_would_have_earned():
    lesson = ghost_lesson(np.full(1000, 0.5), 0.1, 0.05, 0.01, 0.01)
    assert lesson.cost == pytest.approx(50.0)
    assert lesson.ghosts == pytest.approx(100.0)
    assert lesson.few


def test_more_contacts_teach_more_and_faster():
    few, many = (ghost_lesson(np.ones(n), 0.1, 0.05, 0.01, 0.01) for n in (500, 50_000))
    assert many.error_after < few.error_after < 0.01
    assert many.narrows > few.narrows
    assert many.months < few.months
    assert not many.few


def test_the_months_are_those_after_which_the_error_is_reached():
    months = months_until(0.005, 1000, 0.1, 0.05, 0.01)
    after = ghost_lesson(np.ones(round(1000 * months)), 0.1, 0.05, 0.01, 1e3).error_after
    assert after == pytest.approx(0.005, rel=0.01)
    assert months_until(0.005, 1000, 0.1, 0.05, 0.01, error_before=0.004) == 0.0
    assert months_until(0.0, 1000, 0.1, 0.05, 0.01) == math.inf
    assert months_until(0.005, 0, 0.1, 0.05, 0.01) == math.inf


def test_the_error_forecast_is_that_of_simulated_tests():
    rng = np.random.default_rng(1)
    differences = []
    for _ in range(400):
        sent = rng.random(4000) < 0.9
        response = rng.random(4000) < np.where(sent, 0.07, 0.05)
        differences.append(response[sent].mean() - response[~sent].mean())
    lesson = ghost_lesson(np.ones(4000), 0.1, 0.05, 0.02, 1e3)
    assert np.std(differences) == pytest.approx(lesson.error_after, rel=0.1)


@pytest.mark.parametrize(("share", "base"), [(0.0, 0.1), (1.0, 0.1), (0.1, 1.5)])
def test_shares_and_rates_out_of_range_are_refused(share, base):
    with pytest.raises(ValueError, match=r"share|rate"):
        ghost_lesson(np.ones(5), share, base, 0.01, 0.01)


def test_exploration_costs_nothing_where_it_chooses_the_best():
    mean, error = np.asarray([[2.0, 1.0], [1.0, 3.0]]), np.asarray([[0.1, 0.5], [0.5, 0.1]])
    assert exploration_cost(mean, error, np.asarray([0, 1]), np.zeros(2)) == (0.0, 1.0)
    cost, looked = exploration_cost(mean, error, np.asarray([1, 1]), np.zeros(2))
    assert cost == pytest.approx(1.0)
    assert looked == pytest.approx(3.0)


def plan(n: int, truth: float, forecast: float):
    rng = np.random.default_rng(5)
    channel = np.where(np.arange(n) % 2 == 0, "email", "mail")
    predicted = forecast * rng.uniform(0.5, 1.5, n)
    chance = np.where(np.arange(n) % 20 == 1, 1.0, 0.8)
    sent = rng.random(n) < chance
    response = (rng.random(n) < 0.05 + np.where(sent, truth / forecast * predicted, 0)).astype(float)
    return channel, predicted, chance, sent, response


def test_a_forecast_that_came_true_agrees_in_nearly_every_tenth_of_every_channel():
    found = forecast_against_outcome(*plan(100_000, 0.05, 0.05))
    assert [(one.channel, one.rank) for one in found] == [(c, r) for c in ("email", "mail") for r in range(1, 11)]
    assert sum(bool(one.agrees) for one in found) >= 16
    assert found[0].predicted > found[9].predicted
    assert sum(one.contacts + one.ghosts for one in found) == 95_000


def test_a_forecast_far_off_is_seen_to_be():
    found = forecast_against_outcome(*plan(100_000, 0.01, 0.06))
    assert sum(one.agrees is False for one in found) >= 15


def test_where_nobody_was_withheld_nothing_is_claimed():
    sent = np.ones(50, bool)
    found = forecast_against_outcome(np.full(50, "email"), np.ones(50), np.full(50, 0.9), sent, np.ones(50))
    assert all(one.agrees is None for one in found)
