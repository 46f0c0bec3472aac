"""How long the estimate takes on many customers, from a cold process and from one whose compiled code lies on disk.

``python -m benchmarks.speed [CUSTOMERS [DAYS]]``, 200,000 customers over 95 days by default: about 24,000 responses.
The bars: at most 60 s from a cold process, 40 s with the compiled code on disk, 4 chains of 500 draws, every reported
quantity with at least 400 effective draws. Each fit is a process of its own that reads the market from a file; the
first one finds an empty folder of compiled code. Processor time stands beside the clock's, since a busy machine moves
only the latter.
"""

from __future__ import annotations

import json
import os
import pickle
import resource
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

CUSTOMERS, DAYS = 200_000, 95


def main(arguments: list[str]) -> None:
    """Simulate, fit twice, print both and their ratio."""
    customers, days = (int(value) for value in (*arguments, *(CUSTOMERS, DAYS)[len(arguments) :]))
    with tempfile.TemporaryDirectory() as folder:
        market = Path(folder) / "market.pickle"
        _simulate(customers, days, market)
        cold = _fit(market, folder, "cold, nothing compiled")
        warm = _fit(market, folder, "compiled code on disk")
    print(f"  cold over warm: {cold / warm:.2f} (wanted: at most 60 s and 40 s on two idle cores)")


def _simulate(customers: int, days: int, market: Path) -> None:
    from attribution.simulate import MarketSpec, simulate_market
    from attribution.simulation.observing import observations_of

    observations = observations_of(simulate_market(MarketSpec(customers=customers, days=days, seed=31)))
    market.write_bytes(pickle.dumps(observations))
    touches, responses = len(observations.touches), len(observations.responses)
    print(
        f"{customers:,} customers, {days} days, {touches:,} touches, {responses:,} responses of every kind", flush=True
    )


def _fit(market: Path, folder: str, name: str) -> float:
    """Fit in a process of its own; return its seconds."""
    environ = os.environ | {"NUMBA_CACHE_DIR": f"{folder}/compiled"}
    command = [sys.executable, "-m", "benchmarks.speed", "--fit", str(market)]
    begun = time.perf_counter()
    ended = subprocess.run(command, env=environ, check=True, capture_output=True, text=True)  # noqa: S603 - ourselves
    seconds = time.perf_counter() - begun
    told = json.loads(ended.stdout.splitlines()[-1])
    parts = ", ".join(f"{part} {told['seconds'][part]:.0f} s" for part in told["seconds"])
    print(
        f"  {name}: {seconds:.0f} s ({told['processor']:.0f} s of processor), of it {parts}; {told['responses']:,} "
        f"responses of the goal; fewest effective draws {told['effective']:.0f}, R-hat at most {told['r_hat']:.3f}; "
        f"{told['megabytes']:,.0f} MB",
        flush=True,
    )
    return seconds


def _alone(market: str) -> None:
    """Fit and print what it took, as JSON."""
    began = time.perf_counter()
    from attribution.density import density_of
    from attribution.gather import gather
    from attribution.increment import increments
    from attribution.observations import FitOptions
    from attribution.priors import Priors
    from attribution.sampling import ROUND, convergence, sample

    observations = pickle.loads(Path(market).read_bytes())  # noqa: S301 - written by this process's parent
    marks = {"load": time.perf_counter()}
    evidence = gather(observations, FitOptions())
    marks["evidence"] = time.perf_counter()
    posterior = sample(density_of(evidence, Priors()), replace(ROUND, chains=4, draws=500, seed=1))
    marks["compile and sample"] = time.perf_counter()
    found = increments(evidence, posterior, Priors(), 1)
    marks["sum up"] = time.perf_counter()
    quantities = [found.baseline, *(source.expected for source in (*found.channels, *found.ads))]
    judged = [convergence(draws.reshape(4, -1)) for draws in quantities]
    used = resource.getrusage(resource.RUSAGE_SELF)
    times = [began, *marks.values()]
    print(
        json.dumps(
            {
                "seconds": {name: end - start for name, start, end in zip(marks, times[:-1], times[1:], strict=True)},
                "processor": used.ru_utime + used.ru_stime,
                "responses": evidence.responses,
                "r_hat": max(r_hat for r_hat, _ in judged),
                "effective": min(effective for _, effective in judged),
                "megabytes": used.ru_maxrss / 1024,
            }
        )
    )


if __name__ == "__main__":
    if sys.argv[1:2] == ["--fit"]:
        _alone(sys.argv[2])
    else:
        main(sys.argv[1:])
