"""The Markov model: a published example, a dense reference, a simulation, its limits and its properties."""

from __future__ import annotations

from collections import defaultdict
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attribution.credit import credit_all
from attribution.credit.markov import build_chain, conversion_probability, removal_effects
from attribution.paths import Paths, parse_paths

PATHS_10K = Path(__file__).parents[3] / "shared" / "data" / "paths_10k.csv.gz"

Row = tuple[str, float, float, float]


def laid(*rows: Row) -> Paths:
    """Return paths written a letter a touch, with conversions, value and nulls."""
    spelled = [(" > ".join(path), *ended) for path, *ended in rows]
    return parse_paths(
        pd.DataFrame(spelled, columns=["path", "total_conversions", "total_conversion_value", "total_null"])
    )


def dense_reference(rows: list[Row], order: int, without: str | None) -> float:
    """Solve the chain as it is drawn: probabilities between start, histories, conversion and null."""
    passages: dict[tuple[object, object], float] = defaultdict(float)
    for path, conversions, _, nulls in rows:
        states = ["start", *(path[max(0, i - order + 1) : i + 1] for i in range(len(path)))]
        for source, target in pairwise(states):
            passages[source, target] += conversions + nulls
        passages[states[-1], "(conversion)"] += conversions
        passages[states[-1], "(null)"] += nulls
    names = ["start", *sorted({name for pair in passages for name in pair} - {"start", "(conversion)", "(null)"})]  # type: ignore[type-var]
    index = {name: position for position, name in enumerate(names)}
    step = np.zeros((len(names), len(names)))
    converts = np.zeros(len(names))
    for (source, target), weight in passages.items():
        leaving = sum(w for (s, _), w in passages.items() if s == source)
        if not leaving or (without is not None and target not in ("(conversion)", "(null)") and without in str(target)):
            continue  # a step to the unit taken out leads to null
        if target == "(conversion)":
            converts[index[source]] += weight / leaving
        elif target != "(null)":
            step[index[source], index[target]] += weight / leaving
    return float(np.linalg.solve(np.eye(len(names)) - step, converts)[0])


def test_the_textbook_example_by_hand():
    # start -> C1 -> C2 -> C3 -> conversion; start -> C1 -> null; start -> C2 -> C3 -> null. One path in three converts.
    # Without C1 only the third journey is left to enter C2: 1/3 * 1/2 = 1/6. Without C2 or C3 nothing converts.
    paths = laid(("123", 1, 10.0, 0), ("1", 0, 0.0, 1), ("23", 0, 0.0, 1))
    chain = build_chain(paths, 1)
    assert conversion_probability(chain)[0] == pytest.approx(1 / 3)
    assert conversion_probability(chain, 0)[0] == pytest.approx(1 / 6)
    removal = removal_effects(paths)
    assert removal.conversions == pytest.approx([0.5, 1.0, 1.0])
    markov = credit_all(paths).models["markov"]
    assert markov.conversions == pytest.approx([0.2, 0.4, 0.4])
    assert markov.value == pytest.approx([2.0, 4.0, 4.0])


def test_value_has_its_own_removal_effects():
    paths = laid(("a", 1, 90.0, 0), ("b", 1, 10.0, 0))
    removal = removal_effects(paths)
    assert removal.conversions == pytest.approx([0.5, 0.5])
    assert removal.value == pytest.approx([0.9, 0.1])
    assert credit_all(paths).models["markov"].value == pytest.approx([90.0, 10.0])


def test_repeating_a_touch_changes_nothing_at_order_one():
    once = removal_effects(laid(("ab", 2, 2.0, 3), ("b", 1, 1.0, 1)))
    often = removal_effects(laid(("aaabb", 2, 2.0, 3), ("bb", 1, 1.0, 1)))
    assert often.conversions == pytest.approx(once.conversions)


def test_a_chain_that_remembers_whole_paths_loses_exactly_the_paths_with_the_unit():
    rows = [("abc", 3, 3.0, 2), ("acb", 5, 50.0, 1), ("bb", 2, 2.0, 9), ("c", 1, 7.0, 1), ("abca", 4, 4.0, 0)]
    paths = laid(*rows)
    removal = removal_effects(paths, order=4)
    for code, unit in enumerate(paths.units):
        lost = sum(row[1] for row in rows if str(unit) in row[0]), sum(row[2] for row in rows if str(unit) in row[0])
        assert removal.conversions[code] == pytest.approx(lost[0] / 15)
        assert removal.value[code] == pytest.approx(lost[1] / 66)


def test_paths_that_all_convert_still_have_removal_effects():
    removal = removal_effects(laid(("ab", 1, 1.0, 0), ("b", 1, 1.0, 0)))
    assert removal.conversions == pytest.approx([0.5, 1.0])


def test_no_conversions_give_no_credit():
    paths = laid(("ab", 0, 0.0, 5))
    assert removal_effects(paths).conversions.tolist() == [0.0, 0.0]
    assert credit_all(paths).models["markov"].conversions.tolist() == [0.0, 0.0]


def test_paths_that_never_ended_count_for_nothing():
    paths = laid(("ab", 1, 1.0, 1), ("c", 0, 0.0, 0), ("ac", 0, 0.0, 0))
    for order in (1, 2, 3):
        removal = removal_effects(paths, order)
        assert removal.conversions == pytest.approx([1.0, 1.0, 0.0])
    assert removal_effects(laid(("c", 0, 0.0, 0))).conversions.tolist() == [0.0]


def test_a_simulated_walk_agrees():
    rows = [
        ("abc", 30, 30.0, 60),
        ("ac", 20, 20.0, 80),
        ("bca", 25, 25.0, 40),
        ("cab", 10, 10.0, 90),
        ("b", 5, 5.0, 50),
    ]
    paths = laid(*rows)
    chain = build_chain(paths, 2)
    random = np.random.default_rng(7)
    walks = 20_000
    between = chain.between.toarray() / chain.leaving[:, None]
    ends = chain.converted / chain.leaving
    state = random.choice(len(chain.starts), size=walks, p=chain.starts / chain.starts.sum())
    alive, converted = np.ones(walks, dtype=bool), np.zeros(walks, dtype=bool)
    met = np.zeros((walks, 3), dtype=bool)
    while alive.any():
        for history in chain.histories.T:
            seen = alive & (history[state] >= 0)
            met[seen, history[state[seen]]] = True
        drawn = random.random(walks)
        reach = np.cumsum(np.column_stack((ends, between)), axis=1)[state]
        step = (drawn[:, None] >= reach).sum(axis=1)
        converted |= alive & (step == 0)
        alive &= (step > 0) & (step <= len(chain.starts))
        state = np.where(alive, step - 1, state)
    lost = met[converted].mean(axis=0)
    spread = np.sqrt(lost * (1 - lost) / converted.sum())
    assert (np.abs(removal_effects(paths, 2).conversions - lost) < 4 * spread + 1e-9).all()


some_paths = st.lists(
    st.tuples(st.text("abc", min_size=1, max_size=6), st.integers(0, 5), st.integers(0, 5)), min_size=1, max_size=8
).map(lambda rows: [(path, float(c), 2.0 * c, float(n)) for path, c, n in rows])


@settings(max_examples=60, deadline=None)
@given(some_paths, st.integers(1, 4))
def test_probabilities_equal_those_of_the_chain_as_drawn_and_lie_in_the_unit_interval(rows: list[Row], order: int):
    paths = laid(*rows)
    chain = build_chain(paths, order)
    for code, unit in [(None, None), *enumerate(paths.units)]:
        probability, value = conversion_probability(chain, code)
        assert probability == pytest.approx(dense_reference(rows, order, unit and str(unit)), abs=1e-12)
        assert -1e-12 <= probability <= 1.0 + 1e-12
        assert value == pytest.approx(2.0 * probability, abs=1e-12)


@settings(max_examples=60, deadline=None)
@given(some_paths, st.integers(1, 4))
def test_removal_effects_are_what_the_solved_chain_loses(rows: list[Row], order: int):
    paths = laid(*rows)
    chain = build_chain(paths, order)
    whole = conversion_probability(chain)[0]
    removal = removal_effects(paths, order)
    for code in range(len(paths.units)):
        kept = conversion_probability(chain, code)[0]
        assert removal.conversions[code] == pytest.approx(1.0 - kept / whole if whole else 0.0, abs=1e-9)
    assert ((removal.conversions >= 0.0) & (removal.conversions <= 1.0)).all()


@settings(max_examples=40, deadline=None)
@given(some_paths, st.integers(1, 4))
def test_credits_add_up_to_the_conversions(rows: list[Row], order: int):
    markov = credit_all(laid(*rows), order=order, models=("markov",)).models["markov"]
    assert markov.conversions.sum() == pytest.approx(sum(row[1] for row in rows))
    assert markov.value.sum() == pytest.approx(sum(row[2] for row in rows))


@pytest.mark.skipif(not PATHS_10K.is_file(), reason="the public data are not beside the project")
@pytest.mark.parametrize("order", [1, 2])
def test_the_public_paths_give_the_removal_effects_that_channelattribution_simulates(order: int):
    # ChannelAttribution 2.2.5, 10 million simulated paths: good to about 0.0005.
    simulated = {
        "alpha": ((0.5582, 0.5223), (0.5479, 0.5200)),
        "beta": ((0.2641, 0.2698), (0.2384, 0.2654)),
        "delta": ((0.0005, 0.0004), (0.0005, 0.0004)),
        "epsilon": ((0.0629, 0.0655), (0.0599, 0.0650)),
        "eta": ((0.3488, 0.3614), (0.3311, 0.3532)),
        "gamma": ((0.0179, 0.0199), (0.0168, 0.0203)),
        "iota": ((0.4062, 0.4173), (0.3713, 0.4019)),
        "kappa": ((0.0287, 0.0316), (0.0259, 0.0306)),
        "lambda": ((0.1342, 0.1432), (0.1162, 0.1320)),
        "mi": ((0.0002, 0.0001), (0.0002, 0.0002)),
        "theta": ((0.2060, 0.2088), (0.1857, 0.2005)),
        "zeta": ((0.0400, 0.0409), (0.0365, 0.0390)),
    }
    paths = parse_paths(pd.read_csv(PATHS_10K))
    markov = credit_all(paths, order=order, models=("markov",)).models["markov"]
    assert markov.removal_effect is not None
    assert markov.value_removal_effect is not None
    for code, unit in enumerate(paths.units):
        conversions, value = simulated[str(unit)][order - 1]
        assert markov.removal_effect[code] == pytest.approx(conversions, abs=0.001)
        assert markov.value_removal_effect[code] == pytest.approx(value, abs=0.0015)
    assert markov.conversions.sum() == pytest.approx(19_785.0)
    assert markov.value.sum() == pytest.approx(74_802.97, abs=0.005)
