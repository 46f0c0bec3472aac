"""The density by hand: the same as the PyMC model's to the last digit, with the right gradient."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from pytensor.compile.mode import Mode

from attribution.coordinates import Coordinates, coordinates_of, mode_of, scales
from attribution.density import Density, density_of
from attribution.evidence import Evidence
from attribution.gather import gather
from attribution.hazard import build_model
from attribution.sampling import SamplingOptions, sample


@pytest.fixture(scope="module")
def density(evidence: Evidence) -> Density:
    return density_of(evidence)


@pytest.fixture(scope="module")
def coordinates(density: Density) -> Coordinates:
    return coordinates_of(density)


def near(density: Density, seed: int) -> Any:
    return density.start + np.random.default_rng(seed).normal(0.0, 0.2, density.dimensions)


def test_it_is_the_density_of_the_pymc_model(density: Density, evidence: Evidence) -> None:
    model = build_model(evidence)
    by_graph = model.compile_logp(mode=Mode(linker="py", optimizer=None))  # in plain Python: nothing is compiled
    names = {
        variable.name.removesuffix("_log__").removesuffix("_logodds__"): variable.name for variable in model.value_vars
    }

    def point(position: Any) -> dict[str, Any]:
        ends = np.cumsum([int(np.prod(shape)) for shape in density.shapes.values()])
        parts = np.split(position, ends[:-1])
        return {
            names[name]: part.reshape(shape) for (name, shape), part in zip(density.shapes.items(), parts, strict=True)
        }

    assert set(names) == set(density.shapes)
    one, two = near(density, 1), near(density, 2)
    by_hand = density(one)[0] - density(two)[0]
    assert float(by_graph(point(one)) - by_graph(point(two))) == pytest.approx(by_hand, abs=1e-6)


def test_the_gradient_is_that_of_finite_differences(density: Density) -> None:
    position = near(density, 3)
    gradient = density(position)[1]
    for row in range(density.dimensions):
        step = np.zeros(density.dimensions)
        step[row] = 1e-5
        slope = (density(position + step)[0] - density(position - step)[0]) / 2e-5
        assert gradient[row] == pytest.approx(slope, rel=1e-3, abs=2e-3), row


def test_the_mode_is_a_mode_and_the_rotation_makes_it_round(density: Density) -> None:
    mode = mode_of(density)
    value, gradient = density(mode)
    assert value > density(density.start)[0]
    rotation = scales(density, mode)
    assert np.abs(rotation.T @ gradient).max() < 0.5
    falls = [value - density(mode + 0.1 * rotation[:, row])[0] for row in range(density.dimensions)]
    assert np.median(falls) == pytest.approx(0.005, rel=0.2)


class TestCoordinates:
    def test_their_gradient_is_that_of_finite_differences(self, coordinates: Coordinates) -> None:
        z = np.random.default_rng(5).normal(0.0, 0.5, coordinates.between.density.dimensions)
        gradient = coordinates(z)[1]
        for row in range(len(z)):
            step = np.zeros(len(z))
            step[row] = 1e-5
            slope = (coordinates(z + step)[0] - coordinates(z - step)[0]) / 2e-5
            assert gradient[row] == pytest.approx(slope, rel=1e-3, abs=2e-3), row

    def test_they_are_the_density_of_the_same_model(self, coordinates: Coordinates) -> None:
        """Up to the volume that telling ads by their effects adds: the spread to the power of each ad's share."""
        rng = np.random.default_rng(6)
        values = []
        for _ in range(2):
            z = rng.normal(0.0, 0.5, coordinates.between.density.dimensions)
            found = coordinates.values(z)
            density = coordinates.between.density
            position = np.concatenate([_unbounded(found[name], density.kinds[name]).ravel() for name in density.shapes])
            added = coordinates.between.shares.sum() * np.log(found["spread"])
            values.append(coordinates(z)[0] - (density(position)[0] - float(added)))
        assert values[0] == pytest.approx(values[1], abs=1e-6)

    def test_an_ad_that_data_tell_much_of_is_told_by_its_effect(
        self, coordinates: Coordinates, evidence: Evidence
    ) -> None:
        assert ((coordinates.between.shares >= 0.0) & (coordinates.between.shares <= 1.0)).all()
        contacts = np.bincount(evidence.cells.unit, evidence.cells.days, len(evidence.units))
        assert coordinates.between.shares.max() > 0.2
        assert np.corrcoef(coordinates.between.shares, np.log(contacts))[0, 1] > 0.0

    def test_the_density_falls_from_their_centre_as_a_normal_one(self, coordinates: Coordinates) -> None:
        rows = np.eye(coordinates.between.density.dimensions)
        top = coordinates(0.0 * rows[0])[0]
        assert np.median([top - coordinates(0.1 * row)[0] for row in rows]) == pytest.approx(0.005, rel=0.2)


def _unbounded(value: Any, kind: str) -> Any:
    if kind == "positive":
        return np.log(value)
    return np.log(value / (1.0 - value)) if kind == "share" else np.asarray(value)


def test_values_are_the_variables_of_the_model(density: Density) -> None:
    values = density.values(near(density, 4))
    assert {name: np.shape(value) for name, value in values.items()} == dict(density.shapes)
    assert (values["apparent"] > 0.0).all()
    assert ((values["intent_share"] > 0.0) & (values["intent_share"] < 1.0)).all()


def test_it_can_be_sampled(density: Density) -> None:
    posterior = sample(density, SamplingOptions(chains=2, warm_up=50, draws=50, seed=1))
    assert posterior.values["apparent"].shape == (2, 50, *density.shapes["apparent"])
    assert posterior.steps < 100.0


class TestPoorData:
    def test_without_touches_and_spend_the_base_rate_is_all_there_is(self, new_book: Any) -> None:
        book = new_book().person(1, created=0.0).response(None, 0.5).response(None, 59.5).response(1, 45.5)
        density = density_of(gather(book.observations()))
        assert set(density.shapes) == {"base_z"}
        assert np.isfinite(density(mode_of(density))[0])

    def test_a_channel_that_fell_silent_before_the_window_has_a_density_and_a_width(self, new_book: Any) -> None:
        book = new_book().response(None, 0.5).response(None, 119.5).touch(1, 1.0).response(1, 100.5)
        density = density_of(gather(book.observations()))
        assert np.isfinite(scales(density, mode_of(density))).all()
