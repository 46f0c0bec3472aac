"""The Shapley value: both games against brute force, by hand, sampled against exact, and their properties."""

from __future__ import annotations

from collections.abc import Callable
from itertools import permutations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attribution.credit import credit_all
from attribution.credit.shapley import of_conversions, of_rate
from attribution.paths import Paths, parse_paths

Row = tuple[str, float, float, float]


def laid(*rows: Row) -> Paths:
    """Return paths written a letter a touch, with conversions, value and nulls."""
    spelled = [(" > ".join(path), *ended) for path, *ended in rows]
    return parse_paths(
        pd.DataFrame(spelled, columns=["path", "total_conversions", "total_conversion_value", "total_null"])
    )


def by_all_orders(rows: list[Row], worth: Callable[[set[str]], float]) -> dict[str, float]:
    """Average what each letter adds over every order in which the letters can join."""
    letters = sorted({letter for row in rows for letter in row[0]})
    gained = dict.fromkeys(letters, 0.0)
    orders = list(permutations(letters))
    for order in orders:
        for position, letter in enumerate(order):
            gained[letter] += worth(set(order[: position + 1])) - worth(set(order[:position]))
    return {letter: gain / len(orders) for letter, gain in gained.items()}


def conversions_within(rows: list[Row]) -> Callable[[set[str]], float]:
    return lambda coalition: sum(row[1] for row in rows if set(row[0]) <= coalition)


def rate_within(rows: list[Row]) -> Callable[[set[str]], float]:
    def rate(coalition: set[str]) -> float:
        inside = [row for row in rows if set(row[0]) <= coalition]
        number = sum(row[1] + row[3] for row in inside)
        return sum(row[1] for row in inside) / number if number else 0.0

    return rate


def test_a_path_is_divided_equally_among_its_distinct_units():
    found = of_conversions(laid(("aab", 6, 60.0, 9), ("a", 1, 5.0, 0), ("abc", 3, 3.0, 1)))
    assert found.conversions == pytest.approx([3 + 1 + 1, 3 + 1, 1])
    assert found.value == pytest.approx([30 + 5 + 1, 30 + 1, 1])
    assert found.conversions_error is None


def test_the_rate_game_by_hand():
    # Rates: a alone 1/2, b alone 1/4, both together (1 + 1 + 4) / 10. a: (1/2 + 6/10 - 1/4) / 2, b: the rest; 10 paths.
    found = of_rate(laid(("a", 1, 1.0, 1), ("b", 1, 1.0, 3), ("ab", 4, 4.0, 0)))
    assert found.conversions == pytest.approx([4.25, 1.75])


def test_a_rate_can_fall_when_a_unit_joins_and_its_credit_is_then_negative():
    found = of_rate(laid(("a", 9, 9.0, 1), ("b", 0, 0.0, 90)))
    assert found.conversions[1] < 0.0
    assert found.conversions.sum() == pytest.approx(9.0)


some_paths = st.lists(
    st.tuples(st.text("abcd", min_size=1, max_size=5), st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=7
).map(lambda rows: [(path, float(c), 3.0 * c, float(n)) for path, c, n in rows])


@settings(max_examples=50, deadline=None)
@given(some_paths)
def test_both_games_equal_brute_force_over_all_orders(rows: list[Row]):
    paths = laid(*rows)
    number = sum(row[1] + row[3] for row in rows)
    for found, worth, scale in (
        (of_conversions(paths), conversions_within(rows), 1.0),
        (of_rate(paths), rate_within(rows), number),
    ):
        expected = by_all_orders(rows, worth)
        assert found.conversions == pytest.approx([scale * expected[str(unit)] for unit in paths.units])
        assert found.value == pytest.approx(3.0 * found.conversions)


@settings(max_examples=50, deadline=None)
@given(some_paths, st.randoms(use_true_random=False))
def test_neither_order_nor_repetition_of_touches_matters(rows: list[Row], random: object):
    jumbled = []
    for path, *ended in rows:
        letters = list(path + path[0])
        random.shuffle(letters)  # type: ignore[attr-defined]
        jumbled.append(("".join(letters), *ended))
    for game in ("conversions", "rate"):
        straight = credit_all(laid(*rows), shapley_game=game, models=("shapley",)).models["shapley"]
        other = credit_all(laid(*jumbled), shapley_game=game, models=("shapley",)).models["shapley"]
        assert other.conversions == pytest.approx(straight.conversions)


@settings(max_examples=30, deadline=None)
@given(some_paths)
def test_credits_sum_to_the_conversions_exact_or_sampled(rows: list[Row]):
    paths = laid(*rows)
    for found in (of_conversions(paths), of_rate(paths), of_rate(paths, exact_up_to=0, permutations=4)):
        assert found.conversions.sum() == pytest.approx(sum(row[1] for row in rows))
        assert found.value.sum() == pytest.approx(sum(row[2] for row in rows))


def many_units(units: int) -> Paths:
    random = np.random.default_rng(3)
    lengths = random.integers(1, 6, 400)
    conversions = random.integers(0, 9, 400).astype(float)
    return Paths(
        units=tuple(f"u{unit:02}" for unit in range(units)),
        steps=random.integers(0, units, int(lengths.sum())),
        offsets=np.concatenate(([0], np.cumsum(lengths))),
        conversions=conversions,
        value=2.0 * conversions,
        nulls=random.integers(0, 30, 400).astype(float),
    )


def test_sampled_values_lie_within_their_stated_error_of_the_exact_ones():
    paths = many_units(10)
    exact = of_rate(paths, exact_up_to=12)
    sampled = of_rate(paths, exact_up_to=9, permutations=2000, seed=1)
    assert exact.conversions_error is None
    assert sampled.conversions_error is not None
    off = np.abs(sampled.conversions - exact.conversions) / sampled.conversions_error
    assert off.max() < 4.0
    assert sampled.value == pytest.approx(2.0 * sampled.conversions)


def test_the_stated_error_halves_with_four_times_the_orders_and_a_seed_repeats_it():
    paths = many_units(16)
    few, many, again = (of_rate(paths, permutations=n, seed=5) for n in (400, 1600, 1600))
    assert few.conversions_error is not None
    assert many.conversions_error is not None
    assert np.median(few.conversions_error / many.conversions_error) == pytest.approx(2.0, rel=0.25)
    assert again.conversions.tolist() == many.conversions.tolist()


def test_thirteen_units_are_sampled_and_twelve_are_not():
    assert of_rate(many_units(12), permutations=4).conversions_error is None
    assert of_rate(many_units(13), permutations=4).conversions_error is not None


def test_no_paths_give_no_credit():
    none = laid(("a", 1, 1.0, 0)).where(np.array([False]))
    assert of_conversions(none).conversions.tolist() == [0.0]
    assert of_rate(none).conversions.tolist() == [0.0]
    assert of_rate(none, exact_up_to=0, permutations=4).conversions.tolist() == [0.0]
