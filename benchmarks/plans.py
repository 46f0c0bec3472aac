"""A plan of a real database, the whole way: read it, judge every contact, solve, and keep the plan with its reasons.

The database has 200,000 customers with scores in three touch points, two in a household, ten running promotions, two
million touches, capacities of e-mails and calls, and a budget. ``python -m benchmarks.plans`` prints the seconds of
each part; another number of customers may be named: ``python -m benchmarks.plans 20000``.
"""

# ruff: noqa: S608 - every name and number in the statements is written here

from __future__ import annotations

import resource
import sqlite3
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from benchmarks._many_customers import PATTERN, fill
from campaigns.planning.aims import Aims, Volume
from campaigns.planning.asking import Wishes
from campaigns.planning.composing import compose
from campaigns.planning.drafting import draft_plan, published_run
from campaigns.planning.policy import ContactPolicy
from campaigns.store.database import Database
from campaigns.store.plan_records import Reading, read_records

CUSTOMERS, OFFERS, DAYS = 200_000, 10, 7
TODAY = date(2026, 3, 2)
POINTS = {"email": ("email", 2, 0.004), "sms": ("sms", 8, 0.006), "call": ("phone", 400, 0.06)}
"""Consent, cost of a contact in cents, and extra responses of a middling contact."""


def plannable(file: Path, customers: int) -> Database:
    """Write a database that a plan can be made of."""
    database = fill(file, customers, 10 * customers, TODAY)
    with sqlite3.connect(file, isolation_level=None) as connection:
        for statement in _statements(customers):
            connection.execute(statement)
        connection.execute("ANALYZE")
    return database


def _statements(customers: int) -> Iterator[str]:
    yield (
        "INSERT INTO import_batches (id, kind, source, path, digest, started_at, finished_at, rows, added, replaced,"
        " unchanged, skipped, notes, left_out) SELECT 90, 'channels', 'plans', 'channels.csv', 'd90', started_at,"
        " started_at, 3, 3, 0, 0, 0, '[]', '{}' FROM import_batches WHERE id = 1"
    )
    for place, (name, (consent, cost, middling)) in enumerate(POINTS.items()):
        yield (
            "INSERT INTO channels (batch_id, source, row_key, channel, addressable, targeted, plannable, consent,"
            f" unit_cost) VALUES (90, 'plans', '{name}', '{name}', 'yes', 'yes', 'yes', '{consent}', {cost})"
        )
        yield (
            f"UPDATE scores SET extra_responses = {middling} * 0.02 * (1 + (person_id * {PATTERN + 2 * place}) % 100),"
            f" error = {middling / 4}, second = 0.6 WHERE channel = '{name}'"
        )
    yield "UPDATE customers SET consent_sms = 'yes', consent_phone = 'yes'"
    yield (
        f"INSERT INTO worths (run_id, person_id, margin, is_new) SELECT (SELECT MAX(run_id) FROM scores), id,"
        f" (id * {PATTERN}) % 20000 / 100.0, id % 7 = 0 FROM people"
    )
    yield f"UPDATE promotions SET starts_on = '{TODAY - timedelta(90)}', ends_on = '{TODAY - timedelta(30)}'"
    names = list(POINTS)
    for number in range(1, OFFERS + 1):
        through = f"{names[number % 3]}|{names[(number + 1) % 3]}"
        yield (
            f"UPDATE promotions SET ends_on = '{TODAY + timedelta(30)}', margin = {2000 + 400 * number},"
            f" channels = '{through}' WHERE promotion = 'p{number}'"
        )
    for day in range(DAYS):
        for name, amount in (("email", customers / 20), ("agent-hours", customers / 5000)):
            yield (
                'INSERT INTO capacities (batch_id, source, row_key, resource, date, "limit") VALUES'
                f" (90, 'plans', '{name} {day}', '{name}', '{TODAY + timedelta(1 + day)}', {amount})"
            )


def main(arguments: list[str] | None = None) -> None:
    """Print the figures."""
    named = [int(word) for word in (sys.argv[1:] if arguments is None else arguments)]
    for customers in named or [CUSTOMERS]:
        with tempfile.TemporaryDirectory() as folder:
            database = plannable(Path(folder) / "touchstone.db", customers)
            _measure(database, customers)
            database.dispose()


def _measure(database: Database, customers: int) -> None:
    aims = Aims(
        budget=customers / 50, volumes={"p3": Volume(customers // 100, None), "p7": Volume(None, customers // 50)}
    )
    starts_on, zone, policy = TODAY + timedelta(1), ZoneInfo("UTC"), ContactPolicy()
    run = published_run(database)
    begun = time.perf_counter()
    records = read_records(database, Reading(run, policy, starts_on, zone))
    read = time.perf_counter() - begun
    begun = time.perf_counter()
    composed = compose(records, policy, Wishes(starts_on, DAYS, zone=zone, aims=aims))
    chose = time.perf_counter() - begun
    candidates = len(composed.question.candidates)
    del records, composed
    begun, busy = time.perf_counter(), time.process_time()
    plan = draft_plan(database, starts_on=starts_on, days=DAYS, policy=policy, zone=zone, aims=aims)
    seconds, busy = time.perf_counter() - begun, time.process_time() - busy
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20
    print(
        f"{customers:,} customers, {candidates:,} contacts thought of, {len(plan.contacts):,} in the plan, gap "
        f"{plan.gap:.4%}\n   reading {read:.1f} s, judging and choosing {chose:.1f} s; the whole draft, kept with its "
        f"reasons, {seconds:.1f} s ({busy:.1f} s of processor time), peak memory {peak:.2f} GB",
        flush=True,
    )


if __name__ == "__main__":
    main()
