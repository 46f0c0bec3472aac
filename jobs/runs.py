"""The life of a run: asked for, claimed by one worker, told of, ended. Each function is one transaction of its own.

Light on purpose: the site imports this module and nothing else of ``jobs``, so no model and no scheduler may come with
it.
"""

from __future__ import annotations

import platform
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib import metadata

from sqlmodel import Session

from campaigns.faults import Fault, RefusedError, TouchstoneError
from campaigns.settings import known_goals
from campaigns.store import runs as ledger
from campaigns.store.database import Database
from campaigns.store.runs import State
from campaigns.store.tables import Run, RunStage
from jobs.options import RunOptions

__all__ = [
    "ClaimedRun",
    "RunOptions",
    "State",
    "StoppedError",
    "beat",
    "cancel",
    "claim",
    "claimed",
    "end",
    "enter_stage",
    "hand_back",
    "latest",
    "published_goals",
    "recent",
    "reclaim",
    "record",
    "request",
    "require_ours",
    "stages",
    "start",
]

PACKAGES = ("touchstone", "pymc", "pytensor", "nutpie", "arviz", "numba", "numpy", "duckdb")
"""Whose versions a run is kept with: what may change its numbers."""


class StoppedError(TouchstoneError):
    """A run was asked to stop, or taken from its worker, and stopped."""


@dataclass(frozen=True)
class ClaimedRun:
    """A run that this worker has taken on.

    ``attempt`` tells it from a later worker's, should this one be taken for dead.
    """

    id: int
    goal: str
    options: RunOptions
    attempt: int
    requested_by: str


def request(
    database: Database, goal: str = "order", *, requested_by: str = "", options: RunOptions | None = None
) -> int:
    """Ask for a run; where one of the same goal waits already, it is that one.

    Returns
    -------
    The number of the run.

    Raises
    ------
    RefusedError
        If there is no such goal.
    """
    _require_goal(goal)
    with database.transaction() as session:
        return ledger.request(session, goal, requested_by=requested_by, options=asdict(options or RunOptions()))


def start(
    database: Database, goal: str = "order", *, requested_by: str = "", options: RunOptions | None = None
) -> ClaimedRun:
    """Ask for a run and claim it at once; one of the same goal that waits is taken on with these options.

    Raises
    ------
    RefusedError
        If there is no such goal.
    TouchstoneError
        If another worker took the run first.
    """
    _require_goal(goal)
    with database.transaction() as session:
        asked = asdict(options or RunOptions())
        number = ledger.request(session, goal, requested_by=requested_by, options=asked)
        run = ledger.claim(session, number)
        if run is None:
            raise TouchstoneError(f"Run {number} of {goal} was begun by another worker just now.", "Wait for it.")
        run.options = asked
        return _claimed(session, run)


def claim(database: Database) -> ClaimedRun | None:
    """Take on the run that has waited longest, or return None if nothing waits."""
    with database.transaction() as session:
        run = ledger.claim(session)
        return None if run is None else _claimed(session, run)


def claimed(database: Database, run_id: int) -> ClaimedRun:
    """Return a run that was claimed for this process by another, the scheduler.

    Raises
    ------
    UnreadyError
        If there is no such run.
    TouchstoneError
        If it is not running.
    """
    run = record(database, run_id)
    if run.state != State.RUNNING:
        raise TouchstoneError(f"Run {run_id} is {run.state}, not claimed.", "Ask for a new one: touchstone fit.")
    return _as_claimed(run)


def beat(database: Database, run: ClaimedRun, share: float, message: str) -> bool:
    """Say that a run is alive and how far it is, from 0 to 1; return whether its worker is to stop."""
    with database.transaction() as session:
        if not _is_ours(session, run):
            return True
        return ledger.heartbeat(session, run.id, share, message)


def enter_stage(database: Database, run: ClaimedRun, stage: str, message: str = "") -> None:
    """Say that a run has come to a stage; the stage before it ends.

    Raises
    ------
    StoppedError
        If the run is not this worker's any more.
    """
    with database.transaction() as session:
        require_ours(session, run)
        ledger.enter_stage(session, run.id, stage, message)


def end(database: Database, run: ClaimedRun, state: State, message: str = "") -> None:
    """Say how a run ended; nothing is changed if it is not this worker's any more."""
    with database.transaction() as session:
        if _is_ours(session, run):
            ledger.end(session, run.id, state, message)


def require_ours(session: Session, run: ClaimedRun) -> None:
    """Check that a run is still this worker's and that nobody asked it to stop; it stays so until the transaction ends.

    Raises
    ------
    StoppedError
        If it is not, or somebody did.
    """
    if not _is_ours(session, run):
        raise StoppedError(f"run {run.id} was taken from its worker, which had been silent for too long")
    if ledger.heartbeat(session, run.id):
        raise StoppedError("stopped on request")


def hand_back(database: Database, run: ClaimedRun) -> None:
    """Let a run whose worker has to end wait again; the next worker takes it up."""
    with database.transaction() as session:
        if _is_ours(session, run):
            ledger.hand_back(session, run.id)


def reclaim(database: Database) -> Sequence[Run]:
    """Deal with runs whose worker fell silent; return them as they stand now, waiting again or failed."""
    with database.transaction() as session:
        return ledger.reclaim(session)


def cancel(database: Database, run_id: int) -> Run:
    """Ask a run to stop: at once if it waits, within seconds if it runs; one that has ended stays as it is.

    Raises
    ------
    UnreadyError
        If there is no such run.
    """
    with database.transaction() as session:
        ledger.request_cancel(session, run_id)
        return ledger.find(session, run_id)


def latest(database: Database, goal: str | None = None) -> Run | None:
    """Return the run asked for last, of one goal or of any, whatever became of it."""
    with database.reading() as session:
        return ledger.latest(session, goal)


def record(database: Database, run_id: int) -> Run:
    """Return a run's line in the ledger.

    Raises
    ------
    UnreadyError
        If there is no such run.
    """
    with database.reading() as session:
        return ledger.find(session, run_id)


def recent(database: Database, limit: int = 20) -> Sequence[Run]:
    """Return the runs asked for last, the latest first."""
    with database.reading() as session:
        return ledger.recent(session, limit)


def stages(database: Database, run_id: int) -> Sequence[RunStage]:
    """Return the stages of a run in their order."""
    with database.reading() as session:
        return ledger.stages(session, run_id)


def published_goals(database: Database) -> tuple[str, ...]:
    """Return the goals that have a published run, in alphabetical order."""
    with database.reading() as session:
        return ledger.published_goals(session)


def _require_goal(goal: str) -> None:
    known = known_goals()
    if goal not in known:
        fault = Fault(0, "goal", repr(goal), "one of " + ", ".join(known))
        raise RefusedError("There is no such goal:", [fault], "Name one of these.")


def _claimed(session: Session, run: Run) -> ClaimedRun:
    """Note what the run is carried out with, and return it as claimed."""
    run.versions = {"python": platform.python_version(), **{name: metadata.version(name) for name in PACKAGES}}
    session.add(run)
    session.flush()
    return _as_claimed(run)


def _as_claimed(run: Run) -> ClaimedRun:
    return ClaimedRun(int(run.id or 0), run.goal, RunOptions.from_mapping(run.options), run.attempts, run.requested_by)


def _is_ours(session: Session, run: ClaimedRun) -> bool:
    now = ledger.find(session, run.id)
    return now.state == State.RUNNING and now.attempts == run.attempt
