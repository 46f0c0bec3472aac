"""What ``touchstone doctor`` looks at: whether this installation works, and whether what it holds is fresh."""

from __future__ import annotations

import os
import platform
import re
import shutil
import sys
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime, timedelta
from importlib import metadata
from pathlib import Path

from campaigns.faults import TouchstoneError
from campaigns.settings import Settings
from campaigns.store.database import Database, open_database
from campaigns.store.holdings import Holding, holdings
from jobs.findings import Finding, Grade
from jobs.joining import join_findings
from jobs.runs import latest

__all__ = ["Finding", "Grade", "examine"]

STALE_AFTER = timedelta(days=2)
"""A run, and the data behind it, older than this is called stale: the schedule re-scores every night."""

TOLD_BY: Mapping[str, str] = {
    "responses": "there is nothing to explain",
    "touches": "nobody is known to have been reached",
    "spend": "no cost per new customer can be shown",
}
"""The kinds that a first answer wants, and what is wanting without them."""
PACKAGES = ("touchstone", "pymc", "nutpie", "arviz", "sqlmodel", "duckdb", "pyarrow", "flask", "apscheduler")


def examine(settings: Settings, now: datetime | None = None) -> tuple[Finding, ...]:
    """Look at everything an installation needs.

    Parameters
    ----------
    settings
        The settings to look at; that they can be read at all is what makes this call possible.
    now
        The present, aware; the clock's by default.

    Returns
    -------
    The findings, each thing once, good ones too.
    """
    return tuple(_examine(settings, now or datetime.now(UTC)))


def _examine(settings: Settings, now: datetime) -> Iterator[Finding]:
    yield _settings(settings)
    database = open_database(settings)
    try:
        reached = _database(database)
        yield reached
        if reached.grade is Grade.GOOD:
            yield from _data(database, now)
            yield from join_findings(database, settings)
            yield _run(database, now)
    finally:
        database.dispose()
    yield _versions()
    yield _compile_cache()
    yield _browser()


def _settings(settings: Settings) -> Finding:
    where = (
        "touchstone.toml and the environment" if Path("touchstone.toml").is_file() else "the environment and defaults"
    )
    sentence = f"from {where}: zone {settings.time_zone}, currency {settings.currency}"
    if not settings.secret_key:
        return Finding(
            "settings",
            Grade.NOTICE,
            f"{sentence}; no secret_key",
            "Everybody has to sign in again whenever the site starts; set TOUCHSTONE_SECRET_KEY to a long random text.",
        )
    return Finding("settings", Grade.GOOD, sentence)


def _database(database: Database) -> Finding:
    try:
        current = database.is_current()
    except TouchstoneError as error:
        return Finding("database", Grade.BAD, error.message, error.remedy)
    if not current:
        return Finding(
            "database",
            Grade.BAD,
            f"{database.address} has not been set up, or is of another version",
            "Run touchstone init.",
        )
    return Finding("database", Grade.GOOD, f"{database.address} is up to date")


def _data(database: Database, now: datetime) -> Iterator[Finding]:
    held = holdings(database)
    explained = any(holding.rows for holding in held if holding.kind in ("touches", "spend"))
    for holding in held:
        if holding.rows:
            yield _freshness(holding, now)
        elif holding.kind in TOLD_BY:
            grade = Grade.BAD if holding.kind == "responses" or not explained else Grade.NOTICE
            sentence = f"none yet: {TOLD_BY[holding.kind]}"
            yield Finding(holding.kind, grade, sentence, f"touchstone import {holding.kind} FILE")


def _freshness(holding: Holding, now: datetime) -> Finding:
    sentence = f"{holding.rows:,} rows"
    if holding.newest is None:
        return Finding(holding.kind, Grade.GOOD, sentence)
    newest = holding.newest.date() if isinstance(holding.newest, datetime) else holding.newest
    sentence += f", to {newest.isoformat()}"
    if holding.kind in TOLD_BY and _age(newest, now) > STALE_AFTER:
        days = _age(newest, now).days
        return Finding(
            holding.kind, Grade.NOTICE, f"{sentence} ({days} days ago)", f"touchstone import {holding.kind} FILE"
        )
    return Finding(holding.kind, Grade.GOOD, sentence)


def _age(day: date, now: datetime) -> timedelta:
    return now.date() - day


def _run(database: Database, now: datetime) -> Finding:
    last = latest(database)
    if last is None:
        return Finding("last run", Grade.NOTICE, "none yet", "Run touchstone fit.")
    ended = last.finished_at or last.requested_at
    sentence = f"run {last.id} ({last.goal}) {last.state}, {ended:%Y-%m-%d %H:%M} UTC"
    if last.state in ("failed", "refused"):
        return Finding(
            "last run", Grade.NOTICE, f"{sentence}: {last.message}", "See touchstone report, then touchstone fit."
        )
    if now - ended > STALE_AFTER:
        return Finding("last run", Grade.NOTICE, sentence, "Run touchstone fit, or keep touchstone scheduler running.")
    return Finding("last run", Grade.GOOD, sentence)


def _versions() -> Finding:
    named = ", ".join(f"{name} {metadata.version(name)}" for name in PACKAGES)
    return Finding("versions", Grade.GOOD, f"Python {platform.python_version()} on {sys.platform}; {named}")


def _compile_cache() -> Finding:
    # Where PyTensor keeps compiled models (its documented default); asking PyTensor itself would take seconds.
    named = re.search(r"base_compiledir=([^,]+)", os.environ.get("PYTENSOR_FLAGS", ""))
    folder = Path(named.group(1)) if named else Path.home() / ".pytensor"
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    if os.access(existing, os.W_OK):
        return Finding("compile cache", Grade.GOOD, f"{folder} can be written")
    return Finding(
        "compile cache",
        Grade.NOTICE,
        f"{folder} cannot be written: every fit compiles its model anew",
        "Give this user a home folder that can be written.",
    )


def _browser() -> Finding:
    found = next((path for name in ("chromium", "google-chrome") if (path := shutil.which(name))), None)
    return Finding(
        "browser", Grade.GOOD, f"{found} (only the tests need it)" if found else "none (only the tests need it)"
    )
