"""The ledger of promised contacts, and what marketing and sales settle between them."""

import datetime as dt
from typing import Any

from sqlalchemy import JSON, Index, UniqueConstraint, text
from sqlmodel import Field

from campaigns.store.tables.columns import Record, key, moment, reference, whole

__all__ = [
    "ClashResolution",
    "Handover",
    "HandoverStep",
    "PlanEvent",
    "PlanVerdicts",
    "PolicyVersion",
    "Reservation",
    "SalesHold",
    "SalesSuggestion",
]


class PolicyVersion(Record, table=True):
    """A contact policy as somebody saved it; without ``settings`` the word goes back to ``touchstone.toml``."""

    __tablename__ = "policy_versions"

    id: int | None = key()
    saved_at: dt.datetime = moment()
    saved_by: str
    note: str = ""
    settings: dict[str, Any] | None = Field(default=None, sa_type=JSON)


class Reservation(Record, table=True):
    """One contact that has its place in the caps: reserved, committed, settled or released.

    ``household`` is the household as it was when the place was taken. A settled contact keeps its place unless its
    ``outcome`` says that nobody was reached (``keeps_place`` is false).
    """

    __tablename__ = "reservations"
    __table_args__ = (
        Index(None, "plan_id", "state"),
        Index(None, "person_id", "on"),
        Index(
            "uq_reservations_contact_id_live",
            "contact_id",
            unique=True,
            sqlite_where=text("state <> 'released'"),
            postgresql_where=text("state <> 'released'"),
        ),
    )

    id: int | None = key()
    plan_id: int | None = reference("plans.id", None)
    contact_id: int | None = reference("planned_contacts.id", None)
    person_id: int = reference("people.id")
    customer_id: str
    household: str | None = None
    channel: str
    promotion: str | None = None
    on: dt.date = Field(index=True)
    ghost: bool = False
    state: str = "reserved"
    keeps_place: bool = True
    outcome: str | None = None
    asked_by: str
    reserved_at: dt.datetime = moment()
    committed_at: dt.datetime | None = moment(None)
    settled_at: dt.datetime | None = moment(None)
    released_at: dt.datetime | None = moment(None)


class PlanEvent(Record, table=True):
    """What happened to a plan: drafted, approved, exported, closed, cancelled; by whom."""

    __tablename__ = "plan_events"

    id: int | None = key()
    plan_id: int = reference("plans.id", index=True)
    at: dt.datetime = moment()
    by: str
    event: str
    details: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)


class PlanVerdicts(Record, table=True):
    """Why a plan treats some persons as it does: the persons from ``first_person`` to ``last_person``, kept for good.

    ``content`` is an Arrow stream, compressed; see ``campaigns.planning.verdicts``.
    """

    __tablename__ = "plan_verdicts"

    id: int | None = key()
    plan_id: int = reference("plans.id")
    first_person: int = whole(...)
    last_person: int = whole(...)
    content: bytes

    __table_args__ = (Index(None, "plan_id", "first_person"),)


class SalesHold(Record, table=True):
    """An owner's word that marketing keeps silent with a person or an account; never without reason and last day."""

    __tablename__ = "sales_holds"

    id: int | None = key()
    owner: str = Field(index=True)
    reason: str
    person_id: int | None = reference("people.id", None, index=True)
    customer_id: str | None = None
    account_id: str | None = None
    starts_on: dt.date
    until: dt.date
    placed_at: dt.datetime = moment()
    placed_by: str
    released_at: dt.datetime | None = moment(None)
    released_by: str | None = None


class SalesSuggestion(Record, table=True):
    """A contact that a sales lock stopped, offered to the owner of the lock instead."""

    __tablename__ = "sales_suggestions"
    __table_args__ = (Index(None, "plan_id", "owner"),)

    id: int | None = key()
    plan_id: int = reference("plans.id")
    owner: str
    person_id: int = reference("people.id", index=True)
    customer_id: str
    account_id: str | None = None
    promotion: str | None = None
    channel: str
    expected_value: float
    lock_reason: str
    lock_until: dt.date
    state: str = "offered"
    answered_at: dt.datetime | None = moment(None)


class Handover(Record, table=True):
    """A lead that marketing handed to an owner in sales; the clock starts at ``handed_at``."""

    __tablename__ = "handovers"

    id: int | None = key()
    person_id: int = reference("people.id", index=True)
    customer_id: str
    account_id: str | None = None
    owner: str = Field(index=True)
    reason: str
    handed_at: dt.datetime = moment()
    handed_by: str
    followed_up_at: dt.datetime | None = moment(None)
    taken_back_at: dt.datetime | None = moment(None)
    taken_back_by: str | None = None


class HandoverStep(Record, table=True):
    """A step of a handover's clock that was taken: the owner or the manager alerted, the lead offered back.

    ``lead`` is ``handover:ID``, or ``lead:SOURCE:LEAD_ID`` for one from a file.
    """

    __tablename__ = "handover_steps"
    __table_args__ = (UniqueConstraint("lead", "step"),)

    id: int | None = key()
    lead: str
    step: str
    to: str
    at: dt.datetime = moment()


class ClashResolution(Record, table=True):
    """How a clash between a promised contact and what sales does was settled."""

    __tablename__ = "clash_resolutions"
    __table_args__ = (UniqueConstraint("reservation_id"),)

    id: int | None = key()
    reservation_id: int = reference("reservations.id")
    how: str
    by: str
    at: dt.datetime = moment()
    note: str = ""
