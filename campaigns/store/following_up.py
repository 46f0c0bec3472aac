"""Following leads up: what stops their clocks, whether a lead was handed over here or told by a file."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlmodel import Session, col

from campaigns.faults import TouchstoneError
from campaigns.store import tables
from campaigns.store.plan_records import BY_HAND
from campaigns.store.telling import batch_of_today

__all__ = ["TALKED", "follow_up_in", "leads_of", "talked"]

HANDED, TOLD = "handover", "lead"

KIND = "follow-up"
"""Kind of the activity of sales by which a lead from a file counts as followed up."""

TALKED = frozenset({"interested", "declined", "complaint", "never", "reached", "call back"})
"""What somebody tells who has spoken to the customer (`campaigns.store.telling.WHAT`)."""


def follow_up_in(session: Session, key: str, *, owner: str | None, now: datetime, zone: ZoneInfo) -> str:
    """Say that a lead was followed up; return of whom, as its customer or account is called.

    A lead that was handed over here keeps the moment. Of one from a file, which the next import writes again, an
    activity of sales is kept, as a file of activities would tell it.

    Parameters
    ----------
    key
        ``handover:ID`` or ``lead:SOURCE:LEAD_ID``.
    owner
        Only a lead of this owner's; anybody's if None.

    Raises
    ------
    TouchstoneError
        If there is no such lead, or it is another owner's.
    """
    kind, _, rest = key.partition(":")
    if kind == HANDED and rest.isdecimal():
        handed = session.get(tables.Handover, int(rest))
        if handed is not None and owner in (None, handed.owner):
            handed.followed_up_at = handed.followed_up_at or now
            session.add(handed)
            return handed.customer_id
    source, _, number = rest.rpartition(":")
    lead = _lead(session, source, number) if kind == TOLD else None
    if lead is None or lead.owner is None or owner not in (None, lead.owner):
        raise TouchstoneError(f"There is no lead {key}.")
    session.add(
        tables.SalesActivity(
            batch_id=batch_of_today(session, "sales_activities", now, zone),
            source=BY_HAND,
            row_key=f"{key}@{now.isoformat()}",
            activity_id=f"{key}@{now.isoformat()}",
            identity_id=lead.identity_id,
            account_id=lead.account_id,
            owner=lead.owner,
            occurred_at=now,
            kind=KIND,
        )
    )
    return lead.lead_id


def talked(session: Session, person: int, owner: str, *, now: datetime, zone: ZoneInfo) -> int:
    """Stop the clocks of a person's leads, because their owner has spoken to them; return how many."""
    keys = leads_of(session, person, owner)
    for key in keys:
        follow_up_in(session, key, owner=owner, now=now, zone=zone)
    return len(keys)


def leads_of(session: Session, person: int, owner: str) -> tuple[str, ...]:
    """Return the keys of a person's leads that an owner has and that nobody said to have followed up."""
    row, lead, talk = tables.Handover, tables.Lead, tables.SalesActivity
    handed = session.execute(
        select(col(row.id)).where(
            col(row.person_id) == person,
            col(row.owner) == owner,
            col(row.followed_up_at).is_(None),
            col(row.taken_back_at).is_(None),
        )
    ).scalars()
    mine = select(col(tables.Identity.id)).where(col(tables.Identity.person_id) == person)
    spoken = (
        select(col(talk.id))
        .where(
            col(talk.identity_id).in_(mine),
            col(talk.owner) == owner,
            col(talk.occurred_at) >= func.coalesce(col(lead.assigned_at), col(lead.received_at)),
        )
        .exists()
    )
    told = session.execute(
        select(col(lead.source), col(lead.lead_id)).where(
            col(lead.identity_id).in_(mine),
            col(lead.owner) == owner,
            col(lead.first_contacted_at).is_(None),
            col(lead.qualified_at).is_(None),
            ~spoken,
        )
    )
    return (*(f"{HANDED}:{number}" for number in handed), *(f"{TOLD}:{source}:{number}" for source, number in told))


def _lead(session: Session, source: str, number: str) -> tables.Lead | None:
    row = tables.Lead
    query = select(row).where(col(row.source) == source, col(row.lead_id) == number).order_by(col(row.id).desc())
    return session.execute(query.limit(1)).scalar_one_or_none()
