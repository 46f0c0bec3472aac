"""Commands about the coming days: ``plan`` and ``explain``."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from campaigns.settings import Settings, policy_table
from jobs.commands.examples import WithExamples
from jobs.screen import say, show, show_json, write_file

if TYPE_CHECKING:
    from campaigns.planning.explanation import Explanation

__all__ = ["explain", "plan"]


@click.command(
    cls=WithExamples,
    short_help="Draft whom to contact in the coming days; approve, export, compare.",
    examples=(
        "touchstone plan",
        "touchstone plan --days 7 --starts-on 2026-06-01 --limit 5000",
        "touchstone plan --budget 2000 --volume spring=500-2000 --relationship 0.2 --ghosts 0.1",
        "touchstone plan --csv next-week.csv",
        "touchstone plan --json",
        "touchstone plan --compare 'budget -20%' --compare 'agents +1' --compare 'cap email 3'",
        "touchstone plan --overlaps",
        "touchstone plan --approve 12",
        "touchstone plan --export 12 --lists lists --agent ada --agent ben",
        "touchstone plan --calls lists/calls-ada.xlsx",
        "touchstone plan --close 12",
    ),
)
@click.option("--days", type=click.IntRange(1, 31), default=7, show_default=True, help="How many days to plan.")
@click.option("--starts-on", type=click.DateTime(["%Y-%m-%d"]), help="First day.  [default: tomorrow]")
@click.option("--limit", type=click.IntRange(1), help="At most so many contacts.")
@click.option("--budget", type=float, help="What all contacts together may cost.")
@click.option(
    "--volume", multiple=True, metavar="PROMOTION=LEAST-MOST", help="Contacts about a promotion; either may be missing."
)
@click.option("--relationship", type=float, metavar="SHARE", help="Least share of relationship contacts, 0 to 1.")
@click.option("--ghosts", type=float, default=0.0, metavar="SHARE", help="Share to withhold at random, 0 to 0.5.")
@click.option(
    "--never-hold-back",
    "spared",
    multiple=True,
    metavar="CUSTOMER",
    help="Neither hold back nor try out; named accounts never are.",
)
@click.option("--explore", type=float, default=0.0, metavar="SHARE", help="Share of customers to try contacts on.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Same data and seed, same plan.")
@click.option(
    "--csv",
    "csv_file",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the contacts to this file: CSV, or a workbook if its name ends in .xlsx.",
)
@click.option("--compare", multiple=True, metavar="CHANGE", help="What if? Compare, and store nothing.")
@click.option("--overlaps", is_flag=True, help="Who competes for the same people in the latest plan.")
@click.option("--approve", type=click.IntRange(1), metavar="ID", help="Approve a draft: its contacts get their place.")
@click.option("--old-scores", is_flag=True, help="Approve although the scores are older than the newest import.")
@click.option("--export", type=click.IntRange(1), metavar="ID", help="Commit an approved plan: its lists go out.")
@click.option(
    "--lists", "folder", type=click.Path(file_okay=False, path_type=Path), help="With --export: write its lists here."
)
@click.option("--agent", "agents", multiple=True, help="With --lists: who calls.  [default: the customers' owners]")
@click.option(
    "--calls",
    multiple=True,
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Settle a ticked call list.",
)
@click.option("--cancel", type=click.IntRange(1), metavar="ID", help="Cancel a plan: its places are given back.")
@click.option("--close", type=click.IntRange(1), metavar="ID", help="Close an exported plan: results and forecast.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def plan(
    days: int,
    starts_on: datetime | None,
    limit: int | None,
    budget: float | None,
    volume: tuple[str, ...],
    relationship: float | None,
    ghosts: float,
    spared: tuple[str, ...],
    explore: float,
    seed: int,
    csv_file: Path | None,
    compare: tuple[str, ...],
    overlaps: bool,
    approve: int | None,
    old_scores: bool,
    export: int | None,
    folder: Path | None,
    agents: tuple[str, ...],
    calls: tuple[Path, ...],
    cancel: int | None,
    close: int | None,
    as_json: bool,
) -> None:
    """Draft whom to contact in the coming days, and say who was left out and why.

    Contacts come in the order of the extra margin that they are expected to earn, within consent, contact limits and
    what sales is handling. The draft is stored; nothing is sent. Approving it reserves its contacts, exporting commits
    them, cancelling gives them back, closing holds the results against the forecast.
    """
    from jobs.commands import plan_steps

    plan_steps.refuse_several(
        compare=compare, overlaps=overlaps, approve=approve, export=export, cancel=cancel, close=close, calls=calls
    )
    if (folder is not None or agents) and (export is None or folder is None):
        raise click.UsageError("--lists and --agent go together, with --export ID.")
    from campaigns.planning.aims import Aims, read_volumes
    from campaigns.planning.drafting import draft_plan
    from campaigns.reporting.text import plan_json, plan_table
    from campaigns.retelling import dated
    from campaigns.store.database import open_database
    from campaigns.store.policies import policy_in_use

    settings = Settings.from_environ()
    written = policy_table()
    first = starts_on.date() if starts_on else datetime.now(settings.zone).date() + timedelta(days=1)
    wishes: dict[str, Any] = {"starts_on": first, "days": days, "limit": limit, "seed": seed, "zone": settings.zone}
    wishes["aims"] = Aims(
        budget,
        volumes=read_volumes(volume),
        least_relationship=relationship,
        ghosts=ghosts,
        never_held_back=spared,
        exploration=explore,
    )
    database = open_database(settings)
    try:
        if plan_steps.taken(
            database,
            settings,
            wishes,
            compare=compare,
            overlaps=overlaps,
            approve=approve,
            export=export,
            lists=folder,
            agents=agents,
            calls=calls,
            cancel=cancel,
            close=close,
            old_scores=old_scores,
            as_json=as_json,
        ):
            return
        drafted = draft_plan(database, **wishes, policy=policy_in_use(database, written), by=plan_steps.who())
    finally:
        database.dispose()
    if csv_file:
        from campaigns.reporting.result_sheets import plan_sheet
        from campaigns.reporting.sheets import csv_text, xlsx_bytes

        sheet = plan_sheet(drafted, settings.currency)
        write_file(csv_file, xlsx_bytes([sheet]) if csv_file.suffix == ".xlsx" else csv_text(sheet))
        say(f"Wrote {len(drafted.contacts):,} contacts to {csv_file}.")
    if as_json:
        show_json(plan_json(drafted))
        return
    if not csv_file:
        show(plan_table(drafted, currency=settings.currency))
    for note in drafted.notes:
        show(dated(note))
    if drafted.ends_on < datetime.now(settings.zone).date():
        show(f"This is plan {drafted.id}, a draft to look at: its days have passed, so it cannot be approved.")
    elif drafted.contacts:
        show(f"This is plan {drafted.id}, a draft. Next: touchstone plan --approve {drafted.id}")
    else:
        show(f"This is plan {drafted.id}, a draft without contacts, which cannot be approved.")


@click.command(
    cls=WithExamples,
    short_help="Say why the plan treats a customer as it does.",
    examples=("touchstone explain C-1001", "touchstone explain C-1001 --plan 12 --json"),
)
@click.argument("customer")
@click.option("--plan", "plan_id", type=click.IntRange(1), help="Number of a plan.  [default: the latest]")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def explain(customer: str, plan_id: int | None, as_json: bool) -> None:
    """Say why the plan speaks to CUSTOMER as it does, why not otherwise, and what sales is doing meanwhile."""
    from campaigns.planning.explaining import explain_customer
    from campaigns.retelling import dated
    from campaigns.store.database import open_database

    database = open_database(Settings.from_environ())
    try:
        found = explain_customer(database, customer, plan_id)
    finally:
        database.dispose()
    if as_json:
        show_json(_document(found))
    else:
        click.echo(dated(found.text))


def _document(found: Explanation) -> dict[str, object]:
    """Give an explanation as JSON has it: days as ISO 8601, money in major units of ``currency``."""
    document: dict[str, object] = json.loads(json.dumps(asdict(found), default=_written))
    return document


def _written(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"no JSON for {value!r}")
