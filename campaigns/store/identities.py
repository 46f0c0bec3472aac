"""Persons and what they are known by: every identifier that a file mentions has a person, new ones a new person."""

from __future__ import annotations

from datetime import timedelta
from itertools import chain
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute
from sqlalchemy import Connection, Table, and_, func, insert, literal, select, update

from campaigns.people.identity import CUSTOMER, LINKED, normalised
from campaigns.store.arrow import append, read_table
from campaigns.store.merging import staged
from campaigns.store.tables import Identity, Person, Response

__all__ = ["IDENTITY_COLUMNS", "identities_of", "in_normal_form", "link_customers", "link_orders"]

IDENTITY_COLUMNS = ("customer_id", "identifier_kind", "identifier")

SHOWN = 3
"""How many shared identifiers a note names."""

IDENTITIES: Table = Identity.__table__  # type: ignore[attr-defined]
PEOPLE: Table = Person.__table__  # type: ignore[attr-defined]
RESPONSES: Table = Response.__table__  # type: ignore[attr-defined]

SAME_ORDER = timedelta(days=2)
"""By how much the times of one order may differ between sources: zones, and the time until it is paid."""

pc: Any = pyarrow.compute  # its type stubs lag behind the library


def in_normal_form(table: pa.Table) -> pa.Table:
    """Return checked rows with their identifiers in the form under which they are kept."""
    for name, kinds in (("customer_id", None), ("identifier", "identifier_kind")):
        if name in table.column_names:
            written = _whole(table, name)
            of_kind = _whole(table, kinds) if kinds else pa.array(np.full(len(written), CUSTOMER))
            table = table.set_column(table.column_names.index(name), name, normalised(of_kind, written))
    return table


def identities_of(connection: Connection, table: pa.Table) -> pa.Array[Any]:
    """Return the identity of each row, having added those not seen before, each with a new person.

    Parameters
    ----------
    connection
        A connection inside a transaction that nobody else adds identities in.
    table
        Rows with identity columns, in normal form. The ``customer_id`` counts where both it and an identifier stand.

    Returns
    -------
    ``identities.id`` of each row, int64, null where the row names nobody.
    """
    identifier = _whole(table, "identifier")
    kinds, values = _whole(table, "identifier_kind"), identifier
    customer = _whole(table, "customer_id")
    if customer.null_count < len(customer):
        kinds = pc.if_else(pc.is_valid(customer), CUSTOMER, kinds)
        values = pc.coalesce(customer, identifier)
    codes, first = _distinct(kinds, values)
    order = pc.sort_indices(values.take(first))  # in order, their place in the index of identities is found faster
    wanted = pa.table(
        {"position": order, "kind": kinds.take(first).take(order), "value": values.take(first).take(order)}
    )
    ids = np.empty(len(first), np.int64)
    ids[order.to_numpy()] = _found_or_added(connection, wanted)
    return pa.array(ids).take(codes)


def link_customers(connection: Connection, customers: pa.Table, identities: pa.Array[Any]) -> tuple[str, ...]:
    """Tie what customers are known by to their persons.

    An identifier never seen before becomes the customer's. One seen only without a customer gives its person, and so
    its history, to the customer's person. One that is another customer's stays there.

    Parameters
    ----------
    customers
        Checked rows of the customers kind, shape ``(n,)``.
    identities
        Identity of each row, of kind ``customer``, int64 of shape ``(n,)``.

    Returns
    -------
    Notes for people: which identifiers more than one customer claims.
    """
    claims = _claims(customers, identities)
    if not claims.num_rows:
        return ()
    with staged(connection, "claims", claims) as claim:
        known, owner = IDENTITIES.alias("known"), IDENTITIES.alias("owner")
        claimed = claim.join(owner, owner.c.id == claim.c.owner_id)
        same = and_(known.c.kind == claim.c.kind, known.c.value == claim.c.value)
        missing = (
            select(claim.c.kind, claim.c.value, owner.c.person_id)
            .select_from(claimed.outerjoin(known, same))
            .where(claim.c.first, known.c.id.is_(None))
        )
        connection.execute(insert(IDENTITIES).from_select(["kind", "value", "person_id"], missing))
        apart = claimed.join(known, and_(same, known.c.person_id != owner.c.person_id))
        customer = IDENTITIES.alias("customer")
        anonymous = (
            ~select(customer.c.id)
            .where(customer.c.person_id == known.c.person_id, customer.c.kind == CUSTOMER)
            .exists()
        )
        moves = (
            select(known.c.person_id.label("old"), func.min(owner.c.person_id).label("new"))
            .select_from(apart)
            .where(claim.c.first, anonymous)
            .group_by(known.c.person_id)
        )
        _merge_people(connection, read_table(connection, moves))
        shared = read_table(connection, select(claim.c.kind, claim.c.value).select_from(apart).distinct())
    return _notes(shared)


def link_orders(connection: Connection, batch_id: int) -> tuple[str, ...]:
    """Tie persons whom a web analysis knows by a cookie to the customers who placed the same orders in the shop.

    An order of this batch that another source shows too, within two days, is the same event, also where one calls it by
    the name that it has in the other (``#1001``). Where only one of the two names a customer, what the other is known
    by becomes the customer's, with its history. Where it ordered for several customers it is a device that they share,
    and stays by itself.

    Returns
    -------
    Notes for people: how many persons were tied.
    """
    new, other = RESPONSES.alias("new"), RESPONSES.alias("other")
    mine, theirs = IDENTITIES.alias("mine"), IDENTITIES.alias("theirs")

    def is_customer(person: Any) -> Any:
        customer = IDENTITIES.alias()
        return select(customer.c.id).where(customer.c.person_id == person, customer.c.kind == CUSTOMER).exists()

    # one query for each way to name it: joined by "or" they would compare every order with every other
    ways = (
        other.c.order_id == new.c.order_id,
        other.c.response_id == new.c.order_id,
        other.c.response_id == literal("#") + new.c.order_id,
        other.c.order_id == new.c.response_id,
        other.c.order_id == func.ltrim(new.c.response_id, "#"),
    )
    queries: list[Any] = [
        select(
            mine.c.person_id.label("one"),
            theirs.c.person_id.label("two"),
            is_customer(mine.c.person_id).label("one_is"),
            is_customer(theirs.c.person_id).label("two_is"),
            new.c.occurred_at.label("at"),
            other.c.occurred_at.label("other_at"),
        )
        .select_from(new.join(other, and_(same, other.c.source != new.c.source, other.c.kind == "order")))
        .join(mine, mine.c.id == new.c.identity_id)
        .join(theirs, theirs.c.id == other.c.identity_id)
        .where(new.c.batch_id == batch_id, new.c.kind == "order", mine.c.person_id != theirs.c.person_id)
        for same in ways
    ]
    owners: dict[int, set[int]] = {}
    for one, two, one_is, two_is, at, other_at in chain.from_iterable(map(connection.execute, queries)):
        if bool(one_is) != bool(two_is) and abs(at - other_at) <= SAME_ORDER:
            owners.setdefault(two if one_is else one, set()).add(one if one_is else two)
    tied = {old: customers.pop() for old, customers in owners.items() if len(customers) == 1}
    _merge_people(
        connection,
        pa.table({"old": pa.array(list(tied), pa.int64()), "new": pa.array(list(tied.values()), pa.int64())}),
    )
    return (f"{len(tied):,} persons known by a cookie were tied to their customers by their orders",) if tied else ()


def _found_or_added(connection: Connection, wanted: pa.Table) -> npt.NDArray[np.int64]:
    """Return the identity of each distinct kind and value, adding what is missing with new persons."""
    place = pa.array(np.arange(wanted.num_rows))
    with staged(connection, "wanted", wanted.set_column(0, "place", place)) as want:
        same = and_(IDENTITIES.c.kind == want.c.kind, IDENTITIES.c.value == want.c.value)
        found = read_table(connection, select(want.c.place, IDENTITIES.c.id).select_from(want.join(IDENTITIES, same)))
    ids = np.zeros(wanted.num_rows, np.int64)
    ids[found.column("place").to_numpy()] = found.column("id").to_numpy()
    new = np.flatnonzero(ids == 0)
    if len(new):
        people = _numbers(connection, PEOPLE, len(new))
        ids[new] = _numbers(connection, IDENTITIES, len(new))
        append(connection, PEOPLE, pa.table({"id": people}))
        rows = wanted.select(["kind", "value"]).take(pa.array(new))
        append(
            connection,
            IDENTITIES,
            rows.append_column("id", pa.array(ids[new])).append_column("person_id", pa.array(people)),
        )
    return ids


def _numbers(connection: Connection, table: Table, count: int) -> npt.NDArray[np.int64]:
    """Take the next ids of a table, and tell PostgreSQL's sequence that they are taken."""
    last: int = connection.execute(select(func.coalesce(func.max(table.c.id), 0))).scalar_one()
    if connection.dialect.name == "postgresql":
        connection.execute(select(func.setval(func.pg_get_serial_sequence(table.name, "id"), last + count)))
    return np.arange(last + 1, last + count + 1)


def _claims(customers: pa.Table, identities: Any) -> pa.Table:
    """Return what each customer is said to be known by, once each; ``first`` marks the first to claim it."""
    kinds, values, owners = [], [], []
    for kind in LINKED:
        written = customers.column(kind).combine_chunks()
        given = pc.is_valid(written)
        written, owner = written.filter(given), identities.filter(given)
        of_kind = pa.array(np.full(len(written), kind), pa.string())
        kinds.append(of_kind)
        values.append(normalised(of_kind, written))
        owners.append(owner)
    kind, value, owner = (pa.concat_arrays(columns) for columns in (kinds, values, owners))
    _, once = _distinct(kind, value, owner.cast(pa.string()))
    kind, value, owner = kind.take(once), value.take(once), owner.take(once)
    _, first = _distinct(kind, value)
    leads = np.zeros(len(kind), bool)
    leads[first] = True
    return pa.table({"kind": kind, "value": value, "owner_id": owner, "first": leads})


def _merge_people(connection: Connection, moves: pa.Table) -> None:
    """Give everything that the old persons are known by to the new ones."""
    if not moves.num_rows:
        return
    with staged(connection, "moves", moves, unique="old") as move:
        connection.execute(update(IDENTITIES).values(person_id=move.c.new).where(IDENTITIES.c.person_id == move.c.old))
        connection.execute(update(PEOPLE).values(merged_into=move.c.new).where(PEOPLE.c.id == move.c.old))


def _notes(shared: pa.Table) -> tuple[str, ...]:
    if not shared.num_rows:
        return ()
    names = [f"{row['kind']} {row['value']}" for row in shared.slice(0, SHOWN).to_pylist()]
    more = f" and {shared.num_rows - SHOWN:,} more" if shared.num_rows > SHOWN else ""
    return (f"claimed by several customers, kept with the first: {', '.join(names)}{more}",)


def _whole(table: pa.Table, name: str) -> Any:
    """Return a column of texts as one array, all null if there is no such column."""
    if name not in table.column_names:
        return pc.if_else(pa.array(np.zeros(table.num_rows, bool)), "", None)
    return pa.concat_arrays([pa.array([], pa.string()), *table.column(name).chunks])


def _distinct(*columns: Any) -> tuple[Any, npt.NDArray[np.int64]]:
    """Tell rows apart by their texts.

    Returns
    -------
    codes
        int32 of shape ``(n,)``: equal for equal rows, numbered from 0; null where any of the texts is.
    first
        Where the first row of each code stands.
    """
    codes = pc.binary_join_element_wise(*columns, "\x1f").dictionary_encode().indices  # in no kind of identifier
    given = np.flatnonzero(pc.is_valid(codes).to_numpy(zero_copy_only=False))
    _, first = np.unique(codes.drop_null().to_numpy(), return_index=True)
    return codes, given[first]
