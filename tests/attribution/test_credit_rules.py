"""The rule models on events, as the report shows them beside the estimate."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pandas as pd
import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from attribution.credit import RuleCredits, rule_credits
from campaigns.faults import RefusedError
from campaigns.terms import RULES, Window

WINDOW = Window(date(2026, 3, 1), date(2026, 3, 31))
OPENS = datetime(2026, 3, 1, tzinfo=UTC)

Touch = tuple[int, float, str, str, str | None, str | None]


def credited(touches: list[Touch], responses: list[tuple[int | None, float]], **options: float) -> RuleCredits:
    shown = pd.DataFrame(touches, columns=["person", "occurred_at", "channel", "kind", "campaign", "ad"])
    ended = pd.DataFrame(responses, columns=["person", "occurred_at"])
    for frame in (shown, ended):
        frame["occurred_at"] = pd.to_datetime([OPENS + timedelta(days=day) for day in frame["occurred_at"]], utc=True)
    return rule_credits(shown, ended, lookback_days=30, window=WINDOW, **options)  # type: ignore[arg-type]


TOUCHES: list[Touch] = [
    (1, 1, "display", "impression", "brand", "red"),
    (1, 8, "email", "send", "spring", "blue"),
    (1, 9, "email", "click", "spring", "blue"),
    (2, 3, "email", "send", "spring", "green"),
    (3, 3, "display", "impression", "brand", "red"),
    (4, 3, "email", "ghost", "spring", "blue"),
    (5, 3, "search", "click", None, None),
]
RESPONSES: list[tuple[int | None, float]] = [(1, 15), (2, 10), (4, 9), (None, 20)]


def test_rules_credit_channels_by_hand():
    found = credited(TOUCHES, RESPONSES)
    assert (found.responses, found.unassigned, found.unassigned_share) == (4.0, 2.0, 0.5)
    assert found.of_channel("email")["last_touch"] == 2.0
    assert found.of_channel("display")["first_touch"] == 1.0
    assert found.of_channel("email")["linear"] == pytest.approx(1 + 2 / 3)
    assert found.of_channel("display")["position_based"] == pytest.approx(0.4)
    # Ages 14, 7 and 6 days at a half-life of 7.
    weights = [2 ** (-age / 7) for age in (14, 7, 6)]
    assert found.of_channel("display")["time_decay"] == pytest.approx(weights[0] / sum(weights))
    assert found.of_channel("email")["shapley"] == pytest.approx(1.5)
    assert found.of_channel("search") == dict.fromkeys(RULES, 0.0)
    assert found.of_channel("unheard-of") == dict.fromkeys(RULES, 0.0)


def test_markov_uses_the_persons_who_did_not_respond():
    # start -> display (2 of 4), email (1), search (1); display -> email or null, email -> conversion, search -> null.
    found = credited(TOUCHES, RESPONSES)
    assert found.of_channel("email")["markov"] == pytest.approx(2 * 1.0 / 1.5)
    assert found.of_channel("display")["markov"] == pytest.approx(2 * 0.5 / 1.5)


def test_rules_credit_ads_within_their_campaign_and_channel():
    found = credited(TOUCHES, RESPONSES)
    assert found.of_ad("email", "spring", "blue")["last_touch"] == 1.0
    assert found.of_ad("email", "spring", "green")["last_touch"] == 1.0
    assert found.of_ad("email", "spring", "blue")["linear"] == pytest.approx(2 / 3)
    assert found.of_ad("search", None, None) == dict.fromkeys(RULES, 0.0)
    assert list(found.ads["ad"]) == ["red", "blue", "green", ""]
    assert list(found.ads.columns) == ["channel", "campaign", "ad", *RULES]


def test_a_longer_half_life_gives_older_touches_more():
    short, long = (credited(TOUCHES, RESPONSES, half_life=days) for days in (1.0, 30.0))
    assert short.of_channel("display")["time_decay"] < long.of_channel("display")["time_decay"]


def test_a_higher_order_remembers_the_way():
    # Email converts only after display: order 2 knows that, and that email after search leads nowhere.
    touches: list[Touch] = []
    for person, first in enumerate(["display", "display", "search", "search"]):
        touches += [(person, 1, first, "impression", None, None), (person, 2, "email", "send", None, None)]
    responses: list[tuple[int | None, float]] = [(0, 5), (1, 5)]
    one, two = (credited(touches, responses, order=order) for order in (1, 2))
    assert one.of_channel("search")["markov"] == pytest.approx(2 * 0.5 / 2.0)
    assert two.of_channel("search")["markov"] == pytest.approx(0.0)


def test_no_responses_and_no_touches_give_zeros_and_no_rows():
    nothing = credited([], [])
    assert (nothing.responses, nothing.unassigned, nothing.unassigned_share) == (0.0, 0.0, 0.0)
    assert (len(nothing.channels), len(nothing.ads)) == (0, 0)
    untouched = credited([], [(1, 5), (None, 6)])
    assert (untouched.responses, untouched.unassigned, untouched.unassigned_share) == (2.0, 2.0, 1.0)
    unanswered = credited(TOUCHES, [])
    assert unanswered.of_channel("email") == dict.fromkeys(RULES, 0.0)


def test_options_that_cannot_be_used_are_refused():
    with pytest.raises(RefusedError, match="order"):
        credited(TOUCHES, RESPONSES, order=7)


def test_arrow_frames_as_the_store_gives_them_are_read():
    moment = pa.timestamp("us", "UTC")
    shown = pa.table(
        {
            "person": pa.array([1], pa.int64()),
            "occurred_at": pa.array([OPENS], moment),
            "channel": ["email"],
            "kind": ["send"],
            "campaign": pa.array([None], pa.string()),
            "ad": pa.array([None], pa.string()),
            "promotion": pa.array([None], pa.string()),
        }
    )
    ended = pa.table(
        {
            "person": pa.array([1, None], pa.int64()),
            "occurred_at": pa.array([OPENS + timedelta(days=1)] * 2, moment),
            "value": pa.array([None, 5.0], pa.float64()),
        }
    )
    found = rule_credits(shown, ended, lookback_days=30, window=WINDOW)
    assert found.of_ad("email", None, None) == dict.fromkeys(RULES, 1.0)
    assert found.unassigned == 1.0


@settings(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.integers(0, 5),
            st.integers(-10, 35).map(float),
            st.sampled_from(["email", "display", "direct"]),
            st.sampled_from(["send", "click", "ghost"]),
            st.sampled_from(["x", None]),
            st.sampled_from(["1", "2", None]),
        ),
        max_size=20,
    ),
    st.lists(st.tuples(st.one_of(st.none(), st.integers(0, 6)), st.integers(-5, 35).map(float)), max_size=8),
    st.integers(1, 3),
)
def test_every_rule_with_the_unassigned_sums_to_all_responses(
    touches: list[Touch], responses: list[tuple[int | None, float]], order: int
):
    found = credited(touches, responses, order=order)
    assert found.responses == sum(0 <= day < 31 for _, day in responses)
    for rule in RULES:
        assert found.channels[rule].sum() + found.unassigned == pytest.approx(found.responses), rule
        assert found.ads[rule].sum() + found.unassigned == pytest.approx(found.responses), rule
        if rule not in ("markov", "shapley"):
            by_channel = found.ads.groupby("channel")[rule].sum()
            for channel, share in by_channel.items():
                assert found.of_channel(str(channel))[rule] == pytest.approx(share), rule
