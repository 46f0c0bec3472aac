"""Goals per account and of first responses: who is credited with whose contacts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pandas as pd
import pytest

from attribution.gather import gather
from attribution.observations import FitOptions
from attribution.units import in_units
from campaigns.faults import RefusedError
from campaigns.terms import GOALS, Goal


@pytest.fixture
def firm(book: Any) -> Any:
    """Two people of one account, one of none, and deals won of each and of an account that nobody is known of."""
    for person in (1, 2, 3):
        book.person(person, created=-400.0)
    book.touch(1, 190.5).touch(2, 195.5, "call", "call").touch(3, 200.5)
    book.response(None, 0.5, "won").response(2, 205.5, "won").response(3, 210.5, "won").response(None, 220.5, "won")
    found = book.observations()
    persons = found.persons.append_column("account_id", [["acme", "acme", None]])
    responses = found.responses.append_column("account_id", [[None, "acme", None, "acme"]])
    return replace(found, persons=persons, responses=responses)


def test_contacts_of_any_of_its_people_are_an_accounts(firm: Any) -> None:
    found = in_units(firm, GOALS["won"])
    assert found.touches["person"].to_pylist() == [-1, -1, 3]
    assert found.persons["person"].to_pylist() == [-1, 3]
    evidence = gather(found, FitOptions(goal=GOALS["won"]))
    assert (evidence.responses, evidence.linked) == (3, 3)
    touched = evidence.states.starts[1:] - evidence.states.starts[:-1]
    assert touched.tolist() == [2, 1, 2]  # both contacts with the account are at work on both of its deals
    assert all(channel.edges[-1] == 180 for channel in evidence.channels)


def test_a_deal_without_a_person_belongs_to_its_account(firm: Any) -> None:
    assert in_units(firm, GOALS["won"]).responses["person"].to_pylist() == [None, -1, 3, -1]


def test_goals_per_person_leave_everything_as_it_is(firm: Any) -> None:
    assert in_units(firm, GOALS["order"]) is firm


def test_only_the_first_response_counts_where_the_goal_says_so(book: Any) -> None:
    for day, kind in ((1.5, "lead"), (3.5, "order"), (2.5, "order")):
        book.response(1, day, kind)
    book.response(2, 9.5).response(None, 9.5)
    first = Goal("first order", ("order",), "first order", "first orders", count="first")
    found = in_units(book.observations(), first).responses.to_pandas()
    assert found["person"].isna().sum() == 1
    assert found.loc[found["person"] == 1, "kind"].tolist() == ["lead", "order"]
    assert pd.Timestamp(book.at(2.5)) in found["occurred_at"].tolist()


def test_a_goal_of_nothing_is_refused() -> None:
    with pytest.raises(RefusedError) as refused:
        Goal("x", (), "x", "xs", 0, "family", "some")
    assert [fault.column for fault in refused.value.faults] == [
        "goals.x.kinds", "goals.x.unit", "goals.x.count", "goals.x.carry_over_days",
    ]  # fmt: skip
