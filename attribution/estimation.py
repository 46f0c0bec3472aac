"""The whole estimate in one call, for notebooks: from plain frames to tidy frames, draws and checks.

``from attribution import estimate``. What a scheduled run computes is the same, in the same steps (`jobs/fitting.py`).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc

from attribution.costs import costs_of
from attribution.density import density_of
from attribution.diagnosis import diagnose, verdict_of
from attribution.evidence import Evidence
from attribution.gather import gather
from attribution.increment import Increments, Source, increments, range_of
from attribution.observations import FitOptions, Observations, columns_of
from attribution.prediction import inside_by_channel, predict_days
from attribution.priors import Priors
from attribution.sampling import ROUND, Posterior, SamplingOptions, sample_with_care, to_arviz
from attribution.spending import Outlay, outlays_of
from campaigns.faults import Fault, RefusedError
from campaigns.terms import Check, Cost, Range, Verdict

__all__ = ["Estimate", "estimate"]

_NEEDED = {
    "touches": ("person", "occurred_at", "channel", "kind"),
    "responses": ("person", "occurred_at", "kind"),
    "persons": ("person",),
    "spend": ("date", "channel", "cost"),
    "channels": ("channel",),
    "events": ("name", "starts_on", "ends_on"),
    "promotions": ("promotion",),
}
"""Columns that a frame must have; those that it lacks besides are taken to be empty."""

_MINOR = {
    "touches": ("cost",),
    "responses": ("value", "margin"),
    "spend": ("cost",),
    "promotions": ("target_cac",),
    "channels": ("unit_cost",),
}
"""Columns of money: given in units of the currency, counted in hundredths."""


@dataclass(frozen=True)
class Estimate:
    """What worked, as tidy frames, with everything it rests on.

    Parameters
    ----------
    channels, campaigns, ads
        A row each: ``spend``; ``caused`` (extra responses), ``acquired`` (first responses won) and ``cost`` (per new
        customer, in the currency), each with its 5 % and 95 % end; ``next_cost`` (of the next new customer);
        ``p_no_effect``.
    draws
        Long: ``draw, source, caused``, a source being a channel or ``baseline``; they sum to all responses.
    baseline
        Responses that would have come anyway.
    checks, verdict
        Whether the result may be used; see ``docs/model.md``.
    """

    channels: pd.DataFrame
    campaigns: pd.DataFrame
    ads: pd.DataFrame
    draws: pd.DataFrame
    baseline: Range
    checks: tuple[Check, ...]
    verdict: Verdict
    evidence: Evidence
    posterior: Posterior
    increments: Increments

    def to_arviz(self) -> Any:
        """Return the posterior as ArviZ keeps it: ``InferenceData``, or a ``DataTree`` from ArviZ 1 on."""
        return to_arviz(self.posterior)


def estimate(
    touches: Any,
    responses: Any,
    *,
    persons: Any = None,
    spend: Any = None,
    channels: Any = None,
    events: Any = None,
    promotions: Any = None,
    options: FitOptions | None = None,
    priors: Priors | None = None,
    sampling: SamplingOptions | None = None,
    on_progress: Callable[[float], None] | None = None,
) -> Estimate:
    """Estimate what each channel and ad caused.

    Parameters
    ----------
    touches
        A row per contact: ``person, occurred_at, channel, kind`` (impression, send, mail, call, sms, store, click, or
        ghost for one held back), and if there are ``campaign, ad, promotion, cost``.
    responses
        A row per response: ``person`` (may be empty), ``occurred_at, kind``, and if there is one ``value``.
    persons, spend, channels, events, promotions
        What else is known, with the columns of :class:`attribution.observations.Observations`. Without ``persons``
        those of touches are at risk from their first one; without ``channels`` none is taken to be targeted.
    options
        Goal, time zone and window.
    sampling
        Chains, draws, seed.
    on_progress
        Told the share of draws done.

    Frames are pandas, Polars, Arrow or DuckDB alike, persons are named by numbers or text, and money is in units of the
    currency. Of Spark, see ``docs/library.md``.

    Raises
    ------
    RefusedError
        If the frames cannot be used, with every fault.

    Examples
    --------
    >>> found = estimate(touches, responses)              # doctest: +SKIP
    >>> found.channels[["channel", "caused", "caused_p05", "caused_p95"]]   # doctest: +SKIP
    """
    options, priors = options or FitOptions(), priors or Priors()
    given = {
        "touches": touches,
        "responses": responses,
        "persons": persons,
        "spend": spend,
        "channels": channels,
        "events": events,
        "promotions": promotions,
    }
    observations = Observations(**_complete(given))
    evidence = gather(observations, options)
    posterior = sample_with_care(density_of(evidence, priors), sampling, on_progress)
    seed = (sampling or ROUND).seed
    value = observations.lazy("responses").select("value").collect("pyarrow")["value"].to_numpy().astype(float)
    found = increments(evidence, posterior, priors, seed, value if np.isfinite(value).any() else None)
    by_channel = inside_by_channel(evidence, posterior, priors, seed=seed)
    predicted = predict_days(evidence, posterior, priors, seed=seed)
    checks = diagnose(found, posterior, evidence.by_day, predicted, by_channel=by_channel)
    outlays = outlays_of(observations, evidence.window, options.zone)
    return Estimate(
        channels=_tidy(found.channels, {(name,): outlay for name, outlay in outlays.channels.items()}, ("channel",)),
        campaigns=_tidy(found.campaigns, dict(outlays.campaigns.items()), ("channel", "campaign")),
        ads=_tidy(found.ads, dict(outlays.ads.items()), ("channel", "campaign", "ad")),
        draws=_long(found),
        baseline=range_of(found.baseline, found.baseline_counted),
        checks=checks,
        verdict=verdict_of(checks),
        evidence=evidence,
        posterior=posterior,
        increments=found,
    )


def _complete(given: Mapping[str, Any]) -> dict[str, Any]:
    """Make frames of what is given: columns that may be left out are empty, persons are numbered, money is minor.

    Frames of Spark stay where they are, and must be complete.
    """
    if any(frame is not None and nw.from_native(frame).implementation.is_pyspark() for frame in given.values()):
        return {name: _empty(name) if frame is None else frame for name, frame in given.items()}
    tables = {name: _empty(name) if frame is None else _arrow(frame) for name, frame in given.items()}
    faults = [
        Fault(0, f"{name}.{column}", "no such column", f"the column {column}")
        for name, table in tables.items()
        for column in _NEEDED[name]
        if column not in table.column_names
    ]
    if faults:
        raise RefusedError("The frames cannot be used:", faults, "Add the columns, or rename those that mean the same.")
    numbers = _numbers(tables)
    return {name: _whole(name, table, numbers) for name, table in tables.items()}


def _arrow(frame: Any) -> pa.Table:
    eager = nw.from_native(frame)
    table = (eager.collect("pyarrow") if isinstance(eager, nw.LazyFrame) else eager).to_arrow()
    plain = [
        pc.cast(column, column.type.value_type) if pa.types.is_dictionary(column.type) else column
        for column in table.columns
    ]
    return pa.table(dict(zip(table.column_names, plain, strict=True)))


def _empty(name: str) -> pa.Table:
    return pa.table({column: pa.nulls(0) for column in columns_of(name)})


def _numbers(tables: Mapping[str, pa.Table]) -> pd.Index:
    """Give everybody who is named anywhere a number, in the order of their names."""
    named = [tables[name]["person"].to_pandas() for name in ("touches", "responses", "persons")]
    everybody = pd.concat([column.dropna().astype(str) for column in named])
    numbers: pd.Index = pd.Index(sorted(everybody.unique()))
    return numbers


def _whole(name: str, table: pa.Table, numbers: pd.Index) -> pa.Table:
    columns = {}
    needed = columns_of(name, needed=True)
    for column in (column for column in columns_of(name) if column in needed or column in table.column_names):
        values = table[column] if column in table.column_names else pa.nulls(table.num_rows)
        if column == "person":
            text = table["person"].to_pandas()
            known = text.notna().to_numpy()
            place = numbers.get_indexer(text.astype(str)).astype(np.int64)
            values = pa.array(place, mask=~known)
        elif column in _MINOR.get(name, ()):
            values = pc.multiply(pc.cast(values, pa.float64()), 100.0)
        columns[column] = values
    return pa.table(columns)


def _tidy(
    sources: tuple[Source, ...], outlays: Mapping[tuple[str, ...], Outlay], keys: tuple[str, ...]
) -> pd.DataFrame:
    rows = []
    for source in sources:
        place = (source.channel, source.campaign or "", source.ad or "")[: len(keys)]
        costs = costs_of(source, outlays.get(place, Outlay()).cost)
        row: dict[str, Any] = dict(zip(keys, place, strict=True)) | {"spend": costs.spend}
        row |= _spread("caused", range_of(source.expected, source.caused))
        row |= _spread("acquired", range_of(source.acquired_expected, source.acquired))
        row |= _costs("cost", costs.cac) | _costs("next_cost", costs.marginal_cac)
        rows.append(row | {"p_no_effect": source.p_no_effect})
    return pd.DataFrame(rows)


def _spread(name: str, of: Range) -> dict[str, float]:
    return {name: of.mean, f"{name}_p05": of.p05, f"{name}_p95": of.p95}


def _costs(name: str, of: Cost | None) -> dict[str, float | None]:
    ends = (None, None, None) if of is None else (of.median, of.p05, of.p95)
    return dict(zip((name, f"{name}_p05", f"{name}_p95"), ends, strict=True))


def _long(found: Increments) -> pd.DataFrame:
    named = [("baseline", found.baseline_counted), *((source.channel, source.caused) for source in found.channels)]
    number = np.arange(len(found.baseline_counted))
    return pd.concat(
        [pd.DataFrame({"draw": number, "source": name, "caused": caused}) for name, caused in named], ignore_index=True
    )
