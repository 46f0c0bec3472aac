"""The compiled likelihood against the same model as a plain graph: seconds to compile, milliseconds per gradient.

On the default simulated market, in one run, both in PyTensor's Numba mode. What Numba has on disk compiles faster.
"""

from __future__ import annotations

import time
from typing import Any

import numpy as np
import pytensor
import pytensor.sparse as ps
import pytensor.tensor as pt
from scipy import sparse

from attribution.baseline import baseline_of
from attribution.evidence import Evidence
from attribution.fused import LogLikelihood
from attribution.gather import gather
from attribution.layout import Parameters, pack
from attribution.media import LAGS
from attribution.observations import Observations
from attribution.priors import Priors
from attribution.rates import Design, cell_effects, design_of, lag_logits, log_level
from attribution.simulate import MarketSpec, simulate_market
from attribution.statistics import statistics
from campaigns.settings import Settings
from campaigns.store.database import Database

REPEATS = 300


def main() -> None:
    """Print the figures."""
    evidence = _evidence()
    design, baseline = design_of(evidence), baseline_of(evidence, Priors())
    start = _start(evidence, design, len(baseline.names))
    symbols = Parameters(
        *(pt.TensorType("float64", shape=value.shape)(name) for name, value in start._asdict().items())
    )
    packed = pack(statistics(evidence, design, baseline))
    fused = LogLikelihood()(*symbols, *(pytensor.shared(array) for array in packed))[0]
    plain = _plain(evidence, design, baseline, symbols)
    found = {"plain graph": _measured(plain, symbols, start), "compiled": _measured(fused, symbols, start)}
    for name, (seconds, milliseconds, value) in found.items():
        print(
            f"{name:<12} compiles in {seconds:5.1f} s, {milliseconds:6.3f} ms per gradient, log-likelihood {value:.3f}"
        )
    (slow, per_slow, _), (fast, per_fast, _) = found.values()
    print(f"ratio: {fast / slow:.2f} of the time to compile, {per_fast / per_slow:.2f} of the time per gradient")


def _evidence() -> Evidence:
    import tempfile
    from pathlib import Path

    from campaigns.importing import files_of, import_file
    from campaigns.store import observations as stored
    from jobs.market import write_market

    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "market"
        write_market(simulate_market(MarketSpec()), folder)
        settings = Settings(database_url=f"sqlite:///{place}/touchstone.db")
        database = Database(settings.database_url)
        database.migrate()
        for kind, path in files_of(folder):
            import_file(database, settings, kind, path)
        names = ("touches", "responses", "persons", "spend", "channels", "events", "promotions")
        observations = Observations(**{name: getattr(stored, name)(database) for name in names})
        database.dispose()
    return gather(observations)


def _start(evidence: Evidence, design: Design, base_terms: int) -> Parameters:
    channels, ghosts = len(evidence.channels), np.array(design.ghost_channels)
    return Parameters(
        base_z=np.zeros(base_terms),
        effect=np.full(channels, 0.02),
        spread=np.asarray(0.3),
        unit_z=np.zeros(len(evidence.units)),
        exponent=np.full(channels, 0.4),
        lag_logits=lag_logits(np.full(channels, 5.0), 0.0, design, np.arange(channels)),
        later=np.full(channels, 0.7),
        intent=np.full(len(ghosts), 0.001),
        intent_logits=lag_logits(np.full(len(ghosts), 5.0), 0.0, design, ghosts),
        strength=np.full(len(evidence.media.names), 0.2),
        retention=np.full(len(evidence.media.names), 0.5),
        scale=np.ones(len(evidence.media.names)),
        shape=np.full(len(evidence.media.names), 1.2),
    )


def _plain(evidence: Evidence, design: Design, baseline: Any, symbols: Parameters) -> Any:
    strata, states, values = evidence.strata, evidence.states, symbols._asdict()
    coefficients = baseline.centre + pt.dot(baseline.rotation, values["base_z"])
    split = baseline.strata.shape[1]
    log_base = baseline.offset + pt.dot(baseline.strata, coefficients[:split])
    level = log_level(pt.dot(baseline.level, coefficients[split:]), values, evidence.media, LAGS, pt)
    log_own = log_base[:, None] + level[strata.region]
    effects = cell_effects(values, design, pt)
    own = pt.exp(log_own)
    cells = len(evidence.cells.unit) + len(evidence.intent.channel)
    touched = sparse.csr_matrix((np.ones(len(states.cell)), states.cell, states.starts), (len(states.response), cells))
    added = ps.structured_dot(ps.as_sparse_variable(touched), effects[:, None])[:, 0]
    flat = pt.reshape(own, (-1,))[states.stratum * strata.quiet.shape[1] + states.day]
    exposure = np.concatenate([evidence.cells.days, evidence.intent.days])
    integral = (strata.person_days * own).sum() + (exposure * effects).sum()
    return (strata.quiet * log_own).sum() + pt.log(flat + added).sum() - integral


def _measured(value: Any, symbols: Parameters, start: Parameters) -> tuple[float, float, float]:
    begun = time.perf_counter()
    function = pytensor.function(list(symbols), [value, *pytensor.grad(value, list(symbols))], mode="NUMBA")
    first = function(*start)
    compiled = time.perf_counter() - begun
    begun = time.perf_counter()
    for _ in range(REPEATS):
        function(*start)
    return compiled, (time.perf_counter() - begun) / REPEATS * 1e3, float(first[0])


if __name__ == "__main__":
    main()
