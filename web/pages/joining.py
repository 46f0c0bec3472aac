"""Pages of what joins: names that mean the same, what sources show beside what counts, and links that join."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from web.pages.page import Page

__all__ = [
    "AliasLine",
    "CodeLine",
    "LevelLines",
    "LinksPage",
    "NameLine",
    "NamesPage",
    "PairLine",
    "PeriodLine",
    "ReconciliationPage",
]


@dataclass(frozen=True)
class NameLine:
    """A name that nothing on the other side joins, with its money or touches."""

    name: str
    amount: str


@dataclass(frozen=True)
class LevelLines:
    """Both sides of a level: spend without touches, touches without spend."""

    title: str
    spend: tuple[NameLine, ...]
    touches: tuple[NameLine, ...]


@dataclass(frozen=True)
class PairLine:
    """Two names that probably mean the same; ``id`` is what confirming sends."""

    id: str
    name: str
    meant: str
    why: str
    amount: str
    touches: str


@dataclass(frozen=True)
class AliasLine:
    """A name that counts as another, since when and by whom."""

    name: str
    meant: str
    since: str


@dataclass(frozen=True)
class NamesPage(Page):
    """Which names join and which do not."""

    template: ClassVar[str] = "names.html"
    section: ClassVar[str] = "sources"

    headline: str
    lead: str
    media: str
    pairs: tuple[PairLine, ...]
    levels: tuple[LevelLines, ...]
    aliases: tuple[AliasLine, ...]
    known: tuple[str, ...]


@dataclass(frozen=True)
class PeriodLine:
    """What a source shows of a kind in a month, what we use of it, and why not the rest."""

    kind: str
    source: str
    month: str
    shows: str
    uses: str
    amount: str
    reasons: tuple[str, ...]


@dataclass(frozen=True)
class ReconciliationPage(Page):
    """What each source shows and what counts of it."""

    template: ClassVar[str] = "reconciliation.html"
    section: ClassVar[str] = "sources"

    headline: str
    sentences: tuple[str, ...]
    periods: tuple[PeriodLine, ...]


@dataclass(frozen=True)
class CodeLine:
    """A link, a code or a phone number, what it was made for and how many answered; ``qr`` is where its QR code is."""

    code: str
    carrier: str
    made_for: str
    promotion: str
    answers: str
    link: str
    qr: str
    retired: bool


@dataclass(frozen=True)
class LinksPage(Page):
    """The links and codes that were made, and a form to make another."""

    template: ClassVar[str] = "links.html"
    section: ClassVar[str] = "sources"

    headline: str
    form: object
    codes: tuple[CodeLine, ...]
