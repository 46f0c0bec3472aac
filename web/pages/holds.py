"""Pages of a hold: what it changes in the plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from web.forms import Form
from web.pages.page import Page, Part

__all__ = ["ChangeLine", "HoldChange", "HoldPage", "RefusedHoldPage"]


@dataclass(frozen=True)
class ChangeLine:
    """A contact that the plan had, has, or both."""

    customer: str
    address: str
    what: str
    on: str


@dataclass(frozen=True)
class HoldChange(Part):
    """What the plan does about a hold by now.

    Parameters
    ----------
    active
        Whether a plan is being drafted: the part looks again then.
    words
        Where it stands.
    titles
        (title, contacts) of those gone, new and kept.
    address
        Where the part is sent from.
    again
        Whether a new draft may be asked for.
    """

    template: ClassVar[str] = "hold_change.html"

    active: bool
    words: str
    detail: str
    lists: tuple[tuple[str, tuple[ChangeLine, ...]], ...]
    address: str
    again: str
    clashes: str


@dataclass(frozen=True)
class HoldPage(Page):
    """One hold, and the plan before and after it."""

    template: ClassVar[str] = "hold.html"
    section: ClassVar[str] = "customers"

    headline: str
    lead: str
    back: str
    back_words: str
    release: str
    change: HoldChange

    @property
    def live(self) -> bool:
        """The plan changes while the page is open."""
        return True


@dataclass(frozen=True)
class RefusedHoldPage(Page):
    """The form of a hold once more, with what is wrong with it."""

    template: ClassVar[str] = "hold_refused.html"
    section: ClassVar[str] = "customers"

    faults: tuple[str, ...]
    form: Form
