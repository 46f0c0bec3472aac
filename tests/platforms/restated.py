"""The small exports again, as their platforms state the same period later: more spend, refunds, deals that moved.

Every number of :data:`RESTATED` is added up by hand from the restated file alone. Amounts are cents.
"""

from __future__ import annotations

import copy
import json
from typing import Any, TypeAlias

from tests.platforms import golden
from tests.platforms.golden import archive, as_csv, audience, sheet

__all__ = ["RESTATED", "Totals", "restated"]

Totals: TypeAlias = dict[str, Any]
"""What is stored: per kind, of responses, touches and the like per what they are, rows and what they add up to."""


def restated(text: str, *changes: tuple[str, str]) -> str:
    """Change an export; each place that is changed must be there, once."""
    for before, after in changes:
        if text.count(before) != 1:
            raise ValueError(f"{before!r} stands {text.count(before)} times in the export")
        text = text.replace(before, after)
    return text


GOOGLE = restated(
    golden.GOOGLE,
    ('"1,234.50","12,000",345,4.50,"1,050.25"\n2026-05-01,B', '"1,240.50","12,000",345,5.50,"1,100.25"\n2026-05-01,B'),
    (
        "2026-05-01,Banner,12,Wide,Display,EUR,10.00, --,7,0.00,0.00\n",
        "2026-05-01,Banner,12,Wide 300,Display,EUR,6.00, --,5,0.00,0.00\n"
        "2026-05-01,Banner,12,Wide 160,Display,EUR,4.00, --,2,0.00,0.00\n",
    ),
    (
        "EUR,5.25,100,2,1.00,20.00\n",
        "EUR,6.25,100,2,1.00,20.00\n2026-05-03,Search - Brand,11,Brand,Search,EUR,7.00,50,1,0.00,0.00\n",
    ),
)
GOOGLE_GERMAN = restated(
    golden.GOOGLE_GERMAN,
    ("1.234,50\t12.000\t345\t4,50\t1.050,25", "1.240,50\t12.000\t345\t5,50\t1.100,25"),
    (
        "01.05.2026\tBanner\tWide\tDisplaynetzwerk\tEUR\t10,00\t --\t7\t0,00\t0,00\n",
        "01.05.2026\tBanner\tWide 300\tDisplaynetzwerk\tEUR\t6,00\t --\t5\t0,00\t0,00\n"
        "01.05.2026\tBanner\tWide 160\tDisplaynetzwerk\tEUR\t4,00\t --\t2\t0,00\t0,00\n",
    ),
    (
        "EUR\t5,25\t100\t2\t1,00\t20,00\n",
        "EUR\t6,25\t100\t2\t1,00\t20,00\n"
        "03.05.2026\tSearch - Brand\tBrand\tSuchnetzwerk\tEUR\t7,00\t50\t1\t0,00\t0,00\n",
    ),
)
GOOGLE_TURKISH = restated(
    golden.GOOGLE_TURKISH,
    ("1.234,50;12.000;345;4,50;1.050,25", "1.240,50;12.000;345;5,50;1.100,25"),
    (
        "2026-05-01;Banner;Wide;Görüntülü Reklam Ağı;EUR;10,00;--;7;0,00;0,00\n",
        "2026-05-01;Banner;Wide 300;Görüntülü Reklam Ağı;EUR;6,00;--;5;0,00;0,00\n"
        "2026-05-01;Banner;Wide 160;Görüntülü Reklam Ağı;EUR;4,00;--;2;0,00;0,00\n",
    ),
    (
        "EUR;5,25;100;2;1,00;20,00\n",
        "EUR;6,25;100;2;1,00;20,00\n2026-05-03;Search - Brand;Brand;Arama Ağı;EUR;7,00;50;1;0,00;0,00\n",
    ),
)
GOOGLE_TOTALS: Totals = {"spend": (5, 126_375, 6.5, 112_025)}

META = restated(
    golden.META,
    (
        "200,20.25,8,2,100\n",
        "210,22.25,9,3,130\n2026-05-03,2026-05-03,2026-05-03,Spring,1,Women,2,Blue,3,0,9,1,5,1,0,0,0\n",
    ),
)
META_TURKISH = restated(
    golden.META_TURKISH,
    ("200;20,25;8;2;100\n", "210;22,25;9;3;130\n2026-05-03;2026-05-03;Spring;Women;Blue;0;5;1,00;0;0;0\n"),
)
META_GERMAN = restated(
    golden.META_GERMAN,
    (
        "200;20,25;8;2\n",
        "210;22,25;9;3\n2026-05-03;2026-05-03;2026-05-03;Spring;Women;Blue;0;Link-Klicks;5;1,00;0;0\n",
    ),
)
META_CURRENCY = restated(
    golden.META_CURRENCY,
    ("20.25,200,2,", "22.25,210,3,"),
    ("Leads,Women,Red,EUR,2026-05-02,2026-05-02,1.00", "Leads,Women,Red,EUR,2026-05-02,2026-05-02,1.50"),
)
FIVETRAN_ADS = restated(
    golden.FIVETRAN_ADS,
    ("105.00,12,300.00\n", "106.00,13,310.00\n"),
    ("Women,Blue,20,900,20.505,1,30.00", "Women,Blue v2,21,910,21.506,1,30.00"),
)
FIVETRAN_ORDERS = restated(
    golden.FIVETRAN_ORDERS,
    ("paid,,False,False,119.00", "partially_refunded,,False,False,119.00"),
    ("19.00,0,0,0,Ada,L,,,,,,DE\n7002", "19.00,0,0,40.00,Ada,L,,,,,,DE\n7002"),
    (
        "2026-05-02 10:00:00,paid,,False,False,59.50",
        "2026-05-02 10:00:00,refunded,2026-05-04 10:00:00,False,False,59.50",
    ),
)
SHOPIFY = restated(
    golden.SHOPIFY,
    ("#1002,bob@example.com,partially_refunded,2026-05-02 09:00:00 +0200,no", "#1002,bob@example.com,refunded,x,yes"),
    ("Shopify Payments,20.00,5002", "Shopify Payments,64.50,5002"),
    (
        "P-4,,Cash,0.00,5006,,\n",
        "P-4,,Cash,5.00,5006,,\n#1007,ada@example.com,paid,x,yes,EUR,16.81,0.00,3.19,20.00,,0.00,"
        "2026-06-02 09:00:00 +0200,1,Cup,16.81,P-4,,Shopify Payments,0.00,5007,,\n",
    ),
)
UNSUBSCRIBED = golden.UNSUBSCRIBED + (
    'Ada@Example.com,Ada,Lovelace,2,"2025-01-02 10:00:00","2026-05-09 10:00:00",Spring,c1,NORMAL,,1,a,,"""shop"""\n'
)
SUBSCRIBED = restated(
    golden.SUBSCRIBED, ("Ada@Example.com,Ada,Lovelace,2", "dora@example.com,Dora,D,2"), (",1,a,,", ",4,d,,")
)
AUDIENCE = audience(subscribed=SUBSCRIBED, unsubscribed=UNSUBSCRIBED, cleaned=golden.CLEANED)
ACTIVITY = golden.ACTIVITY + (
    "ada@example.com,open,2026-05-01 09:00:00,Spring,\nada@example.com,unsub,2026-05-01 09:01:00,Spring,\n"
)
GRANULAR = archive(
    {
        "4/granular_activity/opens/4711_spring-letter.csv": golden.OPENS + "Ada@example.com,2026-05-01 10:00:00\n",
        "4/granular_activity/opens/4712_may-letter.csv": "Email,Timestamp\nbob@example.com,2026-05-09 08:30:00\n",
        "4/granular_activity/clicks/4711_spring-letter.csv": golden.CLICKS,
    }
)
GA4 = copy.deepcopy(golden.GA4_EVENTS)
for _event in GA4:
    if _event["ecommerce"] == {"transaction_id": "5001", "purchase_revenue": 100.0}:
        _event["ecommerce"] = {"transaction_id": "5001", "purchase_revenue": 80.0}
GA4 += [
    {**golden.GA4_EVENTS[0], "user_pseudo_id": "4.4", "event_timestamp": "1777716000000000"},
    {
        **golden.GA4_EVENTS[0],
        "event_name": "purchase",
        "event_timestamp": "1777629950000000",
        "ecommerce": {"transaction_id": "5002", "purchase_revenue": 40.0},
    },
]
_BIG, _OPEN, _GONE = golden.HUBSPOT_DEALS[1:]
HUBSPOT_DEALS = [
    golden.HUBSPOT_DEALS[0],
    [*_BIG[:5], "1,400.00", *_BIG[6:]],
    [_OPEN[0], _OPEN[1], "closedwon", "2026-06-01 10:00", _OPEN[4], "300.00", *_OPEN[6:]],
    _GONE,
    ["9004", "New", "Qualified To Buy", "", "2026-06-02 09:00", "50", "Dana D", "104", ""],
]
HUBSPOT_DEAL_TOTALS: Totals = {"opportunities": {"won": (2, 170_000), "lost": (1, 2_000), "open": (1, 5_000)}}
HUBSPOT_CONTACTS = """Record ID,First Name,Last Name,Email,Phone Number,Contact owner,Lifecycle Stage,Create Date,\
Became a Lead Date,Unsubscribed from all email
101,Ada,L,Ada@example.com,,Dana D,Customer,2026-01-01 10:00,,true
102,Bob,B,bob@example.com,+4930123,,Customer,2026-05-01 10:00,2026-05-02 10:00,
103,Cem,C,cem@example.com,,Dana D,Lead,2026-05-03 10:00,2026-05-03 10:00,
"""
HUBSPOT_ACTIVITIES = restated(
    golden.HUBSPOT_ACTIVITIES,
    (
        "502,Meeting,2026-12-01 10:00,Emre E,102\n",
        "502,Meeting,2026-12-02 10:00,Dana D,102\n503,Task,2026-05-03 10:00,Dana D,102\n",
    ),
)
HUBSPOT_CALLS = golden.HUBSPOT_CALLS + "603,Third talk,OUTBOUND,Connected,2026-05-03 10:00,Dana D,101\n"
SALESFORCE = (
    restated(
        golden.SALESFORCE_API,
        ("Closed Won,1500.00", "Closed Won,1450.00"),
        ("Negotiation,700.00,2026-12-31,false,false", "Closed Lost,700.00,2026-05-20,true,false"),
        ("2026-05-03T09:00:00.000+0000,005B,false", "2026-05-03T09:00:00.000+0000,005B,true"),
    )
    + "006E,001C,New,Prospecting,10.00,2026-12-01,false,false,Web,2026-06-01T09:00:00.000+0000,005A,false\n"
)
SALESFORCE_REPORT = restated(
    golden.SALESFORCE_REPORT,
    ('"1,500.00"', '"1,450.00"'),
    ("Negotiation,700.00,12/31/2026,0,0", "Closed Lost,700.00,5/20/2026,1,0"),
    ("Grand Totals (3", "006E,New,Acme,Prospecting,10.00,12/1/2026,0,0,6/1/2026,Dana D,Web\nGrand Totals (4"),
)
SALESFORCE_BRITISH = restated(
    golden.SALESFORCE_BRITISH,
    ('"1,500.00"', '"1,450.00"'),
    ("Negotiation,700.00,31/12/2026,0,0", "Closed Lost,700.00,20/05/2026,1,0"),
    ("Grand Totals (3", "006E,New,Acme,Prospecting,10.00,01/12/2026,0,0,01/06/2026,Dana D,Web\nGrand Totals (4"),
)
SALESFORCE_TOTALS: Totals = {"opportunities": {"won": (1, 145_000), "lost": (2, 72_000), "open": (1, 1_000)}}
MEMBERS = restated(
    golden.CAMPAIGN_MEMBERS,
    ("003A,Sent,false,,", "003A,Planned,false,,"),
    ("003C,Planned,false,,", "003C,Sent,false,,"),
    ("003A,Mailed,false,,", "003A,Responded,true,2026-05-06,"),
)
LEADS = """Id,FirstName,LastName,Email,Phone,LeadSource,Status,OwnerId,CreatedDate,IsConverted,ConvertedDate,IsDeleted
00Q1,Ada,L,ada.l@example.com,,Fair,Converted,005A,2026-05-01T09:00:00.000Z,true,2026-05-10,false
00Q2,Bob,B,bob@example.com,,Web,Converted,005A,2026-05-02T09:00:00.000Z,true,2026-05-05,true
00Q3,Cem,C,cem@example.com,,Web,Open,005A,2026-05-12T09:00:00.000Z,false,,false
"""
TASKS = restated(
    golden.SALESFORCE_TASKS,
    ("Completed,2026-05-01,false", "Completed,2026-05-01,true"),
    (
        "Not Started,2026-12-01,false\n",
        "Completed,2026-05-20,false\n00T3,003B,,001A,005A,Again,Call,Completed,2026-05-21,false\n",
    ),
)
CASES = (
    restated(
        golden.SALESFORCE_CASES,
        ("New,false,2026-05-03T09:00:00.000Z,\n", "Closed,true,2026-05-03T09:00:00.000Z,2026-05-10T09:00:00.000Z\n"),
    )
    + "00003,003C,,late delivery,Where,New,false,2026-05-12T09:00:00.000Z,\n"
)
CONTACTS = restated(golden.MAUTIC_CONTACTS, ("2,,,,,,,0,", "2,Bob,B,bob@example.com,,,,3,"))
STATS = restated(
    golden.MAUTIC_STATS,
    (
        "bob@example.com,0,1,2026-05-01 08:00:00,,y,0\n",
        "bob@example.com,1,0,2026-05-01 08:00:00,2026-05-02 07:00:00,y,1\n"
        "13,3,3,cem@example.com,0,1,2026-05-03 08:00:00,,z,0\n",
    ),
)

RESTATED: dict[str, tuple[bytes, Totals]] = {
    "google": (GOOGLE.encode(), GOOGLE_TOTALS),
    "google german": (GOOGLE_GERMAN.encode("utf-16"), GOOGLE_TOTALS),
    "google turkish": (GOOGLE_TURKISH.encode("windows-1254"), GOOGLE_TOTALS),
    "meta": (META.encode(), {"spend": (3, 3_350, 4.0, 18_000)}),
    "meta turkish": (META_TURKISH.encode("windows-1254"), {"spend": (3, 3_350, 4.0, 18_000)}),
    "meta german": (META_GERMAN.encode(), {"spend": (3, 3_350, 4.0, 0)}),
    "meta currency": (META_CURRENCY.encode(), {"spend": (3, 3_400, 4.0, 0)}),
    "fivetran ads": (FIVETRAN_ADS.encode(), {"spend": (2, 12_751, 14.0, 34_000)}),
    "fivetran orders": (
        FIVETRAN_ORDERS.encode(),
        {"responses": {"order": (1, 6_000), "return": (1, 5_000)}, "customers": (1, 0)},
    ),
    "shopify": (
        SHOPIFY.encode(),
        {
            "responses": {"order": (3, 12_181), "return": (3, 480)},
            "customers": (4, 1),
            "left out": {
                "test": (1, 119),
                "cancelled": (1, 4_070),
                "refunded": (2, 11_020),
                "tax": (0, 2_409),
                "shipping": (0, 500),
            },
        },
    ),
    "mailchimp": (AUDIENCE, {"customers": (4, 3), "responses": {"opt_out": (2, 0), "bounce": (1, 0)}}),
    "mailchimp activity": (
        ACTIVITY.encode(),
        {"touches": {"send": 1, "open": 2, "click": 1}, "responses": {"bounce": (1, 0), "opt_out": (1, 0)}},
    ),
    "mailchimp granular": (GRANULAR, {"touches": {"open": 4, "click": 1}}),
    "ga4": (
        "\n".join(map(json.dumps, GA4)).encode(),
        {
            "touches": {"visit": 2, "click": 1},
            "responses": {"order": (2, 12_000)},
            "left out": {"without order number": (1, 700)},
        },
    ),
    "hubspot deals": (as_csv(HUBSPOT_DEALS), HUBSPOT_DEAL_TOTALS),
    "hubspot deals xlsx": (sheet(HUBSPOT_DEALS, "Deals"), HUBSPOT_DEAL_TOTALS),
    "hubspot contacts": (HUBSPOT_CONTACTS.encode(), {"customers": (3, 1), "leads": (2, 0)}),
    "hubspot activities": (HUBSPOT_ACTIVITIES.encode(), {"sales_activities": {"Call": 1, "Meeting": 1, "Task": 1}}),
    "hubspot calls": (HUBSPOT_CALLS.encode(), {"sales_activities": {"call": 3}}),
    "salesforce": (
        SALESFORCE.encode(),
        {
            "opportunities": {"won": (1, 145_000), "lost": (1, 70_000), "open": (1, 1_000)},
            "left out": {"deleted": (2, 4_000)},
        },
    ),
    "salesforce report": (SALESFORCE_REPORT.encode(), SALESFORCE_TOTALS),
    "salesforce british": (SALESFORCE_BRITISH.encode(), SALESFORCE_TOTALS),
    "salesforce members": (
        MEMBERS.encode(),
        {
            "touches": {"send": 2, "mail": 1},
            "responses": {"interest": (2, 0)},
            "left out": {"not contacted": (1, 0)},
        },
    ),
    "salesforce leads": (
        LEADS.encode(),
        {"leads": (2, 1), "customers": (2, 0), "left out": {"deleted": (2, 0)}},
    ),
    "salesforce tasks": (
        TASKS.encode(),
        {"sales_activities": {"Task": 1, "Call": 1}, "left out": {"deleted": (1, 0)}},
    ),
    "salesforce cases": (CASES.encode(), {"cases": {"closed": 2, "open": 1}}),
    "mautic contacts": (CONTACTS.encode(), {"customers": (2, 0)}),
    "mautic stats": (STATS.encode(), {"touches": {"send": 3, "open": 2}, "responses": {"bounce": (1, 0)}}),
}
"""For each small export the bytes of the later one, and everything that must be stored once it is in."""
