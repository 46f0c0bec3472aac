"""A calendar feed (RFC 5545) of what somebody has to do: calls, suggestions, deals, holds."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from icalendar import Calendar, Event

__all__ = ["CalendarItem", "calendar_feed"]

REFRESH = timedelta(hours=1)
"""How often a program that subscribed should look again (RFC 7986)."""


@dataclass(frozen=True)
class CalendarItem:
    """One thing in a calendar.

    Parameters
    ----------
    key
        Its name for good: an item written again under the same key replaces the earlier one.
    begins
        A day for something that takes the whole of it, or a moment with its zone.
    lasts
        How long, for a moment.
    clash
        Whether marketing speaks where sales has the word.
    """

    key: str
    begins: date | datetime
    title: str
    text: str = ""
    kind: str = ""
    lasts: timedelta = timedelta(minutes=30)
    clash: bool = False


def calendar_feed(items: Iterable[CalendarItem], *, name: str, now: datetime) -> bytes:
    """Return a calendar as a file or an address serves it (``text/calendar``).

    Parameters
    ----------
    name
        What the calendar is called where it is subscribed to.
    now
        When the items were read, with its zone.

    Raises
    ------
    ValueError
        If a moment has no zone.
    """
    calendar = Calendar()
    calendar.add("prodid", "-//Touchstone//Contact plan//EN")
    calendar.add("version", "2.0")
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    calendar.add("refresh-interval", REFRESH, parameters={"value": "DURATION"})
    calendar.add("x-published-ttl", "PT1H")
    for item in items:
        calendar.add_component(_event(item, now))
    return bytes(calendar.to_ical())


def _event(item: CalendarItem, now: datetime) -> Event:
    event = Event()
    event.add("uid", f"{item.key}@touchstone")
    event.add("dtstamp", _utc(now))
    if isinstance(item.begins, datetime):
        event.add("dtstart", _utc(item.begins))
        event.add("dtend", _utc(item.begins + item.lasts))
    else:
        event.add("dtstart", item.begins)
        event.add("dtend", item.begins + timedelta(1))
        event.add("transp", "TRANSPARENT")
    event.add("summary", f"! {item.title}" if item.clash else item.title)
    if item.text:
        event.add("description", item.text)
    if item.kind:
        event.add("categories", [item.kind])
    return event


def _utc(moment: datetime) -> datetime:
    if moment.tzinfo is None:
        raise ValueError(f"a moment without a zone: {moment.isoformat()}")
    return moment.astimezone(UTC)
