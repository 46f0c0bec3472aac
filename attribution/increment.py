"""From the posterior to what people ask: responses caused, first responses won and what they cost, draw by draw."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy import stats

from attribution.allocation import allocate, quiet_of, rates_of
from attribution.baseline import baseline_of
from attribution.evidence import Evidence, Floats, Ints
from attribution.priors import Priors, effect_scale, prior_crowding
from attribution.rates import Design, design_of, lag_logits
from attribution.sampling import Posterior
from campaigns.terms import Range

__all__ = ["REAL", "Increments", "Source", "draws_of_variables", "effective_of", "increments", "range_of"]

REAL = "real"
"""The part of the apparent effects that tests leave standing: a variable ``(chains, draws, channels + media)``."""


@dataclass(frozen=True)
class Source:
    """Draws of what one channel or ad did; arrays of shape ``(draws,)``.

    Parameters
    ----------
    caused
        Responses in the window that it caused, a count drawn by lot.
    expected
        The same, averaged over the lot.
    first
        The part of ``expected`` that were first responses.
    acquired
        First responses with it, minus first responses had it been silent.
    acquired_expected
        The same, averaged over the lot.
    projected
        New customers that the window's touches win over their whole carry-over.
    projected_extra
        Responses, first and later ones, that the window's touches cause over their whole carry-over.
    elasticity
        Extra effect, in per cent, of one per cent more touches.
    value
        Value of the responses it caused per response, in minor units; 0 where no values are known.
    """

    channel: str
    campaign: str | None
    ad: str | None
    caused: Floats
    expected: Floats
    first: Floats
    acquired: Floats
    acquired_expected: Floats
    projected: Floats
    projected_extra: Floats
    elasticity: Floats
    value: Floats

    @property
    def p_no_effect(self) -> float:
        """Probability that it caused not even half a response, over the draws averaged over the lot."""
        return float((self.expected < 0.5).mean())


@dataclass(frozen=True)
class Increments:
    """Draws of everything the report shows.

    Parameters
    ----------
    chains
        Number of chains: draws are ordered chain by chain.
    channels, campaigns, ads
        Channels with touches and media; named campaigns and ads of channels with touches.
    baseline, baseline_counted
        Responses that would have come anyway, shape ``(draws,)``; with the channels they sum to all responses.
    no_effect
        Probability that each channel or medium does nothing at all, by its name.
    """

    chains: int
    channels: tuple[Source, ...]
    campaigns: tuple[Source, ...]
    ads: tuple[Source, ...]
    baseline: Floats
    baseline_counted: Floats
    no_effect: Mapping[str, float]


def increments(
    evidence: Evidence,
    posterior: Posterior,
    priors: Priors | None = None,
    seed: int = 0,
    values: Floats | None = None,
) -> Increments:
    """Divide the responses of the window among their sources, for every draw.

    Parameters
    ----------
    priors
        Those that the model was built with.
    seed
        Of the lots that divide each response.
    values
        Value of each response given, in minor units, not a number where it is not known; None where none is.
    """
    priors = priors or Priors()
    rng = np.random.default_rng(seed)
    design, baseline = design_of(evidence), baseline_of(evidence, priors)
    units, media = len(evidence.units), len(evidence.media.names)
    draws = posterior.draws
    shape = (draws, units + media)
    expected, counted = np.zeros((*shape, 2)), np.zeros((*shape, 2))
    kept, kept_counted, ahead, ahead_all, elasticity, value = (np.zeros(shape) for _ in range(6))
    worth = _worth(evidence, values)
    absent, chances = _absent(evidence, _with_effects(posterior.flat(), design), priors, rng)
    quiet = quiet_of(evidence)

    def fill(row: int, drawn: dict[str, Any], lots: np.random.Generator) -> None:
        rates = rates_of(drawn, evidence, design, baseline)
        effective = effective_of(drawn, design)[design.unit_channel]
        if REAL in drawn:
            rates = replace(rates, lift=rates.lift * drawn[REAL][len(evidence.channels) :, None, None])
        found = allocate(rates, evidence, effective, lots, worth, quiet)
        expected[row], counted[row] = found.expected, found.counted
        kept[row], kept_counted[row] = found.kept, found.kept_counted
        value[row] = found.value if worth is not None else 0.0
        ahead[row], ahead_all[row], elasticity[row] = _ahead(drawn, rates.cells, rates.lift, evidence, effective)

    drawn = draws_of_variables(evidence, posterior, priors, range(draws))
    with ThreadPoolExecutor(os.cpu_count()) as threads:  # most of the work is compiled and needs no lock
        for _ in threads.map(fill, range(draws), drawn, rng.spawn(draws)):
            pass
    channel_of = np.concatenate([design.unit_channel, np.arange(media) + len(evidence.channels)]).astype(np.int64)
    alive = ~absent[:, channel_of]
    boost = _boost(expected, channel_of, evidence)
    kept, kept_counted = kept * boost, kept_counted * boost
    # What was seen of the window's touches, carried on to the end of their carry-over.
    share_kept = kept / np.maximum(expected[:, :, 0], 1e-12)
    projected = np.where(np.arange(units + media) < units, ahead * share_kept, kept) * alive
    seen = expected.sum(axis=2)
    parts = _Parts(
        expected.sum(axis=2) * alive,
        counted.sum(axis=2) * alive,
        expected[:, :, 0] * alive,
        kept * alive,
        kept_counted * alive,
        projected,
        np.where(np.arange(units + media) < units, ahead_all, seen) * alive,
        elasticity,
        value / np.maximum(seen, 1e-12),
    )
    names = [channel.name for channel in evidence.channels] + list(evidence.media.names)
    # The unmatched part of a channel belongs to it, not to any of its ads.
    owner = np.array([names.index(name) for name in (*names[: len(evidence.channels)], *evidence.media.channels)])
    return Increments(
        chains=next(iter(posterior.values.values())).shape[0],
        channels=tuple(
            parts.source(name, None, None, owner[channel_of] == row)
            for row, name in enumerate(names)
            if owner[row] == row
        ),
        campaigns=tuple(
            parts.source(channel, campaign, None, _units_of(evidence, channel, campaign, media))
            for channel, campaign in sorted({(unit.channel, unit.campaign) for unit in evidence.units})
            if campaign
        ),
        ads=tuple(
            parts.source(unit.channel, unit.campaign, unit.ad, np.arange(units + media) == row)
            for row, unit in enumerate(evidence.units)
        ),
        baseline=evidence.responses - parts.expected.sum(axis=1),
        baseline_counted=evidence.responses - parts.counted.sum(axis=1),
        no_effect=dict(zip(names, chances, strict=True)),
    )


def effective_of(values: Mapping[str, Any], design: Design) -> Floats:
    """Part of each channel's apparent effect that is effect, for one draw, shape ``(channels,)``.

    Of a targeted channel that nobody was held back from, what its prior leaves; of a tested one, what tests say.
    """
    effective = np.ones(design.membership.shape[0])
    for place, channel in enumerate(design.intent_channels):
        effective[channel] = 1.0 - values["intent_share"][len(design.ghost_channels) + place]
    if REAL in values:
        real = values[REAL][: len(effective)]
        effective = np.where(real == 1.0, effective, real)
    return effective


def _worth(evidence: Evidence, values: Floats | None) -> Floats | None:
    """Value of each response with touches at work; one whose value is not known is worth the mean of the others."""
    if values is None or not np.isfinite(values).any():
        return None
    worth = values[evidence.states.row]
    return np.where(np.isfinite(worth), worth, np.nanmean(values))


def _units_of(evidence: Evidence, channel: str, campaign: str, media: int) -> npt.NDArray[np.bool_]:
    """Mark the units of a campaign among all sources."""
    marked = [(unit.channel, unit.campaign) == (channel, campaign) for unit in evidence.units]
    return np.array(marked + [False] * media)


def draws_of_variables(
    evidence: Evidence, posterior: Posterior, priors: Priors, rows: Iterable[int]
) -> Iterator[dict[str, Any]]:
    """Give the variables of single draws as :mod:`attribution.rates` takes them.

    Parameters
    ----------
    rows
        Draws wanted, counted over all chains.
    """
    design = design_of(evidence)
    ghosts = np.array(design.ghost_channels, dtype=np.int64)
    flat = _with_effects(posterior.flat(), design)
    for row in rows:
        values: dict[str, Any] = {name: value[row] for name, value in flat.items()}
        if evidence.units:
            every = np.arange(len(evidence.channels))
            values["lag_logits"] = lag_logits(values["delay"], priors.lag_sd * values["lag_z"], design, every)
        if "intent_delay" in values:
            values["intent_logits"] = lag_logits(values["intent_delay"], 0.0, design, ghosts)
        yield values


def _with_effects(flat: dict[str, Floats], design: Design) -> dict[str, Floats]:
    """Divide the apparent effect of channels with ghosts into effect and intent, as the model does."""
    if "apparent" not in flat:
        return flat
    effect = flat["apparent"].copy()
    ghosts = list(design.ghost_channels)
    if ghosts:
        share = flat["intent_share"][:, : len(ghosts)]
        flat["intent"] = effect[:, ghosts] * share
        effect[:, ghosts] *= 1.0 - share
    return {**flat, "effect": effect}


@dataclass(frozen=True)
class _Parts:
    expected: Floats
    counted: Floats
    first: Floats
    kept: Floats
    kept_counted: Floats
    projected: Floats
    projected_extra: Floats
    elasticity: Floats
    value: Floats

    def source(self, channel: str, campaign: str | None, ad: str | None, rows: Any) -> Source:
        weight = self.expected[:, rows]
        return Source(
            channel=channel,
            campaign=campaign,
            ad=ad,
            caused=self.counted[:, rows].sum(axis=1),
            expected=weight.sum(axis=1),
            first=self.first[:, rows].sum(axis=1),
            acquired=self.kept_counted[:, rows].sum(axis=1),
            acquired_expected=self.kept[:, rows].sum(axis=1),
            projected=self.projected[:, rows].sum(axis=1),
            projected_extra=self.projected_extra[:, rows].sum(axis=1),
            elasticity=(self.elasticity[:, rows] * weight).sum(axis=1) / np.maximum(weight.sum(axis=1), 1e-12),
            value=(self.value[:, rows] * weight).sum(axis=1) / np.maximum(weight.sum(axis=1), 1e-12),
        )


def _ahead(
    values: Mapping[str, Any], cells: Floats, lift: Floats, evidence: Evidence, effective: Floats
) -> tuple[Floats, Floats, Floats]:
    """First and all responses that the window's touches cause over their whole carry-over; elasticities; by source."""
    units, media = len(evidence.units), len(evidence.media.names)
    ahead, ahead_all, elasticity = np.zeros(units + media), np.zeros(units + media), np.ones(units + media)
    if units:
        every = evidence.cells.projected * cells[: len(evidence.cells.unit)]
        ahead[:units] = np.bincount(evidence.cells.unit, (evidence.cells.phase == 0) * every, units) * effective
        ahead_all[:units] = np.bincount(evidence.cells.unit, every, units) * effective
        channel = {item.name: row for row, item in enumerate(evidence.channels)}
        elasticity[:units] = [1.0 - values["exponent"][channel[unit.channel]] for unit in evidence.units]
    for row in range(media):
        # Where one per cent more exposure moves 1 - exp(-x), x a power of it: shape x exp(-x) / (1 - exp(-x)), weighted
        # by the lift.
        reached = np.clip(lift[row] / values["strength"][row], 0.0, 1.0 - 1e-12)
        x = -np.log1p(-reached)
        steepness = float(values["shape"][row])
        elasticity[units + row] = steepness * float((x * (1.0 - reached)).sum() / max(reached.sum(), 1e-12))
    return ahead, ahead_all, elasticity


def _boost(expected: Floats, channel_of: Ints, evidence: Evidence) -> Floats:
    """Correct the share kept for the other channels' part in the hazard that remains.

    ``kept`` counts a first response as won if it would not have come from the base rate later; the other channels
    would have brought some of those too, in proportion to their part in first responses.
    """
    first = expected[:, :, 0]
    base = np.maximum(evidence.first_at_risk - first.sum(axis=1), 1e-12)
    by_channel = first @ (channel_of[:, None] == np.arange(channel_of.max(initial=-1) + 1))
    others = (first.sum(axis=1)[:, None] - by_channel[:, channel_of]) / base[:, None]
    days = float(evidence.strata.person_days[evidence.strata.phase == 0].sum())
    persons = days / max(evidence.window.days, 1)
    # Mean remaining base hazard of a first response: half the window's, per person.
    remaining = 0.5 * base / max(persons, 1e-12)
    return np.asarray(np.exp(-others * remaining[:, None]))


def _absent(
    evidence: Evidence, flat: Mapping[str, Floats], priors: Priors, rng: np.random.Generator
) -> tuple[np.ndarray, Floats]:
    """Draw, for every draw and channel or medium, whether it does nothing, by the Savage-Dickey density ratio.

    Prior: nothing at all with probability ``priors.no_effect`` (``no_medium``), else the continuous prior of the model.
    The Bayes factor for nothing is the posterior density at zero over the prior density at zero (Dickey 1971).
    """
    effects = effect_scale(evidence, priors) / prior_crowding(evidence, priors)
    densities = [
        (flat["effect"][:, row], 2.0 * stats.t.pdf(0.0, priors.effect_tail) / scale)
        for row, scale in enumerate(effects)
    ] + [
        (flat["strength"][:, row], 2.0 * stats.norm.pdf(0.0) / priors.medium_sd)
        for row in range(len(evidence.media.names))
    ]
    nothing = np.repeat([priors.no_effect, priors.no_medium], [len(effects), len(evidence.media.names)])
    chances = np.zeros(len(densities))
    for row, (draws, at_zero) in enumerate(densities):
        factor = density_at_zero(draws * flat[REAL][:, row] if REAL in flat else draws) / at_zero
        odds = nothing[row] / (1.0 - nothing[row]) * factor
        chances[row] = odds / (1.0 + odds)
    return rng.random((len(next(iter(flat.values()))), len(densities))) < chances, chances


def density_at_zero(draws: Floats) -> float:
    """Estimate the density at zero of a positive quantity from its draws, by a kernel reflected at zero."""
    if np.ptp(draws) == 0.0:
        return 0.0
    middle = float(np.subtract(*np.percentile(draws, [75, 25]))) / 1.34
    width = 0.9 * (min(draws.std(), middle) or draws.std()) * len(draws) ** -0.2
    return float(2.0 * stats.norm.pdf(draws / width).mean() / width)


def range_of(expected: Floats, counted: Floats) -> Range:
    """Mean of what is expected, and the middle 90 % of what is counted."""
    low, high = np.quantile(counted, [0.05, 0.95])
    return Range(float(expected.mean()), float(low), float(high))
