"""The command that writes results to files: ``export``."""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from campaigns.faults import UnreadyError
from campaigns.settings import Settings
from jobs.commands.examples import WithExamples
from jobs.commands.reporting import GOAL, report_or_refuse
from jobs.screen import say, write_file

if TYPE_CHECKING:
    from campaigns.store.results import DrawKey
    from campaigns.terms import Plan, Report

__all__ = ["export"]

RUN = click.option("--run", "run_id", type=click.IntRange(1), help="Number of a run, instead of the published one.")


@click.group(short_help="Write results to files.")
def export() -> None:
    """Write the report, the plan or the draws behind the ranges to a file; its ending says how."""


def _file(*endings: str) -> click.Path:
    return _FileEndingIn(endings)


class _FileEndingIn(click.Path):
    """A file to write, of a format that its ending names."""

    def __init__(self, endings: tuple[str, ...]) -> None:
        super().__init__(dir_okay=False, path_type=Path)
        self.endings = endings

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> Path:
        path = Path(str(super().convert(value, param, ctx)))  # type: ignore[arg-type]
        if path.suffix not in self.endings:
            self.fail(f"{path.name} should end in {' or '.join(self.endings)}.", param, ctx)
        return path


@export.command(
    "report",
    cls=WithExamples,
    examples=("touchstone export report report.xlsx", "touchstone export report run3.csv --run 3"),
)
@click.argument("file", type=_file(".csv", ".xlsx", ".json"))
@GOAL
@RUN
def export_report(file: Path, goal: str, run_id: int | None) -> None:
    """Write the report to FILE: .csv, .xlsx or .json; a row per channel and ad."""
    from campaigns.store.database import open_database

    database = open_database(Settings.from_environ())
    try:
        found = report_or_refuse(database, goal, run_id)
    finally:
        database.dispose()
    write_file(file, _report_as(file.suffix, found))
    say(f"Wrote the report of run {found.run.id} to {file}.")


def _report_as(ending: str, report: Report) -> str | bytes:
    from campaigns.reporting.contract import report_json
    from campaigns.reporting.result_sheets import report_sheet, report_sheets
    from campaigns.reporting.sheets import csv_text, xlsx_bytes

    if ending == ".json":
        return json.dumps(report_json(report), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    return csv_text(report_sheet(report)) if ending == ".csv" else xlsx_bytes(report_sheets(report))


@export.command(
    "plan",
    cls=WithExamples,
    examples=("touchstone export plan next-week.csv", "touchstone export plan next-week.xlsx"),
)
@click.argument("file", type=_file(".csv", ".xlsx", ".json"))
def export_plan(file: Path) -> None:
    """Write the contacts of the plan drafted last to FILE: .csv, .xlsx or .json."""
    from campaigns.store.database import open_database
    from campaigns.store.plans import latest_plan

    settings = Settings.from_environ()
    database = open_database(settings)
    try:
        found = latest_plan(database)
    finally:
        database.dispose()
    if found is None:
        raise UnreadyError("There is no plan yet.", "Run touchstone plan.")
    write_file(file, _plan_as(file.suffix, found, settings.currency))
    say(f"Wrote {len(found.contacts):,} contacts of plan {found.id} to {file}.")


def _plan_as(ending: str, plan: Plan, currency: str) -> str | bytes:
    from campaigns.reporting.contract import plan_json
    from campaigns.reporting.result_sheets import plan_sheet
    from campaigns.reporting.sheets import csv_text, xlsx_bytes

    if ending == ".json":
        return json.dumps(plan_json(plan), indent=2, ensure_ascii=False, allow_nan=False) + "\n"
    sheet = plan_sheet(plan, currency)
    return csv_text(sheet) if ending == ".csv" else xlsx_bytes([sheet])


@export.command(
    "draws",
    cls=WithExamples,
    examples=("touchstone export draws draws.parquet", "touchstone export draws draws.xlsx --run 3"),
)
@click.argument("file", type=_file(".parquet", ".csv", ".xlsx"))
@GOAL
@RUN
def export_draws(file: Path, goal: str, run_id: int | None) -> None:
    """Write the thinned draws behind the ranges to FILE: .parquet, .csv or .xlsx; a row per draw."""
    from campaigns.store.database import open_database
    from campaigns.store.results import draws_of

    database = open_database(Settings.from_environ())
    try:
        found = report_or_refuse(database, goal, run_id)
        draws = draws_of(database, found.run.id)
    finally:
        database.dispose()
    write_file(file, _draws_as(file.suffix, draws))
    say(f"Wrote {len(draws):,} series of draws of run {found.run.id} to {file}.")


def _draws_as(ending: str, draws: Mapping[DrawKey, Any]) -> str | bytes:
    from campaigns.reporting.sheets import csv_text, xlsx_bytes
    from jobs.tables_out import draws_parquet, draws_sheet

    if ending == ".parquet":
        return draws_parquet(draws)
    return csv_text(draws_sheet(draws)) if ending == ".csv" else xlsx_bytes([draws_sheet(draws)])


@export.command(
    "calendar",
    cls=WithExamples,
    examples=(
        "touchstone export calendar dana.ics --owner dana",
        "touchstone export calendar d.ics --owner d --days 90",
    ),
)
@click.argument("file", type=_file(".ics"))
@click.option("--owner", required=True, help="Whose calendar.")
@click.option("--days", type=click.IntRange(1, 366), default=30, show_default=True, help="How many days ahead.")
def export_calendar(file: Path, owner: str, days: int) -> None:
    """Write an owner's calendar to FILE (.ics): booked talks, deals, holds, suggestions, and marketing's contacts."""
    from campaigns.lists.calendar import calendar_feed
    from campaigns.store.database import open_database
    from campaigns.store.owner_calendar import owner_calendar

    settings = Settings.from_environ()
    now = datetime.now(settings.zone)
    database = open_database(settings)
    try:
        last = now.date() + timedelta(days - 1)
        items = owner_calendar(database, owner, first=now.date(), last=last, zone=settings.zone)
    finally:
        database.dispose()
    write_file(file, calendar_feed(items, name=owner, now=now))
    say(f"Wrote {len(items):,} items of {owner} to {file}.")
