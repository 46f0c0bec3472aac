"""From an unbounded vector to the parameters of the likelihood and back: priors and slopes in compiled code."""

from __future__ import annotations

import math
from typing import Any

import numba
import numpy as np

__all__ = ["back", "forward"]

_compiled = numba.njit(cache=True, nogil=True, error_model="numpy")


@_compiled  # type: ignore[untyped-decorator]
def _logits_of(delay: Any, bend: Any, after: Any, until: Any, mask: Any, logits: Any, slopes: Any) -> None:
    """Fill the lag logits of channels, and their slopes by the log of the delay."""
    for k in range(delay.shape[0]):
        for b in range(after.shape[1]):
            early, late = math.exp(-after[k, b] / delay[k]), math.exp(-until[k, b] / delay[k])
            mass = (early - late) * mask[k, b]
            logits[k, b] = math.log(mass + 1e-300) + bend[k, b] * mask[k, b]
            slopes[k, b] = 0.0
            if mass > 0.0:
                slopes[k, b] = (after[k, b] * early - until[k, b] * late) / delay[k] / mass


@_compiled  # type: ignore[untyped-decorator]
def _places(sizes: Any) -> Any:
    """Where the variables after the base terms begin in the vector."""
    base, channels, units, buckets, suspects, media = sizes[0], sizes[1], sizes[2], sizes[3], sizes[5], sizes[7]
    at_spread = base + channels
    at_unit = at_spread + (1 if channels > 0 else 0)
    at_exponent = at_unit + units
    at_delay = at_exponent + channels
    at_lag = at_delay + channels
    at_later = at_lag + channels * buckets
    at_concentration = at_later + sizes[4] * channels
    at_share = at_concentration + (1 if suspects > 0 else 0)
    at_intent_delay = at_share + suspects
    at_strength = at_intent_delay + sizes[6]
    return (
        base, at_spread, at_unit, at_exponent, at_delay, at_lag, at_later, at_concentration, at_share,
        at_intent_delay, at_strength, at_strength + media, at_strength + 2 * media, at_strength + 3 * media,
    )  # fmt: skip


@_compiled  # type: ignore[untyped-decorator]
def forward(
    x: Any,
    sizes: Any,
    scalars: Any,
    centre: Any,
    rotation: Any,
    base_sd: Any,
    effect_sd: Any,
    delay_log: Any,
    against: Any,
    ghosts: Any,
    after: Any,
    until: Any,
    mask: Any,
    intent_delay_log: Any,
) -> Any:
    """Log-prior at the unbounded vector ``x``, its gradient, the parameters of the likelihood, and slopes of logits."""
    base, channels, units, buckets = sizes[0], sizes[1], sizes[2], sizes[3]
    later_size, suspects, held, media = sizes[4] * channels, sizes[5], sizes[6], sizes[7]
    effect_tail, spread_sd, spread_tail, wear_sd = scalars[0], scalars[1], scalars[2], scalars[3]
    delay_sd, lag_sd, later_sd, against_log = scalars[4], scalars[5], scalars[6], scalars[7]
    against_sd, medium_sd, shape_sd = scalars[8], scalars[9], scalars[10]
    some = 1 if channels > 0 else 0
    (
        at_effect, at_spread, at_unit, at_exponent, at_delay, at_lag, at_later, at_concentration, at_share,
        at_intent_delay, at_strength, at_retention, at_scale, at_shape,
    ) = _places(sizes)  # fmt: skip
    gradient = np.zeros(x.shape[0])
    value = 0.0

    # Priors, with the logarithm of the derivative of each transformation.
    for row in range(base):
        coefficient = centre[row]
        for column in range(base):
            coefficient += rotation[row, column] * x[column]
        value -= 0.5 * (coefficient / base_sd[row]) ** 2
        push = coefficient / base_sd[row] ** 2
        for column in range(base):
            gradient[column] -= push * rotation[row, column]
    apparent, exponent, delay = np.empty(channels), np.empty(channels), np.empty(channels)
    bend = np.empty((channels, buckets))
    for k in range(channels):
        apparent[k] = math.exp(x[at_effect + k])
        far = apparent[k] ** 2 / (effect_tail * effect_sd[k] ** 2)
        value += x[at_effect + k] - 0.5 * (effect_tail + 1.0) * math.log1p(far)
        gradient[at_effect + k] += 1.0 - (effect_tail + 1.0) * far / (1.0 + far)
        exponent[k] = math.exp(x[at_exponent + k])
        value += x[at_exponent + k] - 0.5 * (exponent[k] / wear_sd) ** 2
        gradient[at_exponent + k] += 1.0 - (exponent[k] / wear_sd) ** 2
        delay[k] = math.exp(x[at_delay + k])
        off = (x[at_delay + k] - delay_log[k]) / delay_sd
        value -= 0.5 * off**2
        gradient[at_delay + k] -= off / delay_sd
        for b in range(buckets):
            z = x[at_lag + k * buckets + b]
            value -= 0.5 * z**2
            gradient[at_lag + k * buckets + b] -= z
            bend[k, b] = lag_sd * z
    spread = np.zeros(())
    if some:
        tau = math.exp(x[at_spread])
        spread[()] = tau
        value += x[at_spread] - 0.5 * (tau / spread_sd) ** 2
        gradient[at_spread] += 1.0 - (tau / spread_sd) ** 2
    for u in range(units):
        z = x[at_unit + u]
        value -= 0.5 * (spread_tail + 1.0) * math.log1p(z**2 / spread_tail)
        gradient[at_unit + u] -= (spread_tail + 1.0) * z / (spread_tail + z**2)
    later = np.ones(channels)
    for k in range(later_size):
        later[k] = math.exp(x[at_later + k])
        value -= 0.5 * (x[at_later + k] / later_sd) ** 2
        gradient[at_later + k] -= x[at_later + k] / later_sd**2
    share = np.empty(suspects)
    if suspects > 0:
        off = (x[at_concentration] - against_log) / against_sd
        value -= 0.5 * off**2
        gradient[at_concentration] -= off / against_sd
        for s in range(suspects):
            b = math.exp(x[at_concentration]) * against[s]
            share[s] = 1.0 / (1.0 + math.exp(-x[at_share + s]))
            left = -math.log1p(math.exp(x[at_share + s]))  # log of one less the share
            value += math.log(b) + b * left + x[at_share + s] + left
            gradient[at_share + s] += 1.0 - share[s] - b * share[s]
            gradient[at_concentration] += 1.0 + b * left
    intent_delay, intent = np.empty(held), np.empty(held)
    held_after, held_until, held_mask = np.empty((held, buckets)), np.empty((held, buckets)), np.empty((held, buckets))
    effect = apparent.copy()
    for g in range(held):
        k = ghosts[g]
        intent_delay[g] = math.exp(x[at_intent_delay + g])
        off = (x[at_intent_delay + g] - intent_delay_log[g]) / delay_sd
        value -= 0.5 * off**2
        gradient[at_intent_delay + g] -= off / delay_sd
        intent[g] = apparent[k] * share[g]
        effect[k] = apparent[k] * (1.0 - share[g])
        held_after[g], held_until[g], held_mask[g] = after[k], until[k], mask[k]
    strength, retention = np.empty(media), np.empty(media)
    scale, shape = np.empty(media), np.empty(media)
    for m in range(media):
        strength[m] = math.exp(x[at_strength + m])
        value += x[at_strength + m] - 0.5 * (strength[m] / medium_sd) ** 2
        gradient[at_strength + m] += 1.0 - (strength[m] / medium_sd) ** 2
        retention[m] = 1.0 / (1.0 + math.exp(-x[at_retention + m]))
        value += 3.0 * math.log(retention[m]) + 3.0 * math.log1p(-retention[m])
        gradient[at_retention + m] += 3.0 - 6.0 * retention[m]
        scale[m] = math.exp(x[at_scale + m])
        value -= 0.5 * (x[at_scale + m] / 0.7) ** 2
        gradient[at_scale + m] -= x[at_scale + m] / 0.49
        shape[m] = math.exp(x[at_shape + m])
        value -= 0.5 * (x[at_shape + m] / shape_sd) ** 2
        gradient[at_shape + m] -= x[at_shape + m] / shape_sd**2

    logits, slopes = np.empty((channels, buckets)), np.empty((channels, buckets))
    _logits_of(delay, bend, after, until, mask, logits, slopes)
    intent_logits, intent_slopes = np.empty((held, buckets)), np.empty((held, buckets))
    _logits_of(intent_delay, np.zeros((held, buckets)), held_after, held_until, held_mask, intent_logits, intent_slopes)
    parameters = (
        x[:base].copy(), effect, spread, x[at_unit : at_unit + units].copy(), exponent, logits, later, intent,
        intent_logits, strength, retention, scale, shape,
    )  # fmt: skip
    return value, gradient, parameters, (slopes, intent_slopes)


@_compiled  # type: ignore[untyped-decorator]
def back(
    x: Any,
    sizes: Any,
    scalars: Any,
    ghosts: Any,
    mask: Any,
    parameters: Any,
    slopes: Any,
    found: Any,
    gradient: Any,
) -> None:
    """Carry the gradient of the likelihood back to the vector, adding to ``gradient``."""
    base, channels, units, buckets = sizes[0], sizes[1], sizes[2], sizes[3]
    later_size, held, media = sizes[4] * channels, sizes[6], sizes[7]
    lag_sd = scalars[5]
    (
        at_effect, at_spread, at_unit, at_exponent, at_delay, at_lag, at_later, _, at_share,
        at_intent_delay, at_strength, at_retention, at_scale, at_shape,
    ) = _places(sizes)  # fmt: skip
    spread, exponent, later = parameters[2], parameters[4], parameters[6]
    strength, retention, scale, shape = parameters[9], parameters[10], parameters[11], parameters[12]
    lag_slopes, intent_slopes = slopes
    for row in range(base):
        gradient[row] += found[1][row]
    d_effect, d_logits, d_intent, d_intent_logits = found[2], found[6], found[8], found[9]
    d_apparent = d_effect.copy()
    for g in range(held):
        k = ghosts[g]
        share = 1.0 / (1.0 + math.exp(-x[at_share + g]))
        d_apparent[k] = d_effect[k] * (1.0 - share) + d_intent[g] * share
        apparent = math.exp(x[at_effect + k])
        gradient[at_share + g] += apparent * (d_intent[g] - d_effect[k]) * share * (1.0 - share)
        for b in range(buckets):
            gradient[at_intent_delay + g] += d_intent_logits[g, b] * intent_slopes[g, b]
    if channels > 0:
        gradient[at_spread] += found[3][()] * spread[()]
    for u in range(units):
        gradient[at_unit + u] += found[4][u]
    for k in range(channels):
        gradient[at_effect + k] += d_apparent[k] * math.exp(x[at_effect + k])
        gradient[at_exponent + k] += found[5][k] * exponent[k]
        for b in range(buckets):
            gradient[at_delay + k] += d_logits[k, b] * lag_slopes[k, b]
            gradient[at_lag + k * buckets + b] += d_logits[k, b] * lag_sd * mask[k, b]
    for k in range(later_size):
        gradient[at_later + k] += found[7][k] * later[k]
    for m in range(media):
        gradient[at_strength + m] += found[10][m] * strength[m]
        gradient[at_retention + m] += found[11][m] * retention[m] * (1.0 - retention[m])
        gradient[at_scale + m] += found[12][m] * scale[m]
        gradient[at_shape + m] += found[13][m] * shape[m]
