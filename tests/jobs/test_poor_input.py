"""Poor input ends in a refusal with a reason, or in a report that says what is doubtful; never in a wrong number."""

from __future__ import annotations

from dataclasses import replace
from types import ModuleType
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pytest

from attribution.diagnosis import diagnose, verdict_of
from attribution.gather import gather
from attribution.increment import increments
from attribution.observations import FitOptions
from campaigns.faults import RefusedError
from campaigns.terms import GOALS, Proof, Verdict
from jobs.doubts import doubts_of
from jobs.options import RunOptions
from jobs.pipeline import Task

TASK = Task(GOALS["order"], ZoneInfo("UTC"), "EUR", RunOptions(chains=2, draws=100, seed=1))


@pytest.fixture
def book(hand: ModuleType) -> Any:
    """Ninety days with forty persons known to be new, half of whom order."""
    book = hand.Book().response(None, 0.5).response(None, 89.5)
    for person in range(1, 41):
        book.person(person, created=-5.0)
        if person % 2:
            book.response(person, 40.0 + person)
    return book


def test_no_touches_and_no_spend_all_would_have_come_anyway(book: Any, summed_up: Any) -> None:
    report = summed_up(book).report
    assert report.channels == ()
    assert report.baseline.mean == report.run.responses


def test_one_channel(book: Any, summed_up: Any) -> None:
    for person in range(1, 41):
        book.touch(person, 35.0 + person, cost=10)
    report = summed_up(book).report
    (email,) = report.channels
    assert email.incremental.mean + report.baseline.mean == pytest.approx(report.run.responses)
    assert (email.spend, email.cost_per_extra is not None) == (pytest.approx(4.0), True)


def test_a_channel_that_nobody_responded_after_is_a_guess(book: Any, summed_up: Any) -> None:
    for person in range(2, 41, 2):
        book.touch(person, 50.5)
    (email,) = summed_up(book).report.channels
    assert email.proof is Proof.PRIOR
    assert email.incremental.p95 == 0.0


def test_where_no_response_has_a_touch_before_it_nothing_is_credited(book: Any, summed_up: Any) -> None:
    for person in range(1, 41):
        book.touch(person, 88.9)
    report = summed_up(book).report
    assert report.run.linked_share == 0.0
    assert [channel.incremental.mean for channel in report.channels] == [0.0]
    assert [channel.proof for channel in report.channels] == [Proof.PRIOR]


def test_two_media_that_always_ran_together_are_flagged(book: Any) -> None:
    for day in (40, 47, 60, 75):
        book.bought(day, "tv", 1000 * day).bought(day, "radio", 500 * day).bought(day + 3, "print", 900)
    (check,) = doubts_of(gather(book.observations(), FitOptions()))
    assert check.verdict is Verdict.REVIEW
    assert check.sentence.startswith("radio and tv ran on the same days in the same regions")


def test_a_window_shorter_than_the_carry_over_is_flagged(book: Any) -> None:
    book.touch(1, 38.5, "mail", "mail").channel("mail", carry_over_days=90).touch(1, 38.5)
    (check,) = doubts_of(gather(book.observations(), FitOptions()))
    assert (check.verdict, check.threshold) == (Verdict.REVIEW, 90.0)
    assert check.sentence.startswith("The report covers")


def test_data_that_end_before_the_burn_in_does_are_refused(hand: ModuleType) -> None:
    with pytest.raises(RefusedError, match="too few days"):
        gather(hand.Book().response(None, 0.5).response(1, 20.5).touch(1, 10.5).observations(), FitOptions())


def test_a_sampler_that_diverges_is_not_published(book: Any, hand: ModuleType) -> None:
    for person in range(1, 41):
        book.touch(person, 35.0 + person)
    evidence = gather(book.observations(), FitOptions())
    posterior = replace(hand.plausible_draws(evidence), divergences=8)
    found = increments(evidence, posterior)
    checks = diagnose(found, posterior, evidence.by_day, np.tile(evidence.by_day, (10, 1)))
    assert verdict_of(checks) is Verdict.FAIL
    assert any(check.verdict is Verdict.FAIL and "astray" in check.name for check in checks)


def test_an_unlucky_calendar_event_by_region_moves_its_region_alone(hand: ModuleType) -> None:
    book = hand.Book().response(None, 0.5).response(None, 89.5)
    for person, region in ((1, "north"), (2, "south")):
        book.person(person, created=-5.0, region=region).response(person, 60.0)
    for name in ("own sale", "price change", "stock-out", "holiday", "competitor", "other"):
        book.event(name, 50, 55, "north")
    calendar = gather(book.observations(), FitOptions()).calendar
    assert len(calendar.event_names) == 6
    runs = calendar.events - calendar.events.min(axis=(0, 1))
    assert runs[1].sum() == 0.0
    assert runs[0].sum(axis=0).tolist() == pytest.approx([6.0] * 6)
