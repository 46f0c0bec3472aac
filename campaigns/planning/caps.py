"""Rolling contact caps, and what a contact uses up: two small parts of the contact policy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, fields

from campaigns.channels import canonical
from campaigns.faults import Fault, SettingsError

__all__ = ["Cap", "Resource", "is_share", "is_whole", "read_caps", "read_resources"]

SCOPES = ("person", "household")
PROMOTION = "promotion"
MOST = 1e9
"""More than any contact uses."""


def is_share(value: object, most: float) -> bool:
    """Tell whether a value read from a file is a number above 0, at most ``most`` (a truth value is no number)."""
    return isinstance(value, (int, float)) and not isinstance(value, bool) and 0 < value <= most


def is_whole(value: object, least: int, most: int) -> bool:
    """Tell whether a value read from a file is a whole number from ``least`` to ``most``."""
    return isinstance(value, int) and not isinstance(value, bool) and least <= value <= most


def _cap_faults(
    where: str, limit: object, days: object, channel: object, scope: object, each: object = None
) -> list[Fault]:
    checks = (
        ("limit", limit, is_whole(limit, 0, 1000), "a whole number from 0 to 1000"),
        ("days", days, is_whole(days, 1, 365), "a whole number from 1 to 365"),
        ("channel", channel, channel is None or (isinstance(channel, str) and channel != ""), "a touch point"),
        ("scope", scope, scope in SCOPES, " or ".join(SCOPES)),
        ("each", each, each in (None, PROMOTION), f"{PROMOTION!r}, or nothing"),
    )
    return [Fault(0, f"{where}.{name}", repr(found), expected) for name, found, good, expected in checks if not good]


def _resource_faults(where: str, channel: object, per_contact: object) -> list[Fault]:
    checks = (
        ("channel", channel, isinstance(channel, str) and channel != "", "the touch point that uses it"),
        ("per_contact", per_contact, is_share(per_contact, MOST), "a number above 0"),
    )
    return [Fault(0, f"{where}.{name}", repr(found), expected) for name, found, good, expected in checks if not good]


@dataclass(frozen=True)
class Cap:
    """At most so many contacts in any run of so many days.

    Contacts of the past count, contacts that other plans have promised count, and so do held-back ones.

    Parameters
    ----------
    limit
        The most contacts; 0 forbids them.
    days
        Length of the rolling window in days, 1 to 365. "2 in 7 days" holds in *every* run of 7 days.
    channel
        Only contacts through this touch point count and are limited; None counts every planned touch point.
    scope
        ``person`` or ``household`` (a person without a household is one of their own).
    each
        ``promotion``: contacts are counted for every promotion by itself ("at most two about the same offer"), and
        those about none are not. None counts all of them together.
    """

    limit: int
    days: int
    channel: str | None = None
    scope: str = "person"
    each: str | None = None

    def __post_init__(self) -> None:
        if faults := _cap_faults("cap", self.limit, self.days, self.channel, self.scope, self.each):
            raise SettingsError("This contact cap cannot be used:", faults)

    @property
    def words(self) -> str:
        """The cap as people read it."""
        contacts = (f"{self.channel} " if self.channel else "") + ("contact" if self.limit == 1 else "contacts")
        about = " about the same promotion" if self.each else ""
        run = f"any {self.days} days" if self.days > 1 else "a day"
        return f"at most {self.limit} {contacts}{about} per {self.scope} in {run}"


@dataclass(frozen=True)
class Resource:
    """What a contact through a touch point uses up.

    Parameters
    ----------
    name
        Name in the ``capacities`` kind, for example ``agent-hours``.
    channel
        The touch point that needs it.
    per_contact
        How much one contact uses, in the unit of the capacity; above 0.
    """

    name: str
    channel: str
    per_contact: float = 1.0

    def __post_init__(self) -> None:
        if faults := _resource_faults(f"resources.{self.name}", self.channel, self.per_contact):
            raise SettingsError("This resource cannot be used:", faults)


def read_caps(written: object, faults: list[Fault]) -> tuple[Cap, ...]:
    """Read caps from an array of tables; what is wrong with them is added to ``faults``."""
    if not (isinstance(written, (list, tuple)) and all(isinstance(item, Mapping) for item in written)):
        faults.append(Fault(0, "policy.caps", repr(written), "an array of tables [[policy.caps]]"))
        return ()
    caps = []
    names = tuple(item.name for item in fields(Cap))
    for place, table in enumerate(written, start=1):
        where = f"policy.caps[{place}]"
        unknown = [
            Fault(0, f"{where}.{name}", "an unknown setting", "one of " + ", ".join(names))
            for name in table
            if name not in names
        ]
        channel = table.get("channel")
        scope, each = table.get("scope", "person"), table.get("each")
        wrong = _cap_faults(where, table.get("limit"), table.get("days"), channel, scope, each)
        faults += [*unknown, *wrong]
        if not unknown and not wrong:
            name = canonical(channel) if channel is not None else None
            caps.append(Cap(table["limit"], table["days"], name, scope, each))
    return tuple(caps)


def read_resources(written: object, faults: list[Fault]) -> tuple[Resource, ...]:
    """Read resources from a table of tables; what is wrong with them is added to ``faults``."""
    if not (isinstance(written, Mapping) and all(isinstance(item, Mapping) for item in written.values())):
        faults.append(Fault(0, "policy.resources", repr(written), "a table [policy.resources.NAME] per resource"))
        return ()
    resources = []
    for name, table in written.items():
        where = f"policy.resources.{name}"
        unknown = [
            Fault(0, f"{where}.{key}", "an unknown setting", "channel or per_contact")
            for key in table
            if key not in ("channel", "per_contact")
        ]
        wrong = _resource_faults(where, table.get("channel"), table.get("per_contact", 1.0))
        faults += [*unknown, *wrong]
        if not unknown and not wrong:
            resources.append(Resource(name, canonical(table["channel"]), float(table.get("per_contact", 1.0))))
    return tuple(resources)
