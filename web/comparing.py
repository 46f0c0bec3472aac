"""What if: the plan as it is beside what changes would make of it, and how much of it should keep customers."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask import Blueprint, redirect, url_for
from flask.typing import ResponseReturnValue
from markupsafe import Markup
from sqlmodel import Session

from campaigns.access import Role
from campaigns.language import _, mark
from campaigns.reporting.figures import about, days, moment, money, number, percent
from campaigns.store import plan_requests
from campaigns.store.plan_requests import Kind
from campaigns.store.plans import stored_plan
from campaigns.store.tables import PlanRequest
from web.access import allow, visitor
from web.audit import audited
from web.pages.plan import BalanceLine, ComparePage, SideLine
from web.plan_forms import CHANGES, CompareForm, changes_in
from web.plan_words import amount
from web.planner import panel_of
from web.site import site

__all__ = ["blueprint"]

blueprint = Blueprint("comparing", __name__)

MOST = 8
"""Changes compared at once: each is a plan of its own."""

BASE = mark("The plan as it is")

SHOWN = 3
"""Customers named beside each change, on either side."""


@blueprint.get("/plan/compare")
@allow(Role.MARKETER, Role.MANAGER)
def show() -> str:
    """Show the last comparison, and what may be compared."""
    return _page(CompareForm(formdata=None), ())


@blueprint.post("/plan/compare")
@allow(Role.MARKETER, Role.MANAGER)
def ask() -> ResponseReturnValue:
    """Ask the planner to compare."""
    form = CompareForm()
    sound = form.validate()
    changes = changes_in(form)
    faults = []
    if not changes:
        faults.append(_("Tick a change, or write one."))
    if len(changes) > MOST:
        faults.append(_("At most %(most)s changes at once.", most=MOST))
    if faults or not sound:
        return _page(form, tuple(faults)), 422
    with site().database.transaction() as session:
        options = {**_wishes(session), "changes": changes}
        asked = plan_requests.request(session, Kind.COMPARE, options, by=visitor().name)
        audited(session, "comparison asked for", f"request {asked}", after={"changes": changes})
    return redirect(url_for("comparing.show"), 303)


def _wishes(session: Session) -> dict[str, Any]:
    """Give the wishes of the latest plan, or those of a plan for the coming week."""
    plan = stored_plan(session, None)
    if plan is None:
        today = datetime.now(UTC).astimezone(site().settings.zone).date()
        return {"starts_on": (today + timedelta(days=1)).isoformat(), "days": 7}
    kept = {name: plan.options[name] for name in ("days", "limit", "seed", "aims") if plan.options.get(name)}
    return {"starts_on": plan.starts_on.isoformat(), **kept}


def _page(form: CompareForm, faults: tuple[str, ...]) -> str:
    with site().database.reading() as session:
        asked = plan_requests.latest(session, [Kind.COMPARE])
        panel = panel_of(session, asked, "compare")
        done = next(iter(plan_requests.done_last(session, Kind.COMPARE, 1)), None)
    result: Mapping[str, Any] = (done.result or {}) if done else {}
    sides, balance = result.get("sides", []), result.get("balance", [])
    return ComparePage(
        title=_("Compare plans"),
        form=form,
        faults=faults,
        panel=panel,
        made=_made(done) if done else "",
        sides=tuple(_side(one, sides[0]) for one in sides),
        balance=_balance(balance),
        balance_words=_balance_words(balance),
    ).render()


def _made(done: PlanRequest) -> str:

    first = date.fromisoformat(done.options["starts_on"])
    last = first + timedelta(int(done.options.get("days", 7)) - 1)
    return _(
        "Compared %(at)s by %(who)s, for %(days)s. Nothing of it is stored as a plan.",
        at=moment(done.finished_at or done.requested_at, site().settings.zone),
        who=done.requested_by,
        days=days(first, last),
    )


def _side(one: Mapping[str, Any], base: Mapping[str, Any]) -> SideLine:
    currency, first = site().settings.currency, one is base
    known = {read_words(text): words for text, words in CHANGES}
    change = one["value"] - base["value"]
    step = max(about(change), 0.01) if change else 1.0
    sign = "+" if change > 0 else ""
    return SideLine(
        name=_(BASE) if first else _(known[one["name"]]) if one["name"] in known else one["name"],
        worth=money(one["value"], currency, 0.01 if base["value"] < 100 else 1.0),
        change="" if first else f"{sign}{money(change, currency, min(step, 1.0) if abs(change) < 100 else 1.0)}",
        contacts=number(one["contacts"]),
        people=number(one["people"]),
        cost=amount(one["cost"], currency),
        gained="" if first else number(one["gained"]),
        lost="" if first else number(one["lost"]),
        volume=", ".join(f"{name} {number(count)}" for name, count in one["promotions"].items()),
        shifts=tuple(_shift(shift, currency) for name in ("winners", "losers") for shift in one[name][:SHOWN]),
        better="" if first or abs(change) < 0.005 else ("more" if change > 0 else "less"),
    )


def _shift(shift: Mapping[str, Any], currency: str) -> str:
    return _(
        "%(customer)s: %(before)s, then %(after)s",
        customer=shift["customer_id"],
        before=money(shift["before"], currency, 0.01),
        after=money(shift["after"], currency, 0.01),
    )


def _balance(points: list[Mapping[str, Any]]) -> tuple[BalanceLine, ...]:
    """Lay the curve out: the worth of the plan at each share of relationship contacts."""
    far = max((point["value"] for point in points), default=0.0)
    currency = site().settings.currency
    return tuple(
        BalanceLine(
            share=_share(point["share"]),
            worth=amount(point["value"], currency),
            contacts=number(point["contacts"]),
            bar=_bar(point["value"], far),
            best=point["value"] == far,
            note="" if point["met"] else _("cannot be reached; %(share)s is", share=percent(point["reached"])),
        )
        for point in points
    )


def _share(share: float) -> str:
    """Write a share, with a decimal where it is none of the round ones."""
    return percent(share, 0 if round(100 * share, 3).is_integer() else 1)


def read_words(text: str) -> str:
    """Return a change as the planner names it in its answer: ``budget -20 %``."""
    return text.replace("%", " %")


def _bar(value: float, far: float) -> Markup:
    width = round(100 * max(value, 0.0) / far, 1) if far > 0 else 0
    return Markup(  # noqa: S704 - numbers alone
        f'<svg class="worth" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
        f'<rect class="ground" width="100" height="10"/><rect class="value" width="{width:g}" height="10"/></svg>'
    )


def _balance_words(points: list[Mapping[str, Any]]) -> str:
    if not points:
        return ""
    best = max(points, key=lambda point: point["value"])
    last = points[-1]
    return _(
        "This plan is worth most with %(best)s relationship contacts. %(last)s would cost it about %(cost)s now; what "
        "they earn later, by customers who stay, is in these figures only as far as the scores know it.",
        best=_share(best["share"]),
        last=percent(last["share"]),
        cost=amount(best["value"] - last["value"], site().settings.currency),
    )
