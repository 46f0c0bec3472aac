"""The command ``teams``: clashes, owners, leads and their clock, and the calendar of an account."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from datetime import date, datetime, timedelta
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from campaigns.settings import Settings, policy_table
from jobs.commands.examples import WithExamples
from jobs.commands.plan_steps import refuse_several, who
from jobs.screen import show, show_json

if TYPE_CHECKING:
    from campaigns.planning.policy import ContactPolicy
    from campaigns.store.database import Database

__all__ = ["teams"]

FORTNIGHT = timedelta(14)


@dataclass(frozen=True)
class _Desk:
    """What every question to the two teams needs."""

    database: Database
    rules: ContactPolicy
    zone: ZoneInfo
    today: date


@click.command(
    cls=WithExamples,
    short_help="Say who owns a customer, and where marketing and sales clash; hand leads over.",
    examples=(
        "touchstone teams",
        "touchstone teams --owner-of C-1001",
        "touchstone teams --account A-7 --json",
        "touchstone teams --leads",
        "touchstone teams --hand-over C-1001 --to dana --reason 'asked for a quote'",
        "touchstone teams --resolve 345 --yields marketing --note 'talks at an end'",
    ),
)
@click.option("--owner-of", "customer", help="Who owns this customer now, marketing or sales?")
@click.option("--account", help="The calendar of this account, both teams, two weeks back and ahead.")
@click.option(
    "--leads", is_flag=True, help="Take the steps that are due with leads nobody followed up; list who waits."
)
@click.option("--hand-over", "handed", metavar="CUSTOMER", help="Hand this customer to sales: the clock starts.")
@click.option("--to", "owner", metavar="OWNER", help="With --hand-over: who takes the customer up.")
@click.option("--reason", default="", help="With --hand-over: why.")
@click.option("--follow-up", "followed", type=click.IntRange(1), metavar="ID", help="This handover was followed up.")
@click.option(
    "--take-back", "taken", type=click.IntRange(1), metavar="ID", help="Take back a lead that is offered back."
)
@click.option("--resolve", type=click.IntRange(1), metavar="ID", help="Resolve the clash of this contact.")
@click.option("--yields", type=click.Choice(["marketing", "sales"]), help="With --resolve: who gives way.")
@click.option("--note", default="", help="With --resolve: why.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def teams(
    customer: str | None,
    account: str | None,
    leads: bool,
    handed: str | None,
    owner: str | None,
    reason: str,
    followed: int | None,
    taken: int | None,
    resolve: int | None,
    yields: str | None,
    note: str,
    as_json: bool,
) -> None:
    """Show this week's clashes between marketing and sales, who owns a customer, or the calendar of an account.

    Leads are handed over to an owner in sales, followed up, and taken back where nobody did; clashes are resolved by
    one side giving way.
    """
    from campaigns.retelling import dated
    from campaigns.store.database import open_database
    from campaigns.store.policies import policy_in_use

    refuse_several(
        **{"owner-of": customer, "account": account, "leads": leads, "hand-over": handed},
        **{"follow-up": followed, "take-back": taken, "resolve": resolve},
    )
    if resolve is not None and yields is None:
        raise click.UsageError("A clash is resolved by one side giving way: --yields marketing or --yields sales.")
    settings = Settings.from_environ()
    database = open_database(settings)
    try:
        rules = policy_in_use(database, policy_table()).policy
        desk = _Desk(database, rules, settings.zone, datetime.now(settings.zone).date())
        if customer is not None:
            told = _owner(desk, customer)
        elif account is not None:
            told = _calendar(desk, account)
        elif leads:
            told = _leads(desk)
        elif handed is not None:
            told = _hand_over(desk, handed, owner or "", reason)
        elif followed is not None or taken is not None:
            told = _step(desk, followed, taken)
        elif resolve is not None:
            told = _resolve(desk, resolve, f"{yields} yields", note)
        else:
            told = _clashes(desk)
    finally:
        database.dispose()
    document, lines = told
    if as_json:
        show_json(_plain(document))
    else:
        for line in lines:
            show(dated(line))


_Told = tuple[dict[str, Any], list[str]]
"""What is told, as JSON and in lines."""


def _owner(desk: _Desk, customer: str) -> _Told:
    from campaigns.store.teams import owner_of

    found = owner_of(desk.database, desk.rules, customer, today=desk.today, zone=desk.zone)
    lines = [f"{customer}: {found.team} ({found.stage}). {found.reason}"]
    if found.owner or found.territory:
        lines.append(f"  owner {found.owner or 'nobody'}, territory {found.territory or 'none'}")
    return {"customer_id": customer, **asdict(found)}, lines


def _calendar(desk: _Desk, account: str) -> _Told:
    from campaigns.store.account_calendar import account_calendar

    first, last = desk.today - FORTNIGHT, desk.today + FORTNIGHT
    days = account_calendar(desk.database, desk.rules, account, first=first, last=last, zone=desk.zone)
    lines = [
        f"{one.on}  {one.team:<9}  {one.who or 'the account'}: {one.what}{'  CLASH' if one.clash else ''}"
        for one in days
    ]
    return {"account_id": account, "entries": [asdict(one) for one in days]}, lines or ["Nothing in these four weeks."]


def _leads(desk: _Desk) -> _Told:
    from campaigns.store.handovers import leads_waiting, take_steps

    steps = take_steps(desk.database, desk.rules, zone=desk.zone)
    waiting = leads_waiting(desk.database)
    lines = [f"To {step.to}: {step.words}" for step in steps]
    lines += [
        f"{lead.key}: {lead.customer_id or lead.account_id}, {lead.owner} since {lead.handed_at:%Y-%m-%d %H:%M} UTC"
        for lead in waiting
    ]
    document = {"steps": [asdict(step) for step in steps], "waiting": [asdict(lead) for lead in waiting]}
    return document, lines or ["No lead waits."]


def _hand_over(desk: _Desk, customer: str, owner: str, reason: str) -> _Told:
    from campaigns.store.handovers import HandoverWish, hand_over

    number = hand_over(desk.database, HandoverWish(customer, owner, reason), by=who())
    return {"handover": number, "customer_id": customer, "owner": owner}, [
        f"Handover {number}: {customer} is with {owner}; the clock runs."
    ]


def _step(desk: _Desk, followed: int | None, taken: int | None) -> _Told:
    from campaigns.store.handovers import follow_up, take_back

    if followed is not None:
        follow_up(desk.database, followed)
        return {"handover": followed, "followed_up": True}, [f"Handover {followed} was followed up."]
    number = taken or 0
    take_back(desk.database, number, desk.rules, by=who(), zone=desk.zone)
    return {"handover": number, "taken_back": True}, [f"Handover {number} is taken back: marketing may speak again."]


def _resolve(desk: _Desk, reservation: int, how: str, note: str) -> _Told:
    from campaigns.store.teams import resolve_clash

    resolve_clash(desk.database, reservation, how, by=who(), note=note)
    return {"reservation": reservation, "how": how}, [f"Resolved: {how}."]


def _clashes(desk: _Desk) -> _Told:
    from campaigns.store.teams import clashes, clashes_avoided

    found = clashes(desk.database, desk.rules, today=desk.today, zone=desk.zone)
    weeks = clashes_avoided(desk.database, zone=desk.zone)[:8]
    lines = [f"{one.how or 'OPEN'}: {one.words} (contact {one.contact.reservation_id})" for one in found]
    lines = lines or ["No clashes in the coming seven days."]
    lines += [f"Week of {week.week}: {week.avoided:,} clashes avoided" for week in weeks]
    document = {
        "clashes": [{**asdict(one), "words": one.words} for one in found],
        "weeks": [{**asdict(week), "avoided": week.avoided} for week in weeks],
    }
    return document, lines


def _plain(value: Any) -> Any:
    """Write days and moments as ISO 8601."""
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(one) for one in value]
    return value.isoformat() if isinstance(value, (date, datetime)) else value
