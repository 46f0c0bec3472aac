"""What the database holds of each file kind, and how fresh it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import func, select
from sqlmodel import col

from campaigns.intake.formats import KINDS, FileKind, Type
from campaigns.store.database import Database
from campaigns.store.tables import IMPORTED, ImportBatch

__all__ = ["Holding", "holdings"]


@dataclass(frozen=True)
class Holding:
    """What is stored of one file kind.

    Parameters
    ----------
    rows
        Number of rows.
    newest
        Latest day or time that the rows speak of, or None where the kind has none or nothing is stored.
    imported_at
        When a file of this kind was last imported, UTC, or None.
    """

    kind: str
    rows: int
    newest: date | datetime | None
    imported_at: datetime | None


def holdings(database: Database) -> tuple[Holding, ...]:
    """Count what is stored of every file kind, in the order of the kinds."""
    return tuple(_holdings(database))


def _holdings(database: Database) -> Iterator[Holding]:
    with database.reading() as session:
        last = select(col(ImportBatch.kind), func.max(col(ImportBatch.finished_at))).group_by(col(ImportBatch.kind))
        imported = {row[0]: row[1] for row in session.execute(last)}
        for kind in KINDS.values():
            table = IMPORTED[kind.name].__table__  # type: ignore[attr-defined]
            told_by = _time_of(kind)
            newest = func.max(table.c[told_by]) if told_by else func.max(None)
            rows, latest = session.execute(select(func.count(), newest).select_from(table)).one()
            yield Holding(kind.name, rows, latest, imported.get(kind.name))


def _time_of(kind: FileKind) -> str | None:
    """Return the column that says when the thing a row tells of happened."""
    columns = (column.name for column in kind.columns if column.past and column.type in (Type.TIME, Type.DATE))
    return next(columns, None)
