"""The posterior density of the hazard model, by hand: log-likelihood, priors and their gradient in compiled code.

:mod:`attribution.hazard` says the same as a PyMC model, and the tests hold the two together to the last digit. This one
needs no compilation beyond what Numba keeps on disk and releases Python's lock; :mod:`attribution.coordinates` gives it
to the sampler.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from attribution.baseline import baseline_of
from attribution.evidence import Evidence, Floats
from attribution.layout import Packed, pack
from attribution.likelihood import packed_log_likelihood
from attribution.priors import Priors, effect_scale, intent_against
from attribution.rates import design_of
from attribution.statistics import statistics
from attribution.unbounded import back, forward

__all__ = ["Density", "density_of"]


@dataclass(frozen=True)
class Density:
    """The log-posterior over an unbounded vector: logarithms of what is positive, logits of shares.

    Parameters
    ----------
    shapes
        By variable of the model: the shape of its values, in the order in which the vector holds them.
    kinds
        By variable: ``free``, ``positive`` or ``share``.
    sizes
        Numbers of base terms, channels, units, buckets, phases told apart, suspects, channels with ghosts and media.
    tables
        Arrays of priors and design, in the order of :func:`attribution.unbounded.forward`.
    packed
        Statistics of the likelihood.
    """

    shapes: Mapping[str, tuple[int, ...]]
    kinds: Mapping[str, str]
    sizes: Any
    tables: tuple[Any, ...]
    packed: Packed
    start: Floats = field(repr=False)

    @property
    def dimensions(self) -> int:
        """Length of the vector."""
        return len(self.start)

    @property
    def spread_sd(self) -> float:
        """Scale of the prior of the spread of ads."""
        return float(self.tables[0][1])

    def __call__(self, position: Floats) -> tuple[float, Floats]:
        """Return the log-density, up to a constant, and its gradient, shape ``(dimensions,)``."""
        # Three calls, not one: what Numba keeps on disk knows of changes in its own file only.
        prior, gradient, parameters, slopes = forward(position, self.sizes, *self.tables)
        found = packed_log_likelihood(*parameters, *self.packed)
        scalars, ghosts, mask = self.tables[0], self.tables[7], self.tables[10]
        back(position, self.sizes, scalars, ghosts, mask, parameters, slopes, found, gradient)
        return prior + float(found[0]), gradient

    def values(self, position: Floats) -> dict[str, Floats]:
        """Return the model's variables at a position."""
        found, begin = {}, 0
        for name, shape in self.shapes.items():
            size = math.prod(shape)
            part = position[begin : begin + size].reshape(shape)
            found[name] = _bounded(part, self.kinds[name])
            begin += size
        return found

    def place(self, name: str) -> slice:
        """Tell where in the vector a variable stands; nowhere, at its end, if the model has none of that name."""
        begin = 0
        for other, shape in self.shapes.items():
            if other == name:
                return slice(begin, begin + math.prod(shape))
            begin += math.prod(shape)
        return slice(begin, begin)


def _bounded(part: Floats, kind: str) -> Floats:
    if kind == "positive":
        return np.asarray(np.exp(part))
    return np.asarray(1.0 / (1.0 + np.exp(-part))) if kind == "share" else part


def density_of(evidence: Evidence, priors: Priors | None = None) -> Density:
    """Lay out the posterior density of the model on the evidence.

    Parameters
    ----------
    evidence
        Sufficient statistics of :func:`attribution.gather.gather`.
    priors
        What is believed beforehand.
    """
    priors = priors or Priors()
    design, baseline = design_of(evidence), baseline_of(evidence, priors)
    channels, buckets = design.bucket_mask.shape
    ghosts, suspects = design.ghost_channels, (*design.ghost_channels, *design.intent_channels)
    units, media, base = len(evidence.units), len(evidence.media.names), len(baseline.names)
    carry_over = np.array([channel.edges[-1] for channel in evidence.channels], dtype=float)
    later = design.both_phases
    spread = ((), "positive", np.log(0.3))
    intent_delay = np.log(priors.intent_delay_share * carry_over[list(ghosts)])
    shapes = {
        "base_z": ((base,), "free", 0.0),
        "apparent": ((channels,), "positive", np.log(0.3 * effect_scale(evidence, priors))),
        **({"spread": spread} if channels else {}),
        "unit_z": ((units,), "free", 0.0),
        "exponent": ((channels,), "positive", np.log(0.3)),
        "delay": ((channels,), "positive", np.log(priors.delay_share * carry_over)),
        "lag_z": ((channels, buckets), "free", 0.0),
        "later": ((channels if later else 0,), "positive", 0.0),
        **({"intent_concentration": ((), "positive", np.log(priors.intent_against))} if suspects else {}),
        "intent_share": ((len(suspects),), "share", -np.log(priors.intent_against)),
        "intent_delay": ((len(ghosts),), "positive", intent_delay),
        "strength": ((media,), "positive", np.log(0.3 * priors.medium_sd)),
        "retention": ((media,), "share", 0.0),
        "scale": ((media,), "positive", 0.0),
        "shape": ((media,), "positive", 0.0),
    }
    present: dict[str, tuple[Any, str, Any]] = {
        name: entry for name, entry in shapes.items() if math.prod(entry[0]) > 0
    }  # fmt: skip
    start = [np.broadcast_to(value, shape).ravel() for shape, _, value in present.values()]
    scalars = np.array(
        [
            *(priors.effect_tail, priors.spread_sd, priors.spread_tail, priors.wear_out_sd, priors.delay_sd),
            *(priors.lag_sd, priors.later_sd, np.log(priors.intent_against), priors.intent_sd, priors.medium_sd),
            priors.shape_sd,
        ]
    )
    tables = (
        scalars,
        baseline.centre,
        np.ascontiguousarray(baseline.rotation),
        baseline.prior_sd,
        effect_scale(evidence, priors),
        np.log(priors.delay_share * carry_over),
        intent_against(evidence, priors, suspects),
        np.array(ghosts, dtype=np.int64),
        design.bucket_from,
        design.bucket_until,
        design.bucket_mask,
        intent_delay,
    )
    return Density(
        shapes={name: shape for name, (shape, _, _) in present.items()},
        kinds={name: kind for name, (_, kind, _) in present.items()},
        sizes=np.array([base, channels, units, buckets, later, len(suspects), len(ghosts), media], dtype=np.int64),
        tables=tables,
        packed=pack(statistics(evidence, design, baseline)),
        start=np.concatenate(start).astype(float),
    )
