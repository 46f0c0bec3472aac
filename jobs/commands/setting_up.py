"""Commands that set an installation up: ``init`` and ``simulate``."""

from __future__ import annotations

import secrets
import sys
from pathlib import Path

import click

from campaigns.settings import Settings
from jobs.commands.examples import WithExamples
from jobs.screen import write_file

__all__ = ["SETTINGS_FILE", "init", "simulate", "write_settings_file"]

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

# Folder in which files uploaded on the site wait until they are imported or thrown away.
# uploads = "uploads"

# Key that signs the site's cookies; keep it to yourself. Empty: a new one at each start, which signs everybody out.
secret_key = "{secret_key}"

# Address under which people reach the site (https://touchstone.example), where that is not http://HOST:PORT: for links,
# and so that cookies travel over HTTPS only. Behind proxies, how many they are.
# address = ""
# proxies = 0

# Whether people sign in as each role without a password: for the demo, and on this machine alone.
# demo = false

# Mail: the server (smtp://USER:PASSWORD@HOST:PORT), who sends it, and who gets the weekly report; the folder and the
# moment ("mon 07:00") of that report, and the time of day ("07:30") at which owners hear what sales should know.
# smtp_url = ""
# mail_from = ""
# report_to = ""
# report_folder = ""
# report_at = ""
# digest_at = ""

# How often and when people may be contacted, where it differs from the default (docs/contact-policy.md):
# [policy]
"""
"""What ``touchstone init`` writes to ``touchstone.toml``: every setting, explained, at its default, and a new key."""


def write_settings_file(folder: Path) -> Path | None:
    """Write ``touchstone.toml`` into ``folder`` unless there is one; return its path if it was written.

    It holds a key, so only its owner may read it.
    """
    path = folder / "touchstone.toml"
    if path.exists():
        return None
    write_file(path, SETTINGS_FILE.format(secret_key=secrets.token_hex(32)))
    path.chmod(0o600)
    return path


@click.command(
    cls=WithExamples,
    short_help="Make or update the database, the settings file and the first administrator.",
    examples=("touchstone init", "touchstone init --admin you@example.com"),
)
@click.option("--admin", metavar="EMAIL", help="Make this person an administrator of the site; prints a link for them.")
@click.option("--password-stdin", is_flag=True, help="Read the administrator's password from standard input instead.")
def init(admin: str | None, password_stdin: bool) -> None:
    """Make the database, or bring it up to date, write touchstone.toml, and name the first administrator.

    Safe to run again: data stay, and a touchstone.toml that exists is left alone. Without --admin it asks for the
    administrator's address on a terminal, where there is none yet. The link it prints sets the password, works once and
    for three days; --admin for somebody who is one already prints a new link, and lets a locked account in again.
    """
    from campaigns.store.database import open_database
    from jobs.administrators import appoint, has_administrator

    if password_stdin and not admin:
        raise click.UsageError("--password-stdin needs --admin EMAIL.")
    written = write_settings_file(Path.cwd())
    settings = Settings.from_environ()
    database = open_database(settings)
    try:
        database.migrate()
        click.echo(f"The database is ready: {database.address}")
        click.echo(f"{'Wrote' if written else 'Kept'} touchstone.toml, which explains every setting.")
        if not admin and not has_administrator(database) and sys.stdin.isatty():
            admin = click.prompt("E-mail address of the site's first administrator (empty for later)", default="")
        if admin:
            password = sys.stdin.readline().rstrip("\r\n") if password_stdin else None
            click.echo(appoint(database, admin, settings.home, password))
        elif not has_administrator(database):
            click.echo("Nobody can sign in to the site yet: touchstone init --admin you@example.com")
    finally:
        database.dispose()
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
