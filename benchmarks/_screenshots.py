"""A picture of every page on the sample market, light, dark and as narrow as a telephone: ``make screenshots``.

Serves a copy of a demo's database, so that taking pictures changes nothing, and writes ``docs/screenshots/`` and the
page ``docs/screens.md`` that shows them.
"""

from __future__ import annotations

import argparse
import io
import shutil
import sqlite3
import sys
import tempfile
import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

import waitress
from flask import Flask
from PIL import Image
from playwright.sync_api import BrowserContext, sync_playwright

from campaigns.settings import Settings
from campaigns.store.database import Database
from campaigns.store.handovers import HandoverWish, hand_over
from campaigns.store.owners import busiest_owner
from web.app import create_app

DOCS = Path(__file__).parents[1] / "docs"

LARGEST = 150_000
"""Bytes of a picture."""

TALLEST = 2_000
"""Points of a picture's height; what lies below is more of the same."""

LEAD = "C09470"
"""The customer whose page is shown, and who is handed over to sales."""

LOOKS = (("light", "light", 1200), ("dark", "dark", 1200), ("phone", "light", 320))


@dataclass(frozen=True)
class Screen:
    """One page: its file's name, its address, and what it shows, in a sentence."""

    name: str
    address: str
    words: str


SCREENS = (
    Screen("sign-in", "/sign-in", "Sign in; the demo offers each role."),
    Screen("today", "/today", "Today: what changed, what needs a decision, whom to speak to next."),
    Screen("effectiveness", "/effectiveness", "Effectiveness: what would have been lost, and what moving money does."),
    Screen("channel", "/effectiveness/order/channels/display", "One channel opened to its campaigns and ads."),
    Screen("journeys", "/journeys", "Journeys: the commonest paths, and the last orders."),
    Screen("journey", "", "One order opened to its touches."),
    Screen("promotions", "/promotions", "Promotions with audience, budget and what they are expected to bring."),
    Screen("promotion", "", "One promotion: what it offers, to whom, and what it would bring."),
    Screen("plan", "/plan", "The plan of the coming days against what there is room for."),
    Screen("priorities", "/priorities", "Whom to contact next, through which channel, and why."),
    Screen("clashes", "/clashes", "Clashes between marketing and sales."),
    Screen("leads", "/leads", "Leads in the hands of sales, and the clock of each."),
    Screen("customers", "/customers", "Finding a customer."),
    Screen("customer", f"/customers/{LEAD}", "One customer: what was said in all media, and what to say next."),
    Screen("experiments", "/experiments", "Tests, whether they are sound, and which one next."),
    Screen("sources", "/sources", "Sources: files dropped, what came in, and what each import left out."),
    Screen("reconciliation", "/sources/reconciliation", "What each source shows and what counts of it."),
    Screen("names", "/sources/names", "Names that join spend and touches."),
    Screen("links", "/sources/links", "Links and codes that join by themselves."),
    Screen("runs", "/runs", "The run ledger."),
    Screen("run", "", "One run: its log, its checks in words, and how it sampled."),
    Screen("policy", "/settings/policy", "The contact policy."),
    Screen("targets", "/settings/targets", "Targets."),
    Screen("users", "/settings/users", "Users and roles."),
    Screen("keys", "/settings/keys", "Keys of the API."),
    Screen("changes", "/settings/changes", "The audit trail."),
    Screen("account", "/account", "One's own account."),
    Screen("api", "/api", "The API, to be browsed."),
)

LED_TO = {
    "promotion": ("/promotions", "main tbody a[href^='/promotions/']"),
    "journey": ("/journeys", "main a[href*='/journeys/']"),
    "run": ("/runs", "main a[href^='/runs/']"),
}
"""Pages whose address a link on another page tells."""


def main() -> int:
    """Take the pictures; return 1 if a page answered with an error."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("folder", type=Path, help="folder of a demo, with its touchstone.db")
    options.add_argument("--to", type=Path, default=DOCS / "screenshots")
    options.add_argument("--only", default="", help="names of pages, with commas between them; all if empty")
    asked = options.parse_args()
    wanted = [screen for screen in SCREENS if not asked.only or screen.name in asked.only.split(",")]
    asked.to.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "touchstone.db"
        with sqlite3.connect(asked.folder / "touchstone.db") as source, sqlite3.connect(file) as copy:
            source.backup(copy)
        shutil.copyfile(asked.folder / "touchstone.toml", Path(folder) / "touchstone.toml")
        app = create_app(Settings(database_url=f"sqlite:///{file}", secret_key="0" * 64, demo=True))
        app.extensions["touchstone"].database.migrate()
        _hand_a_lead_over(app.extensions["touchstone"].database)
        failed = _take(app, wanted, asked.to)
    if not asked.only:
        (asked.to.parent / "screens.md").write_text(_document(asked.to), "utf-8")
    size = sum(file.stat().st_size for file in asked.to.glob("*.png"))
    print(f"{len(list(asked.to.glob('*.png')))} pictures, {size / 1e6:.1f} MB")
    for address in failed:
        print(f"There is no picture of {address}.", file=sys.stderr)
    return int(bool(failed))


def _hand_a_lead_over(database: Database) -> None:
    """Hand a customer to the busiest owner, two days ago, so that the page of leads has one to show."""
    with database.reading() as session:
        owner = busiest_owner(session)
    wish = HandoverWish(LEAD, owner, "asked for an offer for the office")
    hand_over(database, wish, by="Marketer", now=datetime.now(UTC) - timedelta(days=2))


def _take(app: Flask, screens: list[Screen], folder: Path) -> list[str]:
    """Serve the site on a free port and take every picture; return the pages that could not be shown."""
    server = waitress.create_server(app, host="127.0.0.1", port=0, threads=8)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    home, failed = f"http://127.0.0.1:{server.effective_port}", []
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
            for look, scheme, width in LOOKS:
                context = browser.new_context(
                    viewport={"width": width, "height": 800}, color_scheme=scheme, reduced_motion="reduce"
                )
                pictures = [one for one in screens if one.name == "sign-in"]
                pictures += [one for one in screens if one.name != "sign-in"]
                for screen in pictures:
                    if screen is next((one for one in pictures if one.name != "sign-in"), None):
                        _sign_in(context, home)
                    if not _picture(context, home, screen, folder / f"{screen.name}-{look}.png"):
                        failed.append(f"{screen.name} ({look})")
                context.close()
            browser.close()
    finally:
        server.close()
    return failed


def _sign_in(context: BrowserContext, home: str) -> None:
    page = context.new_page()
    page.goto(f"{home}/sign-in")
    with page.expect_navigation():
        page.locator("form[action='/demo'] button[value=administrator]").first.click()
    page.close()


def _picture(context: BrowserContext, home: str, screen: Screen, file: Path) -> bool:
    """Take one picture; return False where the page cannot be shown."""
    page = context.new_page()
    try:
        address = screen.address
        if screen.name in LED_TO:
            start, link = LED_TO[screen.name]
            page.goto(home + start)
            found = page.locator(link)
            address = (found.first.get_attribute("href") or "") if found.count() else ""
        answer = page.goto(home + address) if address else None
        if answer is None or answer.status >= 400:
            return False
        page.wait_for_load_state("networkidle")
        height = page.evaluate("document.documentElement.scrollHeight")
        width = page.viewport_size["width"] if page.viewport_size else 0
        clip = {"x": 0, "y": 0, "width": width, "height": min(height, TALLEST)}
        file.write_bytes(_small(page.screenshot(full_page=True, clip=clip)))
        return True
    finally:
        page.close()


def _small(png: bytes) -> bytes:
    """Keep as many colours as the size allows."""
    picture, kept = Image.open(io.BytesIO(png)).convert("RGB"), b""
    for colours in (64, 32, 16, 8):
        file = io.BytesIO()
        picture.quantize(colours, dither=Image.Dither.NONE).save(file, "PNG", optimize=True)
        kept = file.getvalue()
        if len(kept) <= LARGEST:
            break
    return kept


def _document(folder: Path) -> str:
    """Write the page that shows the pictures."""
    lines = [
        "# The pages",
        "",
        "Every page on the sample market, as `make screenshots` takes them (the top of long ones), light, dark and 320",
        "points wide.",
    ]
    for screen in SCREENS:
        if not (folder / f"{screen.name}-light.png").exists():
            continue
        lines += ["", f"## {screen.words}", ""]
        pictures = [
            f'<img src="screenshots/{screen.name}-{look}.png" width="{share}" alt="{screen.words} ({look})">'
            for (look, _scheme, _width), share in zip(LOOKS, ("42%", "42%", "12%"), strict=True)
        ]
        lines.append("\n".join(pictures))
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    sys.exit(main())
