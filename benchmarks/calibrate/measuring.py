"""One market: simulated, estimated, and held against its truth; what was found is kept."""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow.compute as pc

from attribution.credit import rule_credits
from attribution.density import density_of
from attribution.diagnosis import diagnose, verdict_of
from attribution.gather import gather
from attribution.increment import Increments, increments, range_of
from attribution.observations import Observations
from attribution.prediction import inside_by_channel, predict_days
from attribution.sampling import ROUND, sample
from attribution.simulate import Market, MarketSpec, simulate_market
from attribution.simulation.observing import observations_of
from attribution.simulation.truth import VERSION
from benchmarks.calibrate.approximating import approximated
from campaigns.terms import RULES, Window

__all__ = ["Measured", "measured"]


@dataclass(frozen=True)
class Measured:
    """What was found of one market.

    Parameters
    ----------
    truth
        Responses that each channel truly caused.
    credited
        By method, then channel: responses it is credited with.
    ranges
        By channel: the ends of the likely range.
    ads, ads_inside
        Number of ads, and of those whose truth lies in their likely range.
    chances
        By channel: the probability that it does nothing at all.
    seconds
        By step.
    """

    responses: int
    truth: Mapping[str, float]
    credited: Mapping[str, Mapping[str, float]]
    ranges: Mapping[str, tuple[float, float]]
    ads: int
    ads_inside: int
    chances: Mapping[str, float]
    verdict: str
    complaints: tuple[str, ...]
    seconds: Mapping[str, float]

    def share_error(self, method: str) -> float:
        """Mean over the channels of |credited - true| / all responses."""
        found = self.credited[method]
        return float(np.mean([abs(found.get(name, 0.0) - true) for name, true in self.truth.items()]) / self.responses)

    def relative_error(self, method: str) -> float:
        """Mean of |credited - true| / true over the channels that truly caused more than 1 % of responses."""
        found = self.credited[method]
        errors = [abs(found.get(name, 0.0) - true) / true for name, true in self.truth.items() if true > self._floor]
        return float(np.mean(errors)) if errors else float("nan")

    @property
    def _floor(self) -> float:
        return 0.01 * self.responses


def measured(name: str, spec: MarketSpec, folder: Path, *, approximate: bool = False) -> Measured:
    """Measure a market, or read what an earlier run kept of it in ``folder``.

    Parameters
    ----------
    approximate
        Put a normal distribution at the mode in the place of sampling.
    """
    kept = folder / f"{name.replace(' ', '-').replace(',', '')}.json"
    asked = {"spec": spec.as_dict(), "process": VERSION, **({"approximate": True} if approximate else {})}
    if kept.exists():
        content = json.loads(kept.read_text("utf-8"))
        if content["asked"] == asked:
            return Measured(**content["found"])
    found = _measure(spec, approximate)
    folder.mkdir(parents=True, exist_ok=True)
    part = kept.with_suffix(".part")
    part.write_text(json.dumps({"asked": asked, "found": asdict(found)}, indent=1), "utf-8")
    part.replace(kept)
    return found


def _measure(spec: MarketSpec, approximate: bool) -> Measured:
    market = simulate_market(spec)
    observations = observations_of(market)
    seconds, begun = {}, time.perf_counter()
    evidence = gather(observations)
    seconds["evidence"] = time.perf_counter() - begun
    begun = time.perf_counter()
    density = density_of(evidence)
    posterior = approximated(density, spec.seed) if approximate else sample(density, replace(ROUND, seed=spec.seed))
    seconds["sample"] = time.perf_counter() - begun
    begun = time.perf_counter()
    found = increments(evidence, posterior)
    by_channel = inside_by_channel(evidence, posterior)
    predicted = predict_days(evidence, posterior)
    checks = diagnose(found, posterior, evidence.by_day, predicted, by_channel=by_channel)
    seconds["sum up"] = time.perf_counter() - begun
    estimates = {source.channel: float(source.expected.mean()) for source in found.channels}
    ranges = {source.channel: range_of(source.expected, source.caused) for source in found.channels}
    inside, ads = _ads_inside(market, found)
    return Measured(
        responses=evidence.responses,
        truth={channel: true["incremental"] for channel, true in market.truth["channels"].items()},
        credited={"touchstone": estimates, **_rules(market, observations, evidence.window), "zero": {}},
        ranges={channel: (found_range.p05, found_range.p95) for channel, found_range in ranges.items()},
        ads=ads,
        ads_inside=inside,
        chances={channel: float(chance) for channel, chance in found.no_effect.items()},
        verdict=verdict_of(checks).value,
        complaints=tuple(check.sentence for check in checks if check.verdict.value != "pass"),
        seconds=seconds,
    )


def _rules(market: Market, observations: Observations, window: Window) -> dict[str, dict[str, float]]:
    responses = observations.responses
    orders = responses.filter(pc.equal(responses["kind"], "order"))
    rules = rule_credits(
        observations.touches, orders.select(["person", "occurred_at"]), lookback_days=30.0, window=window
    )
    channels = {name: rules.of_channel(name) for name in market.truth["channels"]}
    return {rule: {name: credited.get(rule, 0.0) for name, credited in channels.items()} for rule in RULES}


def _ads_inside(market: Market, found: Increments) -> tuple[int, int]:
    ranges = {(ad.channel, ad.campaign, ad.ad): range_of(ad.expected, ad.caused) for ad in found.ads}
    inside = 0
    for ad in market.truth["ads"]:
        likely = ranges.get((ad["channel"], ad["campaign"], ad["ad"]))
        inside += likely is not None and likely.p05 <= ad["incremental"] <= likely.p95
    return inside, len(market.truth["ads"])
