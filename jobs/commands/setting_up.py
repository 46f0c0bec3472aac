"""Commands that set an installation up and look after it: ``init``, ``simulate``, ``doctor``."""

from __future__ import annotations

from pathlib import Path

import click

from campaigns.settings import Settings
from jobs.commands.examples import WithExamples
from jobs.screen import say, show_json, write_file

__all__ = ["SETTINGS_FILE", "doctor", "init", "simulate", "write_settings_file"]

SETTINGS_FILE = """\
# Settings of this installation. Each may also be given by an environment variable (TOUCHSTONE_DATABASE_URL, ...), which
# wins. A line that begins with # shows the default.

# Where the data lives: one SQLite file, or PostgreSQL (postgresql+psycopg://USER@HOST/NAME).
# database_url = "sqlite:///touchstone.db"

# IANA zone in which times written without a zone are read, and in which days begin.
# time_zone = "UTC"

# The reporting currency (ISO 4217). Amounts in others are converted by the file kind "rates".
# currency = "EUR"

# Address and port of the site (touchstone serve).
# host = "127.0.0.1"
# port = 8000

# Time of day, in time_zone, at which touchstone scheduler re-scores.
# nightly_at = "02:30"

# Folder of your own mappings (NAME.toml), searched before the shipped ones.
# mappings = "mappings"

# Key that signs the site's cookies. Empty: a new one at each start, so that everybody has to sign in again.
# secret_key = ""

# How often and when people may be contacted, where it differs from the default (docs/contact-policy.md):
# [policy]
"""
"""What ``touchstone init`` writes to ``touchstone.toml``: every setting, explained, at its default."""


def write_settings_file(folder: Path) -> Path | None:
    """Write ``touchstone.toml`` into ``folder`` unless there is one; return its path if it was written."""
    path = folder / "touchstone.toml"
    if path.exists():
        return None
    write_file(path, SETTINGS_FILE)
    return path


@click.command(
    cls=WithExamples, short_help="Make or update the database, and the settings file.", examples=("touchstone init",)
)
def init() -> None:
    """Make the database, or bring it up to date, and write touchstone.toml.

    Safe to run again: data stay, and a touchstone.toml that exists is left alone.
    """
    from campaigns.store.database import open_database

    settings = Settings.from_environ()
    database = open_database(settings)
    try:
        database.migrate()
    finally:
        database.dispose()
    click.echo(f"The database is ready: {database.address}")
    written = write_settings_file(Path.cwd())
    click.echo(f"{'Wrote' if written else 'Kept'} touchstone.toml, which explains every setting.")
    click.echo("Next: touchstone import --columns responses, then touchstone import responses FILE")


@click.command(
    cls=WithExamples,
    short_help="Write a market whose truth is known.",
    examples=(
        "touchstone simulate market --customers 5000 --seed 3",
        "touchstone import --all market",
    ),
)
@click.argument("folder", type=click.Path(file_okay=False, path_type=Path))
@click.option("--customers", type=click.IntRange(100), default=20_000, show_default=True, help="How many customers.")
@click.option("--days", type=click.IntRange(60), default=180, show_default=True, help="How many days.")
@click.option("--seed", type=click.IntRange(0), default=14, show_default=True, help="Same seed, same market.")
@click.option("--force", is_flag=True, help="Write into a folder that is not empty.")
def simulate(folder: Path, customers: int, days: int, seed: int, force: bool) -> None:
    """Write a market whose truth is known, as files to import and truth.json."""
    from attribution.simulate import MarketSpec, simulate_market
    from jobs.market import write_market

    spec = MarketSpec(customers=customers, days=days, seed=seed)
    write_market(simulate_market(spec), folder, overwrite=force)
    click.echo(f"Wrote a market of {customers:,} customers and {days} days to {folder}.")
    click.echo(f"Next: touchstone import --all {folder}")


@click.command(cls=WithExamples, short_help="Say what is missing, stale or wrong.", examples=("touchstone doctor",))
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def doctor(as_json: bool) -> None:
    """Say what is missing, stale or wrong in this installation, and what to do about it.

    Exit status 1 if something does not work.
    """
    from jobs.doctor import Grade, examine

    findings = examine(Settings.from_environ())
    if as_json:
        show_json({"findings": [finding.document() for finding in findings]})
    else:
        for finding in findings:
            click.echo(f"{finding.grade.mark} {finding.name:<18} {finding.sentence}")
            if finding.remedy:
                click.echo(f"{'':<21} {finding.remedy}")
    if any(finding.grade is Grade.BAD for finding in findings):
        say("Something does not work; see above.")
        raise click.exceptions.Exit(1)
