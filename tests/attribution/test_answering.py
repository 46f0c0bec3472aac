"""What a run learns from contacts sent against contacts withheld, on arrays drawn with a known truth."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from attribution.behaviour import Behaviour, Moments, Stream
from attribution.lasting import PULL_FORWARD, average_effect, kept_margin, promotion_differences, pull_forward
from attribution.policy_value import held_back_value
from attribution.randomised import Past, drawn_contacts
from attribution.uplift import Trial, expected_response, fit_uplift
from attribution.worth import worths_of


def test_a_stream_counts_what_lies_before_and_between():
    stream = Stream.of(np.asarray([0, 1, 0]), np.asarray([5.0, 1.0, 2.0]), np.asarray([10.0, 1.0, 4.0]))
    both = np.asarray([0, 1])
    assert stream.before(both, np.asarray([5.0, 5.0])).tolist() == [4.0, 1.0]
    assert stream.between(both, np.asarray([2.0, 0.0]), np.asarray([5.0, 5.0])).tolist() == [10.0, 1.0]
    assert stream.last(both, np.asarray([4.0, 1.0])).tolist() == pytest.approx([2.0, np.nan], nan_ok=True)


def market(people: int = 6000, seed: int = 0, spread: float = 1.0) -> Past:
    """Everybody gets one e-mail, a fifth is withheld; it works on families only, and a third of it comes off later."""
    rng = np.random.default_rng(seed)
    family = rng.random(people) < 0.5
    sent = rng.random(people) > 0.2
    effect = np.where(family, 0.1 + 0.1 * spread, 0.1 - 0.1 * spread)
    soon = rng.random(people) < 0.1 + effect * sent
    late = rng.random(people) < 0.15 - effect * sent / 3.0
    person = np.arange(people)
    touches = pd.DataFrame(
        {"person": person, "t": 100.0, "channel": "email", "kind": np.where(sent, "send", "ghost"), "campaign": "a",
         "promotion": "spring", "sent": sent, "chance": np.nan}
    )  # fmt: skip
    answered = np.r_[person[soon], person[late], [0]]
    responses = pd.DataFrame(
        {"person": answered, "t": np.r_[np.full(soon.sum(), 103.0), np.full(late.sum(), 130.0), [200.0]],
         "kind": "order", "value": 5000.0, "margin": 2000.0, "product": "P", "channel": None, "counts": True}
    )  # fmt: skip
    persons = pd.DataFrame(
        {"person": person, "segment": np.where(family, "families", "others"), "first_order_at": np.nan}
    )
    return Past(persons, touches, responses, 0.0, 200.0)


def test_those_on_whom_a_contact_works_are_told_from_the_others():
    past = market()
    behaviour: Behaviour = past.behaviour(["email"])
    drawn = drawn_contacts(past, behaviour, {"email": 14.0})
    assert drawn is not None
    assert drawn.held_back == {"email": int((~past.touches["sent"]).sum())}
    assert drawn.trial.chance[0, 0] == pytest.approx(past.touches["sent"].mean())
    uplift = fit_uplift(drawn.trial)
    now = drawn.scale.apply(behaviour.features(Moments(np.arange(6000), np.full(6000, 99.0)), "email"))
    away, error = uplift.differences(now, 0)
    family = (past.persons["segment"] == "families").to_numpy()
    assert uplift.differs
    assert away[family].mean() - away[~family].mean() == pytest.approx(0.2, abs=0.05)
    assert (error > 0).all()
    value, above = held_back_value(drawn.trial, np.asarray([20.0]), np.asarray([1.0]), folds=3)
    assert value.mean > 0
    assert above.mean > -2.0 * above.error


def test_channels_without_anybody_withheld_teach_nothing():
    past = market(500)
    past.touches["sent"] = True
    assert drawn_contacts(past, past.behaviour(["email"]), {"email": 14.0}) is None


def test_orders_that_only_came_sooner_are_found_and_without_ghosts_the_guess_stands():
    past = market(60_000, spread=0.0)
    drawn = drawn_contacts(past, past.behaviour(["email"]), {"email": 14.0})
    assert drawn is not None
    early, early_error = average_effect(drawn.trial, drawn.trial.response)
    late, late_error = average_effect(drawn.trial, np.nan_to_num(drawn.late))
    found = pull_forward(float(early[0]), float(early_error[0]), float(late[0]), float(late_error[0]))
    assert found.learned
    assert found.mean == pytest.approx(1 / 3, abs=3 * found.error)
    guess = pull_forward(np.nan, 0.0, 0.0, 0.0)
    assert not guess.learned
    assert guess.mean == pytest.approx(PULL_FORWARD[0] / sum(PULL_FORWARD), abs=1e-3)


def test_margin_kept_is_drawn_towards_the_guess_by_how_little_is_known():
    assert not kept_margin(0.1, 10.0, 0.5).learned
    told = kept_margin(0.04, 0.0001, 0.5)
    assert told.learned
    assert told.mean == pytest.approx(0.02, rel=0.01)


def test_promotions_that_differ_by_chance_alone_do_not_differ():
    rng = np.random.default_rng(3)
    n = 40_000
    arm = np.where(rng.random(n) < 0.8, 0, -1)
    promotion = rng.choice(np.asarray(["a", "b", "c"], dtype=object), n)
    for lift, wanted in ((0.0, 0.0), (0.3, 0.2)):
        rate = 0.1 + (arm == 0) * lift * (promotion == "a")
        trial = Trial(np.zeros((n, 0)), arm, np.full((n, 1), 0.8), (rng.random(n) < rate).astype(float))
        model = fit_uplift(trial)
        left = trial.response - expected_response(trial) - ((arm == 0) - 0.8) * model.mean[0, 0]
        found = promotion_differences(trial, promotion, left, model.noise)
        assert found[0, "a"][0] == pytest.approx(wanted, abs=0.03)


def test_worth_is_what_orders_so_far_promise_and_a_first_order_brings_more_than_its_margin():
    worths = worths_of(market(), 100)
    assert worths is not None
    assert worths.order_margin == pytest.approx(20.0)
    assert worths.first_order_later > 0.0
    assert (worths.margin[worths.is_new] == 0.0).all()
    assert worths.margin[~worths.is_new].min() >= 0.0
    assert 0.0 < worths.margin[~worths.is_new].mean() < 100.0
