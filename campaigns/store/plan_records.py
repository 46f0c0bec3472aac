"""What a plan reads: scores, consents, contact history and everything that stands against a contact."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
from sqlalchemy import Float, Select, cast, func, or_, select
from sqlmodel import Session, col

from campaigns.intake.money import decimals
from campaigns.planning.locks import SALES
from campaigns.planning.policy import ContactPolicy
from campaigns.planning.records import SCHEMAS, Records
from campaigns.store import observations, tables
from campaigns.store.arrow import read_table
from campaigns.store.audiences import members_table
from campaigns.store.claimants import with_claimants
from campaigns.store.database import Database
from campaigns.store.findings import responding_of
from campaigns.store.held_back import HELD_BACK
from campaigns.store.plan_names import opted_out_of_contacts, under_names_that_count
from campaigns.store.relations import relations
from campaigns.store.runs import published
from campaigns.terms import GHOST

__all__ = [
    "BY_HAND",
    "ENTERED",
    "PublishedRun",
    "Reading",
    "circle_of",
    "freshness",
    "latest_run",
    "person_of",
    "read_records",
    "run_of",
    "sales_records",
]

CONTACTS = ("send", "mail", "call", "sms", "store", GHOST)
"""Kinds of touch that count as speaking to somebody. An impression is shown by a platform and speaks to nobody; a
held-back contact counts as if it had been made."""

ENTERED = "entered on the site"
"""Source of what was written on a page of the site and came in no file."""

BY_HAND = "site"
"""Source of what people log on the site of their conversations with customers."""

NOT_SCORED = ("promotions", "products", "capacities", "suppressions", "cases", "leads", "sales_activities")
"""Kinds of file that change what a plan may do, which is read anew for every plan, and not what scores say."""

REACHED_NOBODY = ("not reached", "bounced")
"""Outcomes that give a contact's place in the caps back."""

BOUGHT = ("order", "redemption", "won")
"""Kinds of response by which a product is bought."""

FEW = 1_000
"""Persons for whom it pays to look each up, rather than to read a table whole."""

_AT_AN_ADDRESS = ("suppressions", "opt_outs")
"""Subjects that hold for everybody who shares the address or the telephone."""


@dataclass(frozen=True)
class PublishedRun:
    """The run whose scores a plan rests on."""

    id: int
    goal: str
    currency: str


@dataclass(frozen=True)
class Reading:
    """Which part of the records a plan needs.

    Parameters
    ----------
    run
        The run whose scores count.
    policy
        Decides how far back to read.
    starts_on
        First day of the plan.
    zone
        The zone in which days begin.
    persons
        Numbers of the only persons to read, or None for everybody. What sales is doing is read for their accounts too.
    without_plan
        A plan whose own contacts are not to count as promised.
    """

    run: PublishedRun
    policy: ContactPolicy
    starts_on: date
    zone: ZoneInfo
    persons: Collection[int] | None = None
    without_plan: int | None = None

    def since(self, days: int) -> datetime:
        """Return the beginning of the day so many days before the plan."""
        return datetime.combine(self.starts_on - timedelta(days), time(), self.zone).astimezone(UTC)

    def major(self, column: Any) -> Any:
        """Turn an amount in minor units of the reporting currency into major ones."""
        return cast(column, Float) / float(10 ** decimals(self.run.currency))

    def only(self, statement: Select[Any]) -> Select[Any]:
        """Keep the rows of the persons asked for; the statement joins ``identities``."""
        if self.persons is None:
            return statement
        return statement.where(col(tables.Identity.person_id).in_(self.persons))

    def about(self, table: Any, statement: Select[Any]) -> Select[Any]:
        """Keep what sales did with the persons asked for, or with their accounts; all of it where they are many."""
        if self.persons is None or len(self.persons) > FEW:
            return statement
        identity, customer = tables.Identity, tables.Customer
        known = select(col(identity.id)).where(col(identity.person_id).in_(self.persons))
        accounts = select(col(customer.account_id)).where(
            col(customer.identity_id).in_(known), col(customer.account_id).is_not(None)
        )
        # by two indexes: either condition alone would leave the other to a look at every row
        theirs = select(col(table.id)).where(col(table.identity_id).in_(known))
        return statement.where(
            col(table.id).in_(theirs.union(select(col(table.id)).where(col(table.account_id).in_(accounts))))
        )


def latest_run(session: Session, goal: str = "order") -> PublishedRun | None:
    """Return the run of a goal published last, or None if there is none."""
    return _published(published(session, goal))


def run_of(session: Session, run_id: int) -> PublishedRun | None:
    """Return a run by its number, or None if there is no such run."""
    return _published(session.get(tables.Run, run_id))


def _published(run: tables.Run | None) -> PublishedRun | None:
    return (
        None if run is None or run.id is None or run.currency is None else PublishedRun(run.id, run.goal, run.currency)
    )


def freshness(database: Database, run_id: int) -> tuple[datetime | None, datetime | None]:
    """Return when a run began, and when the newest import of what runs read ended: older scores do not know it."""
    with database.reading() as session:
        run = session.get(tables.Run, run_id)
        began = None if run is None else run.started_at or run.requested_at
        imported = select(func.max(col(tables.ImportBatch.finished_at))).where(
            # offers, logged outcomes and plans change what a plan proposes, not what scores say
            col(tables.ImportBatch.source).not_in((ENTERED, BY_HAND, HELD_BACK)),
            col(tables.ImportBatch.kind).not_in(NOT_SCORED),
        )
        newest = session.execute(imported).scalar_one_or_none()
    return began, newest


def circle_of(session: Session, person: int) -> list[int]:
    """Return the numbers of everybody whose contacts and deals touch a person: their household and their account."""
    customer, identity = tables.Customer, tables.Identity
    own = (
        select(col(customer.household_id), col(customer.account_id))
        .join(identity, col(identity.id) == col(customer.identity_id))
        .where(col(identity.person_id) == person)
    )
    rows = session.execute(own).all()
    homes = {row[0] for row in rows if row[0] is not None}
    accounts = {row[1] for row in rows if row[1] is not None}
    found = {person}
    for column, names in ((customer.household_id, homes), (customer.account_id, accounts)):
        if names:  # one index each: both conditions in one query would have every customer read
            others = select(col(identity.person_id)).join(customer, col(customer.identity_id) == col(identity.id))
            found.update(session.execute(others.where(col(column).in_(names))).scalars())
    return sorted(found)


def person_of(session: Session, customer_id: str) -> int | None:
    """Return the number of a customer's person, or None if there is no such customer."""
    identity = tables.Identity
    query = select(col(identity.person_id)).where(col(identity.kind) == "customer", col(identity.value) == customer_id)
    return session.execute(query).scalar_one_or_none()


def read_records(database: Database, reading: Reading) -> Records:
    """Read everything that a plan looks at."""
    persons = observations.persons(database, reading.persons)
    channels = observations.channels(database)
    with database.reading() as session:
        read = {name: read_table(session.connection(), statement) for name, statement in _statements(reading).items()}
        read["contacts"], read["promised"] = under_names_that_count(
            session, read["contacts"], read["promised"], _plannable(channels)
        )
        read["opt_outs"] = pa.concat_tables([read["opt_outs"], opted_out_of_contacts(session, read["opt_outs"])])
        for name in _AT_AN_ADDRESS:
            read[name] = with_claimants(session, read[name])
        margin, value = session.execute(_means(reading)).one()
        run = session.get(tables.Run, reading.run.id)
        responding = None if run is None else responding_of(run.findings)
        read |= relations(session, reading.policy, reading.starts_on, reading.persons)
        read["audiences"] = members_table(session, reading.starts_on, reading.zone, reading.persons)
    return Records(
        persons=_fitted(persons, "persons"),
        channels=_channels(channels, reading),
        **{name: _fitted(table, name) for name, table in read.items()},
        order_margin=margin,
        order_value=value,
        responding=responding,
    )


def sales_records(database: Database, reading: Reading) -> tuple[pa.Table, dict[str, pa.Table]]:
    """Read the persons, and only what sales' locks come from (`campaigns.planning.locks.SALES`)."""
    persons = observations.persons(database, reading.persons)
    with database.reading() as session:
        read = {name: read_table(session.connection(), statement) for name, statement in _sales(reading).items()}
        read |= relations(session, reading.policy, reading.starts_on, reading.persons)
    return _fitted(persons, "persons"), {name: _fitted(read[name], name) for name in SALES}


def _fitted(table: pa.Table, name: str) -> pa.Table:
    """Give a table the columns and types of its subject."""
    schema = SCHEMAS[name]
    return table.select(schema.names).cast(schema)


def _plannable(channels: pa.Table) -> list[str]:
    return [row["channel"] for row in channels.to_pylist() if row["plannable"]]


def _channels(channels: pa.Table, reading: Reading) -> pa.Table:
    unit = 10 ** decimals(reading.run.currency)
    rows = [
        {**row, "unit_cost": None if row["unit_cost"] is None else row["unit_cost"] / unit}
        for row in channels.select(SCHEMAS["channels"].names).to_pylist()
    ]
    return pa.Table.from_pylist(rows, schema=SCHEMAS["channels"])


def _means(reading: Reading) -> Select[Any]:
    response = tables.Response
    return select(func.avg(reading.major(col(response.margin))), func.avg(reading.major(col(response.value)))).where(
        col(response.kind) == "order"
    )


def _statements(reading: Reading) -> Mapping[str, Select[Any]]:
    """Return one query per subject, with the columns of its schema."""
    return {
        "scores": _scores(reading),
        "worths": _worths(reading),
        "promotions": _promotions(reading),
        "contacts": _contacts(reading),
        "promised": _promised(reading),
        **_responses(reading),
        **_service(reading),
        **_sales(reading),
        "capacities": select(col(tables.Capacity.resource), col(tables.Capacity.date), col(tables.Capacity.limit)),
    }


def _scores(reading: Reading) -> Select[Any]:
    score = tables.Score
    statement: Any = select(
        col(score.person_id).label("person"),
        col(score.channel),
        col(score.extra_responses),
        col(score.recent_touches),
        col(score.error),
        col(score.second),
    ).where(col(score.run_id) == reading.run.id)
    if reading.persons is not None:
        statement = statement.where(col(score.person_id).in_(reading.persons))
    return statement  # type: ignore[no-any-return]


def _worths(reading: Reading) -> Select[Any]:
    row = tables.Worth
    statement: Any = select(col(row.person_id).label("person"), col(row.margin), col(row.is_new)).where(
        col(row.run_id) == reading.run.id
    )
    if reading.persons is not None:
        statement = statement.where(col(row.person_id).in_(reading.persons))
    return statement  # type: ignore[no-any-return]


def _promotions(reading: Reading) -> Select[Any]:
    row = tables.Promotion
    return select(
        col(row.promotion),
        col(row.kind),
        col(row.product),
        reading.major(col(row.margin)).label("margin"),
        reading.major(col(row.discount)).label("discount"),
        col(row.starts_on),
        col(row.ends_on),
        col(row.channels),
        col(row.excludes),
        col(row.not_after),
        reading.major(col(row.budget)).label("budget"),
    ).order_by(col(row.batch_id), col(row.id))


_IDENTIFIER: tuple[Any, Any] = (
    col(tables.Identity.kind).label("identifier_kind"),
    col(tables.Identity.value).label("identifier"),
)
"""What a row about somebody was written with."""


def _of_person(table: Any, *columns: Any) -> Select[Any]:
    """Select columns of a table whose rows name a person, with the person's number."""
    person: Any = col(tables.Identity.person_id).label("person")
    return select(person, *columns).join(table, col(table.identity_id) == col(tables.Identity.id))


def _contacts(reading: Reading) -> Select[Any]:
    touch = tables.Touch
    identity: Any = col(tables.Identity.id)
    # Of everybody, the touches are read as they lie: SQLite would otherwise look them up identity by identity.
    its: Any = col(touch.identity_id) + 0 if reading.persons is None else col(touch.identity_id)
    named = (col(touch.channel), col(touch.campaign), col(touch.ad), col(touch.response_code))
    person: Any = col(tables.Identity.person_id).label("person")
    columns = (person, *named, col(touch.promotion), col(touch.occurred_at))
    statement: Any = (
        select(*columns)
        .join_from(touch, tables.Identity, its == identity)
        .where(
            col(touch.occurred_at) >= reading.since(reading.policy.longest_window),
            col(touch.kind).in_(CONTACTS),
            or_(col(touch.outcome).is_(None), col(touch.outcome).not_in(REACHED_NOBODY)),
        )
    )
    return reading.only(statement)


def _promised(reading: Reading) -> Select[Any]:
    """Return the contacts that have their place in the ledger: reserved, committed, or settled and not given back."""
    row, people = tables.Reservation, tables.Person
    person: Any = func.coalesce(col(people.merged_into), col(row.person_id))
    statement: Any = (
        select(person.label("person"), col(row.channel), col(row.promotion), col(row.on))
        .join(people, col(people.id) == col(row.person_id))
        .where(
            col(row.state) != "released",
            col(row.keeps_place),
            col(row.on) >= reading.starts_on - timedelta(reading.policy.longest_window),
        )
    )
    if reading.without_plan is not None:
        statement = statement.where(func.coalesce(col(row.plan_id), 0) != reading.without_plan)
    if reading.persons is not None:
        statement = statement.where(person.in_(reading.persons))
    return statement  # type: ignore[no-any-return]


def _responses(reading: Reading) -> dict[str, Select[Any]]:
    row, offer, policy = tables.Response, tables.Promotion, reading.policy
    when, product = col(row.occurred_at), col(row.product)
    offered = select(col(offer.product)).where(col(offer.product).is_not(None))
    by_code = (
        select(col(offer.response_code).label("code"), func.max(col(offer.promotion)).label("promotion"))
        .where(col(offer.response_code).is_not(None))
        .group_by(col(offer.response_code))
        .subquery()
    )
    declined = (
        _of_person(row, func.coalesce(col(row.promotion), by_code.c.promotion).label("promotion"), product, when)
        .join(by_code, by_code.c.code == col(row.response_code), isouter=True)
        .where(col(row.kind) == "decline", when >= reading.since(policy.declined_days))
    )
    complained = _of_person(row, when).where(col(row.kind) == "complaint", when >= reading.since(policy.complaint_days))
    bought = _of_person(row, product, when).where(
        col(row.kind).in_(BOUGHT), product.in_(offered), when >= reading.since(policy.bought_days)
    )
    returned = _of_person(row, product, when).where(
        col(row.kind) == "return", product.in_(offered), when >= reading.since(policy.returned_days)
    )
    opted_out = _of_person(row, *_IDENTIFIER, col(row.channel)).where(col(row.kind) == "opt_out")
    found = {
        "complaints": complained,
        "declines": declined,
        "purchases": bought,
        "returns": returned,
    }
    return {"opt_outs": opted_out, **{name: reading.only(statement) for name, statement in found.items()}}


def _service(reading: Reading) -> dict[str, Select[Any]]:
    suppression, case = tables.Suppression, tables.Case
    return {
        "suppressions": _of_person(suppression, *_IDENTIFIER, col(suppression.reason), col(suppression.until)),
        "open_cases": reading.only(_of_person(case).where(col(case.state) == "open").distinct()),
    }


def _sales(reading: Reading) -> dict[str, Select[Any]]:
    deal, talk, identity = tables.Opportunity, tables.SalesActivity, tables.Identity
    person: Any = col(identity.person_id).label("person")
    deals = (
        select(
            person,
            col(deal.account_id),
            col(deal.owner),
            col(deal.stage),
            col(deal.opened_on),
            col(deal.closed_on),
            col(deal.expected_close_on),
        )
        .select_from(deal)
        .join(identity, col(identity.id) == col(deal.identity_id), isouter=True)
        .where(col(deal.stage).in_(("open", "won")))
    )
    talks = (
        select(person, col(talk.account_id), col(talk.owner), col(talk.kind), col(talk.occurred_at))
        .select_from(talk)
        .join(identity, col(identity.id) == col(talk.identity_id), isouter=True)
        .where(col(talk.occurred_at) >= reading.since(reading.policy.activity_days))
    )
    return {"opportunities": reading.about(deal, deals), "activities": reading.about(talk, talks)}
