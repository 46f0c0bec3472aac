"""A row key says which row is which, and no two rows have the same by accident."""

from typing import Any

import pyarrow as pa
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.intake.checking import schema_of
from campaigns.intake.formats import KINDS
from campaigns.store.keys import LONGEST, row_keys

TRICKY = st.one_of(st.none(), st.text(alphabet="a|\\N#~-1", max_size=4))


def keys_of(kind: str, rows: list[dict[str, Any]]) -> list[str | None]:
    """The key of each row, None for one that a later row repeats."""
    schema = schema_of(KINDS[kind])
    filled = [{name: row.get(name) for name in schema.names} | {"source": row.get("source", "s")} for row in rows]
    keys = row_keys(KINDS[kind], pa.Table.from_pylist(filled, schema=schema))
    found: list[str | None] = [None] * len(rows)
    for row in keys.to_pylist():
        found[row["position"]] = row["row_key"]
    return found


def test_a_key_of_one_column_is_its_text():
    assert keys_of("touches", [{"touch_id": "T-5"}]) == ["T-5"]


def test_a_key_of_several_columns_shows_them_all():
    row = {"channel": "tv", "campaign": "a|b", "cost_kind": "media"}
    assert keys_of("spend", [row]) == [r"\N|tv|a\|b|\N|\N|media"]


def test_a_long_key_is_kept_as_its_hash():
    short, long = keys_of("products", [{"product": "p" * LONGEST}, {"product": "p" * (LONGEST + 1)}])

    assert short == "p" * LONGEST
    assert long is not None
    assert long.startswith("\\~")
    assert len(long) == 66


def test_rows_without_a_key_are_told_apart_by_content_and_counted_where_equal():
    rows = [{"channel": "a"}, {"channel": "b"}, {"channel": "a"}, {"channel": "a", "source": "t"}]
    first, other, second, elsewhere = (key or "" for key in keys_of("touches", rows))

    assert first.endswith("-1")
    assert second == first.removesuffix("-1") + "-2"
    assert elsewhere == first
    assert other.rsplit("-")[0] != first.rsplit("-")[0]


def test_a_column_that_is_empty_does_not_count_in_the_content():
    alone = keys_of("touches", [{"channel": "a"}])
    beside_a_fuller_row = keys_of("touches", [{"channel": "a"}, {"channel": "b", "region": "north"}])

    assert alone == beside_a_fuller_row[:1]


def test_a_number_written_as_a_key_is_no_content_hash():
    row = {"channel": "a"}
    content = keys_of("touches", [row])[0]
    keyed = keys_of("touches", [{"touch_id": content}])[0]

    assert keyed != content


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(TRICKY, TRICKY, TRICKY), unique=True, min_size=2, max_size=20))
def test_different_keys_never_have_the_same_text(parts: list[tuple[str | None, ...]]):
    rows = [dict(zip(("campaign", "ad", "region"), part, strict=True)) for part in parts]
    keys = keys_of("spend", rows)

    assert None not in keys
    assert len(set(keys)) == len(rows)


@settings(max_examples=25, deadline=None)
@given(st.lists(st.tuples(TRICKY, TRICKY), unique=True, min_size=2, max_size=20))
def test_different_contents_never_have_the_same_hash(parts: list[tuple[str | None, ...]]):
    rows = [dict(zip(("campaign", "ad"), part, strict=True)) for part in parts]

    assert len(set(keys_of("touches", rows))) == len(rows)
