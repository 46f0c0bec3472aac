"""Requests to the planner: asked for by the site, claimed by one worker, told of, ended.

Each function works inside the caller's transaction. Plans are solved in a process of their own, never in the site's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from campaigns.faults import UnreadyError
from campaigns.store.tables import PlanRequest

__all__ = [
    "LOST_AFTER",
    "OPEN",
    "STEPS",
    "About",
    "Kind",
    "State",
    "beat",
    "busy",
    "cancel",
    "claim",
    "done_last",
    "end",
    "find",
    "hand_back",
    "latest",
    "latest_about",
    "latest_of_plan",
    "reclaim",
    "request",
    "step_of",
    "waiting",
]

LOST_AFTER = timedelta(minutes=2)
"""How long a worker may be silent before it is taken for dead."""

ATTEMPTS = 2
"""How often a request is begun."""


class Kind(StrEnum):
    """What is wanted of the planner."""

    DRAFT = "draft"
    COMPARE = "compare"
    PREVIEW = "preview"
    APPROVE = "approve"
    EXPORT = "export"
    CANCEL = "cancel"
    CLOSE = "close"


STEPS = (Kind.APPROVE, Kind.EXPORT, Kind.CANCEL, Kind.CLOSE)
"""Steps of a plan's life: each looks at every contact of the plan, which is work for the job process."""


class State(StrEnum):
    """Where a request stands."""

    REQUESTED = "requested"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


OPEN = (State.REQUESTED, State.RUNNING)


def request(session: Session, kind: Kind, options: Mapping[str, Any], *, by: str, now: datetime | None = None) -> int:
    """Ask for something; where the same waits already, it is that one. Return the number of the request."""
    row = PlanRequest
    waiting = select(row).where(col(row.state) == State.REQUESTED, col(row.kind) == kind).order_by(col(row.id))
    for one in session.execute(waiting).scalars():
        if one.options == dict(options):
            return one.id or 0
    asked = PlanRequest(
        kind=kind,
        state=State.REQUESTED,
        requested_at=now or datetime.now(UTC),
        requested_by=by,
        options=dict(options),
    )
    session.add(asked)
    session.flush()
    return asked.id or 0


def step_of(session: Session, plan_id: int, kind: Kind, options: Mapping[str, Any], *, by: str) -> int:
    """Ask for a step of a plan's life; return the number of the request, of the one under way if there is one.

    Two people who press at the same time ask once: a plan takes one step at a time.
    """
    last = latest_of_plan(session, plan_id)
    if last is not None and last.state in OPEN:
        return last.id or 0
    number = request(session, kind, {**options, "plan": plan_id}, by=by)
    find(session, number).plan_id = plan_id
    session.flush()
    return number


def latest_of_plan(session: Session, plan_id: int) -> PlanRequest | None:
    """Return the step of a plan's life that was asked for last."""
    row = PlanRequest
    query = select(row).where(col(row.plan_id) == plan_id, col(row.kind).in_(STEPS)).order_by(col(row.id).desc())
    found: PlanRequest | None = session.execute(query.limit(1)).scalar_one_or_none()
    return found


def claim(session: Session, *, now: datetime | None = None) -> PlanRequest | None:
    """Take the request that has waited longest for this worker, or return None if nothing waits."""
    row = PlanRequest
    oldest = select(row).where(col(row.state) == State.REQUESTED).order_by(col(row.id)).limit(1)
    one: PlanRequest | None = session.execute(oldest.with_for_update(skip_locked=True)).scalar_one_or_none()
    if one is None:
        return None
    one.state, one.attempts, one.progress, one.message = State.RUNNING, one.attempts + 1, 0.0, ""
    one.started_at = one.heartbeat_at = now or datetime.now(UTC)
    session.add(one)
    session.flush()
    return one


def beat(session: Session, number: int, attempt: int, progress: float, message: str) -> bool:
    """Say that a worker is alive and how far it is; return whether it is to stop."""
    one = _locked(session, number)
    if one.state != State.RUNNING or one.attempts != attempt:
        return True
    one.heartbeat_at, one.progress, one.message = datetime.now(UTC), min(max(progress, 0.0), 1.0), message
    session.add(one)
    return one.cancel_requested


def end(
    session: Session,
    number: int,
    attempt: int,
    state: State,
    message: str = "",
    *,
    plan_id: int | None = None,
    result: Mapping[str, Any] | None = None,
) -> bool:
    """Say how a request ended; return whether it was still this worker's, nothing is changed where not."""
    one = _locked(session, number)
    if one.state != State.RUNNING or one.attempts != attempt:
        return False
    one.state, one.message, one.finished_at = state, message, datetime.now(UTC)
    one.plan_id = plan_id or one.plan_id  # a step names its plan from the start
    one.result = None if result is None else dict(result)
    session.add(one)
    session.flush()
    return True


def hand_back(session: Session, number: int, attempt: int) -> None:
    """Let a request whose worker has to end wait again."""
    one = _locked(session, number)
    if one.state == State.RUNNING and one.attempts == attempt:
        one.state = State.CANCELLED if one.cancel_requested else State.REQUESTED
        one.progress, one.message, one.started_at, one.heartbeat_at = 0.0, "", None, None
        session.add(one)


def reclaim(session: Session, *, now: datetime | None = None) -> Sequence[int]:
    """Deal with requests whose worker fell silent: they wait again, or have failed. Return their numbers."""
    row, moment = PlanRequest, now or datetime.now(UTC)
    silent = select(row).where(col(row.state) == State.RUNNING, col(row.heartbeat_at) < moment - LOST_AFTER)
    lost = session.execute(silent.with_for_update(skip_locked=True)).scalars().all()
    for one in lost:
        if one.attempts >= ATTEMPTS:
            one.state, one.finished_at = State.FAILED, moment
            one.message = f"its process ended without a word, {ATTEMPTS} times"
        else:
            one.state = State.REQUESTED
        session.add(one)
    return [one.id or 0 for one in lost]


def cancel(session: Session, number: int) -> PlanRequest:
    """Ask a request to stop: at once if it waits, within seconds if it runs; one that has ended stays as it is."""
    one = _locked(session, number)
    if one.state == State.REQUESTED:
        one.state, one.finished_at = State.CANCELLED, datetime.now(UTC)
    elif one.state == State.RUNNING:
        one.cancel_requested = True
    session.add(one)
    return one


def find(session: Session, number: int) -> PlanRequest:
    """Return a request.

    Raises
    ------
    UnreadyError
        If there is no such request.
    """
    one = session.get(PlanRequest, number)
    if one is None:
        raise UnreadyError(f"There is no request {number}.", "Ask again from the page Plan.")
    return one


def latest(session: Session, kinds: Sequence[Kind]) -> PlanRequest | None:
    """Return the request of some kinds that was asked for last."""
    row = PlanRequest
    return session.execute(
        select(row).where(col(row.kind).in_(kinds)).order_by(col(row.id).desc()).limit(1)
    ).scalar_one_or_none()


def done_last(session: Session, kind: Kind, limit: int = 50) -> Sequence[PlanRequest]:
    """Return the requests of a kind that were answered last, the latest first."""
    row = PlanRequest
    query = select(row).where(col(row.kind) == kind, col(row.state) == State.DONE).order_by(col(row.id).desc())
    return session.execute(query.limit(limit)).scalars().all()


@dataclass(frozen=True)
class About:
    """What was asked for last about one promotion, and what was answered last."""

    last: PlanRequest | None
    done: PlanRequest | None


def latest_about(session: Session, kind: Kind, promotion: str) -> About:
    """Return what was asked for, and answered, last about one promotion."""
    row = PlanRequest
    wanted: Any = col(row.options)["promotion"].as_string() == promotion
    query = select(row).where(col(row.kind) == kind, wanted).order_by(col(row.id).desc()).limit(1)
    last: PlanRequest | None = session.execute(query).scalar_one_or_none()
    done: PlanRequest | None = session.execute(query.where(col(row.state) == State.DONE)).scalar_one_or_none()
    return About(last, done)


def busy(session: Session) -> bool:
    """Tell whether a worker is at one of the requests."""
    row = PlanRequest
    return session.execute(select(col(row.id)).where(col(row.state) == State.RUNNING).limit(1)).first() is not None


def waiting(session: Session) -> PlanRequest | None:
    """Return the request that has waited longest, or None."""
    row = PlanRequest
    oldest = select(row).where(col(row.state) == State.REQUESTED).order_by(col(row.id)).limit(1)
    found: PlanRequest | None = session.execute(oldest).scalar_one_or_none()
    return found


def _locked(session: Session, number: int) -> PlanRequest:
    row = select(PlanRequest).where(col(PlanRequest.id) == number).with_for_update()
    one = session.execute(row.execution_options(populate_existing=True)).scalar_one_or_none()
    return find(session, number) if one is None else one
