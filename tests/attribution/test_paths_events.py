"""Paths from events: which touches stand before which response."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attribution.paths import AdKey, Paths, paths_from_events
from campaigns.faults import RefusedError
from campaigns.terms import CAUSES, STEPS, Window

WINDOW = Window(date(2026, 3, 1), date(2026, 3, 31))
OPENS = datetime(2026, 3, 1, tzinfo=UTC)


def at(day: float) -> datetime:
    """Return the moment so many days after the window opens."""
    return OPENS + timedelta(days=day)


def touches(*rows: tuple[object, float, str, str], campaign: str = "x", ad: str = "1") -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["person", "occurred_at", "channel", "kind"])
    frame["occurred_at"] = pd.to_datetime([at(day) for day in frame["occurred_at"]], utc=True)
    return frame.assign(campaign=campaign, ad=ad)


def responses(*rows: tuple[object, float, float]) -> pd.DataFrame:
    frame = pd.DataFrame(rows, columns=["person", "occurred_at", "value"])
    frame["occurred_at"] = pd.to_datetime([at(day) for day in frame["occurred_at"]], utc=True)
    return frame


def in_words(paths: Paths) -> list[tuple[tuple[object, ...], float, float, float]]:
    spans = zip(paths.offsets[:-1].tolist(), paths.offsets[1:].tolist(), strict=True)
    return [
        (
            tuple(paths.units[step] for step in paths.steps[start:end]),
            float(paths.conversions[path]),
            float(paths.value[path]),
            float(paths.nulls[path]),
        )
        for path, (start, end) in enumerate(spans)
    ]


def test_a_response_ends_a_path_of_the_touches_before_it():
    paths = paths_from_events(
        touches((1, 2, "email", "send"), (1, 1, "display", "impression"), (1, 9, "search", "click")),
        responses((1, 5, 40.0)),
        lookback_days=30,
        window=WINDOW,
    )
    assert in_words(paths) == [(("display", "email"), 1.0, 40.0, 0.0)]
    assert paths.ages is not None
    assert paths.ages.tolist() == [4.0, 3.0]
    assert paths.unassigned_conversions == 0.0


def test_touches_beyond_the_lookback_do_not_count_and_one_at_its_edge_does():
    paths = paths_from_events(
        touches((1, 1, "a", "send"), (1, 2, "b", "send"), (1, 3, "c", "send")),
        responses((1, 9, 1.0)),
        lookback_days=7,
        window=WINDOW,
    )
    assert in_words(paths) == [(("b", "c"), 1.0, 1.0, 0.0)]


def test_a_touch_at_the_moment_of_the_response_counts():
    paths = paths_from_events(touches((1, 4, "store", "store")), responses((1, 4, 1.0)), lookback_days=7, window=WINDOW)
    assert in_words(paths) == [(("store",), 1.0, 1.0, 0.0)]


def test_touches_before_the_window_count_for_its_responses():
    paths = paths_from_events(touches((1, -5, "mail", "mail")), responses((1, 1, 1.0)), lookback_days=30, window=WINDOW)
    assert in_words(paths) == [(("mail",), 1.0, 1.0, 0.0)]


def test_each_channel_may_have_its_own_lookback():
    paths = paths_from_events(
        touches((1, 1, "mail", "mail"), (1, 2, "email", "send")),
        responses((1, 20, 1.0)),
        lookback_days={"mail": 60.0, "email": 7.0},
        window=WINDOW,
    )
    assert in_words(paths) == [(("mail",), 1.0, 1.0, 0.0)]


def test_ghosts_and_kinds_that_are_neither_causes_nor_steps_never_count():
    paths = paths_from_events(
        touches((1, 1, "email", "ghost"), (1, 1, "email", "unheard-of"), (2, 1, "email", "ghost")),
        responses((1, 2, 1.0)),
        lookback_days=30,
        window=WINDOW,
    )
    assert len(paths) == 0
    assert paths.unassigned_conversions == 1.0
    assert paths.total_value == 1.0


def test_responses_without_a_person_or_without_a_touch_are_unassigned():
    paths = paths_from_events(
        touches((1, 1, "email", "send")),
        responses((1, 2, 10.0), (None, 3, 20.0), (7, 3, 30.0)),
        lookback_days=30,
        window=WINDOW,
    )
    assert in_words(paths) == [(("email",), 1.0, 10.0, 0.0)]
    assert (paths.unassigned_conversions, paths.unassigned_value) == (2.0, 50.0)
    assert (paths.total_conversions, paths.total_value) == (3.0, 60.0)


def test_responses_outside_the_window_are_left_out():
    paths = paths_from_events(
        touches((1, -9, "email", "send")),
        responses((1, -1, 1.0), (1, 0, 2.0), (1, 30.999, 4.0), (1, 31, 8.0)),
        lookback_days=90,
        window=WINDOW,
    )
    assert paths.total_value == 6.0


def test_a_touch_stands_in_the_paths_of_several_responses():
    paths = paths_from_events(
        touches((1, 1, "a", "send"), (1, 3, "b", "send")),
        responses((1, 2, 1.0), (1, 4, 2.0)),
        lookback_days=30,
        window=WINDOW,
    )
    assert in_words(paths) == [(("a",), 1.0, 1.0, 0.0), (("a", "b"), 1.0, 2.0, 0.0)]


def test_a_person_touched_in_the_window_who_did_not_respond_gives_one_null_path():
    paths = paths_from_events(
        touches((1, 3, "b", "send"), (1, 1, "a", "send"), (1, -1, "old", "send"), (2, -3, "old", "send")),
        responses((9, 2, 1.0)),
        lookback_days=30,
        window=WINDOW,
    )
    assert in_words(paths) == [(("a", "b"), 0.0, 0.0, 1.0)]


def test_a_person_who_responded_without_a_touch_before_it_gives_no_null_path():
    paths = paths_from_events(touches((1, 5, "a", "send")), responses((1, 2, 1.0)), lookback_days=30, window=WINDOW)
    assert len(paths) == 0
    assert paths.unassigned_conversions == 1.0


def test_touches_at_the_same_moment_are_ordered_by_kind_then_unit_whatever_the_order_of_rows():
    rows = [(1, 1, "b", "click"), (1, 1, "b", "send"), (1, 1, "a", "send"), (1, 1, "c", "open"), (1, 1, "a", "visit")]
    laid = [
        in_words(paths_from_events(touches(*shuffled), responses((1, 2, 1.0)), lookback_days=9, window=WINDOW))
        for shuffled in (rows, rows[::-1], rows[2:] + rows[:2])
    ]
    assert laid[0] == [(("a", "b", "c", "b", "a"), 1.0, 1.0, 0.0)]
    assert laid[1] == laid[0]
    assert laid[2] == laid[0]


def test_at_ad_level_a_unit_is_channel_campaign_and_ad_with_nothing_as_an_empty_string():
    rows = pd.concat(
        [touches((1, 1, "email", "send")), touches((1, 2, "email", "send")).assign(campaign=None, ad=None)]
    )
    paths = paths_from_events(rows, responses((1, 3, 1.0)), lookback_days=9, level="ad", window=WINDOW)
    assert in_words(paths) == [((AdKey("email", "x", "1"), AdKey("email", "", "")), 1.0, 1.0, 0.0)]


def test_persons_may_be_named_by_text():
    paths = paths_from_events(
        touches(("ada", 1, "a", "send"), ("bob", 1, "b", "send")),
        responses(("ada", 2, 1.0)),
        lookback_days=9,
        window=WINDOW,
    )
    assert in_words(paths) == [(("a",), 1.0, 1.0, 0.0), (("b",), 0.0, 0.0, 1.0)]


def test_responses_without_a_value_column_are_worth_nothing():
    paths = paths_from_events(
        touches((1, 1, "a", "send")),
        responses((1, 2, 1.0)).drop(columns="value"),
        lookback_days=9,
        window=WINDOW,
    )
    assert (paths.total_conversions, paths.total_value) == (1.0, 0.0)


def test_days_begin_in_the_zone_and_times_without_a_zone_are_read_in_it():
    istanbul = ZoneInfo("Europe/Istanbul")
    shown = touches((1, 1, "a", "send"))
    just_before = pd.DataFrame({"person": [1], "occurred_at": pd.to_datetime(["2026-03-31T23:59"])})
    utc = pd.DataFrame({"person": [1], "occurred_at": [datetime(2026, 3, 31, 21, 30, tzinfo=UTC)]})
    day = {"lookback_days": 90, "window": WINDOW}
    assert paths_from_events(shown, just_before, **day, zone=istanbul).total_conversions == 1.0
    assert paths_from_events(shown, utc, **day, zone=UTC).total_conversions == 1.0
    assert paths_from_events(shown, utc, **day, zone=istanbul).total_conversions == 0.0


def test_dates_without_a_time_are_midnights():
    rows = pa.Table.from_pandas(touches((1, 1, "a", "send")), preserve_index=False)
    rows = rows.set_column(1, "occurred_at", pa.array([date(2026, 3, 5)]))
    ended = pa.table({"person": [1], "occurred_at": pa.array([date(2026, 3, 8)])})
    paths = paths_from_events(rows, ended, lookback_days=9, window=WINDOW)
    assert paths.ages is not None
    assert paths.ages.tolist() == [3.0]


def test_pandas_arrow_and_duckdb_give_the_same_paths():
    shown = touches((1, 1, "a", "send"), (1, 2, "b", "click"), (2, 2, "b", "visit"), (3, 2, "b", "visit"))
    ended = responses((1, 3, 1.0), (None, 4, 2.0), (3, 5, 3.0))
    tables = [pa.Table.from_pandas(frame, preserve_index=False) for frame in (shown, ended)]
    relations = [duckdb.from_arrow(table) for table in tables]
    expected = paths_from_events(shown, ended, lookback_days=9, window=WINDOW)
    assert len(expected) == 3
    for pair in (tables, relations):
        paths = paths_from_events(*pair, lookback_days=9, window=WINDOW)
        assert in_words(paths) == in_words(expected)
        assert paths.unassigned_conversions == expected.unassigned_conversions == 1.0


def test_no_touches_leave_every_response_unassigned():
    paths = paths_from_events(touches(), responses((1, 2, 5.0)), lookback_days=9, window=WINDOW)
    assert (len(paths), paths.units) == (0, ())
    assert paths.unassigned_conversions == 1.0


def test_no_responses_leave_null_paths_only():
    paths = paths_from_events(touches((1, 1, "a", "send")), responses(), lookback_days=9, window=WINDOW)
    assert in_words(paths) == [(("a",), 0.0, 0.0, 1.0)]
    assert paths.total_conversions == 0.0


def test_every_missing_column_and_unusable_lookback_is_named():
    with pytest.raises(RefusedError) as refused:
        paths_from_events(
            touches((1, 1, "a", "send")).drop(columns=["channel", "ad"]),
            responses((1, 2, 1.0)).drop(columns="person"),
            lookback_days={"a": 0.0},
            window=WINDOW,
        )
    assert [fault.column for fault in refused.value.faults] == [
        "touches.channel",
        "touches.ad",
        "responses.person",
        "a",
    ]


def test_a_channel_without_a_lookback_is_refused():
    with pytest.raises(RefusedError, match="nothing for 'b'"):
        paths_from_events(
            touches((1, 1, "a", "send"), (1, 1, "b", "send")),
            responses((1, 2, 1.0)),
            lookback_days={"a": 9.0},
            window=WINDOW,
        )


def test_touches_without_a_time_or_channel_are_refused():
    shown = touches((1, 1, "a", "send"), (1, 2, "a", "send"))
    shown.loc[0, "occurred_at"] = pd.NaT
    shown.loc[1, "channel"] = None
    with pytest.raises(RefusedError) as refused:
        paths_from_events(shown, responses((1, 2, 1.0)), lookback_days=9, window=WINDOW)
    assert [fault.column for fault in refused.value.faults] == ["touches.occurred_at", "touches.channel"]


moments = st.integers(-20, 40)


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 4), moments, st.sampled_from("abc"), st.sampled_from([*CAUSES, *STEPS, "ghost"])),
        max_size=25,
    ),
    st.lists(st.tuples(st.integers(0, 4), moments), max_size=8),
    st.integers(1, 25),
)
def test_paths_equal_those_of_a_plain_loop(
    shown: list[tuple[int, int, str, str]], ended: list[tuple[int, int]], lookback: int
):
    kinds = [*CAUSES, *STEPS]
    real = sorted((row for row in shown if row[3] != "ghost"), key=lambda row: (row[1], kinds.index(row[3]), row[2]))
    inside = [row for row in ended if 0 <= row[1] < 31]
    expected = sorted(
        tuple(channel for who, day, channel, _ in real if who == person and 0 <= moment - day <= lookback)
        for person, moment in inside
    )
    responded = {person for person, _ in inside}
    quiet = sorted(
        tuple(channel for who, day, channel, _ in real if who == person and 0 <= day < 31)
        for person in {row[0] for row in real} - responded
    )
    paths = paths_from_events(
        touches(*shown), responses(*((p, d, 1.0) for p, d in ended)), lookback_days=lookback, window=WINDOW
    )
    laid = in_words(paths)
    assert sorted(steps for steps, c, _, _ in laid if c) == [steps for steps in expected if steps]
    assert sorted(steps for steps, _, _, n in laid if n) == [steps for steps in quiet if steps]
    assert paths.unassigned_conversions == sum(not steps for steps in expected)
    assert np.all(np.diff(paths.offsets) > 0)
