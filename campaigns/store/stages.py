"""The stage of the relationship with each person, as far as orders, leads and contacts tell."""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

import pyarrow as pa
from sqlalchemy import func, select
from sqlmodel import Session, col

from campaigns.planning.records import SCHEMAS
from campaigns.store import tables

__all__ = ["BARE_STAGES", "stages"]

BARE_STAGES = ("stranger", "prospect", "lead", "customer", "lapsed")
"""The stages that do not depend on anything sales is doing."""

LAPSED_DAYS = 365
"""Days without an order after which a customer has lapsed."""

BOUGHT = ("order", "redemption", "won")
ASKED = ("lead", "interest", "signup")


def stages(session: Session, today: date, persons: Collection[int] | None = None) -> pa.Table:
    """Return the stage of each person, one of `BARE_STAGES`.

    Parameters
    ----------
    today
        Day on which a customer has or has not lapsed.
    persons
        The only persons wanted, or None for everybody.

    Returns
    -------
    ``person, stage``, ordered by person.
    """
    response, lead = tables.Response, tables.Lead
    bought = _latest(session, response, col(response.occurred_at), col(response.kind).in_(BOUGHT), persons)
    asked = _latest(session, response, col(response.occurred_at), col(response.kind).in_(ASKED), persons)
    asked |= _latest(session, lead, col(lead.received_at), col(lead.id).is_not(None), persons)
    identity = tables.Identity
    listed = _wanted(
        select(col(identity.person_id)).join(tables.Customer, col(tables.Customer.identity_id) == col(identity.id)),
        persons,
    )
    known = set(session.execute(listed).scalars())
    everybody = session.execute(_wanted(select(col(identity.person_id)).distinct(), persons)).scalars()
    gone = datetime.combine(today - timedelta(LAPSED_DAYS), time(), UTC)
    rows = []
    for person in sorted(everybody):
        if person in bought:
            stage = "lapsed" if bought[person] < gone else "customer"
        elif person in asked:
            stage = "lead"
        else:
            stage = "prospect" if person in known else "stranger"
        rows.append({"person": person, "stage": stage})
    return pa.Table.from_pylist(rows, schema=SCHEMAS["stages"])


def _wanted(statement: Any, persons: Collection[int] | None) -> Any:
    return statement if persons is None else statement.where(col(tables.Identity.person_id).in_(persons))


def _latest(
    session: Session, table: Any, moment: Any, condition: Any, persons: Collection[int] | None
) -> dict[int, datetime]:
    """Return the latest moment of the rows of each person that meet a condition."""
    identity = tables.Identity
    statement = (
        select(col(identity.person_id), func.max(moment))
        .join(table, col(table.identity_id) == col(identity.id))
        .where(condition)
        .group_by(col(identity.person_id))
    )
    return {row[0]: row[1] for row in session.execute(_wanted(statement, persons))}
