"""The tables say what the contracts of the file kinds say."""

import datetime as dt

import pytest
from sqlalchemy import types

from campaigns.intake.formats import KINDS, FileKind, Type
from campaigns.store.database import Database
from campaigns.store.tables import IMPORTED, ImportBatch, Record, UtcTime

WRITTEN_AS_IDENTITY = {"customer_id", "identifier_kind", "identifier"}
OF_EVERY_ROW = {"id", "batch_id", "source", "row_key"}
STORED = {
    Type.TEXT: types.String,
    Type.CHOICE: types.String,
    Type.LIST: types.String,
    Type.TIME: UtcTime,
    Type.DATE: types.Date,
    Type.INTEGER: types.BigInteger,
    Type.NUMBER: types.Float,
    Type.MONEY: types.BigInteger,
}


def test_every_file_kind_has_a_table_of_its_name():
    assert {kind: table.__tablename__ for kind, table in IMPORTED.items()} == {kind: kind for kind in KINDS}


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_a_table_has_exactly_the_columns_of_its_kind_with_the_person_as_an_identity(kind: FileKind):
    table = IMPORTED[kind.name].__table__
    written = {column.name for column in kind.all_columns}
    expected = OF_EVERY_ROW | written - WRITTEN_AS_IDENTITY
    expected |= {"identity_id"} if written & WRITTEN_AS_IDENTITY else set()
    expected |= {"attributes"} if kind.attributes else set()

    assert {column.name for column in table.columns} == expected


@pytest.mark.parametrize("kind", KINDS.values(), ids=list(KINDS))
def test_a_column_is_stored_as_its_type_says_and_required_where_its_kind_says(kind: FileKind):
    table = IMPORTED[kind.name].__table__
    for column in kind.all_columns:
        if column.name in WRITTEN_AS_IDENTITY:
            continue
        stored = table.c[column.name].type
        plain = (
            stored.impl_instance if isinstance(stored, types.TypeDecorator) and type(stored) is not UtcTime else stored
        )
        assert isinstance(plain, STORED[column.type]), (kind.name, column.name)
        always_filled = column.required or column.name == "source" or bool(column.default)
        assert table.c[column.name].nullable is not always_filled, (kind.name, column.name)


def test_a_row_is_unique_in_its_source():
    for table in IMPORTED.values():
        unique = [
            [column.name for column in constraint.columns]
            for constraint in table.__table__.constraints
            if type(constraint).__name__ == "UniqueConstraint"
        ]
        assert unique == [["source", "row_key"]], table.__tablename__


def test_whole_numbers_are_stored_in_64_bits():
    for table in Record.metadata.tables.values():
        for column in table.columns:
            if isinstance(column.type, types.Integer):
                assert isinstance(column.type, types.BigInteger), column


def test_a_number_beyond_32_bits_and_a_time_with_another_zone_come_back_as_they_were(database: Database):
    eastern = dt.timezone(dt.timedelta(hours=3))
    at = dt.datetime(2026, 3, 29, 1, 59, 59, 999_999, tzinfo=eastern)
    with database.transaction() as session:
        session.add(ImportBatch(kind="touches", source="s", path="p", digest="d", started_at=at, rows=2**40))
    with database.reading() as session:
        batch = session.get(ImportBatch, 1)

    assert batch is not None
    assert (batch.started_at, batch.started_at.utcoffset(), batch.rows) == (at, dt.timedelta(0), 2**40)


def test_a_time_before_1970_comes_back_as_it_was(database: Database):
    at = dt.datetime(1955, 11, 5, 6, 15, 0, 1, tzinfo=dt.UTC)
    with database.transaction() as session:
        session.add(ImportBatch(kind="touches", source="s", path="p", digest="d", started_at=at))
    with database.reading() as session:
        assert session.get(ImportBatch, 1).started_at == at  # type: ignore[union-attr]


def test_a_time_without_a_zone_is_refused(database: Database):
    naive = dt.datetime(2026, 1, 1)  # noqa: DTZ001 - that is the point
    with pytest.raises(Exception, match="a time without a zone cannot be stored"), database.transaction() as session:
        session.add(ImportBatch(kind="touches", source="s", path="p", digest="d", started_at=naive))
