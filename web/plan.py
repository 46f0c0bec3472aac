"""Plan: the coming days by channel, how full they are, what more would earn, and the steps of a plan's life."""

from __future__ import annotations

from collections import OrderedDict
from datetime import UTC, date, datetime, timedelta
from threading import Lock
from typing import Any

from flask import Blueprint, abort, redirect, request, url_for
from flask.typing import ResponseReturnValue
from sqlmodel import Session
from werkzeug.wrappers import Response as BaseResponse

from campaigns.access import Role, staff_name
from campaigns.channels import canonical
from campaigns.faults import RefusedError
from campaigns.language import _, ngettext
from campaigns.planning.living import check_step
from campaigns.planning.policy import ContactPolicy, Resource
from campaigns.reporting.constraints import resource_words
from campaigns.reporting.figures import day, days, moment, percent
from campaigns.reporting.figures import number as figure
from campaigns.reporting.naming import channel_name
from campaigns.reporting.sentences import plan_quality, withheld_lines
from campaigns.retelling import retold
from campaigns.store import plan_requests
from campaigns.store.background import promotion_names
from campaigns.store.plan_calendar import PlanDays, capacities_on, days_of, plans_listed, promised_beside
from campaigns.store.plan_life import events_of
from campaigns.store.plan_requests import Kind
from campaigns.store.plans import stored_plan
from campaigns.store.tables import Plan
from campaigns.terms import PlanConstraint
from web.access import allow, visitor
from web.audit import audited
from web.moves import move_carried
from web.moving import MoveAsked
from web.pages.plan import CalendarCell, CalendarLine, DraftPage, LoadLine, PlanChoice, PlanPage
from web.plan_forms import DraftForm, options_in
from web.plan_lessons import lesson_lines
from web.plan_words import (
    STATES,
    amount,
    capital,
    event_line,
    lock_lines,
    overlap_lines,
    price_lines,
    result_lines,
    room_lines,
    step_words,
)
from web.planner import panel_of, stale_words, under_way
from web.site import site

__all__ = ["blueprint"]

blueprint = Blueprint("plan", __name__)

STEPS = {"draft": ("approve", "cancel"), "approved": ("export", "cancel"), "exported": ("close", "cancel")}
"""What can be done with a plan, by its state."""

SHADES = 4

KEPT = 64
"""Plans whose calendar is kept in memory: a plan's contacts never change, and counting many takes a while."""

_counted: OrderedDict[tuple[str, int], PlanDays] = OrderedDict()

_counting = Lock()


@blueprint.get("/plan")
@blueprint.get("/plan/<int:number>")
@allow(Role.MARKETER, Role.MANAGER)
def show(number: int | None = None) -> ResponseReturnValue:
    """Show a plan, by default the latest, or the way to a first one."""
    with site().database.reading() as session:
        plan = stored_plan(session, number)
        panel = panel_of(session, plan_requests.latest(session, [Kind.DRAFT]), "plan")
        if plan is None:
            if number is not None:
                abort(404)
            return _draft_page(DraftForm(formdata=None, data=_start()), ())
        step = plan_requests.latest_of_plan(session, plan.id)
        panel = panel_of(session, step, "plan") or panel
        row = session.get_one(Plan, plan.id)
        counted = _days(session, plan.id)
        loads = _loads(session, plan.id, row, counted, ContactPolicy.from_mapping(plan.options.get("policy", {})))
        others = plans_listed(session)
        names = promotion_names(session)
    currency, zone = site().settings.currency, site().settings.zone
    dates = [plan.starts_on + timedelta(place) for place in range((plan.ends_on - plan.starts_on).days + 1)]
    constraints = [PlanConstraint(**one) for one in row.constraints]
    words, mood = STATES[plan.state]
    result, results = result_lines(plan.result, currency) if plan.result else ("", ())
    views: dict[str, Any] = plan.views or {}
    stale = "" if plan.state != "draft" or plan.run_id is None else stale_words(plan.run_id)
    held = sum(counted.held_back.values())
    return PlanPage(
        title=_("Plan %(number)s", number=plan.id),
        number=plan.id,
        headline=ngettext(
            "%(count)s contact, %(days)s",
            "%(count)s contacts, %(days)s",
            counted.contacts,
            count=figure(counted.contacts),
            days=days(plan.starts_on, plan.ends_on),
        ),
        quality=_(
            "Worth about %(worth)s; %(quality)s.",
            worth=amount(row.expected_value, currency),
            quality=plan_quality(row.bound, row.gap),
        ),
        state=_(words),
        mood=mood,
        facts=(
            (_("Worth"), amount(row.expected_value, currency), plan_quality(row.bound, row.gap)),
            (_("People"), figure(counted.people), ""),
            (_("Held back"), figure(held), _("withheld at random, to measure the rest") if held else ""),
        ),
        notes=tuple(map(retold, plan.options.get("notes", ()))),
        panel=panel,
        told=step_words(step, plan.state),
        steps=STEPS.get(plan.state, ()) if visitor().may(Role.MARKETER) and not under_way(step) else (),
        stale=stale,
        lists=url_for("plan_lists.show", number_=plan.id) if plan.state in ("exported", "closed") else "",
        days=tuple((day(one), one.isoformat()) for one in dates),
        calendar=tuple(_calendar(counted, dates)),
        loads=loads,
        prices=price_lines(constraints, currency),
        limits=room_lines(constraints),
        overlaps=overlap_lines(views, currency, names),
        locks=lock_lines(views, currency),
        locked=amount(views["locked_value"], currency) if views.get("locked_value") else "",
        withheld=tuple(withheld_lines(plan.withheld)),
        learning=lesson_lines(views, currency),
        events=tuple(
            event_line(moment(one.at, zone), staff_name(one.by), one.event, one.details)
            for one in events_of(site().database, plan.id)
        ),
        result=result,
        results=results,
        others=tuple(
            PlanChoice(
                url_for("plan.show", number=one),
                _("Plan %(number)s, %(days)s", number=one, days=days(first, last)),
                _(STATES[state][0]),
                STATES[state][1],
                one == plan.id,
            )
            for one, first, last, state in others
        ),
        may_change=visitor().may(Role.MARKETER),
    ).render()


@blueprint.route("/plan/new", methods=["GET", "POST"])
@allow(Role.MARKETER)
def draft() -> ResponseReturnValue:
    """Ask the planner for a plan."""
    if request.method == "GET":
        move = move_carried()
        filled = {} if move is None else {"budget": int(move.amount)}
        return _draft_page(DraftForm(formdata=None, data={**_start(), **filled}), (), move)
    form = DraftForm()
    sound = form.validate()
    try:
        options = options_in(form) if form.starts_on.data else {}
    except RefusedError as error:
        return _draft_page(form, tuple(map(str, error.faults))), 422
    if not sound:
        return _draft_page(form, ()), 422
    with site().database.transaction() as session:
        asked = plan_requests.request(session, Kind.DRAFT, options, by=visitor().name)
        audited(session, "plan asked for", f"request {asked}", after=options)
    return redirect(url_for("plan.draft" if _no_plan() else "plan.show"), 303)


@blueprint.post("/plan/<int:number>/teach")
@allow(Role.MARKETER)
def teach(number: int) -> BaseResponse:
    """Accept what a plan proposes to learn: ask for the plan once more, with it."""
    what = request.form.get("what", "")
    with site().database.transaction() as session:
        plan = stored_plan(session, number)
        told = ((plan.views or {}).get("teaching") or {}).get(what) if plan else None
        if plan is None or told is None:
            abort(404)
        names = ("days", "limit", "seed")
        aims = {**plan.options.get("aims", {}), what: told["share"]}
        options = {name: plan.options[name] for name in names if name in plan.options}
        asked = {"starts_on": plan.starts_on.isoformat(), **options, "aims": aims}
        plan_requests.request(session, Kind.DRAFT, asked, by=visitor().name)
        audited(session, "learning accepted", f"plan {number}", after={what: told["share"], "cost": told["cost"]})
    return redirect(url_for("plan.show"), 303)


@blueprint.post("/plan/<int:number>/<any(approve, export, cancel, close):step>")
@allow(Role.MARKETER)
def take(number: int, step: str) -> BaseResponse:
    """Ask the planner's process for a step of a plan's life; ``back`` names the page that was left."""
    old = request.form.get("old_scores") == "yes"
    check_step(site().database, number, step, today=_today(), old_scores=old)
    with site().database.transaction() as session:
        options = {"old_scores": old} if step == "approve" else {}
        asked = plan_requests.step_of(session, number, Kind(step), options, by=visitor().name)
        audited(session, f"plan: {step}", f"plan {number}", after={"request": asked})
    if request.form.get("back") == "priorities":
        return redirect(url_for("priorities.show"), 303)
    return redirect(url_for("plan.show", number=number), 303)


def _today() -> date:
    return datetime.now(UTC).astimezone(site().settings.zone).date()


def _start() -> dict[str, Any]:
    return {"starts_on": _today() + timedelta(days=1), "days": 7, "ghosts": "0", "exploration": "0"}


def _no_plan() -> bool:
    with site().database.reading() as session:
        return stored_plan(session, None) is None


def _draft_page(form: DraftForm, faults: tuple[str, ...], move: MoveAsked | None = None) -> str:
    with site().database.reading() as session:
        plan = stored_plan(session, None)
        panel = panel_of(session, plan_requests.latest(session, [Kind.DRAFT]), "plan")
    lessons = lesson_lines((plan.views or {}) if plan else {}, site().settings.currency)
    title = _("New plan") if plan else _("Plan")
    came = move.words.sentence if move is not None and move.words is not None else ""
    return DraftPage(title, form, faults, plan is None, panel, lessons, came).render()


def _days(session: Session, plan_id: int) -> PlanDays:
    """Count a plan's contacts by day once, and remember it."""
    key = (site().database.address, plan_id)
    with _counting:
        if key in _counted:
            return _counted[key]
    found = days_of(session, plan_id)
    with _counting:
        _counted[key] = found
        while len(_counted) > KEPT:
            _counted.popitem(last=False)
    return found


def _calendar(counted: PlanDays, dates: list[date]) -> list[CalendarLine]:
    """Lay the contacts out by channel and day, all channels together last."""
    both = {
        key: counted.sent.get(key, 0) + counted.held_back.get(key, 0) for key in (*counted.sent, *counted.held_back)
    }
    channels = sorted({channel for channel, _day in both}, key=lambda name: (-_of(both, name), name))
    busiest = max(both.values(), default=0)
    lines = []
    for name in channels:
        counts = [both.get((name, one), 0) for one in dates]
        cells = tuple(CalendarCell(figure(count) if count else "", _shade(count, busiest)) for count in counts)
        lines.append(CalendarLine(channel_name(name), cells, figure(sum(counts))))
    sums = [sum(both.get((name, one), 0) for name in channels) for one in dates]
    if len(channels) > 1:
        whole = tuple(CalendarCell(figure(count) if count else "", 0) for count in sums)
        lines.append(CalendarLine(_("In all"), whole, figure(sum(sums))))
    return lines


def _of(counts: dict[tuple[str, date], int], name: str) -> int:
    return sum(count for (channel, _day), count in counts.items() if channel == name)


def _shade(count: int, busiest: int) -> int:
    return 0 if not count else max(1, round(SHADES * count / busiest))


def _loads(session: Session, plan_id: int, row: Plan, counted: PlanDays, policy: ContactPolicy) -> tuple[LoadLine, ...]:
    """Say how full everything scarce is on each day, what other plans have promised included."""
    known = capacities_on(session, row.starts_on, row.ends_on)
    beside = promised_beside(session, plan_id, row.starts_on, row.ends_on)
    tied = {resource.name.casefold(): resource for resource in policy.resources}
    dates = [row.starts_on + timedelta(place) for place in range((row.ends_on - row.starts_on).days + 1)]
    lines = []
    for name, limits in sorted(known.items()):
        resource = tied.get(name.casefold()) or Resource(name, canonical(name))
        used = {
            one: (counted.sent.get((resource.channel, one), 0) + beside.get((resource.channel, one), 0))
            * resource.per_contact
            for one in dates
        }
        cells = tuple(_load(used[one], limits.get(one, 0.0)) for one in dates)
        total, most = sum(used.values()), sum(limits.values())
        whole = percent(total / most) if most else _("none there")
        lines.append(LoadLine(capital(resource_words(name)), cells, whole))
    return tuple(lines)


def _load(used: float, limit: float) -> tuple[str, int | None, bool]:
    if not limit:
        return (_("none") if not used else figure(used, 0.1)), None, used > 0
    words = _("%(used)s of %(limit)s", used=_short(used), limit=_short(limit))
    return words, round(100 * used / limit), used > limit + 1e-9


def _short(value: float) -> str:
    return figure(value, 1.0 if value >= 10 or float(value).is_integer() else 0.1)
