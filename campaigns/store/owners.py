"""Owners: the people of sales, by the names under which customers and opportunities are theirs."""

from __future__ import annotations

from typing import Any

from sqlalchemy import func, union_all
from sqlmodel import Session, col, select

from campaigns.store.tables import Customer, Opportunity

__all__ = ["busiest_owner", "owners"]


def owners(session: Session) -> tuple[str, ...]:
    """Return every owner that customers or opportunities name, in alphabetical order."""
    found = (*_distinct(session, col(Customer.owner)), *_distinct(session, col(Opportunity.owner)))
    return tuple(sorted({name for name in found if name}))


def busiest_owner(session: Session) -> str:
    """Return the owner of most customers and opportunities; empty where nobody owns any."""
    named = union_all(select(col(Customer.owner)), select(col(Opportunity.owner))).subquery()
    query = select(named.c.owner).where(named.c.owner.is_not(None), named.c.owner != "").group_by(named.c.owner)
    return str(session.connection().execute(query.order_by(func.count().desc(), named.c.owner).limit(1)).scalar() or "")


def _distinct(session: Session, column: Any) -> list[str]:
    """Return the distinct values of an indexed column, hopping from each to the next: a few among a million rows."""
    hops = select(func.min(column).label("value")).cte("hops", recursive=True)
    following = select(func.min(column)).where(column > hops.c.value).scalar_subquery()
    hops = hops.union_all(select(following).where(hops.c.value.is_not(None)))
    return list(session.connection().execute(select(hops.c.value).where(hops.c.value.is_not(None))).scalars())
