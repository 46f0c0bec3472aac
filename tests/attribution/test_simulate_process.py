"""The true process of a simulated market: hand-made lives, and counts against what they should be."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pytest
from numpy.typing import NDArray

from attribution.simulation.contacts import Contacts, draw_contacts
from attribution.simulation.nature import (
    ADS,
    BASE_PER_DAY,
    CHANNELS,
    PERSONAL,
    REPEAT_FACTOR,
    SEGMENTS,
    draw_ad_effects,
)
from attribution.simulation.people import NEVER, People, draw_people
from attribution.simulation.process import BASELINE, TELEVISION, Candidates, Lives, draw_candidates, live
from attribution.simulation.season import draw_season, grp_lift
from attribution.simulation.spec import MarketSpec

SPEC = MarketSpec(customers=100, days=90, suppress_buyers_days=10)
EMAIL, DISPLAY = PERSONAL.index("email"), PERSONAL.index("display")


def one_person(*, customer: bool) -> People:
    one = np.zeros(1)
    return People(
        segment=one.astype(np.int8),
        region=one.astype(np.int8),
        created=one - 1.0,
        first_order=np.array([-0.5 if customer else np.nan]),
        consent=np.ones((1, 5), dtype=np.int8),
        opt_out=one + NEVER,
        intent=np.ones((1, 3)),
        responsiveness=np.ones(1),
        barred=np.zeros(1, dtype=bool),
        household=-np.ones(1, dtype=np.int64),
        account=-np.ones(1, dtype=np.int64),
    )


def contacts_at(*times: float, channel: int = EMAIL, ghosts: tuple[int, ...] = ()) -> Contacts:
    ghost = np.isin(np.arange(len(times)), ghosts)
    return Contacts(
        person=np.zeros(len(times), dtype=np.int64),
        time=np.array(times, dtype=float),
        channel=np.full(len(times), channel, dtype=np.int8),
        ad=np.full(len(times), 4 * channel, dtype=np.int8),
        ghost=ghost,
        reached=~ghost,
    )


def candidates_at(*rows: tuple[float, int, int, float]) -> Candidates:
    """Return candidates of one person from rows of time, cause, contact and mark."""
    time, cause, contact, mark = (np.array(column) for column in zip(*rows, strict=True))
    return Candidates(
        np.zeros(len(rows), dtype=np.int64), time.astype(float), cause.astype(np.int8), contact, mark.astype(float)
    )


def lived(contacts: Contacts, candidates: Candidates, *, customer: bool = False, silent: int | None = None) -> Lives:
    return live(SPEC, one_person(customer=customer), contacts, candidates, np.full(len(ADS), 0.1), silent)


def test_a_prospect_orders_at_a_part_of_the_rate_of_a_customer() -> None:
    nobody = contacts_at()
    under, over = 0.99 / REPEAT_FACTOR, 1.01 / REPEAT_FACTOR
    assert not lived(nobody, candidates_at((5.0, BASELINE, -1, over))).happened[0]
    assert lived(nobody, candidates_at((5.0, BASELINE, -1, over)), customer=True).happened[0]
    life = lived(nobody, candidates_at((5.0, BASELINE, -1, under), (6.0, BASELINE, -1, over)))
    assert life.happened.tolist() == [True, True]
    assert life.is_first.tolist() == [True, False]


def test_an_effect_is_weaker_after_the_first_order() -> None:
    contacts = contacts_at(1.0)
    assert lived(contacts, candidates_at((5.0, EMAIL, 0, 0.7))).is_first[0]
    assert not lived(contacts, candidates_at((5.0, EMAIL, 0, 0.7)), customer=True).happened[0]
    assert lived(contacts, candidates_at((5.0, EMAIL, 0, 0.5)), customer=True).happened[0]
    assert lived(contacts, candidates_at((5.0, EMAIL, 0, 0.5))).expected[0] == pytest.approx(0.1)
    assert lived(contacts, candidates_at((5.0, EMAIL, 0, 0.5)), customer=True).expected[0] == pytest.approx(0.06)


def test_touches_wear_out_and_recover_and_ghosts_do_not_wear() -> None:
    wear = CHANNELS[EMAIL].wear
    life = lived(contacts_at(1.0, 11.0, 21.0, 35.0, 80.0, ghosts=(2,)), candidates_at((89.0, BASELINE, -1, 0.99)))
    ranks = np.array([1.0, 2.0, np.inf, 2.0, 1.0])
    assert life.expected == pytest.approx(0.1 * np.where(np.isinf(ranks), 0.0, ranks**-wear))


def test_a_buyer_is_suppressed_from_display_only_and_a_suppressed_touch_causes_nothing() -> None:
    first = (5.0, BASELINE, -1, 0.0)
    display = lived(contacts_at(4.0, 6.0, 14.9, 15.1, channel=DISPLAY), candidates_at(first, (20.0, DISPLAY, 1, 0.0)))
    assert display.shown.tolist() == [True, False, False, True]
    assert display.happened.tolist() == [True, False]
    email = lived(contacts_at(4.0, 6.0, channel=EMAIL), candidates_at(first, (20.0, EMAIL, 1, 0.0)))
    assert email.shown.all()
    assert email.happened.all()


def test_a_silent_channel_is_silent_from_the_window_on_and_history_stays() -> None:
    contacts = contacts_at(1.0, 31.0)
    candidates = candidates_at((29.0, EMAIL, 0, 0.0), (40.0, EMAIL, 1, 0.0), (41.0, TELEVISION, -1, 0.0))
    assert lived(contacts, candidates).happened.tolist() == [True, True, True]
    assert lived(contacts, candidates, silent=EMAIL).happened.tolist() == [True, False, True]
    assert lived(contacts, candidates, silent=TELEVISION).happened.tolist() == [True, True, False]


def test_had_the_first_cause_been_silent_a_later_one_wins_the_customer() -> None:
    contacts = contacts_at(31.0)
    candidates = candidates_at((40.0, EMAIL, 0, 0.0), (60.0, BASELINE, -1, 0.2))
    assert lived(contacts, candidates).is_first.tolist() == [True, False]
    assert lived(contacts, candidates, silent=EMAIL).is_first.tolist() == [False, True]


@dataclass(frozen=True)
class World:
    people: People
    contacts: Contacts
    candidates: Candidates
    effects: NDArray[np.float64]
    lives: Lives
    base_days: NDArray[np.float64]
    tv_days: NDArray[np.float64]


@pytest.fixture(scope="module")
def world() -> World:
    """A larger market from the inside; ``base_days`` is the base rate of each person summed over the days."""
    spec = MarketSpec(customers=25_000, seed=5)
    rng = np.random.default_rng(0)
    people, season = draw_people(spec, rng), draw_season(spec, rng)
    contacts, effects = draw_contacts(spec, people, season, rng), draw_ad_effects(spec, rng)
    candidates = draw_candidates(spec, people, season, contacts, effects, rng)
    base = BASE_PER_DAY * np.array([s.base for s in SEGMENTS])[people.segment] * people.intent[:, 0]
    return World(
        people,
        contacts,
        candidates,
        effects,
        live(spec, people, contacts, candidates, effects),
        base * season.factor.sum(),
        base * (season.tv_lift @ season.factor)[people.region],
    )


@pytest.mark.parametrize(("cause", "which"), [(BASELINE, "base_days"), (TELEVISION, "tv_days")])
def test_customers_order_as_often_as_their_rate_says(world: World, cause: int, which: str) -> None:
    expected = REPEAT_FACTOR * getattr(world, which)[world.people.is_customer].sum()
    happened = world.candidates.person[world.lives.happened & (world.candidates.cause == cause)]
    count = int(world.people.is_customer[happened].sum())
    assert expected > 200
    assert abs(count - expected) < 4 * np.sqrt(expected)


@pytest.mark.parametrize("channel", range(len(CHANNELS)))
def test_old_touches_have_caused_as_many_orders_as_their_expected_effects(world: World, channel: int) -> None:
    """Touches old enough for their carry-over to have passed: a Poisson count of what they caused."""
    old = (world.contacts.channel == channel) & (world.contacts.time < 120.0)
    expected = float(world.lives.expected[old].sum())
    caused = world.candidates.contact[world.lives.happened & (world.candidates.cause == channel)]
    count = int(old[caused].sum())
    assert expected > 80
    # A prospect who orders between touch and effect answers less than expected, hence one part in 20.
    assert abs(count - expected) < 4 * np.sqrt(expected) + 0.05 * expected


@pytest.mark.parametrize("channel", range(len(CHANNELS)))
def test_delays_are_gamma_shaped_with_the_mean_of_the_channel(world: World, channel: int) -> None:
    nature = CHANNELS[channel]
    mine = (world.candidates.cause == channel) & (world.contacts.time[world.candidates.contact] < 120.0)
    delay = world.candidates.time[mine] - world.contacts.time[world.candidates.contact[mine]]
    error = nature.delay_days / np.sqrt(nature.delay_shape * len(delay))
    assert delay.min() > 0.0
    assert delay.mean() == pytest.approx(nature.delay_days, abs=4 * error + 0.03)


def test_the_lift_of_television_is_s_shaped_carried_over_and_bounded() -> None:
    assert grp_lift(np.zeros((2, 30))).tolist() == np.zeros((2, 30)).tolist()
    steady = np.array([grp_lift(np.full((1, 400), grp))[0, -1] for grp in (5.0, 10.0, 20.0, 1e6)])
    assert steady[1] > 2 * steady[0]
    assert steady[2] > 2 * steady[1]
    assert steady[3] == pytest.approx(0.5)
    pulse = np.zeros((1, 20))
    pulse[0, 3] = 100.0
    after = grp_lift(pulse)[0]
    assert after[2] == 0.0
    assert (np.diff(after[3:]) < 0.0).all()
    assert after[10] > 0.0
