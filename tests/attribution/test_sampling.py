"""Drawing from a posterior: options, progress, stopping, the same seed, and whether chains agree."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import nutpie
import psutil
import pymc as pm
import pytest

from attribution.density import Density
from attribution.evidence import Floats
from attribution.sampling import (
    ROUND,
    CancelledError,
    Posterior,
    SamplingOptions,
    convergence,
    sample,
    sample_with_care,
)
from campaigns.faults import RefusedError

SHORT = SamplingOptions(chains=2, warm_up=100, draws=100, seed=3)
ENDLESS = SamplingOptions(chains=2, warm_up=100_000, draws=2_000_000)


@pytest.fixture(scope="module")
def model() -> pm.Model:
    """Two channels with effects on either side of one, and a spread."""
    with pm.Model(coords={"channel": ["email", "display"]}) as model:
        spread = pm.HalfNormal("spread", 1.0)
        effect = pm.Normal("effect", np.array([1.0, -1.0]), spread, dims="channel")
        pm.Potential("seen", -0.5 * ((effect - np.array([2.0, -3.0])) ** 2).sum())
    return model


@pytest.fixture(scope="module", autouse=True)
def _compiled_once(model: pm.Model) -> Iterator[None]:
    compiled = nutpie.compile_pymc_model(model)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(nutpie, "compile_pymc_model", lambda wanted: compiled if wanted is model else None)
        yield


@pytest.fixture(scope="module")
def drawn(model: pm.Model) -> tuple[Posterior, list[float]]:
    told: list[float] = []
    return sample(model, SHORT, told.append), told


class TestDraws:
    def test_there_are_as_many_of_every_variable_as_were_asked_for(self, drawn: tuple[Posterior, list[float]]) -> None:
        posterior = drawn[0]
        assert set(posterior.values) == {"effect", "spread"}
        assert posterior.values["effect"].shape == (2, 100, 2)
        assert posterior.values["spread"].shape == (2, 100)
        assert (posterior.values["spread"] > 0.0).all()
        assert posterior.draws == 200
        assert posterior.steps >= 1.0
        assert 0 <= posterior.divergences <= 200

    def test_laid_flat_they_stand_chain_by_chain(self, drawn: tuple[Posterior, list[float]]) -> None:
        posterior = drawn[0]
        flat = posterior.flat()
        assert flat["effect"].shape == (200, 2)
        assert (flat["effect"][100:] == posterior.values["effect"][1]).all()

    def test_they_are_where_the_posterior_is(self, drawn: tuple[Posterior, list[float]]) -> None:
        email, display = drawn[0].flat()["effect"].mean(axis=0)
        assert 1.0 < email < 2.0
        assert -3.0 < display < -1.0

    def test_the_end_of_sampling_is_told(self, drawn: tuple[Posterior, list[float]]) -> None:
        assert drawn[1][-1] == 1.0

    def test_the_same_seed_gives_the_same_draws_and_another_others(
        self, model: pm.Model, drawn: tuple[Posterior, list[float]]
    ) -> None:
        again = sample(model, SHORT)
        assert (again.values["effect"] == drawn[0].values["effect"]).all()
        other = sample(model, SamplingOptions(chains=2, warm_up=100, draws=100, seed=4))
        assert (other.values["effect"] != drawn[0].values["effect"]).any()


def is_idle(process: psutil.Process) -> bool:
    """Tell whether this process does next to nothing for a moment."""
    before = process.cpu_times().user
    time.sleep(0.4)
    return process.cpu_times().user - before < 0.2


class TestStopping:
    @pytest.fixture
    def impatient(self) -> Any:
        """Answers no twice, then yes."""
        asked: list[float] = []

        def is_cancelled() -> bool:
            asked.append(time.monotonic())
            return len(asked) > 2

        return is_cancelled, asked

    def test_a_run_that_is_cancelled_stops_soon_and_leaves_nothing_running(
        self, model: pm.Model, impatient: Any
    ) -> None:
        is_cancelled, asked = impatient
        with pytest.raises(CancelledError, match="while sampling"):
            sample(model, ENDLESS, is_cancelled=is_cancelled)
        assert time.monotonic() - asked[-1] < 2.0
        assert is_idle(psutil.Process())

    def test_a_run_cancelled_before_it_samples_never_does(self, model: pm.Model) -> None:
        with pytest.raises(CancelledError, match="before sampling"):
            sample(model, ENDLESS, is_cancelled=lambda: True)

    def test_an_error_in_whoever_listens_stops_the_sampler_too(
        self, model: pm.Model, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("attribution.sampling._INSPECT_SECONDS", 0.0)

        def listen(share: float) -> None:
            assert 0.0 <= share <= 1.0
            raise LookupError("the run is no longer ours")

        with pytest.raises(LookupError):
            sample(model, ENDLESS, listen)
        assert is_idle(psutil.Process())


class TestOptions:
    @pytest.mark.parametrize(
        "values",
        [{"chains": 1}, {"warm_up": 49}, {"draws": 0}, {"target_acceptance": 1.0}, {"target_acceptance": 0.4}],
    )
    def test_nonsense_is_refused(self, values: dict[str, Any]) -> None:
        with pytest.raises(RefusedError, match=next(iter(values))):
            SamplingOptions(**values)

    def test_all_of_it_at_once(self) -> None:
        with pytest.raises(RefusedError) as refusal:
            SamplingOptions(chains=0, draws=-5, target_acceptance=2.0)
        assert [fault.column for fault in refusal.value.faults] == ["chains", "draws", "target_acceptance"]


class TestConvergence:
    def test_independent_draws_count_in_full(self) -> None:
        r_hat, effective = convergence(np.random.default_rng(0).normal(size=(4, 1000)))
        assert r_hat == pytest.approx(1.0, abs=0.01)
        assert effective == pytest.approx(4000.0, rel=0.1)

    def test_chains_in_different_places_do_not_agree(self) -> None:
        draws = np.random.default_rng(0).normal(size=(2, 500))
        draws[1] += 5.0
        r_hat, effective = convergence(draws)
        assert r_hat > 1.5
        assert effective < 10.0

    def test_chains_of_different_width_do_not_agree_either(self) -> None:
        draws = np.random.default_rng(0).normal(size=(2, 500))
        draws[1] *= 10.0
        assert convergence(draws)[0] > 1.1

    def test_what_never_varies_agrees(self) -> None:
        assert convergence(np.zeros((2, 50))) == (1.0, 100.0)

    def test_what_is_nothing_in_most_draws_can_be_judged(self) -> None:
        draws = np.random.default_rng(0).gamma(1.0, size=(2, 500))
        draws[:, ::3] = 0.0
        r_hat, effective = convergence(draws)
        assert r_hat == pytest.approx(1.0, abs=0.02)
        assert effective > 100.0


@dataclass(frozen=True)
class Drawn(Density):
    """A density by formula: two numbers, the second as wide as ``width`` says of the first."""

    width: Callable[[float], tuple[float, float]] = field(default=lambda _: (1.0, 0.0))

    def __call__(self, position: Floats) -> tuple[float, Floats]:
        first, second = position
        width, slope = self.width(first)
        scaled = second / width
        value = -0.5 * first**2 / 9.0 - 0.5 * scaled**2 - np.log(width)
        return value, np.array([-first / 9.0 + (scaled**2 - 1.0) * slope / width, -scaled / width])

    def values(self, position: Floats) -> dict[str, Floats]:
        return {"both": position}


class TestCare:
    def density(self, width: Callable[[float], tuple[float, float]]) -> Drawn:
        return Drawn({"both": (2,)}, {"both": "free"}, None, (), None, np.zeros(2), width)  # type: ignore[arg-type]

    def test_where_no_step_goes_astray_draws_are_taken_once(self) -> None:
        found = sample_with_care(self.density(lambda _: (1.0, 0.0)), replace(ROUND, chains=2, draws=200))
        assert found.divergences == 0
        assert found.draws == 400

    def test_where_steps_go_astray_smaller_ones_are_taken_twice_as_often(self) -> None:
        def funnel(first: float) -> tuple[float, float]:
            width = float(np.exp(0.8 * first))
            return width, 0.8 * width

        options = replace(ROUND, chains=2, warm_up=50, draws=50, target_acceptance=0.6)
        assert sample(self.density(funnel), options).divergences > 0
        assert sample_with_care(self.density(funnel), options).draws == 200
