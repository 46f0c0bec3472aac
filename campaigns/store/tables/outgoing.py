"""What is to leave the house: messages to other programs, and alerts to people."""

import datetime as dt

from sqlalchemy import JSON, Index, UniqueConstraint
from sqlmodel import Field

from campaigns.store.tables.columns import Record, key, moment, reference, whole

__all__ = ["Alert", "Webhook", "WebhookDelivery"]


class Webhook(Record, table=True):
    """An address of another program that hears of plans and contacts.

    ``secret`` signs what is sent and has to be kept as it is. ``events`` are those it hears of; none means all.
    """

    __tablename__ = "webhooks"

    id: int | None = key()
    url: str
    secret: str
    events: list[str] = Field(default_factory=list, sa_type=JSON)
    active: bool = True
    created_at: dt.datetime = moment()
    created_by: str


class WebhookDelivery(Record, table=True):
    """One message to one address: written with what it tells of in one transaction, and sent at least once.

    ``message_id`` is the same however often it is sent. It is due at ``due_at``, until it was ``delivered_at`` or
    ``given_up_at``; ``answer`` is what the address said last.
    """

    __tablename__ = "webhook_deliveries"
    __table_args__ = (UniqueConstraint("message_id"), Index(None, "due_at"))

    id: int | None = key()
    webhook_id: int = reference("webhooks.id", index=True)
    message_id: str
    event: str
    body: str
    created_at: dt.datetime = moment()
    due_at: dt.datetime | None = moment(None)
    attempts: int = whole(0)
    delivered_at: dt.datetime | None = moment(None)
    given_up_at: dt.datetime | None = moment(None)
    answer: str = ""


class Alert(Record, table=True):
    """Something that somebody has to hear: kept for the page, and mailed once where an address is known.

    ``to`` is the name of an owner or a manager, or ``marketing``. ``about`` names what it is about, as
    ``handover:12``; ``step`` the step of its clock.
    """

    __tablename__ = "alerts"
    __table_args__ = (Index(None, "to"), UniqueConstraint("about", "step"))

    id: int | None = key()
    to: str
    about: str
    step: str
    words: str
    at: dt.datetime = moment()
    mailed_at: dt.datetime | None = moment(None)
    seen_at: dt.datetime | None = moment(None)
