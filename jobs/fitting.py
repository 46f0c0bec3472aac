"""The part of a run that computes: from observations to report, draws and scores, with no database behind it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

import narwhals as nw
import numpy as np

from attribution.answering import Answering, learn_answers, response_model
from attribution.costs import beats, costs_of
from attribution.credit import RuleCredits, rule_credits
from attribution.density import density_of
from attribution.diagnosis import diagnose, verdict_of
from attribution.evidence import Channel, Evidence
from attribution.forecasting import doings_by_day, forecast, known_by_now, outlook_of, settle
from attribution.gather import gather
from attribution.increment import Increments, Source, increments, range_of
from attribution.media import MATCHED
from attribution.observations import FitOptions, Observations
from attribution.prediction import inside_by_channel, predict_days
from attribution.priors import Priors
from attribution.response import next_contact
from attribution.sampling import ROUND, Posterior, sample_with_care
from attribution.scoreboard import check_of, track_record
from attribution.spending import Outlay, Outlays, outlays_of
from campaigns.intake.money import decimals
from campaigns.store.results import DrawKey
from campaigns.terms import Effect, Proof, Report, RunSummary
from campaigns.terms.goals import PERSON
from jobs.doubts import doubts_of, unseen_effects
from jobs.owed import credits_to_store
from jobs.pipeline import Fitted, Progress, Task
from jobs.testing import Tested, held_against_tests, tests_to_run
from jobs.tracing import trace_plots

if TYPE_CHECKING:
    import numpy.typing as npt
    import pyarrow as pa

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
    on_progress("compile", 0.0, "laying out the model")

    def draw(part: Evidence) -> Posterior:
        return sample_with_care(
            density_of(part, priors),
            replace(ROUND, chains=task.options.chains, draws=task.options.draws, seed=task.options.seed),
            lambda share: on_progress("sample", share, f"drawing from the posterior: {share:.0%}"),
            is_cancelled,
        )

    tested = held_against_tests(observations, evidence, options, priors, task.options.seed, draw)
    on_progress("judge", 0.0, "judging the fit")
    posterior = tested.calibrated.posterior
    found = increments(evidence, posterior, priors, task.options.seed, _values(observations))
    predicted = predict_days(evidence, posterior, priors, seed=task.options.seed)
    by_channel = inside_by_channel(evidence, posterior, priors, seed=task.options.seed)
    judged = diagnose(found, posterior, evidence.by_day, predicted, by_channel=by_channel)
    open_ = [one for one in task.forecasts if one.outcome is None]
    settled = settle(open_, evidence, doings_by_day(evidence, posterior, found, priors)) if open_ else ()
    record = track_record(known_by_now(task.forecasts, settled))
    checks = (*judged, *doubts_of(evidence), *tested.checks, *check_of(record))
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
        channels=tuple(_channel(source, evidence, outlays, rules, tested) for source in found.channels),
        campaigns=tuple(_campaign(source, evidence, outlays, rules, tested) for source in found.campaigns),
        ads=_ads(found, evidence, outlays, rules, tested),
        checks=checks,
        notes=(*_notes(evidence, found, tested), *outlays.notes),
    )
    spend = {effect.channel: effect.spend for effect in report.channels}
    report = replace(
        report,
        record=record,
        experiments=tested.findings,
        next_tests=tests_to_run(observations, evidence, found, options, spend),
    )
    on_progress("measure", 0.5, "scoring the next contact of every customer")
    # An account is nobody who could be contacted: scores are of persons.
    answering, scores = None, None
    if task.goal.unit == PERSON:
        unit = 10 ** decimals(task.currency)
        answering = learn_answers(observations, evidence, options, unit, task.options.seed)
        scores = next_contact(
            observations,
            evidence,
            posterior,
            options,
            no_effect=dict(found.no_effect),
            priors=priors,
            differences=answering.differences(),
        )
        model = response_model(answering, observations, evidence, scores, unit)
        report = replace(report, responding=model, notes=(*report.notes, *model.notes))
    on_progress("measure", 0.8, "crediting each response to what came before it")
    owed = credits_to_store(observations, evidence, posterior, found, priors, task.options.seed)
    ahead = forecast(evidence, posterior, found, outlook_of(observations, evidence), priors, seed=task.options.seed)
    plots = trace_plots(posterior.values)
    return Fitted(report, _draws(found), scores, owed, _worths(answering), plots, ahead, settled)


def _worths(answering: Answering | None) -> pa.Table | None:
    return None if answering is None or answering.worths is None else answering.worths.table(answering.past)


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


def _values(observations: Observations) -> npt.NDArray[np.float64] | None:
    """Return the value of each response given, in minor units; None where none has any."""
    value = observations.lazy("responses").select("value").collect("pyarrow")["value"].to_numpy().astype(float)
    return value if np.isfinite(value).any() else None


def _channel(source: Source, evidence: Evidence, outlays: Outlays, rules: RuleCredits, tested: Tested) -> Effect:
    outlay = outlays.channels.get(source.channel, Outlay())
    known = {channel.name: channel for channel in evidence.channels}
    if source.channel in known:
        touches = float(known[source.channel].window_touches)
    else:
        touches = float(evidence.media.units[evidence.media.names.index(source.channel)])
    return _effect(source, touches, outlay, _proof(source, evidence, tested), rules.of_channel(source.channel), known)


def _campaign(source: Source, evidence: Evidence, outlays: Outlays, rules: RuleCredits, tested: Tested) -> Effect:
    """Sum up a campaign; the rules credit it with what they credit its ads with."""
    campaign = source.campaign or ""
    units = [unit for unit in evidence.units if (unit.channel, unit.campaign) == (source.channel, campaign)]
    by_ad = [rules.of_ad(source.channel, campaign, unit.ad) for unit in units]
    credited = {rule: sum(credit[rule] for credit in by_ad) for rule in by_ad[0]}
    outlay = outlays.campaigns.get((source.channel, campaign), Outlay())
    touches = float(sum(unit.window_touches for unit in units))
    known = {channel.name: channel for channel in evidence.channels}
    return _effect(source, touches, outlay, _proof(source, evidence, tested), credited, known)


def _ads(
    found: Increments, evidence: Evidence, outlays: Outlays, rules: RuleCredits, tested: Tested
) -> tuple[Effect, ...]:
    contacts = {(unit.channel, unit.campaign, unit.ad): float(unit.window_touches) for unit in evidence.units}
    better = beats(found.ads, {key: outlay.cost for key, outlay in outlays.ads.items()}, contacts)
    return tuple(
        replace(
            _ad(source, evidence, outlays, rules, tested, contacts),
            beats=better.get((source.channel, source.campaign or "", source.ad or ""), ()),
        )
        for source in found.ads
    )


def _ad(
    source: Source,
    evidence: Evidence,
    outlays: Outlays,
    rules: RuleCredits,
    tested: Tested,
    contacts: Mapping[tuple[str, str, str], float],
) -> Effect:
    key = (source.channel, source.campaign or "", source.ad or "")
    known = {channel.name: channel for channel in evidence.channels}
    outlay = outlays.ads.get(key, Outlay())
    return _effect(source, contacts[key], outlay, _proof(source, evidence, tested), rules.of_ad(*key), known)


def _effect(
    source: Source,
    touches: float,
    outlay: Outlay,
    proof: Proof,
    credited: dict[str, float],
    known: Mapping[str, Channel],
) -> Effect:
    persons = source.channel in known
    costs = costs_of(source, outlay.cost, outlay.target)
    return Effect(
        channel=source.channel,
        campaign=source.campaign or None,
        ad=source.ad or None,
        spend=costs.spend,
        touches=touches,
        matched_share=min(1.0, touches / outlay.shown) if persons and outlay.shown else None,
        proof=proof,
        incremental=range_of(source.expected, source.caused),
        acquired=range_of(source.acquired_expected, source.acquired),
        cac=costs.cac,
        marginal_cac=costs.marginal_cac,
        cost_per_extra=costs.cost_per_extra,
        return_on_spend=costs.return_on_spend,
        ad_spend_only=costs_of(source, outlay.ad_spend, outlay.target) if outlay.cost > 0.0 else None,
        p_no_effect=source.p_no_effect,
        p_below_target=costs.p_below_target,
        target=None if outlay.target is None else outlay.target / 100.0,
        claimed=outlay.claimed,
        rules=credited,
    )


def _proof(source: Source, evidence: Evidence, tested: Tested) -> Proof:
    """Tell what stands behind a source: a test or customers held back, observation, or hardly anything."""
    if source.channel in tested.channels:
        return Proof.TESTED
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
        if unit.channel == source.channel and source.campaign in (None, unit.campaign) and source.ad in (None, unit.ad)
    ]
    effects = states.cell < len(cells.unit)
    rows = np.repeat(np.arange(len(states.response)), np.diff(states.starts))[effects]
    return len(np.unique(rows[np.isin(cells.unit[states.cell[effects]], units)]))


def _notes(evidence: Evidence, found: Increments, tested: Tested) -> tuple[str, ...]:
    notes = [*unseen_effects(evidence, found)]
    goal = evidence.goal
    if not evidence.known_history:
        notes.append(
            f"Nobody is known to be new: the customers' earlier {goal.plural} are not known, so no cost per new "
            "customer can be shown. Give created_at in the customers file to change that."
        )
    for channel in evidence.channels:
        if channel.targeted and not channel.has_ghosts and channel.name not in tested.channels:
            notes.append(
                f"{channel.name} seeks out people who are about to buy and nobody was held back from it: how much of "
                f"its effect is their own intent is told from the {goal.plural} before its contacts. A test would be "
                "surer."
                if channel.two_sided
                else f"{channel.name} seeks out people who are about to buy and nobody was held back from it: how much "
                "of its effect is their own intent is a guess, and its range is wider for it. A test would settle it."
            )
    unknown = evidence.unexposed
    if unknown:
        notes.append(
            f"{unknown:,} {goal.plural} came from people known only through them; they count as what would have come "
            "anyway."
        )
    for owner in evidence.media.unmatched.values():
        notes.append(
            f"{owner}: fewer than {MATCHED:.0%} of what the platform showed could be tied to persons. The rest is "
            "judged by days and regions, and counts for the channel as a whole, for none of its ads."
        )
    for name in evidence.media.merged:
        notes.append(
            f"{name} was bought by region, but no customer has a region: it counts as reaching everybody. "
            "Give region in the customers file to compare regions."
        )
    for name in evidence.media.unplaced:
        notes.append(
            f"{name} is left out: it was bought for regions in which no customer is known. Spell the regions as the "
            "customers file does."
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
    # Where an ad has no name, its key is that of its campaign or channel: the greater one is kept.
    for source in (*found.ads, *found.campaigns, *found.channels):
        place = (source.channel, source.campaign or None, source.ad or None)
        kept[DrawKey("incremental", *place)] = source.expected[rows]
        kept[DrawKey("acquired", *place)] = source.acquired_expected[rows]
        kept[DrawKey("projected", *place)] = source.projected[rows]
        kept[DrawKey("extra", *place)] = source.projected_extra[rows]
        kept[DrawKey("elasticity", *place)] = source.elasticity[rows]
    return kept
