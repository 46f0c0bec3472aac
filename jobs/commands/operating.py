"""Commands that keep running: the site and the scheduler."""

from __future__ import annotations

import os
import subprocess
import sys

import click

from campaigns.settings import PREFIX, Settings
from jobs.commands.examples import WithExamples
from jobs.screen import say

__all__ = ["scheduler", "serve"]


@click.command(
    cls=WithExamples, short_help="Serve the site.", examples=("touchstone serve --port 8080", "touchstone serve --demo")
)
@click.option("--host", help="Address to listen on, instead of the setting.")
@click.option("--port", type=click.IntRange(1, 65535), help="Port to listen on, instead of the setting.")
@click.option("--demo", is_flag=True, help="Let people sign in as each role without a password; this machine only.")
def serve(host: str | None, port: int | None, demo: bool) -> None:
    """Serve the site, from Today to Settings.

    With --demo whoever sits at this machine looks around as a marketer, a manager, sales, the front line or an
    administrator, without a password, and plans without a scheduler. It is refused where the site listens to other
    machines, and over a database that has real users.
    """
    environ = dict(os.environ)
    if host is not None:
        environ[f"{PREFIX}HOST"] = host
    if port is not None:
        environ[f"{PREFIX}PORT"] = str(port)
    if demo:
        environ[f"{PREFIX}DEMO"] = "true"
    Settings.from_environ(environ)
    if demo:
        # The demo plans too, without a second terminal; this ends with the site, whose process this one becomes.
        subprocess.Popen([sys.executable, "-m", "jobs.plan_poller"], env=environ)
    # The site gets a process of its own that never held a model or the scheduler.
    sys.stdout.flush()
    sys.stderr.flush()
    os.execve(sys.executable, [sys.executable, "-m", "web"], environ)  # noqa: S606 - our own interpreter and module


@click.command(
    cls=WithExamples,
    short_help="Re-score every night; work off what was asked for.",
    examples=(
        "touchstone scheduler",
        "touchstone scheduler --once",
    ),
)
@click.option("--once", is_flag=True, help="Do what is due now, then end (for cron).")
def scheduler(once: bool) -> None:
    """Re-score every night, and work off the runs and plans that the site asks for.

    Runs until it is told to end (Ctrl+C or SIGTERM); a run in progress is then handed back and taken up at the next
    start. With --once it works off what was asked for, or, when nothing was
    and the last run is older than a day, re-scores.
    """
    from jobs.runs import State
    from jobs.schedule import run_once, run_until_told

    settings = Settings.from_environ()
    if once:
        done = run_once(settings, say)
        if any(run.state != State.PUBLISHED for run in done):
            raise click.exceptions.Exit(1)
    else:
        run_until_told(settings, say)
