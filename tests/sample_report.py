"""A realistic report and plan for the tests of reporting and web: a bad channel, an endless cost, an idle one."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime

from campaigns.terms import (
    Check,
    Cost,
    Effect,
    Plan,
    PlanConstraint,
    PlannedContact,
    Proof,
    Range,
    Report,
    RunSummary,
    Verdict,
    Window,
)

TARGET = 40.0

# channel: spend, touches, extra (mean, p05, p95), new (the same), cost (median, p05, p95), cost of the next one,
#          chance of no effect, chance below target, last touch, first touch, linear, claimed, proof
CHANNELS: dict[str, tuple[object, ...]] = {
    "email": (
        1_840.0,
        212_400,
        (742.3, 611.8, 868.1),
        (131.4, 104.6, 158.9),
        (14.0, 11.6, 17.6),
        22.0,
        0.0,
        0.998,
        688,
        640,
        661.5,
        None,
        "tested",
    ),
    "sms": (
        2_610.0,
        31_200,
        (171.2, 118.4, 226.0),
        (58.3, 29.4, 94.9),
        (44.8, 27.5, 88.9),
        58.0,
        0.004,
        0.28,
        96,
        101,
        99.2,
        None,
        "estimated",
    ),
    "mail": (
        12_450.0,
        19_920,
        (388.6, 301.2, 471.9),
        (352.1, 271.0, 431.4),
        (35.4, 28.9, 45.9),
        61.0,
        0.0,
        0.81,
        142,
        210,
        176.4,
        None,
        "tested",
    ),
    "call": (
        4_180.0,
        2_090,
        (27.4, 0.2, 61.3),
        (17.9, 0.0, 41.2),
        (233.0, 101.0, None),
        None,
        0.36,
        0.008,
        41,
        22,
        30.6,
        None,
        "estimated",
    ),
    "display": (
        18_300.0,
        846_000,
        (213.6, 148.1, 281.9),
        (118.2, 79.4, 160.3),
        (154.8, 114.2, 230.5),
        240.0,
        0.0,
        0.0,
        2_914,
        2_480,
        2_702.3,
        4_120.0,
        "estimated",
    ),
    "search": (
        21_700.0,
        41_100,
        (931.5, 802.7, 1_060.4),
        (688.0, 590.2, 789.9),
        (31.5, 27.5, 36.8),
        39.0,
        0.0,
        0.97,
        1_603,
        1_377,
        1_480.8,
        2_310.0,
        "estimated",
    ),
    "tv": (34_000.0, 1_260, (0.0, 0.0, 3.2), (0.0, 0.0, 2.4), None, None, 0.93, 0.0, 0, 0, 0.0, None, "estimated"),
}

ADS: dict[str, tuple[tuple[str, str, float], ...]] = {
    "email": (
        ("spring", "Spring letter", 0.41),
        ("spring", "Reminder with picture", 0.27),
        ("welcome", "Welcome, part two", 0.22),
        ("welcome", "Survey", 0.10),
    ),
    "sms": (
        ("spring", "Last day", 0.48),
        ("spring", "Free delivery", 0.30),
        ("service", "Your basket", 0.17),
        ("service", "Opening hours", 0.05),
    ),
    "mail": (
        ("catalogue", "Spring catalogue", 0.52),
        ("catalogue", "Postcard", 0.23),
        ("coupon", "10 EUR coupon", 0.19),
        ("coupon", "Coupon, second wave", 0.06),
    ),
    "call": (
        ("win back", "Win back A", 0.45),
        ("win back", "Win back B", 0.30),
        ("upgrade", "Upgrade talk", 0.20),
        ("upgrade", "Thank-you call", 0.05),
    ),
    "display": (
        ("retargeting", "Shoes you saw", 0.37),
        ("retargeting", "Basket banner", 0.31),
        ("prospecting", "Brand film 6 s", 0.22),
        ("prospecting", "Sponsored story", 0.10),
    ),
    "search": (
        ("brand", "Brand name", 0.16),
        ("generic", "Running shoes", 0.46),
        ("generic", "Trail shoes", 0.25),
        ("competitor", "Other brands", 0.13),
    ),
}


def sample_report(run_id: int = 7, *, verdict: Verdict = Verdict.REVIEW) -> Report:
    """Build the report."""
    channels = tuple(_channel(name) for name in CHANNELS)
    ads = tuple(_ad(channel, campaign, ad, share) for channel, ads in ADS.items() for campaign, ad, share in ads)
    caused = sum(effect.incremental.mean for effect in channels)
    checks = (
        Check("chains agree", 1.004, 1.01, Verdict.PASS, "Two independent calculations agree."),
        Check(
            "daily counts",
            0.86,
            0.9,
            Verdict.REVIEW,
            "On 14 of 150 days there were more orders than expected: look for an own sale.",
        ),
    )
    return Report(
        run=RunSummary(
            id=run_id,
            finished_at=datetime(2026, 3, 3, 1, 41, 12, tzinfo=UTC),
            verdict=verdict,
            goal="order",
            window=Window(date(2025, 10, 4), date(2026, 3, 2)),
            responses=10_512,
            first_responses=6_204,
            linked_share=0.641,
        ),
        currency="EUR",
        baseline=Range(10_512 - caused, 10_512 - caused - 243.0, 10_512 - caused + 251.0),
        channels=channels,
        ads=ads,
        checks=checks,
        notes=("Search: a click stands for the ad shown; a test would confirm it.",),
    )


def sample_truth() -> dict[str, object]:
    """Build the truth of the same market: close to the estimates, far from last touch."""
    extra = {"email": 765.0, "sms": 160.0, "mail": 402.0, "call": 35.0, "display": 209.0, "search": 880.0, "tv": 0.0}
    ads = [
        {"channel": channel, "campaign": campaign, "ad": ad, "incremental": extra[channel] * share}
        for channel, named in ADS.items()
        for campaign, ad, share in named
    ]
    ads[0]["incremental"] = 900.0
    return {
        "responses": 10_512,
        "baseline": 10_512 - sum(extra.values()),
        "channels": {channel: {"incremental": value} for channel, value in extra.items()},
        "ads": ads,
    }


def sample_plan(contacts: int = 60) -> Plan:
    """Build a plan of ranked contacts over three channels and two promotions."""
    channels, promotions = ("email", "call", "mail"), ("spring-10", "trail-demo", None)
    reasons = (
        "bought running shoes 60 days ago, opened the last two letters",
        "asked about trail shoes in the shop",
        "usually buys on offer; quiet for 90 days",
    )
    return Plan(
        id=3,
        starts_on=date(2026, 3, 4),
        ends_on=date(2026, 3, 10),
        expected_value=1_284.6,
        bound=1_301.2,
        gap=0.0128,
        constraints=(
            PlanConstraint("call: at most 40 a day", 280, 280, 3.8),
            PlanConstraint("e-mail a week", 5_000, 3_212, 0.0),
        ),
        withheld={"no consent": 4_120, "contacted too often": 873, "sales is handling this": 41},
        contacts=tuple(
            PlannedContact(
                customer_id=f"C{10_000 + place}",
                promotion=promotions[place % 3],
                channel=channels[place % 3],
                on=date(2026, 3, 4 + place % 7),
                expected_value=round(9.0 - place * 0.11, 2),
                reason=reasons[place % 3],
                probability=0.9,
                ghost=place % 10 == 9,
            )
            for place in range(contacts)
        ),
    )


def _channel(name: str) -> Effect:
    spend, touches, extra, new, cac, next_cost, none, below, last, first, linear, claimed, proof = CHANNELS[name]
    return Effect(
        channel=name,
        spend=spend,
        touches=touches,
        proof=Proof(proof),
        incremental=Range(*extra),
        acquired=Range(*new),
        p_no_effect=none,
        matched_share=0.83 if claimed else None,
        cac=Cost(*cac) if cac else None,
        p_below_target=below,
        target=TARGET,
        marginal_cac=Cost(next_cost, next_cost * 0.8, next_cost * 1.4) if next_cost else None,
        claimed=claimed,
        rules=_rules(last, first, linear),
    )


def _ad(channel: str, campaign: str, ad: str, share: float) -> Effect:
    whole = _channel(channel)
    wider = 1.6
    part = {name: _part(getattr(whole, name), share, wider) for name in ("incremental", "acquired")}
    spend = round(whole.spend * (share * 0.6 + 0.1), 2)
    fresh = part["acquired"]
    cac = (
        Cost(spend / fresh.mean, spend / fresh.p95, spend / fresh.p05 if fresh.p05 > 0.5 else None)
        if fresh.mean > 1
        else None
    )
    below = None if cac is None else 0.95 if (cac.p95 or 1e9) < TARGET else 0.02 if (cac.p05 or 0) > TARGET else 0.5
    return Effect(
        channel=channel,
        campaign=campaign,
        ad=ad,
        spend=spend,
        touches=round(whole.touches * share),
        proof=whole.proof,
        p_no_effect=whole.p_no_effect if share > 0.15 else min(0.6, whole.p_no_effect + 0.12),
        cac=cac,
        p_below_target=below,
        target=TARGET,
        rules={rule: credit * share for rule, credit in whole.rules.items()},
        **part,
    )


def _part(of: Range, share: float, wider: float) -> Range:
    mean = of.mean * share
    return Range(mean, max(0.0, mean - (of.mean - of.p05) * share * wider), mean + (of.p95 - of.mean) * share * wider)


def _rules(last: float, first: float, linear: float) -> Mapping[str, float]:
    names = ("last_touch", "first_touch", "linear", "time_decay", "position_based", "markov", "shapley")
    return dict(
        zip(names, (last, first, linear, 0.7 * last + 0.3 * linear, 0.5 * (last + first), linear, linear), strict=True)
    )
