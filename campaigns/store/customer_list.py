"""Customers in the order of their numbers, a page at a time, without names and addresses: for programs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlmodel import col, select

from campaigns.store.database import Database
from campaigns.store.tables import Customer, Identity

__all__ = ["CustomerLine", "customer_page"]

NUMBER = "customer"
"""Kind of the identity that is a customer's number."""

CONSENTS = ("email", "phone", "sms", "mail", "ads")


@dataclass(frozen=True)
class CustomerLine:
    """One customer; ``consent`` is yes, no or unknown by the kind of contact."""

    customer_id: str
    segment: str | None
    owner: str | None
    territory: str | None
    region: str | None
    country: str | None
    created_at: datetime | None
    first_order_at: datetime | None
    consent: Mapping[str, str | None]


def customer_page(
    database: Database, *, after: str = "", customer_id: str | None = None, owner: str | None = None, limit: int = 100
) -> tuple[CustomerLine, ...]:
    """Return the customers whose numbers come after ``after``; one, or those of an owner, where they are named."""
    query = select(Identity.value, Customer).join(Customer, col(Customer.identity_id) == col(Identity.id))
    query = query.where(Identity.kind == NUMBER, Identity.value > after).order_by(Identity.value, col(Customer.id))
    if customer_id is not None:
        query = query.where(Identity.value == customer_id)
    if owner is not None:
        query = query.where(Customer.owner == owner)
    with database.reading() as session:
        return tuple(_line(number, row) for number, row in session.exec(query.limit(limit)).all())


def _line(customer_id: str, row: Customer) -> CustomerLine:
    plain = ("segment", "owner", "territory", "region", "country", "created_at", "first_order_at")
    consent = {kind: getattr(row, f"consent_{kind}") for kind in CONSENTS}
    return CustomerLine(customer_id, consent=consent, **{name: getattr(row, name) for name in plain})
