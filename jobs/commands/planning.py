"""Commands about the coming days: ``plan`` and ``explain``."""

from __future__ import annotations

import json
from dataclasses import asdict
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import TYPE_CHECKING

import click

from campaigns.settings import Settings, policy_table
from jobs.commands.examples import WithExamples
from jobs.screen import say, show, show_json, write_file

if TYPE_CHECKING:
    from campaigns.planning.explanation import Explanation

__all__ = ["explain", "plan"]


@click.command(
    cls=WithExamples,
    short_help="Draft whom to contact in the coming days.",
    examples=(
        "touchstone plan",
        "touchstone plan --days 7 --starts-on 2026-06-01 --limit 5000",
        "touchstone plan --csv next-week.csv",
        "touchstone plan --json",
    ),
)
@click.option("--days", type=click.IntRange(1, 31), default=7, show_default=True, help="How many days to plan.")
@click.option("--starts-on", type=click.DateTime(["%Y-%m-%d"]), help="First day.  [default: tomorrow]")
@click.option("--limit", type=click.IntRange(1), help="At most so many contacts.")
@click.option("--seed", type=click.IntRange(0), default=0, show_default=True, help="Same data and seed, same plan.")
@click.option(
    "--csv", "csv_file", type=click.Path(dir_okay=False, path_type=Path), help="Write the contacts to this file."
)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def plan(
    days: int, starts_on: datetime | None, limit: int | None, seed: int, csv_file: Path | None, as_json: bool
) -> None:
    """Draft whom to contact in the coming days, and say who was left out and why.

    Contacts come in the order of the extra margin that they are expected to earn, within consent, contact limits and
    what sales is handling. The draft is stored; nothing is sent.
    """
    from campaigns.planning.drafting import draft_plan
    from campaigns.planning.policy import ContactPolicy
    from campaigns.reporting.text import plan_json, plan_table
    from campaigns.store.database import open_database

    settings = Settings.from_environ()
    policy = ContactPolicy.from_mapping(policy_table())
    first = starts_on.date() if starts_on else datetime.now(settings.zone).date() + timedelta(days=1)
    database = open_database(settings)
    try:
        drafted = draft_plan(
            database, starts_on=first, days=days, policy=policy, limit=limit, seed=seed, zone=settings.zone
        )
    finally:
        database.dispose()
    if csv_file:
        from jobs.tables_out import csv_text, plan_rows

        write_file(csv_file, csv_text(plan_rows(drafted)))
        say(f"Wrote {len(drafted.contacts):,} contacts to {csv_file}.")
    if as_json:
        show_json(plan_json(drafted))
    elif not csv_file:
        show(plan_table(drafted, currency=settings.currency))


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
    from campaigns.store.database import open_database

    database = open_database(Settings.from_environ())
    try:
        found = explain_customer(database, customer, plan_id)
    finally:
        database.dispose()
    if as_json:
        show_json(_document(found))
    else:
        click.echo(found.text)


def _document(found: Explanation) -> dict[str, object]:
    """Give an explanation as JSON has it: days as ISO 8601, money in major units of ``currency``."""
    document: dict[str, object] = json.loads(json.dumps(asdict(found), default=_written))
    return document


def _written(value: object) -> str:
    if isinstance(value, date):
        return value.isoformat()
    raise TypeError(f"no JSON for {value!r}")
