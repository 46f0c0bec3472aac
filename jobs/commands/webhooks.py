"""The command ``webhooks``: addresses of other programs that hear of plans and contacts."""

from __future__ import annotations

from datetime import UTC, datetime

import click

from campaigns.settings import Settings
from jobs.commands.examples import WithExamples
from jobs.commands.plan_steps import refuse_several, who
from jobs.screen import show, show_json

__all__ = ["webhooks"]


@click.command(
    cls=WithExamples,
    short_help="Have other programs hear of plans and contacts, signed.",
    examples=(
        "touchstone webhooks",
        "touchstone webhooks --add https://crm.example/touchstone --event contacts.committed --event plan.closed",
        "touchstone webhooks --test 1",
        "touchstone webhooks --remove 1",
        "touchstone webhooks --send",
    ),
)
@click.option("--add", "url", metavar="URL", help="An address that begins with https://; its secret is shown once.")
@click.option("--event", "events", multiple=True, help="With --add: an event to hear of.  [default: all]")
@click.option("--remove", "removed", type=click.IntRange(1), metavar="ID", help="Send this one nothing more.")
@click.option("--test", "tested", type=click.IntRange(1), metavar="ID", help="Send this one a message to try it.")
@click.option("--send", is_flag=True, help="Send what is due now, without the scheduler.")
@click.option("--json", "as_json", is_flag=True, help="As JSON.")
def webhooks(
    url: str | None, events: tuple[str, ...], removed: int | None, tested: int | None, send: bool, as_json: bool
) -> None:
    """List the addresses that hear of plans and contacts, and the latest messages to them; add, try or remove one.

    Messages are written together with what they tell of, and sent by the scheduler: at least once, signed as Standard
    Webhooks has it, and for some two days tried again. A message keeps its number (webhook-id) however often it is
    sent.
    """
    refuse_several(add=url, remove=removed, test=tested, send=send)
    from campaigns.store import outgoing
    from campaigns.store.database import open_database
    from jobs.sending import send_messages

    database = open_database(Settings.from_environ())
    now = datetime.now(UTC)
    try:
        if url is not None:
            with database.transaction() as session:
                made = outgoing.add_webhook(session, url, by=who(), events=events, now=now)
            _tell(as_json, {"webhook": made.id, "secret": made.secret}, [f"Webhook {made.id}. Secret: {made.secret}"])
        elif removed is not None:
            with database.transaction() as session:
                outgoing.remove_webhook(session, removed)
            _tell(as_json, {"removed": removed}, [f"Webhook {removed} is removed."])
        elif tested is not None or send:
            if tested is not None:
                with database.transaction() as session:
                    outgoing.put_out(session, "test", {"by": who()}, now=now, webhook_id=tested)
            arrived, failed = send_messages(database)
            _tell(as_json, {"delivered": arrived, "failed": failed}, [f"{arrived:,} delivered, {failed:,} not."])
        else:
            with database.reading() as session:
                known, latest = outgoing.webhooks(session), outgoing.deliveries(session, limit=10)
            hooks = [{"webhook": one.id, "url": one.url, "events": one.events} for one in known]
            sent = [
                {"id": one.message_id, "event": one.event, "attempts": one.attempts, "answer": one.answer}
                for one in latest
            ]
            lines = [f"{one.id:>4}  {one.url}  {', '.join(one.events) or 'all events'}" for one in known]
            lines += [f"      {one.message_id}  {one.event}: {one.answer or 'due'}" for one in latest]
            _tell(as_json, {"webhooks": hooks, "messages": sent}, lines or ["No program hears of anything."])
    finally:
        database.dispose()


def _tell(as_json: bool, document: dict[str, object], lines: list[str]) -> None:
    if as_json:
        show_json(document)
    else:
        for line in lines:
            show(line)
