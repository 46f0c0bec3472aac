"""Promotions and plans on the site, by client: who may what, what is refused and kept, what the planner is asked."""

import re
import shutil
from datetime import UTC, datetime, timedelta

import pytest
from sqlmodel import select

from campaigns.access import Role
from campaigns.store import plan_requests, promotions
from campaigns.store.audiences import audiences
from campaigns.store.database import Database
from campaigns.store.plan_requests import Kind, State
from campaigns.store.runs import published
from campaigns.store.summaries import store_summaries, sum_up
from campaigns.store.tables import AuditEntry, Plan, PlanRequest, Run
from campaigns.terms import GOALS, Window
from jobs.plan_worker import carry_out
from tests.planning.test_drafting import START, put, small_company

OFFER = {
    "promotion": "autumn",
    "name": "Autumn <b>sale</b>",
    "text": "Ten off",
    "kind": "product",
    "margin": "30",
    "discount": "5.50",
    "budget": "2000",
    "starts_on": "2026-06-01",
    "ends_on": "2026-06-30",
    "channels": ["email"],
    "response_code": "AUT10",
    "not_after": "",
}


@pytest.fixture(scope="module")
def company_file(tmp_path_factory, empty_sqlite):
    file = tmp_path_factory.mktemp("company") / "company.db"
    shutil.copyfile(empty_sqlite, file)
    database = Database(f"sqlite:///{file}")
    small_company(database)
    put(database, "customers", {"customer_id": "C-1", "segment": "young"}, {"customer_id": "C-2", "segment": "old"})
    with database.engine.connect() as connection:
        connection.connection.driver_connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    database.dispose()
    return file


@pytest.fixture
def app(company_file, tmp_path, make_site):
    shutil.copyfile(company_file, tmp_path / "company.db")
    app = make_site(f"sqlite:///{tmp_path}/company.db")
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
    """Do what a poller does, in this process."""
    settings = app.extensions["touchstone"].settings
    while True:
        with database.transaction() as session:
            found = plan_requests.claim(session)
            if found is None:
                return
            number, attempt = found.id, found.attempts
        carry_out(database, settings, number, attempt)


def drafted(app, database, marketer, **more):
    first = datetime.now(UTC).date() + timedelta(days=2)
    asked = {"starts_on": first.isoformat(), "days": "7", "ghosts": "0", "exploration": "0", **more}
    response = marketer.post("/plan/new", data=asked)
    assert response.status_code == 303, words(response)
    work_off(app, database)
    with database.reading() as session:
        found = session.execute(select(PlanRequest).order_by(PlanRequest.id.desc())).scalars().first()
        assert found.state == State.DONE, found.message
        return found.plan_id


def stepped(app, database, marketer, number, step, **data):
    """Ask for a step of a plan's life, have it taken, and return the plan's page."""
    response = marketer.post(f"/plan/{number}/{step}", data=data)
    assert response.status_code == 303, words(response)
    work_off(app, database)
    return marketer.get(f"/plan/{number}")


@pytest.mark.parametrize(
    ("role", "reads", "changes"),
    [
        ("marketer", 200, 200),
        ("manager", 200, 403),
        ("administrator", 200, 200),
        ("sales", 403, 403),
        (Role.FRONT_LINE, 403, 403),
    ],
)
def test_each_role_opens_what_it_needs(app, client_as, role, reads, changes):
    client = client_as(role, app)
    for address in ("/promotions", "/plan/compare"):
        assert client.get(address).status_code == reads, address
    for address in ("/promotions/new", "/plan/new"):
        assert client.get(address).status_code == changes, address


def test_a_stranger_is_led_to_sign_in(app, client_as):
    for address in ("/promotions", "/plan", "/plan/new"):
        assert client_as(None, app).get(address).status_code == 303


def test_a_promotion_is_made_with_its_audience_and_the_trail_tells(marketer, database):
    made = marketer.post("/promotions/new", data={**OFFER, "segments": ["young"], "last_order_days": "90"})
    assert made.status_code == 303
    with database.reading() as session:
        one = promotions.find(session, "autumn")
        assert (one.margin, one.discount, one.budget, one.channels) == (3000, 550, 200_000, "email")
        assert audiences(session)["autumn"].to_mapping() == {"segments": ["young"], "last_order_days": 90}
        assert "promotion made" in {row.action for row in session.execute(select(AuditEntry)).scalars()}
    page = marketer.get(made.location)
    assert "Autumn &lt;b&gt;sale&lt;/b&gt;" in page.text
    assert "Segment: young" in words(page)
    assert "Ordered before, but not in the last 90 days" in words(page)


def test_everything_wrong_with_a_promotion_is_said_at_once_and_what_was_typed_stays(marketer, database):
    wrong = {
        **OFFER,
        "promotion": "Spring sale!",
        "name": "",
        "margin": "3",
        "starts_on": "2026-06-30",
        "ends_on": "2026-06-01",
        "budget": "a lot",
        "bought": ["P-1"],
        "not_bought": ["P-1"],
    }
    response = marketer.post("/promotions/new", data=wrong)
    said = words(response)
    assert response.status_code == 422
    for text in (
        "Nothing was saved",
        "It ends before it starts",
        "It earns nothing",
        "Letters, digits",
        "bought and not bought: P-1",
    ):
        assert text in said
    assert 'value="Spring sale!"' in response.text
    assert 'value="a lot"' in response.text
    with database.reading() as session:
        assert promotions.found(session, "Spring sale!") is None


def test_a_key_or_a_code_that_is_taken_is_refused(marketer):
    assert marketer.post("/promotions/new", data=OFFER).status_code == 303
    again = marketer.post("/promotions/new", data=OFFER)
    assert "There is a promotion of this key already" in words(again)
    other = marketer.post("/promotions/new", data={**OFFER, "promotion": "winter"})
    assert "This code belongs to autumn already" in words(other)


def test_a_changed_promotion_keeps_its_key_and_says_what_changed(marketer, database):
    made = marketer.post("/promotions/new", data=OFFER)
    changed = marketer.post(f"{made.location}/edit", data={**OFFER, "promotion": "other", "margin": ""})
    assert changed.status_code == 303
    with database.reading() as session:
        assert promotions.find(session, "autumn").margin is None
        entry = next(row for row in session.execute(select(AuditEntry)).scalars() if row.action == "promotion changed")
        assert (entry.before["margin"], entry.after["margin"]) == (3000, None)
    assert "It has no margin" in words(marketer.get(made.location))


def test_the_audience_is_counted_while_it_is_chosen(marketer):
    counted = marketer.post("/promotions/audience", data={"segments": ["young"]})
    assert "1 customer is in it" in words(counted)
    assert "Nobody is in this audience" in words(marketer.post("/promotions/audience", data={"segments": ["x"]}))
    both = marketer.post("/promotions/audience", data={"bought": ["P-1"], "not_bought": ["P-1"]})
    assert "bought and not bought" in words(both)


def test_an_audience_is_counted_as_of_the_run_that_gathered_it(marketer, database, app):
    rule = {"segments": ["young"]}
    assert "as of" not in words(marketer.post("/promotions/audience", data=rule))
    zone = app.extensions["touchstone"].settings.zone
    window = Window(START, START)
    summaries = sum_up(database, zone, window, GOALS["order"], None)
    with database.transaction() as session:
        store_summaries(session, published(session, "order").id, summaries)
        session.get(Run, published(session, "order").id).finished_at = datetime(2026, 6, 1, 9, tzinfo=UTC)
    put(database, "customers", {"customer_id": "C-4", "segment": "young"}, {"customer_id": "C-5", "segment": "new"})
    assert "1 customer is in it as of 1 Jun 2026" in words(marketer.post("/promotions/audience", data=rule))
    form = marketer.get("/promotions/new").text
    assert ('value="young"' in form, 'value="new"' in form) == (True, False)


def test_a_promotion_shows_what_it_would_bring_once_the_planner_has_reckoned(app, marketer, database):
    runs_on = {"starts_on": "", "ends_on": "", "channels": []}
    made = marketer.post("/promotions/new", data={**OFFER, **runs_on})
    assert marketer.post(f"{made.location}/preview").status_code == 303
    waiting = marketer.get(made.location)
    assert "An estimate was asked for" in words(waiting)
    work_off(app, database)
    page = words(marketer.get(made.location))
    assert "extra orders, likely" in page
    assert "Who else wants these people" in page


def test_a_plan_is_asked_for_made_approved_exported_and_taken_along(app, marketer, database):
    number = drafted(app, database, marketer, budget="500")
    page = words(marketer.get(f"/plan/{number}"))
    assert "of the best possible plan" in page
    assert "Left out, and why" in page
    asked = marketer.post(f"/plan/{number}/approve", data={"old_scores": "yes"}, follow_redirects=True)
    assert "Approval was asked for" in words(asked)
    assert f"/plan/{number}/approve" not in asked.text  # a plan takes one step at a time
    work_off(app, database)
    assert "Approved: 3 contacts have their place." in words(marketer.get(f"/plan/{number}"))
    assert "Exported:" in words(stepped(app, database, marketer, number, "export"))
    sheet = marketer.get(f"/plan/{number}/contacts.csv")
    assert sheet.text.startswith("customer_id,")
    assert marketer.get(f"/plan/{number}/contacts.xlsx").data[:2] == b"PK"
    assert "What came of it" in words(stepped(app, database, marketer, number, "close"))
    again = marketer.post(f"/plan/{number}/export")
    assert again.status_code == 422
    assert "is closed" in words(again)


def test_a_plan_is_cancelled(app, marketer, database):
    number = drafted(app, database, marketer)
    assert "Cancelled: 0 contacts gave their place back." in words(stepped(app, database, marketer, number, "cancel"))
    with database.reading() as session:
        assert session.get(Plan, number).state == "cancelled"


def test_a_step_that_fails_says_why_and_what_two_people_press_is_one_request(app, marketer, database):
    number = drafted(app, database, marketer)
    for _ in range(2):
        assert marketer.post(f"/plan/{number}/approve", data={"old_scores": "yes"}).status_code == 303
    with database.transaction() as session:
        waiting = session.execute(select(PlanRequest).where(PlanRequest.state == State.REQUESTED)).scalars().all()
        assert [one.kind for one in waiting] == [Kind.APPROVE]
        session.get(Plan, number).state = "cancelled"
    work_off(app, database)
    said = words(marketer.get(f"/plan/{number}"))
    assert "The plan was not approved" in said
    assert f"plan {number} is cancelled" in said


def test_a_step_taken_by_a_worker_that_was_lost_is_not_taken_twice(app, marketer, database):
    number = drafted(app, database, marketer)
    stepped(app, database, marketer, number, "approve", old_scores="yes")
    with database.transaction() as session:
        lost = plan_requests.latest_of_plan(session, number)
        lost.state, lost.finished_at = State.REQUESTED, None
    work_off(app, database)
    with database.reading() as session:
        assert plan_requests.latest_of_plan(session, number).state == State.DONE
        assert session.get(Plan, number).state == "approved"


def test_a_manager_sees_a_plan_and_takes_no_step_of_it(app, marketer, database, client_as):
    number = drafted(app, database, marketer)
    manager = client_as("manager", app)
    assert manager.get(f"/plan/{number}").status_code == 200
    assert manager.post(f"/plan/{number}/approve").status_code == 403


def test_wishes_that_contradict_one_another_are_all_said_and_stay_in_the_form(marketer, database):
    response = marketer.post(
        "/plan/new",
        data={
            "starts_on": "2026-06-01",
            "days": "7",
            "least": "60",
            "most": "40",
            "volumes": "spring=500-200",
            "budget": "250",
        },
    )
    said = words(response)
    assert response.status_code == 422
    assert "share of relationship contacts" in said
    assert "volume of spring" in said
    assert 'value="250"' in response.text
    with database.reading() as session:
        assert plan_requests.latest(session, [Kind.DRAFT]) is None


def test_what_the_planner_refuses_is_said_on_the_page(app, marketer, database):
    tomorrow = (datetime.now(UTC).date() + timedelta(days=2)).isoformat()
    marketer.post(
        "/plan/new",
        data={"starts_on": tomorrow, "days": "7", "volumes": "nothing=5-", "ghosts": "0", "exploration": "0"},
    )
    work_off(app, database)
    page = words(marketer.get("/plan/new"))
    assert "The plan was not made" in page
    assert "nothing" in page


def test_a_request_nobody_takes_up_says_what_to_do(marketer, database):
    marketer.post("/plan/new", data={"starts_on": "2026-06-01", "days": "7", "ghosts": "0", "exploration": "0"})
    with database.transaction() as session:
        found = plan_requests.latest(session, [Kind.DRAFT])
        number, found.requested_at = found.id, found.requested_at - timedelta(minutes=1)
        session.add(found)
    page = words(marketer.get("/plan/new"))
    assert "no scheduler seems to be running" in page
    assert "touchstone scheduler" in page
    part = marketer.get(f"/planner/{number}", headers={"HX-Request": "true"})
    assert "no scheduler seems to be running" in words(part)
    assert marketer.post(f"/planner/{number}/cancel").status_code == 303
    assert "HX-Refresh" in marketer.get(f"/planner/{number}").headers


def test_plans_are_compared_side_by_side(app, marketer, database):
    drafted(app, database, marketer)
    nothing = marketer.post("/plan/compare", data={"free": ""})
    assert (nothing.status_code, "Tick a change" in words(nothing)) == (422, True)
    asked = marketer.post("/plan/compare", data={"changes": ["budget -20%", "cap email 3"], "free": "limit 2"})
    assert asked.status_code == 303
    work_off(app, database)
    page = words(marketer.get("/plan/compare"))
    for text in ("Side by side", "The plan as it is", "Who gains or loses most"):
        assert text in page
    strange = marketer.post("/plan/compare", data={"free": "sunshine +3"})
    assert strange.status_code == 303
    work_off(app, database)
    assert "sunshine" in words(marketer.get("/plan/compare"))


def test_what_a_plan_teaches_is_accepted_by_a_press(app, marketer, database):
    number = drafted(app, database, marketer)
    with database.transaction() as session:
        plan = session.get(Plan, number)
        told = {"share": 0.1, "asked": False, "cost": 3.2, "channels": [], "words": ""}
        plan.views = {**(plan.views or {}), "teaching": {"ghosts": told}}
        session.add(plan)
    page = words(marketer.get(f"/plan/{number}"))
    assert "of the contacts at random would cost about 3.2" in page
    assert marketer.post(f"/plan/{number}/teach", data={"what": "ghosts"}).status_code == 303
    with database.reading() as session:
        assert plan_requests.latest(session, [Kind.DRAFT]).options["aims"]["ghosts"] == 0.1
    assert marketer.post(f"/plan/{number}/teach", data={"what": "magic"}).status_code == 404
