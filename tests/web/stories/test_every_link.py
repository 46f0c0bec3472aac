"""Every page that a role can reach by links from its first page: it answers, fits, and is open to all."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import unquote, urlsplit

import pytest
from playwright.sync_api import Page
from sqlmodel import select

from campaigns.planning.drafting import draft_plan
from campaigns.planning.living import approve_plan, export_plan
from campaigns.planning.policy import ContactPolicy
from campaigns.store import tables
from campaigns.store.handovers import HandoverWish, hand_over
from campaigns.store.holds import HoldWish, place_hold
from tests.web.stories.firm import Firm
from tests.web.stories.market import STAFF, TODAY, to_come

ROLES = {role: email.partition("@")[0] for email, _name, role, _owner in STAFF}

FILES = re.compile(r"\.(csv|xlsx|svg|png|pdf|html|json|zip|ics)$|/lists/")
"""Addresses of files, which are no pages."""

LOOKS = ((390, "dark", "en"), (1280, "dark", "tr"), (1280, "light", "en"), (390, "light", "tr"))
"""Width, scheme and language. Who opens every page sees it in all of them, the others in the first two."""

CASES = [(role, *look) for role in ROLES for look in (LOOKS if role == "administrator" else LOOKS[:2])]


@pytest.fixture
def lively(firm: Firm) -> Firm:
    """The firm in the middle of a week: one plan went out, one clashes, one is drafted, a lead waits."""
    database, zone = firm.database, firm.app.extensions["touchstone"].settings.zone
    sent = draft_plan(database, starts_on=to_come(1), days=3, limit=20, zone=zone, by="Mara")
    approve_plan(database, sent.id, by="Mara", today=TODAY)
    export_plan(database, sent.id, by="Mara", today=TODAY)
    promised = draft_plan(database, starts_on=to_come(1), zone=zone, by="Mara")
    approve_plan(database, promised.id, by="Mara", today=TODAY)
    place_hold(
        database,
        ContactPolicy(),
        HoldWish("Sam", "we sign on Friday", TODAY + timedelta(days=20), account_id="A-1"),
        by="Sam",
        today=TODAY,
    )
    hand_over(database, HandoverWish("C-30", "Sam", "a machine for the office"), by="Mara")
    draft_plan(database, starts_on=to_come(8), zone=zone, by="Mara")
    return firm


@pytest.mark.slow
@pytest.mark.parametrize(("role", "width", "scheme", "speaks"), CASES)
def test_every_page_that_links_lead_to_fits_and_has_no_fault_of_access(
    lively: Firm, role: str, width: int, scheme: str, speaks: str
) -> None:
    with lively.database.transaction() as session:
        for user in session.exec(select(tables.User)).all():
            user.language = speaks
            session.add(user)
    visit = lively.sign_in(ROLES[role], width, scheme)
    seen = dict(walk(lively, visit))
    faults = {address: fault for address, fault in seen.items() if fault}
    assert faults == {}
    visit.assert_clean()
    least = {"marketer": 20, "manager": 20, "sales": 7, "front_line": 3, "administrator": 25}
    assert len(seen) >= least[role], sorted(seen)


def walk(firm: Firm, visit: Any) -> Iterator[tuple[str, str]]:
    """Follow links from the first page, one for each kind of page; give each address with its faults."""
    page: Page = visit.page
    waiting, kinds = [urlsplit(page.url).path], set()
    while waiting:
        address = waiting.pop(0)
        kind = endpoint(firm, address)
        if kind in kinds:
            continue
        kinds.add(kind)
        answer = page.goto(visit.home + address)
        faults = []
        if answer is None or answer.status != 200:
            faults.append(f"answers {answer.status if answer else 'nothing'}")
        for look in (visit.assert_fits, visit.assert_accessible):
            try:
                look()
            except AssertionError as fault:
                faults.append(str(fault)[:1_500])
        yield address, "\n".join(faults)
        links = page.eval_on_selector_all("a[href]", "found => found.map(one => one.href)")
        for link in links:
            parts = urlsplit(link)
            if link.startswith(visit.home) and not FILES.search(parts.path):
                waiting.append(parts.path + (f"?{parts.query}" if parts.query else ""))


def endpoint(firm: Firm, address: str) -> str:
    """Name the view that an address leads to; addresses that differ in numbers or filters are of one kind."""
    adapter = firm.app.url_map.bind("localhost")
    return str(adapter.match(unquote(urlsplit(address).path), method="GET")[0])
