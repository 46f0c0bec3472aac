"""What was said to a customer and what they answered, in all media, in time order, the newest first."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, time
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import Session, col

from campaigns.store import tables
from campaigns.store.credits import ResponseCredit, credits_of

__all__ = ["Turn", "conversation"]

MOST = 400
"""Rows of one table read at most for a page of the conversation."""


@dataclass(frozen=True)
class Turn:
    """One thing that was said, shown, done or answered.

    Parameters
    ----------
    until
        The moment of the last one, where several alike of one day are told as one; else equal to ``at``.
    who
        ``us``, ``them``, ``sales`` or ``service``.
    kind
        Kind of the touch, the response or the activity, as the file kinds have it; ``deal`` or ``case`` else.
    channel
        Where; empty where that is not known.
    about
        The promotion, the product or the campaign; empty for none.
    outcome
        What came of it, or the reason given; empty where that is not known.
    value
        In minor units of the reporting currency, or None.
    count
        How many alike are told as one.
    credit
        What the response is owed to, where the last published run kept it.
    owner
        The sales person behind it; empty for none.
    """

    at: datetime
    until: datetime
    who: str
    kind: str
    channel: str = ""
    about: str = ""
    outcome: str = ""
    value: int | None = None
    count: int = 1
    credit: ResponseCredit | None = None
    owner: str = ""


def conversation(
    session: Session, person: int, *, zone: ZoneInfo, before: datetime | None = None, limit: int = 60
) -> tuple[Turn, ...]:
    """Return a page of the conversation with a person.

    Parameters
    ----------
    zone
        Where days begin: equal touches through one channel on one day are told as one.
    before
        Only what came before this moment; everything if None.
    limit
        Turns at most.
    """
    mine = list(
        session.execute(select(col(tables.Identity.id)).where(col(tables.Identity.person_id) == person)).scalars()
    )
    turns = [
        *_touches(session, mine, before),
        *_responses(session, mine, before),
        *_talks(session, mine, before),
        *_cases(session, mine, before),
        *_places(session, person, before, zone),
    ]
    turns.sort(key=lambda turn: (turn.at, turn.kind), reverse=True)
    return tuple(_folded(turns, zone))[:limit]


def _recent(row: Any, moment: Any, mine: list[int], before: datetime | None) -> Any:
    statement = select(row).where(col(row.identity_id).in_(mine))
    if before is not None:
        statement = statement.where(moment < before)
    return statement.order_by(moment.desc(), col(row.id).desc()).limit(MOST)


def _touches(session: Session, mine: list[int], before: datetime | None) -> Iterator[Turn]:
    row = tables.Touch
    # a plan writes down whom it holds back when it is exported, days ahead
    before = before or datetime.now(UTC)
    for one in session.execute(_recent(row, col(row.occurred_at), mine, before)).scalars():
        who = "them" if one.kind in ("click", "open", "visit") else "us"
        about = one.promotion or one.campaign or ""
        yield Turn(one.occurred_at, one.occurred_at, who, one.kind, one.channel, about, one.outcome or "")


def _responses(session: Session, mine: list[int], before: datetime | None) -> Iterator[Turn]:
    row = tables.Response
    found = list(session.execute(_recent(row, col(row.occurred_at), mine, before)).scalars())
    owed = credits_of(session, [one.id for one in found if one.id is not None]) if found else {}
    for one in found:
        yield Turn(
            one.occurred_at,
            one.occurred_at,
            "them",
            one.kind,
            one.channel or "",
            one.promotion or one.product or "",
            one.reason or "",
            one.value,
            credit=owed.get(one.id or 0),
        )


def _talks(session: Session, mine: list[int], before: datetime | None) -> Iterator[Turn]:
    talk, deal = tables.SalesActivity, tables.Opportunity
    for one in session.execute(_recent(talk, col(talk.occurred_at), mine, before)).scalars():
        yield Turn(one.occurred_at, one.occurred_at, "sales", one.kind, owner=one.owner)
    for sold in session.execute(_recent(deal, col(deal.opened_on), mine, before)).scalars():
        yield Turn(
            sold.opened_on,
            sold.opened_on,
            "sales",
            "deal",
            about=sold.opportunity_id,
            outcome=sold.lost_reason or sold.stage,
            value=sold.value,
            owner=sold.owner,
        )


def _cases(session: Session, mine: list[int], before: datetime | None) -> Iterator[Turn]:
    row = tables.Case
    for one in session.execute(_recent(row, col(row.opened_at), mine, before)).scalars():
        yield Turn(one.opened_at, one.opened_at, "service", "case", about=one.case_id, outcome=one.reason)


def _places(session: Session, person: int, before: datetime | None, zone: ZoneInfo) -> Iterator[Turn]:
    """Give the contacts that are promised or went out on a list and of which no file has told yet."""
    row = tables.Reservation
    found = session.execute(
        select(row)
        .where(col(row.person_id) == person, col(row.state).in_(("reserved", "committed")), col(row.ghost).is_(False))
        .order_by(col(row.on).desc())
        .limit(MOST)
    ).scalars()
    for one in found:
        at = datetime.combine(one.on, time(), zone).astimezone(UTC)
        if before is None or at < before:
            kind = "promised" if one.state == "reserved" else "on a list"
            yield Turn(at, at, "us", kind, one.channel, one.promotion or "")


def _folded(turns: list[Turn], zone: ZoneInfo) -> Iterator[Turn]:
    """Tell equal touches of one day, one after another, as one."""
    held: Turn | None = None
    for turn in turns:
        if held is not None and _alike(held, turn, zone):
            held = Turn(
                turn.at, held.until, held.who, held.kind, held.channel, held.about, held.outcome, count=held.count + 1
            )
            continue
        if held is not None:
            yield held
        held = turn
    if held is not None:
        yield held


def _alike(one: Turn, other: Turn, zone: ZoneInfo) -> bool:
    same = ("who", "kind", "channel", "about", "outcome")
    return (
        one.value is other.value is None
        and one.credit is other.credit is None
        and one.kind in ("impression", "click", "open", "visit")
        and all(getattr(one, name) == getattr(other, name) for name in same)
        and one.at.astimezone(zone).date() == other.at.astimezone(zone).date()
    )
