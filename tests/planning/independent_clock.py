"""Quiet hours, quiet days, holidays and hours between contacts, by going through the minutes of a day one by one.

It shares nothing with the policy: the rules come as plain values, and it imports nothing of the product.
"""

from __future__ import annotations

import datetime as dt
from typing import Any
from zoneinfo import ZoneInfo

import holidays

STEP = dt.timedelta(minutes=5)


def minute_of(clock: str) -> int:
    """Return a time of day as minutes since midnight."""
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)


def is_decent(rules: dict[str, Any], moment: dt.datetime, country: str, region: str) -> bool:
    """Tell whether somebody may be disturbed at a moment of their own clock."""
    now, begins, ends = moment.hour * 60 + moment.minute, minute_of(rules["begins"]), minute_of(rules["ends"])
    quiet = now >= begins or now < ends if begins > ends else begins <= now < ends
    if quiet or moment.strftime("%A").lower() in rules["days"]:
        return False
    if not rules["holidays"] or not country:
        return True
    regions = holidays.country_holidays(country).subdivisions
    calendar = holidays.country_holidays(country, subdiv=region if region in regions else None, years=moment.year)
    return moment.date() not in calendar


def has_decent_moment(
    rules: dict[str, Any], channel: str, day: dt.date, zone: dt.tzinfo, time_zone: str, country: str, region: str
) -> bool:
    """Tell whether a contact could be made decently at some minute of a day of the company."""
    if channel not in rules["channels"]:
        return True
    moment, end = dt.datetime.combine(day, dt.time(), zone), dt.datetime.combine(day + dt.timedelta(1), dt.time(), zone)
    theirs = ZoneInfo(time_zone) if time_zone else zone
    while moment < end:
        ours = moment.hour * 60 + moment.minute
        staffed = channel not in rules["staffed"] or minute_of(rules["opens"]) <= ours < minute_of(rules["closes"])
        if staffed and is_decent(rules, moment.astimezone(theirs), country, region):
            return True
        moment += STEP
    return False


def is_too_soon(moment: dt.datetime, day: dt.date, zone: dt.tzinfo, hours: int, quiet_ends: str) -> bool:
    """Tell whether the first decent hour of a later day comes less than so many hours after a contact."""
    ends = minute_of(quiet_ends) % (24 * 60)
    begins = dt.datetime.combine(day, dt.time(ends // 60, ends % 60), zone)
    return moment.astimezone(zone).date() <= day and begins - moment < dt.timedelta(hours=hours)
