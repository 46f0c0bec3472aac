"""To whom an offer is made: rules of an audience, their members, and the plan that heeds them."""

from datetime import date
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pytest

from campaigns.faults import RefusedError
from campaigns.planning.audience import Audience
from campaigns.store.audiences import audience_parts, keep_audience, members_table, size_of
from tests.planning.test_drafting import at, put

UTC = ZoneInfo("UTC")
TODAY = date(2026, 6, 1)


@pytest.fixture
def people(database):
    put(
        database,
        "customers",
        {"customer_id": "A", "segment": "young", "region": "north"},
        {"customer_id": "B", "segment": "young", "region": "south"},
        {"customer_id": "C", "segment": "old", "region": "north"},
        {"customer_id": "D", "segment": "old", "region": "south"},
    )
    put(
        database,
        "responses",
        {"customer_id": "A", "kind": "order", "occurred_at": at(-10), "product": "P-1", "value": 9000, "order_id": "1"},
        {"customer_id": "B", "kind": "order", "occurred_at": at(-200), "product": "P-2", "value": 100, "order_id": "2"},
        {"customer_id": "C", "kind": "interest", "occurred_at": at(-5), "product": "P-1"},
        {"customer_id": "B", "kind": "return", "occurred_at": at(-100), "product": "P-3"},
    )
    return database


def size(database, **rules):
    with database.reading() as session:
        return size_of(session, Audience(**rules), TODAY, UTC)


def test_each_part_of_an_audience_narrows_it(people):
    assert size(people) == 4
    assert size(people, segments=("young",)) == 2
    assert size(people, segments=("young",), regions=("north",)) == 1
    assert size(people, interests=("P-1",)) == 1
    assert size(people, bought=("P-1", "P-2")) == 2
    assert size(people, not_bought=("P-1",)) == 3
    assert size(people, last_order_days=30) == 1  # B: who never ordered has no last order
    assert size(people, last_order_days=300) == 0
    assert size(people, value_classes=("high",)) == 2  # of two buyers both lie in the first tenths
    assert size(people, value_classes=("none",)) == 2
    assert size(people, value_classes=("high", "none")) == 4
    assert size(people, segments=("nobody",)) == 0


def test_a_form_can_choose_among_what_there_is(people):
    with people.reading() as session:
        parts = audience_parts(session)
    assert parts.segments == ("old", "young")
    assert parts.regions == ("north", "south")
    assert [key for key, _ in parts.products] == ["P-1", "P-2", "P-3"]


def test_members_are_read_for_the_promotions_that_have_an_audience(people):
    with people.transaction() as session:
        keep_audience(session, "spring", Audience(segments=("young",)), by="ada")
        keep_audience(session, "empty", Audience(segments=("nobody",)), by="ada")
        keep_audience(session, "all", Audience(), by="ada")
    with people.reading() as session:
        whole = members_table(session, TODAY, UTC)
        some = members_table(session, TODAY, UTC, persons=[1])
    assert whole["promotion"].value_counts().to_pylist() == [
        {"values": "empty", "counts": 1},
        {"values": "spring", "counts": 3},
    ]
    assert some.num_rows <= 3


@pytest.mark.parametrize(
    "rules",
    [
        {"bought": ("P-1",), "not_bought": ("P-1",)},
        {"last_order_days": 0},
        {"value_classes": ("golden",)},
        {"value_classes": ("none",), "last_order_days": 30},
    ],
)
def test_an_audience_that_contradicts_itself_is_refused(rules):
    with pytest.raises(RefusedError):
        Audience(**rules)


def test_an_audience_is_read_as_it_was_written_and_unknown_parts_are_refused():
    one = Audience(segments=("young",), last_order_days=90)
    assert Audience.from_mapping(one.to_mapping()) == one
    assert Audience().everybody
    with pytest.raises(RefusedError):
        Audience.from_mapping({"star_sign": ["leo"]})


def test_a_plan_speaks_only_to_the_audience_of_an_offer(market):
    read = market.records(
        persons=[market.person(1), market.person(2)],
        promotions=[{"promotion": "spring", "margin": 20.0}, {"promotion": "club", "margin": 10.0}],
        audiences=[{"promotion": "spring", "person": 2}, {"promotion": "spring", "person": None}],
    )
    planned = market.planned(read)
    assert {(person, offer) for person, offer, _, _ in planned.chosen} == {(1, "club"), (2, "spring")}
    assert planned.verdicts.count("not_invited") == 1


def test_an_audience_in_which_nobody_is_reaches_nobody(market):
    read = market.records(audiences=[{"promotion": "spring", "person": None}])
    assert market.planned(read).chosen == []
    assert np.all([name == "not_invited" for name in market.planned(read).verdicts])
    assert isinstance(read.audiences, pa.Table)
