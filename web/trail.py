"""The audit trail, for administrators: who changed what, when, from what to what."""

from __future__ import annotations

import json
from math import ceil

from flask import Blueprint, abort, request, url_for

from campaigns.access import Role, staff_name
from campaigns.language import _, ngettext
from campaigns.reporting.figures import NOTHING, moment, number
from campaigns.retelling import retold
from campaigns.store import audit
from campaigns.store.tables import AuditEntry
from web.access import allow
from web.pages.settings import TrailLine, TrailPage
from web.site import site

__all__ = ["blueprint"]

PER_PAGE = 50

LONGEST = 300
"""Characters of a value that are shown."""

blueprint = Blueprint("trail", __name__)


@blueprint.get("/settings/changes")
@allow(Role.ADMINISTRATOR)
def show() -> str:
    """Show a page of the audit trail, the latest change first."""
    search = request.args.get("search", "").strip()[:100]
    page = request.args.get("page", 1, type=int)
    with site().database.reading() as database:
        total = audit.count(database, search)
        last = max(1, ceil(total / PER_PAGE))
        if not 1 <= page <= last:
            abort(404)
        entries = audit.page(database, offset=(page - 1) * PER_PAGE, limit=PER_PAGE, search=search)
    return TrailPage(
        title=_("Changes"),
        administers=True,
        lines=tuple(map(_line, entries)),
        search=search,
        shown=ngettext("%(count)s change", "%(count)s changes", total, count=number(total)),
        newer=url_for("trail.show", page=page - 1, search=search or None) if page > 1 else "",
        older=url_for("trail.show", page=page + 1, search=search or None) if page < last else "",
    ).render()


def _line(entry: AuditEntry) -> TrailLine:
    before, after = entry.before or {}, entry.after or {}
    changes = tuple((name, _value(before.get(name)), _value(after.get(name))) for name in {**before, **after})
    return TrailLine(
        moment(entry.at, site().settings.zone),
        staff_name(entry.who),
        retold(entry.action),
        retold(entry.subject),
        changes,
    )


def _value(value: object) -> str:
    """Write a value as people read it; lists and tables as JSON, long ones cut."""
    if value in (None, "", [], {}):
        return NOTHING
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]} ..."
