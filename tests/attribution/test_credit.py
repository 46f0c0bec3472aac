"""All credit models together: what is returned, what is refused and what holds for any paths."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attribution.credit import MODELS, CreditOptions, PositionWeights, credit_all, credit_json
from attribution.paths import AdKey, Paths, parse_paths
from campaigns.faults import RefusedError
from campaigns.terms import RULES

PATHS_10K = Path(__file__).parents[3] / "shared" / "data" / "paths_10k.csv.gz"

SHARED_OUT = [name for name in MODELS if name != "participation"]

Row = tuple[str, float, float, float]


def laid(*rows: Row) -> Paths:
    """Return paths written a letter a touch, with conversions, value and nulls."""
    spelled = [(" > ".join(path), *ended) for path, *ended in rows]
    return parse_paths(
        pd.DataFrame(spelled, columns=["path", "total_conversions", "total_conversion_value", "total_null"])
    )


def test_every_model_credits_by_hand():
    found = credit_all(laid(("aabc", 10, 100.0, 0), ("c", 2, 8.0, 4)), custom=PositionWeights(0.5, 0.1, rest=0.4))
    assert found.units == ("a", "b", "c")
    assert (found.conversions, found.value) == (12.0, 108.0)
    expected = {
        "last_touch": [0, 0, 12],
        "first_touch": [10, 0, 2],
        "linear": [5, 2.5, 4.5],
        "time_decay": [10 * 3 / 15, 10 * 4 / 15, 2 + 10 * 8 / 15],
        "position_based": [5, 1, 6],
        # Three in four that reach c convert; without a, or b, only the 6 in 16 that start at c reach it.
        "markov": [12 * 0.625 / 2.25, 12 * 0.625 / 2.25, 12 / 2.25],
        "shapley": [10 / 3, 10 / 3, 2 + 10 / 3],
        "last_non_direct": [0, 0, 12],
        "j_shaped": [3, 1, 8],
        "inverse_j": [7, 1, 4],
        "w_shaped": [6, 1, 5],
        "participation": [10, 10, 12],
        "custom": [7, 2, 3],
    }
    assert list(found.models) == list(expected) == [*MODELS, "custom"]
    for name, conversions in expected.items():
        assert found.models[name].conversions == pytest.approx(conversions), name
    assert found.models["linear"].value == pytest.approx([50, 25, 33])


def test_the_half_life_counts_touches_where_paths_have_no_times():
    paths = laid(("ab", 1, 1.0, 0))
    assert credit_all(paths).models["time_decay"].conversions == pytest.approx([1 / 3, 2 / 3])
    assert credit_all(paths, half_life=0.5).models["time_decay"].conversions == pytest.approx([1 / 5, 4 / 5])


def test_direct_is_what_the_caller_says():
    paths = laid(("ab", 1, 1.0, 0))
    assert credit_all(paths, direct=("b",)).models["last_non_direct"].conversions.tolist() == [1.0, 0.0]


def test_only_the_models_asked_for_are_run():
    assert list(credit_all(laid(("a", 1, 1.0, 0)), models=("shapley", "linear")).models) == ["linear", "shapley"]


def test_every_option_that_cannot_be_used_is_named():
    with pytest.raises(RefusedError) as refused:
        credit_all(
            laid(("a", 1, 1.0, 0)),
            order=5,
            half_life=0.0,
            custom=PositionWeights(0.9, 0.9),
            shapley_game="luck",  # type: ignore[arg-type]
            exact_up_to=30,
            permutations=3,
            seed=-1,
        )
    named = [fault.column for fault in refused.value.faults]
    assert named == ["order", "half_life", "custom", "shapley_game", "exact_up_to", "permutations", "seed"]
    assert CreditOptions(order=4, half_life=0.5).order == 4


def test_an_unknown_model_is_refused():
    with pytest.raises(RefusedError, match="'last_tuch'"):
        credit_all(laid(("a", 1, 1.0, 0)), models=("last_tuch",))


def test_the_json_follows_the_contract():
    found = credit_all(laid(("ab", 3, 30.0, 1), ("b", 1, 1.0, 9)))
    shown = json.loads(json.dumps(credit_json(found)))
    assert set(shown) == {"conversions", "value", "channels"}
    assert (shown["conversions"], shown["value"]) == (4.0, 31.0)
    assert [row["channel"] for row in shown["channels"]] == ["b", "a"]
    for row in shown["channels"]:
        assert set(row) == {"channel", *MODELS}
        assert set(row["markov"]) == {"conversions", "value", "removal_effect"}
        assert all(set(row[name]) == {"conversions", "value"} for name in MODELS if name != "markov")
    assert sum(row["markov"]["conversions"] for row in shown["channels"]) == pytest.approx(4.0)


def test_the_json_of_a_sampled_shapley_value_states_its_error():
    found = credit_all(laid(("ab", 3, 30.0, 1)), shapley_game="rate", exact_up_to=1, permutations=8)
    shapley = credit_json(found)["channels"][0]["shapley"]
    assert set(shapley) == {"conversions", "value", "conversions_error", "value_error"}


def test_the_json_names_ads_in_full():
    paths = Paths(
        units=(AdKey("email", "spring", "blue"),),
        steps=np.array([0]),
        offsets=np.array([0, 1]),
        conversions=np.array([1.0]),
        value=np.array([2.0]),
        nulls=np.array([0.0]),
        unassigned_conversions=3.0,
        unassigned_value=4.0,
    )
    found = credit_all(paths, models=("linear",))
    assert (found.unassigned_conversions, found.unassigned_value) == (3.0, 4.0)
    assert credit_json(found) == {
        "conversions": 4.0,
        "value": 6.0,
        "ads": [
            {
                "channel": "email",
                "campaign": "spring",
                "ad": "blue",
                "linear": {"conversions": 1.0, "value": 2.0},
            }
        ],
    }


def test_paths_without_conversions_are_credited_with_nothing():
    found = credit_all(laid(("ab", 0, 0.0, 7)))
    for name in MODELS:
        assert found.models[name].conversions.tolist() == [0.0, 0.0], name


some_rows = st.lists(
    st.tuples(st.text("abcd", min_size=1, max_size=6), st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=8
).map(lambda rows: [(path, float(c), 1.5 * c, float(n)) for path, c, n in rows])


@settings(max_examples=50, deadline=None)
@given(some_rows, st.integers(1, 4))
def test_credits_are_not_negative_and_sum_to_the_conversions(rows: list[Row], order: int):
    found = credit_all(laid(*rows), order=order)
    total = sum(row[1] for row in rows)
    assert found.conversions == total
    for name, credit in found.models.items():
        assert (credit.conversions >= 0.0).all(), name
        if name != "participation":
            assert credit.conversions.sum() == pytest.approx(total), name
            assert credit.value.sum() == pytest.approx(1.5 * total), name


@settings(max_examples=40, deadline=None)
@given(some_rows, st.integers(2, 4))
def test_a_repeated_row_equals_the_row_with_its_sums(rows: list[Row], times: int):
    repeated = credit_all(laid(*(rows * times)), order=2)
    summed = credit_all(laid(*((path, times * c, times * v, times * n) for path, c, v, n in rows)), order=2)
    for name in MODELS:
        assert repeated.models[name].conversions == pytest.approx(summed.models[name].conversions), name


@settings(max_examples=40, deadline=None)
@given(some_rows)
def test_the_names_of_channels_do_not_matter(rows: list[Row]):
    found = credit_all(laid(*rows))
    renamed = credit_all(laid(*((path.translate(str.maketrans("abcd", "zxyw")), *ended) for path, *ended in rows)))
    for name in MODELS:
        before = dict(zip(found.units, found.models[name].conversions, strict=True))
        after = dict(zip(renamed.units, renamed.models[name].conversions, strict=True))
        for old, new in zip("abcd", "zxyw", strict=True):
            assert after.get(new, 0.0) == pytest.approx(before.get(old, 0.0)), name


@settings(max_examples=40, deadline=None)
@given(some_rows, st.integers(1, 5))
def test_more_conversions_on_a_path_never_take_credit_from_its_channels(rows: list[Row], more: int):
    path, conversions, value, nulls = rows[0]
    before = credit_all(laid(*rows))
    after = credit_all(laid((path, conversions + more, value, nulls) if value else (path, more, 1.0, nulls), *rows[1:]))
    for name in [model for model in MODELS if model != "markov"]:  # in the chain a path also changes others' odds
        gained = after.models[name].conversions - before.models[name].conversions
        assert (gained >= -1e-9).all(), name
        if name in SHARED_OUT:
            assert gained.sum() == pytest.approx(more), name
            elsewhere = [code for code, unit in enumerate(before.units) if str(unit) not in path]
            assert np.abs(gained[elsewhere]).sum() == pytest.approx(0.0, abs=1e-9), name


@pytest.mark.skipif(not PATHS_10K.is_file(), reason="the public data are not beside the project")
def test_the_public_paths_by_the_three_rules_equal_a_plain_loop():
    rows = pd.read_csv(PATHS_10K)
    found = credit_all(parse_paths(rows), models=RULES)
    last, first, linear = (dict.fromkeys(found.units, 0.0) for _ in range(3))
    for path, conversions in zip(rows["path"], rows["total_conversions"], strict=True):
        steps = path.split(" > ")
        last[steps[-1]] += conversions
        first[steps[0]] += conversions
        for step in steps:
            linear[step] += conversions / len(steps)
    for name, expected in (("last_touch", last), ("first_touch", first), ("linear", linear)):
        assert found.models[name].conversions == pytest.approx(list(expected.values())), name
    for name in RULES:
        assert found.models[name].conversions.sum() == pytest.approx(19_785.0), name
        assert found.models[name].value.sum() == pytest.approx(74_802.97, abs=0.005), name
