"""The journeys of a simulated market: contacts made and withheld, and the persons' own steps after them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from attribution.simulation.happenings import Happenings, ad_names, customer_ids, times
from attribution.simulation.nature import CHANNELS, PERSONAL
from attribution.simulation.offers import UNIT_COSTS

__all__ = ["Touches", "all_touches", "touches_table"]

STEP_RATES = {"open": 0.30, "email click": 0.10, "display click": 0.012, "visit": 0.75}
"""Shares: of e-mails opened, of opens and of impressions clicked, of clicks that end in a visit."""


@dataclass(frozen=True)
class Touches:
    """Contacts made, withheld, and the persons' own steps; every array has shape ``(touches,)``.

    Parameters
    ----------
    kind
        Position in ``kinds``.
    contact
        Position of the contact that it is, or to which the step leads back.
    """

    person: NDArray[np.int64]
    time: NDArray[np.float64]
    channel: NDArray[np.int8]
    ad: NDArray[np.int64]
    kind: NDArray[np.int8]
    contact: NDArray[np.int64]
    kinds = ("send", "sms", "mail", "call", "impression", "click", "ghost", "open", "visit")


def all_touches(market: Happenings, rng: np.random.Generator) -> Touches:
    """Add the persons' own steps (opens, clicks, visits) to the contacts; sorted by time, none after the end."""
    contacts, kinds = market.contacts, Touches.kinds
    shown = np.flatnonzero(market.lives.shown)
    own_kind = np.array([kinds.index(c.kind) for c in CHANNELS], dtype=np.int8)[contacts.channel[shown]]
    own_kind[contacts.ghost[shown]] = kinds.index("ghost")
    parts = [(shown, contacts.time[shown], own_kind)]

    def step(
        source: NDArray[np.int64], after: NDArray[np.float64], share: float, mean_days: float, kind: str
    ) -> tuple[NDArray[np.int64], NDArray[np.float64], NDArray[np.int8]]:
        took = rng.random(len(source)) < share
        time = after[took] + 2.0 / 86_400 + rng.exponential(mean_days, int(took.sum()))
        return source[took], time, np.full(len(time), kinds.index(kind), dtype=np.int8)

    made = np.flatnonzero(market.made & contacts.reached)
    email, display, search = (made[contacts.channel[made] == PERSONAL.index(c)] for c in ("email", "display", "search"))
    opens = step(email, contacts.time[email], STEP_RATES["open"], 0.5, "open")
    clicks = step(opens[0], opens[1], STEP_RATES["email click"], 0.01, "click")
    shown_clicks = step(display, contacts.time[display], STEP_RATES["display click"], 0.0005, "click")
    parts += [opens, clicks, shown_clicks]
    for source, time in (clicks[:2], shown_clicks[:2], (search, contacts.time[search])):
        parts.append(step(source, time, STEP_RATES["visit"], 0.0003, "visit"))
    contact, time, kind = (np.concatenate(part) for part in zip(*parts, strict=True))
    order = np.argsort(time, kind="stable")
    order = order[time[order] < market.spec.days]
    contact, time, kind = contact[order], time[order], kind[order]
    return Touches(
        contacts.person[contact], time, contacts.channel[contact], contacts.ad[contact].astype(np.int64), kind, contact
    )


def touches_table(market: Happenings, touches: Touches) -> pa.Table:
    """Return the touches in the columns of their file kind."""
    contact = touches.kind == np.array([Touches.kinds.index(c.kind) for c in CHANNELS])[touches.channel]
    reached = market.contacts.reached[touches.contact]
    unit = np.array([UNIT_COSTS[c.name] if c.name in ("sms", "mail", "call") else np.nan for c in CHANNELS])
    cost = np.where(contact, unit[touches.channel], np.nan)
    call = touches.channel == PERSONAL.index("call")
    outcome = np.where(call, np.where(reached, 2, 3), np.where(reached, 0, 1))
    silent = ~contact | ~np.isin(touches.channel, [PERSONAL.index(c) for c in ("email", "sms", "call")])
    return pa.table(
        {
            "customer_id": customer_ids(market.spec).take(pa.array(touches.person)),
            "occurred_at": times(market.spec, touches.time),
            "channel": pa.array(PERSONAL).take(pa.array(touches.channel)),
            "kind": pa.array(Touches.kinds).take(pa.array(touches.kind)),
            "campaign": ad_names(touches.ad, "campaign"),
            "ad": ad_names(touches.ad, "ad"),
            "promotion": ad_names(touches.ad, "promotion"),
            "cost": pa.array(cost, mask=np.isnan(cost)),
            "outcome": pa.array(["delivered", "bounced", "reached", "not reached"]).take(
                pa.array(outcome, mask=silent)
            ),
        }
    )
