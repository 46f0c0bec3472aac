"""The command that shows the whole way on a market whose truth is known: ``demo``."""

from __future__ import annotations

import tempfile
import time
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from campaigns.faults import TouchstoneError, UnreadyError
from campaigns.settings import Settings
from jobs.commands.examples import WithExamples
from jobs.commands.reporting import read_truth_file
from jobs.commands.setting_up import write_settings_file
from jobs.screen import progress_shown, say, show, write_file

if TYPE_CHECKING:
    from campaigns.store.database import Database
    from campaigns.terms import Plan, Report

__all__ = ["demo"]

SHOWN_CONTACTS = 8


@click.command(
    cls=WithExamples,
    short_help="Go the whole way on the sample market.",
    examples=("touchstone demo", "touchstone demo --into /tmp/look"),
)
@click.option(
    "--into",
    "folder",
    type=click.Path(file_okay=False, path_type=Path),
    default=Path("touchstone-demo"),
    show_default=True,
    help="Folder for the demo's database, settings and report; made if need be.",
)
@click.option(
    "--market",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Folder of another simulated market.  [default: the sample market]",
)
def demo(folder: Path, market: Path | None) -> None:
    """Go the whole way on the sample market: import, fit, report beside the truth, plan.

    The market's days are moved by whole weeks, so that it ended last week and its plan can be approved. Takes at most
    three minutes and may be run again, which leaves its days where they are. Nothing outside of the folder is touched:
    your own database and settings are not looked at.
    """
    from campaigns.planning.drafting import draft_plan
    from campaigns.reporting.page import report_page
    from campaigns.reporting.text import plan_table, report_table
    from jobs.market import TRUTH_FILE
    from jobs.moved_market import move_market

    started = time.monotonic()
    source = market or _sample_market()
    told = read_truth_file(source / TRUTH_FILE)
    write_settings_file(folder)
    database = _set_up(folder)
    settings = Settings(database_url=str(database.engine.url))
    today = datetime.now(settings.zone).date()
    try:
        with tempfile.TemporaryDirectory() as moved:
            truth = move_market(source, _weeks(database, told, today), Path(moved))
            _import(database, settings, Path(moved))
        report = _fit(database, settings)
        show(report_table(report, truth))
        starts_on = max(_end_of(truth), today) + timedelta(days=1)
        plan = draft_plan(database, starts_on=starts_on, zone=settings.zone)
        show(plan_table(plan, currency=settings.currency, limit=SHOWN_CONTACTS))
    finally:
        database.dispose()
    write_file(folder / "report.html", report_page(report, plan, truth))
    say(f"Done in {time.monotonic() - started:.0f} seconds.")
    click.echo(_next_steps(folder, plan))


def _sample_market() -> Path:
    """Return the folder of the market that comes along, beside the packages."""
    import campaigns

    folder = Path(campaigns.__file__).parents[1] / "sample_data"
    if not (folder / "truth.json").is_file():
        raise UnreadyError(
            f"The sample market is not in {folder}.",
            "Make one: touchstone simulate market, then touchstone demo --market market",
        )
    return folder


def _end_of(truth: dict[str, Any]) -> date:
    """Return the last day of a simulated market."""
    return date.fromisoformat(truth["window"]["end"])


def _set_up(folder: Path) -> Database:
    from campaigns.store.database import Database

    database = Database(f"sqlite:///{(folder / 'touchstone.db').resolve()}")
    database.migrate()
    return database


def _weeks(database: Database, truth: dict[str, Any], today: date) -> int:
    """Return by how many weeks to move a market: what an earlier demo in this database did, or else up to last week."""
    from campaigns.store.holdings import holdings
    from jobs.moved_market import weeks_until

    last_spend = next(held.newest for held in holdings(database) if held.kind == "spend")
    if last_spend is None:
        return weeks_until(today, _end_of(truth))
    return round((last_spend - _end_of(truth)).days / 7)


def _import(database: Database, settings: Settings, source: Path) -> None:
    from campaigns.importing import files_of, import_file

    for kind, path in files_of(source):
        say(f"import: {import_file(database, settings, kind, path)}")


def _fit(database: Database, settings: Settings) -> Report:
    from jobs.pipeline import run_fit

    with progress_shown() as progress:
        outcome = run_fit(database, settings, requested_by="demo", progress=progress)
    if outcome.report is None or not outcome.published:
        raise TouchstoneError(f"The demo's fit was not published: {outcome.message}", "Run touchstone demo again.")
    return outcome.report


def _next_steps(folder: Path, plan: Plan) -> str:
    steps = [
        (f"open {folder / 'report.html'}", "the same as a page, with charts"),
        (f"cd {folder} && touchstone serve --demo", "as a site (or: make serve)"),
        ("touchstone import --columns responses", "your own data: see README.md"),
    ]
    if plan.contacts:
        steps.insert(
            2, (f"cd {folder} && touchstone explain {plan.contacts[0].customer_id}", "why one customer hears what")
        )
    width = max(len(step) for step, _ in steps)
    return "\n".join(("", "Next:", *(f"  {step:<{width}}  {words}" for step, words in steps)))
