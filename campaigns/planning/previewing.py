"""A promotion before its launch: what it would bring, whom it shares with others, what sales keeps from it. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, replace
from typing import Any

import numpy as np

from campaigns.faults import UnreadyError
from campaigns.planning.asking import Wishes, question_of
from campaigns.planning.facts import Candidates
from campaigns.planning.overlaps import Overlap, lock_costs, overlaps
from campaigns.planning.policy import ContactPolicy
from campaigns.planning.prospect import Prospect, Spread, prospect_of
from campaigns.planning.records import Records
from campaigns.planning.rules import RULES, judge

__all__ = ["Preview", "preview_of"]


@dataclass(frozen=True)
class Preview:
    """What is to be known of a promotion before it begins. Money in major units.

    Parameters
    ----------
    prospect
        What it would bring by itself.
    overlaps
        Promotions that compete with it for the same people, the costliest first.
    locked_people, locked_worth
        Whom sales' locks keep it from, and what the best contact with each of them would earn.
    left_out
        Contacts that the rules leave out, by reason, the commonest first.
    """

    prospect: Prospect
    overlaps: tuple[Overlap, ...]
    locked_people: int
    locked_worth: float
    left_out: dict[str, int]

    def to_mapping(self) -> dict[str, Any]:
        """Return it as it is kept."""
        return asdict(self)


def preview_of(
    records: Records, policy: ContactPolicy, wishes: Wishes, promotion: str, spreads: Mapping[str, Spread]
) -> Preview:
    """Look at one promotion on the days that it runs.

    Parameters
    ----------
    wishes
        The days.
    spreads
        How sure the effect of each touch point is.

    Raises
    ------
    UnreadyError
        If it does not run on these days, or nothing says what a response earns.
    """
    question = question_of(records, policy, wishes)
    facts = question.facts
    places = {offer.promotion: place for place, offer in enumerate(facts.offers)}
    if promotion not in places:
        raise UnreadyError(
            f"{promotion} does not run from {wishes.starts_on} to {wishes.ends_on}.", "Change its days, and look again."
        )
    judgement = judge(question)
    place = places[promotion]
    own = np.flatnonzero(question.candidates.offer == place)
    ours = Candidates(*(getattr(question.candidates, item.name)[own] for item in fields(Candidates)))
    may = np.flatnonzero(judgement.open_days[own] != 0)
    stopped = judgement.stopped_by[own]
    counts = np.bincount(stopped[stopped >= 0], minlength=len(RULES))
    left = {rule.reason: int(count) for rule, count in zip(RULES, counts, strict=True) if count}
    locks = lock_costs(replace(question, candidates=ours))
    return Preview(
        prospect_of(
            ours.person[may],
            ours.channel[may],
            ours.extra[may],
            ours.value[may],
            ours.cost[may],
            tuple(point.channel for point in facts.touch_points),
            spreads,
            facts.offers[place].budget,
        ),
        tuple(pair for pair in overlaps(question, judgement.open_days) if promotion in (pair.one, pair.other)),
        sum(lock.people for lock in locks),
        sum(lock.value for lock in locks),
        dict(sorted(left.items(), key=lambda item: -item[1])),
    )
