"""What happened in the market: touches, responses, spend, tests, and what moves everybody."""

import datetime as dt

from sqlalchemy import UniqueConstraint

from campaigns.store.tables.columns import ImportedRow, Record, key, moment, reference, whole

__all__ = [
    "Ad",
    "CalendarEvent",
    "Campaign",
    "Channel",
    "Experiment",
    "Rate",
    "Response",
    "SeenChannel",
    "Spend",
    "Touch",
]


class Touch(ImportedRow, table=True):
    """A contact with a person: made, withheld, or the person's own step."""

    __tablename__ = "touches"
    __table_args__ = (UniqueConstraint("source", "row_key"),)

    identity_id: int = reference("identities.id", index=True)
    occurred_at: dt.datetime = moment()
    channel: str
    kind: str
    campaign: str | None = None
    ad: str | None = None
    promotion: str | None = None
    response_code: str | None = None
    cost: int | None = whole()
    region: str | None = None
    outcome: str | None = None
    touch_id: str | None = None
    currency: str | None = None


class Response(ImportedRow, table=True):
    """What somebody did; ``identity_id`` is missing where it is counted but not linked."""

    __tablename__ = "responses"
    __table_args__ = (UniqueConstraint("source", "row_key"),)

    identity_id: int | None = reference("identities.id", None, index=True)
    occurred_at: dt.datetime = moment()
    kind: str
    value: int | None = whole()
    margin: int | None = whole()
    product: str | None = None
    order_id: str | None = None
    promotion: str | None = None
    response_code: str | None = None
    channel: str | None = None
    reason: str | None = None
    response_id: str | None = None
    currency: str | None = None


class Spend(ImportedRow, table=True):
    """What was spent on a day."""

    __tablename__ = "spend"
    __table_args__ = (UniqueConstraint("source", "row_key"),)

    date: dt.date
    channel: str
    cost: int = whole(...)
    cost_kind: str = "media"
    campaign: str | None = None
    ad: str | None = None
    region: str | None = None
    impressions: int | None = whole()
    clicks: int | None = whole()
    units: float | None = None
    claimed_conversions: float | None = None
    claimed_value: int | None = whole()
    currency: str | None = None


class Channel(ImportedRow, table=True):
    """What a file says of a touch point; where it says nothing the documented defaults hold."""

    __tablename__ = "channels"
    __table_args__ = (UniqueConstraint("source", "row_key"),)

    channel: str
    addressable: str | None = None
    targeted: str | None = None
    plannable: str | None = None
    consent: str | None = None
    unit_cost: int | None = whole()
    carry_over_days: int | None = whole()
    currency: str | None = None


class SeenChannel(Record, table=True):
    """A touch point that imports mentioned, and in which kind of file."""

    __tablename__ = "seen_channels"
    __table_args__ = (UniqueConstraint("channel", "kind"),)

    id: int | None = key()
    channel: str
    kind: str


class Campaign(Record, table=True):
    """A campaign that imports mentioned, per touch point.

    Imports, which exclude each other, keep the rows of this table and of ``ads`` distinct. An index could not: three
    long names are more than a key of PostgreSQL may hold.
    """

    __tablename__ = "campaigns"

    id: int | None = key()
    channel: str
    campaign: str


class Ad(Record, table=True):
    """An ad that imports mentioned; one outside any campaign has none."""

    __tablename__ = "ads"

    id: int | None = key()
    channel: str
    campaign: str | None = None
    ad: str


class CalendarEvent(ImportedRow, table=True):
    """What moves everybody's orders and is no ad."""

    __tablename__ = "calendar_events"
    __table_args__ = (UniqueConstraint("source", "row_key"),)

    name: str
    starts_on: dt.date
    ends_on: dt.date
    kind: str
    region: str | None = None


class Rate(ImportedRow, table=True):
    """The reporting currency for one unit of another, on a day."""

    __tablename__ = "rates"
    __table_args__ = (UniqueConstraint("source", "row_key"),)

    date: dt.date
    currency: str
    rate: float


class Experiment(ImportedRow, table=True):
    """A test: its plan and, where known by a summary, its result. ``region`` is a list separated by ``|``."""

    __tablename__ = "experiments"
    __table_args__ = (UniqueConstraint("source", "row_key"),)

    experiment: str
    channel: str
    starts_on: dt.date
    ends_on: dt.date
    measured_until: dt.date | None = None
    goal: str | None = None
    campaign: str | None = None
    ad: str | None = None
    planned_treated_share: float | None = None
    treated_n: int | None = whole()
    treated_responses: int | None = whole()
    control_n: int | None = whole()
    control_responses: int | None = whole()
    touches_per_treated: float | None = None
    lift: float | None = None
    lift_se: float | None = None
    spend: int | None = whole()
    region: str | None = None
    currency: str | None = None
