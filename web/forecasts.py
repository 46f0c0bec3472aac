"""What runs expected of the days after them, in words, with what came."""

from __future__ import annotations

from collections.abc import Iterable

from campaigns.language import _, mark
from campaigns.reporting.figures import NOTHING, days, number, span
from campaigns.reporting.naming import channel_name
from campaigns.reporting.sentences import track_record
from campaigns.store import runs
from campaigns.store.database import Database
from campaigns.store.findings import findings_of
from campaigns.store.forecasts import latest_forecasts
from campaigns.terms import GOALS, Forecast, ForecastOutcome
from web.pages.runs import ForecastLine, ForecastsOfGoal

__all__ = ["forecast_line", "forecasts_by_goal"]

OUTCOME_WORDS = {
    ForecastOutcome.HELD: mark("came true"),
    ForecastOutcome.MISSED: mark("missed"),
    ForecastOutcome.NOT_COMPARABLE: mark("contacts were other than assumed"),
}

MOODS = {ForecastOutcome.HELD: "good", ForecastOutcome.MISSED: "bad"}


def forecasts_by_goal(database: Database, goals: Iterable[str]) -> tuple[ForecastsOfGoal, ...]:
    """Gather what the latest published runs of each goal expected, and how many of all forecasts came true."""
    found = []
    with database.reading() as session:
        for goal in goals:
            told = latest_forecasts(session, goal)
            last = runs.published(session, goal)
            if told and last is not None:
                record = findings_of(last.findings)["record"]
                lines = tuple(forecast_line(one, goal) for one in told)
                found.append(ForecastsOfGoal(_plural(goal).capitalize(), track_record(record), lines))
    return tuple(found)


def forecast_line(forecast: Forecast, goal: str) -> ForecastLine:
    """Write a forecast in words."""
    things = _plural(goal)
    if forecast.channel is None:
        what = _("all %(things)s", things=things)
    else:
        what = _("%(things)s caused by %(channel)s", things=things, channel=channel_name(forecast.channel))
    middle, low, high = span(forecast.expected)
    outcome = forecast.outcome
    return ForecastLine(
        run=forecast.run,
        what=what[:1].upper() + what[1:],
        days=days(forecast.starts_on, forecast.ends_on),
        expected=middle,
        between=_("%(low)s to %(high)s", low=low, high=high),
        came=NOTHING if forecast.came is None else number(forecast.came),
        outcome=_("not known yet") if outcome is None else _(OUTCOME_WORDS[outcome]),
        mood="" if outcome is None else MOODS.get(outcome, ""),
    )


def _plural(goal: str) -> str:
    return _(GOALS[goal].plural) if goal in GOALS else goal
