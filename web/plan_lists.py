"""What of a plan goes out: its contacts as one table, and the lists of an exported plan, each as a file."""

from __future__ import annotations

import io
import zipfile
from datetime import UTC, datetime
from mimetypes import guess_type
from typing import TYPE_CHECKING

from flask import Blueprint, Response, abort, request, url_for

from campaigns.access import Role
from campaigns.language import _, mark, ngettext
from campaigns.reporting.figures import days, number
from campaigns.reporting.result_sheets import contacts_sheet
from campaigns.reporting.sheets import csv_text, xlsx_bytes
from campaigns.retelling import retold
from campaigns.settings import policy_table
from campaigns.store.plan_life import going_out
from campaigns.store.plans import stored_plan
from campaigns.store.policies import policy_in_use
from web.access import allow
from web.downloads import TYPES
from web.pages.plan_lists import ListLine, ListsPage
from web.site import site

if TYPE_CHECKING:
    from campaigns.lists.folder import ListFile
    from campaigns.planning.lists_out import Lists

__all__ = ["blueprint"]

blueprint = Blueprint("plan_lists", __name__)

AGENTS = 40
"""Agents among whom calls are shared out at most."""

WORDS = {
    "emails": mark("E-mails to send"),
    "mail": mark("Letters, for a mail merge"),
    "messages": mark("Messages to send"),
    "calls": mark("Calls"),
    "calendar": mark("Calls, for a calendar"),
    "tasks": mark("Tasks, for a CRM"),
    "suggestions": mark("What sales may offer, while marketing keeps silent"),
    "google-customer-match": mark("Audience for Google Customer Match"),
    "meta-custom-audience": mark("Audience for Meta Custom Audiences"),
}
"""What the files are, by how their names begin."""


@blueprint.get("/plan/<int:number_>/lists")
@allow(Role.MARKETER, Role.MANAGER)
def show(number_: int) -> str:
    """Show the lists of an exported plan, and who is on none of them and why."""
    lists, files = _lists(number_)
    agents = ", ".join(_agents())
    return ListsPage(
        title=_("Lists of plan %(number)s", number=number_),
        number=number_,
        days=days(lists.starts_on, lists.ends_on),
        headline=ngettext(
            "%(count)s contact to make",
            "%(count)s contacts to make",
            len(lists.recipients),
            count=number(len(lists.recipients)),
        ),
        agents=agents,
        lines=tuple(_line(number_, one, agents) for one in files),
        everything=url_for("plan_lists.everything", number_=number_, agents=agents or None),
        left_out=tuple((retold(reason), number(count)) for reason, count in (lists.left_out or {}).items()),
    ).render()


@blueprint.get("/plan/<int:number_>/lists/<name>")
@allow(Role.MARKETER, Role.MANAGER)
def one(number_: int, name: str) -> Response:
    """Send one list."""
    found = next((file for file in _lists(number_)[1] if file.name == name), None)
    if found is None:
        abort(404)
    return _as_file(found.content, name, guess_type(name)[0] or "text/calendar")


@blueprint.get("/plan/<int:number_>/lists.zip")
@allow(Role.MARKETER, Role.MANAGER)
def everything(number_: int) -> Response:
    """Send all lists in one archive."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in _lists(number_)[1]:
            archive.writestr(file.name, file.content)
    return _as_file(packed.getvalue(), f"plan-{number_}-lists.zip", "application/zip")


@blueprint.get("/plan/<int:number_>/contacts.<any(csv, xlsx):kind>")
@allow(Role.MARKETER, Role.MANAGER)
def contacts(number_: int, kind: str) -> Response:
    """Send the contacts of a plan that go out: neither those held back, nor those that got no place or lost it."""
    with site().database.reading() as session:
        plan = stored_plan(session, number_)
        if plan is None:
            abort(404)
        sheet = contacts_sheet(going_out(session, plan.id, plan.state), site().settings.currency)
    body = csv_text(sheet) if kind == "csv" else xlsx_bytes([sheet])
    return _as_file(body, f"plan-{number_}-{plan.starts_on}.{kind}", TYPES[kind])


def _lists(plan_id: int) -> tuple[Lists, tuple[ListFile, ...]]:
    """Write the lists of a plan; consent is asked once more each time, since lists are taken when they are sent."""
    from campaigns.planning.lists_out import OUT, lists_of  # loads Arrow, which only these pages need

    database = site().database
    with database.reading() as session:
        plan = stored_plan(session, plan_id)
    if plan is None or plan.state not in OUT:
        abort(404, _("Lists are written once a plan is approved and exported."))
    lists = lists_of(database, plan_id, policy=policy_in_use(database, policy_table()).policy)
    return lists, lists.files(agents=_agents(), now=datetime.now(UTC))


def _agents() -> tuple[str, ...]:
    """Read who calls; nobody named leaves calls to the owners."""
    named = (" ".join(part.split()) for part in request.args.get("agents", "").split(","))
    return tuple(dict.fromkeys(name for name in named if name))[:AGENTS]


def _line(plan_id: int, file: ListFile, agents: str) -> ListLine:
    kind = next((kind for kind in WORDS if file.name.startswith(kind)), "")
    whose = file.name.rpartition(".")[0].removeprefix(kind).strip("-") if kind in ("calls", "calendar") else ""
    return ListLine(
        words=_(WORDS[kind]) if kind else file.name,
        whose=whose,
        name=file.name,
        rows=number(file.rows),
        note=file.note,
        address=url_for("plan_lists.one", number_=plan_id, name=file.name, agents=agents or None),
    )


def _as_file(body: str | bytes, name: str, mimetype: str) -> Response:
    response = Response(body, mimetype=mimetype)
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
