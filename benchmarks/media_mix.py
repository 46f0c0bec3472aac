"""Speed of the media mix model, as a ratio to the package pymc-marketing in the same run: effective draws per second.

``python -m benchmarks.media_mix`` fits the public weekly example beside the project with both, four chains of 1,000 +
1,000 steps each by nutpie, and holds both to the same standard: R-hat of each medium's total contribution at most 1.01,
no step astray. Effective draws are those of the worst medium's total contribution; seconds are those of sampling, with
compilation printed beside. The package is no part of this project; where it is not installed, only ours is printed.
"""

from __future__ import annotations

import time
import warnings
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd

from attribution.aggregate.model import build_mix_model, design_mix, lift
from attribution.aggregate.panel import PanelColumns, lay_panel

EXAMPLE = Path(__file__).parents[2] / "shared" / "data" / "mmm" / "mmm_example.csv.gz"
MEDIA, CONTROLS = ("x1", "x2"), ("event_1", "event_2")
CHAINS, WARM_UP, DRAWS, ACCEPTANCE, SEED = 4, 1000, 1000, 0.95, 1
ROUNDS = 3


def main() -> None:
    """Print both, and the ratio."""
    if not EXAMPLE.is_file():
        print("media_mix: the public example is not beside the project")
        return
    frame = pd.read_csv(EXAMPLE)
    package = _package()
    rates: dict[str, list[float]] = {"ours": [], "theirs": []}
    for _ in range(ROUNDS):  # in turn, so that a busy machine slows both alike
        rates["ours"].append(_told("ours", *_ours(frame)))
        if package is not None:
            rates["theirs"].append(_told("theirs", *_theirs(frame, package)))
    if package is None:
        print("  the package pymc-marketing is not installed here: no comparison")
        return
    ratio = float(np.median(rates["ours"]) / np.median(rates["theirs"]))
    print(f"  effective draws per second, ours over theirs, medians of {ROUNDS}: {ratio:.1f} (wanted: at least 3)")


def _package() -> ModuleType | None:
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            import pymc_marketing.mmm
    except ImportError:
        return None
    return pymc_marketing.mmm


def _sampled(model: Any) -> tuple[Any, float, float]:
    """Return the trace, and the seconds of compiling and of sampling."""
    import nutpie

    begun = time.perf_counter()
    compiled = nutpie.compile_pymc_model(model)
    ready = time.perf_counter()
    trace = nutpie.sample(
        compiled,
        chains=CHAINS,
        tune=WARM_UP,
        draws=DRAWS,
        seed=SEED,
        target_accept=ACCEPTANCE,
        progress_bar=False,
        low_rank_modified_mass_matrix=True,
    )
    return trace, ready - begun, time.perf_counter() - ready


def _told(who: str, trace: Any, totals: np.ndarray, compiling: float, sampling: float) -> float:
    """Print one fit and return its effective draws per second; ``totals`` is ``(chains, draws, media)``."""
    import arviz as az

    effective = min(float(az.ess(totals[..., row])) for row in range(totals.shape[-1]))
    worst = max(float(az.rhat(totals[..., row])) for row in range(totals.shape[-1]))
    astray = int(trace.sample_stats["diverging"].sum())
    steps = float(trace.sample_stats["n_steps"].mean())
    print(
        f"  {who:6} R-hat {worst:.3f}, {astray} astray, {steps:4.0f} gradients per draw, {effective:6,.0f} effective "
        f"draws in {sampling:5.1f} s: {effective / sampling:7,.0f} per second (compiling {compiling:.0f} s); "
        f"x1 {totals[..., 0].mean():,.0f}, x2 {totals[..., 1].mean():,.0f}",
        flush=True,
    )
    return effective / sampling


def _ours(frame: pd.DataFrame) -> tuple[Any, np.ndarray, float, float]:
    panel = lay_panel(frame, PanelColumns("date_week", "y", MEDIA, CONTROLS))
    design = design_mix(panel)
    trace, compiling, sampling = _sampled(build_mix_model(panel, design))
    drawn = {name: trace.posterior[name].to_numpy() for name in ("strength", "retention", "scale")}
    totals = np.empty((CHAINS, DRAWS, len(MEDIA)))
    for chain in range(CHAINS):
        for draw in range(DRAWS):
            added = lift(design, {name: values[chain, draw] for name, values in drawn.items()})
            totals[chain, draw] = added.sum(axis=1) * design.level[0]
    return trace, totals, compiling, sampling


def _theirs(frame: pd.DataFrame, package: ModuleType) -> tuple[Any, np.ndarray, float, float]:
    """Fit their model as their own example does: geometric carry-over, logistic saturation, yearly season, trend."""
    from pymc_marketing.mmm.multidimensional import MMM

    data = frame.assign(date_week=pd.to_datetime(frame["date_week"]))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        mmm = MMM(
            date_column="date_week",
            target_column="y",
            channel_columns=list(MEDIA),
            control_columns=[*CONTROLS, "t"],
            adstock=package.GeometricAdstock(l_max=8),
            saturation=package.LogisticSaturation(),
            yearly_seasonality=2,
        )
        features = data.drop(columns="y")
        mmm.build_model(features, data["y"])
        if hasattr(mmm, "add_original_scale_contribution_variable"):
            mmm.add_original_scale_contribution_variable(var=["channel_contribution"])
        trace, compiling, sampling = _sampled(mmm.model)
    name = "channel_contribution_original_scale"
    found = trace.posterior[name if name in trace.posterior else "channel_contribution"]
    return trace, found.sum("date").transpose("chain", "draw", "channel").to_numpy(), compiling, sampling


if __name__ == "__main__":
    main()
