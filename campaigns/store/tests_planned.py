"""Tests that were told of, with their days; what they found stands in the reports."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlmodel import Session, col, select

from campaigns.faults import Fault, RefusedError
from campaigns.store.plan_records import ENTERED
from campaigns.store.tables import Experiment, ImportBatch

__all__ = ["KnownTest", "PlannedTest", "keep_test", "known_tests"]


@dataclass(frozen=True)
class KnownTest:
    """A test by its name, what it tests and its days, both included."""

    experiment: str
    channel: str
    campaign: str
    starts_on: date
    ends_on: date
    planned_treated_share: float | None


@dataclass(frozen=True)
class PlannedTest:
    """A test that somebody plans.

    Parameters
    ----------
    starts_on, ends_on, measured_until
        Its days, and until when responses count for it; all included.
    share
        Share of people, or of regions, that get what is tested, 0 to 1.
    regions
        The regions that get it; empty where people are drawn.
    """

    experiment: str
    channel: str
    starts_on: date
    ends_on: date
    measured_until: date
    share: float
    regions: tuple[str, ...] = ()


def keep_test(session: Session, test: PlannedTest, goal: str) -> None:
    """Keep a test that was planned on the site; its batch says so.

    Raises
    ------
    RefusedError
        If there is a test of this name, or its days do not follow one another.
    """
    faults = []
    if session.exec(select(Experiment.id).where(Experiment.experiment == test.experiment).limit(1)).first():
        faults.append(Fault(0, "test", repr(test.experiment), "a name that no other test has"))
    if not test.starts_on <= test.ends_on <= test.measured_until:
        found = f"{test.starts_on}, {test.ends_on}, {test.measured_until}"
        faults.append(Fault(0, "days", found, "first day, last day and end of counting in this order"))
    if faults:
        raise RefusedError("This test cannot be planned:", faults)
    now = datetime.now(UTC)
    batch = ImportBatch(
        kind="experiments",
        source=ENTERED,
        path=ENTERED,
        digest="",
        started_at=now,
        finished_at=now,
        rows=1,
        added=1,
    )
    session.add(batch)
    session.flush()
    session.add(
        Experiment(
            batch_id=batch.id or 0,
            source=ENTERED,
            row_key=test.experiment,
            experiment=test.experiment,
            channel=test.channel,
            starts_on=test.starts_on,
            ends_on=test.ends_on,
            measured_until=test.measured_until,
            goal=goal,
            planned_treated_share=test.share,
            region="|".join(test.regions) or None,
        )
    )
    session.flush()


def known_tests(session: Session, limit: int = 200) -> tuple[KnownTest, ...]:
    """Return the tests that were imported, those that end last first; of several rows of one test the last counts."""
    rows = session.exec(
        select(Experiment).order_by(col(Experiment.ends_on).desc(), col(Experiment.id).desc()).limit(limit)
    )
    found: dict[tuple[str, str], KnownTest] = {}
    for row in rows:
        found.setdefault(
            (row.experiment, row.channel),
            KnownTest(
                row.experiment, row.channel, row.campaign or "", row.starts_on, row.ends_on, row.planned_treated_share
            ),
        )
    return tuple(found.values())
