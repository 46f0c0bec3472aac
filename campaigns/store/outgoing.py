"""The outbox: messages to other programs, written together with what they tell of, and sent at least once."""

from __future__ import annotations

import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlmodel import Session, col

from campaigns.faults import TouchstoneError
from campaigns.lists.webhook import body_of, check_address, new_signing_secret, next_due, parts_of
from campaigns.store import tables
from campaigns.store.database import Database
from campaigns.store.settling import Place
from campaigns.store.tables import Webhook, WebhookDelivery

__all__ = [
    "Outgoing",
    "add_webhook",
    "claim_due",
    "deliveries",
    "put_contacts",
    "put_out",
    "remove_webhook",
    "sent",
    "webhooks",
]

LEASE = timedelta(minutes=5)
"""For how long a message belongs to who is sending it; after that somebody else may try."""

ANSWER = 500
"""Characters kept of an answer."""


@dataclass(frozen=True)
class Outgoing:
    """A message that is due, with where it goes and what signs it."""

    id: int
    message_id: str
    event: str
    body: str
    attempts: int
    url: str
    secret: str


def add_webhook(
    session: Session, url: str, *, by: str, events: Sequence[str] = (), now: datetime | None = None
) -> Webhook:
    """Have an address hear of events, all of them if none are named; its ``secret`` checks the signatures.

    Raises
    ------
    RefusedError
        If the address or an event cannot be used.
    """
    check_address(url, events)
    row = Webhook(
        url=url, secret=new_signing_secret(), events=sorted(events), created_at=now or datetime.now(UTC), created_by=by
    )
    session.add(row)
    session.flush()
    return row


def webhooks(session: Session) -> Sequence[Webhook]:
    """Return the addresses that are in use."""
    return session.execute(select(Webhook).where(col(Webhook.active)).order_by(col(Webhook.id))).scalars().all()


def remove_webhook(session: Session, number: int) -> None:
    """Send an address nothing more, neither what is due already.

    Raises
    ------
    TouchstoneError
        If there is no such webhook.
    """
    row = session.get(Webhook, number)
    if row is None or not row.active:
        raise TouchstoneError(f"There is no webhook {number}.", "touchstone webhooks lists them.")
    row.active = False
    session.add(row)


def put_out(
    session: Session,
    event: str,
    data: Mapping[str, Any],
    *,
    now: datetime | None = None,
    webhook_id: int | None = None,
) -> int:
    """Write a message for every address that hears of an event (or for one), inside the transaction of the event.

    Returns
    -------
    How many messages were written.
    """
    moment = now or datetime.now(UTC)
    heard = [
        row
        for row in webhooks(session)
        if (row.id == webhook_id if webhook_id is not None else not row.events or event in row.events)
    ]
    for row in heard:
        session.add(
            WebhookDelivery(
                webhook_id=row.id or 0,
                message_id=f"msg_{secrets.token_hex(12)}",
                event=event,
                body=body_of(event, data, moment),
                created_at=moment,
                due_at=moment,
            )
        )
    return len(heard)


def put_contacts(session: Session, event: str, plan_id: int, places: Sequence[Place], *, now: datetime) -> int:
    """Write messages about contacts of a plan that are to be made, or are not; held-back ones are nobody's business.

    They name customers by number alone: names and addresses stay in the house.
    """
    told = [
        {
            "contact": one.id,
            "customer_id": one.customer_id,
            "channel": one.channel,
            "promotion": one.promotion,
            "on": one.on.isoformat(),
        }
        for one in places
        if not one.ghost
    ]
    return sum(put_out(session, event, {"plan": plan_id, "contacts": part}, now=now) for part in parts_of(told))


def claim_due(database: Database, now: datetime) -> Outgoing | None:
    """Take the message that has been due longest, so that nobody else sends it meanwhile; None if none is due."""
    row = WebhookDelivery
    with database.transaction(exclusive=True) as session:
        found = session.execute(
            select(row, Webhook)
            .join(Webhook, col(Webhook.id) == col(row.webhook_id))
            .where(col(row.due_at) <= now, col(Webhook.active))
            .order_by(col(row.due_at), col(row.id))
            .limit(1)
        ).first()
        if found is None:
            return None
        message, to = found
        message.attempts += 1
        message.due_at = now + LEASE
        session.add(message)
        return Outgoing(
            message.id or 0, message.message_id, message.event, message.body, message.attempts, to.url, to.secret
        )


def sent(database: Database, message: Outgoing, *, delivered: bool, answer: str, now: datetime) -> bool:
    """Write down how sending went; a message that did not arrive is due again later, or given up.

    Returns
    -------
    Whether it will be tried again.
    """
    with database.transaction() as session:
        row = session.get(tables.WebhookDelivery, message.id)
        if row is None:
            return False
        row.answer = answer[:ANSWER]
        row.due_at = None if delivered else next_due(message.attempts, now)
        row.delivered_at = now if delivered else None
        row.given_up_at = now if not delivered and row.due_at is None else None
        session.add(row)
        return row.due_at is not None


def deliveries(session: Session, *, webhook_id: int | None = None, limit: int = 50) -> Sequence[WebhookDelivery]:
    """Return messages, the newest first."""
    query = select(WebhookDelivery).order_by(col(WebhookDelivery.id).desc()).limit(limit)
    if webhook_id is not None:
        query = query.where(col(WebhookDelivery.webhook_id) == webhook_id)
    return session.execute(query).scalars().all()
