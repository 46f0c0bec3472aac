"""The plan from the priorities: approved there, its contacts settled by what people say, what sales may offer."""

import re
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from campaigns.store import plan_requests
from campaigns.store.database import Database
from campaigns.store.due import due_count, settle_due
from campaigns.store.plan_requests import Kind
from campaigns.store.tables import AuditEntry, Plan, PlannedContact, Reservation, SalesSuggestion
from jobs.plan_worker import carry_out
from tests.planning.test_drafting import put, small_company


@pytest.fixture
def app(sqlite_url, make_site):
    database = Database(sqlite_url)
    small_company(database)
    put(database, "customers", {"customer_id": "C-1", "owner": "Ada", "source": "crm"})
    database.dispose()
    app = make_site(sqlite_url)
    yield app
    app.extensions["touchstone"].database.dispose()


@pytest.fixture
def database(app):
    return app.extensions["touchstone"].database


@pytest.fixture
def marketer(app, client_as):
    return client_as("marketer", app)


def words(response):
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", response.text))


def work_off(app, database):
    while True:
        with database.transaction() as session:
            found = plan_requests.claim(session)
            if found is None:
                return
            number, attempt = found.id, found.attempts
        carry_out(database, app.extensions["touchstone"].settings, number, attempt)


@pytest.fixture
def number(app, database):
    """The number of a drafted plan."""
    first = datetime.now(UTC).date() + timedelta(days=2)
    with database.transaction() as session:
        plan_requests.request(session, Kind.DRAFT, {"starts_on": first.isoformat(), "days": 7}, by="Ada")
    work_off(app, database)
    with database.reading() as session:
        return plan_requests.latest(session, [Kind.DRAFT]).plan_id


@pytest.fixture
def out(app, database, number):
    """The number of a plan whose lists went out some days ago."""
    with database.transaction() as session:
        plan_requests.step_of(session, number, Kind.APPROVE, {"old_scores": True}, by="Ada")
    work_off(app, database)
    with database.transaction() as session:
        plan_requests.step_of(session, number, Kind.EXPORT, {}, by="Ada")
    work_off(app, database)
    yesterday = datetime.now(UTC).date() - timedelta(days=1)
    with database.transaction() as session:
        assert session.get(Plan, number).state == "exported"
        for kind in (PlannedContact, Reservation):
            for row in session.execute(select(kind)).scalars():
                row.on = yesterday
    return number


def places(database):
    with database.reading() as session:
        return {row.customer_id: row for row in session.execute(select(Reservation)).scalars()}


def test_a_plan_is_approved_and_exported_from_the_priorities(app, database, marketer, number, client_as):
    page = marketer.get("/priorities")
    assert f'action="/plan/{number}/approve"' in page.text
    assert f'href="/plan/{number}"' in page.text
    assert "The scores are of" in words(page)
    asked = marketer.post(f"/plan/{number}/approve", data={"old_scores": "yes", "back": "priorities"})
    assert asked.location == "/priorities"
    waiting = marketer.get("/priorities")
    assert "Approval was asked for" in words(waiting)
    assert "/approve" not in waiting.text
    work_off(app, database)
    approved = marketer.get("/priorities")
    assert f'action="/plan/{number}/export"' in approved.text
    assert "has its place" in words(approved)
    assert "/export" not in client_as("manager", app).get("/priorities").text


@pytest.mark.usefixtures("out")
def test_what_came_of_due_contacts_is_noted_and_they_wait_no_more(database, marketer):
    page = marketer.get("/priorities?due=yes")
    with database.reading() as session:
        numbers = session.execute(select(Reservation.id)).scalars().all()
    assert {f"outcome-{place}" for place in numbers} == set(re.findall(r'name="(outcome-\d+)"', page.text))
    assert f"Without an outcome ({len(numbers)})" in words(page)
    held = places(database)
    first, second = list(held.values())[:2]
    said = {f"outcome-{first.id}": "not reached", f"outcome-{second.id}": "", "back": "/priorities?due=yes"}
    done = marketer.post("/priorities/settle", data=said)
    assert done.location == "/priorities?due=yes"
    assert "Noted for 1 contact." in words(marketer.get(done.location))
    row = places(database)[first.customer_id]
    assert (row.state, row.outcome, row.keeps_place) == ("settled", "not reached", False)
    assert places(database)[second.customer_id].state == "committed"
    listed = marketer.get("/priorities?due=yes").text
    assert f"outcome-{first.id}" not in listed
    assert f"outcome-{second.id}" in listed
    assert "not reached" in words(marketer.get("/priorities"))
    with database.reading() as session:
        entry = session.execute(select(AuditEntry).where(AuditEntry.action == "contacts settled")).scalar_one()
        assert entry.after == {str(first.id): "not reached"}
    assert "nothing was noted" in words(marketer.post("/priorities/settle", data={}, follow_redirects=True))


@pytest.mark.usefixtures("out")
def test_nobody_settles_what_is_not_theirs_not_due_or_unheard_of(app, database, marketer, client_as):
    held = places(database)
    other = next(row for name, row in held.items() if name != "C-1")
    sales = client_as("sales", app)
    refused = sales.post("/priorities/settle", data={f"outcome-{other.id}": "reached"})
    assert (refused.status_code, "one that is yours" in words(refused)) == (422, True)
    strange = marketer.post("/priorities/settle", data={f"outcome-{other.id}": "sunshine"})
    assert strange.status_code == 422
    with database.transaction() as session:
        session.get(Reservation, other.id).on = datetime.now(UTC).date() + timedelta(days=3)
    early = marketer.post("/priorities/settle", data={f"outcome-{other.id}": "reached"})
    assert (early.status_code, "one made until" in words(early)) == (422, True)
    assert places(database)[other.customer_id].state == "committed"
    assert client_as("manager", app).post("/priorities/settle", data={}).status_code == 403
    elsewhere = marketer.post("/priorities/settle", data={"back": "https://example.com/"})
    assert elsewhere.location == "/priorities"


def test_contacts_of_an_owner_are_counted_and_settled_by_them(database, out):
    today = datetime.now(UTC).date()
    with database.transaction() as session:
        mine = due_count(session, out, today, "Ada")
        assert 0 < mine < due_count(session, out, today)
        own = places(database)["C-1"]
        assert settle_due(session, {own.id: "reached"}, today, owner="Ada") == 1
    with database.reading() as session:
        assert due_count(session, out, today, "Ada") == mine - 1


def test_the_owner_answers_what_sales_may_offer(app, database, marketer, out, client_as):
    today = datetime.now(UTC).date()
    told = {"plan_id": out, "person_id": 1, "channel": "email", "lock_reason": "open deal", "state": "offered"}
    with database.transaction() as session:
        session.get(Plan, out).ends_on = today
        for name, owner, value in (("C-4", "Ada", 9.5), ("C-5", "Bo", 7.0)):
            until = today + timedelta(days=3)
            more = {"owner": owner, "customer_id": name, "expected_value": value, "lock_until": until}
            session.add(SalesSuggestion(**told, **more, promotion="spring"))
    everybody = words(marketer.get("/priorities"))
    assert "C-4 spring, E-mail 9.50 EUR Ada : open deal, until" in everybody
    assert "C-5 spring" in everybody
    sales = client_as("sales", app)
    own = sales.get("/priorities")
    assert "C-4 spring" in words(own)
    assert "C-5 spring" not in words(own)
    numbers = {row.customer_id: row.id for row in _suggestions(database)}
    assert sales.post(f"/priorities/suggestions/{numbers['C-5']}", data={"how": "declined"}).status_code == 404
    assert sales.post(f"/priorities/suggestions/{numbers['C-4']}", data={"how": "whatever"}).status_code == 400
    answered = sales.post(f"/priorities/suggestions/{numbers['C-4']}", data={"how": "taken up"}, follow_redirects=True)
    assert "Yours to offer" in words(answered)
    assert "C-4 spring" not in words(answered)
    assert {row.customer_id: row.state for row in _suggestions(database)} == {"C-4": "taken up", "C-5": "offered"}


def _suggestions(database):
    with database.reading() as session:
        return session.execute(select(SalesSuggestion).where(SalesSuggestion.promotion == "spring")).scalars().all()
