"""How likely each response came of its own accord, as a first look at the data has it.

A response tells what a person does anyway only as far as no contact caused it. Strata of habit that count caused ones
in full expect too much of those whom contacts moved, and so leave too little to the contacts that follow. How likely a
response was caused depends on the strata in turn: it is told by the model's mode where all responses count in full, and
only as far as effects are sure: where people respond often, what is wrongly taken for an effect would make itself true.
"""

from __future__ import annotations

from typing import Any

import numba
import numpy as np
import pandas as pd
import pyarrow as pa

from attribution.allocation import rates_of
from attribution.baseline import baseline_of
from attribution.coordinates import mode_of, scales
from attribution.density import density_of
from attribution.evidence import Evidence, Floats
from attribution.increment import draws_of_variables, effective_of
from attribution.priors import Priors
from attribution.rates import design_of
from attribution.reach import Hits, entries_of
from attribution.sampling import Posterior
from attribution.stratify import Stratification

__all__ = ["own_accord"]

_ERRORS = 2.0
"""Standard errors by which an effect may be smaller than it is most likely to be, and is sure nonetheless."""

_compiled = numba.njit(cache=True)


def own_accord(evidence: Evidence, placed: Stratification, hits: Hits) -> pa.Table:
    """Tell how likely each response came of its own accord: ``response, own``, a row each.

    Parameters
    ----------
    evidence, placed
        Of all time at risk, with every response counted in full.
    hits
        All responses. Those before the window have the mean base rate of those within it, which are those of people
        who respond too.
    """
    answers = hits.answers["response"].to_numpy(np.int64)
    if not len(evidence.cells.unit):
        return pa.table({"response": answers, "own": np.ones(len(answers))})
    priors, design = Priors(), design_of(evidence)
    density = density_of(evidence, priors)
    mode = mode_of(density)
    found = {name: np.asarray(value)[None, None] for name, value in density.values(mode).items()}
    (values,) = draws_of_variables(evidence, Posterior(found, 0, 0.0), priors, [0])
    error = np.linalg.norm(scales(density, mode)[density.place("apparent")], axis=1)
    rates = rates_of(values, evidence, design, baseline_of(evidence, priors))
    effective = np.zeros(len(rates.cells))  # of intent, nothing is effect
    sure = effective_of(values, design) * np.exp(-_ERRORS * error)
    effective[: len(evidence.cells.unit)] = sure[evidence.cells.channel]
    level = rates.season * (1.0 + rates.lift.sum(axis=0))
    base = rates.base[placed.stratum] * level[evidence.strata.region[placed.stratum], placed.day]
    mean = float(base.mean()) if len(base) else 0.0
    by_response = pd.Series(base, index=placed.response).reindex(answers).fillna(mean).to_numpy(float)
    entries = entries_of(hits, evidence.cells, evidence.intent).sort_values("place", kind="stable")
    starts = np.concatenate([[0], np.cumsum(np.bincount(entries["place"], minlength=len(answers)))])
    own = _chances(by_response, starts, entries["cell"].to_numpy(np.int64), rates.cells, effective)
    return pa.table({"response": answers, "own": own})


@_compiled  # type: ignore[untyped-decorator]
def _chances(base: Floats, starts: Any, cell: Any, rates: Any, effective: Any) -> Any:
    own = np.ones(base.shape[0])
    for i in range(base.shape[0]):
        total, caused = base[i], 0.0
        for j in range(starts[i], starts[i + 1]):
            total += rates[cell[j]]
            caused += rates[cell[j]] * effective[cell[j]]
        if total > 0.0:
            own[i] = 1.0 - caused / total
    return own
