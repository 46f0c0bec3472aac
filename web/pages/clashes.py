"""Pages of marketing and sales beside each other: clashes, and the calendar of an account."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import ClassVar

from web.forms import Form
from web.pages.customers import HoldLine
from web.pages.page import Page

__all__ = ["AccountPage", "ClashLine", "ClashesPage", "DayLine", "EntryLine", "WeekLine"]


@dataclass(frozen=True)
class ClashLine:
    """A contact that marketing promised while sales has the word.

    Parameters
    ----------
    how
        How it was resolved; empty while it is open.
    ways
        (value, words) of the ways in which the visitor may resolve it.
    """

    id: int
    on: str
    customer: str
    address: str
    account: str
    account_address: str
    what: str
    lock: str
    how: str
    ways: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class WeekLine:
    """Clashes avoided in a week."""

    week: str
    held_back: str
    resolved: str
    avoided: str


@dataclass(frozen=True)
class ClashesPage(Page):
    """Clashes of the coming days, open and resolved, and how many were avoided by week."""

    template: ClassVar[str] = "clashes.html"
    section: ClassVar[str] = "clashes"

    headline: str
    lead: str
    open: tuple[ClashLine, ...]
    resolved: tuple[ClashLine, ...]
    weeks: tuple[WeekLine, ...]


@dataclass(frozen=True)
class EntryLine:
    """One thing on a day of the calendar; ``ways`` where it clashes and the visitor may resolve it."""

    team: str
    mood: str
    what: str
    who: str
    address: str
    owner: str
    clash: bool
    id: int | None
    ways: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class DayLine:
    """A day of the calendar on which there is something."""

    on: date
    words: str
    today: bool
    entries: tuple[EntryLine, ...]


@dataclass(frozen=True)
class AccountPage(Page):
    """The calendar of an account, the same for both teams."""

    template: ClassVar[str] = "account_calendar.html"
    section: ClassVar[str] = "clashes"

    account: str
    lead: str
    people: tuple[tuple[str, str], ...]
    days: tuple[DayLine, ...]
    earlier: str
    later: str
    holds: tuple[HoldLine, ...]
    hold: Form | None
