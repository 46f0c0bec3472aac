"""The marketer's story: from an offer to lists that hold exactly the plan's contacts."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import select

from campaigns.store import tables
from tests.web.stories.firm import LOOKS, WAIT, Firm, figure, follow
from tests.web.stories.market import CALL_COST, MAIL_COST, to_come

BUDGET = 20


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_a_marketer_plans_within_budget_settles_a_clash_and_exports_exactly_the_plan(
    firm: Firm, width: int, scheme: str
) -> None:
    tell(firm, width, scheme)


@pytest.mark.slow
@pytest.mark.database
def test_the_same_story_on_postgresql(firm_on_postgresql: Firm) -> None:
    tell(firm_on_postgresql, 1280, "dark")


def tell(firm: Firm, width: int, scheme: str) -> None:
    with firm.planner():
        visit = firm.sign_in("mara", width, scheme)
        page = visit.page
        make_the_offer(firm, visit)
        see_what_it_would_bring(firm, visit)
        number = plan_within_budget(firm, visit)
        compare(firm, visit)
        approve(firm, visit, number)
        held = sales_holds_an_account(firm)
        settle(firm, visit)
        export(firm, visit, number)
        lists_hold_exactly_the_plan(firm, visit, number, held)
        assert page.locator("html[lang=en]").count() == 1
        visit.assert_clean()


def make_the_offer(firm: Firm, visit: Any) -> None:
    """An offer for families of the north, counted while it is written."""
    page: Page = visit.page
    follow(page, "Promotions")
    page.get_by_role("link", name="New promotion").click()
    page.get_by_label("Key").fill("tea")
    page.get_by_label("Name", exact=True).fill("Spring tea")
    page.get_by_label("The offer in words").fill("A pot of tea with every kettle.")
    page.get_by_label("Margin of one order").fill("25")
    page.get_by_label("Discount on one order").fill("5")
    page.get_by_label("Budget").fill("30")
    page.get_by_label("First day").fill(to_come(1).isoformat())
    page.get_by_label("Last day").fill(to_come(40).isoformat())
    page.get_by_label("Response code").fill("TEA5")
    expect(page.locator("#size")).to_have_text("60 customers are in it", timeout=WAIT)
    page.get_by_role("group", name="Segment").get_by_label("families").check()
    expect(page.locator("#size")).to_have_text("30 customers are in it", timeout=WAIT)
    page.get_by_role("group", name="Region").get_by_label("north").check()
    expect(page.locator("#size")).to_have_text("15 customers are in it", timeout=WAIT)
    firm.look(visit)
    page.get_by_role("button", name="Save").click()
    page.get_by_role("heading", level=1, name="Spring tea").wait_for()
    with firm.database.reading() as session:
        made = session.exec(select(tables.Promotion).where(tables.Promotion.promotion == "tea")).one()
        assert (made.margin, made.discount, made.budget, made.response_code) == (2500, 500, 3000, "TEA5")


def see_what_it_would_bring(firm: Firm, visit: Any) -> None:
    """The planner reckons: 12 of the 15 (sales handles Zeynep's 3), and the club wants the same people."""
    page: Page = visit.page
    page.get_by_role("button", name="Work out what it would bring").click()
    expect(page.locator(".found")).to_contain_text("extra orders, likely", timeout=WAIT)
    assert figure(page, "Could be reached") == "12"
    assert "Sales is handling 3 people who could get it" in page.locator("main").inner_text()
    rival = page.get_by_role("row").filter(has_text="Coffee club")
    assert int(rival.get_by_role("cell").first.inner_text()) > 0
    firm.look(visit)


def plan_within_budget(firm: Firm, visit: Any) -> int:
    page: Page = visit.page
    page.get_by_role("link", name="Plan it").click()
    page.get_by_label("Budget").fill(str(BUDGET))
    page.get_by_role("button", name="Make the plan").click()
    page.wait_for_url(re.compile(r"/plan/\d+$"), timeout=WAIT)
    number = int(page.url.rpartition("/")[2])
    contacts = planned(firm, number)
    spent = sum(CALL_COST if one.channel == "call" else MAIL_COST for one in contacts)
    assert 0 < spent <= BUDGET + 1e-9
    assert {one.promotion for one in contacts} == {"tea", "club"}
    told = page.get_by_role("heading", level=1).inner_text()
    assert told.startswith(f"{len(contacts)} contacts")
    assert figure(page, "People") == str(len({one.customer_id for one in contacts}))
    calls = sum(one.channel == "call" for one in contacts)
    row = page.locator("table.calendar tbody tr").filter(has=page.get_by_role("rowheader", name="Call")).first
    assert row.get_by_role("cell").last.inner_text() == str(calls)
    main = page.locator("main").inner_text()
    assert "Sales is handling this" in main
    assert "Zeynep" in main
    firm.look(visit)
    return number


def compare(firm: Firm, visit: Any) -> None:
    """Less money is worth less, an agent more is worth no less."""
    page: Page = visit.page
    page.get_by_role("link", name="What if").click()
    page.get_by_label("Budget 20 % less").check()
    page.get_by_label("One more agent").check()
    page.get_by_role("button", name="Compare").click()
    rows = page.locator("table.sides tbody tr")
    expect(rows).to_have_count(3, timeout=WAIT)
    worth = [amount(rows.nth(place).get_by_role("cell").first.inner_text()) for place in range(3)]
    assert worth[1] < worth[0] <= worth[2]
    assert amount(rows.nth(1).get_by_role("cell").nth(4).inner_text()) <= BUDGET * 0.8
    firm.look(visit)


def approve(firm: Firm, visit: Any, number: int) -> None:
    page: Page = visit.page
    follow(page, "Plan")
    page.get_by_role("button", name="Approve").click()
    expect(page.get_by_role("button", name="Export")).to_be_visible(timeout=WAIT)
    assert f"Approved: {len(planned(firm, number))} contacts have their place." in page.locator("main").inner_text()
    assert len(places(firm, number, "reserved")) == len(planned(firm, number))


def sales_holds_an_account(firm: Firm) -> set[str]:
    """Meanwhile Sam keeps account A-1 to himself; return whom the plan would have contacted there."""
    visit = firm.sign_in("sam", wants="/accounts/A-1")
    visit.page.get_by_label("Why").fill("we sign on Friday")
    visit.page.get_by_role("button", name="Hold them for sales").click()
    visit.page.get_by_role("heading", name="The plan is approved already").wait_for()
    visit.page.context.close()
    return {f"C-{number}" for number in range(1, 7)}


def settle(firm: Firm, visit: Any) -> None:
    """Each clash is settled by one click, and its contact gives its place back."""
    page: Page = visit.page
    follow(page, "Clashes")
    leave = page.get_by_role("button", name="Leave them to sales")
    clashes = leave.count()
    assert clashes > 0
    firm.look(visit)
    for left in range(clashes - 1, -1, -1):
        leave.first.click()
        expect(leave).to_have_count(left)
    page.get_by_role("heading", level=1, name="No open clash this week").wait_for()
    with firm.database.reading() as session:
        settled = session.exec(select(tables.ClashResolution)).all()
    assert [one.how for one in settled] == ["marketing yields"] * clashes


def export(firm: Firm, visit: Any, number: int) -> None:
    page: Page = visit.page
    follow(page, "Plan")
    page.get_by_role("button", name="Export").click()
    lists = page.get_by_role("link", name="Lists to send from")
    expect(lists).to_be_visible(timeout=WAIT)
    assert places(firm, number, "reserved") == []
    lists.click()
    firm.look(visit)


def lists_hold_exactly_the_plan(firm: Firm, visit: Any, number: int, held: set[str]) -> None:
    """What goes out is what the ledger committed: nobody more, nobody less, nobody twice, nobody whom sales keeps."""
    page: Page = visit.page
    committed = places(firm, number, "committed")
    assert committed
    assert not held & {one.customer_id for one in committed}
    with page.expect_download() as download:
        page.get_by_role("link", name="All lists in one file").click()
    with zipfile.ZipFile(download.value.path()) as archive:
        files = {name: archive.read(name) for name in archive.namelist()}
    mails = read(files["emails.csv"])
    calls = [row for name, body in files.items() if re.fullmatch(r"calls-.*\.csv", name) for row in read(body)]
    for rows, channel in ((mails, "email"), (calls, "call")):
        listed = sorted((row["customer_id"], row["on"], row["promotion"]) for row in rows)
        meant = sorted(
            (one.customer_id, one.on.isoformat(), one.promotion) for one in committed if one.channel == channel
        )
        assert listed == meant
    assert all(
        row["email"] == f"{row['first_name']}.{row['customer_id'][2:]}@customers.example".lower() for row in mails
    )
    page.go_back()
    follow(page, "Plan")
    with page.expect_download() as table:
        page.get_by_role("link", name="Contacts as CSV").click()
    rows = read(table.value.path().read_bytes())
    meant = sorted((one.customer_id, one.channel, one.on.isoformat()) for one in committed)
    assert sorted((row["customer_id"], row["channel"], row["on"]) for row in rows) == meant


def planned(firm: Firm, number: int) -> list[tables.PlannedContact]:
    with firm.database.reading() as session:
        row = tables.PlannedContact
        return list(session.exec(select(row).where(row.plan_id == number)).all())


def places(firm: Firm, number: int, state: str) -> list[tables.Reservation]:
    with firm.database.reading() as session:
        row = tables.Reservation
        return list(session.exec(select(row).where(row.plan_id == number, row.state == state)).all())


def amount(text: str) -> float:
    """Read a sum of money as the page writes it."""
    return float(re.sub(r"[^\d.-]", "", text))


def read(body: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"))))
