"""Credit of single responses, from places in the observations to rows of the database."""

from __future__ import annotations

from typing import Any

import narwhals as nw
import numpy as np
import pandas as pd
import pyarrow as pa

from attribution.evidence import Evidence
from attribution.increment import Increments
from attribution.observations import Observations
from attribution.priors import Priors
from attribution.sampling import Posterior
from attribution.shares import paths_of, shares_of
from campaigns.store.credits import Credits, PathCredit

__all__ = ["credits_to_store"]


def credits_to_store(
    observations: Observations, evidence: Evidence, posterior: Posterior, found: Increments, priors: Priors, seed: int
) -> Credits | None:
    """Credit each response; None where the observations do not say which rows of the database they are."""
    touches, responses = (nw.from_native(frame) for frame in (observations.touches, observations.responses))
    if "id" not in touches.collect_schema().names() or "id" not in responses.collect_schema().names():
        return None
    shares = shares_of(evidence, posterior, priors, no_effect=found.no_effect, seed=seed)
    touch_id, response_id = _column(observations.touches, "id"), _column(observations.responses, "id")
    deal = _column(observations.responses, "deal").astype(bool)
    row = shares.responses["row"].to_numpy()
    place = shares.touches["place"].to_numpy()
    first = np.searchsorted(place, np.arange(len(row)))
    named = shares.touches["touch"].to_pandas()
    owned = named.notna().to_numpy()
    touch = np.zeros(len(named), dtype=np.int64)
    touch[owned] = touch_id[named[owned].astype(np.int64)]
    when, answered = _days(observations, "touches"), _days(observations, "responses")
    return Credits(
        responses=shares.responses.drop_columns("row")
        .append_column("place", pa.array(np.arange(len(row), dtype=np.int64)))
        .append_column("response_id", pa.array(response_id[row], mask=deal[row]))
        .append_column("opportunity_id", pa.array(response_id[row], mask=~deal[row])),
        shares=shares.touches.drop_columns("touch")
        .append_column("position", pa.array(np.arange(len(place)) - first[place]))
        .append_column("touch_id", pa.array(touch, mask=~owned)),
        paths=tuple(
            PathCredit(
                tuple(path["channels"]),
                int(path["responses"]),
                float(path["median_days"]),
                float(path["baseline"]),
                dict(path["credit"]),
            )
            for path in paths_of(evidence, shares, when, answered).to_dict("records")
        ),
    )


def _column(frame: Any, name: str) -> np.ndarray:
    told = nw.from_native(frame).select(name)
    table = told.collect("pyarrow") if isinstance(told, nw.LazyFrame) else told
    return np.asarray(table[name].to_numpy())


def _days(observations: Observations, name: str) -> np.ndarray:
    """Give the times of touches or responses in days."""
    when = pd.to_datetime(pd.Series(_column(getattr(observations, name), "occurred_at")))
    return np.asarray((when - pd.Timestamp(0, tz=when.dt.tz)) / pd.Timedelta(days=1))
