"""The smallest change that would turn a decision round, in words. Pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from types import MappingProxyType

from campaigns.planning.locks import Lock
from campaigns.planning.problem import BEYOND, BUDGET, FULL, MIX, OUTRANKED, VOLUME

__all__ = ["amount", "flip_of_chosen", "flip_of_left_out"]

CHANGES: Mapping[str, str] = MappingProxyType(
    {
        "suppressed": "they are taken off the list of people never to contact",
        "unknown_customer": "they have a customer number",
        "consent_withdrawn": "they consent to it again",
        "consent_missing": "they consent to it",
        "complained": "the waiting time after the complaint is over",
        "case_open": "service closes the case",
        "sales_lock": "sales gives them free",
        "channel_barred": "the offer may use this touch point",
        "not_invited": "they come into the audience of the offer",
        "not_running": "the offer runs on these days",
        "bought": "the waiting time after the purchase is over",
        "returned": "the waiting time after the return is over",
        "declined": "the waiting time after the refusal is over",
        "excluded": "the offer that excludes this one is not theirs",
        "not_after": "the offer that came before is longer ago",
        "quiet": "there is a day without quiet hours or holiday where they live",
        "too_soon": "the last contact is longer ago",
        "channel_cap": "one contact more is allowed through this touch point, or one was made less",
        "promotion_cap": "one contact more about the same offer is allowed",
        "overall_cap": "one contact more over all touch points is allowed, or one was made less",
        "household_cap": "one contact more in the household is allowed, or one was made less",
        FULL: "there is capacity for one contact more on an open day",
        BEYOND: "more contacts are asked for",
        BUDGET: "there is more budget",
        VOLUME: "the promotion may have a larger volume",
        MIX: "the balance of product and relationship contacts is another",
    }
)
"""What has to change for a rule, by its name, or for a reason of the plan as a whole."""


def amount(value: float) -> str:
    """Write an amount with its sign, but never a negative nothing."""
    text = f"{value:,.2f}"
    return "0.00" if text == "-0.00" else text


def flip_of_left_out(
    bound: Sequence[tuple[str, bool]],
    stopped_by: str | None,
    *,
    extra: float,
    margin: float,
    cost: float,
    value: float,
    beaten_by: float | None,
    locks: Sequence[Lock] = (),
    reasons: Mapping[str, str] = MappingProxyType({}),
) -> tuple[int, str]:
    """Return how many things would have to change for a contact to be made, and what, in words.

    Parameters
    ----------
    bound
        The rules that closed a day, with whether they closed them all.
    stopped_by
        The reason for which it was left out in the end.
    beaten_by
        Value of the contact chosen through the same touch point, or None.
    locks
        Sales locks on the person.
    reasons
        Name of each rule, by its reason text.
    """
    closing = [name for name, whole in bound if whole]
    if not closing and stopped_by in reasons:
        closing = [name for name, _ in bound]
    changes = [_change(name, extra, margin, cost, locks) for name in closing]
    if not closing and stopped_by == OUTRANKED and beaten_by is not None:
        changes.append(f"it is worth {amount(max(beaten_by - value, 0.0) + 0.01)} more")
    elif not closing and stopped_by is not None and stopped_by in CHANGES:
        changes.append(CHANGES[stopped_by])
    if not changes:
        return 1, "It would be made in a plan drafted anew."
    return len(changes), f"It would be made if {', and '.join(dict.fromkeys(changes))}."


def _change(name: str, extra: float, margin: float, cost: float, locks: Sequence[Lock]) -> str:
    if name == "no_value":
        if extra <= 0:
            return "it caused any extra orders at all"
        return f"an extra order earned more than {amount(cost / extra)} (now {amount(margin)})"
    if name == "sales_lock" and locks:
        last: date = max(lock.until for lock in locks)
        owners = " and ".join(sorted({lock.owner for lock in locks}))
        return f"{owners} gives them free, or the day is after {last}"
    return CHANGES.get(name, name)


def flip_of_chosen(*, extra: float, margin: float, cost: float, best_other: float | None) -> str:
    """Say what would take a chosen contact out of the plan.

    Parameters
    ----------
    best_other
        Value of the best open contact through the same touch point that was not chosen, or None.
    """
    if extra <= 0:
        return "It stays as long as the plan does."
    least = max((max(best_other or 0.0, 0.0) + cost) / extra, 0.0)
    return f"It stays as long as an extra order earns at least {amount(least)} (now {amount(margin)})."
