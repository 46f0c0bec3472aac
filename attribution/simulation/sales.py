"""Sales, calendar, capacities and suppressions of the simulated company."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pyarrow as pa

from attribution.simulation.crm import OWNERS
from attribution.simulation.happenings import Happenings, customer_ids, times
from attribution.simulation.nature import CHANNELS, TV
from attribution.simulation.offers import UNIT_COSTS
from attribution.simulation.people import NEVER

__all__ = [
    "calendar_table",
    "capacities_table",
    "channels_table",
    "opportunities_table",
    "sales_activities_table",
    "suppressions_table",
]

DEALS_PER_ACCOUNT = 0.35
PLANNED_DAYS = 14


def channels_table() -> pa.Table:
    """Return the channels with what is true of them."""
    names = [c.name for c in CHANNELS]
    targeted = ("display", "search")
    carry_over = {"mail": 60}
    consent = [c.consent.removeprefix("consent_") or "none" for c in CHANNELS]
    return pa.table(
        {
            "channel": [*names, TV],
            "addressable": ["yes"] * len(names) + ["no"],
            "targeted": ["yes" if name in targeted else "no" for name in names] + ["no"],
            "plannable": ["no" if name in targeted else "yes" for name in names] + ["no"],
            "consent": [*consent, "none"],
            "unit_cost": pa.array([*(UNIT_COSTS[name] for name in names), None], pa.float64()),
            "carry_over_days": [*(carry_over.get(name, 30) for name in names), 30],
        }
    )


def calendar_table(market: Happenings) -> pa.Table:
    """Return the calendar events."""
    events, start = market.season.events, market.spec.starts_on
    return pa.table(
        {
            "name": [e.name for e in events],
            "starts_on": [start + timedelta(days=e.first_day) for e in events],
            "ends_on": [start + timedelta(days=e.last_day) for e in events],
            "kind": [e.kind for e in events],
        }
    )


def capacities_table(market: Happenings) -> pa.Table:
    """Return what is scarce in the 14 days after the end: agent-hours on weekdays, letters and messages a day."""
    size = market.people.count
    rows = []
    for ahead in range(PLANNED_DAYS):
        day = market.spec.starts_on + timedelta(days=market.spec.days + ahead)
        hours = 0 if day.weekday() >= 5 else max(4, size // 1_250)
        rows += [("agent-hours", day, hours, "hours"), ("letters", day, size // 40, "letters")]
        rows.append(("sms", day, size // 20, "messages"))
    return pa.table(
        {
            "resource": [r[0] for r in rows],
            "date": [r[1] for r in rows],
            "limit": [float(r[2]) for r in rows],
            "unit": [r[3] for r in rows],
        }
    )


def opportunities_table(market: Happenings, rng: np.random.Generator) -> pa.Table:
    """Return the deals with business accounts: opened evenly, half of them decided after a month or two."""
    accounts = int(market.people.account.max()) + 1
    account = np.repeat(np.arange(accounts), rng.poisson(DEALS_PER_ACCOUNT, accounts))
    n = len(account)
    opened = market.spec.days * rng.random(n)
    closed = opened + rng.gamma(2.0, 25.0, n)
    decided = closed < market.spec.days
    won = decided & (rng.random(n) < 0.38)
    stage = np.where(won, "won", np.where(decided, "lost", "open"))
    names = np.where(decided, "Closed", np.array(["Qualification", "Offer", "Negotiation"])[rng.integers(0, 3, n)])
    lost = decided & ~won
    reasons = np.array(["price", "no budget", "competitor", "no decision"])[rng.integers(0, 4, n)]
    epoch_day = np.datetime64(market.spec.starts_on, "D").astype(np.int64)
    expected = (epoch_day + np.floor(np.maximum(closed, opened + 14))).astype(np.int32)
    order = np.argsort(opened)
    table = pa.table(
        {
            "account_id": [f"A{i + 1:05d}" for i in account],
            "owner": [OWNERS[i % len(OWNERS)] for i in account],
            "stage": stage,
            "stage_name": names,
            "opened_on": times(market.spec, opened),
            "closed_on": times(market.spec, np.where(decided, closed, NEVER)),
            "expected_close_on": pa.array(expected).cast(pa.date32()),
            "value": np.round(rng.lognormal(7.4, 0.6, n), 2),
            "lost_reason": pa.array(reasons, mask=~lost),
            "competitor": pa.array(np.full(n, "Acme"), mask=~lost | (reasons != "competitor")),
            "lead_source": np.array(["fair", "web", "referral", "call"])[rng.integers(0, 4, n)],
        }
    ).take(pa.array(order))
    return table.add_column(0, "opportunity_id", pa.array([f"D{i:05d}" for i in range(1, n + 1)]))


def sales_activities_table(market: Happenings, opportunities: pa.Table, rng: np.random.Generator) -> pa.Table:
    """Return meetings and calls about the deals, some of them still to come in the fortnight after the end."""
    opened = opportunities["opened_on"].cast(pa.int64()).to_numpy() / 86_400e6
    start = np.datetime64(market.spec.starts_on, "D").astype(float)
    is_open = np.array(opportunities["stage"].to_pylist()) == "open"
    deal = np.repeat(np.arange(len(opened)), rng.poisson(1.5, len(opened)))
    past = opened[deal] - start + rng.exponential(12.0, len(deal))
    deal, past = deal[past < market.spec.days], past[past < market.spec.days]
    planned = np.flatnonzero(is_open & (rng.random(len(is_open)) < 0.5))
    ahead = market.spec.days + np.floor(PLANNED_DAYS * rng.random(len(planned))) + 9.0 / 24.0
    deal, time = np.concatenate([deal, planned]), np.concatenate([past, ahead])
    order = np.argsort(time, kind="stable")
    kinds = np.array(["meeting", "call", "visit"])[rng.integers(0, 3, len(deal))]
    return pa.table(
        {
            "owner": opportunities["owner"].take(pa.array(deal[order])),
            "occurred_at": times(market.spec, time[order]),
            "kind": kinds[order],
            "account_id": opportunities["account_id"].take(pa.array(deal[order])),
            "activity_id": [f"X{i:05d}" for i in range(1, len(deal) + 1)],
        }
    )


def suppressions_table(market: Happenings, emails: pa.ChunkedArray) -> pa.Table:
    """Return people who are never contacted: staff and press among the customers, and a competitor."""
    chosen = np.flatnonzero(market.people.barred)
    ids = customer_ids(market.spec).take(pa.array(chosen)).to_pylist()
    half = len(chosen) // 2
    written = emails.take(pa.array(chosen[half:])).to_pylist()
    return pa.table(
        {
            "identifier_kind": ["customer"] * half + ["email"] * len(written) + ["email"],
            "identifier": [*ids[:half], *written, "spy@competitor.example.com"],
            "reason": ["staff"] * half + ["press"] * len(written) + ["competitor"],
        }
    )
