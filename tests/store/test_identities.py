"""Whom a row belongs to: one person however they are written, and history that follows a customer."""

import datetime as dt
from typing import Any

import pyarrow as pa
import pytest
from sqlmodel import col, select

from campaigns.intake.checking import schema_of
from campaigns.intake.formats import KINDS
from campaigns.store.database import Database
from campaigns.store.duplicates import doubled_orders
from campaigns.store.loading import Batch, load
from campaigns.store.tables import Identity, Person, Response, Touch

MAY = dt.datetime(2026, 5, 1, 10, tzinfo=dt.UTC)


def imported(database: Database, kind: str, *rows: dict[str, Any]) -> Batch:
    schema = schema_of(KINDS[kind])
    filled = [{name: {"source": "shop", **row}.get(name) for name in schema.names} for row in rows]
    return load(database, KINDS[kind], pa.Table.from_pylist(filled, schema=schema), path="p", digest="d")


def by_customer(customer_id: str, **told: Any) -> dict[str, Any]:
    return {"customer_id": customer_id, "occurred_at": MAY, "channel": "email", "kind": "send", **told}


def by_identifier(kind: str, identifier: str, **told: Any) -> dict[str, Any]:
    return {**by_customer(""), "customer_id": None, "identifier_kind": kind, "identifier": identifier, **told}


def persons_by_identity(database: Database) -> dict[tuple[str, str], int]:
    with database.reading() as session:
        return {(row.kind, row.value): row.person_id for row in session.exec(select(Identity))}


def persons_of_touches(database: Database) -> list[int]:
    with database.reading() as session:
        rows = session.exec(
            select(Identity.person_id)
            .join(Touch, col(Touch.identity_id) == col(Identity.id))
            .order_by(col(Touch.occurred_at), col(Touch.id))
        )
        return list(rows)


def test_each_new_identity_is_a_new_person(database: Database):
    imported(database, "touches", by_customer("C-1"), by_customer("C-2"), by_identifier("email", "c-1"))

    assert sorted(persons_by_identity(database)) == [("customer", "C-1"), ("customer", "C-2"), ("email", "c-1")]
    assert sorted(persons_by_identity(database).values()) == [1, 2, 3]


def test_an_identity_known_before_is_the_same_person(database: Database):
    imported(database, "touches", by_customer("C-1"), by_identifier("email", "Ada@x.com"))
    known = persons_by_identity(database)
    imported(database, "responses", {"occurred_at": MAY, "kind": "order", "customer_id": "C-1"})
    imported(database, "touches", by_identifier("email", " ada@X.com ", touch_id="later"), by_customer("C-3"))

    assert persons_by_identity(database).items() >= known.items()
    assert len(persons_by_identity(database)) == 3


def test_a_row_with_both_a_customer_and_an_identifier_is_the_customers(database: Database):
    imported(database, "touches", by_identifier("email", "ada@x.com", customer_id="C-1"))

    assert persons_by_identity(database) == {("customer", "C-1"): 1}


def test_a_response_of_nobody_has_no_person(database: Database):
    imported(database, "responses", {"occurred_at": MAY, "kind": "order", "response_code": "SPRING"})

    assert persons_by_identity(database) == {}


def test_a_customer_is_known_by_the_email_phone_and_card_of_their_row(database: Database):
    row = {"customer_id": "C-1", "email": "Ada@x.com", "phone": "0090 532 1", "loyalty": "90 01"}
    assert imported(database, "customers", row).notes == ()
    imported(database, "touches", by_identifier("phone", "+90 5321"), by_identifier("loyalty", "9001"))

    assert persons_by_identity(database) == {
        ("customer", "C-1"): 1,
        ("email", "ada@x.com"): 1,
        ("phone", "+905321"): 1,
        ("loyalty", "9001"): 1,
    }


def test_history_seen_before_the_customer_was_known_follows_to_the_customer(database: Database):
    imported(
        database,
        "touches",
        by_identifier("email", "ada@x.com"),
        by_identifier("phone", "1"),
        by_identifier("email", "bob@x.com"),
    )
    imported(database, "touches", by_customer("C-1", occurred_at=MAY + dt.timedelta(1)))
    before = persons_by_identity(database)
    assert len(set(before.values())) == 4

    batch = imported(database, "customers", {"customer_id": "C-1", "email": "ada@x.com", "phone": "1"})
    after = persons_by_identity(database)

    ada = before["customer", "C-1"]
    assert batch.notes == ()
    assert after == {**before, ("email", "ada@x.com"): ada, ("phone", "1"): ada}
    assert persons_of_touches(database).count(ada) == 3
    with database.reading() as session:
        merged = {row.id: row.merged_into for row in session.exec(select(Person))}
    assert merged == {
        ada: None,
        before["email", "bob@x.com"]: None,
        before["email", "ada@x.com"]: ada,
        before["phone", "1"]: ada,
    }


def test_two_customers_who_share_an_address_stay_two_and_the_first_keeps_it(database: Database):
    rows = [
        {"customer_id": "C-1", "email": "home@x.com", "phone": "1"},
        {"customer_id": "C-2", "email": "Home@x.com", "phone": "2"},
    ]
    batch = imported(database, "customers", *rows)
    found = persons_by_identity(database)

    assert batch.notes == ("claimed by several customers, kept with the first: email home@x.com",)
    assert found["email", "home@x.com"] == found["customer", "C-1"] != found["customer", "C-2"]
    assert found["phone", "2"] == found["customer", "C-2"]


def test_a_later_customer_does_not_take_an_address_from_an_earlier_one(database: Database):
    imported(database, "customers", {"customer_id": "C-1", "email": "home@x.com"})
    before = persons_by_identity(database)
    batch = imported(database, "customers", *({"customer_id": f"D-{n}", "email": "home@x.com"} for n in range(2)))

    assert batch.notes == ("claimed by several customers, kept with the first: email home@x.com",)
    assert persons_by_identity(database).items() >= before.items()
    assert len(set(persons_by_identity(database).values())) == 3


def test_many_shared_addresses_are_counted_not_listed(database: Database):
    rows = [{"customer_id": f"C-{n}", "email": f"e{n // 2}@x", "phone": f"{n // 2}"} for n in range(6)]
    (note,) = imported(database, "customers", *rows).notes

    assert note.endswith("and 3 more")


def test_an_address_that_a_customer_gave_up_stays_theirs(database: Database):
    imported(database, "customers", {"customer_id": "C-1", "email": "old@x.com"})
    imported(database, "customers", {"customer_id": "C-1", "email": "new@x.com"})

    assert set(persons_by_identity(database).values()) == {1}


def test_importing_customers_again_changes_nobody(database: Database):
    rows = [{"customer_id": f"C-{n}", "email": f"e{n}@x", "phone": "same"} for n in range(3)]
    first = imported(database, "customers", *rows)
    before = persons_by_identity(database)
    second = imported(database, "customers", *rows)

    assert persons_by_identity(database) == before
    assert (second.added, second.replaced, second.unchanged, second.notes) == (0, 0, 3, first.notes)


def test_a_suppression_names_the_person_behind_its_identifier(database: Database):
    imported(database, "customers", {"customer_id": "C-1", "email": "press@x.com"})
    told = {"identifier_kind": "email", "identifier": "PRESS@x.com", "reason": "press"}
    again = {**told, "identifier": "press@X.com"}

    assert imported(database, "suppressions", told).added == 1
    assert imported(database, "suppressions", again).unchanged == 1
    assert persons_by_identity(database)["email", "press@x.com"] == persons_by_identity(database)["customer", "C-1"]


def test_a_cookie_that_placed_the_same_order_is_its_customer_and_a_shared_device_is_not(database: Database):
    at = dt.datetime(2026, 5, 1, 10, tzinfo=dt.UTC)
    cookie = {"identifier_kind": "cookie", "source": "ga4", "occurred_at": at, "kind": "order"}
    shop = {"source": "shop", "occurred_at": at + dt.timedelta(hours=3), "kind": "order"}
    imported(
        database,
        "touches",
        {"identifier_kind": "cookie", "identifier": "x", "occurred_at": at, "channel": "search", "kind": "click"},
    )
    imported(
        database,
        "responses",
        {**cookie, "identifier": "x", "order_id": "1"},
        {**cookie, "identifier": "till", "order_id": "2"},
        {**cookie, "identifier": "till", "order_id": "3"},
        {**cookie, "identifier": "late", "order_id": "4"},
    )
    batch = imported(
        database,
        "responses",
        *({**shop, "order_id": str(number), "customer_id": f"C-{number}"} for number in (1, 2, 3)),
        {**shop, "order_id": "4", "customer_id": "C-4", "occurred_at": at + dt.timedelta(days=9)},
    )
    assert batch.notes == ("1 persons known by a cookie were tied to their customers by their orders",)
    with database.reading() as session:
        owners = {row.value: row.person_id for row in session.execute(select(Identity)).scalars()}
    assert owners["x"] == owners["C-1"]
    assert len({owners[name] for name in ("till", "late", "C-2", "C-3", "C-4")}) == 5


@pytest.mark.parametrize("called", ["#1001", "1001"])
@pytest.mark.parametrize("shop_first", [True, False])
def test_an_order_that_the_web_analysis_calls_by_its_name_in_the_shop_counts_once_and_ties_its_cookie(
    sqlite_database: Database, called: str, shop_first: bool
):
    at = dt.datetime(2026, 5, 1, 10, tzinfo=dt.UTC)
    shop = {"source": "shop", "occurred_at": at, "kind": "order", "customer_id": "C-1"}
    orders = [
        {**shop, "response_id": "#1001", "order_id": "5001"},
        {**shop, "response_id": "#1002", "order_id": "5002"},
    ]
    web = {"source": "ga4", "occurred_at": at, "kind": "order", "identifier_kind": "cookie", "identifier": "x"}
    seen = [{**web, "order_id": called, "response_id": called}]
    for rows in (orders, seen) if shop_first else (seen, orders):
        imported(sqlite_database, "responses", *rows)
    with sqlite_database.reading() as session:
        sources = dict(session.execute(select(Response.id, Response.source)).all())
        assert [sources[number] for number in doubled_orders(session).to_pylist()] == ["ga4"]
        owners = {row.value: row.person_id for row in session.execute(select(Identity)).scalars()}
    assert owners["x"] == owners["C-1"]
