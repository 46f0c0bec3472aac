"""Importing again replaces and never doubles, and what a file says is all stored or none of it."""

import datetime as dt
import json
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from sqlmodel import col, select

from campaigns.faults import Fault
from campaigns.intake.checking import schema_of
from campaigns.intake.formats import KINDS
from campaigns.intake.review import Rejected
from campaigns.store.database import Database
from campaigns.store.loading import Batch, load
from campaigns.store.tables import IMPORTED, Ad, Campaign, Identity, ImportBatch, ImportFault, SeenChannel, Spend, Touch

ROOT = Path(__file__).parents[2]
MAY = dt.datetime(2026, 5, 1, 10, tzinfo=dt.UTC)


def checked(kind: str, *rows: dict[str, Any]) -> pa.Table:
    """Good rows as the intake hands them over."""
    schema = schema_of(KINDS[kind])
    filled = [{"source": "shop", **row} for row in rows]
    return pa.Table.from_pylist([{name: row.get(name) for name in schema.names} for row in filled], schema=schema)


def imported(database: Database, kind: str, *rows: dict[str, Any]) -> Batch:
    return load(database, KINDS[kind], checked(kind, *rows), path=f"{kind}.csv", digest="d")


def counts(batch: Batch) -> tuple[int, int, int]:
    return batch.added, batch.replaced, batch.unchanged


def stored(database: Database, kind: str, *columns: str) -> list[tuple[Any, ...]]:
    table = IMPORTED[kind]
    with database.reading() as session:
        return [
            tuple(row)
            for row in session.execute(select(*(getattr(table, name) for name in columns)).order_by(col(table.id)))
        ]


def touch(**told: Any) -> dict[str, Any]:
    return {"customer_id": "C-1", "occurred_at": MAY, "channel": "email", "kind": "send", **told}


def cost(**told: Any) -> dict[str, Any]:
    return {"date": dt.date(2026, 5, 1), "channel": "tv", "cost": 1_000, "cost_kind": "media", **told}


def test_the_same_file_twice_adds_nothing(database: Database):
    rows = [touch(touch_id="T-1"), touch(touch_id="T-2"), touch(), touch(), touch(customer_id="C-2")]

    assert counts(imported(database, "touches", *rows)) == (5, 0, 0)
    assert counts(imported(database, "touches", *rows)) == (0, 0, 5)
    assert len(stored(database, "touches", "id")) == 5


def test_a_restated_row_replaces_and_keeps_its_place(database: Database):
    imported(database, "touches", touch(touch_id="T-1", outcome="delivered", cost=5), touch(touch_id="T-2"))
    restated = imported(database, "touches", touch(touch_id="T-1", outcome=None, cost=7), touch(touch_id="T-2"))

    assert counts(restated) == (0, 1, 1)
    assert stored(database, "touches", "id", "batch_id", "touch_id", "outcome", "cost") == [
        (1, 2, "T-1", None, 7),
        (2, 1, "T-2", None, None),
    ]


def test_a_row_that_now_names_another_person_is_replaced(database: Database):
    imported(database, "touches", touch(touch_id="T-1"))
    moved = imported(database, "touches", touch(touch_id="T-1", customer_id="C-2"))

    assert counts(moved) == (0, 1, 0)
    assert stored(database, "touches", "identity_id") == [(2,)]


def test_rows_without_an_id_are_matched_by_content_and_how_often_it_occurs(database: Database):
    imported(database, "touches", touch(), touch(), touch(channel="sms"))

    assert counts(imported(database, "touches", touch(channel="sms"), touch(), touch(), touch())) == (1, 0, 3)
    assert counts(imported(database, "touches", touch(region="north"))) == (1, 0, 0)


def test_an_empty_text_and_none_are_different_contents(database: Database):
    assert counts(imported(database, "touches", touch(region=""), touch(region=None))) == (2, 0, 0)


def test_spend_is_replaced_by_its_natural_key(database: Database):
    imported(database, "spend", cost(), cost(campaign="spring"), cost(region="north"), cost(cost_kind="agency"))
    restated = imported(database, "spend", cost(cost=900, impressions=10), cost(campaign="spring"))

    assert counts(restated) == (0, 1, 1)
    kept = stored(database, "spend", "cost", "impressions", "campaign", "region", "cost_kind")
    assert sorted(kept, key=str) == [
        (1_000, None, "spring", None, "media"),
        (1_000, None, None, "north", "media"),
        (1_000, None, None, None, "agency"),
        (900, 10, None, None, "media"),
    ]


def test_the_same_row_of_another_source_is_another_row(database: Database):
    imported(database, "spend", cost())
    assert counts(imported(database, "spend", cost(source="agency"), cost())) == (1, 0, 1)


def test_of_rows_with_the_same_key_in_one_file_the_last_counts_and_a_note_says_so(database: Database):
    batch = imported(database, "spend", cost(cost=1), cost(cost=2), cost(region="north"))

    assert (counts(batch), batch.rows) == ((2, 0, 1), 3)
    assert batch.notes == ("1 rows repeat a later row of the file, which counts",)
    assert sorted(stored(database, "spend", "cost")) == [(2,), (1_000,)]


@pytest.mark.parametrize("kind", list(KINDS))
def test_every_kind_is_stored_and_stored_again(kind: str, database: Database):
    samples = {
        "text": "x", "choice": "yes", "list": "a|b", "time": MAY, "date": MAY.date(),
        "integer": 2**40, "number": 0.1, "money": 12_345,
    }  # fmt: skip
    row = {column.name: samples[column.type] for column in KINDS[kind].all_columns}
    bare = {
        column.name: samples[column.type]
        for column in KINDS[kind].all_columns
        if column.required or column.default or column.name in ("customer_id", "source")
    }

    assert counts(imported(database, kind, row)) == (1, 0, 0)
    assert counts(imported(database, kind, row)) == (0, 0, 1)
    imported(database, kind, {**bare, "source": "other"})
    told = [column.name for column in KINDS[kind].all_columns if column.name in IMPORTED[kind].model_fields]
    assert stored(database, kind, *told)[0] == tuple(row[name] for name in told)


def test_a_large_import_into_an_empty_table_has_its_indexes_and_the_right_rows(sqlite_database: Database):
    rows = [touch(customer_id=f"C-{number % 7}", touch_id=f"T-{number}") for number in range(21_000)]

    assert counts(imported(sqlite_database, "touches", *rows)) == (21_000, 0, 0)
    assert counts(imported(sqlite_database, "touches", *rows[:50], touch(touch_id="new"))) == (1, 0, 50)
    with sqlite_database.engine.connect() as connection:
        names = connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'index'").scalars().all()
        assert "ix_touches_identity_id" in names
        assert connection.exec_driver_sql("PRAGMA integrity_check").scalar_one() == "ok"


def test_faults_and_the_rows_left_out_are_kept_with_the_batch(database: Database):
    faults = (Fault(3, "cost", "-5", "0 or more"), Fault(3, "date", "soon", "a date"), Fault(0, "", "x", "y"))
    rejected = (Rejected(3, {"date": "soon", "channel": "tv", "cost": "-5"}, faults[:2]),)
    batch = load(
        database,
        KINDS["spend"],
        checked("spend", cost()),
        path="spend.csv",
        digest="abc",
        faults=faults,
        rejected=rejected,
    )

    assert (batch.rows, batch.added, batch.skipped) == (1, 1, 1)
    with database.reading() as session:
        kept = session.exec(select(ImportFault).order_by(col(ImportFault.id))).all()
        record = session.get(ImportBatch, batch.id)
    assert [Fault(row.line, row.column, row.found, row.expected) for row in kept] == list(faults)
    assert json.loads(kept[0].row or "") == {"date": "soon", "channel": "tv", "cost": "-5"}
    assert kept[2].row is None
    assert record is not None
    assert (record.kind, record.source, record.path, record.digest) == ("spend", "shop", "spend.csv", "abc")
    assert (record.rows, record.added, record.skipped) == (1, 1, 1)
    assert record.finished_at is not None
    assert record.finished_at >= record.started_at


def test_a_file_without_good_rows_leaves_a_batch_and_nothing_else(database: Database):
    batch = imported(database, "touches")

    assert (batch.rows, *counts(batch)) == (0, 0, 0, 0)
    assert stored(database, "touches", "id") == []


def test_when_storing_fails_nothing_is_stored(database: Database):
    imported(database, "spend", cost())
    broken = checked("spend", cost(cost=5), cost(region="north")).set_column(
        1, "channel", pa.array(["tv", None], pa.string())
    )
    with pytest.raises(Exception, match=r"(?i)not.null"):
        load(database, KINDS["spend"], broken, path="p", digest="d")

    assert stored(database, "spend", "cost") == [(1_000,)]
    with database.reading() as session:
        assert len(session.exec(select(ImportBatch)).all()) == 1


def test_names_that_files_mention_are_kept_once(database: Database):
    imported(database, "touches", touch(campaign="spring", ad="blue"), touch(campaign="spring"), touch(ad="lone"))
    imported(database, "touches", touch(campaign="spring", ad="blue", touch_id="T"))
    imported(database, "spend", cost(), cost(campaign="spring"))
    imported(database, "promotions", {"promotion": "p", "name": "P", "channels": "mail|email"})
    imported(database, "responses", {"occurred_at": MAY, "kind": "order", "customer_id": "C-1", "channel": "web"})
    with database.reading() as session:
        seen = sorted((row.channel, row.kind) for row in session.exec(select(SeenChannel)))
        campaigns = sorted((row.channel, row.campaign) for row in session.exec(select(Campaign)))
        ads = sorted((row.channel, row.campaign or "", row.ad) for row in session.exec(select(Ad)))

    assert seen == [("email", "promotions"), ("email", "touches"), ("mail", "promotions"), ("tv", "spend")]
    assert campaigns == [("email", "spring"), ("tv", "spring")]
    assert ads == [("email", "", "lone"), ("email", "spring", "blue")]


def test_the_longest_texts_that_a_file_may_hold_are_stored(database: Database):
    longest = "𝔘" * 500
    rows = [cost(channel=longest, campaign=longest, ad=longest, region=longest, source=longest)]

    assert counts(imported(database, "spend", *rows)) == (1, 0, 0)
    assert counts(imported(database, "spend", *rows)) == (0, 0, 1)
    assert counts(imported(database, "touches", touch(touch_id=longest, customer_id=longest, source=longest))) == (
        1,
        0,
        0,
    )


def test_quotes_line_ends_and_separators_inside_texts_are_stored_as_they_are(database: Database):
    awkward = ['a"b', "a,b", "a\nb", "a\r\nb", "a|b", "a\\b", r"\N", "", "NULL", "%s", ":x", "'; DROP TABLE spend; --"]
    imported(database, "spend", *(cost(campaign=text) for text in awkward))

    assert sorted(row[0] for row in stored(database, "spend", "campaign")) == sorted(awkward)


def test_ids_of_new_rows_follow_those_that_are_there(database: Database):
    imported(database, "touches", touch(touch_id="T-1"))
    with database.transaction() as session:
        first = session.exec(select(Touch)).one()
        session.add(Spend(batch_id=1, source="s", row_key="k", date=MAY.date(), channel="tv", cost=1))
    imported(database, "touches", touch(touch_id="T-2", customer_id="C-9"))

    assert first.id == 1
    assert [row[0] for row in stored(database, "touches", "identity_id")] == [1, 2]


def test_files_loaded_at_the_same_time_neither_double_nor_lose_a_row(database: Database):
    files = [
        [touch(customer_id=f"C-{n % 5}", touch_id=f"T-{n}") for n in range(part, part + 40)] for part in (0, 20, 40)
    ]
    with ThreadPoolExecutor(6) as importers:
        batches = list(importers.map(lambda rows: imported(database, "touches", *rows), files * 2))

    assert sum(batch.added for batch in batches) == 80
    assert sum(batch.replaced for batch in batches) == 0
    assert sorted(row[0] for row in stored(database, "touches", "touch_id")) == sorted(f"T-{n}" for n in range(80))
    with database.reading() as session:
        assert sorted(session.exec(select(Identity.value))) == [f"C-{n}" for n in range(5)]


def test_a_process_killed_while_it_loads_leaves_nothing_behind(sqlite_url: str):
    code = (
        "import os, sys\n"
        "from benchmarks.store import TOUCHES, touches\n"
        "from campaigns.store import loading\n"
        "from campaigns.store.database import Database\n"
        "merge = loading.merge\n"
        "def merge_and_die(*arguments):\n"
        "    merge(*arguments)\n"
        "    print('merged', flush=True)\n"
        "    os.kill(os.getpid(), 9)\n"
        "loading.merge = merge_and_die\n"
        "loading.load(Database(sys.argv[1]), TOUCHES, touches(25_000), path='p', digest='d')\n"
    )
    ended = subprocess.run(
        [sys.executable, "-c", code, sqlite_url], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert (ended.returncode, ended.stdout) == (-9, "merged\n"), ended.stderr

    database = Database(sqlite_url)
    assert stored(database, "touches", "id") == []
    assert counts(imported(database, "touches", touch(touch_id="T-1"))) == (1, 0, 0)
    with database.reading() as session:
        assert session.exec(select(Identity.value)).all() == ["C-1"]
        assert len(session.exec(select(ImportBatch)).all()) == 1
    database.dispose()
