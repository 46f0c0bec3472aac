"""Responses that came by a code: a coupon, a link or a phone number that only one ad or promotion shows."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
import pyarrow.compute
from sqlalchemy import select
from sqlmodel import Session, col

from campaigns.naming.aliases import Aliases
from campaigns.naming.codes import match_keys
from campaigns.naming.names import Name
from campaigns.store.aliases import aliases_of
from campaigns.store.arrow import read_table
from campaigns.store.codes import code_promotions, code_spellings
from campaigns.store.duplicates import doubled_orders
from campaigns.store.tables import Response
from campaigns.terms import GOALS, Goal, Window

__all__ = ["Answers", "answers_of"]

pc: Any = pyarrow.compute  # its type stubs lag behind the library

ORDERS = GOALS["order"]


@dataclass(frozen=True)
class Answers:
    """How many responses answered one code, or named one promotion without any.

    Parameters
    ----------
    code
        As it was made, or first written; None for responses that name the promotion alone.
    promotion, name
        What the code stands for: the promotion, and the channel, campaign or ad it was made for; None where unknown.
    responses
        Responses of the goal, each order once however many rows tell of it.
    anonymous
        Those of them that nobody known made: they count in the totals and join no touch.
    value
        In minor units of the reporting currency.
    """

    code: str | None
    promotion: str | None
    name: Name | None
    responses: int
    anonymous: int
    value: int


def answers_of(
    session: Session, zone: ZoneInfo, window: Window | None = None, goal: Goal = ORDERS
) -> tuple[Answers, ...]:
    """Count what answered each code, and each promotion without one, those with most first.

    A redemption and its order are one response: it has the code of either. An order that two sources show counts once.

    Parameters
    ----------
    zone
        Where days begin.
    window
        Only what came on these days; everything if None.
    goal
        What counts as a response; one of the installation's own, too.
    """
    aliases, promotions = aliases_of(session), code_promotions(session)
    counts: defaultdict[tuple[str | None, str | None, Name | None], list[int]] = defaultdict(lambda: [0, 0, 0])
    written = dict(code_spellings(session))
    for row in _events(session, zone, window, goal).values():
        code = row["response_code"]
        keys = match_keys(code) if code else ()
        promotion = row["promotion"] or next((promotions[key] for key in keys if key in promotions), None)
        if code is not None and not any(key in written for key in keys):
            written[keys[0]] = code.strip()
        spelled = next((written[key] for key in keys if key in written), None)
        place = (spelled, promotion, _named(aliases, keys))
        tally = counts[place]
        tally[0] += 1
        tally[1] += row["identity_id"] is None
        tally[2] += row["value"] or 0
    found = [Answers(*place, *tally) for place, tally in counts.items()]
    return tuple(sorted(found, key=lambda each: (-each.responses, each.code or "", each.promotion or "")))


def _named(aliases: Aliases, keys: tuple[str, ...]) -> Name | None:
    return next((aliases.resolve(aliases.codes[key]) for key in keys if key in aliases.codes), None)


def _events(session: Session, zone: ZoneInfo, window: Window | None, goal: Goal) -> dict[object, dict[str, Any]]:
    """Return the responses that name a code or a promotion, each order once, with what its redemptions say too."""
    names = ("id", "occurred_at", "kind", "value", "order_id", "promotion", "response_code", "identity_id")
    query: Any = select(*(col(getattr(Response, name)) for name in names)).order_by(col(Response.id))
    kinds = {*goal.kinds, "redemption"}
    rows = read_table(session.connection(), query.where(col(Response.kind).in_(kinds)))
    rows = _telling(rows.filter(pc.invert(pc.is_in(rows.column("id"), value_set=doubled_orders(session)))))
    orders: dict[object, dict[str, Any]] = {}
    told: dict[str, dict[str, Any]] = {}
    for row in rows.to_pylist():
        day = row["occurred_at"].astimezone(zone).date()
        if window is not None and not window.start <= day <= window.end:
            continue
        if row["kind"] == "redemption" and row["order_id"] is not None and "order" in goal.kinds:
            told[row["order_id"]] = row
        elif row["kind"] in goal.kinds:
            orders[row["order_id"] or row["id"]] = row
    for order, redemption in told.items():
        if order in orders:
            for name in ("promotion", "response_code"):
                orders[order][name] = orders[order][name] or redemption[name]
        elif "redemption" in goal.kinds:
            orders[order] = redemption
    return {key: row for key, row in orders.items() if row["response_code"] is not None or row["promotion"] is not None}


def _telling(rows: pa.Table) -> pa.Table:
    """Keep what can tell of a code or a promotion: the rows that name one, and the others of the same order."""
    named = pc.or_(pc.is_valid(rows.column("response_code")), pc.is_valid(rows.column("promotion")))
    orders = pc.drop_null(pc.unique(rows.column("order_id").filter(named)))
    return rows.filter(pc.or_(named, pc.is_in(rows.column("order_id"), value_set=orders)))
