from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from campaigns.naming.names import Name
from campaigns.reporting.background import Worth
from campaigns.store import runs
from campaigns.store.database import Database
from campaigns.store.joins import joins_of, written_of
from campaigns.store.reconciling import reconciliation
from campaigns.store.summaries import (
    answers_kept,
    reconciliation_kept,
    store_summaries,
    sum_up,
    worth_kept,
    written_kept,
)
from campaigns.store.tables import Identity, ImportBatch, Person, Response, Spend, Touch
from campaigns.terms import GOALS, Window

ZONE = ZoneInfo("Europe/Istanbul")
WINDOW = Window(date(2026, 1, 1), date(2026, 1, 31))
NOON = datetime(2026, 1, 5, 9, tzinfo=UTC)


@pytest.fixture
def filled(sqlite_url: str) -> Database:
    database = Database(sqlite_url)
    with database.transaction() as session:
        for kind in ("responses", "touches", "spend"):
            session.add(ImportBatch(kind=kind, source="shop", path=f"{kind}.csv", digest=kind, started_at=NOON))
        session.add(Person(id=1))
        session.flush()
        session.add(Identity(id=1, kind="customer", value="C-1", person_id=1))
        session.flush()
        for day in (0, 1, 5, 60):
            at, number = NOON + timedelta(days=day), f"{day}"
            told = {"source": "shop", "row_key": number}
            answer = {"kind": "order", "value": 900, "order_id": number, "response_code": "SPRING"}
            session.add(Response(batch_id=1, identity_id=1, occurred_at=at, **told, **answer))
            sent = {"channel": "email", "kind": "send", "campaign": "spring"}
            session.add(Touch(batch_id=2, identity_id=1, occurred_at=at, **told, **sent))
            session.add(Spend(batch_id=3, date=at.date(), channel="email", campaign="Spring 26", cost=100, **told))
    return database


def test_what_a_run_kept_reads_back_as_it_was_summed_up(filled: Database) -> None:
    worth = Worth((5.0, 2.5), 40)
    summaries = sum_up(filled, ZONE, WINDOW, GOALS["order"], worth)
    with filled.transaction() as session:
        run = runs.request(session, "order", requested_by="test", now=NOON)
        store_summaries(session, run, summaries)
    with filled.reading() as session:
        assert reconciliation_kept(session, run) == reconciliation(session, ZONE, WINDOW)
        assert worth_kept(session, run) == worth
        kept = written_kept(session, run)
        assert kept == written_of(session)
        assert kept is not None
        assert kept.touches[0].days == {(NOON + timedelta(days=day)).date() for day in (0, 1, 5, 60)}
        assert joins_of(session, kept) == joins_of(session)
        answers = answers_kept(session, run)
        assert answers is not None
        assert [(each.code, each.responses, each.name) for each in answers] == [("SPRING", 4, None)]
        assert Name("email", "spring") in {each.name for each in kept.touches}


def test_a_run_of_an_older_version_kept_nothing(filled: Database) -> None:
    with filled.transaction() as session:
        run = runs.request(session, "order", requested_by="test", now=NOON)
    with filled.reading() as session:
        found = [kept(session, run) for kept in (reconciliation_kept, worth_kept, written_kept, answers_kept)]
    assert found == [None, None, None, None]
