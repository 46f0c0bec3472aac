"""The first administrator: named on the command line, by a link or a password, and never by a default."""

from __future__ import annotations

import re

import pytest

from campaigns.access import Role
from campaigns.faults import RefusedError
from campaigns.secrets import digest_of, matches
from campaigns.store import audit, users
from campaigns.store.database import Database
from jobs.administrators import appoint, has_administrator

HOME = "http://127.0.0.1:8000"


def test_a_new_database_has_no_user_and_no_password(sqlite_database: Database) -> None:
    assert not has_administrator(sqlite_database)
    with sqlite_database.reading() as session:
        assert users.everybody(session) == []


def test_the_link_for_an_administrator_is_kept_as_a_digest_only(sqlite_database: Database) -> None:
    told = appoint(sqlite_database, "Ada@Example.com", HOME)
    secret = re.search(rf"{HOME}/set-password/(\S+)", told)
    assert secret is not None
    assert has_administrator(sqlite_database)
    with sqlite_database.reading() as session:
        user = users.linked(session, secret[1])
        assert user is not None
        assert (user.email, user.roles, user.password) == ("ada@example.com", [Role.ADMINISTRATOR], None)
        assert users.linked(session, digest_of(secret[1])) is None
        noted = audit.page(session)
    assert [(entry.who, entry.action, entry.subject) for entry in noted] == [
        ("the command line", "administrator named", "ada@example.com")
    ]


def test_a_second_link_ends_the_first(sqlite_database: Database) -> None:
    first, second = (appoint(sqlite_database, "ada@example.com", HOME).rsplit("/", 1)[1] for _ in range(2))
    with sqlite_database.reading() as session:
        assert users.linked(session, first) is None
        assert users.linked(session, second) is not None
        assert len(users.everybody(session)) == 1


def test_a_password_given_is_kept_as_an_argon2_hash(sqlite_database: Database) -> None:
    told = appoint(sqlite_database, "ada@example.com", HOME, "correct horse battery")
    assert "sign in at http://127.0.0.1:8000/sign-in" in told
    with sqlite_database.reading() as session:
        user = users.by_email(session, "ada@example.com")
    assert user is not None
    assert user.password is not None
    assert user.password.startswith("$argon2id$")
    assert matches(user.password, "correct horse battery")
    assert not matches(user.password, "correct horse batterY")


def test_what_cannot_be_used_is_refused_with_every_fault_and_nobody_is_added(sqlite_database: Database) -> None:
    with pytest.raises(RefusedError) as refused:
        appoint(sqlite_database, "ada", HOME, "short")
    assert [fault.column for fault in refused.value.faults] == ["email", "password"]
    assert not has_administrator(sqlite_database)
