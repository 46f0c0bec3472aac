"""What imports changed: new rows, restated ones and those taken back, per source, month and channel."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, TypeAlias

from sqlalchemy import ColumnElement, Connection, case, exists, func, insert, literal, null, select
from sqlmodel import Session, col

from campaigns.intake.formats import FileKind
from campaigns.intake.left_out import AMOUNTS, day_column
from campaigns.store.days import day_of, month_of
from campaigns.store.merging import table_of
from campaigns.store.tables import IMPORTED, ImportBatch, ImportChange

__all__ = ["Change", "changes_since", "recorded"]

Place: TypeAlias = tuple[str, dt.date, str | None]
"""Source, first day of the month, channel."""


@dataclass(frozen=True)
class Change:
    """What imports changed of one source in one month and channel; money in minor units of the reporting currency.

    Parameters
    ----------
    kind
        File kind: touches, responses, spend or opportunities.
    month
        First day of the month in which it happened.
    channel
        The channel as written; None where rows name none.
    added, replaced, removed
        Rows that were new, that were there and now say something else, and that no longer count.
    value_before, value_after
        What all rows of this source, month and channel added up to: cost of spend and touches, value of responses and
        deals.
    """

    kind: str
    source: str
    month: dt.date
    channel: str | None
    added: int
    replaced: int
    removed: int
    value_before: int
    value_after: int

    @property
    def difference(self) -> int:
        """By how much the value changed."""
        return self.value_after - self.value_before

    @property
    def restated(self) -> bool:
        """Whether anything changed that had been there before."""
        return bool(self.replaced or self.removed)


def changes_since(session: Session, moment: dt.datetime) -> tuple[Change, ...]:
    """Return what the imports that ended after a moment changed, several imports of the same taken together.

    Parameters
    ----------
    moment
        With its zone: usually when the last run read its data.

    Returns
    -------
    Ordered by kind, source, month and channel; nothing where imports found everything as it was.
    """
    first, last = func.min(col(ImportChange.id)), func.max(col(ImportChange.id))
    names = (ImportChange.kind, ImportChange.source, ImportChange.month, ImportChange.channel)
    counts = (ImportChange.added, ImportChange.replaced, ImportChange.removed)
    query = (
        select(*map(col, names), *(func.sum(col(count)) for count in counts), first, last)
        .join(ImportBatch, col(ImportBatch.id) == col(ImportChange.batch_id))
        .where(col(ImportBatch.finished_at) > moment)
        .group_by(*map(col, names))
    )
    found = list(session.execute(query))
    ends = {end for row in found for end in row[-2:]}
    rows = session.execute(
        select(col(ImportChange.id), col(ImportChange.value_before), col(ImportChange.value_after)).where(
            col(ImportChange.id).in_(ends)
        )
    )
    values = {number: (before, after) for number, before, after in rows}
    changes = [
        Change(kind, source, month, channel, int(new), int(replaced), int(gone), values[start][0], values[end][1])
        for kind, source, month, channel, new, replaced, gone, start, end in found
    ]
    return tuple(sorted(changes, key=lambda each: (each.kind, each.source, each.month, each.channel or "")))


@contextmanager
def recorded(connection: Connection, batch_id: int, kind: FileKind, sources: Collection[str]) -> Iterator[None]:
    """Record what the block changes of some sources of a kind, where its rows are about money; months are those of UTC.

    Parameters
    ----------
    connection
        A connection inside the transaction that stores the rows of the batch, and in which nobody else does.
    """
    if kind.name not in AMOUNTS or not sources:
        yield
        return
    before = _tallies(connection, kind, sources)
    last = connection.execute(select(func.max(table_of(IMPORTED[kind.name]).c.id))).scalar_one() or 0
    yield
    after = _tallies(connection, kind, sources)
    new = _tallies(connection, kind, sources, batch_id, last)
    rows = [
        {
            "batch_id": batch_id,
            "kind": kind.name,
            **dict(zip(("source", "month", "channel"), place, strict=True)),
            "added": new[place].added,
            "replaced": new[place].rows - new[place].added,
            "removed": max(0, before[place].rows + new[place].added - after[place].rows),
            "value_before": before[place].value,
            "value_after": after[place].value,
        }
        for place in sorted({*before, *after}, key=str)
    ]
    changed = [row for row in rows if row["added"] or row["replaced"] or row["removed"]]
    if changed:
        connection.execute(insert(table_of(ImportChange)), changed)


@dataclass(frozen=True)
class _Tally:
    rows: int = 0
    added: int = 0
    value: int = 0


def _tallies(
    connection: Connection, kind: FileKind, sources: Collection[str], batch_id: int | None = None, last: int = 0
) -> dict[Place, _Tally]:
    """Count rows and add up values of some sources, of one batch if asked; ``added`` are those after row ``last``."""
    table = table_of(IMPORTED[kind.name])
    found: defaultdict[Place, _Tally] = defaultdict(_Tally)
    if batch_id is None and not connection.execute(select(exists().where(table.c.source.in_(sources)))).scalar_one():
        return found
    channel: ColumnElement[Any] = table.c.channel if "channel" in table.c else null()
    day = day_of(connection, table.c[day_column(kind)])
    value = func.coalesce(func.sum(table.c[AMOUNTS[kind.name]]), literal(0))
    query = select(
        table.c.source, day, channel, func.count(), func.sum(case((table.c.id > last, 1), else_=0)), value
    ).where(table.c.source.in_(sources))
    if batch_id is not None:
        query = query.where(table.c.batch_id == batch_id)
    grouped = query.group_by(table.c.source, day, *([channel] if "channel" in table.c else []))
    for source, at, where, rows, added, amount in connection.execute(grouped):
        place = (source, month_of(at), where)
        one = found[place]
        found[place] = _Tally(one.rows + int(rows), one.added + int(added), one.value + int(amount))
    return found
