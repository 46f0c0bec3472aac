"""The published report, drawn once per run: a page view then only reads a few rows and fills in a template."""

from __future__ import annotations

import threading
from collections import OrderedDict
from datetime import datetime, tzinfo

from campaigns.reporting.page import ReportContent, report_content
from campaigns.store.database import Database
from campaigns.store.results import published_report
from campaigns.terms import Report
from jobs.runs import published_goals

__all__ = ["Published"]

DEFAULT = "order"

KEPT = 4
"""Runs whose drawings stay in memory; each takes a few hundred kilobytes."""


class Published:
    """The latest published report with its drawings.

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
        self._drawn: OrderedDict[tuple[int, datetime], ReportContent] = OrderedDict()
        self._drawing = threading.Lock()

    def goals(self) -> tuple[str, ...]:
        """Return the goals that have a published report, the default goal first."""
        return tuple(sorted(published_goals(self._database), key=lambda goal: (goal != DEFAULT, goal)))

    def report(self, goal: str) -> Report | None:
        """Return the latest published report of a goal, or None before its first."""
        return published_report(self._database, goal)

    def content(self, report: Report) -> ReportContent:
        """Return what a report shows; drawn at its first view, by one request while the others wait."""
        run = (report.run.id, report.run.finished_at)
        with self._drawing:
            if run not in self._drawn:
                self._drawn[run] = report_content(report, zone=self._zone)
                while len(self._drawn) > KEPT:
                    self._drawn.popitem(last=False)
            return self._drawn[run]

    def draw_ahead(self) -> None:
        """Draw the published reports of all goals, so that the first visitor need not wait for it.

        Raises
        ------
        TouchstoneError
            If the database is not ready or not reached.
        """
        for goal in self.goals()[:KEPT]:
            report = self.report(goal)
            if report is not None:
                self.content(report)
