"""What the site asks of the planner, and what it keeps of promotions besides what their file may say."""

import datetime as dt
from typing import Any

from sqlalchemy import JSON, Index
from sqlmodel import Field

from campaigns.store.tables.columns import Record, key, moment, reference, whole

__all__ = ["PlanRequest", "PromotionRules"]


class PlanRequest(Record, table=True):
    """Something that needs the planner: ``kind`` is a ``campaigns.store.plan_requests.Kind``.

    ``state`` is requested, running, done, failed or cancelled. ``options`` say what is wanted, ``result`` what came of
    it. ``plan_id`` is the plan that a draft made, or that a step (approve, export, cancel, close) is of.
    """

    __tablename__ = "plan_requests"
    __table_args__ = (Index(None, "state"),)

    id: int | None = key()
    kind: str
    state: str
    requested_at: dt.datetime = moment()
    requested_by: str = ""
    started_at: dt.datetime | None = moment(None)
    heartbeat_at: dt.datetime | None = moment(None)
    finished_at: dt.datetime | None = moment(None)
    attempts: int = whole(0)
    progress: float = 0.0
    message: str = ""
    cancel_requested: bool = False
    options: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    plan_id: int | None = reference("plans.id", None)
    result: dict[str, Any] | None = Field(default=None, sa_type=JSON)


class PromotionRules(Record, table=True):
    """To whom a promotion is offered, by rule (``campaigns.planning.audience``); without a row, to everybody.

    ``promotion`` is the promotion's key: a file that is imported again changes the promotion and leaves its audience.
    """

    __tablename__ = "promotion_rules"

    promotion: str = Field(primary_key=True)
    audience: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    changed_at: dt.datetime = moment()
    changed_by: str = ""
