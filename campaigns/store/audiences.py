"""Who is in an audience: its rule as a query, counted for the form and read whole for a plan."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
from sqlalchemy import Select, func, select
from sqlmodel import Session, col

from campaigns.planning.audience import Audience
from campaigns.planning.records import SCHEMAS
from campaigns.store import tables
from campaigns.store.arrow import read_table

__all__ = ["AudienceParts", "audience_parts", "audiences", "keep_audience", "members_table", "size_of"]

BOUGHT = ("order", "redemption", "won")

TENTHS = {"high": (1, 2), "middle": (3, 4, 5), "low": (6, 7, 8, 9, 10)}
"""Tenths of the buyers of a year, the dearest first."""

YEAR = timedelta(365)

LISTED = 200
"""Segments, regions and products offered in the form at most."""


@dataclass(frozen=True)
class AudienceParts:
    """What there is to choose from."""

    segments: tuple[str, ...]
    regions: tuple[str, ...]
    products: tuple[tuple[str, str], ...]


def audiences(session: Session) -> dict[str, Audience]:
    """Return the audience of each promotion that has one."""
    rows = session.execute(select(tables.PromotionRules)).scalars()
    return {row.promotion: Audience.from_mapping(row.audience) for row in rows if row.audience}


def keep_audience(session: Session, promotion: str, audience: Audience, *, by: str) -> None:
    """Keep the audience of a promotion."""
    now = datetime.now(UTC)
    session.merge(
        tables.PromotionRules(promotion=promotion, audience=audience.to_mapping(), changed_at=now, changed_by=by)
    )


def size_of(session: Session, audience: Audience, today: date, zone: ZoneInfo) -> int:
    """Count the customers in an audience."""
    members = _members(audience, today, zone).subquery()
    return int(session.execute(select(func.count()).select_from(members)).scalar_one())


def members_table(session: Session, today: date, zone: ZoneInfo, persons: Collection[int] | None = None) -> pa.Table:
    """Return who is in the audience of each promotion that has one, with the columns of ``records.audiences``.

    An audience in which nobody is has one row without a person, so that it is not taken for no audience.
    """
    schema = SCHEMAS["audiences"]
    parts = [schema.empty_table()]
    for promotion, audience in sorted(audiences(session).items()):
        statement: Any = _members(audience, today, zone)
        if persons is not None:
            inside = statement.subquery()
            statement = select(inside.c.person).where(inside.c.person.in_(persons))
        found = read_table(session.connection(), statement)["person"].combine_chunks().cast(pa.int64())
        person = pa.concat_arrays([found, pa.array([None], pa.int64())])
        parts.append(pa.table({"promotion": pa.array([promotion] * len(person)), "person": person}, schema=schema))
    return pa.concat_tables(parts)


def audience_parts(session: Session) -> AudienceParts:
    """Return the segments, regions and products that audiences may speak of."""
    customer, product, response = tables.Customer, tables.Product, tables.Response
    names: dict[str, str] = {
        row[0]: row[1] or row[0] for row in session.execute(select(col(product.product), col(product.name)))
    }
    for (found,) in session.execute(select(col(response.product)).where(col(response.product).is_not(None)).distinct()):
        names.setdefault(found, found)
    return AudienceParts(
        _distinct(session, customer.segment),
        _distinct(session, customer.region),
        tuple(sorted(names.items()))[:LISTED],
    )


def _distinct(session: Session, column: Any) -> tuple[str, ...]:
    query = select(col(column)).where(col(column).is_not(None)).distinct().order_by(col(column)).limit(LISTED)
    return tuple(session.execute(query).scalars())


def _members(audience: Audience, today: date, zone: ZoneInfo) -> Select[Any]:
    """Return the query of the persons in an audience: one column, ``person``."""
    customer, identity = tables.Customer, tables.Identity
    person: Any = col(identity.person_id)
    statement = select(person.label("person")).join(customer, col(customer.identity_id) == col(identity.id)).distinct()
    if audience.segments:
        statement = statement.where(col(customer.segment).in_(audience.segments))
    if audience.regions:
        statement = statement.where(col(customer.region).in_(audience.regions))
    if audience.interests:
        statement = statement.where(person.in_(_answered(("interest",), audience.interests)))
    if audience.bought:
        statement = statement.where(person.in_(_answered(BOUGHT, audience.bought)))
    if audience.not_bought:
        statement = statement.where(person.not_in(_answered(BOUGHT, audience.not_bought)))
    midnight = datetime.combine(today, time(), zone)
    if audience.last_order_days is not None:
        since = (midnight - timedelta(audience.last_order_days)).astimezone(UTC)
        statement = statement.where(
            person.in_(_answered(("order",))), person.not_in(_answered(("order",), since=since))
        )
    if audience.value_classes:
        statement = statement.where(_of_value(person, audience.value_classes, (midnight - YEAR).astimezone(UTC)))
    return statement


def _answered(kinds: Sequence[str], products: Sequence[str] = (), since: datetime | None = None) -> Select[Any]:
    """Return the query of the persons who answered in one of some ways."""
    response, identity = tables.Response, tables.Identity
    statement = (
        select(col(identity.person_id))
        .join(response, col(response.identity_id) == col(identity.id))
        .where(col(response.kind).in_(kinds))
    )
    if products:
        statement = statement.where(col(response.product).in_(products))
    if since is not None:
        statement = statement.where(col(response.occurred_at) >= since)
    return statement


def _of_value(person: Any, classes: Sequence[str], since: datetime) -> Any:
    response, identity = tables.Response, tables.Identity
    spent = (
        select(
            col(identity.person_id).label("person"),
            func.ntile(10)
            .over(order_by=[func.sum(func.coalesce(col(response.value), 0)).desc(), col(identity.person_id)])
            .label("tenth"),
        )
        .join(response, col(response.identity_id) == col(identity.id))
        .where(col(response.kind) == "order", col(response.occurred_at) >= since)
        .group_by(col(identity.person_id))
        .subquery()
    )
    tenths = [tenth for name in classes for tenth in TENTHS.get(name, ())]
    wanted = person.in_(select(spent.c.person).where(spent.c.tenth.in_(tenths)))
    return wanted | person.not_in(select(spent.c.person)) if "none" in classes else wanted
