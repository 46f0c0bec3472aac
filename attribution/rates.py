"""From parameters to rates: one definition for the model (PyTensor) and for its summaries (NumPy)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from attribution.curves import ORDINALS, adstock_weights, saturation, wear_out
from attribution.evidence import Evidence, Floats, Ints, Media

__all__ = [
    "Design",
    "cell_effects",
    "design_of",
    "lag_logits",
    "lag_shares",
    "lagged_exposure",
    "log_level",
    "medium_lift",
    "unit_effects",
    "wear_by_bin",
]


@dataclass(frozen=True)
class Design:
    """Fixed arrays that tie parameters to cells.

    Parameters
    ----------
    unit_channel
        Channel of each unit, shape ``(units,)``.
    unit_weight
        Share of its channel's exposure that each unit has, shape ``(units,)``.
    membership
        1 where a unit belongs to a channel, shape ``(channels, units)``.
    ordinal_weight
        Share of each wear-out bin in a channel's exposure, shape ``(channels, bins)``.
    bucket_from, bucket_until
        Edges of each lag bucket in days, shape ``(channels, buckets)``; an empty bucket at the end of the carry-over
        where a channel has fewer than others.
    bucket_mask
        1 where a channel has the lag bucket, shape ``(channels, buckets)``.
    ghost_channels
        Channels whose intent is told from effect: those with ghosts, and those whose contacts are compared with the
        responses before them as well as after.
    intent_channels
        Channels declared targeted of which the data do not tell it: the share of intent is a prior.
    both_phases
        Whether there is exposure both before and after a first response.
    """

    unit_channel: Ints
    unit_weight: Floats
    membership: Floats
    ordinal_weight: Floats
    bucket_from: Floats
    bucket_until: Floats
    bucket_mask: Floats
    ghost_channels: tuple[int, ...]
    intent_channels: tuple[int, ...]
    both_phases: bool
    cell_unit: Ints
    cell_channel: Ints
    cell_ordinal: Ints
    cell_bucket: Ints
    cell_phase: Floats
    cell_width: Floats
    intent_row: Ints
    intent_bucket: Ints
    intent_width: Floats


def design_of(evidence: Evidence) -> Design:
    """Lay out the fixed arrays of the effects."""
    cells, channels = evidence.cells, evidence.channels
    unit_channel = np.array([_index(evidence, unit.channel) for unit in evidence.units], dtype=np.int64)
    units, count = len(evidence.units), len(channels)
    membership = np.zeros((count, units))
    membership[unit_channel, np.arange(units)] = 1.0
    days = np.bincount(cells.unit, cells.days, units)
    per_channel = membership @ days
    ordinal = np.zeros((count, len(ORDINALS)))
    np.add.at(ordinal, (cells.channel, cells.ordinal), cells.days)
    # A channel that fell silent too long before the window has no exposure to average over: all its ads weigh the same.
    silent = per_channel <= 0.0
    days = np.where(silent[unit_channel], 1.0, days)
    per_channel = np.where(silent, membership.sum(axis=1), per_channel)
    ordinal[silent, 0] = 1.0
    edges = np.zeros((count, 1 + max((channel.buckets for channel in channels), default=0)))
    for row, channel in enumerate(channels):
        edges[row] = channel.edges[-1]
        edges[row, : channel.buckets + 1] = channel.edges
    ghosts = tuple(row for row, channel in enumerate(channels) if channel.intent_told)
    row_of = {channel: row for row, channel in enumerate(ghosts)}
    exposed = cells.days > 0
    return Design(
        unit_channel=unit_channel,
        unit_weight=days / per_channel[unit_channel],
        membership=membership,
        ordinal_weight=ordinal / ordinal.sum(axis=1, keepdims=True),
        bucket_from=edges[:, :-1],
        bucket_until=edges[:, 1:],
        bucket_mask=(edges[:, 1:] > edges[:, :-1]).astype(float),
        ghost_channels=ghosts,
        intent_channels=tuple(row for row, c in enumerate(channels) if c.targeted and not c.intent_told),
        both_phases=len(np.unique(cells.phase[exposed])) == 2,
        cell_unit=cells.unit,
        cell_channel=cells.channel,
        cell_ordinal=cells.ordinal,
        cell_bucket=cells.bucket,
        cell_phase=cells.phase.astype(float),
        cell_width=cells.width,
        intent_row=np.array([row_of[channel] for channel in evidence.intent.channel], dtype=np.int64),
        intent_bucket=evidence.intent.bucket,
        intent_width=evidence.intent.width,
    )


def _index(evidence: Evidence, name: str) -> int:
    return [channel.name for channel in evidence.channels].index(name)


def lag_logits(delay: Any, bend: Any, design: Design, rows: Any, maths: Any = np) -> Any:
    """Logits of the lag shares: an exponential delay, bent by ``bend``.

    Parameters
    ----------
    delay
        Mean delay in days, shape ``(n,)``.
    bend
        Added to the logits, shape ``(n, buckets)`` or 0.
    rows
        Channels meant, shape ``(n,)``.

    Returns
    -------
    Shape ``(n, buckets)``; about minus 700 where a channel has no such bucket.
    """
    mean = delay[:, None]
    mass = maths.exp(-design.bucket_from[rows] / mean) - maths.exp(-design.bucket_until[rows] / mean)
    mask = design.bucket_mask[rows]
    return maths.log(mass * mask + 1e-300) + bend * mask


def lag_shares(logits: Any, maths: Any = np) -> Any:
    """Turn logits into shares of the effect by lag bucket, shape ``(channels, buckets)``, each row summing to 1."""
    weights = maths.exp(logits)
    return weights / maths.sum(weights, axis=1)[:, None]


def unit_effects(values: Mapping[str, Any], design: Design, maths: Any = np) -> Any:
    """Extra responses that one touch of average wear causes, by unit, shape ``(units,)``.

    ``effect`` is the channel's mean over its touches; units spread around it log-normally and keep that mean.
    """
    spread = maths.exp(values["spread"] * values["unit_z"])
    mean = maths.dot(design.membership, spread * design.unit_weight)
    return (values["effect"] / mean)[design.unit_channel] * spread


def wear_by_bin(values: Mapping[str, Any], design: Design, maths: Any = np) -> Any:
    """Effect of a touch by channel and wear-out bin, relative to the channel's mean, shape ``(channels, bins)``."""
    curve = wear_out(ORDINALS[None, :], values["exponent"][:, None], maths)
    return curve / maths.sum(curve * design.ordinal_weight, axis=1)[:, None]


def cell_effects(values: Mapping[str, Any], design: Design, maths: Any = np) -> Any:
    """Rate added by one touch per day in each cell, cells of intent last.

    Returns
    -------
    Responses per day, shape ``(cells + intent cells,)``.
    """
    shares = lag_shares(values["lag_logits"], maths)
    wear = wear_by_bin(values, design, maths)
    effect = (
        unit_effects(values, design, maths)[design.cell_unit]
        * maths.reshape(wear, (-1,))[design.cell_channel * len(ORDINALS) + design.cell_ordinal]
        * maths.reshape(shares, (-1,))[design.cell_channel * design.bucket_mask.shape[1] + design.cell_bucket]
        / design.cell_width
    )
    if "later" in values:
        effect = effect * maths.exp(maths.log(values["later"])[design.cell_channel] * design.cell_phase)
    if "intent" not in values:
        return effect
    selection = lag_shares(values["intent_logits"], maths)
    intent = (
        values["intent"][design.intent_row]
        * maths.reshape(selection, (-1,))[design.intent_row * design.bucket_mask.shape[1] + design.intent_bucket]
        / design.intent_width
    )
    return maths.concatenate([effect, intent])


def medium_lift(values: Mapping[str, Any], media: Media, index: int, lags: int, maths: Any = np) -> Any:
    """Lift of the base rate by one medium, by region and day, shape ``(regions, days)``."""
    weights = adstock_weights(values["retention"][index], lags, maths)
    stock = maths.dot(lagged_exposure(media, index, lags), weights)
    return values["strength"][index] * saturation(stock, values["scale"][index], maths, values["shape"][index])


def lagged_exposure(media: Media, index: int, lags: int) -> Floats:
    """Exposure to one medium by region, day of the window and lag, shape ``(regions, days, lags)``."""
    exposure = media.exposure[index]
    padded = np.concatenate([np.zeros((exposure.shape[0], lags)), exposure], axis=1)
    first = lags + media.lead
    days = exposure.shape[1] - media.lead
    return np.stack([padded[:, first - lag : first - lag + days] for lag in range(lags)], axis=-1)


def log_level(season: Any, values: Mapping[str, Any], media: Media, lags: int, maths: Any = np) -> Any:
    """Log of calendar and media by region and day, shape ``(regions, days)``.

    Parameters
    ----------
    season
        Log of the calendar, shape ``(regions, days)``.
    """
    if not media.names:
        return season
    lift: Any = 0.0
    for index in range(len(media.names)):
        lift = lift + medium_lift(values, media, index, lags, maths)
    return season + maths.log1p(lift)
