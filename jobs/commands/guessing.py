"""What ``import --guess`` shows and does: what a file is, how it would be read, its doubts."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from campaigns.faults import RefusedError
from campaigns.settings import Settings
from jobs.screen import say, show, show_json

if TYPE_CHECKING:
    from campaigns.importing import Imported
    from campaigns.intake.guessing import Guess
    from campaigns.store.database import Database

__all__ = ["guess_and_import"]

WIDEST = 24
"""Most characters of a value that the preview shows."""


def guess_and_import(
    path: Path,
    save: str | None,
    source: str | None,
    dates: str = "",
    *,
    yes: bool,
    skip_faulty: bool,
    whole_days: bool,
    dry_run: bool,
    as_json: bool,
) -> None:
    """Say what a file is; keep its mapping and import it where that is asked for.

    Raises
    ------
    RefusedError
        If nothing can be made of the file, with how to export it rightly.
    """
    from campaigns.importing import guess_file, save_mapping
    from campaigns.store.database import open_database

    settings = Settings.from_environ()
    database = open_database(settings)
    try:
        guessed = guess_file(database, settings, path, dates=dates)
        if guessed.refused:
            what = f" It looks like this: {guessed.title}." if guessed.candidates else ""
            raise RefusedError(f"{path.name} cannot be imported as it is.{what}", guessed.refused)
        saved = save_mapping(settings, guessed, save) if save else None
        done = _imported(database, settings, guessed, source, skip_faulty, dry_run, whole_days) if yes else ()
    finally:
        database.dispose()
    if as_json:
        show_json(_document(guessed, saved, done))
        return
    _show(guessed)
    if saved is not None:
        say(f"The mapping is kept in {saved}.")
    for one in done:
        say("\n".join((str(one), *(f"  {note}" for note in one.notes))))
    if not yes:
        say(f"Nothing was stored. To import it: touchstone import --guess {path} --yes")


def _imported(
    database: Database,
    settings: Settings,
    guessed: Guess,
    source: str | None,
    skip_faulty: bool,
    dry_run: bool,
    whole_days: bool,
) -> tuple[Imported, ...]:
    from campaigns.importing import import_export, import_file
    from campaigns.intake.formats import KINDS

    if guessed.mapping is not None:
        return import_export(
            database,
            settings,
            guessed.path,
            guessed.mapping,
            source=source,
            skip_faulty=skip_faulty,
            dry_run=dry_run,
            whole_days=whole_days,
        )
    kind = KINDS[guessed.kinds[0]]
    one = import_file(database, settings, kind, guessed.path, source=source, skip_faulty=skip_faulty, dry_run=dry_run)
    return (one,)


def _document(guessed: Guess, saved: Path | None, done: tuple[Imported, ...]) -> dict[str, object]:
    return {
        "file": str(guessed.path),
        "title": guessed.title,
        "mapping": guessed.mapping.name if guessed.mapping else None,
        "kinds": list(guessed.kinds),
        "candidates": [asdict(one) for one in guessed.candidates],
        "preview": [asdict(one) for one in guessed.preview],
        "doubts": list(guessed.doubts),
        "notes": list(guessed.notes),
        "text": guessed.text,
        "saved": str(saved) if saved else None,
        "imported": [one.document() for one in done],
    }


def _show(guessed: Guess) -> None:
    """Show what was guessed."""
    by = f", read by the mapping {guessed.mapping.name}" if guessed.mapping is not None and not guessed.text else ""
    click.echo(f"{guessed.path.name}: {guessed.title}{by}. It makes {' and '.join(guessed.kinds)}.")
    for preview in guessed.preview:
        click.echo(f"\nThe first rows of {preview.kind}:")
        _show_rows(preview.columns, preview.rows)
    for title, lines in (("Doubts", guessed.doubts), ("What is done", guessed.notes)):
        if lines:
            click.echo("\n".join((f"\n{title}:", *(f"  - {line}" for line in lines))))
    if guessed.text:
        click.echo(f"\nThe mapping, as --save NAME keeps it:\n\n{guessed.text}")


def _show_rows(columns: tuple[str, ...], rows: tuple[tuple[str, ...], ...]) -> None:
    """Show a preview; what is the same in every row is said once, which leaves room for the rest."""
    from rich import box
    from rich.table import Table

    same = [place for place in range(len(columns)) if len({row[place] for row in rows}) == 1 < len(rows)]
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    others = [place for place in range(len(columns)) if place not in same]
    for place in others:
        table.add_column(columns[place], no_wrap=True, max_width=WIDEST)
    for row in rows:
        table.add_row(*(row[place] for place in others))
    show(table)
    if same:
        click.echo(f"In every row: {', '.join(f'{columns[place]} = {rows[0][place]}' for place in same)}.")
