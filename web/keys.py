"""Keys of the API: made for a program, shown once, taken back."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from flask import Blueprint, abort, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from wtforms import SelectField, SelectMultipleField, StringField
from wtforms.validators import DataRequired, Length
from wtforms.widgets import CheckboxInput, ListWidget

from campaigns.access import SCOPE_WORDS, Role, staff_name
from campaigns.language import _, mark
from campaigns.reporting.figures import NOTHING, moment
from campaigns.store import api_keys, users
from campaigns.store.tables import ApiKey, User
from web.access import allow, visitor
from web.audit import audited
from web.forms import Form, offered
from web.pages.settings import KeyLine, KeysPage
from web.site import site

__all__ = ["blueprint"]

blueprint = Blueprint("keys", __name__)


class KeyForm(Form):
    """What a key is for, and for how long."""

    name = StringField(mark("What it is for"), [DataRequired(), Length(max=100)], render_kw={"autocomplete": "off"})
    scopes = SelectMultipleField(
        mark("What it may do"),
        [DataRequired(mark("Choose at least one."))],
        choices=offered([(str(scope), words) for scope, words in SCOPE_WORDS.items()]),
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    lasts = SelectField(
        mark("Valid for"),
        choices=offered([("90", mark("90 days")), ("365", mark("a year")), ("", mark("until it is taken back"))]),
        default="365",
    )


@blueprint.get("/settings/keys")
@allow(Role.MARKETER, Role.MANAGER)
def show() -> str:
    """Show the visitor's keys; an administrator sees everybody's."""
    return _page(KeyForm(formdata=None))


@blueprint.post("/settings/keys")
@allow(Role.MARKETER, Role.MANAGER)
def add() -> ResponseReturnValue:
    """Make a key for the visitor and show it, once."""
    form = KeyForm()
    if not form.validate():
        return _page(form), 422
    lasts = timedelta(days=int(form.lasts.data)) if form.lasts.data else None
    with site().database.transaction() as database:
        user = users.find(database, visitor().id)
        key, text = api_keys.add(database, user, form.name.data, form.scopes.data, lasts=lasts)
        audited(database, "key made", key.name, after={"scopes": key.scopes, "days": form.lasts.data or None})
    return _page(KeyForm(formdata=None), text)


@blueprint.post("/settings/keys/<int:number>/revoke")
@allow(Role.MARKETER, Role.MANAGER)
def revoke(number: int) -> ResponseReturnValue:
    """Take a key back: one's own, or as an administrator anybody's."""
    with site().database.transaction() as database:
        key = api_keys.revoke(database, number)
        if key.user_id != visitor().id and not visitor().may():
            abort(404)
        audited(database, "key taken back", key.name)
    flash(_("The key opens nothing any more."))
    return redirect(url_for("keys.show"), 303)


def _page(form: KeyForm, made: str = "") -> str:
    with site().database.reading() as database:
        found = api_keys.every(database, None if visitor().may() else visitor().id)
    return KeysPage(_("Keys"), visitor().may(), tuple(_line(key, user) for key, user in found), form, made).render()


def _line(key: ApiKey, user: User) -> KeyLine:
    zone = site().settings.zone
    ended = key.expires_at is not None and key.expires_at <= datetime.now(UTC)
    if key.revoked_at is not None:
        state = _("taken back %(at)s", at=moment(key.revoked_at, zone))
    elif key.expires_at is None:
        state = _("valid until it is taken back")
    else:
        at = moment(key.expires_at, zone)
        state = _("ended %(at)s", at=at) if ended else _("valid until %(at)s", at=at)
    return KeyLine(
        id=int(key.id or 0),
        name=key.name,
        hint=key.hint,
        whose=staff_name(user.name),
        scopes=", ".join(_(words) for scope, words in SCOPE_WORDS.items() if scope in key.scopes),
        made=moment(key.created_at, zone),
        used=moment(key.used_at, zone) if key.used_at else NOTHING,
        state=state,
        live=key.revoked_at is None and not ended,
    )
