"""The published report, drawn once per run: a page view then only asks which run it is and fills in a template."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import TypeVar

from sqlmodel import Session

from campaigns.intake.money import decimals
from campaigns.language import language
from campaigns.reporting.background import Background
from campaigns.reporting.content import ReportContent, report_content
from campaigns.reporting.costing import Costing
from campaigns.store import runs
from campaigns.store.background import background_of
from campaigns.store.database import Database
from campaigns.store.results import report_of
from campaigns.store.targets import targets
from campaigns.terms import Report
from jobs.runs import published_goals

__all__ = ["DEFAULT", "Published", "Shown"]

DEFAULT = "order"

KEPT = 6
"""Runs, and drawings of runs, that stay in memory; each takes a few hundred kilobytes."""

Kept = TypeVar("Kept")


@dataclass(frozen=True)
class Shown:
    """A published report with what it is read beside, and the target that was set for its goal."""

    report: Report
    background: Background
    target: float | None

    @property
    def key(self) -> tuple[int, datetime, float | None]:
        """What changes when another run is published or another target set."""
        return self.report.run.id, self.report.run.finished_at, self.target


class Published:
    """The latest published reports with their drawings.

    Parameters
    ----------
    database
        Where reports are read from.
    zone
        Zone in which moments are written.
    """

    def __init__(self, database: Database, zone: tzinfo) -> None:
        self._database = database
        self._zone = zone
        self._read: OrderedDict[Hashable, Shown] = OrderedDict()
        self._drawn: OrderedDict[Hashable, ReportContent] = OrderedDict()
        self._reading, self._drawing = threading.Lock(), threading.Lock()

    def goals(self) -> tuple[str, ...]:
        """Return the goals that have a published report, the default goal first."""
        return tuple(sorted(published_goals(self._database), key=lambda goal: (goal != DEFAULT, goal)))

    def report(self, goal: str) -> Report | None:
        """Return the latest published report of a goal, or None before its first."""
        shown = self.shown(goal)
        return None if shown is None else shown.report

    def shown(self, goal: str) -> Shown | None:
        """Return the latest published report of a goal with what it is read beside; read once per run."""
        with self._database.reading() as session:
            run = runs.published(session, goal)
            if run is None or run.id is None:
                return None
            target = _target(session, goal, run.currency or "")
            key = run.id, run.finished_at, target
            number = run.id
        with self._reading:
            if key not in self._read:
                report = report_of(self._database, number)
                if report is None:
                    return None
                _keep(self._read, key, Shown(report, background_of(self._database, report), target))
            return self._read[key]

    def content(self, shown: Shown, costing: Costing = Costing.ALL) -> ReportContent:
        """Return what a report shows; drawn at its first view, by one request while the others wait."""
        key = (*shown.key, costing, language())
        with self._drawing:
            if key not in self._drawn:
                content = report_content(
                    shown.report, target=shown.target, zone=self._zone, background=shown.background, costing=costing
                )
                _keep(self._drawn, key, content)
            return self._drawn[key]

    def draw_ahead(self) -> None:
        """Draw the published reports of all goals, so that the first visitor need not wait for it.

        Raises
        ------
        TouchstoneError
            If the database is not ready or not reached.
        """
        for goal in self.goals()[:KEPT]:
            shown = self.shown(goal)
            if shown is not None:
                self.content(shown)


def _target(session: Session, goal: str, currency: str) -> float | None:
    """Return the target of a goal that was set, in major units."""
    cost = targets(session).get(goal)
    return None if cost is None else cost / 10 ** decimals(currency)


def _keep(kept: OrderedDict[Hashable, Kept], key: Hashable, value: Kept) -> None:
    kept[key] = value
    while len(kept) > KEPT:
        kept.popitem(last=False)
