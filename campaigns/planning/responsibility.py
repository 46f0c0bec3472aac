"""Which team speaks at which stage of the relationship, and how a lead passes from one to the other. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from types import MappingProxyType
from typing import Any

from campaigns.faults import Fault, SettingsError
from campaigns.planning.caps import is_whole
from campaigns.planning.quiet import WEEKDAYS, is_clock, minutes

__all__ = ["DEFAULT_TEAMS", "STAGES", "TEAMS", "HandoverRules", "read_handover", "read_teams", "teams_faults"]

TEAMS = ("marketing", "sales", "both")

STAGES: Mapping[str, str] = MappingProxyType(
    {
        "stranger": "known only by contacts and clicks, never answered",
        "prospect": "on record, never ordered",
        "lead": "asked for something; marketing has handed nobody over yet",
        "handed over": "a lead that an owner in sales has taken or is due to take up",
        "open deal": "sales works on an open opportunity",
        "won lately": "a deal was won within the cooling-off time",
        "renewal": "a contract is up for renewal",
        "customer": "ordered before, and sales is doing nothing at present",
        "lapsed": "last ordered more than a year ago",
    }
)
"""The stages of a relationship, the ones that beat others last in no particular order; see `stage_of`."""

DEFAULT_TEAMS: Mapping[str, str] = MappingProxyType(
    {
        "stranger": "marketing",
        "prospect": "marketing",
        "lead": "marketing",
        "handed over": "sales",
        "open deal": "sales",
        "won lately": "sales",
        "renewal": "sales",
        "customer": "marketing",
        "lapsed": "marketing",
    }
)


@dataclass(frozen=True)
class HandoverRules:
    """The clock of a lead that marketing handed to sales; it runs in business hours only.

    Parameters
    ----------
    owner_hours
        Business hours after which an owner who has not followed up is alerted.
    manager_hours
        Further business hours after which the manager is.
    back_hours
        Further business hours after which the lead is offered back to marketing. It is never taken from an owner who
        has an open deal with the person or account.
    opens, closes, days
        Business hours and days, in the zone of the company.
    country
        ISO code of the country whose public holidays are no business days, or an empty string.
    managers
        Manager of each owner; the name ``*`` stands for everybody else.
    """

    owner_hours: int = 8
    manager_hours: int = 8
    back_hours: int = 8
    opens: str = "09:00"
    closes: str = "17:00"
    days: tuple[str, ...] = WEEKDAYS[:5]
    country: str = ""
    managers: Mapping[str, str] = field(default_factory=dict, hash=False)

    def __post_init__(self) -> None:
        if faults := handover_faults("policy.handover", vars(self)):
            raise SettingsError("These handover rules cannot be used:", faults)

    def manager_of(self, owner: str) -> str | None:
        """Return who is alerted after the owner, or None if nobody is named."""
        return self.managers.get(owner, self.managers.get("*"))


def handover_faults(where: str, values: Mapping[str, Any]) -> list[Fault]:
    """Judge the settings of a handover; missing ones are defaults and good."""
    faults = [
        Fault(0, f"{where}.{name}", repr(values[name]), "a whole number of hours from 1 to 1000")
        for name in ("owner_hours", "manager_hours", "back_hours")
        if name in values and not is_whole(values[name], 1, 1000)
    ]
    clocks = [name for name in ("opens", "closes") if name in values and not is_clock(values[name])]
    faults += [Fault(0, f"{where}.{name}", repr(values[name]), "a time of day such as 09:00") for name in clocks]
    if not clocks and minutes(values.get("opens", "09:00")) >= minutes(values.get("closes", "17:00")):
        faults.append(Fault(0, f"{where}.closes", repr(values.get("closes")), "a time of day after opens"))
    days = values.get("days", WEEKDAYS[:5])
    if not (isinstance(days, tuple) and days and all(day in WEEKDAYS for day in days)):
        faults.append(Fault(0, f"{where}.days", repr(days), "a list of " + ", ".join(WEEKDAYS)))
    managers = values.get("managers", {})
    if not (isinstance(managers, Mapping) and all(isinstance(name, str) and name for name in managers.values())):
        faults.append(Fault(0, f"{where}.managers", repr(managers), "a table with the manager of each owner"))
    if not isinstance(values.get("country", ""), str):
        faults.append(Fault(0, f"{where}.country", repr(values["country"]), "an ISO code such as TR"))
    return faults


def read_handover(written: object, faults: list[Fault]) -> HandoverRules:
    """Read the table ``[policy.handover]``; what is wrong with it is added to ``faults``."""
    where = "policy.handover"
    if not isinstance(written, Mapping):
        faults.append(Fault(0, where, repr(written), "a table [policy.handover]"))
        return HandoverRules()
    known = [item.name for item in fields(HandoverRules)]
    values = {name: value for name, value in written.items() if name in known}
    if isinstance(values.get("days"), list):
        values["days"] = tuple(values["days"])
    found = [
        Fault(0, f"{where}.{name}", "an unknown setting", "one of " + ", ".join(known))
        for name in written
        if name not in known
    ]
    found += handover_faults(where, values)
    faults += found
    return HandoverRules() if found else HandoverRules(**values)


def teams_faults(where: str, written: object) -> list[Fault]:
    """Judge a responsibility table."""
    if not isinstance(written, Mapping):
        return [Fault(0, where, repr(written), "a table of stages, each with " + " or ".join(TEAMS))]
    return [
        Fault(0, f"{where}.{stage}", "an unknown stage", "one of " + ", ".join(STAGES))
        for stage in written
        if stage not in STAGES
    ] + [
        Fault(0, f"{where}.{stage}", repr(team), " or ".join(TEAMS))
        for stage, team in written.items()
        if stage in STAGES and team not in TEAMS
    ]


def read_teams(written: object, faults: list[Fault]) -> Mapping[str, str]:
    """Read the table ``[policy.teams]``: stages not written keep their default."""
    found = teams_faults("policy.teams", written)
    faults += found
    return DEFAULT_TEAMS if found or not isinstance(written, Mapping) else {**DEFAULT_TEAMS, **written}
