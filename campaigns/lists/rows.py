"""What the rows of every list have in common."""

from __future__ import annotations

from typing import Any

from campaigns.lists.recipient import Recipient

__all__ = ["row_of"]


def row_of(one: Recipient) -> dict[str, Any]:
    """Return everything that a list may show of a contact, by the names of its columns."""
    offer = one.offer
    return {
        "contact": one.contact,
        "plan": one.plan_id,
        "customer_id": one.customer_id,
        "name": one.name,
        "email": one.email,
        "phone": one.number,
        "channel": one.channel,
        "language": one.language,
        "on": one.on,
        "owner": one.owner,
        **{name: getattr(one, name) for name in ("first_name", "last_name", "street", "postcode", "city", "region")},
        "country": one.country.upper(),
        "promotion": offer.promotion if offer else None,
        "offer": offer.name if offer else None,
        "text": offer.text if offer else None,
        "code": offer.code if offer else None,
    }
