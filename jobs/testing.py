"""The part of a fit that is about tests: which are sound, what they correct, and which to run next."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import narwhals as nw
import numpy as np
import pandas as pd

from attribution.evidence import Evidence
from attribution.experiments import (
    Calibrated,
    Trial,
    calibrate,
    findings_of,
    judge,
    may_be_sound,
    next_tests,
    read_tests,
    trials_of,
)
from attribution.experiments.calibration import predicted
from attribution.experiments.findings import Judgement
from attribution.experiments.next_test import Candidate
from attribution.gather import gather
from attribution.increment import Increments
from attribution.leaving_out import LeftOut, carried_over
from attribution.observations import FitOptions, Observations
from attribution.priors import Priors
from attribution.sampling import Posterior
from campaigns.terms import CAUSES, PAID_SEARCH, Check, ExperimentFinding, NextTest, Soundness, Verdict

__all__ = ["Tested", "held_against_tests", "tests_to_run"]

CONTRADICTION = 0.05
"""Share of the draws that tests must leave standing: below it, they and what was observed contradict each other."""


@dataclass(frozen=True)
class Tested:
    """The posterior after the tests, what they found, and whether they agree with what was observed."""

    calibrated: Calibrated
    findings: tuple[ExperimentFinding, ...]
    checks: tuple[Check, ...]

    @property
    def channels(self) -> frozenset[str]:
        """Channels with a sound test."""
        return frozenset(found.channel for found in self.findings if found.soundness is Soundness.SOUND)


def held_against_tests(
    observations: Observations,
    evidence: Evidence,
    options: FitOptions,
    priors: Priors,
    seed: int,
    draw: Callable[[Evidence], Posterior],
) -> Tested:
    """Fit what is observed apart from the tests, judge the tests, let the sound ones correct the fit.

    Whether a test was large enough shows after a fit alone: should one turn out too small, its people are put back
    among those observed, and the fit is made anew.

    Parameters
    ----------
    draw
        Draws from the posterior of the evidence that it is given.
    """
    trials = trials_of(observations, evidence, options, read_tests(observations, options))
    apart = [trial for trial in trials if trial.apart is not None and may_be_sound(trial, evidence)]
    small: dict[str, Judgement] = {}
    while True:
        posterior = _drawn_apart(observations, evidence, options, priors, [trial.apart for trial in apart], draw)
        if not trials:
            return Tested(Calibrated(posterior), (), ())
        judgements = _judged(trials, evidence, posterior, priors) | small
        failed = {trial.test.name for trial in apart if judgements[trial.test.name].soundness is not Soundness.SOUND}
        if not failed:
            break
        small |= {name: judgements[name] for name in failed}
        apart = [trial for trial in apart if trial.test.name not in failed]
    sound = [trial for trial in trials if judgements[trial.test.name].soundness is Soundness.SOUND]
    calibrated = calibrate(evidence, posterior, sound, priors, seed)
    told = [judgements[trial.test.name] for trial in trials]
    findings = findings_of(trials, told, evidence, calibrated.posterior, priors, seed)
    return Tested(calibrated, findings, tuple(_agreement(calibrated.agreement)))


def _drawn_apart(
    observations: Observations,
    evidence: Evidence,
    options: FitOptions,
    priors: Priors,
    apart: Sequence[pd.DataFrame | None],
    draw: Callable[[Evidence], Posterior],
) -> Posterior:
    """Draw from the posterior of all that is observed but the time of tests, in the coordinates of all evidence."""
    left_out = LeftOut.of([frame for frame in apart if frame is not None])
    if left_out is None:
        return draw(evidence)
    part = gather(observations, options, left_out)
    return carried_over(draw(part), part, evidence, priors)


def _judged(trials: Sequence[Trial], evidence: Evidence, posterior: Posterior, priors: Priors) -> dict[str, Judgement]:
    some = np.linspace(0, posterior.draws - 1, min(200, posterior.draws)).astype(int)
    expected = predicted(evidence, posterior, priors, trials, some)[:, :, 0]
    return {trial.test.name: judge(trial, evidence, expected[:, place]) for place, trial in enumerate(trials)}


def _agreement(agreement: Mapping[str, float]) -> list[Check]:
    """Judge, channel by channel, whether tests and observation can both be true."""
    checks = []
    for channel, share in agreement.items():
        fits = share >= CONTRADICTION
        told = "agrees with" if fits else "contradicts"
        checks.append(
            Check(
                f"{channel}: test and observation agree",
                share,
                CONTRADICTION,
                Verdict.PASS if fits else Verdict.REVIEW,
                f"The test of {channel} {told} what was observed: it leaves {share:.0%} of the draws standing (wanted: "
                f"at least {CONTRADICTION:.0%}).",
            )
        )
    return checks


def tests_to_run(
    observations: Observations, evidence: Evidence, found: Increments, options: FitOptions, spend: Mapping[str, float]
) -> tuple[NextTest, ...]:
    """Rank the channels that customers can be held back from by what a test would tell.

    Parameters
    ----------
    spend
        Money spent in the window by channel, in major units.
    """
    reached = _reached(observations, evidence, options)
    lasting = {channel.name: float(channel.edges[-1]) for channel in evidence.channels}
    return next_tests(
        [
            Candidate(
                channel=source.channel,
                caused=source.expected,
                reached=float(reached.get(source.channel, 0)),
                days=evidence.window.days,
                rate=evidence.base_rate,
                carry_over=lasting[source.channel],
                spend=spend.get(source.channel, 0.0),
            )
            for source in found.channels
            if source.channel in lasting
        ]
    )


def _reached(observations: Observations, evidence: Evidence, options: FitOptions) -> dict[str, int]:
    """Count the people that each channel reached in the window."""
    made = nw.col("kind").is_in(list(CAUSES)) | ((nw.col("kind") == "click") & (nw.col("channel") == PAID_SEARCH))
    counted = (
        observations.lazy("touches", options.zone)
        .filter(made, nw.col("occurred_at").dt.date() >= nw.lit(evidence.window.start))
        .select("channel", "person")
        .unique()
        .group_by("channel")
        .agg(people=nw.len())
        .collect("pyarrow")
    )
    return dict(counted.iter_rows())
