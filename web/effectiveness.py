"""Effectiveness: what would have been lost, what each channel and ad did, and what moving money would do."""

from __future__ import annotations

from dataclasses import replace
from math import ceil

from flask import Blueprint, abort, request, url_for

from campaigns.access import Role
from campaigns.language import _
from campaigns.reporting.background import trend
from campaigns.reporting.channel_trend import channel_moments, channel_table
from campaigns.reporting.costing import COSTING_WORDS, Costing, counting, differs
from campaigns.reporting.figures import number
from campaigns.reporting.lines import Line, ad_lines, campaign_lines, channel_lines, summarise
from campaigns.reporting.naming import channel_name, nouns
from campaigns.terms import Effect
from web.access import allow
from web.asked import costing_asked_for, goal_asked_for, shown_or_404
from web.first_steps import first_page
from web.moving import move_panel
from web.pages.effectiveness import ChannelPage, EffectivenessPage, Saving
from web.pages.page import Choice
from web.published import Shown
from web.runs import run_panel
from web.site import site

__all__ = ["blueprint"]

PER_PAGE = 100

SHOWN_RUNS = 12
"""Runs listed on the page of a channel, the newest; the chart of the report has them all."""

blueprint = Blueprint("effectiveness", __name__)


@blueprint.get("/effectiveness")
@allow(Role.MARKETER, Role.MANAGER)
def show() -> str:
    """Show the published report, or how to get to the first one."""
    goal, costing = goal_asked_for(), costing_asked_for()
    shown = site().published.shown(goal)
    if shown is None:
        return first_page(goal).render()
    return EffectivenessPage(
        title=_("Effectiveness"),
        content=site().published.content(shown, costing),
        run=run_panel(goal),
        move=move_panel(shown, costing),
        charts=url_for("downloads.chart", goal=goal, name="-", kind="svg").removesuffix("/-.svg"),
        channels=url_for("effectiveness.channel", goal=goal, name="-").removesuffix("-"),
        savings=_savings(goal, costing),
        goals=_goals(goal),
        costings=_costings(goal, costing) if differs(shown.report) else (),
    ).render()


@blueprint.get("/effectiveness/move")
@allow(Role.MARKETER, Role.MANAGER)
def move() -> str:
    """Send what moving money would do, for the open page; without a script the whole page comes."""
    if "HX-Request" not in request.headers:
        return show()
    panel = move_panel(shown_or_404(goal_asked_for()), costing_asked_for())
    return abort(404) if panel is None else panel.render()


@blueprint.get("/effectiveness/<goal>/channels/<path:name>")
@allow(Role.MARKETER, Role.MANAGER)
def channel(goal: str, name: str) -> str:
    """Show all campaigns or ads of a channel, those with the most money first."""
    shown, costing = shown_or_404(goal), costing_asked_for()
    report = counting(shown.report, costing)
    own = [effect for effect in report.channels if effect.channel == name]
    parts = {
        "campaigns": [effect for effect in report.campaigns if effect.channel == name],
        "ads": [effect for effect in report.ads if effect.channel == name],
    }
    level = request.args.get("level") or next((level for level, found in parts.items() if found), "ads")
    page = request.args.get("page", 1, type=int)
    last = max(1, ceil(len(parts.get(level, ())) / PER_PAGE))
    if not own or level not in parts or not 1 <= page <= last:
        abort(404)
    ranked = sorted(parts[level], key=lambda effect: -effect.spend)
    start = (page - 1) * PER_PAGE
    listed = tuple(ranked[start : start + PER_PAGE])

    def address(number: int, of: str = level) -> str:
        return url_for("effectiveness.channel", goal=goal, name=name, level=of, page=number, costs=costing)

    return ChannelPage(
        title=channel_name(name),
        summary=summarise(report, shown.target),
        line=channel_lines(replace(report, channels=tuple(own)), shown.target)[0],
        levels=tuple(
            Choice(address(1, of), words, of == level)
            for of, words in (("campaigns", _("Campaigns")), ("ads", _("Ads")))
            if parts[of]
        ),
        level=level,
        lines=_lines(shown, costing, level, listed),
        shown=_counted(start, len(listed), len(ranked)),
        previous=address(page - 1) if page > 1 else "",
        following=address(page + 1) if page < last else "",
        back=url_for("effectiveness.show", goal=goal, costs=costing),
        moments=channel_moments(trend(shown.report, shown.background), name)[:SHOWN_RUNS],
        table=_beside(shown, costing, name),
    ).render()


def _beside(shown: Shown, costing: Costing, name: str) -> tuple[tuple[str, str], ...]:
    """Hold a channel against a month ago, a year ago and its budget, as (what, words)."""
    report = counting(shown.report, costing)
    own = replace(report, channels=tuple(effect for effect in report.channels if effect.channel == name))
    headings, (row,) = channel_table(own, shown.background, summarise(report, shown.target))
    return tuple(zip(headings, row, strict=True))[1:]


def _lines(shown: Shown, costing: Costing, level: str, listed: tuple[Effect, ...]) -> tuple[Line, ...]:
    """Write the campaigns or ads of one page."""
    report, names = counting(shown.report, costing), shown.background.names
    if level == "ads":
        return ad_lines(replace(report, ads=listed), shown.target, names)
    return campaign_lines(replace(report, campaigns=listed), shown.target, names)


def _counted(start: int, count: int, total: int) -> str:
    if not total:
        return _("There are none.")
    return _(
        "%(first)s to %(last)s of %(total)s, those with the most money first.",
        first=number(start + 1),
        last=number(start + count),
        total=number(total),
    )


def _goals(goal: str) -> tuple[Choice, ...]:
    """Give the goals to choose from; none where there is but one."""
    known = site().goals
    goals = [name for name in site().published.goals() if name in known]
    if len(goals) < 2:
        return ()
    return tuple(
        Choice(url_for("effectiveness.show", goal=name), nouns(known[name])[1].capitalize(), name == goal)
        for name in goals
    )


def _costings(goal: str, costing: Costing) -> tuple[Choice, ...]:
    return tuple(
        Choice(url_for("effectiveness.show", goal=goal, costs=each), _(words), each is costing)
        for each, words in COSTING_WORDS.items()
    )


def _savings(goal: str, costing: Costing) -> tuple[Saving, ...]:
    return tuple(
        Saving(words, url_for("downloads.report", goal=goal, kind=kind, costs=costing))
        for kind, words in (
            ("pdf", _("PDF")),
            ("xlsx", _("Excel")),
            ("csv", _("CSV")),
            ("html", _("One page that needs no site")),
        )
    )
