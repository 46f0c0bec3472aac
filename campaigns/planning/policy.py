"""What the marketer decides once: contact caps, waiting times, sales locks and the resources behind a touch point."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from campaigns.faults import Fault, SettingsError
from campaigns.people.consent import CONSENTS
from campaigns.planning.caps import Cap, Resource, is_share, is_whole, read_caps, read_resources
from campaigns.planning.horizon import MOST_DAYS
from campaigns.planning.quiet import QuietTime, read_quiet
from campaigns.planning.responsibility import DEFAULT_TEAMS, HandoverRules, read_handover, read_teams, teams_faults

__all__ = ["MARKETING", "SERVICE", "Cap", "ContactPolicy", "Resource"]

MARKETING, SERVICE = "marketing", "service"
"""What a contact is for: consent may be given for one and not for the other."""

PURPOSES = (MARKETING, SERVICE)
LOCK_SCOPES = ("person", "account")
LONGEST = 3650
"""Longest waiting time that makes sense, in days."""
LEAST = {"exclusion_days": MOST_DAYS}
"""Shortest waiting time, where it is not 0."""


DEFAULT_CAPS = (
    Cap(2, 7, "email"),
    Cap(2, 7, "push"),
    Cap(1, 14, "sms"),
    Cap(1, 14, "messaging"),
    Cap(1, 30, "mail", "household"),
    Cap(1, 30, "catalogue", "household"),
    Cap(1, 30, "call"),
    Cap(3, 7),
    Cap(4, 7, None, "household"),
)
"""Two e-mails or push messages a week, one text message a fortnight, one letter and one catalogue a month into a home,
one call a month; over all touch points three contacts a week with a person and four with a household."""

DEFAULT_RESOURCES = (Resource("agent-hours", "call", 0.1),)
"""A call with its notes takes an agent six minutes. A resource named like a touch point counts its contacts."""


@dataclass(frozen=True)
class ContactPolicy:
    """May this person hear this, now, through this touch point? The marketer's answers, in days.

    "For D days" counts the day itself: after a complaint on 1 May, 30 days end on 30 May.

    Parameters
    ----------
    caps
        Rolling caps; an empty tuple limits nothing.
    consent_presumed
        Consents (``email``, ``phone``, ``sms``, ``mail``, ``ads``) that a person is taken to have given unless they
        said no, for example letters where the law allows it. By default none: no record of consent means no contact.
    service_presumed
        The same for service contacts; see ``relationship_is``.
    relationship_is
        What an offer of the kind ``relationship`` (service news, thanks, advice) counts as: ``marketing``, or
        ``service``, which may also be said after a complaint and while a support case is open, and needs the consent to
        service contacts, where a file of customers tells the two apart (``attr_consent_email_service``).
    hours_between
        At least so many hours between two contacts with a person, whatever the touch point. A planned contact may be
        made at any hour of its day, so contacts of a plan are counted in whole days: up to 24 hours mean one a day, up
        to 48 one in two days.
    quiet
        Quiet hours, days and holidays, by the customer's own clock and calendar.
    complaint_days
        No marketing for so many days after a complaint.
    declined_days
        An offer, or any offer of a product, is not made again for so many days after it was declined.
    bought_days
        An offer of a product is not made for so many days after its purchase.
    returned_days
        Nor after the product was returned.
    exclusion_days
        For how long a contact stands in the way of offers that exclude its own, or may not come after it; at least as
        long as the longest plan, so that within a plan it always does.
    lock_scope
        ``account``: what sales does with one person of an account locks the whole account; ``person``: only that
        person, unless sales recorded it for the account.
    deal_days
        An open deal without an expected closing day locks for so many days after it was opened.
    overdue_days
        An open deal locks for so many days after its expected closing day has passed.
    win_days
        No marketing for so many days after a deal was won.
    activity_days
        Sales has the word for so many days after it spoke to someone.
    booked_days
        And for so many days before a booked call, meeting or visit.
    renewal_days
        And for so many days before a contract ends (``attr_renewal_on`` in the customers file), where it has an owner.
    handed_days
        And for so many days after marketing handed somebody over, unless the lead was offered back.
    hold_days
        The longest that an owner may hold somebody.
    holds_per_owner
        How many holds an owner may have at a time.
    teams
        Which team speaks at which stage of the relationship (`campaigns.planning.responsibility`): a stage that is not
        sales' locks nothing.
    handover
        The clock of leads handed to sales.
    resources
        What contacts use up; amounts come from the ``capacities`` kind.
    never_held_back
        Customers and accounts, by their numbers, whose contacts are never withheld nor tried out to learn; named
        accounts (with an owner) never are, listed or not.
    relationship_keeps
        Share of a customer's later margin that one relationship contact is taken to keep; None leaves it to held-back
        customers, or else to the orders that such contacts cause.
    margin_share
        Share of an order's value that is margin, used only where neither the promotion nor any order says; the
        plan then says that it assumed it.
    """

    caps: tuple[Cap, ...] = DEFAULT_CAPS
    consent_presumed: tuple[str, ...] = ()
    service_presumed: tuple[str, ...] = ()
    relationship_is: str = MARKETING
    hours_between: int = 12
    quiet: QuietTime = field(default_factory=QuietTime)
    complaint_days: int = 30
    declined_days: int = 90
    bought_days: int = 365
    returned_days: int = 365
    exclusion_days: int = 90
    lock_scope: str = "account"
    deal_days: int = 180
    overdue_days: int = 30
    win_days: int = 30
    activity_days: int = 14
    booked_days: int = 14
    renewal_days: int = 60
    handed_days: int = 14
    hold_days: int = 90
    holds_per_owner: int = 20
    teams: Mapping[str, str] = field(default_factory=lambda: DEFAULT_TEAMS, hash=False)
    handover: HandoverRules = field(default_factory=HandoverRules)
    resources: tuple[Resource, ...] = DEFAULT_RESOURCES
    never_held_back: tuple[str, ...] = ()
    relationship_keeps: float | None = None
    margin_share: float = 0.3

    def __post_init__(self) -> None:
        values = {item.name: getattr(self, item.name) for item in fields(self)}
        if faults := [*_value_faults("policy", values), *_double_faults("policy", self.caps)]:
            raise SettingsError("This contact policy cannot be used:", faults, "Correct it and plan again.")

    @property
    def longest_window(self) -> int:
        """Days of contact history that the caps and the exclusions need."""
        return max([self.exclusion_days, *(cap.days for cap in self.caps)])

    @property
    def gap_days(self) -> int:
        """Days from a planned contact to the next, by ``hours_between``; 0 if none are asked for."""
        return -(-self.hours_between // 24)

    @property
    def gap(self) -> Cap | None:
        """The hours between contacts as a cap of one contact, or None."""
        return Cap(1, self.gap_days) if self.gap_days else None

    def purpose(self, kind: str | None) -> str:
        """Return what offers of a kind are for."""
        return SERVICE if kind == "relationship" and self.relationship_is == SERVICE else MARKETING

    def sales_speaks(self, stage: str) -> bool:
        """Tell whether a stage of the relationship is for sales alone, so that marketing keeps silent."""
        return self.teams.get(stage, DEFAULT_TEAMS[stage]) == "sales"

    @classmethod
    def from_mapping(cls, written: Mapping[str, Any]) -> ContactPolicy:
        """Read a policy as TOML gives it: the table ``[policy]`` of ``touchstone.toml``.

        ``caps`` is an array of tables with the fields of `Cap`, and ``resources`` a table per resource with ``channel``
        and ``per_contact``; each replaces the default ones as a whole. Channels may be written as in any file
        ("E-mail").

        Raises
        ------
        SettingsError
            With every fault of the table, not only the first.
        """
        known = {item.name for item in fields(cls)}
        faults = [
            Fault(0, f"policy.{name}", "an unknown setting", "one of " + ", ".join(sorted(known)))
            for name in written
            if name not in known
        ]
        values: dict[str, Any] = {name: value for name, value in written.items() if name in known}
        if "caps" in values:
            values["caps"] = read_caps(values["caps"], faults)
        if "resources" in values:
            values["resources"] = read_resources(values["resources"], faults)
        if "quiet" in values:
            values["quiet"] = read_quiet(values["quiet"], faults)
        if "handover" in values:
            values["handover"] = read_handover(values["handover"], faults)
        if "teams" in values:
            values["teams"] = read_teams(values["teams"], faults)
        for name in ("consent_presumed", "service_presumed", "never_held_back"):
            if isinstance(values.get(name), list):
                values[name] = tuple(values[name])
        faults += _value_faults("policy", values)
        faults += _double_faults("policy", values.get("caps", ()))
        if faults:
            raise SettingsError("The contact policy cannot be used:", faults, "Correct [policy] and plan again.")
        return cls(**values)

    def to_mapping(self) -> dict[str, Any]:
        """Return the policy as `from_mapping` reads it, for keeping it with a plan."""
        written = {item.name: getattr(self, item.name) for item in fields(self)}
        if self.relationship_keeps is None:
            del written["relationship_keeps"]
        written["consent_presumed"] = list(self.consent_presumed)
        written["service_presumed"] = list(self.service_presumed)
        written["never_held_back"] = list(self.never_held_back)
        written["quiet"] = _listed(vars(self.quiet))
        written["handover"] = _listed(vars(self.handover))
        written["teams"] = dict(self.teams)
        written["caps"] = [{name: value for name, value in vars(cap).items() if value is not None} for cap in self.caps]
        written["resources"] = {
            resource.name: {"channel": resource.channel, "per_contact": resource.per_contact}
            for resource in self.resources
        }
        return written


def _listed(values: Mapping[str, Any]) -> dict[str, Any]:
    """Write tuples as lists and mappings as dicts, as TOML and JSON know them."""
    return {
        name: list(value) if isinstance(value, tuple) else dict(value) if isinstance(value, Mapping) else value
        for name, value in values.items()
    }


def _value_faults(where: str, values: Mapping[str, Any]) -> list[Fault]:
    """Judge the plain values of a policy; missing ones are defaults and good."""
    faults = [
        Fault(0, f"{where}.{name}", repr(value), f"a whole number of days from {LEAST.get(name, 0)} to {LONGEST}")
        for name, value in values.items()
        if name.endswith("_days") and not is_whole(value, LEAST.get(name, 0), LONGEST)
    ]
    scope = values.get("lock_scope", "account")
    if scope not in LOCK_SCOPES:
        faults.append(Fault(0, f"{where}.lock_scope", repr(scope), " or ".join(LOCK_SCOPES)))
    for name in ("consent_presumed", "service_presumed"):
        presumed = values.get(name, ())
        if not (isinstance(presumed, tuple) and all(kind in CONSENTS for kind in presumed)):
            faults.append(Fault(0, f"{where}.{name}", repr(presumed), "a list of " + ", ".join(CONSENTS)))
    spared = values.get("never_held_back", ())
    if not (isinstance(spared, tuple) and all(isinstance(one, str) and one for one in spared)):
        faults.append(Fault(0, f"{where}.never_held_back", repr(spared), "a list of customer and account numbers"))
    kind = values.get("relationship_is", MARKETING)
    if kind not in PURPOSES:
        faults.append(Fault(0, f"{where}.relationship_is", repr(kind), " or ".join(PURPOSES)))
    for name, most in (("hours_between", 24 * MOST_DAYS), ("holds_per_owner", 10_000)):
        if name in values and not is_whole(values[name], 0, most):
            faults.append(Fault(0, f"{where}.{name}", repr(values[name]), f"a whole number from 0 to {most}"))
    faults += teams_faults(f"{where}.teams", values.get("teams", {}))
    share = values.get("margin_share", 0.3)
    if not is_share(share, 1.0):
        faults.append(Fault(0, f"{where}.margin_share", repr(share), "a number above 0, at most 1"))
    keeps = values.get("relationship_keeps")
    if keeps is not None and not (is_share(keeps, 1.0) or (keeps == 0 and keeps is not False)):
        faults.append(Fault(0, f"{where}.relationship_keeps", repr(keeps), "a number from 0 to 1"))
    return faults


def _double_faults(where: str, caps: Iterable[Cap]) -> list[Fault]:
    """Find caps over the same window: they contradict one another, and one can never bind."""
    seen: dict[tuple[int, str | None, str, str | None], int] = {}
    faults = []
    for place, cap in enumerate(caps, start=1):
        earlier = seen.setdefault((cap.days, cap.channel, cap.scope, cap.each), place)
        if earlier != place:
            expected = f"one limit for this touch point, scope and number of days (cap {earlier} sets it already)"
            faults.append(Fault(0, f"{where}.caps[{place}]", cap.words, expected))
    return faults
