"""People are told: alerts about leads nobody followed up, and each morning what sales could offer."""

from __future__ import annotations

from collections import defaultdict
from datetime import UTC, datetime
from email.message import EmailMessage
from email.utils import make_msgid

from campaigns.faults import UnreadyError
from campaigns.language import LANGUAGES, _, use
from campaigns.lists.digest import digest_letter
from campaigns.planning.handover import Lead, business_hours
from campaigns.planning.policy import ContactPolicy
from campaigns.settings import Settings
from campaigns.store.alerts import addresses_of, mark_mailed, unmailed
from campaigns.store.database import Database
from campaigns.store.handovers import leads_waiting, take_steps
from campaigns.store.recipients import suggested
from campaigns.store.suggesting import open_suggestions
from jobs.delivery import send

__all__ = ["mail_alerts", "mail_digests"]


def mail_alerts(
    database: Database, settings: Settings, policy: ContactPolicy, *, now: datetime | None = None
) -> tuple[int, int]:
    """Take the steps that are due with leads nobody followed up, and mail the alerts that no mail has told of yet.

    Without a mail server, or where somebody's address is not known, alerts wait on the page.

    Returns
    -------
    How many alerts were mailed, and how many wait.
    """
    moment = now or datetime.now(UTC)
    take_steps(database, policy, zone=settings.zone, now=moment)
    with database.reading() as session:
        alerts = unmailed(session)
        known = {to: addresses_of(session, to) for to in {one.to for one in alerts}}
    if not (settings.smtp_url and settings.mail_from):
        return 0, len(alerts)
    mailed = 0
    for to, people in known.items():
        mine = [one for one in alerts if one.to == to]
        for address, language in people:
            with use(language if language in LANGUAGES else "en"):
                send(_alert_letter(settings, address, [one.words for one in mine]), settings.smtp_url)
        if people:
            with database.transaction() as session:
                mark_mailed(session, [one.id for one in mine if one.id is not None], moment)
            mailed += len(mine)
    return mailed, len(alerts) - mailed


def mail_digests(
    database: Database, settings: Settings, policy: ContactPolicy, *, now: datetime | None = None
) -> dict[str, int]:
    """Mail each owner the suggestions that are open and the leads that wait; return how many each heard of.

    An owner without a known address hears of them on the page alone; an owner for whom there is nothing gets no mail.

    Raises
    ------
    UnreadyError
        If the settings name no server or no sender.
    TouchstoneError
        If the server does not take a mail.
    """
    missing = [f"TOUCHSTONE_{name.upper()}" for name in ("smtp_url", "mail_from") if not getattr(settings, name)]
    if missing:
        raise UnreadyError(f"Digests cannot be mailed: {', '.join(missing)} not set.", "Set them; README.md says how.")
    moment = now or datetime.now(UTC)
    with database.reading() as session:
        offered = suggested(session, open_suggestions(session, moment.astimezone(settings.zone).date()))
    waiting: dict[str, list[Lead]] = defaultdict(list)
    for lead in leads_waiting(database, now=moment):
        waiting[lead.owner].append(lead)
    told = {}
    for owner in sorted({*waiting, *(one.owner for one in offered)}):
        mine = [one for one in offered if one.owner == owner]
        with database.reading() as session:
            people = addresses_of(session, owner)
        for address, language in people:
            with use(language if language in LANGUAGES else "en"):
                words = [_waits(lead, policy, moment, settings) for lead in waiting[owner]]
                letter = digest_letter(
                    owner,
                    mine,
                    words,
                    sender=settings.mail_from,
                    recipients=[address],
                    currency=settings.currency,
                    home=settings.home,
                )
            send(letter, settings.smtp_url)
        if people:
            told[owner] = len(mine) + len(waiting[owner])
    return told


def _waits(lead: Lead, policy: ContactPolicy, now: datetime, settings: Settings) -> str:
    hours = business_hours(policy.handover, lead.handed_at, now, settings.zone)
    return _(
        "%(whom)s, for %(hours)s business hours",
        whom=lead.customer_id or _("account %(account)s", account=lead.account_id),
        hours=int(hours),
    )


def _alert_letter(settings: Settings, address: str, words: list[str]) -> EmailMessage:
    message = EmailMessage()
    message["Subject"] = words[0] if len(words) == 1 else _("%(count)s leads need somebody", count=len(words))
    message["From"], message["To"] = settings.mail_from, address
    message["Message-ID"] = make_msgid(domain=settings.mail_from.rsplit("@", 1)[-1])
    message.set_content("\n".join([*(f"- {one}" for one in words), "", settings.home, ""]))
    return message
