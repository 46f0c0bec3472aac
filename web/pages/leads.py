"""The page of the leads that sales has."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from web.pages.page import Page

__all__ = ["LeadLine", "LeadsPage"]


@dataclass(frozen=True)
class LeadLine:
    """A lead that waits to be spoken to.

    Parameters
    ----------
    waited
        For how long, in business hours.
    state, mood
        How far its clock is, and how that looks.
    may_follow_up
        Whether the visitor may say that it was followed up.
    take_back
        Address by which the visitor takes it back; empty where it is not offered, or not to them.
    """

    anchor: str
    key: str
    whom: str
    address: str
    owner: str
    since: str
    waited: str
    state: str
    mood: str
    may_follow_up: bool
    take_back: str


@dataclass(frozen=True)
class LeadsPage(Page):
    """Leads in the hands of sales, those that have waited longest first; ``more`` says how many are not shown."""

    template: ClassVar[str] = "leads.html"
    section: ClassVar[str] = "clashes"

    headline: str
    lines: tuple[LeadLine, ...]
    more: str
