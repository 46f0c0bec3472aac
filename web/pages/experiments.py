"""Pages of the tests: what runs, what was found, and what to test next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar

from web.pages.page import Page

__all__ = ["ExperimentsPage", "FindingLine", "NextLine", "RunningLine"]


@dataclass(frozen=True)
class NextLine:
    """A test worth running, in words; ``asked`` for the one that the reader came for."""

    channel: str
    sentence: str
    stake: str
    needs: str
    gain: str
    asked: bool


@dataclass(frozen=True)
class RunningLine:
    """A test that runs or waits for its days."""

    name: str
    channel: str
    days: str
    state: str


@dataclass(frozen=True)
class FindingLine:
    """What one test measured, beside what the estimate says of the same people, days and regions."""

    name: str
    channel: str
    days: str
    people: str
    measured: str
    estimated: str
    use: str
    sound: bool
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class ExperimentsPage(Page):
    """Tests that run, tests that ended, and which to run next.

    Parameters
    ----------
    untestable
        What to know of the channel that the reader came for where no test of it is proposed; empty otherwise.
    form, may_plan, open
        The form of a new test, whether the visitor may plan one, and whether it stands open.
    move
        The move of money that it was filled in with, in a sentence; empty where with none.
    """

    template: ClassVar[str] = "experiments.html"
    section: ClassVar[str] = "experiments"

    headline: str
    lead: str
    next_tests: tuple[NextLine, ...]
    untestable: str
    running: tuple[RunningLine, ...]
    findings: tuple[FindingLine, ...]
    form: Any
    move: str
    open: bool
    may_plan: bool
