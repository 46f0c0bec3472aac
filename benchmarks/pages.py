"""How long the site works for each of its pages on a database of a million customers and ten million touches.

Server time by the test client, median and p95 of 30 requests as an administrator, after one that warms up; the time of
the processor beside it, which other work on the machine does not lengthen; and what a first visit loads, compressed:
the page with its styles, scripts and the specifications of its charts. The bars: 50 ms at the median, 150 ms at p95,
350 kB. ``--customers`` and ``--touches`` set another size; ``--file`` keeps the database or measures one that is there.
"""

from __future__ import annotations

import argparse
import gzip
import re
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime
from html import unescape
from pathlib import Path

from flask import Flask
from flask.testing import FlaskClient

from benchmarks._many_customers import database_run, fill, reached
from campaigns.settings import Settings
from campaigns.store import users
from campaigns.store.database import Database
from web.app import create_app

REQUESTS, MEDIAN, P95, MOST_SECONDS, HEAVIEST = 30, 50.0, 150.0, 10.0, 350.0

FILES = (".csv", ".json", ".svg", ".png", ".css", ".js", ".ics", ".pdf", ".xlsx")
"""Ends of addresses that are files and no pages."""

LOADED = re.compile(
    r'<(?:script|img|link rel="stylesheet")[^>]*?(?:src|href)="([^"]+)"|data-(?:vega|interpreter)="([^"]+)"'
)
"""What a page loads: its addresses."""

BESIDE = ("/", "/sign-in", "/healthz", "/settings", "/api", "/promotions/of")
"""Addresses that lead on, or show nothing of the database."""

EXAMPLES = (
    "/effectiveness/move?from=display&to=search&amount=5000",
    "/effectiveness/order/channels/email",
    "/journeys/order/4711",
    "/priorities?channel=email&page=9",
    "/customers?q=Kaya12",
    "/customers?q=c4711@example.com",
    "/customers?q=C-4711",
    "/customers/C-{reached}",
    "/customers/C-{owned}",
    "/promotions/1",
    "/promotions/1/edit",
    "/promotions/1/audience",
    "/promotions/2/audience",
    "/plan/1",
    "/runs/{run}",
    "/settings/users/1",
)
"""Pages that need to be told what to show."""


def main() -> int:
    """Print the figures; return 1 if a page is slower than the bars."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--customers", type=int, default=1_000_000)
    options.add_argument("--touches", type=int, default=10_000_000)
    options.add_argument("--file", type=Path)
    options.add_argument("--only", default="", help="pages whose address has this in it")
    asked = options.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        file = asked.file or Path(folder) / "touchstone.db"
        begun = time.perf_counter()
        if not file.exists():
            fill(file, asked.customers, asked.touches, datetime.now(UTC).date()).dispose()
            size = file.stat().st_size / 1e9
            print(
                f"{asked.customers:,} customers, {asked.touches:,} touches, {size:.1f} GB, written in"
                f" {time.perf_counter() - begun:.0f} s",
                flush=True,
            )
        return _measure(file, asked.only)


def _measure(file: Path, only: str) -> int:
    settings = Settings(database_url=f"sqlite:///{file}", secret_key="0" * 64)
    app = create_app(settings)
    database: Database = app.extensions["touchstone"].database
    database.migrate()
    client, slow = _signed_in(app, database), []
    print(f"{'page':<60} {'first':>8} {'median':>8} {'p95':>8} {'busy':>8} ms {'loads':>7} kB")
    for address in [one for one in _addresses(app, database) if only in one]:
        first = _taken(client, address)
        if first is None:
            continue
        busy = time.thread_time()
        times = sorted(1000 * each for each in _repeated(client, address))
        busy = 1000 * (time.thread_time() - busy) / len(times)
        median, p95 = statistics.median(times), times[int(0.95 * len(times))]
        weight = _weight(client, address)
        over = median > MEDIAN or p95 > P95 or weight > HEAVIEST
        slow += [address] if over else []
        figures = f"{1000 * first:8.1f} {median:8.1f} {p95:8.1f} {busy:8.1f}    {weight:7.0f}"
        print(f"{address:<60} {figures}{'     over' if over else ''}", flush=True)
    database.dispose()
    bars = f"{MEDIAN:.0f} ms (median), {P95:.0f} ms (p95) and {HEAVIEST:.0f} kB"
    print(f"{len(slow)} pages are over the bars of {bars}")
    return int(bool(slow))


def _repeated(client: FlaskClient, address: str) -> list[float]:
    """Return the seconds of 30 requests, of fewer where they take more than ten seconds together."""
    taken: list[float] = []
    while len(taken) < REQUESTS and sum(taken) < MOST_SECONDS:
        taken.append(_taken(client, address) or 0.0)
    return taken


def _weight(client: FlaskClient, address: str) -> float:
    """Return what a first visit loads, in kB: the page, and once each what it loads besides."""
    packed = {"Accept-Encoding": "gzip"}
    page = client.get(address, headers=packed)
    text = gzip.decompress(page.data).decode() if page.content_encoding == "gzip" else page.text
    others = {unescape(one or other) for one, other in LOADED.findall(text)}
    loaded = [client.get(other, headers=packed) for other in others]
    for answer in loaded:
        if answer.status_code != 200:
            raise RuntimeError(f"{address} loads {answer.request.path}, which answers {answer.status}")
    return (len(page.data) + sum(len(answer.data) for answer in loaded)) / 1000


def _signed_in(app: Flask, database: Database) -> FlaskClient:
    """Return a client who is signed in as an administrator."""
    with database.transaction() as session:
        known = users.by_email(session, "bench@example.com")
        user = known or users.add(session, "bench@example.com", "Benchmark", ["administrator"])
        secret = users.begin(session, user, "benchmark")
    client = app.test_client()
    with client.session_transaction() as kept:
        kept["sign_in"] = secret
    return client


def _addresses(app: Flask, database: Database) -> list[str]:
    """Return every page that needs to be told nothing, and an example of each other one."""
    plain = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if "GET" in (rule.methods or ())
        and not rule.arguments
        and not rule.rule.endswith((*FILES, "/state"))
        and not rule.rule.startswith("/api/v1/")
    ]
    known = {"run": database_run(database), "owned": 700, "reached": reached(database)}
    return sorted(set(plain) - set(BESIDE)) + [example.format(**known) for example in EXAMPLES]


def _taken(client: FlaskClient, address: str) -> float | None:
    """Return the seconds of one request; None where there is no such page."""
    headers = {"HX-Request": "true"} if address.startswith(("/effectiveness/move", "/runs/state")) else {}
    begun = time.perf_counter()
    answer = client.get(address, headers=headers)
    seconds = time.perf_counter() - begun
    if answer.status_code == 404:
        print(f"{address:<60} there is no such page", file=sys.stderr)
        return None
    if answer.status_code >= 400:
        raise RuntimeError(f"{address} answered {answer.status}: {answer.text[:2000]}")
    return seconds


if __name__ == "__main__":
    sys.exit(main())
