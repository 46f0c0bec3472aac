"""The simulated market: what it holds, and that its truth is true."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pyarrow as pa
import pytest

from attribution.simulate import Market, MarketSpec, simulate_market
from attribution.simulation.nature import REGIONS
from campaigns.faults import RefusedError
from campaigns.intake.formats import KINDS, Type
from campaigns.terms import is_cause

SPEC = MarketSpec(customers=8_000, seed=11)
ARROW = {
    Type.TEXT: pa.string(),
    Type.CHOICE: pa.string(),
    Type.LIST: pa.string(),
    Type.TIME: pa.timestamp("us", tz="UTC"),
    Type.DATE: pa.date32(),
    Type.INTEGER: pa.int64(),
    Type.NUMBER: pa.float64(),
    Type.MONEY: pa.float64(),
}
KINDS_OF = {"email": ["send"], "sms": ["sms"], "mail": ["mail"], "call": ["call"], "display": ["impression"]}


@pytest.fixture(scope="module")
def market() -> Market:
    return simulate_market(SPEC)


@pytest.fixture(scope="module")
def touches(market: Market) -> pd.DataFrame:
    return market.tables["touches"].to_pandas()


@pytest.fixture(scope="module")
def orders(market: Market) -> pd.DataFrame:
    responses = market.tables["responses"].to_pandas()
    return responses[responses["kind"] == "order"].reset_index(drop=True)


@pytest.fixture(scope="module")
def customers(market: Market) -> pd.DataFrame:
    return market.tables["customers"].to_pandas().set_index("customer_id")


def causes_of(touches: pd.DataFrame) -> pd.DataFrame:
    kept = [is_cause(channel, kind) for channel, kind in zip(touches["channel"], touches["kind"], strict=True)]
    return touches[kept]


def test_every_table_follows_the_contract_of_its_kind(market: Market) -> None:
    assert set(market.tables) == {
        "customers", "channels", "touches", "responses", "spend", "promotions", "products", "opportunities",
        "sales_activities", "suppressions", "calendar_events", "capacities",
    }  # fmt: skip
    for name, table in market.tables.items():
        kind = KINDS[name]
        columns = {column.name: column for column in kind.all_columns}
        assert set(table.column_names) <= set(columns), name
        for column in kind.all_columns:
            if column.required:
                assert table[column.name].null_count == 0, (name, column.name)
        for field in table.schema:
            column = columns[field.name]
            assert field.type == ARROW[column.type], (name, field.name, field.type)
            if column.choices:
                assert set(table[field.name].drop_null().unique().to_pylist()) <= set(column.choices)
            if column.minimum is not None:
                assert min(table[field.name].drop_null().to_pylist(), default=0.0) >= column.minimum


def test_rows_that_are_the_same_row_when_imported_again_do_not_repeat(market: Market) -> None:
    for name, table in market.tables.items():
        key = [column for column in KINDS[name].key if column in table.column_names]
        if key:
            assert not table.to_pandas().duplicated(key).any(), name


def test_the_same_spec_gives_the_same_market_and_another_seed_another(market: Market) -> None:
    again, other = simulate_market(SPEC), simulate_market(replace(SPEC, seed=12))
    for name, table in market.tables.items():
        assert table.equals(again.tables[name]), name
    assert again.truth == market.truth
    assert again.causes.equals(market.causes)
    assert not other.tables["touches"].equals(market.tables["touches"])


def test_a_spec_that_cannot_be_is_refused_with_every_fault_at_once() -> None:
    with pytest.raises(RefusedError) as refused:
        MarketSpec(customers=3, days=20, seed=-1, intent="bursting", ghost_share=0.95)  # type: ignore[arg-type]
    assert [fault.column for fault in refused.value.faults] == ["customers", "days", "seed", "intent", "ghost_share"]


def test_a_tiny_and_short_market_still_holds_together() -> None:
    tiny = simulate_market(MarketSpec(customers=100, days=20, burn_in_days=0))
    assert tiny.tables["customers"].num_rows == 100
    assert tiny.truth["responses"] == tiny.causes.num_rows


def test_the_default_window_begins_after_the_burn_in() -> None:
    window = MarketSpec(starts_on=date(2026, 1, 5)).window
    assert (window.start, window.end, window.days) == (date(2026, 2, 4), date(2026, 7, 3), 150)


def test_truth_adds_up_to_the_orders_in_the_window(market: Market, orders: pd.DataFrame) -> None:
    truth = market.truth
    start, end = (pd.Timestamp(truth["window"][edge], tz="UTC") for edge in ("start", "end"))
    inside = (orders["occurred_at"] >= start) & (orders["occurred_at"] < end + pd.Timedelta(days=1))
    assert truth["responses"] == int(inside.sum())
    assert truth["baseline"] + sum(one["incremental"] for one in truth["channels"].values()) == truth["responses"]
    for name, one in truth["channels"].items():
        ads = [ad for ad in truth["ads"] if ad["channel"] == name]
        assert len(ads) == (0 if name == "tv" else 4)
        if ads:
            assert sum(ad["incremental"] for ad in ads) == one["incremental"]
            assert sum(ad["first"] for ad in ads) == one["first"]
            assert sum(ad["touches"] for ad in ads) == one["touches"]
    assert json.loads(json.dumps(truth)) == truth


def test_truth_can_be_counted_from_the_causes(market: Market) -> None:
    causes = market.causes.to_pandas()
    window = causes[causes["occurred_at"] >= pd.Timestamp(market.truth["window"]["start"], tz="UTC")]
    counted = window["cause"].value_counts()
    assert counted["baseline"] == market.truth["baseline"]
    for name, one in market.truth["channels"].items():
        assert counted[name] == one["incremental"]
        assert window.loc[window["cause"] == name, "is_first"].sum() == one["first"]
    assert window["is_first"].sum() == market.truth["first_responses"]


def test_causes_stand_in_the_order_of_the_orders(market: Market, orders: pd.DataFrame) -> None:
    causes = market.causes.to_pandas()
    assert causes["order_id"].tolist() == orders["order_id"].tolist()
    assert causes["customer_id"].tolist() == orders["customer_id"].tolist()


def test_the_cause_of_an_order_is_an_earlier_touch_of_that_person_and_ad(market: Market, touches: pd.DataFrame) -> None:
    causes = market.causes.to_pandas()
    caused = causes[causes["ad"].notna()]
    assert (caused["caused_at"] < caused["occurred_at"]).all()
    made = causes_of(touches)
    known = set(zip(made["customer_id"], made["occurred_at"], made["ad"], strict=True))
    assert set(zip(caused["customer_id"], caused["caused_at"], caused["ad"], strict=True)) <= known


def test_nobody_is_touched_or_responds_before_being_known(
    market: Market, touches: pd.DataFrame, customers: pd.DataFrame
) -> None:
    responses = market.tables["responses"].to_pandas()
    for frame in (touches, responses):
        assert (frame["occurred_at"].to_numpy() >= customers["created_at"].loc[frame["customer_id"]].to_numpy()).all()
        assert frame["occurred_at"].min() >= pd.Timestamp(SPEC.starts_on, tz="UTC")
        assert frame["occurred_at"].max() < pd.Timestamp(SPEC.window.end, tz="UTC") + pd.Timedelta(days=1)
        assert frame["occurred_at"].is_monotonic_increasing


def test_about_three_in_ten_had_ordered_before_and_prospects_appear_evenly(customers: pd.DataFrame) -> None:
    start = pd.Timestamp(SPEC.starts_on, tz="UTC")
    before = customers["first_order_at"] < start
    assert before.mean() == pytest.approx(0.30, abs=0.02)
    assert (customers.loc[before, "created_at"] <= customers.loc[before, "first_order_at"]).all()
    late = customers.loc[customers["created_at"] >= start, "created_at"]
    assert len(late) / len(customers) == pytest.approx(0.15, abs=0.02)
    assert (late - start).dt.days.mean() == pytest.approx(SPEC.days / 2, rel=0.05)


def test_the_first_order_in_the_customers_file_is_the_first_in_the_orders(
    customers: pd.DataFrame, orders: pd.DataFrame
) -> None:
    start = pd.Timestamp(SPEC.starts_on, tz="UTC")
    first = orders.groupby("customer_id")["occurred_at"].min()
    prospects = customers[~(customers["first_order_at"] < start)]
    expected = first.reindex(prospects.index)
    pd.testing.assert_series_equal(prospects["first_order_at"], expected, check_names=False)


@pytest.mark.parametrize(
    ("channel", "column"),
    [("email", "email"), ("sms", "sms"), ("mail", "mail"), ("call", "phone"), ("display", "ads")],
)
def test_only_people_who_agreed_are_contacted(
    market: Market, touches: pd.DataFrame, customers: pd.DataFrame, channel: str, column: str
) -> None:
    contacted = touches[(touches["channel"] == channel) & touches["kind"].isin(["ghost", *KINDS_OF[channel]])]
    refused = contacted[customers[f"consent_{column}"].loc[contacted["customer_id"]].to_numpy() != "yes"]
    responses = market.tables["responses"].to_pandas()
    left = responses[responses["kind"] == "opt_out"].set_index("customer_id")["occurred_at"]
    assert len(contacted) > 500
    if channel == "email":
        assert set(refused["customer_id"]) <= set(left.index)
        gone = contacted[contacted["customer_id"].isin(left.index)]
        assert (gone["occurred_at"].to_numpy() < left.loc[gone["customer_id"]].to_numpy()).all()
    else:
        assert refused.empty


def test_those_never_contacted_are_never_contacted(market: Market, touches: pd.DataFrame) -> None:
    suppressed = market.tables["suppressions"].to_pandas()
    customers = market.tables["customers"].to_pandas()
    barred = customers["customer_id"].isin(suppressed["identifier"]) | customers["email"].isin(suppressed["identifier"])
    assert barred.sum() == SPEC.customers // 500
    theirs = touches[touches["customer_id"].isin(customers.loc[barred, "customer_id"])]
    assert set(theirs["channel"]) <= {"search"}


def test_ghosts_are_a_random_share_of_the_would_be_contacts(market: Market, touches: pd.DataFrame) -> None:
    intent = market.latent.to_pandas().set_index("customer_id")["intent"]
    for channel in ("email", "mail", "display"):
        would_be = touches[(touches["channel"] == channel) & touches["kind"].isin(["ghost", *KINDS_OF[channel]])]
        ghost = would_be["kind"] == "ghost"
        assert ghost.mean() == pytest.approx(SPEC.ghost_share, abs=4 * np.sqrt(0.12 * 0.88 / len(would_be)))
        felt = intent.loc[would_be["customer_id"]].to_numpy()
        assert abs(felt[ghost].mean() - felt[~ghost].mean()) < 4 * felt.std() / np.sqrt(ghost.sum())
    assert not (touches.loc[touches["channel"].isin(["sms", "call", "search"]), "kind"] == "ghost").any()


def test_targeted_channels_follow_intent_and_campaigns_do_not(market: Market, touches: pd.DataFrame) -> None:
    latent = market.latent.to_pandas().set_index("customer_id")
    made = causes_of(touches)
    counts = pd.crosstab(made["customer_id"], made["channel"])
    correlation = counts.reindex(latent.index, fill_value=0).corrwith(latent["intent"])
    assert (correlation[["display", "search"]] > 0.30).all()
    assert (correlation[["email", "sms", "mail", "call"]].abs() < 0.04).all()


def test_last_touch_is_far_off_where_ads_chase_intent(market: Market, touches: pd.DataFrame) -> None:
    causes = market.causes.to_pandas()
    window = causes[causes["occurred_at"] >= pd.Timestamp(market.truth["window"]["start"], tz="UTC")]
    last = pd.merge_asof(
        window, causes_of(touches)[["customer_id", "occurred_at", "channel"]],
        on="occurred_at", by="customer_id", tolerance=pd.Timedelta(days=30),
    )["channel"].value_counts()  # fmt: skip
    assert last["display"] > 4 * market.truth["channels"]["display"]["incremental"]
    assert last["search"] > 1.2 * market.truth["channels"]["search"]["incremental"]


def test_each_channel_causes_what_its_effects_say(market: Market) -> None:
    for ad in market.truth["ads"]:
        expected = ad["per_touch"] * ad["touches"]
        assert abs(ad["incremental"] - expected) < 4 * np.sqrt(expected) + 3, ad
        assert ad["per_touch"] <= 1.4 * ad["effect_first_touch"]


def test_ads_differ_and_two_do_next_to_nothing(market: Market) -> None:
    effects = pd.DataFrame(market.truth["ads"])
    relative = effects["effect_first_touch"] / effects.groupby("channel")["effect_first_touch"].transform("mean")
    dull = relative < 0.1
    assert dull.sum() == 2
    assert np.log(relative[~dull]).std() == pytest.approx(0.4, abs=0.15)


def test_the_market_is_about_the_size_that_a_fit_can_learn_from(market: Market) -> None:
    truth, size = market.truth, SPEC.customers / 20_000
    assert 5_000 < truth["responses"] / size < 7_000
    assert 0.33 < 1 - truth["baseline"] / truth["responses"] < 0.47
    assert 120_000 < market.tables["touches"].num_rows / size < 170_000


def test_silence_costs_fewer_first_orders_than_credit_says(market: Market) -> None:
    for name, one in market.truth["channels"].items():
        # Some of those whose first order it caused would have ordered later anyway.
        assert 0.6 * one["first"] < one["acquired"] <= one["first"], name


def test_a_market_without_effects_has_no_increment_and_the_same_touches(touches: pd.DataFrame, market: Market) -> None:
    null = simulate_market(replace(SPEC, no_effects=True))
    assert {one["incremental"] for one in null.truth["channels"].values()} == {0}
    assert {one["acquired"] for one in null.truth["channels"].values()} == {0}
    assert null.truth["baseline"] == null.truth["responses"] < market.truth["responses"]
    contacts = causes_of(touches)[["customer_id", "occurred_at", "ad"]].reset_index(drop=True)
    silent = causes_of(null.tables["touches"].to_pandas())[["customer_id", "occurred_at", "ad"]]
    pd.testing.assert_frame_equal(contacts, silent.reset_index(drop=True))


def test_no_ghosts_where_none_are_wanted() -> None:
    plain = simulate_market(MarketSpec(customers=1_000, days=60, ghost_share=0.0))
    assert "ghost" not in plain.tables["touches"]["kind"].unique().to_pylist()
    assert all(one["ghosts"] == 0 for one in plain.truth["channels"].values())


def test_buyers_are_taken_off_display_for_as_long_as_asked() -> None:
    market = simulate_market(MarketSpec(customers=4_000, suppress_buyers_days=30))
    shown = market.tables["touches"].to_pandas().query("channel == 'display' and kind in ['impression', 'ghost']")
    bought = market.causes.to_pandas()[["customer_id", "occurred_at"]].assign(bought_at=lambda f: f["occurred_at"])
    last = pd.merge_asof(shown, bought, on="occurred_at", by="customer_id")
    gap = (last["occurred_at"] - last["bought_at"]).dropna()
    assert len(gap) > 100
    assert gap.min() >= pd.Timedelta(days=30) - pd.Timedelta(seconds=1)


def test_drifting_intent_has_the_same_spread_but_a_weak_memory() -> None:
    display = {}
    for intent in ("fixed", "drifting"):
        market = simulate_market(MarketSpec(customers=6_000, intent=intent))  # type: ignore[arg-type]
        shown = market.tables["touches"].to_pandas().query("channel == 'display' and kind in ['impression', 'ghost']")
        month = (shown["occurred_at"] - pd.Timestamp("2026-01-05", tz="UTC")).dt.days // 30
        counts = pd.crosstab(shown["customer_id"], month)
        display[intent] = counts.corr().loc[0, 5]
    assert display["fixed"] > display["drifting"] + 0.1


def test_television_runs_in_flights_that_differ_by_region_and_one_region_waits_long(market: Market) -> None:
    spend = market.tables["spend"].to_pandas()
    tv = spend[spend["channel"] == "tv"]
    assert tv["region"].notna().all()
    assert (tv["units"] > 0).all()
    on_air = pd.crosstab(tv["date"], tv["region"]).reindex(
        index=[day.date() for day in pd.date_range(SPEC.starts_on, periods=SPEC.days)], columns=REGIONS, fill_value=0
    )
    assert on_air["coast"].iloc[: SPEC.days * 2 // 3].sum() == 0
    assert on_air.drop(columns="coast").mean().between(0.05, 0.95).all()
    assert not on_air.T.duplicated().any()


def test_platforms_claim_more_than_they_cause(market: Market) -> None:
    spend = market.tables["spend"].to_pandas()
    window = spend[spend["date"] >= SPEC.window.start]
    claimed = window.groupby("channel")["claimed_conversions"].sum(min_count=1)
    for name in ("display", "search"):
        assert claimed[name] > 1.2 * market.truth["channels"][name]["incremental"]
    assert claimed[["tv", "mail", "sms", "call"]].isna().all()


def test_the_spend_of_the_truth_is_the_spend_of_the_file(market: Market) -> None:
    spend = market.tables["spend"].to_pandas()
    window = spend[spend["date"] >= SPEC.window.start].groupby("channel")["cost"].sum()
    for name, one in market.truth["channels"].items():
        assert one["spend"] == pytest.approx(window[name], abs=0.01)
    assert spend["cost_kind"].nunique() >= 4


def test_new_customers_cost_what_companies_pay(market: Market) -> None:
    cost = {name: one["spend"] / one["acquired"] for name, one in market.truth["channels"].items()}
    assert all(5 < value < 200 for value in cost.values()), cost
    assert cost["display"] > 2 * cost["email"]


def test_business_accounts_have_deals_and_planned_meetings(market: Market, customers: pd.DataFrame) -> None:
    deals = market.tables["opportunities"].to_pandas()
    assert set(deals["stage"]) == {"open", "won", "lost"}
    assert deals["closed_on"].notna().equals(deals["stage"] != "open")
    assert set(deals["account_id"]) <= set(customers["account_id"].dropna())
    owners = customers.dropna(subset="account_id").groupby("account_id")["owner"].first()
    assert (owners.loc[deals["account_id"]].to_numpy() == deals["owner"].to_numpy()).all()
    ahead = market.tables["sales_activities"].to_pandas()["occurred_at"] > pd.Timestamp(SPEC.window.end, tz="UTC")
    assert ahead.any()


def test_people_decline_show_interest_complain_and_opt_out(market: Market) -> None:
    kinds = market.tables["responses"].to_pandas()["kind"].value_counts()
    for kind in ("decline", "interest", "complaint", "opt_out", "redemption"):
        assert kinds[kind] >= 5, kind


def test_a_redemption_belongs_to_an_order(market: Market, orders: pd.DataFrame) -> None:
    responses = market.tables["responses"].to_pandas()
    redeemed = responses[responses["kind"] == "redemption"]
    assert redeemed["order_id"].isin(orders["order_id"]).all()
    assert redeemed["response_code"].notna().all()
