"""Pages of the runs."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from web.pages.page import Choice, Page, Part

__all__ = ["CheckLine", "ForecastLine", "ForecastsOfGoal", "RunLine", "RunPage", "RunPanel", "RunsPage", "StageLine"]


@dataclass(frozen=True)
class RunPanel(Part):
    """The state of the last run, and the way to ask for a new one; rendered by ``run.html``, also on its own.

    Parameters
    ----------
    goal
        What the run explains.
    mood
        ``idle``, ``waiting``, ``running`` or ``stopped``: how the panel looks and whether it keeps itself fresh.
    headline, detail
        What is going on, and what that means or what to do.
    percent
        Progress of a running run, 0 to 100, or None.
    """

    template: ClassVar[str] = "run.html"

    goal: str
    mood: str
    headline: str
    detail: str
    percent: int | None

    @property
    def active(self) -> bool:
        """Whether something is under way."""
        return self.mood in ("waiting", "running")


@dataclass(frozen=True)
class RunLine:
    """One run in words.

    Parameters
    ----------
    mood
        ``good`` where it was published, ``bad`` where it was not, else empty.
    minutes
        How long it took.
    percent
        Progress of a running run, 0 to 100, or None.
    stoppable
        Whether it can be asked to stop.
    """

    id: int
    goal: str
    asked: str
    who: str
    state: str
    mood: str
    verdict: str
    message: str
    minutes: str
    percent: int | None
    stoppable: bool


@dataclass(frozen=True)
class StageLine:
    """One stage of a run: what it does, when it began, how long it took, what it said."""

    words: str
    began: str
    took: str
    message: str


@dataclass(frozen=True)
class CheckLine:
    """One judgement on a run: in words, as ``pass``, ``review`` or ``fail``, and its sentence."""

    words: str
    verdict: str
    sentence: str


@dataclass(frozen=True)
class ForecastLine:
    """One forecast in words.

    Parameters
    ----------
    what
        What was forecast: all responses, or those caused by a channel.
    days
        The days it is about.
    expected, between, came
        The number expected, its likely range, and the number that came.
    outcome
        What became of it.
    mood
        ``good`` where it came true, ``bad`` where it did not, else empty.
    """

    run: int
    what: str
    days: str
    expected: str
    between: str
    came: str
    outcome: str
    mood: str


@dataclass(frozen=True)
class ForecastsOfGoal:
    """What the latest runs of a goal expected of all responses, and a sentence on how many came true."""

    goal: str
    said: str
    lines: tuple[ForecastLine, ...]


@dataclass(frozen=True)
class RunsPage(Page):
    """The run ledger; ``goals`` are what a run may be asked for."""

    template: ClassVar[str] = "runs.html"
    section: ClassVar[str] = "runs"

    panels: tuple[RunPanel, ...]
    runs: tuple[RunLine, ...]
    goals: tuple[Choice, ...]
    forecasts: tuple[ForecastsOfGoal, ...]

    @property
    def live(self) -> bool:
        """Whether a run is under way, whose panel keeps itself fresh."""
        return any(panel.active for panel in self.panels)


@dataclass(frozen=True)
class RunPage(Page):
    """One run: its log, its checks, and how it sampled.

    Parameters
    ----------
    panel
        What it is doing, for one that has not ended; else None.
    plots
        Names of the plots that it drew.
    forecasts
        What it expected of the days after its data.
    options
        How it was carried out: options and versions, as (name, value).
    """

    template: ClassVar[str] = "run_one.html"
    section: ClassVar[str] = "runs"

    run: RunLine
    panel: RunPanel | None
    stages: tuple[StageLine, ...]
    checks: tuple[CheckLine, ...]
    plots: tuple[str, ...]
    forecasts: tuple[ForecastLine, ...]
    options: tuple[tuple[str, str], ...]

    @property
    def live(self) -> bool:
        """Whether the run is under way."""
        return self.panel is not None and self.panel.active
