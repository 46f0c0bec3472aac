"""The site as a browser sees it: Chromium drives it where one is installed."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, Page

from campaigns.reporting.lines import channel_lines
from campaigns.reporting.page import report_page
from campaigns.store import runs
from campaigns.terms import Report

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium is installed")

Serve = Callable[[Flask], AbstractContextManager[str]]

WIDTHS = (1600, 1280, 1030, 1020, 930, 768, 700, 480, 360, 320)

WATCH_POLICY = """
window.broken = [];
document.addEventListener("securitypolicyviolation", event => {
  window.broken.push(event.violatedDirective + " " + event.blockedURI);
});
"""


@dataclass
class Visit:
    """One open page, with everything that went wrong on it."""

    page: Page
    complaints: list[str] = field(default_factory=list)
    requests: list[str] = field(default_factory=list)

    def open(self, address: str) -> Page:
        self.page.goto(address)
        return self.page

    def assert_clean(self, home: str) -> None:
        assert self.complaints == []
        assert self.page.evaluate("window.broken") == []
        assert [address for address in self.requests if not address.startswith(home)] == []


@pytest.fixture(scope="module")
def home(published_app: Flask, serve: Serve) -> Iterator[str]:
    with serve(published_app) as address:
        yield address


def _administrator() -> str:
    """The cookie of an administrator of a test's site, who is signed in (``site_on`` in conftest.py)."""
    app = Flask("web")
    app.secret_key = "0" * 64
    serializer = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    return str(serializer.dumps({"sign_in": "signed in administrator", "csrf_token": "0" * 40, "_permanent": True}))


@contextmanager
def visiting(browser: Browser, width: int = 1280, scheme: str = "light") -> Iterator[Visit]:
    context = browser.new_context(viewport={"width": width, "height": 800}, color_scheme=scheme)  # type: ignore[arg-type]
    context.add_cookies([{"name": "touchstone", "value": _administrator(), "domain": "127.0.0.1", "path": "/"}])
    page = context.new_page()
    page.add_init_script(WATCH_POLICY)
    visit = Visit(page)
    page.on(
        "console",
        lambda message: visit.complaints.append(message.text) if message.type in ("error", "warning") else None,
    )
    page.on("pageerror", lambda error: visit.complaints.append(str(error)))
    page.on("request", lambda request: visit.requests.append(request.url))
    yield visit
    context.close()


@pytest.mark.parametrize("address", ["/today", "/effectiveness", "/journeys", "/experiments", "/priorities"])
def test_pages_ask_nothing_of_other_sites_break_no_policy_and_fit_every_width(
    browser: Browser, home: str, address: str
) -> None:
    with visiting(browser) as visit:
        page = visit.open(home + address)
        for width in WIDTHS:
            page.set_viewport_size({"width": width, "height": 800})
            room = page.evaluate("[document.documentElement.scrollWidth, window.innerWidth]")
            assert room[0] <= room[1], f"{address} scrolls sideways at {width}"
        visit.assert_clean(home)


def test_the_numbers_on_the_page_are_the_reports(browser: Browser, home: str, report: Report) -> None:
    with visiting(browser) as visit:
        page = visit.open(f"{home}/effectiveness")
        for line in channel_lines(report):
            row = page.locator(f'tr[data-channel="{line.effect.channel}"]')
            cells = [text.replace("\N{NO-BREAK SPACE}", " ") for text in row.locator("th, td").all_inner_texts()]
            assert cells[0].split("\n") == [line.name, line.proof_words]
            assert cells[1].strip() == line.action.value
            assert cells[2] == line.spend.replace("\N{NO-BREAK SPACE}", " ")
            assert cells[3].split("\n") == [part for part in (line.credited, line.claimed) if part]
            assert cells[4].split("\n") == [line.extra, line.extra_range]
            cost = [part for part in (line.cost, line.cost_range) if part]
            assert cells[5].split("\n") == [part.replace("\N{NO-BREAK SPACE}", " ") for part in cost]


def test_wide_screens_get_tables_and_wide_drawings_and_narrow_ones_cards_and_narrow_drawings(
    browser: Browser, home: str
) -> None:
    with visiting(browser) as visit:
        page = visit.open(f"{home}/effectiveness")
        for width, shape, displayed in ((1280, "wide", "table-row"), (360, "narrow", "grid")):
            page.set_viewport_size({"width": width, "height": 800})
            seen = page.locator("svg.chart").filter(visible=True)
            assert seen.count() == 3
            assert all(shape in str(found.get_attribute("class")) for found in seen.all())
            shown = page.evaluate("getComputedStyle(document.querySelector('table.lines tbody tr')).display")
            assert shown == displayed


def test_light_and_dark_follow_the_reader_in_page_and_chart(browser: Browser, home: str) -> None:
    colours = {}
    for scheme in ("light", "dark"):
        with visiting(browser, scheme=scheme) as visit:
            page = visit.open(f"{home}/effectiveness")
            colours[scheme] = page.evaluate(
                "[getComputedStyle(document.body).backgroundColor,"
                " getComputedStyle(document.querySelector('svg.chart text')).fill]"
            )
    assert colours["light"][0] == "rgb(246, 245, 241)"
    assert colours["light"][0] != colours["dark"][0]
    assert colours["light"][1] != colours["dark"][1]


def test_the_keyboard_reaches_the_content_first_and_then_everything(browser: Browser, home: str) -> None:
    with visiting(browser) as visit:
        page = visit.open(f"{home}/effectiveness")
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.textContent") == "Skip to the content"
        page.keyboard.press("Enter")
        assert page.evaluate("document.activeElement.id") == "content"
        page.keyboard.press("Tab")
        assert page.evaluate("document.activeElement.closest('main') !== null")
        outline = page.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert outline == "solid"


def test_the_table_behind_a_chart_opens_without_a_script(browser: Browser, home: str) -> None:
    context = browser.new_context(java_script_enabled=False)
    context.add_cookies([{"name": "touchstone", "value": _administrator(), "domain": "127.0.0.1", "path": "/"}])
    page = context.new_page()
    page.goto(f"{home}/effectiveness")
    table = page.locator("#chart-cost table")
    assert not table.is_visible()
    page.locator("#chart-cost summary").click()
    assert table.is_visible()
    assert "none we can show" in table.inner_text()
    context.close()


def test_filtering_and_paging_work_by_plain_forms_and_links(browser: Browser, home: str) -> None:
    with visiting(browser) as visit:
        page = visit.open(f"{home}/priorities")
        page.get_by_role("link", name="Later ranks").click()
        assert "51 to 100 of 130." in page.inner_text("main")
        page.get_by_label("Channel").select_option("call")
        page.get_by_role("button", name="Show").click()
        assert "1 to 43 of 43." in page.inner_text("main")
        with page.expect_download() as download:
            page.get_by_role("link", name="CSV").click()
        assert download.value.suggested_filename == "priorities-2026-03-04.csv"
        visit.assert_clean(home)


def test_a_run_is_asked_for_followed_and_its_end_reloads_the_page(
    browser: Browser, serve: Serve, written_app: Flask
) -> None:
    database = written_app.extensions["touchstone"].database
    with serve(written_app) as home, visiting(browser) as visit:
        page = visit.open(f"{home}/effectiveness")
        page.get_by_role("button", name="Run now").click()
        page.get_by_text("A new run was asked for").wait_for()
        with database.transaction() as session:
            claimed = runs.claim(session)
            assert claimed is not None
            assert claimed.id is not None
            runs.enter_stage(session, claimed.id, "sampling")
            runs.heartbeat(session, claimed.id, 0.4)
        page.get_by_text("A new run is under way").wait_for(timeout=8_000)
        assert page.get_by_role("progressbar").get_attribute("value") == "40"
        with database.transaction() as session:
            runs.end(session, claimed.id, runs.State.FAILED, "the seed fell on stony ground")
        page.get_by_text("The seed fell on stony ground.").wait_for(timeout=8_000)
        assert page.get_by_role("button", name="Run now").is_visible()
        assert page.locator("script[src*=htmx]").count() == 0  # nothing asks the site again
        visit.assert_clean(home)


def test_on_paper_there_is_the_report_and_nothing_to_press(browser: Browser, home: str) -> None:
    with visiting(browser, 700, "dark") as visit:
        page = visit.open(f"{home}/effectiveness")
        page.emulate_media(media="print", color_scheme="dark")
        for hidden in ("header.site", ".run", ".actions", ".saving"):
            assert not page.locator(hidden).first.is_visible()
        assert page.locator("svg.chart.wide").first.is_visible()
        assert page.evaluate("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")


def test_the_report_as_one_file_opens_from_a_folder(browser: Browser, report: Report, tmp_path: Path) -> None:
    file = tmp_path / "report.html"
    file.write_text(report_page(report), "utf-8")
    with visiting(browser, 320, "dark") as visit:
        page = visit.open(file.as_uri())
        assert page.title() == "Effectiveness, 4 Oct 2025 to 2 Mar 2026"
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        assert visit.requests == [file.as_uri()]
        visit.assert_clean(file.as_uri())


def test_first_steps_and_refusals_fit_a_telephone(browser: Browser, serve: Serve, empty_app: Flask) -> None:
    with serve(empty_app) as home, visiting(browser, 320) as visit:
        for address in ("/today", "/effectiveness", "/journeys", "/experiments", "/priorities"):
            page = visit.open(home + address)
            assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
        visit.assert_clean(home)
        page = visit.open(f"{home}/nowhere")
        assert page.evaluate("document.documentElement.scrollWidth <= window.innerWidth")
