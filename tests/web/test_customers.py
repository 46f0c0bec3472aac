"""Customers, clashes, the shared calendar and holds, by role."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import Session, select

from campaigns.store import tables
from campaigns.store.database import Database

NOW = datetime.now(UTC)

TODAY = NOW.date()

LONG = "آدا 👩‍🚀 " + "x" * 190


def batch_of(session: Session, kind: str) -> int:
    batch = tables.ImportBatch(kind=kind, source="shop", path="p", digest=f"d-{kind}", started_at=NOW, finished_at=NOW)
    session.add(batch)
    session.flush()
    return int(batch.id or 0)


def people(session: Session) -> None:
    """Two customers of account A-1, who are Ada's, and one who is nobody's."""
    batch = batch_of(session, "customers")
    told: list[tuple[int, str, dict[str, Any]]] = [
        (1, "C-1", {"first_name": "Ada", "last_name": "Çelik", "owner": "Ada", "account_id": "A-1"}),
        (2, "C-2", {"first_name": "Bo", "last_name": LONG, "account_id": "A-1", "owner": "Ada"}),
        (3, "C-3", {"first_name": "Cem", "last_name": "Demir", "phone": "0532 123 45 67"}),
    ]
    for person, number, columns in told:
        identity = tables.Identity(kind="customer", value=number, person_id=person)
        session.add(identity)
        session.flush()
        row: dict[str, Any] = {"batch_id": batch, "source": "shop", "row_key": number, "identity_id": identity.id}
        session.add(tables.Customer(**row, consent_email="yes", consent_phone="no", **columns))
    session.add(tables.Identity(kind="phone", value="05321234567", person_id=3))
    session.add(tables.Identity(kind="email", value="cem@example.com", person_id=3))
    offers = batch_of(session, "promotions")
    session.add(tables.Promotion(batch_id=offers, source="shop", row_key="spring", promotion="spring", name="Spring"))


def answers(session: Session) -> None:
    batch = batch_of(session, "responses")
    cem = session.exec(select(tables.Identity.id).where(tables.Identity.value == "C-3")).one()
    row: dict[str, Any]
    for number in range(4):
        row = {"batch_id": batch, "source": "shop", "row_key": f"R-{number}", "identity_id": cem}
        offer: dict[str, Any] = {"promotion": "spring"} if number else {}
        at = NOW - timedelta(days=30 + number)
        session.add(tables.Response(**row, occurred_at=at, kind="order", value=123_45, margin=77_11, **offer))
    row = {"batch_id": batch, "source": "shop", "row_key": "R-9", "identity_id": cem}
    said: dict[str, Any] = {"kind": "decline", "promotion": "spring", "reason": "too dear"}
    session.add(tables.Response(**row, occurred_at=NOW - timedelta(days=3), **said))


def reserved(session: Session, person: int, number: str, state: str = "reserved") -> int:
    place = tables.Reservation(
        person_id=person,
        customer_id=number,
        channel="call",
        promotion="spring",
        on=TODAY + timedelta(days=1),
        state=state,
        asked_by="plan",
        reserved_at=NOW,
    )
    session.add(place)
    session.flush()
    return int(place.id or 0)


def filled(app: Flask) -> Flask:
    with database_of(app).transaction() as session:
        people(session)
        answers(session)
    return app


@pytest.fixture
def app(written_app: Flask) -> Flask:
    """A site with a plan and three customers, of whom one answered."""
    return filled(written_app)


@pytest.fixture
def any_app(
    database: Database, make_site: Callable[[str], Flask], fill_site: Callable[[Database], None]
) -> Iterator[Flask]:
    """The same, on both databases in turn."""
    fill_site(database)
    made = make_site(database.engine.url.render_as_string(hide_password=False))
    yield filled(made)
    database_of(made).dispose()


def database_of(app: Flask) -> Database:
    found: Database = app.extensions["touchstone"].database
    return found


def once_of(client: FlaskClient, number: str) -> str:
    found = re.search(r'name="once"[^>]*value="([0-9a-f]+)"', client.get(f"/customers/{number}").text)
    assert found is not None
    return found[1]


ClientAs = Callable[..., FlaskClient]


@pytest.mark.parametrize("typed", ["C-3", "c-3", "demir", "Cem Demir", "cem@exa", "+90 532 123 45 67", "0532 1234567"])
def test_a_customer_is_found_by_number_name_address_and_telephone(
    any_app: Flask, client_as: ClientAs, typed: str
) -> None:
    found = client_as("front_line", any_app).get("/customers", query_string={"q": typed}, follow_redirects=True)

    assert "Demir" in found.text
    assert "Çelik" not in found.text


def test_sales_finds_and_opens_its_own_customers_alone(app: Flask, client_as: ClientAs) -> None:
    sales = client_as("sales", app)

    assert "Çelik" in sales.get("/customers").text
    assert "Nobody is found" in sales.get("/customers?q=demir").text
    assert sales.get("/customers/C-1").status_code == 200
    assert sales.get("/customers/C-3").status_code == 404
    assert sales.post("/outcomes/C-3", data={"what": "declined"}).status_code == 404
    assert sales.get("/accounts/A-1").status_code == 200
    assert sales.get("/accounts/A-2").status_code == 404


def test_one_screen_says_what_was_declined_who_speaks_and_what_is_usual(app: Flask, client_as: ClientAs) -> None:
    page = client_as("manager", app).get("/customers/C-3").text

    for words in ("Cem Demir", "too dear", "usually buys on offer", "Marketing speaks to them now", "Margin", "Spring"):
        assert words in page
    assert page.index("too dear") < page.index("What was said and answered")


def test_front_line_sees_every_customer_and_no_margin(app: Flask, client_as: ClientAs) -> None:
    front = client_as("front_line", app)
    page = front.get("/customers/C-3").text

    assert "Margin" not in page
    assert "Cem Demir" in page
    assert "Keep marketing silent" not in page
    assert front.get("/clashes").status_code == front.get("/accounts/A-1").status_code == 403


def test_long_names_in_any_script_are_shown_as_they_are(app: Flask, client_as: ClientAs) -> None:
    page = client_as("manager", app).get("/customers/C-2").text

    assert f'<h1 dir="auto">Bo {LONG}</h1>' in page


def test_an_outcome_is_logged_once_settles_its_contact_and_is_in_the_trail(any_app: Flask, client_as: ClientAs) -> None:
    database = database_of(any_app)
    with database.transaction() as session:
        place = reserved(session, 3, "C-3", state="committed")
    front = client_as("front_line", any_app)
    told = {"what": "declined", "promotion": "spring", "channel": "call", "reason": "no", "once": once_of(front, "C-3")}
    first = front.post("/outcomes/C-3", data=told)
    again = front.post("/outcomes/C-3", data=told, headers={"HX-Request": "true"})

    assert first.status_code == 303
    assert "logged already" in again.text
    with database.reading() as session:
        (kept,) = session.exec(select(tables.Response).where(tables.Response.source == "site")).all()
        assert (kept.kind, kept.promotion, kept.reason) == ("decline", "spring", "no")
        settled = session.get(tables.Reservation, place)
        assert settled is not None
        assert (settled.state, settled.outcome) == ("settled", "reached")
        (entry,) = session.exec(select(tables.AuditEntry).where(tables.AuditEntry.action == "outcome logged")).all()
        assert (entry.subject, entry.who) == ("C-3", "Test front_line")


@pytest.mark.parametrize(
    ("what", "kept"),
    [("reached", "reached"), ("no answer", "not reached"), ("wrong number", "not reached"), ("call back", "reached")],
)
def test_a_call_is_kept_as_a_contact(app: Flask, client_as: ClientAs, what: str, kept: str) -> None:
    sales = client_as("sales", app)
    later = (NOW + timedelta(days=2)).strftime("%Y-%m-%dT%H:%M")
    told = {"what": what, "channel": "call", "once": once_of(sales, "C-1"), "call_back_at": later}
    answer = sales.post("/outcomes/C-1", data=told, headers={"HX-Request": "true"})

    assert "Logged. The next plan heeds it." in answer.text
    assert "<html" not in answer.text
    with database_of(app).reading() as session:
        (call,) = session.exec(select(tables.Touch).where(tables.Touch.source == "site")).all()
        assert (call.kind, call.outcome) == ("call", kept)
        booked = session.exec(select(tables.SalesActivity)).all()
        assert [(one.kind, one.owner) for one in booked] == ([("call back", "Ada")] if what == "call back" else [])


def test_what_is_wrong_with_an_outcome_is_said_and_nothing_is_kept(app: Flask, client_as: ClientAs) -> None:
    front = client_as("front_line", app)
    once = once_of(front, "C-3")
    missing = front.post("/outcomes/C-3", data={"once": once})
    late = {"what": "call back", "channel": "call", "once": once, "call_back_at": "2020-01-01T10:00"}

    assert missing.status_code == 422
    assert "Choose what came of it." in missing.text
    assert front.post("/outcomes/C-3", data={**late, "call_back_at": ""}).status_code == 422
    assert "a moment to come" in front.post("/outcomes/C-3", data=late).text
    with database_of(app).reading() as session:
        assert session.exec(select(tables.Touch)).all() == []


def test_a_hold_has_the_plan_drafted_anew_and_shows_what_left_it(any_app: Flask, client_as: ClientAs) -> None:
    database, sales = database_of(any_app), client_as("sales", any_app)
    until = TODAY + timedelta(days=10)
    told = {"scope": "account", "account": "A-1", "reason": "we are closing", "until": until.isoformat()}
    placed = sales.post("/holds", data=told)
    assert placed.status_code == 303
    page = sales.get(placed.location).text
    assert "The plan is being drafted anew" in page
    assert "In the plan made before" in page
    with database.transaction() as session:
        (asked,) = session.exec(select(tables.PlanRequest)).all()
        assert asked.kind == "draft"
        asked.state = "done"
        session.add(asked)
        old = session.exec(select(tables.Plan)).one()
        columns = {name: value for name, value in old.model_dump().items() if name not in ("id", "created_at")}
        session.add(tables.Plan(**columns, created_at=datetime.now(UTC)))
    part = sales.get(f"{placed.location}/change").text

    assert "left the plan" in part
    assert "No longer planned" in part
    assert "hx-get" not in part
    trail = client_as("administrator", any_app).get("/settings/changes").text
    assert "hold placed" in trail
    released = sales.post(f"{placed.location}/release", follow_redirects=True)
    assert "The hold is released." in released.text
    assert "released before" in sales.post(f"{placed.location}/release", follow_redirects=True).text


@pytest.mark.parametrize("wrong", [{"reason": ""}, {"until": ""}, {"until": "2020-01-01"}, {"until": "2199-01-01"}])
def test_a_hold_needs_a_reason_and_an_end(app: Flask, client_as: ClientAs, wrong: dict[str, str]) -> None:
    told = {"scope": "account", "account": "A-1", "reason": "why", "until": (TODAY + timedelta(5)).isoformat(), **wrong}
    answer = client_as("sales", app).post("/holds", data=told)

    assert answer.status_code == 422
    assert "This hold was not placed" in answer.text
    assert 'value="A-1"' in answer.text


def test_sales_holds_its_own_accounts_alone_and_marketing_none(app: Flask, client_as: ClientAs) -> None:
    told = {"scope": "customer", "customer": "C-3", "reason": "mine", "until": (TODAY + timedelta(5)).isoformat()}

    assert client_as("sales", app).post("/holds", data=told).status_code == 403
    assert client_as("marketer", app).post("/holds", data=told).status_code == 403


def test_a_clash_is_seen_by_both_teams_settled_with_one_click_and_counted(any_app: Flask, client_as: ClientAs) -> None:
    database = database_of(any_app)
    with database.transaction() as session:
        place = reserved(session, 1, "C-1")
        held: dict[str, Any] = {
            "owner": "Ada",
            "reason": "closing",
            "account_id": "A-1",
            "placed_by": "Ada",
            "placed_at": NOW,
        }
        session.add(tables.SalesHold(**held, starts_on=TODAY, until=TODAY + timedelta(days=9)))
    sales, marketer = client_as("sales", any_app), client_as("marketer", any_app)
    for client, button in ((sales, "Let marketing speak"), (marketer, "Leave them to sales")):
        page = client.get("/clashes").text
        assert "1 open clash between marketing and sales" in page
        assert button in page
        assert "<strong>clash</strong>" in client.get("/accounts/A-1").text
    assert sales.post(f"/clashes/{place}", data={"how": "marketing yields"}).status_code == 403
    settled = marketer.post(f"/clashes/{place}", data={"how": "marketing yields"}, follow_redirects=True).text

    assert "No open clash this week" in settled
    assert "left to sales" in settled
    assert re.search(r'<td class="number">0</td><td class="number">1</td><td class="number">1</td>', settled)
    with database.reading() as session:
        place_now = session.get(tables.Reservation, place)
        assert place_now is not None
        assert place_now.state == "released"


def test_empty_pages_say_what_to_do_next(empty_app: Flask, client_as: ClientAs) -> None:
    manager = client_as("manager", empty_app)

    assert "Nothing that marketing promised" in manager.get("/clashes").text
    assert "Nobody is found" in manager.get("/customers?q=nobody").text
    assert manager.get("/customers/none").status_code == 404
