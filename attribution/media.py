"""What reaches everybody at once: media without person-level touches, and the calendar."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import narwhals as nw
import numpy as np
import pandas as pd
from scipy.interpolate import BSpline

from attribution.evidence import Calendar, Floats, Media
from attribution.observations import Observations
from attribution.timeline import Timeline
from campaigns.terms import PAID_SEARCH

__all__ = ["LAGS", "calendar_of", "media_of", "running_events"]

LAGS = 28
"""Days over which exposure to a medium is carried over."""

MATCHED = 0.8
"""Share of impressions with persons behind them from which on the others are taken to be like these."""

_KNOT_DAYS = 21


def media_of(observations: Observations, timeline: Timeline, regions: Sequence[str], with_persons: set[str]) -> Media:
    """Lay out the exposure to every medium that has spend but no touches, by region and day.

    Parameters
    ----------
    regions
        Names of the regions, in the order of the strata. Exposure bought for no region reaches all of them; where no
        customer has a region, exposure bought for any reaches everybody.
    with_persons
        Channels that have touches. They need a curve only for impressions that have no persons behind them.
    """
    spend = _spend(observations)
    hidden = _unmatched(spend[spend["channel"].isin(with_persons)], timeline)
    spend = pd.concat([spend[~spend["channel"].isin(with_persons)], hidden], ignore_index=True)
    lead = min(LAGS, int(timeline.opens))
    first = timeline.window.start - timedelta(days=lead)
    days = timeline.window.days + lead
    nowhere = list(regions) == [""]
    names, layers, units, merged, unplaced = [], [], [], [], []
    for name, rows in spend.groupby("channel", sort=True):
        amount, day = _exposure(rows), _day_index(rows["date"], first)
        inside = (day >= 0) & (day < days)
        layer = np.zeros((len(regions), days))
        for row, region in enumerate(regions):
            here = inside & (nowhere | rows["region"].isin(["", region]).to_numpy())
            np.add.at(layer[row], day[here], amount[here])
        if layer[:, lead:].any():
            names.append(str(name))
            layers.append(layer / layer[layer > 0].mean())
            units.append(float(amount[inside & (day >= lead)].sum()))
            merged += [str(name)] if nowhere and (rows["region"] != "").any() else []
        elif amount[inside & (day >= lead)].any():
            unplaced.append(str(name))
    exposure = np.array(layers) if layers else np.zeros((0, len(regions), days))
    owners = dict(zip(hidden["channel"], hidden["owner"], strict=True))
    unmatched = {name: str(owners[name]) for name in names if name in owners}
    return Media(tuple(names), exposure, lead, np.array(units), tuple(merged), tuple(unplaced), unmatched)


def _unmatched(spend: pd.DataFrame, timeline: Timeline) -> pd.DataFrame:
    """Keep of the impressions of channels with persons those that have none behind them, as media of their own.

    Day by day the contacts of known persons are taken from what the platform says it showed (clicks, for paid search).
    A channel of whose impressions at least ``MATCHED`` have persons needs no medium: the rest is like them.
    """
    contacts = (
        timeline.touches.filter(nw.col("made"))
        .with_columns(day=nw.col("t").floor().cast(nw.Int64))
        .group_by("channel", "day")
        .agg(matched=nw.len())
        .collect("pyarrow")
        .to_native()
        .to_pandas()
    )
    kept = []
    for name, rows in spend.groupby("channel", sort=True):
        shown = pd.to_numeric(rows["clicks" if name == PAID_SEARCH else "impressions"]).fillna(0.0).clip(lower=0.0)
        day = pd.Series(_day_index(rows["date"], timeline.first_day), index=rows.index)
        by_day = shown.groupby(day).sum()
        seen = contacts[contacts["channel"] == name].set_index("day")["matched"].reindex(by_day.index).fillna(0.0)
        if not by_day.sum() or seen.sum() >= MATCHED * by_day.sum():
            continue
        share = (1.0 - seen / by_day.where(by_day > 0.0, np.inf)).clip(0.0, 1.0)
        medium = f"{name}, unmatched"
        kept.append(rows.assign(units=shown * day.map(share), channel=medium, owner=name))
    return pd.concat(kept) if kept else spend.iloc[:0].assign(owner="")


def _spend(observations: Observations) -> pd.DataFrame:
    frame: pd.DataFrame = observations.lazy("spend").collect("pyarrow").to_native().to_pandas()
    return frame.assign(region=frame["region"].fillna(""), channel=frame["channel"].astype(str))


def _exposure(rows: pd.DataFrame) -> Floats:
    """Units if the medium has any, else impressions, else what was spent; what was given back reached nobody."""
    for column in ("units", "impressions", "cost"):
        amount = pd.to_numeric(rows[column]).fillna(0.0).to_numpy(float).clip(0.0)
        if amount.any():
            return amount
    return np.zeros(len(rows))


def _day_index(days: pd.Series, first: date) -> np.ndarray:
    return (pd.to_datetime(days) - pd.Timestamp(first)).dt.days.to_numpy(np.int64)


def calendar_of(observations: Observations, timeline: Timeline, regions: Sequence[str]) -> Calendar:
    """Lay out the weekly, slow and named terms of the calendar over the window."""
    window = timeline.window
    dates = [window.start + timedelta(days=day) for day in range(window.days)]
    names, layers = [], []
    for name, layer in running_events(observations, regions, dates).items():
        if layer.any() and not layer.all():
            names.append(name)
            layers.append(layer - layer.mean())
    events = np.stack(layers, axis=-1) if layers else np.zeros((len(regions), len(dates), 0))
    return Calendar(_basis(dates), tuple(names), events)


def running_events(observations: Observations, regions: Sequence[str], dates: Sequence[date]) -> dict[str, Floats]:
    """Tell on which days each named event runs in which region.

    Returns
    -------
    By name: 1 where it runs, else 0, shape ``(regions, days)``.
    """
    frame: pd.DataFrame = observations.lazy("events").collect("pyarrow").to_native().to_pandas()
    frame = frame.assign(
        region=frame["region"].fillna(""),
        starts_on=pd.to_datetime(frame["starts_on"]).dt.date,
        ends_on=pd.to_datetime(frame["ends_on"]).dt.date,
    )
    running = {}
    for name, rows in frame.groupby("name", sort=True):
        layer = np.zeros((len(regions), len(dates)))
        for row in rows.to_dict("records"):
            runs = np.array([row["starts_on"] <= day <= row["ends_on"] for day in dates])
            for index, region in enumerate(regions):
                if row["region"] in ("", region):
                    layer[index, runs] = 1.0
        running[str(name)] = layer
    return running


def _basis(dates: Sequence[date]) -> Floats:
    """Day-of-week contrasts and a cubic spline with a knot about every three weeks, each of mean zero."""
    days = len(dates)
    weekday = np.array([day.weekday() for day in dates])
    columns = [(weekday == day).astype(float) for day in range(6)] if days >= 14 else []
    pieces = max(1, round(days / _KNOT_DAYS))
    knots = np.linspace(0.0, max(days - 1, 1), pieces + 1)
    padded = np.concatenate([[knots[0]] * 3, knots, [knots[-1]] * 3])
    spline = (
        BSpline.design_matrix(np.arange(days, dtype=float), padded, 3).toarray() if days > 4 else np.zeros((days, 0))
    )
    # The spline's functions sum to one: the first is dropped, as the base rate holds the level.
    basis = np.column_stack([*columns, spline[:, 1:]]) if columns or spline.size else np.zeros((days, 0))
    return np.asarray(basis - basis.mean(axis=0))
