"""The shipped mappings on the public exports they were made for."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from datetime import UTC, date, datetime
from pathlib import Path
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest

from campaigns.intake.checking import Checked, CheckOptions
from campaigns.intake.files import take_in
from campaigns.intake.formats import KINDS
from campaigns.intake.mappings import load_mapping

DATA = Path(__file__).parents[2] / "../shared/data"
pytestmark = pytest.mark.skipif(not DATA.is_dir(), reason=f"the public data is not there ({DATA})")

NEW_YORK = ZoneInfo("America/New_York")
OPTIONS = CheckOptions(NEW_YORK, "USD", datetime(2026, 6, 15, tzinfo=UTC))
RATES = pa.table({"date": pa.array([date(2025, 7, 1)]), "currency": ["EUR"], "rate": [1.1]})


def taken(name: str, kind: str, file: str, options: CheckOptions = OPTIONS) -> Checked:
    checked = take_in(DATA / file, KINDS[kind], options, load_mapping(name))
    assert checked.faults == ()
    return checked


def journey(file: str, kind: str) -> pa.Table:
    name = "complete_journey_" + file.removesuffix("_sample")
    return taken(name, kind, f"completejourney/{file}.csv.gz").table


def test_the_ad_report_becomes_spend_with_what_the_platforms_claim() -> None:
    table = taken("fivetran_ad_report", "spend", "fivetran_ad_report.csv.gz").table
    assert table.num_rows == 16
    assert set(table.column("channel").to_pylist()) == {"search", "facebook", "tiktok"}
    first = table.slice(0, 1).to_pylist()[0]
    assert (first["date"], first["cost"], first["claimed_conversions"]) == (date(2025, 7, 10), 10_500, 12.0)
    assert (first["campaign"], first["ad"]) == ("Back to School", "Search - Brand / Brand Text Ad")
    assert sum(table.column("cost").to_pylist()) == 224_715
    assert sum(table.column("claimed_value").to_pylist()) == 458_500


def test_shop_orders_become_responses_and_cancelled_or_refunded_ones_returns() -> None:
    checked = taken(
        "fivetran_shopify_orders", "responses", "fivetran_shopify_orders.csv.gz", replace(OPTIONS, rates=RATES)
    )
    table = checked.table
    assert table.num_rows == 24
    assert Counter(table.column("kind").to_pylist()) == {"return": 17, "order": 7}
    rows = {row["order_id"]: row for row in table.to_pylist()}
    assert rows["7005"]["kind"] == "order"
    assert rows["7005"]["value"] == 10_500  # dollars: total 123.50 less tax 9.00, shipping 7.50 and tip 2.00
    assert rows["7016"]["value"] == 7_370  # 67.00 euros
    assert rows["7023"]["occurred_at"] == datetime(2025, 7, 16, 10, tzinfo=UTC)
    assert (rows["7001"]["kind"], rows["7001"]["reason"]) == ("return", "cancelled")
    assert rows["7001"]["response_id"] == "shopify.us_7001"
    assert 'kind is "return" in 12 rows, because cancelled_timestamp is filled' in checked.notes


def test_a_shop_in_another_currency_needs_a_rate() -> None:
    mapping = load_mapping("fivetran_shopify_orders")
    checked = take_in(DATA / "fivetran_shopify_orders.csv.gz", KINDS["responses"], OPTIONS, mapping)
    assert len(checked.faults) == 12
    assert checked.faults[0].column == "currency (from total_price_set)"
    assert checked.faults[0].found == "EUR on 2025-07-12"


def test_shop_orders_tell_who_the_customers_are() -> None:
    table = taken("fivetran_shopify_orders", "customers", "fivetran_shopify_orders.csv.gz").table
    assert {(row["source"], row["customer_id"], row["email"]) for row in table.to_pylist()} >= {
        ("shopify.us", "2001", "alice@example.com"),
        ("shopify.eu", "2003", "cathy@example.com"),
    }


def test_mailed_campaigns_become_letters_on_their_first_day() -> None:
    touches = journey("campaigns", "touches")
    assert touches.num_rows == 6_589
    assert set(touches.column("channel").to_pylist()) == {"mail"}
    assert len(set(touches.column("customer_id").to_pylist())) == 1_559
    assert len(set(touches.column("campaign").to_pylist())) == 27
    days = {row["campaign"]: row["occurred_at"].astimezone(NEW_YORK) for row in touches.to_pylist()}
    assert days["18"] == datetime(2017, 10, 30, tzinfo=NEW_YORK)
    assert days["24"] == datetime(2016, 11, 14, tzinfo=NEW_YORK)


def test_every_household_that_was_mailed_is_a_customer_since_an_unknown_day() -> None:
    mailed = journey("campaigns", "customers")
    assert mailed.num_rows == len(set(mailed.column("customer_id").to_pylist())) == 1_559
    assert mailed.column("created_at").null_count == mailed.column("first_order_at").null_count == 1_559
    assert set(mailed.column("customer_id").to_pylist()) == set(
        journey("campaigns", "touches").column("customer_id").to_pylist()
    )


def test_neither_list_of_households_replaces_what_the_other_says() -> None:
    sources = [set(journey(file, "customers").column("source").to_pylist()) for file in ("campaigns", "demographics")]
    assert sources == [{"complete_journey_campaigns"}, {"complete_journey"}]


def test_purchase_lines_become_baskets_of_what_the_shop_received() -> None:
    baskets = journey("transactions_sample", "responses")
    assert baskets.num_rows == 47_243
    assert sum(baskets.column("value").to_pylist()) == 23_393_524
    assert len(set(baskets.column("customer_id").to_pylist())) == 2_377
    times = baskets.column("occurred_at").to_pylist()
    assert {moment.astimezone(NEW_YORK).year for moment in (min(times), max(times))} == {2017}


def test_redemptions_name_their_campaign() -> None:
    redeemed = journey("coupon_redemptions", "responses")
    assert redeemed.num_rows == 2_102
    assert set(redeemed.column("kind").to_pylist()) == {"redemption"}
    assert redeemed.column("promotion").null_count == 0


def test_demographics_leave_open_since_when_a_household_is_a_customer() -> None:
    customers = journey("demographics", "customers")
    assert customers.num_rows == 801
    assert customers.column("first_order_at").null_count == customers.column("created_at").null_count == 801
    assert customers.column("segment").null_count == 0


def test_campaign_descriptions_become_promotions() -> None:
    promotions = journey("campaign_descriptions", "promotions")
    assert promotions.num_rows == 27
    assert promotions.column("name")[0].as_py() == "Campaign 1 (Type B)"
    assert set(promotions.column("promotion").to_pylist()) == set(
        journey("campaigns", "touches").column("campaign").to_pylist()
    )
