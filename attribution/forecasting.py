"""What is to be expected of the days after the data, and what became of it once they are past.

A forecast takes for granted that people are contacted, and media bought, as in the last four weeks, and that the level
of what comes anyway stays what it was then, but for events of the calendar that are known to come. How far that level
moves from one week to the next is learned from the weeks of the window.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np

from attribution.allocation import rates_of
from attribution.baseline import Baseline, baseline_of
from attribution.evidence import Evidence, Floats
from attribution.increment import Increments, draws_of_variables
from attribution.media import running_events
from attribution.observations import Observations
from attribution.prediction import credited_by_lot, expected_intent, expected_of_sources
from attribution.priors import Priors
from attribution.rates import design_of
from attribution.sampling import Posterior
from campaigns.terms import Forecast, ForecastOutcome, Range

__all__ = [
    "AHEAD",
    "BEFORE",
    "Doings",
    "Outlook",
    "doings_by_day",
    "forecast",
    "known_by_now",
    "outlook_of",
    "restlessness",
    "settle",
]

AHEAD = 7
"""Days that a forecast is told of: a plan's."""

BEFORE = 28
"""Days before them that stand for how people are contacted: whole weeks, with every day of the week alike."""

FEWEST_WEEKS = 4
"""Weeks that the level must have been compared over before anything is told."""

MOST_WEEKS = 52

CHANGED = 0.25
"""Where other contacts alone would have moved the number by more than this part of its range, it says nothing."""


@dataclass(frozen=True)
class Outlook:
    """What is known of the days ahead.

    Parameters
    ----------
    events
        Whether each event of the evidence's calendar runs, shape ``(regions, AHEAD, events)``.
    """

    events: Floats


def outlook_of(observations: Observations, evidence: Evidence) -> Outlook:
    """Read which known events run in the days after the window."""
    dates = _dates(evidence.window.end + timedelta(days=1), AHEAD)
    running = running_events(observations, evidence.strata.regions, dates)
    nothing = np.zeros((len(evidence.strata.regions), AHEAD))
    layers = [running.get(name, nothing) for name in evidence.calendar.event_names]
    return Outlook(np.stack(layers, axis=-1) if layers else np.zeros((*nothing.shape, 0)))


def forecast(
    evidence: Evidence,
    posterior: Posterior,
    found: Increments,
    outlook: Outlook,
    priors: Priors | None = None,
    draws: int = 200,
    seed: int = 0,
) -> tuple[Forecast, ...]:
    """Tell how many responses the days after the window will bring, in all and by the doing of each channel.

    Parameters
    ----------
    found
        What the report says of the same posterior.
    draws
        Number of draws, spread evenly over the posterior.

    Returns
    -------
    The forecast of all responses first; none where the window is too short to know how the level moves.
    """
    moves = restlessness(evidence.arrived)
    if moves is None:
        return ()
    priors = priors or Priors()
    rng = np.random.default_rng(seed)
    design, baseline = design_of(evidence), baseline_of(evidence, priors)
    rows = np.linspace(0, posterior.draws - 1, min(draws, posterior.draws)).astype(int)
    owners = _owners(evidence)
    spread, weeks = moves
    others = float((evidence.arrived - evidence.by_day)[-BEFORE:].sum()) * AHEAD / BEFORE
    in_all, by_channel = [], []
    for row, values in zip(rows, draws_of_variables(evidence, posterior, priors, rows), strict=True):
        rates = rates_of(values, evidence, design, baseline)
        sources = expected_of_sources(values, rates, evidence, design)
        touches = sources[: len(evidence.channels)].sum(axis=0) + expected_intent(values, evidence, design)
        anyway = _anyway(values, rates, evidence, baseline, outlook)
        level = np.exp(spread * rng.standard_t(weeks))
        in_all.append(rng.poisson(level * (anyway + others + touches[-BEFORE:].sum() * AHEAD / BEFORE)))
        recent = _by_owner(sources[:, -BEFORE:].sum(axis=1), owners, found)
        whole = _by_owner(sources.sum(axis=1), owners, found)
        # The report's own draw, by the share of it that falls on the last weeks.
        caused = np.array([source.expected[row] for source in found.channels])
        by_channel.append(rng.poisson(caused * recent / np.maximum(whole, 1e-12) * AHEAD / BEFORE))
    columns = np.column_stack([np.array(in_all), np.array(by_channel).reshape(len(rows), -1)])
    first = evidence.window.end + timedelta(days=1)
    names = (None, *(source.channel for source in found.channels))
    return tuple(
        Forecast(0, name, first, first + timedelta(days=AHEAD - 1), _range(column))
        for name, column in zip(names, columns.T, strict=True)
    )


def restlessness(arrived: Floats) -> tuple[float, float] | None:
    """Learn how far a week's responses stray from the four weeks before it, beyond what chance does.

    Parameters
    ----------
    arrived
        Responses by day, shape ``(days,)``.

    Returns
    -------
    Standard deviation on the log scale, and the weeks that it was learned from; None if these are too few.
    """
    weeks = len(arrived) // 7
    by_week = arrived[len(arrived) - 7 * weeks :].reshape(weeks, 7).sum(axis=1)[-MOST_WEEKS:]
    if len(by_week) - 4 < FEWEST_WEEKS:
        return None
    before = np.convolve(by_week, np.ones(4), "valid")[:-1] + 0.5
    strays = np.log((by_week[4:] + 0.5) / (before / 4.0))
    by_chance = 1.0 / (by_week[4:] + 0.5) + 1.0 / before
    return float(np.sqrt(max(float(np.mean(strays**2 - by_chance)), 0.0))), float(len(strays))


def _anyway(values: Mapping[str, Any], rates: Any, evidence: Evidence, baseline: Baseline, outlook: Outlook) -> float:
    """Add up what will come without any contact: day by day as on the same days of the last weeks, but for events."""
    strata, events = evidence.strata, evidence.calendar.events.shape[2]
    base = np.zeros((len(strata.regions), evidence.window.days))
    np.add.at(base, strata.region, rates.base[:, None] * strata.person_days)
    coefficients = (baseline.centre + baseline.rotation @ values["base_z"])[baseline.strata.shape[1] :]
    named = coefficients[len(coefficients) - events :]
    running = evidence.calendar.events - evidence.calendar.events.min(axis=(0, 1), initial=0.0)
    quiet = base * rates.season * (1.0 + rates.lift.sum(axis=0)) * np.exp(-running @ named)
    like = quiet[:, -BEFORE:].reshape(len(strata.regions), BEFORE // AHEAD, AHEAD).mean(axis=1)
    return float((like * np.exp(outlook.events @ named)).sum())


@dataclass(frozen=True)
class Doings:
    """What each channel of the report did day by day, its days adding up to the mean of the report's draws.

    Parameters
    ----------
    credited
        By channel: responses that it is credited with, shape ``(days,)``.
    expected
        By channel: responses that its contacts or exposure lead one to expect, shape ``(days,)``.
    """

    credited: Mapping[str, Floats]
    expected: Mapping[str, Floats]


def doings_by_day(
    evidence: Evidence,
    posterior: Posterior,
    found: Increments,
    priors: Priors | None = None,
    draws: int = 100,
    seed: int = 0,
) -> Doings:
    """Spread what each channel does over the days of the window."""
    priors = priors or Priors()
    rng = np.random.default_rng(seed)
    design, baseline = design_of(evidence), baseline_of(evidence, priors)
    rows = np.linspace(0, posterior.draws - 1, min(draws, posterior.draws)).astype(int)
    owners = _owners(evidence)
    credited, expected = np.zeros((2, len(found.channels), evidence.window.days))
    for values in draws_of_variables(evidence, posterior, priors, rows):
        rates = rates_of(values, evidence, design, baseline)
        credited += _by_owner(credited_by_lot(rates, evidence, rng), owners, found)
        expected += _by_owner(expected_of_sources(values, rates, evidence, design), owners, found)
    return Doings(_as_reported(credited, found), _as_reported(expected, found))


def _as_reported(daily: Floats, found: Increments) -> dict[str, Floats]:
    share = daily / np.maximum(daily.sum(axis=1, keepdims=True), 1e-12)
    return {source.channel: source.expected.mean() * share[row] for row, source in enumerate(found.channels)}


def settle(forecasts: Sequence[Forecast], evidence: Evidence, doings: Doings) -> tuple[Forecast, ...]:
    """Hold earlier forecasts against what came, once their days and the four weeks before these lie in the window.

    Parameters
    ----------
    forecasts
        Forecasts not settled yet; those whose days are not past, or lie too far back, are left out of what returns.
    """
    settled = []
    for one in forecasts:
        start, end = _index(evidence, one.starts_on), _index(evidence, one.ends_on) + 1
        if one.outcome is not None or start < BEFORE or end > evidence.window.days:
            continue
        meant = [name for name in doings.expected if one.channel in (None, name)]
        if one.channel is not None and not meant:
            continue
        daily = evidence.arrived if one.channel is None else doings.credited[one.channel]
        moved = sum(_moved(doings.expected[name], start, end) for name in meant)
        settled.append(_settled(one, float(daily[start:end].sum()), moved))
    return tuple(settled)


def known_by_now(forecasts: Sequence[Forecast], settled: Sequence[Forecast]) -> tuple[Forecast, ...]:
    """Put what was just settled in the place of what was not."""
    now = {(one.run, one.channel): one for one in settled}
    return tuple(now.get((one.run, one.channel), one) for one in forecasts)


def _settled(one: Forecast, came: float, moved: float) -> Forecast:
    low, high = one.expected.p05, one.expected.p95
    if abs(moved) > CHANGED * (high - low):
        outcome = ForecastOutcome.NOT_COMPARABLE
    else:
        outcome = ForecastOutcome.HELD if low <= came <= high else ForecastOutcome.MISSED
    return replace(one, came=came, outcome=outcome)


def _moved(expected: Floats, start: int, end: int) -> float:
    """Tell by how many responses a channel's number was to move, as its contacts are not those of the weeks before."""
    return float(expected[start:end].sum() - expected[start - BEFORE : start].mean() * (end - start))


def _owners(evidence: Evidence) -> tuple[str, ...]:
    """Name the channel of the report that each source belongs to: channels, then media."""
    return (*(channel.name for channel in evidence.channels), *evidence.media.channels)


def _by_owner(values: Floats, owners: Sequence[str], found: Increments) -> Floats:
    """Add up sources, the first axis, by channel of the report."""
    rows = [values[[owner == source.channel for owner in owners]].sum(axis=0) for source in found.channels]
    return np.array(rows).reshape(len(rows), *values.shape[1:])


def _index(evidence: Evidence, day: date) -> int:
    return (day - evidence.window.start).days


def _dates(first: date, count: int) -> list[date]:
    return [first + timedelta(days=day) for day in range(count)]


def _range(draws: Floats) -> Range:
    low, high = np.quantile(draws, [0.05, 0.95])
    return Range(float(draws.mean()), float(low), float(high))
