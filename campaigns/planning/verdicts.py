"""Why a plan treats everybody as it does, in a form small enough to be kept for good. Pure.

For each person the best few contacts that could have been made, and every chosen one: its value in parts, every rule
that bound it, and what was decided. The names and the words of the rules are kept with them, so that a later version of
the rules explains nothing anew.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from campaigns.planning.asking import Composed
from campaigns.planning.horizon import Index, between, listed
from campaigns.planning.locks import Lock
from campaigns.planning.problem import REASONS
from campaigns.planning.rules import RULES

__all__ = ["Block", "Verdict", "packed", "unpacked"]

KEPT = 12
"""Contacts kept per person besides the chosen ones, the best first."""

ROWS = 20_000
"""Rows of a block, more or less: persons are never parted."""


@dataclass(frozen=True)
class Block:
    """The verdicts on the persons from ``first`` to ``last``, as compressed Arrow."""

    first: int
    last: int
    content: bytes


@dataclass(frozen=True)
class Verdict:
    """What a plan decided on one contact that could be made. Money in major units.

    Parameters
    ----------
    bound
        Names of every rule that closed a day of it, most severe first, and whether it closed them all.
    words
        The reason text of each.
    stopped_by
        Why it was left out in the end, or None if it was chosen.
    chosen_on
        Its day, or None.
    open_on
        Days that no rule closed.
    later
        Later margin in what an extra response earns: that of a first order.
    lasting
        Share of extra responses that did not only come sooner.
    kept
        Later margin of the customer that the contact keeps.
    risk
        What the risk of opting out costs.
    """

    promotion: str | None
    channel: str
    extra_responses: float
    margin: float
    unit_cost: float
    value: float
    bound: tuple[tuple[str, bool], ...]
    words: tuple[str, ...]
    stopped_by: str | None
    chosen_on: date | None
    open_on: tuple[date, ...]
    later: float = 0.0
    lasting: float = 1.0
    kept: float = 0.0
    risk: float = 0.0


def packed(composed: Composed) -> Iterator[Block]:
    """Give what is to be kept of a plan, block by block."""
    candidates, facts = composed.question.candidates, composed.question.facts
    day = np.full(len(candidates), -1, np.int8)
    day[composed.solution.chosen] = composed.solution.day
    rows = _kept(candidates.person, candidates.value, day >= 0)
    touched, whole = _bound(composed, rows)
    stops = np.asarray(composed.solution.stopped_by)[rows]
    offers = pa.array([offer.promotion for offer in facts.offers], pa.string())
    points = pa.array([point.channel for point in facts.touch_points], pa.string())
    margin = np.asarray([offer.margin for offer in facts.offers])
    cost = np.asarray([point.unit_cost for point in facts.touch_points])
    table = pa.table(
        {
            "person": facts.number[candidates.person[rows]],
            "promotion": offers.take(pa.array(candidates.offer[rows])),
            "channel": points.take(pa.array(candidates.channel[rows])),
            "extra": candidates.extra[rows],
            "margin": margin[candidates.offer[rows]],
            "cost": cost[candidates.channel[rows]],
            "value": candidates.value[rows],
            "later": candidates.later[rows],
            "lasting": _lasting(candidates.earned, candidates.later, margin[candidates.offer], candidates.kept)[rows],
            "kept": candidates.kept[rows],
            "risk": candidates.risk[rows],
            "touched": touched,
            "whole": whole,
            "open": composed.judgement.open_days[rows],
            "stopped": stops,
            "day": day[rows],
        }
    ).replace_schema_metadata(
        {
            "names": json.dumps([rule.name for rule in RULES]),
            "reasons": json.dumps(list(REASONS)),
            "starts_on": facts.starts_on.isoformat(),
        }
    )
    locks = _locks(composed)
    person: Index = np.asarray(table["person"], np.int64)
    edges = np.flatnonzero(np.r_[True, np.diff(person) != 0, True]) if len(person) else np.zeros(1, np.int64)
    begin = 0
    while begin < len(person):
        end = int(edges[min(int(np.searchsorted(edges, begin + ROWS)), len(edges) - 1)])
        end = end if end > begin else len(person)
        first, last = int(person[begin]), int(person[end - 1])
        held = [lock for lock in locks if first <= lock["person"] <= last]
        yield Block(first, last, _written(table.slice(begin, end - begin), held))
        begin = end


def _lasting(
    earned: NDArray[np.float64], later: NDArray[np.float64], margin: NDArray[np.float64], kept: NDArray[np.float64]
) -> NDArray[np.float64]:
    """Return the share that lasts: what a response earns, of its margin; nothing of what only keeps margin."""
    whole = margin + later
    share = np.divide(earned, whole, out=np.ones_like(earned), where=np.abs(whole) > 1e-12)
    return np.where((earned == 0.0) & (kept > 0.0), 0.0, share)


def unpacked(content: bytes, person: int) -> tuple[tuple[Verdict, ...], tuple[Lock, ...]]:
    """Return what was kept about a person: the verdicts, the best first, and the sales locks."""
    with pa.ipc.open_stream(pa.BufferReader(content)) as stream:
        table = stream.read_all()
    told = {key.decode(): value.decode() for key, value in table.schema.metadata.items()}
    names, reasons = json.loads(told["names"]), json.loads(told["reasons"])
    starts_on = date.fromisoformat(told["starts_on"])
    mine = np.flatnonzero(np.asarray(table["person"]) == person)
    verdicts = [_verdict(row, names, reasons, starts_on) for row in table.take(pa.array(mine)).to_pylist()]
    locks = [
        Lock(lock["owner"], lock["reason"], date.fromisoformat(lock["starts_on"]), date.fromisoformat(lock["until"]))
        for lock in json.loads(told["locks"])
        if lock["person"] == person
    ]
    return tuple(verdicts), tuple(dict.fromkeys(locks))


def _verdict(row: dict[str, Any], names: list[str], reasons: list[str], starts_on: date) -> Verdict:
    places = listed(row["touched"])
    return Verdict(
        row["promotion"],
        row["channel"],
        row["extra"],
        row["margin"],
        row["cost"],
        row["value"],
        tuple((names[place], bool(row["whole"] >> place & 1)) for place in places),
        tuple(reasons[place] for place in places),
        reasons[row["stopped"]] if row["stopped"] >= 0 else None,
        starts_on + timedelta(row["day"]) if row["day"] >= 0 else None,
        tuple(starts_on + timedelta(day) for day in listed(row["open"])),
        # Plans of older versions kept no such parts.
        **{name: row[name] for name in ("later", "lasting", "kept", "risk") if name in row},
    )


def _kept(person: NDArray[np.int64], value: NDArray[np.float64], chosen: NDArray[np.bool_]) -> NDArray[np.int64]:
    """Return the rows to keep, by person, the chosen first and then the best."""
    order = np.lexsort((-np.nan_to_num(value, nan=-np.inf), ~chosen, person))
    ranked = person[order]
    starts = np.flatnonzero(np.r_[True, ranked[1:] != ranked[:-1]]) if len(ranked) else np.zeros(0, np.int64)
    rank = np.arange(len(ranked)) - np.repeat(starts, np.diff(np.r_[starts, len(ranked)]))
    rows: NDArray[np.int64] = order[(rank < KEPT) | chosen[order]]
    return rows


def _bound(composed: Composed, rows: NDArray[np.int64]) -> tuple[NDArray[np.uint32], NDArray[np.uint32]]:
    """Return, as bits over the rules, which closed a day of each row and which closed them all."""
    touched, whole = np.zeros(len(rows), np.uint32), np.zeros(len(rows), np.uint32)
    kept = replace(composed.question, candidates=composed.question.candidates.at(rows))
    for place, rule in enumerate(RULES):
        closed = rule.closed(kept)
        touched |= (closed != 0).astype(np.uint32) << np.uint32(place)
        whole |= (closed == kept.whole).astype(np.uint32) << np.uint32(place)
    return touched, whole


def _locks(composed: Composed) -> list[dict[str, Any]]:
    facts = composed.question.facts
    locks = facts.locks
    holding = np.flatnonzero(between(locks.starts, locks.until, facts.days))
    return [
        {
            "person": int(facts.number[locks.person[row]]),
            "owner": str(locks.owners[locks.record[row]]),
            "reason": str(locks.reasons[locks.record[row]]),
            "starts_on": (facts.starts_on + timedelta(int(locks.starts[row]))).isoformat(),
            "until": (facts.starts_on + timedelta(int(locks.until[row]))).isoformat(),
        }
        for row in holding.tolist()
    ]


def _written(table: pa.Table, locks: list[dict[str, Any]]) -> bytes:
    table = table.replace_schema_metadata({**table.schema.metadata, b"locks": json.dumps(locks).encode()})
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as writer:
        writer.write_table(table)
    return bytes(sink.getvalue().to_pybytes())
