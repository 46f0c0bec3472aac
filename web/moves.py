"""A move of money on its way: what to set where, and the promotion, the plan or the test that comes of it."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

from flask import Blueprint, redirect, request, url_for
from flask.typing import ResponseReturnValue

from campaigns.access import Role
from campaigns.language import _
from campaigns.reporting.figures import days, money
from campaigns.reporting.naming import channel_name
from campaigns.store.observations import plannable
from web.access import allow, visitor
from web.asked import costing_asked_for, goal_asked_for
from web.moving import MoveAsked, move_asked
from web.pages.effectiveness import MovePage, SettingLine
from web.site import site

__all__ = ["blueprint", "experiment_of_move", "move_carried", "promotion_of_move", "today_here"]

blueprint = Blueprint("moves", __name__)

WEEK = 7

TEST_DAYS = 28


@blueprint.get("/effectiveness/plan-move")
@allow(Role.MARKETER, Role.MANAGER)
def show() -> ResponseReturnValue:
    """Show what a move means week by week, and what to make of it; where that cannot be told, the report says why."""
    shown = site().published.shown(goal_asked_for())
    asked = None if shown is None else move_asked(shown, costing_asked_for())
    if shown is None or asked is None or asked.words is None:
        return redirect(url_for("effectiveness.show", **request.args.to_dict(), _anchor="move"), 303)  # type: ignore[arg-type]
    may = visitor().may(Role.MARKETER)
    with site().database.reading() as session:
        speaks = asked.target in plannable(session)
    return MovePage(
        title=_("Plan a move"),
        words=asked.words,
        window=days(shown.report.run.window.start, shown.report.run.window.end),
        settings=_settings(asked),
        promotion=url_for("promotions.new", **asked.carried) if may else "",
        plan=url_for("plan.draft", **asked.carried) if may and speaks else "",
        test=url_for("experiments.show", **asked.carried, _anchor="new"),
        back=url_for("effectiveness.show", **asked.carried, _anchor="move"),
    ).render()


def _settings(asked: MoveAsked) -> tuple[SettingLine, ...]:
    """Say for both channels what is spent a week, and what is to be spent."""
    weeks = asked.days / WEEK

    def line(channel: str, spend: float, change: float) -> SettingLine:
        now, then = (money(amount / weeks, asked.currency) for amount in (spend, spend + change))
        return SettingLine(channel_name(channel), now, then)

    return (
        line(asked.source, asked.spends[0], -asked.amount),
        line(asked.target, asked.spends[1], asked.amount),
    )


def move_carried() -> MoveAsked | None:
    """Return the move that the address carries along; None where it carries none, or one that cannot be told."""
    if not {"from", "to", "amount"} <= request.args.keys():
        return None
    shown = site().published.shown(goal_asked_for())
    asked = None if shown is None else move_asked(shown, costing_asked_for())
    return None if asked is None or asked.words is None else asked


def promotion_of_move(asked: MoveAsked, today: date) -> dict[str, Any]:
    """Fill in the form of a promotion by a move: what moves is its budget, where it goes its channel."""
    first = _monday(today)
    return {
        "name": _("%(to)s with money of %(source)s", to=channel_name(asked.target), source=channel_name(asked.source)),
        "text": asked.words.sentence if asked.words else "",
        "budget": int(asked.amount),
        "channels": [asked.target],
        "starts_on": first,
        "ends_on": first + timedelta(asked.days - 1),
    }


def experiment_of_move(asked: MoveAsked, today: date) -> dict[str, Any]:
    """Fill in the form of a test by a move: half of the regions get the money for four weeks, the others do not."""
    first = _monday(today)
    return {
        "experiment": f"{asked.source}-{asked.target}-{first.isoformat()}",
        "channel": asked.target,
        "starts_on": first,
        "ends_on": first + timedelta(TEST_DAYS - 1),
        "measured_until": first + timedelta(TEST_DAYS + WEEK - 1),
        "share": 50,
    }


def _monday(today: date) -> date:
    """Return the Monday that comes next."""
    return today + timedelta(WEEK - today.weekday())


def today_here() -> date:
    """Return today, where the installation is."""
    return datetime.now(UTC).astimezone(site().settings.zone).date()
