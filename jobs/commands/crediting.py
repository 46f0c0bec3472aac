"""The command that runs the rule models on a file of paths: ``credit``."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from campaigns.faults import Fault, RefusedError
from campaigns.terms import RULES
from jobs.commands.examples import WithExamples
from jobs.screen import show, show_json

if TYPE_CHECKING:
    from rich.table import Table

    from attribution.paths import Paths

__all__ = ["credit"]


@click.command(
    cls=WithExamples,
    short_help="Run the rule models on a file of paths.",
    examples=(
        "touchstone credit paths.csv",
        "touchstone credit paths.csv.gz --order 2 --json",
        "touchstone credit paths.csv --half-life 2",
    ),
)
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option("--order", type=click.IntRange(1, 4), default=1, show_default=True, help="Order of the Markov model.")
@click.option(
    "--half-life", type=click.FloatRange(0, min_open=True), help="Half-life of time decay, in touches.  [default: 1]"
)
@click.option("--separator", default=" > ", show_default=True, help="What stands between two touches of a path.")
@click.option("--json", "as_json", is_flag=True, help="As JSON, with every model.")
def credit(file: Path, order: int, half_life: float | None, separator: str, as_json: bool) -> None:
    """Share responses out over channels by the rules that people know.

    FILE has the columns path ("email > search > display"), total_conversions, total_conversion_value and total_null;
    rows with the same path are added up; or it is the table of Advertising > Attribution paths of Google Analytics 4,
    downloaded as CSV. These rules divide what happened; none asks what would have happened without
    an ad.
    """
    from attribution.credit import credit_all, credit_json

    document = credit_json(credit_all(_paths(file, separator), order=order, half_life=half_life))
    if as_json:
        show_json(document)
        return
    show(_table(document["channels"]))
    show(f"{document['conversions']:,.0f} conversions, worth {document['value']:,.2f}.")


def _paths(file: Path, separator: str) -> Paths:
    import numpy as np

    from attribution.paths import parse_paths
    from campaigns.intake.conversion_paths import read_paths

    raw = read_paths(file, separator)
    lines = raw.line_of(np.array([finding.row for finding in raw.findings], dtype=np.int64))
    found = [
        Fault(int(line), finding.column, finding.found, finding.expected)
        for line, finding in zip(lines, raw.findings, strict=True)
    ]
    if raw.faults or found:
        raise RefusedError(f"{file} cannot be read:", [*raw.faults, *found], "Export it again and try with that file.")
    return parse_paths(raw.table, separator=separator)


def _table(channels: list[dict[str, Any]]) -> Table:
    """Lay out the conversions that each rule credits to each channel."""
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    table.add_column("Channel")
    for rule in RULES:
        table.add_column(rule.replace("_", " ").capitalize(), justify="right")
    for row in channels:
        table.add_row(row["channel"], *(f"{row[rule]['conversions']:,.1f}" for rule in RULES))
    return table
