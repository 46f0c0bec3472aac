"""What the pages of a report are asked for by their address: the goal, and which costs count."""

from __future__ import annotations

from flask import abort, current_app, request, url_for

from campaigns.reporting.costing import Costing
from web.published import DEFAULT, Shown
from web.site import site

__all__ = ["address_if_there", "costing_asked_for", "goal_asked_for", "shown_or_404"]


def goal_asked_for() -> str:
    """Give the goal that is asked for, or else the first that has a report."""
    asked = request.args.get("goal")
    goals = () if asked else site().published.goals()
    goal = asked or (goals[0] if goals else DEFAULT)
    if goal not in site().goals:
        abort(404)
    return goal


def costing_asked_for() -> Costing:
    """Give which costs are to count: all, unless ad spend alone is asked for."""
    return Costing.ADS if request.args.get("costs") == Costing.ADS else Costing.ALL


def shown_or_404(goal: str) -> Shown:
    """Give the published report of a goal; without one there is no such page."""
    shown = site().published.shown(goal) if goal in site().goals else None
    if shown is None:
        abort(404)
    return shown


def address_if_there(endpoint: str, **values: str) -> str:
    """Give the address of a page; empty where the site has no such page."""
    return url_for(endpoint, **values) if endpoint in current_app.view_functions else ""  # type: ignore[arg-type]
