"""Exports of 50 and 200 MB of each main platform, from the file to the database: seconds, and the most memory held.

A file streams: memory holds the columns that its mapping reads, texts that repeat once, and a piece of the file at a
time. The bar: at most 1.5 GB above idle for 200 MB. ``python -m benchmarks exports`` runs all of it.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

from benchmarks.intake import measured
from campaigns.importing import import_export
from campaigns.settings import Settings
from campaigns.store.database import Database

SIZES = (50, 200)
"""MB of each file."""

NOW = datetime(2026, 6, 1, tzinfo=UTC)
DAYS = [date(2025, 1, 1) + timedelta(day) for day in range(500)]


def google_lines() -> Iterator[str]:
    """Yield a report of many ad groups by day, with columns that nobody reads."""
    yield "Report\n2025-01-01 - 2026-05-15\nDay,Campaign,Campaign ID,Ad group,Campaign type,Currency code,Cost,Impr.,"
    yield "Clicks,Conversions,Conv. value,Final URL,Ad strength,Bid strategy\n"
    number = 0
    while True:
        for day in DAYS:
            group = number // len(DAYS)
            cost = f'"1,{number % 900 + 100}.25"'
            yield f"{day},Campaign {group % 40},{group},Group {group},Search,EUR,{cost},{number % 9000},{number % 90},"
            yield f"1.00,{number % 70}.50,https://example.com/landing/{number},Good,Maximise clicks of all\n"
            number += 1


def meta_lines() -> Iterator[str]:
    """Yield an export of many ads by day, as Ads Manager writes it."""
    yield "Reporting starts,Reporting ends,Day,Campaign name,Campaign ID,Ad set name,Ad set ID,Ad name,Ad ID,Results,"
    yield "Reach,Frequency,Impressions,Amount spent (EUR),Link clicks,Purchases,Purchases conversion value,Ranking\n"
    number = 0
    while True:
        for day in DAYS:
            ad = number // len(DAYS)
            yield f"{day},{day},{day},Campaign {ad % 40},12020{ad % 40},Set {ad % 400},12030{ad % 400},"
            yield f"Ad {ad},12040{ad},"
            yield f"{number % 9},{number % 8000},1.{number % 10},{number % 9000},{number % 300}.25,{number % 90},"
            yield f"{number % 5},{number % 700}.50,Average - of ads that competed for the same people\n"
            number += 1


def shopify_lines() -> Iterator[str]:
    """Yield orders of two line items each."""
    blank = "," * 60
    yield "Name,Email,Financial Status,Paid at,Currency,Total,Taxes,Shipping,Refunded Amount,Discount Code,Created at,"
    yield (
        "Lineitem name,Lineitem sku,Cancelled at,Id,Tags,Payment Method,Accepts Marketing,Notes"
        + "".join(f",Attribute {place}" for place in range(60))
        + "\n"
    )
    number = 0
    while True:
        day = DAYS[number % len(DAYS)]
        yield f"#{number},person{number % 90_000}@example.com,paid,{day} 10:00:00 +0200,EUR,124.00,19.00,5.00,0.00,,"
        yield f"{day} 10:00:00 +0200,Kettle,P-3,,{5_000_000 + number},,Shopify Payments,yes,{'a note ' * 40}{blank}\n"
        yield f"#{number},person{number % 90_000}@example.com,,,,,,,,,{day} 10:00:00 +0200,Cup,P-4,,,,,,{blank}\n"
        number += 1


def mailchimp_lines() -> Iterator[str]:
    """Yield the actions of many people on the letters of a year."""
    yield "Email Address,Action,Timestamp,Campaign Title,URL\n"
    number = 0
    while True:
        day, person = DAYS[number // 3 % len(DAYS)], number // 3 % 90_000
        action = ("sent", "open", "click")[number % 3]
        link = f"https://example.com/landing/{number}" if action == "click" else ""
        clock = f"08:{number // 60 % 60:02}:{number % 60:02}"
        yield f"person{person}@example.com,{action},{day} {clock},Letter {day},{link}\n"
        number += 1


def ga4_lines() -> Iterator[str]:
    """Yield events of which one in five begins a session, and one in a hundred is a purchase."""
    number = 0
    while True:
        event = {
            "event_timestamp": str(1_746_000_000_000_000 + number * 1_000_000),
            "event_name": "purchase" if number % 100 == 99 else "page_view" if number % 5 else "session_start",
            "event_params": [
                {"key": "page_location", "value": {"string_value": f"https://example.com/{number}"}},
                {"key": "ga_session_id", "value": {"int_value": str(number // 5)}},
            ],
            "user_pseudo_id": f"{number // 25}.1",
            "ecommerce": {
                "transaction_id": str(number) if number % 100 == 99 else None,
                "purchase_revenue": 50.0 if number % 100 == 99 else None,
            },
            "device": {"category": "mobile", "browser": "Chrome", "note": "x" * 120},
            "session_traffic_source_last_click": {"cross_channel_campaign": {"default_channel_group": "Email"}},
        }
        yield json.dumps(event) + "\n"
        number += 1


EXPORTS: tuple[tuple[str, str, str, Callable[[], Iterator[str]]], ...] = (
    ("Google Ads", "google_ads", "google.csv", google_lines),
    ("Meta Ads", "meta_ads", "meta.csv", meta_lines),
    ("Shopify", "shopify_orders", "orders.csv", shopify_lines),
    ("Mailchimp", "mailchimp_activity", "activity.csv", mailchimp_lines),
    ("GA4", "ga4_events", "events.jsonl", ga4_lines),
)


def write(path: Path, lines: Callable[[], Iterator[str]], megabytes: int) -> None:
    """Write lines until the file is as big as wanted, the last one whole."""
    size = 0
    with path.open("w", encoding="utf-8") as file:
        for text in lines():
            file.write(text)
            size += len(text)
            if size > megabytes * 1e6 and text.endswith("\n"):
                return


def imported_rows(path: Path, mapping: str) -> int:
    """Import an export into a new SQLite database beside it, and count the rows stored; it must have no fault."""
    file = path.with_suffix(".db")
    database = Database(f"sqlite:///{file}")
    try:
        database.migrate()
        return sum(one.rows for one in import_export(database, Settings(), path, mapping, now=NOW))
    finally:
        database.dispose()
        file.unlink()


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        for name, mapping, file, lines in EXPORTS:
            for size in SIZES:
                path = Path(folder) / file
                write(path, lines, size)
                result = measured(imported_rows, path, mapping)
                print(
                    f"{name}, {size} MB: {result.rows:,} rows imported in {result.seconds:.0f} s, "
                    f"peak {result.peak:,.0f} MB ({result.peak - result.idle:,.0f} MB above idle)",
                    flush=True,
                )
                path.unlink()


if __name__ == "__main__":
    main()
