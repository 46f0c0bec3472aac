"""Users: who may sign in, what they do here, and links by which they set a password."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, EmailField, SelectMultipleField, StringField
from wtforms.validators import DataRequired, Email, Length
from wtforms.widgets import CheckboxInput, ListWidget

from campaigns.access import ROLE_WORDS, Role, staff_name
from campaigns.faults import RefusedError
from campaigns.language import _, mark
from campaigns.reporting.figures import NOTHING, moment
from campaigns.store import users
from campaigns.store.owners import owners
from campaigns.store.tables import User
from web.access import allow
from web.audit import audited
from web.forms import Form, offered
from web.pages.settings import UserLine, UserPage, UsersPage
from web.site import site

__all__ = ["blueprint"]

blueprint = Blueprint("users", __name__)

LAST = mark("This is the last administrator. Name another one first.")


class UserForm(Form):
    """What somebody is called, does and owns."""

    name = StringField(mark("Name"), [DataRequired(), Length(max=100)], render_kw={"autocomplete": "off"})
    roles = SelectMultipleField(
        mark("Roles"),
        [DataRequired(mark("Choose at least one role."))],
        choices=offered([(str(role), words) for role, words in ROLE_WORDS.items()]),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    owner = StringField(
        mark("Accounts of"),
        [Length(max=200)],
        description=mark("For sales: the owner's name as it stands in customers and opportunities."),
        render_kw={"autocomplete": "off", "list": "owners"},
    )


class NewUserForm(UserForm):
    """A user, with the address by which they sign in."""

    email = EmailField(mark("E-mail address"), [DataRequired(), Email()], render_kw={"autocomplete": "off"})


class KnownUserForm(UserForm):
    """A user who may be shut out."""

    active = BooleanField(mark("May sign in"))


@blueprint.get("/settings/users")
@allow(Role.ADMINISTRATOR)
def show() -> str:
    """Show everybody who may sign in."""
    return _list(NewUserForm(formdata=None))


@blueprint.post("/settings/users")
@allow(Role.ADMINISTRATOR)
def add() -> ResponseReturnValue:
    """Add a user, and show the link by which they set a password."""
    form = NewUserForm()
    if not form.validate():
        return _list(form), 422
    try:
        with site().database.transaction() as database:
            user = users.add(database, form.email.data, form.name.data, form.roles.data, owner=form.owner.data or "")
            audited(database, "user added", user.email, after=_facts(user))
            secret = users.link(database, user)
    except RefusedError:
        form.email.errors = [_("Somebody has this address already.")]
        return _list(form), 422
    return _one(user, _form_of(user), secret)


@blueprint.get("/settings/users/<int:number>")
@allow(Role.ADMINISTRATOR)
def show_one(number: int) -> str:
    """Show one user, to be changed."""
    user = _find(number)
    return _one(user, _form_of(user))


@blueprint.post("/settings/users/<int:number>")
@allow(Role.ADMINISTRATOR)
def change(number: int) -> ResponseReturnValue:
    """Change what somebody is called, does and owns, or shut them out."""
    form = KnownUserForm()
    if not form.validate():
        return _one(_find(number), form), 422
    with site().database.transaction() as database:
        user = users.find(database, number)
        before = _facts(user)
        stays = form.active.data and Role.ADMINISTRATOR in form.roles.data
        if not stays and [one.id for one in users.administrators(database)] == [user.id]:
            form.roles.errors = [_(LAST)]
            return _one(user, form), 422
        user.name, user.roles, user.active = form.name.data.strip(), sorted(form.roles.data), form.active.data
        user.owner = (form.owner.data or "").strip()
        database.add(user)
        if not user.active:
            users.end_all(database, user)
        audited(database, "user changed", user.email, before=before, after=_facts(user))
    flash(_("Saved."))
    return redirect(url_for("users.show"), 303)


@blueprint.post("/settings/users/<int:number>/link")
@allow(Role.ADMINISTRATOR)
def make_link(number: int) -> str:
    """Make a link by which somebody sets a new password, and let a locked account in again."""
    with site().database.transaction() as database:
        user = users.find(database, number)
        secret = users.link(database, user)
        users.unlock(database, user)
        audited(database, "password link made", user.email)
    return _one(user, _form_of(user), secret)


@blueprint.post("/settings/users/<int:number>/unlock")
@allow(Role.ADMINISTRATOR)
def unlock(number: int) -> ResponseReturnValue:
    """Let a locked account take passwords again."""
    with site().database.transaction() as database:
        user = users.find(database, number)
        users.unlock(database, user)
        audited(database, "account unlocked", user.email)
    flash(_("The account takes passwords again."))
    return redirect(url_for("users.show_one", number=number), 303)


def _find(number: int) -> User:
    with site().database.reading() as database:
        return users.find(database, number)


def _list(form: NewUserForm) -> str:
    with site().database.reading() as database:
        found, named = users.everybody(database), owners(database)
    return UsersPage(_("Users"), True, tuple(map(_line, found)), form, named).render()


def _one(user: User, form: KnownUserForm, secret: str = "") -> str:
    with site().database.reading() as database:
        named = owners(database)
    zone, now = site().settings.zone, datetime.now(UTC)
    home = site().settings.home
    return UserPage(
        title=staff_name(user.name),
        administers=True,
        user=_line(user),
        form=form,
        owners=named,
        link=f"{home}{url_for('signing_in.set_password', secret=secret)}" if secret else "",
        lasts=moment(now + users.LINK_LASTS, zone),
        locked=moment(user.locked_until, zone) if user.locked_until and user.locked_until > now else "",
    ).render()


def _form_of(user: User) -> KnownUserForm:
    return KnownUserForm(formdata=None, data=_facts(user))


def _facts(user: User) -> dict[str, Any]:
    """Give what can be changed of a user."""
    return {"name": user.name, "roles": list(user.roles), "owner": user.owner, "active": user.active}


def _line(user: User) -> UserLine:
    state = ""
    if not user.active:
        state = _("may not sign in")
    elif user.locked_until is not None and user.locked_until > datetime.now(UTC):
        state = _("locked")
    elif user.password is None:
        state = _("no password yet")
    return UserLine(
        id=int(user.id or 0),
        name=staff_name(user.name),
        email=user.email,
        roles=", ".join(_(words) for role, words in ROLE_WORDS.items() if role in user.roles),
        owner=user.owner,
        seen=moment(user.signed_in_at, site().settings.zone) if user.signed_in_at else NOTHING,
        state=state,
    )
