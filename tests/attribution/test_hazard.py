"""The structure of the model, without sampling: named dimensions, finite densities, one definition for all."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pymc as pm
import pytest
from pytensor.compile.mode import Mode
from scipy import stats

from attribution.allocation import rates_of
from attribution.baseline import baseline_of
from attribution.evidence import Evidence
from attribution.gather import gather
from attribution.hazard import build_model
from attribution.increment import draws_of_variables
from attribution.layout import Parameters, pack
from attribution.likelihood import packed_log_likelihood
from attribution.observations import FitOptions
from attribution.priors import Priors, effect_scale
from attribution.rates import design_of
from attribution.sampling import Posterior
from attribution.statistics import statistics
from campaigns.faults import RefusedError

OPTIONS = FitOptions(burn_in_days=20)
EFFECTS = {"apparent", "spread", "unit_z", "exponent", "delay", "lag_z"}
INTENT = {"intent_concentration", "intent_share"}
MEDIA = {"strength", "retention", "scale", "shape"}


@pytest.fixture(scope="module")
def model(evidence: Evidence) -> pm.Model:
    return build_model(evidence)


@pytest.fixture
def plain(new_book: Any) -> Any:
    """Three persons known to be new, two orders, one e-mail."""
    book = new_book().response(None, 0.5).response(None, 59.5).response(1, 40.5).response(2, 50.5)
    for person in (1, 2, 3):
        book.person(person, created=-5.0)
    return book.touch(1, 38.5)


def point_of(model: pm.Model, seed: int = 0) -> dict[str, Any]:
    rng = np.random.default_rng(seed)
    return {name: value + rng.normal(0.0, 0.3, np.shape(value)) for name, value in model.initial_point().items()}


def density(model: pm.Model) -> tuple[float, Any]:
    """Log density and gradient at a point."""
    value, slopes = evaluated(model, [model.logp(), model.dlogp()], point_of(model))
    return float(value), np.asarray(slopes)


def evaluated(model: pm.Model, wanted: list[Any], point: dict[str, Any]) -> Any:
    """Values of variables at a point, in plain Python: nothing is compiled."""
    plainly = Mode(linker="py", optimizer=None)
    return model.compile_fn(wanted, inputs=model.value_vars, mode=plainly, on_unused_input="ignore")(point)


def names_of(model: pm.Model) -> set[str]:
    return {variable.name for variable in model.free_RVs}


class TestTheModelOfAMarket:
    def test_every_dimension_of_every_variable_has_a_name_and_its_labels(self, model: pm.Model) -> None:
        start = model.initial_point()
        for variable in model.free_RVs:
            dims = model.named_vars_to_dims.get(variable.name, ())
            assert len(dims) == variable.ndim, variable.name
            shape = np.shape(start[model.rvs_to_values[variable].name])
            assert shape == tuple(len(model.coords[dim]) for dim in dims), variable.name

    def test_it_has_the_variables_that_the_model_page_names(self, model: pm.Model) -> None:
        assert names_of(model) == {"base_z", "later", "intent_delay"} | EFFECTS | INTENT | MEDIA

    def test_its_density_and_every_slope_of_it_are_finite(self, model: pm.Model) -> None:
        value, slopes = density(model)
        assert math.isfinite(value)
        assert np.isfinite(slopes).all()
        assert (slopes != 0.0).all()

    def test_channels_whose_intent_the_data_tell_are_those_with_ghosts_and_those_that_responses_leave_alone(
        self, model: pm.Model, evidence: Evidence
    ) -> None:
        told = [channel.name for channel in evidence.channels if channel.has_ghosts or channel.two_sided]
        assert list(model.coords["ghost_channel"]) == list(model.coords["suspect_channel"]) == told
        assert told == ["display", "email", "mail", "search"]
        assert [channel.name for channel in evidence.channels if channel.two_sided] == ["display", "search"]


@pytest.fixture(scope="module")
def drawn(model: pm.Model) -> dict[str, Any]:
    """A point of the model, as the sampler would hand its variables over, and the model's own likelihood there."""
    point = point_of(model, 4)
    variables = model.free_RVs
    replaced = model.replace_rvs_by_values(variables)
    likelihood = model.replace_rvs_by_values([model["likelihood"]])
    *values, value = evaluated(model, [*replaced, *likelihood], point)
    return {"likelihood": float(value)} | {
        variable.name: np.asarray(one)[None, None] for variable, one in zip(variables, values, strict=True)
    }


class TestOneDefinition:
    def test_a_draw_read_back_has_the_likelihood_that_the_model_gave_it(
        self, drawn: dict[str, Any], evidence: Evidence
    ) -> None:
        values = {name: value for name, value in drawn.items() if name != "likelihood"}
        one = next(draws_of_variables(evidence, Posterior(values, 0, 0.0), Priors(), [0]))
        design, baseline = design_of(evidence), baseline_of(evidence, Priors())
        parameters = Parameters(**{name: np.asarray(one[name]) for name in Parameters._fields})
        value = packed_log_likelihood(*parameters, *pack(statistics(evidence, design, baseline)))[0]
        assert float(value) == pytest.approx(drawn["likelihood"], rel=1e-12)

    def test_the_rates_of_a_draw_have_that_likelihood_too(self, drawn: dict[str, Any], evidence: Evidence) -> None:
        values = {name: value for name, value in drawn.items() if name != "likelihood"}
        one = next(draws_of_variables(evidence, Posterior(values, 0, 0.0), Priors(), [0]))
        rates = rates_of(one, evidence, design_of(evidence), baseline_of(evidence, Priors()))
        strata, states = evidence.strata, evidence.states
        own = rates.base[:, None] * (rates.season * (1.0 + rates.lift.sum(axis=0)))[strata.region]
        exposure = np.concatenate([evidence.cells.days, evidence.intent.days])
        value = (strata.quiet * np.log(own)).sum() - (strata.person_days * own).sum() - exposure @ rates.cells
        for row, (first, last) in enumerate(zip(states.starts[:-1], states.starts[1:], strict=True)):
            value += math.log(own[states.stratum[row], states.day[row]] + rates.cells[states.cell[first:last]].sum())
        assert value == pytest.approx(drawn["likelihood"], rel=1e-10)


def checked(book: Any) -> pm.Model:
    model = build_model(gather(book.observations(), OPTIONS))
    value, slopes = density(model)
    assert math.isfinite(value)
    assert np.isfinite(slopes).all()
    return model


class TestPoorData:
    """Whatever is missing, the model has a density, and only the variables that something bears on."""

    def test_one_channel_without_ghosts_or_media(self, plain: Any) -> None:
        model = checked(plain)
        assert names_of(model) == {"base_z", "later"} | EFFECTS
        assert model.coords["channel"] == ("email",)

    def test_media_and_nothing_else(self, plain: Any) -> None:
        plain.rows["touches"].clear()
        assert names_of(checked(plain.bought(40, "tv", 100))) == {"base_z"} | MEDIA

    def test_responses_of_nobody_alone(self, new_book: Any) -> None:
        book = new_book().response(None, 0.5).response(None, 59.5)
        assert names_of(checked(book)) == {"base_z"}
        assert names_of(checked(book.touch(1, 40.5))) == {"base_z"} | EFFECTS

    def test_nobody_new(self, plain: Any) -> None:
        for row in plain.rows["persons"]:
            row["created_at"] = None
        model = build_model(gather(plain.observations(), OPTIONS))
        assert "later" not in names_of(model)

    def test_channels_and_ads_that_fell_silent_before_the_window_and_one_without_ghosts(self, plain: Any) -> None:
        plain.touch(3, 2.5, "mail", "mail", ad="x").touch(2, 3.5, "mail", "mail", ad="y").touch(3, 2.5, ad="old")
        plain.channel("mail", carry_over_days=7).channel("email", carry_over_days=7).touch(2, 45.5, kind="ghost")
        plain.channel("display", targeted=True).touch(2, 44.5, "display", "impression")
        model = checked(plain)
        assert names_of(model) == {"base_z", "later", "intent_delay"} | EFFECTS | INTENT
        assert model.coords["channel"] == ("display", "email", "mail")
        assert model.coords["suspect_channel"] == ("email", "display")


class TestPriors:
    def test_priors_that_make_no_sense_are_all_named(self) -> None:
        with pytest.raises(RefusedError) as refusal:
            Priors(base_sd=0.0, effect_tail=-1.0, no_effect=1.0)
        assert {fault.column for fault in refusal.value.faults} == {"base_sd", "effect_tail", "no_effect"}

    def test_an_effect_is_measured_by_what_people_do_anyway(self, evidence: Evidence) -> None:
        scale = effect_scale(evidence, Priors(effect_multiple=2.0))
        for row, channel in enumerate(evidence.channels):
            assert scale[row] == pytest.approx(2.0 * evidence.base_rate * channel.edges[-1])

    def test_the_prior_of_the_base_rate_is_normal_however_it_is_rotated(
        self, model: pm.Model, evidence: Evidence
    ) -> None:
        baseline = baseline_of(evidence, Priors())
        prior = model.replace_rvs_by_values([model["base_prior"]])
        start = model.initial_point()
        moved = start | {"base_z": start["base_z"] + np.linspace(-1.0, 1.0, len(baseline.names))}
        rise = float(evaluated(model, prior, moved)[0]) - float(evaluated(model, prior, start)[0])
        expected = [
            stats.norm.logpdf(baseline.centre + baseline.rotation @ point["base_z"], scale=baseline.prior_sd).sum()
            for point in (start, moved)
        ]
        assert rise == pytest.approx(expected[1] - expected[0])
