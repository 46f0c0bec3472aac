import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from campaigns.planning.caps import Cap
from campaigns.planning.horizon import between, every_day, listed
from campaigns.planning.windows import count_windows

spans = st.integers(-60, 60)


@given(first=spans, last=spans, days=st.integers(1, 63))
def test_masks_hold_the_days_between_two_days(first, last, days):
    assert listed(int(between(first, last, days))) == [day for day in range(days) if first <= day <= last]


def test_a_plan_is_one_to_sixty_three_days_long():
    assert listed(int(every_day(63))) == list(range(63))
    for days in (0, 64):
        with pytest.raises(ValueError, match="1 to 63 days"):
            every_day(days)


@settings(max_examples=200)
@given(
    limit=st.integers(0, 3),
    width=st.integers(1, 12),
    days=st.integers(1, 9),
    contacts=st.lists(st.tuples(st.integers(0, 2), st.integers(-15, 20)), max_size=12),
)
def test_a_day_is_closed_exactly_when_one_more_contact_would_break_a_window(limit, width, days, contacts):
    group = np.asarray([0, 1, 1])
    person = np.asarray([who for who, _ in contacts], np.int64)
    day = np.asarray([when for _, when in contacts], np.int64)
    windows = count_windows(Cap(limit, width), group, person, day, days)
    for place in (0, 1):
        held = [when for who, when in contacts if group[who] == place]
        closed = [
            one
            for one in range(days)
            if any(
                1 + sum(first <= when < first + width for when in held) > limit
                for first in range(one - width + 1, one + 1)
            )
        ]
        assert listed(int(windows.closed[place])) == closed


@settings(max_examples=200)
@given(
    limit=st.integers(0, 3),
    width=st.integers(1, 6),
    days=st.integers(1, 6),
    held=st.lists(st.integers(-7, 12), max_size=5),
)
def test_the_room_of_a_cap_is_never_less_than_what_can_be_added(limit, width, days, held):
    windows = count_windows(
        Cap(limit, width), np.asarray([0]), np.zeros(len(held), np.int64), np.asarray(held, np.int64), days
    )
    most = 0
    for chosen in range(1 << days):
        added = listed(chosen)
        breaks = any(
            sum(first <= when < first + width for when in [*held, *added]) > limit
            for one in added
            for first in range(one - width + 1, one + 1)
        )
        if not breaks:
            most = max(most, len(added))
    assert most <= windows.room[0]
