"""Exports of 200 MB, Google Ads and Shopify (CSV) and GA4 (JSON Lines), read, mapped and checked: seconds, memory.

The file streams: memory holds the columns that the mapping reads, and one piece of the file at a time. The bar: at most
1.5 GB above idle.
"""

from __future__ import annotations

import json
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

from benchmarks.intake import measured
from campaigns.intake.checking import CheckOptions
from campaigns.intake.files import take_in
from campaigns.intake.formats import KINDS
from campaigns.intake.mappings import load_mapping

SIZE = 200 << 20
OPTIONS = CheckOptions(ZoneInfo("Europe/Istanbul"), "EUR", datetime(2026, 6, 1, tzinfo=UTC))
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


def ga4_lines() -> Iterator[str]:
    """Yield events of which one in five begins a session."""
    number = 0
    while True:
        event = {
            "event_timestamp": str(1_746_000_000_000_000 + number * 1_000_000),
            "event_name": "page_view" if number % 5 else "session_start",
            "event_params": [
                {"key": "page_location", "value": {"string_value": f"https://example.com/{number}"}},
                {"key": "ga_session_id", "value": {"int_value": str(number // 5)}},
            ],
            "user_pseudo_id": f"{number // 25}.1",
            "device": {"category": "mobile", "browser": "Chrome", "note": "x" * 120},
            "session_traffic_source_last_click": {"cross_channel_campaign": {"default_channel_group": "Email"}},
        }
        yield json.dumps(event) + "\n"
        number += 1


EXPORTS: tuple[tuple[str, str, str, str, Callable[[], Iterator[str]]], ...] = (
    ("Google Ads", "google_ads", "spend", "google.csv", google_lines),
    ("Shopify", "shopify_orders", "responses", "orders.csv", shopify_lines),
    ("GA4", "ga4_events", "touches", "events.jsonl", ga4_lines),
)


def write(path: Path, lines: Callable[[], Iterator[str]]) -> None:
    """Write lines until the file is as big as wanted, the last one whole."""
    size = 0
    with path.open("w", encoding="utf-8") as file:
        for text in lines():
            file.write(text)
            size += len(text)
            if size > SIZE and text.endswith("\n"):
                return


def checked_rows(path: Path, mapping: str, kind: str) -> int:
    """Take an export in, and count its good rows; it must have no fault."""
    checked = take_in(path, KINDS[kind], OPTIONS, load_mapping(mapping))
    if checked.faults:
        raise RuntimeError(str(checked.faults[0]))
    return checked.table.num_rows


def main() -> None:
    """Print the figures."""
    with tempfile.TemporaryDirectory() as folder:
        for name, mapping, kind, file, lines in EXPORTS:
            path = Path(folder) / file
            write(path, lines)
            result = measured(checked_rows, path, mapping, kind)
            size = path.stat().st_size / 1e6
            print(
                f"{name}, {size:,.0f} MB: {result.rows:,} rows of {kind} in {result.seconds:.1f} s, "
                f"peak {result.peak:,.0f} MB ({result.peak - result.idle:,.0f} MB above idle)",
                flush=True,
            )
            path.unlink()


if __name__ == "__main__":
    main()
