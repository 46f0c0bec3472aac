"""Which names mean which: confirmed by people, kept beside the rows, and applied whenever these are read."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from sqlalchemy import and_, delete, select
from sqlmodel import Session, col

from campaigns.naming.aliases import Aliases
from campaigns.naming.names import Name
from campaigns.store.codes import code_names
from campaigns.store.database import Database
from campaigns.store.tables import NameAlias

__all__ = ["ConfirmedAlias", "aliases_of", "confirm_alias", "confirmed_aliases", "read_aliases", "remove_alias"]


@dataclass(frozen=True)
class ConfirmedAlias:
    """A name as files write it, the name it means, and who said so, when (UTC) and why."""

    name: Name
    meant: Name
    reason: str
    confirmed_at: dt.datetime
    confirmed_by: str


def read_aliases(database: Database) -> Aliases:
    """Return the aliases of a database, with the codes made in it."""
    with database.reading() as session:
        return aliases_of(session)


def aliases_of(session: Session) -> Aliases:
    """Return the aliases, with the codes made here."""
    return Aliases({each.name: each.meant for each in confirmed_aliases(session)}, code_names(session))


def confirmed_aliases(session: Session) -> tuple[ConfirmedAlias, ...]:
    """Return every alias, in the order in which they were confirmed."""
    rows = session.execute(select(NameAlias).order_by(col(NameAlias.id))).scalars()
    return tuple(
        ConfirmedAlias(
            Name(row.channel, row.campaign, row.ad),
            Name(row.meant_channel, row.meant_campaign, row.meant_ad),
            row.reason,
            row.confirmed_at,
            row.confirmed_by,
        )
        for row in rows
    )


def confirm_alias(
    session: Session, name: Name, meant: Name, *, now: dt.datetime, by: str = "", reason: str = ""
) -> None:
    """Keep that a name as written means another, from now on and for all that was imported before.

    What the name meant until now is forgotten. The rows themselves stay as they were written.

    Parameters
    ----------
    session
        Of an exclusive transaction.

    Raises
    ------
    RefusedError
        If the two are of different levels or the same, or ``meant`` already means ``name``.
    """
    known = aliases_of(session)
    Aliases({of: to for of, to in known.meant.items() if of != name}, known.codes).with_alias(name, meant)
    remove_alias(session, name)
    session.add(
        NameAlias(
            channel=name.channel,
            campaign=name.campaign,
            ad=name.ad,
            meant_channel=meant.channel,
            meant_campaign=meant.campaign,
            meant_ad=meant.ad,
            reason=reason,
            confirmed_at=now,
            confirmed_by=by,
        )
    )
    session.flush()


def remove_alias(session: Session, name: Name) -> bool:
    """Forget what a name means: it counts under itself again. Return whether it had meant anything else."""
    columns: tuple[tuple[Any, str | None], ...] = (
        (col(NameAlias.channel), name.channel),
        (col(NameAlias.campaign), name.campaign),
        (col(NameAlias.ad), name.ad),
    )
    same = and_(*(column.is_not_distinct_from(part) for column, part in columns))
    return bool(session.execute(delete(NameAlias).where(same)).rowcount)  # type: ignore[attr-defined]
