"""Days and months of what is stored, as expressions that both databases compute."""

from __future__ import annotations

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, Connection, cast, extract, func, literal_column, type_coerce
from sqlalchemy.sql.elements import ColumnElement

from campaigns.store.tables import UtcTime

__all__ = ["as_day", "day_of", "month_of"]

EPOCH = dt.date(1970, 1, 1)
SECONDS: ColumnElement[Any] = literal_column("86400")
MICROSECONDS: ColumnElement[Any] = literal_column("86400000000")
"""Lengths of a day. They stand in the SQL itself: PostgreSQL takes two parameters for two different expressions, and so
would not group by what it selects."""


def day_of(connection: Connection, column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return the day of a column: a date where it holds days, else the days since 1970 at its moment, in UTC."""
    if not isinstance(column.type, UtcTime):
        return column
    if connection.dialect.name == "sqlite":
        return type_coerce(column, BigInteger) // MICROSECONDS
    return cast(func.floor(extract("epoch", column) / SECONDS), BigInteger)


def as_day(found: dt.date | int) -> dt.date:
    """Return what :func:`day_of` gave as a date."""
    return found if isinstance(found, dt.date) else EPOCH + dt.timedelta(days=found)


def month_of(found: dt.date | int) -> dt.date:
    """Return the first day of the month of what :func:`day_of` gave."""
    return as_day(found).replace(day=1)
