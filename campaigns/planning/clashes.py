"""Clashes: contacts that marketing has promised while sales has the word. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from campaigns.planning.asking import contact_words
from campaigns.planning.locks import Lock

__all__ = ["WAYS", "Clash", "Promised", "clashes_of", "week_of"]

WAYS = ("marketing yields", "sales yields")
"""How a clash is resolved: the contact gives its place back, or the owner lets it be made."""


@dataclass(frozen=True)
class Promised:
    """A contact that has its place in the ledger."""

    reservation_id: int
    person: int
    customer_id: str
    account_id: str | None
    channel: str
    promotion: str | None
    on: date


@dataclass(frozen=True)
class Clash:
    """One promised contact, and the lock that stands against it on its day.

    Parameters
    ----------
    how
        How it was resolved, one of `WAYS`, or None while it is open.
    """

    contact: Promised
    lock: Lock
    how: str | None = None

    @property
    def open(self) -> bool:
        """Whether nobody has resolved it."""
        return self.how is None

    @property
    def words(self) -> str:
        """The clash as people read it."""
        about = self.contact.promotion or "no particular offer"
        through = contact_words(self.contact.channel)
        return (
            f"{self.contact.on}: marketing's {through} about {about} to {self.contact.customer_id}, while "
            f"{self.lock.owner} has the word ({self.lock.reason}, until {self.lock.until})"
        )


def clashes_of(
    promised: Sequence[Promised], locks: Mapping[int, Sequence[Lock]], resolved: Mapping[int, str]
) -> tuple[Clash, ...]:
    """Find the promised contacts that fall into a lock, by day; of several locks the longest is named.

    Parameters
    ----------
    locks
        Locks by person.
    resolved
        How clashes were resolved, by reservation.
    """
    found = []
    for contact in promised:
        against = [lock for lock in locks.get(contact.person, ()) if lock.starts_on <= contact.on <= lock.until]
        if against:
            longest = max(against, key=lambda lock: lock.until)
            found.append(Clash(contact, longest, resolved.get(contact.reservation_id)))
    return tuple(sorted(found, key=lambda clash: (clash.contact.on, clash.contact.customer_id)))


def week_of(day: date) -> date:
    """Return the Monday of a day's week."""
    return day - timedelta(day.weekday())
