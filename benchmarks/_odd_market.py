"""A market whose names try every page: 200 signs long, with emoji, from right to left, without a space, with signs of
HTML; 10,000 campaigns; a run that failed; clashes, cases and people of such names.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
from sqlmodel import select

from benchmarks._many_customers import effect_of, report_of
from campaigns.access import Role
from campaigns.intake.checking import schema_of
from campaigns.intake.formats import KINDS
from campaigns.store import runs, users
from campaigns.store.database import Database
from campaigns.store.loading import load
from campaigns.store.plans import store_plan
from campaigns.store.results import DrawKey, publish
from campaigns.store.tables import Identity, Person, SalesSuggestion
from campaigns.terms import Plan, PlanConstraint, PlannedContact

__all__ = ["LONG", "NAMES", "fill_oddly"]

LONG, MANY = 200, 10_000

NAMES = (
    ("🎉 Sommer-Aktion für alle! 👩‍👩‍👧‍👦 " * 10)[:LONG],
    ("عرض الربيع الكبير للعملاء الجدد " * 10)[:LONG],
    "Unbreakable" * (LONG // 11),
    "<script>alert('x')</script> & \"quotes\" " + "a|b " * 40,
    "夏のセール" * 30,
)


def fill_oddly(file: Path, today: date) -> Database:
    """Write the database; ``file`` must not exist."""
    database = Database(f"sqlite:///{file}")
    database.migrate()
    for kind, rows in _imported(today).items():
        _put(database, kind, rows)
    _people(database)
    _runs(database, today)
    _plan(database, today)
    return database


def _put(database: Database, kind: str, rows: list[dict[str, Any]]) -> None:
    rows = [{"source": NAMES[0][:60], **row} for row in rows]
    table = pa.Table.from_pylist(rows, schema=schema_of(KINDS[kind]))
    load(database, KINDS[kind], table, path=Path(f"{NAMES[2]}-{kind}.csv"), digest=f"{kind}")


def _at(today: date, back: int, hour: int = 9) -> datetime:
    return datetime.combine(today - timedelta(days=back), time(hour), UTC)


def _imported(today: date) -> dict[str, list[dict[str, Any]]]:
    """Make up everything imported: of each kind a row for each odd name, and some plain ones."""
    customers = [
        {
            "customer_id": f"{name[:LONG]}" if place < len(NAMES) else f"C-{place}",
            "first_name": name,
            "last_name": NAMES[(place + 1) % len(NAMES)],
            "email": f"person{place}@example.com",
            "phone": f"+4930123{place:04}",
            "segment": name,
            "region": NAMES[(place + 2) % len(NAMES)],
            "city": name,
            "owner": name,
            "account_id": NAMES[place % 2][:60] if place % 3 else None,
            "household_id": "H",
            "consent_email": "yes",
            "consent_phone": "yes",
        }
        for place, name in enumerate(NAMES * 6)
    ]
    number = [row["customer_id"] for row in customers]
    touches = [
        {
            "customer_id": number[place % len(number)],
            "occurred_at": _at(today, 1 + place % 40, place % 24),
            "channel": ("email", NAMES[1], "call")[place % 3],
            "kind": ("send", "send", "call")[place % 3],
            "campaign": NAMES[place % 5],
            "ad": NAMES[(place + 3) % 5],
            "promotion": NAMES[place % 5],
            "touch_id": f"T{place}",
        }
        for place in range(300)
    ]
    responses = [
        {
            "customer_id": number[place % len(number)],
            "occurred_at": _at(today, 1 + place % 30, place % 24),
            "kind": ("order", "decline", "interest", "complaint")[place % 4],
            "value": 1_000_000_000 * (place % 7) + 99,
            "order_id": f"{NAMES[2]}{place}",
            "product": NAMES[place % 5],
            "promotion": NAMES[(place + 1) % 5],
            "response_code": NAMES[2][:60],
            "reason": NAMES[place % 5],
            "response_id": f"R{place}",
        }
        for place in range(120)
    ]
    spend = [
        {
            "date": today - timedelta(days=1 + place % 60),
            "channel": ("search", NAMES[0], "tv")[place % 3],
            "cost": 123_456_789 * (1 + place % 3),
            "cost_kind": "media",
            "campaign": NAMES[place % 5],
            "ad": NAMES[(place + 1) % 5],
        }
        for place in range(180)
    ]
    return {
        "customers": customers,
        "promotions": [
            {
                "promotion": name,
                "name": name,
                "text": name,
                "product": NAMES[2],
                "margin": 2_500,
                "budget": 10**14,
                "starts_on": today - timedelta(days=20),
                "ends_on": today + timedelta(days=20 + place),
                "channels": "email|call",
            }
            for place, name in enumerate(NAMES)
        ],
        "products": [{"product": name, "name": name, "price": 999} for name in NAMES],
        "touches": touches,
        "responses": responses,
        "spend": spend,
        "opportunities": [
            {
                "opportunity_id": f"{name}",
                "owner": name,
                "stage": "open",
                "stage_name": name,
                "opened_on": _at(today, 20),
                "value": 10**12,
                "customer_id": number[place],
                "account_id": NAMES[0][:60],
            }
            for place, name in enumerate(NAMES)
        ],
        "sales_activities": [
            {"owner": name, "occurred_at": _at(today, 2), "kind": name, "customer_id": number[place]}
            for place, name in enumerate(NAMES)
        ],
        "cases": [
            {
                "case_id": name,
                "opened_at": _at(today, 3),
                "reason": name,
                "state": "open",
                "customer_id": number[place],
                "product": NAMES[2],
            }
            for place, name in enumerate(NAMES)
        ],
        "experiments": [
            {
                "experiment": name,
                "channel": NAMES[0],
                "campaign": name,
                "starts_on": today - timedelta(days=5),
                "ends_on": today + timedelta(days=20),
                "planned_treated_share": 0.9,
            }
            for name in NAMES
        ],
        "calendar_events": [
            {"name": name, "starts_on": today, "ends_on": today + timedelta(days=3), "kind": "own sale"}
            for name in NAMES
        ],
    }


def _people(database: Database) -> None:
    """Add users of odd names."""
    with database.transaction() as session:
        for place, name in enumerate(NAMES):
            users.add(session, f"{'long' * 15}{place}@example.com", name, [Role.SALES, Role.MARKETER], owner=name)


def _runs(database: Database, today: date) -> None:
    """Publish two runs, the last with 10,000 campaigns and ads; then one fails, and one is refused."""
    plain = report_of(today - timedelta(days=31), 50_000)
    odd = [effect_of(name, None, None, 900.0) for name in NAMES]
    names = [*NAMES, *(f"campaign {number}" for number in range(MANY - len(NAMES)))]
    campaigns = tuple(
        replace(effect_of("search", name, None, 10.0), spend=float(2 * MANY - place))
        for place, name in enumerate(names)
    )
    ads = tuple(
        replace(effect_of("search", NAMES[place % 5], name, 9.0), spend=float(2 * MANY - place))
        for place, name in enumerate(names)
    )
    last = report_of(today - timedelta(days=1), 50_000)
    random = np.random.default_rng(1)
    reports = (plain, replace(last, channels=(*last.channels, *odd), campaigns=campaigns, ads=ads))
    for report in reports:
        with database.transaction() as session:
            run = runs.request(session, "order", requested_by=NAMES[1], now=report.run.finished_at)
            runs.claim(session, run)
            runs.enter_stage(session, run, "read", NAMES[2])
            draws = {DrawKey("projected", each.channel): random.normal(900, 90, 200) for each in report.channels}
            draws |= {DrawKey("elasticity", each.channel): random.uniform(0.2, 0.8, 200) for each in report.channels}
            publish(session, run, report, draws)
            runs.end(session, run, runs.State.PUBLISHED, now=report.run.finished_at)
    for state in (runs.State.REFUSED, runs.State.FAILED):
        with database.transaction() as session:
            run = runs.request(session, "order", requested_by=NAMES[0])
            runs.claim(session, run)
            runs.enter_stage(session, run, "fit", NAMES[1])
            runs.end(session, run, state, f"RuntimeError: {NAMES[2]} {NAMES[3]}")


def _plan(database: Database, today: date) -> None:
    """Keep a plan of contacts with such names, some of which sales may make instead."""
    with database.reading() as session:
        known = list(session.execute(select(Identity.value, Identity.person_id).where(Identity.kind == "customer")))
    contacts = tuple(
        PlannedContact(
            customer_id=known[place % len(known)][0],
            promotion=NAMES[place % 5],
            channel=("email", "call", NAMES[1])[place % 3],
            on=today + timedelta(days=1 + place % 7),
            expected_value=10_000_000.0 - place,
            reason=NAMES[place % 5],
            ghost=place % 9 == 0,
        )
        for place in range(120)
    )
    plan = Plan(
        id=0,
        starts_on=today + timedelta(days=1),
        ends_on=today + timedelta(days=7),
        contacts=contacts,
        expected_value=1e9,
        bound=1.1e9,
        gap=0.01,
        constraints=tuple(PlanConstraint(name, 1000.0, 900.0, 38.0) for name in NAMES),
        withheld={"cap": 12_000, NAMES[2]: 7, NAMES[1]: 3},
    )
    pair = {"one": NAMES[0], "other": NAMES[1], "people": 999_999, "alone": [10, 20], "cost": 1e6}
    lock = {"owner": NAMES[0], "reason": NAMES[2], "until": today.isoformat(), "value": 1e6}
    views = {"overlaps": [pair] * 12, "locks": [lock] * 12, "locked_value": 1e7}
    with database.transaction() as session:
        people = [known[place % len(known)][1] for place in range(len(contacts))]
        number = store_plan(session, plan, people, run_id=2, options={"notes": list(NAMES)}, views=views)
        person = session.execute(select(Person.id).limit(1)).scalar_one()
        for name in NAMES:
            more = {"person_id": person, "customer_id": name, "promotion": name, "channel": "email", "owner": name}
            until = today + timedelta(days=5)
            told = {"expected_value": 1e6, "lock_reason": name, "lock_until": until}
            session.add(SalesSuggestion(plan_id=number, **more, **told))
