"""The part of a fit that is about tests: which are sound, what they correct, and which to run next."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import narwhals as nw
import numpy as np

from attribution.evidence import Evidence
from attribution.experiments import Calibrated, calibrate, findings_of, judge, next_tests, read_tests, trials_of
from attribution.experiments.calibration import predicted
from attribution.experiments.next_test import Candidate
from attribution.increment import Increments
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
    posterior: Posterior,
    options: FitOptions,
    priors: Priors,
    seed: int,
) -> Tested:
    """Judge the tests, let the sound ones correct the posterior, and tell what each measured."""
    trials = trials_of(observations, evidence, options, read_tests(observations, options))
    if not trials:
        return Tested(Calibrated(posterior), (), ())
    some = np.linspace(0, posterior.draws - 1, min(200, posterior.draws)).astype(int)
    expected = predicted(evidence, posterior, priors, trials, some)[:, :, 0]
    judgements = [judge(trial, evidence, expected[:, place]) for place, trial in enumerate(trials)]
    sound = [trial for trial, judged in zip(trials, judgements, strict=True) if judged.soundness is Soundness.SOUND]
    calibrated = calibrate(evidence, posterior, sound, priors, seed)
    findings = findings_of(trials, judgements, evidence, calibrated.posterior, priors, seed)
    return Tested(calibrated, findings, tuple(_agreement(calibrated.agreement)))


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
