"""How fresh the data of each source are, by what was imported; reads the imports alone, never their rows."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func
from sqlmodel import Session, col, select

from campaigns.store.held_back import HELD_BACK
from campaigns.store.tables import ImportBatch

__all__ = ["Freshness", "freshness"]


@dataclass(frozen=True)
class Freshness:
    """One kind of file from one source: how often and when it was imported last, and what that import brought."""

    kind: str
    source: str
    imports: int
    last_at: datetime
    rows: int
    skipped: int


def freshness(session: Session, limit: int = 50) -> tuple[Freshness, ...]:
    """Return every kind and source that was imported, the one that waits longest first."""
    batch = ImportBatch
    last = (
        select(func.max(batch.id).label("id"), func.count().label("imports"))
        .where(col(batch.finished_at).is_not(None), col(batch.source) != HELD_BACK)
        .group_by(col(batch.kind), col(batch.source))
        .subquery()
    )
    found = session.exec(
        select(batch, last.c.imports)
        .join(last, last.c.id == col(batch.id))
        .order_by(col(batch.finished_at), col(batch.id))
        .limit(limit)
    )
    return tuple(
        Freshness(row.kind, row.source, imports, row.finished_at, row.rows, row.skipped)
        for row, imports in found
        if row.finished_at is not None
    )
