"""The ledger's arithmetic: which of the contacts asked for still have a place in the caps. Pure.

The plan keeps the caps when it is made; but others plan too, sales books, files come in. So whoever wants a contact
asks for its place at the moment of promising it, and the caps are counted once more against everything that has a place
by then. The counting here shares nothing with the masks of `campaigns.planning.windows`: contacts are days in a list.
"""

from __future__ import annotations

from bisect import insort
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType

from campaigns.planning.caps import Cap
from campaigns.planning.policy import ContactPolicy
from campaigns.planning.rules import RULES
from campaigns.planning.windows import rule_of

__all__ = [
    "CALL_OUTCOMES",
    "DOUBLED",
    "OUTCOMES",
    "WITHHELD",
    "Admitted",
    "Asked",
    "Refusal",
    "Standing",
    "admit",
    "first_broken",
    "full_window",
    "outcome_of",
    "refusals_by_reason",
]

DOUBLED = "has this contact already"
"""Why the same contact is not promised twice."""

WITHHELD = "withheld"
"""The outcome of a contact that was held back at random."""

OUTCOMES: Mapping[str, bool] = MappingProxyType(
    {"delivered": True, "reached": True, "not reached": False, "bounced": False, "opted out": True, WITHHELD: True}
)
"""What can come of a contact, and whether it keeps its place in the caps: one that reached nobody gives it back. A
held-back contact (``withheld``) counts as if it had been made."""

CALL_OUTCOMES: Mapping[str, str] = MappingProxyType(
    {
        "reached": "reached",
        "no answer": "not reached",
        "voicemail": "not reached",
        "call back": "reached",
        "wrong number": "not reached",
        "not interested now": "reached",
        "not interested ever": "opted out",
    }
)
"""What an agent ticks on a call list, as an outcome."""

Member = int | str
Key = tuple[int, Member, str | None]


def outcome_of(word: str) -> str | None:
    """Return the outcome that a word from a list stands for, or None if it stands for none."""
    plain = word.strip().casefold().replace("_", " ")
    return plain if plain in OUTCOMES else CALL_OUTCOMES.get(plain)


@dataclass(frozen=True)
class Standing:
    """A contact that has its place: made, reserved, committed, or settled without giving it back."""

    person: int
    channel: str
    promotion: str | None
    on: date


@dataclass(frozen=True)
class Asked:
    """A contact for which somebody asks a place.

    Parameters
    ----------
    person
        Number of the person in the database.
    customer_id
        The company's own number.
    on
        Its day.
    ghost
        Whether it will be withheld at random; it takes its place all the same.
    contact_id
        The planned contact behind it, or None for one outside any plan.
    """

    person: int
    customer_id: str
    channel: str
    promotion: str | None
    on: date
    ghost: bool = False
    contact_id: int | None = None


@dataclass(frozen=True)
class Refusal:
    """A contact that got no place.

    Parameters
    ----------
    asked
        The contact.
    rule
        Name of the rule that refused it (`campaigns.planning.rules.RULES`), or ``doubled``.
    reason
        What people read.
    """

    asked: Asked
    rule: str
    reason: str


@dataclass(frozen=True)
class Admitted:
    """Who got a place: positions in what was asked, in its order, and the refusals."""

    accepted: tuple[int, ...]
    refusals: tuple[Refusal, ...]


def admit(
    asked: Sequence[Asked],
    standing: Iterable[Standing],
    households: Mapping[int, str],
    policy: ContactPolicy,
    *,
    live: Iterable[int] = (),
) -> Admitted:
    """Give places to contacts in the order in which they are asked for, as long as no cap breaks.

    Parameters
    ----------
    asked
        The contacts.
    standing
        Every contact near them that has its place already, of everybody in their households.
    households
        Household of each person; somebody without one is a household of their own.
    policy
        The caps and the hours between contacts.
    live
        Planned contacts (``contact_id``) that have their place already.
    """
    book = _Book(policy, households)
    for known in standing:
        book.add(known)
    taken = set(live)
    accepted, refusals = [], []
    for position, contact in enumerate(asked):
        place = Standing(contact.person, contact.channel, contact.promotion, contact.on)
        if place in book or contact.contact_id in taken:
            refusals.append(Refusal(contact, "doubled", DOUBLED))
        elif (cap := book.broken_by(place)) is not None:
            refusals.append(Refusal(contact, cap[0], cap[1]))
        else:
            book.add(place)
            if contact.contact_id is not None:
                taken.add(contact.contact_id)
            accepted.append(position)
    return Admitted(tuple(accepted), tuple(refusals))


def full_window(days: Sequence[int], day: int, cap: Cap) -> bool:
    """Tell whether one more contact on a day would put more than a cap allows into some window that holds the day.

    Parameters
    ----------
    days
        Days of the contacts that the cap counts, ascending.
    day
        Day of the new one.
    """
    near = [other for other in days if abs(other - day) < cap.days]
    if len(near) < cap.limit:
        return False
    return any(
        sum(first <= other < first + cap.days for other in near) >= cap.limit
        for first in range(day - cap.days + 1, day + 1)
    )


def first_broken(standing: Sequence[Standing], households: Mapping[int, str], policy: ContactPolicy) -> str | None:
    """Return in words the first cap that contacts break among themselves, or None if they keep them all."""
    book = _Book(policy, households)
    for contact in sorted(standing, key=lambda one: one.on):
        broken = book.broken_by(contact)
        if broken is not None:
            return f"person {contact.person} on {contact.on}: {broken[2].words}"
        book.add(contact)
    return None


def refusals_by_reason(refusals: Iterable[Refusal]) -> dict[str, int]:
    """Count refusals by their reason, the commonest first."""
    return dict(Counter(refusal.reason for refusal in refusals).most_common())


class _Book:
    """Days of the contacts that have a place, by cap and by whom the cap counts."""

    def __init__(self, policy: ContactPolicy, households: Mapping[int, str]) -> None:
        reasons = {rule.name: rule.reason for rule in RULES}
        caps = [(cap, rule_of(cap)) for cap in policy.caps]
        if policy.gap is not None:
            caps.append((policy.gap, "too_soon"))
        self._caps = [(cap, name, reasons[name]) for cap, name in caps]
        self._households = households
        self._days: dict[Key, list[int]] = defaultdict(list)
        self._all: set[Standing] = set()

    def __contains__(self, contact: Standing) -> bool:
        return contact in self._all

    def add(self, contact: Standing) -> None:
        """Count a contact."""
        self._all.add(contact)
        for place, (cap, _, _) in enumerate(self._caps):
            if (key := self._key(place, cap, contact)) is not None:
                insort(self._days[key], contact.on.toordinal())

    def broken_by(self, contact: Standing) -> tuple[str, str, Cap] | None:
        """Return the first cap that one more contact would break: its rule, the rule's reason, and the cap."""
        for place, (cap, name, reason) in enumerate(self._caps):
            key = self._key(place, cap, contact)
            if key is not None and full_window(self._days.get(key, ()), contact.on.toordinal(), cap):
                return name, reason, cap
        return None

    def _key(self, place: int, cap: Cap, contact: Standing) -> Key | None:
        """Return under what a cap counts a contact, or None if it does not."""
        if cap.channel not in (None, contact.channel) or (cap.each is not None and contact.promotion is None):
            return None
        who: Member = contact.person
        if cap.scope == "household":
            who = self._households.get(contact.person, contact.person)
        return place, who, contact.promotion if cap.each is not None else None
