"""What each source shows and what counts of it, from what imports stored, left out and rejected."""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, TypeAlias
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute
from sqlalchemy import select
from sqlmodel import Session, col

from campaigns.queries import answer
from campaigns.reconciliation import NOTHING, Amounts, Difference, Reconciled
from campaigns.store.arrow import read_table
from campaigns.store.duplicates import doubled_orders
from campaigns.store.left_out import left_out_rows, left_out_sums
from campaigns.store.merging import table_of
from campaigns.store.rejected import rejected_rows
from campaigns.store.tables import ImportBatch, LeftOut, Opportunity, Response, Spend, Touch
from campaigns.store.touch_sums import touch_sums
from campaigns.terms import CAUSES, GHOST, GOALS, PAID_SEARCH, Goal, Window

__all__ = ["Unused", "reconciliation", "unused_rows"]

pc: Any = pyarrow.compute  # its type stubs lag behind the library

ORDERS = GOALS["order"]

KINDS: dict[str, tuple[type[Any], str, tuple[str, ...], str]] = {
    "responses": (Response, "occurred_at", ("kind", "value", "order_id", "identity_id"), "value"),
    "spend": (Spend, "date", ("cost",), "cost"),
    "touches": (Touch, "occurred_at", (), "cost"),
    "opportunities": (Opportunity, "opened_on", ("closed_on", "stage", "value", "identity_id"), "value"),
}
"""What is reconciled: the table, its day, the other columns that decide, and the amount."""

LISTED = ("outside", "duplicate", "same event")
"""Reasons whose rows are worth listing one by one: the others say what a row is, not what went wrong with it."""

USED = "used"

Place: TypeAlias = tuple[str, str, dt.date | None]
"""Kind, source, first day of the month."""


@dataclass(frozen=True)
class Unused:
    """One row that a source shows and that does not count, with the reason.

    Parameters
    ----------
    key
        What names the row in its file: the order, the id, or its key.
    amount
        Value or cost in minor units of the reporting currency, or None where it cannot be read.
    file, line
        Where it was found; the line is None for rows that are stored.
    row
        As it was written, as JSON text, where that was kept.
    """

    kind: str
    source: str
    day: dt.date | None
    reason: str
    key: str | None
    amount: int | None
    file: str
    line: int | None = None
    row: str | None = None


def reconciliation(
    session: Session,
    zone: ZoneInfo,
    window: Window | None = None,
    goal: Goal = ORDERS,
    *,
    touches: pa.Table | None = None,
) -> tuple[Reconciled, ...]:
    """Say for each kind, source and month what the source shows, what counts, and why the rest does not.

    Parameters
    ----------
    zone
        Where days begin.
    window
        The days that the report is about, those of the last run; None where there is none yet, so that no row lies
        outside it.
    goal
        What counts as a response.
    touches
        What ``touch_sums`` found in the zone, where it was asked already; else it is asked here.

    Returns
    -------
    Ordered by kind, source and month.
    """
    shows: defaultdict[Place, Amounts] = defaultdict(Amounts)
    parts: defaultdict[Place, defaultdict[str, Amounts]] = defaultdict(lambda: defaultdict(Amounts))
    unlinked: defaultdict[Place, Amounts] = defaultdict(Amounts)
    for kind in KINDS:
        rows = _judged(session, kind, zone, window, goal, touches)
        for source, month, amounts in _shown(rows):
            shows[kind, source, month] += amounts
        for source, month, reason, known, amounts in _sorted_out(rows):
            parts[kind, source, month][reason] += amounts
            if reason == USED and not known:
                unlinked[kind, source, month] += amounts
    for place, reason, amounts in _never_stored(session):
        shows[place] += amounts
        parts[place][reason] += amounts
    places = sorted(shows, key=lambda place: (list(KINDS).index(place[0]), place[1], place[2] or dt.date.max))
    return tuple(
        Reconciled(
            *place,
            shows[place],
            parts[place].get(USED, NOTHING),
            tuple(
                Difference(reason, amounts)
                for reason, amounts in sorted(parts[place].items())
                if reason != USED and amounts != NOTHING
            ),
            unlinked[place],
        )
        for place in places
    )


def unused_rows(
    session: Session, zone: ZoneInfo, window: Window | None = None, goal: Goal = ORDERS
) -> Iterator[Unused]:
    """Yield the rows that do not count, with their reasons: left out, rejected, doubled and outside the time."""
    imported = session.execute(select(col(ImportBatch.id), col(ImportBatch.path)))
    files = {number: path for number, path in imported}  # noqa: C416 - rows of a query are no pairs to dict()
    for kind, (table, _day, _others, amount) in KINDS.items():
        if kind == "touches":
            continue
        rows = _judged(session, kind, zone, window, goal)
        wanted = rows.filter(pc.is_in(rows.column("reason"), value_set=pa.array(LISTED)))
        if not wanted.num_rows:
            continue
        told = {row["id"]: row for row in wanted.to_pylist()}
        stored = table_of(table)
        query: Any = select(stored.c.id, stored.c.batch_id, stored.c.row_key).order_by(stored.c.id)
        for number, batch, key in session.execute(query):
            if number in told:
                row = told[number]
                named = row.get("order_id") or key
                yield Unused(kind, row["source"], row["day"], row["reason"], named, row[amount], files[batch])
    for left in left_out_rows(session):
        if left["kind"] in KINDS and left["reason"] != "total":
            yield Unused(
                left["kind"],
                left["source"],
                left["occurred_on"],
                left["reason"],
                left["row_key"],
                left["value"],
                files[left["batch_id"]],
                left["line"],
                left["row"],
            )
    for one in rejected_rows(session, tuple(KINDS)):
        yield Unused(one.kind, one.source, one.day, one.reason, one.key, one.amount, one.file, one.line, one.row)


def _judged(
    session: Session, kind: str, zone: ZoneInfo, window: Window | None, goal: Goal, touches: pa.Table | None = None
) -> pa.Table:
    """Return the stored rows of a kind, each with its local day and month and the one reason, or ``used``.

    Touches, of which there may be very many, come counted by day and name: ``rows`` says how many each row is.
    """
    if kind == "touches":
        rows = touch_sums(session.connection(), zone) if touches is None else touches
        doubled = pa.array([], pa.int64())
    else:
        rows = _stored(session, kind, zone)
        doubled = doubled_orders(session) if kind == "responses" else pa.array([], pa.int64())
    return answer(
        f"""
        SELECT *, CASE {_cases(kind, window, goal)} ELSE '{USED}' END AS reason,
            CAST(date_trunc('month', day) AS DATE) AS month
        FROM stored
        """,  # noqa: S608 - the names are ours
        stored=rows,
        doubled=pa.table({"id": doubled}),
    )


def _stored(session: Session, kind: str, zone: ZoneInfo) -> pa.Table:
    """Return the stored rows of a kind with their local day, each for itself."""
    table, day, others, _amount = KINDS[kind]
    stored = table_of(table)
    query: Any = select(stored.c.id, stored.c.source, stored.c[day], *(stored.c[name] for name in others))
    # A row kept without counting (a cancelled order, stored as a return) is told by what was left out, as it shows it.
    gone = select(LeftOut.id).where(  # type: ignore[call-overload]
        col(LeftOut.kind) == kind,
        col(LeftOut.whole),
        col(LeftOut.source) == stored.c.source,
        col(LeftOut.row_key) == stored.c.row_key,
    )
    query = query.where(~gone.exists())
    rows = read_table(session.connection(), query)
    at = rows.column(day)
    if kind == "opportunities":
        at = pc.coalesce(rows.column("closed_on"), at)
    if pa.types.is_timestamp(at.type):
        at = pc.cast(pc.local_timestamp(pc.cast(at, pa.timestamp("us", zone.key))), pa.date32())
    return rows.append_column("day", at).append_column("rows", pa.repeat(pa.scalar(1, pa.int64()), rows.num_rows))


def _cases(kind: str, window: Window | None, goal: Goal) -> str:
    """Return the SQL of the reasons of a kind, the first that fits; without any, one that never does."""
    kinds = ", ".join(f"'{name}'" for name in goal.kinds)
    alone = (
        "redemption" in goal.kinds and "order" not in goal.kinds
    )  # then a redemption counts, whatever its order does
    causes = ", ".join(f"'{name}'" for name in CAUSES)
    cases = {
        "responses": f"""
            WHEN id IN (SELECT id FROM doubled) THEN 'duplicate'
            WHEN {"false AND" if alone else ""} kind = 'redemption'
                AND order_id IN (SELECT order_id FROM stored WHERE kind = 'order')
                THEN 'same event'
            WHEN kind NOT IN ({kinds}) THEN 'other kind'
            """,  # noqa: S608 - the names are ours
        "touches": f"""
            WHEN kind = '{GHOST}' THEN 'held back'
            WHEN kind NOT IN ({causes}) AND NOT (kind = 'click' AND channel = '{PAID_SEARCH}') THEN 'step'
            """,
        "opportunities": "WHEN stage <> 'won' THEN 'not won'",
    }.get(kind, "")
    if window is not None:
        cases += f" WHEN day NOT BETWEEN DATE '{window.start}' AND DATE '{window.end}' THEN 'outside'"
    return cases or "WHEN false THEN ''"


def _shown(rows: pa.Table) -> Iterator[tuple[str, dt.date, Amounts]]:
    """Sum up what is stored, with no regard to what became of it."""
    for row in _grouped(rows, "source, month"):
        yield row["source"], row["month"], _amounts(row)


def _sorted_out(rows: pa.Table) -> Iterator[tuple[str, dt.date, str, bool, Amounts]]:
    for row in _grouped(rows, "source, month, reason, known"):
        yield row["source"], row["month"], row["reason"], row["known"], _amounts(row)


def _grouped(rows: pa.Table, names: str) -> list[dict[str, Any]]:
    given = rows.column_names
    # a deal of a company as such, like a row of spend, is not by an unknown person
    known = "identity_id IS NOT NULL" if {"identity_id", "order_id"} <= set(given) else "true"
    orders = "count(*) FILTER (kind = 'order')" if "order_id" in given else "0"
    value = "coalesce(sum(value), 0)" if "value" in given else "0"
    cost = "coalesce(sum(cost), 0)" if "cost" in given else "0"
    found: list[dict[str, Any]] = answer(
        f"""
        SELECT {names}, sum(rows) AS rows, {orders} AS orders, {value} AS value, {cost} AS cost
        FROM (SELECT *, {known} AS known FROM judged) GROUP BY {names}
        """,  # noqa: S608 - the names are ours
        judged=rows,
    ).to_pylist()
    return found


def _amounts(row: dict[str, Any]) -> Amounts:
    return Amounts(int(row["rows"]), int(row["orders"]), int(row["value"]), int(row["cost"]))


def _never_stored(session: Session) -> Iterator[tuple[Place, str, Amounts]]:
    """Give what mappings left out and what was rejected; responses left out whole count as orders."""
    for left in left_out_sums(session):
        if left.kind in KINDS:
            yield (left.kind, left.source, left.month), left.reason, _of(left.kind, left.rows, left.value)
    for one in rejected_rows(session, tuple(KINDS)):
        month = one.day.replace(day=1) if one.day else None
        yield (one.kind, one.source, month), one.reason, _of(one.kind, 1, one.amount or 0, one.is_order)


def _of(kind: str, rows: int, amount: int, is_order: bool = True) -> Amounts:
    orders = rows if kind == "responses" and is_order else 0
    return Amounts(rows, orders, amount, 0) if KINDS[kind][3] == "value" else Amounts(rows, orders, 0, amount)
