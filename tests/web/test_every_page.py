"""Every page there is, found by the addresses of the site: in every look, with little, much and odd data."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from campaigns.secrets import hashed
from campaigns.store import runs, users
from campaigns.store.database import Database
from campaigns.store.results import publish
from campaigns.terms import Report

FILES = (".csv", ".json", ".svg", ".png", ".css", ".ics", ".pdf", ".xlsx", "/state", "/move", "/of", "/healthz")

MANY, LONG = 10_000, 200

NAMES = (
    ("🎉 Sommer-Aktion für alle! " * 10)[:LONG],
    ("عرض الربيع الكبير للعملاء الجدد " * 10)[:LONG],
    "Unbreakable" * (LONG // 11),
    "<script>alert('x')</script> & \"quotes\"",
)
"""Names that try a layout: emoji, from right to left, without a space, and with signs of HTML."""


def addresses(app: Flask) -> list[str]:
    """Every page of the site that needs to be told nothing."""
    return sorted(
        rule.rule
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ())
        and not rule.arguments
        and not rule.rule.endswith(FILES)
        and not rule.rule.startswith("/api/v1/")
    )


@pytest.fixture
def odd_app(small_file: Path, tmp_path: Path, report: Report, make_site: Callable[[str], Flask]) -> Flask:
    """A site whose report has 10,000 campaigns, some with names that try the layout."""
    file = tmp_path / "odd.db"
    shutil.copyfile(small_file, file)
    app = make_site(f"sqlite:///{file}")
    database: Database = app.extensions["touchstone"].database
    one = report.channels[0]
    named = [*NAMES, *(f"campaign {number}" for number in range(MANY - len(NAMES)))]
    campaigns = [
        replace(one, campaign=name, spend=float(2 * MANY - place), incremental=one.incremental)
        for place, name in enumerate(named)
    ]
    channels = (*report.channels, replace(one, channel=NAMES[0]), replace(one, channel=NAMES[1]))
    with database.transaction() as session:
        run = runs.request(session, "order", requested_by=NAMES[1], now=datetime(2026, 3, 4, tzinfo=UTC))
        runs.claim(session, run)
        publish(session, run, replace(report, campaigns=tuple(campaigns), channels=channels), {})
        runs.end(session, run, runs.State.PUBLISHED, now=datetime(2026, 3, 4, 1, tzinfo=UTC))
    return app


def test_no_page_fails_on_an_empty_database(client_as: Callable[..., Any], empty_app: Flask) -> None:
    client = client_as("administrator", empty_app)
    found = {address: client.get(address, follow_redirects=True).status_code for address in addresses(empty_app)}
    assert {address: status for address, status in found.items() if status != 200} == {}


@pytest.mark.slow
def test_no_page_fails_on_ten_thousand_campaigns_and_odd_names(client_as: Callable[..., Any], odd_app: Flask) -> None:
    client = client_as("administrator", odd_app)
    pages = {address: client.get(address, follow_redirects=True) for address in addresses(odd_app)}
    assert {address: page.status_code for address, page in pages.items() if page.status_code != 200} == {}
    assert all("<script>alert" not in page.text for page in pages.values())
    assert len(pages["/effectiveness"].data) < 1_500_000
    odd_app.extensions["touchstone"].database.dispose()


def test_a_failed_run_says_why_and_the_last_report_stands(client_as: Callable[..., Any], written_app: Flask) -> None:
    database: Database = written_app.extensions["touchstone"].database
    with database.transaction() as session:
        run = runs.request(session, "order", requested_by="test", now=datetime(2026, 3, 4, tzinfo=UTC))
        runs.claim(session, run)
        runs.end(session, run, runs.State.FAILED, "The disk is full.", now=datetime(2026, 3, 4, 1, tzinfo=UTC))
    client = client_as("manager", written_app)
    assert "The disk is full." in client.get(f"/runs/{run}").text
    page = client.get("/effectiveness").text
    assert "The disk is full." in page
    assert 'id="channels"' in page or "<table" in page


@pytest.mark.slow
@pytest.mark.parametrize(("width", "scheme"), [(1280, "light"), (1280, "dark"), (320, "light"), (320, "dark")])
@pytest.mark.parametrize("kind", ["filled", "empty", "odd"])
def test_every_page_fits_and_has_no_fault_of_access(
    request: pytest.FixtureRequest,
    client_as: Callable[..., Any],
    page_as: Callable[..., Any],
    kind: str,
    width: int,
    scheme: str,
) -> None:
    app = request.getfixturevalue({"filled": "written_app", "empty": "empty_app", "odd": "odd_app"}[kind])
    visit = page_as("administrator", app=app, width=width, scheme=scheme)
    client = client_as("administrator", app)
    for address in addresses(app):
        if "<title>" not in client.get(address, follow_redirects=True).text:
            continue  # a part of a page
        visit.open(address)
        visit.assert_fits()
        visit.assert_accessible()
    visit.assert_clean()


def _with_password(app: Flask, email: str, role: str) -> None:
    database: Database = app.extensions["touchstone"].database
    with database.transaction() as session:
        user = users.add(session, email, email.split("@")[0].capitalize(), [role])
        users.set_password(session, user, hashed("correct horse battery"))


@pytest.mark.slow
def test_a_manager_signs_in_by_keyboard_and_sees_what_moving_money_does(
    written_app: Flask, page_as: Callable[..., Any]
) -> None:
    _with_password(written_app, "mia@example.com", "manager")
    visit = page_as(None, app=written_app)
    page = visit.open("/effectiveness")
    page.get_by_label("E-mail address").focus()
    page.keyboard.type("mia@example.com")
    page.keyboard.press("Tab")
    page.keyboard.type("correct horse battery")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.get_by_role("heading", level=1).is_visible()
    page.get_by_role("link", name="Effectiveness").first.click()
    assert page.get_by_role("link", name="PDF").first.is_visible()
    page.get_by_role("link", name="Runs").first.click()
    page.get_by_role("button", name="Run now").first.click()
    assert "waiting" in page.locator("main").inner_text().lower()
    assert page.get_by_role("link", name="Users").count() == 0
    visit.assert_clean()


@pytest.mark.slow
def test_the_front_line_signs_in_by_keyboard_on_a_telephone_and_sees_no_report(
    written_app: Flask, page_as: Callable[..., Any]
) -> None:
    _with_password(written_app, "finn@example.com", "front_line")
    visit = page_as(None, app=written_app, width=320)
    page = visit.open("/today")
    page.get_by_label("E-mail address").focus()
    page.keyboard.type("finn@example.com")
    page.keyboard.press("Tab")
    page.keyboard.type("correct horse battery")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.get_by_role("heading", level=1).inner_text() == "Whom to speak to today"
    assert page.get_by_role("link", name="Effectiveness").count() == 0
    visit.open("/priorities")
    visit.assert_fits()
    assert page.locator("main").inner_text().strip()
    assert visit.open("/effectiveness").get_by_text("Your role does not open this page.").is_visible()
