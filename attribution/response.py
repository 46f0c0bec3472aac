"""What one more contact would do: extra responses of each person by channel.

Averages, wear-out at the count of recent contacts and whether a person responded before come from the attribution
posterior; what else tells persons apart comes from contacts sent against contacts withheld (`attribution.answering`).
The average is not learned twice from the same withheld contacts: they only add how far each person lies from it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, time, timedelta
from typing import Any

import narwhals as nw
import numpy as np
import pyarrow as pa

from attribution.curves import wear_out
from attribution.evidence import Evidence
from attribution.increment import draws_of_variables, effective_of
from attribution.observations import FitOptions, Observations
from attribution.priors import Priors
from attribution.rates import Design, design_of, wear_by_bin
from attribution.sampling import Posterior
from campaigns.terms import CAUSES, PAID_SEARCH

__all__ = ["next_contact"]

_DRAWS = 200


def next_contact(
    observations: Observations,
    evidence: Evidence,
    posterior: Posterior,
    options: FitOptions,
    *,
    no_effect: dict[str, float],
    channels: Sequence[str] | None = None,
    priors: Priors | None = None,
    differences: Mapping[str, tuple[Any, Any]] | None = None,
) -> pa.Table:
    """Estimate the extra responses that one more contact of each channel would cause now, per person.

    Parameters
    ----------
    no_effect
        Probability that a channel does nothing at all, by its name.
    channels
        Channels wanted; all with touches by default.
    differences
        How far each person, in order of their numbers, lies from the average effect of a first contact, and its
        standard error, by channel; none by default.

    Returns
    -------
    ``person, channel, extra_responses, recent_touches, error, second``, a row per person and channel, in order of the
    persons' numbers; ``recent_touches`` are the channel's contacts with the person in the wear-out days before the end
    of the data; ``error`` is the standard error of ``extra_responses``; ``second`` what a second contact soon after
    keeps of it. An effect is never below nothing.
    """
    wanted = [channel.name for channel in evidence.channels if channels is None or channel.name in channels]
    persons = _persons(observations, options)
    if not wanted:
        return _schema(persons).empty_table()
    first, later, exponent = _effects(evidence, posterior, priors or Priors())
    index = {channel.name: row for row, channel in enumerate(evidence.channels)}
    recent = _recent(observations, evidence, options)
    tables = []
    for name in wanted:
        row = index[name]
        counts = recent.get(name, {})
        touched = np.array([counts.get(person, 0) for person in persons["person"].to_pylist()], dtype=np.int64)
        # Averages over draws of effect x wear-out, by the ordinal that the next contact would have.
        ordinals = np.arange(1, int(touched.max(initial=0)) + 2, dtype=float)
        worn = wear_out(ordinals[None, :], exponent[:, row, None])
        alive = 1.0 - no_effect.get(name, 0.0)
        new = np.asarray(persons["new"])
        both = [alive * (effect[:, row, None] * worn) for effect in (first, later)]
        extra = np.where(new, *(each.mean(axis=0)[touched] for each in both))
        # What may be nothing at all varies between nothing and what it is if it is something.
        squares = (np.square(each).mean(axis=0) / max(alive, 1e-12) for each in both)
        variance = np.where(new, *(square[touched] for square in squares)) - np.square(extra)
        kept = worn.mean(axis=0)[touched]
        if differences is not None and name in differences:
            away, unsure = differences[name]
            extra = np.maximum(extra + alive * kept * away, 0.0)
            variance = variance + np.square(alive * kept * unsure)
        further = wear_out(ordinals[None, :] + 1.0, exponent[:, row, None]).mean(axis=0)[touched]
        tables.append(
            pa.table(
                {
                    "person": persons["person"],
                    "channel": pa.array([name] * len(touched)),
                    "extra_responses": extra,
                    "recent_touches": touched,
                    "error": np.sqrt(np.maximum(variance, 0.0)),
                    "second": np.clip(further / kept, 0.0, 1.0),
                }
            )
        )
    return pa.concat_tables(tables)


def _schema(persons: pa.Table) -> pa.Schema:
    return pa.schema(
        [
            ("person", persons.schema.field("person").type),
            ("channel", pa.string()),
            ("extra_responses", pa.float64()),
            ("recent_touches", pa.int64()),
            ("error", pa.float64()),
            ("second", pa.float64()),
        ]
    )


def _effects(evidence: Evidence, posterior: Posterior, priors: Priors) -> tuple[Any, Any, Any]:
    """Draws of a first touch's effect on new and on known persons, and of the wear-out exponent, by channel."""
    design = design_of(evidence)
    rows = np.linspace(0, posterior.draws - 1, min(_DRAWS, posterior.draws)).astype(int)
    first, later, exponent = [], [], []
    for values in draws_of_variables(evidence, posterior, priors, rows):
        effect = _first_touch(values, design)
        first.append(effect)
        later.append(effect * values.get("later", 1.0))
        exponent.append(values["exponent"])
    return np.array(first), np.array(later), np.array(exponent)


def _first_touch(values: dict[str, Any], design: Design) -> Any:
    return values["effect"] * wear_by_bin(values, design)[:, 0] * effective_of(values, design)


def _persons(observations: Observations, options: FitOptions) -> pa.Table:
    responses = observations.lazy("responses").filter(nw.col("kind").is_in(list(options.goal.kinds)))
    responded = responses.filter(~nw.col("person").is_null()).select("person").unique().with_columns(seen=nw.lit(True))
    table: pa.Table = (
        observations.lazy("persons")
        .join(responded, on="person", how="left")
        .with_columns(
            new=nw.col("seen").is_null() & nw.col("first_order_at").is_null() & ~nw.col("created_at").is_null()
        )
        .select("person", "new")
        .sort("person")
        .collect("pyarrow")
        .to_native()
    )
    return table


def _recent(observations: Observations, evidence: Evidence, options: FitOptions) -> dict[str, dict[Any, int]]:
    end = datetime.combine(evidence.window.end + timedelta(days=1), time())
    recent_days = (
        nw.col("occurred_at") >= nw.lit(end - timedelta(days=options.wear_out_days)),
        nw.col("occurred_at") < nw.lit(end),
    )
    made = nw.col("kind").is_in(list(CAUSES)) | ((nw.col("kind") == "click") & (nw.col("channel") == PAID_SEARCH))
    counted = (
        observations.lazy("touches", options.zone)
        .filter(made, *recent_days)
        .group_by("person", "channel")
        .agg(n=nw.len())
        .collect("pyarrow")
    )
    recent: dict[str, dict[Any, int]] = {}
    for person, channel, number in counted.iter_rows():
        recent.setdefault(channel, {})[person] = number
    return recent
