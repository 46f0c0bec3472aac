"""All lists of a plan, as files by their names, and what is to be said of them."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from pathlib import Path

from campaigns.language import _
from campaigns.lists.audiences import audience, google_customer_match, meta_custom_audience, too_few
from campaigns.lists.calendar import CalendarItem, calendar_feed
from campaigns.lists.calls import call_list, share_out, wants_call
from campaigns.lists.emails import email_list, wants_email
from campaigns.lists.letters import mail_merge, wants_letter
from campaigns.lists.messages import message_list, wants_message
from campaigns.lists.recipient import Recipient
from campaigns.lists.tasks import Suggested, suggestion_list, task_file
from campaigns.reporting.sheets import Sheet, csv_text, xlsx_bytes

__all__ = ["ListFile", "call_items", "files_in", "files_of", "left_without", "suggestion_items"]


PLATFORMS = (
    ("google-customer-match.csv", google_customer_match),
    ("meta-custom-audience.csv", meta_custom_audience),
)

LIST_NAMES = re.compile(
    r"(emails|mail|messages|tasks|suggestions|google-customer-match|meta-custom-audience)\.csv"
    r"|calls-.+\.(csv|xlsx)|calendar-.+\.ics"
)
"""Names of the files that lists are written to."""


@dataclass(frozen=True)
class ListFile:
    """One file of a plan's lists.

    Parameters
    ----------
    rows
        How many contacts, people or tasks it holds.
    note
        What to be careful about, or an empty string.
    """

    name: str
    content: bytes
    rows: int
    note: str = ""


def files_of(
    recipients: Sequence[Recipient],
    suggested: Sequence[Suggested],
    *,
    agents: Sequence[str] = (),
    last_day: date,
    now: datetime,
) -> tuple[ListFile, ...]:
    """Return every list that has something in it.

    Parameters
    ----------
    recipients
        The contacts of the plan that are to be made.
    suggested
        What sales could offer where marketing keeps silent.
    agents
        Who calls; owners call their own customers if None are named.
    last_day
        Last day of the plan, on which suggestions are due.
    now
        When the lists were written, with its zone.
    """
    return tuple(one for one in _files(recipients, suggested, agents, last_day, now) if one.rows)


def _files(
    recipients: Sequence[Recipient],
    suggested: Sequence[Suggested],
    agents: Sequence[str],
    last_day: date,
    now: datetime,
) -> Iterator[ListFile]:
    elsewhere = recipients[0].elsewhere if recipients else frozenset()
    yield _table("emails.csv", email_list(recipients), _looked_up("email", elsewhere))
    yield _table("mail.csv", mail_merge(recipients), _looked_up("postal", elsewhere))
    yield _table("messages.csv", message_list(recipients), _looked_up("phone", elsewhere))
    for agent, calls in share_out(recipients, agents).items():
        sheet, items, stem = call_list(agent, calls), call_items(calls), _file_name(agent)
        yield _table(f"calls-{stem}.csv", sheet, _looked_up("phone", elsewhere))
        yield ListFile(f"calls-{stem}.xlsx", xlsx_bytes([sheet]), len(calls), _looked_up("phone", elsewhere))
        yield ListFile(f"calendar-{stem}.ics", calendar_feed(items, name=agent, now=now), len(items))
    yield _table("tasks.csv", task_file(recipients, suggested, agents, due=last_day))
    yield _table("suggestions.csv", suggestion_list(suggested))
    people = audience(recipients)
    for name, made in PLATFORMS:
        file = _table(name, made(people))
        yield ListFile(file.name, file.content, file.rows, too_few(file.rows))


def files_in(folder: Path) -> tuple[str, ...]:
    """Return the names of the files in a folder that lists could be: of this export, or of an earlier one."""
    return tuple(sorted(one.name for one in folder.glob("*") if one.is_file() and LIST_NAMES.fullmatch(one.name)))


def left_without(recipients: Sequence[Recipient]) -> dict[str, int]:
    """Count contacts that stand on no list because what would reach the person is not known, by what is missing."""
    missing: Counter[str] = Counter()
    for one in recipients:
        if wants_email(one) and not one.can_be_mailed:
            missing[_("no e-mail address")] += 1
        elif wants_letter(one) and not one.can_be_written_to:
            missing[_("no whole postal address")] += 1
        elif (wants_call(one) or (wants_message(one) and one.consent == "sms")) and not one.can_be_called:
            missing[_("no telephone number that could ring")] += 1
    return dict(missing)


def call_items(calls: Sequence[Recipient]) -> tuple[CalendarItem, ...]:
    """Return an agent's calls as whole-day items of a calendar."""
    return tuple(
        CalendarItem(
            f"contact-{one.contact}",
            one.on,
            _("Call %(name)s", name=one.name),
            "\n".join(part for part in (one.sentence, one.number or "", one.customer_id) if part),
            "call",
        )
        for one in calls
    )


def suggestion_items(suggested: Sequence[Suggested], day: date) -> tuple[CalendarItem, ...]:
    """Return suggestions as items of a day."""
    return tuple(
        CalendarItem(
            f"suggestion-{one.customer_id}-{one.promotion}-{day}",
            day,
            one.title,
            one.sentence,
            "suggestion",
        )
        for one in suggested
    )


def _looked_up(kind: str, elsewhere: frozenset[str]) -> str:
    """Say that the addresses of a list are kept in another system."""
    words = {
        "email": _("No e-mail address is kept here: look them up by customer_id."),
        "phone": _("No telephone number is kept here: look them up by customer_id."),
        "postal": _("No postal address is kept here: look them up by customer_id."),
    }
    return words[kind] if kind in elsewhere else ""


def _table(name: str, sheet: Sheet, note: str = "") -> ListFile:
    rows = list(sheet.rows)
    return ListFile(name, csv_text(Sheet(sheet.name, sheet.fields, rows)).encode(), len(rows), note)


def _file_name(agent: str) -> str:
    """Return an agent's name as a part of the name of a file."""
    return re.sub(r"[^\w.@-]+", "-", agent.casefold()).strip("-.") or "agent"
