"""The exact log-likelihood of the additive hazard and its gradient: compiled passes over the sufficient statistics.

``packed_log_likelihood`` goes from parameters to rates, sums over persons-days, exposure and responses, and carries the
gradient back, all in compiled code that Numba keeps on disk. :mod:`attribution.fused` makes it one node of the PyMC
graph. :mod:`attribution.rates` says the same in plain arrays; the tests hold the two together.
"""

from __future__ import annotations

import math
from typing import Any

import numba
import numpy as np

from attribution.curves import ORDINALS

__all__ = ["packed_log_likelihood"]


_compiled = numba.njit(cache=True, nogil=True, fastmath={"contract", "reassoc", "nsz", "arcp"}, error_model="numpy")
# Without leave to reorder sums: a response has a handful of touches, and gathering these in vectors takes longer.
_compiled_in_order = numba.njit(cache=True, nogil=True, fastmath={"contract", "nsz", "arcp"}, error_model="numpy")
_LOG_ORDINALS = np.log(ORDINALS)


@_compiled  # type: ignore[untyped-decorator]
def _softmax(logits: Any) -> Any:
    """Shares per row, in proportion to the exponentials of the logits."""
    shares = np.empty(logits.shape)
    for k in range(logits.shape[0]):
        total = 0.0
        for b in range(logits.shape[1]):
            shares[k, b] = math.exp(logits[k, b])
            total += shares[k, b]
        for b in range(logits.shape[1]):
            shares[k, b] /= total
    return shares


@_compiled  # type: ignore[untyped-decorator]
def _softmax_back(shares: Any, gradient: Any) -> None:
    """Turn the gradient by the log shares into the gradient by the logits, in place."""
    for k in range(shares.shape[0]):
        total = 0.0
        for b in range(shares.shape[1]):
            total += gradient[k, b]
        for b in range(shares.shape[1]):
            gradient[k, b] -= shares[k, b] * total


@_compiled  # type: ignore[untyped-decorator]
def _quiet_hazard(
    base: Any, level: Any, person_days: Any, region: Any, base_gradient: Any, level_gradient: Any
) -> float:
    """Integral of the base rate, negative; adds to the gradients by log base rate and log level."""
    value = 0.0
    for s in range(base.shape[0]):
        g = region[s]
        expected = 0.0
        for d in range(level.shape[1]):
            rate = base[s] * person_days[s, d] * level[g, d]
            expected += rate
            level_gradient[g, d] -= rate
        base_gradient[s] -= expected
        value -= expected
    return value


@_compiled_in_order  # type: ignore[untyped-decorator]
def _answers(
    base: Any,
    level: Any,
    rate_of: Any,
    region: Any,
    stratum: Any,
    day: Any,
    starts: Any,
    cell: Any,
    base_gradient: Any,
    level_gradient: Any,
    rate_gradient: Any,
) -> float:
    """Log rates of the responses with touches at work; adds to the gradients by log base, log level and cell rate."""
    value, product = 0.0, 1.0
    for i in range(stratum.shape[0]):
        s, d = stratum[i], day[i]
        g = region[s]
        own = base[s] * level[g, d]
        rate = own
        for j in range(starts[i], starts[i + 1]):
            rate += rate_of[cell[j]]
        product *= rate
        if product < 1e-200 or product > 1e200:  # one logarithm for many responses
            value += math.log(product)
            product = 1.0
        inverse = 1.0 / rate
        part = own * inverse
        base_gradient[s] += part
        level_gradient[g, d] += part
        for j in range(starts[i], starts[i + 1]):
            rate_gradient[cell[j]] += inverse
    return value + math.log(product)


@_compiled  # type: ignore[untyped-decorator]
def _lift(
    lagged: Any, strength: Any, retention: Any, scale: Any, shape: Any, weights: Any, stock: Any, lift: Any
) -> None:
    """Fill carry-over weights and stock of each medium, and the lift of all media, by region and day."""
    for m in range(strength.shape[0]):
        total = 0.0
        for lag in range(weights.shape[1]):
            weights[m, lag] = retention[m] ** lag
            total += weights[m, lag]
        for lag in range(weights.shape[1]):
            weights[m, lag] /= total
        for g in range(lift.shape[0]):
            for d in range(lift.shape[1]):
                for lag in range(weights.shape[1]):
                    stock[m, g, d] += lagged[m, g, d, lag] * weights[m, lag]
                lift[g, d] += strength[m] * (1.0 - math.exp(-((stock[m, g, d] / scale[m]) ** shape[m])))


@_compiled  # type: ignore[untyped-decorator]
def _lift_back(
    lagged: Any,
    strength: Any,
    retention: Any,
    scale: Any,
    shape: Any,
    weights: Any,
    stock: Any,
    lift: Any,
    level_gradient: Any,
    d_strength: Any,
    d_retention: Any,
    d_scale: Any,
    d_shape: Any,
) -> None:
    """Carry the gradient by the log level back to the media's parameters."""
    for m in range(strength.shape[0]):
        mean_lag = 0.0
        for lag in range(weights.shape[1]):
            mean_lag += lag * weights[m, lag]
        for g in range(lift.shape[0]):
            for d in range(lift.shape[1]):
                h = level_gradient[g, d] / (1.0 + lift[g, d])
                relative = stock[m, g, d] / scale[m]
                if relative <= 0.0:
                    continue
                reached = relative ** shape[m]
                left = math.exp(-reached)
                d_strength[m] += h * (1.0 - left)
                by_log = h * strength[m] * left * reached
                d_shape[m] += by_log * math.log(relative)
                d_scale[m] -= by_log * shape[m] / scale[m]
                by_stock = by_log * shape[m] / stock[m, g, d]
                by_retention = 0.0
                for lag in range(weights.shape[1]):
                    by_retention += lagged[m, g, d, lag] * weights[m, lag] * (lag - mean_lag)
                d_retention[m] += by_stock * by_retention / retention[m]


@_compiled  # type: ignore[untyped-decorator]
def _array1(values: Any, place: Any) -> Any:
    return values[place[0] : place[0] + place[1]]


@_compiled  # type: ignore[untyped-decorator]
def _array2(values: Any, place: Any) -> Any:
    return values[place[0] : place[0] + place[1]].reshape(place[2], place[3])


@_compiled  # type: ignore[untyped-decorator]
def _array3(values: Any, place: Any) -> Any:
    return values[place[0] : place[0] + place[1]].reshape(place[2], place[3], place[4])


@_compiled  # type: ignore[untyped-decorator]
def _array4(values: Any, place: Any) -> Any:
    return values[place[0] : place[0] + place[1]].reshape(place[2], place[3], place[4], place[5])


@_compiled  # type: ignore[untyped-decorator]
def packed_log_likelihood(
    base_z: Any,
    effect: Any,
    spread: Any,
    unit_z: Any,
    exponent: Any,
    lag_logits: Any,
    later: Any,
    intent: Any,
    intent_logits: Any,
    strength: Any,
    retention: Any,
    scale: Any,
    shape: Any,
    floats: Any,
    integers: Any,
    layout: Any,
) -> Any:
    """Log-likelihood of all responses in the window, and its gradient.

    Parameters
    ----------
    base_z, ..., shape
        The fields of :class:`attribution.layout.Parameters`.
    floats, integers, layout
        The fields of :class:`attribution.layout.Packed`: the statistics.

    Returns
    -------
    The value, shape ``()``, then a gradient of the shape of each of the parameters, in their order.
    """
    base_mean = _array1(floats, layout[0])
    base_map = _array2(floats, layout[1])
    level_mean = _array2(floats, layout[2])
    level_map = _array3(floats, layout[3])
    person_days = _array2(floats, layout[4])
    stratum_region = _array1(integers, layout[5])
    quiet_stratum = _array1(floats, layout[6])
    quiet_level = _array2(floats, layout[7])
    unit_channel = _array1(integers, layout[8])
    unit_weight = _array1(floats, layout[9])
    ordinal_weight = _array2(floats, layout[10])
    cell_unit = _array1(integers, layout[11])
    cell_ordinal = _array1(integers, layout[12])
    cell_bucket = _array1(integers, layout[13])
    cell_phase = _array1(integers, layout[14])
    cell_width = _array1(floats, layout[15])
    cell_days = _array1(floats, layout[16])
    intent_row = _array1(integers, layout[17])
    intent_bucket = _array1(integers, layout[18])
    intent_width = _array1(floats, layout[19])
    intent_days = _array1(floats, layout[20])
    state_stratum = _array1(integers, layout[21])
    state_day = _array1(integers, layout[22])
    state_starts = _array1(integers, layout[23])
    state_cell = _array1(integers, layout[24])
    lagged = _array4(floats, layout[25])
    tau = spread[()]
    strata, regions, days = base_mean.shape[0], level_mean.shape[0], level_mean.shape[1]
    channels, units, bins = effect.shape[0], unit_z.shape[0], ordinal_weight.shape[1]
    cells, intents = cell_unit.shape[0], intent_row.shape[0]

    # Forward: from parameters to the rates of strata, days and cells.
    base = np.empty(strata)
    value = 0.0
    for s in range(strata):
        log_rate = base_mean[s]
        for p in range(base_z.shape[0]):
            log_rate += base_map[s, p] * base_z[p]
        value += quiet_stratum[s] * log_rate
        base[s] = math.exp(log_rate)
    weights = np.zeros((strength.shape[0], lagged.shape[3]))
    stock = np.zeros((strength.shape[0], regions, days))
    lift = np.zeros((regions, days))
    _lift(lagged, strength, retention, scale, shape, weights, stock, lift)
    level = np.empty((regions, days))
    for g in range(regions):
        for d in range(days):
            log_rate = level_mean[g, d] + math.log1p(lift[g, d])
            for p in range(base_z.shape[0]):
                log_rate += level_map[g, d, p] * base_z[p]
            value += quiet_level[g, d] * log_rate
            level[g, d] = math.exp(log_rate)
    total = np.zeros(channels)
    multiple = np.empty(units)
    for u in range(units):
        multiple[u] = math.exp(tau * unit_z[u])
        total[unit_channel[u]] += unit_weight[u] * multiple[u]
    wear = np.empty((channels, bins))
    slope = np.empty(channels)
    for k in range(channels):
        mean, steep = 0.0, 0.0
        for r in range(bins):
            wear[k, r] = math.exp(-exponent[k] * _LOG_ORDINALS[r])
            mean += wear[k, r] * ordinal_weight[k, r]
            steep += wear[k, r] * ordinal_weight[k, r] * _LOG_ORDINALS[r]
        slope[k] = steep / mean
        for r in range(bins):
            wear[k, r] /= mean
    shares = _softmax(lag_logits)
    intent_shares = _softmax(intent_logits)
    rate_of = np.empty(cells + intents)
    rate_gradient = np.empty(cells + intents)
    for c in range(cells):
        u = cell_unit[c]
        k = unit_channel[u]
        rate = effect[k] * multiple[u] / total[k] * wear[k, cell_ordinal[c]] * shares[k, cell_bucket[c]] / cell_width[c]
        if cell_phase[c] == 1:
            rate *= later[k]
        rate_of[c] = rate
        rate_gradient[c] = -cell_days[c]
        value -= cell_days[c] * rate
    for c in range(intents):
        row = intent_row[c]
        rate = intent[row] * intent_shares[row, intent_bucket[c]] / intent_width[c]
        rate_of[cells + c] = rate
        rate_gradient[cells + c] = -intent_days[c]
        value -= intent_days[c] * rate

    # The value, and the gradients by the rates.
    base_gradient = np.empty(strata)
    for s in range(strata):
        base_gradient[s] = quiet_stratum[s]
    level_gradient = np.empty((regions, days))
    for g in range(regions):
        for d in range(days):
            level_gradient[g, d] = quiet_level[g, d]
    value += _quiet_hazard(base, level, person_days, stratum_region, base_gradient, level_gradient)
    value += _answers(
        base, level, rate_of, stratum_region, state_stratum, state_day, state_starts, state_cell, base_gradient,
        level_gradient, rate_gradient,
    )  # fmt: skip

    # Back: from rates to parameters.
    d_base = np.zeros(base_z.shape[0])
    for s in range(strata):
        for p in range(base_z.shape[0]):
            d_base[p] += base_gradient[s] * base_map[s, p]
    for g in range(regions):
        for d in range(days):
            for p in range(base_z.shape[0]):
                d_base[p] += level_gradient[g, d] * level_map[g, d, p]
    d_strength = np.zeros(strength.shape[0])
    d_retention = np.zeros(strength.shape[0])
    d_scale = np.zeros(strength.shape[0])
    d_shape = np.zeros(strength.shape[0])
    _lift_back(
        lagged, strength, retention, scale, shape, weights, stock, lift, level_gradient, d_strength, d_retention,
        d_scale, d_shape,
    )  # fmt: skip
    by_unit = np.zeros(units)
    by_wear = np.zeros((channels, bins))
    d_lag = np.zeros((channels, lag_logits.shape[1]))
    d_later = np.zeros(channels)
    for c in range(cells):
        u = cell_unit[c]
        k = unit_channel[u]
        flow = rate_gradient[c] * rate_of[c]
        by_unit[u] += flow
        by_wear[k, cell_ordinal[c]] += flow
        d_lag[k, cell_bucket[c]] += flow
        if cell_phase[c] == 1:
            d_later[k] += flow / later[k]
    _softmax_back(shares, d_lag)
    d_intent = np.zeros(intent.shape[0])
    d_intent_lag = np.zeros((intent.shape[0], lag_logits.shape[1]))
    for c in range(intents):
        row = intent_row[c]
        flow = rate_gradient[cells + c] * rate_of[cells + c]
        d_intent_lag[row, intent_bucket[c]] += flow
        d_intent[row] += flow / intent[row]
    _softmax_back(intent_shares, d_intent_lag)
    by_channel = np.zeros(channels)
    for u in range(units):
        by_channel[unit_channel[u]] += by_unit[u]
    d_unit = np.empty(units)
    d_spread = 0.0
    for u in range(units):
        k = unit_channel[u]
        inner = by_unit[u] - unit_weight[u] * multiple[u] / total[k] * by_channel[k]
        d_unit[u] = tau * inner
        d_spread += inner * unit_z[u]
    d_effect = np.empty(channels)
    d_exponent = np.zeros(channels)
    for k in range(channels):
        d_effect[k] = by_channel[k] / effect[k]
        for r in range(bins):
            d_exponent[k] += by_wear[k, r] * (slope[k] - _LOG_ORDINALS[r])
    return (
        np.asarray(value), d_base, d_effect, np.asarray(d_spread), d_unit, d_exponent, d_lag, d_later,
        d_intent, d_intent_lag, d_strength, d_retention, d_scale, d_shape,
    )  # fmt: skip
