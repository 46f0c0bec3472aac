"""What is known when a plan is made, as arrays: the input of the rules."""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import date
from typing import Any

import numpy as np
from numpy.typing import NDArray

from campaigns.planning.horizon import Days, Index, between
from campaigns.planning.locks import Locks

__all__ = ["Candidates", "Contacts", "Events", "Facts", "Offer", "TouchPoint"]


@dataclass(frozen=True)
class TouchPoint:
    """A channel that the plan may use.

    Parameters
    ----------
    channel
        Its name.
    consent
        The consent it needs: email, phone, sms, mail, ads or none.
    unit_cost
        Cost of one contact, in major units.
    """

    channel: str
    consent: str
    unit_cost: float = 0.0


@dataclass(frozen=True)
class Offer:
    """A promotion that the plan may propose; without a key it is a contact about no particular offer.

    Parameters
    ----------
    promotion
        Its key, or None.
    margin
        Margin of one extra response after the discount, in major units.
    assumed
        Whether that margin was assumed, not known.
    first, last
        First and last day it runs, as day numbers.
    product
        The product offered, or None.
    channels
        Touch points it may use; empty means any.
    excludes
        Promotions that the same person may not get.
    not_after
        A promotion after which this one may not follow, or None.
    kind
        ``product`` or ``relationship``.
    budget
        What its contacts may cost in all, in major units, or None.
    """

    promotion: str | None
    margin: float
    assumed: bool
    first: int
    last: int
    product: str | None = None
    channels: frozenset[str] = frozenset()
    excludes: frozenset[str] = frozenset()
    not_after: str | None = None
    kind: str = "product"
    budget: float | None = None

    def excludes_or_is_excluded_by(self, other: Offer) -> bool:
        """Whether the same person may not get both."""
        return other.promotion in self.excludes or self.promotion in other.excludes

    def may_not_follow(self, other: Offer) -> bool:
        """Whether this offer may not come after the other."""
        return self.not_after is not None and self.not_after == other.promotion


@dataclass(frozen=True)
class Events:
    """What happened to persons with offers, as columns of equal length.

    Parameters
    ----------
    person
        Position of the person.
    offer
        Position of the offer concerned; zeros where the event concerns the person as a whole.
    day
        Day number; may lie before or after the plan's first day.
    """

    person: Index
    offer: Index
    day: Index

    def closing(self, shape: tuple[int, int], before: int, after: int, days: int) -> Days:
        """Return the days that lie from ``before`` days before an event to ``after`` days after it.

        Parameters
        ----------
        shape
            Persons, offers.
        before, after
            Days; the event's own day lies inside if neither is negative. A negative ``after`` closes nothing.
        days
            Length of the plan.

        Returns
        -------
        Masks of closed days, shape ``shape``.
        """
        masks = np.zeros(shape, np.uint64)
        if after >= 0 and before >= 0:
            np.bitwise_or.at(masks, (self.person, self.offer), between(self.day - before, self.day + after, days))
        return masks


@dataclass(frozen=True)
class Contacts:
    """Contacts already made, or promised by another plan, as columns of equal length; held-back ones among them.

    Parameters
    ----------
    person
        Position of the person.
    channel
        Position of the touch point among the plan's, or -1 for one that the plan does not use.
    day
        Day number; 0 and later are promised contacts, or ones made since the plan's first day.
    offer
        Position of the offer it was about, or -1 for none of the plan's.
    free_from
        First day on which the hours that the policy asks for between contacts have passed.
    """

    person: Index
    channel: Index
    day: Index
    offer: Index
    free_from: Index


@dataclass(frozen=True)
class Facts:
    """Everything the rules look at.

    Parameters
    ----------
    starts_on
        Day 0.
    days
        Length of the plan.
    number
        Number of each person in the database, shape ``(people,)``, ascending.
    customer_id
        The company's own number, or None, shape ``(people,)``.
    household
        Household of each person, numbered from 0 without gaps, shape ``(people,)``.
    touch_points
        Channels that the plan may use.
    offers
        Offers that the plan may propose.
    consent
        Codes of ``Consent`` to marketing, shape ``(people, kinds)``.
    service_consent
        The same for service contacts.
    place
        Where each person lives, as a position in ``quiet``, shape ``(people,)``.
    quiet
        Days without a decent moment, shape ``(places, touch points)``.
    suppressed_until
        Last day on which the person may not be contacted at all, shape ``(people,)``.
    case_open
        Whether service has an open case of the person, shape ``(people,)``.
    locks
        Sales locks.
    contacts
        Contact history and promised contacts.
    complaints
        Complaints (``offer`` 0).
    declines, purchases, returns
        Of the offer or its product.
    invited
        Whether each person is in the audience of each offer, shape ``(people, offers)``; None where all are.
    spared
        Whose contacts are neither held back nor tried out, shape ``(people,)``: named accounts, which somebody in sales
        owns, and whom the policy lists; None for nobody.
    rivals
        Contacts with an offer that excludes this one, or is excluded by it.
    forerunners
        Contacts with the offer that this one may not follow.
    successors
        Contacts with an offer that may not follow this one.
    """

    starts_on: date
    days: int
    number: Index
    customer_id: NDArray[Any]
    household: Index
    touch_points: tuple[TouchPoint, ...]
    offers: tuple[Offer, ...]
    consent: NDArray[np.int8]
    service_consent: NDArray[np.int8]
    place: Index
    quiet: Days
    suppressed_until: Index
    case_open: NDArray[np.bool_]
    locks: Locks
    contacts: Contacts
    complaints: Events
    declines: Events
    purchases: Events
    returns: Events
    rivals: Events
    forerunners: Events
    successors: Events
    invited: NDArray[np.bool_] | None = None
    spared: NDArray[np.bool_] | None = None

    @property
    def people(self) -> int:
        """Number of persons."""
        return len(self.number)

    @property
    def uses(self) -> NDArray[np.bool_]:
        """Whether an offer may use a touch point, shape ``(offers, touch points)``."""
        allowed = [
            [not offer.channels or point.channel in offer.channels for point in self.touch_points]
            for offer in self.offers
        ]
        return np.asarray(allowed, bool).reshape(len(self.offers), len(self.touch_points))

    @property
    def shape(self) -> tuple[int, int]:
        """Persons, offers."""
        return self.people, len(self.offers)


@dataclass(frozen=True)
class Candidates:
    """Contacts that could be thought of, as columns of equal length: (person, offer, touch point).

    Parameters
    ----------
    person, offer, channel
        Positions in the facts.
    extra
        Extra responses that the contact is expected to cause.
    value
        Its expected value in major units: extra responses times what each earns, and margin kept, less ``cost``.
    cost
        What it costs: the contact itself, and the risk that its customer opts out; in major units.
    second
        Share of what it brings that is left where it is the person's second contact through the touch point in this
        plan, in ``[0, 1]``; the third keeps the square of it. 0 allows one contact per touch point only. It is alike
        for all offers of one person and touch point.
    error
        Standard error of ``extra``.
    earned, later
        What one extra response earns, and the later margin in it that a first order brings.
    kept
        Later margin of the customer that the contact keeps.
    risk
        The part of ``cost`` that is the risk of opting out.
    """

    person: Index
    offer: Index
    channel: Index
    extra: NDArray[np.float64]
    value: NDArray[np.float64]
    cost: NDArray[np.float64]
    second: NDArray[np.float64]
    error: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    earned: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    later: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    kept: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))
    risk: NDArray[np.float64] = field(default_factory=lambda: np.zeros(0))

    def __len__(self) -> int:
        return len(self.person)

    def at(self, rows: Index) -> Candidates:
        """Return those at some positions."""
        columns = {item.name: getattr(self, item.name) for item in fields(self)}
        return Candidates(**{name: column[rows] if len(column) else column for name, column in columns.items()})
