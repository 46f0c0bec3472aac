"""Who is known: one row per person, whatever they are known by and however many files speak of them."""

from __future__ import annotations

from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from sqlalchemy import case, func, select
from sqlmodel import col

from campaigns.people.identity import CUSTOMER
from campaigns.store.arrow import Query, arrow_type, read_table
from campaigns.store.database import Database
from campaigns.store.tables import Customer, Identity

__all__ = ["persons"]

TOLD_LAST = ("segment", "region", "household_id", "account_id", "owner", "country", "time_zone")
EARLIEST = ("created_at", "first_order_at")
CONSENTS = ("consent_email", "consent_phone", "consent_sms", "consent_mail", "consent_ads")

COLUMNS = ("person", "customer_id", "segment", "region", *EARLIEST, *TOLD_LAST[2:], *CONSENTS)


def persons(database: Database) -> pa.Table:
    """Return every person, also those known only by an identifier.

    Where several sources speak of one person, the last that says something counts; of times the earliest; and a
    consent that any source withholds is withheld.

    Returns
    -------
    ``person, customer_id`` (null for a person known only by an identifier), ``segment, region, created_at,
    first_order_at, household_id, account_id, owner, country, time_zone, consent_email, consent_phone, consent_sms,
    consent_mail, consent_ads``; ordered by person.
    """
    with database.reading() as session:
        known = read_table(session.connection(), _known())
        told = read_table(session.connection(), _told())
    told = told.append_column("place", pa.array(np.arange(told.num_rows)))
    with duckdb.connect() as memory:
        memory.register("known", known)
        memory.register("told", told)
        rows: pa.Table = memory.sql(_one_each()).to_arrow_table()
    return rows.cast(pa.schema([pa.field(name, _type_of(name)) for name in COLUMNS]))


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
    return f"""
        WITH one AS (SELECT person, {", ".join((*last, *first, *consents))} FROM told GROUP BY person)
        SELECT {", ".join(COLUMNS)} FROM known LEFT JOIN one USING (person) ORDER BY person
        """  # noqa: S608 - the names are those above


def _type_of(name: str) -> pa.DataType:
    if name == "person":
        return pa.int64()
    return pa.string() if name == "customer_id" else arrow_type(getattr(Customer, name))
