"""A market whose truth is known: what every estimate can be held against.

People, with an intent that nobody sees, are written to, called and shown advertisements; the targeted channels seek
out those who were going to buy anyway. Orders come from an additive hazard in continuous time, as in the fitted model,
but with shapes that the fitted model does not have (see :mod:`attribution.simulation.nature`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyarrow as pa

from attribution.simulation import crm, journeys, media, offers, sales
from attribution.simulation.contacts import draw_contacts
from attribution.simulation.happenings import Happenings, customer_ids
from attribution.simulation.nature import PERSONAL, TV, draw_ad_effects
from attribution.simulation.people import draw_people
from attribution.simulation.process import draw_candidates, live
from attribution.simulation.season import draw_season
from attribution.simulation.spec import MarketSpec
from attribution.simulation.truth import truth_of

__all__ = ["Market", "MarketSpec", "simulate_market"]

STREAMS = (
    "people", "season", "effects", "contacts", "orders",
    "journeys", "customers", "values", "responses", "media", "sales",
)  # fmt: skip
"""Each part draws from a stream of its own: a change in one leaves the others as they are. Add new ones at the end."""


@dataclass(frozen=True)
class Market:
    """A simulated market.

    Parameters
    ----------
    spec
        What was asked for.
    tables
        By file kind, a table in the contract's columns (those left out are empty): text as strings, times as
        ``timestamp('us', 'UTC')`` of whole seconds, dates as ``date32``, money as float64 in major units (EUR).
        ``responses`` and ``touches`` are in time order.
    truth
        What truly happened in the window, as JSON can hold it; see :func:`attribution.simulation.truth.truth_of`.
    causes
        Per order, in time order: ``order_id``, ``customer_id``, ``occurred_at``, ``cause`` (a channel or
        ``baseline``), ``campaign``, ``ad``, ``caused_at`` (time of the touch) and ``is_first``.
    latent
        Per customer what nobody sees: ``customer_id``, ``intent`` (mean over the days) and ``responsiveness``.
    """

    spec: MarketSpec
    tables: Mapping[str, pa.Table]
    truth: Mapping[str, Any]
    causes: pa.Table
    latent: pa.Table


def simulate_market(spec: MarketSpec) -> Market:
    """Simulate a market; the same spec gives the same market.

    Parameters
    ----------
    spec
        Size, days, seed and what to break.

    Returns
    -------
    Its tables, and the truth about them.
    """
    streams = dict(zip(STREAMS, np.random.default_rng(spec.seed).spawn(len(STREAMS)), strict=True))
    people = draw_people(spec, streams["people"])
    season = draw_season(spec, streams["season"])
    effects = draw_ad_effects(spec, streams["effects"])
    contacts = draw_contacts(spec, people, season, streams["contacts"])
    candidates = draw_candidates(spec, people, season, contacts, effects, streams["orders"])
    lives = live(spec, people, contacts, candidates, effects)
    in_window = candidates.time >= spec.burn_in_days
    silent_firsts = {
        name: int((live(spec, people, contacts, candidates, effects, silent=cause).is_first & in_window).sum())
        for cause, name in enumerate((*PERSONAL, TV))
    }
    market = Happenings(spec, people, season, contacts, candidates, effects, lives, silent_firsts)
    tables = _tables(market, streams)
    latent = pa.table(
        {
            "customer_id": customer_ids(spec),
            "intent": people.intent.mean(axis=1),
            "responsiveness": people.responsiveness,
        }
    )
    truth = truth_of(market, media.window_spend(market, tables["spend"]))
    return Market(spec, tables, truth, crm.order_causes(market), latent)


def _tables(market: Happenings, streams: Mapping[str, np.random.Generator]) -> dict[str, pa.Table]:
    """Write down what happened, as the systems of a company would."""
    touches = journeys.all_touches(market, streams["journeys"])
    customers = crm.customers_table(market, streams["customers"])
    values = crm.order_values(market, streams["values"])
    opportunities = sales.opportunities_table(market, streams["sales"])
    return {
        "customers": customers,
        "channels": sales.channels_table(),
        "touches": journeys.touches_table(market, touches),
        "responses": crm.responses_table(market, touches, values, streams["responses"]),
        "spend": media.spend_table(market, touches, values["value"].to_numpy(), streams["media"]),
        "promotions": offers.promotions_table(market.spec),
        "products": offers.products_table(),
        "opportunities": opportunities,
        "sales_activities": sales.sales_activities_table(market, opportunities, streams["sales"]),
        "suppressions": sales.suppressions_table(market, customers["email"]),
        "calendar_events": sales.calendar_table(market),
        "capacities": sales.capacities_table(market),
    }
