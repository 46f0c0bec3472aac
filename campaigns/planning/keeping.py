"""What a relationship contact keeps: margin that would be lost without it. Pure.

Service news, thanks and advice sell nothing; they keep customers. Three things can say how much, and the first that
does holds: the marketer (`ContactPolicy.relationship_keeps`), relationship contacts held back at random, and the
attribution. The first two say a share of what the customer is to bring yet. The attribution says how many orders
contacts through the touch point cause: orders that would have stayed away. One such order keeps its margin, and a
customer who is worth less by now than somebody after a first order is worth that again.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from campaigns.planning.policy import ContactPolicy
from campaigns.planning.records import Records
from campaigns.terms import ResponseModel

__all__ = ["Keeping", "keeping_of", "lasting_share"]

Numbers = NDArray[np.float64]


@dataclass(frozen=True)
class Keeping:
    """How the margin that a relationship contact keeps is reckoned.

    Parameters
    ----------
    share
        Share of the customer's later margin that one contact keeps; None: by the orders that it causes.
    order_margin
        Margin of an order, in major units; None, that which the offer says, where no order was seen.
    after_one_order
        Later margin of somebody after a first order, in major units.
    lasting
        Share of extra orders that did not only come sooner.
    words
        Where this comes from, for the notes of the plan.
    """

    share: float | None
    order_margin: float | None
    after_one_order: float
    lasting: float
    words: str

    def margin(self, extra: Numbers, offered: Numbers, worth: Numbers, is_new: NDArray[np.bool_]) -> Numbers:
        """Return the margin that each contact keeps, in major units, shape ``(n,)``.

        Parameters
        ----------
        extra
            Extra orders that the contact causes.
        offered
            What one of them earns by the offer, in major units.
        worth
            Margin that its customer is to bring yet.
        is_new
            Whether the customer has not ordered yet: nothing is kept of those.
        """
        if self.share is not None:
            return np.asarray(self.share * worth)
        order = offered if self.order_margin is None else self.order_margin
        regained = np.maximum(self.after_one_order - worth, 0.0)
        return np.asarray(np.where(is_new, 0.0, extra * self.lasting * (order + regained)))


def lasting_share(model: ResponseModel | None) -> float:
    """Return the share of extra responses that did not only come sooner."""
    return 1.0 if model is None else 1.0 - model.pull_forward.mean


def keeping_of(records: Records, policy: ContactPolicy) -> Keeping:
    """Say what relationship contacts of a plan keep, by the policy and by what the run learned."""
    model = records.responding
    found = None if model is None else model.retention
    learned = found is not None and found.learned
    margin = records.order_margin
    if margin is None and records.order_value is not None:
        margin = records.order_value * policy.margin_share
    share = policy.relationship_keeps
    if share is not None and found is not None and learned:
        words = (
            f"That a relationship contact keeps {share:.1%} of a customer's later margin is what the policy says; "
            f"held-back customers say {found.mean:.1%}, give or take {1.645 * found.error:.1%}."
        )
    elif share is not None:
        words = (
            f"That a relationship contact keeps {share:.1%} of a customer's later margin is what the policy says; "
            "no test has shown it."
        )
    elif found is not None and learned:
        share, wide = found.mean, 1.645 * found.error
        words = (
            f"Held-back customers say: a relationship contact keeps {share:.1%} of later margin, "
            f"give or take {wide:.1%}."
        )
    else:
        words = (
            "Hardly any relationship contact was held back: each is taken to keep the orders that contacts through its "
            "touch point cause, and to win back customers who seem to leave. Holding some back would tell, or say it "
            "in the policy (relationship_keeps)."
        )
    after = 0.0 if model is None or model.first_order_later is None else model.first_order_later
    return Keeping(share, margin, after, lasting_share(model), words)
