"""Who else is known by an identifier.

An identifier belongs to one person, the first customer who came with it; but other customers may share the address or
the telephone. Whoever asked not to be written to at an address must not be reached there under another name.
"""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
from sqlalchemy import select
from sqlmodel import Session, col

from campaigns.people.identity import LINKED, normalised
from campaigns.store import tables
from campaigns.store.arrow import read_table

__all__ = ["with_claimants"]


def with_claimants(session: Session, rows: pa.Table) -> pa.Table:
    """Add to rows about an identifier the same rows about every other customer who is known by it.

    Parameters
    ----------
    rows
        Columns ``person``, ``identifier_kind``, ``identifier`` (in normal form) and any others.

    Returns
    -------
    The rows, then the added ones, with the same columns.
    """
    asked = rows.filter(pc.is_in(rows["identifier_kind"], pa.array(LINKED)))
    if not asked.num_rows:
        return rows
    known = pa.concat_tables(
        [_known_by(session, kind) for kind in LINKED if kind in set(asked["identifier_kind"].to_pylist())]
    )
    others = asked.drop_columns(["person"]).join(known, ["identifier_kind", "identifier"], join_type="inner")
    return pa.concat_tables([rows, others.select(rows.column_names)])


def _known_by(session: Session, kind: str) -> pa.Table:
    """Return ``person``, ``identifier_kind`` and ``identifier`` of every customer who gave one of this kind."""
    customer, identity = tables.Customer, tables.Identity
    written: Any = col(getattr(customer, kind))
    table = read_table(
        session.connection(),
        select(col(identity.person_id).label("person"), written.label("identifier"))
        .join(customer, col(customer.identity_id) == col(identity.id))
        .where(written.is_not(None)),
    ).combine_chunks()
    kinds = pa.array([kind] * table.num_rows, pa.string())
    identifiers = pa.chunked_array([normalised(kinds, column) for column in table["identifier"].chunks], pa.string())
    return pa.table({"person": table["person"], "identifier_kind": kinds, "identifier": identifiers})
