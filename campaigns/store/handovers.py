"""Leads in the hands of sales: handed over, followed up, and the steps of their clock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import func, select
from sqlmodel import Session, col

from campaigns.faults import Fault, RefusedError, TouchstoneError
from campaigns.planning.handover import Lead, Step, steps_due
from campaigns.planning.policy import ContactPolicy
from campaigns.store import tables
from campaigns.store.alerts import raise_alert
from campaigns.store.database import Database
from campaigns.store.plan_records import person_of

__all__ = [
    "HandoverWish",
    "follow_up",
    "hand_over",
    "holder_of",
    "leads_waiting",
    "steps_to_take",
    "take_back",
    "take_steps",
]

LEAD_DAYS = 60
"""Imported leads that are older than this are no longer watched."""


@dataclass(frozen=True)
class HandoverWish:
    """A customer whom marketing hands to an owner in sales, and why."""

    customer_id: str
    owner: str
    reason: str


def hand_over(database: Database, wish: HandoverWish, *, by: str, now: datetime | None = None) -> int:
    """Hand a customer to sales and start the clock; return the number of the handover.

    Raises
    ------
    RefusedError
        If there is no such customer, no owner, no reason, or somebody has the lead already.
    """
    with database.transaction(exclusive=True) as session:
        person = person_of(session, wish.customer_id)
        faults = [
            Fault(0, name, "nothing", expected)
            for name, value, expected in (("owner", wish.owner, "who takes it up"), ("reason", wish.reason, "why"))
            if not value.strip()
        ]
        if person is None:
            faults.append(Fault(0, "customer", wish.customer_id, "a customer number as the customers file writes it"))
        else:
            holder = holder_of(session, person)
            if holder is not None:
                faults.append(Fault(0, "customer", f"{wish.customer_id} is with {holder}", "one nobody in sales has"))
        if faults or person is None:
            raise RefusedError("This lead cannot be handed over:", faults)
        customer, identity = tables.Customer, tables.Identity
        account = session.execute(
            select(func.max(col(customer.account_id)))
            .join(identity, col(identity.id) == col(customer.identity_id))
            .where(col(identity.person_id) == person)
        ).scalar_one_or_none()
        row = tables.Handover(
            person_id=person,
            customer_id=wish.customer_id,
            account_id=account,
            owner=wish.owner.strip(),
            reason=wish.reason.strip(),
            handed_at=now or datetime.now(UTC),
            handed_by=by,
        )
        session.add(row)
        session.flush()
    return row.id or 0


def holder_of(session: Session, person: int) -> str | None:
    """Return to whom a person was handed over who has not followed up yet, or None."""
    row = tables.Handover
    return session.execute(
        select(col(row.owner))
        .where(col(row.person_id) == person, col(row.taken_back_at).is_(None), col(row.followed_up_at).is_(None))
        .limit(1)
    ).scalar_one_or_none()


def follow_up(database: Database, handover_id: int, *, now: datetime | None = None) -> None:
    """Say that the owner has followed a lead up: its clock stops."""
    with database.transaction() as session:
        row = _row(session, handover_id)
        row.followed_up_at = row.followed_up_at or now or datetime.now(UTC)
        session.add(row)


def take_back(
    database: Database, handover_id: int, policy: ContactPolicy, *, by: str, zone: ZoneInfo, now: datetime | None = None
) -> None:
    """Take back a lead that the clock offers; marketing may speak to the person again.

    Raises
    ------
    RefusedError
        If it is not offered: followed up, in time still, or with an owner who has an open deal.
    """
    moment = now or datetime.now(UTC)
    with database.transaction(exclusive=True) as session:
        row = _row(session, handover_id)
        lead = _lead(session, row)
        offered = any(step.step == "offer back" for step in steps_due(policy.handover, lead, moment, zone))
        if row.taken_back_at is not None or not offered:
            found = f"{lead.owner} has an open deal" if lead.has_open_deal else f"{lead.owner} still has it"
            raise RefusedError("This lead cannot be taken back:", [Fault(0, "lead", found, "one that is offered back")])
        row.taken_back_at, row.taken_back_by = moment, by
        session.add(row)


def leads_waiting(database: Database, *, now: datetime | None = None) -> tuple[Lead, ...]:
    """Return the leads that sales has and has not followed up, handed over here or told by a file of leads.

    A touch of sales (``sales_activities``) with the person or the account after the handover counts as following up.
    """
    moment = now or datetime.now(UTC)
    with database.reading() as session:
        row = tables.Handover
        mine = session.execute(
            select(row).where(col(row.taken_back_at).is_(None), col(row.followed_up_at).is_(None)).order_by(col(row.id))
        ).scalars()
        found = [_lead(session, one) for one in mine]
        found += _imported(session, moment)
    return tuple(lead for lead in found if lead.followed_up_at is None)


def steps_to_take(
    database: Database, policy: ContactPolicy, *, zone: ZoneInfo, now: datetime | None = None
) -> tuple[Step, ...]:
    """Return the steps that are due and were not taken yet."""
    moment = now or datetime.now(UTC)
    leads = leads_waiting(database, now=moment)
    row = tables.HandoverStep
    with database.reading() as session:
        taken = {(one[0], one[1]) for one in session.execute(select(col(row.lead), col(row.step)))}
    due = (step for lead in leads for step in steps_due(policy.handover, lead, moment, zone))
    return tuple(step for step in due if (step.lead.key, step.step) not in taken)


def take_steps(
    database: Database, policy: ContactPolicy, *, zone: ZoneInfo, now: datetime | None = None
) -> tuple[Step, ...]:
    """Write down the steps that are due, each once whoever asks, with an alert to whom it concerns; return them."""
    moment = now or datetime.now(UTC)
    due = steps_to_take(database, policy, zone=zone, now=moment)
    row = tables.HandoverStep
    with database.transaction(exclusive=True) as session:
        taken = {(one[0], one[1]) for one in session.execute(select(col(row.lead), col(row.step)))}
        new = tuple(step for step in due if (step.lead.key, step.step) not in taken)
        session.add_all(row(lead=step.lead.key, step=step.step, to=step.to, at=moment) for step in new)
        for step in new:
            raise_alert(session, step.to, step.lead.key, step.step, step.words, now=moment)
    return new


def _row(session: Session, handover_id: int) -> tables.Handover:
    row = session.get(tables.Handover, handover_id)
    if row is None:
        raise TouchstoneError(f"There is no handover {handover_id}.")
    return row


def _lead(session: Session, row: tables.Handover) -> Lead:
    spoken = _spoken(session, row.person_id, row.account_id, row.owner, row.handed_at)
    return Lead(
        f"handover:{row.id}",
        row.customer_id,
        row.account_id,
        row.owner,
        row.handed_at,
        row.followed_up_at or spoken,
        _has_deal(session, row.person_id, row.account_id, row.owner),
    )


def _imported(session: Session, now: datetime) -> Iterator[Lead]:
    lead, identity = tables.Lead, tables.Identity
    started = func.coalesce(col(lead.assigned_at), col(lead.received_at))
    rows = session.execute(
        select(lead, col(identity.person_id), col(identity.kind), col(identity.value))
        .join(identity, col(identity.id) == col(lead.identity_id), isouter=True)
        .where(
            col(lead.owner).is_not(None),
            col(lead.first_contacted_at).is_(None),
            col(lead.qualified_at).is_(None),
            started >= now - timedelta(LEAD_DAYS),
        )
        .order_by(col(lead.id))
    )
    for row, person, kind, value in rows:
        since = row.assigned_at or row.received_at
        yield Lead(
            f"lead:{row.source}:{row.lead_id}",
            value if kind == "customer" else None,
            row.account_id or (None if kind == "customer" else row.lead_id),
            row.owner,
            since,
            _spoken(session, person, row.account_id, row.owner, since),
            _has_deal(session, person, row.account_id, row.owner),
        )


def _about(table: Any, person: int | None, account: str | None) -> Any:
    """Return the condition that a row of sales is about a person or an account."""
    identities = select(col(tables.Identity.id)).where(col(tables.Identity.person_id) == person)
    mine = col(table.identity_id).in_(identities)
    return mine if account is None else mine | (col(table.account_id) == account)


def _spoken(session: Session, person: int | None, account: str | None, owner: str, since: datetime) -> datetime | None:
    talk = tables.SalesActivity
    return session.execute(
        select(func.min(col(talk.occurred_at))).where(
            _about(talk, person, account), col(talk.owner) == owner, col(talk.occurred_at) >= since
        )
    ).scalar_one_or_none()


def _has_deal(session: Session, person: int | None, account: str | None, owner: str) -> bool:
    deal = tables.Opportunity
    found = session.execute(
        select(col(deal.id)).where(_about(deal, person, account), col(deal.owner) == owner, col(deal.stage) == "open")
    ).first()
    return found is not None
