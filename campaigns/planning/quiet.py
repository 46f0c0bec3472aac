"""Quiet time: the hours, days and holidays on which a customer is left in peace, by the customer's own clock. Pure.

A contact planned for a day is made at some moment of that day. Through a touch point that disturbs (a call, a text
message) the day is open only where at least one moment of it is decent for the customer: outside quiet hours, and on
no quiet day or holiday, both by the clock and calendar of where the customer lives. What an agent has to do happens
in office hours, so that for a call the two must meet.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time, timedelta
from functools import lru_cache
from typing import Any
from zoneinfo import ZoneInfo, available_timezones

import holidays

from campaigns.channels import canonical
from campaigns.faults import Fault, SettingsError

__all__ = ["WEEKDAYS", "Place", "QuietTime", "decent_hours", "holiday_of", "is_clock", "minutes", "read_quiet"]

WEEKDAYS = ("monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday")
DAY = 24 * 60
STEP = timedelta(minutes=15)
"""How finely a day is searched for a decent moment; zones are whole quarters of an hour apart."""

Moments = tuple[datetime, datetime]


def is_clock(value: object) -> bool:
    """Tell whether a value is a time of day such as ``20:00``; ``24:00`` is the end of the day."""
    return isinstance(value, str) and bool(re.fullmatch(r"([01]\d|2[0-3]):[0-5]\d|24:00", value))


def minutes(clock: str) -> int:
    """Return a time of day as minutes since midnight."""
    hours, rest = clock.split(":")
    return int(hours) * 60 + int(rest)


@dataclass(frozen=True)
class QuietTime:
    """When customers are left in peace.

    Parameters
    ----------
    begins, ends
        Quiet hours by the customer's clock, over midnight if ``begins`` is later; equal ones mean none.
    days
        Quiet days of the week, in English, small letters.
    holidays
        Whether public holidays of the customer's country (and region, where its code is known) are quiet.
    country
        ISO code of the country of customers of whom none is known, or an empty string.
    channels
        Touch points that disturb; a letter or an e-mail waits until it is opened.
    staffed
        Touch points that need somebody in the office.
    opens, closes
        Office hours, in the zone of the company.
    """

    begins: str = "20:00"
    ends: str = "09:00"
    days: tuple[str, ...] = ("sunday",)
    holidays: bool = True
    country: str = ""
    channels: tuple[str, ...] = ("call", "sms", "messaging", "push")
    staffed: tuple[str, ...] = ("call",)
    opens: str = "09:00"
    closes: str = "18:00"

    def __post_init__(self) -> None:
        if faults := quiet_faults("policy.quiet", vars(self)):
            raise SettingsError("This quiet time cannot be used:", faults)

    def is_quiet(self, moment: datetime) -> bool:
        """Tell whether quiet hours hold at a moment of the customer's clock."""
        now, begins, ends = moment.hour * 60 + moment.minute, minutes(self.begins), minutes(self.ends)
        if begins == ends:
            return False
        return begins <= now < ends if begins < ends else now >= begins or now < ends


@dataclass(frozen=True)
class Place:
    """Where a customer lives, as far as it is known.

    Parameters
    ----------
    time_zone
        IANA zone, or an empty string: then that of the company.
    country, region
        ISO code of the country, and code of the part of it, or empty strings.
    """

    time_zone: str = ""
    country: str = ""
    region: str = ""


def quiet_faults(where: str, values: Mapping[str, Any]) -> list[Fault]:
    """Judge the settings of a quiet time; missing ones are defaults and good."""
    faults = [
        Fault(0, f"{where}.{name}", repr(values[name]), "a time of day such as 20:00")
        for name in ("begins", "ends", "opens", "closes")
        if name in values and not is_clock(values[name])
    ]
    if not faults and minutes(values.get("opens", "09:00")) >= minutes(values.get("closes", "18:00")):
        faults.append(Fault(0, f"{where}.closes", repr(values.get("closes")), "a time of day after opens"))
    if not all(day in WEEKDAYS for day in values.get("days", ())):
        faults.append(Fault(0, f"{where}.days", repr(values["days"]), "a list of " + ", ".join(WEEKDAYS)))
    if not isinstance(values.get("holidays", True), bool):
        faults.append(Fault(0, f"{where}.holidays", repr(values["holidays"]), "true or false"))
    country = values.get("country", "")
    if not (isinstance(country, str) and (not country or country in holidays.list_supported_countries())):
        faults.append(Fault(0, f"{where}.country", repr(country), "an ISO code such as TR"))
    for name in ("channels", "staffed"):
        if not all(isinstance(item, str) and item for item in values.get(name, ())):
            faults.append(Fault(0, f"{where}.{name}", repr(values[name]), "a list of touch points"))
    return faults


def read_quiet(written: object, faults: list[Fault]) -> QuietTime:
    """Read the table ``[policy.quiet]``; what is wrong with it is added to ``faults``."""
    where = "policy.quiet"
    if not isinstance(written, Mapping):
        faults.append(Fault(0, where, repr(written), "a table [policy.quiet]"))
        return QuietTime()
    known = [item.name for item in fields(QuietTime)]
    found = [
        Fault(0, f"{where}.{name}", "an unknown setting", "one of " + ", ".join(known))
        for name in written
        if name not in known
    ]
    values = {name: value for name, value in written.items() if name in known}
    for name in ("days", "channels", "staffed"):
        if name in values and not isinstance(values[name], (list, tuple)):
            found.append(Fault(0, f"{where}.{name}", repr(values.pop(name)), "a list"))
        elif name in values:
            values[name] = tuple(values[name])
    found += quiet_faults(where, values)
    faults += found
    if found:
        return QuietTime()
    for name in ("channels", "staffed"):
        if name in values:
            values[name] = tuple(canonical(item) for item in values[name])
    return QuietTime(**values)


@lru_cache(maxsize=512)
def _calendar(country: str, region: str) -> holidays.HolidayBase | None:
    known = holidays.list_supported_countries()
    if country not in known:
        return None
    return holidays.country_holidays(country, subdiv=region if region in known[country] else None)


def holiday_of(country: str, region: str, day: date) -> str | None:
    """Return the name of the public holiday on a day, or None; countries that are not known have none."""
    calendar = _calendar(country.upper(), region.upper())
    return None if calendar is None else calendar.get(day)


@lru_cache(maxsize=100_000)
def decent_hours(quiet: QuietTime, channel: str, place: Place, day: date, zone: str) -> Moments | None:
    """Return the first and the last decent moment of a company's day for a customer, in UTC.

    Parameters
    ----------
    quiet
        When customers are left in peace.
    channel
        The touch point; one that does not disturb is decent all day long.
    place
        Where the customer lives.
    day
        A day of the company.
    zone
        IANA zone of the company.

    Returns
    -------
    The moments, the last one not included, or None where the day has none. Between them there may be quiet hours only
    where two zones lie so far apart that the customer's night falls inside; the longer of the two parts is then given.
    """
    ours = ZoneInfo(zone)
    staffed = channel in quiet.staffed
    opens = _moment(day, minutes(quiet.opens) if staffed else 0, ours)
    closes = _moment(day, minutes(quiet.closes) if staffed else DAY, ours)
    if channel not in quiet.channels:
        return opens, closes
    theirs = ZoneInfo(place.time_zone) if place.time_zone in available_zones() else ours
    country = place.country or quiet.country
    best: Moments | None = None
    begun: datetime | None = None
    moment = opens
    while moment < closes:
        if _is_decent(quiet, moment.astimezone(theirs), country, place.region):
            begun = begun or moment
            if best is None or moment + STEP - begun > best[1] - best[0]:
                best = begun, moment + STEP
        else:
            begun = None
        moment += STEP
    return best


@lru_cache(maxsize=1)
def available_zones() -> frozenset[str]:
    """Return the names of all zones; listing them reads many files."""
    return frozenset(available_timezones())


def _moment(day: date, minute: int, zone: ZoneInfo) -> datetime:
    whole = day + timedelta(1) if minute == DAY else day
    return datetime.combine(whole, time(minute % DAY // 60, minute % 60), zone).astimezone(UTC)


def _is_decent(quiet: QuietTime, local: datetime, country: str, region: str) -> bool:
    if quiet.is_quiet(local) or WEEKDAYS[local.weekday()] in quiet.days:
        return False
    return not (quiet.holidays and country and holiday_of(country, region, local.date()) is not None)
