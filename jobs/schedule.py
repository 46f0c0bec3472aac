"""The schedule: every night it asks for a run, and whatever was asked for is worked off, one run after another.

Computing happens in a process of its own (``jobs.worker``): a model that is compiling cannot be interrupted from
inside, and must not hold the schedule up nor take it down.
"""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from types import FrameType

from apscheduler.jobstores.sqlalchemy import SQLAlchemyJobStore
from apscheduler.schedulers.background import BackgroundScheduler
from apscheduler.triggers.cron import CronTrigger
from apscheduler.triggers.interval import IntervalTrigger

from campaigns.faults import TouchstoneError
from campaigns.settings import Settings
from campaigns.store.database import Database, open_database
from campaigns.store.tables import Run
from jobs import runs
from jobs.plan_poller import PlanPoller
from jobs.runs import ClaimedRun, State
from jobs.screen import say as say_on_screen

__all__ = ["ask_for_tonight", "run_once", "run_until_told"]

NIGHTLY = "nightly"
WEEKLY = "weekly"
DAILY = "daily"
OUTGOING = "outgoing"
WORKER = (sys.executable, "-m", "jobs.worker")
"""What carries out a run, its number coming last."""

LATE_BY = timedelta(hours=12)
"""How late a night's run may still be asked for, if the machine was off."""

POLL_SECONDS = 3.0
LOOK_SECONDS = 0.2

OUT_EVERY = timedelta(minutes=1)
"""How often messages to other programs are sent and leads looked at, whatever else is computed meanwhile."""

Say = Callable[[str], None]


def run_until_told(settings: Settings, say: Say) -> None:
    """Keep the schedule until SIGTERM or Ctrl+C; a run in progress is then stopped and handed back.

    Raises
    ------
    TouchstoneError
        If the database cannot be used at the start. Later, such an error is said and tried again.
    """
    database = open_database(settings)
    told = _Told()
    plans = PlanPoller(database, settings, say)
    try:
        runs.latest(database)
        with _listening(told), _nightly(database, settings):
            say(f"scheduler started: re-scores at {settings.nightly_at} ({settings.time_zone})")
            while not told.to_end:
                try:
                    _work_off(database, settings, told, say, plans)
                    told.wait(POLL_SECONDS, plans)
                except TouchstoneError as error:
                    say(f"{error} Trying again in {POLL_SECONDS:.0f} seconds.")
                    told.wait(POLL_SECONDS)
            plans.close()
        say("scheduler ended")
    finally:
        database.dispose()


def run_once(settings: Settings, say: Say, now: datetime | None = None) -> tuple[Run, ...]:
    """Work off what was asked for and, if this night's run was not asked for yet, that too.

    Returns
    -------
    The runs as they ended.
    """
    database = open_database(settings)
    told = _Told()
    try:
        if _is_due(database, settings, now or datetime.now(UTC)):
            _ask(database)
        plans = PlanPoller(database, settings, say)
        with _listening(told):
            done = _work_off(database, settings, told, say, plans)
            plans.work_off(lambda: told.to_end)
        if not done:
            say("nothing is due")
        return done
    finally:
        database.dispose()


def ask_for_tonight() -> None:
    """Ask for the night's runs; what APScheduler calls, by name, so that its store holds no settings."""
    database = open_database(Settings.from_environ())
    try:
        _ask(database)
    finally:
        database.dispose()


def deliver_this_week() -> None:
    """Send out the weekly report of every goal that has one; what APScheduler calls, by name."""
    from jobs.delivery import deliver

    settings = Settings.from_environ()
    database = open_database(settings)
    try:
        for goal in runs.published_goals(database):
            deliver(database, settings, goal)
    finally:
        database.dispose()


def send_out() -> None:
    """Send what is due to other programs, and alert whoever has to hear; what APScheduler calls, by name.

    A mail server that does not answer keeps no message back: alerts stay due, and the next minute tries again.
    """
    from campaigns.settings import policy_table
    from campaigns.store.policies import policy_in_use
    from jobs.sending import send_messages
    from jobs.telling import mail_alerts

    settings = Settings.from_environ()
    database = open_database(settings)
    try:
        send_messages(database)
        mail_alerts(database, settings, policy_in_use(database, policy_table()).policy)
    except TouchstoneError as error:
        say_on_screen(f"{error} Trying again in a minute.")
    finally:
        database.dispose()


def tell_owners() -> None:
    """Mail each owner in sales what could be offered; what APScheduler calls, by name."""
    from campaigns.settings import policy_table
    from campaigns.store.policies import policy_in_use
    from jobs.telling import mail_digests

    settings = Settings.from_environ()
    database = open_database(settings)
    try:
        mail_digests(database, settings, policy_in_use(database, policy_table()).policy)
    finally:
        database.dispose()


def _ask(database: Database) -> None:
    """Ask for a run of every goal that was ever published, or of the default one."""
    for goal in runs.published_goals(database) or ("order",):
        runs.request(database, goal, requested_by=NIGHTLY)


def _is_due(database: Database, settings: Settings, now: datetime) -> bool:
    """Tell whether no run was asked for since the night's moment last came."""
    last = runs.latest(database)
    hour, minute = map(int, settings.nightly_at.split(":"))
    moment = now.astimezone(settings.zone).replace(hour=hour, minute=minute, second=0, microsecond=0)
    if moment > now:
        moment -= timedelta(days=1)
    return last is None or last.requested_at < moment


@contextmanager
def _nightly(database: Database, settings: Settings) -> Iterator[None]:
    """Ask for a run every night while the block runs.

    The job stays in the database. A start leaves it as it is unless the time has changed: a night that passed while the
    machine was off is then made up for.
    """
    scheduler = BackgroundScheduler(
        jobstores={"default": SQLAlchemyJobStore(engine=database.engine)},
        job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": int(LATE_BY.total_seconds())},
        timezone=settings.zone,
    )
    hour, minute = settings.nightly_at.split(":")
    trigger = CronTrigger(hour=int(hour), minute=int(minute), timezone=settings.zone)
    scheduler.start(paused=True)
    try:
        known = scheduler.get_job(NIGHTLY)
        if known is None or str(known.trigger) != str(trigger) or known.trigger.timezone != trigger.timezone:
            scheduler.add_job("jobs.schedule:ask_for_tonight", trigger, id=NIGHTLY, replace_existing=True)
        _weekly(scheduler, settings)
        _daily(scheduler, settings)
        scheduler.add_job(
            "jobs.schedule:send_out",
            IntervalTrigger(seconds=int(OUT_EVERY.total_seconds())),
            id=OUTGOING,
            replace_existing=True,
        )
        scheduler.resume()
        yield
    finally:
        scheduler.shutdown(wait=True)


def _weekly(scheduler: BackgroundScheduler, settings: Settings) -> None:
    """Have the report sent out at the week's moment of the settings, or not at all."""
    known = scheduler.get_job(WEEKLY)
    if not settings.report_at:
        if known is not None:
            scheduler.remove_job(WEEKLY)
        return
    day, clock = settings.report_at.split(" ")
    hour, minute = clock.split(":")
    trigger = CronTrigger(day_of_week=day, hour=int(hour), minute=int(minute), timezone=settings.zone)
    if known is None or str(known.trigger) != str(trigger) or known.trigger.timezone != trigger.timezone:
        scheduler.add_job("jobs.schedule:deliver_this_week", trigger, id=WEEKLY, replace_existing=True)


def _daily(scheduler: BackgroundScheduler, settings: Settings) -> None:
    """Have owners mailed at the time of day of the settings, or not at all."""
    known = scheduler.get_job(DAILY)
    if not settings.digest_at:
        if known is not None:
            scheduler.remove_job(DAILY)
        return
    hour, minute = settings.digest_at.split(":")
    trigger = CronTrigger(hour=int(hour), minute=int(minute), timezone=settings.zone)
    if known is None or str(known.trigger) != str(trigger) or known.trigger.timezone != trigger.timezone:
        scheduler.add_job("jobs.schedule:tell_owners", trigger, id=DAILY, replace_existing=True)


class _Told:
    """Whether the process was told to end. A plain flag: a signal may come at any point, and takes no lock."""

    def __init__(self) -> None:
        self.to_end = False

    def __call__(self, _number: int, _frame: FrameType | None) -> None:
        self.to_end = True

    def wait(self, seconds: float, plans: PlanPoller | None = None) -> None:
        """Wait so long, or until told to end; meanwhile what is asked of the planner is worked off."""
        until = time.monotonic() + seconds
        while not self.to_end and time.monotonic() < until:
            if plans is not None:
                plans.step()
            time.sleep(LOOK_SECONDS)


@contextmanager
def _listening(told: _Told) -> Iterator[None]:
    """Take SIGTERM and Ctrl+C as the word to end, while the block runs."""
    before = {number: signal.signal(number, told) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _work_off(database: Database, settings: Settings, told: _Told, say: Say, plans: PlanPoller) -> tuple[Run, ...]:
    """Carry out what was asked for, oldest first, until nothing is left or the process is told to end."""
    done = []
    for lost in runs.reclaim(database):
        say(f"run {lost.id} ({lost.goal}): its worker fell silent; now {lost.state}")
    while not told.to_end and (run := runs.claim(database)) is not None:
        say(f"run {run.id} ({run.goal}): started, asked for by {run.requested_by or 'nobody named'}")
        ended = _carry_out(database, settings, run, told, plans)
        say(f"run {run.id} ({run.goal}): {ended.state}" + (f": {ended.message}" if ended.message else ""))
        done.append(ended)
    return tuple(done)


def _carry_out(database: Database, settings: Settings, run: ClaimedRun, told: _Told, plans: PlanPoller) -> Run:
    """Carry out a claimed run in a process of its own; see to it that the ledger knows how that ended."""
    # A session of its own: Ctrl+C at a terminal is for the schedule, which then decides.
    worker = subprocess.Popen(  # noqa: S603 - our own interpreter and module
        [*WORKER, str(run.id)], env=settings.environ(), start_new_session=True
    )
    while worker.poll() is None and not told.to_end:
        plans.step()
        time.sleep(LOOK_SECONDS)
    if worker.poll() is None:
        # At once, by the signal's default: what it was writing is rolled back, and the next worker begins again.
        worker.terminate()
        worker.wait()
        runs.hand_back(database, run)
    else:
        runs.end(database, run, State.FAILED, f"its process ended without a word, with status {worker.returncode}")
    return runs.record(database, run.id)
