"""Audiences counted by what a run gathered: every rule gives what the query of the database gives."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from campaigns.planning.audience import Audience
from campaigns.store.audience_index import AudienceIndex, index_of
from campaigns.store.audiences import size_of
from tests.planning.test_drafting import customer, put

TODAY, ZONE = date(2026, 6, 1), ZoneInfo("Europe/Istanbul")
MIDNIGHT = datetime(2026, 6, 1, tzinfo=ZONE).astimezone(UTC)


def answer(name, kind, days, number, **more):
    at = MIDNIGHT - timedelta(days)
    return {"customer_id": name, "kind": kind, "occurred_at": at, "response_id": f"R-{number}", **more}


@pytest.fixture
def filled(database):
    segments, regions = ("gold", "blue", None), ("north", "south")
    put(
        database,
        "customers",
        *(
            customer(f"C-{number}", segment=segments[number % 3], region=regions[number % 2], email=f"{number}@x.org")
            for number in range(40)
        ),
    )
    put(database, "customers", {"customer_id": "C-1", "segment": "gold", "region": "east", "source": "crm"})
    rows = [
        answer(f"C-{number % 33}", ("order", "interest", "redemption")[number % 7 % 3], number * 9, number)
        | {"product": (None, "P-1", "P-2", "P-3")[number % 4], "value": (None, 100, 250, 900)[number % 5 % 4]}
        for number in range(90)
    ]
    put(database, "responses", *rows, answer("C-39", "order", 30, "edge", product="P-9"))
    put(database, "responses", {**answer("C-1", "order", 2, "nobody"), "customer_id": None, "product": "P-1"})
    return database


RULES = [
    {},
    {"segments": ("gold",)},
    {"segments": ("blue",), "regions": ("south", "east")},
    {"segments": ("gold",), "regions": ("east",)},
    {"regions": ("nowhere",)},
    {"interests": ("P-2", "P-3")},
    {"bought": ("P-1",)},
    {"not_bought": ("P-1", "P-9")},
    {"bought": ("P-2",), "not_bought": ("P-1",)},
    {"last_order_days": 30},
    {"last_order_days": 31},
    {"last_order_days": 200},
    {"value_classes": ("high",)},
    {"value_classes": ("middle", "none")},
    {"value_classes": ("low",)},
    {"value_classes": ("none",), "segments": ("gold",), "last_order_days": 400},
]


def test_every_rule_counts_whom_the_query_counts(filled):
    with filled.reading() as session:
        index = AudienceIndex.from_bytes(index_of(session, TODAY, ZONE).to_bytes())
        counts = [index.count(Audience(**rule), TODAY, ZONE) for rule in RULES]
        assert counts == [size_of(session, Audience(**rule), TODAY, ZONE) for rule in RULES]
    assert counts[0] == 40
    assert counts[4] == 0
    assert len(set(counts)) > 8


def test_nobody_is_in_an_audience_before_there_are_customers(sqlite_database):
    with sqlite_database.reading() as session:
        index = AudienceIndex.from_bytes(index_of(session, TODAY, ZONE).to_bytes())
    assert index.count(Audience(), TODAY, ZONE) == 0
    assert index.count(Audience(bought=("P-1",), value_classes=("none",)), TODAY, ZONE) == 0
