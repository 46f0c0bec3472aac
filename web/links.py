"""Links, codes and phone numbers by which the next campaign joins: what was made, and a form to make another."""

from __future__ import annotations

from datetime import UTC, datetime

from flask import Blueprint, Response, abort, flash, redirect, url_for
from flask.typing import ResponseReturnValue
from wtforms import SelectField, StringField
from wtforms.fields.choices import SelectChoice
from wtforms.validators import InputRequired, Length, Optional

from campaigns.access import Role
from campaigns.channels import canonical
from campaigns.faults import RefusedError
from campaigns.language import _, mark, ngettext
from campaigns.naming.names import Name
from campaigns.naming.qr import qr_png, qr_svg
from campaigns.reporting.answer_sheets import answers_sheet
from campaigns.reporting.figures import number
from campaigns.reporting.sheets import csv_text, xlsx_bytes
from campaigns.retelling import retold
from campaigns.store.answers import answers_of
from campaigns.store.codes import MadeCode, keep_coupon, keep_phone, made_codes, make_link
from web.access import allow, visitor
from web.answered import answers
from web.audit import audited
from web.downloads import TYPES
from web.forms import Form
from web.pages.joining import CodeLine, LinksPage
from web.site import site

__all__ = ["blueprint"]

blueprint = Blueprint("links", __name__)

CARRIERS = {"link": mark("Link"), "coupon": mark("Code of a coupon"), "phone": mark("Phone number")}


class LinkForm(Form):
    """What a link, a code or a number is for."""

    carrier = SelectField(mark("What"), choices=[SelectChoice(carrier) for carrier in CARRIERS])
    target = StringField(
        mark("Address of the page, the code you have, or the phone number"),
        [Optional(), Length(max=2_000)],
        description=mark("A code may be left empty: a new one is made that nobody mistypes unnoticed."),
    )
    channel = StringField(mark("Channel"), [InputRequired(), Length(max=200)])
    campaign = StringField(mark("Campaign, as spend calls it"), [Optional(), Length(max=500)])
    ad = StringField(mark("Ad"), [Optional(), Length(max=500)])
    promotion = StringField(mark("Promotion"), [Optional(), Length(max=500)])


@blueprint.get("/sources/links")
@allow(Role.MARKETER, Role.MANAGER)
def show() -> str:
    """Show what was made, and the form."""
    return _page(_form())


@blueprint.post("/sources/links")
@allow(Role.MARKETER)
def make() -> ResponseReturnValue:
    """Make what the form says."""
    form = _form()
    if form.validate_on_submit():
        try:
            made = _make(form)
        except RefusedError as error:
            flash(" ".join(map(retold, (error.message, *map(str, error.faults)))), "error")
        else:
            flash(_("Made: %(code)s", code=made.link or made.code))
            return redirect(url_for("links.show"))
    return _page(form), 422


@blueprint.get("/sources/links/<code>.<any(svg, png):kind>")
@allow(Role.MARKETER, Role.MANAGER)
def qr(code: str, kind: str) -> Response:
    """Send the QR code of a link."""
    with site().database.reading() as session:
        link = next((each.link for each in made_codes(session) if each.code == code), None)
    if link is None:
        abort(404)
    drawn = qr_svg(link) if kind == "svg" else qr_png(link)
    response = Response(drawn, mimetype=TYPES[kind])
    response.headers["Content-Disposition"] = f'attachment; filename="{code}.{kind}"'
    return response


@blueprint.get("/sources/links.<any(csv, xlsx):kind>")
@allow(Role.MARKETER, Role.MANAGER)
def file(kind: str) -> Response:
    """Send the list as a file."""
    with site().database.reading() as session:
        counted = answers_of(session, site().settings.zone)
        sheet = answers_sheet(made_codes(session), counted, site().settings.currency)
    response = Response(csv_text(sheet) if kind == "csv" else xlsx_bytes([sheet]), mimetype=TYPES[kind])
    response.headers["Content-Disposition"] = f'attachment; filename="links.{kind}"'
    return response


def _form() -> LinkForm:
    """Return the form with its choices in the reader's language."""
    form = LinkForm()
    form.carrier.choices = [SelectChoice(carrier, _(words)) for carrier, words in CARRIERS.items()]
    return form


def _make(form: LinkForm) -> MadeCode:
    target = (form.target.data or "").strip()
    name = Name(canonical(form.channel.data), form.campaign.data or None, form.ad.data or None)
    promotion, now, by = form.promotion.data or None, datetime.now(UTC), visitor().name
    with site().database.transaction(exclusive=True) as session:
        if form.carrier.data == "link":
            made = make_link(session, target, name, promotion, now=now, by=by)
        elif form.carrier.data == "phone":
            made = keep_phone(session, target, name, promotion, now=now, by=by)
        else:
            made = keep_coupon(session, name, promotion, target or None, now=now, by=by)
        audited(session, f"{made.carrier} made", made.code, after={"for": str(name), "promotion": promotion})
    return made


def _page(form: LinkForm) -> str:
    with site().database.reading() as session:
        made = made_codes(session)
        counted = {each.code: each.responses for each in answers(session) if each.code}
    return LinksPage(
        title=_("Links and codes"),
        headline=ngettext(
            "%(count)s link or code joins by itself",
            "%(count)s links and codes join by themselves",
            len(made),
            count=number(len(made)),
        ),
        form=form,
        codes=tuple(_line(each, counted.get(each.code, 0)) for each in made[:200]),
    ).render()


def _line(made: MadeCode, answers: int) -> CodeLine:
    return CodeLine(
        made.code,
        _(CARRIERS[made.carrier]),
        str(made.name),
        made.promotion or "",
        number(answers),
        made.link or "",
        url_for("links.qr", code=made.code, kind="svg") if made.link else "",
        made.retired_at is not None,
    )
