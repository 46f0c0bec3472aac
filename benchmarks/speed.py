"""How long the estimate takes on many customers: from a cold process, with compiled code, and on a large market.

``python -m benchmarks.speed [standard|large|all]``, all by default. Each fit is a process of its own that reads the
market from a file; the first one finds an empty folder of compiled code, the others what it left.

===========  =========  ===========  =========================  ==========================================
market       customers  touches      responses (60 days)        bars
===========  =========  ===========  =========================  ==========================================
standard     200,000    1.2 million  about 24,000               60 s cold, 40 s with compiled code on disk
large        1,000,000  10 million   about 120,000              8 minutes and 8 GB, evidence and fit
===========  =========  ===========  =========================  ==========================================

Both with 4 chains of 500 + 500 steps, every reported quantity with at least 400 effective draws. Processor time stands
beside the clock's, since a busy machine moves only the latter; each figure is also told as a share of its bar.
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
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

EFFECTIVE = 400.0


@dataclass(frozen=True)
class Case:
    """A market to fit, and its bars in seconds and megabytes; no bar where it is endless."""

    customers: int
    days: int
    cold: float
    warm: float
    megabytes: float = float("inf")


REPORTED = 60
"""Days reported on; those before them only tell what came before."""

CASES = {
    "standard": Case(200_000, 125, cold=60.0, warm=40.0),
    "large": Case(1_000_000, 208, cold=float("inf"), warm=480.0, megabytes=8_192.0),
}


def main(arguments: list[str]) -> int:
    """Simulate and fit the markets named; return 0, or 2 if one is not known."""
    wanted = [name for name in CASES if not arguments or arguments[0] in (name, "all")]
    if not wanted:
        print(f"There is no market {arguments[0]}. There are: {', '.join(CASES)}, all.", file=sys.stderr)
        return 2
    with tempfile.TemporaryDirectory() as folder:
        for name in wanted:
            case, market = CASES[name], Path(folder) / f"{name}.pickle"
            _in_a_process("--simulate", str(case.customers), str(case.days), str(market))
            if case.cold < float("inf"):
                cold = _fit(case, market, folder, "cold, nothing compiled", case.cold)
                warm = _fit(case, market, folder, "compiled code on disk", case.warm)
                print(f"  cold over warm: {cold / warm:.2f}", flush=True)
            else:
                _fit(case, market, folder, "evidence and fit", case.warm)
            market.unlink()
    return 0


def _in_a_process(*arguments: str, **environ: str) -> dict[str, Any]:
    """Call this module in a process of its own, show what it prints, and return its last line as JSON."""
    command = [sys.executable, "-m", "benchmarks.speed", *arguments]
    ended = subprocess.run(command, env=os.environ | environ, check=True, capture_output=True, text=True)  # noqa: S603
    *lines, last = ended.stdout.splitlines()
    for line in lines:
        print(line, flush=True)
    return dict(json.loads(last))


def _fit(case: Case, market: Path, folder: str, name: str, bar: float) -> float:
    """Fit in a process of its own, print what it took, and return its seconds."""
    begun = time.perf_counter()
    told = _in_a_process("--fit", str(case.days), str(market), NUMBA_CACHE_DIR=f"{folder}/compiled")
    seconds = time.perf_counter() - begun
    parts = ", ".join(f"{part} {clock:.0f} s ({used:.0f} s)" for part, (clock, used) in told["seconds"].items())
    print(
        f"  {name}: {seconds:.0f} s ({told['processor']:.0f} s of processor), {seconds / bar:.2f} of the bar of "
        f"{bar:.0f} s on two idle cores\n"
        f"    clock and (processor): {parts}\n"
        f"    {told['responses']:,} responses of the goal; {told['steps']:.1f} gradients a draw; fewest effective "
        f"draws {told['effective']:.0f} (wanted: {EFFECTIVE:.0f}), R-hat at most {told['r_hat']:.3f}, "
        f"{told['divergences']} steps astray; at most {told['megabytes']:,.0f} MB"
        + (f", {told['megabytes'] / case.megabytes:.2f} of the bar" if case.megabytes < float("inf") else ""),
        flush=True,
    )
    return seconds


def _simulate(customers: int, days: int, market: str) -> None:
    from attribution.simulate import MarketSpec, simulate_market
    from attribution.simulation.observing import observations_of

    begun = time.perf_counter()
    spec = MarketSpec(customers=customers, days=days, burn_in_days=days - REPORTED, seed=31)
    observations = observations_of(simulate_market(spec))
    Path(market).write_bytes(pickle.dumps(observations, protocol=5))
    megabytes = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{customers:,} customers, {days} days, {len(observations.touches):,} touches (simulated in "
        f"{time.perf_counter() - begun:.0f} s, {megabytes:,.0f} MB)\n{{}}",
        flush=True,
    )


def _processor() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime


def _alone(days: int, market: str) -> None:
    """Fit and print what it took, as JSON."""
    marks = {"": (time.perf_counter(), _processor())}

    def mark(name: str) -> None:
        marks[name] = (time.perf_counter(), _processor())

    from attribution.density import density_of
    from attribution.gather import gather
    from attribution.increment import increments
    from attribution.observations import FitOptions
    from attribution.priors import Priors
    from attribution.sampling import ROUND, convergence, sample

    observations = pickle.loads(Path(market).read_bytes())  # noqa: S301 - written by this process's parent
    mark("load")
    evidence = gather(observations, FitOptions(burn_in_days=days - REPORTED))
    mark("evidence")
    density = density_of(evidence, Priors())
    density(density.start)
    mark("compile")
    posterior = sample(density, replace(ROUND, chains=4, warm_up=500, draws=500, seed=1))
    mark("sample")
    found = increments(evidence, posterior, Priors(), 1)
    mark("sum up")
    quantities = [found.baseline, *(source.expected for source in (*found.channels, *found.ads))]
    judged = [convergence(draws.reshape(4, -1)) for draws in quantities]
    times = list(marks.values())
    parts = zip(list(marks)[1:], times[:-1], times[1:], strict=True)
    told = {
        "seconds": {name: [end[0] - start[0], end[1] - start[1]] for name, start, end in parts},
        "processor": _processor(),
        "responses": evidence.responses,
        "steps": posterior.steps,
        "divergences": posterior.divergences,
        "r_hat": max(r_hat for r_hat, _ in judged),
        "effective": min(effective for _, effective in judged),
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
    }
    print(json.dumps(told))


if __name__ == "__main__":
    if sys.argv[1:2] == ["--fit"]:
        _alone(int(sys.argv[2]), sys.argv[3])
    elif sys.argv[1:2] == ["--simulate"]:
        _simulate(int(sys.argv[2]), int(sys.argv[3]), sys.argv[4])
    else:
        sys.exit(main(sys.argv[1:]))
