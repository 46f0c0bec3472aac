"""Sales locks: while sales has the word, marketing keeps silent, for a stated reason and until a stated day."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from campaigns.planning.horizon import MOST_DAYS, NEVER, Index, day_numbers
from campaigns.planning.policy import ContactPolicy

__all__ = ["SALES", "Lock", "Locks", "locks_of", "sales_locks"]

SALES = ("opportunities", "activities", "renewals", "handovers", "holds", "stages")
"""The records that locks come from."""


@dataclass(frozen=True)
class Lock:
    """One lock on one person; without an owner, a reason and an expiry it does not exist.

    Parameters
    ----------
    owner
        The sales person who has the word.
    reason
        Why, in words.
    starts_on, until
        First and last day.
    """

    owner: str
    reason: str
    starts_on: date
    until: date

    def __post_init__(self) -> None:
        if not self.owner or not self.reason:
            raise ValueError("a sales lock needs an owner and a reason")
        if self.until < self.starts_on:
            raise ValueError(f"a sales lock cannot end on {self.until}, before its start on {self.starts_on}")


@dataclass(frozen=True)
class Locks:
    """Locks on persons, as columns of equal length.

    Parameters
    ----------
    person
        Position of the person.
    starts, until
        First and last day, as day numbers.
    record
        Position of the lock in ``owners`` and ``reasons``: one lock on an account holds for each of its people.
    owners, reasons
        Text per lock.
    """

    person: Index
    starts: Index
    until: Index
    record: Index
    owners: NDArray[Any]
    reasons: NDArray[Any]

    def of(self, person: int, starts_on: date) -> tuple[Lock, ...]:
        """Return the locks on one person; ``starts_on`` is day 0."""
        return tuple(
            Lock(
                str(self.owners[self.record[row]]),
                str(self.reasons[self.record[row]]),
                starts_on + timedelta(int(self.starts[row])),
                starts_on + timedelta(int(self.until[row])),
            )
            for row in np.flatnonzero(self.person == person)
        )


@dataclass(frozen=True)
class _Holds:
    """Locks before it is settled whom they hold for: a person (-1 if none), an account, or both."""

    person: Index
    account: NDArray[Any]
    starts: Index
    until: Index
    owners: NDArray[Any]
    reasons: NDArray[Any]


def sales_locks(
    records: Mapping[str, pa.Table],
    accounts: NDArray[Any],
    owners: NDArray[Any],
    policy: ContactPolicy,
    starts_on: date,
    zone: ZoneInfo,
) -> Locks:
    """Derive the locks from what sales recorded, as the policy's responsibility table allows.

    Parameters
    ----------
    records
        The tables of `SALES`, ``person`` being a position or null.
    accounts, owners
        Account and owner of each person, or None, shape ``(people,)``.
    policy
        For how long each lock holds, whether it holds for the whole account, and which stages are sales'.
    starts_on
        Day 0.
    zone
        The zone in which days begin.
    """
    return _spread(
        [
            _deals(records["opportunities"], policy, starts_on, zone),
            _talks(records["activities"], policy, starts_on, zone),
            _renewals(records["renewals"], policy, starts_on, zone),
            _handed(records["handovers"], policy, starts_on, zone),
            _held(records["holds"], starts_on, zone),
            _owned(records["stages"], owners, policy),
        ],
        accounts,
        policy,
    )


def locks_of(
    persons: pa.Table, records: Mapping[str, pa.Table], policy: ContactPolicy, starts_on: date, zone: ZoneInfo
) -> Locks:
    """Derive the locks from records that name persons by their numbers.

    Parameters
    ----------
    persons
        Columns ``person``, ``account_id`` and ``owner``; positions in what comes back count its rows by number.
    records
        The tables of `SALES`.
    """
    persons = persons.sort_by("person")
    numbers = persons["person"].combine_chunks()
    placed = {}
    for name in SALES:
        table = records[name]
        places: Any = pc.index_in(table["person"], value_set=numbers)
        placed[name] = table.set_column(table.schema.get_field_index("person"), "person", places.cast(pa.int64()))
    return sales_locks(placed, _texts(persons, "account_id"), _texts(persons, "owner"), policy, starts_on, zone)


def _texts(table: pa.Table, name: str) -> NDArray[Any]:
    return np.asarray(table[name].to_pylist(), dtype=object)


def _people(table: pa.Table) -> Index:
    return np.asarray([-1 if place is None else place for place in table["person"].to_pylist()], np.int64)


def _written(day: int, starts_on: date) -> str:
    return (starts_on + timedelta(day)).isoformat()


def _deals(table: pa.Table, policy: ContactPolicy, starts_on: date, zone: ZoneInfo) -> _Holds:
    stages = {"open": "open deal", "won": "won lately"}
    ours = [stage for stage, name in stages.items() if policy.sales_speaks(name)]
    table = table.filter(pc.is_in(table["stage"], pa.array(ours, pa.string())))
    opened = day_numbers(table["opened_on"], starts_on, zone)
    closed = day_numbers(table["closed_on"], starts_on, zone)
    expected = day_numbers(table["expected_close_on"], starts_on, zone)
    won = _texts(table, "stage") == "won"
    deal_ends = np.where(expected == NEVER, opened + policy.deal_days - 1, expected + policy.overdue_days)
    starts = np.where(won, np.where(closed == NEVER, opened, closed), opened)
    until = np.where(won, starts + policy.win_days - 1, deal_ends)
    reasons = [
        f"deal won on {_written(int(first), starts_on)}" if is_won else "open deal"
        for is_won, first in zip(won, starts, strict=True)
    ]
    return _Holds(
        _people(table),
        _texts(table, "account_id"),
        starts,
        until,
        _texts(table, "owner"),
        np.asarray(reasons, dtype=object),
    )


def _talks(table: pa.Table, policy: ContactPolicy, starts_on: date, zone: ZoneInfo) -> _Holds:
    day = day_numbers(table["occurred_at"], starts_on, zone)
    booked = day >= 0
    rested = day + policy.activity_days - 1
    kinds = _texts(table, "kind")
    reasons = [
        f"{kind} booked for {_written(int(on), starts_on)}" if ahead else f"{kind} on {_written(int(on), starts_on)}"
        for kind, on, ahead in zip(kinds, day, booked, strict=True)
    ]
    return _Holds(
        _people(table),
        _texts(table, "account_id"),
        np.where(booked, day - policy.booked_days, day),
        np.where(booked, np.maximum(day, rested), rested),
        _texts(table, "owner"),
        np.asarray(reasons, dtype=object),
    )


def _renewals(table: pa.Table, policy: ContactPolicy, starts_on: date, zone: ZoneInfo) -> _Holds:
    if not policy.sales_speaks("renewal"):
        table = table.slice(0, 0)
    ends = day_numbers(table["on"], starts_on, zone)
    reasons = [f"contract up for renewal on {_written(int(day), starts_on)}" for day in ends]
    return _of_account(table, ends - policy.renewal_days, ends, reasons)


def _handed(table: pa.Table, policy: ContactPolicy, starts_on: date, zone: ZoneInfo) -> _Holds:
    if not policy.sales_speaks("handed over"):
        table = table.slice(0, 0)
    day = day_numbers(table["handed_at"], starts_on, zone)
    reasons = [f"handed to sales on {_written(int(first), starts_on)}" for first in day]
    return _of_account(table, day, day + policy.handed_days - 1, reasons)


def _held(table: pa.Table, starts_on: date, zone: ZoneInfo) -> _Holds:
    first, last = (day_numbers(table[name], starts_on, zone) for name in ("starts_on", "until"))
    return _of_account(table, first, last, [f"held: {reason}" for reason in table["reason"].to_pylist()])


def _owned(stages: pa.Table, owners: NDArray[Any], policy: ContactPolicy) -> _Holds:
    """Lock those whose stage is sales' whatever sales is doing, on every day that a plan may have."""
    rows = [
        row
        for row in stages.to_pylist()
        if row["person"] is not None and policy.sales_speaks(row["stage"]) and owners[row["person"]]
    ]
    return _Holds(
        np.asarray([row["person"] for row in rows], np.int64),
        np.full(len(rows), None, dtype=object),
        np.zeros(len(rows), np.int64),
        np.full(len(rows), MOST_DAYS, np.int64),
        _objects([owners[row["person"]] for row in rows]),
        _objects([f"sales speaks to a {row['stage']}" for row in rows]),
    )


def _of_account(table: pa.Table, starts: Index, until: Index, reasons: list[str]) -> _Holds:
    owners, account = _texts(table, "owner"), _texts(table, "account_id")
    return _Holds(_people(table), account, starts, until, owners, _objects(reasons))


def _objects(values: list[Any]) -> NDArray[Any]:
    held = np.empty(len(values), dtype=object)
    held[:] = values
    return held


def _spread(parts: list[_Holds], accounts: NDArray[Any], policy: ContactPolicy) -> Locks:
    """Hold each lock for its person and, by the policy or where sales recorded an account, for the account's people."""
    person = np.concatenate([part.person for part in parts])
    account = np.concatenate([part.account for part in parts])
    starts = np.concatenate([part.starts for part in parts])
    until = np.concatenate([part.until for part in parts])
    members: dict[str, list[int]] = {}
    for place, name in enumerate(accounts):
        if name is not None:
            members.setdefault(name, []).append(place)
    held, record = [], []
    for row in np.flatnonzero((until >= starts) & (until >= 0)):
        who = int(person[row])
        name = account[row]
        if name is None and who >= 0 and policy.lock_scope == "account":
            name = accounts[who]
        people = {*members.get(name, ()), *([who] if who >= 0 else ())} if name is not None else {who} - {-1}
        held += sorted(people)
        record += [int(row)] * len(people)
    rows = np.asarray(record, np.int64)
    return Locks(
        np.asarray(held, np.int64),
        starts[rows],
        until[rows],
        rows,
        np.concatenate([part.owners for part in parts]),
        np.concatenate([part.reasons for part in parts]),
    )
