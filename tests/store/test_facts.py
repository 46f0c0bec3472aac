"""What a run looks at, counted by month and source."""

import datetime as dt

import pyarrow as pa

from campaigns.intake.checking import schema_of
from campaigns.intake.formats import KINDS
from campaigns.store.database import Database
from campaigns.store.facts import facts_of
from campaigns.store.loading import load

MAY = dt.datetime(2026, 5, 31, 23, 59, tzinfo=dt.UTC)


def imported(database: Database, kind: str, *rows: dict[str, object]) -> None:
    schema = schema_of(KINDS[kind])
    filled = [{name: row.get(name) for name in schema.names} for row in rows]
    load(database, KINDS[kind], pa.Table.from_pylist(filled, schema=schema), path="p", digest="d")


def test_counts_and_sums_by_month_and_source(database: Database) -> None:
    answer = {"customer_id": "C-1", "source": "shop"}
    imported(
        database,
        "responses",
        {**answer, "occurred_at": MAY, "kind": "order"},
        {**answer, "occurred_at": MAY + dt.timedelta(minutes=2), "kind": "order"},
        {**answer, "occurred_at": MAY, "kind": "lead"},
    )
    day = MAY.date()
    imported(
        database,
        "spend",
        {"date": day, "channel": "search", "cost": 300, "cost_kind": "media", "source": "google"},
        {
            "date": day - dt.timedelta(days=1),
            "channel": "search",
            "cost": 200,
            "cost_kind": "media",
            "source": "google",
        },
    )
    imported(
        database,
        "touches",
        {"customer_id": "C-1", "occurred_at": MAY, "channel": "email", "kind": "send", "source": "crm"},
    )
    facts = facts_of(database, ["order"])
    assert facts.responses == {"2026-05": {"shop": 1}, "2026-06": {"shop": 1}}
    assert facts.spend == {"2026-05": {"google: search": 500}}
    assert facts.touches == {"2026-05": {"crm": 1}}
    assert facts_of(database, ["won"]).responses == {}
