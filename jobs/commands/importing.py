"""The command that brings files in: ``import``."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from campaigns.faults import RefusedError
from campaigns.intake.day_order import ORDERS
from campaigns.intake.formats import KINDS, Column, FileKind
from campaigns.settings import Settings
from jobs.commands.examples import WithExamples
from jobs.screen import say, show_json

if TYPE_CHECKING:
    from campaigns.importing import Imported

__all__ = ["import_files"]


@click.command(
    "import",
    cls=WithExamples,
    short_help="Check files and store them.",
    epilog=f"KIND is one of: {', '.join(KINDS)}.",
    examples=(
        "touchstone import --columns touches",
        "touchstone import responses orders.csv --dry-run",
        "touchstone import touches sends.csv.gz clicks.parquet",
        "touchstone import spend google.csv --mapping my_google --source google",
        "touchstone import --all sample_data",
        "touchstone import calendar_events --holidays TR --years 2025-2027",
        "touchstone import --guess orders_export.csv",
        "touchstone import --guess report.csv --save my_report --yes",
        "touchstone import --guess deals.csv --dates day-first",
    ),
)
@click.argument("kind", required=False, metavar="KIND", type=click.Choice(list(KINDS)))
@click.argument("files", nargs=-1, metavar="FILES...", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--mapping", help="Name of the mapping that makes the columns of KIND from those of the file.")
@click.option(
    "--source", help="Where the rows come from, if the file does not say; rows replace those of their source."
)
@click.option("--skip-faulty", is_flag=True, help="Store the good rows and keep the faulty ones with their reason.")
@click.option(
    "--dates",
    type=click.Choice([order.replace(" ", "-") for order in ORDERS]),
    metavar="ORDER",
    help="How to read dates such as 03/05/2026 where the file does not tell: day-first or month-first.",
)
@click.option(
    "--whole-days",
    is_flag=True,
    help="With --guess: the file has all spend of its source on its days, as after a campaign was renamed.",
)
@click.option("--dry-run", is_flag=True, help="Only check; store nothing.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.option(
    "--columns",
    metavar="KIND",
    type=click.Choice(list(KINDS)),
    help="List the columns of this kind, and import nothing.",
)
@click.option(
    "--all",
    "folder",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Import the files of this folder that are named after their kind (spend-2026.xlsx), in the right order.",
)
@click.option(
    "--guess",
    "unknown",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Say what this file is, and show the first rows as they would be stored; with --yes import them.",
)
@click.option("--save", metavar="NAME", help="With --guess: keep the mapping under this name, to change or use again.")
@click.option("--yes", is_flag=True, help="With --guess: import the file as guessed.")
@click.option(
    "--holidays", metavar="COUNTRY", help="calendar_events without a file: the public holidays of TR, DE or DE-BY, ..."
)
@click.option("--years", help="With --holidays: 2026, 2025-2027 or 2024,2026.  [default: last year to next year]")
def import_files(
    kind: str | None,
    files: tuple[Path, ...],
    mapping: str | None,
    source: str | None,
    skip_faulty: bool,
    dates: str | None,
    whole_days: bool,
    dry_run: bool,
    as_json: bool,
    columns: str | None,
    folder: Path | None,
    unknown: Path | None,
    save: str | None,
    yes: bool,
    holidays: str | None,
    years: str | None,
) -> None:
    """Check files of one KIND and store them: CSV, CSV.GZ, Parquet, JSON Lines, XLSX or ZIP.

    A file with faults is refused whole: the first 20 are shown, all of them are in FILE.faults.csv. Importing again
    replaces, never doubles. Of several files each is stored or refused by itself.
    """
    order = (dates or "").replace("-", " ")
    if columns:
        click.echo(_described(KINDS[columns]))
        return
    if unknown is not None:
        if kind is not None or folder is not None:
            raise click.UsageError("--guess FILE stands alone, without KIND and --all.")
        from jobs.commands.guessing import guess_and_import

        guess_and_import(
            unknown,
            save,
            source,
            order,
            yes=yes,
            skip_faulty=skip_faulty,
            whole_days=whole_days,
            dry_run=dry_run,
            as_json=as_json,
        )
        return
    if holidays is not None or years is not None:
        if kind != "calendar_events" or files or holidays is None:
            raise click.UsageError("Type: touchstone import calendar_events --holidays COUNTRY [--years YEARS]")
        _import_holidays(holidays, years, source, dry_run, as_json)
        return
    if save or yes or whole_days:
        raise click.UsageError("--save, --yes and --whole-days go with --guess FILE.")
    if (folder is None) == (kind is None):
        raise click.UsageError(
            "Name a KIND and its FILES, a folder with --all, or a file with --guess (--columns KIND shows its columns)."
        )
    found = _named(kind, files) if kind is not None else _found_in(folder or Path())
    if order and not mapping:
        raise click.UsageError("--dates goes with --mapping or --guess: our own files have dates such as 2026-05-01.")
    done, refused = _import_each(found, mapping, source, order, skip_faulty, dry_run)
    if as_json:
        show_json({"files": [*(one.document() for one in done), *(_refusal(path, error) for path, error in refused)]})
    for _, error in refused:
        say(f"Refused. {error}")
    if refused:
        raise click.exceptions.Exit(1)


def _import_holidays(country: str, years: str | None, source: str | None, dry_run: bool, as_json: bool) -> None:
    from campaigns.importing import import_holidays
    from campaigns.store.database import open_database

    settings = Settings.from_environ()
    database = open_database(settings)
    try:
        done = import_holidays(database, settings, country, years, source=source, dry_run=dry_run)
    finally:
        database.dispose()
    say(str(done))
    if as_json:
        show_json({"files": [done.document()]})


def _named(kind: str, files: tuple[Path, ...]) -> list[tuple[FileKind, Path]]:
    if not files:
        raise click.UsageError(f"Name the FILES of {kind} to import.")
    return [(KINDS[kind], path) for path in files]


def _found_in(folder: Path) -> list[tuple[FileKind, Path]]:
    from campaigns.importing import files_of

    found = files_of(folder)
    if not found:
        raise click.UsageError(f"No file in {folder} is named after a kind, as touches.csv is.")
    return list(found)


def _import_each(
    found: Sequence[tuple[FileKind, Path]],
    mapping: str | None,
    source: str | None,
    dates: str,
    skip_faulty: bool,
    dry_run: bool,
) -> tuple[list[Imported], list[tuple[Path, RefusedError]]]:
    """Import one file after another; return what became of the good ones, and of the refused ones."""
    from campaigns.importing import import_file
    from campaigns.store.database import open_database

    settings = Settings.from_environ()
    database = open_database(settings)
    done: list[Imported] = []
    refused: list[tuple[Path, RefusedError]] = []
    try:
        for kind, path in found:
            try:
                one = import_file(
                    database,
                    settings,
                    kind,
                    path,
                    mapping=mapping,
                    source=source,
                    skip_faulty=skip_faulty,
                    dry_run=dry_run,
                    dates=dates,
                )
            except RefusedError as error:
                refused.append((path, error))
                continue
            say("\n".join((str(one), *(f"  {note}" for note in one.notes))))
            done.append(one)
    finally:
        database.dispose()
    return done, refused


def _refusal(path: Path, error: RefusedError) -> dict[str, object]:
    faults = [asdict(fault) for fault in error.faults]
    return {"file": str(path), "stored": False, "refused": error.message, "remedy": error.remedy, "faults": faults}


def _described(kind: FileKind) -> str:
    """Describe the columns of a kind."""
    lines = [f"{kind.name}: {kind.meaning}", "", *(_column(column) for column in kind.all_columns)]
    if kind.identity in ("required", "optional"):
        lines += ["", "A person is named by customer_id, or by identifier_kind with identifier."]
    if kind.identity == "account":
        lines += ["", "Each row names an account_id or a person (customer_id, or identifier_kind with identifier)."]
    if kind.anonymous_with:
        lines += [f"A row without a person needs one of: {', '.join(kind.anonymous_with)}."]
    if kind.attributes:
        lines += ["Any further column attr_NAME is kept."]
    return "\n".join((*lines, "", "* required"))


def _column(column: Column) -> str:
    written = " | ".join(column.choices) if column.choices else column.type.words
    return f"  {column.name + ('*' if column.required else ''):<22} {column.meaning}\n{'':<25}{written}"
