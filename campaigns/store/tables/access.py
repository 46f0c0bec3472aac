"""Who may use the site, what they changed, and what they aim at.

Secrets are never stored: passwords as argon2 hashes; what signs somebody in (a session, a link, a key), which is random
and long, as its SHA-256.
"""

import datetime as dt
from typing import Any

from sqlalchemy import JSON, Index
from sqlmodel import Field

from campaigns.store.tables.columns import Record, key, moment, reference, whole

__all__ = ["ApiKey", "AuditEntry", "PasswordLink", "SignIn", "Target", "User"]


class User(Record, table=True):
    """Somebody who may sign in.

    ``email`` is in lower case. ``roles`` are ``campaigns.access.Role``. ``owner`` is the name under which customers and
    opportunities are theirs; empty for none. ``password`` is an argon2 hash, missing until the first is set.
    ``failures`` counts wrong passwords since the last right one; while ``locked_until`` lies ahead none is looked at.
    """

    __tablename__ = "users"

    id: int | None = key()
    email: str = Field(unique=True)
    name: str
    roles: list[str] = Field(default_factory=list, sa_type=JSON)
    owner: str = ""
    language: str = ""
    password: str | None = None
    active: bool = True
    created_at: dt.datetime = moment()
    signed_in_at: dt.datetime | None = moment(None)
    failures: int = whole(0)
    locked_until: dt.datetime | None = moment(None)


class SignIn(Record, table=True):
    """One browser in which somebody is signed in; without its row here a cookie is worth nothing."""

    __tablename__ = "sign_ins"

    id: int | None = key()
    digest: str = Field(unique=True)
    user_id: int = reference("users.id", index=True)
    begun_at: dt.datetime = moment()
    seen_at: dt.datetime = moment()
    browser: str = ""


class PasswordLink(Record, table=True):
    """A link by which somebody sets a password, once; until ``expires_at``."""

    __tablename__ = "password_links"

    id: int | None = key()
    digest: str = Field(unique=True)
    user_id: int = reference("users.id", index=True)
    expires_at: dt.datetime = moment()


class ApiKey(Record, table=True):
    """A key by which a program may use the API for somebody, within ``scopes`` (``campaigns.access.Scope``)."""

    __tablename__ = "api_keys"

    id: int | None = key()
    digest: str = Field(unique=True)
    hint: str
    name: str
    user_id: int = reference("users.id", index=True)
    scopes: list[str] = Field(default_factory=list, sa_type=JSON)
    created_at: dt.datetime = moment()
    expires_at: dt.datetime | None = moment(None)
    used_at: dt.datetime | None = moment(None)
    revoked_at: dt.datetime | None = moment(None)


class AuditEntry(Record, table=True):
    """One change: who made it, when, to what, and how it was before and after.

    ``who`` is the name as it was then, so that the entry outlives its user. ``action`` is a verb of
    ``campaigns.store.audit``'s callers, such as ``promotion changed``.
    """

    __tablename__ = "audit_entries"
    __table_args__ = (Index(None, "at"),)

    id: int | None = key()
    at: dt.datetime = moment()
    user_id: int | None = reference("users.id", None)
    who: str
    action: str
    subject: str
    before: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    after: dict[str, Any] | None = Field(default=None, sa_type=JSON)


class Target(Record, table=True):
    """What a new customer of a goal may cost, in minor units of the currency; a promotion may set another."""

    __tablename__ = "targets"

    goal: str = Field(primary_key=True)
    cost: int = whole(...)
