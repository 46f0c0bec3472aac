"""Pages of the priorities: whom to speak to next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from campaigns.reporting.page import ContactLine
from web.pages.page import Choice, Page

__all__ = ["NoPlanPage", "PrioritiesPage"]


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
    downloads
        Addresses of the list as a workbook and as CSV.
    held_back
        What to know about customers held back, empty where there are none.
    withheld
        Why contacts were left out, with how many.
    owners
        The choices of the filter by owner; none for somebody who sees their own customers alone.
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
    downloads: tuple[str, str]
    held_back: str
    withheld: tuple[tuple[str, str], ...]
    owners: tuple[Choice, ...] = ()


@dataclass(frozen=True)
class NoPlanPage(Page):
    """What to do before there is a plan."""

    template: ClassVar[str] = "no_plan.html"
    section: ClassVar[str] = "priorities"
