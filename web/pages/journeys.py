"""Pages of the journeys: how touches led to responses."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from markupsafe import Markup

from web.pages.page import Page

__all__ = ["JourneyPage", "JourneysPage", "PathLine", "ResponseLine", "TouchLine"]


@dataclass(frozen=True)
class PathLine:
    """One path in words, with a bar of what touches and nothing at all are credited with."""

    channels: tuple[str, ...]
    responses: str
    share: str
    days: str
    anyway: str
    credit: str
    bar: Markup


@dataclass(frozen=True)
class ResponseLine:
    """One response that can be opened."""

    address: str
    at: str
    kind: str
    touches: str
    anyway: str


@dataclass(frozen=True)
class JourneysPage(Page):
    """The commonest paths with their credit and their time, and the last responses to open.

    Parameters
    ----------
    headline, lead
        What the paths say together, and over which days.
    paths
        Commonest first; empty where the run kept none.
    left_out
        What the paths shown leave out, in words; empty where they are all.
    responses
        The last responses with touches.
    """

    template: ClassVar[str] = "journeys.html"
    section: ClassVar[str] = "journeys"

    headline: str
    lead: str
    things: str
    paths: tuple[PathLine, ...]
    left_out: str
    responses: tuple[ResponseLine, ...]


@dataclass(frozen=True)
class TouchLine:
    """One touch before a response, in words, with its share."""

    at: str
    what: str
    detail: str
    share: str
    likely: str


@dataclass(frozen=True)
class JourneyPage(Page):
    """One response opened to its touches.

    Parameters
    ----------
    customer
        Whose it is, and the address of their page where there is one.
    anyway, anyway_likely
        The part that would have come anyway, with its range.
    rest
        The part that small touches share; empty where there is none.
    """

    template: ClassVar[str] = "journey.html"
    section: ClassVar[str] = "journeys"

    headline: str
    at: str
    value: str
    customer: str
    customer_address: str
    touches: tuple[TouchLine, ...]
    anyway: str
    anyway_likely: str
    rest: str
    back: str
