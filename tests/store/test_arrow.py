"""What goes in as Arrow comes out as Arrow, typed the same on both databases."""

import datetime as dt
from typing import Any

import pyarrow as pa
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import LargeBinary, Table, delete, func
from sqlmodel import col, select

from campaigns.store.arrow import FETCHED, GATHERED, append, read_batches, schema_of
from campaigns.store.database import Database
from campaigns.store.tables import Draw, Effect, ImportBatch, Record, Run, Spend

SPEND: Table = Spend.__table__  # type: ignore[attr-defined]
NOW = dt.datetime(2026, 6, 1, 1, 2, 3, 456_789, tzinfo=dt.UTC)

TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=8)
NUMBERS = st.floats(allow_nan=False, allow_infinity=False)


def with_batch(database: Database) -> None:
    with database.transaction() as session:
        session.add(ImportBatch(kind="spend", source="s", path="p", digest="d", started_at=NOW))


def spend_rows(rows: list[dict[str, Any]]) -> pa.Table:
    names = ("batch_id", "source", "row_key", "date", "channel", "cost", "cost_kind", "campaign", "units")
    same = {"batch_id": 1, "source": "s", "date": NOW.date(), "channel": "tv", "cost": 1, "cost_kind": "media"}
    filled = [{name: {**same, "row_key": str(n), **row}.get(name) for name in names} for n, row in enumerate(rows)]
    return pa.Table.from_pylist(filled, schema=pa.schema([schema_of(SPEND).field(name) for name in names]))


@settings(max_examples=20, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(rows=st.lists(st.tuples(st.none() | TEXTS, st.none() | NUMBERS, st.integers(-(2**63), 2**63 - 1)), max_size=9))
def test_texts_numbers_and_nothing_come_back_as_they_went_in(
    rows: list[tuple[str | None, float | None, int]], database: Database
):
    data = spend_rows([{"campaign": text, "units": number, "cost": cost} for text, number, cost in rows])
    with database.transaction() as session:
        session.execute(delete(Spend))
        if not session.get(ImportBatch, 1):
            session.add(ImportBatch(id=1, kind="spend", source="s", path="p", digest="d", started_at=NOW))
            session.flush()
        append(session.connection(), SPEND, data)
    read = database.arrow(select(*(SPEND.c[name] for name in data.column_names)).order_by(SPEND.c.id))

    assert read.schema.equals(data.schema)
    assert read.to_pylist() == data.to_pylist()


def test_times_days_truths_and_json_are_typed_alike_on_both_databases(database: Database):
    with database.transaction() as session:
        session.add(Run(goal="a", state="x", requested_at=NOW, cancel_requested=True, notes=["ö", '"'], progress=0.1))
        session.add(Run(goal="b", state="x", requested_at=NOW, window_start=dt.date(1969, 7, 20)))
    columns = (Run.requested_at, Run.started_at, Run.cancel_requested, Run.notes, Run.window_start, Run.progress)
    read = database.arrow(select(*columns).order_by(col(Run.id)))

    assert read.schema.types == [
        pa.timestamp("us", "UTC"),
        pa.timestamp("us", "UTC"),
        pa.bool_(),
        pa.string(),
        pa.date32(),
        pa.float64(),
    ]
    assert read.column("requested_at").to_pylist() == [NOW, NOW]
    assert read.column("started_at").to_pylist() == [None, None]
    assert read.column("cancel_requested").to_pylist() == [True, False]
    assert read.column("window_start").to_pylist() == [None, dt.date(1969, 7, 20)]
    assert read.column("progress").to_pylist() == [0.1, 0.0]
    assert [text.replace(" ", "") for text in read.column("notes").to_pylist()] in (
        [r'["\u00f6","\""]', "[]"],
        [r'["ö","\""]', "[]"],
    )


def test_a_query_may_have_conditions_and_names_of_its_own(database: Database):
    with database.transaction() as session:
        session.add_all(Run(goal=goal, state="100%", requested_at=NOW) for goal in ("it's", "b", "c"))
    read = database.arrow(
        select(col(Run.goal).label("which"), func.max(Run.requested_at).label("at"))
        .where(col(Run.goal).in_(["it's", "c"]), Run.state == "100%", Run.requested_at < NOW + dt.timedelta(1))
        .group_by(Run.goal)
        .order_by(Run.goal)
    )

    assert read.to_pylist() == [{"which": "c", "at": NOW}, {"which": "it's", "at": NOW}]


def test_a_query_without_rows_gives_a_table_with_its_columns(database: Database):
    read = database.arrow(select(Effect))

    assert read.num_rows == 0
    assert read.schema.equals(schema_of(Effect.__table__))  # type: ignore[attr-defined]


def test_many_rows_come_in_batches_in_their_order(database: Database):
    with_batch(database)
    count = 2 * FETCHED * GATHERED + 7
    with database.transaction() as session:
        append(session.connection(), SPEND, spend_rows([{"cost": number} for number in range(count)]))
    statement = select(SPEND).order_by(SPEND.c.id)
    with database.reading() as session:
        batches = list(read_batches(session.connection(), statement))

    assert len(batches) > 1
    assert pa.Table.from_batches(batches).column("cost").to_pylist() == list(range(count))


def test_every_table_but_that_of_draws_has_an_arrow_schema():
    for table in Record.metadata.tables.values():
        if not any(isinstance(column.type, LargeBinary) for column in table.columns):
            assert schema_of(table).names == [column.name for column in table.columns]
    with pytest.raises(TypeError, match=r"no Arrow type for .*, the type of draws\.values"):
        schema_of(Draw.__table__)  # type: ignore[attr-defined]
