"""Contacts that a test is about, and the responses that the model says they caused while it was measured."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from attribution.curves import ordinal_edges
from attribution.evidence import Evidence, Floats, Ints
from attribution.rates import Design, lag_shares, unit_effects, wear_by_bin

__all__ = ["Contacts", "caused_by", "contacts_of", "typical_contacts"]


@dataclass(frozen=True)
class Contacts:
    """Contacts by unit, wear-out bin, phase and lag bucket, arrays of shape ``(rows,)``.

    Parameters
    ----------
    amount
        Contacts, each counted for the share of the bucket's days that were measured.
    total
        Contacts in all.
    """

    unit: Ints
    channel: Ints
    ordinal: Ints
    bucket: Ints
    phase: Ints
    amount: Floats
    total: float


def contacts_of(frame: pd.DataFrame, evidence: Evidence, wear_out_days: float) -> Contacts:
    """Lay out contacts.

    Parameters
    ----------
    frame
        A row per contact made of one channel, earlier ones included for the wear-out: ``person, t, unit, phase``,
        ``until`` (day until which its effect was measured) and ``counts`` (whether it belongs to the test).
    """
    frame = frame.sort_values(["person", "t"], kind="stable").reset_index(drop=True)
    person = pd.factorize(frame["person"])[0].astype(float)
    # One line of time: persons follow one another, far apart.
    span = float(frame["t"].max() - frame["t"].min() + wear_out_days + 1.0) if len(frame) else 1.0
    line = person * span * 2.0 + frame["t"].to_numpy(float)
    before = np.searchsorted(line, line, side="left") - np.searchsorted(line, line - wear_out_days, side="left")
    worn = (before[:, None] + 1 >= np.array(ordinal_edges())[None, :]).sum(axis=1)
    counted = frame["counts"].to_numpy(bool)
    frame = frame.assign(worn=worn)[counted]
    rows = []
    for key, group in frame.groupby(["unit", "worn", "phase"]):
        unit, bin_, phase = (int(str(part)) for part in key)
        channel = _channel_of(evidence, unit)
        edges = evidence.channels[channel].edges
        horizon = (group["until"] - group["t"]).to_numpy(float)
        within = np.clip(horizon[:, None] - edges[None, :-1], 0.0, np.diff(edges)[None, :])
        for bucket, amount in enumerate((within / np.diff(edges)).sum(axis=0)):
            rows.append((unit, channel, bin_, bucket, phase, amount))
    return _contacts(rows, float(len(frame)))


def typical_contacts(evidence: Evidence, units: Ints, number: float, days: float, measured: float) -> Contacts:
    """Lay out a number of contacts that are like those of the window, spread evenly over the days of a test.

    Parameters
    ----------
    units
        Units that the test is about.
    days, measured
        Days on which contacts were made, and days from the first of these to the end of measurement.
    """
    daily = evidence.daily
    here = np.isin(daily.unit, units) & (daily.day >= daily.lead)
    weights = pd.DataFrame(
        {"unit": daily.unit[here], "worn": daily.ordinal[here], "phase": daily.phase[here], "n": daily.touches[here]}
    )
    total = float(weights["n"].sum())
    rows = []
    starts = (np.arange(50) + 0.5) / 50.0 * days
    for key, group in weights.groupby(["unit", "worn", "phase"]):
        unit, bin_, phase = (int(str(part)) for part in key)
        channel = _channel_of(evidence, unit)
        edges = evidence.channels[channel].edges
        within = np.clip((measured - starts)[:, None] - edges[None, :-1], 0.0, np.diff(edges)[None, :])
        part = number * float(group["n"].sum()) / total
        for bucket, share in enumerate((within / np.diff(edges)).mean(axis=0)):
            rows.append((unit, channel, bin_, bucket, phase, part * share))
    return _contacts(rows, number)


def caused_by(contacts: Contacts, values: Mapping[str, Any], design: Design) -> float:
    """Responses that the contacts appear to cause while measured, for one draw of the model's variables."""
    if not len(contacts.unit):
        return 0.0
    shares = lag_shares(values["lag_logits"])
    force = (
        contacts.amount
        * unit_effects(values, design)[contacts.unit]
        * wear_by_bin(values, design)[contacts.channel, contacts.ordinal]
        * shares[contacts.channel, contacts.bucket]
    )
    if "later" in values:
        force = force * np.where(contacts.phase == 1, values["later"][contacts.channel], 1.0)
    return float(force.sum())


def _channel_of(evidence: Evidence, unit: int) -> int:
    return [channel.name for channel in evidence.channels].index(evidence.units[unit].channel)


def _contacts(rows: list[tuple[Any, ...]], total: float) -> Contacts:
    unit, channel, ordinal, bucket, phase, amount = zip(*rows, strict=True) if rows else [()] * 6
    return Contacts(
        unit=np.array(unit, dtype=np.int64),
        channel=np.array(channel, dtype=np.int64),
        ordinal=np.array(ordinal, dtype=np.int64),
        bucket=np.array(bucket, dtype=np.int64),
        phase=np.array(phase, dtype=np.int64),
        amount=np.array(amount, dtype=float),
        total=total,
    )
