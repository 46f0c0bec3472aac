"""A database of very many customers and touches, written in a few minutes: rows made up by SQLite itself, indexes last.
Its run, what the run sums up, and its plan go through the same functions as real ones.
"""

# ruff: noqa: S608 - every name and number in the statements is written here

from __future__ import annotations

import sqlite3
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from pathlib import Path
from time import perf_counter as time_now
from zoneinfo import ZoneInfo

import numpy as np

from campaigns.store import runs
from campaigns.store.database import Database
from campaigns.store.plans import store_plan
from campaigns.store.results import DrawKey, publish
from campaigns.store.summaries import store_summaries
from campaigns.terms import (
    GOALS,
    RULES,
    Check,
    Cost,
    Effect,
    Plan,
    PlanConstraint,
    PlannedContact,
    Proof,
    Range,
    Report,
    RunSummary,
    Verdict,
    Window,
)
from jobs.summing import summaries_of

CHANNELS = ("email", "sms", "mail", "call", "display", "search", "social", "video", "affiliate", "tv", "radio", "push")
CAMPAIGNS_EACH, ADS_EACH, EARLIER_RUNS, SCORED = 4, 5, 52, ("email", "sms", "call")
PATTERN = 2_654_435_761  # Knuth's multiplier: spreads row numbers over people, evenly and always alike


def fill(file: Path, customers: int, touches: int, today: date) -> Database:
    """Write the database.

    Parameters
    ----------
    file
        Where; must not exist.
    customers, touches
        How many; there are 1.2 orders for each customer.
    today
        The last run's data end the day before, and the plan begins the day after.
    """
    database = Database(f"sqlite:///{file}")
    database.migrate()
    database.dispose()
    with sqlite3.connect(file, isolation_level=None) as connection:
        for pragma in ("journal_mode = OFF", "synchronous = OFF", "foreign_keys = OFF", "cache_size = -1000000"):
            connection.execute(f"PRAGMA {pragma}")
        later = connection.execute("SELECT name, sql FROM sqlite_master WHERE type = 'index' AND sql IS NOT NULL")
        indexes = later.fetchall()
        for name, _sql in indexes:
            connection.execute(f'DROP INDEX "{name}"')
        connection.execute("BEGIN")
        for statement in _statements(customers, touches, _micros(today)):
            connection.execute(statement)
        connection.execute("COMMIT")
        for _name, sql in indexes:
            connection.execute(sql)
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("ANALYZE")
    _publish(database, customers, today)
    with sqlite3.connect(file, isolation_level=None) as connection:
        for statement in _found(database_run(database), customers):
            connection.execute(statement)
        connection.execute("ANALYZE")
    _sum_up(database, today)
    with sqlite3.connect(file, isolation_level=None) as connection:
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return database


def _sum_up(database: Database, today: date) -> None:
    """Have the last run sum up what was imported, as real ones do, and say how long that takes."""
    begun, number, last = time_now(), database_run(database), today - timedelta(days=1)
    summaries = summaries_of(database, GOALS["order"], Window(last - timedelta(days=363), last), ZoneInfo("UTC"), "EUR")
    with database.transaction() as session:
        store_summaries(session, number, summaries)
    print(f"The run summed everything up in {time_now() - begun:.0f} s.", flush=True)


def reached(database: Database) -> int:
    """Return a person whom touches reached and who ordered."""
    with sqlite3.connect(str(database.engine.url.database)) as connection:
        return int(connection.execute("SELECT identity_id FROM responses WHERE id = 4711").fetchone()[0])


def database_run(database: Database) -> int:
    """Return the number of the published run."""
    with database.reading() as session:
        run = runs.published(session, "order")
        return 0 if run is None or run.id is None else run.id


def _micros(day: date) -> int:
    return int(datetime.combine(day, time(), UTC).timestamp()) * 1_000_000


def _series(count: int) -> str:
    return f"WITH RECURSIVE s(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM s WHERE i < {count})"


def _pick(names: tuple[str, ...], number: str) -> str:
    cases = " ".join(f"WHEN {place} THEN '{name}'" for place, name in enumerate(names))
    return f"CASE ({number}) % {len(names)} {cases} END"


def _statements(customers: int, touches: int, end: int) -> list[str]:
    """Give the statements that make up everything imported; all numbers and names in them are ours."""
    day, year = 86_400_000_000, 365 * 86_400_000_000
    person = f"1 + (i * {PATTERN}) % {customers}"
    channel = _pick(CHANNELS[:8], "i")
    campaign = f"{channel} || '-' || (i / 8 % {CAMPAIGNS_EACH})"
    ad = f"{campaign} || '-' || (i / 32 % {ADS_EACH})"
    orders = customers * 6 // 5
    kinds = ("customers", "touches", "responses", "spend", "opportunities", "sales_activities", "cases", "promotions")
    batches = [
        "INSERT INTO import_batches (id, kind, source, path, digest, started_at, finished_at, rows, added, replaced,"
        f" unchanged, skipped, notes, left_out) VALUES ({place}, '{kind}', 'shop', '{kind}.csv', 'd{place}',"
        f" {end - day}, {end - day}, 1000, 1000, 0, 0, 0, '[]', '{{}}')"
        for place, kind in enumerate(kinds, start=1)
    ]
    first = ("Ada", "Bela", "Cem", "Dora", "Emre", "Filiz", "Georg", "Hana", "Ivo", "Jale", "Kai")
    last = ("Adler", "Bulut", "Costa", "Demir", "Evers", "Fuchs", "Gruber", "Horvat", "Ivanov", "Jansen", "Kaya")
    return [
        *batches,
        f"INSERT INTO people (id) {_series(customers)} SELECT i FROM s",
        f"INSERT INTO identities (id, kind, value, person_id) {_series(customers)}"
        " SELECT i, 'customer', 'C-' || i, i FROM s",
        "INSERT INTO customers (id, batch_id, source, row_key, identity_id, created_at, first_name, last_name, email,"
        " phone, region, country, household_id, account_id, owner, segment, consent_email)"
        f" {_series(customers)} SELECT i, 1, 'shop', 'C-' || i, i, {end} - (i % 900) * {day}, {_pick(first, 'i')},"
        f" {_pick(last, 'i / 11')} || (i % 997), 'c' || i || '@example.com', '+4930' || (1000000 + i),"
        " CASE i % 3 WHEN 0 THEN 'north' ELSE 'south' END, 'DE', 'H-' || (i / 2),"
        " CASE WHEN i % 100 = 0 THEN 'A-' || (i / 500) END, CASE WHEN i % 100 = 0 THEN 'owner ' || (i / 100 % 40) END,"
        " CASE i % 4 WHEN 0 THEN 'gold' ELSE 'blue' END, CASE i % 3 WHEN 0 THEN 'no' ELSE 'yes' END FROM s",
        "INSERT INTO touches (id, batch_id, source, row_key, identity_id, occurred_at, channel, kind, campaign, ad,"
        f" cost, touch_id) {_series(touches)} SELECT i, 2, 'shop', printf('T-%010d', i), {person},"
        f" {end} - {year} + i * {year // touches}, {channel},"
        f" {_pick(('send', 'send', 'send', 'send', 'impression', 'click', 'impression', 'impression'), 'i')},"
        f" {campaign}, {ad}, i % 90, printf('T-%010d', i) FROM s",
        "INSERT INTO responses (id, batch_id, source, row_key, identity_id, occurred_at, kind, value, order_id,"
        f" promotion, response_code, product) {_series(orders)} SELECT i, 3, 'shop', printf('O-%010d', i), {person},"
        f" {end} - {year} + i * {year // orders}, 'order', 1000 + i % 9000, printf('O-%010d', i),"
        " CASE WHEN i % 20 = 0 THEN 'p' || (i % 200) END, CASE WHEN i % 50 = 0 THEN 'CODE' || (i % 300) END,"
        " 'product ' || (i % 500) FROM s",
        "INSERT INTO spend (id, batch_id, source, row_key, date, channel, cost, cost_kind, campaign, ad, impressions)"
        f" {_series(365 * 8 * CAMPAIGNS_EACH * ADS_EACH)} SELECT i, 4, 'shop', 'S-' || i,"
        f" date({end // 1_000_000} - (i % 365 + 1) * 86400, 'unixepoch'), {channel}, 1000 + i % 5000, 'media',"
        f" {campaign}, {ad}, i % 9000 FROM s",
        "INSERT INTO opportunities (id, batch_id, source, row_key, identity_id, opportunity_id, owner, stage,"
        f" opened_on, value, account_id) {_series(customers // 50)} SELECT i, 5, 'shop', 'D-' || i,"
        f" 100 * (1 + i % {customers // 100}), 'D-' || i, 'owner ' || (i % 40), {_pick(('open', 'won', 'lost'), 'i')},"
        f" {end} - (i % 300) * {day}, 500000, 'A-' || (i / 10) FROM s",
        "INSERT INTO sales_activities (id, batch_id, source, row_key, identity_id, owner, occurred_at, kind)"
        f" {_series(customers // 25)} SELECT i, 6, 'shop', 'V-' || i, 100 * (1 + i % {customers // 100}),"
        f" 'owner ' || (i % 40), {end} - (i % 300) * {day}, 'call' FROM s",
        "INSERT INTO cases (id, batch_id, source, row_key, identity_id, case_id, opened_at, reason, state)"
        f" {_series(customers // 100)} SELECT i, 7, 'shop', 'Q-' || i, {person}, 'Q-' || i,"
        f" {end} - (i % 300) * {day}, 'delivery', 'closed' FROM s",
        "INSERT INTO promotions (id, batch_id, source, row_key, promotion, name, kind, margin, starts_on, ends_on)"
        f" {_series(200)} SELECT i, 8, 'shop', 'p' || i, 'p' || i, 'Promotion ' || i, 'discount', 2000,"
        f" date({end // 1_000_000} - (i % 90) * 86400, 'unixepoch'),"
        f" date({end // 1_000_000} + (i % 60) * 86400, 'unixepoch') FROM s",
        "INSERT INTO promotion_rules (promotion, audience, changed_at, changed_by) VALUES"
        """ ('p1', '{"segments": ["gold"], "regions": ["north"], "last_order_days": 90}', 0, 'benchmark'),"""
        """ ('p2', '{"value_classes": ["high", "middle"], "bought": ["product 7"], "not_bought": ["product 9"]}', 0,"""
        " 'benchmark')",
        "INSERT INTO campaigns (channel, campaign) SELECT DISTINCT channel, campaign FROM spend",
        "INSERT INTO ads (channel, campaign, ad) SELECT DISTINCT channel, campaign, ad FROM spend",
        "INSERT INTO seen_channels (channel, kind) SELECT DISTINCT channel, kind FROM"
        " (SELECT channel, 'touches' AS kind FROM campaigns UNION ALL SELECT channel, 'spend' FROM campaigns)",
    ]


def _found(run: int, customers: int) -> list[str]:
    """Give the statements that make up what a run keeps of single persons and responses."""
    credited, channel = customers // 2, _pick(CHANNELS[:8], "i")
    scores = [
        f"INSERT INTO scores (run_id, person_id, channel, extra_responses, recent_touches) {_series(customers)}"
        f" SELECT {run}, i, '{name}', 0.001 * (i % 97), i % 5 FROM s"
        for name in SCORED
    ]
    return [
        *scores,
        f"INSERT INTO response_credits (run_id, place, response_id, baseline, baseline_p05, baseline_p95, rest)"
        f" {_series(credited)} SELECT {run}, i, i, 0.6, 0.5, 0.7, 0.0 FROM s",
        f"INSERT INTO credit_shares (run_id, place, position, touch_id, channel, share, p05, p95)"
        f" {_series(2 * credited)} SELECT {run}, 1 + i / 2, i % 2, i, {channel}, 0.2, 0.1, 0.3 FROM s",
        f"INSERT INTO path_credits (run_id, position, channels, responses, median_days, baseline, credit)"
        f" {_series(300)} SELECT {run}, i, '[\"' || {channel} || '\"]', 300000 / i, 2.5, 200000 / i,"
        f" '{{\"' || {channel} || '\": ' || (100000 / i) || '}}' FROM s",
    ]


def _publish(database: Database, customers: int, today: date) -> None:
    """Publish a year of weekly runs and a plan for one customer in ten."""
    random = np.random.default_rng(1)
    for week in range(EARLIER_RUNS, -1, -1):
        report, draws = report_of(today - timedelta(days=7 * week + 1), customers), {}
        if week:
            report = replace(report, campaigns=(), ads=())
        for effect in report.channels:
            for series, middle, spread in (
                ("projected", 900, 90),
                ("incremental", 1200, 120),
                ("elasticity", 0.5, 0.1),
            ):
                draws[DrawKey(series, effect.channel)] = random.normal(middle, spread, 500)
        with database.transaction() as session:
            run = runs.request(session, "order", requested_by="benchmark", now=report.run.finished_at)
            runs.claim(session, run)
            publish(session, run, report, draws)
            runs.end(session, run, runs.State.PUBLISHED, now=report.run.finished_at)
    plan = _plan(customers // 10, today)
    with database.transaction() as session:
        store_plan(session, plan, list(range(1, len(plan.contacts) + 1)), run_id=run, options={})


def report_of(last: date, customers: int) -> Report:
    window = Window(last - timedelta(days=363), last)
    names = [(channel, None, None) for channel in CHANNELS]
    campaigns = [(one, f"{one}-{number}", None) for one in CHANNELS for number in range(CAMPAIGNS_EACH)]
    ads = [(one, name, f"{name}-{number}") for one, name, _ad in campaigns for number in range(ADS_EACH)]
    return Report(
        run=RunSummary(
            id=0,
            finished_at=datetime.combine(last + timedelta(days=1), time(2), UTC),
            verdict=Verdict.PASS,
            goal="order",
            window=window,
            responses=customers * 6 // 5,
            first_responses=customers // 3,
            linked_share=0.64,
        ),
        currency="EUR",
        baseline=Range(customers * 0.9, customers * 0.85, customers * 0.95),
        channels=tuple(effect_of(*name, customers / 60) for name in names),
        campaigns=tuple(effect_of(*name, customers / 240) for name in campaigns),
        ads=tuple(effect_of(*name, customers / 1200) for name in ads),
        checks=(Check("draws that agree", 1.0, 1.01, Verdict.PASS, "The chains agree."),),
    )


def effect_of(channel: str, campaign: str | None, ad: str | None, count: float) -> Effect:
    return Effect(
        channel=channel,
        campaign=campaign,
        ad=ad,
        spend=count * 9.0,
        touches=count * 100,
        proof=Proof.ESTIMATED,
        incremental=Range(count, 0.8 * count, 1.2 * count),
        acquired=Range(count / 3, count / 5, count / 2),
        p_no_effect=0.01,
        cac=Cost(27.0, 18.0, 45.0),
        marginal_cac=Cost(40.0, 30.0, 70.0),
        claimed=2 * count,
        rules=dict.fromkeys(RULES, count),
    )


def _plan(count: int, today: date) -> Plan:
    channels = ("email", "sms", "call")
    return Plan(
        id=0,
        starts_on=today + timedelta(days=1),
        ends_on=today + timedelta(days=7),
        contacts=tuple(
            PlannedContact(
                customer_id=f"C-{place + 1}",
                promotion=f"p{place % 200 + 1}",
                channel=channels[place % 3],
                on=today + timedelta(days=1 + place % 7),
                expected_value=50.0 * (1 - place / count),
                reason="An order is near, and the last contact was long ago.",
            )
            for place in range(count)
        ),
        expected_value=25.0 * count,
        bound=26.0 * count,
        gap=0.01,
        constraints=(PlanConstraint("contacts a week", 1000.0, 900.0, 0.0),),
        withheld={"cap": 12_000, "no consent": 300_000},
    )
