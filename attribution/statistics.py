"""The sufficient statistics laid out as the compiled likelihood takes them."""

from __future__ import annotations

import numpy as np

from attribution.baseline import Baseline
from attribution.evidence import Evidence, Ints, States
from attribution.layout import Statistics
from attribution.media import LAGS
from attribution.rates import Design, lagged_exposure

__all__ = ["statistics"]


def statistics(evidence: Evidence, design: Design, baseline: Baseline) -> Statistics:
    """Lay out what the likelihood needs of data and design."""
    strata, states, media = evidence.strata, evidence.states, evidence.media
    split = baseline.strata.shape[1]
    quiet_level = np.zeros((len(strata.regions), strata.quiet.shape[1]))
    np.add.at(quiet_level, strata.region, strata.quiet)
    order, starts, cell = _by_length(states)
    lagged = [lagged_exposure(media, index, LAGS) for index in range(len(media.names))]
    return Statistics(
        base_mean=baseline.offset + baseline.strata @ baseline.centre[:split],
        base_map=np.ascontiguousarray(baseline.strata @ baseline.rotation[:split]),
        level_mean=baseline.level @ baseline.centre[split:],
        level_map=np.ascontiguousarray(baseline.level @ baseline.rotation[split:]),
        person_days=strata.person_days,
        stratum_region=strata.region,
        quiet_stratum=strata.quiet.sum(axis=1),
        quiet_level=quiet_level,
        unit_channel=design.unit_channel,
        unit_weight=design.unit_weight,
        ordinal_weight=design.ordinal_weight,
        cell_unit=design.cell_unit,
        cell_ordinal=design.cell_ordinal,
        cell_bucket=design.cell_bucket,
        cell_phase=evidence.cells.phase,
        cell_width=design.cell_width,
        cell_days=evidence.cells.days,
        intent_row=design.intent_row,
        intent_bucket=design.intent_bucket,
        intent_width=design.intent_width,
        intent_days=evidence.intent.days,
        state_stratum=states.stratum[order],
        state_day=states.day[order],
        state_starts=starts,
        state_cell=cell,
        lagged=np.stack(lagged) if lagged else np.zeros((0, *quiet_level.shape, LAGS)),
    )


def _by_length(states: States) -> tuple[Ints, Ints, Ints]:
    """Order responses by their number of contacts at work: loops of one length after another run a quarter faster."""
    lengths = np.diff(states.starts)
    order = np.argsort(lengths, kind="stable")
    starts = np.concatenate([[0], np.cumsum(lengths[order])]).astype(np.int64)
    # Each entry moves as far as the start of its response does.
    moved = np.repeat(states.starts[:-1][order] - starts[:-1], lengths[order])
    return order, starts, states.cell[np.arange(len(states.cell)) + moved]
