"""Owners by name, and what sales did with few persons or with their accounts."""

from datetime import timedelta
from zoneinfo import ZoneInfo

from campaigns.planning.policy import ContactPolicy
from campaigns.store.owners import busiest_owner, owners
from campaigns.store.plan_records import PublishedRun, Reading, circle_of, sales_records
from tests.planning.test_drafting import START, at, customer, people, put


def test_every_owner_is_named_once_in_alphabetical_order(database):
    names = ("Zoe", "Ada", None, "Ada", "", "Çağla", "Bo")
    put(database, "customers", *(customer(f"C-{place}", owner=name) for place, name in enumerate(names)))
    put(
        database,
        "opportunities",
        {"opportunity_id": "D-1", "owner": "Bo", "stage": "open", "opened_on": at(-3), "account_id": "A"},
        {"opportunity_id": "D-2", "owner": "Ege", "stage": "open", "opened_on": at(-3), "account_id": "A"},
    )
    with database.reading() as session:
        assert owners(session) == ("Ada", "Bo", "Ege", "Zoe", "Çağla")
        assert busiest_owner(session) in ("Ada", "Bo")


def test_without_customers_and_deals_there_are_no_owners(sqlite_database):
    with sqlite_database.reading() as session:
        assert owners(session) == ()


def test_what_sales_did_with_a_person_or_their_account_is_read_and_nothing_else(database):
    put(
        database,
        "customers",
        customer("C-1", household_id="H"),
        customer("C-2", household_id="H", account_id="A"),
        customer("C-3", account_id="A"),
        customer("C-4", account_id="B"),
    )
    deal = {"owner": "Ada", "stage": "open", "opened_on": at(-3)}
    put(
        database,
        "opportunities",
        {**deal, "opportunity_id": "D-1", "customer_id": "C-1"},
        {**deal, "opportunity_id": "D-2", "account_id": "A"},
        {**deal, "opportunity_id": "D-3", "account_id": "B"},
    )
    known = people(database)
    with database.reading() as session:
        assert circle_of(session, known["C-1"]) == sorted([known["C-1"], known["C-2"]])
        assert circle_of(session, known["C-2"]) == sorted([known["C-1"], known["C-2"], known["C-3"]])
        assert circle_of(session, known["C-4"]) == [known["C-4"]]
    run = PublishedRun(0, "order", "EUR")

    def accounts(*names):
        wanted = None if not names else [known[name] for name in names]
        reading = Reading(run, ContactPolicy(), START + timedelta(1), ZoneInfo("UTC"), wanted)
        return sorted(
            str(row) for row in sales_records(database, reading)[1]["opportunities"]["account_id"].to_pylist()
        )

    assert accounts() == ["A", "B", "None"]
    assert accounts("C-1") == ["None"]
    assert accounts("C-1", "C-3") == ["A", "None"]
    assert accounts("C-4") == ["B"]
