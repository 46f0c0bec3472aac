"""Credit of single responses, in and out: for the customer's page and for journeys."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
from sqlalchemy import Table, delete
from sqlmodel import Session, col, select

from campaigns.store import runs, tables
from campaigns.store.arrow import append
from campaigns.terms import Range

__all__ = ["Credits", "PathCredit", "ResponseCredit", "TouchShare", "credits_of", "path_credits", "replace_credits"]

ASKED = 500
"""Responses asked for at a time."""

_RESPONSES: Table = tables.ResponseCredit.__table__  # type: ignore[attr-defined]
_SHARES: Table = tables.CreditShare.__table__  # type: ignore[attr-defined]
_PATHS: Table = tables.PathCredit.__table__  # type: ignore[attr-defined]


@dataclass(frozen=True)
class PathCredit:
    """A path of channels, the responses that came by it, and what each is credited with on it.

    Parameters
    ----------
    channels
        The path, equal neighbours told once.
    median_days
        Days from the first contact at work to the response, in the middle.
    baseline
        Responses that would have come anyway.
    credit
        Responses credited to each channel.
    """

    channels: tuple[str, ...]
    responses: int
    median_days: float
    baseline: float
    credit: dict[str, float]


@dataclass(frozen=True)
class Credits:
    """What a run found of single responses.

    Parameters
    ----------
    responses
        ``place, response_id, opportunity_id, baseline, baseline_p05, baseline_p95, rest``.
    shares
        ``place, position, touch_id, channel, share, p05, p95``.
    paths
        The commonest paths, the commonest first.
    """

    responses: pa.Table
    shares: pa.Table
    paths: tuple[PathCredit, ...] = ()


@dataclass(frozen=True)
class TouchShare:
    """The share of one touch in a response; ``touch_id`` and ``occurred_at`` are None for a medium without persons."""

    channel: str
    share: Range
    touch_id: int | None = None
    occurred_at: datetime | None = None
    campaign: str | None = None
    ad: str | None = None


@dataclass(frozen=True)
class ResponseCredit:
    """What a response is owed to; ``baseline``, ``rest`` (touches too small to name) and the shares sum to one.

    The shares come greatest first.
    """

    baseline: Range
    rest: float
    shares: tuple[TouchShare, ...] = field(default_factory=tuple)


def replace_credits(session: Session, run: tables.Run, owed: Credits) -> None:
    """Store the credit that a run found, in place of what earlier runs of its goal found."""
    earlier = select(tables.Run.id).where(tables.Run.goal == run.goal)
    for table in (_PATHS, _SHARES, _RESPONSES):
        session.execute(delete(table).where(table.c.run_id.in_(earlier)))
    for table, rows in ((_RESPONSES, owed.responses), (_SHARES, owed.shares)):
        number = pa.array(np.full(rows.num_rows, run.id, dtype=np.int64))
        append(session.connection(), table, rows.append_column("run_id", number))
    session.add_all(
        tables.PathCredit(
            run_id=int(run.id or 0),
            position=position,
            channels=list(path.channels),
            responses=path.responses,
            median_days=path.median_days,
            baseline=path.baseline,
            credit=path.credit,
        )
        for position, path in enumerate(owed.paths)
    )
    session.flush()


def credits_of(
    session: Session, response_ids: Sequence[int], goal: str = "order", *, deals: bool = False
) -> dict[int, ResponseCredit]:
    """Return the credit of responses, as the run of a goal that was published last sees it.

    Parameters
    ----------
    response_ids
        Rows of ``responses``, or of ``opportunities`` with ``deals``.

    Returns
    -------
    By response; one that is not among them had no contact at work before it, or is not of the goal and period.
    """
    run = runs.published(session, goal)
    if run is None:
        return {}
    found: dict[int, ResponseCredit] = {}
    asked = list(dict.fromkeys(response_ids))
    for first in range(0, len(asked), ASKED):
        found |= _credits_of(session, int(run.id or 0), asked[first : first + ASKED], deals=deals)
    return found


def _credits_of(session: Session, run_id: int, asked: list[int], *, deals: bool) -> dict[int, ResponseCredit]:
    row, share, touch = tables.ResponseCredit, tables.CreditShare, tables.Touch
    key: Any = col(row.opportunity_id) if deals else col(row.response_id)
    owed = session.exec(select(row).where(row.run_id == run_id, key.in_(asked))).all()
    shared = session.execute(
        select(share, touch)
        .join(touch, col(touch.id) == col(share.touch_id), isouter=True)
        .where(col(share.run_id) == run_id, col(share.place).in_([one.place for one in owed]))
        .order_by(col(share.place), col(share.position))
    )
    by_place: dict[int, list[TouchShare]] = defaultdict(list)
    for part, contact in shared:
        by_place[part.place].append(_share(part, contact))
    return {
        int((one.opportunity_id if deals else one.response_id) or 0): ResponseCredit(
            Range(one.baseline, one.baseline_p05, one.baseline_p95), one.rest, tuple(by_place[one.place])
        )
        for one in owed
    }


def _share(part: tables.CreditShare, contact: tables.Touch | None) -> TouchShare:
    return TouchShare(
        channel=part.channel,
        share=Range(part.share, part.p05, part.p95),
        touch_id=part.touch_id,
        occurred_at=None if contact is None else contact.occurred_at,
        campaign=None if contact is None else contact.campaign,
        ad=None if contact is None else contact.ad,
    )


def path_credits(session: Session, goal: str = "order", limit: int = 20) -> tuple[PathCredit, ...]:
    """Return the commonest paths of the run of a goal that was published last, the commonest first."""
    run = runs.published(session, goal)
    if run is None:
        return ()
    path = tables.PathCredit
    rows = session.exec(select(path).where(path.run_id == run.id).order_by(col(path.position)).limit(limit)).all()
    return tuple(
        PathCredit(tuple(row.channels), row.responses, row.median_days, row.baseline, dict(row.credit)) for row in rows
    )
