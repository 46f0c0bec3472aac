"""Settings: the way to the first that is open to the visitor, and the targets."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from werkzeug.wrappers import Response
from wtforms import DecimalField
from wtforms.validators import NumberRange, Optional

from campaigns.access import Role
from campaigns.intake.money import decimals
from campaigns.language import _, mark
from campaigns.store.targets import set_targets, targets
from web.access import allow, visitor
from web.audit import audited
from web.forms import Form
from web.pages.settings import TargetsPage
from web.site import site

__all__ = ["blueprint"]

blueprint = Blueprint("settings", __name__)

DEAREST = 10_000_000
"""What a target is at most, in major units."""


class TargetsForm(Form):
    """A target for each goal; an empty field takes the target away."""


NAMES = {
    "order": mark("A new customer (first order) may cost"),
    "lead": mark("A new lead may cost"),
    "signup": mark("A new member may cost"),
    "won": mark("A new account (first deal won) may cost"),
}


def _form(**filled: Any) -> TargetsForm:
    fields = {
        goal: DecimalField(
            NAMES.get(goal, goal),
            [Optional(), NumberRange(0.01, DEAREST)],
            places=None,
            render_kw={"inputmode": "decimal", "autocomplete": "off"},
        )
        for goal in site().goals
    }
    form: TargetsForm = type("TargetsForm", (TargetsForm,), fields)(**filled)
    return form


@blueprint.get("/settings")
@allow(Role.MARKETER, Role.MANAGER)
def show() -> Response:
    """Lead to the contact policy."""
    return redirect(url_for("policy.show"))


@blueprint.get("/settings/targets")
@allow(Role.MARKETER, Role.MANAGER)
def show_targets() -> str:
    """Show what a new customer may cost."""
    with site().database.reading() as database:
        held = targets(database)
    scale = 10 ** decimals(site().settings.currency)
    return _page(_form(formdata=None, data={goal: cost / scale for goal, cost in held.items()}))


@blueprint.post("/settings/targets")
@allow(Role.MANAGER)
def save_targets() -> ResponseReturnValue:
    """Set what a new customer may cost; verdicts are held against it at the next view."""
    form = _form()
    if not form.validate():
        return _page(form), 422
    scale = 10 ** decimals(site().settings.currency)
    wanted = {goal: None if form[goal].data is None else round(form[goal].data * scale) for goal in site().goals}
    with site().database.transaction() as database:
        before = targets(database)
        set_targets(database, wanted)
        changed = {goal: before.get(goal) for goal in site().goals}
        audited(database, "targets changed", site().settings.currency, before=changed, after=wanted)
    flash(_("Saved. Costs are held against these targets from now on."))
    return redirect(url_for("settings.show_targets"), 303)


def _page(form: TargetsForm) -> str:
    fields = tuple(form[goal] for goal in site().goals)
    return TargetsPage(_("Targets"), visitor().may(), fields, site().settings.currency).render()
