"""Who caused what: for every draw of the posterior, credit of each response to its sources, in numbers and by lot.

Given the rates, a response was caused by a source with probability source rate / total rate. Averages use these
probabilities; intervals use counts drawn by lot from them, since what really happened is a count.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numba
import numpy as np

from attribution.evidence import Evidence, Floats, Ints
from attribution.media import LAGS
from attribution.rates import Design, cell_effects, medium_lift

__all__ = ["Allocation", "Quiet", "Rates", "allocate", "quiet_of", "rates_of"]

_compiled = numba.njit(cache=True, nogil=True)


@dataclass(frozen=True)
class Rates:
    """Rates of one draw.

    Parameters
    ----------
    base
        Responses per person-day by stratum, before calendar and media, shape ``(strata,)``.
    season
        Calendar by region and day, shape ``(regions, days)``.
    lift
        Lift of each medium by region and day, shape ``(media, regions, days)``.
    cells
        Rate that one touch adds per day by cell, cells of intent last.
    """

    base: Floats
    season: Floats
    lift: Floats
    cells: Floats


@dataclass(frozen=True)
class Allocation:
    """Responses of the window by source and phase, over draws.

    Sources are the units, then the media. Shapes: ``(draws, sources, 2)`` by phase (0 first response, 1 later).

    Parameters
    ----------
    expected
        Mean number of responses caused, given the draw's rates.
    counted
        The number drawn by lot.
    kept
        The part of ``expected`` in phase 0 that would not have come later in the window anyway, ``(draws, sources)``.
    kept_counted
        The same of ``counted``.
    value
        Value of the responses in ``expected``, ``(draws, sources)``.
    """

    expected: Floats
    counted: Floats
    kept: Floats
    kept_counted: Floats
    value: Floats


@dataclass(frozen=True)
class Quiet:
    """Responses with no touch at work, which only media and the base rate share.

    Parameters
    ----------
    number
        By phase, region and day, shape ``(2, regions, days)``.
    stratum, day, first
        Where first responses fell, and how many, shape ``(n,)``.
    """

    number: Ints
    stratum: Ints
    day: Ints
    first: Floats


def quiet_of(evidence: Evidence) -> Quiet:
    """Count the responses with no touch at work."""
    strata = evidence.strata
    number = np.zeros((2, len(strata.regions), strata.quiet.shape[1]))
    np.add.at(number, (strata.phase, strata.region), strata.quiet)
    stratum, day = np.nonzero(strata.quiet * (strata.phase == 0)[:, None])
    return Quiet(number.astype(np.int64), stratum, day, strata.quiet[stratum, day])


def rates_of(values: Mapping[str, Any], evidence: Evidence, design: Design, baseline: Any) -> Rates:
    """Turn one draw of the model's variables into rates.

    Parameters
    ----------
    values
        By variable, the draw; ``lag_logits`` and ``intent_logits`` included.
    baseline
        The :class:`attribution.baseline.Baseline` the model was built with.
    """
    coefficients = baseline.centre + baseline.rotation @ values["base_z"]
    split = baseline.strata.shape[1]
    media = range(len(evidence.media.names))
    shape = baseline.level.shape[:2]
    lifts = [medium_lift(values, evidence.media, index, LAGS) for index in media]
    return Rates(
        base=np.exp(baseline.offset + baseline.strata @ coefficients[:split]),
        season=np.exp(baseline.level @ coefficients[split:]),
        lift=np.stack(lifts) if lifts else np.zeros((0, *shape)),
        cells=cell_effects(values, design) if evidence.channels else np.zeros(0),
    )


def allocate(
    rates: Rates,
    evidence: Evidence,
    effective: Floats,
    rng: np.random.Generator,
    values: Floats | None = None,
    quiet: Quiet | None = None,
) -> Allocation:
    """Divide the responses of the window among their sources for one draw; shapes as above without ``draws``.

    Parameters
    ----------
    effective
        Share of each unit's apparent effect that is effect and not intent, shape ``(units,)``; above 1 where tests
        show more than is apparent.
    values
        Value of each response with touches at work, shape ``(states,)``; one each by default.
    quiet
        What :func:`quiet_of` counts of the evidence, for those who ask more than once.
    """
    strata, states = evidence.strata, evidence.states
    units, media = len(evidence.units), rates.lift.shape[0]
    level = rates.season * (1.0 + rates.lift.sum(axis=0))
    # Base hazard from each day to the end of the window, per unit of base rate.
    after = np.cumsum(level[:, ::-1], axis=1)[:, ::-1] - 0.5 * level
    expected = np.zeros((units + media, 2))
    counted = np.zeros((units + media, 2))
    kept = np.zeros(units + media)
    kept_counted = np.zeros(units + media)
    worth = np.ones(len(states.stratum)) if values is None else values
    value = np.zeros(units + media)
    _share_out(
        rates.base,
        level,
        np.ascontiguousarray(rates.lift / (1.0 + rates.lift.sum(axis=0))),
        rates.cells,
        evidence.cells.unit,
        effective,
        strata.region,
        states.stratum,
        states.day,
        states.phase,
        states.starts,
        states.cell,
        after,
        rng.random((len(states.stratum), 2)),
        expected,
        counted,
        kept,
        kept_counted,
        worth,
        value,
    )
    if media:
        before = expected.sum(axis=1)
        _share_out_quiet(
            rates, evidence, after, quiet or quiet_of(evidence), rng, expected, counted, kept, kept_counted
        )
        value += (expected.sum(axis=1) - before) * (float(worth.mean()) if len(worth) else 1.0)
    return Allocation(expected, counted, kept, kept_counted, value)


def _share_out_quiet(
    rates: Rates,
    evidence: Evidence,
    after: Floats,
    quiet: Quiet,
    rng: np.random.Generator,
    expected: Floats,
    counted: Floats,
    kept: Floats,
    kept_counted: Floats,
) -> None:
    """Divide the responses with no touch at work between the media and the rest, alike for all of a region and day."""
    region = evidence.strata.region[quiet.stratum]
    stays = np.zeros(after.shape)
    gone = np.exp(-rates.base[quiet.stratum] * after[region, quiet.day])
    np.add.at(stays, (region, quiet.day), quiet.first * gone)
    mean = stays / np.maximum(quiet.number[0], 1)
    total = 1.0 + rates.lift.sum(axis=0)
    left, claimed = quiet.number.copy(), np.zeros(after.shape)
    for row in range(rates.lift.shape[0]):
        share = rates.lift[row] / total
        lot = rng.binomial(left, np.clip(share / np.maximum(1.0 - claimed, 1e-12), 0.0, 1.0))
        left, claimed = left - lot, claimed + share
        source = len(evidence.units) + row
        expected[source] += (share * quiet.number).sum(axis=(1, 2))
        counted[source] += lot.sum(axis=(1, 2))
        kept[source] += (share * stays).sum()
        kept_counted[source] += (lot[0] * mean).sum()


@_compiled  # type: ignore[untyped-decorator]
def _share_out(
    base: Any,
    level: Any,
    lift_share: Any,
    rate_of: Any,
    unit_of: Any,
    effective: Any,
    region: Any,
    stratum: Any,
    day: Any,
    phase: Any,
    starts: Any,
    cell: Any,
    after: Any,
    lot: Any,
    expected: Any,
    counted: Any,
    kept: Any,
    kept_counted: Any,
    worth: Any,
    value: Any,
) -> None:
    """Divide each response with touches at work among units and media; adds to the arrays from ``expected`` on."""
    units = effective.shape[0]
    for i in range(stratum.shape[0]):
        s, d, p = stratum[i], day[i], phase[i]
        g = region[s]
        own = base[s] * level[g, d]
        total = own
        for j in range(starts[i], starts[i + 1]):
            rate = rate_of[cell[j]]
            # A test may show more than was apparent: then the rest of the rate stays what it was.
            if cell[j] < unit_of.shape[0] and effective[unit_of[cell[j]]] > 1.0:
                rate *= effective[unit_of[cell[j]]]
            total += rate
        stays = math.exp(-base[s] * after[g, d]) if p == 0 else 0.0
        drawn = lot[i, 0] * total
        winner = -1
        for m in range(lift_share.shape[0]):
            rate = own * lift_share[m, g, d]
            expected[units + m, p] += rate / total
            value[units + m] += rate / total * worth[i]
            kept[units + m] += rate / total * stays
            if winner == -1 and drawn < rate:
                winner = units + m
            drawn -= rate
        for j in range(starts[i], starts[i + 1]):
            if cell[j] >= unit_of.shape[0]:
                continue
            u = unit_of[cell[j]]
            rate = rate_of[cell[j]] * effective[u]
            expected[u, p] += rate / total
            value[u] += rate / total * worth[i]
            kept[u] += rate / total * stays
            if winner == -1 and drawn < rate:
                winner = u
            drawn -= rate
        if winner >= 0:
            counted[winner, p] += 1.0
            kept_counted[winner] += stays
