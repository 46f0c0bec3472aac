"""Uploaded files: received, shown with how they would be read, mapped by hand, imported or thrown away."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, Response, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from werkzeug.datastructures import FileStorage
from werkzeug.wrappers import Response as BaseResponse

from campaigns.access import Role
from campaigns.faults import TouchstoneError
from campaigns.importing import ORDER, keep_mapping
from campaigns.intake.day_order import ORDERS
from campaigns.intake.files import read_faults
from campaigns.intake.formats import KINDS
from campaigns.intake.reading import ending_of
from campaigns.language import _, ngettext
from campaigns.reporting.kinds import kind_words
from campaigns.reporting.result_sheets import faults_sheet
from campaigns.reporting.sheets import csv_text, xlsx_bytes
from campaigns.retelling import retold
from campaigns.store import uploads
from campaigns.store.tables import Upload
from campaigns.store.uploads import State
from campaigns.uploads.looking import Look, look_at, look_by, look_by_hand, look_in_order, titles
from campaigns.uploads.spool import discard, file_of, keep, name_of
from campaigns.uploads.working import start_worker
from web.access import allow, visitor
from web.audit import audited
from web.downloads import TYPES
from web.pages.page import Choice
from web.pages.sources import ColumnLine, OursLine, PreviewTable, UploadPage
from web.site import site
from web.upload_limit import LARGEST_FILE
from web.uploads_part import size_words, upload_line

__all__ = ["blueprint"]

blueprint = Blueprint("uploads", __name__)

OPEN = (State.WAITING, State.REFUSED, State.FAILED)


@blueprint.post("/sources/uploads")
@allow(Role.MARKETER)
def receive() -> ResponseReturnValue:
    """Keep the files that were sent, and look what they are."""
    sent = [file for file in request.files.getlist("files") if file.filename]
    kept = [number for file in sent if (number := _kept(file)) is not None]
    if not sent:
        flash(_("Choose a file first."), "refused")
    alone = len(kept) == 1 and len(sent) == 1 and request.form.get("back") != "first"
    following = redirect(url_for("uploads.show", number=kept[0]), 303) if alone else _back()
    if request.headers.get("X-Requested-With") == "XMLHttpRequest":
        # a script that was led on by itself would use up what is to be said on that page
        return "", 204, {"X-Next": following.location}
    return following


@blueprint.get("/sources/uploads/<int:number>")
@allow(Role.MARKETER, Role.MANAGER)
def show(number: int) -> str:
    """Show one file: what it seems to be, its first rows as they would be stored, and how else it may be read."""
    return _page(_find(number), request.args.get("kind", ""))


@blueprint.post("/sources/uploads/<int:number>/import")
@allow(Role.MARKETER)
def import_one(number: int) -> ResponseReturnValue:
    """Ask for a file to be imported."""
    _ask([_find(number)], skip_faulty="skip" in request.form)
    return redirect(url_for("uploads.show", number=number), 303)


@blueprint.post("/sources/uploads/import")
@allow(Role.MARKETER)
def import_all() -> ResponseReturnValue:
    """Ask for every file that waits and can be read to be imported, those first that others lean on."""
    with site().database.reading() as session:
        found = uploads.open_uploads(session, datetime.now(UTC))
    ready = [each for each in found if each.state == State.WAITING and each.look.get("kinds")]
    _ask(sorted(ready, key=lambda each: (ORDER.index(each.look["kinds"][0]), each.id)), skip_faulty=False)
    return _back()


@blueprint.post("/sources/uploads/<int:number>/discard")
@allow(Role.MARKETER)
def throw_away(number: int) -> ResponseReturnValue:
    """Throw a file away."""
    upload = _find(number)
    with site().database.transaction() as session:
        gone = uploads.dismiss(session, number, datetime.now(UTC))
        if gone:
            audited(session, "upload thrown away", upload.name)
    if gone:
        discard(site().settings, number)
        flash(_("%(name)s was thrown away.", name=upload.name))
    return redirect(url_for("sources.show"), 303)


@blueprint.post("/sources/uploads/<int:number>/mapping")
@allow(Role.MARKETER)
def choose(number: int) -> ResponseReturnValue:
    """Read a file by a mapping that somebody chose, or guess again."""
    here, upload, mapping = site(), _still_open(number), request.form.get("mapping", "")
    path = file_of(here.settings, upload)
    if mapping:
        _note(upload, look_by(here.database, here.settings, path, mapping))
    else:
        _note(upload, look_at(here.database, here.settings, path))
    return redirect(url_for("uploads.show", number=number), 303)


@blueprint.post("/sources/uploads/<int:number>/dates")
@allow(Role.MARKETER)
def say_order(number: int) -> ResponseReturnValue:
    """Read a file with the day or with the month first in its dates, as somebody says."""
    here, upload, order = site(), _still_open(number), request.form.get("order", "")
    if order not in ORDERS or not upload.look.get("either_way"):
        abort(404)
    path = file_of(here.settings, upload)
    _note(upload, look_in_order(here.database, here.settings, path, upload.mapping, upload.text, order))
    return redirect(url_for("uploads.show", number=number), 303)


@blueprint.post("/sources/uploads/<int:number>/columns")
@allow(Role.MARKETER)
def by_hand(number: int) -> ResponseReturnValue:
    """Read a file by the columns that somebody chose."""
    upload, kind = _still_open(number), request.form.get("kind", "")
    if kind not in KINDS:
        abort(404)
    names_ = [column.name for column in KINDS[kind].all_columns]
    columns = {name: theirs for name in names_ if (theirs := request.form.get(f"column-{name}", ""))}
    fixed = {name: text for name in names_ if (text := request.form.get(f"fixed-{name}", "").strip())}
    here = site()
    try:
        look = look_by_hand(here.database, here.settings, file_of(here.settings, upload), kind, columns, fixed)
    except TouchstoneError as error:
        flash(str(error), "refused")
        return redirect(url_for("uploads.show", number=number, kind=kind, _anchor="by-hand"), 303)
    _note(upload, look)
    return redirect(url_for("uploads.show", number=number), 303)


@blueprint.post("/sources/uploads/<int:number>/keep")
@allow(Role.MARKETER)
def keep_by_name(number: int) -> ResponseReturnValue:
    """Keep the mapping that was made for a file, so that the next one like it is recognised."""
    upload, name = _find(number), request.form.get("name", "").strip()
    if not upload.text:
        abort(404)
    try:
        keep_mapping(site().settings, name, upload.text)
    except TouchstoneError as error:
        flash(" ".join((error.message, error.remedy)), "refused")
    else:
        with site().database.transaction() as session:
            audited(session, "mapping kept", name, after={"file": upload.name})
        flash(_("The mapping is kept as %(name)s.", name=name))
    return redirect(url_for("uploads.show", number=number), 303)


@blueprint.get("/sources/uploads/<int:number>/faults.<any(csv, xlsx):kind>")
@allow(Role.MARKETER, Role.MANAGER)
def faults(number: int, kind: str) -> Response:
    """Send everything that is wrong with a file that was refused."""
    sheet = faults_sheet(read_faults(file_of(site().settings, _find(number))))
    response = Response(csv_text(sheet) if kind == "csv" else xlsx_bytes([sheet]), mimetype=TYPES[kind])
    response.headers["Content-Disposition"] = f'attachment; filename="upload-{number}-faults.{kind}"'
    return response


def _kept(file: FileStorage) -> int | None:
    """Keep one file and look at it; return its number, or None where it was not taken."""
    here, name = site(), name_of(file.filename or "")
    size = file.stream.seek(0, 2)
    file.stream.seek(0)
    if size > LARGEST_FILE:
        flash(
            _(
                "%(name)s is larger than %(limit)s: export a shorter time, or import it on the command line.",
                name=name,
                limit=size_words(LARGEST_FILE),
            ),
            "refused",
        )
        return None
    if ending_of(name) is None or not size:
        why = _("%(name)s was not taken: it is empty, or no CSV, Excel, Parquet, JSON or ZIP file.", name=name)
        flash(why, "refused")
        return None
    with here.database.transaction() as session:
        upload = uploads.receive(session, name, size, visitor().name, datetime.now(UTC))
        audited(session, "file uploaded", name, after={"bytes": size})
    try:
        path = keep(here.settings, upload, file.stream)
    except TouchstoneError:
        with here.database.transaction() as session:
            uploads.dismiss(session, int(upload.id or 0), datetime.now(UTC))
        raise
    try:
        _note(upload, look_at(here.database, here.settings, path))
    except TouchstoneError as error:  # a mapping of the house's own that is faulty
        flash(str(error), "refused")
    return upload.id


def _note(upload: Upload, look: Look) -> None:
    with site().database.transaction() as session:
        uploads.looked(session, int(upload.id or 0), look.document, look.mapping, look.text)


def _ask(asked: list[Upload], *, skip_faulty: bool) -> None:
    """Ask for files to be imported, and have a process at it."""
    count = 0
    with site().database.transaction() as session:
        for upload in asked:
            if upload.look.get("kinds") and uploads.ask(
                session, int(upload.id or 0), datetime.now(UTC), skip_faulty=skip_faulty
            ):
                count += 1
                audited(session, "import asked for", upload.name, after={"skip faulty rows": skip_faulty})
    if count:
        start_worker(site().settings)
        flash(
            ngettext(
                "%(count)s file is being imported. You can leave this page.",
                "%(count)s files are being imported. You can leave this page.",
                count,
                count=count,
            )
        )


def _find(number: int) -> Upload:
    with site().database.reading() as session:
        return uploads.find(session, number) or abort(404)


def _still_open(number: int) -> Upload:
    """Return a file that can still be read otherwise."""
    upload = _find(number)
    return upload if upload.state in OPEN else abort(404)


def _back() -> BaseResponse:
    """Lead back to where the files were dropped."""
    first = request.form.get("back") == "first"
    return redirect(url_for("effectiveness.show") if first else url_for("sources.show"), 303)


def _page(upload: Upload, kind: str) -> str:
    look, outcome = upload.look, upload.outcome
    likely = next(iter(look.get("kinds", ())), "spend")
    open_ = upload.state in OPEN and visitor().may(Role.MARKETER)
    return UploadPage(
        title=upload.name,
        line=upload_line(upload),
        open=open_,
        usable=bool(outcome.get("usable")),
        refused=tuple(map(retold, look.get("refused", ()))),
        faults=tuple(map(retold, outcome.get("faults", ()))),
        more=outcome.get("more", 0),
        count=outcome.get("count", 0),
        previews=tuple(
            PreviewTable(kind_words(one["kind"]), tuple(one["columns"]), tuple(map(tuple, one["rows"])))
            for one in look.get("previews", ())
        ),
        doubts=tuple(map(retold, look.get("doubts", ()))),
        notes=tuple(map(retold, look.get("notes", ()))),
        either_way=bool(look.get("either_way")) and open_,
        columns=tuple(ColumnLine(name, " · ".join(examples)) for name, examples in look.get("columns", ())),
        text=upload.text,
        mappings=tuple(
            Choice(name, retold(title), name == upload.mapping)
            for name, title in (titles(site().settings) if open_ else ())
        ),
        kinds=tuple(Choice(name, kind_words(name), name == (kind or likely)) for name in KINDS),
        kind=kind if kind in KINDS else "",
        ours=_ours(upload, kind) if open_ and kind in KINDS else (),
    ).render()


def _ours(upload: Upload, kind: str) -> tuple[OursLine, ...]:
    """Give the columns of a kind for the form, those that it needs first, with a column of the same name chosen."""
    theirs = {name.casefold().replace(" ", "_"): name for name, _examples in upload.look.get("columns", ())}
    ordered = sorted(KINDS[kind].all_columns, key=lambda column: not column.required)
    return tuple(
        OursLine(column.name, column.meaning, column.required, theirs.get(column.name, ""), "") for column in ordered
    )
