"""What the simulated company spent, and what the platforms claim for themselves."""

from __future__ import annotations

from datetime import timedelta

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from attribution.simulation.happenings import Happenings
from attribution.simulation.journeys import Touches
from attribution.simulation.nature import ADS, CHANNELS, PERSONAL, REGIONS, TV
from attribution.simulation.offers import UNIT_COSTS

__all__ = ["spend_table", "window_spend"]

GRP_COST_PER_PERSON = 0.00017
"""EUR for one gross rating point in a region, per person who lives there (of the simulated people)."""

FIXED_COSTS = {"email": ("production", 0.026), "mail": ("production", 0.016), "call": ("labour", 0.03),
               "display": ("agency", 0.012), "search": ("agency", 0.01), "sms": ("agency", 0.011)}  # fmt: skip
"""Cost kind and EUR per person and 30 days that a channel costs beside its media."""

UNMATCHED = 0.06
"""Display impressions of which nobody knows whom they reached, relative to the known ones."""

SHOWN_PER_CLICK = 14
"""How often a paid-search ad is shown for each click."""

CLAIM_DAYS = {"email": 7.0, "display": 14.0, "search": 30.0}
"""Days within which a platform claims any order after its last touch."""


def spend_table(market: Happenings, touches: Touches, value: NDArray[np.float64], rng: np.random.Generator) -> pa.Table:
    """Return spend per day, channel, campaign and ad, television per region, with the platforms' claims.

    Parameters
    ----------
    value
        Value of each order, shape ``(orders,)``.
    """
    parts = [_personal(market, touches, value, rng), _television(market), _fixed(market)]
    return pa.concat_tables(parts, promote_options="default").sort_by(
        [(name, "ascending") for name in ("date", "channel", "campaign", "ad", "region", "cost_kind")]
    )


def window_spend(market: Happenings, table: pa.Table) -> dict[str, float]:
    """Sum the spend of the window by channel, all kinds of cost."""
    window = market.spec.window
    frame = table.to_pandas()
    inside = frame[(frame["date"] >= window.start) & (frame["date"] <= window.end)]
    return {str(name): float(total) for name, total in inside.groupby("channel")["cost"].sum().items()}


def _personal(market: Happenings, touches: Touches, value: NDArray[np.float64], rng: np.random.Generator) -> pa.Table:
    """Media cost of the addressable channels by day and ad; days without any of it have no row."""
    shape = (market.spec.days, len(ADS))
    day, ad = np.floor(touches.time).astype(np.int64), touches.ad
    own = np.array([Touches.kinds.index(c.kind) for c in CHANNELS])[touches.channel]
    click = touches.kind == Touches.kinds.index("click")
    made = touches.kind == own
    bought, clicks = _count(shape, day[made], ad[made]), _count(shape, day[click], ad[click])
    claims, claimed = _claims(market, touches, value)
    channel = np.array([PERSONAL.index(one.channel) for one in ADS])
    bought += rng.poisson(np.where(channel == PERSONAL.index("display"), UNMATCHED * bought, 0.0))
    cost = bought * np.array([UNIT_COSTS[one.channel] for one in ADS])
    shown = np.where(channel == PERSONAL.index("search"), bought * SHOWN_PER_CLICK, bought)
    measured = np.isin(channel, [PERSONAL.index(name) for name in CLAIM_DAYS])
    at_day, at_ad = np.nonzero((bought > 0) | (claims > 0))
    ads = pa.array(at_ad)
    unmeasured = ~measured[at_ad]
    return pa.table(
        {
            "date": _dates(market, at_day),
            "channel": pa.array([a.channel for a in ADS]).take(ads),
            "campaign": pa.array([a.campaign for a in ADS]).take(ads),
            "ad": pa.array([a.ad for a in ADS]).take(ads),
            "cost_kind": ["postage" if ADS[i].channel == "mail" else "media" for i in at_ad],
            "cost": np.round(cost[at_day, at_ad], 2),
            "impressions": shown[at_day, at_ad],
            "clicks": pa.array(clicks[at_day, at_ad], mask=unmeasured),
            "claimed_conversions": pa.array(claims[at_day, at_ad].astype(float), mask=unmeasured),
            "claimed_value": pa.array(np.round(claimed[at_day, at_ad], 2), mask=unmeasured),
        }
    )


def _count(shape: tuple[int, int], day: NDArray[np.int64], ad: NDArray[np.int64]) -> NDArray[np.int64]:
    return np.bincount(day * shape[1] + ad, minlength=shape[0] * shape[1]).reshape(shape)


def _claims(
    market: Happenings, touches: Touches, value: NDArray[np.float64]
) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
    """Count what each platform claims: every order soon after its own last touch, whoever else touched the person."""
    shape = (market.spec.days, len(ADS))
    count, worth = np.zeros(shape, dtype=np.int64), np.zeros(shape)
    orders = market.orders
    # Person and time in one sortable number: lives are far shorter than this many days.
    stride = 10.0 * (market.spec.days + max(CLAIM_DAYS.values()))
    key_of_order = orders.person * stride + orders.time
    for name, within in CLAIM_DAYS.items():
        own = (touches.channel == PERSONAL.index(name)) & (touches.kind != Touches.kinds.index("ghost"))
        if name == "email":
            own &= touches.kind != Touches.kinds.index("send")
        mine = np.flatnonzero(own)
        key = touches.person[mine] * stride + touches.time[mine]
        mine, key = mine[np.argsort(key)], np.sort(key)
        last = np.searchsorted(key, key_of_order) - 1
        claimed = (last >= 0) & (key_of_order - key[last.clip(0)] <= within) if len(key) else np.zeros(len(last), bool)
        day, ad = np.floor(orders.time[claimed]).astype(np.int64), touches.ad[mine[last[claimed]]]
        np.add.at(count, (day, ad), 1)
        np.add.at(worth, (day, ad), value[claimed])
    return count, worth


def _television(market: Happenings) -> pa.Table:
    people = np.bincount(market.people.region, minlength=len(REGIONS))
    region, day = np.nonzero(market.season.grp > 0)
    grp = market.season.grp[region, day]
    return pa.table(
        {
            "date": _dates(market, day),
            "channel": [TV] * len(day),
            "campaign": ["regional"] * len(day),
            "region": pa.array(REGIONS).take(pa.array(region)),
            "cost_kind": ["media"] * len(day),
            "cost": np.round(grp * people[region] * GRP_COST_PER_PERSON, 2),
            "units": grp,
        }
    )


def _fixed(market: Happenings) -> pa.Table:
    """Agencies, production and labour: one row per channel and 30 days, over no campaign."""
    day = np.arange(0, market.spec.days, 30)
    length = np.minimum(30, market.spec.days - day)
    rows = [(int(d), name, kind, round(rate * market.people.count * int(size) / 30.0, 2))
            for name, (kind, rate) in FIXED_COSTS.items() for d, size in zip(day, length, strict=True)]  # fmt: skip
    return pa.table(
        {
            "date": _dates(market, np.array([r[0] for r in rows])),
            "channel": [r[1] for r in rows],
            "cost_kind": [r[2] for r in rows],
            "cost": [r[3] for r in rows],
        }
    )


def _dates(market: Happenings, day: NDArray[np.int64]) -> pa.Array:
    return pa.array([market.spec.starts_on + timedelta(days=int(d)) for d in day], pa.date32())
