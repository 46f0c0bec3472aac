"""Pages of the effectiveness of advertising, and the first steps that lead there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from campaigns.reporting.channel_trend import ChannelMoment
from campaigns.reporting.content import ReportContent
from campaigns.reporting.lines import Line, Summary
from campaigns.reporting.suggestion import MoveWords
from web.pages.page import Choice, Page, Part
from web.pages.runs import RunPanel
from web.pages.sources import UploadsPart

__all__ = ["ChannelPage", "EffectivenessPage", "FirstPage", "MovePage", "MovePanel", "Saving", "SettingLine", "Step"]


@dataclass(frozen=True)
class Saving:
    """One way to take a report along: in words, and its address."""

    words: str
    address: str


@dataclass(frozen=True)
class MovePanel(Part):
    """What moving money would do, and the form to choose what moves.

    Parameters
    ----------
    goal, costs
        Of which report, and which costs count.
    sources, targets
        Channels to take money from and to give it to.
    amount
        What moves, as a whole number of the currency.
    words
        What it would do; None where that cannot be told.
    refusal
        Why it cannot; empty where it can.
    plan, test
        Addresses of *Plan it* and *Test it first*; they carry the move along.
    """

    template: ClassVar[str] = "move.html"

    goal: str
    costs: str
    currency: str
    window: str
    sources: tuple[Choice, ...]
    targets: tuple[Choice, ...]
    amount: str
    words: MoveWords | None
    refusal: str
    plan: str
    test: str


@dataclass(frozen=True)
class SettingLine:
    """What one channel spends a week, now and after a move."""

    channel: str
    now: str
    then: str


@dataclass(frozen=True)
class MovePage(Page):
    """A move on its way: what to set where, and what can be made of it.

    Parameters
    ----------
    window
        The period that its figures are about.
    promotion, plan
        Addresses of a promotion and of a plan of contacts filled in with it; empty where there is no way.
    test, back
        Addresses of a test filled in with it, and of the report.
    """

    template: ClassVar[str] = "move_plan.html"
    section: ClassVar[str] = "effectiveness"

    words: MoveWords
    window: str
    settings: tuple[SettingLine, ...]
    promotion: str
    plan: str
    test: str
    back: str


@dataclass(frozen=True)
class EffectivenessPage(Page):
    """What each channel and ad did, what a new customer costs, and how sure that is.

    Parameters
    ----------
    move
        What moving money would do; None where fewer than two channels have spend.
    charts, channels
        Addresses below which the charts can be saved as files, and the channels have pages of their own.
    savings
        Ways to take the report along.
    goals
        The goals that have a report, to choose from; empty where there is but one.
    costings
        Which costs may count, to choose from; empty where that makes no difference.
    """

    template: ClassVar[str] = "effectiveness.html"
    section: ClassVar[str] = "effectiveness"

    content: ReportContent
    run: RunPanel
    move: MovePanel | None
    charts: str
    channels: str
    savings: tuple[Saving, ...]
    goals: tuple[Choice, ...]
    costings: tuple[Choice, ...]

    @property
    def live(self) -> bool:
        """Whether a run is under way or money can be moved; both change in place."""
        return self.run.active or self.move is not None


@dataclass(frozen=True)
class ChannelPage(Page):
    """All campaigns and ads of one channel, a page of them at a time.

    Parameters
    ----------
    line
        The channel itself.
    level, levels
        Whether campaigns or ads are listed, and what may be.
    shown
        Which of them are on this page, in words.
    previous, following
        Addresses of the pages before and after, empty where there is none.
    back
        Address of the whole report.
    moments
        What the last runs found of it, the newest first.
    table
        The channel beside a month ago, a year ago and its budget, as (what, words).
    """

    template: ClassVar[str] = "channel.html"
    section: ClassVar[str] = "effectiveness"

    summary: Summary
    line: Line
    levels: tuple[Choice, ...]
    level: str
    lines: tuple[Line, ...]
    shown: str
    previous: str
    following: str
    back: str
    moments: tuple[ChannelMoment, ...]
    table: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Step:
    """One file that a first answer needs.

    Parameters
    ----------
    exports
        Where people usually have it.
    rows
        What is stored of it already, in words; empty where nothing is.
    """

    name: str
    what: str
    columns: str
    exports: str
    command: str
    rows: str


@dataclass(frozen=True)
class FirstPage(Page):
    """What to do before there is a report: three uploads, names that join, one run.

    Parameters
    ----------
    uploads
        Where the files go, and those that wait.
    pairs
        How many names of spend probably mean names of touches, and wait to be confirmed.
    """

    template: ClassVar[str] = "first.html"
    section: ClassVar[str] = "effectiveness"

    steps: tuple[Step, ...]
    ready: bool
    pairs: int
    uploads: UploadsPart
    run: RunPanel

    @property
    def live(self) -> bool:
        """Whether a run or an import is under way, whose panel keeps itself fresh."""
        return self.run.active or self.uploads.active
