"""The sufficient statistics laid out as the compiled likelihood takes them."""

from __future__ import annotations

import numpy as np

from attribution.baseline import Baseline
from attribution.evidence import Evidence
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
        state_stratum=states.stratum,
        state_day=states.day,
        state_starts=states.starts,
        state_cell=states.cell,
        lagged=np.stack(lagged) if lagged else np.zeros((0, *quiet_level.shape, LAGS)),
    )
