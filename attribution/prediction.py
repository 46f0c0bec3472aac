"""What the model expects of each day, and of each channel week by week, to hold against what came."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from attribution.allocation import Rates, rates_of
from attribution.baseline import baseline_of
from attribution.evidence import Channel, Evidence, Floats, Ints
from attribution.increment import draws_of_variables
from attribution.priors import Priors
from attribution.rates import Design, design_of, lag_shares, unit_effects, wear_by_bin
from attribution.sampling import Posterior

__all__ = ["credited_by_lot", "expected_intent", "expected_of_sources", "inside_by_channel", "predict_days"]

_WEEK = 7


def predict_days(
    evidence: Evidence, posterior: Posterior, priors: Priors | None = None, draws: int = 200, seed: int = 0
) -> Floats:
    """Draw the responses of each day of the window anew.

    The effect of contacts is followed day by day without regard to who left the risk set in between, which
    overstates it by the few who did.

    Parameters
    ----------
    draws
        Number of draws, spread evenly over the posterior.

    Returns
    -------
    Responses of people at risk by day, shape ``(draws, days)``.
    """
    priors = priors or Priors()
    rng = np.random.default_rng(seed)
    design, baseline = design_of(evidence), baseline_of(evidence, priors)
    chosen = np.linspace(0, posterior.draws - 1, min(draws, posterior.draws)).astype(int)
    strata = evidence.strata
    predicted = []
    for values in draws_of_variables(evidence, posterior, priors, chosen):
        rates = rates_of(values, evidence, design, baseline)
        level = rates.season * (1.0 + rates.lift.sum(axis=0))
        expected = np.einsum("s,sd,sd->d", rates.base, strata.person_days, level[strata.region])
        predicted.append(rng.poisson(expected + _from_touches(values, evidence, design)))
    return np.array(predicted, dtype=float)


def inside_by_channel(
    evidence: Evidence, posterior: Posterior, priors: Priors | None = None, draws: int = 200, seed: int = 0
) -> dict[str, float]:
    """Hold what each channel and medium is credited with, week by week, against what its exposure leads one to expect.

    For each draw the responses of a week are divided by lot among their sources, and the number that a source should
    have brought is drawn from its exposure. Where the model is right, both have one distribution: an effect that comes
    at other times than the model thinks shows as weeks in which they differ.

    Returns
    -------
    By name, the share of weeks in which the credited number lies in the middle 90 % of the expected ones. As the model
    was fitted to the same weeks, that is more than 90 % where it is right.

    References
    ----------
    Gelman, Meng and Stern (1996), "Posterior predictive assessment of model fitness via realized discrepancies".
    """
    priors = priors or Priors()
    rng = np.random.default_rng(seed)
    design, baseline = design_of(evidence), baseline_of(evidence, priors)
    chosen = np.linspace(0, posterior.draws - 1, min(draws, posterior.draws)).astype(int)
    names = [*(channel.name for channel in evidence.channels), *evidence.media.names]
    above = np.zeros((len(names), _weeks(evidence).max(initial=0) + 1))
    for values in draws_of_variables(evidence, posterior, priors, chosen):
        rates = rates_of(values, evidence, design, baseline)
        expected = rng.poisson(_by_week(expected_of_sources(values, rates, evidence, design), evidence))
        credited = _by_week(credited_by_lot(rates, evidence, rng), evidence)
        above += ((credited > expected) + 0.5 * (credited == expected)) / len(chosen)
    inside = ((above >= 0.05) & (above <= 0.95)).mean(axis=1)
    return {name: float(share) for name, share in zip(names, inside, strict=True)}


def _weeks(evidence: Evidence) -> Ints:
    """Give each day of the window its week; a rest of less than a week belongs to the week before it."""
    days = evidence.window.days
    return np.minimum(np.arange(days) // _WEEK, max(days // _WEEK - 1, 0))


def _by_week(daily: Floats, evidence: Evidence) -> Floats:
    """Sum up days, the last axis, by week."""
    week = _weeks(evidence)
    return np.asarray(np.stack([daily[:, week == number].sum(axis=1) for number in np.unique(week)], axis=1))


def expected_of_sources(values: Mapping[str, Any], rates: Rates, evidence: Evidence, design: Design) -> Floats:
    """Responses to be expected of each channel, then of each medium, by day; shape ``(channels + media, days)``."""
    strata = evidence.strata
    base = np.zeros((len(strata.regions), evidence.window.days))
    np.add.at(base, strata.region, rates.base[:, None] * strata.person_days)
    by_medium = (base * rates.season * rates.lift).sum(axis=1)
    by_channel = _made(values, evidence, design)
    # Followed day by day regardless of who left the risk set; the exact sum over the window is known.
    count = len(evidence.cells.unit)
    exact = np.bincount(evidence.cells.channel, evidence.cells.days * rates.cells[:count], len(evidence.channels))
    return np.concatenate([by_channel * (exact / np.maximum(by_channel.sum(axis=1), 1e-12))[:, None], by_medium])


def credited_by_lot(rates: Rates, evidence: Evidence, rng: np.random.Generator) -> Floats:
    """Divide the responses by lot among channels and media; shape ``(channels + media, days)``."""
    states, strata = evidence.states, evidence.strata
    channels, days = len(evidence.channels), evidence.window.days
    credited = np.zeros((channels + rates.lift.shape[0], days))
    lift = rates.lift.sum(axis=0)
    region = strata.region[states.stratum]
    own = rates.base[states.stratum] * (rates.season * (1.0 + lift))[region, states.day]
    reached = np.concatenate([[0.0], np.cumsum(rates.cells[states.cell])])
    begins = reached[states.starts[:-1]]
    drawn = begins + rng.random(len(own)) * (own + reached[states.starts[1:]] - begins)
    winner = np.searchsorted(reached[1:], drawn, side="right")
    by_contact = winner < states.starts[1:]
    cell = states.cell[winner[by_contact]]
    made = cell < len(evidence.cells.unit)  # the others are intent
    np.add.at(credited, (evidence.cells.channel[cell[made]], states.day[by_contact][made]), 1.0)
    rest = np.zeros_like(lift)
    np.add.at(rest, (region[~by_contact], states.day[~by_contact]), 1.0)
    np.add.at(rest, strata.region, strata.quiet)
    shares = np.concatenate([rates.lift, np.ones((1, *lift.shape))]) / (1.0 + lift)
    lots = rng.multinomial(rest.astype(np.int64), np.moveaxis(shares, 0, -1))
    credited[channels:] = lots.sum(axis=0).T[:-1]
    return credited


def _from_touches(values: Mapping[str, Any], evidence: Evidence, design: Design) -> Floats:
    """Add up by day what contacts cause and, where contacts were withheld, the intent that they chased."""
    return np.asarray(_made(values, evidence, design).sum(axis=0) + expected_intent(values, evidence, design))


def expected_intent(values: Mapping[str, Any], evidence: Evidence, design: Design) -> Floats:
    """Responses by day that the intent behind would-be contacts leads one to expect, where it is told from effects."""
    daily, days = evidence.daily, evidence.window.days
    total = np.zeros(days)
    if evidence.units and "intent" in values:
        shares = lag_shares(values["intent_logits"])
        for place, row in enumerate(design.ghost_channels):
            here = daily.channel == row
            channel, begun, day = evidence.channels[row], daily.touches[here] * values["intent"][place], daily.day[here]
            total += _spread(begun, shares[place], channel, day, daily.lead, days)
            if channel.two_sided:  # before as after: the same with time turned round
                turned = _spread(begun, shares[place], channel, daily.lead + days - 1 - day, 0, daily.lead + days)
                total += turned[:days][::-1]
    return np.asarray(total)


def _made(values: Mapping[str, Any], evidence: Evidence, design: Design) -> Floats:
    """Add up by day what the contacts of each channel cause, shape ``(channels, days)``."""
    days, daily = evidence.window.days, evidence.daily
    total = np.zeros((len(evidence.channels), days))
    if not evidence.units:
        return total
    made = daily.unit >= 0
    force = np.where(made, unit_effects(values, design)[daily.unit], 0.0)
    force = force * wear_by_bin(values, design)[daily.channel, daily.ordinal]
    if "later" in values:
        force = force * np.where(daily.phase == 1, values["later"][daily.channel], 1.0)
    shares = lag_shares(values["lag_logits"])
    for row, channel in enumerate(evidence.channels):
        here = daily.channel == row
        total[row] = _spread((daily.touches * force)[here], shares[row], channel, daily.day[here], daily.lead, days)
    return total


def _spread(begun: Floats, shares: Floats, channel: Channel, day: Ints, lead: int, days: int) -> Floats:
    """Spread what begins in the middle of some days over the days after, by the shares of the lag buckets."""
    per_day = np.bincount(day, begun, lead + days)
    reached = np.concatenate([[0.0], np.cumsum(shares[: channel.buckets])])
    lags = np.arange(int(channel.edges[-1]) + 2)
    after = np.interp(lags + 0.5, channel.edges, reached) - np.interp(lags - 0.5, channel.edges, reached)
    return np.asarray(np.convolve(per_day, after)[lead : lead + days])
