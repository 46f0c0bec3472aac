"""What a report is read beside, out of the database: earlier runs, response curves, names and budgets of promotions."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from sqlalchemy import or_
from sqlmodel import Session, col, select

from campaigns.intake.money import decimals
from campaigns.reporting.background import Background, Budget
from campaigns.reporting.moving import Curve
from campaigns.store import tables
from campaigns.store.database import Database
from campaigns.store.results import Draws, draw_values, report_without_parts
from campaigns.store.runs import State
from campaigns.store.summaries import reconciliation_kept, worth_kept
from campaigns.terms import Report, Window

__all__ = [
    "KEPT_RUNS",
    "background_of",
    "budgets",
    "channel_budgets",
    "channel_draws",
    "earlier_reports",
    "promotion_names",
]

KEPT_RUNS = 53
"""Runs of a trend: a week apart, they make a year."""


def background_of(database: Database, report: Report) -> Background:
    """Read what a published report is read beside."""
    run = report.run
    with database.reading() as session:
        draws = channel_draws(session, run.id, ("projected", "incremental", "elasticity"))
        newcomers = run.first_responses > 0
        series = "projected" if newcomers else "incremental"
        curves = tuple(
            Curve(
                effect.channel,
                effect.spend,
                draws[series, effect.channel].astype(np.float64),
                draws["elasticity", effect.channel].astype(np.float64),
            )
            for effect in report.channels
            if effect.spend > 0 and {(series, effect.channel), ("elasticity", effect.channel)} <= draws.keys()
        )
        return Background(
            earlier=earlier_reports(session, run.id, run.goal),
            curves=curves,
            wins_newcomers=newcomers,
            names=promotion_names(session),
            budget=Budget(
                budgets(session, run.window, report.currency), channel_budgets(session, run.window, report.currency)
            ),
            worth=worth_kept(session, run.id),
            periods=reconciliation_kept(session, run.id) or (),
        )


def earlier_reports(session: Session, run_id: int, goal: str, at_most: int = KEPT_RUNS) -> tuple[Report, ...]:
    """Return the reports of a goal published before a run, oldest first, without campaigns and ads.

    Of runs whose data end on the same day the last counts; of more than ``at_most`` some are left out evenly, but never
    the first and the last.
    """
    run = tables.Run
    rows = session.exec(
        select(run)
        .where(run.goal == goal, run.state == State.PUBLISHED, col(run.id) < run_id, col(run.verdict).is_not(None))
        .order_by(col(run.window_end), col(run.id))
    )
    by_day = {row.window_end: row for row in rows}
    return tuple(report_without_parts(session, row) for row in _thinned(list(by_day.values()), at_most))


def channel_draws(session: Session, run_id: int, series: Sequence[str]) -> dict[tuple[str, str], Draws]:
    """Return draws of whole channels by (series, channel)."""
    draw = tables.Draw
    rows = session.exec(
        select(draw).where(
            draw.run_id == run_id,
            col(draw.series).in_(series),
            col(draw.channel).is_not(None),
            col(draw.campaign).is_(None),
            col(draw.ad).is_(None),
        )
    )
    return {(row.series, str(row.channel)): draw_values(row) for row in rows}


def promotion_names(session: Session) -> dict[str, str]:
    """Return the names of promotions by their key."""
    promotion = tables.Promotion
    found = session.exec(select(col(promotion.promotion), col(promotion.name)))
    return {key: name for key, name in found if name}


def budgets(session: Session, window: Window, currency: str) -> dict[str, float]:
    """Return what promotions that ran in a window may spend, by their name, in major units."""
    return {name: budget / 10 ** decimals(currency) for name, _channels, budget in _budgeted(session, window)}


def channel_budgets(session: Session, window: Window, currency: str) -> dict[str, float]:
    """Return what promotions that ran in a window and name one channel alone may spend, by channel, in major units."""
    found: dict[str, float] = {}
    for _name, channels, budget in _budgeted(session, window):
        named = {part.strip() for part in (channels or "").split("|") if part.strip()}
        if len(named) == 1:
            (channel,) = named
            found[channel] = found.get(channel, 0.0) + budget / 10 ** decimals(currency)
    return found


def _budgeted(session: Session, window: Window) -> list[tuple[str, str | None, int]]:
    """Return name, channels and budget of the promotions that ran in a window and have one."""
    promotion = tables.Promotion
    overlapping = (
        or_(col(promotion.starts_on).is_(None), col(promotion.starts_on) <= window.end),
        or_(col(promotion.ends_on).is_(None), col(promotion.ends_on) >= window.start),
    )
    found = session.exec(
        select(col(promotion.name), col(promotion.channels), col(promotion.budget)).where(
            col(promotion.budget).is_not(None), *overlapping
        )
    )
    return [(name, channels, budget) for name, channels, budget in found if budget is not None]


def _thinned(rows: list[tables.Run], at_most: int) -> list[tables.Run]:
    if len(rows) <= at_most:
        return rows
    step = (len(rows) - 1) / (at_most - 1)
    return [rows[round(place * step)] for place in range(at_most)]
