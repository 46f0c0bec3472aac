"""Everybody's own account: name, language, password, and where they are signed in."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import PasswordField, SelectField, StringField
from wtforms.validators import DataRequired, Length

from campaigns.access import ROLE_WORDS
from campaigns.language import LANGUAGES, _, mark
from campaigns.reporting.figures import moment
from campaigns.secrets import digest_of, hashed, matches
from campaigns.store import users
from campaigns.store.tables import SignIn, User
from web import recognising
from web.access import allow, visitor
from web.audit import audited
from web.forms import Form, offered
from web.limits import SIGN_IN_LIMIT, limiter
from web.pages.account import AccountPage, Presence
from web.signing_in import PasswordFields
from web.site import site

__all__ = ["blueprint"]

blueprint = Blueprint("account", __name__)


class ProfileForm(Form):
    """What somebody is called and which language they read."""

    name = StringField(mark("Name"), [DataRequired(), Length(max=100)], render_kw={"autocomplete": "name"})
    language = SelectField(mark("Language"), choices=offered([("", mark("As the browser asks")), *LANGUAGES.items()]))


class OwnPasswordForm(PasswordFields):
    """The present password, and a new one twice."""

    present = PasswordField(mark("Present password"), [DataRequired()], render_kw={"autocomplete": "current-password"})


@blueprint.get("/account")
@allow()
def show() -> str:
    """Show somebody's own account."""
    return _page()


@blueprint.post("/account/profile")
@allow()
def profile() -> ResponseReturnValue:
    """Change name and language."""
    form = ProfileForm()
    if not form.validate():
        return _page(profile=form), 422
    with site().database.transaction() as database:
        user = users.find(database, visitor().id)
        before = {"name": user.name, "language": user.language}
        user.name, user.language = form.name.data.strip(), form.language.data
        database.add(user)
        audited(database, "profile changed", user.email, before=before, after=_profile(user))
    flash(_("Saved."))
    return redirect(url_for("account.show"), 303)


@blueprint.post("/account/password")
@allow()
@limiter.limit(SIGN_IN_LIMIT)
def password() -> ResponseReturnValue:
    """Change the password; other browsers are signed out, this one stays."""
    form = OwnPasswordForm()
    if not form.validate():
        return _page(password=form), 422
    with site().database.reading() as database:
        present = users.find(database, visitor().id).password
    if not matches(present, form.present.data):
        form.present.errors = [_("This is not your password.")]
        return _page(password=form), 422
    kept = hashed(form.password.data)
    with site().database.transaction() as database:
        user = users.find(database, visitor().id)
        users.set_password(database, user, kept)
        recognising.begin(users.begin(database, user, str(request.user_agent)))
        audited(database, "password set", user.email)
    flash(_("Your password is changed. Other browsers are signed out."))
    return redirect(url_for("account.show"), 303)


@blueprint.post("/account/sign-out-elsewhere")
@allow()
def sign_out_elsewhere() -> ResponseReturnValue:
    """Sign out everywhere but here."""
    with site().database.transaction() as database:
        user = users.find(database, visitor().id)
        users.end_all(database, user, but=recognising.kept_secret())
        audited(database, "signed out elsewhere", user.email)
    flash(_("You are signed out everywhere else."))
    return redirect(url_for("account.show"), 303)


def _page(profile: ProfileForm | None = None, password: OwnPasswordForm | None = None) -> str:
    with site().database.reading() as database:
        user = users.find(database, visitor().id)
        found = users.sign_ins(database, visitor().id)
    return AccountPage(
        title=_("Your account"),
        email=user.email,
        roles=", ".join(_(words) for role, words in ROLE_WORDS.items() if role in user.roles),
        owner=user.owner,
        profile=profile or ProfileForm(formdata=None, data=_profile(user)),
        password=(password or OwnPasswordForm(formdata=None)) if user.password else None,
        presences=tuple(_presence(sign_in) for sign_in in found),
    ).render()


def _profile(user: User) -> dict[str, str]:
    return {"name": user.name, "language": user.language}


def _presence(sign_in: SignIn) -> Presence:
    zone = site().settings.zone
    here = sign_in.digest == digest_of(recognising.kept_secret())
    return Presence(sign_in.browser, moment(sign_in.begun_at, zone), moment(sign_in.seen_at, zone), here)
