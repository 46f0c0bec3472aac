"""What truly happened in a simulated market, in numbers."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from attribution.simulation.happenings import Happenings
from attribution.simulation.nature import ADS, CHANNELS, TV
from attribution.simulation.process import TELEVISION

__all__ = ["VERSION", "truth_of"]

VERSION = 1
"""Version of the generative process: another one gives other markets for the same spec."""

DIGITS = 8
"""Decimals of effects, few enough for every processor to agree on them."""


def truth_of(market: Happenings, spend: dict[str, float]) -> dict[str, Any]:
    """Count what each channel and ad truly caused in the window.

    Parameters
    ----------
    spend
        Money spent in the window by channel, in EUR.

    Returns
    -------
    A mapping that JSON can hold. The ``incremental`` of all channels and the ``baseline`` sum to ``responses``;
    ``first`` counts those of them that were first orders; ``acquired`` is the number of first orders less the number
    there would have been had the channel been silent from the start of the window on (same random numbers);
    ``per_touch`` is the mean effect to be expected of its touches in the window, given wear-out and who had ordered;
    ``effect_first_touch`` that of a first touch of a prospect of average responsiveness. ``touches`` of television are
    gross rating points, summed over regions.
    """
    orders, contacts, lives = market.orders, market.contacts, market.lives
    inside = market.in_window(orders.time)
    firsts = int((inside & orders.is_first).sum())
    made = market.made & market.in_window(contacts.time)
    channels: dict[str, dict[str, Any]] = {}
    for position, name in enumerate([*(c.name for c in CHANNELS), TV]):
        caused = inside & (orders.cause == position)
        touched = made & (contacts.channel == position)
        in_flight = market.season.grp[:, market.spec.burn_in_days :].sum()
        channels[name] = {
            "incremental": int(caused.sum()),
            "first": int((caused & orders.is_first).sum()),
            "acquired": firsts - market.silent_firsts[name],
            "touches": int(touched.sum()) if position != TELEVISION else round(float(in_flight), 1),
            "ghosts": int((contacts.ghost & (contacts.channel == position) & market.in_window(contacts.time)).sum()),
            "per_touch": _mean(lives.expected[touched]),
            "spend": round(spend.get(name, 0.0), 2),
        }
    ad_of = market.ad_of(orders.contact)
    reach = {c.name: c.reach for c in CHANNELS}
    ads = [
        {
            "channel": ad.channel,
            "campaign": ad.campaign,
            "ad": ad.ad,
            "incremental": int((inside & (ad_of == i)).sum()),
            "first": int((inside & (ad_of == i) & orders.is_first).sum()),
            "touches": int((made & (contacts.ad == i)).sum()),
            "per_touch": _mean(lives.expected[made & (contacts.ad == i)]),
            "effect_first_touch": round(float(market.effects[i] * reach[ad.channel]), DIGITS),
        }
        for i, ad in enumerate(ADS)
    ]
    window = market.spec.window
    return {
        "version": VERSION,
        "seed": market.spec.seed,
        "spec": market.spec.as_dict(),
        "window": {"start": window.start.isoformat(), "end": window.end.isoformat()},
        "responses": int(inside.sum()),
        "first_responses": firsts,
        "baseline": int((inside & (orders.cause < 0)).sum()),
        "channels": channels,
        "ads": ads,
    }


def _mean(expected: NDArray[np.float64]) -> float | None:
    return round(float(expected.mean()), DIGITS) if len(expected) else None
