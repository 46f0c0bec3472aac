"""Queries over tables in memory: each with names and times of its own, from any thread and any process."""

from __future__ import annotations

import os
from concurrent.futures import ThreadPoolExecutor

import duckdb
import pyarrow as pa
import pytest

from campaigns.queries import answer


def test_tables_are_known_by_their_names_and_only_while_it_is_asked() -> None:
    asked = answer("SELECT n + m AS sum FROM one, other", one=pa.table({"n": [1]}), other=pa.table({"m": [2]}))
    assert asked.to_pydict() == {"sum": [3]}
    with pytest.raises(duckdb.CatalogException, match="one"):
        answer("SELECT n FROM one")


def test_many_may_ask_at_once_by_the_same_names() -> None:
    with ThreadPoolExecutor(4) as threads:
        asked = threads.map(lambda n: answer("SELECT sum(n) AS n FROM rows", rows=pa.table({"n": [n, n]})), range(40))
    assert [int(one.column("n")[0].as_py()) for one in asked] == [2 * n for n in range(40)]


def test_a_process_that_was_forked_off_may_ask_too() -> None:
    answer("SELECT 1 AS n")
    child = os.fork()
    if not child:
        os._exit(
            answer("SELECT sum(n)::INT AS n FROM rows", rows=pa.table({"n": range(1000)}))["n"][0].as_py() != 499_500
        )
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0


def test_times_with_a_zone_are_told_in_utc() -> None:
    asked = answer("SELECT TIMESTAMPTZ '2026-05-01 12:00:00+03' AS t")
    assert asked.schema.field("t").type.tz == "UTC"
    assert asked["t"][0].as_py().isoformat() == "2026-05-01T09:00:00+00:00"
