"""What customers are worth: the model against its definition, and against a hold-out of real orders."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from attribution.value import PRIOR, Buying, History, first_order_worth, fit_buying, mean_margin, worth_of

CDNOW = Path(__file__).parents[2].parent / "shared" / "data" / "cdnow_transactions.csv.gz"


def simulated(
    model: Buying, customers: int, observed: float, later: float, seed: int = 1
) -> tuple[History, np.ndarray]:
    rng = np.random.default_rng(seed)
    repeats, last, after = np.zeros(customers), np.zeros(customers), np.zeros(customers)
    rate = rng.gamma(model.shape, 1 / model.scale, customers)
    leaves = rng.beta(model.leave, model.stay, customers)
    for one in range(customers):
        time = 0.0
        while True:
            time += rng.exponential(1 / rate[one])
            if time > observed + later:
                break
            if time <= observed:
                repeats[one], last[one] = repeats[one] + 1, time
            else:
                after[one] += 1
            if rng.random() < leaves[one]:
                break
    return History(repeats, last, np.full(customers, observed)), after


def test_a_model_that_made_the_orders_is_found_again_and_forecasts_them():
    truth = Buying(0.6, 40.0, 0.7, 2.0)
    history, after = simulated(truth, 5000, 270.0, 270.0)
    found = fit_buying(history)
    assert found.orders(history, 270.0).sum() == pytest.approx(after.sum(), rel=0.1)
    assert truth.orders(history, 270.0).sum() == pytest.approx(after.sum(), rel=0.1)


def test_who_ordered_often_and_lately_is_expected_to_order_more():
    history = History(np.asarray([5.0, 5.0, 0.0]), np.asarray([290.0, 60.0, 0.0]), np.full(3, 300.0))
    often, gone, once = PRIOR.orders(history, 90.0)
    assert often > gone
    assert often > once
    assert PRIOR.alive(history)[1] < PRIOR.alive(history)[0] < 1.0
    assert PRIOR.alive(history)[2] == 1.0


def test_no_days_bring_no_orders_and_more_days_more():
    history = History(np.asarray([2.0]), np.asarray([50.0]), np.asarray([100.0]))
    upto = [PRIOR.orders(history, days)[0] for days in (0.0, 30.0, 365.0, 3650.0)]
    assert upto[0] == pytest.approx(0.0)
    assert upto == sorted(upto)


def test_the_expected_orders_agree_with_a_simulation_of_new_customers():
    _, after = simulated(PRIOR, 20_000, 0.0, 365.0)
    new = History(np.zeros(1), np.zeros(1), np.zeros(1))
    assert PRIOR.orders(new, 365.0)[0] == pytest.approx(after.mean(), rel=0.05)


def test_without_any_history_the_prior_stands_and_says_so():
    none = History(np.zeros(0), np.zeros(0), np.zeros(0))
    assert fit_buying(none) == PRIOR
    assert "guess from other firms" in worth_of(PRIOR, none, np.zeros(0)).words


def test_a_few_customers_move_the_prior_only_a_little():
    history, _ = simulated(Buying(3.0, 10.0, 0.2, 5.0), 5, 100.0, 1.0)
    few = fit_buying(history)
    assert worth_of(few, history, np.ones(5)).basis == "history and prior"


def test_a_first_order_is_worth_its_margin_and_later_margin():
    assert first_order_worth(PRIOR, 20.0) > 20.0
    assert first_order_worth(PRIOR, 20.0, later_margin=0.0) == pytest.approx(20.0)


def test_later_margin_is_worth_less_the_later_it_comes():
    history = History(np.asarray([3.0]), np.asarray([90.0]), np.asarray([100.0]))
    plain = worth_of(PRIOR, history, np.asarray([10.0]), discount=0.0).margin[0]
    assert plain == pytest.approx(10.0 * PRIOR.orders(history, 730.0)[0])
    assert worth_of(PRIOR, history, np.asarray([10.0]), discount=0.2).margin[0] < plain


def test_the_margin_of_a_single_order_is_drawn_towards_the_mean():
    drawn = mean_margin(np.asarray([1.0, 100.0]), np.asarray([100.0, 1000.0]))
    assert 10.0 < drawn[0] < 40.0
    assert drawn[1] == pytest.approx(10.0, rel=0.01)


def test_impossible_histories_are_refused():
    with pytest.raises(ValueError, match="not after the end"):
        History(np.asarray([1.0]), np.asarray([9.0]), np.asarray([5.0]))


@pytest.mark.skipif(not CDNOW.is_file(), reason="the public CDNOW file is not there")
def test_the_forecast_of_real_orders_meets_the_held_out_half():
    rows = pd.read_csv(CDNOW)
    rows["date"] = pd.to_datetime(rows["date"].astype(str), format="%Y%m%d")
    rows = rows.drop_duplicates(["id", "date"])
    split, end = pd.Timestamp("1997-09-30"), pd.Timestamp("1998-06-30")
    first = rows.groupby("id")["date"].min()
    known = rows[rows["date"] <= split].groupby("id")["date"].agg(["min", "max", "count"])
    history = History(
        (known["count"] - 1).to_numpy(float),
        (known["max"] - known["min"]).dt.days.to_numpy(float),
        (split - known["min"]).dt.days.to_numpy(float),
    )
    later = rows[(rows["date"] > split) & (rows["date"] <= end)].groupby("id").size().reindex(known.index, fill_value=0)
    forecast = fit_buying(history).orders(history, float((end - split).days))
    assert first.max() <= split
    assert forecast.sum() == pytest.approx(later.sum(), rel=0.12)
    assert np.corrcoef(forecast, later)[0, 1] > 0.55
    top = forecast >= np.quantile(forecast, 0.9)
    assert later[top].sum() > 0.4 * later.sum()
