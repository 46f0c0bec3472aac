"""The likelihood: against a count person by person, against a plain graph, and its gradient against differences."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache
from typing import Any

import numpy as np
import pytensor
import pytensor.tensor as pt
import pytest

from attribution import gather as gathering
from attribution import stratify
from attribution.baseline import Baseline, baseline_of
from attribution.curves import ORDINALS, ordinal_edges
from attribution.evidence import Evidence
from attribution.gather import gather
from attribution.layout import GRADIENTS, Parameters, pack
from attribution.likelihood import packed_log_likelihood
from attribution.media import LAGS
from attribution.observations import FitOptions
from attribution.priors import Priors
from attribution.rates import Design, cell_effects, design_of, lag_shares, log_level
from attribution.statistics import statistics
from tests.attribution.person_by_person import CLOSES, Contact, Count, Person, write_market


@dataclass(frozen=True)
class Laid:
    """A market, its evidence, and parameters drawn at random."""

    evidence: Evidence
    design: Design
    baseline: Baseline
    values: Parameters
    count: Count | None

    @property
    def statistics(self) -> Any:
        return statistics(self.evidence, self.design, self.baseline)


def lay(evidence: Evidence, seed: int, count: Count | None = None) -> Laid:
    rng = np.random.default_rng(seed)
    design, baseline = design_of(evidence), baseline_of(evidence, Priors())
    channels, buckets = design.bucket_mask.shape
    ghosts, media = len(design.ghost_channels), len(evidence.media.names)
    mask = np.log(design.bucket_mask + 1e-300)
    values = Parameters(
        base_z=rng.normal(0.0, 1.0, len(baseline.names)),
        effect=rng.uniform(0.1, 2.0, channels) * 0.05,
        spread=np.array(0.4),
        unit_z=rng.normal(0.0, 1.0, len(evidence.units)),
        exponent=rng.uniform(0.1, 1.0, channels),
        lag_logits=rng.normal(0.0, 1.0, (channels, buckets)) + mask,
        later=rng.uniform(0.5, 1.5, channels),
        intent=rng.uniform(0.5, 1.5, ghosts) * 0.02,
        intent_logits=rng.normal(0.0, 1.0, (ghosts, buckets)) + mask[list(design.ghost_channels)],
        strength=rng.uniform(0.2, 1.0, media),
        retention=rng.uniform(0.2, 0.8, media),
        scale=rng.uniform(0.5, 2.0, media),
        shape=rng.uniform(0.6, 2.0, media),
    )
    return Laid(evidence, design, baseline, values, count)


def laid_market(book: Any, seed: int, options: FitOptions) -> Laid:
    edges: dict[str, Any] = {}
    own: list[float] = []
    found, told = stratify._edges, gathering.own_accord

    def remembered(rated: Any, column: str, bins: int) -> Any:
        edges[column] = found(rated, column, bins)
        return edges[column]

    def kept(*what: Any) -> Any:
        table = told(*what)
        own.extend(table["own"].to_pylist())
        return table

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(stratify, "_edges", remembered)
        patch.setattr(gathering, "own_accord", kept)
        evidence = gather(write_market(book, seed).observations(), options)
    two_sided = {channel.name for channel in evidence.channels if channel.two_sided}
    return lay(evidence, seed, Count(book, options, edges, two_sided, own))


MARKETS = {
    "one bin": (1, FitOptions(burn_in_days=20, intensity_bins=1, habit_bins=1)),
    "many bins": (2, FitOptions(burn_in_days=20)),
    "another market": (5, FitOptions(burn_in_days=25, intensity_days=41.0, intensity_bins=4, habit_bins=2)),
}


@pytest.fixture(scope="module")
def laid_by_name(new_book: Any) -> Callable[[str], Laid]:
    """``laid_by_name("one bin")`` is that market, laid out once."""
    return cache(lambda name: laid_market(new_book(), *MARKETS[name]))


@pytest.fixture(params=MARKETS)
def tiny(request: pytest.FixtureRequest, laid_by_name: Callable[[str], Laid]) -> Laid:
    """Markets of seven persons, counted by hand too."""
    return laid_by_name(request.param)


@pytest.fixture(scope="module")
def small(evidence: Evidence) -> Laid:
    return lay(evidence, 3)


def counted_rate(laid: Laid) -> Callable[[Person, float, float], float]:
    """Return the rate of a person on a piece of time, in the words of the model page."""
    evidence, values, count = laid.evidence, laid.values, laid.count
    assert count is not None
    strata, calendar = evidence.strata, evidence.calendar
    split = laid.baseline.strata.shape[1]
    coefficients = laid.baseline.centre + laid.baseline.rotation @ values.base_z
    log_base = laid.baseline.offset + laid.baseline.strata @ coefficients[:split]
    base = {
        (strata.segments[segment], strata.regions[region], intensity, history): math.exp(log_base[row])
        for row, (segment, region, intensity, history) in enumerate(
            zip(strata.segment, strata.region, strata.intensity, strata.history, strict=True)
        )
    }
    season = calendar.basis @ coefficients[split : split + calendar.basis.shape[1]]
    season = season + calendar.events @ coefficients[split + calendar.basis.shape[1] :]
    names = [channel.name for channel in evidence.channels]
    told = [channel.name for channel in evidence.channels if channel.has_ghosts or channel.name in count.two_sided]
    units = [(unit.channel, unit.ad) for unit in evidence.units]
    shares = {"effect": lag_shares(values.lag_logits), "intent": lag_shares(values.intent_logits)}

    def wear_bin(contact: Contact) -> int:
        return int(np.searchsorted(ordinal_edges(), contact.ordinal, side="right"))

    exposure: Counter[tuple[str, str]] = Counter()
    for person in count.persons.values():
        for begin, end in count.pieces(person):
            for contact, _, _ in count.at_work(person, begin, end):
                if contact.made:
                    exposure[contact.channel, contact.ad] += end - begin
                    exposure[contact.channel, f"bin {wear_bin(contact)}"] += end - begin
    all_days = {name: sum(exposure[unit] for unit in units if unit[0] == name) for name in names}
    force = {unit: math.exp(values.spread * values.unit_z[row]) for row, unit in enumerate(units)}
    mean_force = {
        name: sum(force[unit] * exposure[unit] for unit in units if unit[0] == name) / all_days[name] for name in names
    }
    wear = {name: [float(ordinal) ** -values.exponent[row] for ordinal in ORDINALS] for row, name in enumerate(names)}
    mean_wear = {
        name: sum(worn * exposure[name, f"bin {row}"] for row, worn in enumerate(wear[name])) / all_days[name]
        for name in names
    }

    def lift(region: str, day: int) -> float:
        total = 0.0
        for row, medium in enumerate(evidence.media.names):
            total += values.strength[row] * (1.0 - math.exp(-stock_of(count, medium, laid)[region][day]))
        return total

    levels = {
        (region, day): math.exp(season[row, day - int(count.opens)]) * (1.0 + lift(region, day))
        for row, region in enumerate(strata.regions)
        for day in range(int(count.opens), CLOSES)
    }

    def rate(person: Person, begin: float, end: float) -> float:
        middle = 0.5 * (begin + end)
        total = base[count.stratum(person, middle)] * levels[person.region, math.floor(middle)]
        for contact, bucket, width in count.at_work(person, begin, end):
            if contact.channel not in names:
                continue
            row = names.index(contact.channel)
            if contact.channel in told:
                place = told.index(contact.channel)
                total += values.intent[place] * shares["intent"][place, bucket] / width
            if contact.made:
                total += (
                    values.effect[row]
                    * force[contact.channel, contact.ad]
                    / mean_force[contact.channel]
                    * wear[contact.channel][wear_bin(contact)]
                    / mean_wear[contact.channel]
                    * shares["effect"][row, bucket]
                    / width
                    * (values.later[row] if middle >= person.new_until else 1.0)
                )
        for contact, bucket, width in count.at_work(person, begin, end, to_come=True):
            if contact.channel in count.two_sided:
                place = told.index(contact.channel)
                total += values.intent[place] * shares["intent"][place, bucket] / width
        return total

    return rate


def stock_of(count: Count, medium: str, laid: Laid) -> dict[str, dict[int, float]]:
    """Stock of a medium over its scale, to the power of its shape, by region and day."""
    row = laid.evidence.media.names.index(medium)
    lead = min(LAGS, int(count.opens))
    regions = laid.evidence.strata.regions
    amount: Counter[tuple[str, int]] = Counter()
    for spend in count.book.rows["spend"]:
        day = (spend["date"] - count.book.first_day).days
        if spend["channel"] == medium and day >= count.opens - lead:
            for region in [spend["region"]] if spend.get("region") else regions:
                amount[region, day] += spend["cost"]
    mean = sum(amount.values()) / len(amount)
    weight = [laid.values.retention[row] ** lag for lag in range(LAGS)]
    return {
        region: {
            day: (
                sum(amount[region, day - lag] / mean * weight[lag] for lag in range(LAGS))
                / sum(weight)
                / laid.values.scale[row]
            )
            ** laid.values.shape[row]
            for day in range(int(count.opens), CLOSES)
        }
        for region in regions
    }


class TestAgainstACountPersonByPerson:
    def test_the_markets_are_of_both_kinds(self, laid_by_name: Callable[[str], Laid]) -> None:
        kinds = [laid_by_name(name).count for name in MARKETS]
        assert {bool(count and count.two_sided) for count in kinds} == {False, True}

    def test_the_likelihood_is_exact(self, tiny: Laid) -> None:
        assert tiny.count is not None
        by_hand = tiny.count.log_likelihood(counted_rate(tiny))
        value = packed_log_likelihood(*tiny.values, *pack(tiny.statistics))[0]
        assert float(value) == pytest.approx(by_hand, rel=1e-9)

    def test_person_days_sum_to_the_time_at_risk(self, tiny: Laid) -> None:
        count = tiny.count
        assert count is not None
        at_risk = sum(max(0.0, CLOSES - max(person.entry, count.opens)) for person in count.persons.values())
        assert tiny.evidence.strata.person_days.sum() == pytest.approx(at_risk, rel=1e-12)

    def test_every_response_is_counted_once(self, tiny: Laid) -> None:
        count, evidence = tiny.count, tiny.evidence
        assert count is not None
        came = [t for times in count.answered.values() for t in times if t >= count.opens]
        at_risk = [t for p in count.persons.values() for t in p.responses if t > max(p.entry, count.opens)]
        assert evidence.responses == len(came) + 1  # and one of nobody
        assert evidence.unexposed == len(came) + 1 - len(at_risk) > 0
        assert evidence.strata.quiet.sum() + len(evidence.states.response) == len(at_risk)
        assert evidence.by_day.sum() == len(at_risk)


class TestAgainstAPlainGraph:
    @pytest.fixture(scope="class")
    @classmethod
    def outcome(cls, evidence: Evidence) -> tuple[Any, Any]:
        laid = lay(evidence, 3)
        symbols = [pt.as_tensor_variable(value).type(name) for name, value in laid.values._asdict().items()]
        graph = plain_log_likelihood(laid, Parameters(*symbols))
        gradients = pytensor.grad(graph, symbols)
        function = pytensor.function(symbols, [graph, *gradients], mode="FAST_COMPILE")
        return function(*laid.values), packed_log_likelihood(*laid.values, *pack(laid.statistics))

    def test_the_value_agrees(self, outcome: tuple[Any, Any]) -> None:
        assert float(outcome[1][0]) == pytest.approx(float(outcome[0][0]), rel=1e-10)

    @pytest.mark.parametrize("name", Parameters._fields)
    def test_the_gradient_agrees(self, outcome: tuple[Any, Any], name: str) -> None:
        place = 1 + Parameters._fields.index(name)
        expected = np.asarray(outcome[0][place])
        assert expected.size
        assert np.asarray(outcome[1][place]) == pytest.approx(expected, rel=1e-8, abs=1e-8)


def plain_log_likelihood(laid: Laid, symbols: Parameters) -> Any:
    evidence, design, baseline = laid.evidence, laid.design, laid.baseline
    strata, states, cells = evidence.strata, evidence.states, evidence.cells
    values = symbols._asdict()
    coefficients = baseline.centre + pt.dot(baseline.rotation, values["base_z"])
    split = baseline.strata.shape[1]
    log_base = baseline.offset + pt.dot(baseline.strata, coefficients[:split])
    season = pt.dot(baseline.level, coefficients[split:])
    # A power has no slope at nothing at all, and the graph would multiply that by nothing.
    media = replace(evidence.media, exposure=evidence.media.exposure + 1e-30)
    level = log_level(season, values, media, LAGS, pt)
    log_own = log_base[:, None] + level[strata.region]
    effects = cell_effects(values, design, pt)
    own = pt.exp(log_own)
    reached = np.repeat(np.arange(len(states.response)), np.diff(states.starts))
    membership = np.zeros((len(states.response), len(cells.unit) + len(evidence.intent.channel)))
    np.add.at(membership, (reached, states.cell), 1.0)
    rate = own[states.stratum, states.day] + pt.dot(membership, effects)
    exposure = np.concatenate([cells.days, evidence.intent.days])
    integral = (strata.person_days * own).sum() + (exposure * effects).sum()
    return (strata.quiet * log_own).sum() + pt.log(rate).sum() - integral


class TestTheGradient:
    @pytest.mark.parametrize("name", Parameters._fields)
    def test_it_agrees_with_differences(self, small: Laid, name: str) -> None:
        packed = pack(small.statistics)
        place = Parameters._fields.index(name)
        gradient = np.asarray(packed_log_likelihood(*small.values, *packed)[1 + place])
        assert gradient.shape == np.shape(small.values[place])
        rng = np.random.default_rng(0)

        def value_at(moved: Any) -> float:
            values = [moved if row == place else value for row, value in enumerate(small.values)]
            return float(packed_log_likelihood(*values, *packed)[0])

        for index in rng.permutation(gradient.size)[:12]:
            where = np.unravel_index(index, gradient.shape)
            here = small.values[place]
            step = 1e-5 * max(abs(float(here[where])), 0.02)
            if abs(float(here[where])) > 100.0:  # a bucket that the channel does not have
                assert abs(float(gradient[where])) < 1e-200
                continue
            up, down = here.copy(), here.copy()
            up[where] += step
            down[where] -= step
            slope = (value_at(up) - value_at(down)) / (2.0 * step)
            assert float(gradient[where]) == pytest.approx(slope, rel=1e-4, abs=1e-4), (name, where)

    def test_there_is_one_for_every_array_of_parameters(self, small: Laid) -> None:
        assert len(packed_log_likelihood(*small.values, *pack(small.statistics))) == 1 + GRADIENTS


def test_statistics_can_be_unpacked_again(small: Laid) -> None:
    packed = pack(small.statistics)
    for values, (start, size, *shape) in zip(small.statistics, packed.layout, strict=True):
        flat = packed.integers if np.asarray(values).dtype.kind == "i" else packed.floats
        again = flat[start : start + size].reshape(shape[: np.ndim(values)])
        assert (again == values).all()
    assert len(packed.floats) + len(packed.integers) == sum(np.size(values) for values in small.statistics)


def test_parameters_that_nothing_bears_on_may_be_empty(new_book: Any) -> None:
    book = new_book().response(None, 0.5).response(1, 30.5).response(2, 59.5).person(1, created=-5.0)
    laid = lay(gather(book.observations(), FitOptions(burn_in_days=20)), 1)
    found = packed_log_likelihood(*laid.values, *pack(laid.statistics))
    assert [np.shape(gradient) for gradient in found[2:4]] == [(0,), ()]
    days = laid.evidence.strata.person_days
    own = np.exp(laid.statistics.base_mean + laid.statistics.base_map @ laid.values.base_z)
    level = np.exp(laid.statistics.level_mean + laid.statistics.level_map @ laid.values.base_z)
    expected = np.log(own[0] * level[0, 10]) - (own[:, None] * days * level[laid.evidence.strata.region]).sum()
    assert float(found[0]) == pytest.approx(float(expected))
