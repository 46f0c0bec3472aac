"""Commands for marketing and sales beside each other: ``policy`` and ``hold``."""

from __future__ import annotations

import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from campaigns.faults import TouchstoneError
from campaigns.settings import Settings, policy_table
from jobs.commands.examples import WithExamples
from jobs.commands.plan_steps import who
from jobs.screen import show, show_json

if TYPE_CHECKING:
    from campaigns.store.database import Database
    from campaigns.store.holds import Hold

__all__ = ["hold", "policy"]


@click.command(
    cls=WithExamples,
    short_help="Show the contact policy in use, or save a new version.",
    examples=(
        "touchstone policy",
        "touchstone policy --save policy.toml --note 'Fewer e-mails in summer'",
        "touchstone policy --history",
        "touchstone policy --from-file",
    ),
)
@click.option(
    "--save",
    "file",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="Save this TOML file, with a table [policy], as a new version.",
)
@click.option("--from-file", "reset", is_flag=True, help="Give the word back to touchstone.toml.")
@click.option("--note", default="", help="Why it is saved.")
@click.option("--history", is_flag=True, help="List every version.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def policy(file: Path | None, reset: bool, note: str, history: bool, as_json: bool) -> None:
    """Show the contact policy in use, save a new version of it, or list the versions.

    The version saved last holds, as a whole; without one, the table [policy] of touchstone.toml does.
    """
    from campaigns.planning.policy import ContactPolicy
    from campaigns.store.policies import policy_history, policy_in_use, save_policy

    settings = Settings.from_environ()
    with _opened(settings) as database:
        if file is not None or reset:
            wanted = None if file is None else ContactPolicy.from_mapping(_policy_of(file))
            saved = save_policy(database, wanted, by=who(), note=note)
            show(f"Saved as version {saved.id}.")
            return
        if history:
            told = policy_history(database)
            for one in told:
                what = "touchstone.toml" if one.policy is None else "policy"
                show(f"{one.id:>4}  {one.saved_at:%Y-%m-%d %H:%M}  {one.saved_by}  {what}  {one.note}")
            if not told:
                show("No version was saved: touchstone.toml and the defaults hold.")
            return
        used = policy_in_use(database, policy_table())
        if as_json:
            show_json({"version": used.version, "origin": used.words, "policy": used.policy.to_mapping()})
            return
        show(f"In use: {used.words}.")
        for cap in used.policy.caps:
            show(f"  {cap.words}")
        for name, value in used.policy.to_mapping().items():
            if name != "caps":
                show(f"  {name} = {value}")


def _policy_of(file: Path) -> dict[str, object]:
    try:
        written = tomllib.loads(file.read_text("utf-8"))
    except tomllib.TOMLDecodeError as error:
        raise TouchstoneError(f"{file} is not TOML: {error}.", "Correct it and save it again.") from error
    table = written.get("policy", written)
    return table if isinstance(table, dict) else {"policy": table}


@contextmanager
def _opened(settings: Settings) -> Iterator[Database]:
    from campaigns.store.database import open_database

    database = open_database(settings)
    try:
        yield database
    finally:
        database.dispose()


@click.command(
    cls=WithExamples,
    short_help="Keep marketing from a customer or an account for a while.",
    examples=(
        "touchstone hold --customer C-1001 --owner dana --reason 'contract talks' --until 2026-07-31",
        "touchstone hold --account A-7 --owner dana --reason 'complaint to the board' --until 2026-07-31",
        "touchstone hold --release 12",
        "touchstone hold --list --owner dana",
    ),
)
@click.option("--customer", help="The customer to hold.")
@click.option("--account", help="The account to hold, with all its people.")
@click.option("--owner", help="Whose hold it is.")
@click.option("--reason", default="", help="Why.")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="Last day.")
@click.option("--release", "release_id", type=click.IntRange(1), help="Release this hold before its end.")
@click.option("--list", "listed", is_flag=True, help="List the holds there are.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def hold(
    customer: str | None,
    account: str | None,
    owner: str | None,
    reason: str,
    until: datetime | None,
    release_id: int | None,
    listed: bool,
    as_json: bool,
) -> None:
    """Hold a customer or an account: marketing keeps silent until the last day. A hold needs a reason and an end."""
    from campaigns.retelling import dated
    from campaigns.store.holds import HoldWish, holds, place_hold, release_hold
    from campaigns.store.policies import policy_in_use

    settings = Settings.from_environ()
    today = datetime.now(settings.zone).date()
    with _opened(settings) as database:
        if listed:
            found = holds(database, today=today, owner=owner)
        elif release_id is not None:
            found = (release_hold(database, release_id, by=who()),)
        else:
            if until is None:
                raise click.UsageError("A hold needs an end: --until YYYY-MM-DD.")
            rules = policy_in_use(database, policy_table()).policy
            wish = HoldWish(owner or "", reason, until.date(), customer, account)
            found = (place_hold(database, rules, wish, by=who(), today=today),)
    if as_json:
        show_json({"holds": [_hold(one) for one in found]})
        return
    for one in found:
        show(dated(f"{one.words}{', released' if one.released_at else ''}"))
    if not found:
        show("There are no holds.")


def _hold(one: Hold) -> dict[str, object]:
    return {
        name: value.isoformat() if isinstance(value, (date, datetime)) else value for name, value in vars(one).items()
    }
