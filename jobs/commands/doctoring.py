"""Commands that say what is missing, stale or wrong: ``doctor`` and what it looks at more closely."""

from __future__ import annotations

from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from campaigns.faults import Fault, RefusedError
from campaigns.settings import Settings, known_goals
from jobs.commands.examples import GroupWithExamples, WithExamples
from jobs.commands.reporting import GOAL
from jobs.screen import say, show, show_json, write_file

if TYPE_CHECKING:
    from sqlmodel import Session

    from campaigns.naming.names import Name
    from campaigns.naming.pairing import Activity, Pair
    from campaigns.store.joins import Joins

__all__ = ["doctor"]

SHOWN = 10
"""Names of each side that are listed; all of them are in the JSON."""


@click.group(
    cls=GroupWithExamples,
    invoke_without_command=True,
    short_help="Say what is missing, stale or wrong.",
    examples=("touchstone doctor", "touchstone doctor names", "touchstone doctor reconciliation"),
)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
@click.pass_context
def doctor(context: click.Context, as_json: bool) -> None:
    """Say what is missing, stale or wrong in this installation, and what to do about it.

    Exit status 1 if something does not work.
    """
    if context.invoked_subcommand is not None:
        return
    from jobs.doctor import examine
    from jobs.findings import Grade

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


@doctor.command(
    cls=WithExamples,
    examples=(
        "touchstone doctor names",
        "touchstone doctor names --confirm 3fa2c1",
        'touchstone doctor names --confirm "search / Search - Brand=search / brand_tr"',
        'touchstone doctor names --forget "search / Search - Brand"',
    ),
)
@click.option(
    "--confirm",
    "confirmed",
    multiple=True,
    metavar="PAIR",
    help="Count a name as another: the number of a proposed pair, or NAME=NAME. May be given several times.",
)
@click.option(
    "--forget",
    "forgotten",
    multiple=True,
    metavar="NAME",
    help="Count a name as itself again. May be given several times.",
)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def names(confirmed: tuple[str, ...], forgotten: tuple[str, ...], as_json: bool) -> None:
    """Show spend that no touch joins beside touches that no spend joins, and what probably means the same.

    A name is written CHANNEL, CHANNEL / CAMPAIGN or CHANNEL / CAMPAIGN / AD. What is confirmed counts for everything
    imported so far and later; the rows keep what was written, so forgetting it restores them.
    """
    from campaigns.store.database import open_database
    from campaigns.store.joins import joins_of

    settings = Settings.from_environ()
    database = open_database(settings)
    try:
        if confirmed or forgotten:
            with database.transaction(exclusive=True) as session:
                _forget(session, forgotten)
                _confirm(session, confirmed)
        with database.reading() as session:
            found = joins_of(session)
    finally:
        database.dispose()
    if as_json:
        show_json(_document(found))
    else:
        _show(found, settings.currency)


@doctor.command(
    cls=WithExamples,
    examples=(
        "touchstone doctor reconciliation",
        "touchstone doctor reconciliation --out may.xlsx",
        "touchstone doctor reconciliation --json",
    ),
)
@GOAL
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write it to this file: .xlsx with every row that does not count, or .csv without them.",
)
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def reconciliation(goal: str, out: Path | None, as_json: bool) -> None:
    """Show what each source shows, what we use of it, and every reason for the difference.

    The time reported on is that of the published report; before there is one, everything imported counts.
    """
    from campaigns.reconciliation import linked_sentence, total
    from campaigns.reporting.reconciliation_sheets import reconciliation_document, reconciliation_sheet, unused_sheet
    from campaigns.reporting.sheets import csv_text, xlsx_bytes
    from campaigns.store.database import open_database
    from campaigns.store.reconciling import reconciliation as reconciled
    from campaigns.store.reconciling import unused_rows
    from campaigns.store.results import published_report

    if out is not None and out.suffix not in (".csv", ".xlsx"):
        raise click.UsageError(f"{out.name} should end in .csv or .xlsx.")
    settings = Settings.from_environ()
    database = open_database(settings)
    try:
        report = published_report(database, goal)
        window = report.run.window if report else None
        with database.reading() as session:
            counted = known_goals()[goal]
            periods = reconciled(session, settings.zone, window, counted)
            if out is not None:
                sheet = reconciliation_sheet(periods, settings.currency)
                rows = map(asdict, unused_rows(session, settings.zone, window, counted))
                write_file(
                    out,
                    csv_text(sheet)
                    if out.suffix == ".csv"
                    else xlsx_bytes([sheet, unused_sheet(rows, settings.currency)]),
                )
                say(f"Wrote {out}.")
    finally:
        database.dispose()
    totals = total(periods)
    share = report.run.linked_share if report else None
    if as_json:
        show_json(reconciliation_document(periods, totals, settings.currency, share))
        return
    for each in totals:
        click.echo(f"{each.kind:<14} {each.sentence}")
    if share is not None:
        click.echo(linked_sentence(share))
    if not totals:
        click.echo("Nothing has been imported yet. Next: touchstone import --columns responses")


def _confirm(session: Session, confirmed: tuple[str, ...]) -> None:
    from campaigns.store.aliases import confirm_alias
    from campaigns.store.joins import joins_of

    proposed = {pair.id: pair for pair in joins_of(session).pairs}
    for text in confirmed:
        pair = proposed.get(text.strip())
        name, meant = (pair.name, pair.meant) if pair else _two_names(session, text)
        why = "; ".join(pair.reasons) if pair else ""
        confirm_alias(session, name, meant, now=datetime.now(UTC), by="command line", reason=why)
        say(f"{name} now counts as {meant}.")


def _forget(session: Session, forgotten: tuple[str, ...]) -> None:
    from campaigns.store.aliases import remove_alias
    from campaigns.store.joins import named

    for text in forgotten:
        name = named(session, text)
        if not remove_alias(session, name):
            fault = Fault(0, "name", f"{name}, which counts as itself", "a name that counts as another")
            raise RefusedError("There is nothing to forget:", [fault])
        say(f"{name} counts as itself again.")


def _two_names(session: Session, text: str) -> tuple[Name, Name]:
    """Split ``NAME=NAME`` where both sides are known: names may hold the sign themselves."""
    from campaigns.store.joins import named

    places = [place for place, sign in enumerate(text) if sign == "="]
    errors = []
    for place in places:
        try:
            return named(session, text[:place]), named(session, text[place + 1 :])
        except RefusedError as error:
            errors.append(error)
    if errors:
        raise errors[0]
    fault = Fault(0, "pair", repr(text), "the number of a proposed pair, or NAME=NAME")
    raise RefusedError("This pair is not known:", [fault], "Run touchstone doctor names to see the pairs.")


def _show(found: Joins, currency: str) -> None:
    from rich.table import Table

    def money(cost: int) -> str:
        return f"{cost / 100:,.0f} {currency}"

    click.echo(
        f"{money(found.joined_spend)} of {money(found.spend)} spent lie in channels with touches; "
        f"{found.joined_touches:,} of {found.touches:,} touches lie in channels with spend."
    )
    if found.media:
        click.echo(f"No touches are expected of: {', '.join(found.media)}.")
    for each in found.unjoined:
        if each.spend or each.touches:
            table = Table(f"{each.level}: spend without touches", "spent", "touches without spend", "touches", box=None)
            rows = max(len(each.spend[:SHOWN]), len(each.touches[:SHOWN]))
            for place in range(rows):
                paid = each.spend[place] if place < len(each.spend[:SHOWN]) else None
                met = each.touches[place] if place < len(each.touches[:SHOWN]) else None
                table.add_row(
                    str(paid.name) if paid else "",
                    money(paid.cost) if paid else "",
                    str(met.name) if met else "",
                    f"{met.rows:,}" if met else "",
                )
            click.echo("")
            show(table)
    if found.pairs:
        table = Table("pair", "this spend", "probably means", "why", box=None)
        for pair in found.pairs[: 2 * SHOWN]:
            table.add_row(pair.id, str(pair.name), str(pair.meant), "; ".join(pair.reasons))
        click.echo("")
        show(table)
        click.echo("Confirm one: touchstone doctor names --confirm PAIR")
    for alias in found.aliases:
        click.echo(f"{alias.name} counts as {alias.meant} (since {alias.confirmed_at:%Y-%m-%d})")


def _document(found: Joins) -> dict[str, object]:
    def written(name: Name) -> dict[str, str | None]:
        return {"channel": name.channel, "campaign": name.campaign, "ad": name.ad}

    def side(each: Activity) -> dict[str, object]:
        return {**written(each.name), "rows": each.rows, "cost": each.cost / 100, "days": len(each.days)}

    def pair(each: Pair) -> dict[str, object]:
        return {
            "pair": each.id,
            "name": written(each.name),
            "means": written(each.meant),
            "score": each.score,
            "reasons": list(each.reasons),
            "cost": each.cost / 100,
            "touches": each.touches,
        }

    return {
        "spend": found.spend / 100,
        "joined_spend": found.joined_spend / 100,
        "touches": found.touches,
        "joined_touches": found.joined_touches,
        "media": list(found.media),
        "unjoined": [
            {"level": each.level, "spend": list(map(side, each.spend)), "touches": list(map(side, each.touches))}
            for each in found.unjoined
        ],
        "pairs": [pair(each) for each in found.pairs],
        "aliases": [
            {"name": written(each.name), "means": written(each.meant), "confirmed_at": each.confirmed_at.isoformat()}
            for each in found.aliases
        ],
    }
