"""How far each method is from the truth, on a simulated market where the truth is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from campaigns.faults import Fault, RefusedError
from campaigns.reporting.naming import METHODS
from campaigns.terms import Effect, Report

__all__ = [
    "AdTruth",
    "ChannelRow",
    "Comparison",
    "Truth",
    "compare",
    "coverage",
    "credited",
    "read_truth",
    "share_error",
]


@dataclass(frozen=True)
class AdTruth:
    """Responses that one ad truly caused in the window."""

    channel: str
    campaign: str | None
    ad: str | None
    incremental: float


@dataclass(frozen=True)
class Truth:
    """What truly happened in a simulated market: responses, by channel and ad, that it caused in the window."""

    responses: float
    baseline: float
    channels: Mapping[str, float]
    ads: tuple[AdTruth, ...]


@dataclass(frozen=True)
class ChannelRow:
    """One channel: the truth, and what each method in ``sentences.METHODS`` credits it with, in responses."""

    channel: str
    truth: float
    credited: Mapping[str, float]


@dataclass(frozen=True)
class Comparison:
    """Every method beside the truth.

    Parameters
    ----------
    errors
        For each method, the mean over channels of |method - truth| / all responses, in [0, 1] as a rule.
    ads_inside, ads
        How many ads' true effects lie inside their likely range, and how many ads there are.
    """

    rows: tuple[ChannelRow, ...]
    errors: Mapping[str, float]
    ads_inside: int
    ads: int


def read_truth(written: Mapping[str, object]) -> Truth:
    """Read the content of ``truth.json``.

    Parameters
    ----------
    written
        ``{"responses", "baseline", "channels": {NAME: {"incremental"}}, "ads": [{"channel", "campaign", "ad",
        "incremental"}]}``; other keys are left alone.

    Raises
    ------
    RefusedError
        With every key that is missing or is no number.
    """
    faults: list[Fault] = []

    def figure(holder: object, key: str, where: str) -> float:
        found = holder.get(key) if isinstance(holder, Mapping) else None
        if isinstance(found, bool) or not isinstance(found, int | float):
            faults.append(Fault(0, f"{where}{key}", repr(found), "a number"))
            return 0.0
        return float(found)

    channels, ads = written.get("channels"), written.get("ads", [])
    if not isinstance(channels, Mapping):
        faults.append(Fault(0, "channels", repr(channels), "an object with a channel's name for each key"))
        channels = {}
    if not isinstance(ads, list) or not all(isinstance(ad, Mapping) and "channel" in ad for ad in ads):
        faults.append(Fault(0, "ads", type(ads).__name__, "a list of objects, each with its channel"))
        ads = []
    truth = Truth(
        responses=figure(written, "responses", ""),
        baseline=figure(written, "baseline", ""),
        channels={name: figure(value, "incremental", f"channels.{name}.") for name, value in channels.items()},
        ads=tuple(
            AdTruth(ad["channel"], ad.get("campaign"), ad.get("ad"), figure(ad, "incremental", f"ads[{place}]."))
            for place, ad in enumerate(ads)
        ),
    )
    if not faults and truth.responses <= 0:
        faults.append(Fault(0, "responses", f"{truth.responses:g}", "a number above 0"))
    if faults:
        raise RefusedError("This truth cannot be used:", faults, "Write it again with: touchstone simulate DIR")
    return truth


def credited(effect: Effect | None, method: str) -> float:
    """Give the responses that a method credits a channel with; one it does not know gets none.

    Raises
    ------
    KeyError
        If the method is not in ``sentences.METHODS``.
    """
    if method not in METHODS:
        raise KeyError(method)
    if effect is None or method == "zero":
        return 0.0
    return effect.incremental.mean if method == "touchstone" else float(effect.rules.get(method, 0.0))


def share_error(estimates: Mapping[str, float], truth: Mapping[str, float], responses: float) -> float:
    """Give the mean over the true channels of |estimate - truth| / responses.

    Parameters
    ----------
    estimates, truth
        Responses caused by channel; a channel without an estimate counts as estimated at zero.
    responses
        All responses in the window, above 0.
    """
    if not truth:
        return 0.0
    return sum(abs(estimates.get(name, 0.0) - true) for name, true in truth.items()) / (len(truth) * responses)


def coverage(report: Report, truth: Truth) -> tuple[int, int]:
    """Count the ads whose true effect lies inside their likely range (one not in the report does not), and all ads."""
    found = {(ad.channel, ad.campaign, ad.ad): ad.incremental for ad in report.ads}
    inside = 0
    for ad in truth.ads:
        likely = found.get((ad.channel, ad.campaign, ad.ad))
        inside += likely is not None and likely.p05 <= ad.incremental <= likely.p95
    return inside, len(truth.ads)


def compare(report: Report, truth: Truth) -> Comparison:
    """Hold every method against the truth, channel by channel (largest true effect first)."""
    effects = {effect.channel: effect for effect in report.channels}
    names = sorted(truth.channels, key=lambda name: (-truth.channels[name], name))
    rows = tuple(
        ChannelRow(name, truth.channels[name], {method: credited(effects.get(name), method) for method in METHODS})
        for name in names
    )
    errors = {
        method: share_error({row.channel: row.credited[method] for row in rows}, truth.channels, truth.responses)
        for method in METHODS
    }
    inside, ads = coverage(report, truth)
    return Comparison(rows, errors, inside, ads)
