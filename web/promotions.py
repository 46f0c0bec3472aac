"""Promotions: what is offered, to whom, at what price, and what it would bring."""

from __future__ import annotations

from datetime import UTC, date, datetime
from typing import Any

from flask import Blueprint, abort, flash, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session
from werkzeug.wrappers import Response as BaseResponse

from campaigns.access import Role
from campaigns.faults import RefusedError
from campaigns.intake.money import decimals
from campaigns.language import _, mark, ngettext
from campaigns.planning.audience import Audience
from campaigns.reporting.figures import NOTHING, day, days, money, number
from campaigns.reporting.naming import channel_name
from campaigns.store import plan_requests, promotions
from campaigns.store.audiences import audiences, keep_audience
from campaigns.store.background import promotion_names
from campaigns.store.codes import code_promotions, made_codes
from campaigns.store.observations import plannable
from campaigns.store.plan_records import ENTERED
from campaigns.store.plan_requests import Kind
from campaigns.store.plans import stored_plan
from campaigns.store.tables import Promotion
from web.access import allow, visitor
from web.answered import answers_by_promotion
from web.audience import audience_size, parts_on_offer
from web.audit import audited
from web.moves import move_carried, promotion_of_move
from web.moving import MoveAsked
from web.pages.promotions import AudienceSize, EditPage, PromotionLine, PromotionPage, PromotionsPage
from web.planner import panel_of
from web.promotion_form import (
    AMOUNTS,
    VALUE_WORDS,
    PromotionForm,
    audience_in,
    contradictions,
    values_in,
    written,
)
from web.prospects import prospects_of
from web.site import site

__all__ = ["blueprint"]

blueprint = Blueprint("promotions", __name__)

PER_PAGE = 50

STATES = {
    "all": mark("All"),
    "running": mark("Running"),
    "coming": mark("To come"),
    "ended": mark("Ended"),
}

MOODS = {"running": "good", "coming": "care", "ended": ""}

KINDS = {"product": mark("product"), "relationship": mark("relationship")}


@blueprint.get("/promotions")
@allow(Role.MARKETER, Role.MANAGER)
def show() -> str:
    """Show the promotions, those that run first."""
    state = request.args.get("state", "all")
    page = request.args.get("page", 1, type=int)
    if state not in STATES or page < 1:
        abort(404)
    today = _today()
    with site().database.reading() as session:
        counts = promotions.count(session, today)
        found = promotions.listed(session, today, state, offset=(page - 1) * PER_PAGE, limit=PER_PAGE + 1)
        plan = stored_plan(session, None)
        planned = promotions.planned_contacts(session, plan.id) if plan else {}
        narrowed, answered = audiences(session), answers_by_promotion(session)
    lines = tuple(_line(one, today, planned, narrowed, answered) for one in found[:PER_PAGE])
    return PromotionsPage(
        title=_("Promotions"),
        lines=lines,
        states=tuple(
            (url_for("promotions.show", state=name), f"{_(words)} ({number(counts[name])})", name == state)
            for name, words in STATES.items()
        ),
        may_change=visitor().may(Role.MARKETER),
        previous=url_for("promotions.show", state=state, page=page - 1) if page > 1 else "",
        following=url_for("promotions.show", state=state, page=page + 1) if len(found) > PER_PAGE else "",
    ).render()


@blueprint.get("/promotions/<int:key_number>")
@allow(Role.MARKETER, Role.MANAGER)
def show_one(key_number: int) -> str:
    """Show one promotion, and what it would bring."""
    today = _today()
    with site().database.reading() as session:
        one = _by_number(session, key_number)
        audience = audiences(session).get(one.promotion, Audience())
        codes = tuple(made.code for made in made_codes(session, retired=False) if made.promotion == one.promotion)
        plan = stored_plan(session, None)
        planned = promotions.planned_contacts(session, plan.id).get(one.promotion, 0) if plan else 0
        previews = plan_requests.latest_about(session, Kind.PREVIEW, one.promotion)
        panel = panel_of(session, previews.last)
        rivals = promotion_names(session)
        answered = answers_by_promotion(session).get(one.promotion, (0, 0))
        names = dict(parts_on_offer(session).products) if not audience.everybody else {}
    currency = site().settings.currency
    return PromotionPage(
        title=one.name,
        number=one.id or 0,
        key=one.promotion,
        text=one.text or "",
        facts=(*_facts(one, currency), (_("Answered"), _answered(*answered))),
        cautions=tuple(_cautions(one, today, currency)),
        audience=tuple(audience_words(audience, names)),
        codes=tuple(dict.fromkeys(code for code in (one.response_code, *codes) if code)),
        planned=ngettext(
            "%(count)s contact in the latest plan",
            "%(count)s contacts in the latest plan",
            planned,
            count=number(planned),
        )
        if plan
        else "",
        panel=panel,
        prospects=prospects_of(previews.done, currency, rivals) if previews.done else None,
        may_change=visitor().may(Role.MARKETER),
    ).render()


@blueprint.get("/promotions/of")
@allow(Role.MARKETER, Role.MANAGER)
def by_key() -> BaseResponse:
    """Lead to the promotion of a key."""
    with site().database.reading() as session:
        one = promotions.found(session, request.args.get("key", ""))
    if one is None:
        abort(404)
    return redirect(url_for("promotions.show_one", key_number=one.id), 303)


@blueprint.route("/promotions/new", methods=["GET", "POST"])
@allow(Role.MARKETER)
def new() -> ResponseReturnValue:
    """Make a promotion."""
    move = move_carried()
    filled = None if move is None or request.method == "POST" else promotion_of_move(move, _today())
    form = PromotionForm() if filled is None else PromotionForm(formdata=None, data=filled)
    key = (form.promotion.data or "").strip()
    if not _holds(form, key, new=True):
        return _edit_page(form, None, move), 422 if form.is_submitted() else 200
    values, audience = values_in(form, _scale()), audience_in(form)
    with site().database.transaction(exclusive=True) as session:
        one = promotions.add(session, {**values, "promotion": key, "currency": site().settings.currency})
        keep_audience(session, key, audience, by=visitor().name)
        audited(session, "promotion made", key, after={**_plain(values), "audience": audience.to_mapping()})
        made = one.id
    flash(_("Saved. The next plan heeds it."))
    return redirect(url_for("promotions.show_one", key_number=made), 303)


@blueprint.route("/promotions/<int:key_number>/edit", methods=["GET", "POST"])
@allow(Role.MARKETER)
def edit(key_number: int) -> ResponseReturnValue:
    """Change a promotion."""
    with site().database.reading() as session:
        one = _by_number(session, key_number)
        audience = audiences(session).get(one.promotion, Audience())
    held = written(one, audience, _scale())
    form = PromotionForm() if request.method == "POST" else PromotionForm(formdata=None, data=held)
    if not _holds(form, one.promotion, new=False):
        return _edit_page(form, one), 422 if form.is_submitted() else 200
    values, narrowed = values_in(form, _scale()), audience_in(form)
    before = {**_plain({name: getattr(one, name) for name in values}), "audience": audience.to_mapping()}
    with site().database.transaction(exclusive=True) as session:
        changed = promotions.change(session, one.promotion, values)
        keep_audience(session, one.promotion, narrowed, by=visitor().name)
        after = {**_plain(values), "audience": narrowed.to_mapping()}
        audited(session, "promotion changed", one.promotion, before=before, after=after)
        number_now = changed.id
    flash(_("Saved. The next plan heeds it; plans that were made stay as they are."))
    return redirect(url_for("promotions.show_one", key_number=number_now), 303)


@blueprint.post("/promotions/audience")
@allow(Role.MARKETER, Role.MANAGER)
def count_audience() -> str:
    """Count the customers in the audience of the form that is open."""
    form = PromotionForm()
    try:
        if not form.last_order_days.validate(form):
            return AudienceSize("", tuple(map(str, form.last_order_days.errors))).render()
        audience = audience_in(form)
    except RefusedError as error:
        return AudienceSize("", tuple(f"{fault.found}." for fault in error.faults)).render()
    return audience_size(audience).render()


@blueprint.get("/promotions/<int:key_number>/audience")
@allow(Role.MARKETER, Role.MANAGER)
def count_own(key_number: int) -> str:
    """Count the customers in the audience of a promotion."""
    with site().database.reading() as session:
        audience = audiences(session).get(_by_number(session, key_number).promotion, Audience())
    return audience_size(audience).render()


@blueprint.post("/promotions/<int:key_number>/preview")
@allow(Role.MARKETER, Role.MANAGER)
def preview(key_number: int) -> BaseResponse:
    """Ask the planner what a promotion would bring."""
    with site().database.transaction() as session:
        one = _by_number(session, key_number)
        plan_requests.request(session, Kind.PREVIEW, {"promotion": one.promotion}, by=visitor().name)
        audited(session, "estimate asked for", one.promotion)
    return redirect(url_for("promotions.show_one", key_number=key_number), 303)


def _today() -> date:
    return datetime.now(UTC).astimezone(site().settings.zone).date()


def _scale() -> int:
    return int(10 ** decimals(site().settings.currency))


def _by_number(session: Session, key_number: int) -> Promotion:
    one = session.get(Promotion, key_number)
    if one is None:
        abort(404)
    return promotions.find(session, one.promotion)


def _holds(form: PromotionForm, key: str, *, new: bool) -> bool:
    """Tell whether the form was sent and nothing is wrong with it; all faults stand on its fields."""
    with site().database.reading() as session:
        taken = promotions.keys(session)
        codes = {code.casefold(): name for code, name in code_promotions(session).items()}
        parts = parts_on_offer(session)
        channels = {name: channel_name(name) for name in sorted({*plannable(session), *(form.channels.data or ())})}
    form.offer(parts, channels, tuple(name for name in taken if name != key))
    if not form.is_submitted():
        return False
    sound = form.validate()
    return not contradictions(form, key, taken, codes, new=new) and sound


def _edit_page(form: PromotionForm, one: Promotion | None, move: MoveAsked | None = None) -> str:
    came = move.words.sentence if move is not None and move.words is not None else ""
    if one is not None and one.source != ENTERED:
        came = _(
            "It came with a file of %(source)s: importing that file again writes over what is changed here.",
            source=one.source,
        )
    faults = tuple(f"{_(field.label.text)}: {' '.join(field.errors)}" for field in form if field.errors)
    title = _("New promotion") if one is None else _("Change %(name)s", name=one.name)
    return EditPage(title, 0 if one is None else one.id or 0, form, faults, came, site().settings.currency).render()


def _plain(values: dict[str, Any]) -> dict[str, Any]:
    """Return values that JSON can hold."""
    return {name: value.isoformat() if isinstance(value, date) else value for name, value in values.items()}


def _answered(responses: int, anonymous: int) -> str:
    if not anonymous:
        return number(responses)
    return _("%(count)s, %(anonymous)s of them by nobody known", count=number(responses), anonymous=number(anonymous))


def _line(
    one: Promotion,
    today: date,
    planned: dict[str, int],
    narrowed: dict[str, Audience],
    answered: dict[str, tuple[int, int]],
) -> PromotionLine:
    state = _state(one, today)
    currency = site().settings.currency
    return PromotionLine(
        address=url_for("promotions.show_one", key_number=one.id),
        name=one.name,
        key=one.promotion,
        kind=_(KINDS.get(one.kind or "product", mark("product"))),
        state=_(STATES[state]),
        mood=MOODS[state],
        dates=_dates(one),
        channels=_channels(one),
        budget=NOTHING if one.budget is None else money(one.budget / _scale(), currency),
        audience=_("by rule") if one.promotion in narrowed else _("everybody"),
        planned=number(planned.get(one.promotion, 0)),
        answered=number(answered.get(one.promotion, (0, 0))[0]),
    )


def _state(one: Promotion, today: date) -> str:
    if one.ends_on is not None and one.ends_on < today:
        return "ended"
    return "coming" if one.starts_on is not None and one.starts_on > today else "running"


def _dates(one: Promotion) -> str:
    if one.starts_on and one.ends_on:
        return days(one.starts_on, one.ends_on)
    if one.starts_on:
        return _("from %(day)s", day=day(one.starts_on))
    return _("until %(day)s", day=day(one.ends_on)) if one.ends_on else _("always")


def _channels(one: Promotion) -> str:
    named = [channel_name(part.strip()) for part in (one.channels or "").split("|") if part.strip()]
    return ", ".join(named) or _("any")


def _facts(one: Promotion, currency: str) -> list[tuple[str, str]]:
    words = {
        "margin": _("Margin of one order"),
        "discount": _("Discount"),
        "target_cac": _("A new customer may cost"),
        "budget": _("Budget"),
    }
    amounts = []
    for name in AMOUNTS:
        value = getattr(one, name)
        if value is not None:
            amounts.append((words[name], money(value / _scale(), currency, 0.01 if value % _scale() else 1.0)))
    others = (
        (_("Excludes"), ", ".join(part for part in (one.excludes or "").split("|") if part)),
        (_("Not after"), one.not_after or ""),
    )
    return [
        (_("Kind"), _(KINDS.get(one.kind or "product", mark("product")))),
        (_("Runs"), _dates(one)),
        (_("Channels"), _channels(one)),
        *([(_("Product"), one.product)] if one.product else []),
        *amounts,
        *((name, value) for name, value in others if value),
    ]


def _cautions(one: Promotion, today: date, currency: str) -> list[str]:
    found = []
    if one.margin is None:
        found.append(_("It has no margin: the plan takes the mean margin of an order instead."))
    elif one.margin - (one.discount or 0) <= 0:
        lost = money((one.discount or 0) / _scale(), currency)
        found.append(_("It earns nothing: its margin does not exceed the discount of %(discount)s.", discount=lost))
    if one.starts_on and one.ends_on and one.ends_on < one.starts_on:
        found.append(_("It ends before it starts: no plan can be made until that is mended."))
    elif _state(one, today) == "ended":
        found.append(_("It has ended: no plan proposes it any more."))
    return found


def audience_words(audience: Audience, products: dict[str, str]) -> list[str]:
    """Put an audience in words, one line for each of its parts."""
    found = []
    listed = {
        _("Segment: %(names)s"): audience.segments,
        _("Region: %(names)s"): audience.regions,
        _("Showed interest in: %(names)s"): tuple(products.get(name, name) for name in audience.interests),
        _("Bought one of: %(names)s"): tuple(products.get(name, name) for name in audience.bought),
        _("Bought none of: %(names)s"): tuple(products.get(name, name) for name in audience.not_bought),
        _("Value: %(names)s"): tuple(_(VALUE_WORDS[name]) for name in audience.value_classes),
    }
    for words, names in listed.items():
        if names:
            found.append(words % {"names": ", ".join(names)})
    if audience.last_order_days is not None:
        found.append(
            ngettext(
                "Ordered before, but not in the last %(count)s day",
                "Ordered before, but not in the last %(count)s days",
                audience.last_order_days,
                count=number(audience.last_order_days),
            )
        )
    return found
