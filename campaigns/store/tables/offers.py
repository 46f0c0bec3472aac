"""What is offered, to whom sales is speaking, and what is scarce."""

import datetime as dt

from sqlalchemy import UniqueConstraint
from sqlmodel import Field

from campaigns.store.tables.columns import ImportedRow, identity, moment, whole

__all__ = ["Capacity", "Case", "Lead", "Opportunity", "Product", "Promotion", "SalesActivity"]


class Promotion(ImportedRow, table=True):
    """An offer; ``channels`` and ``excludes`` are lists separated by ``|``."""

    __tablename__ = "promotions"
    __table_args__ = (UniqueConstraint("source", "row_key"),)

    promotion: str
    name: str
    kind: str | None = None
    product: str | None = None
    margin: int | None = whole()
    discount: int | None = whole()
    target_cac: int | None = whole()
    starts_on: dt.date | None = None
    ends_on: dt.date | None = None
    response_code: str | None = None
    channels: str | None = None
    excludes: str | None = None
    not_after: str | None = None
    budget: int | None = whole()
    text: str | None = None
    currency: str | None = None


class Product(ImportedRow, table=True):
    """Something sold; ``goes_with`` is a list separated by ``|``."""

    __tablename__ = "products"
    __table_args__ = (UniqueConstraint("source", "row_key"),)

    product: str
    name: str | None = None
    price: int | None = whole()
    cost: int | None = whole()
    goes_with: str | None = None
    currency: str | None = None


class Opportunity(ImportedRow, table=True):
    """A deal that sales works on, with a person or an account."""

    __tablename__ = "opportunities"
    __table_args__ = (UniqueConstraint("source", "row_key"),)

    identity_id: int | None = identity(None, index=True)
    opportunity_id: str
    owner: str = Field(index=True)
    stage: str
    stage_name: str | None = None
    opened_on: dt.datetime = moment()
    closed_on: dt.datetime | None = moment(None)
    expected_close_on: dt.date | None = None
    value: int | None = whole()
    lost_reason: str | None = None
    competitor: str | None = None
    account_id: str | None = Field(default=None, index=True)
    lead_source: str | None = None
    currency: str | None = None


class Lead(ImportedRow, table=True):
    """A lead and how it was followed up."""

    __tablename__ = "leads"
    __table_args__ = (UniqueConstraint("source", "row_key"),)

    identity_id: int | None = identity(None, index=True)
    lead_id: str
    received_at: dt.datetime = moment()
    owner: str | None = None
    assigned_at: dt.datetime | None = moment(None)
    first_contacted_at: dt.datetime | None = moment(None)
    qualified_at: dt.datetime | None = moment(None)
    lead_source: str | None = None
    account_id: str | None = None


class SalesActivity(ImportedRow, table=True):
    """What sales did or will do with a person or an account."""

    __tablename__ = "sales_activities"
    __table_args__ = (UniqueConstraint("source", "row_key"),)

    identity_id: int | None = identity(None, index=True)
    owner: str
    occurred_at: dt.datetime = moment()
    kind: str
    account_id: str | None = Field(default=None, index=True)
    activity_id: str | None = None


class Case(ImportedRow, table=True):
    """What a customer asked of service."""

    __tablename__ = "cases"
    __table_args__ = (UniqueConstraint("source", "row_key"),)

    identity_id: int = identity(index=True)
    case_id: str
    opened_at: dt.datetime = moment()
    reason: str
    state: str
    closed_at: dt.datetime | None = moment(None)
    promised_by: str | None = None
    promised_until: dt.datetime | None = moment(None)
    product: str | None = None
    cost: int | None = whole()
    currency: str | None = None


class Capacity(ImportedRow, table=True):
    """How much of something scarce there is on a day."""

    __tablename__ = "capacities"
    __table_args__ = (UniqueConstraint("source", "row_key"),)

    resource: str
    date: dt.date
    limit: float
    unit: str | None = None
