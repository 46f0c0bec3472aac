"""Customers found by number, address, telephone or the beginning of a name, a few at a time."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import aliased
from sqlmodel import Session, col

from campaigns.people.identity import CUSTOMER
from campaigns.people.searching import Wanted
from campaigns.store.tables import Customer, Handover, Identity, Lead, Opportunity

__all__ = ["Found", "customers_of", "find_customers", "number_of", "owns"]

LAST = "\U0010ffff"
"""Comes after whatever may follow a beginning."""


@dataclass(frozen=True)
class Found:
    """A customer as a search shows them; what nobody told is empty."""

    person: int
    customer_id: str
    name: str
    email: str
    phone: str
    account_id: str
    segment: str
    owner: str


def find_customers(session: Session, wanted: Wanted, *, owner: str | None = None, limit: int = 20) -> tuple[Found, ...]:
    """Return customers that may be meant, the surest first: by number, address, telephone, account, then name.

    Parameters
    ----------
    wanted
        What is looked for.
    owner
        Only customers who are this owner's (see :func:`owns`); everybody's if None.
    limit
        How many at most.
    """
    found: dict[int, Found] = {}
    for condition, told in _conditions(session, wanted):
        for row in _rows(session, condition, owner, limit, told=told):
            found.setdefault(row.person, row)
        if len(found) >= limit:
            break
    return tuple(found.values())[:limit]


def customers_of(session: Session, owner: str, limit: int = 20) -> tuple[Found, ...]:
    """Return customers whom the customers file gives an owner."""
    return _rows(session, col(Customer.owner) == owner, None, limit, told=True) if owner else ()


def owns(session: Session, owner: str, person: int) -> bool:
    """Tell whether a customer is an owner's: by the customers file, by a deal with person or account, or as a lead."""
    if not owner:
        return False
    statement = (
        select(col(Identity.id))
        .join(Customer, col(Customer.identity_id) == col(Identity.id), isouter=True)
        .where(col(Identity.person_id) == person, _owned_by(owner))
        .limit(1)
    )
    return session.execute(statement).first() is not None


def owned_persons(owner: str) -> Any:
    """Return the query of the numbers of everybody who is an owner's."""
    return (
        select(col(Identity.person_id))
        .join(Customer, col(Customer.identity_id) == col(Identity.id), isouter=True)
        .where(_owned_by(owner))
    )


def number_of(session: Session, person: int) -> str | None:
    """Return the customer number of a person, the first of several; None for somebody known only otherwise."""
    return session.execute(
        select(col(Identity.value))
        .where(col(Identity.person_id) == person, col(Identity.kind) == CUSTOMER)
        .order_by(col(Identity.id))
        .limit(1)
    ).scalar_one_or_none()


def _conditions(session: Session, wanted: Wanted) -> Iterator[tuple[Any, bool]]:
    """Give conditions, each with whether it is on what a file tells of a customer, and not on an identifier."""
    kind, value = col(Identity.kind), col(Identity.value)
    if wanted.numbers:
        yield and_(kind == CUSTOMER, value.in_(wanted.numbers)), False
    known = aliased(Identity)
    if wanted.email:
        begins = (col(known.value) >= wanted.email, col(known.value) < wanted.email + LAST)
        address = and_(col(known.kind) == "email", *begins)
        yield col(Identity.person_id).in_(_first(session, col(known.person_id), address)), False
    if wanted.phones:
        phone = and_(col(known.kind) == "phone", col(known.value).in_(wanted.phones))
        yield col(Identity.person_id).in_(_first(session, col(known.person_id), phone)), False
    if wanted.numbers:
        yield col(Customer.account_id).in_(wanted.numbers), True
    for number in wanted.numbers:
        yield and_(kind == CUSTOMER, value >= number, value < number + LAST), False
    for condition in _named(session, wanted.words):
        yield condition, True


def _first(session: Session, column: Any, condition: Any) -> list[int]:
    """Return the first persons who meet a condition; an address may begin like very many."""
    return list(session.execute(select(column).where(condition).limit(200)).scalars())


def _named(session: Session, words: tuple[tuple[str, ...], ...]) -> Iterator[Any]:
    """Give conditions on names: each word begins a first or a last name; the last word is tried as the last name."""
    sqlite = session.get_bind().dialect.name == "sqlite"

    def begins(column: Any, spellings: tuple[str, ...]) -> Any:
        if sqlite:
            return or_(*(and_(column >= word, column < word + LAST) for word in spellings))
        return or_(*(column.startswith(word, autoescape=True) for word in spellings))

    first, last = col(Customer.first_name), col(Customer.last_name)
    if len(words) == 1:
        yield begins(last, words[0])
        yield begins(first, words[0])
    elif words:
        # a name of several words may be parted anywhere, and be written last name first
        yield and_(begins(first, words[0]), begins(last, words[-1]))
        yield and_(begins(last, words[0]), begins(first, words[-1]))


def _rows(session: Session, condition: Any, owner: str | None, limit: int, *, told: bool) -> tuple[Found, ...]:
    """Return customers who meet a condition; where it is on what a file tells, its index leads the way."""
    statement = (
        select(Identity, Customer)
        .join(Customer, col(Customer.identity_id) == col(Identity.id), isouter=not told)
        .where(col(Identity.kind) == CUSTOMER, condition)
        .limit(limit)
    )
    if owner is not None:
        statement = statement.where(_owned_by(owner))
    found: dict[int, Found] = {}
    for identity, customer in session.execute(statement):
        found.setdefault(identity.person_id, _found(identity, customer))
    return tuple(found.values())


def _owned_by(owner: str) -> Any:
    """Return the condition that a customer, whose identity and row are selected, is an owner's."""
    deal = Opportunity
    own = col(deal.owner) == owner
    accounts = select(col(deal.account_id)).where(own, col(deal.account_id).is_not(None))
    dealer = aliased(Identity)
    people = select(col(dealer.person_id)).join(deal, col(deal.identity_id) == col(dealer.id)).where(own)
    handed = select(col(Handover.person_id)).where(col(Handover.owner) == owner, col(Handover.taken_back_at).is_(None))
    leads = select(col(Lead.identity_id)).where(col(Lead.owner) == owner, col(Lead.identity_id).is_not(None))
    return or_(
        col(Customer.owner) == owner,
        col(Customer.account_id).in_(accounts),
        col(Identity.person_id).in_(people),
        col(Identity.person_id).in_(handed),
        col(Identity.id).in_(leads),
    )


def _found(identity: Identity, customer: Customer | None) -> Found:
    def told(name: str) -> str:
        return getattr(customer, name, None) or ""

    name = " ".join(part for part in (told("first_name"), told("last_name")) if part)
    others = (told(column) for column in ("email", "phone", "account_id", "segment", "owner"))
    return Found(identity.person_id, identity.value, name, *others)
