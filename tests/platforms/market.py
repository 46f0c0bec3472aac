"""The sample market as the exports that a newcomer has on the desk: Shopify, Google Ads, Meta Ads and Mailchimp.

Each function writes one file in its platform's own shape and returns what the file itself shows, so that a test can
hold the numbers of the product against it. ``python -m tests.platforms.market FOLDER`` writes all of them.
"""

from __future__ import annotations

import csv
import io
import sys
import zipfile
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

import pandas as pd

__all__ = [
    "SAMPLE",
    "Shown",
    "google_ads",
    "mailchimp_activity",
    "mailchimp_audience",
    "meta_ads",
    "shopify",
    "write_all",
]

SAMPLE = Path(__file__).parents[2] / "sample_data"
SHOP_ZONE = ZoneInfo("Europe/Berlin")
TAX, SHIPPING = 0.19, 4.90
TEST_EVERY, CANCELLED_EVERY, REFUNDED_EVERY, PARTLY_EVERY, TWO_LINES_EVERY = 500, 97, 113, 71, 3

SHOPIFY = [
    "Name",
    "Email",
    "Financial Status",
    "Paid at",
    "Fulfillment Status",
    "Fulfilled at",
    "Accepts Marketing",
    "Currency",
    "Subtotal",
    "Shipping",
    "Taxes",
    "Total",
    "Discount Code",
    "Discount Amount",
    "Shipping Method",
    "Created at",
    "Lineitem quantity",
    "Lineitem name",
    "Lineitem price",
    "Lineitem compare at price",
    "Lineitem sku",
    "Lineitem requires shipping",
    "Lineitem taxable",
    "Lineitem fulfillment status",
    "Billing Name",
    "Billing Street",
    "Billing Address1",
    "Billing Address2",
    "Billing Company",
    "Billing City",
    "Billing Zip",
    "Billing Province",
    "Billing Country",
    "Billing Phone",
    "Shipping Name",
    "Shipping Street",
    "Shipping Address1",
    "Shipping Address2",
    "Shipping Company",
    "Shipping City",
    "Shipping Zip",
    "Shipping Province",
    "Shipping Country",
    "Shipping Phone",
    "Notes",
    "Note Attributes",
    "Cancelled at",
    "Payment Method",
    "Payment Reference",
    "Refunded Amount",
    "Vendor",
    "Outstanding Balance",
    "Employee",
    "Location",
    "Device ID",
    "Id",
    "Tags",
    "Risk Level",
    "Source",
    "Lineitem discount",
    "Tax 1 Name",
    "Tax 1 Value",
    "Phone",
    "Receipt Number",
    "Duties",
]
AUDIENCE = [
    "Email Address",
    "First Name",
    "Last Name",
    "Address",
    "Phone Number",
    "MEMBER_RATING",
    "OPTIN_TIME",
    "OPTIN_IP",
    "CONFIRM_TIME",
    "CONFIRM_IP",
    "LATITUDE",
    "LONGITUDE",
    "GMTOFF",
    "DSTOFF",
    "TIMEZONE",
    "CC",
    "REGION",
    "LAST_CHANGED",
    "LEID",
    "EUID",
    "NOTES",
    "TAGS",
]
UNSUBSCRIBED = ("UNSUB_TIME", "UNSUB_CAMPAIGN_TITLE", "UNSUB_CAMPAIGN_ID", "UNSUB_REASON", "UNSUB_REASON_OTHER")
CLEANED = ("CLEAN_TIME", "CLEAN_CAMPAIGN_TITLE", "CLEAN_CAMPAIGN_ID")


@dataclass(frozen=True)
class Shown:
    """What an export shows.

    Parameters
    ----------
    rows
        What it counts: orders, days and ads, contacts, actions.
    value
        The money that it shows, in euros.
    used
        What of the value should be used.
    reasons
        For each reason: how many are left out whole, and how much of the value.
    """

    rows: int
    value: float
    used: float = 0.0
    reasons: dict[str, tuple[int, float]] | None = None


def _sample(name: str) -> pd.DataFrame:
    return pd.read_csv(SAMPLE / name, dtype=str, keep_default_na=False)


def _write(path: Path, header: Sequence[str], rows: Iterable[Sequence[object]], above: Sequence[str] = ()) -> None:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        for line in above:
            writer.writerow([line])
        writer.writerow(header)
        writer.writerows(rows)


def shopify(path: Path) -> Shown:
    """Write the orders as Shopify exports them: one row per line item, with test, cancelled and refunded ones."""
    people = {row.customer_id: row for row in _sample("customers.csv.gz").itertuples()}
    responses = _sample("responses.csv.gz")
    codes = dict(responses[responses.kind == "redemption"][["order_id", "response_code"]].itertuples(index=False))
    orders = responses[responses.kind == "order"].reset_index(drop=True)
    times = pd.to_datetime(orders.occurred_at, utc=True).dt.tz_convert(SHOP_ZONE)
    rows: list[list[object]] = []
    shown, used = 0.0, 0.0
    reasons: dict[str, list[float]] = {}

    def note(reason: str, whole: int, value: float) -> None:
        told = reasons.setdefault(reason, [0, 0.0])
        told[0] += whole
        told[1] += value

    for number, order in enumerate(orders.to_dict("records")):
        person = people[order["customer_id"]]
        value = float(order["value"])
        tax = round(value * TAX, 2)
        total = round(value + tax + SHIPPING, 2)
        state, refund = "paid", 0.0
        cancelled = tags = ""
        at = times[number].strftime("%Y-%m-%d %H:%M:%S %z")
        shown += total
        if number % TEST_EVERY == TEST_EVERY - 1:
            tags = "test"
            note("test", 1, total)
        elif number % CANCELLED_EVERY == CANCELLED_EVERY - 1:
            state, cancelled = "voided", at
            note("cancelled", 1, total)
        elif number % REFUNDED_EVERY == REFUNDED_EVERY - 1:
            state, refund = "refunded", total
            note("refunded", 1, total)
        else:
            if number % PARTLY_EVERY == PARTLY_EVERY - 1:
                state, refund = "partially_refunded", round(value / 2, 2)
                note("refunded", 0, refund)
            note("tax", 0, tax)
            note("shipping", 0, SHIPPING)
            used += value - refund
        told = {
            "Name": f"#{1001 + number}",
            "Email": person.email,
            "Financial Status": state,
            "Paid at": at,
            "Fulfillment Status": "fulfilled",
            "Accepts Marketing": "yes" if person.consent_email == "yes" else "no",
            "Currency": "EUR",
            "Subtotal": f"{value:.2f}",
            "Shipping": f"{SHIPPING:.2f}",
            "Taxes": f"{tax:.2f}",
            "Total": f"{total:.2f}",
            "Discount Code": codes.get(order["order_id"], ""),
            "Discount Amount": "0.00",
            "Created at": at,
            "Lineitem quantity": "1",
            "Lineitem name": f"Product {order['product']}",
            "Lineitem price": f"{value:.2f}",
            "Lineitem sku": order["product"],
            "Shipping Name": f"{person.first_name} {person.last_name}",
            "Shipping City": getattr(person, "city", ""),
            "Shipping Country": person.country,
            "Cancelled at": cancelled,
            "Payment Method": "Shopify Payments",
            "Refunded Amount": f"{refund:.2f}",
            "Vendor": "Sample",
            "Id": str(5_000_000_000_000 + int(number)),
            "Tags": tags,
            "Source": "web",
        }
        rows.append([told.get(name, "") for name in SHOPIFY])
        if number % TWO_LINES_EVERY == 0:
            more = {"Name": told["Name"], "Email": told["Email"], "Lineitem quantity": "1", "Created at": at}
            more |= {"Lineitem name": "Gift wrap", "Lineitem price": "0.00", "Lineitem sku": "GIFT", "Vendor": "Sample"}
            rows.append([more.get(name, "") for name in SHOPIFY])
    _write(path, SHOPIFY, rows)
    told = {reason: (int(count), round(value, 2)) for reason, (count, value) in reasons.items()}
    return Shown(len(orders), round(shown, 2), round(used, 2), told)


def _media(channel: str) -> pd.DataFrame:
    spend = _sample("spend.csv.gz")
    return spend[(spend.channel == channel) & (spend.cost_kind == "media")].reset_index(drop=True)


def google_ads(path: Path) -> Shown:
    """Write the search ads as a Google Ads report by day: a title and the period above, totals below."""
    spend = _media("search")
    header = ["Day", "Campaign", "Campaign ID", "Ad group", "Campaign type", "Currency code", "Cost", "Impr.", "Clicks"]
    header += ["Conversions", "Conv. value"]
    rows: list[list[object]] = [
        [
            *(row.date, row.campaign, f"18{len(row.campaign):03}", row.ad, "Search", "EUR"),
            *(f"{float(row.cost):,.2f}", f"{int(row.impressions):,}", row.clicks),
            *(f"{float(row.claimed_conversions or 0):.2f}", f"{float(row.claimed_value or 0):,.2f}"),
        ]
        for row in spend.itertuples()
    ]
    cost = round(float(spend.cost.astype(float).sum()), 2)
    clicks = int(spend.clicks.astype(int).sum())
    for what in ("Campaigns", "Account"):
        blank = [" --"] * 5
        rows.append(
            [f"Total: {what}", *blank, f"{cost:,.2f}", f"{spend.impressions.astype(int).sum():,}", f"{clicks:,}"]
        )
        rows[-1] += [" --", " --"]
    first, last = spend.date.min(), spend.date.max()
    _write(path, header, rows, above=("Campaign report", f"{first} - {last}"))
    return Shown(len(spend), cost, cost)


def meta_ads(path: Path) -> Shown:
    """Write the display ads as a Meta Ads export by day."""
    spend = _media("display")
    header = "Reporting starts,Reporting ends,Day,Campaign name,Campaign ID,Ad set name,Ad set ID,Ad name,Ad ID"
    header += ",Results,Reach,Frequency,Impressions,Amount spent (EUR),Link clicks,Purchases,Purchases conversion value"
    rows = [
        [
            *(row.date, row.date, row.date, row.campaign, "2385", f"{row.campaign} set", "2386", row.ad, "2387"),
            *(row.claimed_conversions, row.impressions, "1.00", row.impressions, row.cost, row.clicks),
            *(row.claimed_conversions, row.claimed_value),
        ]
        for row in spend.itertuples()
    ]
    _write(path, header.split(","), rows)
    cost = round(float(spend.cost.astype(float).sum()), 2)
    return Shown(len(spend), cost, cost)


def mailchimp_audience(path: Path) -> Shown:
    """Write the people as the ZIP of a Mailchimp audience: subscribed, unsubscribed and cleaned contacts."""
    people = _sample("customers.csv.gz")
    responses = _sample("responses.csv.gz")
    left = dict(responses[responses.kind == "opt_out"][["customer_id", "occurred_at"]].itertuples(index=False))
    members: dict[str, list[list[str]]] = {"subscribed": [], "unsubscribed": [], "cleaned": []}
    for number, person in enumerate(people.itertuples(), start=1):
        since = pd.Timestamp(person.created_at).strftime("%Y-%m-%d %H:%M:%S")
        base = {"Email Address": person.email, "First Name": person.first_name, "Last Name": person.last_name}
        base |= {"MEMBER_RATING": "2", "OPTIN_TIME": since, "CONFIRM_TIME": since, "LAST_CHANGED": since}
        base |= {"CC": person.country, "LEID": str(90_000_000 + number), "EUID": f"{number:010x}", "TAGS": '"shop"'}
        row = [base.get(name, "") for name in AUDIENCE]
        if person.customer_id in left:
            at = pd.Timestamp(left[person.customer_id]).strftime("%Y-%m-%d %H:%M:%S")
            members["unsubscribed"].append([*row, at, "spring", "c1", "NORMAL", ""])
        elif number % 400 == 0:
            members["cleaned"].append([*row, "2026-03-02 08:00:00", "spring", "c1"])
        else:
            members["subscribed"].append(row)
    headers = {"subscribed": AUDIENCE, "unsubscribed": [*AUDIENCE, *UNSUBSCRIBED], "cleaned": [*AUDIENCE, *CLEANED]}
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for state, rows in members.items():
            text = io.StringIO(newline="")
            writer = csv.writer(text)
            writer.writerow(headers[state])
            writer.writerows(rows)
            archive.writestr(f"{state}_email_audience_export_7a2c6d2f3b.csv", text.getvalue())
    return Shown(len(people), 0.0, reasons={state: (len(rows), 0.0) for state, rows in members.items()})


def mailchimp_activity(path: Path) -> Shown:
    """Write the newsletters sent, opened and clicked as a list of actions with their times."""
    touches = pd.read_parquet(SAMPLE / "touches.parquet")
    people = _sample("customers.csv.gz").set_index("customer_id").email
    mails = touches[(touches.channel == "email") & touches.kind.isin(["send", "open", "click"])]
    actions = mails.kind.map({"send": "sent", "open": "open", "click": "click"})
    times = mails.occurred_at.dt.strftime("%Y-%m-%d %H:%M:%S")
    rows = zip(mails.customer_id.map(people), actions, times, mails.campaign.fillna(""), strict=True)
    _write(path, ["Email Address", "Action", "Timestamp", "Campaign Title"], rows)
    return Shown(len(mails), 0.0)


def write_all(folder: Path) -> dict[str, Shown]:
    """Write every export of the sample market into a folder; return what each shows, by the name of its file."""
    return {
        "shopify_orders.csv": shopify(folder / "shopify_orders.csv"),
        "google_ads.csv": google_ads(folder / "google_ads.csv"),
        "meta_ads.csv": meta_ads(folder / "meta_ads.csv"),
        "mailchimp_audience.zip": mailchimp_audience(folder / "mailchimp_audience.zip"),
        "mailchimp_activity.csv": mailchimp_activity(folder / "mailchimp_activity.csv"),
    }


if __name__ == "__main__":
    for name, shown in write_all(Path(sys.argv[1])).items():
        print(name, shown)
