"""Who is signed in: the cookie holds a secret and the database says whose it is, so that signing out really ends it."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import request, session

from campaigns.access import Role
from campaigns.store import users
from campaigns.store.tables import SignIn, User
from web.access import Visitor
from web.site import site

__all__ = ["DEMO_DOMAIN", "begin", "end", "kept_secret", "recognise", "recognise_any", "visitor_of"]

DEMO_DOMAIN = "@demo.invalid"
"""How the addresses of the demo's users end: nobody can own one, and outside of the demo nobody is let in by one."""

_SECRET = "sign_in"  # noqa: S105 - the name of a key of the session


def recognise_any() -> Visitor | None:
    """Tell who asks: at the API by a key and nothing else, elsewhere by the cookie and nothing else."""
    if request.path.startswith("/api/v1/"):
        from web.api.entry import by_key  # the API builds upon this module

        return by_key()
    return recognise()


def recognise() -> Visitor | None:
    """Tell who asks, by the secret in the cookie; None for a stranger."""
    secret = kept_secret()
    if not secret:
        return None
    here = site()
    with here.database.reading() as database:
        found = users.recognise(database, secret)
    if found is None:
        session.clear()
        return None
    user, sign_in = found
    if user.email.endswith(DEMO_DOMAIN) and not here.settings.demo:
        return None
    _note_presence(sign_in)
    return visitor_of(user)


def kept_secret() -> str:
    """Return the secret in this request's cookie; empty where there is none."""
    return str(session.get(_SECRET, ""))


def begin(secret: str) -> None:
    """Have the browser keep the secret of a sign-in; what it kept before it was signed in is thrown away."""
    session.clear()
    session[_SECRET] = secret
    session.permanent = True


def end() -> None:
    """Have the browser forget."""
    session.clear()


def visitor_of(user: User) -> Visitor:
    """Give a user as pages know one."""
    return Visitor(
        id=int(user.id or 0),
        email=user.email,
        name=user.name or user.email,
        roles=frozenset(Role(role) for role in user.roles),
        owner=user.owner,
        language=user.language,
    )


def _note_presence(sign_in: SignIn) -> None:
    """Note that somebody is there, every few minutes, and only with what changes something anyway or a whole page."""
    now = datetime.now(UTC)
    if now - sign_in.seen_at > users.SEEN_EVERY and "HX-Request" not in request.headers:
        with site().database.transaction() as database:
            users.seen(database, sign_in, now)
