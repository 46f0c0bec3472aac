"""What each template is rendered from: one frozen dataclass per template, and nothing else reaches a template."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from flask import render_template

from campaigns.reporting.page import ContactLine, ReportContent

__all__ = [
    "Choice",
    "EffectivenessPage",
    "FirstPage",
    "NoPlanPage",
    "Page",
    "PrioritiesPage",
    "RefusalPage",
    "RunPanel",
    "Step",
]


@dataclass(frozen=True)
class Page:
    """What every whole page has.

    Parameters
    ----------
    title
        What stands in the browser's tab, before the name of the product.
    """

    template: ClassVar[str]
    section: ClassVar[str] = ""

    title: str

    def render(self) -> str:
        """Render the page's template."""
        return render_template(self.template, page=self)


@dataclass(frozen=True)
class RunPanel:
    """The state of the last run, and the way to ask for a new one; rendered by ``run.html``, also on its own.

    Parameters
    ----------
    goal
        What the run explains.
    mood
        ``idle``, ``waiting``, ``running`` or ``stopped``: how the panel looks and whether it keeps itself fresh.
    headline, detail
        What is going on, and what that means or what to do.
    percent
        Progress of a running run, 0 to 100, or None.
    """

    template: ClassVar[str] = "run.html"

    goal: str
    mood: str
    headline: str
    detail: str
    percent: int | None

    @property
    def active(self) -> bool:
        """Whether something is under way."""
        return self.mood in ("waiting", "running")

    def render(self) -> str:
        """Render the panel alone, for a page that is already open."""
        return render_template(self.template, run=self)


@dataclass(frozen=True)
class Choice:
    """One choice among several: what it stands for in an address, and in words."""

    value: str
    words: str
    chosen: bool


@dataclass(frozen=True)
class EffectivenessPage(Page):
    """What each channel and ad did, what a new customer costs, and how sure that is.

    Parameters
    ----------
    charts, download
        Addresses: below which the charts can be saved as files, and of the report as one file.
    goals
        The goals that have a report, to choose from; empty where there is but one.
    """

    template: ClassVar[str] = "effectiveness.html"
    section: ClassVar[str] = "effectiveness"

    content: ReportContent
    run: RunPanel
    charts: str
    download: str
    goals: tuple[Choice, ...]


@dataclass(frozen=True)
class Step:
    """One file that a first answer needs.

    Parameters
    ----------
    rows
        What is stored of it already, in words; empty where nothing is.
    """

    name: str
    what: str
    columns: str
    command: str
    rows: str


@dataclass(frozen=True)
class FirstPage(Page):
    """What to do before there is a report: three files, one command."""

    template: ClassVar[str] = "first.html"
    section: ClassVar[str] = "effectiveness"

    steps: tuple[Step, ...]
    ready: bool
    run: RunPanel


@dataclass(frozen=True)
class PrioritiesPage(Page):
    """Whom to speak to next: the contacts of the latest plan in their rank, and who was left out.

    Parameters
    ----------
    headline, quality
        What the plan holds, and how good it is.
    channels, promotions
        The choices of the two filters.
    shown
        Which contacts are on this page, in words.
    previous, following
        Addresses of the pages before and after, empty where there is none.
    download
        Address of the list as a CSV file.
    held_back
        What to know about customers held back, empty where there are none.
    withheld
        Why contacts were left out, with how many.
    """

    template: ClassVar[str] = "priorities.html"
    section: ClassVar[str] = "priorities"

    headline: str
    quality: str
    made: str
    channels: tuple[Choice, ...]
    promotions: tuple[Choice, ...]
    contacts: tuple[ContactLine, ...]
    first_rank: int
    shown: str
    previous: str
    following: str
    download: str
    held_back: str
    withheld: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class NoPlanPage(Page):
    """What to do before there is a plan."""

    template: ClassVar[str] = "no_plan.html"
    section: ClassVar[str] = "priorities"


@dataclass(frozen=True)
class RefusalPage(Page):
    """What went wrong, and what to do next.

    Parameters
    ----------
    faults
        Every fault of a refused input, in words.
    """

    template: ClassVar[str] = "refusal.html"

    message: str
    remedy: str
    faults: tuple[str, ...]
