"""The one sequence of a run, whoever asks for it: read, compute with no session open, judge, publish.

A run that fails its checks is kept and shown with its reason, and the last good one stays published. A run that is
stopped, or that ends with an error, changes nothing but its line in the ledger.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any, Protocol
from zoneinfo import ZoneInfo

from campaigns.faults import TouchstoneError, UnreadyError
from campaigns.settings import Settings, known_goals, policy_table
from campaigns.store import observations as stored
from campaigns.store import runs as ledger
from campaigns.store.chances import with_chances
from campaigns.store.credits import Credits
from campaigns.store.database import Database
from campaigns.store.facts import facts_of
from campaigns.store.forecasts import settle_forecasts, standing_forecasts, store_forecasts
from campaigns.store.results import DrawKey, publish, published_report
from campaigns.store.run_plots import store_plots
from campaigns.store.summaries import store_summaries
from campaigns.terms import DataFacts, Forecast, Goal, Plan, Report, Soundness, Verdict
from jobs import runs
from jobs.pulse import Pulse
from jobs.runs import ClaimedRun, RunOptions, State, StoppedError
from jobs.summing import summaries_of

if TYPE_CHECKING:
    import numpy as np
    import pyarrow as pa

    from attribution.observations import Observations

__all__ = ["STAGES", "Compute", "Fitted", "RunOutcome", "Task", "carry_out", "renew_plan", "run_fit"]

STAGES: Mapping[str, float] = {
    "read": 0.05,
    "evidence": 0.10,
    "compile": 0.20,
    "sample": 0.50,
    "judge": 0.05,
    "measure": 0.05,
    "publish": 0.05,
}
"""The stages in their order, each with the share of a run that it usually takes; ``Compute`` tells all but the ends."""

Progress = Callable[[str, float, str], None]
"""Told ``(stage, share done, message)``; the share, from 0 to 1, is of the stage or of the run as each user says."""


@dataclass(frozen=True)
class Task:
    """What a run is to compute, besides the observations; ``forecasts`` are those of the runs before it."""

    goal: Goal
    zone: ZoneInfo
    currency: str
    options: RunOptions
    forecasts: tuple[Forecast, ...] = ()


@dataclass(frozen=True)
class Fitted:
    """What a computation found.

    Parameters
    ----------
    report
        The report with its checks; its run's number and time are set at publishing.
    draws
        Thinned draws by quantity, each array of shape ``(draws,)``, or ``(draws, points)`` for a curve.
    scores
        ``person, channel, extra_responses, recent_touches, error, second``: what one more contact would do.
    credits
        What each single response is owed to.
    worths
        ``person, margin, is_new``: what each person is expected to bring yet.
    plots
        How it sampled, as SVG by quantity.
    forecasts
        What it expects of the days after its data.
    settled
        Forecasts of earlier runs whose days are past by now, with what came.
    """

    report: Report
    draws: Mapping[DrawKey, np.ndarray] = field(default_factory=dict)
    scores: pa.Table | None = None
    credits: Credits | None = None
    worths: pa.Table | None = None
    plots: Mapping[str, bytes] = field(default_factory=dict)
    forecasts: tuple[Forecast, ...] = ()
    settled: tuple[Forecast, ...] = ()


class Compute(Protocol):
    """The part of a run that computes: ``jobs.fitting.compute``, or a stand-in."""

    def __call__(
        self, observations: Observations, task: Task, *, on_progress: Progress, is_cancelled: Callable[[], bool]
    ) -> Fitted:
        """Compute; tell ``on_progress(stage, share of that stage, message)``, and stop soon once ``is_cancelled()``.

        Raises
        ------
        StoppedError
            If it stopped; ``on_progress`` raises it too, so that reporting progress is enough to be stopped.
        """


@dataclass(frozen=True)
class RunOutcome:
    """How a run ended.

    Parameters
    ----------
    report
        What it found, published or refused; None if it was cancelled.
    message
        Why it was refused or cancelled, for people.
    seconds
        How long each stage took.
    """

    run_id: int
    state: State
    report: Report | None = None
    message: str = ""
    seconds: Mapping[str, float] = field(default_factory=dict)

    @property
    def published(self) -> bool:
        """Whether the report of this run is now the published one."""
        return self.state is State.PUBLISHED


def run_fit(
    database: Database,
    settings: Settings,
    *,
    goal: str = "order",
    requested_by: str = "",
    options: RunOptions | None = None,
    progress: Progress | None = None,
    compute: Compute | None = None,
) -> RunOutcome:
    """Ask for a run and carry it out here and now.

    Parameters
    ----------
    goal
        Name of a goal in ``campaigns.settings.known_goals``.
    requested_by
        Who asks, for the ledger.
    progress
        Told the stage, the share of the whole run that is done, and a message.
    compute
        What computes; ``jobs.fitting.compute`` by default.

    Raises
    ------
    TouchstoneError
        If there is nothing to fit, or another run is under way; whatever else goes wrong is raised as it is.
        The ledger has the reason in each case.
    """
    run = runs.start(database, goal, requested_by=requested_by, options=options or RunOptions())
    return carry_out(database, settings, run, progress=progress, compute=compute)


def carry_out(
    database: Database,
    settings: Settings,
    run: ClaimedRun,
    *,
    progress: Progress | None = None,
    compute: Compute | None = None,
) -> RunOutcome:
    """Carry out a run that this process has claimed; see ``run_fit``."""
    log = _Log(database, run, progress)
    with database.reading() as session:
        forecasts = standing_forecasts(session, run.goal)
    task = Task(known_goals()[run.goal], settings.zone, settings.currency, run.options, forecasts)
    try:
        with Pulse(database, run) as pulse:
            # Before the data are read: what comes in meanwhile is news to the next run.
            facts = facts_of(database, task.goal.kinds)
            fitted = _computed(database, task, log, pulse, compute)
            summaries = summaries_of(database, task.goal, fitted.report.run.window, task.zone, task.currency)
            pulse.check()
        return _publish(database, run, _since_before(database, task, fitted, facts), summaries, log)
    except StoppedError as stopped:
        runs.end(database, run, State.CANCELLED, stopped.message)
        return RunOutcome(run.id, State.CANCELLED, message=stopped.message, seconds=log.seconds)
    except KeyboardInterrupt:
        runs.end(database, run, State.CANCELLED, "stopped by hand")
        raise
    except BaseException as error:
        runs.end(database, run, State.FAILED, _reason(error))
        raise


def renew_plan(database: Database, settings: Settings, now: datetime | None = None) -> Plan:
    """Draft the plan of the seven days that begin tomorrow, in the configured zone."""
    from campaigns.planning.drafting import draft_plan
    from campaigns.store.policies import policy_in_use

    policy = policy_in_use(database, policy_table())
    today = (now or datetime.now(UTC)).astimezone(settings.zone).date()
    return draft_plan(database, starts_on=today + timedelta(days=1), policy=policy, zone=settings.zone)


class _Log:
    """Says what a run is at: to the ledger at each new stage, to whoever watches at each report."""

    def __init__(self, database: Database, run: ClaimedRun, progress: Progress | None) -> None:
        self.database = database
        self.run = run
        self.seconds: dict[str, float] = {}
        self._progress = progress
        self._stage = ""
        self._since = time.monotonic()

    def tell(self, stage: str, share: float, message: str) -> float:
        """Tell the stage and the share of it that is done; return the share of the whole run that is done."""
        now = time.monotonic()
        if self._stage:
            self.seconds[self._stage] += now - self._since
        self._since = now
        if stage != self._stage:
            runs.enter_stage(self.database, self.run, stage, message)
            self.seconds.setdefault(stage, 0.0)
            self._stage = stage
        done = _share_before(stage) + STAGES[stage] * min(max(share, 0.0), 1.0)
        if self._progress:
            self._progress(stage, done, message)
        return done


def _share_before(stage: str) -> float:
    names = list(STAGES)
    return sum(STAGES[name] for name in names[: names.index(stage)])


def _compute() -> Compute:
    """Return what computes; imported only here, because it brings PyMC with it."""
    from jobs.fitting import compute

    return compute


def _computed(database: Database, task: Task, log: _Log, pulse: Pulse, compute: Compute | None) -> Fitted:
    def on_progress(stage: str, share: float, message: str = "") -> None:
        pulse.tell(log.tell(stage, share, message), message)
        if pulse.is_cancelled():
            raise StoppedError("stopped on request")

    on_progress("read", 0.0, "reading what was imported")
    observations = _read(database, task.goal, task.zone)
    compute = compute or _compute()
    try:
        return compute(observations, task, on_progress=on_progress, is_cancelled=pulse.is_cancelled)
    except TouchstoneError as error:
        # However the computation words it: once it was asked to stop, this is how it says that it did.
        if pulse.is_cancelled():
            raise StoppedError("stopped on request") from error
        raise


def _read(database: Database, goal: Goal, zone: ZoneInfo) -> Observations:
    """Read everything that a fit looks at.

    Persons come last: whatever is imported meanwhile, every person of a touch or response read before is among them.
    """
    from attribution.observations import Observations
    from attribution.units import in_units

    touches, spend, responses = stored.touches(database), stored.spend(database), stored.responses(database)
    if not any(kind.as_py() in goal.kinds for kind in responses["kind"].unique()):
        raise UnreadyError(
            f"There are no {goal.plural} to explain.", "Import them: touchstone import --columns responses shows how."
        )
    if not touches.num_rows and not spend.num_rows:
        raise UnreadyError(
            "There are neither touches nor spend to explain anything by.",
            "Import one of them: touchstone import --columns touches shows how.",
        )
    found = Observations(
        touches=with_chances(database, touches, zone),
        responses=responses,
        spend=spend,
        channels=stored.channels(database),
        events=stored.events(database),
        promotions=stored.promotions(database),
        experiments=stored.experiments(database),
        assignments=stored.assignments(database),
        persons=stored.persons(database),
    )
    return in_units(found, goal)


def _since_before(database: Database, task: Task, fitted: Fitted, facts: DataFacts) -> Fitted:
    """Add to the report what it looked at, and what changed since the one published before it."""
    from campaigns.reporting.changes import changed_since

    report = fitted.report
    used = {found.experiment: found.soundness is Soundness.SOUND for found in report.experiments}
    facts = replace(facts, tests=used)
    before = published_report(database, task.goal.name)
    changes = None
    if before is not None:
        changes = changed_since(before.run.id, before.run.finished_at, before.facts, facts, task.goal)
    return replace(fitted, report=replace(report, facts=facts, changes=changes))


def _publish(
    database: Database, run: ClaimedRun, fitted: Fitted, summaries: Mapping[str, Any], log: _Log
) -> RunOutcome:
    """Store what was found, and make it the published report unless its checks failed: one transaction."""
    log.tell("publish", 0.0, "storing the result")
    found = replace(fitted.report.run, id=run.id, finished_at=datetime.now(UTC))
    report = replace(fitted.report, run=found)
    refused = found.verdict is Verdict.FAIL
    state = State.REFUSED if refused else State.PUBLISHED
    message = _failures(report) if refused else ""
    with database.transaction() as session:
        runs.require_ours(session, run)
        publish(session, run.id, report, fitted.draws, fitted.scores, fitted.credits, fitted.worths)
        store_summaries(session, run.id, summaries)
        store_plots(session, run.id, fitted.plots)
        if not refused:
            store_forecasts(session, run.id, fitted.forecasts)
            settle_forecasts(session, run.id, fitted.settled)
        ledger.end(session, run.id, state, message, now=found.finished_at)
    log.tell("publish", 1.0, "done")
    return RunOutcome(run.id, state, report, message, log.seconds)


def _failures(report: Report) -> str:
    sentences: Iterable[str] = (check.sentence for check in report.checks if check.verdict is Verdict.FAIL)
    return " ".join(sentences) or "Its checks failed."


def _reason(error: BaseException) -> str:
    """Say why a run failed, so that a person can act on it."""
    if isinstance(error, TouchstoneError):
        return f"{error.message} {error.remedy}".strip()
    return f"{type(error).__name__}: {error}"
