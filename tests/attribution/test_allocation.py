"""Credit of each response, in numbers and by lot."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from attribution.allocation import Allocation, Rates, allocate, rates_of
from attribution.baseline import baseline_of
from attribution.evidence import Evidence, Floats, States
from attribution.gather import gather
from attribution.increment import draws_of_variables
from attribution.observations import FitOptions
from attribution.priors import Priors
from attribution.rates import design_of
from attribution.sampling import Posterior


@pytest.fixture(scope="module")
def rates(evidence: Evidence, posterior: Posterior) -> Rates:
    one = next(draws_of_variables(evidence, posterior, Priors(), [7]))
    return rates_of(one, evidence, design_of(evidence), baseline_of(evidence, Priors()))


@pytest.fixture(scope="module")
def effective(evidence: Evidence) -> Floats:
    return np.linspace(0.6, 1.0, len(evidence.units))


@pytest.fixture(scope="module")
def allocation(rates: Rates, evidence: Evidence, effective: Floats) -> Allocation:
    return allocate(rates, evidence, effective, np.random.default_rng(0))


def only(evidence: Evidence, row: int) -> Evidence:
    """Reduce evidence to a single response with contacts at work."""
    states = evidence.states
    first, last = states.starts[row], states.starts[row + 1]
    one = States(
        response=states.response[row : row + 1],
        stratum=states.stratum[row : row + 1],
        day=states.day[row : row + 1],
        phase=states.phase[row : row + 1],
        starts=np.array([0, last - first]),
        cell=states.cell[first:last],
        row=states.row[row : row + 1],
        touch=states.touch[first:last],
    )
    return replace(evidence, states=one, strata=replace(evidence.strata, quiet=np.zeros_like(evidence.strata.quiet)))


def credit_by_hand(rates: Rates, evidence: Evidence, effective: Floats, row: int) -> tuple[dict[int, float], float]:
    """Credit of one response by source, and what is left to the baseline, intent included."""
    states, cells = evidence.states, evidence.cells
    region = evidence.strata.region[states.stratum[row]]
    season = rates.season[region, states.day[row]]
    lifts = rates.lift[:, region, states.day[row]]
    base = rates.base[states.stratum[row]] * season
    at_work = states.cell[states.starts[row] : states.starts[row + 1]]
    total = base * (1.0 + lifts.sum()) + rates.cells[at_work].sum()
    credit: dict[int, float] = {}
    left = base
    for cell in at_work:
        rate = rates.cells[cell]
        share = effective[cells.unit[cell]] if cell < len(cells.unit) else 0.0
        left += rate * (1.0 - share)
        if cell < len(cells.unit):
            unit = int(cells.unit[cell])
            credit[unit] = credit.get(unit, 0.0) + rate * share / total
    for medium, lift in enumerate(lifts):
        credit[len(evidence.units) + medium] = base * lift / total
    return credit, left / total


class TestOneResponse:
    @pytest.mark.parametrize("row", [0, 1, 40, 99])
    def test_its_credit_is_rate_over_rate_and_with_the_baseline_sums_to_one(
        self, rates: Rates, evidence: Evidence, effective: Floats, row: int
    ) -> None:
        found = allocate(rates, only(evidence, row), effective, np.random.default_rng(row)).expected.sum(axis=1)
        credit, left = credit_by_hand(rates, evidence, effective, row)
        assert sum(credit.values()) + left == pytest.approx(1.0)
        expected = np.zeros(len(found))
        for source, share in credit.items():
            expected[source] = share
        assert found == pytest.approx(expected, rel=1e-10)

    def test_by_lot_it_goes_to_one_source_or_to_none(self, rates: Rates, evidence: Evidence, effective: Floats) -> None:
        one, rng = only(evidence, 3), np.random.default_rng(1)
        winners = {tuple(allocate(rates, one, effective, rng).counted.sum(axis=1)) for _ in range(50)}
        assert len(winners) > 1
        assert {sum(winner) for winner in winners} == {0.0, 1.0}

    def test_as_a_first_response_it_is_kept_if_it_would_not_have_come_later(
        self, rates: Rates, evidence: Evidence, effective: Floats
    ) -> None:
        row = int(np.flatnonzero(evidence.states.phase == 0)[5])
        found = allocate(rates, only(evidence, row), effective, np.random.default_rng(1))
        stratum, day = evidence.states.stratum[row], evidence.states.day[row]
        region = evidence.strata.region[stratum]
        level = rates.season[region] * (1.0 + rates.lift[:, region].sum(axis=0))
        left = rates.base[stratum] * (0.5 * level[day] + level[day + 1 :].sum())
        assert found.kept == pytest.approx(found.expected[:, 0] * math.exp(-left))
        assert not found.expected[:, 1].any()

    def test_a_later_response_wins_nobody(self, rates: Rates, evidence: Evidence, effective: Floats) -> None:
        row = int(np.flatnonzero(evidence.states.phase == 1)[0])
        found = allocate(rates, only(evidence, row), effective, np.random.default_rng(1))
        assert not found.kept.any()
        assert not found.expected[:, 0].any()


class TestAllResponses:
    def test_credits_add_up_over_responses(
        self, allocation: Allocation, rates: Rates, evidence: Evidence, effective: Floats
    ) -> None:
        units = len(evidence.units)
        total = np.zeros(units)
        for row in range(len(evidence.states.response)):
            for source, share in credit_by_hand(rates, evidence, effective, row)[0].items():
                if source < units:
                    total[source] += share
        assert allocation.expected[:units].sum(axis=1) == pytest.approx(total)

    def test_media_have_their_share_of_quiet_responses_too(
        self, allocation: Allocation, rates: Rates, evidence: Evidence, effective: Floats
    ) -> None:
        units, strata = len(evidence.units), evidence.strata
        share = (rates.lift[0] / (1.0 + rates.lift[0]))[strata.region]
        quiet = (share * strata.quiet).sum()
        stated = sum(
            credit_by_hand(rates, evidence, effective, row)[0][units] for row in range(len(evidence.states.response))
        )
        assert quiet > 0.0
        assert allocation.expected[units].sum() == pytest.approx(quiet + stated)

    def test_lots_are_fair(self, rates: Rates, evidence: Evidence, effective: Floats, allocation: Allocation) -> None:
        rng = np.random.default_rng(3)
        lots = [allocate(rates, evidence, effective, rng) for _ in range(600)]
        for counted, expected in (
            (np.array([lot.counted for lot in lots]), allocation.expected),
            (np.array([lot.kept_counted for lot in lots]), allocation.kept),
        ):
            # What is hardly ever drawn may not be drawn at all here: its own mean says how far it may stray.
            error = np.sqrt(np.maximum(counted.var(axis=0), expected) / len(lots))
            assert (np.abs(counted.mean(axis=0) - expected) <= 4.5 * error + 1e-3).all()

    def test_what_is_kept_is_no_more_than_the_first_responses(self, allocation: Allocation) -> None:
        assert (allocation.kept <= allocation.expected[:, 0] + 1e-12).all()
        assert (allocation.kept_counted <= allocation.counted[:, 0] + 1e-12).all()
        assert allocation.kept.sum() > 0.0

    def test_no_more_is_credited_than_came(self, allocation: Allocation, evidence: Evidence) -> None:
        assert allocation.expected.sum() < evidence.by_day.sum()
        assert allocation.counted.sum() <= evidence.by_day.sum()
        assert allocation.counted == pytest.approx(np.round(allocation.counted))

    def test_what_is_intent_goes_to_the_baseline(self, rates: Rates, evidence: Evidence, effective: Floats) -> None:
        rng = np.random.default_rng(0)
        none = allocate(rates, evidence, np.zeros_like(effective), rng)
        assert not none.expected[: len(effective)].any()
        half = allocate(rates, evidence, np.full_like(effective, 0.5), rng).expected[: len(effective)]
        full = allocate(rates, evidence, np.ones_like(effective), rng).expected[: len(effective)]
        assert half == pytest.approx(0.5 * full)


class TestRates:
    def test_without_media_or_channels_only_the_base_rate_is_at_work(self, new_book: Any, draw_posterior: Any) -> None:
        book = new_book().response(None, 0.5).response(1, 40.5).response(None, 59.5).person(1, created=-5.0)
        bare = gather(book.observations(), FitOptions(burn_in_days=20))
        one = next(draws_of_variables(bare, draw_posterior(bare), Priors(), [0]))
        found = rates_of(one, bare, design_of(bare), baseline_of(bare, Priors()))
        assert (found.lift.shape, found.cells.shape) == ((0, 1, 40), (0,))
        assert (found.base > 0.0).all()
        none = allocate(found, bare, np.empty(0), np.random.default_rng(0))
        assert none.expected.shape == (0, 2)
