"""What a fit reads: persons behind identities, one event once, and channels as files and defaults describe them."""

import datetime as dt
from typing import Any

import pyarrow as pa

from campaigns.intake.checking import schema_of
from campaigns.intake.formats import KINDS
from campaigns.store import observations
from campaigns.store.database import Database
from campaigns.store.loading import load

MAY = dt.datetime(2026, 5, 1, 10, tzinfo=dt.UTC)
DAY = dt.timedelta(days=1)


def imported(database: Database, kind: str, *rows: dict[str, Any]) -> None:
    schema = schema_of(KINDS[kind])
    filled = [{name: {"source": "shop", **row}.get(name) for name in schema.names} for row in rows]
    load(database, KINDS[kind], pa.Table.from_pylist(filled, schema=schema), path="p", digest="d")


def touch(customer_id: str | None, **told: Any) -> dict[str, Any]:
    return {"customer_id": customer_id, "occurred_at": MAY, "channel": "email", "kind": "send", **told}


def response(**told: Any) -> dict[str, Any]:
    return {"occurred_at": MAY, "kind": "order", **told}


def person_of(database: Database) -> dict[str, int]:
    rows = observations.persons(database).to_pylist()
    return {row["customer_id"]: row["person"] for row in rows if row["customer_id"]}


def test_touches_name_the_person_behind_the_identity(database: Database):
    imported(database, "touches", touch(None, identifier_kind="email", identifier="Ada@x.com", cost=5))
    imported(database, "customers", {"customer_id": "C-1", "email": "ada@x.com"})
    imported(database, "touches", touch("C-1", occurred_at=MAY + DAY, campaign="spring", ad="blue", region="north"))
    ada = person_of(database)["C-1"]
    touches = observations.touches(database)

    nothing = {"campaign": None, "ad": None, "promotion": None, "region": None, "cost": None}
    told = {"person": ada, "occurred_at": MAY, "channel": "email", "kind": "send", **nothing}
    assert touches.to_pylist() == [
        {**told, "cost": 5, "id": 1},
        {**told, "occurred_at": MAY + DAY, "campaign": "spring", "ad": "blue", "region": "north", "id": 2},
    ]
    assert touches.schema.field("occurred_at").type == pa.timestamp("us", "UTC")
    assert observations.touches(database, until=MAY + DAY).num_rows == 1


def test_an_empty_database_gives_empty_tables_with_their_columns(database: Database):
    expected = {
        "touches": ("person", "occurred_at", "channel", "kind", "campaign", "ad", "promotion", "region", "cost", "id"),
        "spend": (
            *("date", "channel", "campaign", "ad", "region", "cost_kind", "cost", "impressions", "clicks", "units"),
            *("claimed_conversions", "claimed_value"),
        ),
        "responses": (
            *("person", "occurred_at", "kind", "value", "margin", "order_id", "promotion", "response_code"),
            *("channel", "product", "id", "deal", "account_id"),
        ),
        "persons": (
            *("person", "customer_id", "listed", "segment", "region", "created_at", "first_order_at", "household_id"),
            *("account_id", "owner", "country", "time_zone", "consent_email", "consent_phone", "consent_sms"),
            *("consent_mail", "consent_ads"),
        ),
        "channels": (*("channel", "addressable", "targeted", "plannable", "consent", "unit_cost", "carry_over_days"),),
        "events": ("name", "starts_on", "ends_on", "kind", "region"),
        "assignments": ("person", "experiment", "arm", "assigned_at"),
    }
    for name, columns in expected.items():
        table = getattr(observations, name)(database)
        assert (tuple(table.column_names), table.num_rows) == (columns, 0), name


def test_responses_may_be_of_nobody_and_a_deal_won_is_one(database: Database):
    imported(
        database,
        "responses",
        response(customer_id="C-1", value=1_000, margin=300, order_id="O-1", product="P"),
        response(response_code="SPRING", kind="lead"),
    )
    deal = {"owner": "dana", "opened_on": MAY, "value": 9_000}
    imported(
        database,
        "opportunities",
        {"opportunity_id": "D-1", "stage": "won", "closed_on": MAY + DAY, "customer_id": "C-1", **deal},
        {"opportunity_id": "D-2", "stage": "won", "account_id": "A", **deal},
        {"opportunity_id": "D-3", "stage": "open", "customer_id": "C-1", **deal},
    )
    rows = observations.responses(database).to_pylist()

    ada = person_of(database)["C-1"]
    found = {(row["person"], row["occurred_at"], row["kind"], row["value"]) for row in rows}
    assert found == {
        (ada, MAY, "order", 1_000),
        (None, MAY, "lead", None),
        (ada, MAY + DAY, "won", 9_000),
        (None, MAY, "won", 9_000),
    }
    assert len(rows) == 4


def test_a_redemption_and_its_order_are_one_event(database: Database):
    imported(
        database,
        "responses",
        response(customer_id="C-1", order_id="O-1", value=5),
        response(customer_id="C-1", order_id="O-1", kind="redemption", value=1),
        response(customer_id="C-1", order_id="O-2", kind="redemption", value=2),
        response(customer_id="C-1", kind="redemption", value=3),
        response(customer_id="C-1", order_id="O-1", kind="return", value=4),
    )
    rows = observations.responses(database).to_pylist()

    assert sorted((row["kind"], row["value"]) for row in rows) == [
        ("order", 5),
        ("redemption", 2),
        ("redemption", 3),
        ("return", 4),
    ]


def test_persons_are_one_row_each_whatever_speaks_of_them(database: Database):
    imported(
        database,
        "customers",
        {
            "customer_id": "C-1",
            "segment": "old",
            "region": "north",
            "created_at": MAY,
            "consent_email": "yes",
            "consent_sms": "unknown",
            "consent_ads": "no",
        },
        {"customer_id": "C-2"},
    )
    imported(
        database,
        "customers",
        {
            "source": "crm",
            "customer_id": "C-1",
            "segment": "new",
            "owner": "dana",
            "created_at": MAY - DAY,
            "first_order_at": MAY + DAY,
            "consent_email": "no",
            "consent_sms": "yes",
            "consent_ads": "yes",
        },
    )
    imported(database, "touches", touch(None, identifier_kind="cookie", identifier="x"), touch("C-3"))
    persons = {row["customer_id"]: row for row in observations.persons(database).to_pylist()}

    assert set(persons) == {"C-1", "C-2", "C-3", None}
    told = {name: value for name, value in persons["C-1"].items() if value is not None}
    del told["person"]
    assert told == {
        "customer_id": "C-1",
        "listed": True,
        "segment": "new",
        "region": "north",
        "owner": "dana",
        "created_at": MAY - DAY,
        "first_order_at": MAY + DAY,
        "consent_email": "no",
        "consent_sms": "yes",
        "consent_ads": "no",
    }
    assert persons[None]["listed"] is persons["C-3"]["listed"] is False
    numbers = [row["person"] for row in persons.values()]
    assert observations.persons(database, numbers).equals(observations.persons(database))
    assert observations.persons(database, numbers[:1]).to_pylist() == [persons["C-1"]]
    assert observations.persons(database).schema.field("created_at").type == pa.timestamp("us", "UTC")


def test_a_merged_person_is_no_person_any_more(database: Database):
    imported(database, "touches", touch(None, identifier_kind="email", identifier="ada@x.com"))
    imported(database, "customers", {"customer_id": "C-1", "email": "ada@x.com"})

    assert observations.persons(database).num_rows == 1


def test_channels_have_defaults_which_a_file_overrules(database: Database):
    imported(database, "touches", touch("C-1"), touch("C-1", channel="pigeon"), touch("C-1", channel="tv"))
    imported(
        database,
        "spend",
        *(
            {"date": MAY.date(), "channel": channel, "cost": 1, "cost_kind": "media"}
            for channel in ("display", "blimp", "radio")
        ),
    )
    imported(database, "channels", {"channel": "email", "unit_cost": 3, "plannable": "no"})
    imported(
        database,
        "channels",
        {"channel": "email", "carry_over_days": 9, "source": "b"},
        {"channel": "fax", "source": "b"},
    )
    imported(database, "promotions", {"promotion": "p", "name": "P", "channels": "mail|fax"})
    imported(database, "responses", response(customer_id="C-1", channel="web"))
    channels = {row.pop("channel"): row for row in observations.channels(database).to_pylist()}

    assert list(channels) == ["blimp", "display", "email", "fax", "mail", "pigeon", "radio", "tv"]
    assert {name for name, row in channels.items() if not row["addressable"]} == {"blimp", "radio", "fax"}
    assert channels["email"] == {
        "addressable": True,
        "targeted": False,
        "plannable": False,
        "consent": "email",
        "unit_cost": 3,
        "carry_over_days": 9,
    }
    assert channels["mail"]["carry_over_days"] == 90
    assert channels["display"]["targeted"] is True
    assert channels["pigeon"]["unit_cost"] is None


def test_the_rest_is_read_as_it_was_imported(database: Database):
    event = {"name": "sale", "starts_on": MAY.date(), "ends_on": MAY.date(), "kind": "own sale", "region": None}
    offer = {"promotion": "p", "name": "P", "margin": 1_000, "channels": "email"}
    test = {"experiment": "e", "channel": "tv", "starts_on": MAY.date(), "ends_on": MAY.date(), "region": "north|east"}
    imported(database, "calendar_events", event)
    imported(database, "promotions", offer)
    imported(database, "experiments", {**test, "lift": -1.5})
    imported(database, "assignments", {"experiment": "e", "arm": "control", "assigned_at": MAY, "customer_id": "C-1"})

    assert observations.events(database).to_pylist() == [event]
    assert observations.promotions(database).to_pylist()[0].items() >= offer.items()
    assert observations.experiments(database).to_pylist()[0].items() >= {**test, "lift": -1.5}.items()
    assert observations.assignments(database).to_pylist() == [
        {"person": person_of(database)["C-1"], "experiment": "e", "arm": "control", "assigned_at": MAY}
    ]
