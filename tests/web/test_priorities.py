import csv
import io
import re
from dataclasses import replace
from datetime import date
from typing import Any

import openpyxl
import pytest
from flask import Flask
from flask.testing import FlaskClient

from campaigns.store.database import Database
from campaigns.store.plans import store_plan
from campaigns.store.priorities import ContactFilter, contact_page, every_contact, latest_plan_head
from campaigns.store.tables import Person
from campaigns.store.tables import Plan as StoredPlan
from campaigns.terms import Plan, PlannedContact


def words(page: str) -> str:
    """The text of a page, as read."""
    text = re.sub(r"<[^>]+>", " ", page.split("<body>")[1]).replace("\N{NO-BREAK SPACE}", " ")
    return re.sub(r"\s+", " ", text)


def customers(page: str) -> list[str]:
    return re.findall(r'class="name">(?:<a [^>]*>)?<bdi>(\w+)', page)


def test_contacts_come_in_their_rank_with_reason_channel_promotion_and_worth(client: FlaskClient, plan: Plan) -> None:
    page = client.get("/priorities").text
    assert customers(page) == [contact.customer_id for contact in plan.contacts[:50]]
    shown = words(page)
    assert "130 contacts for 4 Mar to 10 Mar 2026" in shown
    assert "Worth about 1,300 EUR; 98.7 % of the best possible plan." in shown
    assert "C10000 E-mail 4 Mar 2026 spring-10 9.00 EUR bought running shoes 60 days ago" in shown


def test_pages_follow_one_another_and_lose_nobody(client: FlaskClient, plan: Plan) -> None:
    seen: list[str] = []
    address = "/priorities"
    while address:
        page = client.get(address).text
        seen += customers(page)
        following = re.search(r'rel="next" href="([^"]+)"', page)
        address = following[1].replace("&amp;", "&") if following else ""
    assert seen == [contact.customer_id for contact in plan.contacts]
    assert 'rel="prev"' in page


def test_the_filters_narrow_the_list_and_stay_on_the_next_page(client: FlaskClient, plan: Plan) -> None:
    page = client.get("/priorities?channel=call&promotion=trail-demo").text
    wanted = [contact.customer_id for contact in plan.contacts if contact.channel == "call"]
    assert customers(page) == wanted[:50]
    assert '<option value="call" selected>Call (43)</option>' in page
    assert '<option value="trail-demo" selected>' in page
    assert "/priorities.csv?channel=call&amp;promotion=trail-demo" in page


def test_contacts_without_a_promotion_can_be_asked_for(client: FlaskClient, plan: Plan) -> None:
    page = client.get("/priorities?promotion=~").text
    assert customers(page) == [contact.customer_id for contact in plan.contacts if contact.promotion is None]
    assert "No promotion (43)" in page


def test_a_filter_that_fits_nobody_says_so(client: FlaskClient) -> None:
    shown = words(client.get("/priorities?channel=call&promotion=spring-10").text)
    assert "No contact is like this." in shown


@pytest.mark.parametrize("page", ["0", "-1", "4", "99999999999999999999"])
def test_a_page_that_is_not_there_says_so(client: FlaskClient, page: str) -> None:
    assert client.get(f"/priorities?page={page}").status_code == 404


def test_a_page_number_that_is_none_is_the_first(client: FlaskClient) -> None:
    assert client.get("/priorities?page=first").status_code == 200


def test_who_was_left_out_is_counted_with_the_reason(client: FlaskClient) -> None:
    shown = words(client.get("/priorities").text)
    assert "no consent 4,120 contacted too often 873 sales is handling this 41" in shown


def test_customers_held_back_are_marked_and_left_out_of_the_file(client: FlaskClient, plan: Plan) -> None:
    page = client.get("/priorities").text
    assert page.count('<span class="tag">held back</span>') == 5
    assert "13 of these customers are held back at random" in words(page)
    rows = list(csv.DictReader(io.StringIO(client.get("/priorities.csv").text)))
    assert [row["customer_id"] for row in rows] == [c.customer_id for c in plan.contacts if not c.ghost]


def test_the_file_holds_the_filtered_list_with_full_figures(client: FlaskClient, plan: Plan) -> None:
    answer = client.get("/priorities.csv?channel=mail")
    assert answer.mimetype == "text/csv"
    assert 'filename="priorities-2026-03-04.csv"' in answer.headers["Content-Disposition"]
    rows = list(csv.DictReader(io.StringIO(answer.text)))
    wanted = [contact for contact in plan.contacts if contact.channel == "mail" and not contact.ghost]
    assert [row["customer_id"] for row in rows] == [contact.customer_id for contact in wanted]
    assert rows[0] == {
        "customer_id": "C10002",
        "promotion": "",
        "channel": "mail",
        "on": "2026-03-06",
        "expected_value": "8.78",
        "reason": "usually buys on offer; quiet for 90 days",
        "probability": "0.9",
    }


def test_the_list_comes_as_a_workbook_too(client: FlaskClient) -> None:
    assert "/priorities.xlsx?channel=mail" in client.get("/priorities?channel=mail").text
    book = openpyxl.load_workbook(io.BytesIO(client.get("/priorities.xlsx?channel=mail").data))
    assert book.sheetnames == ["Contacts", "Columns"]
    (first,) = book["Contacts"].iter_rows(min_row=2, max_row=2, values_only=True)
    assert (first[0], first[4]) == ("C10002", 8.78)


def test_a_spreadsheet_takes_no_text_of_the_file_for_a_formula(written_app: Flask, plan: Plan) -> None:
    evil = replace(plan.contacts[0], customer_id='=HYPERLINK("http://x")', reason="@sum", promotion="-1+1")
    _store(written_app.extensions["touchstone"].database, replace(plan, contacts=(evil,)))
    (row,) = csv.DictReader(io.StringIO(written_app.test_client().get("/priorities.csv").text))
    assert row["customer_id"] == '\'=HYPERLINK("http://x")'
    assert row["reason"] == "'@sum"
    assert row["promotion"] == "'-1+1"
    assert row["expected_value"] == "9.0"


def test_names_that_try_to_be_markup_stay_text(written_app: Flask, plan: Plan) -> None:
    evil = replace(plan.contacts[0], customer_id="<b>x", reason="<script>", channel='"><i>', promotion="a&b=c")
    _store(written_app.extensions["touchstone"].database, replace(plan, contacts=(evil,), withheld={"<u>": 3}))
    page = written_app.test_client().get("/priorities").text
    for tag in ("<b>x", "<script>", "<i>", "<u>"):
        assert tag not in page
    found = written_app.test_client().get("/priorities", query_string={"promotion": "a&b=c", "channel": '"><i>'})
    assert "1 to 1 of 1." in words(found.text)


def test_before_the_first_plan_the_page_says_how_to_make_one(empty_app: Flask) -> None:
    client = empty_app.test_client()
    shown = words(client.get("/priorities").text)
    assert "There is no plan yet" in shown
    assert "touchstone plan" in shown
    assert client.get("/priorities.csv").status_code == 404


def test_a_cancelled_plan_is_not_shown(empty_app: Flask, plan: Plan) -> None:
    _store(empty_app.extensions["touchstone"].database, plan, state="cancelled")
    assert "There is no plan yet" in empty_app.test_client().get("/priorities").text


def test_an_empty_plan_is_shown_with_who_was_left_out(empty_app: Flask, plan: Plan) -> None:
    _store(
        empty_app.extensions["touchstone"].database, replace(plan, contacts=(), bound=0.0, gap=0.0, expected_value=0.0)
    )
    shown = words(empty_app.test_client().get("/priorities").text)
    assert "0 contacts" in shown
    assert "No contact is like this." in shown
    assert "no consent" in shown


def test_both_databases_rank_filter_and_count_contacts_alike(database: Database, plan: Plan) -> None:
    plan_id = _store(database, plan)
    head = latest_plan_head(database)
    assert head is not None
    assert (head.id, head.contacts, head.held_back) == (plan_id, 130, 13)
    assert head.channels == (("email", 44), ("call", 43), ("mail", 43))
    assert head.promotions == (("spring-10", 44), (None, 43), ("trail-demo", 43))
    page = contact_page(database, plan_id, ContactFilter(channel="call"), offset=40, limit=50)
    assert page.total == 43
    assert page.contacts == tuple(contact for contact in plan.contacts if contact.channel == "call")[40:]
    assert tuple(every_contact(database, plan_id, ContactFilter())) == plan.contacts
    assert list(every_contact(database, plan_id, ContactFilter(without_promotion=True, with_held_back=False))) == [
        contact for contact in plan.contacts if contact.promotion is None and not contact.ghost
    ]


def test_a_list_of_many_contacts_is_read_piece_by_piece_without_loss(
    sqlite_database: Database, plan: Plan, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("campaigns.store.priorities.CHUNK", 13)
    plan_id = _store(sqlite_database, plan)
    assert tuple(every_contact(sqlite_database, plan_id, ContactFilter())) == plan.contacts


def _store(database: Database, plan: Plan, state: str = "draft") -> int:
    with database.transaction() as session:
        person = Person()
        session.add(person)
        session.flush()
        assert person.id is not None
        return store_plan(session, plan, [person.id] * len(plan.contacts), run_id=None, options={}, state=state)


def test_a_contact_is_read_as_it_was_stored(sqlite_database: Database, plan: Plan) -> None:
    contact = PlannedContact("C1", None, "sms", date(2026, 3, 4), 1.5, "because", 0.25, True)
    plan_id = _store(sqlite_database, replace(plan, contacts=(contact,)))
    assert contact_page(sqlite_database, plan_id, ContactFilter()).contacts == (contact,)


def test_sales_see_the_contacts_of_their_own_customers_and_no_more(
    written_app: Flask, plan: Plan, client_as: Any
) -> None:
    """Nobody in this plan is theirs: no contact, no worth of the plan and no reason of anybody else is shown."""
    sales = client_as("sales", written_app)
    page = sales.get("/priorities").text
    assert plan.contacts[0].customer_id not in page
    assert "best possible plan" not in page
    assert list(csv.DictReader(io.StringIO(sales.get("/priorities.csv").text))) == []


def test_the_front_line_is_not_shown_what_contacts_are_worth(written_app: Flask, client_as: Any) -> None:
    front = client_as("front_line", written_app)
    assert front.get("/priorities").status_code == 403
    assert front.get("/priorities.csv").status_code == 403


def test_a_plan_keeps_how_many_contacts_it_has_and_older_ones_are_counted(sqlite_database: Database) -> None:
    contacts = [
        PlannedContact(f"C-{place}", promotion, channel, date(2026, 3, 4), 1.0, "near", ghost=place == 0)
        for place, (channel, promotion) in enumerate([("email", "a"), ("email", "a"), ("call", None), ("email", "b")])
    ]
    plan = Plan(
        id=0,
        starts_on=date(2026, 3, 4),
        ends_on=date(2026, 3, 10),
        contacts=tuple(contacts),
        expected_value=4.0,
        bound=4.0,
        gap=0.0,
        constraints=(),
        withheld={},
    )
    with sqlite_database.transaction() as session:
        session.add_all(Person(id=number + 1) for number in range(len(contacts)))
        number = store_plan(session, plan, [1, 2, 3, 4], run_id=None, options={})
    kept = latest_plan_head(sqlite_database)
    with sqlite_database.transaction() as session:
        session.get_one(StoredPlan, number).views = None
    counted = latest_plan_head(sqlite_database)
    assert kept is not None
    assert counted is not None
    assert sorted(kept.groups, key=str) == sorted(counted.groups, key=str)
    wishes = [
        ContactFilter(),
        ContactFilter("email"),
        ContactFilter("email", "a"),
        ContactFilter("email", "a", with_held_back=False),
        ContactFilter(without_promotion=True),
        ContactFilter("sms"),
    ]
    assert [kept.count(wish) for wish in wishes] == [4, 3, 2, 1, 1, 0]
    assert [kept.count(wish) for wish in wishes] == [
        contact_page(sqlite_database, number, wish).total for wish in wishes
    ]
    assert kept.count(ContactFilter(owner="Ada")) is None
