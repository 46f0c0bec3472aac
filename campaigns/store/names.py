"""The names that imports mention: channels, campaigns and ads."""

from __future__ import annotations

from collections.abc import Collection

import pyarrow as pa
from sqlalchemy import Connection, insert, select
from sqlmodel import SQLModel

from campaigns.store.tables import Ad, Campaign, SeenChannel

__all__ = ["MENTIONING", "remember_names"]

MENTIONING = ("touches", "spend", "experiments", "channels", "promotions")
"""Kinds of file that name touch points of ours; the ``channel`` of a response is where it came in."""


def remember_names(connection: Connection, kind: str, table: pa.Table) -> None:
    """Keep the channels, campaigns and ads of checked rows, each once.

    Parameters
    ----------
    connection
        A connection inside a transaction that nobody else adds names in.
    kind
        Kind of the file; others than :data:`MENTIONING` mention none.
    table
        Rows of the kind.
    """
    if kind not in MENTIONING or not table.num_rows:
        return
    if kind == "promotions":
        listed = table.column("channels").drop_null().unique().to_pylist()
        _add(
            connection, SeenChannel, ("channel", "kind"), [(name, kind) for each in listed for name in each.split("|")]
        )
        return
    columns = [name for name in ("channel", "campaign", "ad") if name in table.column_names]
    named = [
        (row["channel"], row.get("campaign"), row.get("ad"))
        for row in table.select(columns).group_by(columns).aggregate([]).to_pylist()
    ]
    _add(connection, SeenChannel, ("channel", "kind"), {(channel, kind) for channel, _, _ in named})
    campaigns = {(channel, campaign) for channel, campaign, _ in named if campaign is not None}
    _add(connection, Campaign, ("channel", "campaign"), campaigns)
    _add(connection, Ad, ("channel", "campaign", "ad"), {names for names in named if names[2] is not None})


def _add(
    connection: Connection, kind: type[SQLModel], columns: tuple[str, ...], named: Collection[tuple[str | None, ...]]
) -> None:
    table = kind.__table__  # type: ignore[attr-defined]
    known = {tuple(row) for row in connection.execute(select(*(table.c[name] for name in columns)))}
    new = [dict(zip(columns, names, strict=True)) for names in sorted(set(named) - known, key=str)]
    if new:
        connection.execute(insert(table), new)
