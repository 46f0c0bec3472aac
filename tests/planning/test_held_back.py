"""Customers held back from a plan's contacts: ghosts from the export on, and what the next fit makes of them."""

from collections import Counter
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from sqlmodel import select

from attribution.gather import gather
from attribution.observations import FitOptions, Observations
from attribution.randomised import drawn_contacts, read_past
from campaigns.planning.aims import Aims
from campaigns.planning.drafting import draft_plan
from campaigns.planning.living import approve_plan, cancel_plan, close_plan, export_plan
from campaigns.store import observations as stored
from campaigns.store import tables
from campaigns.store.chances import with_chances
from campaigns.store.coming_back import settle_from_touches
from campaigns.store.held_back import HELD_BACK
from campaigns.store.plan_records import freshness
from campaigns.store.plans import plan_of
from campaigns.store.settling import Outcome, places, settle
from campaigns.terms import GHOST
from tests.planning.test_drafting import START, at, customer, publish, put
from tests.planning.test_plan_life import EASY
from tests.planning.written_once import opened, written

PEOPLE = 300
BEFORE = START - timedelta(1)
ISTANBUL = ZoneInfo("Europe/Istanbul")
SHARE = 0.3


def fill(database):
    """Plan one e-mail for each of some people, hold back three in ten at random but never C-7, and export it."""
    names = [f"C-{number}" for number in range(PEOPLE)]
    put(database, "customers", *(customer(name) for name in names))
    put(database, "promotions", {"promotion": "spring", "name": "Spring", "margin": 2500})
    put(database, "channels", {"channel": "email", "unit_cost": 10, "plannable": "yes", "consent": "email"})
    earlier = {"channel": "email", "kind": "send", "touch_id": "old", "campaign": "winter"}
    put(database, "touches", {"customer_id": "C-0", "occurred_at": at(-60), **earlier})
    publish(database, {(name, "email"): 0.1 for name in names})
    aims = Aims(ghosts=SHARE, never_held_back=("C-7",))
    plan = draft_plan(database, starts_on=START, policy=EASY, aims=aims, zone=ISTANBUL)
    approve_plan(database, plan.id, by="ada", today=BEFORE, old_scores=True)
    export_plan(database, plan.id, by="ada", today=BEFORE)


@pytest.fixture(scope="module")
def exported_file(tmp_path_factory, empty_sqlite):
    return written(tmp_path_factory.mktemp("exported") / "exported.db", empty_sqlite, fill)


@pytest.fixture
def exported(exported_file, tmp_path):
    """A database with an exported plan, and the plan."""
    with opened(exported_file, tmp_path) as database:
        yield database, plan_of(database, 1)


def ghosts_of(database):
    with database.reading() as session:
        found = session.exec(select(tables.Touch).where(tables.Touch.source == HELD_BACK)).all()
        return {row.row_key: row for row in found}


def ledger(database, plan):
    with database.reading() as session:
        return places(session, plan_id=plan.id)


def come_back(database, plan, only=bool, late=0):
    """Import the e-mails that went out as the dispatcher writes them down: with its own campaign, and no offer."""
    made = [
        {
            "customer_id": place.customer_id,
            "occurred_at": datetime.combine(place.on + timedelta(late), time(9), ISTANBUL).astimezone(UTC),
            "channel": "email",
            "kind": "send",
            "campaign": "June newsletter",
            "touch_id": f"sent-{place.id}",
        }
        for place in ledger(database, plan)
        if not place.ghost and only(place)
    ]
    put(database, "touches", *made)
    return len(made)


def fitted(database):
    touches = with_chances(database, stored.touches(database), ISTANBUL)
    return Observations(
        touches=touches,
        responses=stored.responses(database),
        persons=stored.persons(database),
        spend=stored.spend(database),
        channels=stored.channels(database),
        events=stored.events(database),
        promotions=stored.promotions(database),
    )


def test_exporting_writes_each_held_back_contact_once_as_the_contact_it_would_have_been(exported):
    database, plan = exported
    held = {place.id: place for place in ledger(database, plan) if place.ghost}
    assert 60 < len(held) < 120
    written = ghosts_of(database)
    assert set(written) == {f"contact-{number}" for number in held}
    for number, place in held.items():
        ghost = written[f"contact-{number}"]
        assert (ghost.kind, ghost.channel, ghost.promotion) == (GHOST, place.channel, place.promotion)
        assert ghost.occurred_at == datetime.combine(place.on, time(12), ISTANBUL).astimezone(UTC)
    assert {place.state for place in held.values()} == {"committed"}
    # an import settles by what was made; who is to be held back tomorrow is not held back yet
    assert settle_from_touches(database, zone=ISTANBUL, now=at(-1)) == 0
    assert settle_from_touches(database, zone=ISTANBUL, now=at(30)) == len(held)
    assert Counter(place.outcome for place in ledger(database, plan) if place.ghost) == {"withheld": len(held)}
    # and the plan's own rows do not make scores look old
    with database.reading() as session:
        newest = max(row.finished_at for row in session.exec(select(tables.ImportBatch)) if row.source != HELD_BACK)
    assert freshness(database, 1)[1] == newest


def test_ghosts_go_with_their_place_in_the_ledger(exported):
    database, plan = exported
    held = sorted((place.on, place.id) for place in ledger(database, plan) if place.ghost)
    second = held[0][0] + timedelta(1)
    cancel_plan(database, plan.id, by="ada", today=held[0][0])
    left = {f"contact-{number}" for on, number in held if on < second}
    assert set(ghosts_of(database)) == left
    assert {
        f"contact-{place.id}" for place in ledger(database, plan) if place.ghost and place.state == "committed"
    } == left


def test_who_heard_from_us_in_spite_of_being_held_back_is_no_ghost(exported):
    database, plan = exported
    place = next(place for place in ledger(database, plan) if place.ghost)
    settle(database, [Outcome(place.id, "delivered")])
    assert f"contact-{place.id}" not in ghosts_of(database)


@pytest.mark.parametrize("late", [0, 2])
def test_the_next_fit_compares_the_held_back_with_those_sent_by_the_chance_the_plan_drew(exported, late):
    database, plan = exported
    sent = come_back(database, plan, late=late)
    held = len(ghosts_of(database))
    orders = [
        {"customer_id": place.customer_id, "occurred_at": at(9), "kind": "order", "margin": 1000, "order_id": f"O-{n}"}
        for n, place in enumerate(ledger(database, plan))
        if n % (5 if place.ghost else 2) == 0
    ]
    after = {"customer_id": "C-1", "occurred_at": at(80), "kind": "order", "margin": 1000, "order_id": "last"}
    put(database, "responses", *orders, after)
    found = fitted(database)
    options = FitOptions(zone=ISTANBUL)
    evidence = gather(found, options)
    (email,) = [channel for channel in evidence.channels if channel.name == "email"]
    assert (email.ghosts, email.touches) == (held, sent + 1)
    past = read_past(found, options)
    drawn = drawn_contacts(past, past.behaviour(["email"]), {"email": 14.0})
    assert drawn is not None
    # C-7 is never held back and so compares with nobody; everybody else carries the plan's own chance
    assert len(drawn.own) == sent + held - 1
    assert np.unique(drawn.trial.chance) == pytest.approx([1.0 - SHARE])
    assert set(drawn.promotion) == {"spring"}
    assert (drawn.trial.arm < 0).sum() == held


def test_forecast_and_outcome_by_tenths_are_computed_from_the_held_back(exported):
    database, plan = exported
    rows = ledger(database, plan)
    hit = [place for n, place in enumerate(rows) if n % (10 if place.ghost else 4) == 0]
    put(
        database,
        "responses",
        *(
            {"customer_id": place.customer_id, "occurred_at": at(9), "kind": "order", "order_id": f"O-{place.id}"}
            for place in hit
        ),
        {"customer_id": "C-1", "occurred_at": at(21), "kind": "interest", "response_id": "later"},
    )
    result = close_plan(database, plan.id, by="ada")
    assert result.unfinished == 0
    tenths = result.deciles
    assert [(one.channel, one.rank) for one in tenths] == [("email", rank) for rank in range(1, 11)]
    assert sum(one.ghosts for one in tenths) == sum(place.ghost for place in rows) == result.whole.held_back
    ghosts = [place.ghost for place in rows]
    responded = np.asarray([place in hit for place in rows], float)
    sent, held = responded[~np.asarray(ghosts)].mean(), responded[np.asarray(ghosts)].mean()
    seen = [(one.contacts + one.ghosts, one.observed) for one in tenths if np.isfinite(one.observed)]
    weighted = sum(n * effect for n, effect in seen) / sum(n for n, _ in seen)
    assert weighted == pytest.approx(sent - held, abs=0.05)
    # C-7 was certain to be contacted, and compares with nobody
    assert sum(one.contacts for one in tenths) == result.whole.sent - 1
    assert {contact.probability for contact in plan.contacts} == {1.0 - SHARE, 1.0}


def test_a_plan_closed_before_its_days_are_known_compares_only_those_that_are_and_says_so(exported):
    database, plan = exported
    rows = ledger(database, plan)
    order = {"customer_id": "C-1", "occurred_at": at(16), "kind": "order", "order_id": "O-1"}
    put(database, "responses", order)
    result = close_plan(database, plan.id, by="ada")
    late = sum((place.on - START).days + 13 > 16 for place in rows)
    assert 0 < result.unfinished == late < len(rows)
    assert (
        f"It was closed early: orders are known until 2026-06-17, and the 14 days after {late:,} contacts"
        in result.words
    )
    assert sum(one.contacts + one.ghosts for one in result.deciles) == len(rows) - late - 1
    # next to no orders on either side is no certainty that nothing was caused
    assert result.whole.extra is not None
    assert result.whole.extra_se > 1.0


def test_ghosts_without_counterpart_teach_nothing(exported):
    database, plan = exported
    held = len(ghosts_of(database))
    touches = with_chances(database, stored.touches(database), ISTANBUL)
    assert (touches["kind"].to_pylist().count(GHOST), held > 0) == (0, True)
    # files tell of the first days: what was held back later has to wait
    days = sorted({place.on for place in ledger(database, plan)})
    come_back(database, plan, only=lambda place: place.on <= days[0])
    touches = with_chances(database, stored.touches(database), ISTANBUL).to_pylist()
    first = [place for place in ledger(database, plan) if place.on <= days[0]]
    known = [row for row in touches if row["chance"] is not None]
    assert Counter(row["kind"] for row in known) == Counter(GHOST if place.ghost else "send" for place in first)
    assert all(row["kind"] != GHOST for row in touches if row["chance"] is None)


def test_a_file_that_tells_of_few_of_the_contacts_sent_teaches_nothing(exported):
    database, plan = exported
    last = max(place.on for place in ledger(database, plan))
    come_back(database, plan, only=lambda place: place.on == last and place.id % 7 == 0)
    touches = with_chances(database, stored.touches(database), ISTANBUL)
    assert touches["chance"].null_count == touches.num_rows
    assert GHOST not in touches["kind"].to_pylist()
