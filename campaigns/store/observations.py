"""What was observed, as Arrow: what a fit reads.

``person`` is ``people.id``; it says nothing outside this database. Amounts are in minor units of the reporting
currency, times in UTC. Rows stand in the order in which they were stored, so that equal databases give equal fits.
"""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute
from sqlalchemy import String, and_, cast, func, literal, null, select, union_all
from sqlalchemy.orm import aliased
from sqlmodel import Session, SQLModel, col

from campaigns.channels import terms_of
from campaigns.naming.aliases import renamed, with_promotions
from campaigns.naming.names import Name
from campaigns.store.aliases import aliases_of, read_aliases
from campaigns.store.arrow import read_table
from campaigns.store.codes import code_promotions
from campaigns.store.database import Database
from campaigns.store.duplicates import doubled_orders
from campaigns.store.persons import persons
from campaigns.store.tables import (
    Assignment,
    CalendarEvent,
    Channel,
    Experiment,
    Identity,
    ImportedRow,
    Opportunity,
    Promotion,
    Response,
    SeenChannel,
    Spend,
    Touch,
)

__all__ = [
    "assignments",
    "channels",
    "channels_in",
    "events",
    "experiments",
    "persons",
    "plannable",
    "promotions",
    "responses",
    "spend",
    "touches",
]

CHANNELS = pa.schema(
    [
        pa.field("channel", pa.string(), nullable=False),
        pa.field("addressable", pa.bool_(), nullable=False),
        pa.field("targeted", pa.bool_(), nullable=False),
        pa.field("plannable", pa.bool_(), nullable=False),
        pa.field("consent", pa.string(), nullable=False),
        pa.field("unit_cost", pa.int64()),
        pa.field("carry_over_days", pa.int64(), nullable=False),
    ]
)

pc: Any = pyarrow.compute  # its type stubs lag behind the library

_PERSON: Any = col(Identity.person_id).label("person")


def touches(database: Database, until: datetime | None = None) -> pa.Table:
    """Return every touch, ghosts and steps included, under the names that count.

    Parameters
    ----------
    until
        Only what happened before this moment; everything if None.

    Returns
    -------
    ``person, occurred_at, channel, kind, campaign, ad, promotion, region, cost, id``.
    """
    names = ("occurred_at", "channel", "kind", "campaign", "ad", "promotion", "region", "cost", "response_code", "id")
    statement: Any = select(*_columns(Touch, "identity_id", *names)).order_by(col(Touch.id))
    if until is not None:
        statement = statement.where(col(Touch.occurred_at) < until)
    with database.reading() as session:
        rows = read_table(session.connection(), statement)
        owners = read_table(session.connection(), select(*_columns(Identity, "id", "person_id")))
        rows = renamed(with_promotions(rows, code_promotions(session)), aliases_of(session), contacts=True)
    rows = rows.drop_columns("response_code")
    return rows.set_column(0, "person", _persons_of(rows.column("identity_id"), owners))


def responses(database: Database) -> pa.Table:
    """Return every response, and every deal won as one of the kind ``won``.

    A redemption whose order is there too is the same event, and only the order is returned; so is an order that two
    sources show. A response code says which promotion it was, where nothing else does.

    Returns
    -------
    ``person`` (null where it is not known), ``occurred_at, kind, value, margin, order_id, promotion, response_code,
    channel, product, id, deal, account_id``. A deal won counts on the day it was closed, or opened where that is not
    known; ``id`` is then its own among the opportunities (``deal`` true), and ``account_id`` the account it was won of.
    """
    order = aliased(Response)
    # The orders are listed once: to ask of every redemption whether its order is there reads all responses each time.
    ordered = select(col(order.order_id)).where(col(order.kind) == "order", col(order.order_id).is_not(None))
    has_order = and_(col(Response.order_id).is_not(None), col(Response.order_id).in_(ordered))
    names = ("occurred_at", "kind", "value", "margin", "order_id", "promotion", "response_code", "channel", "product")
    answered = (
        select(
            literal(0).label("part"),
            col(Response.id).label("row"),
            _PERSON,
            *_columns(Response, *names),
            cast(null(), String).label("account_id"),
        )
        .select_from(Response)
        .join(Identity, col(Identity.id) == col(Response.identity_id), isouter=True)
        .where(~and_(col(Response.kind) == "redemption", has_order))
    )
    told: dict[str, Any] = {
        "occurred_at": func.coalesce(col(Opportunity.closed_on), col(Opportunity.opened_on)),
        "kind": literal("won"),
        "value": col(Opportunity.value),
    }
    won = (
        select(
            literal(1).label("part"),
            col(Opportunity.id).label("row"),
            _PERSON,
            *(told.get(name, null()).label(name) for name in names),
            col(Opportunity.account_id).label("account_id"),
        )
        .select_from(Opportunity)
        .join(Identity, col(Identity.id) == col(Opportunity.identity_id), isouter=True)
        .where(col(Opportunity.stage) == "won")
    )
    both = union_all(answered, won).subquery()
    told_of: Any = select(*both.c).order_by(both.c.part, both.c.row)
    with database.reading() as session:
        rows = read_table(session.connection(), told_of)
        doubled = doubled_orders(session)
        rows = with_promotions(rows, code_promotions(session))
    if len(doubled):
        again = pc.and_(pc.equal(rows.column("part"), 0), pc.is_in(rows.column("row"), value_set=doubled))
        rows = rows.filter(pc.invert(again))
    deal = pc.equal(rows.column("part"), 1)
    accounts = rows.column("account_id")
    found = rows.select(["person", *names]).append_column("id", rows.column("row"))
    return found.append_column("deal", deal).append_column("account_id", accounts)


def spend(database: Database) -> pa.Table:
    """Return what was spent, per day.

    Returns
    -------
    ``date, channel, campaign, ad, region, cost_kind, cost, impressions, clicks, units, claimed_conversions,
    claimed_value``.
    """
    names = ("date", "channel", "campaign", "ad", "region", "cost_kind", "cost", "impressions", "clicks", "units")
    return renamed(_all_of(database, Spend, *names, "claimed_conversions", "claimed_value"), read_aliases(database))


def channels(database: Database) -> pa.Table:
    """Return what is known of every channel that any file mentions.

    What a channels file says holds, the file imported last first. Where none says anything, the well-known defaults
    do; a channel that touches with persons were seen in is addressable, and one that nobody knows and that was seen
    only in ``spend`` is a medium without persons.

    Returns
    -------
    ``channel, addressable, targeted, plannable, consent, unit_cost`` (null where it is not known) and
    ``carry_over_days``; ordered by channel.
    """
    with database.reading() as session:
        return pa.Table.from_pylist(channels_in(session), schema=CHANNELS)


def plannable(session: Session) -> frozenset[str]:
    """Return the channels that a plan may use, inside a transaction."""
    return frozenset(row["channel"] for row in channels_in(session) if row["plannable"])


def channels_in(session: Session) -> list[dict[str, Any]]:
    """Return what `channels` does, row by row, inside a transaction."""
    aliases = aliases_of(session)
    seen: dict[str, set[str]] = defaultdict(set)
    for channel, kind in session.execute(select(col(SeenChannel.channel), col(SeenChannel.kind))):
        seen[aliases.resolve(Name(channel)).channel].add(kind)
    said: dict[str, dict[str, Any]] = defaultdict(dict)
    for row in session.execute(select(Channel).order_by(col(Channel.batch_id), col(Channel.id))).scalars():
        said[aliases.resolve(Name(row.channel)).channel] |= {
            name: value for name, value in row.model_dump().items() if value is not None
        }
    return [_channel(channel, seen[channel], said[channel]) for channel in sorted({*seen, *said})]


def events(database: Database) -> pa.Table:
    """Return what moves everybody's responses and is no ad: ``name, starts_on, ends_on, kind, region``."""
    return _all_of(database, CalendarEvent, "name", "starts_on", "ends_on", "kind", "region")


def promotions(database: Database) -> pa.Table:
    """Return the offers, with every column that their file may have."""
    return _all_of(database, Promotion, *_own(Promotion))


def experiments(database: Database) -> pa.Table:
    """Return the tests, with every column that their file may have; ``region`` is separated by ``|``."""
    return renamed(_all_of(database, Experiment, *_own(Experiment)), read_aliases(database))


def assignments(database: Database) -> pa.Table:
    """Return who was in which arm of a test: ``person, experiment, arm, assigned_at``."""
    statement = (
        select(_PERSON, *_columns(Assignment, "experiment", "arm", "assigned_at"))
        .select_from(Assignment)
        .join(Identity, col(Identity.id) == col(Assignment.identity_id))
        .order_by(col(Assignment.id))
    )
    return database.arrow(statement)


def _channel(channel: str, seen: set[str], said: dict[str, Any]) -> dict[str, Any]:
    terms = terms_of(channel, with_persons="touches" in seen)
    flags = {
        "addressable": terms.addressable or "touches" in seen,
        "targeted": terms.targeted,
        "plannable": terms.plannable,
    }
    return {
        "channel": channel,
        **{name: said[name] == "yes" if name in said else default for name, default in flags.items()},
        "consent": said.get("consent", terms.consent),
        "unit_cost": said.get("unit_cost", terms.unit_cost),
        "carry_over_days": said.get("carry_over_days", terms.carry_over_days),
    }


def _persons_of(identities: Any, owners: pa.Table) -> pa.Array[Any]:
    """Look persons up: for a million rows SQLite's own join takes as long as reading them."""
    numbers = owners.column("id").to_numpy()
    person = np.zeros(numbers.max(initial=0) + 1, np.int64)
    person[numbers] = owners.column("person_id").to_numpy()
    return pa.array(person[identities.to_numpy()])


def _columns(kind: type[SQLModel], *names: str) -> list[Any]:
    return [getattr(kind, name) for name in names]


def _own(kind: type[ImportedRow]) -> tuple[str, ...]:
    return tuple(name for name in kind.model_fields if name not in ImportedRow.model_fields)


def _all_of(database: Database, kind: type[ImportedRow], *names: str) -> pa.Table:
    with database.reading() as session:
        return read_table(session.connection(), select(*_columns(kind, *names)).order_by(col(kind.id)))
