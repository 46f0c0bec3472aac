"""How touches led to responses, as a run summed it up: paths with their credit, and single responses opened."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from campaigns.store import tables

__all__ = ["CreditedResponse", "Opened", "Path", "TouchShare", "opened", "paths", "recent_responses"]


@dataclass(frozen=True)
class Path:
    """A path of channels that responses came by.

    Parameters
    ----------
    channels
        In the order of their touches.
    responses
        Responses that came by it.
    median_days
        Days from its first touch to the response, the middle one.
    baseline
        Part of its responses that would have come anyway.
    credit
        Part of its responses by channel.
    """

    channels: tuple[str, ...]
    responses: int
    median_days: float
    baseline: float
    credit: dict[str, float]


@dataclass(frozen=True)
class CreditedResponse:
    """A response whose credit a run kept: its place in the run, when it came and what part would have come anyway."""

    place: int
    occurred_at: datetime
    kind: str
    baseline: float
    touches: int


@dataclass(frozen=True)
class TouchShare:
    """One touch before a response (or a medium without persons, which has no moment), and its share with its range."""

    channel: str
    share: float
    p05: float
    p95: float
    occurred_at: datetime | None = None
    kind: str = ""
    campaign: str = ""
    ad: str = ""


@dataclass(frozen=True)
class Opened:
    """One response opened to its touches; baseline, touches and rest sum to one.

    Parameters
    ----------
    value
        In minor units, or None where it is not known.
    person_id
        Whose it is, or None.
    baseline, baseline_p05, baseline_p95
        Part of it that would have come anyway, with its range.
    rest
        Part of it that many small touches share.
    """

    place: int
    occurred_at: datetime
    kind: str
    value: int | None
    person_id: int | None
    customer: str
    baseline: float
    baseline_p05: float
    baseline_p95: float
    rest: float
    touches: tuple[TouchShare, ...]


def paths(session: Session, run_id: int, limit: int = 50) -> tuple[Path, ...]:
    """Return the commonest paths of a run, in the order that the run stored them."""
    path = tables.PathCredit
    rows = session.execute(
        select(path).where(col(path.run_id) == run_id).order_by(col(path.position)).limit(limit)
    ).scalars()
    return tuple(
        Path(tuple(row.channels), row.responses, row.median_days, row.baseline, dict(row.credit)) for row in rows
    )


def recent_responses(session: Session, run_id: int, limit: int = 20) -> tuple[CreditedResponse, ...]:
    """Return the last responses of a run that touches have a share in, the latest first.

    A run numbers its responses by time or by person; the last hundred places with shares are looked at, so that no
    table is read whole.
    """
    credit, share, response = tables.ResponseCredit, tables.CreditShare, tables.Response
    shares = (
        select(col(share.place), func.count().label("touches"))
        .where(col(share.run_id) == run_id)
        .group_by(col(share.place))
        .order_by(col(share.place).desc())
        .limit(max(limit, 100))
        .subquery()
    )
    found: Any = session.execute(
        select(col(credit.place), col(response.occurred_at), col(response.kind), col(credit.baseline), shares.c.touches)
        .join(shares, shares.c.place == col(credit.place))
        .join(response, col(response.id) == col(credit.response_id))
        .where(col(credit.run_id) == run_id)
        .order_by(col(response.occurred_at).desc())
        .limit(limit)
    )
    return tuple(CreditedResponse(*row) for row in found)


def opened(session: Session, run_id: int, place: int) -> Opened | None:
    """Return one response of a run with its touches, the earliest first; None if the run kept no such response."""
    credit = session.get(tables.ResponseCredit, (run_id, place))
    if credit is None or credit.response_id is None:
        return None
    response = session.get(tables.Response, credit.response_id)
    if response is None:
        return None
    person, customer = _person(session, response.identity_id)
    return Opened(
        place=place,
        occurred_at=response.occurred_at,
        kind=response.kind,
        value=response.value,
        person_id=person,
        customer=customer,
        baseline=credit.baseline,
        baseline_p05=credit.baseline_p05,
        baseline_p95=credit.baseline_p95,
        rest=credit.rest,
        touches=_touches(session, run_id, place),
    )


def _person(session: Session, identity_id: int | None) -> tuple[int | None, str]:
    """Return the person behind an identity, and their customer number if they have one."""
    held = None if identity_id is None else session.get(tables.Identity, identity_id)
    if held is None:
        return None, ""
    identity = tables.Identity
    named = session.execute(
        select(col(identity.value))
        .where(col(identity.person_id) == held.person_id, col(identity.kind) == "customer")
        .order_by(col(identity.id))
        .limit(1)
    ).scalar()
    return held.person_id, named or ""


def _touches(session: Session, run_id: int, place: int) -> tuple[TouchShare, ...]:
    share, touch = tables.CreditShare, tables.Touch
    rows = session.execute(
        select(share, touch)
        .outerjoin(touch, col(touch.id) == col(share.touch_id))
        .where(col(share.run_id) == run_id, col(share.place) == place)
        .order_by(col(touch.occurred_at), col(share.position))
    )
    return tuple(
        TouchShare(
            channel=found.channel,
            share=found.share,
            p05=found.p05,
            p95=found.p95,
            occurred_at=None if met is None else met.occurred_at,
            kind="" if met is None else met.kind,
            campaign=(met.campaign or "") if met is not None else "",
            ad=(met.ad or "") if met is not None else "",
        )
        for found, met in rows
    )
