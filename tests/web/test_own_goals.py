"""Goals of an installation's own on the site: fitted, shown, asked for and held against a target like the others."""

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from campaigns.store import runs
from campaigns.store.results import publish
from campaigns.store.targets import targets


@pytest.fixture
def app(tmp_path, monkeypatch, empty_sqlite, make_site, report):
    (tmp_path / "touchstone.toml").write_text(
        '[goals.first_deal]\nkinds = ["won"]\nunit = "account"\nsingular = "first deal"\nplural = "first deals"\n'
    )
    monkeypatch.chdir(tmp_path)
    (tmp_path / "own.db").write_bytes(empty_sqlite.read_bytes())
    app = make_site(f"sqlite:///{tmp_path}/own.db")
    database = app.extensions["touchstone"].database
    for goal in ("order", "first_deal"):
        with database.transaction() as session:
            number = runs.request(session, goal, requested_by="test", now=datetime(2026, 3, 3, 1, 30, tzinfo=UTC))
            runs.claim(session, number)
            publish(session, number, replace(report, run=replace(report.run, goal=goal)), {})
            runs.end(session, number, runs.State.PUBLISHED, now=report.run.finished_at)
    yield app
    database.dispose()


def test_its_report_is_shown_and_offered_beside_the_others(app, client_as):
    manager = client_as("manager", app)
    assert "First deals" in manager.get("/effectiveness").text
    page = manager.get("/effectiveness?goal=first_deal")
    assert page.status_code == 200
    assert manager.get("/effectiveness/first_deal/channels/email").status_code == 200
    assert manager.get("/effectiveness?goal=second_deal").status_code == 404


def test_a_run_of_it_can_be_asked_for_and_a_target_set(app, client_as):
    manager = client_as("manager", app)
    assert "First deals" in manager.get("/runs").text
    assert manager.post("/settings/targets", data={"order": "40", "first_deal": "900"}).status_code == 303
    with app.extensions["touchstone"].database.reading() as session:
        assert targets(session) == {"order": 4_000, "first_deal": 90_000}


def test_programs_may_ask_for_it_and_are_told_so(app, client_as):
    stranger = client_as(None, app).get("/api/openapi.json").json
    asked = stranger["paths"]["/runs"]["post"]["requestBody"]["content"]["application/json"]["schema"]
    assert "first_deal" in asked["properties"]["goal"]["enum"]
