"""Orders that two sources show: the shop and the web analysis each export them, and they count once."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
from sqlalchemy import and_, case, func, select
from sqlmodel import Session, col

from campaigns.people.identity import CUSTOMER
from campaigns.queries import answer
from campaigns.store.arrow import read_table
from campaigns.store.tables import Identity, Response

__all__ = ["doubled_orders"]

APART = 2 * 86_400
"""Seconds by which the times of one order may differ between sources: zones, and the time until it is paid."""


def doubled_orders(session: Session) -> pa.Array[Any]:
    """Return the rows of ``responses`` that are orders which another source shows too, so that they do not count.

    The same order is an equal ``order_id`` within two days, or an ``order_id`` that is the name of the order in its
    other source (``response_id``), as where the web analysis is told ``#1001`` for the order 5001. Of the sources that
    show it, the one that names a customer
    counts, and among several the one that was imported first.

    Returns
    -------
    ``responses.id``, int64, in ascending order.
    """
    numbered = and_(col(Response.kind) == "order", col(Response.order_id).is_not(None))
    sources: Any = select(func.count(func.distinct(col(Response.source)))).where(numbered)
    if session.execute(sources).scalar_one() < 2:
        return pa.array([], pa.int64())
    named = case((col(Identity.kind) == CUSTOMER, 1), else_=0).label("named")
    statement: Any = (
        select(
            col(Response.id),
            col(Response.source),
            col(Response.order_id),
            col(Response.response_id),
            col(Response.occurred_at),
            named,
        )
        .select_from(Response)
        .join(Identity, col(Identity.id) == col(Response.identity_id), isouter=True)
        .where(numbered)
    )
    found = answer(
        f"""
        WITH shown AS (SELECT *, epoch(occurred_at) AS moment, ltrim(order_id, '#') AS number FROM orders),
        called AS (
            SELECT source, number, moment, ltrim(response_id, '#') AS name FROM shown
            WHERE ltrim(response_id, '#') <> number
        ),
        same AS (
            SELECT shown.id, min(called.number) AS number FROM shown JOIN called
                ON called.name = shown.number AND called.source <> shown.source
                AND abs(called.moment - shown.moment) <= {APART}
            GROUP BY shown.id
        ),
        led AS (
            SELECT id, source, moment,
                first_value(source) OVER one AS first_source,
                first_value(moment) OVER one AS first_moment
            FROM (
                SELECT shown.id, source, moment, named, coalesce(same.number, shown.number) AS number
                FROM shown LEFT JOIN same ON same.id = shown.id
            )
            WINDOW one AS (PARTITION BY number ORDER BY named DESC, id)
        )
        SELECT id FROM led WHERE source <> first_source AND abs(moment - first_moment) <= {APART} ORDER BY id
        """,  # noqa: S608 - a number of ours
        orders=read_table(session.connection(), statement),
    )
    return pa.concat_arrays([pa.array([], pa.int64()), *found.column("id").chunks])
