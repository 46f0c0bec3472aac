"""Whether tests are sound, and what they measured beside what the estimate says of the same people and days."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from scipy import stats

from attribution.evidence import Evidence, Floats
from attribution.experiments.calibration import predicted
from attribution.experiments.trials import Trial
from attribution.increment import REAL
from attribution.media import LAGS
from attribution.priors import Priors
from attribution.sampling import Posterior
from campaigns.terms import ExperimentFinding, Range, Soundness, TestKind

__all__ = ["Judgement", "Limits", "findings_of", "judge", "may_be_sound"]


@dataclass(frozen=True)
class Limits:
    """Where a test stops being sound.

    Parameters
    ----------
    mismatch
        Probability of arms as uneven as these, were they drawn by lot as planned, below which they were not.
    both_arms
        Share of people in both arms.
    unclear
        Standard errors over the extra responses expected, above which a test is too small to tell.
    """

    mismatch: float = 0.001
    both_arms: float = 0.01
    unclear: float = 1.0


@dataclass(frozen=True)
class Judgement:
    """Whether a test is used, with the sentences of its checks, those against it first."""

    soundness: Soundness
    sentences: tuple[str, ...]


def judge(trial: Trial, evidence: Evidence, expected: Floats, limits: Limits | None = None) -> Judgement:
    """Check one test.

    Parameters
    ----------
    expected
        Draws of the responses that observation alone expects the test to have caused, shape ``(draws,)``.
    """
    limits = limits or Limits()
    against, noted = _checked(trial, evidence, limits)
    if not against:
        sentence, bad = _size(trial, expected, limits)
        (against if bad else noted).append(sentence)
    return Judgement(Soundness.ADVISORY if against else Soundness.SOUND, (*against, *noted))


def may_be_sound(trial: Trial, evidence: Evidence, limits: Limits | None = None) -> bool:
    """Tell whether nothing stands against a test so far: whether it was large enough shows after the fit alone."""
    return not _checked(trial, evidence, limits or Limits())[0]


def _checked(trial: Trial, evidence: Evidence, limits: Limits) -> tuple[list[str], list[str]]:
    """Give the sentences of the checks that need no fit: those against the test, and the others."""
    against: list[str] = []
    noted: list[str] = []
    names = [*(channel.name for channel in evidence.channels), *evidence.media.names]
    if trial.test.channel not in names:
        against.append(f"{trial.test.channel} has no contacts in the data and no spend: there is nothing to correct.")
    for check in (_arms_as_planned, _contaminated, _window, _overlap, _reach):
        sentence, bad = check(trial, evidence, limits)
        if sentence:
            (against if bad else noted).append(sentence)
    return against, noted


def _arms_as_planned(trial: Trial, evidence: Evidence, limits: Limits) -> tuple[str, bool]:
    """Hold the sizes of the arms against the plan (sample-ratio mismatch, by a chi-square test)."""
    del evidence
    arms, share = trial.arms, trial.test.planned_share
    if arms is None:
        return "", False
    if not arms.treated or not arms.control:
        return "One arm is empty: there is nobody to compare with.", True
    total = arms.treated + arms.control
    if share is None or not 0.0 < share < 1.0:
        return "The planned share of treated customers is not known, so the sizes of the arms were not checked.", False
    expected = (total * share, total * (1.0 - share))
    chance = float(stats.chisquare((arms.treated, arms.control), expected).pvalue)
    told = f"{arms.treated / total:.1%} of the customers were treated, {share:.1%} were planned"
    if chance < limits.mismatch:
        return f"{told}: the arms were not drawn by lot as planned, so what differs may not be the contact.", True
    return f"{told}: as chance would have it.", False


def _contaminated(trial: Trial, evidence: Evidence, limits: Limits) -> tuple[str, bool]:
    del evidence
    arms = trial.arms
    if trial.test.kind is not TestKind.PEOPLE or arms is None:
        return "Whether anybody was in both arms cannot be checked: the people are not known.", False
    total = arms.treated + arms.control + arms.both
    if arms.unknown:
        return (
            f"{arms.unknown:,} customers are in an arm whose name says neither treated nor control.",
            arms.unknown > limits.both_arms * total,
        )
    if arms.both > limits.both_arms * max(total, 1.0):
        return f"{arms.both:,} customers were in both arms: the arms are mixed up.", True
    spill, made = trial.spill, trial.treated
    if spill is not None and made is not None and spill.total:
        per_control, per_treated = spill.total / max(arms.control, 1.0), made.total / max(arms.treated, 1.0)
        share = per_control / per_treated if per_treated else 1.0
        told = f"Customers held back were contacted all the same, {share:.0%} as often as the treated"
        return (f"{told}.", True) if share > 0.5 else (f"{told}, which was taken into account.", False)
    return "Nobody was in both arms, and nobody held back was contacted.", False


def _window(trial: Trial, evidence: Evidence, limits: Limits) -> tuple[str, bool]:
    """Compare the days measured with the days over which the channel works, and with those of the report."""
    del limits
    test = trial.test
    lasting = {channel.name: float(channel.edges[-1]) for channel in evidence.channels}.get(test.channel, float(LAGS))
    measured = (test.until - test.starts_on).days + 1
    if test.kind is not TestKind.COUNTS and (
        test.until < evidence.window.start or test.starts_on > evidence.window.end
    ):
        return "It ran outside the period of this report, where nothing can be held against it.", True
    if measured < lasting:
        return (
            f"Responses were counted for {measured} days, but {test.channel} works for {lasting:.0f}: it was read too "
            "soon.",
            True,
        )
    return f"Responses were counted for {measured} days; {test.channel} works for {lasting:.0f}.", False


def _overlap(trial: Trial, evidence: Evidence, limits: Limits) -> tuple[str, bool]:
    """Tell whether the people behind a test can be left out of what is observed."""
    del limits
    test = trial.test
    if test.until < evidence.window.start or test.starts_on > evidence.window.end:
        return "", False
    if trial.apart is None:
        wanted = "its regions" if test.kind is TestKind.LIFT else "who was in which arm (assignments)"
        return (
            f"Who took part is not known, so their responses may be among those observed and would count twice: tell "
            f"{wanted}.",
            True,
        )
    return "", False


def _reach(trial: Trial, evidence: Evidence, limits: Limits) -> tuple[str, bool]:
    del evidence, limits
    if trial.medium is not None:
        return ("", False) if trial.where.any() else ("None of its regions has a customer.", True)
    if trial.test.kind is TestKind.COUNTS and trial.treated is None:
        return "How many contacts a treated customer had is not told (touches_per_treated), so it cannot be used.", True
    if trial.treated is None or not trial.treated.total:
        return "No contact of the treated is in the data while it ran.", True
    return "", False


def _size(trial: Trial, expected: Floats, limits: Limits) -> tuple[str, bool]:
    extra = trial.extra
    if extra is None:
        return "There is nothing to compare.", True
    noise, wanted = extra[1], float(np.mean(expected))
    if wanted <= 0.0 or noise / wanted > limits.unclear:
        return (
            f"It was too small to tell: chance alone moves its result by {1.64 * noise:,.0f} either way, and about "
            f"{wanted:,.0f} extra were to be expected.",
            True,
        )
    return f"It was large enough: chance alone moves its result by {1.64 * noise:,.0f} either way.", False


def findings_of(
    trials: Sequence[Trial],
    judgements: Sequence[Judgement],
    evidence: Evidence,
    posterior: Posterior,
    priors: Priors | None = None,
    seed: int = 0,
) -> tuple[ExperimentFinding, ...]:
    """Tell what each test measured, beside what the estimate says.

    Parameters
    ----------
    posterior
        After the tests, see :func:`attribution.experiments.calibrate`.
    """
    if not trials:
        return ()
    rng = np.random.default_rng(seed)
    caused = predicted(evidence, posterior, priors or Priors(), trials, range(posterior.draws))
    real = posterior.flat().get(REAL)
    names = [*(channel.name for channel in evidence.channels), *evidence.media.names]
    found = []
    for place, (trial, judgement) in enumerate(zip(trials, judgements, strict=True)):
        mean = caused[:, place, 0] - caused[:, place, 1]
        known = trial.test.channel in names and (trial.medium is not None or trial.treated is not None)
        if known and real is not None:
            mean = mean * real[:, names.index(trial.test.channel)]
        found.append(_finding(trial, judgement, mean if known else None, rng))
    return tuple(found)


def _finding(trial: Trial, judgement: Judgement, caused: Floats | None, rng: np.random.Generator) -> ExperimentFinding:
    test, extra, arms = trial.test, trial.extra, trial.arms
    measured = None if extra is None else Range(extra[0], *(extra[0] + z * 1.645 * extra[1] for z in (-1.0, 1.0)))
    estimated = None
    if caused is not None:
        counted = rng.poisson(np.maximum(caused, 0.0))
        low, high = np.quantile(counted, [0.05, 0.95])
        estimated = Range(float(caused.mean()), float(low), float(high))
    return ExperimentFinding(
        experiment=test.name,
        channel=test.channel,
        campaign=test.campaign,
        ad=test.ad,
        kind=test.kind,
        starts_on=test.starts_on,
        ends_on=test.ends_on,
        soundness=judgement.soundness,
        sentences=judgement.sentences,
        measured=measured,
        estimated=estimated,
        treated=0 if arms is None else int(arms.treated),
        control=0 if arms is None else int(arms.control),
    )


def tested_channels(findings: Sequence[ExperimentFinding]) -> Mapping[str, int]:
    """Count the sound tests of each channel."""
    sound = [finding.channel for finding in findings if finding.soundness is Soundness.SOUND]
    return {channel: sound.count(channel) for channel in dict.fromkeys(sound)}
