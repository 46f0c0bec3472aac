"""How well orders and touches meet: the same persons, known by the same things, in the same months."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from campaigns.store.tables import Identity, Response, Touch
from campaigns.terms import GOALS, Goal

__all__ = ["Gaps", "gaps_of"]

Span = tuple[dt.datetime, dt.datetime]

LONGEST = dt.timedelta(days=90)
"""For how long the slowest of the usual channels works."""


@dataclass(frozen=True)
class Gaps:
    """How well the responses of a goal and the touches meet.

    Parameters
    ----------
    responses, met
        Responses, and how many of them are by somebody who was ever touched.
    responses_by, touches_by
        How many rows know their person by what: customer, email, cookie, ...; nothing for nobody.
    responses_span, touches_span
        First and last moment of each, UTC; None where there are none.
    """

    responses: int
    met: int
    responses_by: Mapping[str, int]
    touches_by: Mapping[str, int]
    responses_span: Span | None
    touches_span: Span | None

    @property
    def share(self) -> float:
        """Share of the responses that are by somebody who was ever touched."""
        return self.met / self.responses if self.responses else 0.0

    @property
    def apart(self) -> bool:
        """Whether no response can follow a touch: it came before the first, or long after the last."""
        if self.responses_span is None or self.touches_span is None:
            return False
        return self.touches_span[1] + LONGEST < self.responses_span[0] or self.responses_span[1] < self.touches_span[0]


def gaps_of(session: Session, goal: Goal = GOALS["order"]) -> Gaps:
    """Compare the persons and the times of responses with those of touches."""
    wanted = col(Response.kind).in_(goal.kinds)
    touched = select(col(Identity.person_id)).join(Touch, col(Touch.identity_id) == col(Identity.id)).distinct()
    by_known: Any = (
        select(func.count())
        .select_from(Response)
        .join(Identity, col(Identity.id) == col(Response.identity_id))
        .where(wanted, col(Identity.person_id).in_(touched))
    )
    responses = _by(session, Response, wanted)
    return Gaps(
        sum(responses.values()),
        session.execute(by_known).scalar_one(),
        responses,
        _by(session, Touch),
        _span(session, Response, wanted),
        _span(session, Touch),
    )


def _by(session: Session, table: type[Response] | type[Touch], *only: Any) -> dict[str, int]:
    query: Any = (
        select(col(Identity.kind), func.count())
        .select_from(table)
        .join(Identity, col(Identity.id) == col(table.identity_id), isouter=True)
        .where(*only)
        .group_by(col(Identity.kind))
    )
    return {kind or "": count for kind, count in session.execute(query)}


def _span(session: Session, table: type[Response] | type[Touch], *only: Any) -> Span | None:
    at = col(table.occurred_at)
    first, last = session.execute(select(func.min(at), func.max(at)).where(*only)).one()
    return None if first is None or last is None else (first, last)
