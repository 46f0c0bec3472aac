"""Plans and the contacts they propose."""

import datetime as dt
from typing import Any

from sqlalchemy import JSON
from sqlmodel import Field

from campaigns.store.tables.columns import Record, key, moment, reference

__all__ = ["Plan", "PlannedContact"]


class Plan(Record, table=True):
    """A plan; ``state`` is draft, approved, exported, closed or cancelled. Values in major units."""

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


class PlannedContact(Record, table=True):
    """One contact that a plan proposes, or withholds as a held-back customer (``ghost``)."""

    __tablename__ = "planned_contacts"

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
    state: str = "proposed"
