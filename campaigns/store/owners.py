"""Owners: the people of sales, by the names under which customers and opportunities are theirs."""

from __future__ import annotations

from sqlalchemy import func, union_all
from sqlmodel import Session, col, select

from campaigns.store.tables import Customer, Opportunity

__all__ = ["busiest_owner", "owners"]


def owners(session: Session) -> tuple[str, ...]:
    """Return every owner that customers or opportunities name, in alphabetical order."""
    named = union_all(select(col(Customer.owner)).distinct(), select(col(Opportunity.owner)).distinct()).subquery()
    return tuple(sorted({name for (name,) in session.connection().execute(select(named.c.owner)) if name}))


def busiest_owner(session: Session) -> str:
    """Return the owner of most customers and opportunities; empty where nobody owns any."""
    named = union_all(select(col(Customer.owner)), select(col(Opportunity.owner))).subquery()
    query = select(named.c.owner).where(named.c.owner.is_not(None), named.c.owner != "").group_by(named.c.owner)
    return str(session.connection().execute(query.order_by(func.count().desc(), named.c.owner).limit(1)).scalar() or "")
