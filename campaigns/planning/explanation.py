"""Why this customer hears this, and nothing else, as a value and as text. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta

import numpy as np
import pyarrow as pa

from campaigns.planning.composing import Wishes, contact_words, per_hundred, question_of
from campaigns.planning.horizon import listed
from campaigns.planning.locks import Lock
from campaigns.planning.policy import ContactPolicy
from campaigns.planning.problem import BEYOND, FULL, OUTRANKED
from campaigns.planning.records import SCHEMAS, Records
from campaigns.planning.rules import RULES, Question
from campaigns.terms import PlannedContact

__all__ = ["Explanation", "Option", "explain"]

CHANGED = "nothing stands against it now: the records have changed since the plan was made"
SHOWN = 12
"""Options that the text lists at most; the best come first."""


@dataclass(frozen=True)
class Option:
    """One contact that could be made, its value in parts, and what was said of it. Money in major units.

    Parameters
    ----------
    promotion
        The offer, or None for no particular one.
    extra_responses
        Extra responses that the contact is expected to cause.
    margin
        What one of them earns after the discount.
    unit_cost
        What the contact costs.
    value
        ``extra_responses * margin - unit_cost``.
    chosen_on
        The day the plan chose for it, or None if it did not.
    open_on
        Days on which no rule stood against it before the plan chose, as the records stand now.
    reasons
        Everything that stands against it: every rule that binds, not only the first.
    """

    promotion: str | None
    channel: str
    extra_responses: float
    margin: float
    unit_cost: float
    value: float
    chosen_on: date | None
    open_on: tuple[date, ...]
    reasons: tuple[str, ...]

    @property
    def words(self) -> str:
        """The contact as people read it."""
        return f"{contact_words(self.channel)} about {self.promotion or 'no particular offer'}"

    @property
    def parts(self) -> str:
        """The value in its parts, as people read it."""
        return (
            f"{self.value:,.2f} = {per_hundred(self.extra_responses)} extra orders per 100 such contacts "
            f"x margin {self.margin:,.2f} - cost {self.unit_cost:,.2f}"
        )


@dataclass(frozen=True)
class Explanation:
    """Why a plan chose what it chose for one customer.

    Parameters
    ----------
    options
        Every contact that could be made, best value first.
    locks
        What sales is doing with the customer on the days of the plan.
    basis
        What the explanation rests on.
    """

    customer_id: str
    plan_id: int
    starts_on: date
    ends_on: date
    currency: str
    options: tuple[Option, ...]
    locks: tuple[Lock, ...]
    basis: str

    @property
    def chosen(self) -> tuple[Option, ...]:
        """The contacts that the plan chose."""
        return tuple(option for option in self.options if option.chosen_on is not None)

    @property
    def next_best(self) -> Option | None:
        """The best contact that was not chosen although no rule stood against it, or None."""
        return next((option for option in self.options if option.chosen_on is None and option.open_on), None)

    @property
    def text(self) -> str:
        """The explanation for a terminal."""
        lines = [
            f"{self.customer_id} in plan {self.plan_id}, {self.starts_on} to {self.ends_on}",
            f"Amounts in {self.currency}.",
            "",
        ]
        for option in self.chosen:
            lines += [f"Chosen: {option.words} on {option.chosen_on}", f"  worth {option.parts}"]
            lines += [f"  since then: {reason}" for reason in option.reasons]
        if not self.chosen:
            lines.append("No contact was chosen.")
        if not self.options:
            lines.append("There is no score: nobody knows what a contact would do, or no touch point may be planned.")
        if self.next_best is not None:
            lines += ["", f"Next best: {self.next_best.words}", f"  worth {self.next_best.parts}"]
        for lock in self.locks:
            lines += ["", f"Sales is handling this: {lock.owner}, {lock.reason}, until {lock.until}"]
        left_out = [option for option in self.options if option.chosen_on is None]
        if left_out:
            lines += ["", "Left out, and why:"]
            lines += [
                f"  {option.words} ({option.value:,.2f}): {'; '.join(option.reasons)}" for option in left_out[:SHOWN]
            ]
        if len(left_out) > SHOWN:
            lines.append(f"  ... and {len(left_out) - SHOWN} more")
        return "\n".join([*lines, "", self.basis])


def explain(
    records: Records,
    policy: ContactPolicy,
    wishes: Wishes,
    person: int,
    planned: Sequence[tuple[int, PlannedContact]],
    withheld: Sequence[str],
) -> tuple[tuple[Option, ...], tuple[Lock, ...]]:
    """Work out a customer's options beside what a plan chose.

    Parameters
    ----------
    records
        The records of the customer's household, without the plan's own contacts.
    policy, wishes
        What the plan was made with.
    person
        Number of the customer's person.
    planned
        The plan's contacts in the household, each with the number of its person.
    withheld
        The reasons for which the plan left contacts out.

    Returns
    -------
    The options, best value first, and the sales locks that hold on the days of the plan.
    """
    before = question_of(records, policy, wishes)
    beside = question_of(_promising(records, planned), policy, wishes)
    own = {(contact.promotion, contact.channel): contact.on for number, contact in planned if number == person}
    options = _options(before, beside, person, own, withheld)
    place = int(np.searchsorted(before.facts.number, person))
    locks = before.facts.locks.of(place, wishes.starts_on)
    holding = (lock for lock in locks if lock.starts_on <= wishes.ends_on and lock.until >= wishes.starts_on)
    return options, tuple(holding)


def _options(
    before: Question,
    beside: Question,
    person: int,
    own: dict[tuple[str | None, str], date],
    withheld: Sequence[str],
) -> tuple[Option, ...]:
    """List a customer's options, best value first.

    Parameters
    ----------
    before, beside
        The question without and with the plan's contacts; their candidates are the same.
    person
        Number of the customer's person.
    own
        Day of each contact that the plan chose for the customer, by offer and touch point.
    withheld
        The reasons for which the plan left contacts out.
    """
    facts, candidates = before.facts, before.candidates
    rows = np.flatnonzero(facts.number[candidates.person] == person)
    rows = rows[np.argsort(-np.nan_to_num(candidates.value[rows], nan=-np.inf), kind="stable")]
    closed_before = [rule.closed(before) for rule in RULES]
    closed_beside = [rule.closed(beside) for rule in RULES]
    served = {channel for _, channel in own}
    options = []
    for row in rows.tolist():
        offer, point = facts.offers[candidates.offer[row]], facts.touch_points[candidates.channel[row]]
        chosen_on = own.get((offer.promotion, point.channel))
        whole = int(before.whole)
        now = [int(mask[row]) for mask in closed_before]
        then = [int(mask[row]) for mask in closed_beside]
        open_mask = whole & ~int(np.bitwise_or.reduce(now))
        if chosen_on is not None:
            day = 1 << (chosen_on - facts.starts_on).days
            reasons = [rule.reason for rule, mask in zip(RULES, now, strict=True) if mask & day]
        else:
            reasons = [
                rule.reason if mask == whole else f"{rule.reason} (on some of the days)"
                for rule, mask in zip(RULES, then, strict=True)
                if mask
            ]
            if point.channel in served:
                reasons.append(OUTRANKED)
            elif whole & ~int(np.bitwise_or.reduce(then)):
                reasons.append(next((reason for reason in (FULL, BEYOND) if reason in withheld), CHANGED))
        options.append(
            Option(
                promotion=offer.promotion,
                channel=point.channel,
                extra_responses=float(candidates.extra[row]),
                margin=offer.margin,
                unit_cost=point.unit_cost,
                value=float(candidates.value[row]),
                chosen_on=chosen_on,
                open_on=tuple(facts.starts_on + timedelta(day) for day in listed(open_mask)),
                reasons=tuple(reasons),
            )
        )
    return tuple(options)


def _promising(records: Records, planned: Sequence[tuple[int, PlannedContact]]) -> Records:
    """Count the plan's contacts as promised."""
    rows = [
        {"person": number, "channel": contact.channel, "promotion": contact.promotion, "on": contact.on}
        for number, contact in planned
    ]
    promised = pa.Table.from_pylist(rows, schema=SCHEMAS["promised"])
    return replace(records, promised=pa.concat_tables([records.promised, promised]))
