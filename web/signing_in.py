"""Signing in and out, and setting a password by a link."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import EmailField, PasswordField
from wtforms.validators import DataRequired, EqualTo, Length

from campaigns.language import _, mark
from campaigns.secrets import SHORTEST, hashed, is_outdated, matches
from campaigns.store import audit, users
from campaigns.store.tables import User
from web import recognising
from web.access import allow, public, visitor, visitor_or_none
from web.demonstration import demo_choices
from web.forms import Form
from web.limits import SIGN_IN_LIMIT, limiter
from web.pages.signing_in import EndedLinkPage, PasswordPage, SignInPage
from web.site import site

__all__ = ["PasswordFields", "blueprint"]

blueprint = Blueprint("signing_in", __name__)

WRONG = mark("The address or the password is wrong.")

LOCKED = mark(
    "After five wrong passwords this account takes none for a quarter of an hour. Wait, or ask an administrator, who "
    "can unlock it or send a link to set a new password."
)


class SignInForm(Form):
    """Address and password."""

    email = EmailField(mark("E-mail address"), [DataRequired()], render_kw={"autocomplete": "username"})
    password = PasswordField(mark("Password"), [DataRequired()], render_kw={"autocomplete": "current-password"})


class PasswordFields(Form):
    """A new password, twice."""

    password = PasswordField(
        mark("New password"),
        [DataRequired(), Length(SHORTEST, 1_000, mark("A password has at least 10 characters."))],
        description=mark("At least 10 characters. A sentence is easier to remember, and harder to guess, than a word."),
        render_kw={"autocomplete": "new-password"},
    )
    again = PasswordField(
        mark("The same once more"),
        [DataRequired(), EqualTo("password", mark("The two are not the same."))],
        render_kw={"autocomplete": "new-password"},
    )


@blueprint.route("/sign-in", methods=["GET", "POST"])
@public
@limiter.limit(SIGN_IN_LIMIT, methods=["POST"])
def sign_in() -> ResponseReturnValue:
    """Sign somebody in, and lead them to where they wanted to go."""
    if visitor_or_none() is not None:
        return redirect(_wanted())
    form = SignInForm()
    if not form.validate_on_submit():
        return _page(form), 422 if form.is_submitted() else 200
    user = _user_with(form.email.data, form.password.data)
    if isinstance(user, str):
        form.password.errors = [user]
        return _page(form), 422
    with site().database.transaction() as database:
        recognising.begin(users.begin(database, user, str(request.user_agent)))
        audit.note(database, user.name or user.email, "signed in", user.email, user_id=user.id)
    return redirect(_wanted(), 303)


@blueprint.post("/sign-out")
@allow()
def sign_out() -> ResponseReturnValue:
    """Sign this browser out."""
    with site().database.transaction() as database:
        users.end(database, recognising.kept_secret())
        audit.note(database, visitor().name, "signed out", visitor().email, user_id=visitor().id)
    recognising.end()
    return redirect(url_for("signing_in.sign_in"), 303)


@blueprint.route("/set-password/<secret>", methods=["GET", "POST"])
@public
@limiter.limit(SIGN_IN_LIMIT)
def set_password(secret: str) -> ResponseReturnValue:
    """Set the password of whoever has the link, once."""
    with site().database.reading() as database:
        user = users.linked(database, secret)
    if user is None:
        return EndedLinkPage(_("This link has ended")).render(), 410
    form = PasswordFields()
    if not form.validate_on_submit():
        page = PasswordPage(_("Set a password"), form, user.email, url_for("signing_in.set_password", secret=secret))
        return page.render(), 422 if form.is_submitted() else 200
    kept = hashed(form.password.data)
    with site().database.transaction() as database:
        user = users.linked(database, secret)
        if user is None:
            return EndedLinkPage(_("This link has ended")).render(), 410
        users.set_password(database, user, kept)
        audit.note(database, user.name or user.email, "password set", user.email, user_id=user.id)
    flash(_("Your password is set. Sign in with it."))
    return redirect(url_for("signing_in.sign_in"), 303)


def _page(form: SignInForm) -> str:
    with site().database.reading() as database:
        ready = bool(users.administrators(database))
    return SignInPage(_("Sign in"), form, _wanted_or_empty(), ready, demo_choices()).render()


def _user_with(email: str, password: str) -> User | str:
    """Return whose address and password these are, or what to say; a wrong password counts towards the lock.

    Hashing takes its time on purpose, so it is done between two transactions, not in one.
    """
    database = site().database
    now = datetime.now(UTC)
    with database.reading() as reading:
        user = users.by_email(reading, email)
    right = matches(user.password if user else None, password)
    if user is None or not user.active:
        return _(WRONG)
    renewed = hashed(password) if right and user.password is not None and is_outdated(user.password) else user.password
    with database.transaction() as writing:
        user = users.find(writing, int(user.id or 0))
        try:
            users.require_unlocked(user, now)
        except users.LockedError:
            return _(LOCKED)
        if not right:
            users.fail(writing, user, now)
            if user.locked_until is not None:
                audit.note(writing, user.name or user.email, "account locked", user.email, user_id=user.id)
            return _(WRONG)
        users.unlock(writing, user)
        user.password = renewed
    return user


def _wanted_or_empty() -> str:
    """Return the address that somebody wanted before they had to sign in, if it is one of this site."""
    wanted = request.values.get("next", "")
    return wanted if wanted.startswith("/") and not wanted.startswith(("//", "/\\")) and "\n" not in wanted else ""


def _wanted() -> str:
    return _wanted_or_empty() or url_for("home.show")
