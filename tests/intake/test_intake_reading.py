from __future__ import annotations

import gzip
import io
import zipfile
from collections.abc import Callable
from datetime import UTC, date, datetime
from pathlib import Path

import numpy as np
import openpyxl
import pandas as pd
import pyarrow as pa
import pytest
from pyarrow import parquet

from campaigns.faults import Fault
from campaigns.intake import delimited, opening
from campaigns.intake.raw import Raw
from campaigns.intake.reading import read

Reader = Callable[..., Raw]


@pytest.fixture
def reading(tmp_path: Path) -> Reader:
    def reading(content: str | bytes, name: str = "file.csv") -> Raw:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return read(path)

    return reading


def lines(raw: Raw) -> list[int]:
    return raw.line_of(np.arange(raw.table.num_rows)).tolist()


def only(raw: Raw) -> Fault:
    assert raw.table.num_rows == 0
    (fault,) = raw.faults
    return fault


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_the_delimiter_is_found(reading: Reader, delimiter: str) -> None:
    raw = reading(f"a{delimiter}b\n1{delimiter}2,5;x\n" if delimiter not in ",;" else f"a{delimiter}b\n1{delimiter}2\n")
    assert raw.table.column_names == ["a", "b"]
    assert raw.table.column("a").to_pylist() == ["1"]


def test_a_delimiter_inside_quotes_does_not_count(reading: Reader) -> None:
    assert reading('"a;b;c",d\n1,2\n').table.column_names == ["a;b;c", "d"]


def test_a_mark_and_windows_line_ends_leave_no_trace(reading: Reader) -> None:
    raw = reading(b"\xef\xbb\xbfa,b\r\n1,2\r\n3,4\r\n")
    assert raw.table.to_pydict() == {"a": ["1", "3"], "b": ["2", "4"]}
    assert lines(raw) == [2, 3]


def test_quoted_commas_quotes_and_line_breaks_are_kept(reading: Reader) -> None:
    raw = reading('a,b\n"1,5","say ""hi"""\n"two\nlines",x\n\nlast,row\n')
    assert raw.table.to_pydict() == {"a": ["1,5", "two\nlines", "last"], "b": ['say "hi"', "x", "row"]}
    assert lines(raw) == [2, 3, 6]


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_are_counted_as_an_editor_counts_them(reading: Reader, end: str) -> None:
    text = end.join(["", "a,b", "1,2", "", '"x', 'y",3', "", "", "4,5"])
    assert lines(reading(text)) == [3, 5, 9]


def test_blank_rows_of_a_sheet_are_no_rows(reading: Reader) -> None:
    raw = reading("a,b\n1,2\n,\n ,\n3,4\n,\n")
    assert raw.table.column("a").to_pylist() == ["1", "3"]
    assert lines(raw) == [2, 5]


def test_a_row_with_too_few_or_too_many_values_is_named_and_keeps_its_place(reading: Reader) -> None:
    raw = reading("a,b\n1,2\n3\n4,5,6\n7,8,\n")
    assert [(finding.row, finding.found) for finding in raw.findings] == [(1, "1 value"), (2, "3 values")]
    assert raw.table.num_rows == 4


def test_a_quote_that_is_never_closed_is_said_where_it_opens(reading: Reader) -> None:
    raw = reading('a,b\n1,2\n3,"open\n4,5\n')
    (finding,) = raw.findings
    assert (raw.line_of(np.array([finding.row])).tolist(), finding.found) == ([3], "a quote that is never closed")


def test_a_stray_quote_inside_a_value_is_text(reading: Reader) -> None:
    raw = reading('a,b\n1,5" pipe\n2,x\n3,"7"" pipe"\n')
    assert raw.table.column("b").to_pylist() == ['5" pipe', "x", '7" pipe']
    assert lines(raw) == [2, 3, 4]


def test_an_endless_value_is_refused_and_not_swallowed(reading: Reader) -> None:
    fault = only(reading('a,b\n1,"' + "x" * 200_000 + "\n2,3"))
    assert "no CSV" in fault.found


def test_columns_without_a_name_may_be_empty_but_not_filled(reading: Reader) -> None:
    assert reading("a,b,,\n1,2,,\n").table.column_names == ["a", "b"]
    fault = only(reading("a,,b\n1,x,2\n"))
    assert fault == Fault(1, "", "values in column 2, which has no name", "a name for every column")


@pytest.mark.parametrize(
    ("content", "name", "found"),
    [
        (b"", "file.csv", "an empty file"),
        (b"\n \n", "file.csv", "an empty file"),
        (b"a,b\n", "file.csv", "column names and no rows"),
        (b"a,b", "file.csv", "column names and no rows"),
        (b"a,b,a\n1,2,3\n", "file.csv", "the column name 2 times"),
        (b"a,b\n1,\xff\n", "file.csv", "the byte 0xff, which is not UTF-8"),
        (b"\xff\xfea\x00", "file.csv", "column names and no rows"),
        (b"PK\x03\x04broken", "file.zip", "a ZIP file that cannot be read"),
        (b"a,b\n1,\x00\n", "file.csv", "a zero byte"),
        (b"\x1f\x8b\x08broken", "file.csv.gz", "packed data that cannot be unpacked"),
        (gzip.compress(b"a,b\n1,2\n" * 900, mtime=0)[:40], "file.csv.gz", "packed data that cannot be unpacked"),
        (b"PAR1 but not really PAR1", "file.parquet", "data that is no Parquet file, or damaged"),
        (b"", "file.parquet", "data that is no Parquet file, or damaged"),
        (b"not a workbook", "file.xlsx", "a workbook that cannot be read"),
        (b"", "file.jsonl", "an empty file"),
        (b'{"a": 1}\n\xff\n', "file.jsonl", "the byte 0xff, which is not UTF-8"),
        (b"a", "file.doc", "a file named file.doc"),
    ],
)
def test_a_file_that_cannot_be_used_says_why(reading: Reader, content: bytes, name: str, found: str) -> None:
    assert only(reading(content, name)).found.startswith(found)


def test_a_missing_file_and_a_folder_are_faults(tmp_path: Path) -> None:
    assert only(read(tmp_path / "absent.csv")).found.startswith("no file")
    assert only(read(tmp_path / "absent.parquet")).found.startswith("no file")
    (tmp_path / "folder.csv").mkdir()
    assert only(read(tmp_path / "folder.csv")).found.startswith("a file that cannot be opened")


def test_the_line_of_a_byte_that_is_no_text_is_found(reading: Reader) -> None:
    assert only(reading(b"a,b\n1,2\n3,\xfc\n")).line == 3


def test_packed_and_plain_csv_read_alike(reading: Reader) -> None:
    text = b"a,b\n1,2\n"
    assert reading(gzip.compress(text, mtime=0), "file.csv.gz").table == reading(text).table


def test_json_lines_keep_digits_as_written_and_join_lists(reading: Reader) -> None:
    raw = reading('{"a": 1.10, "b": ["x", "y"]}\n\n{"b": true, "c": null, "a": 12345678901234567890}\r\n', "file.jsonl")
    assert raw.table.to_pydict() == {
        "a": ["1.10", "12345678901234567890"],
        "b": ["x|y", "true"],
        "c": [None, None],
    }
    assert lines(raw) == [1, 3]


def test_json_lines_that_are_no_objects_are_named(reading: Reader) -> None:
    raw = reading('{"a": 1}\n[1]\n{"a": }\n{"a": 1, "a": 2}\n{"a": "\\ud800"}\n' + "[" * 100_000 + "\n", "f.jsonl")
    assert [finding.row for finding in raw.findings] == [1, 2, 3, 4, 5]
    assert "the name a twice" in raw.findings[2].found
    assert raw.table.num_rows == 6


def workbook(*rows: tuple[object, ...], sheets: int = 1) -> bytes:
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for number in range(1, sheets):
        book.create_sheet(f"more {number}")
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def test_a_sheet_reads_numbers_days_and_times_as_people_write_them(reading: Reader) -> None:
    moment = datetime(2026, 5, 1, 10, 30)  # noqa: DTZ001 - a sheet knows no zones
    data = workbook(
        (), ("id", "day", "time", "x", None), (1001.0, date(2026, 5, 1), moment, 0.25), (), (2, None, None, True)
    )
    raw = reading(data, "file.xlsx")
    assert raw.table.to_pydict() == {
        "id": ["1001", "2"],
        "day": ["2026-05-01", ""],
        "time": ["2026-05-01 10:30:00", ""],
        "x": ["0.25", "true"],
    }
    assert (raw.header_line, lines(raw)) == (2, [3, 5])


def test_only_the_first_sheet_is_read_and_that_is_said(reading: Reader) -> None:
    raw = reading(workbook(("a",), (1,), sheets=3), "file.xlsx")
    assert raw.notes == ('only the first sheet, "Sheet", was read; 2 more left alone',)


def test_errors_of_a_sheet_and_values_beside_the_table_are_named(reading: Reader) -> None:
    raw = reading(workbook(("a", "b"), ("#N/A", 1), (1, 2, 3), (4, 5)), "file.xlsx")
    assert [(finding.row, finding.found) for finding in raw.findings] == [(0, "#N/A"), (1, "3 values")]


def test_a_sheet_names_each_column_once(reading: Reader) -> None:
    assert only(reading(workbook(("a", "a"), (1, 2)), "file.xlsx")).found == "the column name 2 times"


def test_parquet_keeps_its_types_and_counts_rows_from_one(tmp_path: Path) -> None:
    table = pa.table({"id": [1, 2], "at": pa.array([datetime(2026, 5, 1, tzinfo=UTC)] * 2, pa.timestamp("us", "UTC"))})
    parquet.write_table(table, tmp_path / "file.parquet")
    raw = read(tmp_path / "file.parquet")
    assert raw.table.schema.types == table.schema.types
    assert lines(raw) == [1, 2]


def test_the_row_labels_of_pandas_are_no_column(tmp_path: Path) -> None:
    frame = pd.DataFrame({"a": [1, 2, 3]})
    frame[frame["a"] != 2].to_parquet(tmp_path / "file.parquet")
    assert read(tmp_path / "file.parquet").table.to_pydict() == {"a": [1, 3]}


def test_text_in_utf_16_with_tabs_is_read(reading: Reader) -> None:
    raw = reading("Tag\tStraße\n1\tü\n".encode("utf-16"))
    assert raw.table.to_pydict() == {"Tag": ["1"], "Straße": ["ü"]}


def test_a_big_file_read_in_pieces_gives_what_it_gives_at_once(
    reading: Reader, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = "".join(f'{number},"a\n{number}",{number % 3},\n' for number in range(3_000)) + "x,y\n" + "7,7,7,\n" * 3
    whole = reading("a,b,c,\n" + rows)
    monkeypatch.setattr(delimited, "PIECE_BYTES", 1_000)
    monkeypatch.setattr(opening, "CHUNK", 700)
    pieces = reading("a,b,c,\n" + rows)
    assert pieces.table.column_names == ["a", "b", "c"]
    assert pieces.table.to_pydict() == whole.table.to_pydict()
    assert (lines(pieces), pieces.findings) == (lines(whole), whole.findings)


def test_quotes_inside_values_do_not_lead_pieces_astray(reading: Reader, monkeypatch: pytest.MonkeyPatch) -> None:
    text = "a,b\n" + '1,5" pipe\n' + "".join(f'{number},"two\nlines"\n' for number in range(2_000))
    whole = reading(text)
    monkeypatch.setattr(delimited, "PIECE_BYTES", 1_000)
    monkeypatch.setattr(opening, "CHUNK", 700)
    assert reading(text).table.to_pydict() == whole.table.to_pydict()


def test_bombs_are_refused_by_size_before_they_are_unpacked(
    reading: Reader, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(opening, "RATIO_FROM", 1 << 20)
    zeros = b"a,b\n" + b"0,0\n" * (1 << 19)
    with zipfile.ZipFile(tmp_path / "bomb.zip", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("a.csv", zeros)
    monkeypatch.setattr(zipfile.ZipFile, "open", None)  # nothing is opened in it
    assert "that unpacks to 2 MB" in only(read(tmp_path / "bomb.zip")).found
    assert "unpacks to 2 MB" in only(reading((tmp_path / "bomb.zip").read_bytes(), "bomb.xlsx")).found
    assert "MB once it is unpacked" in only(reading(gzip.compress(zeros, mtime=0), "bomb.csv.gz")).found


def test_the_files_of_a_zip_are_read_as_one_and_each_row_knows_its_file(tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "two.zip", "w") as archive:
        archive.writestr("in/one.csv", "a,b\n1,2\n")
        archive.writestr("in/two.csv", "b,c\n3,4\nragged\n")
        archive.writestr("in/empty.csv", "a,b\n")
        archive.writestr("__MACOSX/in/._one.csv", "x")
    raw = read(tmp_path / "two.zip")
    assert raw.table.select(["a", "b", "c", "#file"]).to_pylist()[:2] == [
        {"a": "1", "b": "2", "c": None, "#file": "in/one.csv"},
        {"a": None, "b": "3", "c": "4", "#file": "in/two.csv"},
    ]
    assert [(finding.row, raw.sheet_at(finding.row)) for finding in raw.findings] == [(2, "two.csv")]
    assert lines(raw) == [2, 2, 3]


def test_quick_and_careful_reading_agree(reading: Reader) -> None:
    rows = "".join(f'{number},"a, ""{number}""\nb",{number % 7}\n' for number in range(500))
    quick = reading("x,y,z\n" + rows)
    careful = reading("x,y,z\n" + rows + "ragged\n")
    assert careful.table.slice(0, 500).to_pydict() == quick.table.to_pydict()
    assert lines(careful)[:500] == lines(quick)
