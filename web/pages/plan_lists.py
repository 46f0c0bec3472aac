"""The page of a plan's lists."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from web.pages.page import Page

__all__ = ["ListLine", "ListsPage"]


@dataclass(frozen=True)
class ListLine:
    """One list: what it is, whose it is if it is one agent's, how much is on it, and what to be careful about."""

    words: str
    whose: str
    name: str
    rows: str
    note: str
    address: str


@dataclass(frozen=True)
class ListsPage(Page):
    """The lists of an exported plan.

    Parameters
    ----------
    agents
        Who calls, with commas between; empty where owners call their own.
    everything
        Address of all lists in one archive.
    left_out
        Contacts on no list, as (reason, count).
    """

    template: ClassVar[str] = "plan_lists.html"
    section: ClassVar[str] = "plan"

    number: int
    days: str
    headline: str
    agents: str
    lines: tuple[ListLine, ...]
    everything: str
    left_out: tuple[tuple[str, str], ...]
