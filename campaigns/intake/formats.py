"""The column contract of every file kind: one table that drives reading, checking, storing, ``--help`` and the docs."""

from __future__ import annotations

from collections.abc import Mapping

from campaigns.intake.columns import IDENTIFIER_KINDS, Column, FileKind, Type
from campaigns.terms import CAUSES, GHOST, STEPS

__all__ = ["IDENTIFIER_KINDS", "KINDS", "Column", "FileKind", "Type"]


def _text(name: str, meaning: str, *, required: bool = False, example: str = "") -> Column:
    return Column(name, Type.TEXT, meaning, required, example=example)


def _choice(name: str, meaning: str, *choices: str, required: bool = False, example: str = "") -> Column:
    return Column(name, Type.CHOICE, meaning, required, choices, example=example or choices[0])


def _time(name: str, meaning: str, *, required: bool = False, past: bool = True) -> Column:
    return Column(name, Type.TIME, meaning, required, past=past, example="2026-05-01T10:00:00+02:00")


def _date(name: str, meaning: str, *, required: bool = False, past: bool = False) -> Column:
    return Column(name, Type.DATE, meaning, required, past=past, example="2026-05-01")


def _money(name: str, meaning: str, *, required: bool = False, minimum: float | None = 0.0) -> Column:
    return Column(name, Type.MONEY, meaning, required, minimum=minimum, example="12.50")


def _count(name: str, meaning: str, *, required: bool = False) -> Column:
    return Column(name, Type.INTEGER, meaning, required, minimum=0, example="3")


def _number(name: str, meaning: str, *, required: bool = False, minimum: float | None = 0.0) -> Column:
    return Column(name, Type.NUMBER, meaning, required, minimum=minimum, example="0.25")


_ACCOUNT = _text("account_id", "the company the person belongs to", example="A-17")
_CHANNEL = _text("channel", "the touch point, for example email, display, search, tv", required=True, example="email")
_CAMPAIGN = _text("campaign", "the campaign", example="spring")
_AD = _text("ad", "the ad or the version within the campaign", example="spring-blue")
_PROMOTION = _text("promotion", "the offer, by its key in the promotions kind", example="spring-10")
_REGION = _text("region", "the region, spelled as in customers", example="north")
_CODE = _text("response_code", "the code that ties a response to a promotion without a person", example="SPRING10")
_CONSENT = ("yes", "no", "unknown")

_KINDS = (
    FileKind(
        "customers",
        "the people you know",
        (
            _text("customer_id", "your own number of the person", required=True, example="C-1001"),
            _time("created_at", "when you first knew of the person"),
            _time("first_order_at", "when the person first ordered, ever"),
            _text("first_name", "first name", example="Ada"),
            _text("last_name", "last name", example="Lovelace"),
            _text("email", "e-mail address", example="ada@example.com"),
            _text("phone", "phone number, best with the country code", example="+905321234567"),
            _text("loyalty", "number of the loyalty card", example="9000123"),
            _text("street", "street and number", example="12 Mill Lane"),
            _text("postcode", "postal code", example="34000"),
            _text("city", "city", example="Istanbul"),
            _REGION,
            _text("country", "ISO 3166 code of the country", example="TR"),
            _text("language", "language to write in", example="tr"),
            _text("time_zone", "IANA zone, for quiet hours", example="Europe/Istanbul"),
            _text("household_id", "people who share a home", example="H-77"),
            _ACCOUNT,
            _text("segment", "your own segment", example="families"),
            _text("owner", "the sales person who owns the relationship", example="dana"),
            _text("territory", "the sales territory", example="west"),
            *(
                _choice(f"consent_{name}", f"may we use {words}", *_CONSENT)
                for name, words in (
                    ("email", "e-mail"),
                    ("phone", "the phone"),
                    ("sms", "text messages"),
                    ("mail", "letters"),
                    ("ads", "the data for targeted ads"),
                )
            ),
        ),
        identity="required",
        key=("customer_id",),
        attributes=True,
    ),
    FileKind(
        "channels",
        "your touch points, where the documented defaults do not fit",
        (
            _CHANNEL,
            _choice("addressable", "whether single persons are reached", "yes", "no"),
            _choice("targeted", "whether it seeks out people who are about to buy", "yes", "no"),
            _choice("plannable", "whether the plan may use it", "yes", "no"),
            _choice("consent", "the consent it needs", "email", "phone", "sms", "mail", "ads", "none"),
            _money("unit_cost", "cost of one contact"),
            _count("carry_over_days", "for how long a touch works, in days"),
        ),
        key=("channel",),
    ),
    FileKind(
        "touches",
        "every contact with a person: made, withheld, or the person's own step",
        (
            _time("occurred_at", "when it happened", required=True),
            _CHANNEL,
            _choice(
                "kind",
                "causes (" + ", ".join(CAUSES) + "), steps (" + ", ".join(STEPS) + ") or a withheld contact (ghost)",
                *CAUSES,
                *STEPS,
                GHOST,
                required=True,
                example="send",
            ),
            _CAMPAIGN,
            _AD,
            _PROMOTION,
            _CODE,
            _money("cost", "cost of this contact"),
            _REGION,
            _choice("outcome", "what came of it", "delivered", "reached", "not reached", "bounced"),
            _text("touch_id", "your own number of the touch", example="T-5"),
        ),
        identity="required",
        key=("touch_id",),
        key_optional=True,
        day="occurred_at",
    ),
    FileKind(
        "responses",
        "what people did: orders, leads, declines, complaints and the rest",
        (
            _time("occurred_at", "when it happened", required=True),
            _choice(
                "kind",
                "what it was",
                "order",
                "lead",
                "signup",
                "redemption",
                "won",
                "decline",
                "interest",
                "complaint",
                "return",
                "support",
                "bounce",
                "opt_out",
                required=True,
            ),
            _money("value", "value net of tax, shipping and discount", minimum=None),
            _money("margin", "margin of it", minimum=None),
            _text("product", "the product", example="P-3"),
            _text("order_id", "the order; a redemption and its order are one event", example="O-42"),
            _PROMOTION,
            _CODE,
            _text("channel", "where it came in", example="web"),
            _text("reason", "why, for a decline, a complaint or a return", example="too expensive"),
            _text("response_id", "your own number of the response", example="R-5"),
        ),
        identity="optional",
        anonymous_with=("response_code", "promotion"),
        key=("response_id",),
        key_optional=True,
        day="occurred_at",
    ),
    FileKind(
        "spend",
        "what was spent, per day",
        (
            _date("date", "the day", required=True, past=True),
            _CHANNEL,
            _money("cost", "what was spent", required=True),
            Column(
                "cost_kind",
                Type.CHOICE,
                "for what",
                choices=("media", "agency", "production", "postage", "discount", "labour"),
                example="media",
                default="media",
            ),
            _CAMPAIGN,
            _AD,
            _REGION,
            _count("impressions", "times shown"),
            _count("clicks", "clicks"),
            _number("units", "other units bought, for example gross rating points"),
            _number("claimed_conversions", "conversions that the platform claims for itself"),
            _money("claimed_value", "the value that the platform claims for itself"),
        ),
        key=("date", "channel", "campaign", "ad", "region", "cost_kind"),
        day="date",
    ),
    FileKind(
        "promotions",
        "the offers",
        (
            _text("promotion", "key of the offer", required=True, example="spring-10"),
            _text("name", "its name for people", required=True, example="Spring, 10 % off"),
            _choice("kind", "product or relationship marketing", "product", "relationship"),
            _text("product", "the product offered", example="P-3"),
            _money("margin", "margin of one response, before the discount"),
            _money("discount", "what the offer gives away per response"),
            _money("target_cac", "the most a new customer may cost"),
            _date("starts_on", "first day"),
            _date("ends_on", "last day"),
            _CODE,
            Column("channels", Type.LIST, "touch points it may use", example="email|mail", longest=2_000),
            Column(
                "excludes",
                Type.LIST,
                "promotions that the same person may not get",
                example="spring-20",
                longest=10_000,
            ),
            _text("not_after", "a promotion after which this one may not follow", example="winter-5"),
            _money("budget", "the most it may cost"),
            Column("text", Type.TEXT, "what to say", example="Ten per cent off until Sunday", longest=10_000),
        ),
        key=("promotion",),
        spans=(("starts_on", "ends_on"),),
        day="starts_on",
    ),
    FileKind(
        "products",
        "what you sell",
        (
            _text("product", "key of the product", required=True, example="P-3"),
            _text("name", "its name", example="Kettle"),
            _money("price", "its price, net of tax"),
            _money("cost", "what one costs you"),
            Column("goes_with", Type.LIST, "products it goes well with", example="P-4|P-9", longest=10_000),
        ),
        key=("product",),
    ),
    FileKind(
        "opportunities",
        "the deals that sales works on; a won one counts as a response",
        (
            _text("opportunity_id", "number of the deal", required=True, example="D-9"),
            _text("owner", "the sales person", required=True, example="dana"),
            _choice("stage", "where it stands", "open", "won", "lost", required=True),
            _text("stage_name", "the stage in your own words", example="Negotiation"),
            _time("opened_on", "when it was opened", required=True),
            _time("closed_on", "when it was closed"),
            _date("expected_close_on", "when it is expected to close"),
            _money("value", "what it is worth"),
            _text("lost_reason", "why it was lost", example="price"),
            _text("competitor", "to whom it was lost", example="Acme"),
            _ACCOUNT,
            _text("lead_source", "where the lead came from", example="fair"),
        ),
        identity="account",
        key=("opportunity_id",),
        spans=(("opened_on", "closed_on"),),
        day="opened_on",
    ),
    FileKind(
        "leads",
        "the leads and how they were followed up",
        (
            _text("lead_id", "number of the lead", required=True, example="L-3"),
            _time("received_at", "when it came in", required=True),
            _text("owner", "the sales person", example="dana"),
            _time("assigned_at", "when it was assigned"),
            _time("first_contacted_at", "when it was first followed up"),
            _time("qualified_at", "when it was qualified"),
            _text("lead_source", "where it came from", example="fair"),
            _ACCOUNT,
        ),
        identity="account",
        key=("lead_id",),
        spans=(("received_at", "assigned_at"), ("received_at", "first_contacted_at"), ("received_at", "qualified_at")),
    ),
    FileKind(
        "sales_activities",
        "what sales did or will do with a customer",
        (
            _text("owner", "the sales person", required=True, example="dana"),
            _time("occurred_at", "when it happened or will happen", required=True, past=False),
            _text("kind", "what it was, for example call, meeting, visit", required=True, example="meeting"),
            _ACCOUNT,
            _text("activity_id", "number of the activity", example="X-8"),
        ),
        identity="account",
        key=("activity_id",),
        key_optional=True,
    ),
    FileKind(
        "cases",
        "what customers asked of service",
        (
            _text("case_id", "number of the case", required=True, example="S-12"),
            _time("opened_at", "when it was opened", required=True),
            _text("reason", "what it is about", required=True, example="late delivery"),
            _choice("state", "where it stands", "open", "closed", required=True),
            _time("closed_at", "when it was closed"),
            _text("promised_by", "who promised something", example="dana"),
            _time("promised_until", "until when it was promised", past=False),
            _text("product", "the product", example="P-3"),
            _money("cost", "what the case cost"),
        ),
        identity="required",
        key=("case_id",),
        spans=(("opened_at", "closed_at"),),
        day="opened_at",
    ),
    FileKind(
        "suppressions",
        "people who are never contacted",
        (
            Column(
                "identifier_kind",
                Type.CHOICE,
                "what the identifier is",
                required=True,
                choices=(*IDENTIFIER_KINDS, "customer"),
                example="email",
            ),
            _text("identifier", "the identifier itself", required=True, example="press@example.com"),
            _text("reason", "why: staff, competitor, press, test, legal, ...", required=True, example="press"),
            _date("until", "until when; for good if empty"),
        ),
        key=("identifier_kind", "identifier"),
    ),
    FileKind(
        "calendar_events",
        "what moves everybody's orders and is no ad",
        (
            _text("name", "its name", required=True, example="summer sale"),
            _date("starts_on", "first day", required=True),
            _date("ends_on", "last day", required=True),
            _choice(
                "kind",
                "what it is",
                "own sale",
                "price change",
                "stock-out",
                "holiday",
                "competitor",
                "other",
                required=True,
            ),
            _REGION,
        ),
        key=("name", "starts_on", "region"),
        spans=(("starts_on", "ends_on"),),
    ),
    FileKind(
        "capacities",
        "what is scarce, per day",
        (
            _text("resource", "what is scarce, for example agent-hours", required=True, example="agent-hours"),
            _date("date", "the day", required=True),
            _number("limit", "how much there is", required=True),
            _text("unit", "in what it is measured", example="hours"),
        ),
        key=("resource", "date"),
    ),
    FileKind(
        "rates",
        "exchange rates into the reporting currency",
        (
            _date("date", "the day", required=True),
            _text("currency", "ISO 4217 code of the foreign currency", required=True, example="USD"),
            Column(
                "rate",
                Type.NUMBER,
                "reporting currency for one unit of it",
                required=True,
                minimum=0.0,
                positive=True,
                example="0.92",
            ),
        ),
        key=("date", "currency"),
    ),
    FileKind(
        "experiments",
        "tests: their plan and, for tests known by a summary, their result",
        (
            _text("experiment", "key of the test", required=True, example="display-may"),
            _CHANNEL,
            _date("starts_on", "first day", required=True),
            _date("ends_on", "last day", required=True),
            _date("measured_until", "until when responses were counted"),
            _text("goal", "the goal measured", example="order"),
            _CAMPAIGN,
            _AD,
            Column(
                "planned_treated_share",
                Type.NUMBER,
                "share of people who were to be treated, 0 to 1",
                minimum=0.0,
                maximum=1.0,
                example="0.9",
            ),
            _count("treated_n", "people treated"),
            _count("treated_responses", "their responses"),
            _count("control_n", "people held back"),
            _count("control_responses", "their responses"),
            _number("touches_per_treated", "touches per person treated"),
            _number("lift", "extra responses, for a geo test", minimum=None),
            _number("lift_se", "standard error of the lift"),
            _money("spend", "what the test cost"),
            Column("region", Type.LIST, "regions tested", example="north|east", longest=10_000),
        ),
        key=("experiment",),
        spans=(("starts_on", "ends_on"), ("ends_on", "measured_until")),
        day="starts_on",
    ),
    FileKind(
        "assignments",
        "who was in which arm of a test",
        (
            _text("experiment", "key of the test", required=True, example="display-may"),
            _text("arm", "the arm, for example treated or control", required=True, example="control"),
            _time("assigned_at", "when the person was assigned", required=True),
        ),
        identity="required",
        key=("experiment", "customer_id", "identifier_kind", "identifier"),
    ),
)

KINDS: Mapping[str, FileKind] = {kind.name: kind for kind in _KINDS}
