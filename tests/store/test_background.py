from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import numpy as np

from campaigns.store import runs, tables
from campaigns.store.background import budgets, channel_draws, earlier_reports, promotion_names
from campaigns.store.database import Database
from campaigns.store.results import DrawKey, publish
from campaigns.terms import Effect, Proof, Range, Report, RunSummary, Verdict, Window

AT = datetime(2026, 3, 3, 1, tzinfo=UTC)


def report(days_ago: int) -> Report:
    effect = Effect("email", 10.0, 5.0, Proof.ESTIMATED, Range(3, 2, 4), Range(1, 0, 2), 0.0)
    return Report(
        run=RunSummary(
            0,
            AT - timedelta(days=days_ago),
            Verdict.PASS,
            "order",
            Window(date(2026, 1, 1), date(2026, 3, 2) - timedelta(days=days_ago)),
            100,
            60,
            0.5,
        ),
        currency="EUR",
        baseline=Range(97, 96, 98),
        channels=(effect,),
        ads=(replace(effect, campaign="spring", ad="A"),),
    )


def run(database: Database, days_ago: int, state: runs.State = runs.State.PUBLISHED) -> int:
    with database.transaction() as session:
        run_id = runs.request(session, "order")
        runs.claim(session)
        draws = {
            DrawKey("projected", "email"): np.arange(4.0),
            DrawKey("projected", "email", "spring", "A"): np.ones(4),
            DrawKey("elasticity", "email"): np.full(4, 0.5),
            DrawKey("baseline"): np.ones(4),
        }
        publish(session, run_id, report(days_ago), draws)
        runs.end(session, run_id, state, now=AT - timedelta(days=days_ago))
        return run_id


def test_earlier_reports_are_those_published_before_oldest_first_and_without_their_ads(database: Database) -> None:
    first, second = run(database, 60), run(database, 30)
    run(database, 20, runs.State.REFUSED)
    last = run(database, 0)
    with database.reading() as session:
        found = earlier_reports(session, last, "order")
        assert [then.run.id for then in found] == [first, second]
        assert [len(then.channels) for then in found] == [1, 1]
        assert [then.ads for then in found] == [(), ()]
        assert earlier_reports(session, last, "lead") == ()


def test_of_runs_of_one_day_the_last_counts_and_of_many_some_are_left_out(database: Database) -> None:
    numbers = [run(database, 40 - days) for days in (0, 0, 1, 2, 3, 4)]
    with database.reading() as session:
        assert [then.run.id for then in earlier_reports(session, numbers[-1] + 1, "order")] == numbers[1:]
        thinned = [then.run.id for then in earlier_reports(session, numbers[-1] + 1, "order", at_most=3)]
    assert thinned == [numbers[1], numbers[3], numbers[5]]


def test_draws_of_channels_come_without_those_of_their_ads(database: Database) -> None:
    number = run(database, 0)
    with database.reading() as session:
        found = channel_draws(session, number, ("projected", "elasticity"))
    assert set(found) == {("projected", "email"), ("elasticity", "email")}
    assert found["projected", "email"].tolist() == [0.0, 1.0, 2.0, 3.0]


def test_promotions_give_their_names_and_the_budgets_of_these_days(database: Database) -> None:
    with database.transaction() as session:
        batch = tables.ImportBatch(kind="promotions", source="x", path="x", digest="x", started_at=AT, finished_at=AT)
        session.add(batch)
        session.flush()
        for key, budget, ends in (("spring", 500_000, None), ("old", 100_000, date(2025, 6, 1)), ("bare", None, None)):
            row = {"batch_id": batch.id, "source": "x", "row_key": key}
            session.add(tables.Promotion(**row, promotion=key, name=f"The {key}", budget=budget, ends_on=ends))
    window = Window(date(2026, 1, 1), date(2026, 3, 2))
    with database.reading() as session:
        assert promotion_names(session) == {"spring": "The spring", "old": "The old", "bare": "The bare"}
        assert budgets(session, window, "EUR") == {"The spring": 5_000.0}
        assert budgets(session, window, "JPY") == {"The spring": 500_000.0}
