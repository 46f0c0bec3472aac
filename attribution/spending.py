"""What was spent, shown and claimed in the window, by channel and by ad."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any
from zoneinfo import ZoneInfo

import narwhals as nw
import numpy as np
import pandas as pd

from attribution.observations import Observations
from campaigns.terms import CAUSES, PAID_SEARCH, Window

__all__ = ["Outlay", "Outlays", "outlays_of"]

_KEYS = ["channel", "campaign", "ad"]

AD_SPEND = "media"
"""The kind of cost that is ad spend."""

MAKING_CONTACT = (AD_SPEND, "postage", "labour")
"""Kinds of cost that are those of making contacts: spend rows of these outrank the costs of single touches."""
UTC = ZoneInfo("UTC")


@dataclass(frozen=True)
class Outlay:
    """Money and reach of one channel, campaign or ad in the window; None where nobody reported it.

    Parameters
    ----------
    cost, ad_spend
        All costs, and the part of them that is ad spend, in minor units.
    """

    cost: float = 0.0
    ad_spend: float = 0.0
    shown: float | None = None
    claimed: float | None = None
    target: float | None = None


@dataclass(frozen=True)
class Outlays:
    """Outlays by channel, ``(channel, campaign)`` and ``(channel, campaign, ad)``, and what was noticed on the way."""

    channels: dict[str, Outlay] = field(default_factory=dict)
    campaigns: dict[tuple[str, str], Outlay] = field(default_factory=dict)
    ads: dict[tuple[str, str, str], Outlay] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def outlays_of(observations: Observations, window: Window, zone: ZoneInfo = UTC) -> Outlays:
    """Add up spend, impressions and claims of the window.

    All kinds of cost count, and ad spend once more by itself. Spend rows of the costs of making contacts outrank the
    costs of single touches for the same channel and day; where a channel has no such row on a day, the costs of its
    touches count, as ad spend. Spend that names no ad with contacts is shared among the ads of its campaign, or else
    of its channel, by their contacts. The target of a channel, campaign or ad is the mean of the targets of the
    promotions that its touches in the window carry.

    Parameters
    ----------
    zone
        Zone whose clock tells on which day a touch falls.
    """
    spend = _inside(observations.lazy("spend").collect("pyarrow").to_native().to_pandas(), "date", window)
    numbers = ["cost", "impressions", "clicks", "claimed_conversions"]
    spend[numbers] = spend[numbers].apply(pd.to_numeric).astype(float)
    kind = spend["cost_kind"].fillna(AD_SPEND)
    spend["ad_spend"] = spend["cost"].where(kind == AD_SPEND, 0.0)
    touched = _touch_costs(observations, window, zone)
    paid = spend[kind.isin(MAKING_CONTACT)].groupby(["channel", "day"])["cost"].sum()
    covered = pd.MultiIndex.from_frame(touched[["channel", "day"]]).isin(paid.index)
    own = touched[~covered].assign(ad_spend=lambda rows: rows["cost"])
    notes = _differences(paid, touched[covered])
    columns = [*_KEYS, *numbers, "ad_spend"]
    everything = pd.concat([spend[columns], own[[*_KEYS, "cost", "ad_spend"]]], ignore_index=True)
    aims = _targets(touched, _aims(observations))
    shared = _shared_out(everything, touched)
    channels = {str(name): _outlay(rows, aims.get((str(name),))) for name, rows in everything.groupby("channel")}
    campaigns = _grouped(shared, _KEYS[:2], aims)
    for name, rows in everything[everything["campaign"] != ""].groupby(_KEYS[:2]):
        key = (str(name[0]), str(name[1]))
        if key in campaigns:
            # What a platform showed and claims for a campaign was not shared among its ads.
            told = _outlay(rows, None)
            campaigns[key] = replace(campaigns[key], shown=told.shown, claimed=told.claimed)
    return Outlays(
        channels
        | {key[0]: Outlay(target=aim) for key, aim in aims.items() if len(key) == 1 and key[0] not in channels},
        campaigns,
        _grouped(shared, _KEYS, aims),
        notes,
    )


def _outlay(rows: pd.DataFrame, target: float | None) -> Outlay:
    channel = str(rows["channel"].iloc[0])
    shown = rows["clicks" if channel == PAID_SEARCH else "impressions"]
    claims = rows["claimed_conversions"]
    return Outlay(
        cost=float(rows["cost"].sum()),
        ad_spend=float(rows["ad_spend"].sum()),
        shown=float(shown.sum()) if shown.notna().any() else None,
        claimed=float(claims.sum()) if claims.notna().any() else None,
        target=target,
    )


def _grouped(shared: pd.DataFrame, keys: list[str], aims: dict[tuple[str, ...], float]) -> dict[Any, Outlay]:
    """Add up by ``keys``; what has a target and no cost counts too."""
    found: dict[Any, Outlay] = {key: Outlay(target=aim) for key, aim in aims.items() if len(key) == len(keys)}
    for name, rows in shared.groupby(keys):
        key = tuple(str(part) for part in name)
        found[key] = _outlay(rows, aims.get(key))
    return found


def _shared_out(everything: pd.DataFrame, touched: pd.DataFrame) -> pd.DataFrame:
    """Give every row of spend to ads with contacts, in proportion to these, where it names none of them."""
    contacts: pd.DataFrame = touched.groupby(_KEYS)["touches"].sum().reset_index()
    named = pd.MultiIndex.from_frame(everything[_KEYS]).isin(pd.MultiIndex.from_frame(contacts[_KEYS]))
    parts, rest = [everything[named]], everything[~named].drop(columns="ad")
    for keys in (["channel", "campaign"], ["channel"]):
        ads = contacts.assign(part=contacts["touches"] / contacts.groupby(keys)["touches"].transform("sum"))
        known = rest[keys].drop_duplicates().merge(contacts[keys].drop_duplicates(), on=keys)
        here = pd.MultiIndex.from_frame(rest[keys]).isin(pd.MultiIndex.from_frame(known))
        owned = rest[here].drop(columns=[name for name in ("campaign",) if name not in keys])
        split = owned.merge(ads[[*_KEYS, "part"]], on=keys)
        # Only money is shared: what a platform showed or claims for a whole channel says nothing of one ad.
        nothing = dict.fromkeys(("impressions", "clicks", "claimed_conversions"), np.nan)
        money = {column: split[column] * split["part"] for column in ("cost", "ad_spend")}
        parts.append(split.assign(**money, **nothing).drop(columns="part"))
        rest = rest[~here]
    return pd.concat(parts, ignore_index=True)


def _inside(frame: pd.DataFrame, column: str, window: Window) -> pd.DataFrame:
    day = pd.to_datetime(frame[column]).dt.date
    inside = (day >= window.start) & (day <= window.end)
    out = frame.assign(day=day)[inside].reset_index(drop=True)
    for name in ("campaign", "ad"):
        out[name] = out[name].fillna("").astype(str)
    return out


def _touch_costs(observations: Observations, window: Window, zone: ZoneInfo) -> pd.DataFrame:
    """Contacts made per day, channel, campaign, ad and promotion, with their own costs."""
    touches = observations.lazy("touches", zone)
    cause = nw.col("kind").is_in(list(CAUSES)) | ((nw.col("kind") == "click") & (nw.col("channel") == PAID_SEARCH))
    frame = (
        touches.filter(cause)
        .with_columns(day=nw.col("occurred_at").dt.date())
        .group_by("day", *_KEYS, "promotion")
        .agg(nw.col("cost").sum(), touches=nw.len())
        .collect("pyarrow")
        .to_native()
        .to_pandas()
    )
    frame = _inside(frame, "day", window)
    return frame.assign(cost=pd.to_numeric(frame["cost"]).astype(float).fillna(0.0))


def _differences(paid: pd.Series, covered: pd.DataFrame) -> tuple[str, ...]:
    """Say where the costs of touches differ from the spend rows that outrank them, by more than a twentieth."""
    notes = []
    own = covered.groupby("channel")["cost"].sum()
    days = pd.MultiIndex.from_frame(covered[["channel", "day"]])
    by_channel = paid[paid.index.isin(days)].groupby("channel").sum()
    for channel, cost in own.items():
        rows = float(by_channel.get(channel, 0.0))
        if cost > 0 and rows > 0 and abs(cost / rows - 1.0) > 0.05:
            notes.append(
                f"{channel}: the costs of single touches add up to {cost / rows:.0%} of the spend rows of the same "
                "days; the spend rows are used."
            )
    return tuple(notes)


def _aims(observations: Observations) -> dict[str, float]:
    """Return the most that a new customer may cost by promotion, where that is set."""
    rows = observations.lazy("promotions").select("promotion", "target_cac").collect("pyarrow").iter_rows()
    return {promotion: float(target) for promotion, target in rows if target is not None}


def _targets(touched: pd.DataFrame, targets: dict[str, float]) -> dict[tuple[str, ...], float]:
    frame = touched.assign(target=touched["promotion"].map(targets).astype(float))
    frame = frame[frame["target"].notna()]
    found: dict[tuple[str, ...], float] = {}
    for keys in (["channel"], _KEYS[:2], _KEYS):
        for name, rows in frame.groupby(keys):
            found[tuple(str(part) for part in name)] = float(np.average(rows["target"], weights=rows["touches"]))
    return found
