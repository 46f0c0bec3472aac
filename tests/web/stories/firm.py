"""The firm's site as somebody of its staff sees it, with the planner at work beside it."""

from __future__ import annotations

import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page

from campaigns.settings import Settings
from campaigns.store import plan_requests
from campaigns.store.database import Database
from jobs.plan_worker import carry_out
from tests.web.stories.market import PASSWORD
from web.app import create_app

WAIT = 60_000
"""Milliseconds that a page or the planner may take, on a busy machine."""

LOOKS = [
    pytest.param(1280, "light", id="wide-light"),
    pytest.param(1280, "dark", id="wide-dark", marks=pytest.mark.slow),
    pytest.param(390, "light", id="phone-light", marks=pytest.mark.slow),
    pytest.param(390, "dark", id="phone-dark", marks=pytest.mark.slow),
]
"""Each story is told quickly on a wide light screen; the slow tellings look at each page with axe, too, and have the
planner work in a process of its own."""


@dataclass
class Firm:
    """The firm's site and database; ``sign_in("mia")`` opens a browser, types in address and password, and is in."""

    app: Flask
    database: Database
    page_as: Callable[..., Any]
    thorough: bool = False

    def sign_in(self, name: str, width: int = 1280, scheme: str = "light", wants: str = "/today") -> Any:
        visit = self.page_as(None, app=self.app, width=width, scheme=scheme)
        visit.page.set_default_timeout(WAIT)
        page = visit.open(wants)
        page.get_by_label("E-mail address").fill(name if "@" in name else f"{name}@shop.example")
        page.get_by_label("Password").fill(PASSWORD)
        with page.expect_navigation():
            page.get_by_role("button", name="Sign in").click()
        return visit

    def look(self, visit: Any) -> None:
        """Assert that the page fits its screen, and where there is time for it, that axe finds nothing serious."""
        visit.assert_fits()
        if self.thorough:
            visit.assert_accessible()

    @contextmanager
    def planner(self) -> Iterator[None]:
        """Have the planner work off what is asked for: thoroughly in its own process, else in a thread of this one."""
        with self._own_process() if self.thorough else self._thread():
            yield

    @contextmanager
    def _own_process(self) -> Iterator[None]:
        settings: Settings = self.app.extensions["touchstone"].settings
        own = {name: text for name, text in os.environ.items() if not name.startswith("TOUCHSTONE_")}
        told = {name: text for name, text in settings.environ().items() if name.startswith("TOUCHSTONE_")}
        root = str(Path(__file__).parents[3])
        process = subprocess.Popen(
            [sys.executable, "-m", "jobs.plan_poller"], env={**own, **told, "PYTHONPATH": root}, cwd=root
        )
        try:
            yield
        finally:
            process.terminate()
            process.wait(timeout=30)

    @contextmanager
    def _thread(self) -> Iterator[None]:
        over = threading.Event()
        settings: Settings = self.app.extensions["touchstone"].settings

        def work() -> None:
            while not over.wait(0.1):
                with self.database.transaction() as session:
                    found = plan_requests.claim(session)
                    number, attempt = (found.id or 0, found.attempts) if found else (0, 0)
                if number:
                    carry_out(self.database, settings, number, attempt)

        thread = threading.Thread(target=work, daemon=True)
        thread.start()
        try:
            yield
        finally:
            over.set()
            thread.join(timeout=60)


def site_of(url: str) -> Flask:
    """The site as it is served, upon the firm's database; a press of Run now waits for a scheduler."""
    return create_app(Settings(database_url=url, time_zone="Europe/Istanbul", currency="EUR", secret_key="0" * 64))


def figure(page: Page, name: str) -> str:
    """Read a figure of a page by what it is called."""
    return page.locator("dl.facts div").filter(has_text=name).locator("dd.figure").inner_text()


def follow(page: Page, name: str) -> None:
    """Go to a page by the navigation, opening the menu where the screen is narrow."""
    menu = page.locator("details.menu > summary")
    if menu.is_visible():
        menu.click()
    entry = page.get_by_role("navigation", name="Pages").get_by_role("link", name=name, exact=True)
    entry.locator("visible=true").click()
