"""The page that everybody opens in the morning."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from campaigns.reporting.lines import Line
from campaigns.reporting.page import ContactLine
from web.pages.page import Page
from web.pages.runs import RunPanel

__all__ = ["FreshLine", "TodayPage"]


@dataclass(frozen=True)
class FreshLine:
    """One kind of file from one source: how old it is, and whether that is older than it should be."""

    kind: str
    source: str
    last: str
    ago: str
    brought: str
    stale: bool


@dataclass(frozen=True)
class TodayPage(Page):
    """What changed, what needs a decision, whom to speak to next, how the last run went and how fresh the data are.

    Parameters
    ----------
    headline, lead
        What is to be done today, and what the last report found.
    run
        The state of the last run; None for those who cannot ask for one.
    changed
        What changed since the run before, each a phrase.
    since
        Since when; empty where there is no run before.
    decisions
        Channels that ask for a decision: more money, less money, or a test.
    report
        Address of the report; empty for those who may not open it.
    contacts, contacts_headline
        The first contacts of the latest plan, and what it holds; empty without a plan.
    priorities
        Address of all contacts; empty for those who may not open it.
    fresh
        How fresh each source is, the oldest first.
    """

    template: ClassVar[str] = "today.html"
    section: ClassVar[str] = "today"

    headline: str
    lead: str
    run: RunPanel | None
    changed: tuple[str, ...]
    since: str
    decisions: tuple[Line, ...]
    report: str
    contacts: tuple[ContactLine, ...]
    contacts_headline: str
    priorities: str
    fresh: tuple[FreshLine, ...]

    @property
    def live(self) -> bool:
        """Whether a run is under way, whose panel keeps itself fresh."""
        return self.run is not None and self.run.active
