"""The contact policy: how often and when people may be contacted, saved by version."""

from __future__ import annotations

from flask import Blueprint, flash, redirect, url_for
from flask.typing import ResponseReturnValue

from campaigns.access import Role
from campaigns.faults import RefusedError, SettingsError
from campaigns.language import _
from campaigns.planning.policy import ContactPolicy
from campaigns.reporting.figures import moment
from campaigns.settings import policy_table
from campaigns.store.policies import policy_history, policy_in_use, store_policy
from web.access import allow, visitor
from web.audit import audited
from web.pages.settings import PolicyPage, VersionLine
from web.policy_form import PolicyForm, read, written
from web.site import site

__all__ = ["blueprint"]

blueprint = Blueprint("policy", __name__)


@blueprint.get("/settings/policy")
@allow(Role.MARKETER, Role.MANAGER)
def show() -> str:
    """Show the policy that holds, to be changed."""
    policy = policy_in_use(site().database, policy_table()).policy
    return _page(PolicyForm(formdata=None, data=written(policy)))


@blueprint.post("/settings/policy")
@allow(Role.MARKETER, Role.MANAGER)
def save() -> ResponseReturnValue:
    """Save the policy as a new version, which the next plan heeds."""
    form = PolicyForm()
    if not form.validate():
        return _page(form), 422
    database = site().database
    before = policy_in_use(database, policy_table()).policy
    try:
        after = ContactPolicy.from_mapping(read(form, before))
        with database.transaction() as session:
            saved = store_policy(session, after, by=visitor().name, note=form.note.data or "")
            changed = before.to_mapping(), after.to_mapping()
            audited(session, "contact policy saved", f"version {saved.id}", before=changed[0], after=changed[1])
    except (RefusedError, SettingsError) as error:
        return _page(form, (error.message, *map(str, error.faults))), 422
    flash(
        _(
            "Saved as version %(version)s. The next plan heeds it; plans that were made stay as they are.",
            version=saved.id,
        )
    )
    return redirect(url_for("policy.show"), 303)


def _page(form: PolicyForm, faults: tuple[str, ...] = ()) -> str:
    zone = site().settings.zone
    versions = tuple(
        VersionLine(saved.id, moment(saved.saved_at, zone), saved.saved_by, saved.note)
        for saved in policy_history(site().database)
    )
    origin = (
        _("Version %(version)s holds.", version=versions[0].id)
        if versions
        else _("Nothing was saved here yet: touchstone.toml holds, or else the default.")
    )
    return PolicyPage(_("Contact policy"), visitor().may(), form, origin, faults, versions[:20]).render()
