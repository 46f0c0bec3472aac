"""Whom the lists of a plan name: its contacts that are to be made, with names, addresses and offers."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from typing import Any

from sqlalchemy import func, select
from sqlmodel import Session, col

from campaigns.lists.recipient import ADDRESSES, Offer, Recipient
from campaigns.lists.tasks import Suggested
from campaigns.store import tables
from campaigns.store.observations import channels_in
from campaigns.store.standing import parts, survivors
from campaigns.store.suggesting import OwnersSuggestion

__all__ = ["known_of", "offers", "recipients_of", "suggested"]

GONE_OUT = ("committed", "settled")
"""States of the contacts on the lists: a list written again after answers came is the same list."""

KNOWN = ("first_name", "last_name", "email", "phone", "street", "postcode", "city", "region", "country", "language")
OWNED = ("owner", "account_id")


def recipients_of(session: Session, plan_id: int) -> tuple[Recipient, ...]:
    """Return the contacts of a plan that went out, held-back ones aside; whether ads are allowed is not said here."""
    place = tables.Reservation
    rows = (
        session.execute(
            select(place)
            .where(col(place.plan_id) == plan_id, col(place.state).in_(GONE_OUT), col(place.ghost).is_(False))
            .order_by(col(place.id))
        )
        .scalars()
        .all()
    )
    gone = survivors(session, {row.person_id for row in rows})
    known = known_of(session, {gone.get(row.person_id, row.person_id) for row in rows})
    offered = offers(session)
    consents = {row["channel"]: row["consent"] for row in channels_in(session)}
    worth = _worth(session, plan_id)
    told: dict[int, dict[str, Any]] = {person: dict(values) for person, values in known.items()}
    elsewhere = _kept_elsewhere(session)
    return tuple(
        Recipient(
            contact=row.id or 0,
            plan_id=plan_id,
            person=gone.get(row.person_id, row.person_id),
            customer_id=row.customer_id,
            channel=row.channel,
            consent=consents.get(row.channel, "none"),
            on=row.on,
            offer=offered.get(row.promotion or ""),
            value=worth.get(row.contact_id or 0, 0.0),
            elsewhere=elsewhere,
            **told.get(gone.get(row.person_id, row.person_id), {}),
        )
        for row in rows
    )


def _kept_elsewhere(session: Session) -> frozenset[str]:
    """Return the kinds of address that no file of customers tells of anybody."""
    customer = tables.Customer
    return frozenset(
        kind
        for column, kind in ADDRESSES.items()
        if session.execute(
            select(col(customer.id)).where(func.coalesce(col(getattr(customer, column)), "") != "").limit(1)
        ).first()
        is None
    )


def known_of(session: Session, persons: Collection[int]) -> dict[int, dict[str, str]]:
    """Return what files of customers say of persons; of several that speak the last that says something counts."""
    customer, identity = tables.Customer, tables.Identity
    columns: list[Any] = [col(getattr(customer, name)) for name in (*KNOWN, *OWNED)]
    found: dict[int, dict[str, str]] = {}
    for part in parts(sorted(persons)):
        rows = session.execute(
            select(col(identity.person_id), *columns)
            .join(customer, col(customer.identity_id) == col(identity.id))
            .where(col(identity.person_id).in_(part))
            .order_by(col(customer.batch_id), col(customer.id))
        )
        for person, *values in rows:
            told = found.setdefault(person, {})
            told |= {name: value for name, value in zip((*KNOWN, *OWNED), values, strict=True) if value}
    return found


def offers(session: Session) -> dict[str, Offer]:
    """Return what is offered, by the key of the promotion; of two files the later counts."""
    row = tables.Promotion
    rows = session.execute(select(row).order_by(col(row.batch_id), col(row.id))).scalars()
    return {
        one.promotion: Offer(one.promotion, one.name, one.text or "", one.response_code or "", one.ends_on)
        for one in rows
    }


def suggested(session: Session, found: Collection[OwnersSuggestion]) -> tuple[Suggested, ...]:
    """Return suggestions with the names of people and offers, for lists and mails."""
    return tuple(_suggested(session, found))


def _suggested(session: Session, found: Collection[OwnersSuggestion]) -> Iterator[Suggested]:
    identity = tables.Identity
    wanted = sorted({one.customer_id for one in found})
    number: dict[str, int] = {}
    for first in range(0, len(wanted), 5_000):
        rows = session.execute(
            select(col(identity.value), col(identity.person_id)).where(
                col(identity.kind) == "customer", col(identity.value).in_(wanted[first : first + 5_000])
            )
        )
        number |= {row[0]: row[1] for row in rows}
    known, offered = known_of(session, set(number.values())), offers(session)
    for one in found:
        told = known.get(number.get(one.customer_id, 0), {})
        name = " ".join(told[part] for part in ("first_name", "last_name") if part in told)
        offer = offered.get(one.promotion or "")
        yield Suggested(
            one.owner,
            one.customer_id,
            name or one.customer_id,
            one.account_id or "",
            one.promotion or "",
            offer.name if offer else one.promotion or "",
            offer.text if offer else "",
            one.expected_value,
            one.lock_reason,
            one.lock_until,
        )


def _worth(session: Session, plan_id: int) -> dict[int, float]:
    row = tables.PlannedContact
    rows = session.execute(select(col(row.id), col(row.expected_value)).where(col(row.plan_id) == plan_id))
    return {number: value for number, value in rows if number is not None}
