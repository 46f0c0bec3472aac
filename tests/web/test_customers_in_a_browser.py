"""The stories of sales and of front line in a browser, and their pages at any width."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlmodel import select

from campaigns.store import tables
from campaigns.store.database import Database

pytestmark = pytest.mark.slow

VisitAs = Callable[..., Any]


@pytest.fixture
def app(written_app: Flask) -> Flask:
    """A site with a plan, and a customer of an account that is Ada's."""
    database: Database = written_app.extensions["touchstone"].database
    now = datetime.now(UTC)
    with database.transaction() as session:
        batch = tables.ImportBatch(kind="customers", source="shop", path="p", digest="d", started_at=now)
        identity = tables.Identity(kind="customer", value="C-1", person_id=1)
        session.add_all([batch, identity])
        session.flush()
        row = tables.Customer(
            batch_id=batch.id or 0,
            source="shop",
            row_key="C-1",
            identity_id=identity.id or 0,
            first_name="Ada",
            last_name="آدا 👩‍🚀 " + "x" * 190,
            owner="Ada",
            account_id="A-1",
        )
        session.add(row)
    return written_app


def test_front_line_logs_an_outcome_with_two_clicks(app: Flask, page_as: VisitAs) -> None:
    visit = page_as("front_line", app=app, width=320, scheme="dark")
    page = visit.open("/customers/C-1")
    page.get_by_label("Declined", exact=True).check()
    page.get_by_role("button", name="Log it").click()
    page.get_by_text("Logged. The next plan heeds it.").wait_for()

    visit.assert_fits()
    visit.assert_accessible()
    visit.assert_clean()


def test_sales_locks_an_account_and_watches_the_plan_change(app: Flask, page_as: VisitAs) -> None:
    visit = page_as("sales", app=app)
    page = visit.open("/accounts/A-1")
    page.get_by_label("Why").fill("we are closing a deal")
    page.get_by_role("button", name="Hold them for sales").click()
    page.get_by_role("heading", name="The plan is being drafted anew").wait_for()
    visit.assert_accessible()
    database: Database = app.extensions["touchstone"].database
    with database.transaction() as session:
        asked = session.exec(select(tables.PlanRequest)).one()
        asked.state = "done"
        old = session.exec(select(tables.Plan)).one()
        columns = {name: value for name, value in old.model_dump().items() if name not in ("id", "created_at")}
        session.add_all([asked, tables.Plan(**columns, created_at=datetime.now(UTC) + timedelta(seconds=1))])
    page.get_by_role("heading", name="contact left the plan").wait_for(timeout=10_000)

    assert page.get_by_role("heading", name="No longer planned").is_visible()
    visit.assert_clean()


@pytest.mark.parametrize("address", ["/customers?q=Ada", "/customers/C-1", "/accounts/A-1", "/clashes"])
@pytest.mark.parametrize(("width", "scheme"), [(320, "light"), (1280, "dark")])
def test_every_page_fits_and_is_accessible(app: Flask, page_as: VisitAs, address: str, width: int, scheme: str) -> None:
    visit = page_as("manager", app=app, width=width, scheme=scheme)
    visit.open(address)

    visit.assert_fits()
    visit.assert_accessible()
    visit.assert_clean()
