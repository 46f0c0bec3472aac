"""Which names of spend and of touches meet, and which do not: what a person confirms pairs of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
from sqlalchemy import func, select
from sqlmodel import Session, col

from campaigns.channels import WELL_KNOWN
from campaigns.faults import Fault, RefusedError
from campaigns.naming.aliases import Aliases
from campaigns.naming.names import Name
from campaigns.naming.pairing import Activity, Pair, Unjoined, propose, unjoined
from campaigns.store.aliases import ConfirmedAlias, aliases_of, confirmed_aliases
from campaigns.store.merging import table_of
from campaigns.store.tables import Channel, Spend
from campaigns.store.touch_sums import touch_sums

__all__ = ["Joins", "Written", "joins_of", "named", "written_of"]


@dataclass(frozen=True)
class Written:
    """The names of spend and of touches as files write them, each with its rows, its money and its days."""

    spend: tuple[Activity, ...]
    touches: tuple[Activity, ...]


@dataclass(frozen=True)
class Joins:
    """How well spend and touches join by their names.

    Parameters
    ----------
    spend, joined_spend
        Money in channels whose touches could be known, and how much of it lies in channels that have touches; minor
        units of the reporting currency.
    touches, joined_touches
        Contacts, and how many of them are in channels that have spend.
    media
        Channels that reach nobody by name, so that none of their spend is expected to have touches.
    unjoined
        What does not join, by level.
    pairs
        What probably means the same.
    aliases
        What was confirmed already.
    """

    spend: int
    joined_spend: int
    touches: int
    joined_touches: int
    media: tuple[str, ...]
    unjoined: tuple[Unjoined, ...]
    pairs: tuple[Pair, ...]
    aliases: tuple[ConfirmedAlias, ...]


def written_of(session: Session, touches: pa.Table | None = None) -> Written:
    """Sum up all spend and all touches by the names they were written with.

    Parameters
    ----------
    touches
        What ``touch_sums`` found, where it was asked already; else it is asked here.
    """
    found = touch_sums(session.connection(), ZoneInfo("UTC")) if touches is None else touches
    return Written(tuple(_spent(session)), tuple(_touched(found)))


def joins_of(session: Session, written: Written | None = None) -> Joins:
    """Compare the names of spend with those of touches, as aliases have them.

    Parameters
    ----------
    written
        The names, where a run has summed them up; else they are summed up here, which reads all spend and touches.
    """
    aliases, written = aliases_of(session), written or written_of(session)
    spend = _resolved(written.spend, aliases.resolve)
    touches = _resolved(written.touches, aliases.of_contact)
    met = {each.name.channel for each in touches}
    media = _media(session, aliases) - met
    paid = [each for each in spend if each.name.channel not in media]
    bought = {each.name.channel for each in paid}
    found = unjoined(spend, touches, media)
    return Joins(
        sum(each.cost for each in paid),
        sum(each.cost for each in paid if each.name.channel in met),
        sum(each.rows for each in touches),
        sum(each.rows for each in touches if each.name.channel in bought),
        tuple(sorted(media & {each.name.channel for each in spend})),
        found,
        propose(found),
        confirmed_aliases(session),
    )


def named(session: Session, text: str, written: Written | None = None) -> Name:
    """Return the name that a person wrote as ``channel / campaign / ad``, of those that files or aliases mention.

    Case and spaces around the strokes do not matter.

    Raises
    ------
    RefusedError
        If there is no such name, or several could be meant.
    """
    written = written or written_of(session)
    known = {each.name for each in (*written.spend, *written.touches)}
    known |= {part for each in confirmed_aliases(session) for part in (each.name, each.meant)}
    for name in set(known):
        known.add(Name(name.channel))
        if name.campaign is not None:
            known.add(Name(name.channel, name.campaign))
    found = [name for name in known if _plain(str(name)) == _plain(text)]
    if len(found) == 1:
        return found[0]
    expected = "a name that a file mentions, written as CHANNEL / CAMPAIGN / AD"
    if found:
        expected = "one name; the strokes in these leave several open"
    raise RefusedError("This name is not known:", [Fault(0, "name", repr(text), expected)])


def _plain(text: str) -> str:
    return "/".join(part.strip().casefold() for part in text.split("/"))


def _spent(session: Session) -> list[Activity]:
    """Sum up spend by the names it was written with."""
    spend = table_of(Spend)
    names = (spend.c.channel, spend.c.campaign, spend.c.ad, spend.c.date)
    query: Any = select(*names, func.count(), func.coalesce(func.sum(spend.c.cost), 0)).group_by(*names)
    return _active(session.execute(query))


def _touched(sums: pa.Table) -> list[Activity]:
    """Sum up touches by the names they were written with."""
    keys = ["channel", "campaign", "ad", "day_utc"]
    found = sums.group_by(keys).aggregate([("rows", "sum"), ("cost", "sum")])
    columns = [found.column(name).to_pylist() for name in (*keys, "rows_sum", "cost_sum")]
    return _active(zip(*columns, strict=True))


def _active(found: Iterable[Any]) -> list[Activity]:
    """Put days together by name; each row is channel, campaign, ad, day, rows and cost."""
    rows: defaultdict[Name, int] = defaultdict(int)
    cost: defaultdict[Name, int] = defaultdict(int)
    days: defaultdict[Name, set[date]] = defaultdict(set)
    names: dict[tuple[str, str | None, str | None], Name] = {}
    for channel, campaign, ad, at, count, money in found:
        key = channel, campaign, ad
        name = names.get(key) or names.setdefault(key, Name(*key))
        rows[name] += int(count)
        cost[name] += int(money)
        days[name].add(at)
    return _sorted(rows, cost, days)


def _resolved(written: Iterable[Activity], resolve: Callable[[Name], Name]) -> list[Activity]:
    """Put together what counts under one name."""
    rows: defaultdict[Name, int] = defaultdict(int)
    cost: defaultdict[Name, int] = defaultdict(int)
    days: defaultdict[Name, set[date]] = defaultdict(set)
    for each in written:
        name = resolve(each.name)
        rows[name] += each.rows
        cost[name] += each.cost
        days[name] |= each.days
    return _sorted(rows, cost, days)


def _sorted(rows: Mapping[Name, int], cost: Mapping[Name, int], days: Mapping[Name, set[date]]) -> list[Activity]:
    return [
        Activity(name, rows[name], cost[name], frozenset(days[name]))
        for name in sorted(rows, key=lambda name: name.key)
    ]


def _media(session: Session, aliases: Aliases) -> set[str]:
    """Return the channels that reach nobody by name: those everybody knows as such, unless a file says otherwise."""
    said: dict[str, str] = {}
    query = select(col(Channel.channel), col(Channel.addressable)).order_by(col(Channel.batch_id), col(Channel.id))
    for channel, addressable in session.execute(query):
        if addressable is not None:
            said[aliases.resolve(Name(channel)).channel] = addressable
    known = {channel for channel, terms in WELL_KNOWN.items() if not terms.addressable}
    return (known | _those(said, "no")) - _those(said, "yes")


def _those(said: dict[str, str], answer: str) -> set[str]:
    return {channel for channel, addressable in said.items() if addressable == answer}
