"""The only place that samples, and the only one that knows which versions of PyMC and ArviZ are installed."""

from __future__ import annotations

import os
import time
import warnings
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np

from attribution.coordinates import coordinates_of
from attribution.density import Density
from attribution.evidence import Floats
from campaigns.faults import Fault, RefusedError, TouchstoneError

if TYPE_CHECKING:
    import pymc as pm

__all__ = [
    "CAREFUL",
    "ROUND",
    "CancelledError",
    "Posterior",
    "SamplingOptions",
    "convergence",
    "sample",
    "sample_with_care",
    "to_arviz",
]

_POLL_SECONDS = 0.5
_INSPECT_SECONDS = 3.0


class CancelledError(TouchstoneError):
    """Someone asked the run to stop."""


@dataclass(frozen=True)
class SamplingOptions:
    """How the posterior is drawn.

    Parameters
    ----------
    chains
        Independent chains, at least 2, so that convergence can be judged.
    warm_up, draws
        Steps per chain before and after the sampler has adapted.
    seed
        The same seed on the same machine gives the same draws.
    target_acceptance
        Higher means smaller steps and fewer divergences.
    cores
        Chains that run side by side; None takes the machine's.
    """

    chains: int = 4
    warm_up: int = 800
    draws: int = 500
    seed: int = 20260101
    target_acceptance: float = 0.9
    cores: int | None = None

    def __post_init__(self) -> None:
        faults = [
            Fault(0, name, repr(value), expected)
            for name, value, good, expected in (
                ("chains", self.chains, self.chains >= 2, "2 or more"),
                ("warm_up", self.warm_up, self.warm_up >= 50, "50 or more"),
                ("draws", self.draws, self.draws >= 50, "50 or more"),
                ("target_acceptance", self.target_acceptance, 0.5 <= self.target_acceptance < 1.0, "0.5 to 1"),
            )
            if not good
        ]
        if faults:
            raise RefusedError("The posterior cannot be drawn like this:", faults)


ROUND = SamplingOptions(warm_up=400, target_acceptance=0.85)
"""What suffices for a density, which comes in coordinates in which it is about round."""

CAREFUL = 0.95
"""Acceptance to aim at where steps went astray."""


@dataclass(frozen=True)
class Posterior:
    """Draws of every variable of the model.

    Parameters
    ----------
    values
        By variable: draws, shape ``(chains, draws, ...)``.
    divergences
        Number of divergent transitions after warm-up.
    steps
        Mean number of gradients per draw.
    """

    values: Mapping[str, Floats]
    divergences: int
    steps: float

    @property
    def draws(self) -> int:
        """Number of draws over all chains."""
        first = next(iter(self.values.values()))
        return int(first.shape[0] * first.shape[1])

    def flat(self) -> dict[str, Floats]:
        """Return the draws of all chains in one row, shape ``(draws, ...)`` each."""
        return {name: value.reshape(-1, *value.shape[2:]) for name, value in self.values.items()}


def sample(
    model: pm.Model | Density,
    options: SamplingOptions | None = None,
    on_progress: Callable[[float], None] | None = None,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> Posterior:
    """Draw from the posterior with nutpie.

    Parameters
    ----------
    model
        A density as :func:`attribution.density.density_of` lays it out, which needs no compiling and is sampled in
        coordinates in which it is about round; or any PyMC model.
    on_progress
        Called with the share of draws done, in ``[0, 1]``.
    is_cancelled
        Asked about twice a second; once it says yes, sampling stops.

    Raises
    ------
    CancelledError
        If ``is_cancelled`` said yes.
    """
    options = options or SamplingOptions()
    tell = on_progress or (lambda _: None)
    with warnings.catch_warnings():
        # ArviZ announces its next version at import, and warns of short traces while they are still growing.
        warnings.filterwarnings("ignore", module="arviz")
        trace = _sampled(model, options, tell, is_cancelled)
    stats = trace.sample_stats
    names = [str(name) for name in trace.posterior.data_vars if not str(name).endswith("__")]  # those are transforms
    return Posterior(
        values={name: np.asarray(trace.posterior[name].values, dtype=float) for name in names},
        divergences=int(np.asarray(stats["diverging"].values).sum()),
        steps=float(np.asarray(stats["n_steps"].values).mean()),
    )


def sample_with_care(
    density: Density,
    options: SamplingOptions | None = None,
    on_progress: Callable[[float], None] | None = None,
    is_cancelled: Callable[[], bool] = lambda: False,
) -> Posterior:
    """Draw from a posterior; where steps went astray, once more with smaller ones and twice as many.

    Media without persons behind them often leave a posterior that narrows towards no effect, where steps of the usual
    size go astray. Smaller ones find their way, but are less far apart, so that it takes more draws.
    """
    options = options or ROUND
    posterior = sample(density, options, on_progress, is_cancelled)
    if not posterior.divergences or options.target_acceptance >= CAREFUL:
        return posterior
    careful = replace(options, target_acceptance=CAREFUL, draws=2 * options.draws)
    return sample(density, careful, on_progress, is_cancelled)


def _sampled(
    model: pm.Model | Density, options: SamplingOptions, tell: Callable[[float], None], is_cancelled: Callable[[], bool]
) -> Any:
    import nutpie

    drawn: Callable[[Any], int] = _drawn
    if isinstance(model, Density):
        compiled, drawn = _by_hand(model)
    else:
        compiled = nutpie.compile_pymc_model(model)
    if is_cancelled():
        raise CancelledError("The run was cancelled before sampling.")
    sampler = nutpie.sample(
        compiled,
        chains=options.chains,
        tune=options.warm_up,
        draws=options.draws,
        seed=options.seed,
        cores=min(options.chains, options.cores or os.cpu_count() or 1),
        target_accept=options.target_acceptance,
        # The parts of a model are correlated, and a low-rank mass matrix then needs a third of the gradients; a density
        # comes in coordinates of its own.
        low_rank_modified_mass_matrix=not isinstance(model, Density),
        progress_bar=False,
        blocking=False,
    )
    try:
        trace = _watch(sampler, options, tell, is_cancelled, drawn)
    except BaseException:
        sampler.cancel()  # else its threads would draw on
        raise
    tell(1.0)
    return trace


def _by_hand(density: Density) -> tuple[Any, Callable[[Any], int]]:
    """Hand a density to nutpie, in coordinates in which it is about round; and a count of its draws.

    The sampler asks for the values of each draw once, which is counted: to ask it for its trace takes a lot longer.
    """
    from nutpie.compiled_pyfunc import from_pyfunc

    drawn: list[None] = []
    coordinates = coordinates_of(density)

    def values(z: Floats) -> dict[str, Floats]:
        drawn.append(None)
        return coordinates.values(z)

    def start(seed: int) -> Floats:
        return np.random.default_rng(seed).normal(0.0, 1.0, density.dimensions)

    compiled = from_pyfunc(
        density.dimensions,
        lambda: coordinates,
        lambda _one, _two, _chain: values,
        [np.dtype(np.float64)] * len(density.shapes),
        list(density.shapes.values()),
        list(density.shapes),
        make_initial_point_fn=start,
    )
    return compiled, lambda _: len(drawn)


def _watch(
    sampler: Any,
    options: SamplingOptions,
    on_progress: Callable[[float], None],
    is_cancelled: Callable[[], bool],
    drawn: Callable[[Any], int],
) -> Any:
    """Wait for the trace; meanwhile report progress and listen for a cancellation."""
    total = options.chains * (options.warm_up + options.draws)
    last_look = time.monotonic()
    while True:
        try:
            return sampler.wait(timeout=_POLL_SECONDS)
        except TimeoutError:
            if is_cancelled():
                raise CancelledError("The run was cancelled while sampling.") from None
        if time.monotonic() - last_look >= _INSPECT_SECONDS:
            on_progress(min(1.0, drawn(sampler) / total))
            last_look = time.monotonic()


def _drawn(sampler: Any) -> int:
    """Count the draws of a sampler at work, warm-up included."""
    trace = sampler.inspect()
    groups = (getattr(trace, name, None) for name in ("warmup_posterior", "posterior"))
    return sum(int(group.sizes["chain"] * group.sizes["draw"]) for group in groups if group is not None)


def to_arviz(posterior: Posterior) -> Any:
    """Give a posterior to ArviZ: ``InferenceData``, or a ``DataTree`` from ArviZ 1 on."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=FutureWarning, module="arviz")
        import arviz as az
    values = {name: np.asarray(value) for name, value in posterior.values.items()}
    if int(az.__version__.split(".")[0]) >= 1:
        return az.from_dict({"posterior": values})
    return az.from_dict(posterior=values)


def convergence(draws: Floats) -> tuple[float, float]:
    """Judge whether chains agree on a quantity.

    Parameters
    ----------
    draws
        Shape ``(chains, draws)``.

    Returns
    -------
    R-hat and the bulk effective sample size; a constant quantity has 1 and its number of draws.

    References
    ----------
    Vehtari, Gelman, Simpson, Carpenter and Bürkner (2021), "Rank-normalization, folding, and localization".
    """
    if np.ptp(draws) == 0.0:
        return 1.0, float(draws.size)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", category=FutureWarning, module="arviz")
        import arviz as az
    return float(np.asarray(az.rhat(draws))), float(np.asarray(az.ess(draws, method="bulk")))
