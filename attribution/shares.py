"""Credit of each single response: the share of every contact before it, of the media and of what comes anyway."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
import pandas as pd
import pyarrow as pa

from attribution.allocation import rates_of
from attribution.baseline import baseline_of
from attribution.evidence import Evidence, Floats, Ints
from attribution.increment import REAL, draws_of_variables, effective_of
from attribution.priors import Priors
from attribution.rates import design_of
from attribution.sampling import Posterior

__all__ = ["SMALL", "Shares", "paths_of", "shares_of"]

SMALL = 0.005
"""Shares below this are added up under "other contacts"."""

_AT_A_TIME = 5_000_000
"""Numbers per draw and contact that are held at once, by draws: bounds the memory."""


@dataclass(frozen=True)
class Shares:
    """Credit of the responses that had contacts at work; responses without any came anyway, or by the media.

    Parameters
    ----------
    responses
        ``row, baseline, baseline_p05, baseline_p95, rest``: a row per response; ``row`` is its place among those given.
    touches
        ``place, touch, channel, share, p05, p95``: a row per contact or medium with a share of at least ``SMALL``;
        ``place`` is the row of the response in ``responses``; ``touch`` the place of the contact among those given,
        null for a medium. With ``baseline`` and ``rest`` the shares of a response sum to one.
    """

    responses: pa.Table
    touches: pa.Table


def shares_of(
    evidence: Evidence,
    posterior: Posterior,
    priors: Priors | None = None,
    *,
    no_effect: Mapping[str, float] | None = None,
    draws: int = 200,
    seed: int = 0,
) -> Shares:
    """Divide each response among its contacts, the media and what comes anyway, averaged over draws.

    Parameters
    ----------
    no_effect
        Probability that a channel does nothing at all, by its name.
    draws
        Number of draws, spread evenly over the posterior.
    """
    rates = _Rates(evidence, posterior, priors or Priors(), no_effect or {}, draws, seed)
    states = evidence.states
    # Whole responses at a time, so many that their contacts, for every draw, stay within bounds.
    entries = max(_AT_A_TIME // max(rates.draws, 1), 1)
    cuts = np.searchsorted(states.starts, np.arange(0, int(states.starts[-1]) + entries, entries))
    ends = np.unique(np.clip(cuts, 0, len(states.row)))
    parts = [rates.shares(int(first), int(last)) for first, last in pairwise(ends)]
    baseline = np.concatenate([part[0] for part in parts], axis=1) if parts else np.zeros((3, 0))
    rows = pd.concat([part[1] for part in parts], ignore_index=True) if parts else _no_rows()
    small = rows["share"] < SMALL
    rest = np.bincount(rows.loc[small, "place"], rows.loc[small, "share"], len(states.row))
    kept = rows[~small].sort_values(["place", "share"], ascending=[True, False], kind="stable")
    names = np.array([*(channel.name for channel in evidence.channels), *evidence.media.channels], dtype=object)
    touch = kept["touch"].to_numpy(np.int64)
    return Shares(
        pa.table(
            {
                "row": states.row,
                "baseline": baseline[0],
                "baseline_p05": baseline[1],
                "baseline_p95": baseline[2],
                "rest": rest,
            }
        ),
        pa.table(
            {
                "place": kept["place"].to_numpy(np.int64),
                "touch": pa.array(touch, mask=touch < 0),
                "channel": pa.array(names[kept["source"].to_numpy(np.int64)], pa.string()),
                **{name: kept[name].to_numpy(float) for name in ("share", "p05", "p95")},
            }
        ),
    )


def _no_rows() -> pd.DataFrame:
    return pd.DataFrame({"place": [], "touch": [], "source": [], "share": [], "p05": [], "p95": []}).astype(
        {"place": np.int64, "touch": np.int64, "source": np.int64}
    )


class _Rates:
    """The rates of some draws, side by side."""

    def __init__(
        self,
        evidence: Evidence,
        posterior: Posterior,
        priors: Priors,
        no_effect: Mapping[str, float],
        draws: int,
        seed: int,
    ) -> None:
        self.evidence = evidence
        rng = np.random.default_rng(seed)
        design, baseline = design_of(evidence), baseline_of(evidence, priors)
        chosen = np.linspace(0, posterior.draws - 1, min(draws, posterior.draws)).astype(int)
        names = [*(channel.name for channel in evidence.channels), *evidence.media.names]
        absent = np.array([no_effect.get(name, 0.0) for name in names])
        channels = len(evidence.channels)
        cells, real, base, season, lift = [], [], [], [], []
        for values in draws_of_variables(evidence, posterior, priors, chosen):
            rates = rates_of(values, evidence, design, baseline)
            works = rng.random(len(names)) >= absent
            cells.append(rates.cells)
            real.append(effective_of(values, design) * works[:channels] if channels else np.zeros(0))
            base.append(rates.base)
            season.append(rates.season)
            tested = values[REAL][channels:] if REAL in values else np.ones(len(names) - channels)
            lift.append(rates.lift * (works[channels:] * tested)[:, None, None])
        self.cells, self.real = np.array(cells), np.array(real)
        self.base, self.season, self.lift = np.array(base), np.array(season), np.array(lift)
        self.draws = len(cells)

    def shares(self, first: int, last: int) -> tuple[Floats, pd.DataFrame]:
        """Give baseline (mean and range, shape ``(3, n)``) and the contacts' shares of some responses."""
        evidence, states = self.evidence, self.evidence.states
        begin, end = int(states.starts[first]), int(states.starts[last])
        cell, touch = states.cell[begin:end], states.touch[begin:end]
        starts = (states.starts[first:last] - begin).astype(np.int64)
        owner = np.repeat(np.arange(last - first), np.diff(states.starts[first : last + 1]))
        stratum, day = states.stratum[first:last], states.day[first:last]
        region = evidence.strata.region[stratum]
        lifts = self.lift[:, :, region, day]
        own = self.base[:, stratum] * self.season[:, region, day] * (1.0 + lifts.sum(axis=1))
        rate = self.cells[:, cell]
        caused = cell < len(evidence.cells.unit)
        channel = np.zeros(len(cell), dtype=np.int64)
        channel[caused] = evidence.cells.channel[cell[caused]]
        real = np.where(caused[None, :], self.real[:, channel], 0.0) if len(evidence.channels) else np.zeros_like(rate)
        total = own + np.add.reduceat(rate * np.maximum(real, 1.0), starts, axis=1)
        share = rate * real / total[:, owner]
        media = own[:, None, :] * (lifts / (1.0 + lifts.sum(axis=1, keepdims=True))) / total[:, None, :]
        baseline = 1.0 - np.add.reduceat(share, starts, axis=1) - media.sum(axis=1)
        frames = [_summed_up(share[:, caused], owner[caused] + first, touch[caused], channel[caused])]
        places = np.arange(first, last)
        for row in range(media.shape[1]):
            none = np.full(len(places), -1)
            source = np.full(len(places), len(evidence.channels) + row)
            frames.append(_summed_up(media[:, row], places, none, source))
        return np.array([baseline.mean(axis=0), *np.quantile(baseline, [0.05, 0.95], axis=0)]), pd.concat(frames)


def _summed_up(share: Floats, place: Ints, touch: Ints, source: Ints) -> pd.DataFrame:
    low, high = np.quantile(share, [0.05, 0.95], axis=0)
    told = {"place": place, "touch": touch, "source": source}
    return pd.DataFrame(told | {"share": share.mean(axis=0), "p05": low, "p95": high})


def paths_of(evidence: Evidence, shares: Shares, when: Floats, answered: Floats, limit: int = 100) -> pd.DataFrame:
    """Sum the credit of responses up by the path of channels that they came by.

    Parameters
    ----------
    when, answered
        Days at which the touches and the responses given happened, in any one reckoning.
    limit
        Paths kept, the commonest first.

    Returns
    -------
    ``channels`` (the path, equal neighbours told once), ``responses``, ``median_days`` (from the first contact at work
    to the response), ``baseline`` and ``credit`` (by channel), the last two in responses.
    """
    states = evidence.states
    made = states.touch >= 0
    owner = np.repeat(np.arange(len(states.row)), np.diff(states.starts))[made]
    channel = np.array([item.name for item in evidence.channels], dtype=object)
    frame = pd.DataFrame({"place": owner, "t": when[states.touch[made]]})
    frame["channel"] = channel[evidence.cells.channel[states.cell[made]]] if len(frame) else []
    frame = frame.sort_values(["place", "t"], kind="stable")
    changed = (frame["place"] != frame["place"].shift()) | (frame["channel"] != frame["channel"].shift())
    path = frame[changed].groupby("place")["channel"].agg(tuple)
    days = pd.Series(answered[states.row])[path.index] - frame.groupby("place")["t"].min()
    baseline = shares.responses["baseline"].to_numpy() + shares.responses["rest"].to_numpy()
    table = pd.DataFrame({"channels": path, "days": days, "baseline": pd.Series(baseline)[path.index]})
    summed = table.groupby("channels").agg(
        responses=("days", "size"), median_days=("days", "median"), baseline=("baseline", "sum")
    )
    summed = summed.sort_values("responses", ascending=False, kind="stable").head(limit).reset_index()
    owed = shares.touches.to_pandas()
    number = {channels: row for row, channels in enumerate(summed["channels"])}
    by_path: list[dict[str, float]] = [{} for _ in number]
    totals = owed.assign(path=owed["place"].map(path).map(number)).groupby(["path", "channel"])["share"].sum()
    for key, share in totals.items():
        row, name = str(key[0]), str(key[1])
        by_path[int(float(row))][name] = float(share)
    return pd.DataFrame({**{name: summed[name] for name in summed.columns}, "credit": pd.Series(by_path, dtype=object)})
