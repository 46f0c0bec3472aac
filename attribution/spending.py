"""What was spent, shown and claimed in the window, by channel and by ad."""

from __future__ import annotations

from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

import narwhals as nw
import numpy as np
import pandas as pd

from attribution.observations import Observations
from campaigns.terms import CAUSES, PAID_SEARCH, Window

__all__ = ["Outlay", "Outlays", "outlays_of"]

_KEYS = ["channel", "campaign", "ad"]
UTC = ZoneInfo("UTC")


@dataclass(frozen=True)
class Outlay:
    """Money and reach of one channel or ad in the window, money in minor units; None where nobody reported it."""

    cost: float = 0.0
    shown: float | None = None
    claimed: float | None = None
    target: float | None = None


@dataclass(frozen=True)
class Outlays:
    """Outlays by channel and by ``(channel, campaign, ad)``, and what was noticed while adding them up."""

    channels: dict[str, Outlay] = field(default_factory=dict)
    ads: dict[tuple[str, str, str], Outlay] = field(default_factory=dict)
    notes: tuple[str, ...] = ()


def outlays_of(observations: Observations, window: Window, zone: ZoneInfo = UTC) -> Outlays:
    """Add up spend, impressions and claims of the window.

    All kinds of cost count. Spend rows outrank the costs of single touches for the same channel and day; where a
    channel has no spend row on a day, the costs of its touches count. Spend that names no ad with contacts is shared
    among the ads of its campaign, or else of its channel, by their contacts. A channel's target is the mean of the
    targets of the promotions that its touches in the window carry.

    Parameters
    ----------
    zone
        Zone whose clock tells on which day a touch falls.
    """
    spend = _inside(observations.lazy("spend").collect("pyarrow").to_native().to_pandas(), "date", window)
    numbers = ["cost", "impressions", "clicks", "claimed_conversions"]
    spend[numbers] = spend[numbers].apply(pd.to_numeric).astype(float)
    touched = _touch_costs(observations, window, zone)
    paid = spend.groupby(["channel", "day"])["cost"].sum()
    covered = pd.MultiIndex.from_frame(touched[["channel", "day"]]).isin(paid.index)
    own = touched[~covered]
    notes = _differences(paid, touched[covered])
    everything = pd.concat([spend[[*_KEYS, *numbers]], own[[*_KEYS, "cost"]]], ignore_index=True)
    aims = _targets(touched, _aims(observations))

    def outlay(rows: pd.DataFrame, target: float | None) -> Outlay:
        channel = str(rows["channel"].iloc[0])
        shown = rows["clicks" if channel == PAID_SEARCH else "impressions"]
        claims = rows["claimed_conversions"]
        return Outlay(
            cost=float(rows["cost"].sum()),
            shown=float(shown.sum()) if shown.notna().any() else None,
            claimed=float(claims.sum()) if claims.notna().any() else None,
            target=target,
        )

    channels = {str(name): outlay(rows, aims.get((str(name),))) for name, rows in everything.groupby("channel")}
    ads = {
        (str(name[0]), str(name[1]), str(name[2])): outlay(rows, aims.get((str(name[0]), str(name[1]), str(name[2]))))
        for name, rows in _shared_out(everything, touched).groupby(_KEYS)
    }
    for key, target in aims.items():
        if len(key) == 3 and key not in ads:
            ads[(key[0], key[1], key[2])] = Outlay(target=target)
        elif len(key) == 1 and key[0] not in channels:
            channels[key[0]] = Outlay(target=target)
    return Outlays(channels, ads, notes)


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
        parts.append(split.assign(cost=split["cost"] * split["part"], **nothing).drop(columns="part"))
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
    rows = observations.lazy("promotions").collect("pyarrow").iter_rows()
    return {promotion: float(target) for promotion, target in rows if target is not None}


def _targets(touched: pd.DataFrame, targets: dict[str, float]) -> dict[tuple[str, ...], float]:
    frame = touched.assign(target=touched["promotion"].map(targets).astype(float))
    frame = frame[frame["target"].notna()]
    found: dict[tuple[str, ...], float] = {}
    for keys in (["channel"], _KEYS):
        for name, rows in frame.groupby(keys):
            found[tuple(str(part) for part in name)] = float(np.average(rows["target"], weights=rows["touches"]))
    return found
