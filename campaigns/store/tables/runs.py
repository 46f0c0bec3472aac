"""Runs and what they found: the ledger, the effects, their draws, and the scores of persons."""

import datetime as dt
from typing import Any

from sqlalchemy import JSON, Index, text
from sqlmodel import Field

from campaigns.store.tables.columns import KEY, Record, key, moment, reference, whole

__all__ = ["Draw", "Effect", "Run", "RunCheck", "RunForecast", "RunPlot", "RunStage", "RunSummary", "Score", "Worth"]


class Run(Record, table=True):
    """One fit: asked for, running, or done; ``state`` is a ``campaigns.store.runs.State``.

    At most one run of a goal waits: who asks again gets the one that waits. ``attempts`` counts how often a worker has
    begun it. ``findings`` holds its tests, its changes and what it looked at.
    """

    __tablename__ = "runs"
    __table_args__ = (
        Index(
            "uq_runs_goal_requested",
            "goal",
            unique=True,
            sqlite_where=text("state = 'requested'"),
            postgresql_where=text("state = 'requested'"),
        ),
    )

    id: int | None = key()
    goal: str
    state: str
    requested_at: dt.datetime = moment()
    requested_by: str = ""
    started_at: dt.datetime | None = moment(None)
    heartbeat_at: dt.datetime | None = moment(None)
    finished_at: dt.datetime | None = moment(None)
    attempts: int = whole(0)
    stage: str = ""
    progress: float = 0.0
    message: str = ""
    cancel_requested: bool = False
    verdict: str | None = None
    window_start: dt.date | None = None
    window_end: dt.date | None = None
    responses: int | None = whole()
    first_responses: int | None = whole()
    linked_share: float | None = None
    currency: str | None = None
    notes: list[str] = Field(default_factory=list, sa_type=JSON)
    options: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    versions: dict[str, str] = Field(default_factory=dict, sa_type=JSON)
    findings: dict[str, Any] = Field(default_factory=dict, sa_type=JSON, sa_column_kwargs={"server_default": "{}"})


class RunStage(Record, table=True):
    """One stage of a run."""

    __tablename__ = "run_stages"

    id: int | None = key()
    run_id: int = reference("runs.id", index=True)
    stage: str
    started_at: dt.datetime = moment()
    finished_at: dt.datetime | None = moment(None)
    message: str = ""


class RunCheck(Record, table=True):
    """One judgement on a run: its number, its verdict and its sentence."""

    __tablename__ = "run_checks"

    run_id: int = reference("runs.id", primary_key=True)
    position: int = whole(..., primary_key=True)
    name: str
    value: float
    threshold: float
    verdict: str
    sentence: str


class RunPlot(Record, table=True):
    """One plot that shows how a run sampled, drawn by the run itself: SVG, compressed with gzip."""

    __tablename__ = "run_plots"

    run_id: int = reference("runs.id", primary_key=True)
    name: str = Field(primary_key=True)
    position: int = whole(...)
    svg: bytes


class RunForecast(Record, table=True):
    """Responses that a run expected of the days after its data, with their 90 % interval, and what came.

    ``channel`` is missing where all responses are meant; ``came`` and ``outcome`` (a
    ``campaigns.terms.ForecastOutcome``) are missing until a later run, ``settled_by``, has held it against what came.
    """

    __tablename__ = "run_forecasts"

    run_id: int = reference("runs.id", primary_key=True)
    position: int = whole(..., primary_key=True)
    channel: str | None = None
    starts_on: dt.date
    ends_on: dt.date
    mean: float
    p05: float
    p95: float
    came: float | None = None
    outcome: str | None = None
    settled_by: int | None = reference("runs.id", None)


class RunSummary(Record, table=True):
    """Something that a run summed up of what was imported, so that pages need not.

    JSON, compressed with gzip; the index of audiences is Arrow.
    """

    __tablename__ = "run_summaries"

    run_id: int = reference("runs.id", primary_key=True)
    name: str = Field(primary_key=True)
    content: bytes


class Effect(Record, table=True):
    """What the baseline, a channel, a campaign or an ad did: ``level`` says which, in these words.

    Money is in major units; ``position`` keeps the order of the report. A cost that does not exist has ``has_cac``
    false; a bound of it that does not exist is missing. ``costs`` holds the further costs and what an ad beats.
    """

    __tablename__ = "effects"
    __table_args__ = (Index(None, "run_id", "level", "position"),)

    id: int | None = key()
    run_id: int = reference("runs.id")
    level: str
    position: int = whole(...)
    channel: str | None = None
    campaign: str | None = None
    ad: str | None = None
    spend: float | None = None
    touches: float | None = None
    proof: str | None = None
    matched_share: float | None = None
    incremental_mean: float
    incremental_p05: float
    incremental_p95: float
    acquired_mean: float | None = None
    acquired_p05: float | None = None
    acquired_p95: float | None = None
    has_cac: bool = False
    cac_median: float | None = None
    cac_p05: float | None = None
    cac_p95: float | None = None
    has_marginal_cac: bool = False
    marginal_cac_median: float | None = None
    marginal_cac_p05: float | None = None
    marginal_cac_p95: float | None = None
    p_no_effect: float | None = None
    p_below_target: float | None = None
    target: float | None = None
    claimed: float | None = None
    rules: dict[str, float] = Field(default_factory=dict, sa_type=JSON)
    costs: dict[str, Any] = Field(default_factory=dict, sa_type=JSON, sa_column_kwargs={"server_default": "{}"})


class Draw(Record, table=True):
    """Thinned draws of one quantity: ``values`` are 32 bit floats, little-endian, draw after draw.

    A curve has its ``points`` per draw; a single number has none.
    """

    __tablename__ = "draws"

    id: int | None = key()
    run_id: int = reference("runs.id", index=True)
    series: str
    channel: str | None = None
    campaign: str | None = None
    ad: str | None = None
    points: int | None = whole()
    values: bytes


class Score(Record, table=True):
    """What a contact would do to one person: extra responses per contact in a channel, at today's count of touches.

    ``error`` is the standard error, missing in runs of older versions; ``second`` the share of the effect that a second
    contact soon after keeps.
    """

    __tablename__ = "scores"

    run_id: int = reference("runs.id", primary_key=True)
    person_id: int = Field(foreign_key="people.id", primary_key=True, sa_type=KEY)
    channel: str = Field(primary_key=True)
    extra_responses: float
    recent_touches: int = whole(...)
    error: float | None = None
    second: float = Field(default=0.0, sa_column_kwargs={"server_default": "0"})


class Worth(Record, table=True):
    """The margin that one person is to bring yet, in major units, and whether their first order is still to come."""

    __tablename__ = "worths"

    run_id: int = reference("runs.id", primary_key=True)
    person_id: int = Field(foreign_key="people.id", primary_key=True, sa_type=KEY)
    margin: float
    is_new: bool
