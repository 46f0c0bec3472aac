"""SQL over Arrow tables, answered by DuckDB in memory."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import duckdb
    import pyarrow as pa

__all__ = ["answer"]


def answer(query: str, **tables: pa.Table) -> pa.Table:
    """Answer a query over the tables given, by the names under which they are given.

    Parameters
    ----------
    query
        One statement in DuckDB's SQL; its times with a zone are told in UTC.
    """
    with _started(os.getpid()).cursor() as memory:  # with names of its own, in whatever thread
        memory.execute("SET TimeZone = 'UTC'")
        for name, table in tables.items():
            memory.register(name, table)
        return memory.sql(query).to_arrow_table()


@cache
def _started(process: int) -> duckdb.DuckDBPyConnection:
    """Start DuckDB once in a process, which takes thirty milliseconds; a process that was forked off starts its own."""
    del process
    import duckdb  # where somebody asks, and not where a page only shows what a run stored

    return duckdb.connect()
