"""Tests that were told of, with their days; what they found stands in the reports."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from sqlmodel import Session, col, select

from campaigns.store.tables import Experiment

__all__ = ["KnownTest", "known_tests"]


@dataclass(frozen=True)
class KnownTest:
    """A test by its name, what it tests and its days, both included."""

    experiment: str
    channel: str
    campaign: str
    starts_on: date
    ends_on: date
    planned_treated_share: float | None


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
