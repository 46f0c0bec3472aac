"""The API for programs: keys with scopes, reading, collecting, and no server error whatever is sent."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
import schemathesis
from flask import Flask
from hypothesis import HealthCheck, given, settings

from campaigns.access import Role, Scope
from campaigns.store import api_keys, audit, users
from campaigns.store.database import Database

ROW = {"customer_id": "C1", "occurred_at": "2026-02-01T10:00:00Z", "kind": "order", "value": 12.5, "response_id": "R1"}


def database_of(app: Flask) -> Database:
    database = app.extensions["touchstone"].database
    assert isinstance(database, Database)
    return database


def key_of(app: Flask, *scopes: Scope, role: str = "manager", lasts: timedelta | None = None) -> dict[str, str]:
    """The header of a new key."""
    with database_of(app).transaction() as session:
        user = users.by_email(session, f"{role}@example.com")
        assert user is not None
        return {"Authorization": f"Bearer {api_keys.add(session, user, 'test', scopes, lasts=lasts)[1]}"}


@pytest.fixture
def stranger(written_app: Flask, client_as: Callable[..., object]) -> object:
    return client_as(None, written_app)


def test_without_a_key_nothing_is_read_even_by_who_is_signed_in(
    written_app: Flask, client_as: Callable[..., object]
) -> None:
    for role in (None, "administrator"):
        answer = client_as(role, written_app).get("/api/v1/report")  # type: ignore[attr-defined]
        assert (answer.status_code, answer.headers["WWW-Authenticate"]) == (401, "Bearer")


def test_a_key_opens_what_its_scope_and_its_users_role_open(written_app: Flask, stranger) -> None:  # type: ignore[no-untyped-def]
    reads = key_of(written_app, Scope.READ)
    for address in ("report", "channels", "ads", "runs", "plan", "contacts", "customers", "reconciliation"):
        assert stranger.get(f"/api/v1/{address}", headers=reads).status_code == 200, address
    assert stranger.post("/api/v1/runs", headers=reads, json={}).status_code == 403
    assert stranger.get("/api/v1/report", headers=key_of(written_app, Scope.RUN)).status_code == 403
    assert stranger.get("/api/v1/report", headers=key_of(written_app, Scope.READ, role="sales")).status_code == 403


def test_a_key_that_ended_or_was_taken_back_opens_nothing(written_app: Flask, stranger) -> None:  # type: ignore[no-untyped-def]
    ended = key_of(written_app, Scope.READ, lasts=timedelta(0))
    assert stranger.get("/api/v1/plan", headers=ended).status_code == 401
    back = key_of(written_app, Scope.READ)
    with database_of(written_app).transaction() as session:
        newest = api_keys.every(session)[0][0]
        api_keys.revoke(session, int(newest.id or 0))
    assert stranger.get("/api/v1/plan", headers=back).status_code == 401


def test_rows_sent_twice_are_stored_once_and_faults_are_all_told(written_app: Flask, stranger) -> None:  # type: ignore[no-untyped-def]
    key = key_of(written_app, Scope.COLLECT)
    first = stranger.post("/api/v1/responses", headers=key, json=[ROW])
    again = stranger.post("/api/v1/responses", headers=key, json=[ROW])
    assert (first.json["added"], again.json["added"], again.json["unchanged"]) == (1, 0, 1)
    bad = [{**ROW, "kind": "gift"}, {**ROW, "occurred_at": "yesterday"}, {**ROW, "response_id": "R2"}]
    refused = stranger.post("/api/v1/responses", headers=key, json=bad)
    assert refused.status_code == 422
    assert {fault["column"] for fault in refused.json["error"]["faults"]} >= {"kind", "occurred_at"}
    with database_of(written_app).reading() as session:
        assert [entry.action for entry in audit.page(session)] == ["rows collected", "rows collected"]


def test_a_run_is_asked_for_and_can_be_followed(written_app: Flask, stranger) -> None:  # type: ignore[no-untyped-def]
    answer = stranger.post("/api/v1/runs", headers=key_of(written_app, Scope.RUN), json={"goal": "order"})
    assert answer.status_code == 202
    followed = stranger.get(answer.headers["Location"], headers=key_of(written_app, Scope.READ))
    assert followed.json["state"] == "requested"


def test_the_document_can_be_read_by_people(client_as: Callable[..., object]) -> None:
    page = client_as("manager").get("/api").text  # type: ignore[attr-defined]
    assert page.count('class="operation"') == 12
    assert "<script" not in page


@pytest.mark.parametrize("examples", [3, pytest.param(60, marks=pytest.mark.slow)])
def test_whatever_is_sent_is_no_server_error(written_app: Flask, examples: int) -> None:
    key = key_of(written_app, *Scope, role=Role.ADMINISTRATOR)
    schema = schemathesis.openapi.from_wsgi("/api/openapi.json", written_app)
    tried = 0
    for found in schema.get_all_operations():

        @settings(max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))
        @given(case=found.ok().as_strategy())
        def no_server_error(case: schemathesis.Case) -> None:
            assert case.call(headers=key).status_code < 500

        no_server_error()
        tried += 1
    assert tried == 12
