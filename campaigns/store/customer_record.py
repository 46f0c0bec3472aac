"""One customer: who they are, what they are worth, and what stands open with them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import and_, case, func, or_, select
from sqlmodel import Session, col

from campaigns.store import tables

__all__ = ["OpenCase", "Said", "Standing", "Who", "Worth", "standing_with", "who_is", "worth_of"]

CONSENTS = ("email", "phone", "sms", "mail", "ads")

TOLD = (
    *("first_name", "last_name", "email", "phone", "loyalty", "street", "postcode", "city", "region", "country"),
    *("language", "time_zone", "household_id", "account_id", "segment", "owner", "territory"),
)

MOST = 30
"""Declines, interests, complaints and cases read at most, the newest first."""


@dataclass(frozen=True)
class Who:
    """What files tell of a person; of several sources the last that says something counts.

    Parameters
    ----------
    told
        By the name of the column: what is not told is not there.
    consent
        ``yes``, ``no`` or ``unknown`` by kind of contact; ``no`` where any source says so.
    """

    person: int
    customer_id: str
    told: Mapping[str, str]
    since: datetime | None
    consent: Mapping[str, str]

    @property
    def name(self) -> str:
        """First and last name; the number where no name is known."""
        parts = (self.told.get("first_name", ""), self.told.get("last_name", ""))
        return " ".join(part for part in parts if part) or self.customer_id


@dataclass(frozen=True)
class Worth:
    """What a customer bought. Amounts in minor units of the reporting currency.

    Parameters
    ----------
    with_offer
        Orders that came by a promotion or a code.
    value, margin
        Of all orders; the margin is None where no order has one.
    """

    orders: int
    with_offer: int
    value: int
    margin: int | None
    first_at: datetime | None
    last_at: datetime | None
    returned: int


@dataclass(frozen=True)
class Said:
    """An offer that was declined, an interest shown, or a complaint."""

    at: datetime
    kind: str
    promotion: str | None
    product: str | None
    reason: str | None


@dataclass(frozen=True)
class OpenCase:
    """Something that service has not settled yet."""

    case_id: str
    opened_at: datetime
    reason: str
    promised_by: str | None
    promised_until: datetime | None


@dataclass(frozen=True)
class Standing:
    """What to know before anybody speaks to a customer; the newest first.

    Parameters
    ----------
    declined, interested, complaints
        What they said.
    cases
        Open cases.
    opted_out
        Channels that they want nothing through; None stands for all.
    suppressed
        Why they are never contacted, and until when.
    """

    declined: tuple[Said, ...]
    interested: tuple[Said, ...]
    complaints: tuple[Said, ...]
    cases: tuple[OpenCase, ...]
    opted_out: tuple[str | None, ...]
    suppressed: tuple[tuple[str, date | None], ...]


def who_is(session: Session, person: int, customer_id: str) -> Who:
    """Return who a person is."""
    customer, identity = tables.Customer, tables.Identity
    rows = session.execute(
        select(customer)
        .join(identity, col(identity.id) == col(customer.identity_id))
        .where(col(identity.person_id) == person)
        .order_by(col(customer.batch_id), col(customer.id))
    ).scalars()
    told: dict[str, str] = {}
    said: dict[str, set[str]] = {kind: set() for kind in CONSENTS}
    since: datetime | None = None
    for row in rows:
        told |= {name: value for name in TOLD if (value := getattr(row, name))}
        for kind in CONSENTS:
            said[kind].add(getattr(row, f"consent_{kind}") or "unknown")
        moments = [moment for moment in (since, row.created_at, row.first_order_at) if moment is not None]
        since = min(moments, default=None)
    consent = {kind: next((word for word in ("no", "yes") if word in words), "unknown") for kind, words in said.items()}
    return Who(person, customer_id, told, since, consent)


def worth_of(session: Session, person: int) -> Worth:
    """Return what a customer bought: orders, and what they brought."""
    row = tables.Response
    on_offer = or_(col(row.promotion).is_not(None), col(row.response_code).is_not(None))
    order = col(row.kind) == "order"

    def count(condition: Any) -> Any:
        return func.sum(case((condition, 1), else_=0))

    found = session.execute(
        select(
            count(order),
            count(and_(order, on_offer)),
            func.sum(case((order, col(row.value)))),
            func.sum(case((order, col(row.margin)))),
            func.min(case((order, col(row.occurred_at)))),
            func.max(case((order, col(row.occurred_at)))),
            count(col(row.kind) == "return"),
        ).where(col(row.identity_id).in_(_identities(person)), col(row.kind).in_(("order", "return")))
    ).one()
    orders, with_offer, value, margin, first_at, last_at, returned = found
    return Worth(
        int(orders or 0),
        int(with_offer or 0),
        int(value or 0),
        None if margin is None else int(margin),
        first_at,
        last_at,
        int(returned or 0),
    )


def standing_with(session: Session, person: int, today: date) -> Standing:
    """Return what stands open with a customer, and what they declined or asked for."""
    said, open_case, never = tables.Response, tables.Case, tables.Suppression
    mine = _identities(person)
    answers = session.execute(
        select(said)
        .where(col(said.identity_id).in_(mine), col(said.kind).in_(("decline", "interest", "complaint", "opt_out")))
        .order_by(col(said.occurred_at).desc(), col(said.id).desc())
        .limit(4 * MOST)
    ).scalars()
    by_kind: dict[str, list[Said]] = {"decline": [], "interest": [], "complaint": []}
    opted: dict[str | None, None] = {}
    for row in answers:
        if row.kind == "opt_out":
            opted[row.channel] = None
        elif len(by_kind[row.kind]) < MOST:
            by_kind[row.kind].append(Said(row.occurred_at, row.kind, row.promotion, row.product, row.reason))
    cases = session.execute(
        select(open_case)
        .where(col(open_case.identity_id).in_(mine), col(open_case.state) == "open")
        .order_by(col(open_case.opened_at).desc())
        .limit(MOST)
    ).scalars()
    stopped = session.execute(
        select(col(never.reason), col(never.until)).where(
            col(never.identity_id).in_(mine), or_(col(never.until).is_(None), col(never.until) >= today)
        )
    )
    return Standing(
        tuple(by_kind["decline"]),
        tuple(by_kind["interest"]),
        tuple(by_kind["complaint"]),
        tuple(OpenCase(row.case_id, row.opened_at, row.reason, row.promised_by, row.promised_until) for row in cases),
        tuple(opted),
        tuple((row[0], row[1]) for row in stopped),
    )


def _identities(person: int) -> Any:
    return select(col(tables.Identity.id)).where(col(tables.Identity.person_id) == person)
