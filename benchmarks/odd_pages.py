"""Every page upon a market whose names try the layout: how it looks, and whether it scrolls sideways.

Opens each page in a browser at 320, 390 and 1280 points, light and dark, as an administrator, and says which are wider
than their screen or complain in the console. ``--to FOLDER`` keeps the pictures; ``--empty`` looks at the pages before
there are any data.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import threading
from datetime import UTC, datetime
from pathlib import Path
from urllib.parse import quote

import waitress
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, sync_playwright

from benchmarks._odd_market import NAMES, fill_oddly
from campaigns.access import Role
from campaigns.settings import Settings
from campaigns.store import users
from campaigns.store.database import Database
from web.app import create_app

WIDTHS, SCHEMES, TALLEST = (320, 390, 1280), ("light", "dark"), 6_000

FILES = (".csv", ".json", ".svg", ".png", ".css", ".js", ".ics", ".pdf", ".xlsx", "/state", "/healthz", "/of")

FITS = "document.documentElement.scrollWidth <= window.innerWidth"

CLIPPED = """
[...document.querySelectorAll('main *')].filter(one => {
  const style = getComputedStyle(one);
  return one.children.length === 0 && one.textContent.trim() && style.overflowX === 'visible'
    && one.scrollWidth > one.clientWidth + 1 && one.clientWidth > 0 && style.display !== 'inline'
    && !one.closest('.scroll, select, option, svg, [class*=visually]');
}).slice(0, 3).map(one => one.tagName + '.' + one.className + ': ' + one.textContent.trim().slice(0, 40))
"""
"""Texts that run out of their boxes."""


def main() -> int:
    """Open every page; return 1 if one does not fit, complains or fails."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--to", type=Path, help="folder of the pictures")
    options.add_argument("--empty", action="store_true")
    options.add_argument("--only", default="", help="pages whose address has this in it")
    options.add_argument("--looks", default="", help="such as 320-light,1280-dark; all if empty")
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "odd.db"
        if asked.empty:
            Database(f"sqlite:///{file}").migrate()
        else:
            fill_oddly(file, datetime.now(UTC).date()).dispose()
        app = create_app(Settings(database_url=f"sqlite:///{file}", secret_key="0" * 64, uploads=Path(folder)))
        faults = _look(
            app, asked.to, asked.only, [look for look in asked.looks.split(",") if look], odd=not asked.empty
        )
    for fault in faults:
        print(fault)
    print(f"{len(faults)} faults")
    return int(bool(faults))


def addresses(app: Flask, *, odd: bool = True) -> list[str]:
    """Return every page that needs to be told nothing and, upon the odd market, an example of each other one."""
    plain = {
        rule.rule
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ())
        and not rule.arguments
        and not rule.rule.endswith(FILES)
        and not rule.rule.startswith("/api/v1/")
    }
    told = (
        *(f"/customers/{quote(name, safe='')}" for name in NAMES[:3]),
        f"/customers?q={quote(NAMES[1][:20])}",
        "/effectiveness/order/channels/search",
        "/effectiveness/order/channels/search?level=ads&page=100",
        "/effectiveness/plan-move?from=display&to=search&amount=500",
        "/experiments?from=display&to=search&amount=500",
        "/promotions/1",
        "/promotions/2/edit",
        "/plan/1",
        "/priorities?page=3",
        "/runs/2",
        "/runs/4",
        "/settings/users/3",
        f"/accounts/{quote(NAMES[0][:60], safe='')}",
    )
    return [*sorted(plain - {"/sign-in", "/"}), *(told if odd else ())]


def _look(app: Flask, folder: Path | None, only: str, looks: list[str], *, odd: bool) -> list[str]:
    database: Database = app.extensions["touchstone"].database
    with database.transaction() as session:
        user = users.add(session, "odd@example.com", NAMES[0] if odd else "Ada", [Role.ADMINISTRATOR])
        secret = users.begin(session, user, "odd pages")
    with app.test_client() as client:
        with client.session_transaction() as kept:
            kept["sign_in"] = secret
        client.get("/account")
        cookie = client.get_cookie("touchstone")
    server = waitress.create_server(app, host="127.0.0.1", port=0, threads=4)
    threading.Thread(target=server.run, daemon=True).start()
    home, faults = f"http://127.0.0.1:{server.effective_port}", []
    chromium = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for width in WIDTHS:
            for scheme in SCHEMES:
                if looks and f"{width}-{scheme}" not in looks:
                    continue
                context = _context(browser, home, width, scheme, cookie.value if cookie else "")
                for address in [one for one in addresses(app, odd=odd) if only in one]:
                    faults += _page(context, home, address, f"{width}-{scheme}", folder)
                context.close()
        browser.close()
    return faults


def _context(browser: Browser, home: str, width: int, scheme: str, cookie: str) -> BrowserContext:
    context = browser.new_context(
        viewport={"width": width, "height": 800}, color_scheme=scheme, reduced_motion="reduce"
    )
    context.add_cookies([{"name": "touchstone", "value": cookie, "url": home}])
    return context


def _page(context: BrowserContext, home: str, address: str, look: str, folder: Path | None) -> list[str]:
    """Open one page; return what is wrong with it."""
    page, faults = context.new_page(), []
    page.on("pageerror", lambda error: faults.append(f"{look} {address[:60]}: {error}"))
    answer = page.goto(home + address)
    if answer is None or answer.status >= 400:
        faults.append(f"{look} {address[:60]}: {answer.status if answer else 'no answer'}")
    if not page.evaluate(FITS):
        faults.append(f"{look} {address[:60]}: wider than the screen")
    faults += [f"{look} {address[:60]}: cut off: {one}" for one in page.evaluate(CLIPPED)]
    if folder is not None:
        folder.mkdir(parents=True, exist_ok=True)
        name = "".join(sign if sign.isascii() and sign.isalnum() else "-" for sign in address.strip("/"))[:60] or "home"
        size = page.evaluate("[innerWidth, Math.min(document.documentElement.scrollHeight, 6000)]")
        clip = {"x": 0, "y": 0, "width": size[0], "height": min(size[1], TALLEST)}
        page.screenshot(path=folder / f"{name}-{look}.png", full_page=True, clip=clip)
    page.close()
    return faults


if __name__ == "__main__":
    sys.exit(main())
