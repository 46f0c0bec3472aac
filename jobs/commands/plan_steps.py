"""What can be done with a plan after the draft: approve, export, cancel, close, compare, and look at its overlaps."""

from __future__ import annotations

from dataclasses import asdict
from datetime import date, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from campaigns.faults import UnreadyError
from campaigns.settings import Settings, policy_table
from jobs.commands.listing import read_calls, write_lists
from jobs.screen import say, show, show_json

if TYPE_CHECKING:
    from campaigns.planning.comparing import Comparison, Side
    from campaigns.store.database import Database

__all__ = ["refuse_several", "taken", "who"]


def who() -> str:
    """Return the name of whoever types the command, as events of a plan keep it."""
    import getpass

    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return "command line"


def _today(settings: Settings) -> date:
    return datetime.now(settings.zone).date()


def taken(
    database: Database,
    settings: Settings,
    wishes: dict[str, Any],
    *,
    compare: tuple[str, ...],
    overlaps: bool,
    approve: int | None,
    export: int | None,
    lists: Path | None,
    agents: tuple[str, ...],
    calls: tuple[Path, ...],
    cancel: int | None,
    close: int | None,
    old_scores: bool,
    as_json: bool,
) -> bool:
    """Take the step that was asked for, and tell whether there was one."""
    if compare:
        _compare(database, settings, compare, wishes, as_json=as_json)
    elif overlaps:
        _overlaps(database, settings, as_json=as_json)
    elif approve:
        _approve(database, settings, approve, old_scores=old_scores, as_json=as_json)
    elif export and lists is not None:
        write_lists(database, settings, export, lists, agents, by=who(), as_json=as_json)
    elif calls:
        read_calls(database, settings, calls, as_json=as_json)
    elif export:
        _export(database, settings, export, as_json=as_json)
    elif cancel:
        _cancel(database, settings, cancel, as_json=as_json)
    elif close:
        _close(database, settings, close, as_json=as_json)
    else:
        return False
    return True


def _approve(database: Database, settings: Settings, number: int, *, old_scores: bool, as_json: bool) -> None:
    """Approve a draft and say what got its place and what did not."""
    from campaigns.planning.living import approve_plan
    from campaigns.store.policies import policy_in_use

    policy = policy_in_use(database, policy_table()).policy
    done = approve_plan(database, number, by=who(), today=_today(settings), policy=policy, old_scores=old_scores)
    if as_json:
        show_json({"plan": number, "reserved": done.reserved, "refused": len(done.refusals), "reasons": done.reasons})
        return
    show(f"Plan {number} is approved: {done.reserved:,} contacts have their place.")
    if done.refusals:
        show(f"{len(done.refusals):,} were refused:")
    for reason, count in done.reasons.items():
        show(f"  {count:>9,}  {reason}")
    if done.reserved:
        show(f"Next: touchstone plan --export {number} --lists FOLDER")


def _export(database: Database, settings: Settings, number: int, *, as_json: bool) -> None:
    """Commit an approved plan's contacts."""
    from campaigns.planning.ledger import refusals_by_reason
    from campaigns.planning.living import export_plan
    from campaigns.store.policies import policy_in_use

    policy = policy_in_use(database, policy_table()).policy
    done = export_plan(database, number, by=who(), today=_today(settings), policy=policy)
    reasons = refusals_by_reason(done.refusals)
    if as_json:
        show_json({"plan": number, "committed": done.committed, "refused": len(done.refusals), "reasons": reasons})
        return
    show(f"Plan {number} is exported: {done.committed:,} contacts are committed.")
    for reason, count in reasons.items():
        show(f"  {count:>9,}  left out since the approval: {reason}")
    show(f"Its lists: touchstone plan --export {number} --lists FOLDER")


def _cancel(database: Database, settings: Settings, number: int, *, as_json: bool) -> None:
    """Cancel a plan."""
    from campaigns.planning.living import cancel_plan

    count = cancel_plan(database, number, by=who(), today=_today(settings))
    if as_json:
        show_json({"plan": number, "released": count})
    else:
        show(f"Plan {number} is cancelled: {count:,} contacts gave their place back.")


def _close(database: Database, settings: Settings, number: int, *, as_json: bool) -> None:
    """Close an exported plan and say what came of it."""
    from campaigns.planning.living import close_plan
    from campaigns.store.coming_back import settle_from_responses, settle_from_touches

    settled = settle_from_touches(database, zone=settings.zone) + settle_from_responses(database, zone=settings.zone)
    if settled:
        say(f"{settled:,} contacts were settled by what came back.")
    result = close_plan(database, number, by=who())
    if as_json:
        show_json({"plan": number, "result": result.to_mapping()})
        return
    show(f"Plan {number} is closed. {result.words}")
    for part in result.channels:
        back = ", ".join(f"{name} {count:,}" for name, count in part.outcomes.items())
        show(f"  {part.channel}: {part.sent:,} sent ({back or 'none'}), {part.held_back:,} held back")


def _compare(
    database: Database, settings: Settings, changes: tuple[str, ...], wishes: dict[str, Any], *, as_json: bool
) -> None:
    """Compare the plan as it would be with what changes would make of it; nothing is stored."""
    from campaigns.planning.comparing import compare as side_by_side
    from campaigns.planning.comparing import read_change
    from campaigns.planning.composing import Wishes, check_wishes
    from campaigns.planning.drafting import published_run
    from campaigns.planning.soundness import examine
    from campaigns.store.plan_records import Reading, read_records
    from campaigns.store.policies import policy_in_use

    read = [read_change(text) for text in changes]
    asked = Wishes(**wishes)
    check_wishes(asked)
    policy = policy_in_use(database, policy_table()).policy
    records = read_records(database, Reading(published_run(database), policy, asked.starts_on, asked.zone))
    examine(records, policy, asked).refuse("This plan cannot be made:", "Correct these, and compare again.")
    compared = side_by_side(records, policy, asked, read)
    if as_json:
        show_json({"plans": [asdict(side) for side in compared.sides]})
    else:
        show(_compared(compared, settings.currency))


def _compared(compared: Comparison, currency: str) -> object:
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True, caption_justify="left")
    table.caption = f"Worth and cost in {currency}. New and gone: people, against the plan as it is."
    table.add_column("Plan", no_wrap=True)
    for heading in ("Worth", "Change", "Contacts", "People", "Cost", "New", "Gone"):
        table.add_column(heading, justify="right", no_wrap=True)
    for side in compared.sides:
        table.add_row(*_cells(side, compared.base))
    return table


def _cells(side: Side, base: Side) -> list[str]:
    first = side is base
    digits = 2 if base.value < 100 else 0
    return [
        side.name,
        f"{side.value:,.{digits}f}",
        "" if first else f"{side.value - base.value:+,.{digits}f}",
        f"{side.contacts:,}",
        f"{side.people:,}",
        f"{side.cost:,.{digits}f}",
        "" if first else f"{side.gained:,}",
        "" if first else f"{side.lost:,}",
    ]


def _overlaps(database: Database, settings: Settings, *, as_json: bool) -> None:
    """Show which promotions of a plan compete for the same people, and what sales' locks cost it."""
    from campaigns.planning.overlaps import Overlap
    from campaigns.reporting.figures import days
    from campaigns.retelling import dated
    from campaigns.store.plans import stored_plan

    with database.reading() as session:
        plan = stored_plan(session, None)
    if plan is None:
        raise UnreadyError("There is no such plan.", "Make one with: touchstone plan")
    views = plan.views or {"overlaps": [], "locks": []}
    if as_json:
        show_json({"plan": plan.id, **views})
        return
    pairs = [Overlap(**{**pair, "alone": tuple(pair["alone"])}) for pair in views["overlaps"]]
    show(f"Plan {plan.id}, {days(plan.starts_on, plan.ends_on)}. Amounts in {settings.currency}.")
    show("Promotions that compete for the same people:" if pairs else "No two promotions compete for the same people.")
    for pair in pairs:
        show(f"  {pair.words}")
    show("What sales is handling, and what that keeps from the plan:" if views["locks"] else "Sales locks nobody.")
    for lock in views["locks"]:
        held = dated(f"{lock['owner']}, {lock['reason']}, until {lock['until']}")
        show(f"  {held}: {_people(lock['people'])}, about {lock['value']:,.0f}")


def _people(number: int) -> str:
    return "1 person" if number == 1 else f"{number:,} people"


def refuse_several(**asked: object) -> None:
    """Refuse a command line that asks for more than one step at once.

    Raises
    ------
    click.UsageError
        If it does.
    """
    wanted = [f"--{name}" for name, value in asked.items() if value]
    if len(wanted) > 1:
        raise click.UsageError(f"One of {', '.join(wanted)} at a time.")
