"""Credit of single responses, and of the paths they came by, as the last published run of a goal sees it."""

from typing import Any

from sqlalchemy import JSON
from sqlmodel import Field

from campaigns.store.tables.columns import KEY, Record, reference, whole

__all__ = ["CreditShare", "PathCredit", "ResponseCredit"]


class ResponseCredit(Record, table=True):
    """What one response is owed to besides touches: ``baseline`` (with its 90 % range) and small touches (``rest``).

    With the shares of its touches they sum to one. ``place`` numbers the responses of the run. The response is a row
    of ``responses``, or a deal won of ``opportunities``.
    """

    __tablename__ = "response_credits"

    run_id: int = reference("runs.id", primary_key=True)
    place: int = whole(..., primary_key=True)
    response_id: int | None = Field(default=None, sa_type=KEY, index=True)
    opportunity_id: int | None = Field(default=None, sa_type=KEY, index=True)
    baseline: float
    baseline_p05: float
    baseline_p95: float
    rest: float = 0.0


class CreditShare(Record, table=True):
    """The share of one touch, or of one medium without persons, in one response."""

    __tablename__ = "credit_shares"

    run_id: int = reference("runs.id", primary_key=True)
    place: int = whole(..., primary_key=True)
    position: int = whole(..., primary_key=True)
    touch_id: int | None = Field(default=None, sa_type=KEY)
    channel: str
    share: float
    p05: float
    p95: float


class PathCredit(Record, table=True):
    """A path of channels that responses came by, and what each channel on it is credited with."""

    __tablename__ = "path_credits"

    run_id: int = reference("runs.id", primary_key=True)
    position: int = whole(..., primary_key=True)
    channels: list[str] = Field(default_factory=list, sa_type=JSON)
    responses: int = whole(...)
    median_days: float
    baseline: float
    credit: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
