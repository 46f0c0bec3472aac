"""What all tables share: their metadata, their column types and the columns of an imported row."""

import datetime as dt
from typing import Any

from sqlalchemy import BigInteger, Dialect, Integer, MetaData
from sqlalchemy.types import DateTime, TypeDecorator, TypeEngine
from sqlmodel import Field, SQLModel

__all__ = ["EPOCH", "KEY", "ImportedRow", "Record", "UtcTime", "identity", "key", "moment", "reference", "whole"]

EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_MICROSECOND = dt.timedelta(microseconds=1)

KEY = BigInteger().with_variant(Integer(), "sqlite")
"""Type of keys: 64 bit on both databases (SQLite numbers rows by itself only where the type is INTEGER)."""


class UtcTime(TypeDecorator[dt.datetime]):
    """A point in time, to the microsecond: ``timestamptz`` on PostgreSQL, microseconds since 1970 (UTC) on SQLite.

    Values read are aware and in UTC. A value without a zone is an error, never a guess.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        """Choose the type that stores it."""
        return dialect.type_descriptor(BigInteger() if dialect.name == "sqlite" else DateTime(timezone=True))

    def process_bind_param(self, value: dt.datetime | None, dialect: Dialect) -> Any:
        """Turn an aware time into what the database stores.

        Raises
        ------
        ValueError
            If the time has no zone.
        """
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError(f"a time without a zone cannot be stored: {value.isoformat()}")
        if dialect.name == "sqlite":
            return (value - EPOCH) // _MICROSECOND
        return value.astimezone(dt.UTC)

    def process_result_value(self, value: Any, dialect: Dialect) -> dt.datetime | None:
        """Turn what the database stores into an aware time in UTC."""
        if value is None:
            return None
        time: dt.datetime = EPOCH + value * _MICROSECOND if dialect.name == "sqlite" else value.astimezone(dt.UTC)
        return time


class Record(SQLModel):
    """Root of all tables."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )


def key() -> Any:
    """Declare a primary key that the database numbers."""
    return Field(default=None, primary_key=True, sa_type=KEY)


def reference(column: str, default: Any = ..., **options: Any) -> Any:
    """Declare a foreign key to ``table.column``."""
    return Field(default, foreign_key=column, sa_type=KEY, **options)


def identity(default: Any = ..., **options: Any) -> Any:
    """Declare the person of a row, by the identity it was written with."""
    return reference("identities.id", default, **options)


def moment(default: Any = ...) -> Any:
    """Declare a point in time; ``moment(None)`` may be missing."""
    return Field(default, sa_type=UtcTime)


def whole(default: Any = None, **options: Any) -> Any:
    """Declare a 64 bit whole number, or an amount in minor units; may be missing unless ``...`` is given."""
    return Field(default, sa_type=BigInteger, **options)


class ImportedRow(Record):
    """The columns of every row that came from a file.

    ``row_key`` says, within a ``source``, which row it is: importing it again replaces it, and its table is unique in
    the two.
    """

    id: int | None = key()
    batch_id: int = reference("import_batches.id")
    source: str
    row_key: str
