"""Who there is: persons, what they are known by, and what is known of them."""

import datetime as dt

from sqlalchemy import Index, UniqueConstraint
from sqlmodel import Field

from campaigns.store.tables.columns import ImportedRow, Record, identity, key, moment, reference

__all__ = ["Assignment", "Customer", "Identity", "Person", "Suppression"]


class Person(Record, table=True):
    """One person. ``merged_into`` names the person that this one turned out to be."""

    __tablename__ = "people"

    id: int | None = key()
    merged_into: int | None = reference("people.id", None)


class Identity(Record, table=True):
    """One thing a person is known by: a customer number (kind ``customer``), an e-mail address, a cookie, ..."""

    __tablename__ = "identities"
    __table_args__ = (UniqueConstraint("kind", "value"),)

    id: int | None = key()
    kind: str
    value: str
    person_id: int = reference("people.id", index=True)


class Customer(ImportedRow, table=True):
    """What a file of customers says of one; two sources may speak of the same person.

    Names are indexed so that customers are found by how a name begins, whatever the order of the database's language.
    """

    __tablename__ = "customers"
    __table_args__ = (
        UniqueConstraint("source", "row_key"),
        Index(None, "last_name", postgresql_ops={"last_name": "text_pattern_ops"}),
        Index(None, "first_name", postgresql_ops={"first_name": "text_pattern_ops"}),
    )

    identity_id: int = reference("identities.id", index=True)
    created_at: dt.datetime | None = moment(None)
    first_order_at: dt.datetime | None = moment(None)
    first_name: str | None = None
    last_name: str | None = None
    email: str | None = None
    phone: str | None = None
    loyalty: str | None = None
    street: str | None = None
    postcode: str | None = None
    city: str | None = None
    region: str | None = None
    country: str | None = None
    language: str | None = None
    time_zone: str | None = None
    household_id: str | None = Field(default=None, index=True)
    account_id: str | None = Field(default=None, index=True)
    segment: str | None = None
    owner: str | None = Field(default=None, index=True)
    territory: str | None = None
    consent_email: str | None = None
    consent_phone: str | None = None
    consent_sms: str | None = None
    consent_mail: str | None = None
    consent_ads: str | None = None
    attributes: str | None = Field(default=None, description="the attr_NAME columns, as JSON text")


class Suppression(ImportedRow, table=True):
    """A person who is never contacted."""

    __tablename__ = "suppressions"
    __table_args__ = (UniqueConstraint("source", "row_key"),)

    identity_id: int = identity(index=True)
    reason: str
    until: dt.date | None = None


class Assignment(ImportedRow, table=True):
    """Which arm of a test a person was in."""

    __tablename__ = "assignments"
    __table_args__ = (UniqueConstraint("source", "row_key"),)

    identity_id: int = identity()
    experiment: str
    arm: str
    assigned_at: dt.datetime = moment()
