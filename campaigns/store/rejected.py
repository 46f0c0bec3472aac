"""Rows that were rejected as faulty and that no later import made good."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from pathlib import PurePath
from typing import Any

from sqlalchemy import exists, select
from sqlmodel import Session, col

from campaigns.intake.formats import KINDS
from campaigns.intake.left_out import AMOUNTS, day_column
from campaigns.store.merging import table_of
from campaigns.store.tables import IMPORTED, ImportBatch, ImportFault, LeftOut

__all__ = ["RejectedRow", "rejected_rows"]

TWICE = ("has it already", "has these already")
"""How a fault says that an earlier line of the file has the same key."""


@dataclass(frozen=True)
class RejectedRow:
    """A row that was not accepted.

    Parameters
    ----------
    reason
        ``duplicate`` where the file has its key twice, ``currency`` where there is no rate for its currency, else
        ``faulty``.
    day, amount
        As far as they can be read; the amount in minor units.
    key
        Its own id, or None.
    is_order
        Whether it is an order, as far as it says what it is.
    row
        As it was written, as JSON text.
    """

    kind: str
    source: str
    reason: str
    day: dt.date | None
    amount: int | None
    key: str | None
    is_order: bool
    file: str
    line: int
    row: str | None


def rejected_rows(session: Session, kinds: Sequence[str]) -> Iterator[RejectedRow]:
    """Yield the rows of some kinds that were rejected, each once.

    A later import of a file of the same name speaks for the earlier one. A row whose id was stored or left out since,
    from the same source, was made good.
    """
    batches = select(ImportBatch).where(col(ImportBatch.kind).in_(kinds)).order_by(col(ImportBatch.id))
    latest: dict[tuple[str, str], ImportBatch] = {}
    for batch in session.execute(batches).scalars():
        latest[batch.kind, PurePath(batch.path).name] = batch
    seen: set[tuple[str, str, str]] = set()
    for batch in sorted((batch for batch in latest.values() if batch.skipped), key=lambda batch: batch.id or 0):
        for row in _of_batch(session, batch):
            content = (row.kind, row.source, row.row or f"{batch.id}:{row.line}")
            if content not in seen and not _made_good(session, row):
                seen.add(content)
                yield row


def _of_batch(session: Session, batch: ImportBatch) -> Iterator[RejectedRow]:
    faults = select(ImportFault).where(col(ImportFault.batch_id) == batch.id, col(ImportFault.line) > 0)
    lines: dict[int, list[ImportFault]] = {}
    for fault in session.execute(faults.order_by(col(ImportFault.id))).scalars():
        lines.setdefault(fault.line, []).append(fault)
    for line, found in lines.items():
        written = next((fault.row for fault in found if fault.row is not None), None)
        if written is None:
            continue  # a fault of the file, such as an unknown column, not of a row
        told: Mapping[str, str] = json.loads(written)
        yield RejectedRow(
            batch.kind,
            told.get("source") or batch.source.split(", ")[0],
            _reason(found),
            _day(told.get(day_column(KINDS[batch.kind]))),
            _amount(told.get(AMOUNTS.get(batch.kind, ""))),
            _id(batch.kind, told),
            told.get("kind", "order").strip().casefold() == "order",
            batch.path,
            line,
            written,
        )


def _reason(faults: Sequence[ImportFault]) -> str:
    if any(fault.column.startswith("currency") for fault in faults):
        return "currency"
    return "duplicate" if any(words in fault.expected for fault in faults for words in TWICE) else "faulty"


def _day(written: str | None) -> dt.date | None:
    try:
        return dt.date.fromisoformat((written or "").strip()[:10])
    except ValueError:
        return None


def _amount(written: str | None) -> int | None:
    try:
        amount = 100 * Decimal((written or "").strip())
    except InvalidOperation:
        return None
    return int(amount) if amount.is_finite() and abs(amount) < 2**62 else None


def _id(kind: str, told: Mapping[str, str]) -> str | None:
    """Return the id of a row, where its kind has one of a single column."""
    names = KINDS[kind].key
    return told.get(names[0]) if len(names) == 1 else None


def _made_good(session: Session, row: RejectedRow) -> bool:
    if row.key is None or row.reason == "duplicate":  # of a key that stands there twice, one row is always stored
        return False
    stored, left = table_of(IMPORTED[row.kind]), table_of(LeftOut)
    here: Any = (stored.c.source == row.source) & (stored.c.row_key == row.key)
    gone: Any = (left.c.source == row.source) & (left.c.row_key == row.key) & (left.c.kind == row.kind)
    return any(session.execute(select(exists().where(same))).scalar_one() for same in (here, gone))
