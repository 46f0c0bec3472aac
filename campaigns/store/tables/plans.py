"""Plans and the contacts they propose."""

import datetime as dt
from typing import Any

from sqlalchemy import JSON, Index
from sqlmodel import Field

from campaigns.store.tables.columns import Record, key, moment, reference

__all__ = ["Plan", "PlannedContact"]


class Plan(Record, table=True):
    """A plan; ``state`` is draft, approved, exported, closed or cancelled. Values in major units.

    ``policy_version_id`` names the saved policy that it was made with; without one it was that of ``touchstone.toml``.
    ``views`` holds what was seen of it before it was approved (overlaps, what each lock costs), ``result`` what came of
    it.
    """

    __tablename__ = "plans"

    id: int | None = key()
    run_id: int | None = reference("runs.id", None)
    starts_on: dt.date
    ends_on: dt.date
    created_at: dt.datetime = moment()
    state: str = "draft"
    expected_value: float
    bound: float
    gap: float
    constraints: list[dict[str, Any]] = Field(default_factory=list, sa_type=JSON)
    withheld: dict[str, int] = Field(default_factory=dict, sa_type=JSON)
    options: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    policy_version_id: int | None = reference("policy_versions.id", None)
    views: dict[str, Any] | None = Field(default=None, sa_type=JSON)
    result: dict[str, Any] | None = Field(default=None, sa_type=JSON)


class PlannedContact(Record, table=True):
    """One contact that a plan proposes, or withholds as a held-back customer (``ghost``)."""

    __tablename__ = "planned_contacts"
    __table_args__ = (Index("ix_planned_contacts_counted", "plan_id", "channel", "promotion", "ghost"),)

    id: int | None = key()
    plan_id: int = reference("plans.id", index=True)
    person_id: int = reference("people.id", index=True)
    customer_id: str
    promotion: str | None = None
    channel: str
    on: dt.date
    expected_value: float
    reason: str
    probability: float = 1.0
    ghost: bool = False
    extra_responses: float | None = None
    state: str = "proposed"
