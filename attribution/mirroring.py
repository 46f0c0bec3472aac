"""Which targeted channels responses leave alone, so that looking ahead to their contacts is no looking at the outcome.

Intent makes responses come before a targeted contact as often as after it; an effect comes after it only. Comparing the
two sides tells one from the other, unless responses themselves move contacts: buyers are taken off a list, stop
searching once they have bought, or are followed up. Such a channel shows in the days after responses.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import narwhals as nw
from scipy import stats

from attribution.timeline import Timeline

__all__ = ["left_alone_by_responses"]

_PERIODS = {"after": (0.0, 7.0), "before": (-7.0, 0.0), "well before": (-60.0, -30.0)}
"""Days from a response to a contact: just after it, just before it, and beyond the reach of most effects."""

_ENOUGH = 20
"""Contacts around responses from which on the two sides can be compared."""

_TOLERATED = 0.1
"""Share by which contacts after responses may differ from those that come anyway."""

_CHANCE = 0.05

Lazy = nw.LazyFrame[Any]


def left_alone_by_responses(timeline: Timeline, targeting: Sequence[str]) -> tuple[str, ...]:
    """Name the targeted channels whose would-be contacts responses neither keep away nor bring.

    Around responses intent is high, so contacts just after them should be no fewer than well before them; and where
    contacts cause responses, or do nothing, no more than just before them. A channel is left out where either fails by
    more than a tenth and chance does not explain it, or where there are too few contacts to tell.
    """
    if not targeting:
        return ()
    days = {period: _days(timeline, *ends) for period, ends in _PERIODS.items()}
    counts = {period: _counts(timeline, targeting, *ends) for period, ends in _PERIODS.items()}

    def chance_of_no_more(channel: str, of: str, than: str, times: float) -> float:
        """Chance of no more contacts in one period, were its rate so many times that of another."""
        here, there = counts[of].get(channel, 0), counts[than].get(channel, 0)
        if here + there < _ENOUGH or not days[than]:
            return 0.0
        expected = times * days[of]
        return float(stats.binom.cdf(here, here + there, expected / (expected + days[than])))

    return tuple(
        channel
        for channel in targeting
        if chance_of_no_more(channel, "after", "well before", 1.0 - _TOLERATED) >= _CHANCE
        and chance_of_no_more(channel, "before", "after", 1.0 / (1.0 + _TOLERATED)) >= _CHANCE
    )


def _counts(timeline: Timeline, targeting: Sequence[str], begins: float, ends: float) -> Mapping[str, int]:
    """Count contacts in a period around responses of their person, by channel."""
    pairs = (
        timeline.touches.filter(nw.col("channel").is_in(list(targeting)))
        .select("person", "channel", contact="t")
        .join(timeline.responses.select("person", "t"), on="person", how="inner")
        .with_columns(gap=nw.col("contact") - nw.col("t"))
        .filter(nw.col("gap") > begins, nw.col("gap") <= ends)
    )
    table = pairs.group_by("channel").agg(n=nw.len()).collect("pyarrow")
    return {row["channel"]: int(row["n"]) for row in table.iter_rows(named=True)}


def _days(timeline: Timeline, begins: float, ends: float) -> float:
    """Sum the days of a period around responses in which the data hold contacts of their person."""
    answers = timeline.responses.select("person", "t").join(
        timeline.persons.select("person", "entry"), on="person", how="inner"
    )
    since = nw.max_horizontal(nw.col("t") + begins, nw.max_horizontal("entry", nw.lit(0.0)))
    until = nw.min_horizontal(nw.col("t") + ends, nw.lit(timeline.closes))
    total = answers.select(days=nw.max_horizontal(until - since, nw.lit(0.0))).select(total=nw.col("days").sum())
    return float(total.collect("pyarrow").item() or 0.0)
