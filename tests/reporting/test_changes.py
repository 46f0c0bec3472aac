"""What changed since the last report, in words."""

from datetime import UTC, datetime

from campaigns.reporting.changes import changed_since
from campaigns.terms import GOALS, DataFacts

AT = datetime(2026, 6, 1, tzinfo=UTC)
BEFORE = DataFacts(
    responses={"2026-05": {"shop": 5_000}},
    touches={"2026-05": {"crm": 100}},
    spend={"2026-05": {"google: search": 100_000, "meta: social": 50_000}},
    tests={"spring": True},
)


def reasons(now: DataFacts, before: DataFacts | None = BEFORE) -> tuple[str, ...]:
    return changed_since(3, AT, before, now, GOALS["order"]).reasons


def test_new_orders_restated_costs_and_a_new_test() -> None:
    now = DataFacts(
        responses={"2026-05": {"shop": 5_100}, "2026-06": {"shop": 2_000}},
        touches={"2026-05": {"crm": 150}},
        spend={"2026-05": {"google: search": 101_000, "meta: social": 50_010}},
        tests={"spring": True, "holdout": False},
    )
    assert reasons(now) == (
        "2,100 new orders",
        "a new test (holdout)",
        "May 2026: costs of google / search restated",
        "50 new contacts",
    )


def test_what_is_taken_back_is_said_too() -> None:
    now = DataFacts(responses={"2026-05": {"shop": 4_999}}, spend={"2026-05": {"google: search": 100_000}})
    assert reasons(now) == (
        "1 order taken back",
        "the test spring is no longer used",
        "May 2026: costs of meta / social are gone",
        "100 contacts taken back",
    )


def test_nothing_new_is_no_reason() -> None:
    assert reasons(BEFORE) == ()


def test_where_it_is_not_known_what_was_looked_at_there_is_none() -> None:
    assert reasons(BEFORE, before=None) == ()


def test_many_changes_are_counted() -> None:
    now = DataFacts(spend={f"2026-{month:02}": {"google: search": month} for month in range(1, 13)})
    assert len(reasons(now)) == 6
    assert reasons(now)[-1].endswith("more changes")
