"""The story of the front line: a customer found, what they declined read, a refusal logged, and never offered again."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Page
from sqlmodel import select

from campaigns.store import tables
from tests.web.stories.firm import LOOKS, WAIT, Firm
from tests.web.stories.market import ANNOYED
from tests.web.stories.test_marketer import planned
from tests.web.stories.test_sales import drafted_by_a_marketer

SEEK = "C-40"
"""Jale Erdem, to whom the plan speaks about the club."""


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
def test_the_front_line_logs_a_refusal_with_two_clicks_and_the_next_plan_heeds_it(
    firm: Firm, width: int, scheme: str
) -> None:
    with firm.planner():
        first = drafted_by_a_marketer(firm)
        offered = {one.promotion for one in planned(firm, first) if one.customer_id == SEEK}
        assert offered == {"club"}
        visit = firm.sign_in("finn", width, scheme)
        page: Page = visit.page
        assert page.get_by_role("heading", level=1).inner_text() == "Whom to speak to today"
        what_was_declined_and_what_interests(firm, visit)
        for typed in ("Jale Erdem", "jale.40@customers", "0532 000 0040", SEEK):
            find(visit, typed)
        assert page.get_by_label("About").input_value() == "club"
        page.get_by_label("Declined", exact=True).check()
        page.get_by_role("button", name="Log it").click()
        page.get_by_text("Logged. The next plan heeds it.").wait_for()
        assert page.get_by_role("region", name="Declined").get_by_text("Coffee club").is_visible()
        firm.look(visit)
        visit.assert_clean()
        with firm.database.reading() as session:
            (kept,) = session.exec(select(tables.Response).where(tables.Response.source == "site")).all()
            assert (kept.kind, kept.promotion, kept.channel) == ("decline", "club", "call")
        second = drafted_by_a_marketer(firm)
        assert second != first
        assert [one for one in planned(firm, second) if one.customer_id == SEEK] == []
        page.reload()
        say = page.get_by_role("region", name="Do not say, and why")
        assert "declined this offer" in say.inner_text()


def find(visit: object, typed: str) -> None:
    page: Page = visit.page  # type: ignore[attr-defined]
    page.goto(f"{visit.home}/customers")  # type: ignore[attr-defined]
    page.get_by_role("searchbox").fill(typed)
    page.keyboard.press("Enter")
    if typed != SEEK:
        page.wait_for_url(re.compile("q="))
        assert page.locator("table.found tbody tr").count() == 1, typed
        page.get_by_role("link", name="Jale Erdem").click()
    page.get_by_role("heading", level=1, name="Jale Erdem").wait_for(timeout=WAIT)


def what_was_declined_and_what_interests(firm: Firm, visit: object) -> None:
    page: Page = visit.page  # type: ignore[attr-defined]
    page.goto(f"{visit.home}/customers/{ANNOYED}")  # type: ignore[attr-defined]
    declined = page.get_by_role("region", name="Declined").inner_text()
    assert "Coffee club" in declined
    assert "drinks tea only" in declined
    assert "kettle" in page.get_by_role("region", name="Interested in").inner_text().lower()
    assert "Margin" not in page.locator("main").inner_text()
    top = page.get_by_role("region", name="Declined").bounding_box()
    log = page.get_by_role("region", name="Log what came of it").bounding_box()
    assert top is not None
    assert log is not None
    assert top["y"] < log["y"]
    firm.look(visit)
