"""The gap that is promised, on the benchmark's own market at a size that every run of the tests can afford."""

import numpy as np
import pytest

from benchmarks.solver import instance
from campaigns.planning.planner import solve


@pytest.mark.parametrize("second", [0.0, 0.6])
def test_of_twenty_thousand_customers_the_plan_is_within_a_thousandth_of_what_none_can_beat(second):
    problem = instance(20_000, second=second)
    solution = solve(problem)
    assert not solution.unmet
    assert 0.0 <= solution.gap <= 0.001
    persons = problem.candidates.person[solution.chosen]
    assert np.bincount(problem.household[persons]).max() <= 3
    for item, used in zip(problem.scarce, solution.used, strict=True):
        assert (used <= item.left + 1e-6).all()
    for limit, used in zip(problem.limits, solution.reached, strict=True):
        assert limit.most is None or used <= limit.most + 1e-6
        assert limit.least is None or used >= limit.least - 1e-6


@pytest.mark.slow
def test_of_sixty_thousand_customers_priced_on_a_sample_too():
    solution = solve(instance(60_000))
    assert not solution.unmet
    assert solution.gap <= 0.001
