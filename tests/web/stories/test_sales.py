"""The story of sales: own accounts only, a hold that empties the next plan of them, a call logged, a lead taken up."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect
from sqlmodel import select

from campaigns.store import tables
from tests.web.stories.firm import LOOKS, WAIT, Firm, follow
from tests.web.stories.market import to_come
from tests.web.stories.test_marketer import planned

MINE = {f"C-{number}" for number in range(1, 7)}
"""The people of A-1, which is Sam's."""


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_sales_locks_an_account_and_watches_the_plan_change(firm: Firm, width: int, scheme: str) -> None:
    lock(firm, width, scheme)


@pytest.mark.slow
@pytest.mark.database
def test_the_same_story_on_postgresql(firm_on_postgresql: Firm) -> None:
    lock(firm_on_postgresql, 1280, "light")


def lock(firm: Firm, width: int, scheme: str) -> None:
    with firm.planner():
        first = drafted_by_a_marketer(firm)
        before = [one for one in planned(firm, first) if one.customer_id in MINE]
        assert before
        visit = firm.sign_in("sam", width, scheme, wants="/customers")
        sees_own_accounts_only(firm, visit)
        page: Page = visit.page
        page.get_by_role("link", name="Ada Aksoy").click()
        page.get_by_role("link", name="Account A-1").click()
        refused_without_a_reason(firm, visit)
        page.get_by_label("Why").fill("we sign on Friday")
        page.get_by_label("Until").fill(to_come(20).isoformat())
        page.get_by_role("button", name="Hold them for sales").click()
        expect(page.get_by_role("heading", name="left the plan")).to_be_visible(timeout=WAIT)
        told = page.get_by_role("heading", name="left the plan").inner_text()
        gone = page.locator("#change table").first.locator("tbody tr")
        assert told.startswith(f"{len(before)} contact")
        assert gone.count() == len(before)
        firm.look(visit)
        with firm.database.reading() as session:
            (hold,) = session.exec(select(tables.SalesHold)).all()
            assert (hold.owner, hold.account_id, hold.reason, hold.until) == (
                "Sam",
                "A-1",
                "we sign on Friday",
                to_come(20),
            )
            second = max(session.exec(select(tables.Plan.id)).all(), key=int)
        assert second == first + 1
        assert not MINE & {one.customer_id for one in planned(firm, second)}
        visit.assert_clean()


def drafted_by_a_marketer(firm: Firm) -> int:
    visit = firm.sign_in("mara", wants="/plan/new")
    visit.page.get_by_role("button", name="Make the plan").click()
    visit.page.wait_for_url(re.compile(r"/plan/\d+$"), timeout=WAIT)
    number = int(visit.page.url.rpartition("/")[2])
    visit.page.context.close()
    return number


def sees_own_accounts_only(firm: Firm, visit: Any) -> None:
    page: Page = visit.page
    listed = page.locator("table.found tbody tr")
    assert {text.split("\n")[1] for text in listed.locator("th").all_inner_texts()} == MINE
    firm.look(visit)
    page.get_by_role("searchbox").fill("C-7")
    page.get_by_role("button", name="Find").click()
    page.get_by_text("Nobody is found.").wait_for()
    assert page.goto(f"{visit.home}/accounts/A-2").status == 404
    assert page.goto(f"{visit.home}/customers/C-7").status == 404
    assert page.goto(f"{visit.home}/plan").status == 403
    visit.complaints.clear()  # the browser notes every answer that refuses
    follow(page, "Priorities")
    shown = page.locator("table.contacts tbody th").all_inner_texts()
    assert shown
    assert {text.strip() for text in shown} <= MINE
    follow(page, "Customers")


def refused_without_a_reason(firm: Firm, visit: Any) -> None:
    """A hold without a reason is refused by the browser, and nothing is kept."""
    page: Page = visit.page
    page.get_by_role("button", name="Hold them for sales").click()
    assert page.get_by_label("Why").evaluate("field => field.validity.valueMissing")
    with firm.database.reading() as session:
        assert session.exec(select(tables.SalesHold)).all() == []


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_a_lead_is_handed_over_called_and_its_clock_stops(firm: Firm, width: int, scheme: str) -> None:
    marketer = firm.sign_in("mara", width, scheme, wants="/customers/C-30")
    page: Page = marketer.page
    page.get_by_label("To whom").select_option("Sam")
    page.get_by_label("What they asked for").fill("a machine for the office")
    firm.look(marketer)
    page.get_by_role("button", name="Hand them over").click()
    page.get_by_text("Sam has this lead now; marketing keeps silent.").wait_for()
    waiting = page.locator("tbody tr")
    assert waiting.count() == 2  # and the one that a file told of
    firm.look(marketer)
    marketer.assert_clean()

    visit = firm.sign_in("sam", width, scheme, wants="/leads")
    page = visit.page
    assert page.get_by_role("heading", level=1).inner_text() == "2 leads wait to be spoken to"
    page.get_by_role("button", name="Followed up: C-5").click()
    page.get_by_text("the clock has stopped").wait_for()
    page.get_by_role("link", name="C-30").click()
    page.get_by_label("Reached", exact=True).check()
    page.get_by_role("button", name="Log it").click()
    page.get_by_text("Logged. The next plan heeds it.").wait_for()
    firm.look(visit)
    follow(page, "Clashes")
    page.get_by_role("navigation", name="Marketing and sales").get_by_role("link", name="Leads").click()
    assert page.get_by_role("heading", level=1).inner_text() == "No lead waits"
    visit.assert_clean()
    with firm.database.reading() as session:
        (handed,) = session.exec(select(tables.Handover)).all()
        assert (handed.owner, handed.customer_id, handed.reason, handed.handed_by) == (
            "Sam",
            "C-30",
            "a machine for the office",
            "Mara",
        )
        assert handed.followed_up_at is not None
        (call,) = session.exec(select(tables.Touch).where(tables.Touch.source == "site")).all()
        assert (call.channel, call.outcome) == ("call", "reached")
        (talk,) = session.exec(select(tables.SalesActivity)).all()
        assert (talk.owner, talk.kind) == ("Sam", "follow-up")
        actions = {entry.action for entry in session.exec(select(tables.AuditEntry)).all()}
        assert {"lead handed over", "lead followed up", "outcome logged"} <= actions
