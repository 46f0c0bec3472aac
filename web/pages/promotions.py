"""Pages of the promotions."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from markupsafe import Markup

from campaigns.reporting.bars import FADES
from web.pages.page import Page, Part
from web.pages.plan import RequestPanel

__all__ = ["AudienceSize", "EditPage", "OverlapLine", "PromotionLine", "PromotionPage", "PromotionsPage", "Prospects"]


@dataclass(frozen=True)
class PromotionLine:
    """One promotion in the list, in words; ``address`` leads to it, ``mood`` colours its state."""

    address: str
    name: str
    key: str
    kind: str
    state: str
    mood: str
    dates: str
    channels: str
    budget: str
    audience: str
    planned: str
    answered: str


@dataclass(frozen=True)
class PromotionsPage(Page):
    """All promotions, those that run first; ``states`` are the filters as (address, words, whether chosen)."""

    template: ClassVar[str] = "promotions.html"
    section: ClassVar[str] = "promotions"

    lines: tuple[PromotionLine, ...]
    states: tuple[tuple[str, str, bool], ...]
    may_change: bool
    previous: str
    following: str


@dataclass(frozen=True)
class AudienceSize(Part):
    """How many customers an audience holds, or why that cannot be said; ``as_of`` says when they were counted."""

    template: ClassVar[str] = "audience_size.html"

    words: str
    faults: tuple[str, ...] = ()
    as_of: str = ""


@dataclass(frozen=True)
class EditPage(Page):
    """The form of a promotion; ``number`` is 0 for a new one, ``came`` says where it came from."""

    template: ClassVar[str] = "promotion_edit.html"
    section: ClassVar[str] = "promotions"

    number: int
    form: Any
    faults: tuple[str, ...]
    came: str
    currency: str

    @property
    def live(self) -> bool:
        """The count of the audience follows the form."""
        return True


@dataclass(frozen=True)
class OverlapLine:
    """Another promotion that competes for the same people: whom, how many, at what cost."""

    name: str
    people: str
    share: str
    cost: str


@dataclass(frozen=True)
class Prospects:
    """What a promotion would bring, in words; figures are (what it is called, the figure, a note)."""

    headline: str
    bar: Markup
    figures: tuple[tuple[str, str, str], ...]
    notes: tuple[str, ...]
    overlaps: tuple[OverlapLine, ...]
    sales: str
    left_out: tuple[tuple[str, str], ...]
    made: str


@dataclass(frozen=True)
class PromotionPage(Page):
    """One promotion: what it is, what it would bring, and with whom it competes."""

    template: ClassVar[str] = "promotion.html"
    section: ClassVar[str] = "promotions"

    number: int
    key: str
    text: str
    facts: tuple[tuple[str, str], ...]
    cautions: tuple[str, ...]
    audience: tuple[str, ...]
    codes: tuple[str, ...]
    planned: str
    panel: RequestPanel | None
    prospects: Prospects | None
    may_change: bool

    @property
    def fades(self) -> Markup:
        """The soft ends of its bar."""
        return FADES

    @property
    def live(self) -> bool:
        """The count of the audience, and what the planner is at, change in place."""
        return True
