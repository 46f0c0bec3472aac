"""Who is known: one row per person, whatever they are known by and however many files speak of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection
from typing import Any

import numpy as np
import pyarrow as pa
from sqlalchemy import case, func, select
from sqlmodel import col

from campaigns.people.identity import CUSTOMER
from campaigns.queries import answer
from campaigns.store.arrow import Query, arrow_type, read_table
from campaigns.store.database import Database
from campaigns.store.tables import Customer, Identity

__all__ = ["persons"]

TOLD_LAST = ("segment", "region", "household_id", "account_id", "owner", "country", "time_zone")
EARLIEST = ("created_at", "first_order_at")
CONSENTS = ("consent_email", "consent_phone", "consent_sms", "consent_mail", "consent_ads")

COLUMNS = ("person", "customer_id", "listed", "segment", "region", *EARLIEST, *TOLD_LAST[2:], *CONSENTS)


def persons(database: Database, only: Collection[int] | None = None) -> pa.Table:
    """Return every person, also those known only by an identifier.

    Where several sources speak of one person, the last that says something counts; of times the earliest; and a
    consent that any source withholds is withheld.

    Parameters
    ----------
    only
        Numbers of the only persons wanted, a few; everybody if None.

    Returns
    -------
    ``person, customer_id`` (null for a person known only by an identifier), ``listed`` (whether a customers file speaks
    of the person; false where only contacts and responses do), ``segment, region, created_at,
    first_order_at, household_id, account_id, owner, country, time_zone, consent_email, consent_phone, consent_sms,
    consent_mail, consent_ads``; ordered by person.
    """
    with database.reading() as session:
        known = read_table(session.connection(), _of(_known(), only))
        told = read_table(session.connection(), _of(_told(), only))
    if only is not None:
        return _told_of_few(known, told)
    told = told.append_column("place", pa.array(np.arange(told.num_rows)))
    rows = answer(_one_each(), known=known, told=told)
    return rows.cast(pa.schema([pa.field(name, _type_of(name)) for name in COLUMNS]))


def _of(statement: Any, only: Collection[int] | None) -> Any:
    return statement if only is None else statement.where(col(Identity.person_id).in_(only))


def _told_of_few(known: pa.Table, told: pa.Table) -> pa.Table:
    """Make one row of all that is told of each of a few persons, as `_one_each` does of many."""
    said: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for row in told.to_pylist():
        said[row["person"]].append(row)
    rows = [{**one, **_summed(said[one["person"]])} for one in known.sort_by("person").to_pylist()]
    return pa.Table.from_pylist(rows, schema=pa.schema([pa.field(name, _type_of(name)) for name in COLUMNS]))


def _summed(rows: list[dict[str, Any]]) -> dict[str, Any]:
    def all_of(name: str) -> list[Any]:
        return [row[name] for row in rows if row[name] is not None]

    last = {name: next(reversed(all_of(name)), None) for name in TOLD_LAST}
    first = {name: min(all_of(name), default=None) for name in EARLIEST}
    consents = {
        name: min((word for word in all_of(name) if word != "unknown"), default=min(all_of(name), default=None))
        for name in CONSENTS
    }
    return {"listed": bool(rows), **last, **first, **consents}


def _known() -> Query:
    number: Any = case((col(Identity.kind) == CUSTOMER, col(Identity.value)))
    return select(col(Identity.person_id).label("person"), func.min(number).label("customer_id")).group_by(
        col(Identity.person_id)
    )


def _told() -> Query:
    columns: list[Any] = [getattr(Customer, name) for name in (*TOLD_LAST, *EARLIEST, *CONSENTS)]
    return (
        select(col(Identity.person_id).label("person"), *columns)
        .select_from(Customer)
        .join(Identity, col(Identity.id) == col(Customer.identity_id))
        .order_by(col(Customer.batch_id), col(Customer.id))
    )


def _one_each() -> str:
    """Return the SQL that makes one row of all that is told of a person; ``arg_max`` passes over what is empty."""
    last = [f"arg_max({name}, place) AS {name}" for name in TOLD_LAST]
    first = [f"min({name}) AS {name}" for name in EARLIEST]
    # no, if any says so; else yes, if any does; else unknown, if anybody was asked
    consents = [f"coalesce(min({name}) FILTER ({name} <> 'unknown'), min({name})) AS {name}" for name in CONSENTS]
    kept = ("coalesce(told, false) AS listed" if name == "listed" else name for name in COLUMNS)
    return f"""
        WITH one AS (SELECT person, true AS told, {", ".join((*last, *first, *consents))} FROM told GROUP BY person)
        SELECT {", ".join(kept)} FROM known LEFT JOIN one USING (person) ORDER BY person
        """  # noqa: S608 - the names are those above


def _type_of(name: str) -> pa.DataType:
    if name == "person":
        return pa.int64()
    if name == "listed":
        return pa.bool_()
    return pa.string() if name == "customer_id" else arrow_type(getattr(Customer, name))
