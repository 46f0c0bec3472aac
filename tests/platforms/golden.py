"""Small exports by hand, each in the shape in which its platform writes it, whose every number is known."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping, Sequence

import openpyxl

__all__ = ["EXPORTS", "GA4_EVENTS", "HUBSPOT_DEALS", "archive", "as_csv", "audience", "sheet"]


def sheet(rows: Sequence[Sequence[object]], title: str = "Sheet") -> bytes:
    """Return a workbook with one sheet."""
    book = openpyxl.Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(list(row))
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def archive(files: Mapping[str, str]) -> bytes:
    """Return a ZIP of text files, by their paths."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as packed:
        for path, text in files.items():
            packed.writestr(path, text)
    return stream.getvalue()


def audience(**files: str) -> bytes:
    """Return the ZIP of an audience: the contacts of each status."""
    return archive({f"{name}_email_audience_export_7a2c6d2f3b.csv": text for name, text in files.items()})


def as_csv(rows: Sequence[Sequence[object]]) -> bytes:
    """Return rows as CSV, every cell in quotes."""
    return "\n".join(",".join(f'"{cell}"' for cell in row) for row in rows).encode()


GOOGLE = """Campaign report
"May 1, 2026 - May 2, 2026"
Day,Campaign,Campaign ID,Ad group,Campaign type,Currency code,Cost,Impr.,Clicks,Conversions,Conv. value
2026-05-01,Search - Brand,11,Brand,Search,EUR,"1,234.50","12,000",345,4.50,"1,050.25"
2026-05-01,Banner,12,Wide,Display,EUR,10.00, --,7,0.00,0.00
2026-05-02,Search - Brand,11,Brand,Search,EUR,5.25,100,2,1.00,20.00
Total: Campaigns, --, --, --, --, --,"1,249.75","12,100",354,5.50,"1,070.25"
Total: Account, --, --, --, --,EUR,"1,249.75","12,100",354,5.50,"1,070.25"
"""
GOOGLE_GERMAN = (
    "Kampagnenbericht\n1. Mai 2026 - 2. Mai 2026\n"
    "Tag\tKampagne\tAnzeigengruppe\tKampagnentyp\tWährungscode\tKosten\tImpr.\tKlicks\tConversions\tConv.-Wert\n"
    "01.05.2026\tSearch - Brand\tBrand\tSuchnetzwerk\tEUR\t1.234,50\t12.000\t345\t4,50\t1.050,25\n"
    "01.05.2026\tBanner\tWide\tDisplaynetzwerk\tEUR\t10,00\t --\t7\t0,00\t0,00\n"
    "02.05.2026\tSearch - Brand\tBrand\tSuchnetzwerk\tEUR\t5,25\t100\t2\t1,00\t20,00\n"
    "Gesamt: Kampagnen\t --\t --\t --\t --\t1.249,75\t12.100\t354\t5,50\t1.070,25\n"
)
GOOGLE_TURKISH = (
    "Kampanya raporu\n1 Mayıs 2026 - 2 Mayıs 2026\n"
    "Gün;Kampanya;Reklam grubu;Kampanya türü;Para birimi kodu;Maliyet;Gösterim;Tıklamalar;Dönüşümler;Dönüşüm değeri\n"
    "2026-05-01;Search - Brand;Brand;Arama Ağı;EUR;1.234,50;12.000;345;4,50;1.050,25\n"
    "2026-05-01;Banner;Wide;Görüntülü Reklam Ağı;EUR;10,00;--;7;0,00;0,00\n"
    "2026-05-02;Search - Brand;Brand;Arama Ağı;EUR;5,25;100;2;1,00;20,00\n"
    "Toplam: Kampanyalar;--;--;--;--;1.249,75;12.100;354;5,50;1.070,25\n"
)
META = """Reporting starts,Reporting ends,Day,Campaign name,Campaign ID,Ad set name,Ad set ID,Ad name,Ad ID,Results,\
Reach,Frequency,Impressions,Amount spent (EUR),Link clicks,Purchases,Purchases conversion value
2026-05-01,2026-05-02,,,,,,,,9,,,300,30.5,12,3,150
2026-05-01,2026-05-01,2026-05-01,Spring,1,Women,2,Blue,3,5,90,1.1,100,10.25,4,1,50
2026-05-02,2026-05-02,2026-05-02,Spring,1,Women,2,Blue,3,4,90,1.1,200,20.25,8,2,100
""".replace("2026-05-01,2026-05-02,,", "2026-05-01,2026-05-01,,")
META_TURKISH = """Rapor Başlangıcı;Rapor Sonu;Kampanya Adı;Reklam Seti Adı;Reklam Adı;Sonuçlar;Gösterim;\
Harcanan Tutar (EUR);Bağlantı Tıklamaları;Alışverişler;Alışveriş dönüşüm değeri
2026-05-01;2026-05-01;Spring;Women;Blue;5;100;10,25;4;1;50
2026-05-02;2026-05-02;Spring;Women;Blue;4;200;20,25;8;2;100
"""
META_GERMAN = """\ufeffBerichtsstart;Berichtsende;Tag;Kampagnenname;Anzeigengruppenname;Anzeigenname;Ergebnisse;\
Ergebnistyp;Impressionen;Ausgegebener Betrag (EUR);Link-Klicks;Käufe
2026-05-01;2026-05-01;2026-05-01;Spring;Women;Blue;5;Link-Klicks;100;10,25;4;1
2026-05-02;2026-05-02;2026-05-02;Spring;Women;Blue;4;Link-Klicks;200;20,25;8;2
"""
META_CURRENCY = """Campaign name,Ad set name,Ad name,Currency,Reporting starts,Reporting ends,Amount spent,Impressions,\
Results,Result indicator
Spring,Women,Blue,EUR,2026-05-01,2026-05-01,10.25,100,1,actions:offsite_conversion.fb_pixel_purchase
Spring,Women,Blue,EUR,2026-05-02,2026-05-02,20.25,200,2,actions:offsite_conversion.fb_pixel_purchase
Leads,Women,Red,EUR,2026-05-02,2026-05-02,1.00,10,7,actions:lead
"""
FIVETRAN_ADS = """source_relation,date_day,platform,campaign_name,ad_group_name,ad_name,clicks,impressions,spend,\
conversions,conversions_value
google_ads.daily,2026-05-01,Google Ads,School,Brand,Text,140,5000,105.00,12,300.00
facebook_ads.daily,2026-05-01,Facebook Ads,School,Women,Blue,20,900,20.505,1,30.00
"""
FIVETRAN_ORDERS = """order_id,orders_unique_key,source_relation,customer_id,email,processed_timestamp,financial_status,\
cancelled_timestamp,is_test_order,is_deleted,total_price,total_price_set,total_tax,shipping_cost,total_tip_received,\
refund_subtotal,shipping_address_first_name,shipping_address_last_name,shipping_address_phone,shipping_address_address_1,\
shipping_address_zip,shipping_address_city,shipping_address_province_code,shipping_address_country_code
7001,shop_7001,shopify.eu,2001,ada@example.com,2026-05-01 10:00:00,paid,,False,False,119.00,\
"{""shop_money"":{""currency_code"":""EUR""}}",19.00,0,0,0,Ada,L,,,,,,DE
7002,shop_7002,shopify.eu,,bob@example.com,2026-05-02 10:00:00,paid,,False,False,59.50,\
"{""shop_money"":{""currency_code"":""EUR""}}",9.50,0,0,0,Bob,B,,,,,,DE
7003,shop_7003,shopify.eu,2001,ada@example.com,2026-05-03 10:00:00,paid,,True,False,1.00,\
"{""shop_money"":{""currency_code"":""EUR""}}",0,0,0,0,Ada,L,,,,,,DE
"""
SHOPIFY = """Name,Email,Financial Status,Paid at,Accepts Marketing,Currency,Subtotal,Shipping,Taxes,Total,\
Discount Code,Discount Amount,Created at,Lineitem quantity,Lineitem name,Lineitem price,Lineitem sku,\
Cancelled at,Payment Method,\
Refunded Amount,Id,Tags,Phone
#1001,Ada@Example.com,paid,2026-05-01 10:00:00 +0200,yes,EUR,100.00,5.00,19.00,124.00,SPRING10,10.00,\
2026-05-01 10:00:00 +0200,1,Kettle,60.00,P-3,,Shopify Payments,0.00,5001,,
#1001,ada@example.com,,,,,,,,,,,2026-05-01 10:00:00 +0200,2,Cup,20.00,P-4,,,,,,
#1002,bob@example.com,partially_refunded,2026-05-02 09:00:00 +0200,no,EUR,50.00,5.00,9.50,64.50,,0.00,\
2026-05-02 09:00:00 +0200,1,Cup,50.00,P-4,,Shopify Payments,20.00,5002,,
#1003,ada@example.com,refunded,2026-05-03 09:00:00 +0200,yes,EUR,30.00,5.00,5.70,40.70,,0.00,\
2026-05-03 09:00:00 +0200,1,Cup,30.00,P-4,,Shopify Payments,40.70,5003,,
#1004,cem@example.com,voided,,yes,EUR,30.00,5.00,5.70,40.70,,0.00,2026-05-04 09:00:00 +0200,1,Cup,30.00,P-4,\
2026-05-04 10:00:00 +0200,Shopify Payments,0.00,5004,,
#1005,dev@example.com,paid,2026-05-05 09:00:00 +0200,no,EUR,1.00,0.00,0.19,1.19,,0.00,2026-05-05 09:00:00 +0200,1,Cup,\
1.00,P-4,,Bogus Gateway,0.00,5005,test,
#1006,,paid,2026-06-01 09:00:00 +0200,no,EUR,10.00,0.00,1.90,11.90,FLYER,0.00,2026-06-01 09:00:00 +0200,1,Cup,10.00,\
P-4,,Cash,0.00,5006,,
"""
SUBSCRIBED = (
    '"Email Address","First Name","Last Name",MEMBER_RATING,OPTIN_TIME,LAST_CHANGED,LEID,EUID,NOTES,TAGS\n'
    'Ada@Example.com,Ada,Lovelace,2,"2025-01-02 10:00:00","2025-01-02 10:00:00",1,a,,"""shop"""\n'
)
UNSUBSCRIBED = (
    '"Email Address","First Name","Last Name",MEMBER_RATING,OPTIN_TIME,UNSUB_TIME,UNSUB_CAMPAIGN_TITLE,'
    "UNSUB_CAMPAIGN_ID,UNSUB_REASON,UNSUB_REASON_OTHER,LEID,EUID,NOTES,TAGS\n"
    'bob@example.com,Bob,B,2,"2025-01-02 10:00:00","2026-05-02 10:00:00",Spring,c1,NORMAL,,2,b,,\n'
)
CLEANED = (
    '"Email Address","First Name","Last Name",MEMBER_RATING,OPTIN_TIME,CLEAN_TIME,CLEAN_CAMPAIGN_TITLE,'
    "CLEAN_CAMPAIGN_ID,LEID,EUID,NOTES,TAGS\n"
    'cem@example.com,Cem,C,2,"2025-01-02 10:00:00","2026-05-03 10:00:00",Spring,c1,3,c,,\n'
)
OPENS = "Email,Timestamp\nAda@example.com,2026-05-01 08:05:00\nbob@example.com,2026-05-01 08:30:00\n"
CLICKS = "Email,Timestamp,Url\nAda@example.com,2026-05-01 08:06:00,https://example.com\n"
UNOPENED = "Email,Opens\ncem@example.com,0\n"
ACTIVITY = """Email Address,Action,Timestamp,Campaign Title,URL
Ada@example.com,sent,2026-05-01 08:00:00,Spring,
ada@example.com,open,2026-05-01 08:05:00,Spring,
ada@example.com,click,2026-05-01 08:06:00,Spring,https://example.com
bob@example.com,bounce,2026-05-01 08:00:01,Spring,
"""


def _event(name: str, micros: int, person: str, **more: object) -> dict[str, object]:
    params = [
        {"key": "ga_session_id", "value": {"string_value": None, "int_value": "77", "float_value": None}},
        {"key": "currency", "value": {"string_value": "EUR", "int_value": None, "float_value": None}},
    ]
    event: dict[str, object] = {
        "event_date": "20260501",
        "event_timestamp": str(micros),
        "event_name": name,
        "event_params": params,
        "user_id": None,
        "user_pseudo_id": person,
        "traffic_source": {"name": "first ever", "medium": "cpc", "source": "google"},
        "collected_traffic_source": {"manual_medium": None, "manual_campaign_name": None, "gclid": None},
        "session_traffic_source_last_click": {
            "manual_campaign": {"campaign_name": "spring", "medium": "email"},
            "cross_channel_campaign": {"default_channel_group": "Email"},
        },
        "ecommerce": {"transaction_id": None, "purchase_revenue": None},
    }
    return {**event, **more}


_PAID = {
    "manual_campaign": {"campaign_name": "brand_tr", "medium": "cpc"},
    "cross_channel_campaign": {"default_channel_group": "Paid Search"},
}
GA4_EVENTS = [
    _event("session_start", 1_777_629_600_000_000, "1.1"),
    _event("page_view", 1_777_629_601_000_000, "1.1"),
    _event("session_start", 1_777_629_700_000_000, "2.2", user_id="C-2", session_traffic_source_last_click=_PAID),
    _event("purchase", 1_777_629_800_500_000, "2.2", ecommerce={"transaction_id": "5001", "purchase_revenue": 100.0}),
    _event("purchase", 1_777_629_900_000_000, "2.2", ecommerce={"transaction_id": "5001", "purchase_revenue": 100.0}),
    _event(
        "purchase", 1_777_629_900_000_000, "3.3", ecommerce={"transaction_id": "(not set)", "purchase_revenue": 7.0}
    ),
]
HUBSPOT_DEALS = [
    [
        *("Record ID", "Deal Name", "deal stage", "Close Date", "Create Date", "Amount", "Deal owner"),
        *("Associated Contact IDs", "Associated Company IDs"),
    ],
    ["9001", "Big", "closedwon", "2026-05-10 10:00", "2026-05-01 09:00", "1,500.00", "Dana D", "101;102", "7"],
    ["9002", "Open", "Appointment Scheduled", "2026-12-31 10:00", "2026-05-02 09:00", "", "", "", "7;8"],
    ["9003", "Gone", "Closed Lost", "2026-05-11 10:00", "2026-05-03 09:00", "20", "Dana D", "103", ""],
]
HUBSPOT_CONTACTS = """Record ID,First Name,Last Name,Email,Phone Number,Contact owner,Lifecycle Stage,Create Date
101,Ada,L,Ada@example.com,,Dana D,Customer,2026-01-01 10:00
102,Bob,B,bob@example.com,+4930123,,Lead,2026-05-01 10:00
"""
HUBSPOT_ACTIVITIES = """Record ID,Activity type,Activity date,Activity assigned to,Associated Contact IDs
501,Call,2026-05-01 10:00,Dana D,101;102
502,Meeting,2026-12-01 10:00,Emre E,102
"""
HUBSPOT_CALLS = """Record ID,Call title,Call direction,Call outcome,Activity date,Activity assigned to,\
Associated Contact IDs
601,First talk,OUTBOUND,Connected,2026-05-01 10:00,Dana D,101
602,Second talk,OUTBOUND,No answer,2026-05-02 10:00,Dana D,102
"""
SALESFORCE_API = """Id,AccountId,Name,StageName,Amount,CloseDate,IsClosed,IsWon,LeadSource,CreatedDate,OwnerId,IsDeleted
006A,001A,Big,Closed Won,1500.00,2026-05-10,true,true,Web,2026-05-01T09:00:00.000+0000,005A,false
006B,001A,Open,Negotiation,700.00,2026-12-31,false,false,Web,2026-05-02T09:00:00.000+0000,005A,false
006C,001B,Gone,Closed Lost,20.00,2026-05-11,true,false,,2026-05-03T09:00:00.000+0000,005B,false
006D,001B,Bin,Closed Lost,20.00,2026-05-11,true,false,,2026-05-03T09:00:00.000+0000,005B,true
"""
SALESFORCE_REPORT = """Opportunity ID,Opportunity Name,Account Name,Stage,Amount,Close Date,Closed,Won,Created Date,\
Opportunity Owner,Lead Source
006A,Big,Acme,Closed Won,"1,500.00",5/10/2026,1,1,5/1/2026,Dana D,Web
006B,Open,Acme,Negotiation,700.00,12/31/2026,0,0,5/2/2026,Dana D,Web
006C,Gone,Bolt,Closed Lost,20.00,5/11/2026,1,0,5/3/2026,Emre E,
Grand Totals (3 records)

Confidential Information - Do Not Distribute
Copyright (c) 2000-2026 salesforce.com inc.
"""
SALESFORCE_BRITISH = SALESFORCE_REPORT.replace("5/10/2026", "10/05/2026").replace("12/31/2026", "31/12/2026")
for _day in ("1", "2", "3", "11"):
    SALESFORCE_BRITISH = SALESFORCE_BRITISH.replace(f"5/{_day}/2026", f"{_day}/05/2026")
CAMPAIGN_MEMBERS = """Id,CampaignId,Campaign.Name,Campaign.Type,LeadOrContactId,Status,HasResponded,\
FirstRespondedDate,CreatedDate
00v1,701A,Spring,Email,003A,Sent,false,,2026-05-01T09:00:00.000Z
00v2,701A,Spring,Email,003B,Responded,true,2026-05-03,2026-05-01T09:00:00.000Z
00v3,701A,Spring,Email,003C,Planned,false,,2026-05-01T09:00:00.000Z
00v4,701B,Letters,Direct Mail,003A,Mailed,false,,2026-05-02T09:00:00.000Z
"""
SALESFORCE_LEADS = """Id,FirstName,LastName,Email,Phone,LeadSource,Status,OwnerId,CreatedDate,IsConverted,ConvertedDate
00Q1,Ada,L,Ada@example.com,,Fair,Open,005A,2026-05-01T09:00:00.000Z,false,
00Q2,Bob,B,bob@example.com,,Web,Converted,005A,2026-05-02T09:00:00.000Z,true,2026-05-05
"""
SALESFORCE_TASKS = """Id,WhoId,WhatId,AccountId,OwnerId,Subject,TaskSubtype,Status,ActivityDate,IsDeleted
00T1,003A,,001A,005A,Ring,Call,Completed,2026-05-01,false
00T2,003B,,001A,005A,Later,Task,Not Started,2026-12-01,false
"""
SALESFORCE_CASES = """CaseNumber,ContactId,ContactEmail,Reason,Subject,Status,IsClosed,CreatedDate,ClosedDate
00001,003A,,late delivery,Where is it,Closed,true,2026-05-01T09:00:00.000Z,2026-05-02T09:00:00.000Z
00002,,bob@example.com,,Broken,New,false,2026-05-03T09:00:00.000Z,
"""
MAUTIC_CONTACTS = """id,firstname,lastname,email,phone,city,country,points,date_added
1,Ada,L,Ada@example.com,,Istanbul,Turkey,5,2026-01-01 10:00:00
2,,,,,,,0,2026-01-02 10:00:00
"""
MAUTIC_STATS = """id,email_id,lead_id,email_address,is_read,is_failed,date_sent,date_read,tracking_hash,open_count
11,3,1,Ada@example.com,1,0,2026-05-01 08:00:00,2026-05-01 09:00:00,x,2
12,3,2,bob@example.com,0,1,2026-05-01 08:00:00,,y,0
"""

EXPORTS: dict[str, tuple[str, str, bytes]] = {
    "google": ("google_ads", "google.csv", GOOGLE.encode()),
    "google german": ("google_ads", "google.csv", GOOGLE_GERMAN.encode("utf-16")),
    "google turkish": ("google_ads", "google.csv", GOOGLE_TURKISH.encode("windows-1254")),
    "meta": ("meta_ads", "meta.csv", META.encode()),
    "meta turkish": ("meta_ads", "meta.csv", META_TURKISH.encode("windows-1254")),
    "meta german": ("meta_ads", "meta.csv", META_GERMAN.encode()),
    "meta currency": ("meta_ads", "meta.csv", META_CURRENCY.encode()),
    "fivetran ads": ("fivetran_ad_report", "ad_report.csv", FIVETRAN_ADS.encode()),
    "fivetran orders": ("fivetran_shopify_orders", "orders.csv", FIVETRAN_ORDERS.encode()),
    "shopify": ("shopify_orders", "orders_export.csv", SHOPIFY.encode()),
    "mailchimp": (
        "mailchimp_audience",
        "audience_export.zip",
        audience(subscribed=SUBSCRIBED, unsubscribed=UNSUBSCRIBED, cleaned=CLEANED),
    ),
    "mailchimp granular": (
        "mailchimp_activity",
        "granular_activity.zip",
        archive(
            {
                "4/granular_activity/opens/4711_spring-letter.csv": OPENS,
                "4/granular_activity/clicks/4711_spring-letter.csv": CLICKS,
                "4/aggregate_activity/not_opened/4711_spring-letter.csv": UNOPENED,
            }
        ),
    ),
    "mailchimp activity": ("mailchimp_activity", "activity.csv", ACTIVITY.encode()),
    "ga4": ("ga4_events", "events.jsonl", "\n".join(map(json.dumps, GA4_EVENTS)).encode()),
    "hubspot deals": ("hubspot_deals", "deals.csv", as_csv(HUBSPOT_DEALS)),
    "hubspot deals xlsx": ("hubspot_deals", "deals.xlsx", sheet(HUBSPOT_DEALS, "Deals")),
    "hubspot contacts": ("hubspot_contacts", "contacts.csv", HUBSPOT_CONTACTS.encode()),
    "hubspot activities": ("hubspot_activities", "activities.csv", HUBSPOT_ACTIVITIES.encode()),
    "hubspot calls": ("hubspot_activities", "calls.csv", HUBSPOT_CALLS.encode()),
    "salesforce": ("salesforce_opportunities", "Opportunity.csv", SALESFORCE_API.encode()),
    "salesforce report": ("salesforce_opportunities", "report1.csv", SALESFORCE_REPORT.encode()),
    "salesforce british": ("salesforce_opportunities", "report1.csv", SALESFORCE_BRITISH.encode()),
    "salesforce members": ("salesforce_campaign_members", "CampaignMember.csv", CAMPAIGN_MEMBERS.encode()),
    "salesforce leads": ("salesforce_leads", "Lead.csv", SALESFORCE_LEADS.encode()),
    "salesforce tasks": ("salesforce_tasks", "Task.csv", SALESFORCE_TASKS.encode()),
    "salesforce cases": ("salesforce_cases", "Case.csv", SALESFORCE_CASES.encode()),
    "mautic contacts": ("mautic_contacts", "contacts.csv", MAUTIC_CONTACTS.encode()),
    "mautic stats": ("mautic_email_stats", "email_stats.csv", MAUTIC_STATS.encode()),
}
"""For each export: the mapping that reads it, the name of the file, its bytes."""
