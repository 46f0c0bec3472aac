"""Whether a fit may be published: convergence, and whether the model can reproduce the days and channels it saw."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from attribution.evidence import Floats
from attribution.increment import Increments
from attribution.sampling import Posterior, convergence
from campaigns.faults import Fault, RefusedError
from campaigns.terms import Check, Verdict

__all__ = ["Thresholds", "diagnose", "verdict_of"]


@dataclass(frozen=True)
class Thresholds:
    """Where pass ends, and where review ends.

    Parameters
    ----------
    r_hat
        Largest R-hat of any reported quantity (Vehtari et al. 2021 ask for 1.01).
    effective_draws
        Smallest bulk effective sample size of any reported quantity.
    divergent_share
        Share of divergent transitions; pass means none.
    days_inside
        Share of days whose responses lie inside their 90 % predictive band.
    weeks_inside
        Share of weeks in which what a channel is credited with lies inside the band that its contacts lead one to
        expect.
    """

    r_hat: tuple[float, float] = (1.01, 1.05)
    effective_draws: tuple[float, float] = (400.0, 100.0)
    divergent_share: tuple[float, float] = (0.0, 0.01)
    days_inside: tuple[float, float] = (0.8, 0.6)
    weeks_inside: tuple[float, float] = (0.8, 0.6)

    def __post_init__(self) -> None:
        if self.r_hat[0] < 1.0 or self.r_hat[1] < self.r_hat[0]:
            raise RefusedError(
                "The thresholds cannot be used:", [Fault(0, "r_hat", repr(self.r_hat), "two numbers from 1 upwards")]
            )


def diagnose(
    increments: Increments,
    posterior: Posterior,
    observed: Floats,
    predicted: Floats,
    thresholds: Thresholds | None = None,
    by_channel: Mapping[str, float] | None = None,
) -> tuple[Check, ...]:
    """Judge a fit.

    Parameters
    ----------
    observed
        Responses per day of the window, shape ``(days,)``.
    predicted
        Responses per day drawn from the model, shape ``(draws, days)``.
    by_channel
        What :func:`attribution.prediction.inside_by_channel` found; None leaves that check out.

    Returns
    -------
    One check per question, each with its number, its verdict and its sentence.
    """
    limits = thresholds or Thresholds()
    chains = increments.chains
    quantities = [
        ("what would have come anyway", increments.baseline),
        *((source.channel, source.expected) for source in increments.channels),
        *((f"{source.channel} / {source.campaign} / {source.ad}", source.expected) for source in increments.ads),
    ]
    judged = [(name, *convergence(draws.reshape(chains, -1))) for name, draws in quantities]
    # What cannot be judged is no number at all, and worse than any.
    worst_name, worst, _ = max(judged, key=lambda item: np.nan_to_num(item[1], nan=np.inf))
    least_name, _, least = min(judged, key=lambda item: np.nan_to_num(item[2], nan=-np.inf))
    share = posterior.divergences / posterior.draws
    inside = _share_inside(observed, predicted)
    return (
        Check(
            "chains agree",
            worst,
            limits.r_hat[0],
            _at_most(worst, limits.r_hat),
            f"The chains agree on every reported quantity within {worst:.3f} (worst: {worst_name}; wanted: at most "
            f"{limits.r_hat[0]}).",
        ),
        Check(
            "enough draws",
            least,
            limits.effective_draws[0],
            _at_least(least, limits.effective_draws),
            f"Every reported quantity rests on at least {least:,.0f} independent draws (fewest: {least_name}; wanted: "
            f"{limits.effective_draws[0]:,.0f}).",
        ),
        Check(
            "no step went astray",
            float(posterior.divergences),
            0.0,
            _at_most(share, limits.divergent_share),
            f"{posterior.divergences} of {posterior.draws:,} steps of the sampler diverged (wanted: none).",
        ),
        Check(
            "days look like the model",
            inside,
            limits.days_inside[0],
            _at_least(inside, limits.days_inside),
            f"{inside:.0%} of days lie inside the range the model expects for nine days in ten (wanted: at least "
            f"{limits.days_inside[0]:.0%}).",
        ),
        *_channels_look_right(by_channel or {}, limits),
    )


def _channels_look_right(by_channel: Mapping[str, float], limits: Thresholds) -> list[Check]:
    if not by_channel:
        return []
    name = min(by_channel, key=lambda one: by_channel[one])
    share = by_channel[name]
    sentence = (
        f"Week by week, what {name} is credited with lies inside the range that its exposure leads one to expect in "
        f"{share:.0%} of the weeks, and no channel fares worse (wanted: at least {limits.weeks_inside[0]:.0%})."
    )
    wanted = limits.weeks_inside
    return [Check("channels look like the model", share, wanted[0], _at_least(share, wanted), sentence)]


def verdict_of(checks: Sequence[Check]) -> Verdict:
    """Return the worst verdict of the checks; without any, a fit is to be reviewed."""
    order = (Verdict.PASS, Verdict.REVIEW, Verdict.FAIL)
    return max((check.verdict for check in checks), key=order.index, default=Verdict.REVIEW)


def _share_inside(observed: Floats, predicted: Floats) -> float:
    low, high = np.quantile(predicted, [0.05, 0.95], axis=0)
    return float(((observed >= low) & (observed <= high)).mean())


def _at_most(value: float, limits: tuple[float, float]) -> Verdict:
    return Verdict.PASS if value <= limits[0] else Verdict.REVIEW if value <= limits[1] else Verdict.FAIL


def _at_least(value: float, limits: tuple[float, float]) -> Verdict:
    return Verdict.PASS if value >= limits[0] else Verdict.REVIEW if value >= limits[1] else Verdict.FAIL
