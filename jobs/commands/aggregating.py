"""The part of ``fit`` that works on figures by period and region: ``touchstone fit --aggregate FILE``."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

import click

from jobs.options import RunOptions
from jobs.screen import progress_shown, show, show_json

__all__ = ["aggregate_options", "fit_aggregate", "refuse_parts_alone"]

Command = TypeVar("Command", bound=Callable[..., Any])

PARTS = ("date", "outcome", "media", "control", "region", "spend")


def _several(name: str, **attributes: Any) -> Callable[[Command], Command]:
    """Return an option that takes names with commas, and may be given again for more of them."""
    return click.option(name, multiple=True, callback=lambda _context, _option, given: ",".join(given), **attributes)


def aggregate_options(command: Command) -> Command:
    """Give a command the options that say what the columns of the file are."""
    options = (
        click.option(
            "--aggregate",
            type=click.Path(exists=True, dir_okay=False, path_type=Path),
            help="Fit a media mix model to this file: a row per day or week (and region).",
        ),
        click.option("--date", default="", help="Column of the period's first day.  [default: date]"),
        click.option("--outcome", default="", help="Column to be explained.  [default: outcome]"),
        _several("--media", help="Columns of media, with commas.  [default: those named spend_...]"),
        _several("--control", help="Columns of controls, with commas.  [default: control_...]"),
        click.option("--region", default="", help="Column of regions.  [default: region, if there is one]"),
        _several("--spend", help="What media cost, where they are not money: tv=tv_cost,radio=..."),
    )
    for option in reversed(options):
        command = option(command)
    return command


def refuse_parts_alone(parts: Mapping[str, str]) -> None:
    """Refuse options that only make sense with ``--aggregate``.

    Raises
    ------
    click.UsageError
        Naming them.
    """
    given = [f"--{name}" for name in PARTS if parts.get(name)]
    if given:
        raise click.UsageError(f"{', '.join(given)}: only together with --aggregate FILE.")


def fit_aggregate(file: Path, options: RunOptions, as_json: bool, **parts: str) -> None:
    """Fit a media mix model to a file and print what it found; exit with 1 if its checks failed."""
    from campaigns.terms import Verdict
    from jobs.media_mix import columns_of, fit_media_mix, media_mix_json, media_mix_table, read_panel_file

    frame = read_panel_file(file)
    columns = columns_of(
        list(frame.columns),
        date=parts["date"] or "date",
        outcome=parts["outcome"] or "outcome",
        media=_listed(parts["media"]),
        controls=_listed(parts["control"]),
        region=parts["region"] or None,
        spend=_pairs(parts["spend"]),
    )
    with progress_shown() as progress:
        panel, found = fit_media_mix(frame, columns, options, progress)
    if as_json:
        show_json(media_mix_json(panel, found))
    else:
        show(media_mix_table(panel, found))
    if found.verdict is Verdict.FAIL:
        raise click.exceptions.Exit(1)


def _listed(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _pairs(text: str) -> dict[str, str]:
    pairs = [part.partition("=") for part in _listed(text)]
    if wrong := [name for name, sign, column in pairs if not sign or not column]:
        raise click.BadParameter(f"{', '.join(wrong)}: expected MEDIUM=COLUMN.", param_hint="--spend")
    return {name.strip(): column.strip() for name, _, column in pairs}
