"""Credit of single responses as stored is what is read back, and only the last published run's."""

import datetime as dt

import pyarrow as pa
import pytest
from sqlmodel import Session

from campaigns.store import runs, tables
from campaigns.store.credits import Credits, PathCredit, credits_of, path_credits, replace_credits
from campaigns.store.database import Database
from campaigns.terms import Range

PATH = PathCredit(("display", "email"), 3, 4.5, 1.25, {"display": 0.5, "email": 1.25})


def some_credits(share: float = 0.5) -> Credits:
    """Give credit of a response 7 with a touch and a medium, and of a deal 9."""
    return Credits(
        pa.table(
            {
                "place": [0, 1],
                "response_id": pa.array([7, None], pa.int64()),
                "opportunity_id": pa.array([None, 9], pa.int64()),
                "baseline": [0.75 - share, 1.0],
                "baseline_p05": [0.0, 1.0],
                "baseline_p95": [0.5, 1.0],
                "rest": [0.0, 0.0],
            }
        ),
        pa.table(
            {
                "place": [0, 0],
                "position": [0, 1],
                "touch_id": pa.array([11, None], pa.int64()),
                "channel": ["display", "tv"],
                "share": [share, 0.25],
                "p05": [0.1, 0.2],
                "p95": [0.9, 0.3],
            }
        ),
        (PATH,),
    )


def run_with(session: Session, owed: Credits) -> int:
    run_id = runs.request(session, "order")
    runs.claim(session)
    replace_credits(session, runs.find(session, run_id), owed)
    runs.end(session, run_id, runs.State.PUBLISHED)
    return run_id


def test_what_was_stored_is_read_back(database: Database) -> None:
    with database.transaction() as session:
        run_with(session, some_credits())
    with database.reading() as session:
        found = credits_of(session, [7, 8])
        assert list(found) == [7]
        assert found[7].baseline == Range(0.25, 0.0, 0.5)
        assert [(one.channel, one.touch_id, one.share) for one in found[7].shares] == [
            ("display", 11, Range(0.5, 0.1, 0.9)),
            ("tv", None, Range(0.25, 0.2, 0.3)),
        ]
        assert found[7].baseline.mean + sum(one.share.mean for one in found[7].shares) == 1.0
        assert credits_of(session, [9], deals=True)[9].shares == ()
        assert path_credits(session) == (PATH,)


def test_a_touch_is_told_with_its_time_and_ad(database: Database) -> None:
    at = dt.datetime(2026, 3, 1, 12, tzinfo=dt.UTC)
    with database.transaction() as session:
        session.add(tables.ImportBatch(id=1, kind="touches", source="s", path="p", digest="d", started_at=at, rows=1))
        session.add(tables.Person(id=1))
        session.flush()
        session.add(tables.Identity(id=1, kind="customer", value="C1", person_id=1))
        session.flush()
        touch = {"id": 11, "batch_id": 1, "source": "s", "row_key": "1", "identity_id": 1, "occurred_at": at}
        session.add(tables.Touch(**touch, channel="display", kind="impression", campaign="c", ad="blue"))
        run_with(session, some_credits())
    with database.reading() as session:
        share = credits_of(session, [7])[7].shares[0]
    assert (share.occurred_at, share.campaign, share.ad) == (at, "c", "blue")


def test_only_the_last_run_of_a_goal_is_kept(database: Database) -> None:
    with database.transaction() as session:
        run_with(session, some_credits(0.5))
        run_with(session, some_credits(0.375))
    with database.reading() as session:
        assert credits_of(session, [7])[7].shares[0].share.mean == pytest.approx(0.375)
        assert credits_of(session, [7], "lead") == {}
        assert path_credits(session, "lead") == ()
