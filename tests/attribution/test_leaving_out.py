"""Time that tests speak of: left out of what is observed, to the last response, and rates that stay what they were."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
import pytest

from attribution.allocation import rates_of
from attribution.baseline import baseline_of
from attribution.evidence import Cells, Evidence
from attribution.gather import gather
from attribution.increment import draws_of_variables
from attribution.leaving_out import LeftOut, carried_over
from attribution.observations import FitOptions, Observations
from attribution.priors import Priors
from attribution.rates import design_of


def stretches(*rows: tuple[int, float, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["person", "begins", "until"])


@pytest.fixture(scope="module")
def apart(observations: Observations, evidence: Evidence) -> tuple[LeftOut, LeftOut]:
    """Every third person for two stretches of the window, and all the rest of everybody's time."""
    days = float(evidence.window.days)
    everybody = np.arange(observations.persons.num_rows)
    some = everybody[::3]
    frames = [pd.DataFrame({"person": some, "begins": a, "until": b}) for a, b in ((10.0, 24.5), (30.25, 41.0))]
    gaps = [pd.DataFrame({"person": some, "begins": a, "until": b}) for a, b in ((-99.0, 10.0), (24.5, 30.25))]
    gaps.append(pd.DataFrame({"person": some, "begins": 41.0, "until": days}))
    gaps.append(pd.DataFrame({"person": np.setdiff1d(everybody, some), "begins": -99.0, "until": days}))
    one, other = LeftOut.of(frames), LeftOut.of(gaps)
    assert one is not None
    assert other is not None
    return one, other


@pytest.fixture(scope="module")
def parts(observations: Observations, apart: tuple[LeftOut, LeftOut]) -> tuple[Evidence, Evidence]:
    return gather(observations, FitOptions(), apart[0]), gather(observations, FitOptions(), apart[1])


class TestStretches:
    def test_those_that_overlap_become_one(self) -> None:
        found = LeftOut.of([stretches((7, 1.0, 3.0), (8, 0.0, 1.0)), stretches((7, 2.0, 5.0), (7, 6.0, 7.0))])
        assert found is not None
        assert list(zip(found.person, found.begins, found.until, strict=True)) == [
            (7, 1.0, 5.0),
            (7, 6.0, 7.0),
            (8, 0.0, 1.0),
        ]

    def test_one_inside_another_does_not_shorten_it(self) -> None:
        found = LeftOut.of([stretches((7, 0.0, 9.0), (7, 1.0, 2.0), (7, 8.0, 10.0))])
        assert found is not None
        assert (found.begins.tolist(), found.until.tolist()) == ([0.0], [10.0])

    def test_without_time_there_are_none(self) -> None:
        assert LeftOut.of([]) is None
        assert LeftOut.of([stretches((1, 4.0, 4.0))]) is None


class TestTheEvidence:
    def test_two_parts_make_up_the_whole(self, evidence: Evidence, parts: tuple[Evidence, Evidence]) -> None:
        one, other = parts
        for name in ("person_days", "quiet"):
            both = getattr(one.strata, name) + getattr(other.strata, name)
            assert np.allclose(both, getattr(evidence.strata, name)), name
        assert (one.strata.intensity == evidence.strata.intensity).all()
        assert sorted([*one.states.response, *other.states.response]) == evidence.states.response.tolist()
        assert 0 < len(one.states.response) < len(evidence.states.response)
        assert np.allclose(_by_cell(one) + _by_cell(other), _by_cell(evidence))
        assert np.allclose(one.intent.days + other.intent.days, evidence.intent.days)
        assert (one.by_day + other.by_day == evidence.by_day).all()

    def test_the_counts_of_all_responses_stay(self, evidence: Evidence, parts: tuple[Evidence, Evidence]) -> None:
        assert parts[0].responses == evidence.responses
        assert (parts[0].arrived == evidence.arrived).all()
        assert parts[0].base_rate == pytest.approx(parts[0].by_day.sum() / parts[0].strata.person_days.sum())

    def test_a_response_at_the_end_of_a_stretch_is_left_out_and_one_at_its_beginning_is_not(
        self, new_book: Any
    ) -> None:
        book = new_book().response(None, 0.5).response(None, 89.5).person(1, created=0.0).touch(1, 31.0)
        book.response(1, 40.5).response(1, 50.5)
        observations = book.observations()
        moments = gather(observations).states.day + 0.5
        assert len(moments) == 2
        left = gather(observations, FitOptions(), LeftOut.of([stretches((1, moments[0], moments[1]))]))
        assert len(left.states.response) + left.strata.quiet.sum() == 1.0


def _by_cell(evidence: Evidence) -> np.ndarray:
    """Lay out the days of all cells by unit, wear-out bin, bucket and phase."""
    cells: Cells = evidence.cells
    days = np.zeros((len(evidence.units), 7, 12, 2))
    np.add.at(days, (cells.unit, cells.ordinal, cells.bucket, cells.phase), cells.days)
    return days


def test_a_posterior_carried_over_says_the_same_rates(
    observations: Observations, evidence: Evidence, apart: tuple[LeftOut, LeftOut], draw_posterior: Any
) -> None:
    part = gather(observations, FitOptions(), apart[0])
    priors = Priors()
    posterior = draw_posterior(part)
    carried = carried_over(posterior, part, evidence, priors)

    def rates(of: Evidence, drawn: Any) -> Any:
        values = next(iter(draws_of_variables(of, drawn, priors, [5])))
        return rates_of(values, of, design_of(of), baseline_of(of, priors))

    before, after = rates(part, posterior), rates(evidence, carried)
    assert np.allclose(after.base, before.base)
    assert np.allclose(after.season, before.season)
    assert np.allclose(after.lift, before.lift)

    def keyed(of: Evidence, cells: np.ndarray) -> dict[tuple[int, ...], float]:
        keys = zip(of.cells.unit, of.cells.ordinal, of.cells.bucket, of.cells.phase, strict=True)
        return dict(zip((tuple(map(int, key)) for key in keys), cells, strict=False))

    old, new = keyed(part, before.cells), keyed(evidence, after.cells)
    assert set(old) <= set(new)
    assert all(new[key] == pytest.approx(rate) for key, rate in old.items())
    assert np.allclose(after.cells[len(evidence.cells.unit) :], before.cells[len(part.cells.unit) :])
    assert min(old.values()) > 0.0
