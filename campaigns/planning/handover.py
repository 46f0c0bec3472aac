"""The clock of a lead that marketing handed to sales: business hours, and the steps that follow one another. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from campaigns.planning.quiet import WEEKDAYS, holiday_of, minutes
from campaigns.planning.responsibility import HandoverRules

__all__ = ["STEPS", "Lead", "Step", "business_hours", "due_at", "is_business_day", "steps_due"]

STEPS = ("owner", "manager", "offer back")
"""Who hears of a lead that is not followed up, in this order; the last step offers it back to marketing."""

LONGEST = 3660
"""Days after which a clock that finds no business day is wrong."""


@dataclass(frozen=True)
class Lead:
    """A lead in the hands of sales.

    Parameters
    ----------
    key
        ``handover:ID``, or ``lead:SOURCE:LEAD_ID`` for one from a file.
    owner
        Who has it.
    handed_at
        When the clock started, with its zone.
    followed_up_at
        When the owner first contacted the person, or None.
    has_open_deal
        Whether the owner has an open deal with the person or account: such a lead is never taken away.
    """

    key: str
    customer_id: str | None
    account_id: str | None
    owner: str
    handed_at: datetime
    followed_up_at: datetime | None = None
    has_open_deal: bool = False


@dataclass(frozen=True)
class Step:
    """A step of the clock: what is due, to whom, since when, and what they read."""

    lead: Lead
    step: str
    to: str
    due_at: datetime
    words: str


def is_business_day(rules: HandoverRules, day: date) -> bool:
    """Tell whether a day is a business day: of the week, and no public holiday."""
    holiday = bool(rules.country) and holiday_of(rules.country, "", day) is not None
    return WEEKDAYS[day.weekday()] in rules.days and not holiday


def due_at(rules: HandoverRules, since: datetime, hours: float, zone: ZoneInfo) -> datetime:
    """Return the moment, in UTC, at which so many business hours have passed since another.

    Raises
    ------
    ValueError
        If there are no business days for ten years.
    """
    left = timedelta(hours=hours)
    day = since.astimezone(zone).date()
    for _ in range(LONGEST):
        if is_business_day(rules, day):
            opens, closes = _hours_of(rules, day, zone)
            begins = max(opens, since.astimezone(UTC))
            if begins < closes:
                if left <= closes - begins:
                    return begins + left
                left -= closes - begins
        day += timedelta(1)
    raise ValueError("there is no business day within ten years")


def business_hours(rules: HandoverRules, since: datetime, until: datetime, zone: ZoneInfo) -> float:
    """Return the business hours between two moments; 0 where the second is not later."""
    total = timedelta(0)
    day, last = since.astimezone(zone).date(), until.astimezone(zone).date()
    while day <= last:
        if is_business_day(rules, day):
            opens, closes = _hours_of(rules, day, zone)
            total += max(min(closes, until.astimezone(UTC)) - max(opens, since.astimezone(UTC)), timedelta(0))
        day += timedelta(1)
    return total / timedelta(hours=1)


def _hours_of(rules: HandoverRules, day: date, zone: ZoneInfo) -> tuple[datetime, datetime]:
    opens, closes = minutes(rules.opens), minutes(rules.closes)
    end = day + timedelta(1) if closes == 24 * 60 else day
    return (
        datetime.combine(day, time(opens // 60, opens % 60), zone).astimezone(UTC),
        datetime.combine(end, time(closes // 60 % 24, closes % 60), zone).astimezone(UTC),
    )


def steps_due(rules: HandoverRules, lead: Lead, now: datetime, zone: ZoneInfo) -> tuple[Step, ...]:
    """Return the steps of a lead's clock that are due by now, in order; none for one that was followed up.

    A lead whose owner has an open deal is never offered back, and where no manager is named that step is passed over.
    """
    if lead.followed_up_at is not None:
        return ()
    hours = (rules.owner_hours, rules.manager_hours, rules.back_hours)
    waited, due = 0, []
    whom = lead.customer_id or f"account {lead.account_id}"
    for step, more in zip(STEPS, hours, strict=True):
        waited += more
        moment = due_at(rules, lead.handed_at, waited, zone)
        if moment > now:
            break
        to = {"owner": lead.owner, "manager": rules.manager_of(lead.owner), "offer back": "marketing"}[step]
        if to is None or (step == "offer back" and lead.has_open_deal):
            continue
        due.append(Step(lead, step, to, moment, _words(step, whom, lead.owner, waited)))
    return tuple(due)


def _words(step: str, whom: str, owner: str, waited: int) -> str:
    if step == "owner":
        return f"{whom} was handed to you {waited} business hours ago and has not been followed up."
    if step == "manager":
        return f"{owner} has not followed up {whom}, handed over {waited} business hours ago."
    return f"{whom} is offered back to marketing: {owner} has not followed up for {waited} business hours."
