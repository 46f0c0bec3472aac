"""Simulation-based calibration: does the model find again what was drawn from it, with the certainty that it claims?

``python -m benchmarks.calibrate.ranks``, also run by ``make calibrate``. Parameters are drawn from the priors,
responses from the model (:mod:`benchmarks.calibrate.small_layout`), and the posterior of these responses is sampled.
Where density and sampler are right, the rank of the true value among draws of its posterior is uniform over many
repetitions. Each takes about five seconds and is kept in a folder, so that a run that was stopped is taken up where it
was; after a change of the model use ``--afresh``.

References
----------
Talts, Betancourt, Simpson, Vehtari and Gelman (2018), "Validating Bayesian inference algorithms with simulation-based
calibration". Säilynoja, Bürkner and Vehtari (2022), "Graphical test for discrete uniformity". Modrák et al. (2023),
"Simulation-based calibration checking for Bayesian computation: the choice of test quantities shapes sensitivity".
"""

from __future__ import annotations

import argparse
import json
import sys
import tempfile
from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from functools import cache
from pathlib import Path

import numpy as np
from scipy import stats

from attribution.density import density_of
from attribution.evidence import Floats, Ints
from attribution.sampling import ROUND, sample
from benchmarks.calibrate.quantities import quantities_of
from benchmarks.calibrate.rank_plots import write_plots
from benchmarks.calibrate.small_layout import PRIORS, Layout, draw_parameters, draw_responses, lay_out

__all__ = ["BINS", "DRAWS", "Judged", "judge", "least_likely"]

REPETITIONS = 300
DRAWS = 99
"""Draws among which a truth is ranked: it is one of 100 then, and ranks fall evenly into ten bins."""

BINS = 10
CHAINS, KEPT = 2, 500
_SIMULATED = 4_000


@dataclass(frozen=True)
class Judged:
    """The ranks of one quantity.

    Parameters
    ----------
    ranks
        Rank of each truth among its posterior's draws, 0 to ``DRAWS``, shape ``(repetitions,)``.
    chi_square, band
        Probability of ranks as uneven as these were they uniform: by the counts in ten bins, and by the point at which
        their cumulative share strays furthest.
    """

    name: str
    ranks: Ints
    chi_square: float
    band: float


def main(arguments: list[str]) -> int:
    """Repeat what is missing, write the plots, print the table; return 0."""
    options = _options(arguments)
    layout = lay_out()
    kept = []
    for number in range(options.repetitions):
        file = options.folder / f"{number:04d}.json"
        if options.afresh or not file.exists():
            options.folder.mkdir(parents=True, exist_ok=True)
            part = file.with_suffix(".part")
            part.write_text(json.dumps(_repeat(number, layout)), "utf-8")
            part.replace(file)
        kept.append(json.loads(file.read_text("utf-8")))
        if kept[-1]["asked"] != _asked():
            print(f"{file} is of another version: use --afresh.", file=sys.stderr)
            return 1
        if not (number + 1) % 10:
            print(f"{number + 1} of {options.repetitions}", flush=True)
    judged = judge({name: np.array([one["ranks"][name] for one in kept]) for name in kept[0]["ranks"]})
    responses = np.quantile([one["responses"] for one in kept], [0.05, 0.5, 0.95])
    print("\n".join(_lines(judged)))
    print(f"responses per repetition: {responses[1]:,.0f} (nine in ten: {responses[0]:,.0f} to {responses[2]:,.0f})")
    print(f"steps that went astray: {sum(one['divergences'] for one in kept)} of {len(kept) * CHAINS * KEPT:,}")
    if options.plots:
        write_plots(judged, options.plots)
    return 0


def _asked() -> dict[str, object]:
    return {"priors": asdict(PRIORS), "chains": CHAINS, "draws": KEPT, "layout": 2}


def _repeat(number: int, layout: Layout) -> dict[str, object]:
    """Draw parameters and responses, sample, and rank."""
    rng = np.random.default_rng([20260101, number])
    values = draw_parameters(layout, rng)
    evidence = draw_responses(layout, values, rng)
    posterior = sample(density_of(evidence, PRIORS), replace(ROUND, chains=CHAINS, draws=KEPT, seed=number + 1))
    true = quantities_of(evidence, {name: np.asarray(value)[None] for name, value in values.items()}, layout.evidence)
    rows = np.linspace(0, CHAINS * KEPT - 1, DRAWS).astype(int)
    drawn = quantities_of(evidence, {name: value[rows] for name, value in posterior.flat().items()}, evidence)
    # Where a value falls on draws that are equal to it, its place among them is drawn by lot.
    ranks = {
        name: int((draws < true[name][0]).sum() + rng.integers(0, (draws == true[name][0]).sum() + 1))
        for name, draws in drawn.items()
    }
    responses = len(evidence.states.response) + float(evidence.strata.quiet.sum())
    return {"asked": _asked(), "ranks": ranks, "responses": responses, "divergences": posterior.divergences}


def judge(ranks: Mapping[str, Ints]) -> tuple[Judged, ...]:
    """Test each quantity's ranks for uniformity on ``0 .. DRAWS``."""
    count = len(next(iter(ranks.values())))
    uniform = _where_uniform(count)
    found = []
    for name, of_one in ranks.items():
        bins = np.bincount(of_one * BINS // (DRAWS + 1), minlength=BINS)
        band = (np.searchsorted(uniform, least_likely(of_one), side="right") + 1) / (_SIMULATED + 1)
        found.append(Judged(name, of_one, float(stats.chisquare(bins).pvalue), min(float(band), 1.0)))
    return tuple(found)


@cache
def _where_uniform(count: int) -> Floats:
    """Return, in their order, what :func:`least_likely` is of so many uniform ranks, again and again."""
    rng = np.random.default_rng(0)
    return np.sort([least_likely(rng.integers(0, DRAWS + 1, count)) for _ in range(_SIMULATED)])


def least_likely(ranks: Ints) -> float:
    """Return the smallest two-sided binomial probability that the cumulative count of ranks has at any point."""
    count = len(ranks)
    places = np.arange(DRAWS)
    below = np.searchsorted(np.sort(ranks), places, side="right")
    share = (places + 1.0) / (DRAWS + 1.0)
    low, high = stats.binom.cdf(below, count, share), stats.binom.sf(below - 1, count, share)
    return float(np.minimum(1.0, 2.0 * np.minimum(low, high)).min())


def _lines(judged: tuple[Judged, ...]) -> list[str]:
    """Lay out the table and the verdict over all quantities."""
    lines = ["| quantity | mean rank (49.5 if right) | chi-square | band |", "|---|---|---|---|"]
    lines += [f"| {one.name} | {one.ranks.mean():.1f} | {one.chi_square:.3f} | {one.band:.3f} |" for one in judged]
    for name in ("chi_square", "band"):
        found: Floats = np.array([getattr(one, name) for one in judged])
        worst = judged[int(found.argmin())].name
        over_all = min(1.0, float(found.min()) * len(found))
        lines.append(
            f"{name.replace('_', '-')}: {(found < 0.05).sum()} of {len(found)} below 0.05 ({0.05 * len(found):.1f} "
            f"expected), smallest {found.min():.4f} ({worst}), {over_all:.2f} over all: "
            f"{'uniform' if over_all >= 0.05 else 'NOT UNIFORM'}"
        )
    return lines


def _options(arguments: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.calibrate.ranks", description=__doc__.split("\n")[0])
    kept = Path(tempfile.gettempdir()) / "touchstone-ranks"
    parser.add_argument("--folder", type=Path, default=kept, help="where repetitions are kept")
    parser.add_argument("--repetitions", type=int, default=REPETITIONS)
    parser.add_argument("--afresh", action="store_true", help="repeat what is kept")
    parser.add_argument("--plots", type=Path, help="folder to write the rank plots into, as SVG")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
