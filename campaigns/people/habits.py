"""Habits of a customer that whoever speaks to them should know. Pure."""

from __future__ import annotations

__all__ = ["FEWEST_ORDERS", "usually_buys_on_offer"]

FEWEST_ORDERS = 3
"""Orders from which there is a habit to speak of."""

USUALLY = 2 / 3
"""Share of the orders that make it usual."""


def usually_buys_on_offer(orders: int, with_offer: int) -> bool:
    """Tell whether a customer usually buys on offer: of three orders or more, two thirds came by an offer or a code.

    Raises
    ------
    ValueError
        If more orders came with an offer than there are.
    """
    if not 0 <= with_offer <= orders:
        raise ValueError(f"of {orders} orders, {with_offer} cannot have come by an offer")
    return orders >= FEWEST_ORDERS and with_offer >= USUALLY * orders
