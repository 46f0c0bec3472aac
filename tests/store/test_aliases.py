"""An alias counts for everything imported before and after it, and forgetting it restores what was written."""

import datetime as dt
from typing import Any

import pyarrow as pa
import pytest

from campaigns.faults import RefusedError
from campaigns.intake.checking import schema_of
from campaigns.intake.formats import KINDS
from campaigns.naming.names import Name
from campaigns.store import observations
from campaigns.store.aliases import confirm_alias, confirmed_aliases, remove_alias
from campaigns.store.codes import keep_coupon, keep_phone, made_codes, make_link, retire_code
from campaigns.store.database import Database
from campaigns.store.loading import load

MAY = dt.datetime(2026, 5, 1, 10, tzinfo=dt.UTC)
NOW = dt.datetime(2026, 6, 1, tzinfo=dt.UTC)


def imported(database: Database, kind: str, *rows: dict[str, Any]) -> None:
    schema = schema_of(KINDS[kind])
    filled = [{name: {"source": "shop", **row}.get(name) for name in schema.names} for row in rows]
    load(database, KINDS[kind], pa.Table.from_pylist(filled, schema=schema), path="p", digest="d")


def spent(channel: str, campaign: str | None = None, **told: Any) -> dict[str, Any]:
    return {"date": MAY.date(), "channel": channel, "campaign": campaign, "cost": 100, "cost_kind": "media", **told}


def touch(channel: str, campaign: str | None = None, **told: Any) -> dict[str, Any]:
    return {
        "customer_id": "C", "occurred_at": MAY, "channel": channel, "kind": "click", "campaign": campaign, **told
    }  # fmt: skip


def alias(database: Database, name: Name, meant: Name) -> None:
    with database.transaction(exclusive=True) as session:
        confirm_alias(session, name, meant, now=NOW, by="dana", reason="same thing")


def names(database: Database, kind: str = "spend") -> list[tuple[str, str | None, str | None]]:
    rows = getattr(observations, kind)(database).to_pylist()
    return [(row["channel"], row["campaign"], row["ad"]) for row in rows]


def test_an_alias_counts_for_history_and_for_what_comes_and_is_undone_without_a_trace(database: Database):
    imported(database, "spend", spent("search", "Search - Brand", ad="1"), spent("search", "other"))
    alias(database, Name("search", "Search - Brand"), Name("search", "brand_tr"))
    imported(database, "spend", spent("search", "Search - Brand", ad="2"))

    assert set(names(database)) == {("search", "brand_tr", "1"), ("search", "other", None), ("search", "brand_tr", "2")}

    with database.transaction(exclusive=True) as session:
        (kept,) = confirmed_aliases(session)
        assert (kept.confirmed_by, kept.reason, kept.confirmed_at) == ("dana", "same thing", NOW)
        assert remove_alias(session, Name("search", "Search - Brand"))
        assert not remove_alias(session, Name("search", "Search - Brand"))
    assert sorted(str(name) for _, name, _ in names(database)) == ["Search - Brand", "Search - Brand", "other"]


def test_a_channel_takes_its_campaigns_along_and_is_known_as_what_it_means(database: Database):
    imported(database, "channels", {"channel": "google ads", "targeted": "yes", "carry_over_days": 9})
    imported(database, "spend", spent("google ads", "brand"))
    imported(database, "touches", touch("search", "brand"))
    alias(database, Name("google ads"), Name("search"))

    assert names(database) == [("search", "brand", None)]
    (channel,) = observations.channels(database).to_pylist()
    assert (channel["channel"], channel["addressable"], channel["carry_over_days"]) == ("search", True, 9)


def test_a_new_meaning_replaces_the_old_one_and_circles_are_refused(database: Database):
    imported(database, "spend", spent("a"))
    alias(database, Name("a"), Name("b"))
    alias(database, Name("a"), Name("c"))
    assert names(database) == [("c", None, None)]
    for wrong in (Name("a"), Name("c", "campaign")):
        with pytest.raises(RefusedError):
            alias(database, Name("c"), wrong)
    assert names(database) == [("c", None, None)]


def test_a_click_by_a_link_made_here_joins_its_ad_whatever_the_export_makes_of_it(database: Database):
    ad = Name("facebook", "Bahar İndirimi", "Mavi")
    with database.transaction(exclusive=True) as session:
        made = make_link(session, "https://shop.example.com/", ad, "spring-10", now=NOW)
        assert make_link(session, "https://shop.example.com/", ad, "spring-10", now=NOW) == made
        assert len(made_codes(session)) == 1
    clicked = {"campaign": made.utm_campaign, "ad": made.utm_content}
    imported(
        database,
        "touches",
        touch("paid_social", **clicked),
        touch("facebook", "other", response_code=made.code.lower(), promotion="mine"),
        touch("facebook", made.utm_campaign),
    )
    rows = observations.touches(database).to_pylist()
    assert {(row["channel"], row["campaign"], row["ad"], row["promotion"]) for row in rows} == {
        ("facebook", "Bahar İndirimi", "Mavi", "spring-10"),
        ("facebook", "Bahar İndirimi", "Mavi", "mine"),
        ("facebook", made.utm_campaign, None, None),
    }


def test_what_answers_a_code_or_a_number_has_its_promotion_without_a_person(database: Database):
    imported(database, "promotions", {"promotion": "winter", "name": "Winter", "response_code": "WINTER 5"})
    with database.transaction(exclusive=True) as session:
        coupon = keep_coupon(session, Name("print", "may"), "spring", now=NOW)
        keep_phone(session, "0212 123 45 67", Name("tv", "spot"), "spot-1", region="TR", now=NOW)
        with pytest.raises(RefusedError):
            keep_phone(session, "+90 212 1234567", Name("radio"), now=NOW)
        with pytest.raises(RefusedError):
            keep_coupon(session, Name("radio"), code=coupon.code.lower(), now=NOW)
        assert retire_code(session, coupon.code, NOW)
    codes = (f" {coupon.code[:3]}-{coupon.code[3:].lower()}", "(0212) 1234567", "00902121234567", "winter5", "unknown")
    imported(database, "responses", *({"occurred_at": MAY, "kind": "order", "response_code": code} for code in codes))

    rows = observations.responses(database).to_pylist()
    assert {row["person"] for row in rows} == {None}
    assert sorted(str(row["promotion"]) for row in rows) == ["None", "spot-1", "spot-1", "spring", "winter"]


def test_an_order_that_two_sources_show_counts_once_and_the_one_with_the_customer_stays(database: Database):
    def order(number: str | None, source: str, days: int = 0, **told: Any) -> dict[str, Any]:
        at = MAY + dt.timedelta(days=days)
        return {"occurred_at": at, "kind": "order", "order_id": number, "source": source, **told}

    web = {"identifier_kind": "cookie", "identifier": "x"}
    imported(database, "responses", order("1", "web", **web), order("2", "web", 9, **web), order(None, "web", **web))
    imported(
        database, "responses", order("1", "shop", 1, customer_id="C", value=7), order("2", "shop", customer_id="C")
    )
    imported(database, "responses", order("1", "till", value=7, response_code="K"))

    rows = observations.responses(database).to_pylist()
    assert sorted((row["order_id"] or "", row["value"]) for row in rows) == [
        ("", None), ("1", 7), ("2", None), ("2", None)
    ]  # fmt: skip
    assert all(row["person"] is not None for row in rows)
