"""Pages of the plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from markupsafe import Markup

from web.pages.page import Page, Part

__all__ = [
    "BalanceLine",
    "CalendarCell",
    "CalendarLine",
    "ComparePage",
    "DraftPage",
    "EventLine",
    "LessonLine",
    "LoadLine",
    "PlanChoice",
    "PlanPage",
    "RequestPanel",
    "ResultLine",
    "SideLine",
]


@dataclass(frozen=True)
class RequestPanel(Part):
    """What the planner was asked for and how far it is; while it is at it the panel keeps itself fresh.

    Parameters
    ----------
    mood
        ``waiting``, ``running`` or ``stopped``.
    back
        The page that is loaded anew once it has ended.
    """

    template: ClassVar[str] = "plan_request.html"

    number: int
    mood: str
    headline: str
    detail: tuple[str, ...]
    percent: int | None
    back: str
    stoppable: bool

    @property
    def active(self) -> bool:
        """Whether it waits or runs."""
        return self.mood in ("waiting", "running")


@dataclass(frozen=True)
class CalendarCell:
    """Contacts on one day: their number in words, and how much of the busiest day that is, 0 to 4."""

    count: str
    shade: int


@dataclass(frozen=True)
class CalendarLine:
    """One channel's contacts, day by day, and in all."""

    channel: str
    cells: tuple[CalendarCell, ...]
    total: str


@dataclass(frozen=True)
class LoadLine:
    """How full something scarce is, day by day: (words, percent, whether it is over); a day without any has None."""

    name: str
    days: tuple[tuple[str, int | None, bool], ...]
    whole: str


@dataclass(frozen=True)
class LessonLine:
    """Something that would teach: ``what`` the button asks for, what it costs in ``words``, and what it teaches."""

    what: str
    words: str
    teaches: tuple[str, ...]
    accepted: bool
    button: str


@dataclass(frozen=True)
class EventLine:
    """Something that happened to the plan; ``reasons`` are refusals as (reason, count)."""

    at: str
    who: str
    words: str
    reasons: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class ResultLine:
    """What came of one channel's contacts beside the forecast."""

    channel: str
    sent: str
    held_back: str
    answered: str
    extra: str
    observed: str
    forecast: str


@dataclass(frozen=True)
class PlanChoice:
    """Another plan."""

    address: str
    words: str
    state: str
    mood: str
    chosen: bool


@dataclass(frozen=True)
class PlanPage(Page):
    """One plan: its calendar, load, prices, clashes, what was left out, its steps and its history.

    Parameters
    ----------
    told
        What came of the step that led to its state, in sentences; empty where nothing is to be said.
    steps
        What can be done with it; nothing while a step is under way.
    lists
        Address of the lists to send from; empty before it is exported.
    """

    template: ClassVar[str] = "plan.html"
    section: ClassVar[str] = "plan"

    number: int
    headline: str
    quality: str
    state: str
    mood: str
    facts: tuple[tuple[str, str, str], ...]
    notes: tuple[str, ...]
    panel: RequestPanel | None
    told: tuple[str, ...]
    steps: tuple[str, ...]
    stale: str
    lists: str
    days: tuple[tuple[str, str], ...]
    calendar: tuple[CalendarLine, ...]
    loads: tuple[LoadLine, ...]
    prices: tuple[str, ...]
    limits: tuple[tuple[str, str], ...]
    overlaps: tuple[tuple[str, str, str], ...]
    locks: tuple[tuple[str, str, str, str], ...]
    locked: str
    withheld: tuple[tuple[str, str], ...]
    learning: tuple[LessonLine, ...]
    events: tuple[EventLine, ...]
    result: str
    results: tuple[ResultLine, ...]
    others: tuple[PlanChoice, ...]
    may_change: bool

    @property
    def live(self) -> bool:
        """Whether the planner is at work."""
        return self.panel is not None and self.panel.active


@dataclass(frozen=True)
class DraftPage(Page):
    """The form by which a plan is asked for; without a plan yet it is the page itself.

    ``came`` says which move of money it was filled in with; empty where with none.
    """

    template: ClassVar[str] = "plan_draft.html"
    section: ClassVar[str] = "plan"

    form: Any
    faults: tuple[str, ...]
    first: bool
    panel: RequestPanel | None
    lessons: tuple[LessonLine, ...]
    came: str = ""

    @property
    def live(self) -> bool:
        """Whether the planner is at work."""
        return self.panel is not None and self.panel.active


@dataclass(frozen=True)
class SideLine:
    """One plan of a comparison."""

    name: str
    worth: str
    change: str
    contacts: str
    people: str
    cost: str
    gained: str
    lost: str
    volume: str
    shifts: tuple[str, ...]
    better: str


@dataclass(frozen=True)
class BalanceLine:
    """The plan at one share of relationship contacts; ``bar`` draws its worth."""

    share: str
    worth: str
    contacts: str
    bar: Markup
    best: bool
    note: str


@dataclass(frozen=True)
class ComparePage(Page):
    """What if: changes to compare, and the last comparison."""

    template: ClassVar[str] = "plan_compare.html"
    section: ClassVar[str] = "plan"

    form: Any
    faults: tuple[str, ...]
    panel: RequestPanel | None
    made: str
    sides: tuple[SideLine, ...]
    balance: tuple[BalanceLine, ...]
    balance_words: str

    @property
    def live(self) -> bool:
        """Whether the planner is at work."""
        return self.panel is not None and self.panel.active
