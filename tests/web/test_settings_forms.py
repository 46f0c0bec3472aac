"""The forms of the settings, posted as a browser would: what stood in the page, with what the visitor changed."""

from __future__ import annotations

from collections.abc import Callable
from html.parser import HTMLParser
from typing import Any

import pytest
from flask import Flask
from werkzeug.datastructures import MultiDict

from campaigns.store import api_keys, users
from campaigns.store.audit import page
from campaigns.store.database import Database
from campaigns.store.policies import policy_history, policy_in_use
from campaigns.store.targets import targets


class Fields(HTMLParser):
    """What a form of a page would send if it were sent as it is."""

    def __init__(self, action: str) -> None:
        super().__init__()
        self.action, self.inside, self.found = action, False, MultiDict[str, str]()
        self.select, self.area = "", ""
        self.first: str | None = None
        self.chosen: str | None = None

    def handle_starttag(self, tag: str, told: list[tuple[str, str | None]]) -> None:
        given = dict(told)
        if tag == "form":
            self.inside = given.get("action") == self.action
        if not self.inside:
            return
        name, value = given.get("name") or "", given.get("value")
        if tag == "input" and given.get("type") not in ("submit", "checkbox", "radio"):
            self.found.add(name, value or "")
        elif tag == "input" and "checked" in given:
            self.found.add(name, value or "on")
        elif tag == "select":
            self.select, self.first, self.chosen = name, None, None
        elif tag == "option":
            self.first = value or "" if self.first is None else self.first
            self.chosen = value or "" if "selected" in given else self.chosen
        elif tag == "textarea":
            self.area = name
            self.found.add(name, "")

    def handle_data(self, data: str) -> None:
        if self.inside and self.area:
            self.found.setlist(self.area, [self.found[self.area] + data.strip("\r\n")])

    def handle_endtag(self, tag: str) -> None:
        if tag == "textarea":
            self.area = ""
        elif tag == "select" and self.inside:
            self.found.add(self.select, (self.first if self.chosen is None else self.chosen) or "")
        elif tag == "form":
            self.inside = False


def fields(page: str, action: str) -> MultiDict[str, str]:
    parser = Fields(action)
    parser.feed(page)
    assert parser.found
    return parser.found


def database_of(app: Flask) -> Database:
    found = app.extensions["touchstone"].database
    assert isinstance(found, Database)
    return found


def actions(app: Flask) -> list[str]:
    with database_of(app).reading() as session:
        return [entry.action for entry in page(session)]


@pytest.fixture
def policy_form(client_as: Callable[..., Any], written_app: Flask) -> MultiDict[str, str]:
    return fields(client_as("marketer", written_app).get("/settings/policy").text, "/settings/policy")


def test_a_policy_that_is_saved_unchanged_is_the_policy_that_was(
    client_as: Callable[..., Any], written_app: Flask, policy_form: MultiDict[str, str]
) -> None:
    before = policy_in_use(database_of(written_app), {}).policy
    answer = client_as("marketer", written_app).post("/settings/policy", data=policy_form)
    assert answer.status_code == 303, [
        line for line in answer.text.splitlines() if "error" in line or "refused" in line
    ]
    (saved,) = policy_history(database_of(written_app))
    assert saved.policy == before
    assert actions(written_app) == ["contact policy saved"]


def test_quiet_time_teams_and_the_clock_of_leads_are_changed_on_the_site(
    client_as: Callable[..., Any], written_app: Flask, policy_form: MultiDict[str, str]
) -> None:
    policy_form["quiet-begins"] = "19:00"
    policy_form.setlist("quiet-days", ["saturday", "sunday"])
    policy_form["quiet-country"] = "tr"
    policy_form["teams-renewal"] = "both"
    policy_form["handover-owner_hours"] = "4"
    policy_form["handover-managers"] = "dana = max\n* = eve\n\nnonsense"
    policy_form["relationship_keeps"] = "2.5"
    policy_form["note"] = "Ramadan"
    assert client_as("manager", written_app).post("/settings/policy", data=policy_form).status_code == 303
    (saved,) = policy_history(database_of(written_app))
    assert saved.policy is not None
    assert (saved.policy.quiet.begins, saved.policy.quiet.days) == ("19:00", ("saturday", "sunday"))
    assert saved.policy.quiet.country == "TR"
    assert saved.policy.quiet.channels == ("call", "sms", "messaging", "push")
    assert saved.policy.teams["renewal"] == "both"
    assert saved.policy.handover.owner_hours == 4
    assert saved.policy.relationship_keeps == 0.025
    assert saved.policy.handover.managers == {"dana": "max", "*": "eve"}
    page = client_as("manager", written_app).get("/settings/policy").text
    assert "dana = max" in page
    assert "Ramadan" in page


@pytest.mark.parametrize(
    ("field", "value", "said"),
    [
        ("quiet-begins", "25:00", "Write a time of day such as 09:00."),
        ("quiet-country", "XX", "an ISO code such as TR"),
        ("handover-closes", "08:00", "a time of day after opens"),
        ("handover-owner_hours", "0", "Number must be between 1 and 1000."),
        ("relationship_keeps", "101", "Number must be between 0 and 100."),
        ("complaint_days", "-1", "Number must be between 0 and 3650."),
    ],
)
def test_a_policy_with_a_fault_is_shown_again_with_it_and_nothing_is_saved(
    client_as: Callable[..., Any],
    written_app: Flask,
    policy_form: MultiDict[str, str],
    field: str,
    value: str,
    said: str,
) -> None:
    policy_form[field] = value
    answer = client_as("marketer", written_app).post("/settings/policy", data=policy_form)
    assert answer.status_code == 422
    assert said in answer.text
    assert f'value="{value}"' in answer.text
    assert policy_history(database_of(written_app)) == ()


def test_a_policy_and_its_entry_in_the_audit_trail_are_saved_both_or_neither(
    client_as: Callable[..., Any],
    written_app: Flask,
    policy_form: MultiDict[str, str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(*_args: object, **_values: object) -> None:
        raise OSError("the disk is full")

    monkeypatch.setattr("web.policy.audited", broken)
    assert client_as("marketer", written_app).post("/settings/policy", data=policy_form).status_code == 500
    assert policy_history(database_of(written_app)) == ()


def test_sales_may_not_change_the_policy_nor_a_marketer_the_targets(
    client_as: Callable[..., Any], written_app: Flask, policy_form: MultiDict[str, str]
) -> None:
    assert client_as("sales", written_app).post("/settings/policy", data=policy_form).status_code == 403
    assert client_as("marketer", written_app).post("/settings/targets", data={"order": "40"}).status_code == 403
    assert actions(written_app) == []


def test_targets_are_set_in_money_and_an_empty_field_takes_one_away(
    client_as: Callable[..., Any], written_app: Flask
) -> None:
    client, database = client_as("manager", written_app), database_of(written_app)
    form = fields(client.get("/settings/targets").text, "/settings/targets")
    form["order"] = "42.50"
    assert client.post("/settings/targets", data=form).status_code == 303
    with database.reading() as session:
        assert dict(targets(session)) == {"order": 4250}
    form = fields(client.get("/settings/targets").text, "/settings/targets")
    assert form["order"] == "42.5"
    form["order"] = "-1"
    assert client.post("/settings/targets", data=form).status_code == 422
    form["order"] = ""
    assert client.post("/settings/targets", data=form).status_code == 303
    with database.reading() as session:
        assert dict(targets(session)) == {}
    assert actions(written_app) == ["targets changed", "targets changed"]


def test_a_user_is_added_with_a_link_changed_and_shut_out(client_as: Callable[..., Any], written_app: Flask) -> None:
    client, database = client_as("administrator", written_app), database_of(written_app)
    form = fields(client.get("/settings/users").text, "/settings/users")
    form["name"], form["email"], form["roles"] = "Grace", "Grace@Example.com", "marketer"
    answer = client.post("/settings/users", data=form)
    assert "/set-password/" in answer.text
    assert client.post("/settings/users", data=form).status_code == 422
    with database.reading() as session:
        user = users.by_email(session, "grace@example.com")
    assert user is not None
    address = f"/settings/users/{user.id}"
    form = fields(client.get(address).text, address)
    form.setlist("roles", ["manager", "sales"])
    form.pop("active")
    assert client.post(address, data=form).status_code == 303
    with database.reading() as session:
        changed = users.find(session, int(user.id or 0))
    assert (changed.roles, changed.active) == (["manager", "sales"], False)
    assert actions(written_app) == ["user changed", "user added"]


def test_the_last_administrator_stays_one(client_as: Callable[..., Any], written_app: Flask) -> None:
    client, database = client_as("administrator", written_app), database_of(written_app)
    client.get("/settings/users")
    with database.reading() as session:
        (administrator,) = users.administrators(session)
    address = f"/settings/users/{administrator.id}"
    form = fields(client.get(address).text, address)
    form.setlist("roles", ["marketer"])
    answer = client.post(address, data=form)
    assert answer.status_code == 422
    assert "This is the last administrator." in answer.text
    assert actions(written_app) == []


def test_a_key_is_shown_once_and_opens_nothing_once_it_was_taken_back(
    client_as: Callable[..., Any], written_app: Flask
) -> None:
    client, database = client_as("marketer", written_app), database_of(written_app)
    form = fields(client.get("/settings/keys").text, "/settings/keys")
    assert client.post("/settings/keys", data=form).status_code == 422
    form["name"], form["scopes"] = "The shop", "read"
    made = client.post("/settings/keys", data=form)
    assert made.status_code == 200
    with database.reading() as session:
        ((key, _user),) = api_keys.every(session)
    assert key.name == "The shop"
    assert client_as("manager", written_app).post(f"/settings/keys/{key.id}/revoke").status_code == 404
    with database.reading() as session:
        assert api_keys.every(session)[0][0].revoked_at is None
    assert client.post(f"/settings/keys/{key.id}/revoke").status_code == 303
    with database.reading() as session:
        assert api_keys.every(session)[0][0].revoked_at is not None
    assert actions(written_app) == ["key taken back", "key made"]
