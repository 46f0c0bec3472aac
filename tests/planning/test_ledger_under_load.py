"""Sixteen writers at once: no cap broken, no contact lost, none doubled. On both databases."""

import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from pathlib import Path

import pytest

from campaigns.faults import RefusedError
from campaigns.planning.caps import Cap
from campaigns.planning.ledger import Asked
from campaigns.planning.policy import ContactPolicy
from campaigns.store import tables
from campaigns.store.ledger import commit, release, reserve
from campaigns.store.settling import Outcome, places, settle
from tests.planning.independent_checker import Checker
from tests.planning.ledger_writer import POLICY, write

WRITERS = 16
NOW = datetime(2026, 6, 1, 9, tzinfo=UTC)
LIMITS = [(cap.limit, cap.days, cap.channel, cap.scope, cap.each) for cap in POLICY.caps]


def settle_in(database, people, homes=True):
    """Put persons with e-mail and calls behind them into a database; every two share a household."""
    with database.transaction() as session:
        batch = tables.ImportBatch(kind="customers", source="s", path="p", digest="d", started_at=NOW)
        session.add(batch)
        session.add_all(tables.Person(id=number) for number in people)
        session.flush()
        for number in people:
            identity = tables.Identity(id=number, kind="customer", value=f"C-{number}", person_id=number)
            session.add(identity)
            session.flush()
            session.add(
                tables.Customer(
                    batch_id=batch.id,
                    source="s",
                    row_key=f"C-{number}",
                    identity_id=number,
                    household_id=f"H-{number // 2}" if homes else None,
                )
            )
        for place, channel in enumerate(("email", "call")):
            session.add(tables.SeenChannel(channel=channel, kind="touches"))
            session.add(
                tables.Touch(
                    batch_id=batch.id,
                    source="s",
                    row_key=channel,
                    identity_id=people[place],
                    occurred_at=datetime(2026, 5, 31, 12, tzinfo=UTC),
                    channel=channel,
                    kind="send" if channel == "email" else "call",
                )
            )
    return people


def url_of(database):
    return database.engine.url.render_as_string(hide_password=False)


def check(database, told):
    """Hold the ledger against what the writers say they did, and against a checker that shares no code with it."""
    granted = [number for one in told for number in one["granted"]]
    given_back = {number for one in told for number in one["given_back"]}
    with database.reading() as session:
        rows = {row.id: row for row in places(session)}
    assert len(granted) == len(set(granted))
    assert set(granted) == set(rows), "lost, or from nowhere"
    assert given_back == {number for number, row in rows.items() if row.state == "released"}
    checker = Checker(url_of(database), channels={"email", "call"})
    assert checker.doubled() == []
    # a call that reached nobody gave its place back, and may since have been given away again: it is not counted
    assert checker.caps(LIMITS, POLICY.hours_between) == []
    assert len(rows) > 10


@pytest.mark.slow
def test_sixteen_writers_at_once_break_no_cap_and_lose_or_double_nothing(database):
    people = settle_in(database, list(range(1, 9)))
    with ThreadPoolExecutor(WRITERS) as pool:
        told = list(pool.map(lambda seed: write(url_of(database), people, seed, 6), range(WRITERS)))
    check(database, told)


@pytest.mark.slow
def test_sixteen_processes_write_for_long_without_a_broken_cap(database):
    people = settle_in(database, list(range(1, 101)))
    script = Path(__file__).parent / "ledger_writer.py"
    asked = [url_of(database), json.dumps(people)]
    processes = [
        subprocess.Popen([sys.executable, str(script), *asked, str(seed), "60"], stdout=subprocess.PIPE, text=True)
        for seed in range(WRITERS)
    ]
    check(database, [json.loads(process.communicate(timeout=600)[0]) for process in processes])


CALL_ONCE = ContactPolicy(caps=(Cap(1, 30, "call"),), hours_between=0)


def call(day=2, person=1):
    return Asked(person, f"C-{person}", "call", "spring", date(2026, 6, day))


def test_a_call_that_reached_nobody_gives_its_place_back_and_one_that_did_keeps_it(database):
    settle_in(database, [3, 4, 5])
    first = reserve(database, [call(2, 5)], CALL_ONCE, asked_by="ada", now=NOW)
    assert reserve(database, [call(9, 5)], CALL_ONCE, asked_by="ben", now=NOW).refusals[0].rule == "channel_cap"
    with database.transaction() as session:
        assert commit(session, ids=first.ids, now=NOW) == 1
        assert commit(session, ids=first.ids, now=NOW) == 0
    assert settle(database, [Outcome(first.ids[0], "not reached")], now=NOW) == 1
    second = reserve(database, [call(9, 5)], CALL_ONCE, asked_by="ben", now=NOW)
    assert len(second.ids) == 1
    with database.transaction() as session:
        assert release(session, ids=second.ids, now=NOW) == 1
        assert release(session, ids=second.ids, now=NOW) == 0
    assert len(reserve(database, [call(10, 5)], CALL_ONCE, asked_by="ben", now=NOW).ids) == 1


def test_what_was_made_counts_whoever_asks(database):
    settle_in(database, [1, 2])
    refused = reserve(database, [call(2, 2)], CALL_ONCE, asked_by="ada", now=NOW).refusals
    assert [refusal.reason for refusal in refused] == ["contacted often enough through this touch point"]


def test_what_comes_back_wrong_settles_nothing(database):
    settle_in(database, [3, 4, 5])
    booked = reserve(database, [call(2, 5)], CALL_ONCE, asked_by="ada", now=NOW)
    with pytest.raises(RefusedError) as caught:
        settle(database, [Outcome(booked.ids[0], "perhaps"), Outcome(99, "reached")], now=NOW)
    assert [fault.found for fault in caught.value.faults] == [
        "'perhaps'",
        f"{booked.ids[0]} (reserved)",
        "99 (unknown)",
    ]
    with database.reading() as session:
        assert places(session)[0].state == "reserved"
