"""What the site asks of the planner: claimed once, carried out, told of, ended, handed back."""

from datetime import UTC, datetime, timedelta

import pytest

from campaigns.settings import Settings
from campaigns.store import plan_requests as ledger
from campaigns.store.plan_requests import Kind, State
from campaigns.store.plans import plan_of
from jobs.plan_poller import PlanPoller
from jobs.plan_worker import carry_out
from tests.planning.test_drafting import START, small_company

DRAFT = {"starts_on": START.isoformat(), "days": 7}


def settings_of(database):
    return Settings(database_url=database.engine.url.render_as_string(hide_password=False), time_zone="UTC")


def ask(database, kind=Kind.DRAFT, **options):
    with database.transaction() as session:
        return ledger.request(session, kind, options or DRAFT, by="Ada")


def claim(database):
    with database.transaction() as session:
        return ledger.claim(session)


def state(database, number):
    with database.reading() as session:
        return ledger.find(session, number)


def test_the_same_asked_for_twice_is_one_request_and_is_claimed_once(database):
    first = ask(database)
    assert ask(database) == first
    assert ask(database, days=3, starts_on="2026-06-01") != first
    assert claim(database).id == first
    assert claim(database).id == first + 1
    assert claim(database) is None
    assert ask(database) == first + 2


def test_only_the_worker_of_the_attempt_ends_a_request(sqlite_database):
    number = ask(sqlite_database)
    attempt = claim(sqlite_database).attempts
    with sqlite_database.transaction() as session:
        assert not ledger.end(session, number, attempt + 1, State.DONE)
        assert not ledger.beat(session, number, attempt, 0.5, "half")
        assert ledger.end(session, number, attempt, State.DONE)
        assert ledger.beat(session, number, attempt, 0.9, "late")
    assert (state(sqlite_database, number).state, state(sqlite_database, number).progress) == (State.DONE, 0.5)


def test_a_silent_worker_loses_its_request_and_after_the_second_time_it_fails(sqlite_database):
    number = ask(sqlite_database)
    for expected in (State.REQUESTED, State.FAILED):
        claim(sqlite_database)
        with sqlite_database.transaction() as session:
            assert list(ledger.reclaim(session)) == []
            assert list(ledger.reclaim(session, now=datetime.now(UTC) + timedelta(minutes=3))) == [number]
        assert state(sqlite_database, number).state == expected


def test_a_request_that_waits_is_cancelled_at_once_and_one_that_ended_stays(sqlite_database):
    number = ask(sqlite_database)
    with sqlite_database.transaction() as session:
        ledger.cancel(session, number)
    assert state(sqlite_database, number).state == State.CANCELLED
    assert claim(sqlite_database) is None


@pytest.fixture
def company(sqlite_database):
    small_company(sqlite_database)
    return sqlite_database


def carried_out(database, kind, options):
    with database.transaction() as session:
        number = ledger.request(session, kind, options, by="Ada")
        attempt = ledger.claim(session).attempts
    carry_out(database, settings_of(database), number, attempt)
    return state(database, number)


def test_a_draft_a_comparison_and_a_preview_are_carried_out_and_kept(company):
    drafted = carried_out(company, Kind.DRAFT, DRAFT)
    assert drafted.state == State.DONE, drafted.message
    assert plan_of(company, drafted.plan_id).starts_on == START
    compared = carried_out(company, Kind.COMPARE, {**DRAFT, "changes": ["budget -20%", "cap email 3"]})
    assert compared.state == State.DONE, compared.message
    assert len(compared.result["sides"]) == 3
    with company.reading() as session:
        key = ledger.find(session, drafted.id) and plan_of(company, drafted.plan_id).contacts[0].promotion
    seen = carried_out(company, Kind.PREVIEW, {"promotion": key})
    assert seen.state == State.DONE, seen.message
    assert seen.result


def test_what_cannot_be_is_said_with_every_fault_and_stores_nothing(company):
    refused = carried_out(company, Kind.DRAFT, {**DRAFT, "days": 0})
    assert refused.state == State.FAILED
    assert "days" in refused.message
    assert refused.plan_id is None
    strange = carried_out(company, Kind.COMPARE, {**DRAFT, "changes": ["sunshine +3"]})
    assert strange.state == State.FAILED
    assert "sunshine" in strange.message


def test_the_poller_hands_back_what_it_has_under_way_when_it_ends(sqlite_database, monkeypatch):
    import jobs.plan_poller

    monkeypatch.setattr(jobs.plan_poller, "WORKER", ("/bin/sh", "-c", "sleep 60"))
    number = ask(sqlite_database)
    poller = PlanPoller(sqlite_database, settings_of(sqlite_database), lambda _text: None)
    assert poller.step()
    assert state(sqlite_database, number).state == State.RUNNING
    poller.close()
    assert state(sqlite_database, number).state == State.REQUESTED
