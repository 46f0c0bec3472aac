"""Commands that make links, coupons and phone numbers by which the next campaign joins: ``links``."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

import click

from campaigns.settings import Settings
from jobs.commands.examples import GroupWithExamples, WithExamples
from jobs.screen import say, show, show_json, write_file

if TYPE_CHECKING:
    from sqlmodel import Session

    from campaigns.store.codes import MadeCode

__all__ = ["links"]

Made = TypeVar("Made")

CHANNEL = click.option("--channel", required=True, help="The channel that it is shown in, for example facebook.")
CAMPAIGN = click.option("--campaign", help="The campaign, as spend calls it.")
AD = click.option("--ad", help="The ad or the version within the campaign.")
PROMOTION = click.option("--promotion", help="The promotion that it is about.")
JSON = click.option("--json", "as_json", is_flag=True, help="As JSON.")


@click.group(
    cls=GroupWithExamples,
    short_help="Make links and codes by which campaigns join.",
    examples=("touchstone links make https://shop.example.com/sale --channel facebook --campaign spring --ad blue",),
)
def links() -> None:
    """Make links, response codes and QR codes, and keep phone numbers, so that what comes by them joins by itself.

    A click by such a link, an order with such a code and a call to such a number count for the ad and the promotion
    they were made for, whatever the exports call them.
    """


@links.command(
    cls=WithExamples,
    examples=(
        "touchstone links make https://shop.example.com/sale --channel facebook --campaign spring --ad blue",
        "touchstone links make https://shop.example.com --channel print --campaign may --qr may.svg",
    ),
)
@click.argument("url")
@CHANNEL
@click.option("--campaign", required=True, help="The campaign, as spend calls it.")
@AD
@PROMOTION
@click.option(
    "--qr", type=click.Path(dir_okay=False, path_type=Path), help="Write its QR code to this file: .svg or .png."
)
@JSON
def make(
    url: str, channel: str, campaign: str, ad: str | None, promotion: str | None, qr: Path | None, as_json: bool
) -> None:
    """Make a link to URL whose clicks join; asked for the same again, it is the same link."""
    if qr is not None and qr.suffix not in (".svg", ".png"):
        raise click.UsageError(f"{qr.name} should end in .svg or .png.")

    def made_by(session: Session) -> MadeCode:
        from campaigns.channels import canonical
        from campaigns.naming.names import Name
        from campaigns.store.codes import make_link

        name = Name(canonical(channel), campaign, ad)
        return make_link(session, url, name, promotion, now=datetime.now(UTC), by="command line")

    made = _stored(made_by)
    _tell(made, as_json)
    if qr is not None:
        from campaigns.naming.qr import qr_png, qr_svg

        write_file(qr, qr_svg(made.link or "") if qr.suffix == ".svg" else qr_png(made.link or ""))
        say(f"Wrote {qr}.")


@links.command(
    cls=WithExamples,
    examples=(
        "touchstone links code --channel print --campaign may --promotion spring-10",
        "touchstone links code SPRING10 --channel tv --campaign spot --promotion spring-10",
    ),
)
@click.argument("code", required=False)
@CHANNEL
@CAMPAIGN
@AD
@PROMOTION
@JSON
def code(
    code: str | None, channel: str, campaign: str | None, ad: str | None, promotion: str | None, as_json: bool
) -> None:
    """Keep CODE for an ad, or make a new one: a coupon of a leaflet, a spot or a shop."""

    def made_by(session: Session) -> MadeCode:
        from campaigns.channels import canonical
        from campaigns.naming.names import Name
        from campaigns.store.codes import keep_coupon

        name = Name(canonical(channel), campaign, ad)
        return keep_coupon(session, name, promotion, code, now=datetime.now(UTC), by="command line")

    _tell(_stored(made_by), as_json)


@links.command(
    cls=WithExamples, examples=('touchstone links phone "0212 123 45 67" --region TR --channel tv --campaign spot',)
)
@click.argument("number")
@click.option("--region", help="ISO 3166 code of the country of a number that names none, for example TR.")
@CHANNEL
@CAMPAIGN
@AD
@PROMOTION
@JSON
def phone(
    number: str,
    region: str | None,
    channel: str,
    campaign: str | None,
    ad: str | None,
    promotion: str | None,
    as_json: bool,
) -> None:
    """Keep the phone NUMBER that only one ad shows: responses with it as response_code are that ad's."""

    def made_by(session: Session) -> MadeCode:
        from campaigns.channels import canonical
        from campaigns.naming.names import Name
        from campaigns.store.codes import keep_phone

        name = Name(canonical(channel), campaign, ad)
        return keep_phone(session, number, name, promotion, region=region, now=datetime.now(UTC), by="command line")

    _tell(_stored(made_by), as_json)


@links.command("list", cls=WithExamples, examples=("touchstone links list", "touchstone links list --out links.xlsx"))
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), help="Write them to this file: .csv or .xlsx.")
@JSON
def list_links(out: Path | None, as_json: bool) -> None:
    """List what was made, the newest first, with how many answered."""
    from campaigns.reporting.answer_sheets import answers_sheet
    from campaigns.reporting.sheets import csv_text, xlsx_bytes
    from campaigns.store.answers import answers_of
    from campaigns.store.codes import made_codes
    from campaigns.store.database import open_database

    if out is not None and out.suffix not in (".csv", ".xlsx"):
        raise click.UsageError(f"{out.name} should end in .csv or .xlsx.")
    settings = Settings.from_environ()
    database = open_database(settings)
    try:
        with database.reading() as session:
            made = made_codes(session)
            answers = answers_of(session, settings.zone)
    finally:
        database.dispose()
    sheet = answers_sheet(made, answers, settings.currency)
    if out is not None:
        write_file(out, csv_text(sheet) if out.suffix == ".csv" else xlsx_bytes([sheet]))
        say(f"Wrote {out}.")
    if as_json:
        show_json({"codes": [_document(each) for each in made], "answers": [dict(row) for row in sheet.rows]})
    elif out is None:
        from rich.table import Table

        shown = ("code", "carrier", "channel", "campaign", "ad", "promotion", "responses", "link")
        table = Table(*shown, box=None)
        for row in sheet.rows:
            table.add_row(*("" if row.get(name) is None else str(row[name]) for name in shown))
        show(table)


@links.command(cls=WithExamples, examples=("touchstone links retire K7F3TX",))
@click.argument("code")
def retire(code: str) -> None:
    """Give CODE to nobody any more; what still comes by it stays tied to its ad."""
    from campaigns.faults import Fault, RefusedError
    from campaigns.store.codes import retire_code

    if not _stored(lambda session: retire_code(session, code, datetime.now(UTC))):
        fault = Fault(0, "code", repr(code), "a code in use")
        raise RefusedError("There is nothing to retire:", [fault], "touchstone links list shows the codes.")
    click.echo(f"{code} is retired.")


def _stored(act: Callable[[Session], Made]) -> Made:
    from campaigns.store.database import open_database

    database = open_database(Settings.from_environ())
    try:
        with database.transaction(exclusive=True) as session:
            return act(session)
    finally:
        database.dispose()


def _tell(made: MadeCode, as_json: bool) -> None:
    if as_json:
        show_json(_document(made))
    else:
        click.echo(made.link or made.code)


def _document(made: MadeCode) -> dict[str, object]:
    return {
        "code": made.code,
        "carrier": made.carrier,
        "channel": made.name.channel,
        "campaign": made.name.campaign,
        "ad": made.name.ad,
        "promotion": made.promotion,
        "link": made.link,
        "made_at": made.made_at.isoformat(),
        "retired_at": made.retired_at.isoformat() if made.retired_at else None,
    }
