"""Aggregated paths: what is read, what is added up and what is refused."""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from attribution.paths import AdKey, Paths, channel_of, parse_paths
from campaigns.faults import RefusedError

PATHS_10K = Path(__file__).parents[3] / "shared" / "data" / "paths_10k.csv.gz"


def frame(*rows: tuple[object, object, object, object]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["path", "total_conversions", "total_conversion_value", "total_null"])


def in_words(paths: Paths) -> dict[tuple[object, ...], tuple[float, float, float]]:
    ends = zip(paths.conversions.tolist(), paths.value.tolist(), paths.nulls.tolist(), strict=True)
    spans = zip(paths.offsets[:-1].tolist(), paths.offsets[1:].tolist(), strict=True)
    return {
        tuple(paths.units[step] for step in paths.steps[start:end]): ended
        for (start, end), ended in zip(spans, ends, strict=True)
    }


def test_a_path_is_its_channels_in_order_with_what_came_of_it():
    paths = parse_paths(frame(("tv > email > tv", 2, 30.0, 5), ("email", 0, 0.0, 7)))
    assert paths.units == ("email", "tv")
    assert in_words(paths) == {("tv", "email", "tv"): (2, 30.0, 5), ("email",): (0, 0.0, 7)}
    assert paths.lengths.tolist() == [3, 1]
    assert (paths.total_conversions, paths.total_value) == (2.0, 30.0)
    assert paths.ages is None


def test_repeated_paths_are_added_up_however_their_spaces_are_written():
    paths = parse_paths(
        frame(("a > b", 1, 2.0, 3), ("c", 1, 1.0, 0), ("a>b", 10, 20.0, 30), ("  a  >b ", 100, 200.0, 300))
    )
    assert in_words(paths) == {("a", "b"): (111, 222.0, 333), ("c",): (1, 1.0, 0)}


def test_channels_may_have_spaces_and_any_letters_inside_their_names():
    paths = parse_paths(frame(("Google Ads / brand > e-posta gönderimi", 1, 1.0, 0)))
    assert paths.units == ("Google Ads / brand", "e-posta gönderimi")


def test_another_separator_leaves_the_usual_one_inside_names():
    assert parse_paths(frame(("a > x | b", 1, 1.0, 0)), separator=" | ").units == ("a > x", "b")


def test_pandas_arrow_and_duckdb_give_the_same_paths():
    rows = frame(("a > b", 1, 2.0, 3), ("b", 4, 5.0, 6), ("a > b", 1, 1.0, 1))
    table = pa.Table.from_pandas(rows, preserve_index=False)
    expected = in_words(parse_paths(rows))
    assert expected == {("a", "b"): (2, 3.0, 4), ("b",): (4, 5.0, 6)}
    assert in_words(parse_paths(table)) == expected
    assert in_words(parse_paths(duckdb.from_arrow(table))) == expected


def test_numbers_written_as_text_are_read():
    assert in_words(parse_paths(frame(("a", "3", "1e1", " 4 ")))) == {("a",): (3, 10.0, 4)}


def test_further_columns_are_not_read():
    assert in_words(parse_paths(frame(("a", 1, 1.0, 1)).assign(note="x"))) == {("a",): (1, 1.0, 1)}


def test_the_arrays_of_paths_cannot_be_written_to():
    paths = parse_paths(frame(("a", 1, 1.0, 1)))
    with pytest.raises(ValueError, match="read-only"):
        paths.conversions[0] = 5.0


def test_every_missing_column_is_named():
    with pytest.raises(RefusedError) as refused:
        parse_paths(pd.DataFrame({"path": ["a"], "total_conversions": [1]}))
    assert [fault.column for fault in refused.value.faults] == ["total_conversion_value", "total_null"]


def test_no_rows_are_refused():
    with pytest.raises(RefusedError, match="no rows"):
        parse_paths(frame())


def test_every_fault_is_listed_with_its_line():
    rows = frame(
        ("a > b", 1, 1.0, 1),
        ("", 1, 1.0, 1),
        ("a > > b", -1, 1.0, 1),
        (None, "many", float("nan"), 1),
        ("a", 0, 5.0, float("inf")),
        (pd.NA, pd.NA, True, " "),
    )
    with pytest.raises(RefusedError) as refused:
        parse_paths(rows)
    found = [(fault.line, fault.column, fault.found) for fault in refused.value.faults]
    assert found == [
        (3, "path", "nothing"),
        (4, "path", "a > > b"),
        (4, "total_conversions", "-1"),
        (5, "path", "nothing"),
        (5, "total_conversion_value", "nothing"),
        (5, "total_conversions", "many"),
        (6, "total_conversion_value", "5"),
        (6, "total_null", "inf"),
        (7, "path", "nothing"),
        (7, "total_conversion_value", "True"),
        (7, "total_conversions", "nothing"),
        (7, "total_null", " "),
    ]


def test_a_path_that_ends_in_a_separator_is_refused():
    with pytest.raises(RefusedError, match="none of them empty"):
        parse_paths(frame(("a > ", 1, 1.0, 0)))


@given(
    st.lists(
        st.tuples(st.lists(st.sampled_from("abc"), min_size=1, max_size=4), st.integers(0, 9), st.integers(0, 9)),
        min_size=1,
        max_size=12,
    )
)
def test_what_is_read_equals_a_plain_loop(rows: list[tuple[list[str], int, int]]):
    expected: dict[tuple[str, ...], tuple[float, float, float]] = {}
    for steps, conversions, nulls in rows:
        c, v, n = expected.get(tuple(steps), (0.0, 0.0, 0.0))
        expected[tuple(steps)] = (c + conversions, v + conversions * 2.5, n + nulls)
    written = frame(*((" > ".join(steps), c, c * 2.5, n) for steps, c, n in rows))
    assert in_words(parse_paths(written)) == expected


def test_units_are_renamed_and_merged():
    paths = Paths(
        units=(AdKey("email", "x", "1"), AdKey("email", "x", "2"), AdKey("tv", "", "")),
        steps=np.array([0, 2, 1]),
        offsets=np.array([0, 2, 3]),
        conversions=np.array([1.0, 0.0]),
        value=np.array([5.0, 0.0]),
        nulls=np.array([0.0, 1.0]),
    )
    assert in_words(paths.renamed(channel_of)) == {("email", "tv"): (1, 5.0, 0), ("email",): (0, 0.0, 1)}


def test_where_keeps_whole_paths():
    paths = parse_paths(frame(("a > b", 1, 1.0, 0), ("c > a > c", 0, 0.0, 2), ("b", 3, 3.0, 0)))
    assert in_words(paths.where(paths.conversions > 0)) == {("a", "b"): (1, 1.0, 0), ("b",): (3, 3.0, 0)}
    assert len(paths.where(paths.conversions > 99)) == 0


def test_memberships_name_each_unit_of_a_path_once():
    paths = parse_paths(frame(("b > a > b", 1, 1.0, 0), ("c", 1, 1.0, 0)))
    path, unit = paths.memberships()
    assert path.tolist() == [0, 0, 1]
    assert unit.tolist() == [0, 1, 2]


@pytest.mark.skipif(not PATHS_10K.is_file(), reason="the public data are not beside the project")
def test_the_public_paths_add_up_to_what_is_known_of_them():
    rows = pd.read_csv(PATHS_10K)
    paths = parse_paths(rows)
    assert len(rows) == 10_000
    assert len(paths) == 10_000 - 4_592
    assert len(paths.units) == 12
    assert paths.total_conversions == 19_785
    assert paths.total_value == pytest.approx(74_802.97, abs=0.005)
    assert paths.nulls.sum() == 68_602
