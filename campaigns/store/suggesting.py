"""Contacts that sales' locks stopped, offered to the owners of the locks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Any

from sqlalchemy import insert, select
from sqlmodel import Session, col

from campaigns.faults import Fault, RefusedError, TouchstoneError
from campaigns.planning.overlaps import Suggestion
from campaigns.store import tables
from campaigns.store.database import Database

__all__ = [
    "ANSWERS",
    "OwnersSuggestion",
    "answer_suggestion",
    "answer_suggestion_in",
    "keep_suggestions",
    "open_suggestions",
    "suggestion_of",
    "suggestions_for",
]

ANSWERS = ("offered", "taken up", "declined", "given free")
"""What becomes of a suggestion: the owner makes the offer, does not, or lets marketing make it."""


@dataclass(frozen=True)
class OwnersSuggestion:
    """A suggestion as its owner sees it. Value in major units of the reporting currency."""

    id: int
    plan_id: int
    owner: str
    customer_id: str
    account_id: str | None
    promotion: str | None
    channel: str
    expected_value: float
    lock_reason: str
    lock_until: date
    state: str


def keep_suggestions(session: Session, plan_id: int, offered: Sequence[Suggestion]) -> None:
    """Keep the suggestions of a plan."""
    if not offered:
        return
    customer, identity = tables.Customer, tables.Identity
    accounts: dict[int, str | None] = {
        row[0]: row[1]
        for row in session.execute(
            select(col(identity.person_id), col(customer.account_id))
            .join(customer, col(customer.identity_id) == col(identity.id))
            .where(col(customer.account_id).is_not(None))
        )
    }
    rows = [
        {
            "plan_id": plan_id,
            "owner": one.owner,
            "person_id": one.person,
            "customer_id": one.customer_id,
            "account_id": accounts.get(one.person),
            "promotion": one.promotion,
            "channel": one.channel,
            "expected_value": one.value,
            "lock_reason": one.lock_reason,
            "lock_until": one.lock_until,
            "state": "offered",
        }
        for one in offered
    ]
    session.execute(insert(tables.SalesSuggestion), rows)


def suggestions_for(
    database: Database,
    *,
    plan_id: int | None = None,
    owner: str | None = None,
    customer_id: str | None = None,
    limit: int | None = None,
) -> tuple[OwnersSuggestion, ...]:
    """Return suggestions, the most valuable first.

    Parameters
    ----------
    plan_id
        Those of this plan; of all plans if None.
    owner, customer_id
        Only those for this owner, about this customer.
    limit
        So many at most; all if None.
    """
    row = tables.SalesSuggestion
    statement: Any = select(row).order_by(col(row.expected_value).desc(), col(row.id))
    for column, wanted in ((row.plan_id, plan_id), (row.owner, owner), (row.customer_id, customer_id)):
        if wanted is not None:
            statement = statement.where(col(column) == wanted)
    statement = statement.limit(limit)
    with database.reading() as session:
        return tuple(_suggestion(found) for found in session.execute(statement).scalars())


def open_suggestions(session: Session, today: date, owner: str | None = None) -> tuple[OwnersSuggestion, ...]:
    """Return the suggestions of plans in use that no owner has answered, each customer's best, while the plan runs.

    Parameters
    ----------
    owner
        Only those for this owner; everybody's if None.
    """
    row, plan = tables.SalesSuggestion, tables.Plan
    whose = col(row.id).is_not(None) if owner is None else col(row.owner) == owner
    found = session.execute(
        select(row)
        .join(plan, col(plan.id) == col(row.plan_id))
        .where(
            whose,
            col(row.state) == "offered",
            col(plan.state).in_(("approved", "exported")),
            col(plan.ends_on) >= today,
            col(row.lock_until) >= today,
        )
        .order_by(col(row.expected_value).desc(), col(row.id))
    ).scalars()
    best: dict[tuple[str, str], OwnersSuggestion] = {}
    for one in found:
        best.setdefault((one.owner, one.customer_id), _suggestion(one))
    return tuple(best.values())


def answer_suggestion(database: Database, suggestion_id: int, state: str, *, now: datetime | None = None) -> None:
    """Keep what an owner says to a suggestion.

    Raises
    ------
    RefusedError
        If that is none of the answers there are.
    TouchstoneError
        If there is no such suggestion.
    """
    with database.transaction() as session:
        answer_suggestion_in(session, suggestion_id, state, now=now)


def answer_suggestion_in(session: Session, suggestion_id: int, state: str, *, now: datetime | None = None) -> None:
    """Keep what an owner says inside a transaction, as `answer_suggestion` does."""
    if state not in ANSWERS:
        raise RefusedError("This answer is not known:", [Fault(0, "answer", repr(state), " or ".join(ANSWERS))])
    row = session.get(tables.SalesSuggestion, suggestion_id)
    if row is None:
        raise TouchstoneError(f"There is no suggestion {suggestion_id}.")
    row.state, row.answered_at = state, now or datetime.now(UTC)
    session.add(row)


def suggestion_of(session: Session, suggestion_id: int) -> OwnersSuggestion | None:
    """Return a suggestion, or None if there is no such one."""
    row = session.get(tables.SalesSuggestion, suggestion_id)
    return None if row is None else _suggestion(row)


def _suggestion(row: tables.SalesSuggestion) -> OwnersSuggestion:
    names = ("plan_id", "owner", "customer_id", "account_id", "promotion", "channel", "expected_value")
    told = {name: getattr(row, name) for name in (*names, "lock_reason", "lock_until", "state")}
    return OwnersSuggestion(id=row.id or 0, **told)
