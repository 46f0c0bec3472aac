"""What holds for every file: rows survive any format alike, none gets lost, and nothing in a file raises."""

from __future__ import annotations

import csv
import io
import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime
from functools import cache
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import openpyxl
import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st
from pyarrow import parquet

from campaigns.intake.checking import Checked, CheckOptions, schema_of
from campaigns.intake.files import take_in
from campaigns.intake.formats import KINDS, Column, Type
from campaigns.intake.reading import ENDINGS, read
from campaigns.intake.reference import template

OPTIONS = CheckOptions(ZoneInfo("Europe/Istanbul"), "EUR", datetime(2026, 6, 15, 12, tzinfo=UTC))
TOUCHES = KINDS["touches"]
LETTERS = st.characters(exclude_categories=("Cs", "Cc", "Zl", "Zp"))


@contextmanager
def file(content: bytes, name: str) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / name
        path.write_bytes(content)
        yield path


def words(limit: int = 12) -> st.SearchStrategy[str]:
    return st.text(LETTERS, min_size=1, max_size=limit).filter(lambda text: text.strip() == text != "")


def value(column: Column) -> st.SearchStrategy[str]:
    """Values of a column that are right, as text."""
    match column.type:
        case Type.TIME:
            moments = st.datetimes(datetime(2000, 1, 1), datetime(2026, 6, 1))  # noqa: DTZ001 - the zone is added as text
            return st.builds(
                lambda moment, zone: moment.isoformat() + zone, moments, st.sampled_from(["", "Z", "+02:00"])
            )
        case Type.DATE:
            return st.dates(date(2000, 1, 1), date(2026, 6, 1)).map(str)
        case Type.CHOICE:
            return st.sampled_from(column.choices)
        case Type.MONEY:
            return st.integers(0, 10**7).map(lambda minor: f"{minor // 100}.{minor % 100:02d}")
        case Type.INTEGER:
            return st.integers(0, 10**9).map(str)
        case Type.NUMBER:
            return st.floats(0.001, 1.0).map(repr)
        case Type.LIST | Type.TEXT:
            return words()


@st.composite
def rows(draw: st.DrawFn, kind: str) -> list[dict[str, str]]:
    """Good rows of a kind, each with a key of its own."""
    columns = KINDS[kind].all_columns
    made = []
    for number in range(draw(st.integers(1, 6))):
        row = {}
        for column in columns:
            if column.required or draw(st.booleans()):
                row[column.name] = draw(value(column))
        for name in ("identifier_kind", "identifier", "currency"):
            row.pop(name, None)
        key = KINDS[kind].key[0]
        row[key] = f"K{number}" if kind != "spend" else str(date(2026, 1, 1 + number))
        if "customer_id" in {column.name for column in columns}:
            row.setdefault("customer_id", "C-1")
        for _, second in KINDS[kind].spans:
            row.pop(second, None)
        made.append(row)
    return made


def as_csv(kind: str, made: list[dict[str, str]]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, [column.name for column in KINDS[kind].all_columns])
    writer.writeheader()
    writer.writerows(made)
    return text.getvalue().encode()


def as_json_lines(_: str, made: list[dict[str, str]]) -> bytes:
    return "\n".join(json.dumps(row) for row in made).encode()


def as_parquet(kind: str, made: list[dict[str, str]]) -> bytes:
    names = [column.name for column in KINDS[kind].all_columns]
    stream = io.BytesIO()
    parquet.write_table(
        pa.table({name: pa.array([row.get(name) for row in made], pa.string()) for name in names}), stream
    )
    return stream.getvalue()


def as_workbook(kind: str, made: list[dict[str, str]]) -> bytes:
    names = [column.name for column in KINDS[kind].all_columns]
    book = openpyxl.Workbook()
    book.active.append(names)
    for row in made:
        book.active.append([row.get(name) for name in names])
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def taken(content: bytes, name: str, kind: str = "touches") -> Checked:
    with file(content, name) as path:
        return take_in(path, KINDS[kind], OPTIONS)


@settings(max_examples=40, deadline=None)
@given(st.data(), st.sampled_from(["touches", "responses", "spend", "products", "cases"]))
def test_good_rows_survive_every_format_alike(data: st.DataObject, kind: str) -> None:
    made = data.draw(rows(kind))
    by_csv = taken(as_csv(kind, made), "file.csv", kind)
    assert by_csv.faults == ()
    assert by_csv.table.num_rows == len(made)
    assert by_csv.table.schema == schema_of(KINDS[kind])
    assert taken(as_json_lines(kind, made), "file.jsonl", kind).table.equals(by_csv.table)
    assert taken(as_parquet(kind, made), "file.parquet", kind).table.equals(by_csv.table)


@settings(max_examples=15, deadline=None)
@given(rows("touches"))
def test_good_rows_survive_a_workbook(made: list[dict[str, str]]) -> None:
    plain = [{name: text for name, text in row.items() if not text.startswith(("=", "#"))} for row in made]
    by_csv = taken(as_csv("touches", plain), "file.csv")
    assert taken(as_workbook("touches", plain), "file.xlsx").table.equals(by_csv.table)


def hold_together(path: Path, checked: Checked) -> None:
    raw = read(path)
    if checked.unusable:
        assert checked.faults
        assert checked.table.num_rows == 0
        return
    assert checked.table.num_rows + len(checked.rejected) == raw.table.num_rows
    assert checked.table.schema == schema_of(checked.kind)
    assert all(row.faults for row in checked.rejected)
    of_rows = [fault for row in checked.rejected for fault in row.faults]
    of_names = [fault for fault in checked.faults if fault.found == "an unknown column"]
    assert sorted(checked.faults) == sorted([*of_rows, *of_names])
    for column in checked.kind.all_columns:
        if column.required:
            assert checked.table.column(column.name).null_count == 0


cells = st.sampled_from(
    [
        "",
        " ",
        "C-1",
        "2026-05-01",
        "2027-05-01",
        "email",
        "E-mail",
        "send",
        "-1",
        "1.5",
        "1e400",
        "a\nb",
        'a"b',
        "\u2028",
        "é",
    ]
)


@settings(max_examples=100, deadline=None)
@given(
    st.lists(st.lists(cells, min_size=3, max_size=6), max_size=8), st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL])
)
def test_accepted_and_rejected_rows_are_all_rows(table: list[list[str]], quoting: Any) -> None:
    text = io.StringIO()
    writer = csv.writer(text, quoting=quoting)
    writer.writerow(["customer_id", "occurred_at", "channel", "kind", "cost"])
    writer.writerows(table)
    with file(text.getvalue().encode(), "file.csv") as path:
        hold_together(path, take_in(path, TOUCHES, OPTIONS))


@settings(max_examples=60, deadline=None)
@given(
    st.sampled_from(ENDINGS),
    st.booleans(),
    st.one_of(
        st.binary(max_size=200),
        st.text(st.sampled_from(',;"\n\r\tab1{}[]:'), max_size=80).map(str.encode),
        st.text(st.sampled_from(',"\n\r C1é'), max_size=80).map(lambda text: f"customer_id,kind\n{text}".encode()),
    ),
)
def test_no_file_raises_whatever_it_holds(ending: str, packed: bool, content: bytes) -> None:
    with file(content, f"file{ending}{'.gz' if packed else ''}") as path:
        hold_together(path, take_in(path, TOUCHES, OPTIONS))


@cache
def whole(ending: str) -> bytes:
    text = template(TOUCHES)
    made = list(csv.DictReader(io.StringIO(text)))
    return {"parquet": as_parquet, "xlsx": as_workbook, "jsonl": as_json_lines}[ending]("touches", made * 3)


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(["parquet", "xlsx", "jsonl"]), st.data())
def test_damage_anywhere_in_a_file_is_a_fault_and_no_crash(ending: str, data: st.DataObject) -> None:
    content = bytearray(whole(ending))
    for _ in range(data.draw(st.integers(1, 4))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    cut = data.draw(st.one_of(st.none(), st.integers(0, len(content))))
    with file(bytes(content[:cut]), f"file.{ending}") as path:
        hold_together(path, take_in(path, TOUCHES, OPTIONS))


ARRAYS = [
    pa.array([1, None, 2**62]),
    pa.array([0.5, None, float("inf")]),
    pa.array([True, None, False]),
    pa.array(["email", None, "2026-05-01"]),
    pa.array(["email", None, "x"]).dictionary_encode(),
    pa.array([1, None, 2]).dictionary_encode(),
    pa.array([b"\xff", None, b"send"]),
    pa.array(["email", None, ""], pa.large_string()),
    pa.array([[1], None, []]),
    pa.array([{"a": 1}, None, {"a": None}]),
    pa.array([date(2026, 5, 1), None, date(1, 1, 1)]),
    pa.array([datetime(2026, 5, 1, tzinfo=UTC), None, datetime(9999, 12, 31, tzinfo=UTC)], pa.timestamp("us", "UTC")),
    pa.array([0, None, -(2**60)]).cast(pa.timestamp("ms", "+05:30")),
    pa.array([0, None, 1], pa.int32()).cast(pa.time32("s")),
    pa.array([1, None, 2], pa.duration("us")),
    pa.array(["1.25", None, "99999999"]).cast(pa.decimal128(20, 4)),
    pa.nulls(3),
]


@settings(max_examples=60, deadline=None)
@given(st.sampled_from(["touches", "spend", "promotions", "customers"]), st.data())
def test_columns_of_any_arrow_type_are_read_or_refused(kind: str, data: st.DataObject) -> None:
    columns = {column.name: data.draw(st.sampled_from(ARRAYS)) for column in KINDS[kind].all_columns}
    stream = io.BytesIO()
    parquet.write_table(pa.table(columns), stream)
    with file(stream.getvalue(), "file.parquet") as path:
        hold_together(path, take_in(path, KINDS[kind], OPTIONS))
