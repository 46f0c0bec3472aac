"""Signing in: passwords, lockout, links, sessions that end, roles, the demo."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlmodel import select

from campaigns.access import Role
from campaigns.faults import SettingsError
from campaigns.secrets import hashed
from campaigns.settings import Settings
from campaigns.store import audit, users
from campaigns.store.database import Database
from campaigns.store.tables import SignIn
from web.access import public
from web.app import create_app

PASSWORD = "correct horse battery"  # noqa: S105 - of a user of the tests


def database_of(app: Flask) -> Database:
    database = app.extensions["touchstone"].database
    assert isinstance(database, Database)
    return database


@pytest.fixture
def ada(empty_app: Flask) -> Flask:
    """A site with a manager who has a password."""
    with database_of(empty_app).transaction() as session:
        user = users.add(session, "ada@example.com", "Ada", [Role.MANAGER])
        users.set_password(session, user, hashed(PASSWORD))
    return empty_app


def enter(client: FlaskClient, password: str = PASSWORD, email: str = "ada@example.com", **more: str) -> int:
    return client.post("/sign-in", data={"email": email, "password": password, **more}).status_code


def test_every_view_says_for_whom_it_is_open(empty_app: Flask) -> None:
    unmarked = [name for name, view in empty_app.view_functions.items() if not hasattr(view, "touchstone_open_to")]
    assert unmarked == []


def test_strangers_may_open_these_addresses_and_no_others(empty_app: Flask) -> None:
    views = empty_app.view_functions
    opened = {name for name, view in views.items() if getattr(view, "touchstone_open_to", None) == "strangers"}
    assert opened == {
        "static",
        "assets.styles",
        "health.health",
        "signing_in.sign_in",
        "signing_in.set_password",
        "demonstration.sign_in",
        "reference.as_json",
    }
    assert callable(public)


def test_a_stranger_is_led_to_sign_in_and_from_there_to_where_they_wanted(
    ada: Flask, client_as: Callable[..., FlaskClient]
) -> None:
    client = client_as(None, ada)
    asked = client.get("/priorities?channel=email")
    assert (asked.status_code, asked.headers["Location"]) == (303, "/sign-in?next=/priorities?channel%3Demail")
    entered = client.post(
        "/sign-in", data={"email": " ADA@example.com", "password": PASSWORD, "next": "/priorities?channel=email"}
    )
    assert (entered.status_code, entered.headers["Location"]) == (303, "/priorities?channel=email")
    assert client.get("/account").status_code == 200


@pytest.mark.parametrize("wanted", ["https://evil.example", "//evil.example", "/\\evil.example", "javascript:alert(1)"])
def test_nobody_is_led_to_another_site(ada: Flask, client_as: Callable[..., FlaskClient], wanted: str) -> None:
    answer = client_as(None, ada).post(
        "/sign-in", data={"email": "ada@example.com", "password": PASSWORD, "next": wanted}
    )
    assert answer.headers["Location"] == "/"


def test_a_wrong_password_and_an_unknown_address_are_answered_alike(
    ada: Flask, client_as: Callable[..., FlaskClient]
) -> None:
    client = client_as(None, ada)
    answers = [
        client.post("/sign-in", data={"email": email, "password": "wrong"})
        for email in ("ada@example.com", "bob@example.com")
    ]
    said = [re.search(r'class="error"[^>]*>([^<]+)', answer.text) for answer in answers]
    assert [answer.status_code for answer in answers] == [422, 422]
    assert {words[1].strip() for words in said if words} == {"The address or the password is wrong."}
    assert client.get("/account").status_code == 303


def test_five_wrong_passwords_lock_the_account_even_for_the_right_one_until_an_administrator_unlocks_it(
    ada: Flask, client_as: Callable[..., FlaskClient]
) -> None:
    client = client_as(None, ada)
    assert [enter(client, "wrong") for _attempt in range(5)] == [422] * 5
    answer = client.post("/sign-in", data={"email": "ada@example.com", "password": PASSWORD})
    assert answer.status_code == 422
    assert "takes none for a quarter of an hour" in answer.text
    with database_of(ada).reading() as session:
        user = users.by_email(session, "ada@example.com")
    assert user is not None
    assert client_as("administrator", ada).post(f"/settings/users/{user.id}/unlock").status_code == 303
    assert enter(client) == 303


def test_a_lock_ends_by_itself(ada: Flask, client_as: Callable[..., FlaskClient]) -> None:
    client = client_as(None, ada)
    for _attempt in range(5):
        enter(client, "wrong")
    with database_of(ada).transaction() as session:
        user = users.by_email(session, "ada@example.com")
        assert user is not None
        user.locked_until = datetime.now(UTC) - timedelta(seconds=1)
    assert enter(client) == 303


def test_an_address_of_the_network_may_try_only_so_often(ada: Flask, client_as: Callable[..., FlaskClient]) -> None:
    client = client_as(None, ada)
    statuses = [enter(client, "wrong", f"nobody{number}@example.com") for number in range(21)]
    assert statuses == [422] * 20 + [429]


def test_a_form_without_its_token_is_refused(ada: Flask, client_as: Callable[..., FlaskClient]) -> None:
    client = client_as(None, ada)
    answer = client.post("/sign-in", data={"email": "ada@example.com", "password": PASSWORD}, token=False)
    assert answer.status_code == 400
    assert "Nothing was changed." in answer.text
    assert client_as("administrator", ada).post("/runs", token=False).status_code == 400


def test_signing_out_ends_the_session_for_whoever_kept_the_cookie_too(
    ada: Flask, client_as: Callable[..., FlaskClient]
) -> None:
    client, thief = client_as(None, ada), client_as(None, ada)
    enter(client)
    cookie = client.get_cookie("touchstone")
    assert cookie is not None
    thief.set_cookie("touchstone", cookie.value)
    assert thief.get("/account").status_code == 200
    assert client.post("/sign-out").status_code == 303
    assert thief.get("/account").status_code == 303


def test_a_sign_in_changes_the_cookie_and_keeps_nothing_of_before(
    ada: Flask, client_as: Callable[..., FlaskClient]
) -> None:
    client = client_as(None, ada)
    with client.session_transaction() as session:
        session["planted"] = "by somebody else"
    enter(client)
    with client.session_transaction() as session:
        assert "planted" not in session
        assert session.get("csrf_token") != "0" * 40


def test_a_session_ends_by_itself(ada: Flask, client_as: Callable[..., FlaskClient]) -> None:
    client = client_as(None, ada)
    enter(client)
    with database_of(ada).transaction() as session:
        user = users.by_email(session, "ada@example.com")
        assert user is not None
        for sign_in in users.sign_ins(session, int(user.id or 0)):
            sign_in.seen_at -= timedelta(days=1, seconds=1)
            session.add(sign_in)
    assert client.get("/account").status_code == 303


def test_a_link_sets_a_password_once_and_signs_everybody_out_who_was_in(
    ada: Flask, client_as: Callable[..., FlaskClient]
) -> None:
    old, new = client_as(None, ada), client_as(None, ada)
    enter(old)
    with database_of(ada).transaction() as session:
        user = users.by_email(session, "ada@example.com")
        assert user is not None
        secret = users.link(session, user)
    address = f"/set-password/{secret}"
    assert new.post(address, data={"password": "short", "again": "short"}).status_code == 422
    assert new.post(address, data={"password": "a new long one", "again": "another one"}).status_code == 422
    assert new.post(address, data={"password": "a new long one", "again": "a new long one"}).status_code == 303
    assert old.get("/account").status_code == 303
    assert enter(new, "a new long one") == 303
    assert client_as(None, ada).get(address).status_code == 410


def test_a_link_that_is_too_old_opens_nothing(ada: Flask, client_as: Callable[..., FlaskClient]) -> None:
    with database_of(ada).transaction() as session:
        user = users.by_email(session, "ada@example.com")
        assert user is not None
        secret = users.link(session, user, datetime.now(UTC) - users.LINK_LASTS)
    assert client_as(None, ada).get(f"/set-password/{secret}").status_code == 410


def test_somebody_changes_their_password_and_stays_signed_in_here_only(
    ada: Flask, client_as: Callable[..., FlaskClient]
) -> None:
    here, elsewhere = client_as(None, ada), client_as(None, ada)
    enter(here)
    enter(elsewhere)
    new = {"password": "quite another one", "again": "quite another one"}
    assert here.post("/account/password", data={"present": "wrong", **new}).status_code == 422
    assert here.post("/account/password", data={"present": PASSWORD, **new}).status_code == 303
    assert here.get("/account").status_code == 200
    assert elsewhere.get("/account").status_code == 303


def test_signing_in_and_out_stand_in_the_audit_trail_without_any_secret(
    ada: Flask, client_as: Callable[..., FlaskClient]
) -> None:
    client = client_as(None, ada)
    enter(client)
    client.post("/sign-out")
    with database_of(ada).reading() as session:
        entries = audit.page(session)
    assert [entry.action for entry in entries] == ["signed out", "signed in"]
    assert all(PASSWORD not in str(entry.model_dump()) for entry in entries)


@pytest.mark.parametrize(
    ("role", "opened", "closed"),
    [
        ("marketer", ["/effectiveness", "/priorities", "/runs", "/settings/policy", "/account"], ["/settings/users"]),
        ("manager", ["/effectiveness", "/runs", "/settings/targets"], ["/settings/users", "/settings/changes"]),
        ("sales", ["/priorities", "/account"], ["/effectiveness", "/runs", "/settings/policy", "/settings/users"]),
        ("front_line", ["/customers", "/account"], ["/effectiveness", "/priorities", "/runs", "/settings/keys"]),
        ("administrator", ["/effectiveness", "/runs", "/settings/users", "/settings/changes", "/settings/keys"], []),
    ],
)
def test_each_role_opens_what_its_work_needs_and_is_shown_no_more(
    written_app: Flask, client_as: Callable[..., FlaskClient], role: str, opened: list[str], closed: list[str]
) -> None:
    client = client_as(role, written_app)
    assert {address: client.get(address).status_code for address in opened} == dict.fromkeys(opened, 200)
    assert {address: client.get(address).status_code for address in closed} == dict.fromkeys(closed, 403)
    shown = client.get("/account").text
    assert ('href="/effectiveness"' in shown) == ("/effectiveness" not in closed)
    assert client.get("/").status_code in (200, 302)


def test_the_language_is_the_profiles_else_the_browsers(ada: Flask, client_as: Callable[..., FlaskClient]) -> None:
    client = client_as(None, ada)
    assert '<html lang="tr">' in client.get("/sign-in", headers={"Accept-Language": "tr-TR,en;q=0.5"}).text
    assert '<html lang="en">' in client.get("/sign-in", headers={"Accept-Language": "de"}).text
    enter(client)
    client.post("/account/profile", data={"name": "Ada", "language": "tr"})
    assert '<html lang="tr">' in client.get("/account", headers={"Accept-Language": "en"}).text


@pytest.fixture
def demo(sqlite_url: str) -> Iterator[Flask]:
    """A site of the demo, without users."""
    app = create_app(Settings(database_url=sqlite_url, demo=True, secret_key="0" * 64))
    app.config["WTF_CSRF_ENABLED"] = False
    yield app
    database_of(app).dispose()


@pytest.mark.parametrize("role", list(Role))
def test_the_demo_signs_in_as_each_role_and_says_so(demo: Flask, role: Role) -> None:
    client = demo.test_client()
    assert "Look around as one of five people" in client.get("/sign-in").text
    assert client.post("/demo", data={"role": role}).status_code == 303
    page = client.get("/account").text
    assert 'class="banner"' in page
    assert f'value="{role}" aria-pressed="true"' in page


def test_the_demo_refuses_other_machines_and_databases_with_real_users(demo: Flask) -> None:
    client = demo.test_client()
    elsewhere = client.post("/demo", data={"role": "manager"}, environ_base={"REMOTE_ADDR": "192.0.2.7"})
    assert elsewhere.status_code == 404
    with database_of(demo).transaction() as session:
        users.add(session, "real@example.com", "Real", [Role.MANAGER])
    assert client.post("/demo", data={"role": "manager"}).status_code == 403
    with pytest.raises(SettingsError, match="anybody could sign in"):
        Settings(demo=True, host="0.0.0.0")  # noqa: S104 - refused


def test_outside_of_the_demo_nobody_signs_in_by_it_nor_stays(demo: Flask, sqlite_url: str) -> None:
    client = demo.test_client()
    client.post("/demo", data={"role": "administrator"})
    cookie = client.get_cookie("touchstone")
    assert cookie is not None
    strict = create_app(Settings(database_url=sqlite_url, secret_key="0" * 64))
    strict.config["WTF_CSRF_ENABLED"] = False
    visitor = strict.test_client()
    visitor.set_cookie("touchstone", cookie.value)
    assert visitor.get("/account").status_code == 303
    assert visitor.post("/demo", data={"role": "administrator"}).status_code == 404
    database_of(strict).dispose()


def test_a_site_under_https_sends_its_cookie_over_https_only(sqlite_url: str) -> None:
    app = create_app(Settings(database_url=sqlite_url, address="https://touchstone.example", host="0.0.0.0"))  # noqa: S104
    answer = app.test_client().get("/sign-in")
    assert "Secure" in answer.headers.get("Set-Cookie", "Secure")
    assert app.config["SESSION_COOKIE_SECURE"] is True
    assert answer.headers["Strict-Transport-Security"] == "max-age=31536000"
    database_of(app).dispose()


def test_what_signs_somebody_in_is_not_in_the_database(ada: Flask, client_as: Callable[..., FlaskClient]) -> None:
    client = client_as(None, ada)
    enter(client)
    with client.session_transaction() as session:
        secret = session["sign_in"]
    with database_of(ada).reading() as reading:
        assert secret not in {sign_in.digest for sign_in in reading.exec(select(SignIn)).all()}
