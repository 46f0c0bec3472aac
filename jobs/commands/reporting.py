"""Commands that compute and show what worked: ``fit`` and ``report``."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from campaigns.faults import RefusedError, UnreadyError
from campaigns.settings import Settings, known_goals
from campaigns.terms import GOALS, Report
from jobs.commands.aggregating import aggregate_options, fit_aggregate, refuse_parts_alone
from jobs.commands.examples import WithExamples
from jobs.options import RunOptions
from jobs.screen import progress_shown, say, show, show_json, write_file

if TYPE_CHECKING:
    from campaigns.store.database import Database

__all__ = ["fit", "read_truth_file", "report", "report_or_refuse"]


class GoalName(click.ParamType[str]):
    """The name of a goal: a usual one, or one of the installation's own, which its settings tell."""

    name = "GOAL"

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        """Return the name, or say which there are."""
        known = known_goals()
        if value not in known:
            self.fail(f"{value!r} is not one of {', '.join(known)}.", param, ctx)
        return value


GOAL = click.option(
    "--goal",
    type=GoalName(),
    default="order",
    show_default=True,
    help=f"What counts as a response: {', '.join(GOALS)}, or one of your own ([goals] in touchstone.toml).",
)


@click.command(
    cls=WithExamples,
    short_help="Work out what caused what, and publish it.",
    examples=(
        "touchstone fit",
        "touchstone fit --goal lead --draws 1000",
        "touchstone fit --aggregate weeks.csv --outcome orders --media tv,search --control price --json",
    ),
)
@GOAL
@click.option(
    "--chains",
    default=RunOptions.chains,
    show_default=True,
    type=click.IntRange(2, 16),
    help="Independent chains to sample; more judge convergence better.",
)
@click.option(
    "--draws",
    default=RunOptions.draws,
    show_default=True,
    type=click.IntRange(50),
    help="Draws kept from each chain; more make ranges steadier.",
)
@click.option(
    "--seed",
    default=RunOptions.seed,
    show_default=True,
    type=click.IntRange(0),
    help="Same data and seed, same result.",
)
@aggregate_options
@click.option("--json", "as_json", is_flag=True, help="The published report as JSON.")
def fit(goal: str, chains: int, draws: int, seed: int, as_json: bool, aggregate: Path | None, **parts: str) -> None:
    """Work out what caused what, judge the result, and publish it if it may be used.

    A result that fails its checks is kept and shown with its reason, and the last good one stays published; the exit
    status is then 1. Ctrl+C stops the work and changes nothing.

    With --aggregate FILE a media mix model is fitted to a file of outcome, media and controls by day or week (and
    region), where nothing is known of persons. Its result is printed and not stored.
    """
    if aggregate is not None:
        fit_aggregate(aggregate, RunOptions(chains, draws, seed), as_json, **parts)
        return
    refuse_parts_alone(parts)
    from campaigns.reporting.text import report_json, report_table
    from campaigns.store.database import open_database
    from jobs.pipeline import run_fit

    options = RunOptions(chains, draws, seed)
    settings = Settings.from_environ()
    database = open_database(settings)
    try:
        with progress_shown() as progress:
            outcome = run_fit(
                database, settings, goal=goal, requested_by="command line", options=options, progress=progress
            )
    finally:
        database.dispose()
    if outcome.report is None:
        raise UnreadyError(f"Run {outcome.run_id} was stopped.", "Nothing changed; run touchstone fit to start again.")
    if as_json:
        show_json(report_json(outcome.report))
    else:
        show(report_table(outcome.report))
    if not outcome.published:
        say(f"Refused. {outcome.message}")
        raise click.exceptions.Exit(1)


@click.command(
    cls=WithExamples,
    short_help="Show what worked and what a new customer costs.",
    examples=(
        "touchstone report",
        "touchstone report --json > report.json",
        "touchstone report --html report.html",
        "touchstone report --truth sample_data/truth.json",
        "touchstone report --mail --folder reports",
    ),
)
@GOAL
@click.option("--run", "run_id", type=click.IntRange(1), help="Number of a run, instead of the published one.")
@click.option("--target", type=click.FloatRange(0, min_open=True), help="What a new customer may cost.")
@click.option(
    "--truth", type=click.Path(exists=True, dir_okay=False, path_type=Path), help="truth.json of a simulated market."
)
@click.option(
    "--html", type=click.Path(dir_okay=False, path_type=Path), help="Write one self-contained page to this file."
)
@click.option("--mail", is_flag=True, help="Send the published report to the addresses of the settings.")
@click.option(
    "--folder",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write the published report into this folder: PDF, workbook, page.",
)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def report(
    goal: str,
    run_id: int | None,
    target: float | None,
    truth: Path | None,
    html: Path | None,
    mail: bool,
    folder: Path | None,
    as_json: bool,
) -> None:
    """Show what worked and what a new customer costs, as a table, as JSON or as a page; or send it out."""
    if mail or folder:
        _deliver(goal, mail, folder)
        return
    from campaigns.reporting.text import report_json, report_table
    from campaigns.store.database import open_database

    known = read_truth_file(truth) if truth else None
    settings = Settings.from_environ()
    database = open_database(settings)
    try:
        found = report_or_refuse(database, goal, run_id)
        answers = _answers(database, settings, found)
    finally:
        database.dispose()
    if html:
        from campaigns.reporting.page import report_page

        write_file(html, report_page(found, truth=known, target=target, zone=settings.zone))
        say(f"Wrote {html}.")
    if as_json:
        show_json(report_json(found))
    elif not html:
        show(report_table(found, known, target=target))
        if answers:
            click.echo("")
            for sentence in answers:
                click.echo(sentence)


def _answers(database: Database, settings: Settings, found: Report) -> tuple[str, ...]:
    """Say what answered codes in the time reported on, beside what is estimated of their channels."""
    from campaigns.reporting.answer_sheets import answer_sentences
    from campaigns.store.answers import answers_of

    goal = known_goals().get(found.run.goal)
    if goal is None:  # it was taken out of the settings since
        return ()
    with database.reading() as session:
        return answer_sentences(answers_of(session, settings.zone, found.run.window, goal), found)


def _deliver(goal: str, mail: bool, folder: Path | None) -> None:
    """Send the published report, or write it into a folder."""
    from campaigns.store.database import open_database
    from jobs.delivery import mail_report, write_report

    settings = Settings.from_environ()
    database = open_database(settings)
    try:
        if folder:
            for file in write_report(database, settings, folder, goal):
                say(f"Wrote {file}.")
        if mail:
            say(f"Mailed to {', '.join(mail_report(database, settings, goal))}.")
    finally:
        database.dispose()


def report_or_refuse(database: Database, goal: str, run_id: int | None = None) -> Report:
    """Return the published report of a goal, or that of one run.

    Raises
    ------
    UnreadyError
        If there is none.
    """
    from campaigns.store.results import published_report, report_of

    found = published_report(database, goal) if run_id is None else report_of(database, run_id)
    if found is None:
        which = f"for the goal {goal}" if run_id is None else f"of run {run_id}"
        raise UnreadyError(
            f"There is no report {which} yet.", "Run touchstone fit; touchstone doctor says what is missing."
        )
    return found


def read_truth_file(path: Path) -> dict[str, Any]:
    """Read ``truth.json``.

    Raises
    ------
    RefusedError
        If it is no JSON object.
    """
    try:
        found = json.loads(path.read_text("utf-8"))
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise RefusedError(
            f"{path} is not JSON: {error}", remedy="Name the truth.json that touchstone simulate wrote."
        ) from error
    if not isinstance(found, dict):
        raise RefusedError(
            f"{path} holds no JSON object.", remedy="Name the truth.json that touchstone simulate wrote."
        )
    return found
