"""What the compiled likelihood takes: parameters, sufficient statistics, and how these are packed."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np

__all__ = ["GRADIENTS", "Packed", "Parameters", "Statistics", "pack"]


class Parameters(NamedTuple):
    """Parameters of the likelihood, in the order that :func:`attribution.likelihood.packed_log_likelihood` takes them.

    Shapes: ``base_z (p,)``; ``effect``, ``exponent``, ``later`` ``(channels,)``; ``spread ()``; ``unit_z (units,)``;
    ``lag_logits (channels, buckets)``; ``intent (ghost channels,)``; ``intent_logits (ghost channels, buckets)``;
    ``strength``, ``retention``, ``scale``, ``shape`` ``(media,)``.
    """

    base_z: Any
    effect: Any
    spread: Any
    unit_z: Any
    exponent: Any
    lag_logits: Any
    later: Any
    intent: Any
    intent_logits: Any
    strength: Any
    retention: Any
    scale: Any
    shape: Any


GRADIENTS = len(Parameters._fields)
"""Number of parameter arrays, each with a gradient."""


class Statistics(NamedTuple):
    """What the likelihood needs of data and design, in the order in which it is packed.

    Parameters
    ----------
    base_mean, base_map
        Log base rate by stratum is ``base_mean + base_map @ base_z``; shapes ``(strata,)`` and ``(strata, p)``.
    level_mean, level_map
        The same for the calendar by region and day; shapes ``(regions, days)`` and ``(regions, days, p)``.
    person_days
        Shape ``(strata, days)``.
    stratum_region
        Shape ``(strata,)``.
    quiet_stratum, quiet_level
        Responses with no touch at work, by stratum and by region and day.
    unit_channel, unit_weight, ordinal_weight
        As in :class:`attribution.rates.Design`.
    cell_unit, cell_ordinal, cell_bucket, cell_phase, cell_width, cell_days
        Cells of exposure, shape ``(cells,)``.
    intent_row, intent_bucket, intent_width, intent_days
        Cells of intent.
    state_stratum, state_day, state_starts, state_cell
        Responses with touches at work; cells of intent are numbered after those of exposure.
    lagged
        Exposure to each medium by region, day and lag, shape ``(media, regions, days, lags)``.
    """

    base_mean: Any
    base_map: Any
    level_mean: Any
    level_map: Any
    person_days: Any
    stratum_region: Any
    quiet_stratum: Any
    quiet_level: Any
    unit_channel: Any
    unit_weight: Any
    ordinal_weight: Any
    cell_unit: Any
    cell_ordinal: Any
    cell_bucket: Any
    cell_phase: Any
    cell_width: Any
    cell_days: Any
    intent_row: Any
    intent_bucket: Any
    intent_width: Any
    intent_days: Any
    state_stratum: Any
    state_day: Any
    state_starts: Any
    state_cell: Any
    lagged: Any


class Packed(NamedTuple):
    """Statistics in three arrays: compiling a model costs time for each array that it holds.

    Parameters
    ----------
    floats, integers
        All values, one field after another.
    layout
        By field: where it starts, its size, and its shape, filled up with ones; shape ``(fields, 6)``.
    """

    floats: Any
    integers: Any
    layout: Any


def pack(statistics: Statistics) -> Packed:
    """Lay the statistics out in three arrays, for :func:`attribution.likelihood.packed_log_likelihood`."""
    values: dict[bool, list[np.ndarray]] = {True: [], False: []}
    starts = {True: 0, False: 0}
    layout = np.ones((len(statistics), 6), dtype=np.int64)
    for row, field in enumerate(statistics):
        array = np.asarray(field)
        whole = array.dtype.kind == "i"
        layout[row, :2] = starts[whole], array.size
        layout[row, 2 : 2 + array.ndim] = array.shape
        values[whole].append(array.ravel())
        starts[whole] += array.size
    floats, integers = np.concatenate(values[False]), np.concatenate(values[True])
    return Packed(floats.astype(np.float64), integers.astype(np.int64), layout)
