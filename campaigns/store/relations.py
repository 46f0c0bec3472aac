"""What stands between a company and its customers besides contacts: contracts, handovers, holds, and stages."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from datetime import date
from typing import Any

import pyarrow as pa
from sqlalchemy import Select, or_, select
from sqlmodel import Session, col

from campaigns.people.consent import CONSENTS
from campaigns.planning.policy import ContactPolicy
from campaigns.planning.records import SCHEMAS
from campaigns.store import tables
from campaigns.store.arrow import read_table
from campaigns.store.stages import BARE_STAGES, stages

__all__ = ["relations"]

RENEWAL = "renewal_on"
"""The attribute of a customer (``attr_renewal_on``) that says when the contract ends."""


def relations(
    session: Session, policy: ContactPolicy, starts_on: date, persons: Collection[int] | None
) -> dict[str, pa.Table]:
    """Read the tables ``purposes``, ``renewals``, ``handovers``, ``holds`` and ``stages`` of a plan's records.

    Parameters
    ----------
    persons
        The only persons whose attributes and stages matter, or None for everybody.
    """
    told = list(_attributes(session, persons))
    wanted = any(policy.sales_speaks(stage) for stage in BARE_STAGES)
    return {
        "purposes": pa.Table.from_pylist(list(_purposes(told)), schema=SCHEMAS["purposes"]),
        "renewals": pa.Table.from_pylist(list(_renewals(told)), schema=SCHEMAS["renewals"]),
        "handovers": read_table(session.connection(), _handovers()),
        "holds": read_table(session.connection(), _holds(starts_on)),
        "stages": stages(session, starts_on, persons) if wanted else SCHEMAS["stages"].empty_table(),
    }


def _attributes(session: Session, persons: Collection[int] | None) -> Iterator[tuple[Any, ...]]:
    """Give person, account, owner and attributes of the customers whose attributes say something of these subjects."""
    customer, identity = tables.Customer, tables.Identity
    written = col(customer.attributes)
    statement: Any = (
        select(col(identity.person_id), col(customer.account_id), col(customer.owner), written)
        .join(identity, col(identity.id) == col(customer.identity_id))
        .where(or_(written.contains(RENEWAL), written.contains("consent_")))
        .order_by(col(customer.batch_id), col(customer.id))
    )
    if persons is not None:
        statement = statement.where(col(identity.person_id).in_(persons))
    for person, account, owner, attributes in session.execute(statement):
        yield person, account, owner, json.loads(attributes)


def _purposes(told: list[tuple[Any, ...]]) -> Iterator[dict[str, Any]]:
    for person, _, _, attributes in told:
        for kind in CONSENTS:
            said = attributes.get(f"consent_{kind}_service")
            if said is not None:
                yield {"person": person, "consent": kind, "written": str(said).strip().casefold()}


def _renewals(told: list[tuple[Any, ...]]) -> Iterator[dict[str, Any]]:
    """Give the renewals with a day and an owner: without either there is no lock."""
    for person, account, owner, attributes in told:
        try:
            ends = date.fromisoformat(str(attributes.get(RENEWAL, ""))[:10])
        except ValueError:
            continue
        if owner:
            yield {"person": person, "account_id": account, "owner": owner, "on": ends}


def _handovers() -> Select[Any]:
    row = tables.Handover
    person: Any = col(row.person_id).label("person")
    return select(person, col(row.account_id), col(row.owner), col(row.handed_at)).where(
        col(row.taken_back_at).is_(None)
    )


def _holds(starts_on: date) -> Select[Any]:
    row = tables.SalesHold
    person: Any = col(row.person_id).label("person")
    return select(
        person,
        col(row.account_id),
        col(row.owner),
        col(row.reason),
        col(row.starts_on),
        col(row.until),
    ).where(col(row.released_at).is_(None), col(row.until) >= starts_on)
