"""A small fixed layout of persons and contacts, on which parameters and responses are drawn from the model itself.

Nothing here estimates. Who is contacted when, by which ad, and in which stratum and phase each person is, never
changes; what responds to it is drawn anew by the rates of :mod:`attribution.rates`, response by response: each source
(what comes anyway, each contact, each chased intent) brings a Poisson number at times of its own, and all of them
together are a draw of the model. The scale of the effects and of the base rate is tied to a fixed rate, where a fit
ties it to the data's.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from attribution.allocation import Rates, rates_of
from attribution.baseline import baseline_of
from attribution.curves import lag_edges, ordinal_edges
from attribution.evidence import (
    Calendar,
    Cells,
    Channel,
    Daily,
    Evidence,
    Floats,
    Intent,
    Media,
    States,
    Strata,
    Unit,
)
from attribution.increment import draws_of_variables
from attribution.priors import Priors, effect_scale, intent_against
from attribution.rates import design_of
from attribution.sampling import Posterior
from campaigns.terms import GOALS, Window

__all__ = ["PRIORS", "Layout", "draw_parameters", "draw_responses", "lay_out"]

PEOPLE, DAYS, LEAD = 400, 56, 30
BASE_RATE = 0.01
"""Responses per person and day to which the priors are tied."""

PRIORS = Priors(base_sd=0.5, season_sd=0.25)
"""Those of a fit, but base rates and seasons within a factor of three: responses neither lack nor flood."""

CARRY_OVER = 30


class _Kind(NamedTuple):
    """How a channel is sent: whether it targets, the share held back, whether responses before its contacts tell."""

    name: str
    targeted: bool
    held_back: float
    two_sided: bool


KINDS = (
    _Kind("display", targeted=True, held_back=0.0, two_sided=True),
    _Kind("email", targeted=False, held_back=0.25, two_sided=False),
    _Kind("search", targeted=True, held_back=0.0, two_sided=False),
)
"""One channel for each way in which its intent is told, or is not."""


@dataclass(frozen=True)
class Layout:
    """Who is contacted when.

    Parameters
    ----------
    evidence
        The evidence without any response yet.
    stratum
        Stratum of each person, shape ``(persons,)``.
    reach
        A row per contact and lag bucket, after it or (of a two-sided channel) before it, inside the window: ``person,
        begins, ends, cell, intent`` (cells of exposure and of intent, -1 where there is none), times in days since the
        window opened.
    """

    evidence: Evidence
    stratum: np.ndarray
    reach: pd.DataFrame


def lay_out(seed: int = 7) -> Layout:
    """Lay out persons in two segments, regions and phases, who get display, e-mail (some held back), search and TV."""
    rng = np.random.default_rng(seed)
    groups = np.array([(s, r, p) for s in (0, 1) for r in (0, 1) for p in (0, 1)])
    stratum = np.arange(PEOPLE) % len(groups)
    strata = Strata(
        segments=("home", "firm"),
        regions=("north", "south"),
        segment=groups[:, 0],
        region=groups[:, 1],
        intensity=np.zeros(len(groups), dtype=np.int64),
        history=groups[:, 2],
        person_days=np.repeat(np.bincount(stratum)[:, None], DAYS, axis=1).astype(float),
        quiet=np.zeros((len(groups), DAYS)),
    )
    edges = lag_edges(CARRY_OVER)
    contacts = _contacts(rng, strata.phase[stratum])
    reach = _reach(contacts, edges)
    cells, intent, reach = _cells(reach, edges)
    made = contacts[contacts["made"]]
    counted, inside = made.groupby("unit").size(), made[made["t"] >= 0.0].groupby("unit").size()
    units = [Unit(KINDS[unit // 2].name, "c", "ab"[unit % 2], int(inside[unit])) for unit in range(2 * len(KINDS))]
    channels = tuple(
        Channel(
            name=kind.name,
            edges=edges,
            targeted=kind.targeted,
            touches=int(counted[[2 * row, 2 * row + 1]].sum()),
            ghosts=int((~contacts["made"] & (contacts["channel"] == row)).sum()),
            window_touches=int(inside[[2 * row, 2 * row + 1]].sum()),
            two_sided=kind.two_sided,
        )
        for row, kind in enumerate(KINDS)
    )
    first = date(2026, 1, 5)
    evidence = Evidence(
        goal=GOALS["order"],
        window=Window(first, first + timedelta(days=DAYS - 1)),
        channels=channels,
        units=tuple(units),
        cells=cells,
        intent=intent,
        strata=strata,
        states=_no_states(),
        media=_television(rng),
        calendar=_calendar(),
        daily=_nobody(),
        responses=round(BASE_RATE * PEOPLE * DAYS),
        first_responses=0,
        unexposed=0,
        linked=0,
        arrived=np.zeros(DAYS),
        known_history=True,
    )
    return Layout(evidence, stratum, reach)


def _contacts(rng: np.random.Generator, phase: np.ndarray) -> pd.DataFrame:
    """Contact everybody now and then, from 30 days before the window to its end."""
    parts = []
    for row, kind in enumerate(KINDS):
        person = np.repeat(np.arange(PEOPLE), rng.poisson(2.0, PEOPLE))
        frame = pd.DataFrame({"person": person, "t": rng.uniform(-LEAD, DAYS, len(person)), "channel": row})
        frame["made"] = rng.random(len(frame)) >= kind.held_back
        frame = frame.sort_values(["person", "t"]).reset_index(drop=True)
        before = frame.groupby("person")["made"].cumsum() - frame["made"]
        frame["worn"] = (before.to_numpy()[:, None] + 1 >= np.array(ordinal_edges())[None, :]).sum(axis=1)
        frame["unit"] = 2 * row + rng.integers(0, 2, len(frame))
        frame["phase"] = phase[frame["person"]]
        parts.append(frame)
    return pd.concat(parts, ignore_index=True)


def _reach(contacts: pd.DataFrame, edges: Floats) -> pd.DataFrame:
    """Give each contact a row for every lag bucket in which it is at work, or its intent shows, inside the window."""
    told = contacts["channel"].map({row: kind.held_back > 0.0 or kind.two_sided for row, kind in enumerate(KINDS)})
    both = contacts["channel"].map({row: kind.two_sided for row, kind in enumerate(KINDS)})
    after, before = contacts.assign(told=told), contacts[both].assign(told=True, made=False)
    parts = []
    for bucket, (begin, end) in enumerate(pairwise(edges)):
        parts.append(after.assign(bucket=bucket, begins=after["t"] + begin, ends=after["t"] + end))
        parts.append(before.assign(bucket=bucket, begins=before["t"] - end, ends=before["t"] - begin))
    reach = pd.concat(parts, ignore_index=True)
    reach = reach.assign(begins=reach["begins"].clip(lower=0.0), ends=reach["ends"].clip(upper=float(DAYS)))
    return reach[(reach["ends"] > reach["begins"]) & (reach["made"] | reach["told"])].reset_index(drop=True)


def _cells(reach: pd.DataFrame, edges: Floats) -> tuple[Cells, Intent, pd.DataFrame]:
    """Sum the days of contacts by cell, and point each row of the reach at its cells."""
    width = np.diff(edges)
    reach = reach.assign(days=reach["ends"] - reach["begins"])
    keys, about = ["unit", "channel", "worn", "bucket", "phase"], ["channel", "bucket"]
    sums = reach[reach["made"]].groupby(keys)["days"].sum().reset_index()
    told = reach[reach["told"]].groupby(about)["days"].sum().reset_index()
    sums["cell"], told["intent"] = np.arange(len(sums)), len(sums) + np.arange(len(told))
    reach = reach.merge(sums[[*keys, "cell"]], on=keys, how="left").merge(
        told[[*about, "intent"]], on=about, how="left"
    )
    reach["cell"] = reach["cell"].where(reach["made"], -1).fillna(-1).astype(np.int64)
    reach["intent"] = reach["intent"].where(reach["told"], -1).fillna(-1).astype(np.int64)
    cells = Cells(
        unit=sums["unit"].to_numpy(np.int64),
        channel=sums["channel"].to_numpy(np.int64),
        ordinal=sums["worn"].to_numpy(np.int64),
        bucket=sums["bucket"].to_numpy(np.int64),
        phase=sums["phase"].to_numpy(np.int64),
        width=width[sums["bucket"]],
        days=sums["days"].to_numpy(float),
        projected=sums["days"].to_numpy(float),
    )
    intent = Intent(
        channel=told["channel"].to_numpy(np.int64),
        bucket=told["bucket"].to_numpy(np.int64),
        width=width[told["bucket"]],
        days=told["days"].to_numpy(float),
    )
    return cells, intent, reach[["person", "begins", "ends", "cell", "intent"]]


def _television(rng: np.random.Generator) -> Media:
    """Run television in weeks drawn by lot, region by region."""
    weeks = (rng.random((2, (LEAD + DAYS) // 7 + 1)) < 0.5) * rng.uniform(0.5, 2.0, (2, (LEAD + DAYS) // 7 + 1))
    exposure = np.repeat(weeks, 7, axis=1)[:, : LEAD + DAYS][:, 2:]
    exposure = exposure / exposure[exposure > 0.0].mean()
    return Media(("tv",), exposure[None, :, :], LEAD - 2, np.array([float(exposure[:, LEAD - 2 :].sum())]))


def _calendar() -> Calendar:
    """Days of the week, one slow wave, and a sale of a week in one region."""
    day = np.arange(DAYS)
    weekdays = [(day % 7 == weekday).astype(float) for weekday in range(6)]
    basis = np.column_stack([*weekdays, np.sin(2.0 * np.pi * day / DAYS)])
    sale = np.zeros((2, DAYS, 1))
    sale[0, 20:27] = 1.0
    return Calendar(basis - basis.mean(axis=0), ("sale",), sale - sale.mean())


def _no_states() -> States:
    nothing = np.empty(0, dtype=np.int64)
    return States(nothing, nothing, nothing, nothing, np.zeros(1, dtype=np.int64), nothing, nothing, nothing)


def _nobody() -> Daily:
    nothing = np.empty(0, dtype=np.int64)
    return Daily(nothing, nothing, nothing, nothing, nothing, np.empty(0), LEAD)


def draw_parameters(layout: Layout, rng: np.random.Generator) -> dict[str, Floats]:
    """Draw the variables of the model from its priors, as :mod:`attribution.hazard` states them."""
    evidence, priors = layout.evidence, PRIORS
    design, baseline = design_of(evidence), baseline_of(evidence, priors)
    channels, buckets = design.bucket_mask.shape
    suspects = (*design.ghost_channels, *design.intent_channels)
    carry_over = np.array([channel.edges[-1] for channel in evidence.channels])
    delay = np.log(priors.delay_share * carry_over)
    intent_delay = np.log(priors.intent_delay_share * carry_over[list(design.ghost_channels)])
    concentration = float(np.exp(rng.normal(np.log(priors.intent_against), priors.intent_sd)))
    coefficients = rng.normal(0.0, baseline.prior_sd)
    media = len(evidence.media.names)
    return {
        "base_z": np.linalg.solve(baseline.rotation, coefficients - baseline.centre),
        "apparent": np.abs(rng.standard_t(priors.effect_tail, channels)) * effect_scale(evidence, priors),
        "spread": np.asarray(abs(rng.normal(0.0, priors.spread_sd))),
        "unit_z": rng.standard_t(priors.spread_tail, len(evidence.units)),
        "exponent": np.abs(rng.normal(0.0, priors.wear_out_sd, channels)),
        "delay": np.exp(rng.normal(delay, priors.delay_sd)),
        "lag_z": rng.normal(0.0, 1.0, (channels, buckets)),
        "later": np.exp(rng.normal(0.0, priors.later_sd, channels)),
        "intent_concentration": np.asarray(concentration),
        "intent_share": rng.beta(1.0, concentration * intent_against(evidence, priors, suspects)),
        "intent_delay": np.exp(rng.normal(intent_delay, priors.delay_sd)),
        "strength": np.abs(rng.normal(0.0, priors.medium_sd, media)),
        "retention": rng.beta(3.0, 3.0, media),
        "scale": np.exp(rng.normal(0.0, 0.7, media)),
        "shape": np.exp(rng.normal(0.0, priors.shape_sd, media)),
    }


def draw_responses(layout: Layout, values: dict[str, Floats], rng: np.random.Generator) -> Evidence:
    """Draw the responses that the parameters bring, and lay them out as evidence."""
    evidence = layout.evidence
    design, baseline = design_of(evidence), baseline_of(evidence, PRIORS)
    rates = rates_of(_as_rates_take_them(evidence, values), evidence, design, baseline)
    person, moment = _all_responses(layout, rates, rng)
    return _with_responses(layout, person, moment)


def _as_rates_take_them(evidence: Evidence, values: dict[str, Floats]) -> dict[str, Any]:
    one = Posterior({name: np.asarray(value)[None, None] for name, value in values.items()}, 0, 0.0)
    return next(iter(draws_of_variables(evidence, one, PRIORS, [0])))


def _all_responses(layout: Layout, rates: Rates, rng: np.random.Generator) -> tuple[np.ndarray, Floats]:
    """Draw what comes anyway person by person and day by day, and what each contact and each intent adds."""
    strata = layout.evidence.strata
    level = rates.season * (1.0 + rates.lift.sum(axis=0))
    anyway = rng.poisson((rates.base[:, None] * level[strata.region])[layout.stratum])
    who, day = np.nonzero(anyway)
    many = anyway[who, day]
    persons, moments = [np.repeat(who, many)], [np.repeat(day, many) + rng.random(int(many.sum()))]
    reach = layout.reach
    for column in ("cell", "intent"):
        rows = reach[reach[column] >= 0]
        days = (rows["ends"] - rows["begins"]).to_numpy()
        many = rng.poisson(rates.cells[rows[column].to_numpy()] * days)
        persons.append(np.repeat(rows["person"].to_numpy(), many))
        moments.append(np.repeat(rows["begins"].to_numpy(), many) + rng.random(int(many.sum())) * np.repeat(days, many))
    return np.concatenate(persons), np.concatenate(moments)


def _with_responses(layout: Layout, person: np.ndarray, moment: Floats) -> Evidence:
    """Find the contacts at work at each response."""
    evidence, stratum = layout.evidence, layout.stratum[person]
    day = np.minimum(moment.astype(np.int64), DAYS - 1)
    found = pd.DataFrame({"response": np.arange(len(person)), "person": person, "moment": moment})
    found = found.merge(layout.reach, on="person")
    found = found[(found["begins"] < found["moment"]) & (found["moment"] <= found["ends"])]
    entries = found.melt(["response"], ["cell", "intent"], value_name="at")
    entries = entries[entries["at"] >= 0].sort_values(["response", "at"], kind="stable")
    response, counts = np.unique(entries["response"].to_numpy(np.int64), return_counts=True)
    quiet = np.zeros_like(evidence.strata.quiet)
    alone = np.setdiff1d(np.arange(len(person)), response)
    np.add.at(quiet, (stratum[alone], day[alone]), 1.0)
    states = States(
        response=response,
        stratum=stratum[response],
        day=day[response],
        phase=evidence.strata.phase[stratum[response]],
        starts=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        cell=entries["at"].to_numpy(np.int64),
        row=response,
        touch=np.full(len(entries), -1, dtype=np.int64),
    )
    return replace(evidence, strata=replace(evidence.strata, quiet=quiet), states=states)
