"""Contacts that were planned earlier, held once more against every rule but the counts. Pure.

Between the draft and the approval, and again before the lists go out, consent is withdrawn, deals are opened, owners
place holds. The caps are not looked at here: the ledger counts them inside its transaction.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence

import numpy as np

from campaigns.planning.asking import Wishes
from campaigns.planning.facts import Candidates
from campaigns.planning.gathering import gather
from campaigns.planning.policy import ContactPolicy
from campaigns.planning.records import Records
from campaigns.planning.rules import RULES, Question
from campaigns.terms import PlannedContact

__all__ = ["GONE", "recheck"]

GONE = "the person, the offer or the touch point is no longer there"

COUNTED = ("too_soon", "channel_cap", "promotion_cap", "overall_cap", "household_cap", "no_value")
"""Rules that the ledger counts, and the one about worth, on which the plan has decided already."""


def recheck(
    records: Records,
    policy: ContactPolicy,
    wishes: Wishes,
    contacts: Sequence[tuple[int, PlannedContact]],
    yielded: Collection[int] = (),
    *,
    rules: Collection[str] | None = None,
) -> list[tuple[str, str] | None]:
    """Return, for each contact, the name and the reason of the first rule that stands against it now, or None.

    Parameters
    ----------
    records
        The records as they stand, without the contacts' own places.
    wishes
        The days of the plan.
    contacts
        Contacts with the number of their person.
    yielded
        Positions of contacts that sales lets be made in spite of its locks.
    rules
        Names of the only rules to ask; all if None.
    """
    facts = gather(records, policy, starts_on=wishes.starts_on, days=wishes.days, zone=wishes.zone)
    person = np.searchsorted(facts.number, [number for number, _ in contacts])
    offers = {offer.promotion: place for place, offer in enumerate(facts.offers)}
    points = {point.channel: place for place, point in enumerate(facts.touch_points)}
    known = np.asarray(
        [
            place < facts.people
            and int(facts.number[place]) == number
            and contact.promotion in offers
            and contact.channel in points
            for (number, contact), place in zip(contacts, person.tolist(), strict=True)
        ],
        bool,
    )
    found: list[tuple[str, str] | None] = [None if there else ("gone", GONE) for there in known]
    rows = np.flatnonzero(known)
    if not len(rows):
        return found
    kept = [contacts[row][1] for row in rows.tolist()]
    nothing = np.zeros(len(rows))
    question = Question(
        facts,
        policy,
        (),
        Candidates(
            person[rows],
            np.asarray([offers[contact.promotion] for contact in kept], np.int64),
            np.asarray([points[contact.channel] for contact in kept], np.int64),
            *(nothing for _ in range(len(Candidates.__dataclass_fields__) - 3)),
        ),
    )
    day = np.asarray([(contact.on - facts.starts_on).days for contact in kept], np.uint64)
    for rule in RULES:
        if rule.name in COUNTED or (rules is not None and rule.name not in rules):
            continue
        closed = (rule.closed(question) >> day) & np.uint64(1)
        for at in np.flatnonzero(closed).tolist():
            row = int(rows[at])
            if rule.name == "sales_lock" and row in yielded:
                continue
            found[row] = found[row] or (rule.name, rule.reason)
    return found
