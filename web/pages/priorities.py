"""Pages of the priorities: whom to speak to next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from campaigns.reporting.page import ContactLine
from web.pages.page import Choice, Page
from web.pages.plan import RequestPanel

__all__ = ["ContactRow", "NoPlanPage", "PlanStep", "PrioritiesPage", "SuggestionLine"]


@dataclass(frozen=True)
class ContactRow:
    """One contact and what became of it.

    Parameters
    ----------
    address
        Of the customer's page.
    place
        Number of its place in the ledger, where somebody may say now what came of it; 0 where not.
    standing
        What became of it, in words; empty where nothing has yet.
    """

    line: ContactLine
    address: str
    place: int
    standing: str


@dataclass(frozen=True)
class PlanStep:
    """The plan that the contacts are of, and what can be done with it from here.

    Parameters
    ----------
    state, mood
        Its state in words, and its colour.
    step, words
        The next step of its life and what the button says; empty where there is none or the visitor takes none.
    stale
        Why approving it needs a second look; empty where it does not.
    address
        Its own page; empty for those who may not open it.
    """

    number: int
    state: str
    mood: str
    step: str
    words: str
    stale: str
    address: str


@dataclass(frozen=True)
class SuggestionLine:
    """A contact that sales keeps marketing from making, offered to the owner; ``mine`` lets the visitor answer."""

    id: int
    customer: str
    address: str
    what: str
    worth: str
    why: str
    owner: str
    mine: bool


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
    dues
        The choices of the filter by what is known of them; none before anything went out.
    plan
        The plan itself, and the step that can be taken from here.
    panel
        A step that is under way or failed; None where there is none.
    outcomes
        What may be said of a contact that went out, as (value, words).
    here
        Address of this page, to come back to.
    suggestions, more_suggestions
        What sales may offer while marketing keeps silent, and how many more there are, in words.
    """

    template: ClassVar[str] = "priorities.html"
    section: ClassVar[str] = "priorities"

    headline: str
    quality: str
    made: str
    channels: tuple[Choice, ...]
    promotions: tuple[Choice, ...]
    contacts: tuple[ContactRow, ...]
    first_rank: int
    shown: str
    previous: str
    following: str
    downloads: tuple[str, str]
    held_back: str
    withheld: tuple[tuple[str, str], ...]
    owners: tuple[Choice, ...]
    dues: tuple[Choice, ...]
    plan: PlanStep
    panel: RequestPanel | None
    outcomes: tuple[tuple[str, str], ...]
    here: str
    suggestions: tuple[SuggestionLine, ...]
    more_suggestions: str

    @property
    def live(self) -> bool:
        """Whether a step of the plan is under way."""
        return self.panel is not None and self.panel.active

    @property
    def settles(self) -> bool:
        """Whether something can be said of one of the contacts shown."""
        return any(contact.place for contact in self.contacts)

    @property
    def stands(self) -> bool:
        """Whether something became of one of the contacts shown."""
        return self.settles or any(contact.standing for contact in self.contacts)


@dataclass(frozen=True)
class NoPlanPage(Page):
    """What to do before there is a plan."""

    template: ClassVar[str] = "no_plan.html"
    section: ClassVar[str] = "priorities"
