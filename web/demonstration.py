"""The demo: sign in as each role without a password, on this machine alone, over a database without real users."""

from __future__ import annotations

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session

from campaigns.access import ROLE_WORDS, Role
from campaigns.language import _, mark
from campaigns.settings import LOOPBACK
from campaigns.store import users
from campaigns.store.owners import busiest_owner
from campaigns.store.tables import User
from web import recognising
from web.access import public, visitor_or_none
from web.pages.signing_in import DemoChoice
from web.recognising import DEMO_DOMAIN
from web.site import site

__all__ = ["blueprint", "demo_choices"]

blueprint = Blueprint("demonstration", __name__)

REAL_USERS = mark("This database has real users, so nobody signs in without a password. Serve it without --demo.")

DOES = {
    Role.MARKETER: mark("plans promotions and contacts"),
    Role.MANAGER: mark("sees what works and moves money"),
    Role.SALES: mark("sees the accounts of one colleague"),
    Role.FRONT_LINE: mark("looks customers up and logs what they say"),
    Role.ADMINISTRATOR: mark("looks after users, keys and settings"),
}
"""What each role does, in words."""


@blueprint.post("/demo")
@public
def sign_in() -> ResponseReturnValue:
    """Sign in as the demo's user of a role."""
    if not site().settings.demo or request.remote_addr not in LOOPBACK:
        abort(404)
    if request.form.get("role") not in set(Role):
        abort(400)
    role = Role(request.form["role"])
    with site().database.transaction() as database:
        if any(not user.email.endswith(DEMO_DOMAIN) for user in users.everybody(database)):
            abort(403, _(REAL_USERS))
        user = users.by_email(database, f"{role}{DEMO_DOMAIN}") or _add(database, role)
        recognising.begin(users.begin(database, user, str(request.user_agent)))
    return redirect(url_for("home.show"), 303)


def demo_choices() -> tuple[DemoChoice, ...]:
    """Return the roles that a visitor of the demo may take; none outside of the demo."""
    if not site().settings.demo:
        return ()
    who = visitor_or_none()
    taken = who.roles if who else frozenset()
    return tuple(DemoChoice(role, _(words), _(DOES[role]), role in taken) for role, words in ROLE_WORDS.items())


def _add(database: Session, role: Role) -> User:
    """Add the demo's user of a role; the one of sales owns what the busiest owner of the data owns."""
    owner = busiest_owner(database) if role is Role.SALES else ""
    name = owner or str(ROLE_WORDS[role])
    return users.add(database, f"{role}{DEMO_DOMAIN}", name, [role], owner=owner)
