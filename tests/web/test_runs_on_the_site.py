from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from campaigns.store import runs
from campaigns.store.database import Database
from campaigns.store.tables import Run
from web.runs import describe

NOW = datetime(2026, 3, 3, 12, 0, tzinfo=UTC)


def words_of(**told: object) -> tuple[str, str, str, int | None]:
    run = Run(goal="order", requested_at=NOW - timedelta(minutes=9), **told)
    panel = describe("order", run, ZoneInfo("Europe/Istanbul"), NOW)
    return panel.mood, panel.headline, panel.detail, panel.percent


def test_every_state_of_a_run_has_words() -> None:
    assert words_of(state="requested")[:2] == ("waiting", "A new run was asked for, 3 Mar 2026, 14:51")
    running = words_of(state="running", stage="sampling", progress=0.424, heartbeat_at=NOW)
    assert running[:2] == ("running", "A new run is under way: calculating")
    assert running[3] == 42
    assert words_of(state="published", finished_at=NOW)[:2] == ("idle", "Last run: 3 Mar 2026, 15:00")
    assert words_of(state="cancelled", finished_at=NOW)[0] == "stopped"
    assert "Bad data. The last good report" in words_of(state="failed", finished_at=NOW, message="bad data")[2]
    assert words_of(state="refused", message="No orders.")[2].startswith("No orders. The")


def test_a_run_that_fell_silent_is_said_to_be_silent() -> None:
    detail = words_of(state="running", heartbeat_at=NOW - timedelta(minutes=5))[2]
    assert "Nothing was heard of it since 3 Mar 2026, 14:55." in detail


def test_before_the_first_run_there_is_none() -> None:
    assert describe("order", None, ZoneInfo("UTC"), NOW).headline == "No run yet"


def test_asking_for_a_run_puts_it_in_the_ledger_and_returns_to_the_report(written_app: Flask) -> None:
    client = written_app.test_client()
    answer = client.post("/runs", data={"goal": "order"}, headers={"Sec-Fetch-Site": "same-origin"})
    assert answer.status_code == 303
    assert answer.headers["Location"] == "/effectiveness?goal=order#run"
    run = _latest(written_app)
    assert (run.state, run.goal, run.requested_by) == ("requested", "order", "Test administrator")
    page = client.get("/effectiveness").text
    assert "A new run was asked for" in page
    assert "Run now" not in page


def test_asking_twice_asks_once(written_app: Flask) -> None:
    client = written_app.test_client()
    client.post("/runs")
    first = _latest(written_app).id
    client.post("/runs")
    assert _latest(written_app).id == first


def test_a_goal_nobody_knows_is_refused_with_what_to_do(written_app: Flask) -> None:
    before = _latest(written_app).id
    answer = written_app.test_client().post("/runs", data={"goal": "gold"})
    assert answer.status_code == 422
    assert "There is no such goal" in answer.text
    assert "one of order" in answer.text
    assert _latest(written_app).id == before


def test_while_a_run_is_under_way_the_page_keeps_itself_fresh(written_app: Flask) -> None:
    client = written_app.test_client()
    _begin(written_app)
    page = client.get("/effectiveness").text
    assert "vendor/htmx.min.js" in page
    assert 'hx-get="/runs/state?goal=order"' in page
    assert '<noscript><meta http-equiv="refresh" content="15"></noscript>' in page
    assert '<progress max="100" value="30"' in page
    panel = client.get("/runs/state", headers={"HX-Request": "true"})
    assert panel.text.lstrip().startswith("<section")
    assert "HX-Refresh" not in panel.headers


def test_once_the_run_has_ended_the_open_page_loads_itself_anew(written_app: Flask) -> None:
    run_id = _begin(written_app)
    with _database(written_app).transaction() as session:
        runs.end(session, run_id, runs.State.CANCELLED)
    client = written_app.test_client()
    assert client.get("/runs/state", headers={"HX-Request": "true"}).headers["HX-Refresh"] == "true"
    assert "HX-Refresh" not in client.get("/runs/state").headers


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "cross-site", "Origin": "http://localhost"},
        {"Origin": "http://evil.example"},
        {"Origin": "null"},
        {"Origin": "http://localhost:9999"},
    ],
)
def test_a_page_of_another_site_cannot_ask_for_a_run(written_app: Flask, headers: dict[str, str]) -> None:
    before = _latest(written_app).id
    answer = written_app.test_client().post("/runs", headers=headers)
    assert answer.status_code == 403
    assert "another site" in answer.text
    assert _latest(written_app).id == before


@pytest.mark.parametrize("headers", [{}, {"Origin": "http://localhost"}, {"Sec-Fetch-Site": "same-origin"}])
def test_this_site_and_programs_can_ask_for_a_run(written_app: Flask, headers: dict[str, str]) -> None:
    assert written_app.test_client().post("/runs", headers=headers).status_code == 303


def test_a_run_is_asked_for_by_posting_only(written_app: Flask) -> None:
    before = _latest(written_app).id
    assert written_app.test_client().get("/runs").status_code == 200
    assert _latest(written_app).id == before


def _database(app: Flask) -> Database:
    database = app.extensions["touchstone"].database
    assert isinstance(database, Database)
    return database


def _latest(app: Flask) -> Run:
    with _database(app).reading() as session:
        run = runs.latest(session)
    assert run is not None
    return run


def _begin(app: Flask) -> int:
    with _database(app).transaction() as session:
        run_id = runs.request(session, "order")
        runs.claim(session, run_id)
        runs.enter_stage(session, run_id, "sampling")
        runs.heartbeat(session, run_id, 0.3)
    return run_id
