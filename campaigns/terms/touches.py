"""Kinds of touch, and the rule models that divide credit among them."""

from __future__ import annotations

__all__ = ["CAUSES", "GHOST", "PAID_SEARCH", "RULES", "STEPS", "is_cause"]

CAUSES = ("impression", "send", "mail", "call", "sms", "store")
"""Kinds of touch that we or a platform chose to make: only these carry an effect."""

STEPS = ("open", "click", "visit")
"""Kinds of touch that are the customer's own steps; they appear in journeys and rule models, never as causes."""

GHOST = "ghost"
"""A contact that would have been made and was withheld at random."""

PAID_SEARCH = "search"
"""The channel whose click stands for the ad shown."""

RULES = ("last_touch", "first_touch", "linear", "time_decay", "position_based", "markov", "shapley")
"""The rule models shown beside the estimate, in this order."""


def is_cause(channel: str, kind: str) -> bool:
    """Tell whether a touch of this kind in this channel can cause a response.

    The one step that counts is the paid-search click, which stands for the ad shown.
    """
    return kind in CAUSES or (kind == "click" and channel == PAID_SEARCH)
