"""How customers answer to contacts: what a run learns about it from contacts sent against contacts withheld.

Everything that needs withheld contacts is learned where there are enough of them, and is a guess, said to be one, where
there are not.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from attribution.behaviour import Behaviour, Moments, Stream
from attribution.evidence import Evidence
from attribution.lasting import (
    PULL_FORWARD,
    RETENTION,
    average_effect,
    kept_margin,
    promotion_differences,
    pull_forward,
)
from attribution.observations import FitOptions, Observations
from attribution.policy_value import held_back_value, qini_curve
from attribution.randomised import LATE_DAYS, Drawn, Past, drawn_contacts, read_past
from attribution.uplift import Trial, Uplift, expected_response, fit_uplift
from attribution.worth import Worths, worths_of
from campaigns.terms import ChannelResponse, LearnedShare, PolicyValue, PromotionResponse, ResponseModel

__all__ = ["Answering", "learn_answers", "response_model"]

Numbers = NDArray[np.float64]

SOON_DAYS = 7.0
"""Days after a contact in which an opting out is put down to it."""

RARE = (1.0, 1999.0)
"""Beta prior of the chance that a contact makes its customer opt out: one in two thousand."""

TRIED = 200_000
"""Contacts on which the policy is tried; of more, so many are drawn at random."""


@dataclass(frozen=True)
class Answering:
    """What was learned of answers to contacts.

    Parameters
    ----------
    past, behaviour
        What customers did.
    carry_over
        Days in which a response counts, by channel.
    drawn, uplift
        The contacts sent or withheld at random and the effects by customer; None where hardly any was withheld.
    worths
        What customers are worth, or None where orders carry no money.
    """

    past: Past
    behaviour: Behaviour
    carry_over: Mapping[str, float]
    drawn: Drawn | None
    uplift: Uplift | None
    worths: Worths | None

    @property
    def told_apart(self) -> tuple[str, ...]:
        """Channels whose customers are told apart by withheld contacts."""
        return self.drawn.channels if self.drawn is not None and self.uplift is not None and self.uplift.differs else ()

    def differences(self) -> dict[str, tuple[Numbers, Numbers]]:
        """Return how far each person, by their number, lies from a channel's average effect, with its error."""
        if self.drawn is None or self.uplift is None:
            return {}
        everybody = np.arange(len(self.past.persons))
        now = Moments(everybody, np.full(len(everybody), self.past.last + 1e-6))
        return {
            name: self.uplift.differences(self.drawn.scale.apply(self.behaviour.features(now, name)), arm)
            for arm, name in enumerate(self.drawn.channels)
            if name in self.told_apart
        }


def learn_answers(
    observations: Observations, evidence: Evidence, options: FitOptions, unit: int = 100, seed: int = 0
) -> Answering:
    """Learn from contacts sent against contacts withheld, and what customers are worth.

    Parameters
    ----------
    unit
        Minor units in a major one.
    """
    past = read_past(observations, options)
    carry_over = {channel.name: float(channel.edges[-1]) for channel in evidence.channels}
    behaviour = past.behaviour(tuple(carry_over))
    drawn = drawn_contacts(past, behaviour, carry_over, seed)
    uplift = None if drawn is None else fit_uplift(drawn.trial)
    return Answering(past, behaviour, carry_over, drawn, uplift, worths_of(past, unit))


def response_model(
    answering: Answering, observations: Observations, evidence: Evidence, scores: pa.Table, unit: int = 100
) -> ResponseModel:
    """Sum up how customers answer, for the report and for the values of plans.

    Parameters
    ----------
    scores
        The scores of the run (`attribution.response.next_contact`).
    """
    frame = scores.select(["channel", "extra_responses", "error"]).to_pandas()
    average = frame.groupby("channel")[["extra_responses", "error"]].mean()
    channels = tuple(
        _channel(answering, evidence, channel.name, *average.loc[channel.name].tolist())
        for channel in evidence.channels
        if channel.name in average.index
    )
    money = answering.worths
    lasting, kept = _lasting(answering, observations)
    return ResponseModel(
        channels=channels,
        promotions=_promotions(answering),
        policy=None if money is None else _policy(answering, observations, money, unit),
        pull_forward=lasting,
        retention=kept,
        first_order_later=None if money is None else money.first_order_later,
        worth_words="" if money is None else money.words,
        notes=_notes(answering, lasting),
    )


def _channel(answering: Answering, evidence: Evidence, name: str, extra: float, error: float) -> ChannelResponse:
    found, drawn = next(one for one in evidence.channels if one.name == name), answering.drawn
    days = answering.carry_over[name]
    curve = None
    if drawn is not None and name in drawn.channels:
        curve = _qini(drawn, drawn.channels.index(name))
    persons = max(len(answering.past.persons), 1)
    usual = evidence.responses / persons * days / max((evidence.window.end - evidence.window.start).days + 1, 1)
    return ChannelResponse(
        channel=name,
        contacts=int(found.touches),
        held_back=int(found.ghosts),
        days=max(round(days), 1),
        base_rate=float(min(usual, 1.0) if drawn is None or curve is None else curve[0]),
        extra=extra,
        error=error,
        told_apart=name in answering.told_apart,
        opt_out_risk=_opt_out_risk(answering.past, name),
        qini_share=() if curve is None else tuple(curve[1].tolist()),
        qini_extra=() if curve is None else tuple(curve[2].tolist()),
        qini=None if curve is None else curve[3],
        qini_error=None if curve is None else curve[4],
    )


def _qini(drawn: Drawn, arm: int) -> tuple[float, Numbers, Numbers, float, float]:
    """Return the rate of the withheld and the Qini curve of a channel; a model of others ranks each contact."""
    rows = np.flatnonzero(drawn.own == arm)
    rows = rows if len(rows) <= TRIED else np.sort(np.random.default_rng(1).choice(rows, TRIED, replace=False))
    trial = drawn.trial.part(rows)
    alone = Trial(trial.features, np.where(trial.arm >= 0, 0, -1), trial.chance[:, [arm]], trial.response)
    fold = np.random.default_rng(0).integers(2, size=len(rows))
    predicted = np.zeros(len(rows))
    for one in (0, 1):
        model = fit_uplift(alone.part(fold != one))
        predicted[fold == one] = model.of(alone.features[fold == one])[0][:, 0]
    curve = qini_curve(alone, predicted + 1e-12 * np.random.default_rng(2).random(len(rows)))
    base = float(np.minimum(alone.response[alone.arm < 0], 1.0).mean())
    return base, curve.share, curve.extra, curve.coefficient, curve.error


def _opt_out_risk(past: Past, channel: str) -> float:
    """Return the chance that a contact is followed by an opting out within a few days, drawn towards a rare one."""
    made = past.touches[past.touches["sent"] & (past.touches["channel"] == channel)]
    left = past.responses[past.responses["kind"] == "opt_out"]
    left = left[left["channel"].isna() | (left["channel"] == channel)]
    contacts = answered = 0
    if len(made):
        stream = Stream.of(made["person"].to_numpy(np.int64), made["t"].to_numpy(float))
        person, time = left["person"].to_numpy(np.int64), left["t"].to_numpy(float)
        answered, contacts = int((stream.between(person, time - SOON_DAYS, time) > 0).sum()), len(made)
    return float((RARE[0] + answered) / (sum(RARE) + contacts))


def _promotions(answering: Answering) -> tuple[PromotionResponse, ...]:
    drawn, uplift = answering.drawn, answering.uplift
    if drawn is None or uplift is None:
        return ()
    trial, own = drawn.trial, drawn.own
    rows = np.arange(len(own))
    away = (trial.arm >= 0) - trial.chance[rows, own]
    left = trial.response - expected_response(trial) - away * uplift.of(trial.features)[0][rows, own]
    found = promotion_differences(trial, drawn.promotion, left, uplift.noise)
    return tuple(
        PromotionResponse(drawn.channels[arm], name, difference, error, withheld)
        for (arm, name), (difference, error, withheld) in found.items()
    )


def _policy(answering: Answering, observations: Observations, money: Worths, unit: int) -> PolicyValue | None:
    """Try contacting as the model advises on contacts that it did not see, against doing the same for everybody."""
    drawn = answering.drawn
    if drawn is None:
        return None
    rows = np.arange(len(drawn.own))
    rows = rows if len(rows) <= TRIED else np.sort(np.random.default_rng(3).choice(rows, TRIED, replace=False))
    costs = observations.lazy("channels").select("channel", "unit_cost").collect("pyarrow").to_native().to_pylist()
    cost = {row["channel"]: (row["unit_cost"] or 0.0) / unit for row in costs}
    value, above = held_back_value(
        drawn.trial.part(rows),
        np.full(len(drawn.channels), money.order_margin),
        np.asarray([cost.get(name, 0.0) for name in drawn.channels]),
        folds=3,
    )
    return PolicyValue(value.mean, value.error, above.mean, above.error, len(rows))


def _lasting(answering: Answering, observations: Observations) -> tuple[LearnedShare, LearnedShare]:
    drawn = answering.drawn
    guess = pull_forward(np.nan, np.nan, np.nan, np.nan, PULL_FORWARD)
    if drawn is None:
        return guess, RETENTION
    kinds = observations.lazy("promotions").select("promotion", "kind").collect("pyarrow").to_native().to_pylist()
    keeping = {row["promotion"] for row in kinds if row["kind"] == "relationship"}
    relates = np.isin(drawn.promotion.astype(str), list(keeping))
    whole = np.isfinite(drawn.late)
    lasting, kept = guess, RETENTION
    if (selling := whole & ~relates).sum() >= 200:
        early, early_error = _pooled(drawn, selling, drawn.trial.response)
        late, late_error = _pooled(drawn, selling, np.nan_to_num(drawn.late))
        lasting = pull_forward(early, early_error, late, late_error)
    money = answering.worths
    if money is not None and (relating := whole & relates).sum() >= 200:
        effect, error = _pooled(drawn, relating, drawn.trial.response + np.nan_to_num(drawn.late))
        later = float(money.margin[drawn.person[relating]].mean())
        kept = kept_margin(effect, error, money.order_margin / later if later > 0.0 else np.nan)
    return lasting, kept


def _pooled(drawn: Drawn, rows: NDArray[np.bool_], response: Numbers) -> tuple[float, float]:
    """Return the average effect of a contact through any channel, and its standard error."""
    trial = drawn.trial
    chance = trial.chance.sum(axis=1, keepdims=True)
    one = Trial(trial.features, np.where(trial.arm >= 0, 0, -1), chance, response).part(rows)
    mean, error = average_effect(one, one.response)
    return float(mean[0]), float(error[0])


def _notes(answering: Answering, lasting: LearnedShare) -> tuple[str, ...]:
    notes = []
    held = () if answering.drawn is None else answering.drawn.channels
    without = [name for name in answering.carry_over if name not in held]
    if without:
        notes.append(
            f"Nobody, or hardly anybody, was held back from {', '.join(without)}: customers differ there by how often "
            "they heard from you and whether they bought before, as the attribution has it."
        )
    if held and not answering.told_apart:
        notes.append(
            f"Held-back customers of {', '.join(held)} do not tell customers apart yet beyond chance: all that differs "
            "is how often they heard from you and whether they bought before."
        )
    if not lasting.learned:
        notes.append(
            f"That {lasting.mean:.0%} of extra orders only come sooner is a guess; held-back customers, looked at for "
            f"{LATE_DAYS:.0f} days, would settle it."
        )
    if answering.worths is not None:
        notes.append(answering.worths.words)
    return tuple(notes)
