"""The run ledger: who asked for which fit, who is at it, how far it is and how it ended.

Each function works inside the caller's transaction, so that what belongs together is stored together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import func, text
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col, select, update

from campaigns.faults import TouchstoneError, UnreadyError
from campaigns.store.tables import Run, RunStage

__all__ = [
    "ATTEMPTS",
    "ENDED",
    "LOST_AFTER",
    "State",
    "cancel_requested",
    "claim",
    "end",
    "enter_stage",
    "find",
    "hand_back",
    "heartbeat",
    "latest",
    "published",
    "published_goals",
    "recent",
    "reclaim",
    "request",
    "request_cancel",
    "stages",
]

LOST_AFTER = timedelta(minutes=2)
"""How long a run may be silent before its worker is taken for dead."""

ATTEMPTS = 2
"""How often a run is begun: one whose worker died twice would kill the next worker too."""


class State(StrEnum):
    """Where a run stands."""

    REQUESTED = "requested"
    RUNNING = "running"
    PUBLISHED = "published"
    FAILED = "failed"
    REFUSED = "refused"
    CANCELLED = "cancelled"


ENDED = (State.PUBLISHED, State.FAILED, State.REFUSED, State.CANCELLED)
"""States that a run does not leave."""


def request(
    session: Session,
    goal: str,
    *,
    requested_by: str = "",
    options: Mapping[str, Any] | None = None,
    now: datetime | None = None,
) -> int:
    """Ask for a run; where one of the same goal waits already, it is that one, with the options it was asked with.

    Returns
    -------
    The number of the run.
    """
    insert = (sqlite if session.get_bind().dialect.name == "sqlite" else postgresql).insert(Run)
    values = {
        "goal": goal,
        "state": State.REQUESTED,
        "requested_at": now or datetime.now(UTC),
        "requested_by": requested_by,
        "options": dict(options or {}),
    }
    waiting = select(Run.id).where(Run.goal == goal, Run.state == State.REQUESTED)
    for _ in range(100):  # the run that waits may be claimed between the two statements, on PostgreSQL
        new = insert.values(values).on_conflict_do_nothing(
            index_elements=["goal"], index_where=text("state = 'requested'")
        )
        session.execute(new)
        found = session.exec(waiting).first()
        if found is not None:
            return found
    raise TouchstoneError(f"The request for a run of {goal} was overtaken again and again.", "Ask again.")


def claim(session: Session, run_id: int | None = None, *, now: datetime | None = None) -> Run | None:
    """Take the run that has waited longest, or the one given, for this worker; nobody else gets it.

    Returns
    -------
    The run, now running, or None if nothing waits (or the one given does not).
    """
    oldest = select(Run).where(Run.state == State.REQUESTED).order_by(col(Run.requested_at), col(Run.id)).limit(1)
    if run_id is not None:
        oldest = oldest.where(Run.id == run_id)
    run = session.exec(oldest.with_for_update(skip_locked=True)).first()
    if run is None:
        return None
    now = now or datetime.now(UTC)
    run.state, run.started_at, run.heartbeat_at = State.RUNNING, now, now
    run.attempts, run.progress, run.stage, run.message = run.attempts + 1, 0.0, "", ""
    session.add(run)
    session.flush()
    return run


def heartbeat(
    session: Session,
    run_id: int,
    progress: float | None = None,
    message: str | None = None,
    *,
    now: datetime | None = None,
) -> bool:
    """Say that a run is alive and how far it is.

    Parameters
    ----------
    progress
        Share of the run that is done, 0 to 1.

    Returns
    -------
    Whether the worker is to stop: because someone asked, or because the run is not running any more (it was taken for
    dead, say, and begun elsewhere).
    """
    run = _locked(session, run_id)
    if run.state != State.RUNNING:
        return True
    run.heartbeat_at = now or datetime.now(UTC)
    run.progress = run.progress if progress is None else min(max(progress, 0.0), 1.0)
    run.message = run.message if message is None else message
    session.add(run)
    return run.cancel_requested


def enter_stage(session: Session, run_id: int, stage: str, message: str = "", *, now: datetime | None = None) -> None:
    """Say that a run has come to a stage; the stage before it ends."""
    now = now or datetime.now(UTC)
    _end_stage(session, run_id, now)
    session.add(RunStage(run_id=run_id, stage=stage, started_at=now, message=message))
    run = _locked(session, run_id)
    run.stage, run.message, run.heartbeat_at = stage, message, now
    session.add(run)


def end(session: Session, run_id: int, state: State, message: str = "", *, now: datetime | None = None) -> None:
    """Say how a run ended.

    Raises
    ------
    TouchstoneError
        If it is not running or waiting any more: what it found must not be published then.
    """
    if state not in ENDED:
        raise ValueError(f"a run does not end as {state}")
    run = _locked(session, run_id)
    if run.state in ENDED:
        raise TouchstoneError(f"Run {run_id} has ended already ({run.state}).", "Ask for a new one.")
    now = now or datetime.now(UTC)
    _end_stage(session, run_id, now)
    run.state, run.message, run.finished_at = state, message, now
    run.progress = 1.0 if state is State.PUBLISHED else run.progress
    session.add(run)
    session.flush()


def request_cancel(session: Session, run_id: int, *, now: datetime | None = None) -> None:
    """Ask a run to stop. One that waits is cancelled at once, one that runs at its next heartbeat."""
    run = _locked(session, run_id)
    if run.state == State.REQUESTED:
        end(session, run_id, State.CANCELLED, "cancelled before it began", now=now)
    elif run.state == State.RUNNING:
        run.cancel_requested = True
        session.add(run)


def cancel_requested(session: Session, run_id: int) -> bool:
    """Tell whether a run is asked to stop."""
    return find(session, run_id).cancel_requested


def hand_back(session: Session, run_id: int, *, now: datetime | None = None) -> None:
    """Let a running run wait again, because its worker has to end; it keeps its place in the queue.

    Where another run of its goal waits by now, that one will do, and this one is cancelled.
    """
    run = _locked(session, run_id)
    if run.state != State.RUNNING:
        return
    waiting = select(func.count()).where(Run.goal == run.goal, Run.state == State.REQUESTED)
    if run.cancel_requested:
        end(session, run_id, State.CANCELLED, "cancelled", now=now)
    elif session.exec(waiting).one():
        end(session, run_id, State.CANCELLED, "a later request of the same goal waits", now=now)
    else:
        _end_stage(session, run_id, now or datetime.now(UTC))
        run.state, run.stage, run.message, run.progress = State.REQUESTED, "", "waiting to begin again", 0.0
        run.started_at = run.heartbeat_at = None
        session.add(run)
        session.flush()


def reclaim(session: Session, *, silent_for: timedelta = LOST_AFTER, now: datetime | None = None) -> Sequence[Run]:
    """Deal with runs whose worker has died: they wait again, or after :data:`ATTEMPTS` have failed.

    Returns
    -------
    The runs that were found lost, as they stand now.
    """
    now = now or datetime.now(UTC)
    silent = select(Run).where(Run.state == State.RUNNING, col(Run.heartbeat_at) < now - silent_for)
    lost = session.exec(silent.order_by(col(Run.id)).with_for_update(skip_locked=True)).all()
    for run in lost:
        if run.attempts >= ATTEMPTS:
            end(session, int(run.id or 0), State.FAILED, f"its process ended without a word, {ATTEMPTS} times", now=now)
        else:
            hand_back(session, int(run.id or 0), now=now)
    return lost


def find(session: Session, run_id: int) -> Run:
    """Return a run.

    Raises
    ------
    UnreadyError
        If there is no such run.
    """
    run = session.get(Run, run_id)
    if run is None:
        raise UnreadyError(f"There is no run {run_id}.", "See which there are: touchstone doctor.")
    return run


def recent(session: Session, limit: int = 20) -> Sequence[Run]:
    """Return the runs asked for last, the latest first."""
    return session.exec(select(Run).order_by(col(Run.id).desc()).limit(limit)).all()


def latest(session: Session, goal: str | None = None) -> Run | None:
    """Return the run asked for last, of one goal or of any, whatever became of it."""
    statement = select(Run).order_by(col(Run.id).desc()).limit(1)
    return session.exec(statement if goal is None else statement.where(Run.goal == goal)).first()


def published(session: Session, goal: str) -> Run | None:
    """Return the run of a goal that was published last; later ones that failed do not count."""
    newest = select(Run).where(Run.goal == goal, Run.state == State.PUBLISHED)
    return session.exec(newest.order_by(col(Run.finished_at).desc(), col(Run.id).desc()).limit(1)).first()


def published_goals(session: Session) -> tuple[str, ...]:
    """Return the goals that have a published run, in alphabetical order."""
    return tuple(sorted(session.exec(select(Run.goal).where(Run.state == State.PUBLISHED).distinct())))


def stages(session: Session, run_id: int) -> Sequence[RunStage]:
    """Return the stages of a run in their order."""
    return session.exec(select(RunStage).where(RunStage.run_id == run_id).order_by(col(RunStage.id))).all()


def _locked(session: Session, run_id: int) -> Run:
    """Return a run as it is now, which nobody else changes before this transaction ends."""
    row = select(Run).where(Run.id == run_id).with_for_update().execution_options(populate_existing=True)
    run = session.exec(row).first()
    return find(session, run_id) if run is None else run


def _end_stage(session: Session, run_id: int, now: datetime) -> None:
    session.flush()
    session.exec(
        update(RunStage)
        .where(col(RunStage.run_id) == run_id, col(RunStage.finished_at).is_(None))
        .values(finished_at=now)
    )
