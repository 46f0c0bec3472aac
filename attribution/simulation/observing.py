"""A simulated market as a fit looks at it: persons by number, money in minor units, no database in between."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.compute as pc

from attribution.observations import Observations
from attribution.simulate import Market

__all__ = ["observations_of"]

_SOURCES = {
    "touches": "touches",
    "responses": "responses",
    "persons": "customers",
    "spend": "spend",
    "channels": "channels",
    "events": "calendar_events",
    "promotions": "promotions",
}
OPTIONAL = (
    *("kind", "campaign", "ad", "promotion", "cost", "region", "impressions", "clicks", "units", "claimed_conversions"),
    *("target_cac", "carry_over_days", "segment", "created_at", "first_order_at"),
)
"""Columns that a file of the contract may leave out."""

_MONEY = ("cost", "target_cac")


def observations_of(market: Market) -> Observations:
    """Read a simulated market as the store would hand it over."""
    customers = market.tables["customers"]["customer_id"]
    return Observations(**{name: _read(market.tables[source], customers) for name, source in _SOURCES.items()})


def _read(table: pa.Table, customers: pa.ChunkedArray) -> pa.Table:
    columns = {name: _as_stored(name, table[name]) for name in table.column_names}
    if "customer_id" in columns:
        columns["person"] = pc.index_in(columns["customer_id"], customers)
    return pa.table(columns | {name: pa.nulls(table.num_rows) for name in OPTIONAL if name not in columns})


def _as_stored(name: str, values: pa.ChunkedArray) -> pa.ChunkedArray:
    if name in _MONEY:
        return pc.cast(pc.round(pc.multiply(values, 100.0)), pa.int64())
    if name == "targeted":
        return pc.equal(values, "yes")
    return values
