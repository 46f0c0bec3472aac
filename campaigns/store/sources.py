"""What was imported so far, by kind of file and source, and the imports themselves; reads no imported row."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import func
from sqlmodel import Session, col, select

from campaigns.store.tables import ImportBatch, ImportFault

__all__ = ["ImportedSource", "faults_of", "find_import", "imports_of", "sources"]


@dataclass(frozen=True)
class ImportedSource:
    """One kind of file from one source.

    Parameters
    ----------
    imports
        How many there were.
    brought
        Rows that they added.
    first_day, last_day
        Of all of them, in UTC; None where the kind has no days.
    last
        The last of them.
    """

    imports: int
    brought: int
    first_day: dt.date | None
    last_day: dt.date | None
    last: ImportBatch


def sources(session: Session, limit: int = 200) -> tuple[ImportedSource, ...]:
    """Return every kind and source that was imported, that of the last import first."""
    batch = ImportBatch
    sums: list[Any] = [
        func.max(batch.id).label("id"),
        func.count().label("imports"),
        func.sum(col(batch.added)).label("brought"),
        func.min(col(batch.first_day)).label("first_day"),
        func.max(col(batch.last_day)).label("last_day"),
    ]
    summed = (
        select(*sums).where(col(batch.finished_at).is_not(None)).group_by(col(batch.kind), col(batch.source)).subquery()
    )
    columns: list[Any] = [batch, summed.c.imports, summed.c.brought, summed.c.first_day, summed.c.last_day]
    query: Any = select(*columns).join(summed, summed.c.id == col(batch.id)).order_by(col(batch.id).desc()).limit(limit)
    return tuple(
        ImportedSource(int(count), int(brought), first, last, found)
        for found, count, brought, first, last in session.exec(query)
    )


def imports_of(session: Session, kind: str, source: str, limit: int = 50) -> list[ImportBatch]:
    """Return the imports of a kind from a source, the last first."""
    query = select(ImportBatch).where(ImportBatch.kind == kind, ImportBatch.source == source)
    return list(session.exec(query.order_by(col(ImportBatch.id).desc()).limit(limit)))


def find_import(session: Session, number: int) -> ImportBatch | None:
    """Return an import, or None."""
    return session.get(ImportBatch, number)


def faults_of(session: Session, number: int) -> Iterator[dict[str, Any]]:
    """Yield what was wrong with the rows that an import left out, each row as it was written with its first fault."""
    query = select(ImportFault).where(ImportFault.batch_id == number).order_by(col(ImportFault.id))
    for fault in session.exec(query.execution_options(yield_per=1_000)):
        told = {"line": fault.line or None, "column": fault.column, "found": fault.found, "expected": fault.expected}
        written = json.loads(fault.row) if fault.row else {}
        yield {**told, "row": "; ".join(f"{name}: {value}" for name, value in written.items())}
