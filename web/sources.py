"""Sources: what was imported so far, how fresh it is, what was wrong, and where the next files go."""

from __future__ import annotations

from flask import Blueprint, Response, abort, make_response, request
from flask.typing import ResponseReturnValue

from campaigns.access import Role
from campaigns.language import _, ngettext
from campaigns.reconciliation import reason_words
from campaigns.reporting.figures import NOTHING, days, moment, money, number
from campaigns.reporting.kinds import kind_words
from campaigns.reporting.result_sheets import rejected_sheet
from campaigns.reporting.sheets import csv_lines, xlsx_bytes
from campaigns.retelling import retold
from campaigns.store.sources import ImportedSource, faults_of, find_import, imports_of, sources
from campaigns.store.tables import ImportBatch
from web.access import allow
from web.downloads import TYPES
from web.pages.sources import ImportLine, ImportPage, SourceLine, SourcesPage
from web.site import site
from web.uploads_part import uploads_part

__all__ = ["blueprint"]

blueprint = Blueprint("sources", __name__)


@blueprint.get("/sources")
@allow(Role.MARKETER, Role.MANAGER)
def show() -> str:
    """Show what was imported so far, and take the next files."""
    with site().database.reading() as session:
        found = sources(session)
    headline = ngettext(
        "%(count)s source has been imported", "%(count)s sources have been imported", len(found), count=len(found)
    )
    return SourcesPage(
        title=_("Sources"),
        headline=headline if found else _("Nothing has been imported yet"),
        uploads=uploads_part("sources"),
        sources=tuple(_line(each) for each in found),
    ).render()


@blueprint.get("/sources/uploads")
@allow(Role.MARKETER, Role.MANAGER)
def state() -> ResponseReturnValue:
    """Send the files that wait, for a page that is open; once none is on its way, have that page load itself anew."""
    part = uploads_part("first" if request.args.get("back") == "first" else "sources")
    response = make_response(part.render())
    if not part.active and "HX-Request" in request.headers:
        response.headers["HX-Refresh"] = "true"
    return response


@blueprint.get("/sources/imports/<int:number_>")
@allow(Role.MARKETER, Role.MANAGER)
def show_import(number_: int) -> str:
    """Show one import, and those of the same source."""
    with site().database.reading() as session:
        batch = find_import(session, number_) or abort(404)
        others = imports_of(session, batch.kind, batch.source)
    return ImportPage(
        title=_("%(kind)s from %(source)s", kind=kind_words(batch.kind), source=batch.source),
        line=_import_line(batch),
        what=kind_words(batch.kind),
        source=batch.source,
        faults=batch.skipped,
        notes=tuple(map(retold, batch.notes)),
        left_out=_left_out(batch),
        others=tuple(_import_line(each) for each in others if each.id != batch.id),
    ).render()


@blueprint.get("/sources/imports/<int:number_>/faults.<any(csv, xlsx):kind>")
@allow(Role.MARKETER, Role.MANAGER)
def faults(number_: int, kind: str) -> Response:
    """Send the rows that an import left out as faulty, each as it was written and with what was wrong."""
    with site().database.reading() as session:
        if find_import(session, number_) is None:
            abort(404)
        sheet = rejected_sheet(faults_of(session, number_))
        written: str | bytes = "".join(csv_lines(sheet)) if kind == "csv" else xlsx_bytes([sheet])
    response = Response(written, mimetype=TYPES[kind])
    response.headers["Content-Disposition"] = f'attachment; filename="import-{number_}-faults.{kind}"'
    return response


def _line(each: ImportedSource) -> SourceLine:
    last = each.last
    return SourceLine(
        kind=kind_words(last.kind),
        source=last.source,
        rows=number(each.brought),
        period=days(each.first_day, each.last_day) if each.first_day and each.last_day else NOTHING,
        last=moment(last.finished_at or last.started_at, site().settings.zone),
        number=int(last.id or 0),
        faults=number(last.skipped) if last.skipped else "",
        left_out=_left_out(last),
    )


def _left_out(batch: ImportBatch) -> tuple[str, ...]:
    """Say what an import left out, and why."""
    currency, told = site().settings.currency, []
    for reason, (rows, value) in sorted(batch.left_out.items()):
        if reason == "total":
            continue
        parts = [ngettext("%(count)s row", "%(count)s rows", rows, count=number(rows))] if rows else []
        parts += [money(value / 100, currency)] if value else []
        told.append(f"{reason_words(reason)}: {', '.join(parts)}")
    return tuple(told)


def _import_line(batch: ImportBatch) -> ImportLine:
    counts = (
        (batch.added, _("%(count)s new", count=number(batch.added))),
        (batch.replaced, _("%(count)s changed", count=number(batch.replaced))),
        (batch.unchanged, _("%(count)s there already", count=number(batch.unchanged))),
        (batch.skipped, _("%(count)s left out as faulty", count=number(batch.skipped))),
    )
    return ImportLine(
        int(batch.id or 0),
        moment(batch.finished_at or batch.started_at, site().settings.zone),
        batch.path.replace("\\", "/").rsplit("/", 1)[-1],
        ", ".join(words for count, words in counts if count) or _("nothing"),
    )
