"""A newcomer with four exports on the desk reaches reconciled numbers within ten minutes, touching no mapping."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page, expect

from tests.platforms.market import Shown, write_all

PASSWORD = "a long phrase of my own"  # noqa: S105 - of a database that lives as long as the test

LIMIT = 600
"""Seconds that the whole way may take, of machine and clicks."""

EXPORTS = ("shopify_orders.csv", "google_ads.csv", "meta_ads.csv", "mailchimp_audience.zip", "mailchimp_activity.csv")


@contextmanager
def house(folder: Path) -> Iterator[str]:
    """An installation as somebody sets it up: init, the site and the scheduler, each a process of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = {name: text for name, text in os.environ.items() if not name.startswith("TOUCHSTONE_")}
    environ = {**own, "TOUCHSTONE_PORT": str(port), "PYTHONPATH": str(Path(__file__).parents[2])}

    def run(*words: str) -> list[str]:
        return [str(Path(sys.executable).with_name("touchstone")), *words]

    init = run("init", "--admin", "new@example.com", "--password-stdin")
    subprocess.run(init, cwd=folder, env=environ, input=f"{PASSWORD}\n", text=True, check=True, timeout=120)
    home = f"http://127.0.0.1:{port}"
    started = [subprocess.Popen(run(word), cwd=folder, env=environ) for word in ("serve", "scheduler")]
    try:
        for _ in range(300):
            try:
                urllib.request.urlopen(f"{home}/health", timeout=2).close()  # noqa: S310 - our own address
                break
            except OSError:
                time.sleep(0.2)
        yield home
    finally:
        for process in started:
            process.terminate()
        for process in started:
            process.wait(timeout=30)


@pytest.mark.slow
def test_a_newcomer_with_four_exports_has_reconciled_numbers_within_ten_minutes(
    tmp_path: Path, browser: Browser, capsys: pytest.CaptureFixture[str]
) -> None:
    desk = tmp_path / "desk"
    desk.mkdir()
    shown = write_all(desk)
    with house(tmp_path) as home:
        context = browser.new_context(viewport={"width": 1280, "height": 900})
        page = context.new_page()
        page.set_default_timeout(60_000)
        began = time.monotonic()
        sign_in(page, home)
        bring_in(page, [desk / name for name in EXPORTS])
        confirm_names(page, home)
        brought = time.monotonic()
        run(page, home)
        assert_reconciled(page, home, shown["shopify_orders.csv"], shown["google_ads.csv"], shown["meta_ads.csv"])
        taken = time.monotonic() - began
        context.close()
    with capsys.disabled():
        print(f"\nnewcomer: {taken:.0f} s in all, {brought - began:.0f} s until the run was asked for")
    assert taken < LIMIT


def sign_in(page: Page, home: str) -> None:
    page.goto(home)
    page.get_by_label("E-mail address").fill("new@example.com")
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in").click()


def bring_in(page: Page, files: list[Path]) -> None:
    """From the first page: drop the files, import all of them, wait until the three steps are ticked off."""
    page.get_by_role("navigation", name="Pages").get_by_role("link", name="Effectiveness").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Three files")
    page.locator("#files").set_input_files(files)
    page.get_by_role("button", name="Upload").click()
    page.get_by_role("button", name=f"Import all {len(files)} files").click()
    expect(page.get_by_role("heading", level=1)).to_contain_text("Your three files are in", timeout=LIMIT * 1000)
    expect(page.locator(".arrived li.good")).to_have_count(len(files), timeout=LIMIT * 1000)
    assert page.locator(".arrived li.bad").count() == 0


def confirm_names(page: Page, home: str) -> None:
    """Confirm every pair that is proposed."""
    page.goto(f"{home}/sources/names")
    same = page.get_by_role("button", name=re.compile("^Count .* as "))
    for _ in range(20):
        if not same.count():
            return
        same.first.click()
        expect(page.locator(".notices")).to_contain_text("now counts as")
    raise AssertionError("pairs are proposed without end")


def run(page: Page, home: str) -> None:
    """Ask for a run and wait until it is published, on the page that opens by itself."""
    page.goto(f"{home}/effectiveness")
    page.get_by_role("button", name="Run now").click()
    expect(page.locator(".run progress").first).to_be_visible(timeout=60_000)
    expect(page.locator(".run progress")).to_have_count(0, timeout=LIMIT * 1000)
    assert "was not published" not in page.locator("main").inner_text(), page.locator(".run").first.inner_text()
    expect(page.get_by_role("heading", level=1)).not_to_contain_text("Your three files")


def assert_reconciled(page: Page, home: str, shop: Shown, *ads: Shown) -> None:
    """The report says what the shop shows and what is used of it; the sums are those of the exports."""
    left_out = sum(rows for rows, _value in (shop.reasons or {}).values())
    footer = page.locator("body").inner_text()
    assert f"{shop.rows:,}" in footer
    page.goto(f"{home}/sources/reconciliation")
    told = page.locator("main").inner_text()
    assert f"{shop.rows:,}" in told
    assert left_out
    spent = sum(each.value for each in ads)
    csv = page.request.get(f"{home}/sources/reconciliation.csv").text().splitlines()
    names = csv[0].split(",")
    rows = [dict(zip(names, line.split(","), strict=False)) for line in csv[1:]]
    costs = [float(row["cost"]) for row in rows if row["kind"] == "spend" and row["line"] == "the source shows"]
    assert sum(costs) == pytest.approx(spent, abs=0.01)
    values = [float(row["value"]) for row in rows if row["source"] == "shopify" and row["line"] == "the source shows"]
    assert sum(values) == pytest.approx(shop.value, abs=0.01)
    orders = [int(row["orders"]) for row in rows if row["kind"] == "responses" and row["line"] == "we use"]
    assert sum(orders) <= shop.rows - left_out
