"""The Markov model: what share of the responses would be lost, in the chain, if a unit led nowhere.

The chain has a state per history of the last ``order`` touches, a start, and two ends: conversion and null. It is the
usual construction (start, first touch, ..., conversion or null); each path counts as often as it converted plus as
often as it did not. The *removal effect* of a unit is the share of conversions lost when every step to it leads to null
instead. Removal effects sum to more than 1, so credits are the conversions in proportion to them.

The chain is solved, not simulated. With ``D`` the weight leaving each state, ``C`` the weights between states, ``s``
those from the start and ``r`` those to conversion, the converted weight is ``s (D - C)^-1 r``; without a unit the same
holds with the unit's states struck out. ``D - C`` is an M-matrix whose every state can reach an end, hence regular.

Conversions and value are credited as the package ChannelAttribution does it: value enters through ``r``, so a unit's
removal effect on value is the share of value lost. That package keeps shorter histories only for paths shorter than the
order, where this chain starts every path from them; both lose the same paths with a unit, so the results agree.

References
----------
Anderl, Becker, von Wangenheim and Schumann (2016), "Mapping the customer journey: lessons learned from graph-based
online attribution modeling", International Journal of Research in Marketing 33(3), 457-474.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy import sparse
from scipy.sparse.linalg import splu

from attribution.paths import Paths
from attribution.paths.path_set import Floats, Ints, add_up

__all__ = ["Chain", "Removal", "build_chain", "conversion_probability", "removal_effects"]


@dataclass(frozen=True, eq=False)
class Chain:
    """An absorbing chain in weights (expected numbers of passages), not yet divided into probabilities.

    Parameters
    ----------
    histories
        The last touches that each state stands for, newest last, -1 before the start; shape ``(states, order)``.
    starts
        Weight from the start to each state, shape ``(states,)``.
    between
        Weight from state to state, sparse, shape ``(states, states)``.
    converted, worth
        Weight from each state to conversion, and the value of these conversions; shape ``(states,)``.
    leaving
        Weight leaving each state, to anywhere; shape ``(states,)``.
    """

    histories: Ints
    starts: Floats
    between: sparse.csr_array
    converted: Floats
    worth: Floats
    leaving: Floats


@dataclass(frozen=True, eq=False)
class Removal:
    """Share of conversions and of value lost without each unit, both of shape ``(units,)``, in ``[0, 1]``."""

    conversions: Floats
    value: Floats


def build_chain(paths: Paths, order: int) -> Chain:
    """Count the passages between histories of ``order`` touches.

    Parameters
    ----------
    order
        How many touches back the next step depends on, 1 or more.

    Returns
    -------
    A chain without the paths that neither converted nor ended in null.
    """
    weight = paths.conversions + paths.nulls
    paths = paths.where(weight > 0.0)
    weight = paths.conversions + paths.nulls
    state, histories = _states(paths, order)
    count = len(histories)
    passages = paths.spread(weight)
    inner = np.ones(len(paths.steps), dtype=bool)
    inner[paths.offsets[1:] - 1] = False
    source = np.flatnonzero(inner)
    first, last = state[paths.offsets[:-1]], state[paths.offsets[1:] - 1]
    between = sparse.coo_array((passages[source], (state[source], state[source + 1])), shape=(count, count)).tocsr()
    return Chain(
        histories=histories,
        starts=add_up(weight, first, count),
        between=between,
        converted=add_up(paths.conversions, last, count),
        worth=add_up(paths.value, last, count),
        leaving=add_up(passages, state, count),
    )


def _states(paths: Paths, order: int) -> tuple[Ints, Ints]:
    """Give a number to each history that occurs: the state of each step, and the touches of each state."""
    units = len(paths.units)
    first = np.zeros(len(paths.steps), dtype=bool)
    first[paths.offsets[:-1]] = True
    state = paths.steps
    histories = np.arange(units)[:, None]
    for _ in range(order - 1):
        # The history one longer: that of the step before (none at a path's start), then this touch.
        before = np.where(first, len(histories), np.roll(state, 1))
        seen, state = np.unique(before * units + paths.steps, return_inverse=True)
        longer = np.vstack((histories, np.full((1, histories.shape[1]), -1)))
        histories = np.column_stack((longer[seen // units], seen % units))
    used, state = np.unique(state, return_inverse=True)
    return state, histories[used]


def conversion_probability(chain: Chain, without: int | None = None) -> tuple[float, float]:
    """Probability that a path converts, and its expected value, if every step to a unit leads to null.

    Parameters
    ----------
    without
        Code of the unit that is taken out; None takes out none.

    Returns
    -------
    probability, value
        Of one path from the start; 0 where the chain is empty.
    """
    keep = np.ones(len(chain.histories), dtype=bool)
    if without is not None:
        keep = ~(chain.histories == without).any(axis=1)
    total = float(chain.starts.sum())
    if not keep.any() or total <= 0.0:
        return 0.0, 0.0
    rows = np.flatnonzero(keep)
    system = sparse.diags_array(chain.leaving[rows]) - chain.between[rows][:, rows]
    # Expected passages through each state: one solve of the transposed system serves conversions and value. Its columns
    # are diagonally dominant, so pivots may stay on the diagonal, which is the fastest of SuperLU's ways by a tenth.
    factors = splu(system.T.tocsc(), diag_pivot_thresh=0.0, options={"SymmetricMode": True})
    passages = factors.solve(chain.starts[rows])
    converted = float(passages @ chain.converted[rows])
    worth = float(passages @ chain.worth[rows])
    return converted / total, worth / total


def removal_effects(paths: Paths, order: int = 1) -> Removal:
    """Compute the share of conversions and of value lost without each unit.

    Parameters
    ----------
    order
        How many touches back the next step depends on, 1 or more.
    """
    chain = build_chain(paths, order)
    units = len(paths.units)
    total = float(chain.starts.sum())
    if total <= 0.0:
        return Removal(np.zeros(units), np.zeros(units))
    # As much weight enters a state as leaves it, so the whole chain converts just what converted: no solve is needed.
    whole = np.array((chain.converted.sum(), chain.worth.sum())) / total
    if order == 1:
        kept = _kept_of_first_order(chain, whole, units)
    else:
        kept = np.array([conversion_probability(chain, unit) for unit in range(units)])
    lost = 1.0 - np.divide(kept, whole, out=np.ones((units, 2)), where=whole > 0.0)
    lost = np.clip(lost, 0.0, 1.0)  # what rounding leaves outside
    return Removal(conversions=lost[:, 0], value=lost[:, 1])


def _kept_of_first_order(chain: Chain, whole: Floats, units: int) -> Floats:
    """Solve all removals of a first-order chain at once; the probability and value kept, shape ``(units, 2)``.

    A path converts through unit ``u`` with the probability of ever reaching it, which is the expected passages through
    it over those of a path that starts there, times the probability of converting from it. One inverse gives all three.
    """
    inverse = np.linalg.inv(np.diag(chain.leaving) - chain.between.toarray())
    reached = (chain.starts @ inverse) / np.diag(inverse)
    through = reached[:, None] * (inverse @ np.column_stack((chain.converted, chain.worth)))
    kept = np.tile(whole, (units, 1))
    kept[chain.histories[:, 0]] -= through / chain.starts.sum()
    return kept
