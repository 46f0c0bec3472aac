"""What was published is what is read back."""

import datetime as dt
from dataclasses import replace

import numpy as np
import pyarrow as pa
import pytest
from sqlmodel import select

from campaigns.store import runs
from campaigns.store.database import Database
from campaigns.store.results import DrawKey, draws_of, publish, published_report, report_of
from campaigns.store.tables import Person, Score
from campaigns.terms import (
    Beat,
    Changes,
    Check,
    Cost,
    Costs,
    DataFacts,
    Effect,
    ExperimentFinding,
    NextTest,
    Proof,
    Range,
    Report,
    RunSummary,
    Soundness,
    TestKind,
    TrackRecord,
    Verdict,
    Window,
)

FINISHED = dt.datetime(2026, 6, 1, 3, 4, 5, 678_901, tzinfo=dt.UTC)


def report_for(run_id: int, *, responses: int = 5_310, verdict: Verdict = Verdict.REVIEW) -> Report:
    window = Window(dt.date(2026, 1, 31), dt.date(2026, 5, 31))
    email = Effect(
        channel="email",
        spend=0.1 + 0.2,
        touches=120_000,
        proof=Proof.TESTED,
        incremental=Range(640.25, 540.0, 740.5),
        acquired=Range(1 / 3, 0.0, 1.0),
        p_no_effect=0.0,
        matched_share=0.93,
        cac=Cost(38.5, 30.1, None),
        p_below_target=0.61,
        target=42.5,
        marginal_cac=Cost(None, 41.0, None),
        claimed=4_683.0,
        rules={"last_touch": 4_683.0, "markov": 4_519.5},
        cost_per_extra=Cost(0.1 + 0.2, None, 3.0),
        return_on_spend=Range(4.0, 3.0, 5.0),
        ad_spend_only=Costs(0.1, Cost(1.0, 0.5, None), None, None, Range(8.0, 6.0, 10.0), 0.75),
    )
    tv = Effect("tv", 9_400.0, 310.5, Proof.PRIOR, Range(0, 0, 0), Range(0, -1, 1), 1.0)
    ads = (
        Effect("email", 1.0, 2.0, Proof.ESTIMATED, Range(1, 0, 2), Range(1, 0, 2), 0.5, campaign="spring", ad="blue"),
        Effect("email", 1.0, 2.0, Proof.ESTIMATED, Range(1, 0, 2), Range(1, 0, 2), 0.5, campaign=None, ad="blue"),
    )
    ads = (replace(ads[0], beats=(Beat(None, "blue", 0.5),)), ads[1])
    tested = ExperimentFinding(
        "holdout 1",
        "email",
        TestKind.PEOPLE,
        dt.date(2026, 3, 1),
        dt.date(2026, 3, 28),
        Soundness.SOUND,
        ("The arms are as large as planned.",),
        Range(90.0, 40.0, 140.0),
        Range(80.5, 50.0, 110.0),
        treated=3_000,
        control=1_000,
    )
    return Report(
        run=RunSummary(run_id, FINISHED, verdict, "order", window, responses, 2_100, 0.64),
        currency="EUR",
        baseline=Range(4_000.5, 3_900.0, 4_100.0),
        channels=(email, tv),
        ads=ads,
        checks=(Check("r_hat", 1.004, 1.01, Verdict.PASS, "The chains agree."),),
        notes=("188 orders are test orders.", "Ünlü harf"),
        campaigns=(replace(ads[0], ad=None, beats=()),),
        experiments=(tested, replace(tested, experiment="lift", measured=None, estimated=None, campaign="spring")),
        next_tests=(NextTest("tv", None, 8, 1.5, 0.4, 9_400.0, "It would settle it."),),
        changes=Changes(3, FINISHED, ("2,100 new orders",)),
        record=TrackRecord(12, 11, dt.date(2026, 2, 2), honest=True),
        facts=DataFacts({"2026-05": {"shop": 10}}, {}, {"2026-05": {"google": 12_345}}, {"holdout 1": True}),
    )


def published(database: Database, *, scores: pa.Table | None = None, **told: object) -> Report:
    with database.transaction() as session:
        run_id = runs.request(session, "order")
        runs.claim(session)
        report = report_for(run_id, **told)  # type: ignore[arg-type]
        publish(session, run_id, report, {}, scores)
        state = runs.State.REFUSED if report.run.verdict is Verdict.FAIL else runs.State.PUBLISHED
        runs.end(session, run_id, state, now=FINISHED)
    return report


def scores_of(persons: list[int]) -> pa.Table:
    return pa.table(
        {
            "person": persons,
            "channel": ["email"] * len(persons),
            "extra_responses": [0.1 + 0.2] * len(persons),
            "recent_touches": [2] * len(persons),
        }
    )


def with_persons(database: Database, *persons: int) -> None:
    with database.transaction() as session:
        session.add_all(Person(id=person) for person in persons)


def test_a_published_report_is_read_back_as_it_was(database: Database):
    report = published(database)

    assert published_report(database) == report
    assert report_of(database, report.run.id) == report


def test_a_report_of_numpys_numbers_is_read_back_as_plain_ones(database: Database):
    with database.transaction() as session:
        run_id = runs.request(session, "order")
        plain = report_for(run_id)
        email = replace(plain.channels[0], touches=np.int64(120_000), p_no_effect=np.float32(0.0))
        email = replace(email, rules={rule: np.float64(credit) for rule, credit in email.rules.items()})
        told = replace(plain.run, responses=np.int64(plain.run.responses))
        publish(session, run_id, replace(plain, run=told, channels=(email, *plain.channels[1:])), {})
        runs.end(session, run_id, runs.State.PUBLISHED, now=FINISHED)

    assert published_report(database) == plain


def test_the_last_published_report_stands_when_a_later_one_is_refused(database: Database):
    good = published(database, responses=1)
    bad = published(database, responses=2, verdict=Verdict.FAIL)

    assert published_report(database) == good
    assert report_of(database, bad.run.id) == bad


def test_the_later_of_two_published_reports_stands(database: Database):
    published(database, responses=1)
    later = published(database, responses=2)

    assert published_report(database) == later


def test_there_is_no_report_before_the_first_run_and_none_of_another_goal(database: Database):
    assert published_report(database) is None
    assert report_of(database, 1) is None
    published(database)
    assert published_report(database, "lead") is None


def test_a_report_of_another_goal_than_its_run_is_refused(database: Database):
    with database.transaction() as session:
        run_id = runs.request(session, "lead")
    with pytest.raises(ValueError, match="goal lead, the report of order"), database.transaction() as session:
        publish(session, run_id, report_for(run_id), {})
    assert report_of(database, run_id) is None


def test_draws_are_read_back_as_they_were_thinned_to_32_bits(database: Database):
    random = np.random.default_rng(7)
    draws = {
        DrawKey("incremental", "email"): random.normal(size=500),
        DrawKey("incremental", "email", "spring", "blue"): random.normal(size=500),
        DrawKey("curve:tv", "tv"): random.normal(size=(500, 20)).astype("f4"),
        DrawKey("cac", "email"): np.array([np.inf, 1.5]),
    }
    with database.transaction() as session:
        run_id = runs.request(session, "order")
        publish(session, run_id, report_for(run_id), draws)
    read = draws_of(database, run_id)

    assert list(read) == list(draws)
    for key, values in draws.items():
        np.testing.assert_array_equal(read[key], values.astype("f4"))
    assert list(draws_of(database, run_id, "curve:tv")) == [DrawKey("curve:tv", "tv")]


def test_scores_replace_those_of_the_run_before(database: Database):
    with_persons(database, 1, 2, 3)
    published(database, scores=scores_of([1, 2]))
    second = published(database, scores=scores_of([2, 3]))
    with database.reading() as session:
        kept = session.exec(select(Score).order_by(Score.person_id)).all()  # type: ignore[arg-type]

    assert [(score.run_id, score.person_id) for score in kept] == [(second.run.id, 2), (second.run.id, 3)]
    assert (kept[0].channel, kept[0].extra_responses, kept[0].recent_touches) == ("email", 0.1 + 0.2, 2)


def test_a_refused_run_leaves_the_scores_that_stand(database: Database):
    with_persons(database, 1, 2)
    first = published(database, scores=scores_of([1]))
    published(database, scores=scores_of([2]), verdict=Verdict.FAIL)
    with database.reading() as session:
        assert [(score.run_id, score.person_id) for score in session.exec(select(Score))] == [(first.run.id, 1)]
