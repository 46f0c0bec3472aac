"""How far contacts reach: the lag buckets after each, and the responses that came within them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import reduce
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
import pyarrow as pa

from attribution.curves import ordinal_edges
from attribution.evidence import Cells, Channel, Intent, Unit
from attribution.timeline import Timeline

__all__ = ["Hits", "Reach", "entries_of", "hits_of", "numbered", "reach_of"]

Lazy = nw.LazyFrame[Any]


@dataclass(frozen=True)
class Reach:
    """Contacts, and the times in which they are at work.

    Parameters
    ----------
    contacts
        Contacts with their person's time at risk (``entry``, ``new_until``), unit and wear-out bin.
    buckets
        ``channel, channel_index, bucket, after, until``: lag buckets, a row each.
    told, two_sided
        Channels whose intent is told from their effect, and those of them whose intent shows before contacts too.
    """

    contacts: Lazy
    buckets: Lazy
    told: tuple[str, ...]
    two_sided: tuple[str, ...]

    def after(self) -> Lazy:
        """Contacts with each lag bucket after them, a row each, from ``begins`` to ``ends``."""
        return _after(self.contacts.join(self.buckets, on="channel", how="inner"))

    def around(self, after: Lazy) -> Lazy:
        """Contacts with the times in which the intent behind them shows: after them and, if two-sided, before."""
        before = after.filter(nw.col("channel").is_in(list(self.two_sided))).with_columns(
            begins=nw.col("t") - nw.col("until"), ends=nw.col("t") - nw.col("after")
        )
        return nw.concat([after.filter(nw.col("channel").is_in(list(self.told))), before])


def reach_of(timeline: Timeline, channels: Sequence[Channel], units: Sequence[Unit]) -> Reach:
    """Lay out contacts and lag buckets."""
    index = {channel.name: row for row, channel in enumerate(channels)}
    buckets = pa.table(
        {
            "channel": [channel.name for channel in channels for _ in range(channel.buckets)],
            "channel_index": np.array([index[c.name] for c in channels for _ in range(c.buckets)], dtype=np.int64),
            "bucket": np.array([bucket for c in channels for bucket in range(c.buckets)], dtype=np.int64),
            "after": np.concatenate([channel.edges[:-1] for channel in channels] or [np.empty(0)]),
            "until": np.concatenate([channel.edges[1:] for channel in channels] or [np.empty(0)]),
        }
    )
    risk = timeline.persons.select("person", "entry", "new_until")
    return Reach(
        contacts=numbered(timeline, timeline.touches, units).join(risk, on="person", how="inner"),
        buckets=timeline.engine.lay(buckets),
        told=tuple(channel.name for channel in channels if channel.intent_told),
        two_sided=tuple(channel.name for channel in channels if channel.two_sided),
    )


def numbered(timeline: Timeline, touches: Lazy, units: Sequence[Unit]) -> Lazy:
    """Add to contacts the index of their unit (-1 where nothing of it was ever sent) and their wear-out bin."""
    table = pa.table(
        {
            "channel": [unit.channel for unit in units],
            "campaign": [unit.campaign for unit in units],
            "ad": [unit.ad for unit in units],
            "unit": np.arange(len(units)),
        }
    )
    over = ((nw.col("ordinal") >= edge).cast(nw.Int64) for edge in ordinal_edges())
    return touches.join(timeline.engine.lay(table), on=["channel", "campaign", "ad"], how="left").with_columns(
        unit=nw.col("unit").fill_null(-1), worn=reduce(lambda left, right: left + right, over)
    )


def _after(contacts: Lazy) -> Lazy:
    return contacts.with_columns(begins=nw.col("t") + nw.col("after"), ends=nw.col("t") + nw.col("until"))


@dataclass(frozen=True)
class Hits:
    """All responses of persons at risk, those before the window included, and the contacts around them.

    Parameters
    ----------
    answers
        ``response, row, segment, phase, inside``, in order of ``response``: ``row`` is its place among the responses
        given, ``phase`` 0 for a first response and 1 for a later one, ``inside`` whether it fell into the window.
    after
        ``place, unit, channel_index, worn, bucket, phase, touch``: contacts made that are at work when the response at
        ``place`` of ``answers`` comes.
    around
        ``place, channel_index, bucket``: would-be contacts whose intent shows in it.
    """

    answers: pd.DataFrame
    after: pd.DataFrame
    around: pd.DataFrame


def hits_of(timeline: Timeline, reach: Reach, channels: Sequence[Channel]) -> Hits:
    """Find the contacts around every response.

    They are joined by person before they are laid out in buckets: contacts are many, those around one response few.
    """
    answers = timeline.engine.materialise(
        timeline.responses.join(
            timeline.persons.select("person", "entry", "new_until", "segment"), on="person", how="inner"
        )
        .filter(nw.col("t") > nw.col("entry"))
        .with_columns(phase=(nw.col("t") > nw.col("new_until")).cast(nw.Int64), inside=nw.col("t") >= timeline.opens)
        .select("response", "person", "segment", "phase", "inside", moment=nw.col("t"), answer=nw.col("row"))
    )
    furthest = max((float(channel.edges[-1]) for channel in channels), default=0.0)
    near = timeline.engine.materialise(
        answers.select("response", "person", "moment", "phase")
        .join(reach.contacts.drop("entry", "new_until"), on="person", how="inner")
        # A day more: what is at work is decided below, where no rounding can stand between two engines.
        .filter(nw.col("t") > nw.col("moment") - (furthest + 1.0), nw.col("t") < nw.col("moment") + (furthest + 1.0))
    )
    at_work = _after(near.join(reach.buckets, on="channel", how="inner"))
    hit = (nw.col("begins") < nw.col("moment"), nw.col("moment") <= nw.col("ends"))
    after = at_work.filter(nw.col("made"), *hit).select(
        "response", "unit", "channel_index", "worn", "bucket", "phase", touch=nw.col("row")
    )
    around = reach.around(at_work).filter(*hit).select("response", "channel_index", "bucket")
    listed = answers.select("response", "segment", "phase", "inside", row=nw.col("answer"))
    frames = [frame.collect("pyarrow").to_native().to_pandas() for frame in (listed, after, around)]
    frames[0] = frames[0].sort_values("response", ignore_index=True)
    for frame in frames[1:]:
        frame["place"] = np.searchsorted(frames[0]["response"], frame.pop("response"))
    return Hits(*frames)


def entries_of(hits: Hits, cells: Cells, intent: Intent) -> pd.DataFrame:
    """Name the cells of the contacts around each response: ``place, cell, touch``; cells of intent last, touch -1."""
    effects = pd.DataFrame({"unit": cells.unit, "worn": cells.ordinal, "bucket": cells.bucket, "phase": cells.phase})
    intents = pd.DataFrame({"channel_index": intent.channel, "bucket": intent.bucket})
    number = np.arange(len(effects) + len(intents))
    caused = hits.after.merge(effects.assign(cell=number[: len(effects)]))
    around = hits.around.merge(intents.assign(cell=number[len(effects) :])).assign(touch=-1)
    return pd.concat([frame[["place", "cell", "touch"]] for frame in (caused, around)], ignore_index=True)
