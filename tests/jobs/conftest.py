"""What the tests of jobs share: a database with a little data, and a computation that is small but real."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pytest

from attribution.evidence import Evidence
from attribution.gather import gather
from attribution.observations import FitOptions, Observations
from campaigns.importing import import_file
from campaigns.intake.formats import KINDS
from campaigns.settings import Settings
from campaigns.store.database import Database
from campaigns.store.results import DrawKey
from campaigns.terms import GOALS, Check, Effect, Proof, Range, Report, RunSummary, Verdict, Window
from jobs import fitting
from jobs.options import RunOptions
from jobs.pipeline import Compute, Fitted, Progress, Task
from tests.attribution import conftest as by_hand

RESPONSES = """occurred_at,kind,customer_id,value
2026-01-03T10:00:00Z,order,C1,100
2026-01-04T10:00:00Z,order,C2,200
2026-01-05T10:00:00Z,lead,C3,
"""
TOUCHES = """occurred_at,kind,channel,customer_id
2026-01-02T10:00:00Z,send,email,C1
2026-01-02T10:00:00Z,send,email,C3
"""


@pytest.fixture(scope="session")
def hand() -> ModuleType:
    """What the tests of the estimation share: markets and draws by hand."""
    return by_hand


@pytest.fixture
def summed_up(monkeypatch: pytest.MonkeyPatch, hand: ModuleType) -> Callable[[Any], Fitted]:
    """``summed_up(book)`` is what a fit finds on a poor market, with draws by hand in place of sampled ones."""
    gathered: list[Evidence] = []
    task = Task(GOALS["order"], ZoneInfo("UTC"), "EUR", RunOptions(chains=2, draws=100, seed=1))

    def remembered(observations: Observations, options: FitOptions) -> Evidence:
        gathered.append(gather(observations, options))
        return gathered[-1]

    def run(book: Any) -> Fitted:
        monkeypatch.setattr(fitting, "gather", remembered)
        monkeypatch.setattr(fitting, "sample_with_care", lambda *_: hand.plausible_draws(gathered[-1]))
        return fitting.compute(book.observations(), task, on_progress=lambda *_: None, is_cancelled=lambda: False)

    return run


@pytest.fixture
def settings() -> Settings:
    return Settings()


@pytest.fixture
def filled(sqlite_database: Database, settings: Settings, tmp_path: Path) -> Database:
    """A SQLite database with two orders, a lead and two e-mails."""
    return _fill(sqlite_database, settings, tmp_path)


@pytest.fixture
def both_filled(database: Database, settings: Settings, tmp_path: Path) -> Database:
    """The same on both databases in turn."""
    return _fill(database, settings, tmp_path)


def _fill(database: Database, settings: Settings, folder: Path) -> Database:
    for kind, text in (("responses", RESPONSES), ("touches", TOUCHES)):
        path = folder / f"{kind}.csv"
        path.write_text(text)
        import_file(database, settings, KINDS[kind], path)
    return database


def count_orders(
    observations: Observations,
    task: Task,
    *,
    on_progress: Progress,
    is_cancelled: Callable[[], bool],
    verdict: Verdict = Verdict.PASS,
) -> Fitted:
    """Find nothing but how many responses there were: no model, yet every stage, draw, score and check of a run."""
    for stage in ("evidence", "compile", "sample", "judge", "measure"):
        on_progress(stage, 0.0, "beginning")
        assert not is_cancelled()
        on_progress(stage, 1.0, "done")
    count = sum(kind in task.goal.kinds for kind in observations.responses["kind"].to_pylist())
    nothing = Range(0.0, 0.0, 0.0)
    window = Window(date(2026, 1, 1), date(2026, 1, 31))
    summary = RunSummary(0, datetime.now(UTC), verdict, task.goal.name, window, count, count, 0.5)
    touched = observations.touches.group_by("person").aggregate([([], "count_all")])
    scores = pa.table(
        {
            "person": touched["person"],
            "channel": pa.array(["email"] * touched.num_rows),
            "extra_responses": pa.array(np.full(touched.num_rows, 0.01)),
            "recent_touches": pc.cast(touched["count_all"], pa.int64()),
        }
    )
    email = Effect("email", 0.0, observations.touches.num_rows, Proof.ESTIMATED, nothing, nothing, 1.0)
    check = Check("R-hat", 1.2, 1.01, verdict, "The chains disagree.")
    report = Report(summary, task.currency, Range(count, count, count), (email,), (), (check,))
    return Fitted(report, {DrawKey("incremental", "email"): np.zeros(10)}, scores)


@pytest.fixture
def computing() -> Compute:
    """A computation that is small but real."""
    return count_orders


@pytest.fixture
def failing() -> Compute:
    """A computation whose checks fail."""
    return partial(count_orders, verdict=Verdict.FAIL)
