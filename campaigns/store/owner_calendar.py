"""What an owner in sales, or an agent, has to do: the items of their calendar feed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select
from sqlmodel import Session, col

from campaigns.language import _
from campaigns.lists.calendar import CalendarItem
from campaigns.lists.folder import suggestion_items
from campaigns.store import tables
from campaigns.store.database import Database
from campaigns.store.recipients import suggested
from campaigns.store.suggesting import open_suggestions

__all__ = ["owner_calendar"]


def owner_calendar(
    database: Database, owner: str, *, first: date, last: date, zone: ZoneInfo
) -> tuple[CalendarItem, ...]:
    """Return what is in an owner's calendar from one day to another, by day.

    Their booked calls, meetings and visits, deals expected to close, holds that end, contacts of marketing with their
    customers (marked as a clash where they meet a booked talk of the same customer on the same day), and the open
    suggestions, on the first day.
    """
    with database.reading() as session:
        talks = list(_talks(session, owner, first, last, zone))
        busy = {(person, _day_of(item, zone)) for person, item in talks if person is not None}
        items = [item for _person, item in talks]
        items += list(_deals(session, owner, first, last))
        items += list(_holds(session, owner, first, last))
        items += [
            replace(item, clash=(person, item.begins) in busy)
            for person, item in _contacts(session, owner, first, last)
        ]
        items += suggestion_items(
            suggested(session, [o for o in open_suggestions(session, first) if o.owner == owner]), first
        )
    return tuple(sorted(items, key=lambda item: (_day_of(item, zone), item.key)))


def _day_of(item: CalendarItem, zone: ZoneInfo) -> date:
    return item.begins.astimezone(zone).date() if isinstance(item.begins, datetime) else item.begins


def _names(session: Session, identities: Any) -> dict[int, tuple[int, str]]:
    """Return the person and the name of rows of identities: the customer number, or what the person is known by."""
    row = tables.Identity
    found = session.execute(select(col(row.id), col(row.person_id), col(row.value)).where(col(row.id).in_(identities)))
    return {number: (person, value) for number, person, value in found}


def _talks(
    session: Session, owner: str, first: date, last: date, zone: ZoneInfo
) -> Iterator[tuple[int | None, CalendarItem]]:
    row = tables.SalesActivity
    begin = datetime.combine(first, time(), zone).astimezone(UTC)
    end = datetime.combine(last + timedelta(1), time(), zone).astimezone(UTC)
    rows = (
        session.execute(
            select(row).where(col(row.owner) == owner, col(row.occurred_at) >= begin, col(row.occurred_at) < end)
        )
        .scalars()
        .all()
    )
    names = _names(session, [one.identity_id for one in rows if one.identity_id])
    for one in rows:
        person, name = names.get(one.identity_id or 0, (None, one.account_id or ""))
        yield (
            person,
            CalendarItem(f"activity-{one.source}-{one.row_key}", one.occurred_at, f"{one.kind}: {name}", kind="sales"),
        )


def _deals(session: Session, owner: str, first: date, last: date) -> Iterator[CalendarItem]:
    row = tables.Opportunity
    rows = session.execute(
        select(row).where(
            col(row.owner) == owner, col(row.stage) == "open", col(row.expected_close_on).between(first, last)
        )
    ).scalars()
    for one in rows:
        if one.expected_close_on is not None:
            title = _("Deal %(deal)s expected to close", deal=one.opportunity_id)
            yield CalendarItem(f"deal-{one.source}-{one.opportunity_id}", one.expected_close_on, title, kind="sales")


def _holds(session: Session, owner: str, first: date, last: date) -> Iterator[CalendarItem]:
    row = tables.SalesHold
    rows = session.execute(
        select(row).where(col(row.owner) == owner, col(row.released_at).is_(None), col(row.until).between(first, last))
    ).scalars()
    for one in rows:
        title = _("Your hold on %(whom)s ends", whom=one.customer_id or one.account_id)
        yield CalendarItem(f"hold-{one.id}", one.until, title, one.reason, "sales")


def _contacts(session: Session, owner: str, first: date, last: date) -> Iterator[tuple[int, CalendarItem]]:
    place, identity, customer = tables.Reservation, tables.Identity, tables.Customer
    mine = (
        select(col(identity.person_id))
        .join(customer, col(customer.identity_id) == col(identity.id))
        .where(col(customer.owner) == owner)
    )
    rows = session.execute(
        select(place)
        .where(
            col(place.person_id).in_(mine),
            col(place.on).between(first, last),
            col(place.state) != "released",
            col(place.ghost).is_(False),
        )
        .order_by(col(place.on), col(place.id))
    ).scalars()
    for one in rows:
        about = {"channel": one.channel, "customer": one.customer_id, "offer": one.promotion}
        title = _("Marketing: %(channel)s to %(customer)s", channel=one.channel, customer=one.customer_id)
        if one.promotion:
            title = _("Marketing: %(channel)s to %(customer)s about %(offer)s", **about)
        yield one.person_id, CalendarItem(f"contact-{one.id}", one.on, title, kind="marketing")
