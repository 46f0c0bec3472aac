"""The part of a run that computes: from observations to report, draws and scores, with no database behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import narwhals as nw
import numpy as np

from attribution.credit import RuleCredits, rule_credits
from attribution.diagnosis import diagnose, verdict_of
from attribution.evidence import Channel, Evidence
from attribution.gather import gather
from attribution.hazard import build_model
from attribution.increment import Increments, Source, cost_of, increments, range_of
from attribution.observations import FitOptions, Observations
from attribution.prediction import predict_days
from attribution.priors import Priors
from attribution.response import next_contact
from attribution.sampling import SamplingOptions, sample
from attribution.spending import Outlay, Outlays, outlays_of
from campaigns.store.results import DrawKey
from campaigns.terms import Effect, Proof, Report, RunSummary
from jobs.pipeline import Fitted, Progress, Task

if TYPE_CHECKING:
    import numpy.typing as npt

__all__ = ["compute"]

KEPT_DRAWS = 500
"""Draws kept per quantity, so that pages can do arithmetic with its uncertainty."""

TOO_FEW = 5.0
"""Responses in reach below which an estimate rests on the prior."""


def compute(
    observations: Observations, task: Task, *, on_progress: Progress, is_cancelled: Callable[[], bool]
) -> Fitted:
    """Fit the hazard model and sum it up; see :class:`jobs.pipeline.Compute`."""
    options = FitOptions(goal=task.goal, zone=task.zone)
    priors = Priors()
    on_progress("evidence", 0.0, "joining touches and responses")
    evidence = gather(observations, options)
    on_progress("compile", 0.0, "compiling the model")
    model = build_model(evidence, priors)
    posterior = sample(
        model,
        SamplingOptions(chains=task.options.chains, draws=task.options.draws, seed=task.options.seed),
        lambda share: on_progress("sample", share, f"drawing from the posterior: {share:.0%}"),
        is_cancelled,
    )
    on_progress("judge", 0.0, "judging the fit")
    found = increments(evidence, posterior, priors, task.options.seed)
    predicted = predict_days(evidence, posterior, priors, seed=task.options.seed)
    checks = diagnose(found, posterior, evidence.by_day, predicted)
    on_progress("measure", 0.0, "counting costs and comparing with the rules people know")
    outlays = outlays_of(observations, evidence.window, options.zone)
    rules = _rules(observations, evidence, options)
    report = Report(
        run=RunSummary(
            id=0,
            finished_at=datetime.now(UTC),
            verdict=verdict_of(checks),
            goal=task.goal.name,
            window=evidence.window,
            responses=evidence.responses,
            first_responses=evidence.first_responses,
            linked_share=evidence.linked / evidence.responses if evidence.responses else 0.0,
        ),
        currency=task.currency,
        baseline=range_of(found.baseline, found.baseline_counted),
        channels=tuple(_channel(source, evidence, outlays, rules) for source in found.channels),
        ads=tuple(_ad(source, evidence, outlays, rules) for source in found.ads),
        checks=checks,
        notes=(*_notes(evidence, found), *outlays.notes),
    )
    on_progress("measure", 0.5, "scoring the next contact of every customer")
    scores = next_contact(observations, evidence, posterior, options, no_effect=dict(found.no_effect), priors=priors)
    return Fitted(report, _draws(found), scores)


def _rules(observations: Observations, evidence: Evidence, options: FitOptions) -> RuleCredits:
    kinds = list(options.goal.kinds)
    responses = observations.lazy("responses")
    counted = responses.filter(nw.col("kind").is_in(kinds)).select("person", "occurred_at")
    longest = max((float(channel.edges[-1]) for channel in evidence.channels), default=30.0)
    touches = observations.lazy("touches").select("person", "occurred_at", "channel", "kind", "campaign", "ad")
    return rule_credits(
        touches.collect("pyarrow").to_native(),
        counted.collect("pyarrow").to_native(),
        lookback_days=longest,
        window=evidence.window,
        zone=options.zone,
    )


def _channel(source: Source, evidence: Evidence, outlays: Outlays, rules: RuleCredits) -> Effect:
    outlay = outlays.channels.get(source.channel, Outlay())
    known = {channel.name: channel for channel in evidence.channels}
    if source.channel in known:
        touches = float(known[source.channel].window_touches)
    else:
        touches = float(evidence.media.units[evidence.media.names.index(source.channel)])
    return _effect(source, touches, outlay, _proof(source, evidence), rules.of_channel(source.channel), known)


def _ad(source: Source, evidence: Evidence, outlays: Outlays, rules: RuleCredits) -> Effect:
    campaign, ad = source.campaign or "", source.ad or ""
    unit = next(u for u in evidence.units if (u.channel, u.campaign, u.ad) == (source.channel, campaign, ad))
    outlay = outlays.ads.get((source.channel, campaign, ad), Outlay())
    known = {channel.name: channel for channel in evidence.channels}
    credited = rules.of_ad(source.channel, campaign, ad)
    return _effect(source, float(unit.window_touches), outlay, _proof(source, evidence), credited, known)


def _effect(
    source: Source,
    touches: float,
    outlay: Outlay,
    proof: Proof,
    credited: dict[str, float],
    known: Mapping[str, Channel],
) -> Effect:
    spend = outlay.cost / 100.0
    persons = source.channel in known
    with np.errstate(divide="ignore"):
        marginal = np.where(source.elasticity > 0.0, source.projected * np.maximum(source.elasticity, 0.0), 0.0)
    below = None
    if outlay.target is not None and spend > 0.0:
        below = float((source.projected * outlay.target >= outlay.cost).mean())
    return Effect(
        channel=source.channel,
        campaign=source.campaign or None,
        ad=source.ad or None,
        spend=spend,
        touches=touches,
        matched_share=min(1.0, touches / outlay.shown) if persons and outlay.shown else None,
        proof=proof,
        incremental=range_of(source.expected, source.caused),
        acquired=range_of(source.acquired_expected, source.acquired),
        cac=cost_of(spend, source.projected),
        marginal_cac=cost_of(spend, marginal),
        p_no_effect=source.p_no_effect,
        p_below_target=below,
        target=None if outlay.target is None else outlay.target / 100.0,
        claimed=outlay.claimed,
        rules=credited,
    )


def _proof(source: Source, evidence: Evidence) -> Proof:
    """Tell what stands behind a source: ghosts, observation, or hardly anything."""
    channel = next((item for item in evidence.channels if item.name == source.channel), None)
    if channel is None:
        return Proof.ESTIMATED
    if _reached(source, evidence) < TOO_FEW:
        return Proof.PRIOR
    return Proof.TESTED if channel.has_ghosts else Proof.ESTIMATED


def _reached(source: Source, evidence: Evidence) -> int:
    """Count the responses that came within the carry-over of one of its contacts."""
    states, cells = evidence.states, evidence.cells
    units = [
        row
        for row, unit in enumerate(evidence.units)
        if unit.channel == source.channel
        and (source.ad is None or (unit.campaign, unit.ad) == (source.campaign, source.ad))
    ]
    effects = states.cell < len(cells.unit)
    rows = np.repeat(np.arange(len(states.response)), np.diff(states.starts))[effects]
    return len(np.unique(rows[np.isin(cells.unit[states.cell[effects]], units)]))


def _notes(evidence: Evidence, found: Increments) -> tuple[str, ...]:
    notes = []
    goal = evidence.goal
    if not evidence.known_history:
        notes.append(
            f"Nobody is known to be new: the customers' earlier {goal.plural} are not known, so no cost per new "
            "customer can be shown. Give created_at in the customers file to change that."
        )
    for channel in evidence.channels:
        if channel.targeted and not channel.has_ghosts:
            notes.append(
                f"{channel.name} seeks out people who are about to buy and nobody was held back from it: how much of "
                "its effect is their own intent is a guess, and its range is wider for it. A test would settle it."
            )
    unknown = evidence.unexposed
    if unknown:
        notes.append(
            f"{unknown:,} {goal.plural} came from people known only through them; they count as what would have come "
            "anyway."
        )
    for name, chance in found.no_effect.items():
        if chance > 0.05:
            notes.append(f"{name}: {chance:.0%} chance that it does nothing at all.")
    return tuple(notes)


def _draws(found: Increments) -> dict[DrawKey, npt.NDArray[np.float64]]:
    """Thin the draws evenly, by quantity."""
    total = len(found.baseline)
    rows = np.linspace(0, total - 1, min(KEPT_DRAWS, total)).astype(int)
    kept: dict[DrawKey, npt.NDArray[np.float64]] = {DrawKey("baseline"): found.baseline[rows]}
    for source in (*found.channels, *found.ads):
        place = (source.channel, source.campaign or None, source.ad or None)
        kept[DrawKey("incremental", *place)] = source.expected[rows]
        kept[DrawKey("acquired", *place)] = source.acquired_expected[rows]
        kept[DrawKey("projected", *place)] = source.projected[rows]
        kept[DrawKey("elasticity", *place)] = source.elasticity[rows]
    return kept
