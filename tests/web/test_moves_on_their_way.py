"""A move of money goes on to a plan, to a promotion and to a test, and is seen there."""

import re
import shutil
from datetime import date

import numpy as np
import pytest
from sqlmodel import select

from campaigns.store import promotions, runs
from campaigns.store.database import Database
from campaigns.store.results import DrawKey, publish
from campaigns.store.tables import AuditEntry, Experiment

MOVE = "from=display&to=search&amount=5000"


def words(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.text).replace("\N{NO-BREAK SPACE}", " "))


@pytest.fixture
def app(tmp_path, empty_sqlite, report, make_site):
    shutil.copyfile(empty_sqlite, tmp_path / "moving.db")
    url = f"sqlite:///{tmp_path}/moving.db"
    database = Database(url)
    with database.transaction() as session:
        run = runs.request(session, "order")
        runs.claim(session)
        draws = {}
        for place, effect in enumerate(report.channels):
            won = np.random.default_rng(place).normal(max(effect.acquired.mean, 1.0), 3.0, 200).clip(0.0)
            draws[DrawKey("projected", effect.channel)] = won
            draws[DrawKey("elasticity", effect.channel)] = np.full(200, 0.6)
        publish(session, run, report, draws)
        runs.end(session, run, runs.State.PUBLISHED, now=report.run.finished_at)
    database.dispose()
    app = make_site(url)
    yield app
    app.extensions["touchstone"].database.dispose()


@pytest.fixture
def database(app):
    return app.extensions["touchstone"].database


def spend_of(report, channel):
    return next(effect.spend for effect in report.channels if effect.channel == channel)


def test_plan_it_and_test_it_first_carry_the_move(app, client_as):
    panel = client_as("manager", app).get(f"/effectiveness?{MOVE}").text
    links = [link.replace("&amp;", "&") for link in re.findall(r'href="([^"]+)"', panel) if "amount=5000" in link]
    assert {link.split("?")[0] for link in links} == {"/effectiveness/plan-move", "/experiments"}
    assert all("from=display" in link and "to=search" in link for link in links)


def test_what_to_set_a_week_is_the_spend_with_the_move_over_the_weeks(app, client_as, report):
    page = words(client_as("marketer", app).get(f"/effectiveness/plan-move?{MOVE}"))
    weeks = ((report.run.window.end - report.run.window.start).days + 1) / 7
    assert "Move 5,000 EUR from Display to Search" in page
    for channel, name, change in (("display", "Display", -5000), ("search", "Search", 5000)):
        spend = spend_of(report, channel)
        now, then = spend / weeks, (spend + change) / weeks
        assert f"{name} {now:,.0f} EUR {then:,.0f} EUR" in page


def test_a_manager_sends_the_move_on_and_a_marketer_makes_something_of_it(app, client_as):
    address = f"/effectiveness/plan-move?{MOVE}"
    manager, marketer = client_as("manager", app).get(address), client_as("marketer", app).get(address)
    assert "/promotions/new" not in manager.text
    assert "send them the address of this page" in words(manager)
    assert "/promotions/new?" in marketer.text
    assert client_as("sales", app).get(address).status_code == 403
    for wrong in ("from=display&to=display&amount=5", "from=display&to=search&amount=none"):
        led = client_as("marketer", app).get(f"/effectiveness/plan-move?{wrong}")
        assert (led.status_code, led.location.split("?")[0]) == (303, "/effectiveness")


def test_a_promotion_is_filled_in_with_the_move_and_kept(app, client_as, database):
    marketer = client_as("marketer", app)
    form = marketer.get(f"/promotions/new?{MOVE}")
    assert 'value="5000"' in form.text
    assert re.search(r'name="channels" value="search" checked', form.text)
    assert "Move 5,000 EUR from Display to Search: +" in words(form)
    held = dict(re.findall(r'<input[^>]* name="(\w+)"[^>]* value="([^"]*)"', form.text))
    data = {"promotion": "search-more", "name": held["name"], "budget": held["budget"], "channels": ["search"]}
    days = {"starts_on": held["starts_on"], "ends_on": held["ends_on"], "kind": "product"}
    made = marketer.post(f"/promotions/new?{MOVE}", data={**data, **days, "margin": "20"})
    assert made.status_code == 303, words(made)
    with database.reading() as session:
        one = promotions.find(session, "search-more")
        assert (one.name, one.budget, one.channels) == ("Search with money of Display", 500_000, "search")


def test_a_plan_of_contacts_is_filled_in_with_the_money(app, client_as):
    form = client_as("marketer", app).get("/plan/new?from=display&to=email&amount=120")
    assert re.search(r'name="budget"[^>]*value="120"', form.text)
    assert "Move 120 EUR from Display to E-mail" in words(form)
    assert "Move" not in words(client_as("marketer", app).get("/plan/new?from=x"))


def test_a_test_is_filled_in_with_the_move_and_planned(app, client_as, database):
    marketer = client_as("marketer", app)
    form = marketer.get(f"/experiments?{MOVE}")
    assert "Move 5,000 EUR from Display to Search: +" in words(form)
    assert '<option selected value="search">' in form.text
    held = dict(re.findall(r'<input[^>]* name="(\w+)"[^>]* value="([^"]*)"', form.text))
    first, last = date.fromisoformat(held["starts_on"]), date.fromisoformat(held["ends_on"])
    assert ((last - first).days, first.weekday(), held["share"]) == (27, 0, "50")
    data = {name: held[name] for name in ("experiment", "starts_on", "ends_on", "measured_until", "share")}
    planned = marketer.post("/experiments", data={**data, "channel": "search", "regions": "north, east"})
    assert planned.status_code == 303, words(planned)
    assert f"{held['experiment']} Search" in words(marketer.get("/experiments"))
    with database.reading() as session:
        row = session.execute(select(Experiment)).scalar_one()
        assert (row.channel, row.planned_treated_share, row.region) == ("search", 0.5, "north|east")
        assert (row.starts_on, row.ends_on, row.goal) == (first, last, "order")
        assert "test planned" in {entry.action for entry in session.execute(select(AuditEntry)).scalars()}
    again = marketer.post("/experiments", data={**data, "channel": "search"})
    assert (again.status_code, "a name that no other test has" in words(again)) == (422, True)
    backwards = {**data, "experiment": "other", "channel": "search", "ends_on": "2020-01-01"}
    wrong = marketer.post("/experiments", data=backwards)
    assert (wrong.status_code, "in this order" in words(wrong)) == (422, True)
    assert client_as("manager", app).post("/experiments", data=data).status_code == 403
    assert "/experiments" in client_as("manager", app).get("/experiments").text
