"""Rules that credit by position: by hand, at their limits and against a plain loop."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attribution.credit import INVERSE_J, J_SHAPED, U_SHAPED, W_SHAPED, PositionWeights
from attribution.credit.positions import (
    first_touch,
    last_non_direct,
    last_touch,
    linear,
    participation,
    position_based,
    time_decay,
)
from attribution.paths import Paths

UNITS = ("a", "b", "c", "direct")


def laid(*paths: str, ages: Sequence[float] | None = None) -> Paths:
    """Return paths written a letter a touch, ``d`` for direct; each converted once."""
    steps = [UNITS.index("direct" if letter == "d" else letter) for path in paths for letter in path]
    ones = np.ones(len(paths))
    return Paths(
        units=UNITS,
        steps=np.array(steps, dtype=np.int64),
        offsets=np.concatenate(([0], np.cumsum([len(path) for path in paths], dtype=np.int64))),
        conversions=ones,
        value=ones.copy(),
        nulls=np.zeros(len(paths)),
        ages=None if ages is None else np.array(ages, dtype=np.float64),
    )


def test_last_and_first_touch_take_all():
    paths = laid("abc", "b")
    assert last_touch(paths).tolist() == [0, 0, 1, 1]
    assert first_touch(paths).tolist() == [1, 0, 0, 1]


def test_linear_gives_each_touch_the_same():
    assert linear(laid("abca", "b")).tolist() == [0.25, 0.25, 0.25, 0.25, 1.0]


def test_last_non_direct_passes_over_direct_unless_there_is_nothing_else():
    paths = laid("abdd", "dd", "dac")
    assert last_non_direct(paths, {"direct"}).tolist() == [0, 1, 0, 0, 0, 1, 0, 0, 1]
    assert last_non_direct(paths, set()).tolist() == last_touch(paths).tolist()


def test_time_decay_halves_with_every_half_life():
    paths = laid("abc", "ab", ages=[14.0, 7.0, 0.0, 21.0, 7.0])
    assert time_decay(paths, 7.0) == pytest.approx([1 / 7, 2 / 7, 4 / 7, 1 / 5, 4 / 5])


def test_time_decay_without_times_takes_the_position_as_the_clock():
    assert time_decay(laid("abc", "c"), 1.0) == pytest.approx([1 / 7, 2 / 7, 4 / 7, 1.0])


def test_time_decay_is_linear_at_an_endless_half_life_and_last_touch_at_none():
    paths = laid("abca", "b")
    assert time_decay(paths, 1e12) == pytest.approx(linear(paths))
    assert time_decay(paths, 1e-3) == pytest.approx(last_touch(paths))


def test_time_decay_depends_on_the_gaps_alone_and_survives_ages_beyond_any_half_life():
    near, far = laid("abc", ages=[2.0, 1.0, 0.0]), laid("abc", ages=[10_002.0, 10_001.0, 10_000.0])
    assert time_decay(far, 1.0) == pytest.approx(time_decay(near, 1.0))


@pytest.mark.parametrize(
    ("shares", "length", "expected"),
    [
        (U_SHAPED, 1, [1.0]),
        (U_SHAPED, 2, [0.5, 0.5]),
        (U_SHAPED, 3, [0.4, 0.2, 0.4]),
        (U_SHAPED, 4, [0.4, 0.1, 0.1, 0.4]),
        (J_SHAPED, 2, [0.25, 0.75]),
        (J_SHAPED, 4, [0.2, 0.1, 0.1, 0.6]),
        (INVERSE_J, 2, [0.75, 0.25]),
        (INVERSE_J, 4, [0.6, 0.1, 0.1, 0.2]),
        (W_SHAPED, 1, [1.0]),
        (W_SHAPED, 2, [0.5, 0.5]),
        (W_SHAPED, 3, [1 / 3, 1 / 3, 1 / 3]),
        (W_SHAPED, 4, [0.3, 0.3, 0.1, 0.3]),
        (W_SHAPED, 5, [0.3, 0.05, 0.3, 0.05, 0.3]),
        (PositionWeights(first=0.0, last=0.0, rest=1.0), 2, [0.5, 0.5]),
        (PositionWeights(first=0.0, last=0.0, rest=1.0), 4, [0.0, 0.5, 0.5, 0.0]),
        (PositionWeights(first=1.0, last=0.0), 3, [1.0, 0.0, 0.0]),
        (PositionWeights(first=0.0, last=1.0), 1, [1.0]),
    ],
)
def test_position_based_by_hand(shares: PositionWeights, length: int, expected: list[float]):
    assert position_based(laid("abcabc"[:length]), shares) == pytest.approx(expected)


def test_position_based_treats_paths_apart():
    both = position_based(laid("abca", "b", "cb"), U_SHAPED)
    assert both == pytest.approx([0.4, 0.1, 0.1, 0.4, 1.0, 0.5, 0.5])


def test_participation_gives_every_unit_of_a_path_all_of_it_once():
    assert participation(laid("aba", "b")).tolist() == [1, 1, 0, 1]


def test_no_paths_give_no_weights():
    none = laid()
    for rule in (last_touch, first_touch, linear, participation):
        assert rule(none).shape == (0,)
    assert time_decay(none, 7.0).shape == (0,)
    assert position_based(none, W_SHAPED).shape == (0,)
    assert last_non_direct(none, {"direct"}).shape == (0,)


def _shaped_loop(path: str, shares: PositionWeights) -> list[float]:
    n = len(path)
    parts: dict[int, float] = {0: shares.first}
    if n > 1:
        parts[n - 1] = shares.last
    if n > 2 and shares.middle:
        parts[(n - 1) // 2] = shares.middle
    others = [position for position in range(n) if position not in parts]
    weights = [parts.get(position, shares.rest / max(len(others), 1)) for position in range(n)]
    if not sum(weights):
        weights = [1.0] * n
    return [weight / sum(weights) for weight in weights]


LOOPS: list[tuple[Callable[[Paths], np.ndarray], Callable[[str], list[float]]]] = [
    (last_touch, lambda path: [float(i == len(path) - 1) for i in range(len(path))]),
    (first_touch, lambda path: [float(i == 0) for i in range(len(path))]),
    (linear, lambda path: [1 / len(path)] * len(path)),
    (
        lambda paths: time_decay(paths, 2.0),
        lambda path: [2 ** (i / 2) / sum(2 ** (j / 2) for j in range(len(path))) for i in range(len(path))],
    ),
    (
        lambda paths: last_non_direct(paths, {"direct"}),
        lambda path: [float(i == len(path.rstrip("d") or path) - 1) for i in range(len(path))],
    ),
    (participation, lambda path: [float(letter not in path[:i]) for i, letter in enumerate(path)]),
    *(
        (
            lambda paths, shares=shares: position_based(paths, shares),
            lambda path, shares=shares: _shaped_loop(path, shares),
        )
        for shares in (U_SHAPED, J_SHAPED, INVERSE_J, W_SHAPED, PositionWeights(0.0, 0.0, 0.0, 1.0))
    ),
]


@given(st.lists(st.text("abcd", min_size=1, max_size=7), min_size=1, max_size=6))
def test_every_rule_equals_its_plain_loop(paths: list[str]):
    for vectorised, loop in LOOPS:
        assert vectorised(laid(*paths)) == pytest.approx([weight for path in paths for weight in loop(path)])


@given(st.lists(st.text("abcd", min_size=1, max_size=9), min_size=1, max_size=6), st.floats(0.01, 100.0))
def test_the_weights_of_a_path_sum_to_one_and_later_touches_never_decay_more(paths: list[str], half_life: float):
    together = laid(*paths)
    weight = time_decay(together, half_life)
    for start, end in zip(together.offsets[:-1], together.offsets[1:], strict=True):
        assert weight[start:end].sum() == pytest.approx(1.0)
        assert (np.diff(weight[start:end]) >= 0.0).all()
