"""Who owns this customer now, marketing or sales? The stage of the relationship, and whose word it is. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from campaigns.planning.locks import Lock
from campaigns.planning.policy import ContactPolicy

__all__ = ["Ownership", "owner_of_relationship", "stage_of"]

SIGNS = (("open deal", "open deal"), ("contract up for renewal", "renewal"), ("handed to sales", "handed over"))
"""How the reason of a lock begins, and the stage that it stands for; those before beat those after."""

WON = "deal won"


@dataclass(frozen=True)
class Ownership:
    """The answer.

    Parameters
    ----------
    stage
        One of `campaigns.planning.responsibility.STAGES`.
    team
        ``marketing``, ``sales`` or ``both``.
    owner
        The sales person, if one has the word or is on record.
    territory
        The territory on record, or None.
    reason
        Why, in a sentence.
    until
        Last day on which a lock of sales holds, or None.
    """

    customer_id: str
    stage: str
    team: str
    owner: str | None
    territory: str | None
    reason: str
    until: date | None


def stage_of(bare: str, locks: Sequence[Lock]) -> str:
    """Return the stage of a relationship: what sales is doing beats what orders and leads tell.

    Parameters
    ----------
    bare
        The stage without sales (`campaigns.store.stages.BARE_STAGES`).
    locks
        The locks that hold today.
    """
    for sign, stage in SIGNS:
        if any(lock.reason.startswith(sign) for lock in locks):
            return stage
    return "won lately" if any(lock.reason.startswith(WON) for lock in locks) else bare


def owner_of_relationship(
    customer_id: str,
    bare: str,
    locks: Sequence[Lock],
    policy: ContactPolicy,
    *,
    owner: str | None = None,
    territory: str | None = None,
) -> Ownership:
    """Say who speaks to a customer today.

    Parameters
    ----------
    locks
        The locks that hold today.
    owner, territory
        As the customers file has them.
    """
    stage = stage_of(bare, locks)
    if locks:
        longest = max(locks, key=lambda lock: lock.until)
        reasons = "; ".join(dict.fromkeys(f"{lock.owner}: {lock.reason} (until {lock.until})" for lock in locks))
        return Ownership(
            customer_id, stage, "sales", longest.owner, territory, f"Sales is handling this. {reasons}.", longest.until
        )
    team = policy.teams.get(stage, "marketing")
    said = {"sales": "sales speaks to them", "marketing": "marketing speaks to them", "both": "both may speak to them"}[
        team
    ]
    reason = f"Sales has nothing open with them; as long as this is a {stage}, {said}."
    return Ownership(customer_id, stage, team, owner, territory, reason, None)
