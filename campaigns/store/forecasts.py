"""What runs expected of the days after them, in and out, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from sqlmodel import Session, col, or_, select
from sqlmodel.sql.expression import SelectOfScalar

from campaigns.store.runs import State
from campaigns.store.tables import Run, RunForecast
from campaigns.terms import Forecast, ForecastOutcome, Range

__all__ = ["forecasts_of", "latest_forecasts", "settle_forecasts", "standing_forecasts", "store_forecasts"]


def store_forecasts(session: Session, run_id: int, forecasts: Sequence[Forecast]) -> None:
    """Store the forecasts that a run tells; nothing of them may have been stored before."""
    session.add_all(
        RunForecast(
            run_id=run_id,
            position=position,
            channel=one.channel,
            starts_on=one.starts_on,
            ends_on=one.ends_on,
            mean=float(one.expected.mean),
            p05=float(one.expected.p05),
            p95=float(one.expected.p95),
        )
        for position, one in enumerate(forecasts)
    )


def settle_forecasts(session: Session, run_id: int, settled: Sequence[Forecast]) -> None:
    """Keep what came of earlier forecasts, as the run ``run_id`` found it; one settled already stays as it is."""
    outcomes = {(one.run, one.channel): one for one in settled}
    rows = session.exec(
        select(RunForecast)
        .where(col(RunForecast.run_id).in_({one.run for one in settled}), col(RunForecast.outcome).is_(None))
        .with_for_update()
    )
    for row in rows:
        one = outcomes.get((row.run_id, row.channel))
        if one is not None:
            row.came, row.outcome, row.settled_by = one.came, one.outcome, run_id
            session.add(row)


def standing_forecasts(session: Session, goal: str) -> tuple[Forecast, ...]:
    """Return what published runs of a goal expected of all responses, and of channels where that is not settled yet."""
    wanted = or_(col(RunForecast.channel).is_(None), col(RunForecast.outcome).is_(None))
    return _read(session, select(RunForecast).where(col(RunForecast.run_id).in_(_published(goal)), wanted))


def latest_forecasts(session: Session, goal: str, limit: int = 12) -> tuple[Forecast, ...]:
    """Return what the runs of a goal published last expected of all responses, that of the latest run first."""
    in_all = select(RunForecast).where(col(RunForecast.run_id).in_(_published(goal)))
    return _read(session, in_all.where(col(RunForecast.channel).is_(None)).limit(limit))


def forecasts_of(session: Session, run_id: int) -> tuple[Forecast, ...]:
    """Return what one run expected: of all responses first, then channel by channel."""
    return _read(session, select(RunForecast).where(RunForecast.run_id == run_id))


def _published(goal: str) -> Any:
    return select(Run.id).where(Run.goal == goal, Run.state == State.PUBLISHED)


def _read(session: Session, statement: SelectOfScalar[RunForecast]) -> tuple[Forecast, ...]:
    rows = session.exec(statement.order_by(col(RunForecast.run_id).desc(), col(RunForecast.position)))
    return tuple(
        Forecast(
            run=row.run_id,
            channel=row.channel,
            starts_on=row.starts_on,
            ends_on=row.ends_on,
            expected=Range(row.mean, row.p05, row.p95),
            came=row.came,
            outcome=None if row.outcome is None else ForecastOutcome(row.outcome),
        )
        for row in rows
    )
