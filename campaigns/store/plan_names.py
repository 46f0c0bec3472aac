"""What a plan reads of contacts, under the names that count; and opt-outs that were told to an agent."""

from __future__ import annotations

from typing import Any

import pyarrow as pa
import pyarrow.compute
from sqlalchemy import Select, String, cast, func, null, select
from sqlmodel import Session, col

from campaigns.naming.aliases import renamed
from campaigns.store import tables
from campaigns.store.aliases import aliases_of
from campaigns.store.arrow import read_table

__all__ = ["opted_out_of_contacts", "under_names_that_count"]

pc: Any = pyarrow.compute  # its type stubs lag behind the library


def under_names_that_count(
    session: Session, contacts: pa.Table, promised: pa.Table, plannable: list[str]
) -> tuple[pa.Table, pa.Table]:
    """Return contacts made and promised with their channels as aliases mean them; made ones of plannable channels only.

    Parameters
    ----------
    contacts
        Columns ``person, channel, promotion, occurred_at``, and ``campaign, ad, response_code``, which go.
    promised
        Columns ``person, channel, promotion, on``.
    """
    aliases = aliases_of(session)
    made = renamed(contacts, aliases, contacts=True)
    made = made.filter(pc.is_in(made["channel"], value_set=pa.array(plannable, pa.string())))
    return made.drop_columns(["campaign", "ad", "response_code"]), renamed(promised, aliases)


def opted_out_of_contacts(session: Session, like: pa.Table) -> pa.Table:
    """Return who opted out in answer to a contact of a plan: ``person, identifier_kind, identifier, channel``."""
    row, people = tables.Reservation, tables.Person
    person: Any = func.coalesce(col(people.merged_into), col(row.person_id))
    statement: Select[Any] = (
        select(
            person.label("person"),
            cast(null(), String).label("identifier_kind"),
            cast(null(), String).label("identifier"),
            col(row.channel),
        )
        .join(people, col(people.id) == col(row.person_id))
        .where(col(row.outcome) == "opted out", col(row.state) == "settled")
        .distinct()
    )
    return read_table(session.connection(), statement).select(like.column_names).cast(like.schema)
