"""A small firm for the stories: sixty customers, an offer, two owners in sales, and a published run."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np
import pyarrow as pa

from campaigns.secrets import hashed
from campaigns.store import runs, users
from campaigns.store.database import Database
from campaigns.store.results import DrawKey, publish
from campaigns.terms import Cost, Costs, Effect, Report
from tests.planning.test_drafting import customer, people, put

PASSWORD = "a long phrase for a story"  # noqa: S105 - of a database that lives as long as the test

NOW = datetime.now(UTC)

TODAY = NOW.date()

FIRST = ("Ada", "Bora", "Cem", "Defne", "Ela", "Fatih", "Gizem", "Hakan", "Irmak", "Jale")

LAST = ("Aksoy", "Bulut", "Demir", "Erdem", "Güneş", "Kaya")

PEOPLE = 60

ANNOYED = "C-20"
"""Declined the club once, and showed interest in kettles."""

MAIL_COST, CALL_COST = 0.1, 1.0
"""What one contact costs, in major units."""

STAFF = (
    ("mara@shop.example", "Mara", "marketer", ""),
    ("mia@shop.example", "Mia", "manager", ""),
    ("sam@shop.example", "Sam", "sales", "Sam"),
    ("finn@shop.example", "Finn", "front_line", ""),
    ("ann@shop.example", "Ann", "administrator", ""),
)
"""Who works there: address, name, role, and whose accounts are theirs."""


def name_of(number: int) -> tuple[str, str]:
    """Give the first and last name of a customer."""
    return FIRST[number % 10], LAST[number // 10]


def ago(days: int, hour: int = 12) -> datetime:
    """Return a moment before today."""
    return datetime(TODAY.year, TODAY.month, TODAY.day, hour, tzinfo=UTC) - timedelta(days=days)


def to_come(days: int) -> date:
    """Return a day after today."""
    return TODAY + timedelta(days=days)


def furnish(database: Database, report: Report) -> None:
    """Fill an empty database with the firm, its staff and its last run."""
    _import(database)
    _staff(database)
    _run(database, report)


def _import(database: Database) -> None:
    numbers = range(1, PEOPLE + 1)
    put(database, "customers", *(_customer(number) for number in numbers))
    put(
        database,
        "channels",
        {"channel": "email", "unit_cost": 10, "plannable": "yes", "consent": "email", "addressable": "yes"},
        {"channel": "call", "unit_cost": 100, "plannable": "yes", "consent": "phone", "addressable": "yes"},
    )
    put(
        database,
        "products",
        {"product": "kettle", "name": "Kettle", "price": 6000, "cost": 3000},
        {"product": "mug", "name": "Mug", "price": 1500, "cost": 500},
    )
    put(
        database,
        "promotions",
        {
            "promotion": "club",
            "name": "Coffee club",
            "kind": "product",
            "margin": 2000,
            "product": "mug",
            "response_code": "CLUB",
            "text": "A mug for every tenth coffee.",
            "ends_on": to_come(90),
        },
    )
    put(
        database,
        "responses",
        *(
            {
                "customer_id": f"C-{number}",
                "occurred_at": ago(40 + number),
                "kind": "order",
                "value": 9000 + 100 * number,
                "margin": 3000,
                "order_id": f"O-{number}",
                "product": "kettle" if number % 3 else "mug",
            }
            for number in numbers
        ),
        {
            "customer_id": ANNOYED,
            "occurred_at": ago(5),
            "kind": "decline",
            "promotion": "club",
            "reason": "drinks tea only",
        },
        {"customer_id": ANNOYED, "occurred_at": ago(4), "kind": "interest", "product": "kettle"},
    )
    put(
        database,
        "touches",
        *(
            {"customer_id": f"C-{number}", "occurred_at": ago(33), "channel": "email", "kind": "send"}
            for number in numbers
        ),
    )
    put(
        database,
        "capacities",
        *({"resource": "agent-hours", "date": to_come(day), "limit": 0.5} for day in range(1, 29)),
    )
    put(
        database,
        "opportunities",
        {"opportunity_id": "D-1", "owner": "Zeynep", "stage": "open", "opened_on": ago(9), "account_id": "A-2"},
    )
    put(
        database,
        "leads",
        {"lead_id": "L-1", "received_at": ago(3), "owner": "Sam", "assigned_at": ago(3), "customer_id": "C-5"},
    )


def _customer(number: int) -> dict[str, object]:
    """Six customers belong to Sam's account, six to Zeynep's, the others to nobody."""
    first, last = name_of(number - 1)
    owned = {0: {"owner": "Sam", "account_id": "A-1"}, 1: {"owner": "Zeynep", "account_id": "A-2"}}
    return customer(
        f"C-{number}",
        first_name=first,
        last_name=last,
        email=f"{first}.{number}@customers.example".lower(),
        phone=f"+90532000{number:04d}",
        street=f"Mill Lane {number}",
        postcode="34000",
        city="Istanbul",
        country="TR",
        segment="families" if number % 2 else "students",
        region="north" if number <= PEOPLE / 2 else "south",
        **owned.get((number - 1) // 6, {}),
    )


def _staff(database: Database) -> None:
    kept = hashed(PASSWORD)
    with database.transaction() as session:
        for email, name, role, owner in STAFF:
            users.set_password(session, users.add(session, email, name, [role], owner=owner), kept)


def _ads_alone(effect: Effect) -> Costs:
    """Half of what was spent went to the media; whether that beats the target is as sure as the range is."""
    cost, target = effect.cac, effect.target or 0.0
    if cost is None or cost.median is None or cost.p05 is None:
        return Costs(spend=effect.spend / 2, cac=cost, p_below_target=effect.p_below_target)
    half = Cost(cost.median / 2, cost.p05 / 2, None if cost.p95 is None else cost.p95 / 2)
    sure = cost.p05 / 2 > target or (cost.p95 is not None and cost.p95 / 2 < target)
    return Costs(spend=effect.spend / 2, cac=half, p_below_target=float(cost.median / 2 < target) if sure else 0.5)


def _run(database: Database, report: Report) -> None:
    """Publish a run: the sample report with draws for moving money, and a score for each customer and channel."""
    number = people(database)
    channels = tuple(replace(effect, ad_spend_only=_ads_alone(effect)) for effect in report.channels)
    draws = {}
    for place, effect in enumerate(channels):
        lucky = np.random.default_rng(place).normal(max(effect.acquired.mean, 1.0), 3.0, 200).clip(0.0)
        draws[DrawKey("projected", effect.channel)] = lucky
        draws[DrawKey("elasticity", effect.channel)] = np.full(200, 0.6)
    rows = [
        {"person": number[f"C-{one}"], "channel": channel, "extra_responses": extra + one / 10_000, "recent_touches": 0}
        for one in range(1, PEOPLE + 1)
        for channel, extra in (("email", 0.05), ("call", 0.2))
    ]
    with database.transaction() as session:
        run_id = runs.request(session, "order", requested_by="night", now=NOW - timedelta(minutes=30))
        runs.claim(session, run_id)
        publish(session, run_id, replace(report, channels=channels), draws, scores=pa.Table.from_pylist(rows))
        runs.end(session, run_id, runs.State.PUBLISHED, now=NOW)
